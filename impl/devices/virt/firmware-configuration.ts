// QEMU's firmware configuration device, read through its data register: who answers, how many harts, and no files.
import type { Bytes } from '../../cpu/riscv/platform.ts'
import type { Device } from './device.ts'

const selectorOffset = 8
const dataBytes = 8

const ascii = (text: string): readonly number[] => [...text].map((c) => c.charCodeAt(0))

/** By selector: the signature, the features (no DMA), the number of harts, and the directory, a count of 0. */
const items: ReadonlyMap<number, readonly number[]> = new Map([[0x00, ascii('QEMU')], [0x01, [1, 0, 0, 0]], [0x05, [1, 0]], [0x19, [0, 0, 0, 0]]])

export interface FirmwareConfigurationState {
  readonly selector: number
  readonly position: number
}

export class FirmwareConfiguration implements Device {
  private selector = 0
  private position = 0

  /** The next bytes of the item, in the order of memory; 0 after its end. */
  load(offset: number, bytes: Bytes): number | bigint {
    if (offset >= dataBytes) return 0
    let value = 0n
    for (let i = 0; i < bytes; i++) value |= BigInt(items.get(this.selector)?.[this.position++] ?? 0) << BigInt(8 * i)
    return value
  }

  /** The selector is 16 bits, big endian. */
  store(offset: number, bytes: Bytes, value: number): boolean {
    if (offset === selectorOffset && bytes === 2) {
      this.selector = ((value & 0xff) << 8) | ((value >>> 8) & 0xff)
      this.position = 0
    }
    return true
  }

  save(): FirmwareConfigurationState {
    return { selector: this.selector, position: this.position }
  }

  restore({ selector, position }: FirmwareConfigurationState): void {
    this.selector = selector
    this.position = position
  }
}
