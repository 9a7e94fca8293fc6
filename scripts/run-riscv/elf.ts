// Reading an executable: its segments, entry and symbols (System V ABI, ELF64 little endian for RISC-V). No library on npm is kept up, so this is all there is.

export interface Segment {
  /** Physical address. */
  readonly address: bigint
  /** From the file; the rest up to `size` is zero. */
  readonly bytes: Uint8Array
  readonly size: bigint
  /** How many bytes at its start are the file's own headers and the zeros after them, which a linker puts in front of the program unless told otherwise. */
  readonly headers: number
}

export interface Executable {
  /** Physical address. */
  readonly entry: bigint
  readonly segments: readonly Segment[]
  /** Physical addresses of those symbols that were asked for and are there, by name. */
  readonly symbols: ReadonlyMap<string, bigint>
}

/** The file is no executable for this machine, or not all of one; the message says which. */
export class ElfError extends Error {
  override readonly name = 'ElfError'
}

const magic = [0x7f, 0x45, 0x4c, 0x46]
const class32 = 1
const class64 = 2
const littleEndian = 1
const bigEndian = 2
const executable = 2
/** It relocates itself, as firmware does. */
const positionIndependent = 3
const riscv = 243
const loadable = 1
const symbolTable = 2
/** Of a symbol that is named and not there, such as a weak one. */
const undefinedSection = 0
/** More than anybody's. */
const mostPrograms = 1024
const sizes = { header: 64, program: 56, section: 64, symbol: 24 } as const

const machines: Readonly<Record<number, string>> = { 3: 'x86', 8: 'MIPS', 20: 'PowerPC', 21: 'PowerPC 64', 22: 'z/Architecture', 40: 'ARM', 62: 'x86-64', 183: 'AArch64', 258: 'LoongArch' }
const types: Readonly<Record<number, string>> = { 1: 'an object file that is not linked', 4: 'a core dump' }

/** A file that begins so, or is cut off before that can be told. */
export const isElf = (file: Uint8Array): boolean => file.length > 0 && magic.every((byte, i) => i >= file.length || file[i] === byte)

/** `wanted`: the names of symbols; `place`: where a position-independent file goes that is linked at 0. Throws ElfError. */
export const readElf = (file: Uint8Array, wanted: readonly string[] = [], place = 0n): Executable => {
  const view = new DataView(file.buffer, file.byteOffset, file.length)
  const within = (offset: number, length: number, what: string): void => {
    if (offset + length > file.length) throw new ElfError(`it is truncated: it ends after ${file.length} bytes, before ${what} does`)
  }
  const long = (offset: number): bigint => view.getBigUint64(offset, true)
  const word = (offset: number): number => Number(long(offset))
  if (!isElf(file)) throw new ElfError('it is no ELF file')
  within(0, 20, 'the header')
  if (file[4] !== class64) throw new ElfError(file[4] === class32 ? 'it is for 32 bits, and this hart has 64' : `its class is ${file[4]}, and there are 1 and 2`)
  if (file[5] !== littleEndian) throw new ElfError(file[5] === bigEndian ? 'it is big endian, and this hart is little endian' : `its byte order is ${file[5]}, and there are 1 and 2`)
  within(0, sizes.header, 'the header')
  const machine = view.getUint16(18, true)
  if (machine !== riscv) throw new ElfError(`it is for ${machines[machine] ?? `machine ${machine}`}, and not for RISC-V`)
  const type = view.getUint16(16, true)
  if (type !== executable && type !== positionIndependent) throw new ElfError(`it is ${types[type] ?? `of type ${type}`}, and not an executable`)

  const table = (offset: number, entryBytes: number, count: number, least: number, what: string): readonly number[] => {
    if (count > 0 && entryBytes < least) throw new ElfError(`its ${what} have ${entryBytes} bytes, at least ${least} expected`)
    within(offset, entryBytes * count, `the table of ${what}`)
    return Array.from({ length: count }, (_, i) => offset + i * entryBytes)
  }
  if (view.getUint16(56, true) > mostPrograms) throw new ElfError(`it has ${view.getUint16(56, true)} program headers, at most ${mostPrograms} expected`)
  const programs = table(word(32), view.getUint16(54, true), view.getUint16(56, true), sizes.program, 'program headers')
    .filter((p) => view.getUint32(p, true) === loadable)
    .map((p) => ({ offset: word(p + 8), virtual: long(p + 16), physical: long(p + 24), inFile: word(p + 32), size: long(p + 40) }))
    .filter((p) => p.size > 0n)
  if (programs.length === 0) throw new ElfError('it has nothing to load')
  const programsEnd = word(32) + view.getUint16(54, true) * view.getUint16(56, true)
  const moved = type === positionIndependent && programs.some((p) => p.physical === 0n) ? place : 0n
  const segments = programs.map(({ offset, physical, inFile, size }) => {
    within(offset, inFile, `the segment at 0x${physical.toString(16)}`)
    if (inFile > size) throw new ElfError(`the segment at 0x${physical.toString(16)} has ${inFile} bytes in the file, and ${size} in memory`)
    const bytes = file.subarray(offset, offset + inFile)
    return { address: physical + moved, bytes, size, headers: offset === 0 ? leading(bytes, programsEnd) : 0 }
  })
  const physical = (address: bigint): bigint => {
    const inside = programs.find((p) => address >= p.virtual && address < p.virtual + p.size)
    return (inside ? address - inside.virtual + inside.physical : address) + moved
  }
  const entry = physical(long(24))
  if (!segments.some(({ address, size }) => entry >= address && entry < address + size)) throw new ElfError(`its entry, 0x${long(24).toString(16)}, is in nothing that it loads`)

  const symbols = new Map<string, bigint>(), ended = wanted.map((name) => ({ name, bytes: Buffer.from(`${name}\0`, 'latin1') }))
  const sections = table(word(40), view.getUint16(58, true), view.getUint16(60, true), sizes.section, 'section headers')
  for (const section of sections) {
    if (view.getUint32(section + 4, true) !== symbolTable) continue
    const strings = sections[view.getUint32(section + 40, true)]
    if (strings === undefined) throw new ElfError('its symbols have no names')
    const names = word(strings + 24), length = word(strings + 32)
    within(names, length, 'the names of the symbols')
    for (const symbol of table(word(section + 24), sizes.symbol, Math.floor(word(section + 32) / sizes.symbol), sizes.symbol, 'symbols')) {
      if (view.getUint16(symbol + 6, true) === undefinedSection) continue
      const start = names + view.getUint32(symbol, true)
      const found = ended.find(({ bytes }) => start + bytes.length <= names + length && bytes.equals(file.subarray(start, start + bytes.length)))
      if (found) symbols.set(found.name, physical(long(symbol + 8)))
    }
    // There is no second one.
    break
  }
  return { entry, segments, symbols }
}

/** The bytes up to `end`, and the zeros after it. */
const leading = (bytes: Uint8Array, end: number): number => {
  let next = end
  while (next < bytes.length && bytes[next] === 0) next++
  return Math.min(next, bytes.length)
}
