// What the specification says of one instruction word on one state, and where an emulator's answer differs.
import type { Staged, Valuation } from '../../model/ir/stage.ts'
import { tiered } from '../../model/ir/tiered.ts'
import { fieldsOf, openPrefix, type Instruction } from '../../model/ir/instruction.ts'
import { postorder, type Term } from '../../model/ir/term.ts'
import type { Isa } from '../../model/machine/isa.ts'
import { outcomeOf } from '../../model/claims/run.ts'
import type { Answer, Contents, Trial } from '../../traces/emulators/bench.ts'

type Choice = (name: string, width: number) => bigint
const nothing: Choice = () => 0n
const ones = (width: number): bigint => (1n << BigInt(width)) - 1n
const mostAlone = 8
/** What the manual leaves open, all 0, all ones, and each alone ones: where these end differently, the state's outcome is open. */
const choicesOf = (names: readonly string[]): readonly Choice[] => [
  (_, width) => ones(width), ...(names.length < 2 ? [] : names.slice(0, mostAlone).map((alone): Choice => (name, width) => (name === alone ? ones(width) : 0n))),
]

/** The trial's state as the specification reads it. */
export const valuationOf = ({ instruction, word, before }: Trial, open: Choice = nothing): Valuation => {
  const operands = fieldsOf(instruction.encoding, word)
  return {
    variable: (name, width) => before.registers.get(name) ?? operands.get(name) ?? (name.startsWith(openPrefix) ? open(name, width) : 0n),
    cell: (bank, address) => before.cells.get(bank)?.get(address) ?? 0n,
  }
}

/** One of the outcomes that the specification allows. */
export interface Expected {
  /** The trap's cause; undefined where the instruction completes. */
  readonly cause: string | undefined
  /** What it writes, where it completes; the rest stays as it is. */
  readonly writes: Contents
}
const nowhere: Contents = { registers: new Map(), cells: new Map() }

/** What a register or a cell holds afterwards. */
const registerAfter = ({ before }: Trial, { writes }: Expected, name: string): bigint => writes.registers.get(name) ?? before.registers.get(name) ?? 0n
const cellAfter = ({ before }: Trial, { writes }: Expected, bank: string, index: bigint): bigint =>
  writes.cells.get(bank)?.get(index) ?? before.cells.get(bank)?.get(index) ?? 0n

/** An instruction's outcome, staged once: what is needed to run it on many states. */
interface Prepared {
  readonly causes: readonly string[]
  readonly registers: readonly string[]
  /** The bank of each write. */
  readonly writes: readonly string[]
  /** Where it traps with each cause, each register's value, and each write's condition, index and value. */
  readonly run: Staged
  /** The other choices of open values than 0. */
  readonly choices: readonly Choice[]
}

const openNames = (terms: readonly Term[]): string[] => postorder(terms).flatMap((x) => (x.kind === 'var' && x.name.startsWith(openPrefix) ? [x.name] : []))

const prepared = new WeakMap<Instruction, Prepared>()
const prepare = (isa: Isa, instruction: Instruction): Prepared => {
  const known = prepared.get(instruction)
  if (known) return known
  const o = outcomeOf(isa, instruction)
  const registers = [...o.registers].map(([name, value]) => ({ name, value }))
  const writes = [...o.banks].flatMap(([bank, list]) => list.map((w) => ({ bank, terms: [w.when, w.index, w.value] })))
  const open = openNames([...o.traps.map((t) => t.when), ...registers.map((r) => r.value), ...writes.flatMap((w) => w.terms)])
  const made: Prepared = {
    causes: o.traps.map((t) => t.cause),
    registers: registers.map((r) => r.name),
    writes: writes.map((w) => w.bank),
    run: tiered([...o.traps.map((t) => t.when), ...registers.map((r) => r.value), ...writes.flatMap((w) => w.terms)]),
    choices: open.length === 0 ? [] : choicesOf(open),
  }
  prepared.set(instruction, made)
  return made
}

type Expectations = readonly [Expected, ...Expected[]]
const known = new WeakMap<Trial, Expectations>()

/** The outcome with every open value 0, and where the instruction has open values, with others too. */
export const expectations = (isa: Isa, trial: Trial): Expectations => {
  const before = known.get(trial)
  if (before) return before
  const made = work(isa, trial, valuationOf(trial))
  known.set(trial, made)
  return made
}

const work = (isa: Isa, trial: Trial, state: Valuation): Expectations => {
  const p = prepare(isa, trial.instruction)
  return [outcomeIn(p, state), ...p.choices.map((open) => outcomeIn(p, valuationOf(trial, open)))]
}

export const expected = (isa: Isa, trial: Trial): Expected => expectations(isa, trial)[0]

const outcomeIn = ({ causes, registers: names, writes, run }: Prepared, state: Valuation): Expected => {
  const values = run(state)
  const trap = values.indexOf(1n)
  if (trap >= 0 && trap < causes.length) return { cause: causes[trap], writes: nowhere }
  const cells = new Map<string, Map<bigint, bigint>>()
  writes.forEach((bank, i) => {
    const at = causes.length + names.length + 3 * i
    if (values[at] !== 1n) return
    const content = cells.get(bank) ?? new Map<bigint, bigint>()
    cells.set(bank, content.set(values[at + 1]!, values[at + 2]!))
  })
  return { cause: undefined, writes: { registers: new Map(names.map((name, i) => [name, values[causes.length + i]!])), cells } }
}

/** Whether the specification allows more than one outcome from this state. */
export const isLeftOpen = (isa: Isa, trial: Trial): boolean => {
  const [first, ...more] = expectations(isa, trial)
  return more.some((x) => x.cause !== first.cause || (x.cause === undefined && leavesOther(trial, x, first)))
}

const leavesOther = (trial: Trial, a: Expected, b: Expected): boolean =>
  [...a.writes.registers.keys()].some((name) => registerAfter(trial, a, name) !== registerAfter(trial, b, name))
  || [a, b].some(({ writes }) => [...writes.cells].some(([bank, content]) => [...content.keys()].some((index) => cellAfter(trial, a, bank, index) !== cellAfter(trial, b, bank, index))))

/**
 * The state, with the cells that the specification writes from it named as well, so that a bench reads them back. `state`
 * reads it in the trial's stead: it may put cells into the trial's as they are read.
 */
export const named = (isa: Isa, trial: Trial, state: Valuation = valuationOf(trial)): Trial => {
  const allowed = work(isa, trial, state)
  const cells = new Map([...trial.before.cells].map(([bank, content]) => [bank, new Map(content)]))
  for (const { writes } of allowed) for (const [bank, content] of writes.cells) {
    const there = cells.get(bank) ?? new Map<bigint, bigint>()
    cells.set(bank, there)
    for (const index of content.keys()) if (!there.has(index)) there.set(index, 0n)
  }
  const made = { ...trial, before: { registers: trial.before.registers, cells } }
  known.set(made, allowed)
  return made
}

const hex = (value: bigint): string => `0x${value.toString(16)}`

/** The differences between the specification and the answer, one line each; none when they agree. */
export const differences = (isa: Isa, trial: Trial, answer: Answer): readonly string[] => {
  const allowed = expectations(isa, trial)
  const says = [...new Set(allowed.map((x) => (x.cause === undefined ? 'completes' : `traps (${x.cause})`)))].join(' or ')
  if (answer.kind === 'lost') return [`the specification ${says}; the emulator is lost: ${answer.why}`]
  if (answer.kind === 'trapped')
    return allowed.some((x) => x.cause !== undefined && answer.causes.includes(x.cause)) ? [] : [`the specification ${says}; the emulator traps (${answer.said})`]
  const completing = allowed.filter((x) => x.cause === undefined)
  const [first] = completing
  if (!first) return [`the specification ${says}; the emulator completes`]
  /** What every outcome that completes says; undefined where it is open. */
  const agreed = (value: (x: Expected) => bigint): bigint | undefined => (completing.every((x) => value(x) === value(first)) ? value(first) : undefined)
  const { registers, cells } = answer.after
  return [
    ...[...registers].flatMap(([name, is]) => {
      const said = agreed((x) => registerAfter(trial, x, name))
      return said === undefined || said === is ? [] : [`${name} becomes ${hex(said)}; the emulator's ${hex(is)}`]
    }),
    ...[...cells].flatMap(([bank, content]) => [...content].flatMap(([index, is]) => {
      const said = agreed((x) => cellAfter(trial, x, bank, index))
      return said === undefined || said === is ? [] : [`${bank}[${hex(index)}] becomes ${hex(said)}; the emulator's ${hex(is)}`]
    })),
  ]
}
