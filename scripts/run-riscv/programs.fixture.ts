// Programs for the tests, in words of machine code, and executables made of them.

/** Prints h on the serial port, writes 11223344 at 0x80001000, and ends by tohost at 0x80001100 with exit code 3. */
export const tests = [
  0x1000_02b7, // lui t0, 0x10000
  0x0680_0313, // li t1, 'h'
  0x0062_8023, // sb t1, 0(t0)
  0x0000_1397, // auipc t2, 1
  0x1122_3337, // lui t1, 0x11223
  0x3443_0313, // addi t1, t1, 0x344
  0xfe63_aa23, // sw t1, -12(t2)
  0x0070_0313, // li t1, 7
  0x0e63_aa23, // sw t1, 244(t2)
  0xffdf_f06f, // j -4
]

/** Echoes what is typed; after q it ends with exit code 3, after r it resets, after w it waits for ever. */
export const echoes = [
  0x1000_02b7, // lui t0, 0x10000
  0x0010_0eb7, // lui t4, 0x100
  0x0052_8303, // lb t1, 5(t0)
  0x0013_7313, // andi t1, t1, 1
  0xfe03_0ce3, // beqz t1, -8
  0x0002_8303, // lb t1, 0(t0)
  0x0062_8023, // sb t1, 0(t0)
  0x0710_0393, // li t2, 'q'
  0x0073_0e63, // beq t1, t2, +28
  0x0720_0393, // li t2, 'r'
  0x0273_0063, // beq t1, t2, +32
  0x0770_0393, // li t2, 'w'
  0xfc73_1ce3, // bne t1, t2, -40
  0x1050_0073, // wfi
  0xffdf_f06f, // j -4
  0x0003_33b7, // lui t2, 0x33
  0x3333_8393, // addi t2, t2, 0x333
  0x007e_a023, // sw t2, 0(t4)
  0x0000_73b7, // lui t2, 7
  0x7773_8393, // addi t2, t2, 0x777
  0x007e_a023, // sw t2, 0(t4)
  0x0000_006f, // j .
]

/** Jumps to the first bank of flash. */
export const toFlash = [
  0x2000_02b7, // lui t0, 0x20000
  0x0002_8067, // jr t0
]

/** In flash: counts its starts by a bit each of the second bank's first word, whose ones it programs to zeros; resets twice, then ends with the low byte of that word. */
export const burns = [
  0x2200_02b7, // lui t0, 0x22000
  0x0010_0eb7, // lui t4, 0x100
  0x0002_a303, // lw t1, 0(t0)
  0x0013_1393, // slli t2, t1, 1
  0x0400_0e13, // li t3, 0x40
  0x01c2_a023, // sw t3, 0(t0)
  0x0072_a023, // sw t2, 0(t0)
  0x0ff0_0e13, // li t3, 0xff
  0x01c2_a023, // sw t3, 0(t0)
  0x0002_c303, // lbu t1, 0(t0)
  0x0073_7393, // andi t2, t1, 7
  0x0003_8a63, // beqz t2, +20
  0x0000_73b7, // lui t2, 7
  0x7773_8393, // addi t2, t2, 0x777
  0x007e_a023, // sw t2, 0(t4)
  0x0000_006f, // j .
  0x0103_1313, // slli t1, t1, 16
  0x0000_33b7, // lui t2, 3
  0x3333_8393, // addi t2, t2, 0x333
  0x0063_83b3, // add t2, t2, t1
  0x007e_a023, // sw t2, 0(t4)
  0x0000_006f, // j .
]

export const raw = (words: readonly number[]): Uint8Array => new Uint8Array(Uint32Array.from(words).buffer)

export const ramStart = 0x8000_0000
export const signatureStart = 0x8000_1000
export const tohost = 0x8000_1100

export interface Parts {
  readonly machine?: number
  readonly class?: number
  readonly type?: number
  readonly virtual?: number | bigint
  readonly physical?: number | bigint
  readonly entry?: number | bigint
  readonly memory?: number
  /** The segment begins a page earlier with the file's headers, as linkers make it that are given nothing but an address. */
  readonly headers?: boolean
  /** A symbol without an address is undefined, as a weak one may be. */
  readonly symbols?: Readonly<Record<string, number | bigint | undefined>>
}
/** The section of a symbol that is an address. */
const absolute = 0xfff1

/** An ELF64 file of one segment: header, program header, code, symbols, names, section headers. */
export const elf = (code: Uint8Array, { machine = 243, class: width = 2, type = 2, virtual = ramStart, physical = virtual, entry = virtual, memory = 0x2000, headers = false, symbols = {} }: Parts = {}): Uint8Array => {
  const names = Object.keys(symbols)
  const strings = Buffer.from(`\0${names.map((n) => `${n}\0`).join('')}`)
  const before = headers ? 0x1000 : 0
  const codeAt = before || 120, symbolsAt = codeAt + code.length, stringsAt = symbolsAt + 24 * (names.length + 1), sectionsAt = Math.ceil((stringsAt + strings.length) / 8) * 8
  const file = Buffer.alloc(sectionsAt + 3 * 64)
  file.set([0x7f, 0x45, 0x4c, 0x46, width, 1, 1])
  const u16 = (at: number, ...values: number[]): void => values.forEach((v, i) => file.writeUInt16LE(v, at + 2 * i))
  const u32 = (at: number, value: number): void => void file.writeUInt32LE(value, at)
  const u64 = (at: number, ...values: (number | bigint)[]): void => values.forEach((v, i) => file.writeBigUInt64LE(BigInt(v), at + 8 * i))
  u16(16, type, machine)
  u64(24, entry, 64, sectionsAt)
  u16(52, 64, 56, 1, 64, 3, 0)
  u32(64, 1)
  u64(72, codeAt - before, BigInt(virtual) - BigInt(before), BigInt(physical) - BigInt(before), code.length + before, memory + before, 0x1000)
  file.set(code, codeAt)
  let name = 1
  names.forEach((n, i) => {
    u32(symbolsAt + 24 * (i + 1), name)
    u16(symbolsAt + 24 * (i + 1) + 6, symbols[n] === undefined ? 0 : absolute)
    u64(symbolsAt + 24 * (i + 1) + 8, symbols[n] ?? 0)
    name += n.length + 1
  })
  file.set(strings, stringsAt)
  u32(sectionsAt + 64 + 4, 2)
  u64(sectionsAt + 64 + 24, symbolsAt, 24 * (names.length + 1))
  u32(sectionsAt + 64 + 40, 2)
  u32(sectionsAt + 128 + 4, 3)
  u64(sectionsAt + 128 + 24, stringsAt, strings.length)
  return file
}
