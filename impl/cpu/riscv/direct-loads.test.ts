// Loads that ask nothing, as long as nothing is to be asked: protection, the mode, translation and the place change, and the hart does what it does without translating.
import { describe, expect, it } from 'vitest'
import { add, addi, b, base, bench, csr, jal, load, put, putLong } from './bench.fixture.ts'
import type { Hart } from './hart.ts'
import type { HartOptions } from './parameters.ts'

const [code, data, other, root, middle, leaf, handler] = [0, 0x2000, 0x3000, 0x4000, 0x5000, 0x6000, 0x7000].map((offset) => base + offset) as [number, number, number, number, number, number, number]
const end = base + 0x10_0000
const entry = (physical: number, flags = 0xcf): bigint => BigInt(physical / 4096) << 10n | BigInt(flags)
const status = { MPRV: 1n << 17n, supervisor: 1n << 11n }
const all = (1n << 54n) - 1n

/** A loop of loads of 4 and 8 bytes at x10, in machine mode; tables map the page of the data to other memory. */
const looping = (translate: boolean, options: Partial<HartOptions>): Hart => {
  const hart = bench({ translate, ...options })
  put(hart, code, [load(2, 6, 10, 4), add(7, 7, 6), load(3, 8, 10, 8), add(9, 9, 8), addi(5, 5, -1), b(1, 5, 0, -20), jal(0, 0)])
  put(hart, handler, [jal(0, 0)])
  putLong(hart, root + 8 * 2, entry(middle, 1))
  putLong(hart, middle, entry(leaf, 1))
  for (const [index, page] of [[0, code], [2, other], [7, handler]] as const) putLong(hart, leaf + 8 * index, entry(page))
  for (const [n, page] of [data, other, end - 0x1000].entries()) for (let at = page; at < page + 4096; at += 8) putLong(hart, at, BigInt(at + n) * 0x1357_9bdfn)
  hart.setCsr(0x305, BigInt(handler))
  hart.x[5] = 100_000n
  hart.x[10] = BigInt(data)
  hart.pc = BigInt(code)
  return hart
}
type Change = (hart: Hart) => void
/** PMP entries: configurations, and address registers. */
const protect = (configurations: bigint, ...addresses: readonly bigint[]): Change => (hart) => {
  for (const [n, address] of addresses.entries()) hart.setCsr(0x3b0 + n, address)
  hart.setCsr(0x3a0, configurations)
}
const only = (page: number): bigint => BigInt(page >>> 2) | 0x1ffn
const mode = (to: 0 | 1 | 3): Change => (hart) => void (hart.mode = to)
const mstatus = (value: bigint): Change => (hart) => void hart.setCsr(0x300, value)
const satp = (on: boolean): Change => (hart) => void hart.setCsr(0x180, on ? 8n << 60n | BigInt(root / 4096) : 0n)
const place = (address: number): Change => (hart) => void (hart.x[10] = BigInt(address))
/** The program writes a CSR itself before it goes on. */
const itself = (number: number, value: bigint): Change => (hart) => {
  put(hart, code + 0x100, [csr(1, 0, number, 12), jal(0, -0x104)])
  hart.x[12] = value
  hart.pc = BigInt(code + 0x100)
}
const together = (...changes: readonly Change[]): Change => (hart) => { for (const change of changes) change(hart) }

const cases = ([
  ['protection is locked around the data', {}, protect(0x98n, only(data))],
  ['protection lets in the page alone, and then nothing', {}, protect(0x1fn << 8n | 0x19n, only(data), all), protect(0x98n, only(data))],
  ['loads have the rights of S-mode, which has none', {}, mstatus(status.MPRV | status.supervisor), mstatus(0n)],
  ['loads are translated as those of S-mode, and then not', {}, together(protect(0x1fn, all), satp(true), mstatus(status.MPRV | status.supervisor)), mstatus(0n)],
  ['S-mode without translation, with it, and without', {}, together(protect(0x1fn, all), mode(1)), satp(true), satp(false)],
  ['U-mode, translated for nobody', {}, together(protect(0x1fn, all), mode(0)), satp(true)],
  ['S-mode is let in to read and execute, then not to read', {}, together(protect(0x1dn, all), mode(1)), protect(0x1cn, all)],
  ['the last bytes of RAM, and those behind them', {}, place(end - 16), place(end - 15), place(end - 8)],
  ['the first bytes of RAM, and those before them', {}, place(base - 4), place(base - 8)],
  ['misaligned', {}, place(data + 3), place(data + 4093)],
  ['misaligned, which traps', { misaligned: 'trap' }, place(data + 1)],
  ['misaligned, which is an access fault', { misaligned: 'access-fault' }, place(data + 2)],
  ['an address that wraps', {}, (hart) => void (hart.x[10] = BigInt(data) + (1n << 40n))],
  ['the program locks protection around the data', {}, protect(0n, only(data)), itself(0x3a0, 0x98n)],
  ['the program turns on translation', {}, together(protect(0x1fn, all), mode(1)), itself(0x180, 8n << 60n | BigInt(root / 4096))],
  ['the program lends loads the rights of S-mode', {}, itself(0x300, status.MPRV | status.supervisor)],
  ['behind it there is ROM', { romBytes: 0x1000 }, place(end)],
] as readonly (readonly [string, Partial<HartOptions>, ...(readonly Change[])])[]).map(([name, options, ...changes]) => ({ name, options, changes }))

describe('a loop of loads goes on as without translations when', () => {
  it.each(cases)('$name', ({ options, changes }) => {
    const harts = [looping(true, options), looping(false, options)] as const
    for (const [n, change] of [undefined, ...changes, undefined].entries()) {
      for (const hart of harts) {
        change?.(hart)
        hart.run(5003 * (n + 1))
      }
      expect(harts[0].save()).toEqual(harts[1].save())
    }
    expect(harts[0].translations()).toBeGreaterThan(0)
  })
})
