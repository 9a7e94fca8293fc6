// misa: what there is, and extensions that software turns off and on. Volume II, Machine ISA Register.
import { cell, get } from '../../ir/state.ts'
import { all, and, concat, constant, extract, False, ite, not, or, True, type Bool, type Term } from '../../ir/term.ts'
import { csr, readOnly, type Csr, type Part, type Write } from './csr.ts'
import type { WritableExtension } from './parameters.ts'
import { fieldOf, flag, word, type State } from './state.ts'

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
  const writable = s.writableExtensions.map((w): Part => ({ low: bitOf(w), place: fieldOf(s, `misa.${w}`) }))
  const whole = csr(s, name, number, [readOnly(s.xlen - 2, constant(2, MXL)), ...bits, ...writable], { supported: (v) => not(growsIALIGN(s, v)) })
  return {
    ...whole, write: (v, n) => {
      const writes = whole.write!(v, n).map((w, k) => ({ ...w, value: written(s, v, s.writableExtensions[k]!) }))
      return [...writes, ...enabled(s, (extension) => {
        const write = writes[s.writableExtensions.indexOf(extension)]
        return write === undefined ? False : all([write.when, not(isOn(s, extension)), write.value as Bool])
      })]
    },
  }
}

/** What a write makes of a bit: D needs F, without which both are off, and others may need each other. */
const written = (s: State, v: Term, extension: WritableExtension): Bool => {
  const bit = (w: WritableExtension): Bool => extract<1>(v, bitOf(w), bitOf(w)), needsF = (w: WritableExtension): boolean => w === 'D' && s.writableExtensions.includes('F')
  const alone = (w: WritableExtension): Bool => (needsF(w) ? and(bit(w), bit('F')) : bit(w))
  const joint = s.jointExtensions.includes(extension) ? all(s.jointExtensions.map(alone)) : alone(extension)
  return needsF(extension) ? and(joint, written(s, v, 'F')) : joint
}
/** Without C the next instruction, four bytes further, would be misaligned. */
const growsIALIGN = (s: State, v: Term): Bool => (s.writableExtensions.includes('C') ? all([isOn(s, 'C'), not(written(s, v, 'C')), extract<1>(get(s.pc), 1, 1)]) : False)

/** What becomes of state that only an extension has which is off and goes on. */
const enabled = (s: State, goesOn: (extension: WritableExtension) => Bool): Write[] => {
  if (s.stateOfEnabled === 'kept') return []
  const [A, D, F] = [goesOn('A'), goesOn('D'), goesOn('F')], fill = (width: number): Term => constant<number>(width, s.stateOfEnabled === '0' ? 0 : -1)
  const half = (register: Term, low: 0 | 32, when: Bool): Term => ite<number>(when, fill(32), extract(register, low + 31, low))
  return [
    ...(A === False ? [] : [{ place: s.reserved, value: constant(1, 0), when: A }]),
    ...(F === False ? [] : (['fflags', 'frm'] as const).map((name) => ({ place: fieldOf(s, name), value: fill(fieldOf(s, name).width), when: F }))),
    ...(D === False ? [] : Array.from({ length: 32 }, (_, n): Write => {
      const place = cell(s.f, constant(5, n)), register = get<number>(place)
      return { place, value: concat(half(register, 32, D), half(register, 0, F)), when: or(D, F) }
    })),
  ]
}
