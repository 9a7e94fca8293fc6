// Clocks and timers of System/370 and its successors, which run while a trial is executed.

/** About a second: bit 51 of the clock is a microsecond. */
const second = 1n << 32n
/** About a millisecond: an emulator may count in other units, and its host's clock in steps. */
const slack = 1n << 22n
/** Two values so far apart are told from each other. */
export const apartBy = 1n << 33n

/** The value, of those that it may have been set to, from which a clock has come by running for less than a second; what it shows otherwise. */
export const setTo = (shown: bigint, candidates: Iterable<bigint>, runs: 'up' | 'down'): bigint => {
  for (const c of candidates) if (BigInt.asUintN(64, (runs === 'up' ? shown - c : c - shown) + slack) < second) return c
  return shown
}
