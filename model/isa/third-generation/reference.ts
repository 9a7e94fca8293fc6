// The reference machine: the compiled specification behind the Machine interface.
import { compileMachine, type CompiledMachine } from '../../machine/compile.ts'
import { Device, type Machine, type MachineOptions, type Mode, type Stop, type Variant, type WordView } from '../../vocab/index.ts'
import { full, type Sizes } from './state.ts'
import { thirdGeneration } from './isa.ts'
import type { Isa } from '../../machine/isa.ts'

const stops: readonly Stop[] = ['limit', 'trap', 'halt']
type Scalar = 'M' | 'P' | 'L' | 'B' | 'TIMER' | 'PENDING' | 'HALTED' | 'COUNT' | 'TYPED' | 'TAKEN' | 'POSITION'

const known = new Map<string, Isa>()
const isaFor = (variant: Variant, sizes: Sizes): Isa => {
  const key = `${variant} ${sizes.storage} ${sizes.disk} ${sizes.trapCells}`
  const isa = known.get(key) ?? thirdGeneration(variant, sizes)
  known.set(key, isa)
  return isa
}

/** A third-generation machine that runs the specification itself; `isa` replaces the sound one, for planted faults. */
export class ReferenceMachine implements Machine {
  readonly options: Required<MachineOptions>
  readonly storage: Int32Array
  readonly registers: Int32Array
  readonly disk: Int32Array
  /** Bytes printed, at most the last 65,536. */
  readonly printed: WordView
  steps = 0
  readonly #machine: CompiledMachine
  readonly #scalars: Record<Scalar, number>

  constructor(options: MachineOptions, isa?: Isa) {
    this.options = { variant: 'sound', trapCells: 'low', diskSize: 1024, keyboard: [], ...options }
    const { size, diskSize, trapCells, variant, keyboard } = this.options
    const diskAddress = Math.max(1, Math.ceil(Math.log2(diskSize)))
    this.#machine = compileMachine(isa ?? isaFor(variant, { ...full, storage: size, disk: diskSize, diskAddress, trapCells }))
    this.#scalars = this.#machine.state.registers as Record<Scalar, number>
    const view = (bank: string): Int32Array => new Int32Array(this.#bank(bank).buffer)
    this.storage = view('E')
    this.registers = view('G')
    this.disk = view('DISK')
    this.printed = printedView(this.#bank('PRINTED'), this.#scalars)
    this.#bank('KEYBOARD').set(keyboard)
    this.#scalars.TYPED = keyboard.length
    this.bound = Math.floor(size / 16)
  }

  #bank(name: string): Uint32Array {
    return this.#machine.state.banks[name] as Uint32Array
  }

  get mode(): Mode { return this.#scalars.M as Mode }
  set mode(mode: Mode) { this.#scalars.M = mode }
  get counter(): number { return this.#scalars.P }
  set counter(address: number) { this.#scalars.P = address }
  get base(): number { return this.#scalars.L }
  set base(blocks: number) { this.#scalars.L = blocks }
  get bound(): number { return this.#scalars.B }
  set bound(blocks: number) { this.#scalars.B = blocks }
  get timer(): number { return this.#scalars.TIMER }
  set timer(instructions: number) { this.#scalars.TIMER = instructions }
  get pending(): boolean { return this.#scalars.PENDING !== 0 }
  set pending(due: boolean) { this.#scalars.PENDING = due ? 1 : 0 }
  get halted(): boolean { return this.#scalars.HALTED !== 0 }
  set halted(halted: boolean) { this.#scalars.HALTED = halted ? 1 : 0 }
  get taken(): number { return this.#scalars.TAKEN }
  get diskPosition(): number { return this.#scalars.POSITION }
  set diskPosition(position: number) { this.#scalars.POSITION = position }

  setCell(address: number, word: number): void { this.storage[address] = word }
  setRegister(number: number, word: number): void { this.registers[number] = word }
  setDisk(position: number, word: number): void { this.disk[position] = word }

  /** IN without an instruction: what a control program in the host's language does in supervisor mode. */
  input(device: number): number {
    const s = this.#scalars
    if (device === Device.console) return s.TAKEN < s.TYPED ? this.#bank('KEYBOARD')[s.TAKEN++]! : -1
    if (device === Device.diskPosition) return s.POSITION | 0
    if (device !== Device.diskData) return 0
    const word = this.disk[s.POSITION] ?? 0
    s.POSITION = (s.POSITION + 1) >>> 0
    return word
  }

  output(device: number, word: number): void {
    const s = this.#scalars
    if (device === Device.console) {
      this.#bank('PRINTED')[s.COUNT] = word & 0xff
      s.COUNT = (s.COUNT + 1) & 0xffff
    } else if (device === Device.diskPosition) s.POSITION = word >>> 0
    else if (device === Device.diskData) {
      if (s.POSITION < this.disk.length) this.disk[s.POSITION] = word
      s.POSITION = (s.POSITION + 1) >>> 0
    }
  }

  run(limit: number, until?: 'trap'): Stop {
    const stop = this.#machine.run(limit, until === 'trap')
    this.steps += this.#machine.last.steps
    return stop === 0 && this.halted ? 'halt' : stops[stop]!
  }

  /** Back to the state in which it was built, but for what the keyboard will deliver. */
  reset(keyboard: readonly number[] = this.options.keyboard): void {
    const s = this.#scalars
    this.#bank('KEYBOARD').set(keyboard)
    s.TYPED = keyboard.length
    s.M = s.P = s.L = s.TIMER = s.PENDING = s.HALTED = s.COUNT = s.TAKEN = s.POSITION = 0
    s.B = Math.floor(this.options.size / 16)
    this.storage.fill(0)
    this.registers.fill(0)
    this.disk.fill(0)
    this.steps = 0
  }

  /** The code of the last trap of the last run, 0 when it took none. */
  get lastCause(): number {
    return this.#machine.last.cause
  }
}

const printedView = (bytes: Uint32Array, scalars: { COUNT: number }): WordView =>
  new Proxy(bytes as unknown as WordView, {
    get: (_, property) => (property === 'length' ? scalars.COUNT : Reflect.get(bytes, property, bytes)),
  })
