// The scene of a witness: one instruction, from each of the states that show its verdict.
import type { Role } from '../../model/ir/state.ts'
import type { Isa } from '../../model/machine/isa.ts'
import type { WitnessState, WitnessTrace } from '../../traces/trace.ts'
import { groups, type Group, type Scene } from './scene.ts'

/** Where components of a role are shown. */
const groupOfRole: Readonly<Record<Role, Group>> = {
  mode: 'PSW', counter: 'PSW', mapping: 'PSW', control: 'control', general: 'registers', storage: 'storage',
}

/** What a witness says, without the properties that a trace file adds; `isa`, when given, tells what its components are. */
export type WitnessParts = Pick<WitnessTrace, 'isa' | 'property' | 'instruction' | 'word' | 'operands' | 'states'>

export const witnessScene = (witness: WitnessParts, isa?: Isa): Scene => {
  const { operands } = witness
  // The second half of a critical witness is a pair of its own: told in words, not set beside the first.
  const unprivileged = witness.states.filter((s) => s.name.startsWith(unprivilegedPrefix))
  const states = witness.states.filter((s) => !unprivileged.includes(s))
  const groupOf = (name: string): Group => {
    const bank = name.replace(/\[.*$/, '')
    const role = isa?.components.find((c) => c.name === bank)?.role
    return role === undefined ? (name === bank ? 'PSW' : 'storage') : groupOfRole[role]
  }
  const names = [...new Set(states.flatMap((s) => [...Object.keys(s.before), ...Object.keys(s.changes)]))]
    .filter((name) => matters(name, states))
  const components = names
    .map((name) => ({ name, group: groupOf(name) }))
    .sort((a, b) => groups.indexOf(a.group) - groups.indexOf(b.group) || a.name.localeCompare(b.name, 'en', { numeric: true }))
  return {
    title: `${witness.instruction}: ${words(witness.property)}`,
    subtitle: `${witness.isa}, word ${witness.word}${Object.entries(operands).map(([name, value]) => `, ${name} = ${value}`).join('')}`,
    components,
    sides: states.map((state) => ({
      name: state.name,
      states: [state.before, { ...state.before, ...state.changes }].map((values) => components.map(({ name }) => values[name] ?? '')),
    })),
    steps: [{ number: 1, instruction: witness.instruction, where: '', outcomes: states.map(({ trap }) => (trap === undefined ? '' : `trap: ${trap}`)) }],
    ...(states.length > 1 ? { partsAt: 0 } : {}),
    verdict: [
      ...states.map((state) => `From ${state.name} it ${outcome(state)}.`),
      ...(unprivileged.length === 0 ? [] : [
        `It is not privileged: ${unprivileged.map((state) => `in ${state.name.slice(unprivilegedPrefix.length)} it ${outcome(state)}`).join(', ')}.`,
      ]),
    ].join(' '),
  }
}

const unprivilegedPrefix = 'not privileged: '

/** Changed by the instruction, or not the same in every state. */
const matters = (name: string, states: readonly WitnessState[]): boolean =>
  states.some((s) => name in s.changes || s.before[name] !== states[0]!.before[name])

const outcome = ({ trap, changes }: WitnessState): string => {
  if (trap !== undefined) return `traps (${words(trap)})`
  const written = Object.entries(changes).map(([name, value]) => `${name} := ${value}`)
  return written.length === 0 ? 'changes nothing' : `does ${written.join(', ')}`
}

/** `controlSensitive` as `control sensitive`. */
const words = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
