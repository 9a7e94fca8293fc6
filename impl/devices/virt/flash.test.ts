import { expect, test } from 'vitest'
import { Flash, flashBlockBytes, type FlashState } from './flash.ts'

const word = (flash: Flash, offset: number): number => Number(flash.load(offset, 4))
const put = (flash: Flash, offset: number, value: number): void => void flash.store(offset, 4, value, 0)
const erase = (flash: Flash, offset: number): void => [0x20, 0xd0, 0xff].forEach((code) => put(flash, offset, code))
const program = (flash: Flash, offset: number, value: number): void => [0x40, value, 0xff].forEach((code) => put(flash, offset, code))

test('the query says QRY from both chips, and how large they are', () => {
  const flash = new Flash()
  put(flash, 0x55 * 4, 0x98)
  const at = (place: number): number => word(flash, 4 * place)
  expect([at(0x10), at(0x11), at(0x12), at(0x27), at(0x2d), at(0x2f), at(0x30)]).toEqual([0x51_0051, 0x52_0052, 0x59_0059, 0x18_0018, 0x7f_007f, 0, 0x2_0002])
  expect([flash.load(0x40, 1), flash.load(0x40, 2), flash.load(0x40, 8)]).toEqual([0x51n, 0x51n, 0x51_0051_0051_0051n])
  put(flash, 0, 0xff)
  expect(at(0x10)).toBe(0)
})

test('an erased block reads ones, and programming only clears', () => {
  const flash = new Flash()
  program(flash, 0x100, 0x1234_5678)
  expect(word(flash, 0x100)).toBe(0)
  erase(flash, 0x100)
  expect([word(flash, 0), word(flash, flashBlockBytes - 4), word(flash, flashBlockBytes)]).toEqual([0xffff_ffff, 0xffff_ffff, 0])
  program(flash, 0x100, 0x1234_5678)
  program(flash, 0x100, 0xffff_00ff)
  expect([word(flash, 0x100), word(flash, 0x104)]).toEqual([0x1234_0078, 0xffff_ffff])
})

test('a buffered write takes as many words as were announced, and their confirmation', () => {
  const flash = new Flash()
  erase(flash, 0)
  for (const last of [0xd0, 0x00]) {
    put(flash, 0, 0x50)
    put(flash, 0, 0xe8)
    expect(word(flash, 0)).toBe(0x80_0080)
    put(flash, 0, 1)
    const place = last === 0xd0 ? 0 : 0x20
    put(flash, place, 1)
    put(flash, place + 4, 2)
    put(flash, place, last)
    expect(word(flash, 0)).toBe(last === 0xd0 ? 0x80_0080 : 0xb0_00b0)
    put(flash, 0, 0xff)
    expect([word(flash, place), word(flash, place + 4)]).toEqual(last === 0xd0 ? [1, 2] : [0xffff_ffff, 0xffff_ffff])
  }
})

test('identity, status, and an erase that is not confirmed', () => {
  const flash = new Flash()
  put(flash, 0, 0x90)
  expect([word(flash, 0), word(flash, 4)]).toEqual([0x89_0089, 0x18_0018])
  put(flash, 0, 0x20)
  put(flash, 0, 0x00)
  expect(word(flash, 0)).toBe(0xb0_00b0)
  put(flash, 0, 0x50)
  put(flash, 0, 0x70)
  expect(word(flash, 0)).toBe(0x80_0080)
})

test('a saved state is restored', () => {
  const flash = new Flash()
  erase(flash, flashBlockBytes)
  program(flash, flashBlockBytes, 5)
  put(flash, 0, 0x98)
  const other = new Flash()
  other.restore(JSON.parse(JSON.stringify(flash.save())) as FlashState)
  expect([word(other, 0x40), other.save()]).toEqual([0x51_0051, flash.save()])
  put(other, 0, 0xff)
  expect(word(other, flashBlockBytes)).toBe(5)
})

test('a bank with contents programs and erases them, says when a load reads them, and hands on what was written', () => {
  const backed = () => {
    const flash = new Flash(), bytes = new Uint8Array(2 * flashBlockBytes).fill(0x5a), wrote: number[] = [], reads: boolean[] = []
    flash.back({ bytes, wrote: (offset, length) => wrote.push(offset, length), moved: () => reads.push(flash.readsArray) })
    return { flash, bytes, wrote, reads }
  }
  const { flash, bytes, wrote, reads } = backed()
  expect(word(flash, 8)).toBe(0x5a5a_5a5a)
  program(flash, 8, 0xffff_ff0f)
  expect([...bytes.subarray(7, 13)]).toEqual([0x5a, 0x0a, 0x5a, 0x5a, 0x5a, 0x5a])
  expect([wrote, reads]).toEqual([[8, 4], [false, true]])
  erase(flash, flashBlockBytes + 4)
  program(flash, flashBlockBytes + 4, 0x1234_5678)
  expect([bytes[flashBlockBytes], bytes[flashBlockBytes + 4], bytes.at(-1), wrote.slice(2)]).toEqual([0xff, 0x78, 0xff, [flashBlockBytes, flashBlockBytes, flashBlockBytes + 4, 4]])
  put(flash, 0, 0x90)
  for (const take of [(other: Flash) => other.restore(JSON.parse(JSON.stringify(flash.save())) as FlashState), (other: Flash) => other.keep(flash)]) {
    const other = backed()
    take(other.flash)
    expect(Buffer.compare(other.bytes, bytes)).toBe(0)
    expect([other.flash.readsArray, other.reads.at(-1)]).toEqual(other.reads.length > 0 ? [false, false] : [true, undefined])
  }
})
