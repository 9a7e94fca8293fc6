// Symbolic execution of one instruction: from a body to its traps and its next state, as terms over the old state.
import { add, and, any, concat, constant, eq, extract, False, ite, not, or, select, variable, type Bool, type Memory, type Term } from '../ir/term.ts'
import { substitution } from '../ir/substitute.ts'
import { get, type Place, type Register } from '../ir/state.ts'
import type { Instruction, Statement } from '../ir/instruction.ts'
import type { Access, Isa } from './isa.ts'

/** One write to a bank: in order, later ones win; nothing is written where `when` is 0. */
export interface CellWrite {
  readonly index: Term
  /** The program's address, where the write was relocated. */
  readonly program?: Term
  readonly value: Term
  readonly when: Bool
}

export interface TrapCondition {
  readonly cause: string
  /** The instruction traps with this cause: no earlier condition holds. */
  readonly when: Bool
  /** What goes with the trap besides its cause. */
  readonly value?: Term
  /** What is done before the trap is taken. */
  readonly also?: Outcome
}

/** What an instruction does to the state in which it starts. */
export interface Outcome {
  readonly traps: readonly TrapCondition[]
  readonly trapped: Bool
  readonly memoryTrapped: Bool
  /** New contents of registers, where it does not trap; a register that is not here keeps its content. */
  readonly registers: ReadonlyMap<string, Term>
  readonly banks: ReadonlyMap<string, readonly CellWrite[]>
  /** Where a write to the register is made. */
  readonly written: ReadonlyMap<string, Bool>
}

/** The outcome of an instruction, its counter advanced unless it sets it. */
export const execute = (isa: Isa, instruction: Instruction): Outcome => executeBody(isa, withAdvance(isa, instruction))

/** The same with relocated reads left as cells of E/R, the storage that the program sees; writes keep both addresses. */
export const executeRelocated = (isa: Isa, instruction: Instruction): Outcome => executeBody(isa, withAdvance(isa, instruction), true)

/** E/R of the paper: storage as a program addresses it. */
export const seenStorage = ({ relocation: { storage, addressWidth } }: Isa): Memory =>
  ({ name: `${storage.name}/R`, addressWidth, width: storage.width, cells: 2 ** addressWidth })

const withAdvance = (isa: Isa, i: Instruction): Statement[] => [...i.body, ...advance(isa, i.body)]

const advance = (isa: Isa, body: readonly Statement[]): Statement[] => {
  const writes = body.flatMap((s) => (s.kind === 'set' && s.place.kind === 'register' && s.place.name === isa.counter.name ? [s.when] : []))
  const when = not(any(writes))
  if (when === False) return []
  const next = add(get(isa.counter), constant<number>(isa.counter.width, 1))
  return [{ kind: 'set', place: isa.counter, value: next, when }]
}

/** The outcome of statements taken as one instruction. */
export const executeBody = (isa: Isa, body: readonly Statement[], keepRelocated = false): Outcome => {
  const conditions: TrapCondition[] = []
  const reads = relocatedReads(isa, conditions, keepRelocated)
  const registers = new Map<string, { place: Exclude<Place, { kind: 'cell' }>; value: Term; when: Bool }[]>()
  const banks = new Map<string, CellWrite[]>()
  for (const s of body) {
    const when = reads(s.when)
    switch (s.kind) {
      case 'trap':
        conditions.push({ cause: s.cause, when, ...(s.value === undefined ? {} : { value: reads(s.value) }), ...(s.also?.length ? { also: executeBody(isa, s.also, keepRelocated) } : {}) })
        break
      case 'set': {
        const value = reads(s.value)
        if (s.place.kind === 'cell') push(banks, s.place.bank.name, { index: reads(s.place.index), value, when })
        else push(registers, s.place.kind === 'register' ? s.place.name : s.place.register.name, { place: s.place, value, when })
        break
      }
      case 'store': {
        const value = reads(s.value)
        const program = reads(s.address)
        const { fault, real } = isa.relocation.develop(program, 'write')
        conditions.push({ cause: isa.memoryCauses[0]!, when: and(when, fault) })
        push(banks, s.bank.name, { index: real, program, value, when })
        break
      }
    }
  }
  const traps = exclusive(conditions)
  return {
    traps,
    trapped: any(conditions.map((c) => c.when)),
    memoryTrapped: any(traps.filter((t) => isa.memoryCauses.includes(t.cause)).map((t) => t.when)),
    registers: new Map([...registers].map(([name, writes]) => [name, assemble(writes)])),
    banks,
    written: new Map([...registers].map(([name, writes]) => [name, any(writes.map((w) => w.when))])),
  }
}

const push = <V>(to: Map<string, V[]>, key: string, value: V): void => {
  const list = to.get(key)
  if (list) list.push(value)
  else to.set(key, [value])
}

const exclusive = (conditions: readonly TrapCondition[]): TrapCondition[] => {
  let before: Bool = False
  return conditions.flatMap(({ when, ...condition }) => {
    const here = and(when, not(before))
    before = or(before, when)
    return here === False ? [] : [{ ...condition, when: here }]
  })
}

/** Replaces loads by selects of the developed address, and notes the memory trap of each where it is first met. */
const relocatedReads = (isa: Isa, conditions: TrapCondition[], keep: boolean): (<W extends number>(t: Term<W>) => Term<W>) => {
  const read = (access: Access) => (_memory: unknown, address: Term, when: Bool): Term => {
    const { fault, real } = isa.relocation.develop(address, access)
    conditions.push({ cause: isa.memoryCauses[0]!, when: and(when, fault) })
    return keep ? select<number, number>(seenStorage(isa), address) : select(isa.relocation.storage, real)
  }
  return substitution({ load: read('read') })
}

/** One register's new content from the writes to its fields. */
const assemble = (writes: readonly { place: Exclude<Place, { kind: 'cell' }>; value: Term; when: Bool }[]): Term => {
  const first = writes[0]!.place
  const register: Register = first.kind === 'register' ? first : first.register
  const old = variable(register.name, register.width)
  const cuts = new Set<number>([0, register.width])
  const span = (p: Exclude<Place, { kind: 'cell' }>) => (p.kind === 'register' ? { high: p.width - 1, low: 0 } : p)
  for (const w of writes) cuts.add(span(w.place).low).add(span(w.place).high + 1)
  const edges = [...cuts].sort((a, b) => b - a)
  const pieces = edges.slice(0, -1).map((edge, i) => {
    const high = edge - 1, low = edges[i + 1]!
    return writes.reduce<Term>((kept, w) => {
      const s = span(w.place)
      return s.low <= low && high <= s.high ? ite(w.when, extract(w.value, high - s.low, low - s.low), kept) : kept
    }, extract(old, high, low))
  })
  return pieces.length === 1 ? pieces[0]! : concat(pieces[0]!, pieces[1]!, ...pieces.slice(2))
}

/** A cell after writes, given how the old contents read. */
export const readAfter = (writes: readonly CellWrite[] | undefined, index: Term, old: Term): Term =>
  (writes ?? []).reduce((content, w) => ite(and(w.when, eq(w.index, index)), w.value, content), old)


/** Every term that an outcome is made of. */
export const termsOf = (o: Outcome): Term[] =>
  [...o.traps.map((t) => t.when), ...o.registers.values(), ...[...o.banks.values()].flat().flatMap((w) => [w.index, w.value, w.when])]

/** The code of the cause, where it traps. */
export const causeCode = (isa: Isa, outcome: Outcome): Term =>
  outcome.traps.reduce<Term>((code, t) => ite(t.when, constant<number>(isa.causeWidth, isa.causes[t.cause]!), code), constant(isa.causeWidth, 0))
