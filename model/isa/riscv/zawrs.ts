// Zawrs: waiting on the reservation set, with a short time limit or with none of its own.
import { set, type Instruction } from '../../ir/instruction.ts'
import { get } from '../../ir/state.ts'
import { all, and, not } from '../../ir/term.ts'
import { completes, interruptPending, mayStall } from './machine.ts'
import { define, formats, illegal } from './notation.ts'
import { OP } from './rv-i.ts'
import { belowM, flag, type State } from './state.ts'
import { evaluateInterrupts } from './traps.ts'

export const waitOnReservation = (s: State): Instruction[] => {
  const instruction = define(s, 'unprivileged', 'Zawrs Extension for Wait-on-Reservation-Set instructions')
  const system = { rs1: 0, funct3: 0, rd: 0, opcode: OP.system }
  return [
    instruction('WRS.NTO', formats.I, { imm: 0x0d, ...system }, () => {
      const limited = and(belowM(s), flag(s, 'mstatus.TW'))
      return [illegal(and(limited, not(completes(s, 'limitedReservationWait')))), set(s.waiting, 1, all([mayStall(s, 'reservationWait'), not(limited), get(s.reserved), not(interruptPending(s))])), ...evaluateInterrupts(s)]
    }, 'with TW the implementation chooses between completing and trapping, in every mode but M alike'),
    instruction('WRS.STO', formats.I, { imm: 0x1d, ...system }, () => evaluateInterrupts(s), 'ends by itself after a short time'),
  ]
}
