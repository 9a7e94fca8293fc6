import { expect, test } from 'vitest'
import { variants, type Variant } from '../../../model/vocab/machine.ts'
import { decode, firstFreeOperation, mnemonicOf, operationNumber, undefinedOperation } from './decode.ts'

/** Section 6 of the manual: opcode in hexadecimal, name. */
const section6 = `10 LA 11 L 12 ST 20 ADD 21 SUB 22 MUL 23 DIV 24 REM 25 AND 26 OR 27 XOR 28 SHL 29 SHR 2A SLT 2B SLTU
  30 JMP 31 JAL 32 BZ 33 BNZ 34 BN 40 SVC 80 LPSW 81 LRB 82 SRB 83 STIM 84 RTIM 85 IN 86 OUT 87 HALT`.split(/\s+/)

const section8: Partial<Record<Variant, readonly [string, string]>> = {
  'jump-to-user': ['90', 'JUM'],
  'read-mode': ['91', 'RMOD'],
  'load-real-address': ['92', 'LRA'],
  'silent-write': ['93', 'POPT'],
  'supervisor-only': ['94', 'SRBS'],
  'shrink-bounds': ['95', 'SHB'],
}

const expectedNames = (variant: Variant): ReadonlyMap<number, string> => {
  const words = [...section6, ...(section8[variant] ?? [])]
  return new Map(words.flatMap((word, index) => (index % 2 === 0 ? [[Number.parseInt(word, 16), words[index + 1]!]] : [])))
}

test.each(variants)('every opcode byte of %s is the instruction of the manual or undefined', (variant) => {
  const names = expectedNames(variant)
  for (let opcode = 0; opcode < 256; opcode++) {
    for (const rest of [0, 0xffffff, 0x5a8001]) {
      expect(decode(opcode << 24 | rest, variant)?.operation, opcode.toString(16)).toBe(names.get(opcode))
    }
  }
})

test('the fields are those of the manual, a unsigned', () => {
  expect(decode(0x1234fffe, 'sound')).toEqual({ operation: 'ST', r: 3, x: 4, a: 0xfffe })
  expect(decode(0x87f18000 | 0, 'sound')).toEqual({ operation: 'HALT', r: 15, x: 1, a: 0x8000 })
  expect(decode(0x00000000, 'sound')).toBeUndefined()
})

test('an added instruction exists in its own variant only', () => {
  for (const [owner, pair] of Object.entries(section8)) {
    for (const variant of variants) {
      const word = Number.parseInt(pair[0], 16) << 24
      expect(decode(word, variant)?.operation).toBe(variant === owner ? pair[1] : undefined)
    }
  }
})

test('operation numbers are one to one, fit 6 bits and leave the free ones free', () => {
  const numbers = Object.values(operationNumber)
  expect(new Set(numbers).size).toBe(numbers.length)
  for (const number of numbers) {
    expect(number).toBeGreaterThan(0)
    expect(number).toBeLessThan(firstFreeOperation)
  }
  expect(mnemonicOf(undefinedOperation)).toBeUndefined()
  for (let number = firstFreeOperation; number < 64; number++) expect(mnemonicOf(number)).toBeUndefined()
})
