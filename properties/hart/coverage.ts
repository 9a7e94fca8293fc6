// What a run exercised against what can be reached, by instruction, mode, outcome, way of the hart and translation scheme.
import { substitution } from '../../model/ir/substitute.ts'
import { constant, False, True } from '../../model/ir/term.ts'
import { riscvHart } from '../../model/isa/riscv/isa.ts'
import { fetching, interrupting, modes, noInstruction, retired, schemes, type Cell, type Cells, type ModeName } from './cells.ts'
import { choicesOf, configurations } from './configurations.ts'
import { ways } from '../../traces/hart-program.ts'

export interface CountedCell extends Cell {
  readonly count: number
}

export interface HartCoverage {
  /** All cells that were hit or can be reached. */
  readonly cells: readonly CountedCell[]
  readonly reachable: number
  readonly hit: number
  /** Reachable cells that were not hit. */
  readonly missing: readonly Cell[]
  /** Cells that were hit although they are said to be out of reach: the computation of `reachable` is wrong there. */
  readonly unexpected: readonly Cell[]
  /** What the computation of reachable cells takes for impossible besides what the terms say. */
  readonly rules: readonly string[]
}

const privilege = { U: 0, S: 1, M: 3 } as const
const fetchFaults = ['instruction access fault', 'instruction page fault'] as const

let outcomes: ReadonlyMap<string, ReadonlySet<string>> | undefined
/** By instruction and mode, the outcomes that the specification's terms leave open in some configuration once the mode is known; worked out once. */
const outcomesOf = (): ReadonlyMap<string, ReadonlySet<string>> => (outcomes ??= workedOut())
const workedOut = (): ReadonlyMap<string, ReadonlySet<string>> => {
  const found = new Map<string, Set<string>>()
  const add = (instruction: string, mode: ModeName, outcome: string): void => {
    const key = `${instruction} ${mode}`, before = found.get(key)
    if (before) before.add(outcome)
    else found.set(key, new Set([outcome]))
  }
  for (const configuration of configurations) {
    const { isa, state } = riscvHart('riscv64', choicesOf(configuration))
    for (const mode of modes) {
      const known = substitution({ variable: (name) => (name === state.priv.name ? constant<number>(2, privilege[mode]) : undefined) })
      for (const { name, body } of isa.instructions) {
        let open = true
        for (const s of body) {
          if (s.kind !== 'trap' || !open) continue
          const when = known(s.when)
          if (when !== False) add(name, mode, s.cause)
          open = when !== True
        }
        if (open) add(name, mode, retired)
      }
      add(noInstruction, mode, 'illegal instruction')
      for (const fault of fetchFaults) add(fetching, mode, fault)
      for (const cause of Object.keys(isa.causes).filter((c) => c.endsWith('interrupt'))) add(interrupting, mode, cause)
    }
  }
  return found
}

/** Pairs of what is impossible and why, where one condition of the terms does not show it. */
const impossible: readonly { readonly rule: string; readonly applies: (c: Cell) => boolean }[] = [
  { rule: 'there are no page faults where satp.MODE is Bare', applies: (c) => c.scheme === 'Bare' && c.outcome.endsWith('page fault') },
  { rule: 'fetches of M-mode are not translated', applies: (c) => c.instruction === fetching && c.mode === 'M' && c.outcome.endsWith('page fault') },
]

export const coverageOf = (cells: Cells, counts: ArrayLike<number>): HartCoverage => {
  const open = outcomesOf(), all: CountedCell[] = [], missing: Cell[] = [], unexpected: Cell[] = []
  let reachable = 0, hit = 0
  for (let number = 0; number < cells.count; number++) {
    const count = counts[number]!, cell = cells.cell(number)
    const can = open.get(`${cell.instruction} ${cell.mode}`)?.has(cell.outcome) === true && !impossible.some(({ applies }) => applies(cell))
    if (can) reachable++
    if (can && count > 0) hit++
    if (can && count === 0) missing.push(cell)
    if (!can && count > 0) unexpected.push(cell)
    if (can || count > 0) all.push({ ...cell, count })
  }
  return { cells: all, reachable, hit, missing, unexpected, rules: impossible.map(({ rule }) => rule) }
}

/** One row for each instruction: how often it had each outcome in each mode, and how many of its cells were hit. */
export interface CoverageRow {
  readonly instruction: string
  readonly retired: Readonly<Record<ModeName, number>>
  readonly traps: ReadonlyMap<string, number>
  readonly hit: number
  readonly reachable: number
}
export const rowsOf = ({ cells, unexpected }: HartCoverage): CoverageRow[] => {
  const out = new Set(unexpected.map(keyOf)), rows = new Map<string, { retired: Record<ModeName, number>; traps: Map<string, number>; hit: number; reachable: number }>()
  for (const c of cells) {
    const row = rows.get(c.instruction) ?? { retired: { U: 0, S: 0, M: 0 }, traps: new Map<string, number>(), hit: 0, reachable: 0 }
    rows.set(c.instruction, row)
    if (!out.has(keyOf(c))) {
      row.reachable++
      if (c.count > 0) row.hit++
    }
    if (c.outcome === retired) row.retired[c.mode] += c.count
    else if (c.count > 0) row.traps.set(c.outcome, (row.traps.get(c.outcome) ?? 0) + c.count)
  }
  return [...rows].map(([instruction, row]) => ({ instruction, ...row }))
}
const keyOf = (c: Cell): string => `${c.instruction} ${c.mode} ${c.outcome} ${c.way} ${c.scheme}`

/** Missing cells in few words: schemes and ways together where all of them are missing. */
export const shortened = (missing: readonly Cell[]): string[] => {
  const places = new Map<string, string[]>()
  for (const c of missing) {
    const key = `${c.instruction} in ${c.mode}-mode: ${c.outcome}`
    places.set(key, [...(places.get(key) ?? []), `${c.way} ${c.scheme}`])
  }
  return [...places].map(([key, where]) => `${key} (${where.length >= ways.length * (schemes.length - 1) ? 'everywhere' : where.join(', ')})`)
}
