// What a RISC-V hart and the board around it ask of each other.

export type Bytes = 1 | 2 | 4 | 8

/** Interrupt lines into a hart, by the bit of `mip` that each drives. */
export type InterruptLine = 'MSIP' | 'MTIP' | 'MEIP' | 'SEIP' | 'STIP'

/** `mtime` as a function of steps: `(steps() + ahead) / stepsPerTick`, rounded down. */
export interface Clock {
  /** Of the register of 8 bytes that has it; physical. */
  readonly address: number
  readonly stepsPerTick: number
  readonly ahead: number
}

/** What a hart needs from its board. Addresses are physical, outside RAM. */
export interface Platform {
  /** The zero-extended value, a number only below 2^53; undefined where nothing answers (an access fault). */
  readonly load: (address: number, bytes: Bytes) => number | bigint | undefined
  /** False where nothing answers (an access fault). */
  readonly store: (address: number, bytes: Bytes, value: bigint) => boolean
  /** `mtime`, in ticks of the timebase. */
  readonly time: () => bigint
  /** Where and how `mtime` goes on until a device is written to or `run` ends; undefined when it does not go on by steps. A hart that knows it need not ask for each load. */
  readonly clock?: () => Clock | undefined
  /** Sstc: the line STIP is to be up from this `mtime` on; undefined for never. Not called by a hart without Sstc. */
  readonly supervisorTimer?: (compare: bigint | undefined) => void
}

/** Storage beside RAM, which a hart reads and executes like RAM and writes through its platform. */
export interface RomPort {
  readonly bytes: Uint8Array
  /** Whether the hart finds it, or reads and fetches through its platform too. */
  readonly show: (shown: boolean) => void
  /** It was written: what was decoded of it is stale. */
  readonly wrote: (offset: number, bytes: number) => void
}

/** What a board needs from its hart. */
export interface HartPort {
  /** Guest RAM, from its base address on. */
  readonly ram: Uint8Array
  readonly rom?: RomPort
  /** Instructions stepped since reset: retired ones and those that trapped, as the clock of the board. */
  readonly steps: () => number
  /** Executes until `steps()` is `until`, or the hart waits (WFI) with nothing pending, or `stop` was called. */
  readonly run: (until: number) => 'reached' | 'waiting' | 'stopped'
  /** Lowers `until` of the run under way: a device has a deadline earlier than before. */
  readonly shorten: (until: number) => void
  /** Ends the run under way after the present instruction. */
  readonly stop: () => void
  readonly drive: (line: InterruptLine, level: boolean) => void
  /** Storage was written by a device: decoded code in it is stale. Addresses are offsets into RAM. */
  readonly wrote: (offset: number, bytes: number) => void
}
