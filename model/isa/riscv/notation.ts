// Instruction formats of the unprivileged manual, how instructions follow one another, and loads and stores by bytes.
import { encode, instruction, set, store, trapIf, type Format, type Instruction, type Statement, type TrapStatement } from '../../ir/instruction.ts'
import { cell } from '../../ir/state.ts'
import { add, and, concat, constant, eq, extract, False, ite, load, ne, not, or, signExtend, True, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import { addressValue, contentOf, effectiveAddress, faultsOf, inPages, keepingOf, putContent, refer, reportErrors, updatesBefore, updatesOf, type Reference, type Stored } from './access.ts'
import { leavesBlock, leavesEachGranule, leavesItsGranule, misaligned, type Strictness } from './attributes.ts'
import { isMisaligned, isOn, ofChapter } from './misa.ts'
import type { DataAccess } from './pmp.ts'
import { bigEndian, pcOf, walks, word, X, type State } from './state.ts'
import { effectivePrivilege, accessFault, pageFault, updateAD } from './translation.ts'
import { encodedIn, ofRV32 } from './widths.ts'

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

/** Defines the instructions of a chapter, illegal where misa has its extension off; `length` in bytes. The pc goes on to the next instruction where `does` does not set it. */
export const define = (s: State, volume: keyof typeof volumes, chapter: string, length: 2 | 4 = 4) => (
  name: string, format: Format, fixed: Fixed, does: (o: Operands, next: Term) => readonly Statement[], note?: string,
): Instruction => instruction<string>({
  name: s.whole ? name + ofRV32 : name, source: `The RISC-V Instruction Set Manual, ${volumes[volume]}, ${chapter}, ${name.split(' ')[0]}`,
  encoding: encode<Format, string>(...encodedIn(s, format, fixed)),
  does: (o) => {
    const next = add<number>(pcOf(s), word(s, length)), extension = ofChapter(s, chapter)
    const body = [...(extension === undefined ? [] : [illegal(not(isOn(s, extension)))]), ...does(o, next)], to = body.find((b) => b.kind === 'set' && b.place === s.pc)
    const after = signExtend<number>(next, s.pc.width), pc = to?.kind === 'set' ? ite<number>(to.when, to.value, after) : after
    const rest = body.filter((b) => b !== to)
    return [...(walks(s) ? rest.map((b) => withValue(s, b, o, format, fixed)) : rest), set(s.pc, pc)]
  },
  ...(note === undefined ? {} : { note }),
})

/** What xtval is after an illegal instruction and after EBREAK. */
const withValue = (s: State, b: Statement, o: Operands, format: Format, fixed: Fixed): Statement => {
  if (b.kind !== 'trap' || b.value !== undefined) return b
  if (b.cause === 'breakpoint' && s.breakpointValue === 'pc') return { ...b, value: zeroExtend<number>(pcOf(s), s.pc.width) }
  if (b.cause !== 'illegal instruction' || s.illegalValue !== 'instruction') return b
  const fields = Object.entries(format).filter(([name]) => name !== 'following').map(([name, width]): Term => o[name] ?? constant<number>(width, fixed[name]!))
  return { ...b, value: zeroExtend<number>(fields.reduce((high, low) => concat(high, low)), s.pc.width) }
}

/** A write to integer register n, sign-extended; one to x0 is lost. */
export const writeX = (s: State, n: Term, value: Term, when: Bool = True): Statement =>
  set(cell(s.x, n as Term<5>), signExtend<number>(value, s.x.width), and(when, ne<number>(n, constant<number>(5, 0))))

/** A write to the pc, sign-extended, where the condition holds. */
export const jump = (s: State, to: Term, when: Bool = True): Statement => set(s.pc, signExtend<number>(to, s.pc.width), when)

export const illegal = (when: Bool): Statement => trapIf(when, 'illegal instruction')

/** A jump, which traps where the address is misaligned. */
export const jumpTo = (s: State, to: Term, when: Bool = True): Statement[] => {
  const off = and(when, isMisaligned(s, to))
  return [...(off === False ? [] : [trapIf(off, 'instruction address misaligned', addressValue(s, 'instruction address misaligned', effectiveAddress(s, 'fetch', to)))]), jump(s, to, when)]
}

/** What an instruction does but for encodings that are reserved, which trap or do nothing, as the hart has it. */
export const unlessReserved = (s: State, reserved: Bool, does: readonly Statement[]): Statement[] => (s.reservedEncodings === 'illegal instruction'
  ? [illegal(reserved), ...does] : does.map((b) => ({ ...b, when: and(b.when, not(reserved)) })))

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

/** Whether data are big-endian in the effective privilege mode. */
const bigEndianHere = (s: State): Bool => {
  const p = effectivePrivilege(s, 'read')
  return ite(eq(p, constant(2, 0)), bigEndian(s, 'UBE'), ite(eq(p, constant(2, 1)), bigEndian(s, 'SBE'), bigEndian(s, 'MBE')))
}
const reversed = (value: Term): Term => {
  const bytes = Array.from({ length: value.width / 8 }, (_, k) => extract(value, 8 * k + 7, 8 * k))
  return bytes.reduce((high, low) => concat(high, low))
}
type Order = (bytes: Term) => Term
/** What `result` is in each byte order, which its argument goes from or to; the orders meet in the result only, so that equal ones stay equal terms. */
export const inEitherOrder = (s: State, bytes: Bytes, result: (order: Order) => Term): Term => {
  const big = bytes === 1 ? False : bigEndianHere(s), little = (t: Term): Term => t
  return big === False ? result(little) : big === True ? result(reversed) : ite<number>(big, result(reversed), result(little))
}

/** Whether misaligned accesses are done within a granule, and trap otherwise: AMOs, and loads and stores on some harts. */
const inGranules = (s: State, access: DataAccess, strict: Strictness): boolean => (strict ? access === 'modify' : s.misaligned !== 'supported')
/** Where an access traps because it is misaligned, whatever memory there is: loads and stores on some harts, atomic ones on all. */
const untaken = (s: State, address: Term, bytes: Bytes, access: DataAccess, strict: Strictness): Bool =>
  (inGranules(s, access, strict) ? and(leavesEachGranule(s, address, bytes), outsideBlock(s, address, bytes, strict)) : strict ? misaligned(address, bytes) : False)
/** Whether it is none of those that are done within a block. */
const outsideBlock = (s: State, address: Term, bytes: Bytes, strict: Strictness): Bool => (strict || s.misalignedBlock === 0 ? True : leavesBlock(s.misalignedBlock, address, bytes))

const traps = {
  read: { misaligned: 'load address misaligned', page: 'load page fault', access: 'load access fault' },
  write: { misaligned: 'store/AMO address misaligned', page: 'store/AMO page fault', access: 'store/AMO access fault' },
} as const

/** The bytes where tables are walked; `strict` accesses are aligned. */
const reference = (s: State, address: Term, bytes: Bytes, access: DataAccess, strict: Strictness): Reference =>
  refer(s, access, address, bytes, strict || s.misaligned !== 'supported')
const asData = (access: DataAccess): 'read' | 'write' => (access === 'read' ? 'read' : 'write')

/** The guards of an access; `strict` accesses (LR, SC, AMOs) must be aligned, whatever `when` says. An access that modifies, an AMO, is a write. */
export const guards = (s: State, given: Term, bytes: Bytes, access: DataAccess, strict: Strictness = false, when: Bool = True, stored?: Stored): Statement[] => {
  const address = effectiveAddress(s, access, given), addresses = addressesOf(s, given, bytes), as = asData(access), cause = traps[as]
  const each = (fault: (a: Term) => Bool): Bool => and(when, addresses.map(fault).reduce((a, b) => or(a, b)))
  const always = strict ? True : when, off = and(always, untaken(s, address, bytes, access, strict))
  const ofAtomics = strict === 'reserving' && s.misalignedReservations !== 'as AMOs' ? s.misalignedReservations : s.misalignedAtomics
  const kind = (strict ? ofAtomics : s.misaligned) === 'access fault' ? 'access' : 'misaligned'
  const aligned = (where: Bool, also: readonly Statement[] = []): TrapStatement[] => [trapIf(where, cause[kind], addressValue(s, cause[kind], address), also)]
  /** Only an address-misaligned exception may come first; an access fault is one of an access that could be done otherwise. */
  const first = kind === 'misaligned' && s.misalignedPriority === 'above other faults'
  if (walks(s)) {
    const r = reference(s, given, bytes, access, strict), updates = [...updatesOf(s, access, r, when), ...keepingOf(s, access, r.pieces, when), ...reportErrors(s, r.pieces, when)]
    if (off === False) return [...faultsOf(s, access, r, when, stored), ...updates]
    /** Which memory it is only an access shows that has been translated. */
    const there = (found: Reference): Bool => (inGranules(s, access, strict) ? and(and(always, outsideBlock(s, address, bytes, strict)), leavesItsGranule(s, address, bytes, found.within(0))) : False)
    if (first) return [...aligned(off), ...faultsOf(s, access, r, when), ...(there(r) === False ? [] : aligned(there(r), updatesBefore(s, access, r))), ...updates]
    const both = refer(s, access, given, bytes, strict, inPages)
    return [...faultsOf(s, access, both, when), ...aligned(or(off, there(both)), updatesBefore(s, access, both)), ...updates]
  }
  const faults = [trapIf(each((a) => pageFault(s, a, as)), cause.page), ...(s.xlen === 32 ? [] : [trapIf(each((a) => accessFault(s, a, as)), cause.access)])]
  return [
    ...(off === False ? faults : first ? [...aligned(off), ...faults] : [...faults, ...aligned(off)]),
    ...updateAD(s, addresses[0]!, addresses[bytes - 1]!, as, when),
  ]
}

/** How an access was guarded, which says where its bytes are. */
interface Guarded {
  readonly access: DataAccess
  readonly strict: Strictness
}

/** The bytes from an address up, the first in the low bits. */
export const bytesAt = (s: State, address: Term, bytes: Bytes, when: Bool = True, { access, strict }: Guarded = { access: 'read', strict: false }): Term =>
  (walks(s) ? contentOf(s, access, reference(s, address, bytes, access, strict), bytes)
    : addressesOf(s, address, bytes).map((a): Term => load<number>(s.memory, a, when)).reduce((low, high) => concat(high, low)))
export const loadBytes = (s: State, address: Term, bytes: Bytes, when: Bool = True, guarded?: Guarded): Term => {
  const content = bytesAt(s, address, bytes, when, guarded)
  return inEitherOrder(s, bytes, (order) => order(content))
}

export const putBytes = (
  s: State, address: Term, bytes: Bytes, content: Term, when: Bool = True, { access, strict }: Guarded = { access: 'write', strict: false },
): Statement[] => (walks(s) ? putContent(s, reference(s, address, bytes, access, strict), { bytes, content }, when)
  : addressesOf(s, address, bytes).map((a, k) => store<number>(s.memory, a, extract(content, 8 * k + 7, 8 * k), when)))
export const storeBytes = (s: State, address: Term, bytes: Bytes, value: Term, when: Bool = True, guarded?: Guarded): Statement[] =>
  putBytes(s, address, bytes, inMemory(s, bytes, value), when, guarded)
/** The bytes that memory gets of a value, the first in the low bits. */
const inMemory = (s: State, bytes: Bytes, value: Term): Term => inEitherOrder(s, bytes, (order) => order(extract(value, 8 * bytes - 1, 0)))

/** A store, with its guards. */
export const storing = (s: State, address: Term, bytes: Bytes, value: Term, when: Bool = True): Statement[] =>
  [...guards(s, address, bytes, 'write', false, when, { bytes, content: inMemory(s, bytes, value) }), ...storeBytes(s, address, bytes, value, when)]

/** The physical address of an access by LR or SC; that of the program where tables are not walked. */
export const placeOf = (s: State, address: Term, bytes: Bytes, access: DataAccess): Term =>
  (walks(s) ? reference(s, address, bytes, access, 'reserving').within(0) : address)
