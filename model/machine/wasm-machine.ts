// A machine compiled to WebAssembly from an ISA's terms: its state is WebAssembly memory, its steps one exported function.
import { wasmHost, wasmPage } from '../ir/wasm-host.ts'
import { TermCode, valueType } from '../ir/wasm-terms.ts'
import type { Term } from '../ir/term.ts'
import { sequencingOf, type Isa } from './isa.ts'
import { execute, executeBody } from './execute.ts'
import type { RunStop } from './compile.ts'
import { rootsOf } from './wasm-fold.ts'
import { computedIn, type Parts } from './wasm-instruction.ts'
import { layOut, type BankPlace, type Layout, type Ram } from './wasm-layout.ts'
import { makeLoop } from './wasm-loop.ts'
import { causeOf, valueOf } from './wasm-outcome.ts'
import { Remembered } from './wasm-remember.ts'
import { Attention, Unit } from './wasm-unit.ts'

/** What lies in storage outside RAM: an access of 1, 2, 4 or 8 bytes at a real address, the first byte in the low bits. */
export interface Devices {
  readonly read: (address: bigint, size: number) => bigint
  readonly write: (address: bigint, size: number, value: bigint) => void
}

export interface WasmOptions {
  /** For an ISA whose storage is too large to have all its cells. */
  readonly ram?: Ram
  /** Without them, storage outside RAM reads as 0 and ignores writes. */
  readonly devices?: Devices
  /** Of the state, of at most 64 bits each: `observe` puts their values into `observed`. */
  readonly observed?: readonly Term[]
}

/** The compiled machine; instances of it share its code. */
export interface WasmProgram {
  readonly isa: Isa
  readonly layout: Layout
  /** Size of the WebAssembly module in bytes. */
  readonly size: number
  readonly start: (devices?: Devices) => WasmMachine
}

type Run = (limit: number, untilTrap: number) => RunStop

export class WasmMachine {
  readonly isa: Isa
  readonly layout: Layout
  /** RAM, or empty where all storage is a bank. */
  readonly ram: Uint8Array
  /** Of the last run: its steps, and the cause's code of its last trap, 0 for none. */
  readonly last = { steps: 0, cause: 0 }
  /** The values of the observed terms, in their order, as they were when `observe` was called. */
  readonly observed: BigUint64Array
  readonly observe: () => void
  readonly #view: DataView
  readonly #run: Run
  readonly #attend: () => void
  readonly #changed: () => void

  constructor(isa: Isa, layout: Layout, memory: ArrayBuffer, exports: Readonly<Record<string, unknown>>, observed: number) {
    this.isa = isa
    this.layout = layout
    this.#view = new DataView(memory)
    this.ram = new Uint8Array(memory, layout.ram?.at ?? 0, layout.ram?.size ?? 0)
    this.observed = new BigUint64Array(memory, layout.observed, observed)
    this.observe = exports['observe'] as () => void
    this.#run = exports['run'] as Run
    this.#attend = exports['attend'] as () => void
    this.#changed = exports['changed'] as () => void
  }

  /** Performs at most `limit` steps, fewer than 2^32; with `untilTrap` stops after the first trap. 0 at the limit, 1 after a trap, 2 where halted. */
  run(limit: number, untilTrap: boolean): RunStop {
    const stop = this.#run(limit, untilTrap ? 1 : 0)
    this.last.steps = this.#view.getUint32(this.layout.steps, true)
    this.last.cause = this.#view.getUint32(this.layout.lastCause, true)
    return stop
  }

  /** The word fetched last; of an instruction shorter than a word its own bits, then 0. */
  get word(): number {
    return this.#view.getUint32(this.layout.word, true)
  }

  /** The content of a register; a RangeError where there is none of that name. */
  register(name: string): bigint {
    return this.#view.getBigUint64(this.#register(name).at, true)
  }
  setRegister(name: string, content: bigint): void {
    const { at, register } = this.#register(name)
    this.#view.setBigUint64(at, BigInt.asUintN(register.width, content), true)
    this.#attend()
  }
  #register(name: string): { readonly at: number, readonly register: { readonly width: number } } {
    const found = this.layout.registers.get(name)
    if (!found) throw new RangeError(`${this.isa.name} has no register ${name}`)
    return found
  }

  /** The cell of a bank that is not partly RAM; a RangeError where there is none. */
  cell(bank: string, index: number): bigint {
    const { place, at } = this.#cell(bank, index)
    switch (place.cellBytes) {
      case 1: return BigInt(this.#view.getUint8(at))
      case 2: return BigInt(this.#view.getUint16(at, true))
      case 4: return BigInt(this.#view.getUint32(at, true))
      default: return this.#view.getBigUint64(at, true)
    }
  }
  setCell(bank: string, index: number, content: bigint): void {
    const { place, at } = this.#cell(bank, index), value = BigInt.asUintN(place.bank.width, content)
    switch (place.cellBytes) {
      case 1: this.#view.setUint8(at, Number(value)); break
      case 2: this.#view.setUint16(at, Number(value), true); break
      case 4: this.#view.setUint32(at, Number(value), true); break
      default: this.#view.setBigUint64(at, value, true)
    }
    this.written()
  }
  #cell(bank: string, index: number): { readonly place: BankPlace, readonly at: number } {
    const place = this.layout.banks.get(bank)
    if (!place || !(index >= 0 && index < place.cells)) throw new RangeError(`${this.isa.name} has no cell ${index} of ${bank}`)
    return { place, at: place.at + index * place.cellBytes }
  }

  /** All registers and banks as they lie in memory, RAM apart: for quick comparison and copying; say `written` after changes. */
  get state(): Uint8Array {
    const { registers, banks } = this.layout
    const ends = [...[...registers.values()].map((r) => r.at + 8), ...[...banks.values()].map((b) => b.at + Math.ceil(b.cells * b.cellBytes / 8) * 8)]
    return new Uint8Array(this.#view.buffer as ArrayBuffer, 64, Math.max(64, ...ends) - 64)
  }

  /** To be called after RAM or `state` has been changed from outside, before the next run. */
  written(): void {
    this.#changed()
  }
}

const noDevices: Devices = { read: () => 0n, write: () => {} }

/** Compiles the machine; the ISA must have a `sequencing` and words of one length. */
export const compileWasm = (isa: Isa, options: WasmOptions = {}): WasmProgram => {
  const sequencing = sequencingOf(isa)
  const { observed = [] } = options
  const layout = layOut(isa, options.ram, observed.length)
  const computed = computedIn([...everything(isa), ...observed])
  const unit = new Unit(layout, computed)
  const remembered = layout.ram && new Remembered(unit)
  const parts: Parts = { unit, isa, sequencing, remembered }
  makeLoop(parts)
  const everyAttention = Attention.halted | Attention.interrupts | Attention.context
  unit.later([], [], (code) => code.constant('i32', everyAttention).setGlobal(unit.attention), 'attend')
  unit.later([], [], (code) => {
    code.constant('i32', everyAttention).setGlobal(unit.attention)
    if (unit.forget !== undefined) code.call(unit.forget)
  }, 'changed')
  unit.later([], [], (code) => {
    for (const [n, term] of observed.entries()) {
      code.constant('i32', 0)
      new TermCode(code, unit.state(), [term]).push(term)
      if (valueType(term.width) === 'i32') code.op('i64.extend_i32_u')
      code.access('i64.store', layout.observed + 8 * n)
    }
  }, 'observe')
  unit.finish()
  const bytes = unit.module.finish()
  const module = new wasmHost.Module(bytes)
  return {
    isa, layout, size: bytes.length,
    start: (devices = options.devices ?? noDevices) => {
      const memory = new wasmHost.Memory({ initial: Math.ceil(layout.end / wasmPage) })
      const instance = new wasmHost.Instance(module, { env: { memory, ...imports(unit, devices) } })
      return new WasmMachine(isa, layout, memory.buffer, instance.exports, observed.length)
    },
  }
}

const everything = (isa: Isa): Term[] => {
  const { begin = [], halted, interrupts, tick, fetch, counters = [] } = isa.sequencing!
  const outcomes = [
    ...isa.instructions.map((i) => execute(isa, i)), ...[begin, tick, ...interrupts.map((i) => i.also)].map((b) => executeBody(isa, b)),
    executeBody(isa, isa.trap(causeOf(isa), valueOf(isa))), executeBody(isa, [...(fetch?.faults ?? []), ...(fetch?.also ?? [])]),
  ]
  return [...outcomes.flatMap((o) => [o, ...o.traps.flatMap(({ also }) => also ?? [])]).flatMap(rootsOf), halted, ...interrupts.map((i) => i.when), ...(fetch ? [fetch.word] : []), ...counters.map((c) => c.when)]
}

/** WebAssembly's integers are signed, those of terms are not. */
const imports = (unit: Unit, devices: Devices): Record<string, unknown> => {
  const env: Record<string, unknown> = {
    deviceRead: (address: bigint, size: number): bigint => BigInt.asUintN(8 * size, devices.read(BigInt.asUintN(64, address), size)),
    deviceWrite: (address: bigint, size: number, value: bigint): void => devices.write(BigInt.asUintN(64, address), size, BigInt.asUintN(8 * size, value)),
  }
  for (const [n, f] of unit.computed.entries()) {
    const { meaning, width, operands } = f
    if (meaning.kind !== 'computed') continue
    const unsigned = (v: number | bigint, k: number): bigint => BigInt.asUintN(operands[k]!, BigInt(v))
    env[`computed ${n}`] = (...values: (number | bigint)[]): number | bigint => {
      const result = meaning.evaluate(...values.map(unsigned))
      return width <= 32 ? Number(result) | 0 : result
    }
  }
  return env
}
