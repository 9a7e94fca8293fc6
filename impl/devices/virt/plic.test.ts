import { expect, test } from 'vitest'
import { Plic } from './plic.ts'

const enable = (context: number, word = 0): number => 0x2000 + 0x80 * context + 4 * word
const threshold = (context: number): number => 0x20_0000 + 0x1000 * context
const claim = (context: number): number => threshold(context) + 4

const fixture = () => {
  const lines = [false, false]
  const plic = new Plic(lines.map((_, i) => (level) => { lines[i] = level }))
  const set = (offset: number, value: number): void => void plic.store(offset, 4, value)
  return { lines, plic, set, get: (offset: number) => plic.load(offset, 4) }
}

test('a request reaches the contexts that enable it, above their threshold', () => {
  const { lines, plic, set } = fixture()
  set(4 * 10, 3)
  set(enable(0), 1 << 10)
  set(enable(1), 1 << 10)
  set(threshold(1), 3)
  plic.drive(10, true)
  expect(lines).toEqual([true, false])
  set(threshold(1), 2)
  expect(lines).toEqual([true, true])
  set(4 * 10, 0)
  expect(lines).toEqual([false, false])
})

test('a claim takes the highest priority, of equals the lowest number, whatever the threshold', () => {
  const { lines, plic, set, get } = fixture()
  for (const [source, priority] of [[3, 1], [33, 5], [40, 5], [7, 4]] as const) {
    set(4 * source, priority)
    plic.drive(source, true)
  }
  set(enable(0), 0xffff_ffff)
  set(enable(0, 1), 0xffff_ffff)
  set(threshold(0), 7)
  expect([lines[0], get(claim(0)), get(claim(0)), get(claim(0)), get(claim(0)), get(claim(0))]).toEqual([false, 33, 40, 7, 3, 0])
})

test('a claimed source asks again only after completion, and only while its line is up', () => {
  const { lines, plic, set, get } = fixture()
  set(4, 1)
  set(enable(0), 2)
  plic.drive(1, true)
  expect([get(0x1000), get(claim(0)), get(0x1000), lines[0]]).toEqual([2, 1, 0, false])
  plic.drive(1, false)
  plic.drive(1, true)
  expect(lines[0]).toBe(false)
  set(claim(0), 1)
  expect([lines[0], get(claim(0))]).toEqual([true, 1])
  plic.drive(1, false)
  set(claim(0), 1)
  expect([lines[0], get(claim(0))]).toEqual([false, 0])
})

test('an accepted request outlives its line', () => {
  const { plic, set, get } = fixture()
  set(4, 1)
  set(enable(0), 2)
  plic.drive(1, true)
  plic.drive(1, false)
  expect(get(claim(0))).toBe(1)
})

test('a completion of a source that is not enabled is ignored', () => {
  const { plic, set, get } = fixture()
  set(4, 1)
  set(enable(0), 2)
  plic.drive(1, true)
  get(claim(0))
  set(claim(1), 1)
  expect(get(claim(0))).toBe(0)
  set(claim(0), 1)
  expect(get(claim(0))).toBe(1)
})

test('source 0 does not exist, priorities have three bits, and only words answer', () => {
  const { plic, set, get } = fixture()
  set(0, 7)
  set(4, 0xff)
  set(enable(0), 0xffff_ffff)
  expect([get(0), get(4), get(enable(0)), plic.load(4, 1), plic.load(0, 8), plic.store(4, 2, 1)]).toEqual([0, 7, 0xffff_fffe, undefined, undefined, false])
})

test('a saved state is restored', () => {
  const { plic, set } = fixture()
  set(4, 1)
  set(enable(1), 2)
  plic.drive(1, true)
  const other = fixture()
  other.plic.restore(JSON.parse(JSON.stringify(plic.save())) as ReturnType<Plic['save']>)
  expect([other.plic.save(), other.lines]).toEqual([plic.save(), [false, true]])
})
