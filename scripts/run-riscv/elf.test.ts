import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ElfError, isElf, readElf } from './elf.ts'
import { elf, raw, tests, tohost } from './programs.fixture.ts'

const code = raw(tests)

test('segments, entry and symbols, at their physical addresses', () => {
  const read = readElf(elf(code, { virtual: 0xffff_0000, physical: 0x8020_0000, entry: 0xffff_0008, symbols: { tohost: 0xffff_0100, fromhost: undefined, other: 5, toho: 6, tohosts: 7 } }), ['tohost', 'fromhost', 'other', 'none'])
  expect(read.entry).toBe(0x8020_0008n)
  expect(read.segments).toEqual([{ address: 0x8020_0000n, bytes: Buffer.from(code), size: 0x2000n, headers: 0 }])
  expect([...read.symbols]).toEqual([['tohost', 0x8020_0100n], ['other', 5n]])
})

test('a segment says how much of it are the headers of its file', () => {
  const { segments: [segment], entry } = readElf(elf(code, { headers: true }))
  expect([segment!.address, segment!.headers, segment!.bytes.length, segment!.size, entry]).toEqual([0x7fff_f000n, 0x1000, 0x1000 + code.length, 0x3000n, 0x8000_0000n])
})

test('a position-independent file that is linked at 0 goes where it is told, and no other', () => {
  const parts = { symbols: { tohost: 0x100 } }
  const at = (type: number, virtual = 0): readonly bigint[] => {
    const { entry, segments, symbols } = readElf(elf(code, { ...parts, virtual, entry: virtual + 8, type }), ['tohost'], 0x8000_0000n)
    return [entry, segments[0]!.address, symbols.get('tohost')!]
  }
  expect(at(3)).toEqual([0x8000_0008n, 0x8000_0000n, 0x8000_0100n])
  expect(at(2)).toEqual([8n, 0n, 0x100n])
  expect(at(3, 0x1000)).toEqual([0x1008n, 0x1000n, 0x100n])
})

test('an address of 64 bits is not rounded', () => {
  expect(readElf(elf(code, { virtual: 0xffff_ffff_8000_0000, physical: 0x8020_0000, entry: 0xffff_ffff_8000_1438n })).entry).toBe(0x8020_1438n)
})

const foreign: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ['another machine', elf(code, { machine: 62 }), /x86-64/],
  ['32 bits', elf(code, { class: 1 }), /32 bits/],
  ['an object file', elf(code, { type: 1 }), /not linked/],
  ['more in the file than in memory', elf(code, { memory: 8 }), /8 in memory/],
  ['no ELF file', raw(tests), /no ELF/],
  ['a class that is none', elf(code, { class: 3 }), /class is 3/],
  ['an entry before what is loaded', elf(code, { entry: 0x7fff_fffc }), /entry, 0x7ffffffc, is in nothing/],
  ['an entry behind it', elf(code, { entry: 0x8000_2000 }), /entry, 0x80002000, is in nothing/],
  ['nothing to load', elf(code, { memory: 0 }), /nothing to load/],
]
test.each(foreign)('%s is refused', (_, file, why) => {
  expect(() => readElf(file)).toThrow(why)
  expect(() => readElf(file)).toThrow(ElfError)
})

test('every truncated file is refused, and the whole one is not', () => {
  const whole = elf(code, { symbols: { tohost } })
  expect(() => readElf(whole)).not.toThrow()
  for (let length = 1; length < whole.length; length++) expect(() => readElf(whole.subarray(0, length))).toThrow(ElfError)
  expect([whole, whole.subarray(0, 3), Buffer.from('EL'), Buffer.alloc(0)].map(isElf)).toEqual([true, true, false, false])
})

test('a file of many program headers, or of many symbols, takes no long time', () => {
  const many = Buffer.alloc(64 + 56 * 0xffff)
  many.set(elf(code).subarray(0, 64))
  many.writeUInt16LE(0xffff, 56)
  expect(() => readElf(many)).toThrow(/65535 program headers, at most 1024/)
  const symbols = Buffer.concat([elf(code, { symbols: { tohost } }), Buffer.alloc(24 * 2 ** 20, 1)]), sections = symbols.readUIntLE(40, 6)
  symbols.writeUIntLE(symbols.length - 24 * 2 ** 20, sections + 64 + 24, 6)
  symbols.writeUIntLE(24 * 2 ** 20, sections + 64 + 32, 6)
  expect([...readElf(symbols, ['tohost']).symbols]).toEqual([])
})

test('a spoilt header is read or refused, and nothing else', () => {
  const whole = elf(code, { symbols: { tohost } })
  fc.assert(fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 4 }), (changes) => {
    const file = Buffer.from(whole)
    for (const [at, byte] of changes) file[at] = byte
    try {
      readElf(file, ['tohost'])
    } catch (error) {
      if (!(error instanceof ElfError)) throw error
    }
  }), { numRuns: 2000, seed: 1 })
})
