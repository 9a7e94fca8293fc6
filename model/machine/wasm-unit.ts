// A WebAssembly module under construction: how its code reads and writes the state, and the functions that its terms apply.
import { openPrefix } from '../ir/instruction.ts'
import { constant, type Memory, type NamedFunction, type Term } from '../ir/term.ts'
import { Code, ModuleEncoder, type ValueType } from '../ir/wasm-encode.ts'
import { TermCode, valueType, type WasmState } from '../ir/wasm-terms.ts'
import { loadOf, pageBytes, storeOf, type BankPlace, type Layout } from './wasm-layout.ts'

/** Why the next step must look at more than its instruction: what `halted`, interrupts or remembered answers depend on was written. */
export const Attention = { halted: 1, interrupts: 2, context: 4 } as const

/** How code that knows more than the state names it: variables that are in locals, and cells that it reaches by itself. */
export interface Local {
  readonly variable?: (name: string) => (() => void) | undefined
  /** `count` cells of storage from `base` + `offset` up, where the code reaches them by itself; false otherwise. */
  readonly cells?: (base: Term, offset: bigint, count: number) => boolean
  /** The application of a function in another way than by calling it; false otherwise. */
  readonly apply?: (f: NamedFunction, operands: readonly (() => void)[]) => boolean
}

/** Sizes in bytes of accesses to storage. */
export type Size = 1 | 2 | 4 | 8
export const sizes: readonly Size[] = [1, 2, 4, 8]
const typeOfSize = (size: Size): ValueType => (size === 8 ? 'i64' : 'i32')

export class Unit {
  readonly layout: Layout
  readonly module = new ModuleEncoder()
  /** What is read by terms of functions, so that remembered answers can be forgotten when it is written. */
  readonly reads: Readonly<Record<Size, number>> | undefined
  readonly writes: Readonly<Record<Size, number>> | undefined
  readonly walkReads: Readonly<Record<Size, number>> | undefined
  readonly attention: number
  /** Where an answer was worked out from a device's registers, and so cannot be remembered. */
  readonly volatile: number
  /** Forgets all remembered answers. */
  readonly forget: number | undefined
  /** Writes the body of `forget`: set by whoever keeps what is remembered. */
  writeForget: (code: Code) => void = () => {}
  /** Registers whose writes need attention, by name. */
  readonly watched = new Map<string, number>()
  /** Banks on which remembered answers depend. */
  readonly watchedBanks = new Set<string>()
  readonly #functions = new Map<NamedFunction, number>()
  readonly #pending: (() => void)[] = []
  readonly computed: NamedFunction[] = []

  /** `computed` functions must be known before the first function is made. */
  constructor(layout: Layout, computed: readonly NamedFunction[]) {
    this.layout = layout
    const { module } = this
    const device = layout.ram && {
      read: module.import('deviceRead', { parameters: ['i64', 'i32'], results: ['i64'] }),
      write: module.import('deviceWrite', { parameters: ['i64', 'i32', 'i64'], results: [] }),
    }
    for (const f of computed) {
      for (const w of [...f.operands, f.width]) if (w > 64) throw new Error(`${f.name} has operands or a result of ${w} bits: WebAssembly code passes at most 64`)
      this.#functions.set(f, module.import(`computed ${this.computed.length}`, { parameters: f.operands.map(valueType), results: [valueType(f.width)] }))
      this.computed.push(f)
    }
    this.attention = module.global('i32', 7)
    this.volatile = module.global('i32', 0)
    if (!device) return
    this.forget = this.later([], [], (code) => this.writeForget(code))
    const bySize = (make: (size: Size) => number): Record<Size, number> => ({ 1: make(1), 2: make(2), 4: make(4), 8: make(8) })
    this.reads = bySize((size) => this.#readFunction(size, device.read, false))
    this.walkReads = bySize((size) => this.#readFunction(size, device.read, true))
    this.writes = bySize((size) => this.#writeFunction(size, device.write))
  }

  /** A function of `parameters`, its body written later, when all is known that it depends on. */
  later(parameters: readonly ValueType[], results: readonly ValueType[], write: (code: Code) => void, name?: string): number {
    const index = this.module.declare({ parameters, results }, name)
    this.#pending.push(() => {
      const code = new Code(parameters.length)
      write(code)
      this.module.define(index, code)
    })
    return index
  }
  /** Writes what was put off, and what that puts off. */
  finish(): void {
    for (let write = this.#pending.shift(); write; write = this.#pending.shift()) write()
  }

  /** Pushes the place of an address in RAM, as an i64; `outside` is written for others, `inside` finds the place in the local. */
  #inRam(code: Code, size: Size, inside: (place: number) => void, outside: () => void, type?: ValueType): void {
    const ram = this.layout.ram!, offset = code.local('i64'), place = code.local('i32')
    code.get(0).constant('i64', ram.base).op('i64.sub').tee(offset).constant('i64', ram.size - size).op('i64.le_u').if(type)
    code.get(offset).op('i32.wrap_i64').set(place)
    inside(place)
    code.op('else')
    outside()
    code.op('end')
  }

  #readFunction(size: Size, device: number, walk: boolean): number {
    const { layout } = this, type = typeOfSize(size)
    return this.later(['i64'], [type], (code) => this.#inRam(code, size, (place) => {
      if (walk) this.#mark(code, place)
      code.get(place).access(loadOf(size, 8 * size), layout.ram!.at)
    }, () => {
      if (walk) code.constant('i32', 1).setGlobal(this.volatile)
      code.get(0).constant('i32', size).call(device)
      if (type === 'i32') code.op('i32.wrap_i64')
    }, type))
  }

  /** Notes that the page is one whose contents are remembered; answers that let programs write to it directly are forgotten. */
  #mark(code: Code, place: number): void {
    const { ram, marked } = this.layout, page = code.local('i32'), count = code.local('i32')
    code.get(place).constant('i32', Math.log2(pageBytes)).op('i32.shr_u').tee(page).access('i32.load8_u', ram!.marks).op('i32.eqz').if()
    code.constant('i32', marked).access('i32.load').tee(count).constant('i32', 1000).op('i32.ge_u').if().call(this.forget!)
    code.constant('i32', 0).set(count).op('end')
    code.call(this.#forgetTables!)
    code.get(page).constant('i32', 1).access('i32.store8', ram!.marks)
    code.get(count).constant('i32', 2).op('i32.shl').get(page).access('i32.store', marked + 8)
    code.constant('i32', marked).get(count).constant('i32', 1).op('i32.add').access('i32.store').op('end')
  }

  /** Forgets what is in the tables, but not which pages have been read: set by whoever keeps the tables. */
  #forgetTables: number | undefined
  set forgetTables(index: number) { this.#forgetTables = index }

  #writeFunction(size: Size, device: number): number {
    const { ram } = this.layout, type = typeOfSize(size)
    return this.later(['i64', type], [], (code) => this.#inRam(code, size, (place) => {
      code.get(place).get(1).access(storeOf(size, 8 * size), ram!.at)
      const touched = (last: number): void => {
        code.get(place).constant('i32', last).op('i32.add').constant('i32', Math.log2(pageBytes)).op('i32.shr_u').access('i32.load8_u', ram!.marks)
      }
      touched(0)
      if (size > 1) { touched(size - 1); code.op('i32.or') }
      code.if().call(this.forget!).op('end')
    }, () => {
      code.get(0).constant('i32', size).get(1)
      if (type === 'i32') code.op('i64.extend_i32_u')
      code.call(device)
    }))
  }

  /** How terms of a function read the state; `walk` for terms whose value will be remembered. */
  state(local: Local = {}, walk = false): WasmState {
    const { layout } = this, reads = walk ? this.walkReads : this.reads
    const isStorage = (m: Memory): boolean => layout.ram !== undefined && m.name === layout.storage.name
    return {
      variable: (code, name, width) => {
        const own = local.variable?.(name)
        if (own) { own(); return }
        // What the manual leaves open is 0.
        if (name.startsWith(openPrefix)) { code.constant(valueType(width), 0); return }
        const found = layout.registers.get(name)
        if (!found) throw new Error(`a running machine has no ${name}`)
        code.constant('i32', 0).access(`${valueType(width)}.load`, found.at)
      },
      onDemand: isStorage,
      cell: (code, memory, address) => {
        if (isStorage(memory)) { address(); code.call(reads![1]); return }
        this.#cell(code, layout.banks.get(memory.name)!, address)
      },
      cells: (code, memory, base, offset, count, push) => {
        if (!isStorage(memory)) return false
        if (local.cells?.(base, offset, count)) return true
        if (!sizes.includes(count as Size)) return false
        push(base)
        if (offset !== 0n) {
          code.constant('i64', offset).op('i64.add').constant('i64', (1n << BigInt(memory.addressWidth)) - 1n).op('i64.and')
        }
        code.call(reads![count as Size])
        return true
      },
      apply: (code, f, operands) => {
        if (local.apply?.(f, operands)) return
        for (const push of operands) push()
        code.call(this.functionIndex(f))
      },
    }
  }

  /** Cells that a bank does not have are 0. */
  #cell(code: Code, place: BankPlace, address: () => void): void {
    const { bank, at, cells, cellBytes } = place, load = loadOf(cellBytes, bank.width), type = valueType(bank.width)
    const push = (): void => {
      address()
      if (bank.addressWidth > 32) code.op('i32.wrap_i64')
    }
    if (cells === 2 ** bank.addressWidth) {
      push()
      if (cellBytes > 1) code.constant('i32', Math.log2(cellBytes)).op('i32.shl')
      code.access(load, at)
      return
    }
    const index = code.local('i32')
    push()
    code.tee(index).constant('i32', cells).op('i32.lt_u').if(type).get(index)
    if (cellBytes > 1) code.constant('i32', Math.log2(cellBytes)).op('i32.shl')
    code.access(load, at).op('else').constant(type, 0).op('end')
  }

  /** Stores the local's value in the cell whose number (i32) is in a local; a cell that the bank does not have stays as it is. */
  storeCell(code: Code, bankName: string, index: number, value: number): void {
    const { bank, at, cells, cellBytes } = this.layout.banks.get(bankName)!
    const all = cells === 2 ** bank.addressWidth
    if (!all) code.get(index).constant('i32', cells).op('i32.lt_u').if()
    code.get(index)
    if (cellBytes > 1) code.constant('i32', Math.log2(cellBytes)).op('i32.shl')
    code.get(value).access(storeOf(cellBytes, bank.width), at)
    if (!all) code.op('end')
    if (this.watchedBanks.has(bankName)) code.call(this.forget!)
  }

  /** Stores the local's value in a register; where others depend on it, attention is asked for if it changes. */
  storeRegister(code: Code, name: string, value: number): void {
    const { register, at } = this.layout.registers.get(name)!, type = valueType(register.width), watch = this.watched.get(name)
    if (watch !== undefined) code.get(value).constant('i32', 0).access(`${type}.load`, at).op(`${type}.ne`).if()
    code.constant('i32', 0).get(value).access(`${type}.store`, at)
    if (watch !== undefined) code.getGlobal(this.attention).constant('i32', watch).op('i32.or').setGlobal(this.attention).op('end')
  }

  /** The function of a definition; what it reads of storage is noted. */
  functionIndex(f: NamedFunction): number {
    const known = this.#functions.get(f)
    if (known !== undefined) return known
    const { meaning } = f
    if (meaning.kind === 'computed') throw new Error(`${f.name} was not declared`)
    if (f.width > 64) throw new Error(`${f.name} has ${f.width} bits: WebAssembly code passes at most 64`)
    const index = this.later(f.operands.map(valueType), [valueType(f.width)], (code) => {
      const parameters = new Map(meaning.parameters.map((p, n) => [p.kind === 'var' ? p.name : '', n]))
      const variable = (name: string): (() => void) | undefined => {
        const n = parameters.get(name)
        return n === undefined ? undefined : () => code.get(n)
      }
      new TermCode(code, this.state({ variable }, this.walkReads !== undefined), [meaning.body]).push(meaning.body)
    })
    this.#functions.set(f, index)
    return index
  }
}

/** Whether a term is 1 in every state. */
export const always = (t: Term): boolean => t === constant(1, 1)
export const never = (t: Term): boolean => t === constant(1, 0)
