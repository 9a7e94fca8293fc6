// What confirming found, in the short form that docs/generated/confirmed.json keeps and the table of claims shows.
import { readFileSync } from 'node:fs'
import type { PlainConfirmation, PlainDeviation } from '../../properties/emulators/session.ts'
import type { Standing } from '../../properties/emulators/confirm.ts'
import type { EmulatorName } from '../../traces/emulators/index.ts'
import type { Confirmed } from './confirm.ts'

export interface Summary {
  readonly isa: string
  readonly on: EmulatorName
  readonly emulator: string
  readonly deprivilegings: readonly Shown[]
  /** Why witnesses could not be confirmed, with the instructions. */
  readonly obstacles: Readonly<Record<string, readonly string[]>>
  readonly deviations: readonly Deviates[]
}

/** What was shown of one deprivileging. */
export interface Shown {
  /** Empty where a program was run in the user's mode only. */
  readonly name: string
  /** Witnesses by how they fared. */
  readonly witnesses: Readonly<Partial<Record<Standing, number>>>
  /** Critical instructions by the best that was seen of their witnesses. */
  readonly critical: Readonly<Partial<Record<Standing, readonly string[]>>>
}

/** A deviation of the emulator from its manual, with the simplest state that showed it; what is not named there is 0. */
export interface Deviates {
  readonly does: string
  readonly manual: string
  readonly instructions: readonly string[]
  readonly shown?: { readonly instruction: string; readonly word: string; readonly before: Readonly<Record<string, string>>; readonly differences: readonly string[] }
}

const best: readonly Standing[] = ['confirmed', 'deviates', 'leftOpen', 'differs', 'notObserved', 'notReachable']

export const summaryOf = ({ isa, emulator: on, session, deviations = [] }: Confirmed): Summary | undefined => {
  if (session.kind !== 'done') return undefined
  const { result, emulator } = session
  return {
    isa, on, emulator,
    deprivilegings: [...new Set(result.map((r) => r.deprivileging ?? ''))].map((name) => shown(name, result.filter((r) => (r.deprivileging ?? '') === name))),
    obstacles: obstaclesOf(result),
    deviations: deviations.map(inShort),
  }
}

const shown = (name: string, result: readonly PlainConfirmation[]): Shown => ({
  name,
  witnesses: Object.fromEntries(best.flatMap((o) => {
    const n = result.filter((r) => r.outcome === o).length
    return n === 0 ? [] : [[o, n]]
  })),
  critical: grouped(result.filter((r) => r.property.startsWith('critical'))),
})

const inShort = ({ shown, ...d }: PlainDeviation): Deviates => ({
  ...d,
  ...(shown ? { shown: {
    instruction: shown.instruction, word: shown.state.word, differences: shown.differences,
    before: Object.fromEntries(Object.entries(shown.state.before).filter(([, value]) => value !== '0x0')),
  } } : {}),
})

const grouped = (criticals: readonly PlainConfirmation[]): Shown['critical'] => {
  const standing = new Map<string, Standing>()
  for (const { instruction, outcome } of criticals) {
    const known = standing.get(instruction)
    if (known === undefined || best.indexOf(outcome) < best.indexOf(known)) standing.set(instruction, outcome)
  }
  return Object.fromEntries(best.flatMap((o) => {
    const names = [...standing].filter(([, is]) => is === o).map(([name]) => name)
    return names.length === 0 ? [] : [[o, names]]
  }))
}

const obstaclesOf = (result: readonly PlainConfirmation[]): Record<string, readonly string[]> => {
  const found = new Map<string, Set<string>>()
  for (const r of result) if (r.outcome === 'notReachable' || r.outcome === 'notObserved') found.set(r.why, (found.get(r.why) ?? new Set()).add(r.instruction))
  return Object.fromEntries([...found].map(([why, names]) => [why, [...names]]))
}

/** What was confirmed when the documents were generated, with the emulators' versions; none where the file is missing. */
export const knownSummaries = (): readonly Summary[] => {
  for (const up of ['../..', '../../..'])
    try {
      return JSON.parse(readFileSync(new URL(`${up}/docs/generated/confirmed.json`, import.meta.url), 'utf8')) as readonly Summary[]
    } catch { /* dist/ is one level deeper than the sources */ }
  return []
}

/** `QEMU 7.2.22, qemu-system-arm -cpu cortex-a8: 4 of 24`. */
export const confirmedBy = (isa: string, deprivileging: string, summaries: readonly Summary[]): string[] =>
  summaries.filter((s) => s.isa === isa).flatMap(({ emulator, deprivilegings }) =>
    deprivilegings.filter((d) => (d.name === deprivileging || d.name === '') && (d.witnesses.confirmed ?? 0) > 0).map(({ critical, witnesses }) => {
      const number = Object.values(critical).reduce((n, names) => n + names.length, 0)
      return `${emulator}: ${number > 0 ? `${critical.confirmed?.length ?? 0} of ${number} critical, ` : ''}${witnesses.confirmed ?? 0} witnesses`
    }))
