// The theorems against the monitors: on each variant, which monitor is exact and which shows a difference to its guest.
import { variants, type Variant } from '../../model/vocab/index.ts'
import { findSystem } from '../../traces/adapters.ts'
import { check, type Divergence } from './check.ts'

export type Monitoring = 'trap-and-emulate' | 'hybrid' | 'own'

export interface MonitorVerdict {
  readonly variant: Variant
  readonly monitor: Monitoring
  readonly system: string
  /** No program of the run parted. */
  readonly exact: boolean
  readonly programs: number
  /** The shortest program that shows the difference. */
  readonly divergence?: Divergence
}

const own: Partial<Record<Variant, string>> = {
  'shrink-bounds': 'third-generation/shrink-bounds/monitor',
  'load-real-address': 'third-generation/high-core',
}

const systemOf = (variant: Variant, monitor: Monitoring): string | undefined => {
  if (monitor === 'own') return own[variant]
  return variant === 'sound' ? `third-generation/${monitor}` : `third-generation/${variant}/${monitor}`
}

export interface TheoremOptions {
  /** Programs for each monitor; default 2,000. */
  readonly programs?: number
  readonly seed?: number
  readonly workers?: number
}

/** One row for each variant and each monitor that there is for it. */
export const monitorVerdicts = async (options: TheoremOptions = {}): Promise<MonitorVerdict[]> => {
  const { programs = 2000, seed = 1, workers = 1 } = options
  const rows: MonitorVerdict[] = []
  for (const variant of variants) {
    for (const monitor of ['trap-and-emulate', 'hybrid', 'own'] as const) {
      const system = systemOf(variant, monitor)
      if (system === undefined || !findSystem(system)) continue
      const { divergence, programs: tried } = await check(system, { programs, seed, workers })
      rows.push({ variant, monitor, system, exact: divergence === undefined, programs: tried, ...(divergence ? { divergence } : {}) })
    }
  }
  return rows
}
