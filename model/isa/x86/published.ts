// What has been published about the virtualizability of x86.
import type { PublishedClaim } from '../../machine/isa.ts'

export const published: readonly PublishedClaim[] = []
