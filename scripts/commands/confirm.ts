// popek confirm: the witnesses of verdicts, executed on emulators that are not ours.
import { availableParallelism } from 'node:os'
import { Command } from 'commander'
import { resolveIsa, isaNames } from '../isas.ts'
import { BadInput, Exit, type ExitCode } from '../terminal/failure.ts'
import { outputOption, type Act } from '../terminal/act.ts'
import { collect, count } from '../terminal/options.ts'
import { knownName } from '../terminal/nearest.ts'
import { progress } from '../terminal/progress.ts'
import { document, lines, type Terminal } from '../terminal/terminal.ts'
import type { PlainConfirmation, PlainState } from '../../properties/emulators/session.ts'
import { notInstalled } from '../../traces/emulators/qemu.ts'
import type { Confirmed } from '../confirm/confirm.ts'

interface Options {
  readonly on?: string
  readonly deprivileging?: string
  readonly instruction?: readonly string[]
  readonly strict?: boolean
  readonly summary?: boolean
  readonly threads?: number
  readonly json?: boolean
}

export const confirmCommand = (act: Act): Command =>
  new Command('confirm')
    .summary('execute the witnesses of verdicts on emulators that are not ours')
    .description('Finds a witness for every sensitive, unprivileged and critical instruction that an emulator can lay down, executes its states there, and compares what the emulator does with the specification.')
    .argument('[isa...]', 'ISAs of `popek isas`; all that an emulator exists for when none is given')
    .option('--on <emulator>', 'only on this one: qemu, simh, hercules, gxemul, host')
    .option('--deprivileging <name>', 'only this one; every one that the ISA has otherwise')
    .option('--instruction <name>', 'only this instruction, with its states in full; may be repeated', collect)
    .option('--strict', 'a missing emulator is a failure: exit code 3')
    .option('--threads <count>', 'ISAs at a time', count)
    .option('--summary', 'with --json: only what docs/generated/confirmed.json keeps, and the simplest state for each deviation')
    .addOption(outputOption())
    .addHelpText('after', `
Examples:
  popek confirm armv7
  popek confirm armv7 --instruction 'MOVS PC'

Exit code 1 when an emulator differs from the specification in a way that nobody has written down, 3 when an emulator failed, or is missing under --strict.`)
    .action((references: readonly string[], options: Options) => act((terminal) => confirm(references, options, terminal)))

const confirm = async (references: readonly string[], options: Options, terminal: Terminal): Promise<ExitCode> => {
  const { benchesOf, emulatorNames } = await import('../../traces/emulators/index.ts')
  const on = options.on === undefined ? undefined : knownName('emulator', options.on, emulatorNames)
  const names = (references.length ? references : isaNames.filter((n) => benchesOf(n).length > 0)).map((n) => knownName('ISA', n, isaNames, 'see popek isas'))
  const tasks = names.flatMap((isa) => benchesOf(isa).filter((b) => on === undefined || b.emulator === on).map((b) => ({ isa, emulator: b.emulator })))
  for (const isa of names) if (references.length > 0 && !tasks.some((t) => t.isa === isa)) throw new BadInput(`${isa} has no bench on ${on ?? 'any emulator'}; those that have one: ${isaNames.filter((n) => benchesOf(n).some((b) => on === undefined || b.emulator === on)).join(', ')}`)
  if (options.instruction) for (const isa of names) {
    const known = (await resolveIsa(isa)).instructions.map((i) => i.name)
    for (const name of options.instruction) knownName(`instruction of ${isa}`, name, known)
  }
  if (options.deprivileging !== undefined) for (const isa of names) knownName(`deprivileging of ${isa}`, options.deprivileging, (await resolveIsa(isa)).deprivilegings.map((d) => d.name))
  const { confirmAll } = await import('../confirm/confirm.ts')
  const bar = progress(terminal, 'confirming')
  const confirmed = await confirmAll(tasks.map((t) => ({ ...t, ...(options.deprivileging === undefined ? {} : { deprivileging: options.deprivileging }), ...(options.instruction ? { instructions: options.instruction } : {}), ...(options.summary ? { reproduce: true } : {}) })), {
    threads: options.threads ?? availableParallelism(), interrupted: terminal.interrupted, onProgress: (done, total, last) => bar.to(done, total, last),
  }).finally(() => bar.stop())
  const complete = confirmed.length === tasks.length
  const { summaryOf } = await import('../confirm/summary.ts')
  if (options.json && options.summary) terminal.out(document(confirmed.flatMap((c) => summaryOf(c) ?? [])))
  else if (options.json) terminal.out(document({ complete, sessions: confirmed.map(({ isa, emulator, session }) => ({ isa, on: emulator, ...session })) }))
  else terminal.out(lines(...confirmed.flatMap((c) => [...asLines(c, options.instruction !== undefined, terminal), '']), ...(complete ? [] : [terminal.colors.yellow('interrupted: the other ISAs are not confirmed')])))
  if (!complete) return Exit.interrupted
  const all = confirmed.map((c) => c.session)
  if (all.some((s) => s.kind === 'done' && s.result.some((r) => r.outcome === 'differs'))) return Exit.found
  return all.some((s) => s.kind === 'failed' || (s.kind === 'missing' && options.strict)) ? Exit.undecided : Exit.ok
}

const words = {
  confirmed: 'confirmed', leftOpen: 'left open by the manual', deviates: 'the emulator deviates from its manual', differs: 'DIFFER',
  notObserved: 'not observable', notReachable: 'out of reach',
} as const

const asLines = ({ isa, emulator, session }: Confirmed, full: boolean, { colors }: Terminal): string[] => {
  if (session.kind === 'missing') return [`${colors.bold(isa)}: ${colors.yellow(`skipped: ${notInstalled(session.needed)}`)}`]
  if (session.kind === 'failed') return [`${colors.bold(isa)}: ${colors.red(`${emulator} failed: ${session.why}`)}`]
  const deprivilegings = [...new Set(session.result.map((r) => r.deprivileging))]
  if (deprivilegings.length === 0) return [`${colors.bold(isa)} on ${session.emulator}: no witness to confirm`]
  return deprivilegings.flatMap((d) => shownLines(`${colors.bold(isa)}${d === undefined ? '' : `, ${d},`} on ${session.emulator}`, session.result.filter((r) => r.deprivileging === d), full, colors))
}

const shownLines = (head: string, result: readonly PlainConfirmation[], full: boolean, colors: Terminal['colors']): string[] => {
  const counted = (Object.keys(words) as (keyof typeof words)[]).flatMap((o) => {
    const n = result.filter((r) => r.outcome === o).length
    return n === 0 ? [] : [`${n} ${words[o]}`]
  })
  return [
    `${head}: ${counted.join(', ')}`,
    ...criticalLines(result),
    ...result.filter((r) => r.outcome === 'differs').map((r) => colors.red(`  ${r.instruction}, ${r.property}: ${r.why}`)),
    ...grouped(result.filter((r) => r.outcome === 'deviates').flatMap((r) => r.deviations.map((d) => [`${d.does} (${d.manual})`, r.instruction] as const)), 'deviates from its manual').map((l) => colors.yellow(l)),
    ...(full
      ? result.flatMap((r) => [`  ${colors.bold(r.instruction)}, ${r.property}: ${words[r.outcome]}${r.why ? `: ${r.why}` : ''}`, ...r.states.flatMap((s) => stateLines(s).map((l) => colors.dim(`      ${l}`)))])
      : [
        ...grouped(result.filter((r) => r.outcome === 'leftOpen').map((r) => ['left open by the manual', r.instruction] as const), ''),
        ...grouped(result.filter((r) => r.outcome === 'notReachable' || r.outcome === 'notObserved').map((r) => [r.why, r.instruction] as const), words.notReachable).map((l) => colors.dim(l)),
      ]),
  ]
}

/** Critical instructions of which every witness that could be laid down was confirmed, both halves. */
const criticalLines = (result: readonly PlainConfirmation[]): string[] => {
  const critical = result.filter((r) => r.property.startsWith('critical'))
  const confirmed = [...new Set(critical.filter((r) => r.outcome === 'confirmed').map((r) => r.instruction))]
  const others = [...new Set(critical.map((r) => r.instruction))].filter((i) => !confirmed.includes(i))
  return [
    ...(confirmed.length ? [`  critical, both halves confirmed: ${confirmed.join('  ')}`] : []),
    ...(others.length ? [`  critical, not confirmed here: ${others.join('  ')}`] : []),
  ]
}

/** One line for each reason, with its instructions. */
const grouped = (pairs: readonly (readonly [reason: string, instruction: string])[], what: string): string[] => {
  const by = new Map<string, Set<string>>()
  for (const [reason, instruction] of pairs) by.set(reason, (by.get(reason) ?? new Set()).add(instruction))
  return [...by].map(([reason, instructions]) => `  ${what ? `${what}: ` : ''}${reason}: ${[...instructions].join('  ')}`)
}

const stateLines = ({ label, word, before, did }: PlainState): string[] => {
  const shown = (contents: Readonly<Record<string, string>>): string => Object.entries(contents).filter(([, v]) => v !== '0x0').map(([n, v]) => `${n} = ${v}`).join(', ') || 'all 0'
  const changed = (after: Readonly<Record<string, string>>): string => Object.entries(after).filter(([n, v]) => v !== (before[n] ?? '0x0')).map(([n, v]) => `${n} := ${v}`).join(', ') || 'nothing changes'
  return [
    `${label}, ${word}: ${shown(before)}`,
    `  the emulator ${'trapped' in did ? `traps: ${did.trapped}` : 'lost' in did ? `is lost: ${did.lost}` : `completes: ${changed(did.completed)}`}`,
  ]
}
