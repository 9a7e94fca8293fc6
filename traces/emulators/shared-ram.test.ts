// The RAM that popek and an emulator share.
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { SharedRam } from './shared-ram.ts'

test('what is written is in the file, at the address less the base; the name goes, the content stays', () => {
  const ram = new SharedRam(0x8000_0000, 0x1000)
  ram.write(0x8000_0100, Uint8Array.of(1, 2, 3))
  expect([...readFileSync(ram.path).subarray(0xff, 0x104)]).toEqual([0, 1, 2, 3, 0])
  expect(readFileSync(ram.path)).toHaveLength(0x1000)
  ram.hide()
  expect(existsSync(ram.path)).toBe(false)
  expect([...ram.read(0x8000_0101, 3)]).toEqual([2, 3, 0])
  ram.close()
  ram.close()
  expect(() => ram.read(0x8000_0000, 1)).toThrow()
})
