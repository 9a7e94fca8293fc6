// A guest program: the complete concrete start of a third-generation machine, as plain data.
import type { Machine, MachineOptions, Mode } from '../model/vocab/index.ts'

/** A place and its word, a signed 32-bit integer. */
export type PlacedWord = readonly [place: number, word: number]

/** Plain JSON; whatever is not named is 0, and nothing has been printed or taken from the keyboard yet. */
export interface GuestProgram {
  readonly options: MachineOptions
  readonly mode: Mode
  /** 12 bits, relative to R. */
  readonly counter: number
  /** Blocks of 16 cells, 8 bits each. */
  readonly base: number
  readonly bound: number
  /** Unsigned 32-bit. */
  readonly timer: number
  readonly pending: boolean
  /** 16 signed 32-bit words. */
  readonly registers: readonly number[]
  /** By real address. */
  readonly cells: readonly PlacedWord[]
  readonly disk: readonly PlacedWord[]
  /** Unsigned 32-bit. */
  readonly diskPosition: number
  /** How many steps to run it for. */
  readonly steps: number
}

/** What a program can be run on; `create` builds a machine in the state of a reset. */
export interface Engine {
  readonly name: string
  readonly create: (options: MachineOptions) => Machine
}

/** Writes a program into a freshly built machine. */
export const install = (program: GuestProgram, machine: Machine): void => {
  const { cells, registers, disk } = program
  for (let i = 0; i < cells.length; i += 1) machine.setCell(cells[i]![0], cells[i]![1])
  for (let i = 0; i < registers.length; i += 1) machine.setRegister(i, registers[i]!)
  for (let i = 0; i < disk.length; i += 1) machine.setDisk(disk[i]![0], disk[i]![1])
  machine.mode = program.mode
  machine.counter = program.counter
  machine.base = program.base
  machine.bound = program.bound
  machine.timer = program.timer
  machine.pending = program.pending
  machine.diskPosition = program.diskPosition
}

/** The program that starts where a machine, which has not halted, is now; it has the bytes of the keyboard that are left. */
export const capture = (machine: Machine, steps: number): GuestProgram => ({
  options: { ...machine.options, keyboard: machine.options.keyboard.slice(machine.taken) },
  mode: machine.mode,
  counter: machine.counter,
  base: machine.base,
  bound: machine.bound,
  timer: machine.timer,
  pending: machine.pending,
  registers: Array.from({ length: 16 }, (_, number) => machine.registers[number]!),
  cells: placed(machine.storage),
  disk: placed(machine.disk),
  diskPosition: machine.diskPosition,
  steps,
})

const placed = (words: { readonly length: number; readonly [place: number]: number }): PlacedWord[] => {
  const found: PlacedWord[] = []
  for (let place = 0; place < words.length; place += 1) if (words[place] !== 0) found.push([place, words[place]!])
  return found
}
