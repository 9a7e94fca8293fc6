// A RISC-V hart: RV64GC with machine, supervisor and user mode.
import { Csrs } from './csrs.ts'
import { DecodedCode, neverHot } from './decoded-code.ts'
import { Floating } from './floating.ts'
import { status, type Handlers } from './handlers.ts'
import { interpreterBytes } from './interpreter.ts'
import { cell, crossingShift, pageBytes, record } from './layout.ts'
import { MemoryAccess } from './memory-access.ts'
import { Mmu } from './mmu.ts'
import { completeOptions, type HartOptions } from './parameters.ts'
import type { Bytes, HartPort, InterruptLine, Platform } from './platform.ts'
import { EXECUTE, Pmp, READ } from './pmp.ts'
import { restore, save, type Saved } from './saved.ts'
import { interrupt, State, type Mode } from './state.ts'
import { System } from './system.ts'
import { cause, dueInterrupt, takeTrap, type Trap } from './traps.ts'
import { Translations } from './translations.ts'
import { host, type Module } from './web-assembly.ts'

/** What one step came to. */
export type Stepped = 'retired' | 'trapped' | 'interrupted' | 'waiting'

export interface Hart extends HartPort {
  readonly options: Required<HartOptions>
  /** x0 to x31; x0 is not to be written. */
  readonly x: BigUint64Array
  /** f0 to f31; single precision is boxed in ones. */
  readonly f: BigUint64Array
  pc: bigint
  mode: Mode
  /** fflags; set here, FS does not become dirty. */
  flags: number
  /** The value of a control and status register, whatever the mode; undefined when there is none of this number. */
  readonly csr: (number: number) => bigint | undefined
  /** Writes one as CSRRW does in machine mode; false when there is none of this number. */
  readonly setCsr: (number: number, value: bigint) => boolean
  /** The numbers of all control and status registers. */
  readonly csrs: readonly number[]
  /** Takes the interrupt that is due, or executes one instruction, unless the hart waits. */
  readonly step: () => Stepped
  /**
   * As `step`, with these bits for the instruction at the pc, whatever is there: 16 when their low two are not both ones,
   * otherwise 32. The address is translated, but it is not asked whether it is protected or is RAM. A hart that waits goes on.
   */
  readonly inject: (bits: number) => Stepped
  /** The trap taken last; undefined before the first. */
  readonly trap: () => Trap | undefined
  /** The instruction at the pc, 16 bits or 32, unsigned; undefined when it cannot be fetched. Without effects. */
  readonly instruction: () => number | undefined
  /** The offset into RAM of a virtual address, as the present mode loads from it; -1 where it is not RAM. Without effects. */
  readonly locate: (address: bigint) => number
  /** What LR reserved: an offset into RAM, and bytes; undefined without a reservation. */
  readonly reservation: () => { readonly offset: number, readonly bytes: number } | undefined
  /** The physical address of a virtual one, as the present mode loads from it; -1 where there is none. Without effects. */
  readonly physical: (address: bigint) => number
  /** Virtual addresses before which `run` ends, as if it was stopped; `step` goes over them. */
  readonly setBreakpoints: (addresses: readonly bigint[]) => void
  /** All state outside RAM. */
  readonly save: () => Saved
  /**
   * Takes over what `save` gave, with RAM already in place, and the number of steps then. Throws RangeError, with nothing
   * changed, when it is not whole.
   */
  readonly restore: (saved: Saved, steps: number) => void
  /** Translations made since the beginning. */
  readonly translations: () => number
}

const lineBits: Readonly<Record<InterruptLine, number>> = {
  MSIP: 1 << interrupt.MSI, MTIP: 1 << interrupt.MTI, MEIP: 1 << interrupt.MEI, SEIP: 1 << interrupt.SEI, STIP: 1 << interrupt.STI,
}

const halves = (address: bigint): readonly [low: number, high: number] =>
  [Number(BigInt.asIntN(32, address)), Number(BigInt.asIntN(32, address >> 32n))]

/** Instructions in one call of the interpreter: WebAssembly code is only replaced by better code at a call. */
const longestSlice = 1 << 17
/** The same of the first slices of a process, after one that ended in code without a translation: each that ends so makes its code warmer. */
const coldSlice = 1 << 14

/** By number in `loadNames`. */
const loadBytes: readonly Bytes[] = [1, 2, 4, 8, 1, 2, 4]
/** What a shift to the left and back extends, by number in `loadNames`; LD, LBU and LHU need nothing. */
const signShift: readonly number[] = [24, 16, 0]
const storeBytes: readonly Bytes[] = [1, 2, 4, 8]

/** One for all harts. */
let interpreter: Module | undefined

/** A hart in the state of reset. Throws RangeError when an option is outside its limits. */
export const createHart = (given: HartOptions, platform: Platform): Hart => {
  const options = completeOptions(given)
  const state = new State(options)
  const { words, longs } = state
  const pmp = new Pmp(options)
  const mmu = new Mmu(state, pmp, platform)
  const code = new DecodedCode(state)
  mmu.wrote = (offset, bytes) => code.wrote(offset, bytes)
  state.opens = (mode) => pmp.allows(options.ramBase, options.ramBytes, mode, READ)
  state.flush()

  /** `steps()` where the present slice ends. */
  let sliceEnd = 0
  let limit = 0
  let leaving = false
  let stopped = false
  let lastTrap: Trap | undefined
  let injected: number | undefined
  const memory = new MemoryAccess(state, mmu, (offset) => code.recordsAt(offset), (low, high, physical) => {
    const clock = platform.clock?.()
    if (clock?.address === physical) state.knowClock(low, high, clock, sliceEnd)
  })
  let breakpoints: ReadonlySet<bigint> = new Set()
  /** A run, not a step, is under way. */
  let breaking = false
  const breaks = (): boolean => breaking && breakpoints.has(state.pc)

  const steps = (): number => sliceEnd - words[cell.left >> 2]!
  const csrs = new Csrs(state, pmp, platform, steps)

  const enter = (number: number, given: bigint, interrupts: boolean): void => {
    const { pc } = state, value = options.trapValues === 'given' ? given : 0n
    lastTrap = { interrupt: interrupts, cause: number, value, pc }
    takeTrap(state, number, value, interrupts)
  }
  const trap = (number: number, value: bigint): number => {
    enter(number, value, false)
    return status.moved
  }
  const memoryTrap = (number: number): number => trap(number, BigInt(memory.high >>> 0) << 32n | BigInt(memory.low >>> 0))
  const leave = (): number => leaving ? status.leave : 0

  const floating = new Floating(state)
  const system = new System(state, csrs, mmu, memory, {
    trap,
    interruptsChanged: () => {
      if (dueInterrupt(state) >= 0) leaving = true
    },
    floating: (word) => floating.execute(word),
    injected: () => injected,
  })

  /** The physical address of code, of the second half of an instruction too; -1 after taking the trap. */
  const fetchAddress = (low: number, high: number, second = false): number => {
    const physical = mmu.translate(low, high, 2, EXECUTE, second)
    if (physical >= 0) return physical
    unreachable(low, high)
    return -1
  }
  const unreachable = (low: number, high: number): void => fetchTrap(mmu.fault === 'page' ? cause.instructionPage : cause.instructionAccess, low, high)
  const fetchTrap = (number: number, low: number, high: number): void => {
    trap(number, BigInt(high >>> 0) << 32n | BigInt(low >>> 0))
  }
  /** The records of the page of translated code, which are put into the buffer; 0 when it has none. */
  const recordsOf = (low: number, high: number, physical: number): number => {
    const page = physical - (low & pageBytes - 1)
    const offset = mmu.readable(page, pageBytes)
    if (offset < 0 || !pmp.uniform(page)) return 0
    const records = code.page(offset)
    state.fill('fetchBuffer', low, high, records, state.places.ramStart + offset)
    return records
  }
  /** Whether sixteen bits that were read, -1 where nothing answered, begin an instruction of 32. */
  const isLong = (half: number): boolean => half >= 0 && (half & 3) === 3
  const following = (low: number, high: number): readonly [low: number, high: number] => {
    const next = low + 2 | 0
    return [next, next === 0 ? high + 1 | 0 : high]
  }
  /** A page of records where the instruction stands alone; 0 after taking the trap. */
  const fetchSingle = (low: number, high: number): number => {
    if (breaks()) return code.breakpoint(low & pageBytes - 1)
    const physical = fetchAddress(low, high)
    if (physical < 0) return 0
    const half = mmu.peek(physical)
    if (half >= 0 && !isLong(half)) {
      mmu.confirm()
      return code.alone(half, low & pageBytes - 1)
    }
    if (half >= 0) {
      const next = following(low, high)
      const second = fetchAddress(...next, true)
      if (second < 0) return 0
      if (mmu.read(second, 2)) return code.alone(words[cell.result >> 2]! << 16 | half, low & pageBytes - 1)
      fetchTrap(cause.instructionAccess, ...next)
    } else fetchTrap(cause.instructionAccess, low, high)
    return 0
  }

  /** As `fetchSingle`, for bits that are given. */
  const fetchInjected = (bits: number, low: number, high: number): number => {
    const pieces = (bits & 3) === 3 ? [[low, high] as const, following(low, high)] : [[low, high] as const]
    mmu.forgo()
    for (const [halfLow, halfHigh] of pieces) {
      if (mmu.mapped(halfLow, halfHigh, EXECUTE) >= 0) continue
      unreachable(halfLow, halfHigh)
      return 0
    }
    mmu.confirm()
    return code.alone(bits | 0, low & pageBytes - 1)
  }

  const handlers: Handlers = {
    decode: (place) => code.fill(place),
    fetch: () => {
      const low = words[cell.pc >> 2]!
      const high = words[(cell.pc >> 2) + 1]!
      if (injected !== undefined) return fetchInjected(injected, low, high)
      // GDB has functions that it calls return to its stack, which often is no code.
      if (breaks()) return code.breakpoint(low & pageBytes - 1)
      const physical = fetchAddress(low, high)
      if (physical < 0) return 0
      // An instruction that goes on in the next page is accessed as a whole, or not at all.
      const goesOn = (low & pageBytes - 1) === pageBytes - 2 && isLong(mmu.peek(physical))
      if (goesOn && fetchAddress(...following(low, high), true) < 0) return 0
      const records = recordsOf(low, high, physical)
      if (records === 0) return fetchSingle(low, high)
      mmu.confirm()
      return records
    },
    cross: () => {
      const low = words[cell.pc >> 2]!
      const high = words[(cell.pc >> 2) + 1]!
      const physical = fetchAddress(low, high)
      if (physical < 0) return 0
      const [next, nextHigh] = following(low, high)
      const second = fetchAddress(next, nextHigh, true)
      if (second < 0) return 0
      const records = recordsOf(low, high, physical)
      if (records === 0 || recordsOf(next, nextHigh, second) === 0 || !mmu.read(second, 2)) return fetchSingle(low, high)
      // Room for the second page may have cost the first.
      if (recordsOf(low, high, physical) !== records) return fetchSingle(low, high)
      mmu.confirm()
      code.cross(records, words[cell.result >> 2]! & 0xffff)
      return records + crossingShift
    },
    breakpoint: () => {
      if (!breaks()) return fetchSingle(words[cell.pc >> 2]!, words[(cell.pc >> 2) + 1]!)
      stopped = true
      return 0
    },
    load: (kind, low, high) => {
      const number = memory.load(low, high, loadBytes[kind]!)
      if (number !== 0) return memoryTrap(number)
      const shift = signShift[kind]
      if (shift !== undefined) {
        const value = words[cell.result >> 2]! << shift >> shift
        words[cell.result >> 2] = value
        words[(cell.result >> 2) + 1] = value >> 31
      }
      return leave()
    },
    store: (kind, low, high) => {
      const number = memory.store(low, high, storeBytes[kind]!)
      return number === 0 ? leave() : memoryTrap(number)
    },
    handled: (word) => system.execute(word) | leave(),
    guarded: (place) => system.execute(code.wordAt(place)) | leave(),
    hot: (place) => {
      if (options.translate) translations.make(place)
      else state.view.setInt32(place + record.heat, neverHot, true)
    },
  }
  const translations = new Translations(state, code)
  // No translation is under way when code changes: they leave what they cannot do to the interpreter.
  code.changed = (from, to) => translations.forget(from, to)
  code.translated = (offset) => translations.has(offset)
  const { run: interpret, enter: enterTranslation } = new host.Instance(interpreter ??= new host.Module(interpreterBytes()), {
    env: { memory: state.memory, table: translations.table, ...handlers },
  }).exports as { readonly run: (left: number) => void, readonly enter: unknown }
  translations.enter = enterTranslation

  let longest = coldSlice
  const slice = (length: number): void => {
    sliceEnd = steps() + length
    words[cell.left >> 2] = length
    leaving = false
    state.forgetClock()
    interpret(length)
    if (length === longest && words[cell.left >> 2] === 0) {
      const arrival = words[cell.arrival >> 2]!
      longest = arrival === 0 || translations.practised ? longestSlice : coldSlice
      code.warm(arrival)
    }
  }

  const awake = (): boolean => {
    if (state.waiting && (state.pending & state.mie) === 0) return false
    state.waiting = false
    return true
  }

  const takeDue = (): boolean => {
    const due = dueInterrupt(state)
    if (due < 0) return false
    enter(due, 0n, true)
    return true
  }

  const run = (until: number): 'reached' | 'waiting' | 'stopped' => {
    limit = until
    stopped = false
    breaking = breakpoints.size > 0
    for (;;) {
      const left = limit - steps()
      const ended = stopped ? 'stopped' : left <= 0 ? 'reached' : awake() ? undefined : 'waiting'
      if (ended !== undefined) {
        breaking = false
        return ended
      }
      takeDue()
      slice(Math.min(left, longest))
    }
  }

  const step = (): Stepped => {
    if (!awake()) return 'waiting'
    if (takeDue()) return 'interrupted'
    const { trapped } = state
    slice(1)
    return state.trapped === trapped ? 'retired' : 'trapped'
  }

  const inject = (bits: number): Stepped => {
    state.waiting = false
    // An instruction is only fetched where its page is not in the buffer.
    if (state.codePlace(words[cell.pc >> 2]!, words[(cell.pc >> 2) + 1]!) !== 0) state.flush()
    injected = (bits & 3) === 3 ? bits >>> 0 : bits & 0xffff
    const stepped = step()
    injected = undefined
    return stepped
  }

  /** Sixteen bits of code at an address in halves, without effects. */
  const halfAt = (low: number, high: number): number | undefined => {
    const place = state.codePlace(low, high)
    if (place !== 0) return state.view.getUint16(place, true)
    const physical = mmu.probe(low, high, EXECUTE), half = physical < 0 ? -1 : mmu.peek(physical)
    return half < 0 ? undefined : half
  }
  const instruction = (): number | undefined => {
    const low = words[cell.pc >> 2]!
    const high = words[(cell.pc >> 2) + 1]!
    const first = halfAt(low, high)
    if (first === undefined || (first & 3) !== 3) return first
    const second = halfAt(...following(low, high))
    return second === undefined ? undefined : (second << 16 | first) >>> 0
  }

  state.pc = options.resetPc

  return {
    options, steps, run, step, inject, instruction,
    ram: state.ram,
    ...(options.romBytes > 0 ? { rom: {
      bytes: state.rom,
      show: (shown: boolean) => {
        if (shown === mmu.showsRom) return
        mmu.showsRom = shown
        state.flush()
        leaving = true
      },
      wrote: (offset: number, bytes: number) => code.wrote(options.ramBytes + offset, bytes),
    } } : {}),
    shorten: (until) => {
      if (until >= limit) return
      limit = until
      leaving = true
    },
    stop: () => {
      stopped = true
      leaving = true
    },
    drive: (line, level) => {
      const bit = lineBits[line]
      state.lines = level ? state.lines | bit : state.lines & ~bit
      if (dueInterrupt(state) >= 0) leaving = true
    },
    wrote: (offset, bytes) => {
      code.wrote(offset, bytes)
      // A device's store ends a reservation, a hart's own does not.
      const reserved = state.reserved - state.places.ramStart
      if (state.reserved !== 0 && reserved < offset + bytes && reserved + state.reservedBytes > offset) state.reserve(0, 0)
    },
    x: longs.subarray(0, 32),
    f: longs.subarray(cell.f >> 3, (cell.f >> 3) + 32),
    get pc() {
      return state.pc
    },
    set pc(address: bigint) {
      state.pc = address
    },
    get mode() {
      return state.mode
    },
    set mode(mode: Mode) {
      state.mode = mode
      state.selectBuffers()
    },
    get flags() {
      return state.flags
    },
    set flags(value: number) {
      state.flags = value
    },
    csr: (number) => csrs.read(number),
    setCsr: (number, value) => csrs.write(number, value),
    csrs: csrs.numbers(),
    trap: () => lastTrap,
    reservation: () => (state.reserved === 0 ? undefined : { offset: state.reserved - state.places.ramStart, bytes: state.reservedBytes }),
    physical: (address) => mmu.probe(...halves(address), READ),
    setBreakpoints: (addresses) => {
      if (addresses.length === breakpoints.size && addresses.every((address) => breakpoints.has(address))) return
      breakpoints = new Set(addresses)
      code.breakpoints = new Set(addresses.map((address) => Number(address & BigInt(pageBytes - 1))))
      code.forget()
    },
    locate: (address) => mmu.offset(mmu.probe(...halves(address), READ), 1),
    save: () => save(state, pmp),
    restore: (saved, at) => {
      restore(state, pmp, saved)
      csrs.tellTimer()
      code.forget()
      sliceEnd = at
      words[cell.left >> 2] = 0
    },
    translations: () => translations.made,
  }
}
