// A deviation explains what it says and no more: beside each difference that is explained one that is not.
import { expect, test } from 'vitest'
import { deviations, knownMarks, knownReturn, knownStatus, knownTrap, marksOfParting, type Deviation } from './known-of-qemu.ts'
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

test('A and D of the page that an AMO faults in, as far as its load goes, and of no other', () => {
  const mayNotStore = { cause: 15n, value: 0x8002_1698n }, mayNotLoad = { cause: 7n, value: 0x8002_1698n }, load = { cause: 5n, value: 0x8002_1698n }
  const known = (right: number, had: number, trap = mayNotStore, emulated = trap, instruction = 'AMOADD.W', address = 0x8004_2108): string | undefined =>
    knownMarks(64, instruction, trap, emulated, [{ address, right: BigInt(right), had: BigInt(had) }])?.does
  const { does } = deviations.marks
  expect(known(0x2000_8403, 0x2000_8443)).toBe(does)
  expect(known(0x2000_84cf, 0x2000_844f, mayNotLoad, load)).toBe(does)
  const others = [
    known(0x2000_8403, 0x2000_84c3), known(0x2000_8443, 0x2000_8403), known(0x2000_8401, 0x2000_8441), known(0x2000_8403, 0x2000_8443, mayNotStore, load, 'SW'), known(0x2000_8403, 0x2000_8443, mayNotLoad, load),
    known(0x2000_84cf, 0x2000_844f, mayNotLoad), known(0x2000_84cf, 0x2000_840f, mayNotLoad, load), known(0x2000_844f, 0x2000_84cf, mayNotLoad, load), known(0x2000_84cf, 0x2000_844f),
    known(0x2000_8403, 0x2000_8443, mayNotStore, mayNotStore, 'AMOADD.W', 0x8004_2110),
  ]
  expect(others).toEqual(others.map(() => undefined))
  const entry = { address: 0x8004_2108, right: 0x2000_8403n, had: 0x2000_8443n }
  expect(knownMarks(64, 'AMOADD.W', mayNotStore, mayNotStore, [entry, { ...entry, address: 0x8004_2110 }])).toBeUndefined()
})

test('A and D around the address of a trap that only the emulator has, and of any page where it executes what it should not fetch', () => {
  const traps = [{ cause: 0n, value: 0n }, { cause: 7n, value: 0x8002_0ffdn }], beyond = { address: 0x8004_2084, right: 0x2000_84cfn, had: 0x2000_844fn }
  const parting = (entry: Partial<typeof beyond>, deviation: Deviation = deviations.pageEnd): boolean => marksOfParting(32, { deviation }, traps, [{ ...beyond, ...entry }])
  expect([parting({}), parting({ address: 0x8004_2080 }), parting({ address: 0x8004_2088 }), parting({ had: 0x2000_844en })]).toEqual([true, true, false, false])
  const far = { address: 0x8004_2000, right: 0x2000_8403n, had: 0x2000_84c3n }
  expect([parting(far), parting(far, deviations.sum), parting({ ...far, right: far.had, had: far.right }, deviations.sum)]).toEqual([false, true, false])
  expect(marksOfParting(32, { deviation: deviations.amo, mend: traps[1]! }, traps, [beyond])).toBe(false)
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

test('a load across pages from the aligned address below on, and no other access there', () => {
  const none = { cause: 0n, value: 0n }, emulated = { cause: 5n, value: 0x8002_0ff8n }
  expect(knownTrap(program, 'C.FLD', none, emulated)).toEqual({ deviation: deviations.around })
  expect(knownTrap(program, 'FSD', none, { ...emulated, cause: 7n })).toBeUndefined()
  expect(knownTrap(program, 'C.FLD', none, { ...emulated, value: 0x8002_0ff0n })).toBeUndefined()
  expect(knownTrap({ ...program, restricted: false }, 'C.FLD', none, emulated)).toBeUndefined()
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
