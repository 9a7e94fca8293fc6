import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Cause, variants } from '../../../model/vocab/machine.ts'
import { Cpu } from './cpu.ts'
import { apply, observe, smallMachine, start, type Change } from './situation.fixture.ts'
import { psw, word } from './word.ts'

const LA = word(0x10, 1, 1)
const lines = (...words: number[]): Record<number, number> => Object.fromEntries(words.map((code, index) => [37 + index, code]))

const built = (change: Change, options = smallMachine): Cpu => {
  const machine = new Cpu(options)
  apply(machine, start)
  apply(machine, change)
  return machine
}

test.each([1, 2, 3, 7])('a timer of %i lets as many user instructions complete, then traps', (timer) => {
  const machine = built({ mode: 1, timer, E: lines(...Array.from({ length: 9 }, () => LA)) })
  expect(machine.run(100, 'trap')).toBe('trap')
  expect(machine.steps).toBe(timer + 1)
  expect(machine.storage[0]).toBe(psw(1, Cause.timer, 5 + timer, 2, 8))
  expect(machine).toMatchObject({ timer: 0, pending: false, mode: 0, counter: 16 })
})

test('the timer trap is a step of its own', () => {
  const machine = built({ mode: 1, timer: 2, E: lines(LA, LA, LA) })
  machine.run(2)
  expect(machine).toMatchObject({ timer: 0, pending: true, mode: 1, counter: 7 })
  machine.run(1)
  expect(machine).toMatchObject({ pending: false, mode: 0, counter: 16 })
})

test('the timer trap comes before a fetch that would trap', () => {
  const machine = built({ mode: 1, pending: true, counter: 4000 })
  machine.run(1)
  expect(machine.storage[0]).toBe(psw(1, Cause.timer, 4000, 2, 8))
})

test('in supervisor mode the timer waits, until the PSW of a user is loaded', () => {
  const user = psw(1, 0, 3, 2, 8)
  const machine = built({ timer: 1, E: { ...lines(LA, LA, word(0x80, 0, 16)), 48: user } })
  expect(machine.run(3, 'trap')).toBe('limit')
  expect(machine).toMatchObject({ timer: 0, pending: true, mode: 1, counter: 3 })
  expect(machine.run(1, 'trap')).toBe('trap')
  expect(machine.storage[0]).toBe(psw(1, Cause.timer, 3, 2, 8))
})

test('the timer of a trap taken on its last instruction waits for user mode', () => {
  const machine = built({ mode: 1, timer: 1, E: { ...lines(word(0x40)), 208: LA } })
  machine.run(2)
  expect(machine.storage[0]).toBe(psw(1, Cause.supervisorCall, 5, 2, 8))
  expect(machine).toMatchObject({ timer: 0, pending: true, mode: 0, counter: 17 })
})

test('a timer that is off stays off', () => {
  const machine = built({ mode: 1, E: lines(LA, LA, LA, LA, LA) })
  machine.run(5)
  expect(machine).toMatchObject({ timer: 0, pending: false, counter: 10 })
})

test('STIM does not tick what it wrote, the instruction after it does', () => {
  const machine = built({ G: { 2: 1 }, pending: true, E: lines(word(0x83, 2), LA) })
  machine.run(1)
  expect(machine).toMatchObject({ timer: 1, pending: false })
  machine.run(1)
  expect(machine).toMatchObject({ timer: 0, pending: true })
})

test('a STIM that takes the privileged trap does not tick', () => {
  const machine = built({ mode: 1, timer: 1, E: lines(word(0x83, 2)) })
  machine.run(1)
  expect(machine).toMatchObject({ timer: 1, pending: false, mode: 0 })
})

test.each([0x7fff_ffff, 0xffff_ffff])('a timer of %i counts down as an unsigned word', (timer) => {
  const machine = built({ mode: 1, timer, E: lines(LA, LA) })
  machine.run(2)
  expect(machine.timer).toBe(timer - 2)
})

const opcodes = [
  0x10, 0x11, 0x12, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2a, 0x2b, 0x30, 0x31, 0x32, 0x33, 0x34,
  0x40, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x90, 0x91, 0x92, 0x93, 0x94, 0x95, 0xff,
]

/** Mostly instructions that work on small numbers, in a storage of 64 cells. */
const code = fc
  .tuple(fc.constantFrom(...opcodes), fc.nat(3), fc.nat(3), fc.integer({ min: -1, max: 40 }))
  .map(([opcode, r, x, a]) => word(opcode, r, a, x))
const someWord = fc.oneof({ weight: 8, arbitrary: code }, fc.integer({ min: -0x80000000, max: 0x7fffffff }), fc.nat(40))
const newPsw = fc.tuple(fc.nat(1), fc.nat(40), fc.nat(2), fc.integer({ min: 1, max: 5 })).map(([m, p, l, b]) => psw(m, 0, p, l, b))
const state = fc.record({
  cells: fc.array(someWord, { minLength: 62, maxLength: 62 }),
  new: newPsw,
  mode: fc.constantFrom(0 as const, 1 as const),
  base: fc.nat(2),
  counter: fc.nat(40),
  timer: fc.oneof(fc.nat(12), fc.nat(0xffffffff)),
  pending: fc.boolean(),
  variant: fc.constantFrom(...variants),
  trapCells: fc.constantFrom('low' as const, 'high' as const),
})

const runsAsItSteps = (make: (...options: ConstructorParameters<typeof Cpu>) => Cpu, runs: number): { readonly failed: boolean; readonly errorInstance: unknown } =>
  fc.check(
    fc.property(state, fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 5 }), ({ cells, variant, trapCells, new: next, ...rest }, limits) => {
      const machines = [0, 1].map(() => {
        const machine = make({ size: 64, diskSize: 4, variant, trapCells, keyboard: [1, 2, 3] })
        cells.forEach((cell, index) => machine.setCell(index + (trapCells === 'low' ? 2 : 0), cell))
        machine.setCell(trapCells === 'low' ? 1 : 63, next)
        Object.assign(machine, rest)
        return machine
      })
      const [whole, stepped] = machines as [Cpu, Cpu]
      for (const limit of limits) {
        const stop = whole.run(limit)
        for (let step = 0; step < limit; step++) stepped.run(1)
        expect(observe(whole)).toEqual(observe(stepped))
        expect(whole.steps).toBe(stepped.steps)
        expect(stop).toBe(whole.halted ? 'halt' : 'limit')
      }
    }),
    { numRuns: runs, seed: 1974, endOnFailure: true },
  )

test('a run of any length is as many steps of length 1', () => {
  const details = runsAsItSteps((options) => new Cpu(options), 1500)
  expect(details.failed, String(details.errorInstance)).toBe(false)
})

test('a processor that ticks once for a run of instructions is told from its own steps', () => {
  class TicksOnce extends Cpu {
    protected override tick(): void {
      super.tick(1)
    }
  }
  expect(runsAsItSteps((options) => new TicksOnce(options), 200).failed).toBe(true)
})
