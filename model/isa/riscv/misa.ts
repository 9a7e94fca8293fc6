// misa: what there is, and extensions that software turns off and on. Volume II, Machine ISA Register.
import { get } from '../../ir/state.ts'
import { all, and, concat, constant, extract, not, True, type Bool, type Term } from '../../ir/term.ts'
import { csr, part, readOnly, type Csr, type Part } from './csr.ts'
import type { WritableExtension } from './parameters.ts'
import { flag, word, type State } from './state.ts'

/** Whether an extension is there: always, where its bit cannot be written. */
export const isOn = (s: State, extension: WritableExtension): Bool => (s.writableExtensions.includes(extension) ? flag(s, `misa.${extension}`) : True)

/** The extension that a chapter of the unprivileged manual is about, where misa turns it off. */
export const ofChapter = (s: State, chapter: string): WritableExtension | undefined => s.writableExtensions.find((extension) => chapter.startsWith(`${extension} Extension`))

/** Where an address is no multiple of IALIGN bits, which are 32 without C. */
export const isMisaligned = (s: State, address: Term): Bool => and(not(isOn(s, 'C')), extract<1>(address, 1, 1))

/** Bit 1 of xepc, which is bit 0 of this, is read as 0 without C. */
export const masked = (s: State, counter: Term): Term => (isOn(s, 'C') === True ? counter : concat(extract(counter, counter.width - 1, 1), and(extract<1>(counter, 0, 0), isOn(s, 'C'))))

/** Parts that are read-only 0 while the extension is off. */
export const visibleWith = (s: State, extension: WritableExtension, parts: readonly Part[]): Part[] => parts.map((p) => (isOn(s, extension) === True ? p : { ...p, visible: and(p.visible ?? True, isOn(s, extension)) }))

const bitOf = (letter: string): number => letter.charCodeAt(0) - 65

/** I, S, U and MXL are read-only, and the others unless they are chosen to be writable; or all of it is 0. */
export const misa = (s: State): Csr => {
  const name = 'misa', number = 0x301, MXL = s.xlen === 64 ? 2 : 1
  if (s.misa === '0') return csr(s, name, number, [readOnly(0, word(s, 0))])
  const constants = [...'IMAFDCSU'].filter((letter) => !s.writableExtensions.some((w) => w === letter)).reduce((bits, letter) => bits | 1n << BigInt(bitOf(letter)), BigInt(MXL) << BigInt(s.xlen - 2))
  if (s.writableExtensions.length === 0) return csr(s, name, number, [readOnly(0, word(s, constants))])
  const bits = Array.from({ length: 26 }, (_, n): Part => readOnly(n, constant(1, constants >> BigInt(n) & 1n))).filter(({ low }) => !s.writableExtensions.some((w) => bitOf(w) === low))
  const whole = csr(s, name, number, [readOnly(s.xlen - 2, constant(2, MXL)), ...bits, ...s.writableExtensions.map((w) => part(s, `misa.${w}`, bitOf(w)))], { supported: (v) => not(growsIALIGN(s, v)) })
  return { ...whole, write: (v, n) => whole.write!(v, n).map((w) => (w.place === s.fields['misa.D'] ? { ...w, value: and(w.value as Bool, writtenF(s, v)) } : w)) }
}

/** D needs F: without it both are off. */
const writtenF = (s: State, v: Term): Bool => (s.writableExtensions.includes('F') ? extract<1>(v, bitOf('F'), bitOf('F')) : True)
/** Without C the next instruction, four bytes further, would be misaligned. */
const growsIALIGN = (s: State, v: Term): Bool =>
  (s.writableExtensions.includes('C') ? all([isOn(s, 'C'), not(extract<1>(v, bitOf('C'), bitOf('C'))), extract<1>(get(s.pc), 1, 1)]) : constant(1, 0))
