// For the tests of this folder: machine words by name, and a virtual machine beside the bare one after every step.
import type { Machine, Mode, WordView } from '../../model/vocab/index.ts'
import { pswWord } from './words.ts'

const opcodes = {
  LA: 0x10, L: 0x11, ST: 0x12, ADD: 0x20, SUB: 0x21, MUL: 0x22, DIV: 0x23, REM: 0x24, AND: 0x25, OR: 0x26, XOR: 0x27,
  SHL: 0x28, SHR: 0x29, SLT: 0x2a, SLTU: 0x2b, JMP: 0x30, JAL: 0x31, BZ: 0x32, BNZ: 0x33, BN: 0x34, SVC: 0x40,
  LPSW: 0x80, LRB: 0x81, SRB: 0x82, STIM: 0x83, RTIM: 0x84, IN: 0x85, OUT: 0x86, HALT: 0x87,
  JUM: 0x90, RMOD: 0x91, LRA: 0x92, POPT: 0x93, SRBS: 0x94, SHB: 0x95, UNDEFINED: 0x99,
} as const
type Name = keyof typeof opcodes

/** op r, a(x) */
export const ins = (name: Name, r = 0, a = 0, x = 0): number => (opcodes[name] << 24) | (r << 20) | (x << 16) | (a & 0xffff)

/** A PSW with cause 0. */
export const psw = (mode: Mode, counter: number, base: number, bound: number): number => pswWord(mode, 0, counter, base, bound)

/** Every opcode, the undefined and the variants' own included. */
export const everyOpcode: readonly number[] = Object.values(opcodes)

/** Cells by address; the machine starts at cell 16. */
export type Program = Readonly<Record<number, number | readonly number[]>>

export const load = (machine: Machine, program: Program, counter = 16): void => {
  for (const [start, words] of Object.entries(program)) {
    const cells = typeof words === 'number' ? [words] : words
    cells.forEach((word, offset) => machine.setCell(Number(start) + offset, word))
  }
  machine.counter = counter
}

const sameWords = (one: WordView, other: WordView): boolean => {
  if (one.length !== other.length) return false
  for (let index = 0; index < one.length; index += 1) if (one[index] !== other[index]) return false
  return true
}

/** The first component of the guest-visible state that differs, undefined when none does. */
export const difference = (bare: Machine, virtual: Machine): string | undefined => {
  if (bare.mode !== virtual.mode) return 'mode'
  if (bare.counter !== virtual.counter) return 'counter'
  if (bare.base !== virtual.base) return 'base'
  if (bare.bound !== virtual.bound) return 'bound'
  if (bare.timer !== virtual.timer) return 'timer'
  if (bare.pending !== virtual.pending) return 'pending'
  if (bare.halted !== virtual.halted) return 'halted'
  if (bare.steps !== virtual.steps) return 'steps'
  if (bare.taken !== virtual.taken) return 'taken'
  if (bare.diskPosition !== virtual.diskPosition) return 'diskPosition'
  if (!sameWords(bare.registers, virtual.registers)) return 'registers'
  if (!sameWords(bare.storage, virtual.storage)) return 'storage'
  if (!sameWords(bare.printed, virtual.printed)) return 'printed'
  if (!sameWords(bare.disk, virtual.disk)) return 'disk'
  return undefined
}

/** Runs both one step at a time; the step and the component at which they part, undefined when they never do. */
export const parting = (bare: Machine, virtual: Machine, limit: number): string | undefined => {
  for (let step = 1; step <= limit && !bare.halted; step += 1) {
    const stop = bare.run(1)
    if (virtual.run(1) !== stop) return `step ${step}: stop`
    const component = difference(bare, virtual)
    if (component !== undefined) return `step ${step}: ${component}`
  }
  return undefined
}
