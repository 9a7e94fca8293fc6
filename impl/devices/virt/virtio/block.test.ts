import { expect, test } from 'vitest'
import { blockDevice, inMemory, type Storage } from './block.ts'
import { Driver, ramStart } from './driver.fixture.ts'

const header = ramStart + 0x8000
const data = ramStart + 0x9000
const status = ramStart + 0xa000

const sectors = (count: number): Uint8Array => Uint8Array.from({ length: 512 * count }, (_, i) => (i >>> 9) + i)

const request = (driver: Driver, type: number, sector: number, buffers: readonly (readonly [number, number])[], written: boolean): number => {
  driver.put(header, new Uint8Array(new Uint32Array([type, 0, sector, 0]).buffer))
  driver.put(status, [0xee])
  driver.offer(0, [{ address: header, length: 16 }, ...buffers.map(([address, length]) => ({ address, length, written })), { address: status, length: 1, written: true }])
  driver.notify(0)
  return driver.peek(status, 1)[0]!
}

test.each([['modern', false], ['legacy', true]])('%s: reads and writes sectors, and says how much was written', (_, legacy) => {
  const disk = sectors(8)
  const before = disk.slice()
  const driver = new Driver(blockDevice(inMemory(disk), 'disk'), legacy).start()
  expect(request(driver, 0, 3, [[data, 512], [data + 0x200, 512]], true)).toBe(0)
  expect(driver.peek(data, 1024)).toEqual([...before.subarray(3 * 512, 5 * 512)])
  expect([driver.line, driver.get(0x60), driver.returned(0)]).toEqual([true, 1, [[0, 1025]]])
  expect(driver.dirty).toEqual(expect.arrayContaining([[0x9000, 512], [0x9200, 512], [0xa000, 1]]))
  driver.set(0x64, 1)
  expect([driver.line, driver.get(0x60)]).toEqual([false, 0])
  driver.put(data, new Uint8Array(512).fill(0x5a))
  expect(request(driver, 1, 7, [[data, 512]], false)).toBe(0)
  expect([disk.subarray(7 * 512).every((b) => b === 0x5a), disk.subarray(0, 7 * 512).every((b, i) => b === before[i])]).toEqual([true, true])
})

test('a request outside the disk fails, and nothing is touched', () => {
  const disk = sectors(2)
  const before = [...disk]
  const driver = new Driver(blockDevice(inMemory(disk), 'disk')).start()
  driver.put(data, new Uint8Array(1024))
  expect([request(driver, 0, 1, [[data, 1024]], true), request(driver, 1, 1, [[data, 1024]], false), request(driver, 1, 0, [[data, 100]], false), request(driver, 0, 1, [[data, 512]], true)]).toEqual([1, 1, 1, 0])
  expect([...disk]).toEqual(before)
})

test('a disk that cannot be written says so, and a failing one too', () => {
  const storage: Storage = { ...inMemory(sectors(2)), writable: false }
  const driver = new Driver(blockDevice(storage, 'disk'))
  expect(driver.get(0x10) & 0x20).toBe(0x20)
  driver.start()
  expect(request(driver, 1, 0, [[data, 512]], false)).toBe(1)
  const failing = new Driver(blockDevice({ ...inMemory(sectors(2)), read: () => false, flush: () => false }, 'disk'))
  expect(failing.get(0x10) & 0x20).toBe(0)
  failing.start()
  expect([request(failing, 0, 0, [[data, 512]], true), request(failing, 4, 0, [], false), request(failing, 1, 0, [[data, 512]], false)]).toEqual([1, 1, 0])
})

test('flush, identity, and a request that there is not', () => {
  const driver = new Driver(blockDevice(inMemory(sectors(2)), 'popek-0')).start()
  expect([request(driver, 4, 0, [], false), request(driver, 8, 0, [[data, 20]], true), request(driver, 11, 0, [[data, 512]], false)]).toEqual([0, 0, 2])
  expect(String.fromCharCode(...driver.peek(data, 20))).toBe('popek-0'.padEnd(20, '\0'))
})

test('the configuration space: capacity, segments, block size', () => {
  const driver = new Driver(blockDevice(inMemory(sectors(5)), 'disk'))
  expect([driver.get(0x100), driver.get(0x104), driver.get(0x10c), driver.get(0x114), driver.mmio.load(0x100, 1), driver.mmio.load(0x114, 2)]).toEqual([5, 0, 1022, 512, 5, 512])
})
