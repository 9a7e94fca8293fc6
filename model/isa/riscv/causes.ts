// The codes of exceptions in mcause and scause. Volume II, mcause.

/** The exception codes of mcause; instruction addresses are misaligned only where misa can turn C off. */
export const exceptionCauses = {
  'illegal instruction': 2, breakpoint: 3, 'load address misaligned': 4, 'load access fault': 5, 'store/AMO address misaligned': 6, 'store/AMO access fault': 7,
  'environment call from U-mode': 8, 'environment call from S-mode': 9, 'environment call from M-mode': 11, 'load page fault': 13, 'store/AMO page fault': 15, 'software check': 18,
} as const

export const misalignedCause = { 'instruction address misaligned': 0 } as const

export const fetchCauses = { 'instruction access fault': 1, 'instruction page fault': 12 } as const
