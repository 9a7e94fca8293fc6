// What `popek run riscv64/cpu` can be told: apart from the machine, so that the command's help loads nothing.
import { InvalidArgumentError } from 'commander'
import { integer } from '../terminal/options.ts'

export const riscvSystem = 'riscv64/cpu'

/**
 * What the board's hart may be; the first of each is the default, but for misaligned atomics, which is what the board's kernels expect: they leave the A and D bits of their page tables to
 * the hart, and newer ones use Sstc, the supervisor's own timer.
 */
export const hartChoices = {
  mmu: ['sv48', 'sv39'], misaligned: ['done', 'trap', 'access-fault'], misalignedAtomics: ['trap', 'access-fault'], accessedDirty: ['update', 'fault'], timer: ['supervisor', 'machine'],
} as const

export type HartChoices = { readonly [K in keyof typeof hartChoices]: (typeof hartChoices)[K][number] }

export interface RiscvOptions extends Partial<HartChoices> {
  readonly disk?: readonly string[]
  /** Of the banks of flash, from the first on. */
  readonly flash?: readonly string[]
  readonly kernel?: string
  readonly initrd?: string
  readonly append?: string
  /** MiB. */
  readonly memory?: number
  readonly rng?: boolean
  readonly virtioConsole?: boolean
  readonly legacyVirtio?: boolean
  readonly readOnly?: boolean
  readonly seed?: number
  readonly wallClock?: boolean
  readonly signature?: string
  readonly signatureGranularity?: number
  readonly until?: string
  readonly save?: string
  /** A file; nothing is run then. */
  readonly deviceTree?: string
  /** A file; - is standard error. */
  readonly commitLog?: string
  /** A port; 0 is any free one. */
  readonly gdb?: number
  readonly gdbRun?: boolean
  readonly steps?: number
  readonly keyboard?: string
  readonly stats?: boolean
  readonly json?: boolean
}

/** A hart's RAM is in one WebAssembly memory of 4 GiB, with what it needs itself. */
export const mostMebibytes = 4032
export const mebibytes = integer(1, mostMebibytes, `an integer from 1 to ${mostMebibytes}`)

export const escapeHelp = 'Ctrl-A X leaves, Ctrl-A S saves a snapshot (with --save), Ctrl-A H says this, Ctrl-A Ctrl-A types Ctrl-A'

/** What --until waits for. */
export const awaitedText = (text: string): string => {
  if (text === '') throw new InvalidArgumentError('Expected a text.')
  return text
}

/** What --append may hold: the device tree keeps ASCII. */
export const isBootArguments = (text: string): boolean => /^[\x20-\x7e]*$/.test(text)

export const bootArguments = (text: string): string => {
  if (!isBootArguments(text)) throw new InvalidArgumentError('Expected printable ASCII.')
  return text
}
