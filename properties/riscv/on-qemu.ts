// One RISC-V program on QEMU and on the compiled specification: both begin in the same state.
import { EmulatorFailure } from '../../traces/emulators/gdb-stub.ts'
import { startQemu, type Process } from '../../traces/emulators/qemu.ts'
import { riscvHart, type RunningHart } from '../../model/isa/riscv/isa.ts'
import type { Parameters } from '../../model/isa/riscv/parameters.ts'
import { compileWasm, type WasmMachine } from '../../model/machine/wasm-machine.ts'
import type { Xlen } from './encode.ts'
import { place, type Program } from './program.ts'

export type Choices = Partial<Omit<Parameters, 'translation'>>

/** QEMU 7.2's choices, as the specification names them. */
export const choicesOfQemu = {
  misalignedAtomics: 'trapped', dirtiness: 'tracked', accessedDirty: 'hardware', updatesBeforeFaults: 'A and D', breakpointValue: 'zero', schemes: ['Sv32', 'Sv39', 'Sv48'], regions: [{ base: BigInt(place.boot), size: BigInt(place.ram) }],
} as const satisfies Choices

/** The numbers that QEMU's stub gives registers; x0 has 0. */
export const stubNumber = { pc: 32, f: 33, priv: 65, csr: 66 } as const

/** The extensions that the specification has not are off. */
const without = ['h', 'sstc', 'zba', 'zbb', 'zbc', 'zbs', 'debug'].map((name) => `${name}=off`)

const programOf = (xlen: Xlen): string => `qemu-system-riscv${xlen}`
const cpuOf = (xlen: Xlen): string => [`rv${xlen}`, ...without].join(',')
const start = (xlen: Xlen): Promise<Process> =>
  startQemu({ program: programOf(xlen), package: 'qemu-system-misc' }, ['-M', 'virt', '-bios', 'none', '-cpu', cpuOf(xlen)], { base: place.boot, size: place.ram })
const resetVector = 0x1000n, pageBytes = 0x1000

export class OnQemu {
  readonly xlen: Xlen
  readonly hart: RunningHart
  readonly specified: WasmMachine
  qemu: Process

  private constructor(xlen: Xlen, hart: RunningHart, qemu: Process) {
    this.xlen = xlen
    this.hart = hart
    this.specified = compileWasm(hart.isa, { ram: { base: BigInt(place.boot), size: place.ram } }).start()
    this.qemu = qemu
  }

  /** Throws EmulatorMissing without QEMU. */
  static async open(xlen: Xlen, choices: Choices): Promise<OnQemu> {
    return new OnQemu(xlen, riscvHart(`riscv${xlen}`, choices), await start(xlen))
  }

  /** Program, version and options. */
  get emulator(): string {
    return `QEMU ${this.qemu.version}, ${programOf(this.xlen)} -cpu ${cpuOf(this.xlen)}`
  }

  /** Another process: reset leaves PMP entries as they are, and locked ones are never unlocked. */
  async restart(): Promise<void> {
    this.qemu.end()
    this.qemu = await start(this.xlen)
  }

  /** QEMU's machine as it is after power on, RAM apart. */
  async reset(): Promise<void> {
    const { stub } = this.qemu
    await stub.monitor('system_reset')
    for (let tries = 0; numberAt(await stub.register(stubNumber.pc), 0, 4) !== resetVector; tries++)
      if (tries === 1000) throw new EmulatorFailure('the emulator does not reset its machine')
  }

  /** Both at `boot`, in M-mode. */
  async begin({ pages }: Program): Promise<void> {
    const { specified: m, qemu } = this, earlier = Buffer.from(qemu.ram!.read(place.boot, place.ram).buffer)
    m.state.fill(0)
    m.ram.fill(0)
    for (const [name, value] of Object.entries(this.hart.reset.registers)) m.setRegister(name, value)
    m.setRegister('priv', 3n)
    m.setRegister('pc', BigInt(place.boot))
    const zeros = new Uint8Array(pageBytes)
    for (let at = place.boot; at < place.boot + place.ram; at += pageBytes)
      if (!pages.has(at) && earlier.compare(zeros, 0, pageBytes, at - place.boot, at - place.boot + pageBytes) !== 0) await qemu.stub.write(at, zeros)
    for (const [address, content] of pages) {
      m.ram.set(content, address - place.boot)
      await qemu.stub.write(address, content)
    }
    m.written()
    await qemu.stub.setRegister(stubNumber.pc, this.bytes(BigInt(place.boot)))
  }

  /** A register's content as the stub takes it. */
  bytes(value: bigint): Uint8Array {
    return Uint8Array.from({ length: this.xlen / 8 }, (_, k) => Number((value >> BigInt(8 * k)) & 0xffn))
  }

  end(): void {
    this.qemu.end()
  }
}

/** Little-endian. */
export const numberAt = (bytes: Uint8Array, at: number, length: number): bigint => {
  let value = 0n
  for (let k = length - 1; k >= 0; k--) value = (value << 8n) | BigInt(bytes[at + k]!)
  return value
}
