// The files that go into RAM: executables and raw images, checked against the memory that there is.
import { BadInput } from '../terminal/failure.ts'
import type { Content } from './content.ts'
import { ElfError, isElf, readElf, type Executable, type Segment } from './elf.ts'

/** How compressed files begin: at this offset, with these bytes. */
const compressed: readonly (readonly [kind: string, offset: number, bytes: readonly number[]])[] = [
  ['gzip', 0, [0x1f, 0x8b]], ['xz', 0, [0xfd, 0x37, 0x7a, 0x58, 0x5a]], ['zstd', 0, [0x28, 0xb5, 0x2f, 0xfd]], ['bzip2', 0, [0x42, 0x5a, 0x68]],
  ['EFI zboot', 4, [0x7a, 0x69, 0x6d, 0x67]],
]

/** What is looked for in executables: the places of HTIF, and a signature's. */
const symbolNames = ['tohost', 'fromhost', 'begin_signature', 'end_signature']

/** A file as an executable: ELF, or bytes that are loaded at `address` and start there, as position-independent ELF files that are linked at 0 are. Throws BadInput. */
export const readImage = (content: Content, what: string, address: number): Executable => {
  const { path } = content, file = content.read()
  if (file.length === 0) throw new BadInput(`the ${what} ${path} is empty`)
  const kind = compressed.find(([, offset, bytes]) => bytes.every((byte, i) => file[offset + i] === byte))?.[0]
  if (kind) throw new BadInput(`the ${what} ${path} is compressed (${kind}), and is loaded as it is: unpack it first`)
  if (!isElf(file)) return { entry: BigInt(address), segments: [inMemory(file, address)], symbols: new Map() }
  try {
    return readElf(file, symbolNames, BigInt(address))
  } catch (error) {
    if (error instanceof ElfError) throw new BadInput(`the ${what} ${path} cannot be loaded: ${error.message}`)
    throw error
  }
}

/** Bytes at an address, as a segment. */
export const inMemory = (bytes: Uint8Array, address: number): Segment => ({ address: BigInt(address), bytes, size: BigInt(bytes.length), headers: 0 })

/** RAM that is filled piece by piece, no piece over another. */
export class Loader {
  private readonly ram: Uint8Array
  private readonly base: number
  private readonly taken: { readonly from: number; readonly to: number; readonly what: string }[] = []

  constructor(ram: Uint8Array, base: number) {
    this.ram = ram
    this.base = base
  }

  /** An ELF file's own headers are left out where they lie below RAM. Throws BadInput when it does not fit. */
  load(segment: Segment, what: string): void {
    const end = this.base + this.ram.length
    const left = Math.min(segment.headers, Math.max(0, this.base - Number(segment.address)))
    const exact = segment.address + BigInt(left), exactEnd = segment.address + segment.size
    if (exact < this.base || exactEnd > end) {
      throw new BadInput(`${what} does not fit: it takes ${hex(exact)} to ${hex(exactEnd)}, and memory is ${hex(this.base)} to ${hex(end)} (${mebibytes(this.ram.length)} MiB; --memory sets it)`)
    }
    const address = Number(exact), size = Number(exactEnd) - address, bytes = segment.bytes.subarray(left)
    const over = this.taken.find((t) => address < t.to && t.from < address + size && t.what !== what)
    if (over) throw new BadInput(`${what}, ${hex(address)} to ${hex(address + size)}, lies over ${over.what}, ${hex(over.from)} to ${hex(over.to)}`)
    this.taken.push({ from: address, to: address + size, what })
    const offset = address - this.base
    this.ram.set(bytes, offset)
    this.ram.fill(0, offset + bytes.length, offset + size)
  }

  /** The end of what was loaded highest. */
  get end(): number {
    return Math.max(this.base, ...this.taken.map((t) => t.to))
  }
}

const hex = (address: number | bigint): string => `0x${address.toString(16)}`
const mebibytes = (bytes: number): number => bytes / 2 ** 20
