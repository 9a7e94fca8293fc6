// State of a SPARC V8 processor with eight register windows: PSR in its fields, WIM, TBR, Y, the Reference MMU in short, storage.
import { bank, cell, get, register, type Bank, type Component, type Register, type Role } from '../../ir/state.ts'
import { set, type Statement } from '../../ir/instruction.ts'
import { add, and, concat, constant, eq, extract, False, ite, ne, not, or, sub, True, ult, type Bool, type Term } from '../../ir/term.ts'
import type { Access, Relocation } from '../../machine/isa.ts'

/** V8 as its manual has it, and the LEON3 with its configuration register. */
export type Processor = 'v8' | 'leon3'

export interface Options {
  readonly processor: Processor
  /**
   * Whether the window pointer is the program's own, which a VMM loads as the guest has it, or a resource that it keeps.
   * SAVE and RESTORE change it in every mode, so that only the first lets a VMM run guests directly.
   */
  readonly windowPointer: 'program' | 'resource'
}

/** A field of PSR; `low` is its lowest bit. */
export interface Field {
  readonly register: Register
  readonly low: number
}

const field = (name: string, width: number, role: Role, low: number): Field => ({ register: register(`PSR.${name}`, width, role), low })

export interface State extends Options {
  /** By words. */
  readonly E: Bank<30, 32>
  /** r[1] to r[7]; r[0] is 0. */
  readonly globals: Bank<3, 32>
  /** Eight windows of outs and locals; the ins of one are the outs of the next. */
  readonly windows: Bank<7, 32>
  readonly f: Bank<5, 32>
  readonly FSR: Register<32>
  readonly Y: Register<32>
  /** In words, as nPC is. */
  readonly PC: Register<30>
  readonly nPC: Register<30>
  readonly psr: readonly Field[]
  readonly WIM: Register<8>
  readonly TBA: Register<20>
  readonly tt: Register<8>
  /** What alternate spaces other than those of instructions and data hold, by space and word: MMU, caches, devices. */
  readonly alternate: Bank<38, 32>
  /** The MMU: enabled, page frame minus virtual page, and the access permissions, one for all pages. */
  readonly enabled: Register<1>
  readonly relocation: Register<20>
  readonly ACC: Register<3>
  readonly asr17: Register<32>
  /** The processor has stopped: a trap found ET at 0. */
  readonly errorMode: Register<1>
}

export const declareState = (options: Options): State => {
  const control = <W extends number>(name: string, width: W): Register<W> => register(name, width, 'control')
  return {
    ...options,
    E: bank('E', 30, 32, 'storage'),
    globals: bank('globals', 3, 32, 'general'),
    windows: bank('windows', 7, 32, 'general'),
    f: bank('f', 5, 32, 'general'),
    FSR: register('FSR', 32, 'general'),
    Y: register('Y', 32, 'general'),
    PC: register('PC', 30, 'counter'),
    nPC: register('nPC', 30, 'counter'),
    psr: [
      field('impl', 4, 'control', 28), field('ver', 4, 'control', 24),
      field('n', 1, 'general', 23), field('z', 1, 'general', 22), field('v', 1, 'general', 21), field('c', 1, 'general', 20),
      // The LEON3 has no coprocessor: EC is 0.
      ...(options.processor === 'v8' ? [field('EC', 1, 'control', 13)] : []),
      field('EF', 1, 'control', 12),
      field('PIL', 4, 'control', 8), field('S', 1, 'mode', 7), field('PS', 1, 'control', 6),
      field('ET', 1, 'control', 5), field('CWP', 3, options.windowPointer === 'program' ? 'general' : 'control', 0),
    ],
    WIM: control('WIM', 8),
    TBA: control('TBR.TBA', 20),
    tt: control('TBR.tt', 8),
    alternate: bank('alternate spaces', 38, 32, 'control'),
    enabled: register('MMU.E', 1, 'mapping'),
    relocation: register('PPN - VPN', 20, 'mapping'),
    ACC: register('ACC', 3, 'mapping'),
    asr17: control('%asr17', 32),
    errorMode: control('error_mode', 1),
  }
}

export const components = (s: State): readonly Component[] => [
  s.E, s.globals, s.windows, s.f, s.FSR, s.Y, s.PC, s.nPC, ...s.psr.map((f) => f.register), s.WIM, s.TBA, s.tt, s.alternate,
  s.enabled, s.relocation, s.ACC, s.errorMode,
  ...(s.processor === 'leon3' ? [s.asr17] : []),
]
/** What a VMM keeps for itself; EF and EC it loads as the guest has them. */
export const controlState = (s: State): readonly Component[] =>
  components(s).filter((c) => c.role === 'control' && c.name !== 'PSR.EF' && c.name !== 'PSR.EC')

export const psrRegister = (s: State, name: string): Register => s.psr.find((f) => f.register.name === `PSR.${name}`)!.register
export const psr = (s: State, name: string): Term => get(psrRegister(s, name))
/** Whether there is a coprocessor and it is enabled. */
export const EC = (s: State): Bool => (s.processor === 'v8' ? (psr(s, 'EC') as Bool) : False)
export const S = (s: State): Bool => psr(s, 'S') as Bool
export const CWP = (s: State): Term<3> => psr(s, 'CWP') as Term<3>

/** PSR as a word. */
export const readPsr = (s: State): Term<32> => {
  const at = (name: string): Term => psr(s, name)
  const icc = ['n', 'z', 'v', 'c'].map(at), rest = ['EF', 'PIL', 'S', 'PS', 'ET'].map(at)
  return concat<32>(at('impl'), at('ver'), ...icc, constant(6, 0), EC(s), ...rest, constant(2, 0), at('CWP'))
}
/** Writes all fields but impl and ver. */
export const writePsr = (s: State, value: Term<32>): Statement[] =>
  s.psr.filter((f) => f.low < 24).map(({ register: r, low }) => set(r, extract(value, low + r.width - 1, low)))
export const readTbr = (s: State): Term<32> => concat<32>(get(s.TBA), get(s.tt), constant(4, 0))

export const above = (s: State): Term<3> => add(CWP(s), constant(3, 1))
export const below = (s: State): Term<3> => sub(CWP(s), constant(3, 1))
export const invalid = (s: State, window: Term<3>): Bool =>
  Array.from({ length: 8 }, (_, k) => and(eq(window, constant(3, k)), extract<1>(get(s.WIM), k, k))).reduce(or)

/** Register n of a window, from 8 up: outs and locals of the window, then the outs of the one above. */
const inWindow = (window: Term<3>, n: Term): Term<7> => add(concat<7>(window, constant(4, 0)), sub(concat<7>(constant(2, 0), n), constant(7, 8)))
const isGlobal = (n: Term): Bool => ult(n, constant(5, 8))
export const r = (s: State, n: Term): Term<32> => ite<32>(
  isGlobal(n), ite<32>(eq(n, constant(5, 0)), constant(32, 0), get(cell(s.globals, extract<3>(n, 2, 0)))),
  get(cell(s.windows, inWindow(CWP(s), n))),
)
/** A write to register n of the window; one to r[0] is lost. */
export const write = (s: State, n: Term, value: Term<32>, window: Term<3> = CWP(s)): Statement[] => [
  set(cell(s.globals, extract<3>(n, 2, 0)), value, and(isGlobal(n), ne(n, constant(5, 0)))),
  set(cell(s.windows, inWindow(window, n)), value, not(isGlobal(n))),
]

/** The access permissions of the Reference MMU: by ACC what users and what supervisors may do. */
const permissions: Readonly<Record<'user' | 'supervisor', Readonly<Record<Access, readonly number[]>>>> = {
  user: { read: [0, 1, 2, 3, 5], write: [1, 3], fetch: [2, 3, 4] },
  supervisor: { read: [0, 1, 2, 3, 5, 6, 7], write: [1, 3, 5, 7], fetch: [2, 3, 4, 6, 7] },
}
export const refused = (s: State, access: Access, supervisor: Bool): Bool => {
  const may = (mode: 'user' | 'supervisor'): Bool => permissions[mode][access].map((acc) => eq(get(s.ACC), constant(3, acc))).reduce(or)
  return and(get(s.enabled), not(ite<1>(supervisor, may('supervisor'), may('user'))))
}
/** One-to-one: one page frame for every page, by a common difference; real addresses where the MMU is off. */
export const relocation = (s: State): Relocation => {
  const offset = ite<30>(get(s.enabled), concat<30>(get(s.relocation), constant(10, 0)), constant(30, 0))
  return {
    storage: s.E,
    addressWidth: 30,
    develop: (address, access) => ({ fault: refused(s, access, S(s)), real: add(address as Term<30>, offset) }),
    reaches: (real) => ({ mapped: not(refused(s, 'read', S(s))), address: sub(real as Term<30>, offset) }),
  }
}

/** The next instruction is the one at nPC. */
export const advance = (s: State, when: Bool = True): Statement[] => [set(s.PC, get(s.nPC), when), set(s.nPC, add(get(s.nPC), constant(30, 1)), when)]
