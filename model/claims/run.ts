// A run of one instruction from a symbolic state: which terms stand for the state's components, and what comes out.
import { all, and, any, constant, eq, implies, ite, not, select, type Bool, type Memory, type Term } from '../ir/term.ts'
import { substitution } from '../ir/substitute.ts'
import { get, resources, type Bank, type Component, type Register } from '../ir/state.ts'
import type { Instruction } from '../ir/instruction.ts'
import { causeCode, execute, executeBody, executeRelocated, readAfter, seenStorage, type CellWrite, type Outcome } from '../machine/execute.ts'
import type { Conjunct, Isa } from '../machine/isa.ts'

/** A symbolic state: the term that stands for each register and for each cell of the ISA. */
export interface Symbolic {
  /** How a report names the state: `supervisor mode`, `relocated by L'`. */
  readonly label: string
  readonly register: (name: string, width: number) => Term | undefined
  readonly cell?: (bank: Memory, index: Term) => Term | undefined
  /** The state's storage is given by E/R, the contents that the program sees, and the rest of storage. */
  readonly seesStorage?: boolean
}

export interface Run {
  readonly from: Symbolic
  readonly outcome: Outcome
  /** The code of the trap's cause, 0 where it does not trap. */
  readonly cause: Term
  /** A term over the ISA's components, as this run's state has it. */
  readonly at: <W extends number>(t: Term<W>) => Term<W>
}

const relocated = new WeakMap<Instruction, Outcome>()
const relocatedOutcomeOf = (isa: Isa, instruction: Instruction): Outcome => {
  const known = relocated.get(instruction) ?? executeRelocated(isa, instruction)
  relocated.set(instruction, known)
  return known
}
const outcomes = new WeakMap<Instruction, Outcome>()
/** What the instruction does to the ISA's own state, worked out once. */
export const outcomeOf = (isa: Isa, instruction: Instruction): Outcome => {
  const known = outcomes.get(instruction) ?? execute(isa, instruction)
  outcomes.set(instruction, known)
  return known
}

export const runFrom = (isa: Isa, instruction: Instruction, from: Symbolic): Run => {
  const at = substitution({ variable: from.register, ...(from.cell ? { cell: from.cell } : {}) })
  const outcome = outcomeAt((from.seesStorage ? relocatedOutcomeOf : outcomeOf)(isa, instruction), at)
  return { from, outcome, at, cause: causeCode(isa, outcome) }
}

const outcomeAt = (o: Outcome, at: <W extends number>(t: Term<W>) => Term<W>): Outcome => ({
  traps: o.traps.map(({ cause, when }) => ({ cause, when: at(when) })),
  trapped: at(o.trapped),
  memoryTrapped: at(o.memoryTrapped),
  registers: new Map([...o.registers].map(([name, t]) => [name, at(t)])),
  banks: new Map([...o.banks].map(([name, writes]) => [name, writes.map((w) => ({ index: at(w.index), ...(w.program ? { program: at(w.program) } : {}), value: at(w.value), when: at(w.when) }))])),
  written: new Map([...o.written].map(([name, t]) => [name, at(t)])),
})

/** The same run from a state whose variables have other names. */
export const renamed = (run: Run, other: <W extends number>(t: Term<W>) => Term<W>, label: string): Run => ({
  from: { ...run.from, label }, at: (t) => other(run.at(t)), outcome: outcomeAt(run.outcome, other), cause: other(run.cause),
})

/** The named conjuncts, as this run's state has them. */
export const holdIn = (run: Run, conjuncts: readonly Conjunct[]): Bool => all(conjuncts.map((c) => run.at(c.holds)))

/** Whether a component counts as a resource; the processor does unless the reading leaves it out (W11). */
export const isResource = (isa: Isa, component: Component, processorIsResource: boolean): boolean =>
  resources.has(component.role) && (processorIsResource || !isa.processor?.includes(component as Register))

/** Where an instruction that does not trap leaves every resource as it was. */
export const resourcesKept = (isa: Isa, run: Run, processorIsResource: boolean): Bool =>
  all(isa.components.filter((c) => isResource(isa, c, processorIsResource)).map((c) => kept(run, c, run.outcome)))

const kept = (run: Run, c: Component, after: Outcome): Bool => {
  if (c.kind === 'register') {
    const next = after.registers.get(c.name)
    return next ? eq(next, run.at(get(c))) : all([])
  }
  return all((after.banks.get(c.name) ?? []).map((w) => implies(w.when, eq(w.value, readIn(run, c, w.index)))))
}

/** Where taking the trap leaves every resource as it was: only the literal reading of control sensitivity asks (W1). */
export const resourcesKeptByTrap = (isa: Isa, run: Run, processorIsResource: boolean): Bool => {
  const after = outcomeAt(executeBody(isa, isa.trap(constant(isa.causeWidth, 0))), run.at)
  return all(isa.components.filter((c) => isResource(isa, c, processorIsResource)).map((c) => kept(run, c, after)))
}

const readIn = (run: Run, bank: Bank, index: Term): Term => run.from.cell?.(bank, index) ?? select(bank, index)

/** A cell of the state after the run. */
export const cellAfter = (run: Run, bank: Bank, index: Term): Term => {
  const writes: readonly CellWrite[] | undefined = run.outcome.banks.get(bank.name)
  return readAfter(writes, index, readIn(run, bank, index))
}

/**
 * What the program sees at one of its addresses after the run. Relocation is one-one (claims/relocation.ts), so a
 * relocated write is seen at the address that the program wrote to and nowhere else.
 */
export const seenAfter = (isa: Isa, run: Run, address: Term): Term => {
  const { real } = isa.relocation.develop(address, 'read')
  return (run.outcome.banks.get(isa.relocation.storage.name) ?? []).reduce(
    (content, w) => ite(and(w.when, w.program ? eq(w.program, address) : eq(w.index, run.at(real))), w.value, content),
    select<number, number>(seenStorage(isa), address) as Term,
  )
}

/** A register of the state after the run. */
export const registerAfter = (run: Run, register: Register): Term => run.outcome.registers.get(register.name) ?? run.at(get(register))

/** Neither run traps. */
export const noTraps = (runs: readonly Run[]): Bool => not(any(runs.map((r) => r.outcome.trapped)))
export const noMemoryTraps = (runs: readonly Run[]): Bool => not(any(runs.map((r) => r.outcome.memoryTrapped)))
/** No run leaves what is modelled. */
export const modelled = (isa: Isa, runs: readonly Pick<Run, 'outcome'>[]): Bool =>
  not(any(runs.flatMap((r) => r.outcome.traps.filter((t) => isa.unmodelledCauses?.includes(t.cause)).map((t) => t.when))))
