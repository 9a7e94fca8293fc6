// A failing program of the RISC-V hart for a person: its last steps, and where hart and specification part.
import type { Program } from '../traces/hart-program.ts'
import { configurations } from '../properties/hart/configurations.ts'
import type { Listing } from '../properties/hart/saved.ts'
import { plainTable } from './classify/table.ts'
import { lines, type Terminal } from './terminal/terminal.ts'

const ways = { steps: 'one instruction at a time', runs: 'several instructions at a time', translated: 'several instructions at a time, hot code translated' } as const

export const hartText = ({ steps, before, differences }: Listing, { configuration, way }: Pick<Program, 'configuration' | 'way'>, colors: Terminal['colors']): string => lines(
  `the hart: ${configurations[configuration]!.name}; ${ways[way]}`,
  ...(before > 0 ? [colors.dim(`(${before} steps before)`)] : []),
  plainTable(['pc', 'mode', 'instruction', 'on the specification'], steps.map((s) => [s.pc, s.mode, s.instruction, [...(s.trap === '' ? [] : [`trap: ${s.trap}`]), ...s.changes.map(([name, content]) => `${name} = ${content}`)].join(', ')])),
  '',
  plainTable(['then', 'specification', 'hart'], differences.map((d) => [d.what, colors.green(d.specification), colors.red(d.hart)])),
)
