// The guest's RAM as a device sees it: physical addresses, little endian, every access checked.

/** The guest named memory that is not there, or a queue that cannot be. */
export class GuestFault extends Error {
  override readonly name = 'GuestFault'
}

export class GuestMemory {
  private readonly bytes: Uint8Array
  private readonly base: number
  private readonly view: DataView
  private readonly written: (offset: number, bytes: number) => void

  /** `written` is told of every range that changed, as offsets into `bytes`. */
  constructor(bytes: Uint8Array, base: number, written: (offset: number, bytes: number) => void) {
    this.bytes = bytes
    this.base = base
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.written = written
  }

  /** A live view of storage. Throws GuestFault unless all of it is RAM. */
  at(address: number, length: number): Uint8Array {
    const offset = this.offset(address, length)
    return this.bytes.subarray(offset, offset + length)
  }

  /** Says that storage got through `at` was written. */
  wrote(address: number, length: number): void {
    if (length > 0) this.written(address - this.base, length)
  }

  read16(address: number): number {
    return this.view.getUint16(this.offset(address, 2), true)
  }

  read32(address: number): number {
    return this.view.getUint32(this.offset(address, 4), true)
  }

  /** Addresses of 2^53 and more are no RAM: they come out as such. */
  read64(address: number): number {
    return Number(this.view.getBigUint64(this.offset(address, 8), true))
  }

  write16(address: number, value: number): void {
    const offset = this.offset(address, 2)
    this.view.setUint16(offset, value, true)
    this.written(offset, 2)
  }

  write32(address: number, value: number): void {
    const offset = this.offset(address, 4)
    this.view.setUint32(offset, value, true)
    this.written(offset, 4)
  }

  private offset(address: number, length: number): number {
    const offset = address - this.base
    if (!(offset >= 0 && offset + length <= this.bytes.length)) throw new GuestFault(`no RAM at ${address.toString(16)}, ${length} bytes`)
    return offset
  }
}
