// The meaning in supervisor mode of every instruction that has no routine v_i, the flawed variants' own included.
import { Cause, SUPERVISOR, USER } from '../../model/vocab/index.ts'
import type { Variant } from '../../model/vocab/index.ts'
import { COMPLETED, JUMPED, TIMER_WRITTEN, develop } from './privileged.ts'
import type { Outcome } from './privileged.ts'
import type { VirtualMachine } from './virtual-machine.ts'
import { Opcode, opcodeOf, operandOf, registerOf } from './words.ts'

const put = (machine: VirtualMachine, r: number, word: number): Outcome => {
  machine.setRegister(r, word | 0)
  return COMPLETED
}

const jump = (machine: VirtualMachine, address: number): Outcome => {
  machine.counter = address
  return JUMPED
}

/** Performs `word` on a virtual machine in supervisor mode, but for P := P + 1 and the tick. */
export const interpret = (machine: VirtualMachine, word: number, variant: Variant): Outcome => {
  const G = machine.registers
  const r = registerOf(word)
  const v = operandOf(word, G)
  const ea = v & 0xfff
  const g = G[r]!
  switch (opcodeOf(word)) {
    case 0x10: return put(machine, r, v)
    case 0x11: {
      const cell = develop(machine, ea)
      return cell < 0 ? Cause.memory : put(machine, r, machine.cell(cell))
    }
    case 0x12: {
      const cell = develop(machine, ea)
      if (cell < 0) return Cause.memory
      machine.setCell(cell, g)
      return COMPLETED
    }
    case 0x20: return put(machine, r, g + v)
    case 0x21: return put(machine, r, g - v)
    case 0x22: return put(machine, r, Math.imul(g, v))
    case 0x23: return v === 0 ? Cause.arithmetic : put(machine, r, (g >>> 0) / (v >>> 0))
    case 0x24: return v === 0 ? Cause.arithmetic : put(machine, r, (g >>> 0) % (v >>> 0))
    case 0x25: return put(machine, r, g & v)
    case 0x26: return put(machine, r, g | v)
    case 0x27: return put(machine, r, g ^ v)
    case 0x28: return put(machine, r, g << (v & 31))
    case 0x29: return put(machine, r, g >>> (v & 31))
    case 0x2a: return put(machine, r, g < v ? 1 : 0)
    case 0x2b: return put(machine, r, g >>> 0 < v >>> 0 ? 1 : 0)
    case 0x30: return jump(machine, ea)
    case 0x31:
      machine.setRegister(r, (machine.counter + 1) & 0xfff)
      return jump(machine, ea)
    case 0x32: return g === 0 ? jump(machine, ea) : COMPLETED
    case 0x33: return g !== 0 ? jump(machine, ea) : COMPLETED
    case 0x34: return g < 0 ? jump(machine, ea) : COMPLETED
    case 0x40: return Cause.supervisorCall
    case Opcode.JUM:
      if (variant !== 'jump-to-user') return Cause.undefined
      machine.mode = USER
      return jump(machine, ea)
    case Opcode.RMOD: return variant === 'read-mode' ? put(machine, r, SUPERVISOR) : Cause.undefined
    case Opcode.LRA: {
      if (variant !== 'load-real-address') return Cause.undefined
      const cell = develop(machine, ea)
      return cell < 0 ? Cause.memory : put(machine, r, cell)
    }
    case Opcode.POPT:
      if (variant !== 'silent-write') return Cause.undefined
      machine.timer = g
      machine.pending = false
      machine.setRegister(r, 0)
      return TIMER_WRITTEN
    case Opcode.SRBS:
      return variant === 'supervisor-only' ? put(machine, r, machine.base * 256 + machine.bound) : Cause.undefined
    default: return Cause.undefined
  }
}
