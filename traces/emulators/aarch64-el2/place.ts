// The addresses that the AArch64 test kernel with EL2 and the host agree on; virtual ones at EL2, but for storage, are real ones.
export const place = {
  /** The last level's pages of EL1 and EL2, which the kernel fills. */
  lastTables: 0x60000,
  lowerTables: 0x80000, code: 0x280000, storage: 0x300000, records: 0x400000,
  /** From here on nothing is mapped. */
  absent: 0xa00000,
} as const
/** Pages of 4 KB that a program's storage has, and in which tables place it. */
export const pages = 16, realPages = 96
