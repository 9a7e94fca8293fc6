import { expect, test } from 'vitest'
import { EmptyWindow, PciConfiguration } from './pci.ts'

test('the host bridge is the only function', () => {
  const pci = new PciConfiguration()
  expect([pci.load(0, 4), pci.load(2, 2), pci.load(0x0b, 1), pci.load(0x0e, 1), pci.load(0x10, 4), pci.load(0x2c, 4)]).toEqual([0x0008_1b36n, 8n, 6n, 0n, 0n, 0x1100_1af4n])
  expect([pci.load(0x1000, 2), pci.load(0x8000, 4), pci.load(0x10_0000, 4)]).toEqual([0xffffn, 0xffff_ffffn, 0xffff_ffffn])
})

test('of the configuration only the command is written', () => {
  const pci = new PciConfiguration()
  for (let offset = 0; offset < 0x40; offset += 4) pci.store(offset, 4, 0xffff_ffff)
  expect([pci.load(0, 4), pci.load(4, 4), pci.load(0x10, 4)]).toEqual([0x0008_1b36n, 7n, 0n])
  const other = new PciConfiguration()
  other.restore(pci.save())
  expect(other.load(4, 2)).toBe(7n)
})

test('an empty window reads ones', () => {
  expect([new EmptyWindow().load(0, 1), new EmptyWindow().load(8, 8), new EmptyWindow().store()]).toEqual([0xffn, 0xffff_ffff_ffff_ffffn, true])
})
