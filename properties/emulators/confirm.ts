// Confirming verdicts: a witness that a bench can lay down is found for each, executed there, and compared.
import { termsOf } from '../../model/machine/execute.ts'
import { intended, sought, type Claim } from '../../model/claims/claim.ts'
import { critical } from '../../model/claims/critical.ts'
import { outcomeOf, type Run } from '../../model/claims/run.ts'
import { wordOf } from '../../model/ir/instruction.ts'
import { evaluate, type Valuation } from '../../model/ir/stage.ts'
import { get, resources, type Bank, type Register } from '../../model/ir/state.ts'
import { all, and, postorder, select, type Bool, type Term } from '../../model/ir/term.ts'
import type { Isa } from '../../model/machine/isa.ts'
import type { Answer, Bench, Trial } from '../../traces/emulators/bench.ts'
import { basicClaims, chosenDeprivileging } from '../classify.ts'
import type { Solver } from '../decide/solve.ts'
import { deviationOf, type Deviation } from '../../traces/emulators/deviations.ts'
import { differences, isLeftOpen, named } from './expected.ts'

/** One state of a witness, as it was executed. */
export interface Executed {
  readonly label: string
  readonly trial: Trial
  readonly answer: Answer
  readonly differences: readonly string[]
}

/**
 * `leftOpen`: the verdict rests on what the manual leaves open, and the emulator does one of the things it allows.
 * `deviates`: the emulator does something else than its manual, as is written down.
 */
export type Standing = 'confirmed' | 'leftOpen' | 'deviates' | 'differs' | 'notObserved' | 'notReachable'

export interface Confirmation {
  readonly deprivileging: string
  readonly instruction: string
  readonly property: string
  readonly outcome: Standing
  /** What is in the way, or where it differs. */
  readonly why: string
  readonly deviations: readonly Deviation[]
  readonly executed: readonly Executed[]
}

export interface ConfirmOptions {
  /** All of the ISA's otherwise. */
  readonly deprivileging?: string
  readonly instructions?: readonly string[]
  readonly onProgress?: (done: number, total: number) => void
}

/** The claims that a state can show, and the property that it then has. */
interface Question {
  readonly claim: Claim
  readonly within: Bool
}

/** Confirms what `classify` found by witnesses: sensitive in each way, not privileged, and critical with both halves. */
export const confirm = async (
  isa: Isa, bench: Bench, solver: Solver, options: ConfirmOptions = {},
): Promise<Confirmation[]> => {
  const deprivilegings = options.deprivileging === undefined ? isa.deprivilegings : [chosenDeprivileging(isa, { deprivileging: options.deprivileging })]
  const chosen = isa.instructions.filter((i) => options.instructions?.includes(i.name) ?? true)
  const found: Confirmation[] = []
  let done = 0
  for (const d of deprivilegings) for (const instruction of chosen) {
    const claims = basicClaims(isa, d, instruction, intended).filter((c) => c.property !== 'alwaysTraps')
    const shown = await shownOf(solver, claims)
    const unprivileged = shown.find((c) => c.property === 'privileged')
    const both = unprivileged ? await shownOf(solver, shown.filter((c) => c !== unprivileged).map((s) => critical(s, unprivileged))) : []
    const questions = [...shown, ...both].map((claim) => ({ claim, within: within(isa, bench, claim) }))
    found.push(...(await confirmAll(isa, bench, solver, questions)).map((c) => ({ deprivileging: d.name, ...c })))
    options.onProgress?.(++done, deprivilegings.length * chosen.length)
  }
  return found
}

/** The claims that some state shows. */
const shownOf = async (solver: Solver, claims: readonly Claim[]): Promise<Claim[]> => {
  const answers = await solver.ask(claims.map(sought))
  return claims.filter((_, i) => answers[i]!.kind === 'satisfiable')
}

/** The claim's states can all be laid down on the bench. */
const within = (isa: Isa, bench: Bench, claim: Claim): Bool => {
  const limits = bench.limits(claim.instruction, outcomeOf(isa, claim.instruction))
  return all(claim.runs.flatMap((r) => limits.map((l) => r.at(l.holds))))
}

const confirmAll = async (isa: Isa, bench: Bench, solver: Solver, questions: readonly Question[]): Promise<Omit<Confirmation, 'deprivileging'>[]> => {
  const excluded = (c: Claim): string | undefined => bench.excluded.get(c.instruction.name)
  const reachable = questions.filter((q) => excluded(q.claim) === undefined)
  const answers = await solver.ask(reachable.map((q) => and(sought(q.claim), q.within)))
  const trials = reachable.map(({ claim }, i) => {
    const answer = answers[i]!
    return answer.kind === 'satisfiable' ? claim.runs.map((r) => trialOf(isa, bench, claim, r, answer.valuation)) : []
  })
  const outcomes = await bench.run(trials.flat())
  let next = 0
  const results = new Map(reachable.map(({ claim }, i) => {
    const executed = trials[i]!.map((trial, n): Executed => {
      const answer = outcomes[next++]!
      return { label: claim.runs[n]!.from.label, trial, answer, differences: differences(isa, trial, answer) }
    })
    return [claim, { executed, kind: answers[i]!.kind }] as const
  }))
  const confirmations: Omit<Confirmation, 'deprivileging'>[] = []
  for (const question of questions) {
    const { claim } = question, result = results.get(claim)
    const is = (outcome: Standing, why: string, deviations: readonly Deviation[] = []): void => {
      confirmations.push({ instruction: claim.instruction.name, property: claim.property, outcome, why, deviations, executed: result?.executed ?? [] })
    }
    if (!result) is('notReachable', excluded(claim)!)
    else if (result.kind === 'unknown') is('notReachable', 'the solver gave up')
    else if (result.kind === 'unsatisfiable') is('notReachable', `no witness where ${await obstacle(isa, bench, solver, claim)}`)
    else judge(isa, bench, claim, result.executed, is)
  }
  return confirmations
}

const judge = (
  isa: Isa, bench: Bench, claim: Claim, executed: readonly Executed[], is: (outcome: Standing, why: string, deviations?: readonly Deviation[]) => void,
): void => {
  const wrong = executed.flatMap((e) => e.differences.map((text) => ({ text, where: `${e.label}: ${text}` })))
  const known = wrong.map(({ text }) => deviationOf(bench.deviations, bench.emulator, isa.name, claim.instruction.name, text))
  const unknown = wrong.filter((_, i) => !known[i])
  if (unknown.length > 0) is('differs', unknown.map((w) => w.where).join('; '))
  else if (wrong.length > 0) is('deviates', wrong.map((w) => w.where).join('; '), [...new Set(known.map((d) => d!))])
  else if (telling(isa, claim, executed)) is('confirmed', '')
  else if (executed.some((e) => isLeftOpen(isa, e.trial))) is('leftOpen', executed.filter((e) => isLeftOpen(isa, e.trial)).map((e) => `${e.label}: it ${e.answer.kind === 'trapped' ? `traps (${e.answer.said})` : 'completes'}`).join('; '))
  else is('notObserved', 'what tells the states apart is not read back')
}

/** The limits of the bench that each by itself keep every witness out. */
const obstacle = async (isa: Isa, bench: Bench, solver: Solver, claim: Claim): Promise<string> => {
  const limits = bench.limits(claim.instruction, outcomeOf(isa, claim.instruction))
  const without = (name: string): Bool => all(claim.runs.flatMap((r) => limits.filter((l) => l.name !== name).map((l) => r.at(l.holds))))
  const answers = await solver.ask(limits.map((l) => and(sought(claim), without(l.name))))
  const names = limits.filter((_, i) => answers[i]!.kind === 'satisfiable').map((l) => l.name)
  return names.length > 0 ? names.join(', and where ') : `all of these hold: ${limits.map((l) => l.name).join(', ')}`
}

/** What the emulator did shows the claim by itself, without the specification. */
const telling = (isa: Isa, claim: Claim, executed: readonly Executed[]): boolean => {
  if (claim.property === 'privileged') return !(executed[1]!.answer.kind === 'trapped' && executed[0]!.answer.kind === 'completed')
  const isCritical = claim.property.startsWith('critical')
  const sensitive = isCritical ? executed.slice(0, -2) : executed
  if (isCritical && executed.at(-1)!.answer.kind === 'trapped' && executed.at(-2)!.answer.kind === 'completed') return false
  if (!claim.property.includes('controlSensitive')) return behaveApart(isa, sensitive as [Executed, Executed])
  const [{ trial, answer }] = sensitive as [Executed]
  return answer.kind === 'completed' && isa.components.some((c) => resources.has(c.role) && (c.kind === 'register'
    ? answer.after.registers.has(c.name) && answer.after.registers.get(c.name) !== trial.before.registers.get(c.name)
    : [...answer.after.cells.get(c.name) ?? []].some(([index, is]) => is !== (trial.before.cells.get(c.name)?.get(index) ?? 0n))))
}

/** Both completed, and something that a program sees is different: general registers, the counter, storage. */
const behaveApart = (isa: Isa, [a, b]: readonly [Executed, Executed]): boolean => {
  const [x, y] = [a.answer, b.answer]
  if (x.kind !== 'completed' || y.kind !== 'completed') return false
  return isa.components.some((c) => {
    if (c.role !== 'general' && c.role !== 'counter' && c.role !== 'storage') return false
    if (c.kind === 'register') return x.after.registers.has(c.name) && x.after.registers.get(c.name) !== y.after.registers.get(c.name)
    const [p, q] = [x.after.cells.get(c.name), y.after.cells.get(c.name)]
    if (c.role !== 'storage') return [...p ?? []].some(([index, is]) => q?.has(index) && q.get(index) !== is)
    // Storage is compared as each state's specification says that the program sees it.
    return [...p ?? []].some(([index, is]) => is !== (a.trial.before.cells.get(c.name)?.get(index) ?? 0n))
      || [...q ?? []].some(([index, is]) => is !== (b.trial.before.cells.get(c.name)?.get(index) ?? 0n))
  })
}

/** The run's state in the found valuation, as contents: every register, and the cells that its outcome or the bench's limits read or write. */
const trialOf = (isa: Isa, bench: Bench, { instruction }: Claim, run: Run, valuation: Valuation): Trial => {
  const value = (t: Parameters<typeof evaluate>[0]): bigint => evaluate(t, valuation)
  const registers = new Map(isa.components.flatMap((c) => (c.kind === 'register' ? [[c.name, value(run.at(get(c as Register)))] as const] : [])))
  const cells = new Map<string, Map<bigint, bigint>>()
  const into = (bank: string): Map<bigint, bigint> => {
    const known = cells.get(bank) ?? new Map<bigint, bigint>()
    cells.set(bank, known)
    return known
  }
  const outcome = outcomeOf(isa, instruction)
  // Where a cell is written, what it held before tells whether it has changed.
  const touched: readonly Term[] = [
    ...postorder([...termsOf(outcome), ...bench.limits(instruction, outcome).map((l) => l.holds)]).filter((t) => t.kind === 'select'),
    ...[...outcome.banks].flatMap(([name, writes]) => writes.map((w) => select(isa.components.find((c) => c.name === name) as Bank, w.index))),
  ]
  for (const t of touched) if (t.kind === 'select') into(t.memory.name).set(value(run.at(t.address)), value(run.at<number>(t)))
  return named(isa, { instruction, word: wordOf(instruction.encoding, (name) => value(instruction.operands[name]!)), before: { registers, cells } })
}
