// Taking traps: which mode handles them, what is written, and which interrupt is next.
import { interrupt, MACHINE, mppShift, mstatus, SUPERVISOR, USER, type State } from './state.ts'

export const cause = {
  instructionAccess: 1, illegal: 2, breakpoint: 3, loadMisaligned: 4, loadAccess: 5, storeMisaligned: 6, storeAccess: 7,
  userCall: 8, supervisorCall: 9, machineCall: 11, instructionPage: 12, loadPage: 13, storePage: 15,
} as const

export interface Trap {
  readonly interrupt: boolean
  readonly cause: number
  readonly value: bigint
  /** xepc. */
  readonly pc: bigint
}

/** Enters the handler: the address of the instruction is in `state.pc`, and that of the handler is left there. */
export const takeTrap = (state: State, number: number, value: bigint, interrupts: boolean): void => {
  const delegated = interrupts ? state.mideleg : state.medeleg
  const from = state.mode
  const recorded = interrupts ? BigInt(number) | 1n << 63n : BigInt(number)
  const { status, pc } = state
  if (from !== MACHINE && (delegated >> number & 1) !== 0) {
    state.scause = recorded
    state.sepc = pc
    state.stval = value
    state.status = status & ~(mstatus.SIE | mstatus.SPIE | mstatus.SPP)
      | ((status & mstatus.SIE) === 0 ? 0 : mstatus.SPIE) | (from === USER ? 0 : mstatus.SPP)
    state.mode = SUPERVISOR
    state.pc = vector(state.stvec, number, interrupts)
  } else {
    state.mcause = recorded
    state.mepc = pc
    state.mtval = value
    state.status = status & ~(mstatus.MIE | mstatus.MPIE | mstatus.MPP)
      | ((status & mstatus.MIE) === 0 ? 0 : mstatus.MPIE) | from << mppShift
    state.mode = MACHINE
    state.pc = vector(state.mtvec, number, interrupts)
  }
  if (!interrupts) state.trapped++
  state.reserve(0, 0)
  state.selectBuffers()
}

const vector = (register: bigint, number: number, interrupts: boolean): bigint => {
  const base = register & ~3n
  return interrupts && (register & 1n) !== 0n ? BigInt.asUintN(64, base + 4n * BigInt(number)) : base
}

const priorities = [interrupt.MEI, interrupt.MSI, interrupt.MTI, interrupt.SEI, interrupt.SSI, interrupt.STI]

/** The interrupt to take before the next instruction; -1 for none. */
export const dueInterrupt = (state: State): number => {
  const pending = state.pending & state.mie
  if (pending === 0) return -1
  const machine = state.mode !== MACHINE || (state.status & mstatus.MIE) !== 0 ? pending & ~state.mideleg : 0
  const supervisor = state.mode === USER || state.mode === SUPERVISOR && (state.status & mstatus.SIE) !== 0
    ? pending & state.mideleg : 0
  const due = machine === 0 ? supervisor : machine
  if (due === 0) return -1
  return priorities.find((number) => (due >> number & 1) !== 0) ?? -1
}
