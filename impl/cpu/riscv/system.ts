// The instructions that handlers do: system, atomic and floating-point ones, and what is reserved.
import { atomicResult } from './atomic.ts'
import type { Csrs } from './csrs.ts'
import { storeImmediate } from './decode.ts'
import { status as answer } from './handlers.ts'
import { cell } from './layout.ts'
import type { MemoryAccess } from './memory-access.ts'
import type { Mmu } from './mmu.ts'
import { EXECUTE, READ, WRITE } from './pmp.ts'
import type { Bytes } from './platform.ts'
import { MACHINE, mppShift, mstatus, SUPERVISOR, USER, type Mode, type State } from './state.ts'
import { cause } from './traps.ts'

export interface Surroundings {
  /** Enters the handler of an exception; always `status.moved`. */
  readonly trap: (cause: number, value: bigint) => number
  /** Asks to leave the run after this instruction when an interrupt has become due. */
  readonly interruptsChanged: () => void
  /** Executes a word of a floating-point opcode; undefined when it is illegal. */
  readonly floating: (word: number) => number | undefined
  /** The bits of the instruction when they were not fetched but given; 16 bits or 32, unsigned. */
  readonly injected: () => number | undefined
}

const pageCauses = { [READ]: cause.loadPage, [WRITE]: cause.storePage }
const misalignedCauses = { [READ]: cause.loadMisaligned, [WRITE]: cause.storeMisaligned }
const accessCauses = { [READ]: cause.loadAccess, [WRITE]: cause.storeAccess }

/** satp and the registers of physical memory protection. */
const changesFetch = (number: number): boolean => number === 0x180 || number >= 0x3a0 && number < 0x3c0

export class System {
  private readonly state: State
  private readonly csrs: Csrs
  private readonly mmu: Mmu
  private readonly memory: MemoryAccess
  private readonly around: Surroundings

  constructor(state: State, csrs: Csrs, mmu: Mmu, memory: MemoryAccess, around: Surroundings) {
    this.state = state
    this.csrs = csrs
    this.mmu = mmu
    this.memory = memory
    this.around = around
  }

  /** Executes the instruction at `state.pc`, expanded when it is compressed; a `status`. */
  execute(word: number): number {
    switch (word & 0x7f) {
      case 0x03: return (word >> 12 & 7) === 7 ? this.illegal() : this.loadNothing(word)
      case 0x07:
      case 0x27: return this.floatingMemory(word)
      case 0x0f: return (word >> 12 & 7) === 1 ? 0 : this.illegal()
      case 0x2f: return this.atomic(word)
      case 0x43:
      case 0x47:
      case 0x4b:
      case 0x4f:
      case 0x53: return (this.state.fs === 0 ? undefined : this.around.floating(word)) ?? this.illegal()
      case 0x73: return this.system(word)
      default: return this.illegal()
    }
  }

  /** The trap of an illegal instruction, with the bits as they were fetched. */
  illegal(): number {
    const { state } = this
    const injected = this.around.injected()
    if (injected !== undefined) return this.around.trap(cause.illegal, BigInt(injected))
    const low = state.words[cell.pc >> 2]!
    const high = state.words[(cell.pc >> 2) + 1]!
    const half = this.fetchHalf(low, high)
    if ((half & 3) !== 3) return this.around.trap(cause.illegal, BigInt(half))
    const next = low + 2 | 0
    const upper = this.fetchHalf(next, next === 0 ? high + 1 | 0 : high)
    return this.around.trap(cause.illegal, BigInt(upper) << 16n | BigInt(half))
  }

  /** Sixteen bits of code that was fetched before. */
  private fetchHalf(low: number, high: number): number {
    const physical = this.mmu.translate(low, high, 2, EXECUTE)
    return physical >= 0 && this.mmu.read(physical, 2) ? this.state.words[cell.result >> 2]! & 0xffff : 0
  }

  private x(number: number): bigint {
    return this.state.longs[number]!
  }

  private setX(number: number, value: bigint): void {
    if (number !== 0) this.state.longs[number] = value
  }

  /** The trap of an access that failed. */
  private failed(number: number): number {
    return this.around.trap(number, (BigInt(this.memory.high >>> 0) << 32n) | BigInt(this.memory.low >>> 0))
  }

  /** Sets `low` and `high` to an address. */
  private address(rs1: number, immediate: number): readonly [low: number, high: number] {
    const address = BigInt.asUintN(64, this.x(rs1) + BigInt(immediate))
    return [Number(address & 0xffff_ffffn) | 0, Number(address >> 32n) | 0]
  }

  /** A load into x0. */
  private loadNothing(word: number): number {
    const number = this.memory.load(...this.address(word >> 15 & 31, word >> 20), 1 << (word >> 12 & 3) as Bytes)
    return number === 0 ? 0 : this.failed(number)
  }

  private floatingMemory(word: number): number {
    const { state, memory } = this
    const width = word >> 12 & 7
    if (state.fs === 0 || width !== 2 && width !== 3) return this.illegal()
    const bytes = width === 2 ? 4 : 8
    if ((word & 0x7f) === 0x07) {
      const number = memory.load(...this.address(word >> 15 & 31, word >> 20), bytes)
      if (number !== 0) return this.failed(number)
      const value = state.longs[cell.result >> 3]!
      state.longs[(cell.f >> 3) + (word >> 7 & 31)] = bytes === 4 ? value | 0xffff_ffff_0000_0000n : value
      state.fs = 3
      return 0
    }
    state.longs[cell.value >> 3] = state.longs[(cell.f >> 3) + (word >> 20 & 31)]!
    const number = memory.store(...this.address(word >> 15 & 31, storeImmediate(word)), bytes)
    return number === 0 ? 0 : this.failed(number)
  }

  private atomic(word: number): number {
    const { state, mmu, memory } = this
    const funct5 = word >>> 27
    const rd = word >> 7 & 31
    const rs2 = word >> 20 & 31
    const width = word >> 12 & 7
    if (width !== 2 && width !== 3) return this.illegal()
    const bytes = width === 2 ? 4 : 8
    const loads = funct5 === 0x02
    const conditional = funct5 === 0x03
    if (loads ? rs2 !== 0 : !conditional && atomicResult(funct5, 0n, 0n, 64) === undefined) return this.illegal()
    const [low, high] = this.address(word >> 15 & 31, 0)
    memory.low = low
    memory.high = high
    const permission = loads ? READ : WRITE
    if ((low & bytes - 1) !== 0 && (loads || conditional || !memory.inGranule(low, bytes))) {
      return this.failed(state.options.misalignedAtomics === 'trap' ? misalignedCauses[permission] : memory.misaligned(low, high, bytes, permission))
    }
    const physical = mmu.translate(low, high, bytes, permission)
    if (physical < 0) return this.failed((mmu.fault === 'page' ? pageCauses : accessCauses)[permission])
    const bits = width === 2 ? 32 : 64
    const offset = loads ? mmu.readable(physical, bytes) : mmu.offset(physical, bytes)
    if ((loads || conditional) && offset < 0) return this.failed(accessCauses[permission])
    if (conditional) {
      const succeeds = state.reserved === state.places.ramStart + offset && state.reservedBytes === bytes
      state.reserve(0, 0)
      if (succeeds) {
        state.longs[cell.value >> 3] = this.x(rs2)
        if (!mmu.write(physical, bytes)) return this.failed(cause.storeAccess)
      } else mmu.confirm()
      this.setX(rd, succeeds ? 0n : 1n)
      memory.remember(low, high, physical, permission)
      return 0
    }
    if (!mmu.read(physical, bytes)) return this.failed(accessCauses[permission])
    const read = state.longs[cell.result >> 3]!
    if (loads) state.reserve(state.places.ramStart + offset, bytes)
    else {
      state.longs[cell.value >> 3] = atomicResult(funct5, read, BigInt.asUintN(bits, this.x(rs2)), bits)!
      if (!mmu.write(physical, bytes)) return this.failed(cause.storeAccess)
    }
    this.setX(rd, BigInt.asUintN(64, BigInt.asIntN(bits, read)))
    memory.remember(low, high, physical, permission)
    return 0
  }

  private system(word: number): number {
    const funct3 = word >> 12 & 7
    if (funct3 === 4) return this.illegal()
    if (funct3 !== 0) return this.csr(word, funct3)
    const { state, around } = this
    if (word >>> 25 === 0x09 && (word >> 7 & 31) === 0) {
      if (!this.csrs.mayFence()) return this.illegal()
      state.flush()
      return answer.refetch
    }
    switch (word >>> 0) {
      case 0x0000_0073: return around.trap([cause.userCall, cause.supervisorCall, 0, cause.machineCall][state.mode]!, 0n)
      case 0x0010_0073: return around.trap(cause.breakpoint, state.pc)
      case 0x1020_0073: return this.supervisorReturn()
      case 0x3020_0073: return this.machineReturn()
      case 0x1050_0073: return this.wait()
      default: return this.illegal()
    }
  }

  private csr(word: number, funct3: number): number {
    const number = word >>> 20
    const rd = word >> 7 & 31
    const rs1 = word >> 15 & 31
    const replaces = (funct3 & 3) === 1
    const writes = replaces || rs1 !== 0
    const register = this.csrs.usable(number, writes)
    if (register === undefined) return this.illegal()
    const operand = (funct3 & 4) !== 0 ? BigInt(rs1) : this.x(rs1)
    const old = replaces && rd === 0 ? 0n : register.read()
    if (writes) {
      const modified = replaces ? 0n : register.readToModify?.() ?? old
      register.write?.(replaces ? operand : (funct3 & 3) === 2 ? modified | operand : modified & ~operand)
      this.around.interruptsChanged()
    }
    this.setX(rd, old)
    return writes && changesFetch(number) ? answer.refetch : 0
  }

  private wait(): number {
    const { state } = this
    if (state.mode === USER || state.mode === SUPERVISOR && (state.status & mstatus.TW) !== 0) return this.illegal()
    if ((state.pending & state.mie) !== 0) return 0
    state.waiting = true
    return answer.leave
  }

  private machineReturn(): number {
    const { state } = this
    if (state.mode !== MACHINE) return this.illegal()
    const { status } = state
    const mode = (status & mstatus.MPP) >> mppShift as Mode
    let next = status & ~(mstatus.MPP | mstatus.MIE) | mstatus.MPIE | ((status & mstatus.MPIE) === 0 ? 0 : mstatus.MIE)
    if (mode !== MACHINE) next &= ~mstatus.MPRV
    return this.returnTo(mode, next, state.mepc)
  }

  private supervisorReturn(): number {
    const { state } = this
    if (state.mode === USER || state.mode === SUPERVISOR && (state.status & mstatus.TSR) !== 0) return this.illegal()
    const { status } = state
    const mode = (status & mstatus.SPP) === 0 ? USER : SUPERVISOR
    const next = status & ~(mstatus.SPP | mstatus.SIE | mstatus.MPRV) | mstatus.SPIE
      | ((status & mstatus.SPIE) === 0 ? 0 : mstatus.SIE)
    return this.returnTo(mode, next, state.sepc)
  }

  private returnTo(mode: Mode, status: number, pc: bigint): number {
    const { state } = this
    state.mode = mode
    state.status = status
    state.pc = pc
    state.reserve(0, 0)
    state.selectBuffers()
    this.around.interruptsChanged()
    return answer.moved
  }
}
