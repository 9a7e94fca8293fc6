// The monitor for the variant shrink-bounds: no theorem promises it, because SHB changes R without a trap, and yet it is exact.
import type { Machine } from '../../model/vocab/index.ts'
import { Monitor } from './monitor.ts'
import type { MonitorOptions } from './monitor.ts'
import { develop } from './privileged.ts'
import type { VirtualMachine } from './virtual-machine.ts'
import { Opcode, opcodeOf, pswBound, registerOf } from './words.ts'

/**
 * Let b be the virtual bound and b' = min(b, w − l) the real one, and n the operand of SHB in real user mode.
 * n < b': then n < b too, so both virtual modes make b := n, and the hardware's b' := n is already min(n, w − l).
 * n ≥ b': the hardware traps. Virtual supervisor: v_i makes b := n. Virtual user: b' may be smaller than b, so the
 * trap is the guest's own only if n ≥ b; otherwise clipping hid the larger b, and the monitor makes b := n.
 * A direct SHB makes b' strictly smaller, so the virtual b changed exactly when the hardware's b' is not the one loaded.
 */
export class ShrinkMonitor extends Monitor {
  override readonly technique = 'shrink'

  protected override observeBound(machine: VirtualMachine, realBound: number): void {
    if (realBound !== this.clip(machine)) machine.observeBound(realBound)
  }

  protected override belongsToGuest(machine: VirtualMachine): boolean {
    return super.belongsToGuest(machine) && !this.shrinksHiddenBound(machine)
  }

  protected shrinksHiddenBound(machine: VirtualMachine): boolean {
    const cell = develop(machine, machine.counter)
    if (cell < 0) return false
    const word = machine.cell(cell)
    return opcodeOf(word) === Opcode.SHB && pswBound(machine.registers[registerOf(word)]!) < machine.bound
  }
}

/** A monitor on hardware of the variant shrink-bounds. Throws RangeError when the guests do not fit. */
export const createShrinkMonitor = (hardware: Machine, options: MonitorOptions): ShrinkMonitor =>
  new ShrinkMonitor(hardware, options)
