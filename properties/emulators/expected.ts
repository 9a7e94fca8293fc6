// What the specification says of one instruction word on one state, and where an emulator's answer differs.
import { stage, type Staged, type Valuation } from '../../model/ir/stage.ts'
import { openPrefix, type Instruction } from '../../model/ir/instruction.ts'
import { get } from '../../model/ir/state.ts'
import { postorder, type Term } from '../../model/ir/term.ts'
import type { Isa } from '../../model/machine/isa.ts'
import { outcomeOf } from '../../model/claims/run.ts'
import type { Answer, Contents, Trial } from '../../traces/emulators/bench.ts'

/** The values of an instruction word's operand fields, by the names of their variables. */
export const operandsOf = ({ encoding }: Instruction, word: bigint): ReadonlyMap<string, bigint> => {
  let low = BigInt(encoding.width)
  return new Map(Object.entries(encoding.format).map(([name, bits]) => {
    low -= BigInt(bits)
    return [`operand ${name}`, (word >> low) & ((1n << BigInt(bits)) - 1n)]
  }))
}

/** The word with the given values in its operand fields. */
export const wordOf = ({ encoding }: Instruction, value: (operand: string, width: number) => bigint): bigint =>
  Object.entries(encoding.format).reduce((word, [name, width]) => (word << BigInt(width)) | (encoding.fixed[name] ?? value(name, width)), 0n)

const valuationOf = ({ instruction, word, before }: Trial): Valuation => {
  const operands = operandsOf(instruction, word)
  return {
    variable: (name) => operands.get(name) ?? before.registers.get(name) ?? 0n,
    cell: (bank, address) => before.cells.get(bank)?.get(address) ?? 0n,
  }
}

export interface Expected {
  /** The trap's cause; undefined where the instruction completes. */
  readonly cause: string | undefined
  /** Whether it traps is left open by the manual. */
  readonly openTrap: boolean
  readonly after: Contents
  /** Components whose new content is left open by the manual. */
  readonly open: ReadonlySet<string>
}

/** An instruction's outcome, staged once: what is needed to run it on many states. */
interface Prepared {
  readonly causes: readonly string[]
  readonly traps: Staged
  readonly openTrap: boolean
  readonly registers: readonly string[]
  readonly values: Staged
  /** Index, value and condition of each write to a bank. */
  readonly writes: readonly string[]
  readonly written: Staged
  readonly open: ReadonlySet<string>
}

const isOpen = (terms: readonly Term[]): boolean => postorder(terms).some((x) => x.kind === 'var' && x.name.startsWith(openPrefix))

const prepared = new WeakMap<Instruction, Prepared>()
const prepare = (isa: Isa, instruction: Instruction): Prepared => {
  const known = prepared.get(instruction)
  if (known) return known
  const o = outcomeOf(isa, instruction)
  const registers = isa.components.flatMap((c) => (c.kind === 'register' ? [{ name: c.name, value: o.registers.get(c.name) ?? get(c) }] : []))
  const writes = [...o.banks].flatMap(([bank, list]) => list.map((w) => ({ bank, terms: [w.when, w.index, w.value] })))
  const made: Prepared = {
    causes: o.traps.map((t) => t.cause),
    traps: stage(o.traps.map((t) => t.when)),
    openTrap: isOpen(o.traps.map((t) => t.when)),
    registers: registers.map((r) => r.name),
    values: stage(registers.map((r) => r.value)),
    writes: writes.map((w) => w.bank),
    written: stage(writes.flatMap((w) => w.terms)),
    open: new Set([...registers.filter((r) => isOpen([r.value])).map((r) => r.name), ...writes.filter((w) => isOpen(w.terms)).map((w) => w.bank)]),
  }
  prepared.set(instruction, made)
  return made
}

export const expected = (isa: Isa, trial: Trial): Expected => {
  const p = prepare(isa, trial.instruction), state = valuationOf(trial)
  const trap = p.traps(state).indexOf(1n)
  const values = p.values(state), written = p.written(state)
  const cells = new Map([...trial.before.cells].map(([bank, content]) => [bank, new Map(content)]))
  p.writes.forEach((bank, i) => {
    const content = cells.get(bank) ?? new Map<bigint, bigint>()
    cells.set(bank, content)
    if (written[3 * i] === 1n) content.set(written[3 * i + 1]!, written[3 * i + 2]!)
  })
  return {
    cause: trap < 0 ? undefined : p.causes[trap], openTrap: p.openTrap, open: p.open,
    after: { registers: new Map(p.registers.map((name, i) => [name, values[i]!])), cells },
  }
}

/** The state, with the cells that the specification writes from it named as well, so that a bench reads them back. */
export const named = (isa: Isa, trial: Trial): Trial => {
  const cells = new Map([...trial.before.cells].map(([bank, content]) => [bank, new Map(content)]))
  for (const [bank, content] of expected(isa, trial).after.cells) {
    const known = cells.get(bank) ?? new Map<bigint, bigint>()
    cells.set(bank, known)
    for (const index of content.keys()) if (!known.has(index)) known.set(index, 0n)
  }
  return { ...trial, before: { registers: trial.before.registers, cells } }
}

const hex = (value: bigint | undefined): string => (value === undefined ? 'nothing' : `0x${value.toString(16)}`)

/** The differences between the specification and the answer, one line each; none when they agree. */
export const differences = (isa: Isa, trial: Trial, answer: Answer): readonly string[] => {
  const spec = expected(isa, trial)
  const says = spec.cause === undefined ? 'completes' : `traps (${spec.cause})`
  if (answer.kind === 'lost') return [`the specification ${says}; the emulator is lost: ${answer.why}`]
  if (answer.kind === 'trapped') {
    if (spec.openTrap || (spec.cause !== undefined && answer.causes.includes(spec.cause))) return []
    return [`the specification ${says}; the emulator traps (${answer.said})`]
  }
  if (spec.cause !== undefined) return spec.openTrap ? [] : [`the specification ${says}; the emulator completes`]
  const { registers, cells } = answer.after
  return [
    ...[...registers].flatMap(([name, is]) => {
      const said = spec.after.registers.get(name)
      return said === is || spec.open.has(name) ? [] : [`${name} becomes ${hex(said)}; the emulator's ${hex(is)}`]
    }),
    ...[...cells].flatMap(([bank, content]) => (spec.open.has(bank) ? [] : [...content].flatMap(([index, is]) => {
      const said = spec.after.cells.get(bank)?.get(index) ?? 0n
      return said === is ? [] : [`${bank}[${hex(index)}] becomes ${hex(said)}; the emulator's ${hex(is)}`]
    }))),
  ]
}
