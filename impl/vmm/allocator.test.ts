// The allocator hands out parts that are disjoint and clear, and hands them out again after they were freed.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Cpu } from '../cpu/third-generation/cpu.ts'
import { Allocator, Monitor } from './index.ts'
import type { Part, VirtualMachine } from './index.ts'

const overlap = (one: Part, other: Part): boolean =>
  one.start < other.start + other.length && other.start < one.start + one.length

const request = fc.record({ free: fc.boolean(), blocks: fc.integer({ min: 1, max: 6 }), words: fc.integer({ min: 0, max: 40 }) })

/** Serves requests in order and writes into every part it gets; says what went wrong first. */
const serve = (build: (hardware: Cpu) => Allocator, requests: readonly { free: boolean, blocks: number, words: number }[]) => {
  const hardware = new Cpu({ size: 512, diskSize: 128 })
  for (let address = 16; address < 512; address += 1) hardware.setCell(address, -1)
  for (let position = 0; position < 128; position += 1) hardware.setDisk(position, -1)
  const allocator = build(hardware)
  const held: [Part, Part][] = []
  for (const { free, blocks, words } of requests) {
    if (free) {
      const oldest = held.shift()
      if (oldest !== undefined) allocator.free(...oldest)
      continue
    }
    let got: [Part, Part]
    try {
      const disk = allocator.allocateDisk(words)
      got = [{ start: -1, length: 0 }, disk]
      got[0] = allocator.allocateWindow(blocks * 16)
    } catch (error) {
      if (error instanceof RangeError) return 'full'
      throw error
    }
    const [window, disk] = got
    if (window.start < 16 || window.start % 16 !== 0 || window.start + window.length > 512) return 'window outside'
    if (held.some(([other]) => overlap(other, window))) return 'windows overlap'
    if (held.some(([, other]) => overlap(other, disk))) return 'disk parts overlap'
    for (let cell = window.start; cell < window.start + window.length; cell += 1) {
      if (hardware.storage[cell] !== 0) return 'not cleared'
      hardware.setCell(cell, -1)
    }
    for (let position = disk.start; position < disk.start + disk.length; position += 1) {
      if (hardware.disk[position] !== 0) return 'disk not cleared'
      hardware.setDisk(position, -1)
    }
    held.push(got)
  }
  return 'served'
}

const reserved = [{ start: 0, length: 16 }]
const violations = (build: (hardware: Cpu) => Allocator): Set<string> =>
  new Set(fc.sample(fc.array(request, { maxLength: 12 }), { numRuns: 300, seed: 7 }).map((requests) => serve(build, requests)))

test('windows and disk parts are disjoint, inside the hardware, and clear', () => {
  expect([...violations((hardware) => new Allocator(hardware, reserved))].toSorted()).toEqual(['full', 'served'])
})

test('an allocator that does not clear, or gives a window twice, is noticed', () => {
  class Dirty extends Allocator {
    protected override clearWindow(): void {
      return
    }
  }
  class Overlapping extends Allocator {
    protected override nextWindow(): number {
      return 16
    }
  }
  expect(violations((hardware) => new Dirty(hardware, reserved))).toContain('not cleared')
  expect(violations((hardware) => new Overlapping(hardware, reserved))).toContain('windows overlap')
})

test('a guest admitted after another was dismissed gets its window, with nothing of the other in it', () => {
  const monitor = new Monitor(new Cpu({ size: 256, diskSize: 64 }), { guests: [{ size: 112 }, { size: 128 }] })
  const [first] = monitor.machines as [VirtualMachine, VirtualMachine]
  first.setCell(40, 99)
  first.setDisk(3, 98)
  expect(() => monitor.admit({ size: 16 })).toThrow(RangeError)
  monitor.dismiss(first)
  const next = monitor.admit({ size: 96 })
  expect(next.window.start).toBe(first.window.start)
  expect([next.storage[40], next.disk[3]]).toEqual([0, 0])
  expect(() => monitor.dismiss(first)).toThrow(RangeError)
})
