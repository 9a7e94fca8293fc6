// Where QEMU does something else than the z/Architecture Principles of Operation.
import type { Deviation } from '../deviations.ts'

export const deviations: readonly Deviation[] = []
