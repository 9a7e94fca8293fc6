// Storage that the guest reads and does not write.
import type { Bytes } from '../../cpu/riscv/platform.ts'
import type { Device } from './device.ts'

export class Rom implements Device {
  private view = new DataView(new ArrayBuffer(0))

  /** What is read from the start on; 0 after it. */
  fill(bytes: Uint8Array): void {
    this.view = new DataView(bytes.slice().buffer)
  }

  get contents(): Uint8Array {
    return new Uint8Array(this.view.buffer)
  }

  load(offset: number, bytes: Bytes): number | bigint {
    let value = 0n
    for (let i = bytes - 1; i >= 0; i--) value = (value << 8n) | BigInt(offset + i < this.view.byteLength ? this.view.getUint8(offset + i) : 0)
    return value
  }

  /** Nothing is written, and nothing is wrong. */
  store(): boolean {
    return true
  }
}
