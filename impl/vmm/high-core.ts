// The monitor in high core: its one guest is not relocated, so location-sensitive instructions show it nothing.
import type { Machine } from '../../model/vocab/index.ts'
import type { Part } from './allocator.ts'
import { Monitor } from './monitor.ts'
import type { GuestOptions, MonitorOptions } from './monitor.ts'
import type { VirtualMachine } from './virtual-machine.ts'
import { blockCells } from './words.ts'

/**
 * The guest has the real cells 0..w−1 and R' = (l, min(b, w − l)); the monitor has the last block, with the hardware's
 * trap cells in it. LRA gives ea + 16·l on both machines, and memory-traps where the virtual one does because of the clip.
 */
export class HighCoreMonitor extends Monitor {
  override readonly technique = 'high-core'

  override admit(guest: GuestOptions): VirtualMachine {
    if (this.machines.length > 0) throw new RangeError('a monitor in high core has one guest')
    return super.admit(guest)
  }

  protected override reservedCells(): Part[] {
    const { size, trapCells } = this.hardware.options
    if (trapCells !== 'high') throw new RangeError('a monitor in high core needs hardware with its trap cells high')
    return [{ start: size - blockCells, length: blockCells }]
  }
}

/** A monitor in the last block of `hardware`. Throws RangeError when its trap cells are low or the guest does not fit. */
export const createHighCoreMonitor = (hardware: Machine, options: MonitorOptions): HighCoreMonitor =>
  new HighCoreMonitor(hardware, options)
