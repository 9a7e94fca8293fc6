// Sstc: stimecmp, its enable and its interrupt.
import { expect, it } from 'vitest'
import { createHart, type Hart } from './hart.ts'
import type { Platform } from './platform.ts'

const stimecmp = 0x14d
const menvcfg = 0x30a
const mip = 0x344
const enable = 1n << 63n
const stip = 0x20n

const fixture = (sstc: boolean) => {
  const told: (bigint | undefined)[] = []
  const platform: Platform = { load: () => undefined, store: () => false, time: () => 7n, supervisorTimer: (compare) => void told.push(compare) }
  const hart = createHart({ ramBytes: 4096, sstc }, platform)
  return { hart, told }
}
/** Executes csrr x1, stimecmp in supervisor mode. */
const read = (hart: Hart): string => {
  new DataView(hart.ram.buffer, hart.ram.byteOffset).setUint32(0, (stimecmp << 20) | 0x20f3, true)
  hart.wrote(0, 4)
  hart.setCsr(0x3b0, (1n << 54n) - 1n)
  hart.setCsr(0x3a0, 0x1fn)
  hart.pc = 0x8000_0000n
  hart.mode = 1
  const stepped = hart.step()
  hart.mode = 3
  return stepped
}

it('the board is told what to compare, while it is enabled', () => {
  const { hart, told } = fixture(true)
  hart.setCsr(stimecmp, 100n)
  hart.setCsr(menvcfg, enable)
  hart.setCsr(stimecmp, 200n)
  hart.setCsr(menvcfg, 0n)
  expect(told).toEqual([undefined, 100n, 200n, undefined])
})

it('STIP is the line while it is enabled, and what software wrote otherwise', () => {
  const { hart } = fixture(true)
  hart.setCsr(mip, stip)
  expect(hart.csr(mip)).toBe(stip)
  hart.setCsr(menvcfg, enable)
  expect(hart.csr(mip)).toBe(0n)
  hart.setCsr(mip, stip)
  expect(hart.csr(mip)).toBe(0n)
  hart.drive('STIP', true)
  expect(hart.csr(mip)).toBe(stip)
  hart.drive('STIP', false)
  hart.setCsr(mip, 0n)
  hart.setCsr(menvcfg, 0n)
  expect(hart.csr(mip)).toBe(stip)
})

it('supervisor mode needs both enables', () => {
  for (const [first, second, outcome] of [[enable, 2n, 'retired'], [enable, 0n, 'trapped'], [0n, 2n, 'trapped']] as const) {
    const { hart } = fixture(true)
    hart.setCsr(menvcfg, first)
    hart.setCsr(0x306, second)
    expect([first, second, read(hart)]).toEqual([first, second, outcome])
  }
})

it('a hart without it has neither', () => {
  const { hart, told } = fixture(false)
  hart.setCsr(menvcfg, enable)
  expect([hart.csr(stimecmp), hart.csr(menvcfg), hart.csrs.includes(stimecmp), told]).toEqual([undefined, 0n, false, []])
})

it('another hart takes it over', () => {
  const { hart } = fixture(true)
  hart.setCsr(stimecmp, 55n)
  hart.setCsr(menvcfg, enable)
  const other = fixture(true)
  other.hart.restore(hart.save(), 0)
  expect([other.hart.csr(stimecmp), other.told]).toEqual([55n, [55n]])
})
