// Widths are checked by the type and again by the constructor; what an instruction may not say is refused when it is built.
import { expect, test } from 'vitest'
import { defineIsa, IsaError } from '../machine/isa.ts'
import { thirdGeneration } from '../isa/third-generation/isa.ts'
import { encode, instruction, set, store, type Statement } from './instruction.ts'
import { bank, bit, cell, field, get, register } from './state.ts'
import { add, concat, constant, eq, extract, ite, select, variable, WidthError } from './term.ts'

const A = register('A', 8, 'general'), PC = register('PC', 18, 'counter')
const E = bank('E', 4, 8, 'storage')
const format = { op: 4, a: 4 } as const
const doing = (...body: Statement[]) => () => instruction({ name: 'TRY', source: 'here', encoding: encode(format, { op: 1 }), does: () => body })

test('a value of another width is refused by the type and by the constructor', () => {
  // @ts-expect-error a term of 8 bits is not one of 18
  expect(() => set(PC, get(A))).toThrow(/PC has 18 bits, the value written to it 8/)
  // @ts-expect-error a term of 18 bits cannot be added to one of 8
  expect(() => add(get(A), get(PC))).toThrow(WidthError)
  // @ts-expect-error a cell has 8 bits
  expect(() => store(E, variable('a', 4), get(PC))).toThrow(/cells of 8 bits, the value stored 18/)
  expect(() => ite(get(bit(A, 0)), get(A), constant<number>(9, 0) as never)).toThrow(WidthError)
  expect(() => select(E, variable('a', 5) as never)).toThrow(/an address has 4 bits, this one 5/)
  expect(() => constant(3, 8)).toThrow(/8 does not fit 3 bits/)
  expect(() => extract(get(A), 8, 0)).toThrow(/bits 8..0 of a 8-bit term/)
  expect(() => field(A, 8, 1)).toThrow(WidthError)
  expect(() => register('A|B', 8, 'general')).toThrow(/one line without/)
})

test('two writes to one place are refused, and the message names the instruction', () => {
  expect(doing(set(A, 1), set(bit(A, 3), 0))).toThrow('TRY: two writes to A<3>')
  expect(doing(set(cell(E, constant(4, 1)), 1), set(cell(E, constant(4, 1)), 2))).toThrow('two writes to E')
  expect(doing(set(bit(A, 2), 1), set(bit(A, 3), 0))().body).toHaveLength(2)
})

test('a field that the format does not have, or a value that does not fit it', () => {
  expect(() => encode(format, { op: 16 })).toThrow('op = 16 does not fit 4 bits')
  expect(() => encode(format, { opcode: 1 } as never)).toThrow('the format has no field opcode')
})

test('equal terms are one object, and simplification keeps the width', () => {
  expect(add(get(A), constant(8, 0))).toBe(get(A))
  expect(eq(get(A), get(A))).toBe(constant(1, 1))
  expect(concat(extract(get(A), 7, 4), extract(get(A), 3, 0))).toBe(get(A))
})

test('an ISA with overlapping encodings, a cause or a component that it does not declare is refused', () => {
  const sound = thirdGeneration('sound')
  const [first] = sound.instructions
  const twin = { ...first!, name: 'LA2' }
  expect(() => defineIsa({ ...sound, instructions: [...sound.instructions, twin] })).toThrow(/the encodings of LA and LA2 overlap: both match the word 10000000/)
  expect(() => defineIsa({ ...sound, instructions: [first!, first!] })).toThrow(/two instructions are named LA/)
  const foreign = { ...first!, name: 'X', encoding: encode({ op: 8, r: 4, x: 4, a: 16 }, { op: 0xff }), body: [set(A, 1)] }
  expect(() => defineIsa({ ...sound, instructions: [foreign] })).toThrow(IsaError)
  const trapping = { ...foreign, body: [{ kind: 'trap' as const, when: constant(1, 1), cause: 'never heard of' }] }
  expect(() => defineIsa({ ...sound, instructions: [trapping] })).toThrow(/'never heard of', which is not one of memory, privileged/)
})
