// The third-generation processor: predecoded, on typed arrays, written for speed.
import {
  Cause, Device, SUPERVISOR, USER,
  type CauseCode, type Machine, type MachineOptions, type Mode, type Stop, type WordView,
} from '../../../model/vocab/machine.ts'
import { Console } from '../../devices/console.ts'
import { Disk } from '../../devices/disk.ts'
import { aField, opcodeField, operationNumber, operationsOf, rField, xField } from './decode.ts'
import { completeOptions } from './options.ts'

/**
 * What `perform` made of an instruction: `ticks` and `still` (it wrote TIMER) are completed ones, others are the
 * cause of the trap to take.
 */
export type Outcome = CauseCode | typeof ticks | typeof still
export const ticks = 0
export const still = 8

/** The exit of a burst at an instruction that `perform` does; 0 is a burst used up, 1 to 6 a cause. */
const toPerform = 7

/** A counter of instructions that stays a small integer in V8. */
const longestBurst = 0x3fff_ffff

/** The register that is always 0: a slot whose x is 0 indexes with it. */
const zero = 16

export class Cpu implements Machine {
  readonly options: Required<MachineOptions>
  mode: Mode = SUPERVISOR
  counter = 0
  base = 0
  bound: number
  timer = 0
  pending = false
  halted = false

  /** E. Reading only, views of it included: `setCell` keeps the predecoded slots right. */
  readonly storage: Int32Array
  /** The 16 general registers. Reading only. */
  readonly registers: Int32Array

  private readonly console: Console
  private readonly store: Disk
  private performed = 0

  /** G and, in place 16, the zero that x = 0 stands for. */
  private readonly file: Int32Array
  /** One slot for each cell: a in bits 31..16, x in 15..11, r in 10..6, operation in 5..0. */
  private readonly slots: Int32Array
  private readonly operations: Uint8Array
  private readonly oldPswCell: number
  private exit = 0

  /** Throws RangeError when an option is outside its limits. */
  constructor(options: MachineOptions) {
    this.options = completeOptions(options)
    const { size, variant, trapCells, diskSize, keyboard } = this.options
    this.bound = size / 16
    // One buffer: a processor is built for each checked program, and allocation is most of its price.
    const buffer = new ArrayBuffer(4 * (2 * size + 17))
    this.storage = new Int32Array(buffer, 0, size)
    this.slots = new Int32Array(buffer, 4 * size, size)
    this.file = new Int32Array(buffer, 8 * size, 17)
    this.registers = new Int32Array(buffer, 8 * size, 16)
    this.operations = operationsOf(variant)
    this.oldPswCell = trapCells === 'low' ? 0 : size - 2
    this.console = new Console(keyboard)
    this.store = new Disk(diskSize)
  }

  get steps(): number {
    return this.performed
  }

  /** An address outside storage is ignored. */
  setCell(address: number, word: number): void {
    this.storage[address] = word
    this.slots[address] = 0
  }

  setRegister(number: number, word: number): void {
    this.registers[number] = word
  }

  get printed(): WordView {
    return this.console.printed
  }

  get taken(): number {
    return this.console.taken
  }

  get disk(): WordView {
    return this.store.words
  }

  setDisk(position: number, word: number): void {
    this.store.words[position] = word
  }

  get diskPosition(): number {
    return this.store.position
  }

  set diskPosition(word: number) {
    this.store.position = word
  }

  input(device: number): number {
    switch (device) {
      case Device.console: return this.console.take()
      case Device.diskPosition: return this.store.position | 0
      case Device.diskData: return this.store.read()
      default: return 0
    }
  }

  output(device: number, word: number): void {
    switch (device) {
      case Device.console: this.console.print(word); break
      case Device.diskPosition: this.store.position = word; break
      case Device.diskData: this.store.write(word); break
    }
  }

  run(limit: number, until?: 'trap'): Stop {
    let left = limit
    while (left > 0 && !this.halted) {
      if (this.timerTrapDue()) {
        this.pending = false
        this.takeTrap(Cause.timer)
        this.performed++
        if (until !== undefined) return 'trap'
        left--
        continue
      }
      const timer = this.timer
      let length = left < longestBurst ? left : longestBurst
      if (timer !== 0 && timer < length) length = timer
      const count = this.burst(length)
      this.performed += count
      left -= count
      if (count !== 0) this.tick(count)
      if (this.exit === 0) continue

      // A burst ends before the timer can fire, so the instruction that stopped it sees TIMER and PENDING as they are.
      const outcome = this.exit === toPerform ? this.perform(this.slots[this.counter + this.origin()]!) : this.exit as CauseCode
      this.performed++
      left--
      if (outcome === ticks) this.tick(1)
      else if (outcome !== still) {
        this.takeTrap(outcome)
        if (until !== undefined) return 'trap'
      }
    }
    return this.halted ? 'halt' : 'limit'
  }

  /** 16·l: what is added to an address. */
  protected origin(): number {
    return 16 * this.base
  }

  /** The first address that memory-traps: both checks of section 3 in one comparison; not positive when every one does. */
  protected limit(): number {
    const unmapped = this.options.size - 16 * this.base
    const bounded = 16 * this.bound
    return unmapped < bounded ? unmapped : bounded
  }

  /** The operation number of a word, in this variant. */
  protected operation(word: number): number {
    return this.operations[opcodeField(word)]!
  }

  /** signextend(a). */
  protected displacement(word: number): number {
    return aField(word) << 16 >> 16
  }

  /** The slot of a word. */
  protected predecode(word: number): number {
    return this.displacement(word) << 16 | (xField(word) || zero) << 11 | rField(word) << 6 | this.operation(word)
  }

  /** Step 2: a timer trap comes before the fetch. */
  protected timerTrapDue(): boolean {
    return this.pending && this.mode === USER
  }

  /** Step 7 for `count` instructions that completed, never more than TIMER when it is on. */
  protected tick(count: number): void {
    if (this.timer !== 0) {
      this.timer -= count
      if (this.timer === 0) this.pending = true
    }
  }

  protected takeTrap(cause: CauseCode): void {
    const newPsw = this.storage[this.oldPswCell + 1]!
    this.setCell(this.oldPswCell, this.packPsw(cause))
    this.loadPsw(newPsw)
  }

  /** The old PSW: (M, cause, P, R) in one word. */
  protected packPsw(cause: CauseCode): number {
    return this.mode << 31 | cause << 28 | this.counter << 16 | this.base << 8 | this.bound
  }

  /** M, P and R from one word. */
  protected loadPsw(word: number): void {
    this.mode = word < 0 ? USER : SUPERVISOR
    this.counter = word >>> 16 & 0xfff
    this.loadRelocation(word)
  }

  /** R from bits 15..0 of a word. */
  protected loadRelocation(word: number): void {
    this.base = word >>> 8 & 0xff
    this.bound = word & 0xff
  }

  protected loadTimer(word: number): void {
    this.timer = word >>> 0
    this.pending = false
  }

  protected advance(): void {
    this.counter = this.counter + 1 & 0xfff
  }

  /** Whether an operation takes the privileged trap in user mode. */
  protected privileged(operation: number): boolean {
    switch (operation) {
      case operationNumber.LRB: {
        const { variant } = this.options
        return variant !== 'no-op-in-user' && variant !== 'set-relocation-in-user'
      }
      case operationNumber.SRB: return this.options.variant !== 'read-relocation'
      default: return operation >= operationNumber.LPSW && operation <= operationNumber.HALT
    }
  }

  /** The operand v of a slot. */
  protected operand(slot: number): number {
    return (slot >> 16) + this.file[slot >> 11 & 31]! | 0
  }

  /** An instruction that the burst leaves to this method: the privileged ones, the added ones, a derived processor's own. */
  protected perform(slot: number): Outcome {
    const operation = slot & 63
    const r = slot >> 6 & 31
    const user = this.mode === USER
    if (user && this.privileged(operation)) return Cause.privileged
    const G = this.file
    switch (operation) {
      case operationNumber.LPSW: {
        const address = this.operand(slot) & 0xfff
        if (address >= this.limit()) return Cause.memory
        this.loadPsw(this.storage[address + this.origin()]!)
        return ticks
      }
      case operationNumber.LRB:
        if (!user || this.options.variant !== 'no-op-in-user') this.loadRelocation(G[r]!)
        break
      case operationNumber.SRB: G[r] = this.base << 8 | this.bound; break
      case operationNumber.STIM:
        this.loadTimer(G[r]!)
        this.advance()
        return still
      case operationNumber.RTIM: G[r] = this.timer; break
      case operationNumber.IN: G[r] = this.input(slot >>> 16); break
      case operationNumber.OUT: this.output(slot >>> 16, G[r]!); break
      case operationNumber.HALT: this.halted = true; break
      case operationNumber.JUM:
        this.counter = this.operand(slot) & 0xfff
        this.mode = USER
        return ticks
      case operationNumber.RMOD: G[r] = this.mode; break
      case operationNumber.LRA: {
        const address = this.operand(slot) & 0xfff
        if (address >= this.limit()) return Cause.memory
        G[r] = address + this.origin()
        break
      }
      case operationNumber.POPT: {
        const word = G[r]!
        G[r] = 0
        if (user) break
        this.loadTimer(word)
        this.advance()
        return still
      }
      case operationNumber.SRBS: G[r] = user ? 0 : this.base << 8 | this.bound; break
      case operationNumber.SHB: {
        const blocks = G[r]! & 0xff
        if (user && blocks >= this.bound) return Cause.privileged
        this.bound = blocks
        break
      }
      default: return Cause.undefined
    }
    this.advance()
    return ticks
  }

  /**
   * Performs instructions until `length` have completed or one needs more than this loop has: a trap or `perform`.
   * Returns how many completed, sets `exit`. Mode, R and PENDING cannot change inside, nor can TIMER run out.
   * The cases are the numbers of decode.ts, as literals: only so does V8 build a jump table.
   * `| 0` keeps the counts and sums machine words, without overflow checks; `pc` is P relocated.
   */
  private burst(length: number): number {
    const G = this.file
    const E = this.storage
    const slots = this.slots
    const origin = this.origin()
    const limit = this.limit()
    const end = limit + origin
    let pc = this.counter + origin
    let left = length | 0
    let exit = 0
    loop: do {
      if (pc >= end) {
        exit = 1
        break
      }
      const slot = slots[pc]!
      const r = slot >> 6 & 31
      const v = (slot >> 16) + G[slot >> 11 & 31]! | 0
      switch (slot & 63) {
        case 0: // not decoded
          slots[pc] = this.predecode(E[pc]!)
          if ((slots[pc]! & 63) !== 0) continue
          // Only a derived processor comes here, with an operation 0 or a limit beyond storage: it must not loop for ever.
          exit = 3
          break loop
        case 1: // LA
          G[r] = v
          break
        case 2: { // L
          const address = v & 0xfff
          if (address >= limit) {
            exit = 1
            break loop
          }
          G[r] = E[address + origin]!
          break
        }
        case 3: { // ST
          const address = v & 0xfff
          if (address >= limit) {
            exit = 1
            break loop
          }
          E[address + origin] = G[r]!
          slots[address + origin] = 0
          break
        }
        case 4: // ADD
          G[r] = G[r]! + v | 0
          break
        case 5: // SUB
          G[r] = G[r]! - v | 0
          break
        case 6: // MUL
          G[r] = Math.imul(G[r]!, v)
          break
        case 7: // DIV
          if (v === 0) {
            exit = 6
            break loop
          }
          G[r] = (G[r]! >>> 0) / (v >>> 0) >>> 0
          break
        case 8: // REM
          if (v === 0) {
            exit = 6
            break loop
          }
          G[r] = (G[r]! >>> 0) % (v >>> 0)
          break
        case 9: // AND
          G[r] = G[r]! & v
          break
        case 10: // OR
          G[r] = G[r]! | v
          break
        case 11: // XOR
          G[r] = G[r]! ^ v
          break
        case 12: // SHL
          G[r] = G[r]! << v
          break
        case 13: // SHR
          G[r] = G[r]! >>> v
          break
        case 14: // SLT
          G[r] = G[r]! < v ? 1 : 0
          break
        case 15: // SLTU
          G[r] = G[r]! >>> 0 < v >>> 0 ? 1 : 0
          break
        case 16: // JMP
          pc = (v & 0xfff) + origin
          left = left - 1 | 0
          continue
        case 17: // JAL
          G[r] = pc - origin + 1
          pc = (v & 0xfff) + origin
          left = left - 1 | 0
          continue
        case 18: // BZ
          if (G[r] === 0) {
            pc = (v & 0xfff) + origin
            left = left - 1 | 0
            continue
          }
          break
        case 19: // BNZ
          if (G[r] !== 0) {
            pc = (v & 0xfff) + origin
            left = left - 1 | 0
            continue
          }
          break
        case 20: // BN
          if (G[r]! < 0) {
            pc = (v & 0xfff) + origin
            left = left - 1 | 0
            continue
          }
          break
        case 21: // SVC
          exit = 4
          break loop
        case 22: // undefined
          exit = 3
          break loop
        default:
          exit = toPerform
          break loop
      }
      // No storage is large enough to fetch at P = 4095, so P + 1 needs no reduction here.
      pc = pc + 1 | 0
      left = left - 1 | 0
    } while (left > 0)
    this.counter = pc - origin
    this.exit = exit
    return length - left
  }
}
