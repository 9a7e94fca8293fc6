// The scene of a program that runs on two machines in lock step, up to the instruction at which they part.
import { match } from 'ts-pattern'
import { componentNamed, hex } from '../../traces/component.ts'
import { install, type Engine, type GuestProgram } from '../../traces/program.ts'
import { fetched, performStep, type Disassembler } from '../../traces/record.ts'
import { differences, firstDifference, snapshot, type Snapshot, type Visible } from '../../traces/snapshot.ts'
import type { Machine } from '../../model/vocab/index.ts'
import { groups, type Group, type Scene, type SceneStep, type ShownComponent } from './scene.ts'

export interface RunSceneOptions {
  readonly title: string
  readonly subtitle: string
  /** Said instead of where the machines part, when that is not what was wrong. */
  readonly verdict?: string
  /** How many steps before the end are shown; default 100. */
  readonly window?: number
}

/** Runs for the program's steps at most; the left machine is the one that is right. */
export const runScene = (
  program: GuestProgram, left: Engine, right: Engine, disassemble: Disassembler, options: RunSceneOptions,
): Scene => {
  const end = lockStep(program, left, right)
  const skipped = Math.max(0, end.steps - (options.window ?? 100))
  const [one, other] = [start(program, left), start(program, right)]
  for (let n = 0; n < skipped; n += 1) {
    one.run(1)
    other.run(1)
  }
  const states: [Snapshot, Snapshot][] = [[snapshot(one), snapshot(other)]]
  const steps: SceneStep[] = []
  const matter = new Set(['M', 'P', 'L'])
  for (let n = skipped + 1; n <= end.steps; n += 1) {
    const [before] = states.at(-1)!
    const word = fetched(before)
    const outcomes = [one, other].map((machine) => outcomeOf(performStep(machine), machine))
    steps.push({
      number: n,
      instruction: word === undefined ? '(nothing is fetched)' : disassemble(word),
      where: `${hex(before.counter, 12)}, ${modeName(before)} mode`,
      outcomes,
    })
    states.push([snapshot(one), snapshot(other)])
  }
  for (const [i, [a, b]] of states.entries())
    for (const [from, to] of [[a, b], ...(i === 0 ? [] : [[states[i - 1]![0], a], [states[i - 1]![1], b]] as const)] as const)
      for (const { component } of differences(from, to)) matter.add(component)
  const components = shownComponents(matter)
  return {
    title: options.title, subtitle: options.subtitle, components, steps,
    sides: [left, right].map(({ name }, side) => ({ name, states: states.map((pair) => components.map((c) => c.of(pair[side]!))) })),
    ...(end.parts ? { partsAt: steps.length - 1 } : {}),
    verdict: options.verdict ?? verdictOf(end, steps, [left.name, right.name], components, states.at(-1)!),
  }
}

const start = (program: GuestProgram, engine: Engine): Machine => {
  const machine = engine.create(program.options)
  install(program, machine)
  return machine
}

interface End {
  readonly steps: number
  readonly parts: boolean
}

/** To the first difference, the halt of both, or the last step of the program. */
const lockStep = (program: GuestProgram, left: Engine, right: Engine): End => {
  const [one, other] = [start(program, left), start(program, right)]
  if (firstDifference(one, other, true) !== undefined) return { steps: 0, parts: true }
  let steps = 0
  while (steps < program.steps && !(one.halted && other.halted)) {
    one.run(1)
    other.run(1)
    steps += 1
    if (firstDifference(one, other) !== undefined) return { steps, parts: true }
  }
  return { steps, parts: false }
}

const outcomeOf = (cause: string | undefined, { halted }: Machine): string =>
  cause === undefined ? (halted ? 'halted' : '') : `trap: ${causeWords[cause] ?? cause}`

const causeWords: Readonly<Record<string, string>> = { supervisorCall: 'supervisor call' }

const modeName = ({ mode }: Visible): string => (mode === 0 ? 'supervisor' : 'user')

interface Displayed extends ShownComponent {
  readonly place: number
  readonly of: (state: Visible) => string
}

/** The components of a trace, as a person reads them: R in one, what was printed as text, addresses in hexadecimal. */
const displayed = (component: string): Displayed => {
  const known = componentNamed(component)
  if (known === undefined) throw new RangeError(`a third-generation machine has no component called ${component}`)
  if (known.kind === 'bank') {
    const { index } = known
    return match(known.name)
      .returnType<Displayed>()
      .with('G', () => ({ name: `G[${index}]`, group: 'registers', place: index, of: (s) => word(s.registers[index]!) }))
      .with('E', () => ({ name: `E[${hex(index, 12)}]`, group: 'storage', place: index, of: (s) => word(s.storage[index]!) }))
      .with('DISK', () => ({ name: `D[${index}]`, group: 'devices', place: 3 + index, of: (s) => word(s.disk[index]!) }))
      .with('PRINTED', () => ({ name: 'printed', group: 'devices', place: 0, of: printedText }))
      .exhaustive()
  }
  return match(known.name)
    .returnType<Displayed>()
    .with('M', () => ({ name: 'M', group: 'PSW', place: 0, of: (s) => `${s.mode} ${modeName(s)}` }))
    .with('P', () => ({ name: 'P', group: 'PSW', place: 1, of: (s) => hex(s.counter, 12) }))
    .with('L', 'B', () => ({ name: 'R', group: 'PSW', place: 2, of: (s) => `l = ${s.base}, b = ${s.bound}` }))
    .with('TIMER', () => ({ name: 'TIMER', group: 'control', place: 0, of: (s) => String(s.timer) }))
    .with('PENDING', () => ({ name: 'PENDING', group: 'control', place: 1, of: (s) => (s.pending ? '1' : '0') }))
    .with('HALTED', () => ({ name: 'HALTED', group: 'control', place: 2, of: (s) => (s.halted ? '1' : '0') }))
    .with('TAKEN', () => ({ name: 'keys taken', group: 'devices', place: 1, of: (s) => String(s.taken) }))
    .with('POSITION', () => ({ name: 'POSITION', group: 'devices', place: 2, of: (s) => String(s.diskPosition) }))
    .exhaustive()
}

const word = (value: number): string => hex(value, 32)

/** The last 24 bytes. */
const printedText = ({ printed }: Visible): string => {
  const first = Math.max(0, printed.length - 24)
  let text = ''
  for (let i = first; i < printed.length; i += 1) text += String.fromCharCode(printed[i]!)
  return `${first > 0 ? '…' : ''}${JSON.stringify(text)}`
}

const shownComponents = (matter: ReadonlySet<string>): readonly Displayed[] => {
  const byName = new Map([...matter].map(displayed).map((c) => [c.name, c]))
  const rank = (group: Group): number => groups.indexOf(group)
  return [...byName.values()].sort((a, b) => rank(a.group) - rank(b.group) || a.place - b.place)
}

const verdictOf = (
  { steps, parts }: End, shown: readonly SceneStep[], [left, right]: readonly [string, string],
  components: readonly Displayed[], [one, other]: readonly [Snapshot, Snapshot],
): string => {
  if (!parts) return `After ${steps} step${steps === 1 ? '' : 's'} no guest could tell them apart.`
  const last = shown.at(-1)
  const different = components
    .map((c) => ({ name: c.name, left: c.of(one), right: c.of(other) }))
    .filter((c) => c.left !== c.right)
    .map((c) => `${c.name} is ${c.left} (${left}) and ${c.right} (${right})`)
  const where = last === undefined ? 'before the first step' : `at step ${last.number}, ${last.instruction} (${last.where})`
  const more = different.length > 2 ? `, and ${different.length - 2} more` : ''
  return `They part ${where}: ${different.slice(0, 2).join('; ')}${more}.`
}
