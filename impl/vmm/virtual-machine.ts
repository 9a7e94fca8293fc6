// One virtual machine: the virtual PSW, timer, registers and devices that the monitor keeps for a guest.
import { Device, SUPERVISOR } from '../../model/vocab/index.ts'
import type { Machine, MachineOptions, Mode, Stop, WordView } from '../../model/vocab/index.ts'
import { Accounting, Exit } from './accounting.ts'
import type { Part } from './allocator.ts'
import { cellWindow } from './cell-window.ts'
import { path } from './paths.ts'
import type { PathCounts } from './paths.ts'
import { blockCells } from './words.ts'

/** What a monitor gives a virtual machine. */
export interface Resources {
  readonly hardware: Machine
  readonly options: Required<MachineOptions>
  readonly window: Part
  readonly diskPart: Part
  /** The console is the hardware's: output is forwarded, and the keyboard is read when there is none of its own. */
  readonly hardwareConsole: boolean
  readonly hardwareKeyboard: boolean
  readonly paths: PathCounts
  readonly execute: (machine: VirtualMachine, limit: number, until: 'trap' | undefined) => Stop
}

export class VirtualMachine implements Machine {
  readonly options: Required<MachineOptions>
  readonly window: Part
  readonly diskPart: Part
  /** G as it was after the latest step; always the same array. */
  readonly registers = new Int32Array(16)
  readonly storage: WordView
  readonly disk: WordView
  readonly printed: number[] = []
  taken = 0
  steps = 0
  readonly accounting = new Accounting()
  readonly lastExit = new Exit()

  /** G is loaded in the hardware. */
  resident = false
  /** The hardware's PSW, timer and pending flag must be set again before the guest goes on. */
  stale = true
  /** What is left in the hardware's timer of what was armed. */
  armed = 0
  /** Guest steps until the monitor takes the hardware back. */
  quantumLeft = 0

  protected readonly resources: Resources
  protected readonly hardware: Machine
  private virtualMode: Mode = SUPERVISOR
  private virtualCounter = 0
  private virtualBase = 0
  private virtualBound: number
  private virtualTimer = 0
  private virtualPending = false
  private virtualHalted = false
  private position = 0

  constructor(resources: Resources) {
    this.resources = resources
    this.hardware = resources.hardware
    this.options = resources.options
    this.window = resources.window
    this.diskPart = resources.diskPart
    this.storage = cellWindow(this.hardware.storage, this.window.start, this.window.length)
    this.disk = cellWindow(this.hardware.disk, this.diskPart.start, this.diskPart.length)
    this.virtualBound = Math.floor(this.options.size / blockCells)
  }

  get mode(): Mode {
    return this.virtualMode
  }
  set mode(mode: Mode) {
    this.virtualMode = mode
    this.stale = true
  }
  get counter(): number {
    return this.virtualCounter
  }
  set counter(counter: number) {
    this.virtualCounter = counter & 0xfff
    this.stale = true
  }
  get base(): number {
    return this.virtualBase
  }
  set base(base: number) {
    this.virtualBase = base & 0xff
    this.stale = true
  }
  get bound(): number {
    return this.virtualBound
  }
  set bound(bound: number) {
    this.virtualBound = bound & 0xff
    this.stale = true
  }
  get timer(): number {
    return this.virtualTimer
  }
  set timer(timer: number) {
    this.virtualTimer = timer >>> 0
    this.stale = true
  }
  get pending(): boolean {
    return this.virtualPending
  }
  set pending(pending: boolean) {
    this.virtualPending = pending
    this.stale = true
  }
  get halted(): boolean {
    return this.virtualHalted
  }
  set halted(halted: boolean) {
    this.virtualHalted = halted
  }
  get diskPosition(): number {
    return this.position
  }
  set diskPosition(position: number) {
    this.position = position >>> 0
  }

  /** What direct execution left in the hardware; the hardware itself needs no change. */
  observeCounter(counter: number): void {
    this.virtualCounter = counter
  }
  observeTimer(timer: number): void {
    this.virtualTimer = timer
  }
  observePending(): void {
    this.virtualPending = true
  }
  observeBound(bound: number): void {
    this.virtualBound = bound
  }

  /** The hardware's console prints what this machine prints. */
  get usesHardwareConsole(): boolean {
    return this.resources.hardwareConsole
  }
  get usesHardwareKeyboard(): boolean {
    return this.resources.hardwareKeyboard
  }

  /** Real cell of the old PSW of this machine, counted from its own cell 0; the new PSW is in the cell after it. */
  get trapCell(): number {
    return this.options.trapCells === 'high' ? this.options.size - 2 : 0
  }

  /** The word in the machine's own cell `address`, which must exist. */
  cell(address: number): number {
    return this.hardware.storage[this.window.start + address]!
  }

  /** An address outside the machine's own storage is ignored. */
  setCell(address: number, word: number): void {
    if (address >= 0 && address < this.options.size) this.hardware.setCell(this.window.start + address, word)
  }

  setRegister(number: number, word: number): void {
    this.registers[number] = word
    if (this.resident) this.hardware.setRegister(number, word)
  }

  /** A position outside the machine's own disk is ignored. */
  setDisk(position: number, word: number): void {
    if (position >= 0 && position < this.options.diskSize) this.hardware.setDisk(this.diskPart.start + position, word)
  }

  input(device: number): number {
    const { paths } = this.resources
    switch (device) {
      case Device.console:
        return this.readConsole()
      case Device.diskPosition:
        paths.take(path.diskPosition)
        return this.position | 0
      case Device.diskData: {
        const inside = this.seekDisk()
        this.position = (this.position + 1) >>> 0
        return inside ? this.hardware.input(Device.diskData) | 0 : 0
      }
      default:
        paths.take(path.unknownDevice)
        return 0
    }
  }

  output(device: number, word: number): void {
    const { paths } = this.resources
    switch (device) {
      case Device.console:
        this.writeConsole(word)
        break
      case Device.diskPosition:
        paths.take(path.diskPosition)
        this.position = word >>> 0
        break
      case Device.diskData: {
        const inside = this.seekDisk()
        this.position = (this.position + 1) >>> 0
        if (inside) this.hardware.output(Device.diskData, word)
        break
      }
      default:
        paths.take(path.unknownDevice)
    }
  }

  run(limit: number, until?: 'trap'): Stop {
    return this.resources.execute(this, limit, until)
  }

  protected readConsole(): number {
    this.resources.paths.take(this.usesHardwareKeyboard ? path.hardwareConsole : path.ownConsole)
    if (this.usesHardwareKeyboard) {
      const before = this.hardware.taken
      const byte = this.hardware.input(Device.console)
      this.taken += this.hardware.taken - before
      return byte | 0
    }
    const byte = this.options.keyboard[this.taken]
    if (byte === undefined) return -1
    this.taken += 1
    return byte
  }

  protected writeConsole(word: number): void {
    this.resources.paths.take(this.usesHardwareConsole ? path.hardwareConsole : path.ownConsole)
    this.printed.push(word & 0xff)
    if (this.usesHardwareConsole) this.hardware.output(Device.console, word)
  }

  /** The hardware's disk position for a position of this machine's disk. */
  protected diskAddress(position: number): number {
    return this.diskPart.start + position
  }

  protected onDisk(position: number): boolean {
    return position < this.options.diskSize
  }

  /** Moves the hardware's disk to the virtual position; false when that is past the end of this machine's part. */
  private seekDisk(): boolean {
    const inside = this.onDisk(this.position)
    this.resources.paths.take(inside ? path.diskData : path.diskPastEnd)
    if (inside) this.hardware.output(Device.diskPosition, this.diskAddress(this.position))
    return inside
  }
}
