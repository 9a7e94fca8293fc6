import { expect, test } from 'vitest'
import { consoleDevice } from './console.ts'
import { Driver, ramStart } from './driver.fixture.ts'
import { rngDevice } from './rng.ts'
import type { MmioState } from './mmio.ts'

const data = ramStart + 0x9000
const counting = () => {
  let next = 0
  return rngDevice((bytes) => { for (let i = 0; i < bytes.length; i++) bytes[i] = next++ })
}

test('the identity registers, of a device and of an empty slot', () => {
  const modern = new Driver(counting()), legacy = new Driver(counting(), true), empty = new Driver(undefined)
  const identity = (d: Driver): number[] => [0, 4, 8, 12].map((o) => d.get(o))
  expect([identity(modern), identity(legacy), identity(empty)]).toEqual([[0x74726976, 2, 4, 0x554d4551], [0x74726976, 1, 4, 0x554d4551], [0x74726976, 2, 0, 0x554d4551]])
  expect([modern.mmio.load(0, 1), modern.mmio.load(0x1fc, 8), modern.mmio.load(0x200, 4)]).toEqual([0, undefined, undefined])
})

test('modern: features are accepted that are offered, and no other', () => {
  const driver = new Driver(counting())
  driver.set(0x14, 1)
  expect(driver.get(0x10)).toBe(1)
  const negotiate = (low: number, high: number): number => {
    driver.set(0x70, 0)
    driver.set(0x70, 3)
    for (const [select, bits] of [[0, low], [1, high]] as const) {
      driver.set(0x24, select)
      driver.set(0x20, bits)
    }
    driver.set(0x70, 11)
    return driver.get(0x70)
  }
  expect([negotiate(0, 1), negotiate(1 << 29, 1), negotiate(0, 0), negotiate(1, 1), negotiate(0, 3)]).toEqual([11, 11, 11, 3, 3])
})

test('nothing happens before the driver is ready; what waits is served when it is', () => {
  const early = new Driver(counting())
  early.offer(0, [{ address: data, length: 4, written: true }])
  early.notify(0)
  expect([early.returned(0), early.line]).toEqual([[], false])
  const late = new Driver(counting())
  late.offer(0, [{ address: data, length: 4, written: true }])
  late.start()
  expect([late.returned(0), late.line, late.peek(data, 4)]).toEqual([[[0, 4]], true, [0, 1, 2, 3]])
})

test('a reset forgets the queues and the interrupt', () => {
  const driver = new Driver(counting()).start()
  driver.offer(0, [{ address: data, length: 4, written: true }])
  driver.notify(0)
  expect([driver.line, driver.get(0x44)]).toEqual([true, 1])
  driver.set(0x70, 0)
  expect([driver.line, driver.get(0x44), driver.get(0x60), driver.get(0x70)]).toEqual([false, 0, 0, 0])
})

test('legacy: the page size that was set before a reset is kept', () => {
  const driver = new Driver(counting(), true)
  driver.set(0x28, 4096)
  driver.set(0x70, 0)
  driver.set(0x38, 8)
  driver.set(0x40, ramStart / 4096)
  driver.set(0x70, 7)
  expect(driver.get(0x40)).toBe(ramStart / 4096)
  driver.offer(0, [{ address: data, length: 4, written: true }])
  driver.notify(0)
  expect([driver.returned(0), driver.get(0x70)]).toEqual([[[0, 4]], 7])
})

test('an indirect table is followed', () => {
  const driver = new Driver(counting()).start(1 << 28)
  const table = ramStart + 0xc000
  driver.describe(table, 0, { address: data, length: 2, written: true }, 1, 1)
  driver.describe(table, 1, { address: data + 0x100, length: 3, written: true }, 0, 0)
  driver.offer(0, [{ address: table, length: 32 }])
  driver.describe(ramStart, 0, { address: table, length: 32 }, 4, 0)
  driver.notify(0)
  expect([driver.returned(0), driver.peek(data, 3), driver.peek(data + 0x100, 3)]).toEqual([[[0, 5]], [0, 1, 0], [2, 3, 4]])
})

const malformed: readonly (readonly [string, (driver: Driver) => void])[] = [
  ['a buffer outside RAM', (d) => d.describe(ramStart, 0, { address: 0x1000, length: 4, written: true }, 0, 0)],
  ['a buffer that leaves RAM', (d) => d.describe(ramStart, 0, { address: ramStart + 0x1_fffe, length: 4, written: true }, 0, 0)],
  ['a loop', (d) => d.describe(ramStart, 0, { address: data, length: 4, written: true }, 1, 0)],
  ['a descriptor past the table', (d) => d.describe(ramStart, 0, { address: data, length: 4, written: true }, 1, 8)],
  ['a buffer to read after one to write', (d) => {
    d.describe(ramStart, 0, { address: data, length: 4, written: true }, 1, 1)
    d.describe(ramStart, 1, { address: data, length: 4 }, 0, 0)
  }],
  ['an indirect table of no entries', (d) => d.describe(ramStart, 0, { address: data, length: 8 }, 4, 0)],
]
test.each(malformed)('%s: the device needs a reset, returns nothing, and works after one', (_, spoil) => {
  const driver = new Driver(counting()).start(1 << 28)
  driver.offer(0, [{ address: data, length: 4, written: true }])
  spoil(driver)
  driver.notify(0)
  expect([driver.get(0x70) & 64, driver.get(0x60), driver.returned(0)]).toEqual([64, 2, []])
  const again = new Driver(counting()).start(1 << 28)
  again.offer(0, [{ address: data, length: 4, written: true }])
  again.notify(0)
  expect([again.get(0x70) & 64, again.get(0x60), again.returned(0)]).toEqual([0, 1, [[0, 4]]])
})

test('no interrupt when the driver wants none, by flag or by event index', () => {
  const flagged = new Driver(counting()).start()
  flagged.memory.write16(flagged.available(0), 1)
  flagged.offer(0, [{ address: data, length: 4, written: true }])
  flagged.notify(0)
  expect([flagged.returned(0).length, flagged.line]).toEqual([1, false])
  const indexed = new Driver(counting()).start(1 << 29)
  indexed.memory.write16(indexed.available(0) + 4 + 16, 1)
  const lines = [0, 1, 2].map((first) => {
    indexed.offer(0, [{ address: data, length: 4, written: true }], first)
    indexed.notify(0)
    const { line } = indexed
    indexed.set(0x64, 1)
    return line
  })
  expect(lines).toEqual([false, true, false])
  expect(indexed.memory.read16(indexed.used(0) + 4 + 64)).toBe(3)
})

test('the console prints what the driver sends, and hands over what was typed as buffers come', () => {
  const printed: number[] = []
  const device = consoleDevice((bytes) => void printed.push(...bytes))
  const driver = new Driver(device).start(0, 2)
  driver.put(data, [72, 105])
  driver.offer(1, [{ address: data, length: 2 }])
  driver.notify(1)
  expect([printed, driver.returned(1)]).toEqual([[72, 105], [[0, 0]]])
  device.type([1, 2, 3])
  driver.mmio.poll(0)
  expect(driver.returned(0)).toEqual([])
  driver.offer(0, [{ address: data, length: 2, written: true }])
  driver.offer(0, [{ address: data + 8, length: 2, written: true }], 1)
  driver.notify(0)
  expect([driver.returned(0), driver.peek(data, 2), driver.peek(data + 8, 1), device.typed()]).toEqual([[[0, 2], [1, 1]], [1, 2], [3], []])
})

test.each([['modern', false], ['legacy', true]])('%s: a saved device goes on where it was', (_, legacy) => {
  const driver = new Driver(counting(), legacy).start()
  driver.offer(0, [{ address: data, length: 4, written: true }])
  driver.notify(0)
  const other = new Driver(counting(), legacy)
  other.ram.set(driver.ram)
  other.mmio.restore(JSON.parse(JSON.stringify(driver.mmio.save())) as MmioState)
  expect([other.mmio.save(), other.line]).toEqual([driver.mmio.save(), true])
  other.publish(0, 0)
  other.publish(0, 0)
  other.notify(0)
  expect(other.returned(0)).toEqual([[0, 4], [0, 4]])
})
