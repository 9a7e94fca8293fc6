// Generated guest programs: an operating system in miniature (vector, handler, supervisor and user code), then disturbed.
import type { Mode, Variant } from '../model/vocab/index.ts'
import { Random } from './generate-random.ts'
import { everyInstruction, ins, psw } from './generate-words.ts'
import type { GuestProgram, PlacedWord } from './program.ts'

/** A guest before its first step: plain data, so that it can be sent to a worker, shrunk and saved. */
export interface Program {
  /** Cells, a multiple of 16. */
  readonly size: number
  readonly trapCells: 'low' | 'high'
  /** Words. */
  readonly diskSize: number
  readonly keyboard: readonly number[]
  /** E, all cells. */
  readonly cells: Int32Array
  readonly registers: Int32Array
  readonly mode: Mode
  readonly counter: number
  readonly base: number
  readonly bound: number
  readonly timer: number
  readonly pending: boolean
  readonly diskPosition: number
  readonly disk: Int32Array
}

/** The same as traces keep it. */
export const guestProgram = (program: Program, variant: Variant, steps: number): GuestProgram => {
  const { size, trapCells, diskSize, keyboard, cells, registers, disk, mode, counter, base, bound, timer, pending, diskPosition } = program
  return {
    options: { size, trapCells, diskSize, keyboard, variant },
    mode, counter, base, bound, timer, pending, diskPosition, registers: [...registers], cells: placed(cells), disk: placed(disk), steps,
  }
}

/** The program that a trace keeps, as a check runs it. */
export const programOf = ({ options, cells, registers, disk, ...rest }: GuestProgram): Program => {
  const { size, trapCells = 'low', diskSize = 1024, keyboard = [] } = options
  const { steps: _, ...start } = rest
  return { ...start, size, trapCells, diskSize, keyboard, cells: filled(size, cells), registers: Int32Array.from(registers), disk: filled(diskSize, disk) }
}

const filled = (length: number, words: readonly PlacedWord[]): Int32Array => {
  const all = new Int32Array(length)
  for (const [place, word] of words) all[place] = word
  return all
}

const placed = (words: Int32Array): PlacedWord[] => Array.from(words.entries()).filter(([, word]) => word !== 0)

/** What every program of a run has in common. */
export interface Shape {
  readonly size: number
  readonly trapCells: 'low' | 'high'
  readonly diskSize: number
  readonly variant: Variant
}

const blockCells = 16

/** The program that a seed stands for. */
export const programFrom = (seed: number, shape: Shape): Program => new Generator(new Random(seed), shape).program()

/** One part of a program: code that starts at `start` and is meant to run in `mode` under R = (base, bound). */
interface Region {
  readonly start: number
  readonly length: number
  readonly mode: Mode
  readonly base: number
  readonly bound: number
}

class Generator {
  private readonly random: Random
  private readonly shape: Shape
  private readonly cells: Int32Array
  private readonly blocks: number
  /** Real cell of the old PSW. */
  private readonly trapCell: number
  /** Cells with PSWs in them, for LPSW. */
  private readonly pswCells: number[] = []
  private readonly extra: readonly number[]

  constructor(random: Random, shape: Shape) {
    this.random = random
    this.shape = shape
    this.cells = new Int32Array(shape.size)
    this.blocks = shape.size / blockCells
    this.trapCell = shape.trapCells === 'high' ? shape.size - 2 : 0
    this.extra = everyInstruction.filter(([, , owner]) => owner === shape.variant).map(([opcode]) => opcode)
  }

  program(): Program {
    const { random, cells, shape } = this
    const { size, diskSize } = shape
    const handler: Region = { start: 2, length: random.between(7, 12), mode: 0, base: 0, bound: this.blocks }
    const kernel: Region = { start: 16, length: random.between(8, 14), mode: 0, base: 0, bound: this.blocks }
    const userBase = random.between(1, this.blocks - 1)
    const userStart = random.chance(70) ? random.between(0, 4) : random.between(0, 15)
    const user: Region = {
      start: userBase * blockCells + userStart, length: random.between(8, 20), mode: 1, base: userBase,
      bound: random.chance(80) ? Math.max(1, this.blocks - userBase - random.below(2)) : random.between(0, this.blocks + 1),
    }
    if (random.chance(70)) for (let cell = 2; cell < size; cell += 1) cells[cell] = this.arithmetic()
    this.pswCells.push(this.trapCell, kernel.start - 1, kernel.start - 2)
    if (kernel.start + kernel.length < size - 2) this.pswCells.push(kernel.start + kernel.length)
    this.fillRegion(user)
    this.fillRegion(kernel)
    this.writeHandler(handler)
    for (const cell of this.pswCells) cells[cell] = this.storedPsw(handler, kernel, user)
    cells[this.trapCell + 1] = random.chance(92)
      ? psw(0, handler.start, 0, random.chance(90) ? this.blocks : this.edgeBound())
      : this.storedPsw(handler, kernel, user)
    if (random.chance(30)) cells[random.below(size)] = random.word()
    const start = random.chance(50) ? kernel : random.chance(85) ? user : handler
    const disk = new Int32Array(diskSize)
    for (let position = 0; position < diskSize; position += 1) disk[position] = position * 0x01010101 ^ 0x5a
    return {
      size, trapCells: shape.trapCells, diskSize, keyboard: [random.below(256), random.below(256)].slice(random.below(3)),
      cells, registers: this.registers(user), mode: start.mode, counter: this.within(start),
      base: start.base, bound: start.bound,
      timer: random.chance(30) ? random.between(1, 12) : random.chance(30) ? random.between(13, 100) : random.chance(10) ? random.word() >>> 0 : 0,
      pending: random.chance(8), diskPosition: random.chance(80) ? random.below(diskSize + 2) : random.word() >>> 0, disk,
    }
  }

  /** The address that region code has in its own mapping. */
  private within(region: Region): number {
    return (region.start - region.base * blockCells) & 0xfff
  }

  private registers(user: Region): Int32Array {
    const { random } = this
    const registers = new Int32Array(16)
    for (let number = 0; number < 16; number += 1) registers[number] = this.value(user)
    registers[8] = random.between(1, 8)
    registers[9] = this.edgeBase() << 8 | this.edgeBound()
    return registers
  }

  /** A word worth having in a register. */
  private value(user: Region): number {
    const { random } = this
    switch (random.below(8)) {
      case 0: return random.between(0, 3)
      case 1: return random.below(this.shape.size)
      case 2: return this.within(user) + random.below(user.length)
      case 3: return this.edgeBase() << 8 | this.edgeBound()
      case 4: return -random.between(1, 3)
      case 5: return random.between(1, 10)
      case 6: return 0x80000000 | random.below(4)
      default: return random.word()
    }
  }

  private edgeBase(): number {
    const { random, blocks } = this
    return random.chance(60) ? random.below(blocks) : random.chance(60) ? random.between(blocks, blocks + 2) : random.below(256)
  }

  private edgeBound(): number {
    const { random, blocks } = this
    return random.chance(75) ? random.between(1, blocks) : random.chance(60) ? random.between(blocks, blocks + 2) : random.below(256)
  }

  private storedPsw(handler: Region, kernel: Region, user: Region): number {
    const { random } = this
    const region = random.chance(60) ? user : random.chance(80) ? kernel : handler
    const counter = this.within(region) + random.below(region.length)
    const noise = random.chance(10)
    const mode = noise ? random.below(2) as Mode : region.mode
    const base = noise ? this.edgeBase() : region.base
    const bound = noise ? this.edgeBound() : region.bound
    return psw(mode, random.chance(5) ? 4095 : counter, base, bound) | (noise ? random.below(8) << 28 : 0)
  }

  /** Returns behind the trapped instruction (G14 := old PSW with P + 1, stored back, loaded), or to a PSW kept elsewhere. */
  private writeHandler(region: Region): void {
    const { random, cells, trapCell } = this
    const words: number[] = []
    if (random.chance(60)) words.push(...this.loop(region.start, 2))
    else if (random.chance(30)) words.push(ins.OUT(14, random.below(4)))
    else if (random.chance(40)) words.push(ins.LA(12, random.chance(30) ? random.between(1, 9) : random.between(10, 60)), ins.STIM(12))
    const goesOn = random.chance(55)
    if (goesOn) words.push(ins.L(14, trapCell), ins.LA(15, 1), ins.SHL(15, 16), ins.ADD(14, 0, 15), ins.ST(14, trapCell))
    words.push(ins.LPSW(goesOn || random.chance(20) ? trapCell : random.of(this.pswCells)))
    if (random.chance(15)) this.fillRegion(region)
    else words.forEach((word, offset) => { cells[region.start + offset] = word })
  }

  private fillRegion(region: Region): void {
    const { cells, random } = this
    const end = Math.min(region.start + region.length, this.shape.size)
    let cell = region.start
    while (cell < end) {
      for (const word of this.idiom(region, cell)) {
        if (cell < end) cells[cell] = word
        cell += 1
      }
    }
    if (random.chance(60)) cells[end - 1] = random.chance(70) ? ins.JMP(this.target(region)) : ins.SVC(random.below(8))
  }

  /** An address inside the region's own code. */
  private target(region: Region): number {
    return this.within(region) + this.random.below(region.length)
  }

  /** A low register: few of them, so that one instruction's result is the next one's operand. */
  private low(): number {
    return this.random.below(this.random.chance(85) ? 6 : 16)
  }

  private index(): number {
    return this.random.chance(80) ? 0 : this.low()
  }

  /** An address: data, code, or an edge of what the mapping or the storage allows. */
  private address(region: Region): number {
    const { random } = this
    const { size } = this.shape
    switch (random.below(10)) {
      case 0: case 1: case 2: case 3: return random.below(Math.max(1, Math.min(size - region.base * blockCells, region.bound * blockCells)))
      case 4: case 5: return this.target(region)
      case 6: return region.bound * blockCells - random.between(0, 1)
      case 7: return size - region.base * blockCells - random.between(0, 1)
      case 8: return random.of([0, 1, 15, 16, 4095, size - 1, size])
      default: return random.below(size + 16)
    }
  }

  /** One to four words that belong together. */
  private idiom(region: Region, cell: number): readonly number[] {
    const { random } = this
    const pick = random.below(100)
    if (pick < 34) return [this.arithmetic()]
    if (pick < 44) return [ins.L(this.low(), this.address(region), this.index())]
    if (pick < 54) return [ins.ST(this.low(), this.address(region), this.index())]
    if (pick < 66) return [this.jump(region)]
    if (pick < 69) return [ins.SVC(random.below(16))]
    if (pick < 71) return [random.chance(50) ? random.below(16) << 24 | random.below(65536) : 0x99000000 | random.below(65536)]
    if (pick < 73) return [random.chance(50) ? ins.DIV(this.low(), 0) : ins.REM(this.low(), 0, this.index())]
    if (pick < 83) return this.loop(cell - region.base * blockCells, 3)
    if (pick < 84) return [random.word()]
    if (pick < 88 && this.extra.length > 0) return [this.variantWord(region)]
    if (region.mode === 0 || random.chance(20)) return this.privileged(region)
    return [this.arithmetic()]
  }

  /** A few rounds of a short body, counted in G7; `address` is that of its first word. */
  private loop(address: number, longest: number): readonly number[] {
    const { random } = this
    const body = Array.from({ length: random.between(0, longest) }, () => this.arithmetic())
    return [ins.LA(7, random.between(1, 20)), ...body, ins.ADD(7, -1), ins.BNZ(7, address + 1)]
  }

  private variantWord(region: Region): number {
    const { random } = this
    return random.of(this.extra) << 24 | this.low() << 20 | this.index() << 16 | (this.target(region) & 0xffff)
  }

  private arithmetic(): number {
    const { random } = this
    const opcode = random.chance(15) ? 0x10 : 0x20 + random.below(12)
    const a = random.chance(50) ? random.between(-3, 9) : random.chance(70) ? random.below(64) : random.below(65536)
    return opcode << 24 | this.low() << 20 | this.index() << 16 | a & 0xffff
  }

  private jump(region: Region): number {
    const { random } = this
    const opcode = 0x30 + random.below(5)
    const a = random.chance(88) ? this.target(region) : this.address(region)
    return opcode << 24 | this.low() << 20 | (random.chance(90) ? 0 : this.low()) << 16 | a & 0xffff
  }

  private privileged(region: Region): readonly number[] {
    const { random } = this
    const r = this.low()
    switch (random.below(12)) {
      case 0: case 1: return [ins.LPSW(random.chance(75) ? random.of(this.pswCells) - region.base * blockCells : this.address(region), this.index())]
      case 2: return [ins.LA(r, this.edgeBase() << 8 | this.edgeBound()), ins.LRB(r)]
      case 3: return [ins.LRB(random.chance(50) ? 9 : r)]
      case 4: return [ins.SRB(r)]
      case 5: return [ins.LA(r, random.between(0, 9)), ins.STIM(r)]
      case 6: return [ins.STIM(random.chance(60) ? 8 : r)]
      case 7: return [ins.RTIM(r)]
      case 8: return [ins.IN(r, random.below(4))]
      case 9: return [ins.OUT(r, random.below(4))]
      case 10: return [ins.LA(r, random.below(this.shape.diskSize + 2)), ins.OUT(r, 1), random.chance(50) ? ins.IN(r, 2) : ins.OUT(r, 2)]
      default: return random.chance(25) ? [ins.HALT()] : [ins.IN(r, random.below(4))]
    }
  }
}
