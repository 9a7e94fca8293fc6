// Control and status registers: which there are, who may use them, and what reading and writing each does.
import { parameters } from './parameters.ts'
import type { Platform } from './platform.ts'
import type { Pmp } from './pmp.ts'
import { fsShift, interrupt, MACHINE, mppShift, mstatus, stce, SUPERVISOR, USER, type State } from './state.ts'

/** UXL and SXL: 64 bits. */
const widths = 0xa_0000_0000n
const userWidth = 0x2_0000_0000n
const dirtyBit = 1n << 63n
const seip = 1 << interrupt.SEI
const stip = 1 << interrupt.STI
const ssip = 1 << interrupt.SSI

const writableStatus = mstatus.SIE | mstatus.MIE | mstatus.SPIE | mstatus.MPIE | mstatus.SPP | mstatus.MPRV | mstatus.SUM
  | mstatus.MXR | mstatus.TVM | mstatus.TW | mstatus.TSR
const supervisorStatus = mstatus.SIE | mstatus.SPIE | mstatus.SPP | mstatus.SUM | mstatus.MXR

/** What a register answers and does; a register without `write` ignores writes, or is in the read-only quarter. */
interface Register {
  readonly read: () => bigint
  readonly write?: (value: bigint) => void
  /** What CSRRS and CSRRC change, when it is not what is read. */
  readonly readToModify?: () => bigint
  /** False where an access is an illegal instruction although the mode suffices. */
  readonly open?: () => boolean
}

const low32 = (value: bigint): number => Number(BigInt.asIntN(32, value))
const unsigned = (value: number): bigint => BigInt(value >>> 0)

export class Csrs {
  private readonly registers = new Map<number, Register>()
  private readonly state: State
  private readonly pmp: Pmp
  private readonly platform: Platform
  private readonly steps: () => number
  /** Steps that a write itself still makes: of an instruction one, from outside none. */
  private ahead = 1

  constructor(state: State, pmp: Pmp, platform: Platform, steps: () => number) {
    this.state = state
    this.pmp = pmp
    this.platform = platform
    this.steps = steps
    this.defineFloating()
    this.defineCounters()
    this.defineMachine()
    this.defineSupervisor()
    this.definePmp()
  }

  /** The numbers of all registers. */
  numbers(): number[] {
    return [...this.registers.keys()].sort((a, b) => a - b)
  }

  /** The register when the present mode may use it so. */
  usable(number: number, writes: boolean): Register | undefined {
    if ((number >> 8 & 3) > this.state.mode || writes && number >> 10 === 3) return undefined
    const register = this.registers.get(number)
    return register === undefined || register.open?.() === false ? undefined : register
  }

  /** The value, whatever the mode; undefined for a number that is no register's. */
  read(number: number): bigint | undefined {
    return this.registers.get(number)?.read()
  }

  /** Writes from outside what CSRRW would, whatever the mode; false for a number that is no register's. */
  write(number: number, value: bigint): boolean {
    const register = this.registers.get(number)
    this.ahead = 0
    register?.write?.(value)
    this.ahead = 1
    return register !== undefined
  }

  private define(number: number, register: Register): void {
    this.registers.set(number, register)
  }

  private defineFloating(): void {
    const { state } = this
    const open = (): boolean => state.fs !== 0
    const dirty = (): void => void (state.fs = 3)
    this.define(0x001, {
      open,
      read: () => BigInt(state.flags),
      write: (value) => {
        state.flags = low32(value) & 31
        dirty()
      },
    })
    this.define(0x002, {
      open,
      read: () => BigInt(state.rounding),
      write: (value) => {
        state.rounding = low32(value) & 7
        dirty()
      },
    })
    this.define(0x003, {
      open,
      read: () => BigInt(state.rounding << 5 | state.flags),
      write: (value) => {
        state.flags = low32(value) & 31
        state.rounding = low32(value) >> 5 & 7
        dirty()
      },
    })
  }

  private defineCounters(): void {
    const { state, platform, steps } = this
    const runs = (bit: number): boolean => (state.mcountinhibit >> bit & 1) === 0
    const cycles = (): bigint => BigInt.asUintN(64, state.cycleOffset + (runs(0) ? BigInt(steps()) : 0n))
    const retired = (): bigint => BigInt.asUintN(64, state.instretOffset + (runs(2) ? BigInt(steps() - state.trapped) : 0n))
    const sources = [cycles, (): bigint => platform.time(), retired]
    for (let index = 0; index < 32; index++) {
      const read = sources[index] ?? ((): bigint => 0n)
      this.define(0xc00 + index, {
        read,
        open: () => state.mode === MACHINE
          || (state.mcounteren >>> index & 1) !== 0 && (state.mode === SUPERVISOR || (state.scounteren >>> index & 1) !== 0),
      })
      if (index !== 1) this.define(0xb00 + index, { read })
      if (index > 2) this.define(0x320 + index, { read: () => 0n })
    }
    // What is written is what the next instruction reads.
    this.define(0xb00, {
      read: cycles,
      write: (value) => state.cycleOffset = value - (runs(0) ? BigInt(steps() + this.ahead) : 0n),
    })
    this.define(0xb02, {
      read: retired,
      write: (value) => state.instretOffset = value - (runs(2) ? BigInt(steps() - state.trapped + this.ahead) : 0n),
    })
    this.define(0x320, {
      read: () => BigInt(state.mcountinhibit),
      write: (value) => {
        // The instruction that writes is still counted, or not, as before.
        const ahead = BigInt(this.ahead), cyclesAfter = cycles() + (runs(0) ? ahead : 0n), retiredAfter = retired() + (runs(2) ? ahead : 0n)
        state.mcountinhibit = low32(value) & parameters.mcountinhibit
        state.cycleOffset = cyclesAfter - (runs(0) ? BigInt(steps()) + ahead : 0n)
        state.instretOffset = retiredAfter - (runs(2) ? BigInt(steps() - state.trapped) + ahead : 0n)
      },
    })
    this.define(0x306, {
      read: () => BigInt(state.mcounteren),
      write: (value) => state.mcounteren = (low32(value) & parameters.mcounteren) >>> 0,
    })
    this.define(0x106, {
      read: () => BigInt(state.scounteren),
      write: (value) => state.scounteren = (low32(value) & parameters.scounteren) >>> 0,
    })
  }

  private defineMachine(): void {
    const { state } = this
    const constant = (number: number, value: bigint): void => this.define(number, { read: () => value })
    constant(0x301, parameters.misa)
    constant(0xf11, parameters.mvendorid)
    constant(0xf12, parameters.marchid)
    constant(0xf13, parameters.mimpid)
    constant(0xf14, BigInt(state.options.hartId))
    constant(0xf15, parameters.mconfigptr)
    if (state.options.triggerRegisters) for (const number of [0x7a0, 0x7a1, 0x7a2, 0x7a3]) constant(number, 0n)
    this.define(0x300, { read: () => this.status(~0, widths), write: (value) => this.writeStatus(low32(value), writableStatus) })
    this.define(0x302, { read: () => BigInt(state.medeleg), write: (value) => state.medeleg = low32(value) & parameters.medeleg })
    this.define(0x303, { read: () => BigInt(state.mideleg), write: (value) => state.mideleg = low32(value) & parameters.mideleg })
    this.define(0x304, { read: () => BigInt(state.mie), write: (value) => state.mie = low32(value) & parameters.mie })
    this.define(0x344, {
      read: () => BigInt(state.pending),
      // The external line is not written back as software's own SEIP.
      readToModify: () => BigInt(state.pending & ~seip | state.mip & seip),
      // While STIP is the comparator's, what software wrote there before stays for later.
      write: (value) => state.mip = state.ownTimer ? low32(value) & parameters.mip & ~stip | state.mip & stip : low32(value) & parameters.mip,
    })
    this.define(0x305, {
      read: () => state.mtvec,
      write: (value) => {
        if ((value & 2n) === 0n) state.mtvec = this.vector(value)
      },
    })
    this.define(0x340, { read: () => state.mscratch, write: (value) => state.mscratch = value })
    this.define(0x341, { read: () => state.mepc, write: (value) => state.mepc = value & ~1n })
    this.define(0x342, { read: () => state.mcause, write: (value) => state.mcause = value })
    this.define(0x343, { read: () => state.mtval, ...(state.options.trapValues === 'given' ? { write: (value) => state.mtval = value } : {}) })
    this.define(0x30a, {
      read: () => state.menvcfg,
      write: (value) => {
        state.menvcfg = value & (parameters.menvcfg | (state.options.sstc ? stce : 0n))
        if (state.options.sstc) this.tellTimer()
      },
    })
  }

  /** In vectored mode BASE may have fewer bits. */
  private vector(value: bigint): bigint {
    return (value & 1n) === 0n ? value : value & ~BigInt(this.state.options.vectoredAlignment - 4)
  }

  /** Tells the board when STIP is to be up. */
  tellTimer(): void {
    this.platform.supervisorTimer?.(this.state.ownTimer ? this.state.stimecmp : undefined)
  }

  private defineSupervisor(): void {
    const { state } = this
    if (state.options.sstc) {
      this.define(0x14d, {
        // Below machine mode it takes STCE and the time counter's enable.
        open: () => state.mode === MACHINE || state.ownTimer && (state.mcounteren & 2) !== 0,
        read: () => state.stimecmp,
        write: (value) => {
          state.stimecmp = value
          this.tellTimer()
        },
      })
    }
    this.define(0x100, {
      read: () => this.status(supervisorStatus, userWidth),
      write: (value) => this.writeStatus(low32(value), supervisorStatus),
    })
    this.define(0x104, {
      read: () => BigInt(state.mie & state.mideleg),
      write: (value) => state.mie = state.mie & ~state.mideleg | low32(value) & state.mideleg & parameters.mie,
    })
    this.define(0x144, {
      read: () => BigInt(state.pending & state.mideleg),
      write: (value) => {
        const writable = ssip & state.mideleg
        state.mip = state.mip & ~writable | low32(value) & writable
      },
    })
    this.define(0x105, {
      read: () => state.stvec,
      write: (value) => {
        if ((value & 2n) === 0n) state.stvec = this.vector(value)
      },
    })
    this.define(0x140, { read: () => state.sscratch, write: (value) => state.sscratch = value })
    this.define(0x141, { read: () => state.sepc, write: (value) => state.sepc = value & ~1n })
    this.define(0x142, { read: () => state.scause, write: (value) => state.scause = value })
    this.define(0x143, { read: () => state.stval, write: (value) => state.stval = value })
    this.define(0x10a, { read: () => state.senvcfg, write: (value) => state.senvcfg = value & parameters.senvcfg })
    this.define(0x180, {
      open: () => state.mode === MACHINE || (state.status & mstatus.TVM) === 0,
      read: () => BigInt(state.satpMode) << 60n | BigInt(state.asid) << 44n | BigInt(state.root),
      write: (value) => {
        const mode = Number(value >> 60n)
        if (mode !== 0 && mode !== 8 && !(mode === 9 && state.options.sv48)) return
        state.satpMode = mode
        state.asid = Number(value >> 44n) & (1 << state.options.asidBits) - 1
        state.root = Number(value & 0xfff_ffff_ffffn)
        state.flush()
      },
    })
  }

  private definePmp(): void {
    const { pmp, state } = this
    for (let first = 0; first < pmp.registers; first += 8) {
      this.define(0x3a0 + first / 4, {
        read: () => pmp.configurations.slice(first, first + 8).reduceRight((value, byte) => value << 8n | BigInt(byte), 0n),
        write: (value) => {
          for (let index = 0; index < 8; index++) pmp.writeConfiguration(first + index, Number(value >> BigInt(8 * index) & 0xffn))
          state.flush()
        },
      })
    }
    for (let entry = 0; entry < pmp.registers; entry++) {
      this.define(0x3b0 + entry, {
        read: () => pmp.readAddress(entry),
        write: (value) => {
          pmp.writeAddress(entry, value)
          state.flush()
        },
      })
    }
  }

  private status(visible: number, constants: bigint): bigint {
    const { state } = this
    const dirty = state.fs === 3 ? dirtyBit : 0n
    return unsigned(state.status & visible | state.fs << fsShift) | constants | dirty
  }

  private writeStatus(value: number, writable: number): void {
    const { state } = this
    const before = state.status
    let next = before & ~writable | value & writable
    if (writable === writableStatus) {
      const mpp = value & mstatus.MPP
      if (mpp >> mppShift !== 2) next = next & ~mstatus.MPP | mpp
    }
    state.status = next
    state.fs = value >> fsShift & 3
    if (((before ^ next) & mstatus.MXR) !== 0) state.flush()
    state.selectBuffers()
  }

  /** Whether the present mode may execute SFENCE.VMA. */
  mayFence(): boolean {
    const { state } = this
    return state.mode === MACHINE || state.mode !== USER && (state.status & mstatus.TVM) === 0
  }
}
