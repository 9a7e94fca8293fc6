// What the assembler refuses, with the line and column of each problem.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { assemble } from './assemble.ts'
import { AssemblerError } from './error.ts'

const errors = (source: string): string[] => {
  try {
    assemble(source, 'f.s')
  } catch (error) {
    if (error instanceof AssemblerError) return error.message.split('\n')
    throw error
  }
  return []
}

test.each([
  ['  ADDD r1, 2', "f.s:1:3: found 'ADDD', expected an instruction, a directive or a label with its colon; did you mean 'ADD'?"],
  ['  .wrd 1', "f.s:1:3: found '.wrd', expected a directive; did you mean '.word'?"],
  ['loop: JMP lop', "f.s:1:11: found the unknown name 'lop', expected a label or a name of .equ; did you mean 'loop'?"],
  ['JMP zebra', "f.s:1:5: found the unknown name 'zebra', expected a label or a name of .equ"],
  ['LA r16, 0', "f.s:1:4: found 'r16', expected a register r0 to r15"],
  ['LA 1, 0', 'f.s:1:4: found 1, expected a register r0 to r15 (r, a(x))'],
  ['LA r1, r2', 'f.s:1:8: found the register r2, expected a number or an address (r, a(x))'],
  ['L r1, 4(r0)', "f.s:1:9: found 'r0', expected an index register r1 to r15 (register 0 cannot be an index)"],
  ['L r1, 4(x)', "f.s:1:9: found 'x', expected an index register r1 to r15"],
  ['L r1, 4(r2', "f.s:1:11: found the end of the line, expected ')'"],
  ['L r1, 4096', 'f.s:1:7: found 4096, expected an address of 12 bits, 0 to 4095'],
  ['JMP -1', 'f.s:1:5: found -1, expected an address of 12 bits, 0 to 4095'],
  ['LA r1, 32768', 'f.s:1:8: found 32768, expected a signed number of 16 bits, -32768 to 32767'],
  ['ADD r1, -32769', 'f.s:1:9: found -32769, expected a signed number of 16 bits, -32768 to 32767'],
  ['SVC -1', 'f.s:1:5: found -1, expected a number, 0 to 65535'],
  ['SVC 65536', 'f.s:1:5: found 65536, expected a number, 0 to 65535'],
  ['SVC 1(r2)', 'f.s:1:5: found an index register, expected a number'],
  ['HALT 1', 'f.s:1:6: found operand 1, expected HALT alone'],
  ['LA r1', 'f.s:1:6: found the end of the operands, expected LA r, a(x)'],
  ['LA r1, 2, 3', 'f.s:1:11: found operand 3, expected LA r, a(x)'],
  ['LA r1 2', "f.s:1:7: found '2', expected ',', an operator or the end of the line"],
  ['LA r1, 2 +', 'f.s:1:11: found the end of the line, expected a number, a label or an expression'],
  ['LA r1, 0x1G', "f.s:1:8: found '0x1G', expected a decimal or 0x… number"],
  ["LA r1, 'ab'", "f.s:1:10: found 'b', expected a closing '"],
  ['.ascii "ab', 'f.s:1:8: found the end of the line, expected a closing "'],
  ['.ascii "a\\q"', String.raw`f.s:1:10: found '\q', expected one of \n \t \0 \\ \' \"`],
  ['LA r1, #2', "f.s:1:8: found '#', expected a name, a number, a text or one of + - * ( ) , :"],
  ['.word 0x100000000', 'f.s:1:7: found 4294967296, expected a 32-bit word, -2147483648 to 4294967295'],
  ['.psw k, 0, 0, 0', "f.s:1:6: found the mode 'k', expected 's' or 'u'; did you mean 's'?"],
  ['.psw s, 0, 256, 0', 'f.s:1:12: found 256, expected l in blocks, 0 to 255'],
  ['.psw s, 0, 0', 'f.s:1:13: found the end of the operands, expected .psw mode (s or u), p, l, b'],
  ['.equ 5, 6', 'f.s:1:6: found 5, expected a name and its value'],
  ['.equ ., 6', "f.s:1:6: found '.', expected a name and its value"],
  ['.entry 2\n.entry 3', 'f.s:2:1: found a second .entry, expected one .entry in the source'],
  ['.org 4080', 'f.s:1:6: found 4080, expected an address, 0 to 4079'],
  ['.org later\nlater: HALT', "f.s:1:6: found the unknown name 'later', expected a name that is defined above this line"],
  ['a: HALT\na: HALT', "f.s:2:1: found a second definition of 'a' (the first is in line 1), expected a new name"],
  ['r1: HALT', "f.s:1:1: found the register 'r1', expected a label"],
  ['HALT\n.org 0\nHALT', 'f.s:3:1: found a second word for real cell 0 (the first is in line 1), expected a free cell'],
  ['.org 4079\nHALT\nHALT', 'f.s:3:1: found cell 4080, expected at most 4080 cells'],
  ['.window 1, 1\n.org 15\nHALT\nHALT', 'f.s:4:1: found cell 16, expected at most 16 cells in this window'],
  ['.window 255, 2\nHALT', 'f.s:2:1: found real cell 4080, expected at most 4080 cells'],
])('%s', (source, message) => expect(errors(source)).toEqual([message]))

test('all problems are reported at once, in the order of their places, and none follows from another', () => {
  const source = `.equ size, bogus
x:  LAA r1, 0
y:  LA  r1, 0x
    L   r2, y(r3)
    .space size
    ST  r2, xx
    JMP y
    .equ other, #
    .word other`
  const places = errors(source).map((message) => message.split(': ')[0])
  expect(places).toEqual(['f.s:1:12', 'f.s:2:5', 'f.s:3:13', 'f.s:6:13', 'f.s:8:17'])
})

test('what lies just inside each range is accepted', () => {
  const lines = ['LA r1, 32767', 'LA r1, -32768', 'L r1, 4095', 'L r1, -1(r2)', 'SVC 65535', '.word 0xFFFFFFFF, -0x80000000', '.org 4079', 'HALT']
  expect(errors(lines.join('\n'))).toEqual([])
})

test('whatever the source, either an image or an AssemblerError with places inside the source comes out', () => {
  const piece = fc.constantFrom(
    'LA', 'L', 'JMP', 'SVC', 'HALT', 'IN', '.org', '.word', '.space', '.ascii', '.psw', '.equ', '.align', '.entry', '.window',
    'r1', 'r15', 'r16', '(r2)', '(', ')', ',', '+', '-', '*', ':', '0', '7', '0xFFFFFFFF', '4095', "'c'", "'", '"ab"', '"', '\\',
    'here', 'there', '.', 's', 'u', ';', ' ', ' ', '\n', '\n', 'é', '\r\n',
  )
  let made = 0
  fc.assert(fc.property(fc.array(piece, { maxLength: 24 }), (pieces) => {
    const source = pieces.join('')
    const lines = source.split('\n')
    try {
      assemble(source)
      made++
    } catch (error) {
      expect(error).toBeInstanceOf(AssemblerError)
      for (const { line, column, found, expected } of (error as AssemblerError).problems) {
        expect(column).toBeGreaterThanOrEqual(1)
        expect(column).toBeLessThanOrEqual(lines[line - 1]!.length + 1)
        expect(found !== '' && expected !== '').toBe(true)
      }
    }
  }), { numRuns: 3000 })
  expect(made).toBeGreaterThan(10)
})
