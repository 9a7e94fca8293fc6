// What the specification says of one instruction word on one state, and where an emulator's answer differs.
import { stage, type Staged, type Valuation } from '../../model/ir/stage.ts'
import { fieldsOf, openPrefix, type Instruction } from '../../model/ir/instruction.ts'
import { postorder, type Term } from '../../model/ir/term.ts'
import type { Isa } from '../../model/machine/isa.ts'
import { outcomeOf } from '../../model/claims/run.ts'
import type { Answer, Contents, Trial } from '../../traces/emulators/bench.ts'

type Choice = (name: string, width: number) => bigint
const ones = (width: number): bigint => (1n << BigInt(width)) - 1n
const mostAlone = 8
/** What the manual leaves open, all 0, all ones, and each alone ones: where these end differently, the state's outcome is open. */
const choicesOf = (names: readonly string[]): readonly Choice[] => [
  (_, width) => ones(width), ...(names.length < 2 ? [] : names.slice(0, mostAlone).map((alone): Choice => (name, width) => (name === alone ? ones(width) : 0n))),
]

/** The trial's state as the specification reads it. */
export const valuationOf = ({ instruction, word, before }: Trial, open: Choice = () => 0n): Valuation => {
  const operands = fieldsOf(instruction.encoding, word)
  return {
    variable: (name, width) => operands.get(name) ?? before.registers.get(name) ?? (name.startsWith(openPrefix) ? open(name, width) : 0n),
    cell: (bank, address) => before.cells.get(bank)?.get(address) ?? 0n,
  }
}

/** One of the outcomes that the specification allows. */
export interface Expected {
  /** The trap's cause; undefined where the instruction completes. */
  readonly cause: string | undefined
  readonly after: Contents
}

/** An instruction's outcome, staged once: what is needed to run it on many states. */
interface Prepared {
  readonly causes: readonly string[]
  readonly traps: Staged
  readonly registers: readonly string[]
  readonly values: Staged
  /** Index, value and condition of each write to a bank. */
  readonly writes: readonly string[]
  readonly written: Staged
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
    traps: stage(o.traps.map((t) => t.when)),
    registers: registers.map((r) => r.name),
    values: stage(registers.map((r) => r.value)),
    writes: writes.map((w) => w.bank),
    written: stage(writes.flatMap((w) => w.terms)),
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
  const p = prepare(isa, trial.instruction)
  const made: Expectations = [outcomeIn(p, trial, () => 0n), ...p.choices.map((open) => outcomeIn(p, trial, open))]
  known.set(trial, made)
  return made
}

export const expected = (isa: Isa, trial: Trial): Expected => expectations(isa, trial)[0]

const outcomeIn = (p: Prepared, trial: Trial, open: Choice): Expected => {
  const state = valuationOf(trial, open)
  const trap = p.traps(state).indexOf(1n)
  const values = p.values(state), written = p.written(state)
  const registers = new Map(trial.before.registers), cells = new Map([...trial.before.cells].map(([bank, content]) => [bank, new Map(content)]))
  p.registers.forEach((name, i) => registers.set(name, values[i]!))
  p.writes.forEach((bank, i) => {
    const content = cells.get(bank) ?? new Map<bigint, bigint>()
    cells.set(bank, content)
    if (written[3 * i] === 1n) content.set(written[3 * i + 1]!, written[3 * i + 2]!)
  })
  return { cause: trap < 0 ? undefined : p.causes[trap], after: { registers, cells } }
}

/** Whether the specification allows more than one outcome from this state. */
export const isLeftOpen = (isa: Isa, trial: Trial): boolean => {
  const [first, ...more] = expectations(isa, trial)
  return more.some((x) => x.cause !== first.cause || (x.cause === undefined && contentsDiffer(x.after, first.after)))
}

const contentsDiffer = (a: Contents, b: Contents): boolean =>
  [...a.registers].some(([name, v]) => b.registers.get(name) !== v)
  || [...a.cells].some(([bank, content]) => content.size !== b.cells.get(bank)?.size || [...content].some(([index, v]) => b.cells.get(bank)?.get(index) !== v))

/** The state, with the cells that the specification writes from it named as well, so that a bench reads them back. */
export const named = (isa: Isa, trial: Trial): Trial => {
  const cells = new Map([...trial.before.cells].map(([bank, content]) => [bank, new Map(content)]))
  for (const { after } of expectations(isa, trial)) for (const [bank, content] of after.cells) {
    const known = cells.get(bank) ?? new Map<bigint, bigint>()
    cells.set(bank, known)
    for (const index of content.keys()) if (!known.has(index)) known.set(index, 0n)
  }
  return { ...trial, before: { registers: trial.before.registers, cells } }
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
      const said = agreed((x) => x.after.registers.get(name) ?? 0n)
      return said === undefined || said === is ? [] : [`${name} becomes ${hex(said)}; the emulator's ${hex(is)}`]
    }),
    ...[...cells].flatMap(([bank, content]) => [...content].flatMap(([index, is]) => {
      const said = agreed((x) => x.after.cells.get(bank)?.get(index) ?? 0n)
      return said === undefined || said === is ? [] : [`${bank}[${hex(index)}] becomes ${hex(said)}; the emulator's ${hex(is)}`]
    })),
  ]
}
