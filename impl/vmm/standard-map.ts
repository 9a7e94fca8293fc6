// The standard map f: a virtual machine's state as the state of the hardware that runs it, and back.
import { USER } from '../../model/vocab/index.ts'
import type { Machine, Mode } from '../../model/vocab/index.ts'
import { PathCounts, path } from './paths.ts'
import { PrivilegedInterpreters } from './privileged.ts'
import type { VirtualMachine } from './virtual-machine.ts'
import { blockCells } from './words.ts'

/**
 * E'[i + k] = E[i], M' = u, P' = P, R' = (l + k, min(b, w − l)).
 * The virtual M and R stay in the monitor: the printed f loses M, and the clip loses b, so without them f is not one-one.
 */
export abstract class StandardMap extends PrivilegedInterpreters {
  readonly hardware: Machine
  /** Guest steps before the monitor takes the hardware back. */
  readonly quantum: number
  readonly paths = new PathCounts()
  /** The guest whose registers are in the hardware. */
  private resident: VirtualMachine | undefined

  constructor(hardware: Machine, quantum: number) {
    super()
    this.hardware = hardware
    this.quantum = quantum
  }

  /** Loads the hardware with f(virtual state): mode u, P' = P, R' composed, the timer armed. */
  protected resume(machine: VirtualMachine): void {
    if (this.resident !== machine) this.worldSwitch(machine)
    this.hardware.mode = this.realMode(machine)
    this.hardware.counter = machine.counter
    this.setMapping(machine)
    this.armTimer(machine)
    machine.stale = false
  }

  /** R' := (l + k, clip(b)); l does not matter when nothing is left of b, and might not fit. */
  protected setMapping(machine: VirtualMachine): void {
    const bound = this.clip(machine)
    this.hardware.base = this.relocate(machine, bound === 0 ? 0 : machine.base)
    this.hardware.bound = bound
    if (bound !== machine.bound) this.paths.take(bound === 0 ? path.emptyWindow : path.clip)
  }

  protected armTimer(machine: VirtualMachine): void {
    if (machine.quantumLeft <= 0) machine.quantumLeft = this.quantum
    machine.armed = this.ticksToArm(machine)
    this.hardware.timer = machine.armed
    this.hardware.pending = this.pendingDue(machine)
  }

  /** Guest code runs in real user mode, whatever the virtual mode. */
  protected realMode(_machine: VirtualMachine): Mode {
    return USER
  }

  /** l' = l + k, in blocks. */
  protected relocate(machine: VirtualMachine, base: number): number {
    return base + machine.window.start / blockCells
  }

  /** b' = min(b, w − l), none when l lies past the window's end. */
  protected clip(machine: VirtualMachine): number {
    return Math.max(0, Math.min(machine.bound, machine.window.length / blockCells - machine.base))
  }

  /** The sound monitor keeps the virtual b itself: direct execution cannot change R. */
  protected observeBound(_machine: VirtualMachine, _realBound: number): void {
    return
  }

  /** What the hardware's timer is set to: the virtual timer or the quantum, whichever ends first. */
  protected ticksToArm(machine: VirtualMachine): number {
    const { timer, quantumLeft } = machine
    const virtual = timer !== 0 && timer <= quantumLeft
    this.paths.take(virtual ? path.armTimer : path.armQuantum)
    return virtual ? timer : quantumLeft
  }

  protected worldSwitch(machine: VirtualMachine): void {
    this.evict()
    this.restoreRegisters(machine)
    this.resident = machine
    machine.resident = true
    machine.accounting.worldSwitches += 1
    this.paths.take(path.worldSwitch)
  }

  /** No guest's registers are in the hardware from here; they were saved after its latest step. */
  protected evict(): void {
    if (this.resident === undefined) return
    this.resident.resident = false
    this.resident.stale = true
    this.resident = undefined
  }

  protected saveRegisters(machine: VirtualMachine): void {
    const from = this.hardware.registers
    const to = machine.registers
    for (let number = 0; number < 16; number += 1) to[number] = from[number]!
  }

  protected restoreRegisters(machine: VirtualMachine): void {
    for (let number = 0; number < 16; number += 1) this.hardware.setRegister(number, machine.registers[number]!)
  }

  /** A timer trap of the virtual machine comes before the next instruction: M is the only mask. */
  protected pendingDue(machine: VirtualMachine): boolean {
    return machine.pending && machine.mode === USER
  }
}
