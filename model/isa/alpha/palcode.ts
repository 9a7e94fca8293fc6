// CALL_PAL under OSF/1 PALcode: privileged functions, which are opDec in user mode, unprivileged ones, and PALcode's own opcodes.
import { open, set, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { add, and, concat, constant, eq, extract, ite, load, not, or, sub, True, ult, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import { define, quadword, r, setR } from './notation.ts'
import {
  ASN, CM, E, entIF, entries, FEN, halted, intrFlag, IPIR, IPL, KGP, KSP, lockFlag, MCES, pageTables, PC, PCBB, PCC, performance, physical, PTBR, sysvalue, TB, unique,
  USP, VPTPTR, WHAMI,
} from './state.ts'

const v0 = 0, a0 = 16, a1 = 17, a2 = 18, gp = 29, sp = 30
const format = { op: 6, function: 26 }
const low = <W extends number>(n: number, width: W): Term<W> => extract<W>(r(n), width - 1, 0)

/** Registers that a function leaves unpredictable: t0, t8 to t11, and others that it names. */
const lost = (also: readonly number[] = []): Statement[] => [1, 22, 23, 24, 25, ...also].map((n) => setR(n, open<64>(`R${n}`, 64)))
const clearFlags: readonly Statement[] = [set(intrFlag, 0), set(lockFlag, 0)]

/** A quadword of the process control block: KSP, USP, PTBR, ASN and cycles, unique, flags. */
const pcb = (at: Term, n: number) => cell(E, physical(add<number>(at, constant(38, n))))
const takeEntry = (entry: Term): Statement[] => [
  set(TB.offset, extract<51>(entry, 50, 0)),
  ...([TB.V, TB.FOR, TB.FOW, TB.KRE, TB.URE, TB.KWE, TB.UWE] as const).map((f, n) => set(f, extract<1>(entry, 51 + n, 51 + n))),
]

const swapContext = (): Statement[] => {
  const old = get(PCBB), next = extract<38>(r(a0), 40, 3)
  const time = add(get(PCC.count), get(PCC.offset)), ptbr = extract<28>(get(pcb(next, 2)), 27, 0), times = get(pcb(next, 3))
  // The old block is written before the new one is read.
  const taken = <W extends number>(n: number, saved: Term<W>, given = get(pcb(next, n)) as Term): Term<W> => ite<W>(eq(old, next), saved, given as Term<W>)
  return [
    setR(v0, zeroExtend(concat(old, constant(3, 0)), 64)), set(PCBB, next),
    set(pcb(old, 0), r(sp)), set(pcb(old, 1), get(USP)), set(pcb(old, 3), concat<64>(extract(get(pcb(old, 3)), 63, 32), time)), set(pcb(old, 4), get(unique)),
    setR(sp, taken(0, r(sp))), set(USP, taken(1, get(USP))), set(PTBR, ptbr), set(ASN, extract<8>(times, 39, 32)),
    set(PCC.offset, sub(taken<32>(3, time, extract<32>(times, 31, 0)), get(PCC.count))), set(unique, taken(4, get(unique))), set(FEN, extract<1>(get(pcb(next, 5)), 0, 0)),
    ...takeEntry(get(cell(pageTables, ptbr))), ...lost([a0]),
  ]
}

/** The quadwords that a frame on the kernel stack has from SP on: PS, PC, gp, a0, a1, a2. */
const frame = (n: number): Term<64> => load(E, quadword(add(r(sp), constant(64, 8 * n))))
const stackAligned = trapIf(not(eq<number>(extract(r(sp), 2, 0), constant(3, 0))), 'unaligned')
const popped = add(r(sp), constant(64, 48))

const returnFromTrap = (): Statement[] => {
  const ps = frame(0), user = extract<1>(ps, 3, 3)
  return [
    stackAligned,
    set(CM, user), set(IPL, ite<3>(user, constant(3, 0), extract<3>(ps, 2, 0))), set(PC, extract<62>(frame(1), 63, 2)),
    setR(gp, frame(2)), setR(a0, frame(3)), setR(a1, frame(4)), setR(a2, frame(5)),
    setR(sp, ite<64>(user, get(USP), popped)), set(KSP, popped, user), ...clearFlags,
  ]
}
const returnFromSystemCall = (): Statement[] => [
  stackAligned,
  set(CM, 1), set(IPL, 0), set(PC, extract<62>(frame(1), 63, 2)), setR(gp, frame(2)), setR(sp, get(USP)), set(KSP, popped), ...clearFlags, ...lost(),
]

const writeEntry = (): Statement[] => {
  const point = extract<62>(r(a0), 63, 2)
  return [...entries.map((e, n) => set(e, point, eq(r(a1), constant(64, n)))), ...lost([a0, a1])]
}
/** Ones clear the three summary bits; DPC and DSC are taken as they are. */
const writeMces = (): Statement[] => {
  const value = low(a0, 5)
  const summary = and(extract<3>(get(MCES), 2, 0), not(extract<3>(value, 2, 0)))
  return [set(MCES, concat<5>(extract(value, 4, 3), summary)), ...lost([a0])]
}
const everything = (selector: Term): Bool => or(eq<number>(selector, constant(64, -2)), eq<number>(selector, constant(64, -1)))

export const privilegedFunctions = (): Instruction[] => {
  const instruction = define('OSF/1 PALcode, privileged functions')
  const call = (name: string, code: number, does: () => readonly Statement[]): Instruction =>
    instruction(`CALL_PAL ${name}`, format, { op: 0, function: code }, () => [trapIf(get(CM), 'opDec'), ...does()])
  const writes = (name: string, code: number, to: typeof KGP): Instruction => call(name, code, () => [set(to, r(a0)), ...lost([a0])])
  const reads = (name: string, code: number, value: () => Term): Instruction => call(name, code, () => [setR(v0, zeroExtend(value(), 64)), ...lost()])
  return [
    call('halt', 0x00, () => [set(halted, 1)]), call('cflush', 0x01, () => lost([a0])), call('draina', 0x02, () => lost()),
    call('wripir', 0x0d, () => [set(cell(IPIR, low(a0, 6)), constant(1, 1)), ...lost([a0])]),
    reads('rdmces', 0x10, () => get(MCES)), call('wrmces', 0x11, writeMces),
    call('wrfen', 0x2b, () => [set(FEN, low(a0, 1)), set(pcb(get(PCBB), 5), concat<64>(extract(get(pcb(get(PCBB), 5)), 63, 1), low(a0, 1))), ...lost([a0])]),
    writes('wrvptptr', 0x2d, VPTPTR), call('swpctx', 0x30, swapContext),
    writes('wrval', 0x31, sysvalue), reads('rdval', 0x32, () => get(sysvalue)),
    call('tbi', 0x33, () => [
      trapIf(not(or(everything(r(a0)), ult(sub(r(a0), constant(64, 1)), constant(64, 3)))), 'unmodelled'),
      ...takeEntry(get(cell(pageTables, get(PTBR)))), ...lost([a0]),
    ]),
    call('wrent', 0x34, writeEntry),
    call('swpipl', 0x35, () => [setR(v0, zeroExtend(get(IPL), 64)), set(IPL, low(a0, 3)), ...lost([a0])]),
    reads('rdps', 0x36, () => concat(get(CM), get(IPL))), writes('wrkgp', 0x37, KGP), writes('wrusp', 0x38, USP),
    call('wrperfmon', 0x39, () => [set(cell(performance, low(a0, 6)), r(a1)), ...lost([a0, a1])]),
    reads('rdusp', 0x3a, () => get(USP)), reads('whami', 0x3c, () => get(WHAMI)),
    call('retsys', 0x3d, returnFromSystemCall), call('wtint', 0x3e, () => [set(halted, 1), ...lost([v0, a0])]), call('rti', 0x3f, returnFromTrap),
  ]
}

export const unprivilegedFunctions = (): Instruction[] => {
  const instruction = define('OSF/1 PALcode, unprivileged functions')
  const call = (name: string, code: number, does: () => readonly Statement[]): Instruction =>
    instruction(`CALL_PAL ${name}`, format, { op: 0, function: code }, does)
  const traps = (name: string, code: number, cause: string): Instruction => call(name, code, () => [trapIf(True, cause)])
  return [
    traps('bpt', 0x80, 'bpt'), traps('bugchk', 0x81, 'bugchk'), traps('callsys', 0x83, 'callsys'), call('imb', 0x86, () => []),
    call('rdunique', 0x9e, () => [setR(v0, get(unique))]), call('wrunique', 0x9f, () => [set(unique, r(a0))]),
    traps('gentrap', 0xaa, 'gentrap'),
    call('clrfen', 0xae, () => [set(FEN, 0), set(pcb(get(PCBB), 5), concat<64>(extract(get(pcb(get(PCBB), 5)), 63, 1), constant(1, 0))), ...lost()]),
  ]
}

/** The opcodes reserved for PALcode, which is left before the next instruction of an operating system. */
export const palOpcodes = (): Instruction[] => {
  const instruction = define('6.4, opcodes reserved to PALcode')
  return ([['HW_MFPR', 0x19], ['HW_LD', 0x1b], ['HW_MTPR', 0x1d], ['HW_RET', 0x1e], ['HW_ST', 0x1f]] as const).map(([name, op]) =>
    instruction(name, { op: 6, rest: 26 }, { op }, () => [trapIf(True, 'opDec')]))
}

/** To the kernel's entry point for instruction faults, on its stack. */
export const exception = (): Statement[] => {
  const user = get(CM)
  return [
    set(USP, r(sp), user), setR(sp, sub(ite<64>(user, get(KSP), r(sp)), constant(64, 48))), setR(gp, get(KGP)),
    set(CM, 0), set(PC, get(entIF)),
  ]
}
