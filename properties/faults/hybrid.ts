// Faults in the hybrid monitor's interpreter, and in monitors on monitors.
import { Cause, USER, type CauseCode, type Machine } from '../../model/vocab/index.ts'
import { HybridMonitor, Monitor, type MonitorOptions, type Outcome, type VirtualMachine } from '../../traces/adapters.ts'
import type { PropertyName } from '../monitor/property.ts'
import type { Fault } from './fault.ts'

const interpreting = (name: string, property: PropertyName, sentence: string, of: new (hardware: Machine, options: MonitorOptions) => Monitor): Fault => ({
  name: `hybrid-${name}`, sentence, where: 'hybrid interpreter', property, system: 'third-generation/hybrid',
  plant: () => ({ monitor: (hardware, options) => new of(hardware, options) }),
})

/** `level` 0 is next to the hardware; the other monitors are sound. */
const nesting = (
  name: string, property: PropertyName, sentence: string, level: number, of: new (hardware: Machine, options: MonitorOptions) => Monitor,
): Fault => ({
  name: `nested-${name}`, sentence, where: 'nesting', property, system: 'third-generation/nested',
  plant: () => ({ monitor: (hardware, options, at) => (at === level ? new of(hardware, options) : new Monitor(hardware, options)) }),
})

const opcode = (word: number): number => word >>> 24
const register = (word: number): number => word >>> 20 & 15

class SltUnsigned extends HybridMonitor {
  protected override interpretWord(machine: VirtualMachine, word: number): Outcome {
    return super.interpretWord(machine, opcode(word) === 0x2a ? word + 0x01000000 | 0 : word)
  }
}
class DivByZero extends HybridMonitor {
  protected override interpretWord(machine: VirtualMachine, word: number): Outcome {
    const outcome = super.interpretWord(machine, word)
    return outcome === Cause.arithmetic ? 0 : outcome
  }
}
class JalAbsolute extends HybridMonitor {
  protected override interpretWord(machine: VirtualMachine, word: number): Outcome {
    const { counter, base } = machine
    const outcome = super.interpretWord(machine, word)
    if (opcode(word) === 0x31) machine.setRegister(register(word), counter + 1 + 16 * base & 0xfff)
    return outcome
  }
}
class StoresBeside extends HybridMonitor {
  protected override interpretWord(machine: VirtualMachine, word: number): Outcome {
    return super.interpretWord(machine, opcode(word) === 0x12 ? word ^ 1 : word)
  }
}
class NoTick extends HybridMonitor {
  protected override tick(): void { return }
}
class InterruptsSupervisor extends HybridMonitor {
  protected override runInSoftware(machine: VirtualMachine, limit: number): boolean {
    if (machine.pending) {
      machine.pending = false
      this.reflect(machine, Cause.timer)
      return true
    }
    return super.runInSoftware(machine, limit)
  }
}
class SupervisorDirectly extends HybridMonitor {
  protected override runsDirectly(): boolean { return true }
}
class StaysInUser extends HybridMonitor {
  protected override loadedMode(): typeof USER { return USER }
}
class KeepsRegisters extends HybridMonitor {
  protected override restoreRegisters(machine: VirtualMachine): void {
    for (let number = 1; number < 16; number += 1) this.hardware.setRegister(number, machine.registers[number]!)
  }
}

class NoClip extends Monitor {
  protected override clip(machine: VirtualMachine): number { return machine.bound }
}
class EmulatesForUser extends Monitor {
  protected override belongsToGuest(): boolean { return false }
}
class SavesNextP extends Monitor {
  protected override virtualPsw(machine: VirtualMachine, cause: CauseCode): number { return super.virtualPsw(machine, cause) + 0x10000 | 0 }
}
class ReflectsToOuter extends Monitor {
  protected override reflect(machine: VirtualMachine, cause: CauseCode): void {
    super.reflect(machine, cause)
    this.hardware.setCell(this.trapCell + 1, machine.cell(machine.trapCell + 1))
  }
}
class RealMode extends Monitor {
  protected override realMode(machine: VirtualMachine): VirtualMachine['mode'] { return machine.mode }
}
class NoTickBelow extends Monitor {
  protected override tick(): void { return }
}

export const hybridFaults: readonly Fault[] = [
  interpreting('slt-unsigned', 'equivalence', 'SLT is interpreted without sign', SltUnsigned),
  interpreting('div-by-zero', 'trap-and-emulate', 'DIV and REM by zero are skipped', DivByZero),
  interpreting('jal-absolute', 'equivalence', 'JAL saves the relocated address', JalAbsolute),
  interpreting('st-beside', 'equivalence', 'ST writes the cell beside', StoresBeside),
  interpreting('no-tick', 'equivalence', 'interpreted instructions do not tick', NoTick),
  interpreting('interrupts-supervisor', 'trap-and-emulate', 'a timer trap is taken between interpreted instructions', InterruptsSupervisor),
  interpreting('supervisor-directly', 'efficiency', 'virtual supervisor code runs on the hardware', SupervisorDirectly),
  interpreting('stays-in-user', 'equivalence', 'a PSW for supervisor mode is loaded as one for user mode', StaysInUser),
  interpreting('keeps-g0', 'equivalence', 'G0 is not loaded when direct execution begins', KeepsRegisters),
]

export const nestingFaults: readonly Fault[] = [
  nesting('no-clip-inside', 'resource-control', 'the innermost monitor does not clip, and relies on the one below', 2, NoClip),
  nesting('outer-emulates', 'recursion', "a privileged trap of the inner monitor's guest is emulated by the outer monitor", 0, EmulatesForUser),
  nesting('outer-p', 'recursion', 'the innermost monitor finds P + 1 in the old PSW of its machine', 1, SavesNextP),
  nesting('outer-vector', 'resource-control', "the middle monitor writes its guest's new PSW over its own", 1, ReflectsToOuter),
  nesting('inner-mode', 'resource-control', 'the innermost monitor lets virtual supervisor code run in the supervisor mode of its machine', 2, RealMode),
  nesting('innermost-no-tick', 'recursion', 'the innermost monitor does not tick for what it emulates', 2, NoTickBelow),
]
