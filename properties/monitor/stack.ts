// A system built for one trial: hardware, monitors with neighbours beside the guest, and what the monitor must not touch.
import type { Machine, MachineOptions } from '../../model/vocab/index.ts'
import type { Monitor, ReferenceMachine, System, VirtualMachine } from '../../traces/adapters.ts'
import type { Program } from '../../traces/generate.ts'
import { Broken } from './property.ts'
import type { References } from './references.ts'

const blockCells = 16
/** Cells of the idle guests before and after the guest, and words of their disks. */
const neighbourCells = 16
const neighbourDisk = 2

/** One monitor and the guest of its that is checked. */
export interface Level {
  readonly monitor: Monitor
  readonly hardware: Machine
  readonly guest: VirtualMachine
  /** Guest steps between two turns of the monitor. */
  readonly quantum: number
  /** Old-PSW cell of this level's hardware, as a cell of that hardware. */
  readonly trapCell: number
  /** Real cell of that hardware's cell 0. */
  readonly origin: number
}

export interface Stack {
  readonly hardware: Machine
  /** Outermost, next to the hardware, first. */
  readonly levels: readonly Level[]
  readonly machine: VirtualMachine
  /** Real cell of the guest's cell 0. */
  readonly origin: number
}

export interface StackOptions {
  readonly program: Program
  /** One for each level, outermost first. */
  readonly quanta: readonly number[]
  readonly hardwareTrapCells: 'low' | 'high'
  /** Whether another guest had the window before, and left words in it. */
  readonly predecessor: boolean
  /** Whose console the guest has. */
  readonly console: 'own' | 'hardware'
}

const canary = (cell: number): number => 0x70ca0000 | cell

const highCore = (system: System): boolean => system.technique === 'high-core'

const monitorCells = (system: System, trapCells: 'low' | 'high'): number =>
  highCore(system) || trapCells === 'low' ? blockCells : 2 * blockCells
/** One neighbour after the guest, and with a predecessor one before it too; none in high core. */
const neighbours = (system: System, predecessor: boolean): number => (highCore(system) ? 0 : predecessor ? 2 : 1)

/** Loads a program into a machine in its reset state. */
export const load = (machine: Machine, program: Program): void => {
  const { cells, registers, disk } = program
  for (let address = 0; address < cells.length; address += 1) machine.setCell(address, cells[address]!)
  for (let number = 0; number < 16; number += 1) machine.setRegister(number, registers[number]!)
  for (let position = 0; position < disk.length; position += 1) machine.setDisk(position, disk[position]!)
  machine.mode = program.mode
  machine.counter = program.counter
  machine.base = program.base
  machine.bound = program.bound
  machine.timer = program.timer
  machine.pending = program.pending
  machine.diskPosition = program.diskPosition
}

/** The program that starts in a machine's present state. */
export const programOf = (machine: ReferenceMachine, { size, trapCells, diskSize, keyboard }: Program): Program => {
  const { mode, counter, base, bound, timer, pending, diskPosition, taken } = machine
  return {
    size, trapCells, diskSize, keyboard: keyboard.slice(taken), cells: machine.storage.slice(), registers: machine.registers.slice(),
    mode, counter, base, bound, timer, pending, diskPosition, disk: machine.disk.slice(),
  }
}

export const machineOptions = (system: System, program: Program): MachineOptions => {
  const { size, trapCells, diskSize, keyboard } = program
  return { size, trapCells, diskSize, keyboard, variant: system.variant }
}

/** Builds the monitors inside out, and loads the program into the innermost guest. */
export const buildStack = (system: System, options: StackOptions, references: References): Stack => {
  const { program, quanta, hardwareTrapCells } = options
  const { depth } = system
  const sizes = [program.size]
  const disks = [program.diskSize]
  for (let level = depth - 1; level >= 0; level -= 1) {
    const trapCells = level === 0 ? hardwareTrapCells : 'low'
    sizes.unshift(sizes[0]! + monitorCells(system, trapCells) + neighbourCells * Math.max(1, neighbours(system, options.predecessor)))
    disks.unshift(disks[0]! + 2 * neighbourDisk)
  }
  const forwarded = options.console === 'hardware'
  const hardware = system.parts.hardware({
    size: sizes[0]!, trapCells: hardwareTrapCells, diskSize: disks[0]!, variant: system.variant,
    keyboard: forwarded ? program.keyboard : [0x21],
  }, (of) => references.take('hardware', of))
  const levels: Level[] = []
  let below = hardware
  let origin = 0
  for (let level = 0; level < depth; level += 1) {
    const innermost = level === depth - 1
    const trapCells = innermost ? program.trapCells : 'low'
    const guestOptions = {
      size: sizes[level + 1]!, diskSize: disks[level + 1]!, trapCells, console: options.console,
      ...(innermost && !forwarded ? { keyboard: program.keyboard } : {}),
    }
    const monitor = system.parts.monitor(below, { guests: [], quantum: quanta[level]! }, level)
    const beside = neighbours(system, options.predecessor)
    if (beside > 1) canaryGuest(monitor)
    if (options.predecessor) {
      const before = monitor.admit(guestOptions)
      fill(before, 3)
      monitor.dismiss(before)
    }
    const guest = monitor.admit(guestOptions)
    if (beside > 0) fill(monitor.admit({ size: neighbourCells, diskSize: neighbourDisk }), 2)
    const trapCell = below.options.trapCells === 'high' ? below.options.size - 2 : 0
    checkWindows(monitor, below, trapCell)
    levels.push({ monitor, hardware: below, guest, quantum: quanta[level]!, trapCell, origin })
    origin += guest.window.start
    below = guest
  }
  const machine = levels.at(-1)!.guest
  checkReset(machine, machineOptions(system, program))
  load(machine, program)
  return { hardware, levels, machine, origin }
}

/** An idle guest whose words are known. */
export const canaryGuest = (monitor: Monitor): VirtualMachine => {
  const machine = monitor.admit({ size: neighbourCells, diskSize: neighbourDisk })
  fill(machine, 1)
  return machine
}

const fill = (machine: VirtualMachine, which: number): void => {
  for (let cell = 0; cell < machine.options.size; cell += 1) machine.setCell(cell, canary(cell) + (which << 8))
  for (let position = 0; position < machine.options.diskSize; position += 1) machine.setDisk(position, canary(position) + (which << 8))
}

interface Range { readonly start: number; readonly length: number }
const apart = (one: Range, other: Range): boolean =>
  one.start + one.length <= other.start || other.start + other.length <= one.start

/** The allocator gave every guest cells and disk words that exist and are nobody else's. */
export const checkWindows = (monitor: Monitor, hardware: Machine, trapCell: number): void => {
  const { machines } = monitor
  machines.forEach((machine, index) => {
    const { window, diskPart } = machine
    const inside = window.start >= 0 && window.start % blockCells === 0 && window.start + window.length <= hardware.options.size
    if (!inside) throw new Broken('resource-control', `a guest's cells ${window.start} to ${window.start + window.length - 1} are not the hardware's`)
    if (!apart(window, { start: trapCell, length: 2 })) throw new Broken('resource-control', "a guest's cells hold the hardware's trap cells")
    for (const other of machines.slice(index + 1)) {
      if (!apart(window, other.window)) throw new Broken('resource-control', 'two guests share cells')
      if (!apart(diskPart, other.diskPart)) throw new Broken('resource-control', 'two guests share disk words')
    }
  })
}

/** A new virtual machine starts as a bare machine does. */
export const checkReset = (machine: VirtualMachine, options: MachineOptions): void => {
  const { size } = options
  for (let cell = 0; cell < size; cell += 1) {
    if (machine.storage[cell] !== 0) throw new Broken('resource-control', `a new guest's cell ${cell} holds another's word`)
  }
  for (let position = 0; position < machine.options.diskSize; position += 1) {
    if (machine.disk[position] !== 0) throw new Broken('resource-control', `a new guest's disk word ${position} is another's`)
  }
  if (machine.bound !== size / blockCells || machine.base !== 0 || machine.counter !== 0 || machine.mode !== 0) {
    throw new Broken('equivalence', 'a new guest is not in its reset state')
  }
}
