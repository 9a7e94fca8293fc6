// The interpreter routines v_i: one for each privileged instruction, working on the virtual state.
import { Cause, USER } from '../../model/vocab/index.ts'
import type { CauseCode, Mode, Variant } from '../../model/vocab/index.ts'
import { path } from './paths.ts'
import type { PathCounts } from './paths.ts'
import type { VirtualMachine } from './virtual-machine.ts'
import {
  Opcode, blockCells, fieldOf, opcodeOf, operandOf, pswBase, pswBound, pswCounter, pswMode, registerOf,
} from './words.ts'

/** How an interpreted instruction ended: completed, completed after setting P, completed after writing TIMER, or a trap. */
export type Outcome = typeof COMPLETED | typeof JUMPED | typeof TIMER_WRITTEN | CauseCode
export const COMPLETED = 0
export const JUMPED = -1
export const TIMER_WRITTEN = -2

/** The cell of the virtual machine that its program's address names, -1 when it is outside the virtual mapping. */
export const develop = (machine: VirtualMachine, address: number): number => {
  const cell = address + blockCells * machine.base
  return cell >= machine.options.size || address >= blockCells * machine.bound ? -1 : cell
}

export abstract class PrivilegedInterpreters {
  abstract readonly paths: PathCounts
  abstract readonly variant: Variant

  /** Runs the routine for a privileged opcode in virtual supervisor mode; undefined when there is none. */
  protected interpretPrivileged(machine: VirtualMachine, word: number): Outcome | undefined {
    switch (opcodeOf(word)) {
      case Opcode.LPSW: return this.interpretLPSW(machine, word)
      case Opcode.LRB: return this.interpretLRB(machine, word)
      case Opcode.SRB: return this.interpretSRB(machine, word)
      case Opcode.STIM: return this.interpretSTIM(machine, word)
      case Opcode.RTIM: return this.interpretRTIM(machine, word)
      case Opcode.IN: return this.interpretIN(machine, word)
      case Opcode.OUT: return this.interpretOUT(machine, word)
      case Opcode.HALT: return this.interpretHALT(machine)
      case Opcode.SHB: return this.variant === 'shrink-bounds' ? this.interpretSHB(machine, word) : undefined
      default: return undefined
    }
  }

  protected interpretLPSW(machine: VirtualMachine, word: number): Outcome {
    const cell = develop(machine, operandOf(word, machine.registers) & 0xfff)
    if (cell < 0) return Cause.memory
    this.loadPsw(machine, machine.cell(cell))
    this.paths.take(machine.mode === USER ? path.loadUser : path.loadSupervisor)
    return JUMPED
  }

  protected interpretLRB(machine: VirtualMachine, word: number): Outcome {
    const mapping = machine.registers[registerOf(word)]!
    machine.base = this.loadedBase(mapping)
    machine.bound = pswBound(mapping)
    return COMPLETED
  }

  protected interpretSRB(machine: VirtualMachine, word: number): Outcome {
    machine.setRegister(registerOf(word), machine.base * 256 + machine.bound)
    return COMPLETED
  }

  protected interpretSTIM(machine: VirtualMachine, word: number): Outcome {
    machine.timer = machine.registers[registerOf(word)]!
    machine.pending = false
    return TIMER_WRITTEN
  }

  protected interpretRTIM(machine: VirtualMachine, word: number): Outcome {
    machine.setRegister(registerOf(word), machine.timer | 0)
    return COMPLETED
  }

  protected interpretIN(machine: VirtualMachine, word: number): Outcome {
    machine.setRegister(registerOf(word), machine.input(fieldOf(word)))
    return COMPLETED
  }

  protected interpretOUT(machine: VirtualMachine, word: number): Outcome {
    machine.output(fieldOf(word), machine.registers[registerOf(word)]!)
    return COMPLETED
  }

  /** Only this guest halts: the hardware goes on for the others. */
  protected interpretHALT(machine: VirtualMachine): Outcome {
    machine.halted = true
    return COMPLETED
  }

  /** SHB traps in real user mode when it would not shrink the bound there. */
  protected interpretSHB(machine: VirtualMachine, word: number): Outcome {
    machine.bound = pswBound(machine.registers[registerOf(word)]!)
    return COMPLETED
  }

  /** M, P and R of the virtual machine from a PSW of the guest's. */
  protected loadPsw(machine: VirtualMachine, word: number): void {
    machine.mode = this.loadedMode(word)
    machine.counter = pswCounter(word)
    machine.base = this.loadedBase(word)
    machine.bound = pswBound(word)
  }

  protected loadedMode(word: number): Mode {
    return pswMode(word)
  }

  /** The virtual l of a PSW or of LRB's register: never relocated here, only when it is composed for the hardware. */
  protected loadedBase(word: number): number {
    return pswBase(word)
  }

  /** The rest of a completed instruction: P and the tick. */
  protected complete(machine: VirtualMachine, outcome: Outcome): void {
    if (outcome !== JUMPED) this.advance(machine)
    if (outcome !== TIMER_WRITTEN) this.tick(machine)
  }

  protected advance(machine: VirtualMachine): void {
    machine.counter = (machine.counter + 1) & 0xfff
  }

  /** The tick of one instruction that the monitor completed. */
  protected tick(machine: VirtualMachine): void {
    this.passTime(machine, 1)
  }

  /** Takes `ticks` completed instructions, at most TIMER when that is on, from the virtual timer. */
  protected passTime(machine: VirtualMachine, ticks: number): void {
    const timer = machine.timer
    if (timer === 0 || ticks === 0) return
    machine.observeTimer(timer - ticks)
    if (timer === ticks) machine.observePending()
  }
}
