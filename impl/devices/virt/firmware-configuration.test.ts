import { expect, test } from 'vitest'
import { FirmwareConfiguration } from './firmware-configuration.ts'

test('an item is read byte by byte or wider, and ends', () => {
  const device = new FirmwareConfiguration()
  const read = (selector: number, ...widths: readonly (1 | 2 | 4 | 8)[]): readonly bigint[] => {
    device.store(8, 2, ((selector & 0xff) << 8) | (selector >>> 8))
    return widths.map((w) => BigInt(device.load(0, w)))
  }
  expect(read(0, 4, 1)).toEqual([0x554d_4551n, 0n])
  expect(read(0, 1, 1, 2)).toEqual([0x51n, 0x45n, 0x554dn])
  expect([read(1, 4), read(5, 2), read(0x19, 4), read(0x1234, 8)]).toEqual([[1n], [1n], [0n], [0n]])
})

test('a saved position is restored', () => {
  const device = new FirmwareConfiguration()
  device.load(0, 1)
  const other = new FirmwareConfiguration()
  other.restore(device.save())
  expect([other.load(0, 1), new FirmwareConfiguration().load(0, 1)]).toEqual([0x45n, 0x51n])
})
