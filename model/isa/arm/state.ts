// State of an ARM processor in A32 state, versions 5 to 7: registers with their banks, status registers, system registers, storage.
import { bank, cell, get, register, type Bank, type Component, type Register, type Role } from '../../ir/state.ts'
import { add, and, concat, constant, eq, extract, ite, not, or, select, sub, type Bool, type Term } from '../../ir/term.ts'
import type { Access, Relocation } from '../../machine/isa.ts'
import { declareHyp, type Hyp } from './virtualization.ts'

export type Version = 5 | 6 | 7

/** What the processor does with an UNPREDICTABLE instruction in User mode: anything, or always the Undefined exception. */
export type Unpredictable = 'open' | 'undefined'

export interface Options {
  readonly version: Version
  readonly unpredictable: Unpredictable
  /** With the Virtualization Extensions (version 7): what a virtual machine has to itself is then no resource. */
  readonly virtualization?: boolean
}

/** M[4:0]. */
export const Mode = { usr: 0b10000, fiq: 0b10001, irq: 0b10010, svc: 0b10011, abt: 0b10111, hyp: 0b11010, und: 0b11011, sys: 0b11111 } as const

/** A part of the program status registers; `low` is its lowest bit. Who may write it with MSR is its kind. */
export interface StatusField {
  readonly register: Register
  readonly low: number
  readonly kind: 'user' | 'execution' | 'privileged' | 'mode'
}

const pageBits = 20, wordBits = 10, wordAddress = pageBits + wordBits

export interface State extends Options {
  readonly Memory: Bank<number, 32>
  /** R0 to R14 of the current mode; cell 15 is not used. */
  readonly R: Bank<4, 32>
  /** R13 and R14 of the other modes: by the low bits of the mode and by 0 for R13, 1 for R14. */
  readonly banked: Bank<5, 32>
  /** Saved program status registers, by the low bits of the mode. */
  readonly SPSR: Bank<4, 32>
  /** R15 in words. */
  readonly PC: Register<30>
  readonly M: Register<5>
  readonly flags: Readonly<Record<'N' | 'Z' | 'C' | 'V', Register<1>>>
  readonly E: Register<1>
  readonly T: Register<1>
  readonly status: readonly StatusField[]
  /** TTBR0 stands for the translation tables: the page to which page 0 is mapped. */
  readonly TTBR0: Register<20>
  /** AP[1:0] of each page. */
  readonly AP: Bank<20, 2>
  readonly exclusive: Register<1>
  readonly event: Register<1>
  readonly waiting: Register<1>
  readonly system: Readonly<Record<SystemName, Register>>
  /** Where the processor has the Virtualization Extensions. */
  readonly hyp?: Hyp
}

const systemRegisters = {
  MIDR: [32, 'control'], SCTLR: [32, 'control'], DACR: [32, 'control'], DFSR: [32, 'control'], DFAR: [32, 'control'],
  CONTEXTIDR: [32, 'control'], VBAR: [32, 'control'], TPIDRPRW: [32, 'control'], PMCCNTR: [32, 'control'],
  'PMUSERENR.EN': [1, 'control'], DBGDSCR: [32, 'control'], TPIDRURW: [32, 'general'], TPIDRURO: [32, 'general'],
  CTR: [32, 'control'], TLBTR: [32, 'control'], ID_PFR0: [32, 'control'], ACTLR: [32, 'control'],
} as const
export type SystemName = keyof typeof systemRegisters
const sinceVersion: Readonly<Partial<Record<SystemName, Version>>> = {
  DBGDSCR: 6, VBAR: 7, TPIDRPRW: 7, PMCCNTR: 7, 'PMUSERENR.EN': 7, TPIDRURW: 7, TPIDRURO: 7, CTR: 7, TLBTR: 7, ID_PFR0: 7, ACTLR: 7,
}
/** What a hypervisor does not give a virtual machine for its own: it is the processor's, or has no bank for each. */
const shared: ReadonlySet<string> = new Set(['MIDR', 'PMCCNTR', 'PMUSERENR.EN', 'DBGDSCR', 'CTR', 'TLBTR', 'ID_PFR0', 'ACTLR'])

export const declareState = (options: Options): State => {
  const one = (name: string, role: Role): Register<1> => register(name, 1, role)
  /** The role of what a virtual machine has to itself under the Virtualization Extensions. */
  const owned = (role: Role): Role => (options.virtualization ? 'general' : role)
  const flags = { N: one('N', 'general'), Z: one('Z', 'general'), C: one('C', 'general'), V: one('V', 'general') }
  const E = one('E', 'general'), T = one('T', 'general'), M = register('M', 5, owned('mode'))
  const since6 = (...fields: readonly StatusField[]): readonly StatusField[] => (options.version >= 6 ? fields : [])
  return {
    ...options, flags, E, T, M,
    status: [
      { register: flags.N, low: 31, kind: 'user' }, { register: flags.Z, low: 30, kind: 'user' },
      { register: flags.C, low: 29, kind: 'user' }, { register: flags.V, low: 28, kind: 'user' },
      { register: one('Q', 'general'), low: 27, kind: 'user' },
      ...since6(
        { register: one('J', 'general'), low: 24, kind: 'execution' }, { register: register('GE', 4, 'general'), low: 16, kind: 'user' },
        { register: E, low: 9, kind: 'user' }, { register: one('A', owned('control')), low: 8, kind: 'privileged' },
      ),
      { register: one('I', owned('control')), low: 7, kind: 'privileged' }, { register: one('F', owned('control')), low: 6, kind: 'privileged' },
      { register: T, low: 5, kind: 'execution' }, { register: M, low: 0, kind: 'mode' },
    ],
    Memory: bank('Memory', wordAddress, 32, 'storage'),
    R: bank('R', 4, 32, 'general'),
    banked: bank('R13, R14', 5, 32, owned('control')),
    SPSR: bank('SPSR', 4, 32, owned('control')),
    PC: register('PC', 30, 'counter'),
    TTBR0: register('TTBR0', pageBits, owned('mapping')),
    AP: bank('AP', pageBits, 2, owned('mapping')),
    exclusive: one('exclusive monitor', 'general'),
    event: one('Event Register', 'control'),
    waiting: one('waiting', 'control'),
    system: Object.fromEntries(Object.entries(systemRegisters).map(([name, [width, role]]) => [name, register(name, width, shared.has(name) ? role : owned(role))])) as Record<SystemName, Register>,
    ...(options.virtualization ? { hyp: declareHyp(pageBits) } : {}),
  }
}

const systemNames = (s: State): readonly SystemName[] =>
  (Object.keys(systemRegisters) as SystemName[]).filter((n) => s.version >= (sinceVersion[n] ?? 5))

export const components = (s: State): readonly Component[] => [
  s.Memory, s.R, s.PC, ...s.status.map((f) => f.register), s.banked, s.SPSR, s.TTBR0, s.AP, s.waiting,
  ...(s.version >= 6 ? [s.exclusive] : []), ...(s.version >= 7 ? [s.event] : []), ...systemNames(s).map((n) => s.system[n]),
  ...(s.hyp ? Object.values(s.hyp) : []),
]

/**
 * What a VMM keeps for itself while a guest runs: the masks, the other modes' registers, system registers, permissions.
 * A hypervisor has its own of these and keeps what is shared; MIDR it gives by VPIDR.
 */
export const controlState = (s: State): readonly Component[] =>
  components(s).filter((c) => (s.hyp ? c.role === 'control' && c !== s.system.MIDR && c !== s.hyp.VPIDR : c.role === 'control' || c === s.AP))

export const inMode = (s: State, ...modes: readonly (keyof typeof Mode)[]): Bool =>
  modes.map((m) => eq(get(s.M), constant(5, Mode[m]))).reduce((a, b) => or(a, b))
export const inUser = (s: State): Bool => inMode(s, 'usr')
/** User and System mode have no SPSR, and the banked registers that they see are the user's own. */
export const inUserOrSystem = (s: State): Bool => inMode(s, 'usr', 'sys')

/** The part of the banks that a mode selects; System mode has the user's registers. */
export const bankOf = (mode: Term<5>): Term<4> =>
  ite<4>(eq(mode, constant(5, Mode.sys)), constant(4, Mode.usr & 15), extract<4>(mode, 3, 0))

/** What is read as register n: R15 is the address of the instruction plus 8. */
export const R = (s: State, n: Term): Term<32> =>
  ite<32>(eq(n, constant(n.width, 15)), concat<32>(add(get(s.PC), constant(30, 2)), constant(2, 0)), get(cell(s.R, n as Term<4>)))

/** Not AP's permission: 00 no access, 01 privileged only, 10 privileged and user read-only, 11 both. */
const denied = (ap: Term<2>, user: Bool, access: Access): Bool => {
  const userMay = and(extract<1>(ap, 1, 1), access === 'write' ? extract<1>(ap, 0, 0) : constant(1, 1))
  return not(ite(user, userMay, or(extract<1>(ap, 1, 1), extract<1>(ap, 0, 0))))
}
const pageOf = (word: Term): Term<20> => extract<20>(word, wordAddress - 1, wordBits)
/** Where User mode may not access the page of a word's address. */
export const deniedToUser = (s: State, word: Term, access: Access): Bool => denied(select(s.AP, pageOf(word)), constant(1, 1), access)
/** Where the mode may not. */
export const deniedNow = (s: State, word: Term, access: Access): Bool => denied(select(s.AP, pageOf(word)), inUser(s), access)

/** Translation as relocation by whole pages, with the permissions of the section or page tables; addresses count words. */
export const relocation = (s: State): Relocation => {
  const stage1 = concat<30>(get(s.TTBR0), constant(wordBits, 0))
  const offset = s.hyp ? add(stage1, ite<30>(get(s.hyp.NS), concat<30>(get(s.hyp.VTTBR), constant(wordBits, 0)), constant(30, 0))) : stage1
  return {
    storage: s.Memory,
    addressWidth: wordAddress,
    develop: (word, access) => ({ fault: deniedNow(s, word, access), real: add(word as Term<30>, offset) }),
    reaches: (real) => {
      const word = sub(real as Term<30>, offset)
      return { mapped: not(deniedNow(s, word, 'read')), address: word }
    },
  }
}
