// Where QEMU's x86 in 64-bit mode is known to do something else than the manual says.
import type { Deviation } from '../deviations.ts'

export const deviations: readonly Deviation[] = []
