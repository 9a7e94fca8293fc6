// The assembler's words against the manual's formats, and its round trip with the disassembler.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { assemble, type Image } from './assemble.ts'
import { disassemble } from './disassemble.ts'
import { instructions } from './instructions.ts'
import { listing } from './listing.ts'

const words = (image: Image): number[] => image.cells.map(([, word]) => word >>> 0)
const one = (source: string): number => words(assemble(source))[0]!

test.each([
  ['L r1, 5(r2)', 0x1112_0005],
  ['ST r15, (r1)', 0x12f1_0000],
  ['LA r3, -1', 0x1030_ffff],
  ["OR r4, 'A'", 0x2640_0041],
  ['JMP 0xFFF', 0x3000_0fff],
  ['JAL r14, 2', 0x31e0_0002],
  ['SVC 65535', 0x4000_ffff],
  ['LPSW 4(r3)', 0x8003_0004],
  ['srb r5', 0x8250_0000],
  ['OUT r1, 2', 0x8610_0002],
  ['HALT', 0x8700_0000],
  ['LRA r2, 3', 0x9220_0003],
  ['.psw u, 0x123, 4, 5', 0x8123_0405],
  ['.psw s, 1, 255, 255', 0x0001_ffff],
  ['.word -1', 0xffff_ffff],
  ['.word 2 + 3 * (4 - 1) - -1', 12],
  [".word 'a' * 2 ; 'b'", 194],
  [".word ';'", 59],
])('%s', (line, word) => expect(one(line)).toBe(word))

test('labels count from their window, cells are real, and a name may be used before it is defined', () => {
  const image = assemble(`
        .equ  l, 2
        .window l, 1
        LA    r1, text
loop:   JMP   loop
        .align 4
text:   .ascii "a\\n", 0
        .window 0, 2
        .org  8
        .entry here
        .space 2
here:   .word text, ., length
        .equ  length, here - 8`)
  expect(image.cells.map(([address, word]) => [address, word >>> 0])).toEqual([
    [8, 0], [9, 0], [10, 4], [11, 10], [12, 2],
    [32, 0x1010_0004], [33, 0x3000_0001], [36, 97], [37, 10], [38, 0],
  ])
  expect(image.entry).toBe(10)
  expect(Object.fromEntries(image.symbols)).toEqual({ l: 2, loop: 1, text: 4, here: 10, length: 2 })
  expect(listing(image).split('\n').slice(0, 3)).toEqual([
    '020 000  10100004     4          LA    r1, text',
    '021 001  30000001     5  loop:   JMP   loop',
    '024 004  00000061     7  text:   .ascii "a\\n", 0',
  ])
})

test('a word, disassembled and assembled again, is the same word', () => {
  const anyWord = fc.tuple(fc.constantFrom(0, ...instructions.map(({ opcode }) => opcode)), fc.integer({ min: 0, max: 0xff_ffff }))
  fc.assert(fc.property(anyWord, ([opcode, rest]) => {
    const word = opcode * 0x100_0000 + rest
    expect(one(disassemble(word))).toBe(word)
    expect(disassemble(word | 0)).toBe(disassemble(word))
  }), { numRuns: 2000 })
})

test('every instruction, assembled, disassembled and assembled, is shown by its name', () => {
  for (const { name, hasRegister, field } of instructions) {
    const operands = [...(hasRegister ? ['r7'] : []), ...(field === undefined ? [] : field === 'field' ? ['9'] : ['-3(r15)'])]
    const line = `${name} ${operands.join(', ')}`.trimEnd()
    expect(disassemble(one(line))).toBe(line)
    expect(one(disassemble(one(line)))).toBe(one(line))
  }
  expect(instructions).toHaveLength(35)
  expect(disassemble(0x3010_0005)).toBe('.word 0x30100005 ; JMP 0x005')
  expect(disassemble(0xff00_0000)).toBe('.word 0xFF000000')
})
