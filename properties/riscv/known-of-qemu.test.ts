// A deviation explains what it says and no more: beside each difference that is explained one that is not.
import { expect, test } from 'vitest'
import { deviations, knownReturn, knownStatus, knownTrap, marksOnly } from './known-of-qemu.ts'
import type { Program } from './program.ts'

const program: Program = { pages: new Map(), leaving: 0, restricted: true, fourBytes: 0x8002_1004 }

test('of mstatus what software wrote to fields that the hart has not, and MPRV that a return leaves', () => {
  expect(knownStatus('CSRRW machine', 0xa_0000_0000n, 0xa_0000_1000n)).toBe(deviations.fields)
  expect(knownStatus('CSRRW machine', 0xa_0000_0000n, 0xa_0000_0800n)).toBeUndefined()
  expect(knownStatus('MRET', 0n, 1n << 17n)).toBe(deviations.mprv)
  expect(knownStatus('MRET', 1n << 17n, 0n)).toBeUndefined()
  expect(knownStatus('MRET', 0x800n, 0n)).toBeUndefined()
})

test('of returns the low bit of mepc and sepc', () => {
  expect(knownReturn('MRET', 0x8001_0b84n, 0x8001_0b85n)).toBe(deviations.odd)
  expect(knownReturn('SRET', 0x8001_0b84n, 0x8001_0b86n)).toBeUndefined()
  expect(knownReturn('SRET', 0x8001_0b85n, 0x8001_0b84n)).toBeUndefined()
  expect(knownReturn('JALR', 0x8001_0b84n, 0x8001_0b85n)).toBeUndefined()
})

test('A and D of page-table entries, and no other bits', () => {
  const entry = Uint8Array.of(0x0f, 0x84, 0, 0x20, 0, 0, 0, 0), like = (first: number, second = 0x84): Uint8Array => Uint8Array.of(first, second, 0, 0x20, 0, 0, 0, 0)
  expect([like(0x4f), like(0xcf)].flatMap((had) => [marksOnly(entry, had, 8), marksOnly(had, entry, 8)])).toEqual([true, true, true, true])
  expect([like(0x2f), like(0x0f, 0xc4)].map((had) => marksOnly(entry, had, 8))).toEqual([false, false])
})

test('traps that are new, and the order of interrupts one way', () => {
  const late = { cause: 5n, value: 0x8002_0ffcn }, interrupt = (number: bigint) => ({ cause: (1n << 63n) | number, value: 0n })
  expect(knownTrap(program, 'LD', late, { cause: 2n, value: 0n })?.deviation).toBe(deviations.pageEnd)
  expect(knownTrap(program, 'ADD', late, late)).toBeUndefined()
  expect(knownTrap(program, 'ADD', interrupt(11n), interrupt(3n))?.deviation).toBe(deviations.priority)
  expect(knownTrap(program, 'ADD', interrupt(3n), interrupt(11n))).toBeUndefined()
  const fetch = { cause: 12n, value: 0x8002_0000n }, executed = { cause: 2n, value: 0n }
  expect(knownTrap(program, 'ADD', { ...fetch, supervisorWithSum: true }, executed)?.deviation).toBe(deviations.sum)
  expect(knownTrap(program, 'ADD', fetch, executed)).toBeUndefined()
})

test('the second part of an access across pages beyond 2^56, and no other address', () => {
  const open = { ...program, restricted: false }, wrapped = { cause: 7n, value: 0xffff_ffff_ffff_fffbn }
  expect(knownTrap(open, 'C.FSD', wrapped, { cause: 7n, value: 0n })).toEqual({ deviation: deviations.second, mend: wrapped })
  expect(knownTrap(open, 'C.FSD', wrapped, { cause: 5n, value: 0n })).toBeUndefined()
  expect(knownTrap(open, 'C.FSD', wrapped, { cause: 7n, value: 0x1000n })).toBeUndefined()
  expect(knownTrap(open, 'SD', { cause: 7n, value: 0x8002_0ffbn }, { cause: 7n, value: 0x8002_1000n })).toBeUndefined()
})

test('loads for AMOs, also where PMP forbids to load what the page table forbids to store', () => {
  const right = { cause: 15n, value: 0x8002_1698n }, load = (cause: bigint, value = right.value) => ({ cause, value })
  for (const cause of [5n, 13n]) expect(knownTrap(program, 'AMOAND.W', right, load(cause))).toEqual({ deviation: deviations.amo, mend: right })
  expect(knownTrap(program, 'SW', right, load(5n))).toBeUndefined()
  expect(knownTrap(program, 'AMOAND.W', right, load(4n))).toBeUndefined()
  expect(knownTrap(program, 'AMOAND.W', right, load(5n, 0x8002_169cn))).toBeUndefined()
  expect(knownTrap({ ...program, restricted: false }, 'AMOAND.W', right, load(5n))).toBeUndefined()
})
