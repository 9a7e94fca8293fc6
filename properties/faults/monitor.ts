// Faults in the trap-and-emulate monitor: dispatcher, interpreter routines, and what it loads into the hardware.
import { Cause, SUPERVISOR, USER, type CauseCode, type Machine, type Mode } from '../../model/vocab/index.ts'
import { Monitor, type MonitorOptions, type Outcome, type VirtualMachine } from '../../traces/adapters.ts'
import type { PropertyName } from '../monitor/property.ts'
import type { Fault } from './fault.ts'

type Faulty = new (hardware: Machine, options: MonitorOptions) => Monitor

const planted = (name: string, property: PropertyName, sentence: string, of: Faulty): Fault => ({
  name, sentence, where: 'monitor', property, system: 'third-generation/trap-and-emulate',
  plant: () => ({ monitor: (hardware, options) => new of(hardware, options) }),
})

const blocksBefore = (machine: VirtualMachine): number => machine.window.start / 16

class NoClip extends Monitor {
  protected override clip(machine: VirtualMachine): number { return machine.bound }
}

class ClipOneTooMany extends Monitor {
  protected override clip(machine: VirtualMachine): number {
    const room = machine.window.length / 16 - machine.base + 1
    return Math.max(0, Math.min(machine.bound, room))
  }
}

class ClipOneTooFew extends Monitor {
  protected override clip(machine: VirtualMachine): number {
    return Math.max(0, Math.min(machine.bound, machine.window.length / 16 - machine.base - 1))
  }
}

class RelocatesTwice extends Monitor {
  protected override relocate(machine: VirtualMachine, base: number): number { return base + 2 * blocksBefore(machine) }
}

class ForgetsRelocation extends Monitor {
  protected override relocate(_machine: VirtualMachine, base: number): number { return base }
}

class RealMode extends Monitor {
  protected override realMode(machine: VirtualMachine): Mode { return machine.mode }
}

class WritesRealVector extends Monitor {
  protected override reflect(machine: VirtualMachine, cause: CauseCode): void {
    super.reflect(machine, cause)
    this.hardware.setCell(this.trapCell + 1, machine.cell(machine.trapCell + 1))
  }
}

class TimerOff extends Monitor {
  protected override ticksToArm(machine: VirtualMachine): number { return machine.timer }
}

class OnlyVirtualTimer extends Monitor {
  protected override ticksToArm(machine: VirtualMachine): number { return machine.timer === 0 ? machine.quantumLeft : machine.timer }
}

class OnlyQuantum extends Monitor {
  protected override ticksToArm(machine: VirtualMachine): number { return machine.quantumLeft }
}

class EveryStep extends Monitor {
  protected override ticksToArm(): number { return 1 }
}

class SavesRealMode extends Monitor {
  protected override savedMode(): Mode { return USER }
}

class SavesRealBase extends Monitor {
  protected override savedBase(machine: VirtualMachine): number { return machine.base + blocksBefore(machine) }
}

class EmulatesForUser extends Monitor {
  protected override belongsToGuest(): boolean { return false }
}

class ReflectsPrivileged extends Monitor {
  protected override belongsToGuest(): boolean { return true }
}

class UndefinedIsNothing extends Monitor {
  protected override dispatch(machine: VirtualMachine, cause: CauseCode): boolean {
    if (cause !== Cause.undefined || machine.mode !== SUPERVISOR) return super.dispatch(machine, cause)
    machine.stale = true
    this.complete(machine, 0)
    this.countExit(machine, cause)
    this.countStep(machine)
    machine.accounting.emulated += 1
    machine.lastExit.cause = cause
    machine.lastExit.traps += 1
    return false
  }
}

class PartialLpsw extends Monitor {
  protected override interpretLPSW(machine: VirtualMachine, word: number): Outcome {
    const outcome = super.interpretLPSW(machine, word)
    if (outcome > 0) machine.mode = USER
    return outcome
  }
}

class TimerIgnoresMode extends Monitor {
  protected override pendingDue(machine: VirtualMachine): boolean { return machine.pending }
}

class PendingLost extends Monitor {
  protected override dispatchTimer(machine: VirtualMachine): boolean {
    const trapped = super.dispatchTimer(machine)
    if (!trapped) machine.pending = false
    return trapped
  }
}

class TimerNeverDue extends Monitor {
  protected override dispatchTimer(machine: VirtualMachine): boolean {
    machine.pending = machine.pending && machine.mode === SUPERVISOR
    machine.quantumLeft = this.quantum
    return false
  }
}

class CallIsUndefined extends Monitor {
  protected override reflectedCause(cause: CauseCode): CauseCode { return cause === Cause.supervisorCall ? Cause.undefined : cause }
}

class ForgetsP extends Monitor {
  protected override advance(): void { return }
}

class SkipsTwo extends Monitor {
  protected override advance(machine: VirtualMachine): void { machine.counter = machine.counter + 2 & 0xfff }
}

class NoTick extends Monitor {
  protected override tick(): void { return }
}

class TimeRunsFast extends Monitor {
  protected override passTime(machine: VirtualMachine, ticks: number): void {
    super.passTime(machine, machine.timer > ticks ? ticks + 1 : ticks)
  }
}

class RealTimer extends Monitor {
  protected override interpretRTIM(machine: VirtualMachine, word: number): Outcome {
    machine.setRegister(word >>> 20 & 15, this.hardware.timer | 0)
    return 0
  }
}

class TimerNotVirtual extends Monitor {
  protected override interpretSTIM(machine: VirtualMachine, word: number): Outcome {
    this.hardware.timer = machine.registers[word >>> 20 & 15]!
    machine.pending = false
    return -2
  }
}

class StimKeepsPending extends Monitor {
  protected override interpretSTIM(machine: VirtualMachine, word: number): Outcome {
    const { pending } = machine
    const outcome = super.interpretSTIM(machine, word)
    machine.pending = pending
    return outcome
  }
}

class RealRelocation extends Monitor {
  protected override interpretSRB(machine: VirtualMachine, word: number): Outcome {
    machine.setRegister(word >>> 20 & 15, this.hardware.base * 256 + this.hardware.bound)
    return 0
  }
}

class LrbKeepsBound extends Monitor {
  protected override interpretLRB(machine: VirtualMachine, word: number): Outcome {
    const { bound } = machine
    const outcome = super.interpretLRB(machine, word)
    machine.bound = bound
    return outcome
  }
}

class LpswKeepsMode extends Monitor {
  protected override loadedMode(): Mode { return SUPERVISOR }
}

class RelocatesLoadedBase extends Monitor {
  protected override loadedBase(word: number): number { return (super.loadedBase(word) + 1) & 0xff }
}

class HaltsHardware extends Monitor {
  protected override interpretHALT(machine: VirtualMachine): Outcome {
    this.hardware.halted = true
    return super.interpretHALT(machine)
  }
}

class HaltGoesOn extends Monitor {
  protected override interpretHALT(): Outcome { return 0 }
}

class OtherTrapCell extends Monitor {
  protected override guestTrapCell(): number { return 0 }
}

class InToWrongRegister extends Monitor {
  protected override interpretIN(machine: VirtualMachine, word: number): Outcome {
    machine.setRegister((word >>> 20 & 15) ^ 1, machine.input(word & 0xffff))
    return 0
  }
}

class RegisterLost extends Monitor {
  protected override saveRegisters(machine: VirtualMachine): void {
    const kept = machine.registers[15]!
    super.saveRegisters(machine)
    machine.registers[15] = kept
  }
}

class WrongLastExit extends Monitor {
  protected override note(machine: VirtualMachine, action: VirtualMachine['lastExit']['action'], index: number): void {
    super.note(machine, action === 'emulate' ? 'reflect' : action, index)
  }
}

export const monitorFaults: readonly Fault[] = [
  planted('no-clip', 'resource-control', "a guest's bound is not clipped to its window", NoClip),
  planted('clip-one-too-many', 'resource-control', 'the clipped bound has one block too many', ClipOneTooMany),
  planted('clip-one-too-few', 'efficiency', 'the clipped bound has one block too few', ClipOneTooFew),
  planted('relocates-twice', 'resource-control', "the window's start is added twice to l", RelocatesTwice),
  planted('forgets-relocation', 'resource-control', "the guest's l is loaded as it is", ForgetsRelocation),
  planted('real-mode', 'resource-control', 'virtual supervisor code runs in real supervisor mode', RealMode),
  planted('writes-real-vector', 'resource-control', "a reflected trap writes the hardware's new PSW", WritesRealVector),
  planted('timer-off', 'resource-control', 'the timer is armed with the virtual timer, off included', TimerOff),
  planted('only-virtual-timer', 'resource-control', 'a virtual timer beyond the quantum is armed as it is', OnlyVirtualTimer),
  planted('only-quantum', 'trap-and-emulate', 'the virtual timer is not armed', OnlyQuantum),
  planted('every-step', 'efficiency', 'the timer is armed for one step, so the monitor comes back after each', EveryStep),
  planted('saves-real-mode', 'equivalence', "the guest's old PSW says user mode, as the hardware was", SavesRealMode),
  planted('saves-real-base', 'equivalence', "the guest's old PSW has the hardware's l", SavesRealBase),
  planted('emulates-for-user', 'trap-and-emulate', 'a privileged instruction of virtual user code is emulated', EmulatesForUser),
  planted('reflects-privileged', 'trap-and-emulate', 'a privileged instruction of virtual supervisor code is reflected', ReflectsPrivileged),
  planted('undefined-is-nothing', 'trap-and-emulate', 'an undefined word in virtual supervisor mode is skipped', UndefinedIsNothing),
  planted('partial-lpsw', 'equivalence', 'an LPSW that memory-traps has already changed M', PartialLpsw),
  planted('timer-ignores-mode', 'trap-and-emulate', 'a virtual timer trap is taken in virtual supervisor mode', TimerIgnoresMode),
  planted('pending-lost', 'equivalence', 'a timer that runs out in virtual supervisor mode is forgotten', PendingLost),
  planted('timer-never-due', 'trap-and-emulate', 'no timer trap is ever given to the guest', TimerNeverDue),
  planted('call-is-undefined', 'trap-and-emulate', 'a supervisor call is reflected with the cause undefined', CallIsUndefined),
  planted('forgets-p', 'equivalence', 'an emulated instruction does not advance P', ForgetsP),
  planted('skips-two', 'equivalence', 'an emulated instruction advances P by two', SkipsTwo),
  planted('no-tick', 'equivalence', 'an emulated instruction does not tick', NoTick),
  planted('time-runs-fast', 'equivalence', 'the virtual timer loses one more than the ticks that passed', TimeRunsFast),
  planted('real-timer', 'equivalence', "RTIM reads the hardware's timer", RealTimer),
  planted('timer-not-virtual', 'equivalence', "STIM sets the hardware's timer only", TimerNotVirtual),
  planted('stim-keeps-pending', 'equivalence', 'STIM does not clear the virtual PENDING', StimKeepsPending),
  planted('real-relocation', 'equivalence', "SRB reads the hardware's R", RealRelocation),
  planted('lrb-keeps-bound', 'equivalence', 'LRB does not load b', LrbKeepsBound),
  planted('lpsw-keeps-mode', 'equivalence', 'LPSW to user mode stays in virtual supervisor mode', LpswKeepsMode),
  planted('relocates-loaded-base', 'equivalence', 'the virtual l is relocated when it is loaded', RelocatesLoadedBase),
  planted('halts-hardware', 'resource-control', "a guest's HALT halts the hardware", HaltsHardware),
  planted('halt-goes-on', 'equivalence', "a guest's HALT is ignored", HaltGoesOn),
  planted('other-trap-cell', 'equivalence', 'a guest with its trap cells high gets its old PSW in cell 0', OtherTrapCell),
  planted('in-to-wrong-register', 'equivalence', 'IN delivers to the register beside', InToWrongRegister),
  planted('register-lost', 'equivalence', 'G15 is not saved after direct execution', RegisterLost),
  planted('wrong-record', 'trap-and-emulate', 'an emulation is recorded as a reflection', WrongLastExit),
]
