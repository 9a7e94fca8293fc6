// Faults in the processor: its methods, one at a time; the specification is right.
import { Cause, USER, type CauseCode, type MachineOptions } from '../../model/vocab/index.ts'
import { Cpu, operationNumber, type ProcessorOutcome } from '../../traces/adapters.ts'
import type { PropertyName } from '../monitor/property.ts'
import type { Fault } from './fault.ts'

const planted = (name: string, sentence: string, Faulty: new (options: MachineOptions) => Cpu): Fault => ({
  name: `processor-${name}`, sentence, where: 'processor', property: 'processor', system: 'third-generation/cpu',
  plant: () => ({ processor: (options) => new Faulty(options) }),
})

/** The processor is right when bare, and wrong under the monitor. */
const underMonitor = (fault: Fault, name: string, property: PropertyName, Faulty: new (options: MachineOptions) => Cpu): Fault => ({
  ...fault, name: `hardware-${name}`, property, system: 'third-generation/trap-and-emulate', plant: () => ({ hardware: (options) => new Faulty(options) }),
})

class RelocatesTwice extends Cpu {
  protected override origin(): number { return 32 * this.base }
}

class BoundOffByOne extends Cpu {
  protected override limit(): number { return super.limit() + 1 }
}

class OnlyBound extends Cpu {
  protected override limit(): number { return Math.min(16 * this.bound, 4096) }
}

class NoSignExtension extends Cpu {
  protected override displacement(word: number): number { return word & 0x7fff }
}

class DecodesSltuAsSlt extends Cpu {
  protected override operation(word: number): number {
    const operation = super.operation(word)
    return operation === operationNumber.SLTU ? operationNumber.SLT : operation
  }
}

class UndefinedIsNothing extends Cpu {
  protected override operation(word: number): number {
    return word >>> 24 === 0x99 ? operationNumber.BZ : super.operation(word)
  }
}

class StaleSlots extends Cpu {
  override setCell(address: number, word: number): void { this.storage[address] = word }
}

class TimerIgnoresMode extends Cpu {
  protected override timerTrapDue(): boolean { return this.pending }
}

class TimerNeverTraps extends Cpu {
  protected override timerTrapDue(): boolean { return false }
}

class LosesTicks extends Cpu {
  protected override tick(count: number): void { super.tick(count > 1 ? count - 1 : count) }
}

class NoPending extends Cpu {
  protected override tick(count: number): void {
    const { pending } = this
    super.tick(count)
    this.pending = pending
  }
}

class TrapTicks extends Cpu {
  protected override takeTrap(cause: CauseCode): void {
    super.takeTrap(cause)
    this.tick(1)
  }
}

class SavesNoMode extends Cpu {
  protected override packPsw(cause: CauseCode): number { return super.packPsw(cause) & 0x7fffffff }
}

class SavesNextP extends Cpu {
  protected override packPsw(cause: CauseCode): number { return super.packPsw(cause) + 0x10000 | 0 }
}

class SwapsRelocation extends Cpu {
  protected override loadRelocation(word: number): void {
    this.base = word & 0xff
    this.bound = word >>> 8 & 0xff
  }
}

class KeepsMode extends Cpu {
  protected override loadPsw(word: number): void {
    const { mode } = this
    super.loadPsw(word)
    if (mode === USER && word >= 0) this.mode = mode
  }
}

class TimerKeepsPending extends Cpu {
  protected override loadTimer(word: number): void { this.timer = word >>> 0 }
}

class UserReadsRelocation extends Cpu {
  protected override privileged(operation: number): boolean {
    return operation !== operationNumber.SRB && super.privileged(operation)
  }
}

class StimTicks extends Cpu {
  protected override perform(slot: number): ProcessorOutcome {
    const outcome = super.perform(slot)
    return (slot & 63) === operationNumber.STIM && outcome !== Cause.privileged ? 0 : outcome
  }
}

class ConsoleRepeats extends Cpu {
  override input(device: number): number { return device === 0 ? (this.options.keyboard[this.taken] ?? -1) : super.input(device) }
}

class PositionStands extends Cpu {
  override output(device: number, word: number): void {
    const position = this.diskPosition
    super.output(device, word)
    if (device === 2) this.diskPosition = position
  }
}

export const processorFaults: readonly Fault[] = [
  planted('relocates-twice', 'the relocation is added twice', RelocatesTwice),
  planted('bound-off-by-one', 'the address 16·b is mapped', BoundOffByOne),
  planted('no-storage-check', 'addresses past the end of storage are not refused', OnlyBound),
  planted('no-sign-extension', 'the field a is not sign-extended', NoSignExtension),
  planted('sltu-signed', 'SLTU is decoded as SLT', DecodesSltuAsSlt),
  planted('undefined-is-nothing', 'the opcode 99 does not take the undefined trap', UndefinedIsNothing),
  planted('stale-slots', 'a predecoded instruction survives a write to its cell by a trap', StaleSlots),
  planted('timer-ignores-mode', 'a timer trap is taken in supervisor mode', TimerIgnoresMode),
  planted('timer-never-traps', 'a pending timer trap is never taken', TimerNeverTraps),
  planted('loses-ticks', 'of several instructions in a row one does not tick', LosesTicks),
  planted('no-pending', 'the timer runs out and PENDING stays 0', NoPending),
  planted('trap-ticks', 'a trap ticks', TrapTicks),
  planted('saves-no-mode', 'the old PSW always says supervisor mode', SavesNoMode),
  planted('saves-next-p', 'the old PSW has P + 1', SavesNextP),
  planted('swaps-relocation', 'l and b are swapped when R is loaded', SwapsRelocation),
  planted('keeps-mode', 'a trap from user mode does not enter supervisor mode', KeepsMode),
  planted('stim-keeps-pending', 'STIM does not clear PENDING', TimerKeepsPending),
  planted('user-reads-relocation', 'SRB is not privileged', UserReadsRelocation),
  planted('stim-ticks', 'STIM ticks', StimTicks),
  planted('keyboard-repeats', 'IN does not take the byte from the keyboard', ConsoleRepeats),
  planted('disk-stands-still', 'writing disk data does not advance POSITION', PositionStands),
  underMonitor(planted('saves-no-mode', 'under the monitor, the old PSW always says supervisor mode', SavesNoMode), 'saves-no-mode', 'processor', SavesNoMode),
  underMonitor(planted('loses-ticks', 'under the monitor, of several instructions in a row one does not tick', LosesTicks), 'loses-ticks', 'processor', LosesTicks),
]
