// A program that hart and specification run side by side: an image of RAM, and the starts in it that are run one after the other.

/** The name of the system that runs them. */
export const hartSystem = 'riscv64/cpu'

/** Addresses of RAM and of the one device, which has the interrupt lines and the time. */
export const ram = { base: 0x8000_0000, size: 1 << 17 } as const
export const device = { base: 0x0200_0000, size: 0x1000 } as const

/** How the hart executes: an instruction at a time, several without stopping, or several with hot code translated. */
export const ways = ['steps', 'runs', 'translated'] as const
export type Way = (typeof ways)[number]

/** Bits of the lines that are up. */
export const lineBits = { MSIP: 1, MTIP: 2, MEIP: 4, SEIP: 8 } as const
export type Line = keyof typeof lineBits
export const lineNames = Object.keys(lineBits) as Line[]

/** What the board does before a step: so are its lines then, and so is its time. */
export interface Happening {
  readonly before: number
  readonly lines: number
  readonly time: number
}

export interface Start {
  /** The address at which M-mode begins. */
  readonly pc: number
  /** Steps that set the state up, which are compared but do not count. */
  readonly preparing: number
  /** Steps at most, without those: instructions that are completed or trap. */
  readonly steps: number
  /** How many steps the hart takes before it is compared, by turns. */
  readonly strides: readonly number[]
  /** By their steps. */
  readonly happenings: readonly Happening[]
}

export interface Program {
  /** The number of a configuration. */
  readonly configuration: number
  readonly way: Way
  /** All of RAM. */
  readonly image: Uint8Array
  readonly starts: readonly Start[]
}
