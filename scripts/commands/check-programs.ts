// popek check riscv64/qemu, its second half: whole programs that dump their state, and programs in lock step.
import { MissingTool } from '../terminal/failure.ts'
import { progress } from '../terminal/progress.ts'
import { lines, type Terminal } from '../terminal/terminal.ts'
import type { Compared, ProgramMethod } from '../../properties/riscv/compared-with-qemu.ts'
import { leftOut } from '../../properties/riscv/csrs-compared.ts'
import type { Xlen } from '../../properties/riscv/encode.ts'
import { EmulatorFailure } from '../../traces/emulators/gdb-stub.ts'
import { EmulatorMissing } from '../../traces/emulators/qemu.ts'

export interface ProgramOptions {
  readonly runs: number
  readonly seconds?: number | undefined
  readonly from: number
  readonly seed: number
}

export const comparePrograms = async (system: string, method: ProgramMethod, { runs, ...options }: ProgramOptions, terminal: Terminal): Promise<Compared> => {
  const { compareWithQemu } = await import('../../properties/riscv/compared-with-qemu.ts')
  const bar = progress(terminal, `checking ${system}, ${method}`)
  try {
    return await compareWithQemu(xlenOf(system), method, options.seed, {
      from: options.from, programs: runs, seconds: options.seconds, signal: terminal.interrupted, onProgress: (done) => bar.to(done, Number.isFinite(runs) ? runs : done),
    })
  } catch (error) {
    if (error instanceof EmulatorMissing) throw new MissingTool(error.message)
    if (error instanceof EmulatorFailure) throw new MissingTool(`the emulator of ${system} does not work: ${error.message}`)
    throw error
  } finally {
    bar.stop()
  }
}

const xlenOf = (system: string): Xlen => (system.startsWith('riscv32/') ? 32 : 64)

export const programsAsJson = ({ emulator, seconds, from, ...c }: Compared): object => ({
  emulator, seconds, from, ...c.result, ...(c.method === 'steps' ? { reached: Object.fromEntries(c.result.reached), leftOut } : {}),
})

export const programsAsText = (system: string, compared: Compared, { colors }: Terminal): string => {
  const { emulator, seconds, seed, result: { explained, differences } } = compared
  const number = (n: number): string => n.toLocaleString('en'), again = (n: number): string => `popek check ${system} --by ${compared.method} --seed ${seed} --from ${n}`
  return lines(
    '', `${colors.bold(title[compared.method])}: ${emulator}`,
    `${extent(compared)}, ${seconds.toFixed(1)} s, seed ${seed}`,
    ...(compared.method === 'steps' ? Object.entries(leftOut).map(([what, why]) => colors.dim(`not tried: ${what}: ${why}`)) : []),
    ...Object.entries(explained).map(([what, times]) => colors.yellow(`${number(times)} times: ${what}`)),
    ...differences.flatMap(({ program, difference }) => [colors.red(`program ${program} differs: ${difference}`), colors.dim(`  again: ${again(program)} --runs 1`)]),
    ...(differences.length === 0 ? [colors.green('the specification and the emulator agree')] : []),
    colors.dim(`go on: ${again(compared.result.next)}`),
  )
}

const title = { programs: 'programs that write down what happens to them', steps: 'programs in lock step' } as const

const extent = (c: Compared): string => {
  const number = (n: number): string => n.toLocaleString('en')
  return c.method === 'programs' ? `${number(c.result.compared)} of ${number(c.result.next - c.from)} programs compared to their ends, ${number(c.result.traps)} traps`
    : `${number(c.result.programs)} programs, ${number(c.result.steps)} steps, ${number(c.result.reached.size)} kinds of instruction and outcome`
}

/** As rows of how often each instruction ended in which way. */
export const stepsTable = async ({ result }: Compared & { readonly method: 'steps' }): Promise<string> => {
  const { plainTable } = await import('../classify/table.ts')
  const rows = [...result.reached].sort(([a], [b]) => (a < b ? -1 : 1)).map(([what, times]) => [what, times.toLocaleString('en')])
  return lines('', plainTable(['instruction and outcome', 'steps'], rows, ['left', 'right']))
}
