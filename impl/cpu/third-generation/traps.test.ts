import { expect, test } from 'vitest'
import { Cause, type Machine } from '../../../model/vocab/machine.ts'
import { Cpu } from './cpu.ts'
import { firstFreeOperation, operationNumber } from './decode.ts'
import { actualAndExpected, apply, observe, smallMachine, start, trapped, type Change, type Step } from './situation.fixture.ts'
import { psw, word } from './word.ts'

const after = (steps: number, change: Change, machine: Machine = new Cpu(smallMachine)): Machine => {
  apply(machine, change)
  machine.run(steps)
  return machine
}

const steps: readonly Step[] = [
  { name: 'a word of zeros', code: 0, changes: trapped(Cause.undefined) },
  { name: 'an undefined opcode in user mode', code: -1, given: { mode: 1 }, changes: trapped(Cause.undefined, { mode: 1 }) },
  { name: 'a fetch at the bound', code: word(0x10), given: { counter: 128 }, changes: trapped(Cause.memory, { counter: 128 }) },
  { name: 'a fetch beyond the bound, of a word that would trap otherwise', code: 0, given: { counter: 130, mode: 1 }, changes: trapped(Cause.memory, { counter: 130, mode: 1 }) },
  { name: 'the last fetch within the bound', code: word(0x10, 1, 7), given: { counter: 127 }, changes: { G: { 1: 7 } } },
  { name: 'a fetch beyond storage', code: 0, given: { bound: 255, counter: 224 }, changes: trapped(Cause.memory, { bound: 255, counter: 224 }) },
  { name: 'a fetch whose sum passes 4095', code: 0, given: { base: 255, bound: 255, counter: 32 }, changes: trapped(Cause.memory, { base: 255, bound: 255, counter: 32 }) },
  { name: 'a bound of 0', code: 0, given: { bound: 0, counter: 0 }, changes: trapped(Cause.memory, { bound: 0, counter: 0 }) },
  { name: 'privilege before the storage operand', code: word(0x80, 0, 128), given: { mode: 1 }, changes: trapped(Cause.privileged, { mode: 1 }) },
  { name: 'a trap does not tick', code: word(0x40), given: { timer: 1 }, changes: trapped(Cause.supervisorCall) },
  { name: 'a trap in supervisor mode leaves PENDING', code: word(0x40), given: { pending: true }, changes: trapped(Cause.supervisorCall) },
  { name: 'the cause of a new PSW is ignored', code: word(0x40), given: { E: { 1: psw(0, 7, 3, 4, 6) } }, changes: { ...trapped(Cause.supervisorCall), counter: 3, base: 4, bound: 6 } },
  { name: 'a new PSW may be in user mode', code: word(0x40), given: { E: { 1: psw(1, 0, 3, 4, 6) } }, changes: { ...trapped(Cause.supervisorCall), mode: 1, counter: 3, base: 4, bound: 6 } },
  { name: 'all ones are kept', code: 0, given: { mode: 1, counter: 4095, base: 255, bound: 255 }, changes: { ...trapped(Cause.memory), E: { 0: -0x60000001 } } },
]

test.each(steps)('$name', (step) => {
  const machine = new Cpu(smallMachine)
  const [actual, expected] = actualAndExpected(machine, new Cpu(smallMachine), step)
  expect(actual).toEqual(expected)
  expect(machine.steps).toBe(1)
})

test('trap cells are high on a machine built so, and its low ones are cells like others', () => {
  const machine = after(1, { ...start, mode: 1, E: { 0: 1, 1: 2, 37: word(0x40), 255: psw(0, 0, 9, 3, 4) } }, new Cpu({ ...smallMachine, trapCells: 'high' }))
  expect([0, 1, 254, 255].map((address) => machine.storage[address])).toEqual([1, 2, psw(1, 4, 5, 2, 8), psw(0, 0, 9, 3, 4)])
  expect(machine).toMatchObject({ mode: 0, counter: 9, base: 3, bound: 4 })
})

test('a new PSW that is not mapped traps in its turn, with itself in the old PSW', () => {
  const machine = after(3, { ...start, E: { 1: psw(1, 0, 7, 200, 1), 37: word(0x40) } })
  expect(machine.storage[0]).toBe(psw(1, 1, 7, 200, 1))
  expect(machine.steps).toBe(3)
})

test("run stops right after the first trap with 'trap', and only then", () => {
  const program: Change = { ...start, E: { 1: psw(0, 0, 0, 3, 1), 37: word(0x10, 1, 1), 38: word(0x40), 48: word(0x10, 1, 2), 49: word(0x87) } }
  const machine = new Cpu(smallMachine)
  apply(machine, program)
  expect(machine.run(10, 'trap')).toBe('trap')
  expect(machine).toMatchObject({ counter: 0, base: 3, steps: 2 })
  expect(machine.registers[1]).toBe(1)
  expect(machine.run(1, 'trap')).toBe('limit')
  expect(machine.run(10)).toBe('halt')
  expect(machine.run(10)).toBe('halt')
  expect(machine.steps).toBe(4)
  expect(after(2, program)).toMatchObject({ counter: 0, base: 3, steps: 2 })
  expect(after(3, program).registers[1]).toBe(2)
})

test('a halted machine does nothing, and goes on when it is started', () => {
  const machine = new Cpu(smallMachine)
  apply(machine, { ...start, E: { 37: word(0x10, 1, 1) }, halted: true, mode: 1, pending: true, timer: 3 })
  const before = observe(machine)
  expect(machine.run(5)).toBe('halt')
  expect(observe(machine)).toEqual(before)
  expect(machine.steps).toBe(0)
  apply(machine, { halted: false, pending: false })
  expect(machine.run(1)).toBe('limit')
  expect(machine.registers[1]).toBe(1)
})

/** ST leaves the predecoded slot as it was: what the sound processor must not do. */
class Stale extends Cpu {
  protected override operation(code: number): number {
    const operation = super.operation(code)
    return operation === operationNumber.ST ? firstFreeOperation : operation
  }

  protected override perform(slot: number): ReturnType<Cpu['perform']> {
    if ((slot & 63) !== firstFreeOperation) return super.perform(slot)
    this.storage[this.operand(slot) + this.origin()] = this.registers[slot >> 6 & 31]!
    this.advance()
    return 0
  }
}

test('an instruction that is stored over is the new one when it is next fetched', () => {
  const program: Change = { ...start, counter: 0, G: { 1: word(0x10, 5, 77) }, E: { 32: word(0x10, 5, 1), 33: word(0x12, 1, 0), 34: word(0x30) } }
  expect(after(4, program).registers[5]).toBe(77)
  expect(after(4, program, new Stale(smallMachine)).registers[5]).toBe(1)
})

test('a store over the very next instruction is performed', () => {
  const change: Change = { ...start, counter: 0, G: { 1: word(0x10, 5, 77) }, E: { 32: word(0x12, 1, 1), 33: word(0x10, 5, 1) } }
  expect(after(2, change).registers[5]).toBe(77)
})

test('setCell changes an instruction that was performed before', () => {
  const machine = after(1, { ...start, E: { 37: word(0x10, 5, 1) } })
  expect(machine.registers[5]).toBe(1)
  expect(after(1, { counter: 5, E: { 37: word(0x10, 5, 2) } }, machine).registers[5]).toBe(2)
})

test('an old PSW is fetched as the instruction it looks like', () => {
  // Cell 0 is LA, then, because the new PSW in cell 1 is undefined as an instruction, the old PSW 30010010: JMP 16(1).
  const machine = after(4, { E: { 0: word(0x10, 2, 5), 1: psw(0, 0, 16, 0, 4), 16: word(0x30) } })
  expect(machine.storage[0]).toBe(0x3001_0010)
  expect(machine.counter).toBe(16)
})

test('P = 4095 is kept by a trap, since no storage is large enough to fetch there, and is followed by 0', () => {
  class Advancing extends Cpu {
    next(): void {
      this.advance()
    }
  }
  const machine = new Advancing({ size: 4080 })
  machine.bound = 255
  after(2, { E: { 0: word(0x30, 0, -1), 1: psw(0, 0, 16, 0, 4) } }, machine)
  expect(machine.storage[0]).toBe(psw(0, 1, 4095, 0, 255))
  machine.counter = 4094
  machine.next()
  expect(machine.counter).toBe(4095)
  machine.next()
  expect(machine.counter).toBe(0)
})

test('the last cell of the largest storage is fetched, and the P after it is not', () => {
  const machine = after(1, { counter: 4079, E: { 1: psw(0, 0, 16, 0, 4), 4079: word(0x10, 1, 5) } }, new Cpu({ size: 4080 }))
  expect(machine).toMatchObject({ counter: 4080, mode: 0 })
  expect(machine.registers[1]).toBe(5)
  machine.run(1)
  expect(machine.storage[0]).toBe(psw(0, 1, 4080, 0, 255))
})
