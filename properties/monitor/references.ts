// Reference machines for many programs: each is compiled once and reset for the next program.
import type { MachineOptions } from '../../model/vocab/index.ts'
import { ReferenceMachine, type System } from '../../traces/adapters.ts'

/** Machines of the specification as it is; only one run at a time uses them. */
const sound = new Map<string, ReferenceMachine>()

export class References {
  private readonly system: System
  private readonly known: Map<string, ReferenceMachine>

  constructor(system: System) {
    this.system = system
    this.known = system.parts.isa ? new Map() : sound
  }

  /** A machine in its reset state; `role` keeps apart machines that run at the same time. */
  take(role: string, options: MachineOptions): ReferenceMachine {
    const { size, trapCells = 'low', diskSize = 1024, variant = 'sound', keyboard = [] } = options
    const key = `${role} ${size} ${trapCells} ${diskSize} ${variant}`
    const known = this.known.get(key)
    if (known) {
      known.reset(keyboard)
      return known
    }
    const complete = { size, trapCells, diskSize, variant, keyboard }
    const machine = new ReferenceMachine(complete, this.system.parts.isa?.(complete))
    this.known.set(key, machine)
    return machine
  }
}
