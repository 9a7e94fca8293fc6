// Each decision of the monitor taken wrongly, one at a time: the hand-written guests must notice.
import { expect, test } from 'vitest'
import { Cause, USER } from '../../model/vocab/index.ts'
import type { CauseCode, Mode } from '../../model/vocab/index.ts'
import { Cpu } from '../cpu/third-generation/cpu.ts'
import { Monitor, VirtualMachine } from './index.ts'
import type { MonitorOptions, Outcome, Resources } from './index.ts'
import { load, parting } from './lock-step.fixture.ts'
import { programSize as size, programs } from './programs.fixture.ts'

const keyboard = [104, 105]
const diskSize = 64

const partingsOf = (build: new (hardware: Cpu, options: MonitorOptions) => Monitor): string[] =>
  programs.flatMap(([name, program]) => {
    const bare = new Cpu({ size, diskSize, keyboard })
    // The second of three guests is compared: its window and disk part have others on both sides.
    const hardware = new Cpu({ size: 48 + size, diskSize: 16 + diskSize })
    const beside = { size: 16, diskSize: 8 }
    const monitor = new build(hardware, { guests: [beside, { size, diskSize, keyboard }, beside], quantum: 17 })
    const machine = monitor.machines[1]!
    for (const each of [bare, machine]) load(each, program)
    const parts = parting(bare, machine, 900)
    return parts === undefined ? [] : [`${name}, ${parts}`]
  })

const wrong: Record<string, new (hardware: Cpu, options: MonitorOptions) => Monitor> = {
  'no clip': class extends Monitor {
    protected override clip(machine: VirtualMachine): number {
      return machine.bound
    }
  },
  'clip one block too far': class extends Monitor {
    protected override clip(machine: VirtualMachine): number {
      return Math.max(0, Math.min(machine.bound, size / 16 + 1 - machine.base))
    }
  },
  'relocation added twice': class extends Monitor {
    protected override relocate(machine: VirtualMachine, base: number): number {
      return super.relocate(machine, super.relocate(machine, base))
    }
  },
  'stale relocation': class extends Monitor {
    protected override setMapping(machine: VirtualMachine): void {
      if (machine.steps === 0) super.setMapping(machine)
    }
  },
  'real mode in the old PSW': class extends Monitor {
    protected override savedMode(): Mode {
      return USER
    }
  },
  'real relocation in the old PSW': class extends Monitor {
    protected override savedBase(machine: VirtualMachine): number {
      return machine.base + machine.window.start / 16
    }
  },
  'P of the next instruction in the old PSW': class extends Monitor {
    protected override savedCounter(machine: VirtualMachine): number {
      return machine.counter + 1
    }
  },
  'trap reflected to user mode': class extends Monitor {
    protected override loadedMode(): Mode {
      return USER
    }
  },
  'P not advanced': class extends Monitor {
    protected override advance(): void {
      return
    }
  },
  'privileged instruction of user code emulated': class extends Monitor {
    protected override belongsToGuest(): boolean {
      return false
    }
  },
  'privileged instruction of supervisor code reflected': class extends Monitor {
    protected override belongsToGuest(): boolean {
      return true
    }
  },
  'no tick for an emulated instruction': class extends Monitor {
    protected override tick(): void {
      return
    }
  },
  'time passes twice': class extends Monitor {
    protected override passTime(machine: VirtualMachine, ticks: number): void {
      super.passTime(machine, Math.min(machine.timer, 2 * ticks))
    }
  },
  'timer armed one tick late': class extends Monitor {
    protected override ticksToArm(machine: VirtualMachine): number {
      return super.ticksToArm(machine) + 1
    }
  },
  'timer trap in supervisor mode': class extends Monitor {
    protected override pendingDue(machine: VirtualMachine): boolean {
      return machine.pending
    }
  },
  'timer trap never delivered': class extends Monitor {
    protected override pendingDue(): boolean {
      return false
    }
  },
  'registers not saved': class extends Monitor {
    protected override saveRegisters(): void {
      return
    }
  },
  'undefined words reported as privileged': class extends Monitor {
    protected override reflectedCause(cause: CauseCode): CauseCode {
      return cause === Cause.undefined ? Cause.privileged : cause
    }
  },
  'vector of the guest one cell off': class extends Monitor {
    protected override guestTrapCell(machine: VirtualMachine): number {
      return super.guestTrapCell(machine) + 1
    }
  },
  'STIM leaves the pending trap': class extends Monitor {
    protected override interpretSTIM(machine: VirtualMachine, word: number): Outcome {
      const { pending } = machine
      const outcome = super.interpretSTIM(machine, word)
      machine.pending = pending
      return outcome
    }
  },
  'LPSW out of bounds takes cell 0': class extends Monitor {
    protected override interpretLPSW(machine: VirtualMachine, word: number): Outcome {
      const outcome = super.interpretLPSW(machine, word)
      return outcome > 0 ? 0 : outcome
    }
  },
  'HALT forgets P': class extends Monitor {
    protected override interpretHALT(machine: VirtualMachine): Outcome {
      machine.halted = true
      return -1
    }
  },
  'disk part forgotten': class extends Monitor {
    protected override createMachine(resources: Resources): VirtualMachine {
      return new class extends VirtualMachine {
        protected override diskAddress(position: number): number {
          return position
        }
      }(resources)
    }
  },
  'disk end off by one': class extends Monitor {
    protected override createMachine(resources: Resources): VirtualMachine {
      return new class extends VirtualMachine {
        protected override onDisk(position: number): boolean {
          return position < 3
        }
      }(resources)
    }
  },
  'keyboard of the hardware': class extends Monitor {
    protected override createMachine(resources: Resources): VirtualMachine {
      return new class extends VirtualMachine {
        override get usesHardwareKeyboard(): boolean {
          return true
        }
      }(resources)
    }
  },
}

test('the monitor itself parts nowhere', () => {
  expect(partingsOf(Monitor)).toEqual([])
})

test.each(Object.entries(wrong))('%s', (_name, build) => {
  expect(partingsOf(build)).not.toEqual([])
})
