// Instruction words and PSWs for the generators, written from the manual (docs/third-generation.md, sections 2, 6 and 8).
import type { Mode, Variant } from '../model/vocab/index.ts'

const word = (opcode: number, r: number, a: number, x: number): number => opcode << 24 | r << 20 | x << 16 | a & 0xffff
const withRegister = (opcode: number) => (r: number, a = 0, x = 0): number => word(opcode, r, a, x)
const withoutRegister = (opcode: number) => (a = 0, x = 0): number => word(opcode, 0, a, x)

/** op r, a(x) */
export const ins = {
  LA: withRegister(0x10), L: withRegister(0x11), ST: withRegister(0x12),
  ADD: withRegister(0x20), DIV: withRegister(0x23), REM: withRegister(0x24), SHL: withRegister(0x28),
  JMP: withoutRegister(0x30), BNZ: withRegister(0x33), SVC: withoutRegister(0x40), LPSW: withoutRegister(0x80),
  LRB: withRegister(0x81), SRB: withRegister(0x82), STIM: withRegister(0x83), RTIM: withRegister(0x84),
  IN: withRegister(0x85), OUT: withRegister(0x86), HALT: withoutRegister(0x87),
} as const

/** A PSW with cause 0. */
export const psw = (mode: Mode, counter: number, base: number, bound: number): number =>
  mode << 31 | (counter & 0xfff) << 16 | (base & 0xff) << 8 | bound & 0xff

/** Every opcode with its name; with an owner, only that variant has it. */
export const everyInstruction: readonly (readonly [opcode: number, name: string, owner?: Variant])[] = [
  [0x10, 'LA'], [0x11, 'L'], [0x12, 'ST'],
  [0x20, 'ADD'], [0x21, 'SUB'], [0x22, 'MUL'], [0x23, 'DIV'], [0x24, 'REM'], [0x25, 'AND'], [0x26, 'OR'], [0x27, 'XOR'],
  [0x28, 'SHL'], [0x29, 'SHR'], [0x2a, 'SLT'], [0x2b, 'SLTU'],
  [0x30, 'JMP'], [0x31, 'JAL'], [0x32, 'BZ'], [0x33, 'BNZ'], [0x34, 'BN'], [0x40, 'SVC'],
  [0x80, 'LPSW'], [0x81, 'LRB'], [0x82, 'SRB'], [0x83, 'STIM'], [0x84, 'RTIM'], [0x85, 'IN'], [0x86, 'OUT'], [0x87, 'HALT'],
  [0x90, 'JUM', 'jump-to-user'], [0x91, 'RMOD', 'read-mode'], [0x92, 'LRA', 'load-real-address'], [0x93, 'POPT', 'silent-write'],
  [0x94, 'SRBS', 'supervisor-only'], [0x95, 'SHB', 'shrink-bounds'],
]
