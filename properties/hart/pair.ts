// Hart and specification side by side: both begin at reset with one image, are stepped together, and all their state is compared.
import { createHart, hartCell, type Hart, type HartOptions, type Platform } from '../../traces/adapters.ts'
import { constant } from '../../model/ir/term.ts'
import { riscvHart } from '../../model/isa/riscv/isa.ts'
import type { Parameters } from '../../model/isa/riscv/parameters.ts'
import type { Isa } from '../../model/machine/isa.ts'
import { compileWasm, type WasmMachine } from '../../model/machine/wasm-machine.ts'
import { choicesOf, configurations } from './configurations.ts'
import { device, lineBits, lineNames, ram, type Program, type Way } from '../../traces/hart-program.ts'

/** What a planted fault replaces. */
export interface Parts {
  readonly hart: (options: HartOptions, platform: Platform) => Hart
  readonly isa: (isa: Isa) => Isa
  readonly choices: Partial<Omit<Parameters, 'translation'>>
}
export const soundParts: Parts = { hart: createHart, isa: (isa) => isa, choices: {} }

/** A CSR that is not constant, and its place among the observed values. */
interface ComparedCsr {
  readonly name: string
  readonly number: number
}

/** CSRs that are compared often: what traps and returns write, what floating-point instructions write, and what instructions other than CSR instructions write. */
const often = {
  traps: new Set(['mstatus', 'mepc', 'mcause', 'mtval', 'sepc', 'scause', 'stval']), floating: new Set(['mstatus', 'fcsr']),
  flow: new Set(['mstatus', 'mepc', 'mcause', 'mtval', 'sepc', 'scause', 'stval', 'fcsr', 'minstret']),
}
const seldom = /^(pmp|mvendorid|marchid|mimpid|mhartid|mconfigptr|misa|cycle|instret|sstatus|fflags|frm)/
export type CsrGroup = keyof typeof often | 'most' | 'all'

export interface Difference {
  readonly what: string
  readonly specification: string
  readonly hart: string
}

const inputs = { MSIP: 'mip.MSIP', MTIP: 'mip.MTIP', MEIP: 'mip.MEIP', SEIP: 'SEIP line' } as const

/** The specification of one configuration, compiled, with what is read of it. */
export class Specification {
  readonly isa: Isa
  readonly csrs: readonly ComparedCsr[]
  readonly machine: WasmMachine
  /** Told of what the program writes to the device. */
  board: Board | undefined

  constructor(configuration: number, { isa: alter, choices }: Pick<Parts, 'isa' | 'choices'>) {
    const built = riscvHart('riscv64', { ...choicesOf(configurations[configuration]!), ...choices })
    this.isa = alter(built.isa)
    const each = built.csrs.flatMap((c) => Array.from({ length: c.last - c.first + 1 }, (_, n) =>
      ({ name: c.first === c.last ? c.name : `${c.name}${n}`, number: c.first + n, term: c.read(constant(12, c.first + n)) })))
    const varying = each.filter(({ term }) => term.kind !== 'const')
    this.csrs = varying.map(({ name, number }) => ({ name, number }))
    this.machine = compileWasm(this.isa, { ram: { base: BigInt(ram.base), size: ram.size }, observed: varying.map(({ term }) => term) }).start({
      read: (address, size) => this.board?.read(Number(address) - device.base, size) ?? 0n,
      write: (address, _, value) => this.board?.write(Number(address) - device.base, value),
    })
  }
}

/** The device and the lines of one of the two. A write to offset 0 sets the lines, one to 8 the time. */
class Board {
  lines = 0
  time = 0n
  private readonly changed: () => void

  constructor(changed: () => void) {
    this.changed = changed
  }

  set(lines: number, time: bigint): void {
    if (lines === this.lines && time === this.time) return
    this.lines = lines
    this.time = time
    this.changed()
  }
  read(offset: number, bytes: number): bigint {
    const register = offset < 8 ? BigInt(this.lines) : offset < 16 ? this.time : 0n
    return BigInt.asUintN(8 * bytes, register >> BigInt(8 * (offset & 7)))
  }
  write(offset: number, value: bigint): void {
    if (offset < 8) this.set(Number(value & 15n), this.time)
    else if (offset < 16) this.set(this.lines, value & 0xffffn)
  }
}

export class Pair {
  readonly specification: Specification
  readonly hart: Hart
  readonly boards: readonly [specification: Board, hart: Board]
  private readonly clean: ReturnType<Hart['save']>
  private readonly specified: Int32Array
  private readonly had: Int32Array
  private readonly ofSpecification: Buffer
  private readonly ofHart: Buffer
  private readonly csrsOf: Readonly<Record<CsrGroup, readonly number[]>>
  /** By the number of a CSR; -1 where there is none that varies. */
  private readonly placeOf = new Int16Array(4096).fill(-1)
  private readonly priv: number
  private readonly satpMode: number
  private readonly reservation: readonly [valid: number, address: number, width: number]
  private readonly at: readonly [x: number, f: number, pc: number]
  private compareAt: bigint | undefined

  constructor(specification: Specification, configuration: number, way: Way, makeHart: Parts['hart']) {
    this.specification = specification
    const { machine, csrs } = specification
    const own = new Board(() => {
      for (const line of lineNames) machine.setRegister(inputs[line], (own.lines & lineBits[line]) === 0 ? 0n : 1n)
      machine.setRegister('mtime', own.time)
    })
    const other = new Board(() => {
      for (const line of lineNames) this.hart.drive(line, (other.lines & lineBits[line]) !== 0)
      this.driveTimer()
    })
    this.boards = [own, other]
    const hart = makeHart({
      ramBytes: ram.size, ramBase: ram.base, ...configurations[configuration]!.options, translate: way === 'translated', hotAfter: 40,
    }, {
      load: (address, bytes) => (inDevice(address) ? other.read(address - device.base, bytes) : undefined),
      store: (address, _, value) => {
        if (inDevice(address)) other.write(address - device.base, value)
        return inDevice(address)
      },
      time: () => other.time,
      supervisorTimer: (compare) => {
        this.compareAt = compare
        this.driveTimer()
      },
    })
    this.hart = hart
    this.clean = hart.save()
    const { layout, state } = machine
    this.specified = new Int32Array(state.buffer as ArrayBuffer)
    this.had = new Int32Array(hart.x.buffer as ArrayBuffer)
    this.ofSpecification = Buffer.from(machine.ram.buffer, machine.ram.byteOffset, ram.size)
    this.ofHart = Buffer.from(hart.ram.buffer, hart.ram.byteOffset, ram.size)
    csrs.forEach(({ number }, n) => { this.placeOf[number] = n })
    const places = (chosen: (name: string) => boolean): number[] => [...csrs.keys()].filter((n) => chosen(csrs[n]!.name))
    this.csrsOf = {
      traps: places((name) => often.traps.has(name)), floating: places((name) => often.floating.has(name)), flow: places((name) => often.flow.has(name)),
      most: places((name) => !seldom.test(name)), all: places(() => true),
    }
    const place = (name: string): number => layout.registers.get(name)!.at >> 2
    this.priv = place('priv')
    this.satpMode = place('satp.MODE')
    this.reservation = [place('reservation valid'), place('reservation address'), place('reservation width')]
    this.at = [layout.banks.get('x')!.at >> 2, layout.banks.get('f')!.at >> 2, place('pc')]
  }

  private driveTimer(): void {
    this.hart.drive('STIP', this.compareAt !== undefined && this.boards[1].time >= this.compareAt)
  }

  /** Reset, with the image in RAM. */
  begin({ image }: Program): void {
    const { machine } = this.specification
    this.specification.board = this.boards[0]
    machine.state.fill(0)
    machine.ram.set(image)
    machine.setRegister('priv', 3n)
    machine.written()
    this.hart.ram.set(image)
    this.hart.restore(this.clean, 0)
    for (const board of this.boards) board.set(0, 0n)
    this.setLines(0, 0n)
  }

  /** Both go on at an address in M-mode. */
  jump(pc: number): void {
    const { machine } = this.specification
    machine.setRegister('pc', BigInt(pc))
    machine.setRegister('priv', 3n)
    machine.written()
    this.hart.pc = BigInt(pc)
    this.hart.mode = 3
  }

  setLines(lines: number, time: bigint): void {
    for (const board of this.boards) board.set(lines, time)
  }

  /** The low half of the specification's pc. */
  get pc(): number {
    return this.specified[this.at[2]]!
  }

  /** satp.MODE of the specification: 0, 8 or 9. */
  get scheme(): number {
    return this.specified[this.satpMode]!
  }

  get mode(): 0 | 1 | 3 {
    return this.specified[this.priv] as 0 | 1 | 3
  }

  /** Whether x, f, pc, mode and reservation are the same. */
  sameRegisters(): boolean {
    const { specified: s, had: h, at: [x, f, pc] } = this
    let differing = this.hart.mode ^ s[this.priv]!
    for (let k = 0; k < 64; k++) differing |= (s[x + k]! ^ h[k]!) | (s[f + k]! ^ h[64 + k]!)
    return (differing | (s[pc]! ^ h[128]!) | (s[pc + 1]! ^ h[129]!)) === 0 && this.sameReservation()
  }

  private sameReservation(): boolean {
    const { specified: s, had: h, reservation: [valid, address, width] } = this
    const reserved = h[hartCell.reserved >> 2]!
    if (s[valid] === 0) return reserved === 0
    return reserved - this.hart.ram.byteOffset === (s[address]! >>> 0) - ram.base && s[width] === h[hartCell.reservedBytes >> 2]
  }

  /** Whether the CSRs of a group, or the one of a number, are the same; 'most' are those that the others do not tell of. */
  sameCsrs(which: CsrGroup | number): boolean {
    const { specification: { machine, csrs }, hart } = this
    machine.observe()
    if (typeof which === 'number') {
      const n = this.placeOf[which]!
      return n < 0 || machine.observed[n] === hart.csr(which)
    }
    for (const n of this.csrsOf[which]) if (machine.observed[n] !== hart.csr(csrs[n]!.number)) return false
    return true
  }

  sameMemory(): boolean {
    return this.ofSpecification.equals(this.ofHart)
  }

  /** Everything that differs, for a person. */
  differences(): Difference[] {
    const { specified: s, had: h, at: [x, f, pc], specification: { machine, csrs }, hart } = this
    const found: Difference[] = []
    const long = (from: Int32Array, k: number): bigint => BigInt(from[k + 1]! >>> 0) << 32n | BigInt(from[k]! >>> 0)
    const compare = (what: string, specified: bigint | undefined, had: bigint | undefined): void => {
      const shown = (v: bigint | undefined): string => (v === undefined ? 'none' : `0x${v.toString(16)}`)
      if (specified !== had) found.push({ what, specification: shown(specified), hart: shown(had) })
    }
    compare('pc', long(s, pc), long(h, 128))
    compare('the mode', BigInt(this.mode), BigInt(hart.mode))
    for (let n = 0; n < 32; n++) compare(`x${n}`, long(s, x + 2 * n), long(h, 2 * n))
    for (let n = 0; n < 32; n++) compare(`f${n}`, long(s, f + 2 * n), long(h, 64 + 2 * n))
    machine.observe()
    csrs.forEach(({ name, number }, n) => compare(name, machine.observed[n], hart.csr(number)))
    if (!this.sameReservation()) {
      const [valid, address, width] = this.reservation, reserved = h[hartCell.reserved >> 2]!
      const shown = (bytes: number, at: number): string => `${bytes} bytes at 0x${at.toString(16)}`
      found.push({
        what: 'the reservation', specification: s[valid] === 0 ? 'none' : shown(s[width]!, s[address]! >>> 0),
        hart: reserved === 0 ? 'none' : shown(h[hartCell.reservedBytes >> 2]!, reserved - hart.ram.byteOffset + ram.base),
      })
    }
    if (!this.sameMemory()) {
      const offset = this.ofSpecification.findIndex((byte, k) => byte !== this.ofHart[k]) & ~7
      compare(`memory 0x${(ram.base + offset).toString(16)}`, this.ofSpecification.readBigUInt64LE(offset), this.ofHart.readBigUInt64LE(offset))
    }
    return found
  }
}

const inDevice = (address: number): boolean => address >= device.base && address < device.base + device.size

/** The pairs of a thread, made when they are first needed: compiling a specification takes seconds. */
export class Pairs {
  private readonly parts: Parts
  private readonly specifications: Map<number, Specification>
  private readonly pairs = new Map<string, Pair>()

  /** Where the specification is sound those of `sound`, if given, are used again. */
  constructor(parts: Partial<Parts> = {}, sound?: Pairs) {
    this.parts = { ...soundParts, ...parts }
    this.specifications = sound && !parts.isa && !parts.choices ? sound.specifications : new Map()
  }

  of({ configuration, way }: Pick<Program, 'configuration' | 'way'>): Pair {
    const kind = way === 'translated' ? way : 'steps', key = `${configuration} ${kind}`
    const known = this.pairs.get(key)
    if (known) return known
    const specification = this.specifications.get(configuration) ?? new Specification(configuration, this.parts)
    this.specifications.set(configuration, specification)
    const pair = new Pair(specification, configuration, kind, this.parts.hart)
    this.pairs.set(key, pair)
    return pair
  }
}
