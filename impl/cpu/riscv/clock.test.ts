// The time that the hart computes by itself is what the board would have answered, whatever happens between two loads of it.
import { expect, it } from 'vitest'
import { addi, b, base, csr, getLong, jal, load, mret, put, putLong, s } from './bench.fixture.ts'
import { createHart, type Hart } from './hart.ts'
import { cause } from './traps.ts'

const register = 0x200_bff8
const stepsPerTick = 10
const results = base + 0x4_0000
const iterations = 3000
const [time, device, place, end, far] = [5, 1, 2, 3, 4]
const ld = (rd: number, rs1: number): number => load(3, rd, rs1, 0)
const note = [s(3, place, time, 0), addi(place, place, 8)]
const again = (body: readonly number[]): readonly number[] => [...body, b(1, place, end, -4 * body.length)]

interface Machine {
  readonly hart: Hart
  /** Lets time pass that is no step. */
  readonly pass: (steps: number) => void
  /** How often the board was asked. */
  readonly asked: () => number
}

/** A store to the register lets so many steps pass at once. */
const machine = (known: boolean): Machine => {
  let ahead = 0, asked = 0
  const pass = (steps: number): void => void (ahead += steps)
  const ticks = (): number => Math.floor((hart.steps() + ahead) / stepsPerTick)
  const hart: Hart = createHart({ ramBytes: 0x10_0000, hotAfter: 20 }, {
    load: (address, bytes) => {
      if (address !== register || bytes !== 8) return undefined
      asked++
      return ticks()
    },
    store: (address, _bytes, value) => {
      if (address === register) pass(Number(value))
      return address === register
    },
    time: () => BigInt(ticks()),
    clock: () => (known ? { address: register, stepsPerTick, ahead } : undefined),
  })
  for (const [number, value] of [[device, register], [place, results], [end, results + 8 * iterations], [far, register + 2 ** 32]] as const) hart.x[number] = BigInt(value)
  return { hart, pass, asked: () => asked }
}

interface Found {
  readonly times: readonly bigint[]
  readonly machine: Machine
}

const run = (known: boolean, words: readonly number[], go: (machine: Machine) => void): Found => {
  const m = machine(known)
  put(m.hart, base, words)
  go(m)
  return { machine: m, times: Array.from({ length: iterations }, (_, i) => getLong(m.hart, results + 8 * i)) }
}

/** What a program finds on a hart that knows the clock; the same as on one that asks each time. */
const found = (words: readonly number[], go: (machine: Machine) => void): Found => {
  const own = run(true, words, go), asking = run(false, words, go)
  const state = ({ machine: { hart } }: Found) => [hart.pc, hart.steps(), [...hart.x]]
  expect([own.times, state(own)]).toEqual([asking.times, state(asking)])
  return own
}

it('a guest that waits is told the time without the board, in every step', () => {
  const { times, machine: { asked } } = found(again([ld(time, device), ...note]), ({ hart }) => hart.run(4 * iterations))
  expect(times).toEqual(Array.from({ length: iterations }, (_, i) => BigInt(Math.floor(4 * i / stepsPerTick))))
  expect(asked()).toBe(1)
})

it('what a store to a device does to the time is seen', () => {
  const { times } = found(again([ld(time, device), ...note, s(3, device, place, 0), ld(time, device)]), ({ hart }) => hart.run(5 * iterations))
  expect(times[1]).toBeGreaterThan(BigInt(Math.floor(results / stepsPerTick)))
})

it('what passes between two runs is seen', () => {
  const { times, machine: { asked } } = found(again([ld(time, device), ...note]), ({ hart, pass }) => {
    for (let run = 1; run <= 10; run++) {
      hart.run(run * 400)
      pass(1_000_000)
    }
  })
  expect(Number(times[100]! - times[99]!)).toBeGreaterThanOrEqual(1_000_000 / stepsPerTick)
  expect(asked()).toBe(10)
})

const [root, middle, leaf, handler] = [base + 0x1_0000, base + 0x1_1000, base + 0x1_2000, base + 0x100]
const pte = (physical: number, flags: number): bigint => BigInt(physical / 4096) << 10n | BigInt(flags)
const all = 0xcf

/** In supervisor mode, with RAM where it is and the page of the register as an entry says; the handler takes the time too and goes on after the trap. */
const translated = (entry: bigint) => ({ hart }: Machine): void => {
  putLong(hart, root + 8 * 2, pte(base, all))
  putLong(hart, root, pte(middle, 1))
  putLong(hart, middle + 8 * 16, pte(leaf, 1))
  putLong(hart, leaf + 8 * 11, entry)
  put(hart, handler, [ld(time, device), ...note, csr(2, 6, 0x341, 0), addi(6, 6, 4), csr(1, 0, 0x341, 6), mret])
  hart.setCsr(0x3b0, (1n << 54n) - 1n)
  hart.setCsr(0x3a0, 0x1fn)
  hart.setCsr(0x305, BigInt(handler))
  hart.setCsr(0x180, 8n << 60n | BigInt(root / 4096))
  hart.mode = 1
  hart.x[7] = BigInt(leaf + 8 * 11)
}

it('an address that means nothing in another mode is not the clock there', () => {
  const { times, machine } = found([ld(time, device), ...note, jal(0, -12)], (m) => {
    translated(0n)(m)
    m.hart.run(11 * 1000)
  })
  expect(machine.hart.trap()).toMatchObject({ cause: cause.loadPage, value: BigInt(register) })
  expect([times[0], times[1], times[1999]]).toEqual([0n, 0n, BigInt(Math.floor((11 * 999 + 1) / stepsPerTick))])
})

it('an address whose entry was taken away is not the clock any more', () => {
  const sfence = 0x1200_0073
  const { machine: { hart, asked } } = found([...again([ld(time, device), ...note]), s(3, 7, 0, 0), sfence, ld(time, device)], (m) => {
    translated(pte(register - 0xff8, all))(m)
    m.hart.run(4 * iterations + 3)
  })
  expect([hart.trap()?.cause, asked()]).toEqual([cause.loadPage, 1])
})

it('only its own address is the clock', () => {
  const { machine: { hart } } = found([ld(time, device), ...note, ld(time, far)], (m) => m.hart.run(4))
  expect(hart.trap()).toMatchObject({ cause: cause.loadAccess, value: BigInt(register) + (1n << 32n) })
})
