// State of the MIPS R3000 and R4000 in 32-bit mode: registers, coprocessor 0 with its Status register, TLB, segments, storage.
import { bank, cell, get, register, type Bank, type Component, type Register } from '../../ir/state.ts'
import { add, and, concat, constant, eq, extract, False, ite, not, or, sub, type Bool, type Term } from '../../ir/term.ts'
import type { Access, Relocation } from '../../machine/isa.ts'

export type Processor = 'r3000' | 'r4000'

/** A part of the Status register, `low` its lowest bit. */
export interface StatusField {
  readonly register: Register
  readonly low: number
}

/** Storage by words: a bit for what the TLB maps, a bit for kuseg unmapped by ERL, and an address. */
const realWidth = 31, wordWidth = 30

export interface State {
  readonly processor: Processor
  readonly E: Bank<31, 32>
  /** General registers; cell 0 is not used. */
  readonly GPR: Bank<5, 32>
  readonly FGR: Bank<5, 32>
  readonly HI: Register<32>
  readonly LO: Register<32>
  /** In words. */
  readonly PC: Register<30>
  /** The field of Status that gives the mode: KUc of the R3000, KSU of the R4000. */
  readonly mode: Register
  readonly status: readonly StatusField[]
  /** The registers of coprocessor 0 by number; Status, 12, is in its fields. */
  readonly CP0: Bank<5, 32>
  readonly TLB: Bank<6, number>
  /** What the TLB does with the mapped segments: page frame minus virtual page, and the bits V and D. */
  readonly relocation: Register<20>
  readonly valid: Register<1>
  readonly dirty: Register<1>
  readonly LLbit: Register<1>
  /** The tags of the cache lines: two bits for the cache, and the index. */
  readonly tags: Bank<10, 32>
}

/** Values of the mode field. */
export const Mode = { r3000: { kernel: 0, user: 1 }, r4000: { kernel: 0, supervisor: 1, user: 2 } } as const

export const declareState = (processor: Processor): State => {
  const control = <W extends number>(name: string, width: W): Register<W> => register(name, width, 'control')
  const old = processor === 'r3000'
  const mode = old ? register('KUc', 1, 'mode') : register('KSU', 2, 'mode')
  const common = [
    { register: control('CU3..CU1', 3), low: 29 }, { register: control('CU0', 1), low: 28 }, { register: control('RE', 1), low: 25 },
    { register: control('DS', 9), low: 16 }, { register: control('IM', 8), low: 8 },
  ]
  return {
    processor, mode,
    status: old
      ? [
        ...common, { register: control('KUo', 1), low: 5 }, { register: control('IEo', 1), low: 4 }, { register: control('KUp', 1), low: 3 },
        { register: control('IEp', 1), low: 2 }, { register: mode, low: 1 }, { register: control('IEc', 1), low: 0 },
      ]
      : [
        ...common, { register: mode, low: 3 }, { register: control('ERL', 1), low: 2 }, { register: control('EXL', 1), low: 1 }, { register: control('IE', 1), low: 0 },
      ],
    E: bank('E', realWidth, 32, 'storage'),
    GPR: bank('GPR', 5, 32, 'general'),
    FGR: bank('FGR', 5, 32, 'general'),
    HI: register('HI', 32, 'general'),
    LO: register('LO', 32, 'general'),
    PC: register('PC', wordWidth, 'counter'),
    CP0: bank('CP0', 5, 32, 'control'),
    TLB: bank<6, number>('TLB', 6, old ? 64 : 128, 'mapping'),
    relocation: register('PFN - VPN', 20, 'mapping'),
    valid: register('V', 1, 'mapping'),
    dirty: register('D', 1, 'mapping'),
    LLbit: register('LLbit', 1, 'general'),
    tags: bank('cache tags', 10, 32, 'control'),
  }
}

export const components = (s: State): readonly Component[] => [
  s.E, s.GPR, s.FGR, s.HI, s.LO, s.PC, ...s.status.map((f) => f.register), s.CP0, s.TLB, s.relocation, s.valid, s.dirty,
  ...(s.processor === 'r4000' ? [s.LLbit, s.tags] : []),
]
/** What a VMM keeps for itself while a guest runs: coprocessor 0 and the TLB. */
export const controlState = (s: State): readonly Component[] =>
  components(s).filter((c) => c.role === 'control' || c === s.TLB || c === s.valid || c === s.dirty)

/** A one-bit field of Status by name; 0 on a processor that has none. */
export const statusBit = (s: State, name: string): Term<1> => {
  const field = s.status.find((f) => f.register.name === name)
  return field === undefined ? False : (get(field.register) as Term<1>)
}
const modeIs = (s: State, value: number): Bool => eq(get(s.mode), constant<number>(s.mode.width, value))
const exception = (s: State): Bool => or(statusBit(s, 'EXL'), statusBit(s, 'ERL'))
/** EXL and ERL make every mode kernel mode. */
export const inKernel = (s: State): Bool => or(modeIs(s, 0), exception(s))
const inSupervisor = (s: State): Bool => (s.processor === 'r4000' ? and(modeIs(s, 1), not(exception(s))) : False)
export const inUser = (s: State): Bool => and(not(inKernel(s)), not(inSupervisor(s)))

/** The segments by the three highest bits of an address: kuseg 0xx, kseg0 100, kseg1 101, ksseg 110, kseg3 111 (R3000: kseg2 11x). */
const segments = (word: Term<30>) => {
  const top = extract<3>(word, wordWidth - 1, wordWidth - 3)
  return {
    kuseg: not(extract<1>(word, wordWidth - 1, wordWidth - 1)),
    unmapped: eq(extract<2>(top, 2, 1), constant(2, 0b10)),
    ksseg: eq(top, constant(3, 0b110)),
  }
}
/** Whether the address is in a segment that is mapped by the TLB and that the present mode may use. */
export const inMappedSegment = (s: State, word: Term<30>): Bool => {
  const { kuseg, unmapped, ksseg } = segments(word)
  const kernel = ite(kuseg, not(statusBit(s, 'ERL')), not(unmapped))
  return ite(inKernel(s), kernel, or(kuseg, and(inSupervisor(s), ksseg)))
}
/** kseg0 and kseg1, and kuseg while ERL is 1: the kernel's, past the TLB. */
const inUnmappedSegment = (s: State, word: Term<30>): Bool => {
  const { kuseg, unmapped } = segments(word)
  return and(inKernel(s), or(unmapped, and(kuseg, statusBit(s, 'ERL'))))
}

/** The TLB as relocation of all mapped segments; kseg0 and kseg1 lead to storage of their own, so that no two addresses meet. */
export const relocation = (s: State): Relocation => {
  const offset = concat<30>(get(s.relocation), constant(10, 0))
  const may = (access: Access): Bool => (access === 'write' ? and(get(s.valid), get(s.dirty)) : get(s.valid))
  const allowed = (word: Term<30>, access: Access): Bool => or(inUnmappedSegment(s, word), and(inMappedSegment(s, word), may(access)))
  /** kseg0 and kseg1 as 00s, kuseg under ERL as 01, before the rest of the address. */
  const direct = (word: Term<30>): Term<31> => {
    const kuseg = segments(word).kuseg, rest = extract(word, 27, 0)
    return concat<31>(constant(1, 0), kuseg, ite<1>(kuseg, extract<1>(word, 28, 28), False), rest)
  }
  return {
    storage: s.E,
    addressWidth: wordWidth,
    develop: (address, access) => {
      const word = address as Term<30>
      return {
        fault: not(allowed(word, access)),
        real: ite<31>(inUnmappedSegment(s, word), direct(word), concat<31>(constant(1, 1), add(word, offset))),
      }
    },
    reaches: (real) => {
      const mapped = sub(extract<30>(real, 29, 0), offset), rest = extract(real, 27, 0)
      const kuseg = concat<30>(constant(1, 0), extract(real, 28, 28), rest), kseg = concat<30>(constant(2, 0b10), rest)
      const unmapped = ite<30>(extract<1>(real, 29, 29), kuseg, kseg)
      const throughTLB = extract<1>(real, 30, 30)
      const hole = and(not(extract<1>(real, 29, 29)), extract<1>(real, 28, 28))
      return {
        mapped: ite(throughTLB, and(inMappedSegment(s, mapped), get(s.valid)), and(not(hole), inUnmappedSegment(s, unmapped))),
        address: ite<30>(throughTLB, mapped, unmapped),
      }
    },
  }
}

/** The Status register as a word. */
export const Status = (s: State): Term<32> => {
  const parts: Term[] = []
  let next = 32
  for (const f of s.status) {
    const high = f.low + f.register.width
    if (high < next) parts.push(constant(next - high, 0))
    parts.push(get(f.register))
    next = f.low
  }
  if (next > 0) parts.push(constant(next, 0))
  return concat<32>(parts[0]!, parts[1]!, ...parts.slice(2))
}

/** General register n; register 0 is 0. */
export const GPR = (s: State, n: Term): Term<32> => ite<32>(eq(n, constant(5, 0)), constant(32, 0), get(cell(s.GPR, n as Term<5>)))
export const cp0 = (s: State, number: number): Term<32> => get(cell(s.CP0, constant(5, number)))
/** Numbers of the registers of coprocessor 0. */
export const Number0 = { Index: 0, Random: 1, EntryLo0: 2, EntryLo1: 3, PageMask: 5, BadVAddr: 8, EntryHi: 10, Status: 12, Cause: 13, EPC: 14, PRId: 15, TagLo: 28, ErrorEPC: 30 } as const
