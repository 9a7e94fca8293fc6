// The PCI Express host: configuration space of a bus on which its own bridge is the only function, and windows behind which nothing is.
import type { Bytes } from '../../cpu/riscv/platform.ts'
import type { Device } from './device.ts'

const vendor = 0x1b36
const deviceCode = 0x0008
const hostBridge = 0x0600
const subsystem = 0x1100_1af4
const functionBytes = 0x1000
const commandOffset = 4
/** I/O, memory and bus mastering can be switched; nothing hangs on them. */
const commandBits = 0x0007

/** Nothing answers: reads are all ones, writes go nowhere. */
export class EmptyWindow implements Device {
  load(_offset: number, bytes: Bytes): bigint {
    return (1n << BigInt(8 * bytes)) - 1n
  }

  store(): boolean {
    return true
  }
}

/** The enhanced configuration space (ECAM), 4 KiB for each function of each bus. */
export class PciConfiguration implements Device {
  private command = 0

  load(offset: number, bytes: Bytes): number | bigint {
    if (offset >= functionBytes) return (1n << BigInt(8 * bytes)) - 1n
    const space = new DataView(new ArrayBuffer(functionBytes))
    space.setUint16(0x00, vendor, true)
    space.setUint16(0x02, deviceCode, true)
    space.setUint16(commandOffset, this.command, true)
    space.setUint16(0x0a, hostBridge, true)
    space.setUint32(0x2c, subsystem, true)
    return BigInt.asUintN(8 * bytes, space.getBigUint64(offset & ~7, true) >> BigInt(8 * (offset & 7)))
  }

  store(offset: number, bytes: Bytes, low: number): boolean {
    if (offset === commandOffset) this.command = low & commandBits & (bytes === 1 ? 0xff : 0xffff)
    return true
  }

  save(): number {
    return this.command
  }

  restore(command: number): void {
    this.command = command
  }
}
