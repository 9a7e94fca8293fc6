// What the tests say about a processor: a situation it starts in, and what one step may change of it.
import type { Machine, MachineOptions } from '../../../model/vocab/machine.ts'
import { psw } from './word.ts'

type Cells = Readonly<Record<number, number>>

/** The parts of a state that are named here; the others stay as they are. E and D by real number. */
export interface Change {
  readonly mode?: 0 | 1
  readonly counter?: number
  readonly base?: number
  readonly bound?: number
  readonly timer?: number
  readonly pending?: boolean
  readonly halted?: boolean
  readonly diskPosition?: number
  readonly G?: Cells
  readonly E?: Cells
  readonly D?: Cells
}

/** Writes the named parts of a machine's state. */
export const apply = (machine: Machine, change: Change): void => {
  const { G = {}, E = {}, D = {}, ...parts } = change
  Object.assign(machine, parts)
  for (const [number, word] of Object.entries(G)) machine.setRegister(Number(number), word)
  for (const [address, word] of Object.entries(E)) machine.setCell(Number(address), word)
  for (const [position, word] of Object.entries(D)) machine.setDisk(Number(position), word)
}

/** All of a machine's state but `steps`, as a value to compare. */
export const observe = (machine: Machine): object => {
  const { mode, counter, base, bound, timer, pending, halted, taken, diskPosition } = machine
  const [registers, storage, printed, disk] = [machine.registers, machine.storage, machine.printed, machine.disk].map((view) => Array.from(view))
  return { mode, counter, base, bound, timer, pending, halted, taken, diskPosition, registers, storage, printed, disk }
}

export const smallMachine: MachineOptions = { size: 256, diskSize: 4, keyboard: [65, 200] }

/** A program in supervisor mode at address 5 of cells 32 to 159, its registers all different, storage marked. */
export const start: Change = {
  counter: 5,
  base: 2,
  bound: 8,
  G: Object.fromEntries(Array.from({ length: 16 }, (_, number) => [number, 0x1000 + number])),
  E: { 0: 0x0dd, 1: 0x0010_0c05, 31: 31, 32: 32, 48: 48, 159: 159, 160: 160, 255: 255 },
  D: { 0: 100, 1: 101, 2: 102, 3: 103 },
}

/** What a trap of `start` changes: the old PSW in cell 0 and, in M, P and R, the new one of cell 1. */
export const trapped = (cause: number, { mode = 0, counter = 5, base = 2, bound = 8 }: Change = {}): Change => ({
  E: { 0: psw(mode, cause, counter, base, bound) },
  mode: 0,
  counter: 16,
  base: 12,
  bound: 5,
})

/** One step: the word at P, what is so before besides `start`, and what is so after besides P + 1. */
export interface Step {
  readonly name: string
  readonly code: number
  readonly given?: Change
  readonly changes: Change
}

const before = (machine: Machine, { code, given = {} }: Step): Machine => {
  apply(machine, start)
  apply(machine, { E: { [16 * (given.base ?? start.base!) + (given.counter ?? start.counter!)]: code } })
  apply(machine, given)
  return machine
}

/** The states after the step: as `machine` performs it, and as `step` says, written into `page`, a fresh machine like it. */
export const actualAndExpected = (machine: Machine, page: Machine, step: Step): readonly [actual: object, expected: object] => {
  before(machine, step).run(1)
  before(page, step)
  apply(page, { counter: page.counter + 1, ...step.changes })
  return [observe(machine), observe(page)]
}
