// Instruction formats of the unprivileged manual, how instructions follow one another, and loads and stores by bytes.
import { encode, instruction, set, store, trapIf, type Format, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { add, and, any, concat, constant, eq, extract, ite, load, ne, or, signExtend, True, type Bool, type Term } from '../../ir/term.ts'
import { effectivePrivilege, accessFault, pageFault, updateAD } from './translation.ts'
import { flag, word, X, type State } from './state.ts'

export type Operands = Readonly<Record<string, Term>>
export type Fixed = Readonly<Record<string, number>>

export const formats = {
  R: { funct7: 7, rs2: 5, rs1: 5, funct3: 3, rd: 5, opcode: 7 },
  I: { imm: 12, rs1: 5, funct3: 3, rd: 5, opcode: 7 },
  S: { 'imm[11:5]': 7, rs2: 5, rs1: 5, funct3: 3, 'imm[4:0]': 5, opcode: 7 },
  B: { 'imm[12]': 1, 'imm[10:5]': 6, rs2: 5, rs1: 5, funct3: 3, 'imm[4:1]': 4, 'imm[11]': 1, opcode: 7 },
  U: { 'imm[31:12]': 20, rd: 5, opcode: 7 },
  J: { 'imm[20]': 1, 'imm[10:1]': 10, 'imm[11]': 1, 'imm[19:12]': 8, rd: 5, opcode: 7 },
} as const

const volumes = { unprivileged: 'Volume I', privileged: 'Volume II' } as const

/** Defines the instructions of a chapter; `length` in bytes. The pc goes on to the next instruction where `does` does not set it. */
export const define = (s: State, volume: keyof typeof volumes, chapter: string, length: 2 | 4 = 4) => (
  name: string, format: Format, fixed: Fixed, does: (o: Operands, next: Term) => readonly Statement[], note?: string,
): Instruction => instruction<string>({
  name, source: `The RISC-V Instruction Set Manual, ${volumes[volume]}, ${chapter}, ${name.split(' ')[0]}`,
  encoding: encode<Format, string>(format, fixed),
  does: (o) => {
    const next = add<number>(get(s.pc), word(s, length))
    const body = does(o, next), jump = body.find((b) => b.kind === 'set' && b.place === s.pc)
    const to = jump?.kind === 'set' ? ite<number>(jump.when, jump.value, next) : next
    return [...body.filter((b) => b !== jump), set(s.pc, to)]
  },
  ...(note === undefined ? {} : { note }),
})

/** A write to integer register n; one to x0 is lost. */
export const writeX = (s: State, n: Term, value: Term, when: Bool = True): Statement =>
  set(cell(s.x, n as Term<5>), value, and(when, ne<number>(n, constant<number>(5, 0))))

export const illegal = (when: Bool): Statement => trapIf(when, 'illegal instruction')

export const immediateI = (s: State, o: Operands): Term => signExtend<number>(o['imm']!, s.xlen)
export const immediateS = (s: State, o: Operands): Term => signExtend<number>(concat(o['imm[11:5]']!, o['imm[4:0]']!), s.xlen)
export const immediateU = (s: State, o: Operands): Term => signExtend<number>(concat(o['imm[31:12]']!, constant(12, 0)), s.xlen)
export const immediateB = (s: State, o: Operands): Term =>
  signExtend<number>(concat(o['imm[12]']!, o['imm[11]']!, o['imm[10:5]']!, o['imm[4:1]']!, constant(1, 0)), s.xlen)
export const immediateJ = (s: State, o: Operands): Term =>
  signExtend<number>(concat(o['imm[20]']!, o['imm[19:12]']!, o['imm[11]']!, o['imm[10:1]']!, constant(1, 0)), s.xlen)
/** The address rs1 plus an immediate. */
export const addressI = (s: State, o: Operands): Term => add<number>(X(s, o['rs1']!), immediateI(s, o))
export const addressS = (s: State, o: Operands): Term => add<number>(X(s, o['rs1']!), immediateS(s, o))

export type Bytes = 1 | 2 | 4 | 8
const addressesOf = (s: State, address: Term, bytes: Bytes): Term[] => Array.from({ length: bytes }, (_, k) => add<number>(address, word(s, k)))

/** Data are big-endian in the effective privilege mode. */
const bigEndian = (s: State): Bool => {
  const p = effectivePrivilege(s, 'read')
  return ite(eq(p, constant(2, 0)), flag(s, 'mstatus.UBE'), ite(eq(p, constant(2, 1)), flag(s, 'mstatus.SBE'), flag(s, 'mstatus.MBE')))
}
const reversed = (value: Term): Term => {
  const bytes = Array.from({ length: value.width / 8 }, (_, k) => extract(value, 8 * k + 7, 8 * k))
  return bytes.reduce((high, low) => concat(high, low))
}
type Order = (bytes: Term) => Term
/** What `result` is in each byte order, which its argument goes from or to; the orders meet in the result only, so that equal ones stay equal terms. */
export const inEitherOrder = (s: State, bytes: Bytes, result: (order: Order) => Term): Term =>
  s.endianness === 'little' || bytes === 1 ? result((t) => t) : ite<number>(bigEndian(s), result(reversed), result((t) => t))

const misaligned = (address: Term, bytes: Bytes): Bool =>
  bytes === 1 ? constant(1, 0) : any(Array.from({ length: Math.log2(bytes) }, (_, n) => extract<1>(address, n, n)))

const traps = {
  read: { misaligned: 'load address misaligned', page: 'load page fault', access: 'load access fault' },
  write: { misaligned: 'store/AMO address misaligned', page: 'store/AMO page fault', access: 'store/AMO access fault' },
} as const

/** The guards of an access; `strict` accesses (LR, SC, AMOs) must be aligned. */
export const guards = (s: State, address: Term, bytes: Bytes, access: 'read' | 'write', strict = false, when: Bool = True): Statement[] => {
  const addresses = addressesOf(s, address, bytes), cause = traps[access]
  const each = (fault: (a: Term) => Bool): Bool => and(when, addresses.map(fault).reduce((a, b) => or(a, b)))
  return [
    ...(bytes > 1 && (strict || s.misaligned === 'trapped') ? [trapIf(misaligned(address, bytes), cause.misaligned)] : []),
    trapIf(each((a) => pageFault(s, a, access)), cause.page),
    ...(s.xlen === 32 ? [] : [trapIf(each((a) => accessFault(s, a, access)), cause.access)]),
    ...updateAD(s, addresses[0]!, addresses[bytes - 1]!, access, when),
  ]
}

/** The bytes from an address up, the first in the low bits. */
export const bytesAt = (s: State, address: Term, bytes: Bytes, when: Bool = True): Term =>
  addressesOf(s, address, bytes).map((a): Term => load<number>(s.memory, a, when)).reduce((low, high) => concat(high, low))
export const loadBytes = (s: State, address: Term, bytes: Bytes, when: Bool = True): Term => {
  const content = bytesAt(s, address, bytes, when)
  return inEitherOrder(s, bytes, (order) => order(content))
}

export const putBytes = (s: State, address: Term, bytes: Bytes, content: Term, when: Bool = True): Statement[] =>
  addressesOf(s, address, bytes).map((a, k) => store<number>(s.memory, a, extract(content, 8 * k + 7, 8 * k), when))
export const storeBytes = (s: State, address: Term, bytes: Bytes, value: Term, when: Bool = True): Statement[] =>
  putBytes(s, address, bytes, inEitherOrder(s, bytes, (order) => order(extract(value, 8 * bytes - 1, 0))), when)
