// Faults in what the guests share: the allocator, the scheduler, the accounts and the virtual devices.
import type { Machine, CauseCode } from '../../model/vocab/index.ts'
import { Allocator, Monitor, VirtualMachine, type MonitorOptions, type Part } from '../../traces/adapters.ts'
import type { PropertyName } from '../monitor/property.ts'
import type { Fault } from './fault.ts'

type Faulty = new (hardware: Machine, options: MonitorOptions) => Monitor

const planted = (where: Fault['where'], name: string, property: PropertyName, sentence: string, of: Faulty, system = 'two-guests'): Fault => ({
  name, sentence, where, property, system: `third-generation/${system}`,
  plant: () => ({ monitor: (hardware, options) => new of(hardware, options) }),
})

/** A monitor with another allocator. */
const allocating = (Other: typeof Allocator): Faulty => class extends Monitor {
  protected override createAllocator(reserved: readonly Part[]): Allocator { return new Other(this.hardware, reserved) }
}

/** A monitor with other virtual machines. */
const admitting = (Other: typeof VirtualMachine): Faulty => class extends Monitor {
  protected override createMachine(resources: ConstructorParameters<typeof VirtualMachine>[0]): VirtualMachine { return new Other(resources) }
}

class KeepsWindow extends Allocator {
  protected override clearWindow(): void { return }
}
class KeepsDisk extends Allocator {
  protected override clearDisk(): void { return }
}
class OverlapsWindows extends Allocator {
  protected override nextWindow(taken: readonly Part[], cells: number): number {
    const start = super.nextWindow(taken, cells)
    return start > 32 ? start - 16 : start
  }
}
class OverlapsDisks extends Allocator {
  protected override nextDiskPart(): number { return 0 }
}
class TakesTrapCells extends Allocator {
  protected override nextWindow(taken: readonly Part[], cells: number): number {
    return super.nextWindow(taken.filter(({ start }) => start !== 0), cells)
  }
}

class FirstAlways extends Monitor {
  protected override nextGuest(): VirtualMachine | undefined {
    const machine = this.machines.find(({ halted }) => !halted)
    if (machine && machine.quantumLeft <= 0) {
      machine.quantumLeft = this.quantum
      machine.stale = true
    }
    return machine
  }
}
class TurnsTooShort extends Monitor {
  protected override nextGuest(): VirtualMachine | undefined {
    const machine = super.nextGuest()
    if (machine?.quantumLeft === this.quantum && this.quantum > 1) machine.quantumLeft -= 1
    return machine
  }
}
class RegisterNotRestored extends Monitor {
  protected override restoreRegisters(machine: VirtualMachine): void {
    for (let number = 0; number < 15; number += 1) this.hardware.setRegister(number, machine.registers[number]!)
  }
}
class StaleRelocation extends Monitor {
  protected override worldSwitch(machine: VirtualMachine): void {
    super.worldSwitch(machine)
    this.switched = true
  }
  protected override relocate(machine: VirtualMachine, base: number): number {
    const stale = this.switched && this.hardware.base > 0
    this.switched = false
    return stale ? this.hardware.base : super.relocate(machine, base)
  }
  private switched = false
}
class RegistersOfOther extends Monitor {
  protected override saveRegisters(machine: VirtualMachine): void {
    super.saveRegisters(machine)
    this.machines.at(-1)!.registers[0] = this.hardware.registers[0]!
  }
}
class StolenFromRunner extends Monitor {
  protected override chargeStolen(running: VirtualMachine, steps: number): void { running.accounting.stolen += steps }
}
class StolenHalf extends Monitor {
  protected override chargeStolen(running: VirtualMachine, steps: number): void { super.chargeStolen(running, steps >> 1) }
}
class ExitsOfFirst extends Monitor {
  protected override countExit(machine: VirtualMachine, cause: CauseCode): void {
    super.countExit(machine, cause)
    const first = this.machines[1]!
    machine.accounting.exits[cause]! -= 1
    first.accounting.exits[cause]! += 1
  }
}
class EmulatedAsDirect extends Monitor {
  protected override countStep(machine: VirtualMachine): void {
    super.countStep(machine)
    machine.accounting.direct += 1
  }
}

class SevenBits extends VirtualMachine {
  protected override writeConsole(word: number): void { super.writeConsole(word & 0x7f) }
}
class HardwareKeyboard extends VirtualMachine {
  protected override readConsole(): number { return this.hardware.input(0) | 0 }
}
class KeyboardRepeats extends VirtualMachine {
  protected override readConsole(): number {
    const byte = super.readConsole()
    if (this.taken > 1) this.taken -= 1
    return byte
  }
}
class DiskNotRelocated extends VirtualMachine {
  protected override diskAddress(position: number): number { return position }
}
class DiskOneTooLong extends VirtualMachine {
  protected override onDisk(position: number): boolean { return position <= this.options.diskSize }
}
class DiskOneTooShort extends VirtualMachine {
  protected override onDisk(position: number): boolean { return position < this.options.diskSize - 1 }
}
class PositionOfHardware extends VirtualMachine {
  override input(device: number): number { return device === 1 ? this.hardware.diskPosition | 0 : super.input(device) }
}
class UnknownDeviceAnswers extends VirtualMachine {
  override input(device: number): number { return device > 2 ? -1 : super.input(device) }
}
class PositionStands extends VirtualMachine {
  override output(device: number, word: number): void {
    const position = this.diskPosition
    super.output(device, word)
    if (device === 2) this.diskPosition = position
  }
}

const one = 'trap-and-emulate'

export const resourceFaults: readonly Fault[] = [
  planted('allocator', 'window-not-cleared', 'resource-control', "a freed window is given to the next guest with the former guest's words", allocating(KeepsWindow), one),
  planted('allocator', 'disk-not-cleared', 'resource-control', "a freed disk part is given to the next guest with the former guest's words", allocating(KeepsDisk), one),
  planted('allocator', 'windows-overlap', 'resource-control', 'the window of a later guest begins one block too early', allocating(OverlapsWindows)),
  planted('allocator', 'disks-overlap', 'resource-control', 'every guest has its disk at the same place', allocating(OverlapsDisks)),
  planted('allocator', 'gives-trap-cells', 'resource-control', "the first guest's window holds the monitor's cells", allocating(TakesTrapCells)),
  planted('scheduler', 'first-always', 'resource-control', 'the first guest has the machine until it halts', FirstAlways),
  planted('scheduler', 'turns-too-short', 'resource-control', 'a turn is one step shorter than the quantum', TurnsTooShort),
  planted('scheduler', 'register-not-restored', 'equivalence', 'G15 is not restored at a world switch', RegisterNotRestored),
  planted('scheduler', 'stale-relocation', 'resource-control', "after a world switch the other guest's relocation is in force", StaleRelocation),
  planted('scheduler', 'register-of-other', 'equivalence', "one guest's G0 is saved in the other's", RegistersOfOther),
  planted('scheduler', 'register-leaks', 'isolation', 'a guest goes on with G15 of the one that ran before', RegisterNotRestored),
  planted('scheduler', 'stolen-from-runner', 'accounting', 'stolen time is charged to the guest that ran', StolenFromRunner),
  planted('scheduler', 'stolen-half', 'accounting', 'half of the stolen time is charged', StolenHalf),
  planted('scheduler', 'exits-of-first', 'accounting', 'every exit is counted to the first guest', ExitsOfFirst),
  planted('scheduler', 'emulated-as-direct', 'accounting', 'a step of the monitor is counted as direct execution too', EmulatedAsDirect, one),
  planted('devices', 'console-seven-bits', 'equivalence', 'the virtual console prints 7 bits', admitting(SevenBits), one),
  planted('devices', 'hardware-keyboard', 'equivalence', "a guest with its own keyboard reads the hardware's", admitting(HardwareKeyboard), one),
  planted('devices', 'keyboard-repeats', 'equivalence', 'the second byte of the keyboard is delivered again and again', admitting(KeyboardRepeats), one),
  planted('devices', 'disk-not-relocated', 'resource-control', "a guest's disk positions are the hardware's", admitting(DiskNotRelocated), one),
  planted('devices', 'disk-shared', 'isolation', 'the guests have one disk between them', admitting(DiskNotRelocated)),
  planted('devices', 'disk-one-too-long', 'resource-control', 'the disk word behind the end is on the disk', admitting(DiskOneTooLong), one),
  planted('devices', 'disk-one-too-short', 'equivalence', 'the last disk word is past the end', admitting(DiskOneTooShort), one),
  planted('devices', 'position-of-hardware', 'equivalence', "IN reads the hardware's disk position", admitting(PositionOfHardware), one),
  planted('devices', 'unknown-device-answers', 'equivalence', 'an unknown device reads FFFFFFFF', admitting(UnknownDeviceAnswers), one),
  planted('devices', 'position-stands-still', 'equivalence', 'writing disk data does not advance POSITION', admitting(PositionStands), one),
]
