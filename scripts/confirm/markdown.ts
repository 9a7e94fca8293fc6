// What emulators confirmed and where they deviate from their manuals, as Markdown.
import { deviations as ofPrograms, keptBits } from '../../properties/riscv/known-of-qemu.ts'
import { code, markdownTable } from '../markdown.ts'
import type { Summary } from './summary.ts'

const codes = (names: readonly string[]): string => names.map(code).join(' ') || '·'

export const emulatorsPage = (summaries: readonly Summary[], notice: string): string => [
  '# Confirmed on emulators that are not ours', '', notice, '',
  '`popek confirm` looks for a witness of every verdict that the emulator can lay down, executes its states there, and compares.',
  'Left open: the verdict rests on what the manual leaves open, and the emulator does one of the things it allows.', '',
  ...markdownTable(
    ['ISA', 'emulator', 'deprivileging', 'witnesses confirmed', 'left open', 'deviates', 'differs', 'out of reach', 'critical and confirmed', 'critical and not'],
    summaries.flatMap(({ isa, emulator, deprivilegings }) => deprivilegings.map(({ name, witnesses: w, critical }) => [
      code(isa), emulator, name || 'user mode only', String(w.confirmed ?? 0), String(w.leftOpen ?? 0), String(w.deviates ?? 0), String(w.differs ?? 0), String((w.notReachable ?? 0) + (w.notObserved ?? 0)),
      codes(critical.confirmed ?? []), codes(Object.entries(critical).flatMap(([standing, names]) => (standing === 'confirmed' ? [] : names))),
    ])),
  ), '',
  '## Deviations from the manual', '',
  'Each with the simplest state found that shows it (what is not named is 0); `popek check <isa>/<emulator> --save DIR` finds and saves more.', '',
  ...summaries.flatMap(({ isa, emulator, deviations }) => deviations.flatMap((d) => [
    `### ${emulator}, \`${isa}\`: ${codes(d.instructions.slice(0, 12))}${d.instructions.length > 12 ? ' …' : ''}`, '',
    `It ${d.does}. The manual: ${d.manual}.`, '',
    ...(d.shown ? [
      `\`${d.shown.instruction}\`, word \`${d.shown.word}\`, from ${Object.entries(d.shown.before).map(([name, value]) => `\`${name} = ${value}\``).join(', ') || 'all 0'}: ${d.shown.differences.join('; ')}.`, '',
    ] : []),
  ])),
  '### QEMU 7.2, RISC-V, where whole programs meet it', '',
  '`popek check riscv64/qemu --by programs,steps` counts how often each explains a difference; what none explains is a disagreement.', '',
  ...Object.values(ofPrograms).map(({ does, manual }) => `- ${does}. The manual: ${manual}.`), `- ${keptBits}`, '',
  '## Out of reach', '',
  ...summaries.flatMap(({ isa, emulator, obstacles }) => (Object.keys(obstacles).length === 0 ? [] : [
    `\`${isa}\`, ${emulator}:`, '', ...Object.entries(obstacles).map(([why, names]) => `- ${why}: ${codes(names)}`), '',
  ])),
].join('\n')
