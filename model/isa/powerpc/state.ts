// State of a 32-bit PowerPC: user registers, machine state register, special-purpose registers, block translation, storage.
import { bank, get, register, type Bank, type Component, type Register, type Role } from '../../ir/state.ts'
import { set, type Statement } from '../../ir/instruction.ts'
import { and, concat, constant, eq, extract, ite, not, or, True, type Bool, type Term } from '../../ir/term.ts'
import type { Access, Relocation } from '../../machine/isa.ts'

export type Processor = '603e' | '750'

/** What an SPR number that is not defined and not privileged does: the illegal instruction exception, or what the manual allows. */
export type UndefinedSpr = 'illegal' | 'open'

export interface Options {
  readonly processor: Processor
  readonly undefinedSpr: UndefinedSpr
}

/** A part of a register that has its own role; `low` is its lowest bit, counted from the least significant. */
export interface Part {
  readonly register: Register
  readonly low: number
}

const part = (name: string, width: number, role: Role, low: number): Part => ({ register: register(name, width, role), low })
const word = (name: string, role: Role): readonly Part[] => [part(name, 32, role, 0)]

/** The bits of the machine state register that are the program's own under a VMM: it loads them as the guest has them. */
const ofTheProgram: readonly string[] = ['FP', 'FE0', 'FE1', 'LE', 'PM']

const msr = (processor: Processor): readonly Part[] => {
  const bits: readonly (readonly [string, number])[] = [
    ['POW', 18], ['ILE', 16], ['EE', 15], ['PR', 14], ['FP', 13], ['ME', 12], ['FE0', 11], ['SE', 10], ['BE', 9], ['FE1', 8], ['IP', 6],
    ['IR', 5], ['DR', 4], ...(processor === '750' ? [['PM', 2] as const] : []), ['RI', 1], ['LE', 0],
  ]
  const role = (name: string): Role => (name === 'PR' ? 'mode' : name === 'IR' || name === 'DR' ? 'mapping' : 'control')
  return bits.map(([name, low]) => part(`MSR[${name}]`, 1, role(name), low))
}

/** Special-purpose registers with one register of state or several; those of the processor alone at the end. */
const sprParts = (processor: Processor) => ({
  XER: [part('XER[SO]', 1, 'general', 31), part('XER[OV]', 1, 'general', 30), part('XER[CA]', 1, 'general', 29), part('XER[count]', 7, 'general', 0)],
  LR: word('LR', 'general'), CTR: word('CTR', 'general'),
  DSISR: word('DSISR', 'control'), DAR: word('DAR', 'control'), DEC: word('DEC', 'control'),
  SRR0: word('SRR0', 'control'), SRR1: word('SRR1', 'control'),
  SDR1: [part('SDR1[HTABORG]', 16, 'mapping', 16), part('SDR1[HTABMASK]', 9, 'mapping', 0)],
  EAR: [part('EAR[E]', 1, 'control', 31), part('EAR[RID]', 6, 'control', 0)],
  PVR: word('PVR', 'control'), TBL: word('TBL', 'control'), TBU: word('TBU', 'control'),
  DBAT0U: [part('DBAT0U[BEPI]', 15, 'mapping', 17), part('DBAT0U[BL]', 11, 'mapping', 2),
    part('DBAT0U[Vs]', 1, 'mapping', 1), part('DBAT0U[Vp]', 1, 'mapping', 0)],
  DBAT0L: [part('DBAT0L[BRPN]', 15, 'mapping', 17), part('DBAT0L[WIMG]', 4, 'mapping', 3), part('DBAT0L[PP]', 2, 'mapping', 0)],
  HID0: word('HID0', 'control'), HID1: word('HID1', 'control'), IABR: word('IABR', 'control'),
  ...Object.fromEntries(ofProcessor[processor].map((name) => [name, word(name, 'control')])),
})
const ofProcessor: Readonly<Record<Processor, readonly string[]>> = {
  '603e': ['DMISS', 'DCMP', 'HASH1', 'HASH2', 'IMISS', 'ICMP', 'RPA'],
  750: ['MMCR0', 'PMC1', 'PMC2', 'SIA', 'MMCR1', 'PMC3', 'PMC4', 'DABR', 'L2CR', 'ICTC', 'THRM1', 'THRM2', 'THRM3'],
}

export interface State extends Options {
  /** By words. */
  readonly E: Bank<30, 32>
  readonly GPR: Bank<5, 32>
  readonly FPR: Bank<5, 64>
  readonly CR: Register<32>
  readonly FPSCR: Register<32>
  /** Address of the current instruction, in words. */
  readonly CIA: Register<30>
  readonly PR: Register<1>
  readonly msr: readonly Part[]
  readonly spr: Readonly<Record<string, readonly Part[]>>
  readonly SPRG: Bank<2, 32>
  /** IBAT0U, IBAT0L to IBAT3L. */
  readonly IBAT: Bank<3, 32>
  /** DBAT1U to DBAT3L at 2 to 7; DBAT0 is in registers of its own. */
  readonly DBAT: Bank<3, 32>
  /** T, Ks, Kp and N, and the virtual segment identifier. */
  readonly SR: Bank<4, 28>
  readonly ITLB: Bank<5, 64>
  readonly DTLB: Bank<5, 64>
  /** Word and validity of the reservation of lwarx. */
  readonly RESERVE: Register<1>
  readonly reserved: Register<30>
  /** What the external control facility reaches, by resource. */
  readonly DEVICE: Bank<6, 32>
}

export const declareState = (options: Options): State => {
  const parts = msr(options.processor)
  return {
    ...options,
    E: bank('E', 30, 32, 'storage'),
    GPR: bank('GPR', 5, 32, 'general'),
    FPR: bank('FPR', 5, 64, 'general'),
    CR: register('CR', 32, 'general'),
    FPSCR: register('FPSCR', 32, 'general'),
    CIA: register('CIA', 30, 'counter'),
    PR: parts.find((p) => p.register.role === 'mode')!.register as Register<1>,
    msr: parts,
    spr: sprParts(options.processor),
    SPRG: bank('SPRG', 2, 32, 'control'),
    IBAT: bank('IBAT', 3, 32, 'mapping'),
    DBAT: bank('DBAT', 3, 32, 'mapping'),
    SR: bank('SR', 4, 28, 'mapping'),
    ITLB: bank('ITLB', 5, 64, 'mapping'),
    DTLB: bank('DTLB', 5, 64, 'mapping'),
    RESERVE: register('RESERVE', 1, 'general'),
    reserved: register('reserved word', 30, 'general'),
    DEVICE: bank('external device', 6, 32, 'control'),
  }
}

export const components = (s: State): readonly Component[] => [
  s.E, s.GPR, s.FPR, s.CR, s.FPSCR, s.CIA, ...s.msr.map((p) => p.register), ...Object.values(s.spr).flat().map((p) => p.register),
  s.SPRG, s.IBAT, s.DBAT, s.SR, s.ITLB, s.DTLB, s.RESERVE, s.reserved, s.DEVICE,
]
export const mapping = (s: State): readonly Register[] =>
  components(s).filter((c): c is Register => c.kind === 'register' && c.role === 'mapping')
/** What a VMM keeps for itself while a guest runs: all control state but what it loads as the guest has it, and the banks that translate. */
export const controlState = (s: State): readonly Component[] => components(s).filter((c) =>
  (c.role === 'control' && !ofTheProgram.some((name) => c.name === `MSR[${name}]`)) || (c.role === 'mapping' && c.kind === 'bank'))
export const timeBase = (s: State): readonly Component[] => [...s.spr['TBL']!, ...s.spr['TBU']!].map((p) => p.register)

/** A register as a word of 32 bits, 0 where no part of it is. */
export const read = (parts: readonly Part[]): Term<32> => {
  const pieces: Term[] = []
  let next = 32
  for (const { register: r, low } of parts) {
    const high = low + r.width
    if (high < next) pieces.push(constant(next - high, 0))
    pieces.push(get(r))
    next = low
  }
  if (next > 0) pieces.push(constant(next, 0))
  const [first, second, ...more] = pieces
  return (second === undefined ? first! : concat(first!, second, ...more)) as Term<32>
}
export const write = (parts: readonly Part[], value: Term<32>, when: Bool = True): Statement[] =>
  parts.map(({ register: r, low }) => set(r, extract(value, low + r.width - 1, low), when))

export const msrPart = (s: State, name: string): Part => s.msr.find((p) => p.register.name === `MSR[${name}]`)!
export const msrBit = (s: State, name: string): Term<1> => get(msrPart(s, name).register) as Term<1>
/** A special-purpose register, or the named part of it. */
export const spr = (s: State, name: string): Term<32> => read(s.spr[name]!)
export const sprPart = (s: State, name: string): Term => get(Object.values(s.spr).flat().find((p) => p.register.name === name)!.register)

/**
 * Data address translation by one block, DBAT0, with no page behind it; real addressing where MSR[DR] is 0.
 * Bits of the block's page number that BL makes part of the offset come from the address.
 */
export const relocation = (s: State): Relocation => {
  const field = (name: string): Term => sprPart(s, name)
  const on = msrBit(s, 'DR')
  const mask = concat<15>(constant(4, 0), field('DBAT0U[BL]'))
  const valid = ite<1>(get(s.PR), field('DBAT0U[Vp]') as Term<1>, field('DBAT0U[Vs]') as Term<1>)
  const PP = field('DBAT0L[PP]') as Term<2>
  const may = (access: Access): Bool => (access === 'write' ? eq(PP, constant(2, 2)) : not(eq(PP, constant(2, 0))))
  const same = (a: Term, b: Term): Bool => eq<number>(and(a, not(mask)), and(b, not(mask)))
  const moved = (block: Term, address: Term): Term<30> =>
    concat<30>(or(and(block, not(mask)), and(extract(address, 29, 15), mask)), extract(address, 14, 0))
  const hits = (address: Term, block: string): Bool => and(valid, same(extract(address, 29, 15), field(block)))
  return {
    storage: s.E,
    addressWidth: 30,
    develop: (address, access) => ({
      fault: and(on, not(and(hits(address, 'DBAT0U[BEPI]'), may(access)))),
      real: ite<30>(on, moved(field('DBAT0L[BRPN]'), address), address as Term<30>),
    }),
    reaches: (real) => ({
      mapped: or(not(on), and(hits(real, 'DBAT0L[BRPN]'), may('read'))),
      address: ite<30>(on, moved(field('DBAT0U[BEPI]'), real), real as Term<30>),
    }),
  }
}
/** Whether a reference is write-through or not cached: only by its block. */
export const uncached = (s: State): Bool => and(msrBit(s, 'DR'), not(eq(extract<2>(sprPart(s, 'DBAT0L[WIMG]'), 3, 2), constant(2, 0))))
