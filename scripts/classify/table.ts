// The classification for a person: the table of verdicts, the theorems in words, who decided, and witnesses.
import Table from 'cli-table3'
import type { Classification, InstructionVerdicts, PropertyName } from '../../properties/classify.ts'
import { deciderNames, type Evidence, type Verdict } from '../../properties/verdict.ts'
import type { Components, Witness, WitnessState } from '../../properties/witness.ts'
import type { Colors } from '../terminal/terminal.ts'

const columns: readonly (readonly [head: string, property: PropertyName, title: string])[] = [
  ['priv', 'privileged', 'privileged: traps in user mode and not in supervisor mode'],
  ['trap', 'alwaysTraps', 'always traps, in both modes'],
  ['ctl', 'controlSensitive', 'control sensitive: changes a resource without a trap'],
  ['mode', 'modeSensitive', 'mode sensitive: its effect depends on the mode'],
  ['loc', 'locationSensitive', 'location sensitive: its effect depends on where it is in real storage'],
  ['cst', 'controlStateSensitive', 'control-state sensitive: its effect depends on control state'],
  ['user', 'userSensitive', 'sensitive in user mode'],
  ['sup', 'supervisorSensitive', 'sensitive in supervisor mode'],
  ['inn', 'innocuous', 'innocuous: not sensitive'],
  ['crit', 'critical', 'critical: one word that is sensitive and not privileged'],
  ['run', 'untrapped', 'untrapped: one word that is sensitive and does not always trap in user mode; critical by the letter only where it does'],
]

const symbols: Readonly<Record<Verdict, string>> = { yes: '●', no: '·', vacuous: '∅', undecided: '?' }

/** Borders off: columns of symbols read best bare. */
const bare = {
  'top': '', 'top-mid': '', 'top-left': '', 'top-right': '', 'bottom': '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '',
  'left': '', 'left-mid': '', 'mid': '', 'mid-mid': '', 'right': '', 'right-mid': '', 'middle': ' ',
}
export const plainTable = (head: readonly string[], rows: readonly (readonly string[])[], aligns: readonly ('left' | 'center' | 'right')[] = []): string => {
  const table = new Table({ head: [...head], chars: bare, style: { 'padding-left': 0, 'padding-right': 1, head: [], border: [] }, colAligns: [...aligns] })
  table.push(...rows.map((r) => [...r]))
  return table.toString().split('\n').map((l) => l.trimEnd()).join('\n')
}

const symbol = (v: InstructionVerdicts, property: PropertyName, c: Colors): string => {
  const text = symbols[v[property]]
  if (v[property] === 'undecided' || v[property] === 'vacuous') return c.yellow(text)
  if (v[property] === 'no') return c.dim(text)
  return property === 'critical' ? c.red(text) : property === 'privileged' || property === 'innocuous' ? c.green(text) : text
}

export const verdictTable = (instructions: readonly InstructionVerdicts[], c: Colors): string =>
  plainTable(
    ['instruction', ...columns.map(([head]) => head)].map((h) => c.bold(h)),
    instructions.map((v) => [v.critical === 'yes' ? c.red(v.name) : v.name, ...columns.map(([, property]) => symbol(v, property, c))]),
    ['left', ...columns.map(() => 'center' as const)],
  )

export const legend = (c: Colors): string[] => [
  `${symbols.yes} yes   ${symbols.no} no   ${symbols.vacuous} vacuous: no state meets the premise   ${symbols.undecided} undecided`,
  ...columns.map(([head, , title]) => `${c.dim(head.padEnd(5))}${c.dim(title)}`),
]

const names = (list: readonly InstructionVerdicts[]): string => list.map((v) => v.name).join('  ')

/** Each theorem in words. */
export const theoremLines = ({ instructions, theorems, sensitiveTraps }: Classification, c: Colors): string[] => {
  const critical = instructions.filter((v) => v.critical === 'yes')
  const userCritical = instructions.filter((v) => v.userCritical === 'yes')
  const line = (name: string, verdict: Verdict, yes: string, no: string): string => {
    switch (verdict) {
      case 'yes': return `${c.green(`${name} applies`)}: ${yes}`
      case 'no': return `${c.red(`${name} does not apply`)}: ${no}`
      default: return `${c.yellow(`${name} is undecided`)}: not every instruction is decided`
    }
  }
  return [
    line('Theorem 1 (VMM)', theorems.vmm, 'every sensitive instruction is privileged', `critical: ${names(critical)}`),
    line('Theorem 2 (recursion)', theorems.recursive, 'Theorem 1 applies, and a VMM without timing dependence exists (`popek check` shows it)', 'Theorem 1 does not'),
    line('Theorem 3 (hybrid VMM)', theorems.hybrid, 'every user sensitive instruction is privileged', `critical and user sensitive: ${names(userCritical)}`),
    ...(theorems.vmm === 'no' && sensitiveTraps === 'yes' ? [`${c.green('What the proof of Theorem 1 uses holds')}: every sensitive instruction traps in user mode; the critical ones trap in supervisor mode too, in some states`] : []),
    ...(theorems.vmm === 'no' && sensitiveTraps === 'no' && instructions.some((v) => v.critical === 'yes' && v.untrapped === 'no')
      ? [`critical by the letter only, since each always traps in user mode: ${names(instructions.filter((v) => v.critical === 'yes' && v.untrapped === 'no'))}`] : []),
    ...(theorems.vmm === 'no' || theorems.hybrid === 'no' ? [c.dim('The theorems are sufficient, not necessary: where one does not apply, it says nothing.')] : []),
  ]
}

const range = (counts: readonly number[]): string => {
  const low = Math.min(...counts), high = Math.max(...counts)
  return low === high ? `${low}` : `${low} to ${high}`
}

/** One line per decider that spoke: how many claims, of which machine, and how many states met the premises. */
export const deciderLines = (instructions: readonly InstructionVerdicts[]): string[] => {
  const evidence = instructions.flatMap((v) => v.decisions.flatMap((d) => d.by))
  return deciderNames.flatMap((name) => {
    const own = evidence.filter((e) => e.decider === name)
    if (own.length === 0) return []
    const undecided = own.filter((e) => e.verdict === 'undecided').length
    const settled = own.length - undecided
    return [`${name.padEnd(10)}${settled} of ${own.length} claims settled; ${own[0]!.size}; ${premises(name, own)}`]
  })
}

const premises = (name: string, own: readonly Evidence[]): string => {
  if (name === 'solve') return `proofs over all states: ${own.filter((e) => e.premise === 'all').length}, with a witness: ${own.filter((e) => e.premise === 'some').length}, premise never met: ${own.filter((e) => e.premise === 'none').length}`
  const counts = own.map((e) => Number(e.premise.split(' ')[0])).filter(Number.isFinite)
  return `premise met by ${range(counts)} ${name === 'sample' ? 'samples' : 'states'} of a claim`
}

const changed = (components: Components): string => Object.entries(components).map(([n, v]) => `${n} := ${v}`).join(', ')

const stateText = (s: WitnessState): string => `${s.name}: ${s.trap ? `traps (${s.trap})` : changed(s.changes) || 'changes nothing'}`

/** What the instruction does from each state of a witness. */
export const compactRun = (w: Witness): string[] => [`word ${w.word}`, ...w.states.map(stateText)]

/** A witness without what the instruction leaves alone. */
export const compactWitness = (v: InstructionVerdicts, c: Colors): string[] => {
  const w = v.witness
  return w ? [`${c.bold(v.name)}  ${c.dim(`${w.property}; word ${w.word}`)}`, ...w.states.map((s) => `    ${stateText(s)}`)] : []
}

/** All of a witness: every component that is not 0 before, and what each run does. */
export const fullWitness = (w: Witness, c: Colors): string[] => {
  const first = w.states[0]
  const listed = (s: WitnessState): readonly (readonly [string, string])[] =>
    Object.entries(s.before).filter(([n, v]) => v !== '0x0' || w.states.some((o) => o.before[n] !== v) || n in s.changes)
  return [
    `${c.bold(w.property)}: word ${w.word}${Object.keys(w.operands).length ? ` (${Object.entries(w.operands).map(([n, v]) => `${n} = ${v}`).join(', ')})` : ''}`,
    ...w.states.flatMap((s) => [
      `    ${s.name}`,
      `        before: ${listed(s).map(([n, v]) => (first && s !== first && first.before[n] !== v ? c.yellow(`${n} = ${v}`) : `${n} = ${v}`)).join(', ') || 'all 0'}`,
      `        after:  ${s.trap ? `trap ${s.trap}` : changed(s.changes) || 'as before'}`,
    ]),
  ]
}
