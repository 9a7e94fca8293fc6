import { expect, test } from 'vitest'
import { byteTicks, Uart } from './uart.ts'
import { never } from './device.ts'

const fixture = () => {
  const state = { ticks: 0, line: false, sent: [] as number[] }
  const uart = new Uart({ ticks: () => state.ticks, line: (l) => { state.line = l }, transmit: (b) => void state.sent.push(b), moved: () => {} })
  return {
    state, uart,
    get: (offset: number) => uart.load(offset, 1)!,
    set: (offset: number, value: number) => void uart.store(offset, 1, value),
    /** Time passes, a deadline at a time. */
    pass: (ticks: number) => {
      const end = state.ticks + ticks
      while (uart.deadline <= end) {
        state.ticks = Math.max(state.ticks, uart.deadline)
        uart.update()
      }
      state.ticks = end
      uart.update()
    },
  }
}

test('the registers after reset', () => {
  const { get } = fixture()
  expect([1, 2, 3, 4, 5, 6, 7].map(get)).toEqual([0, 1, 0, 8, 0x60, 0xb0, 0])
})

test('bytes leave at once, the low eight bits of any width', () => {
  const { state, uart, get } = fixture()
  uart.store(0, 4, 0x141)
  uart.store(0, 1, 0x42)
  expect([state.sent, get(5)]).toEqual([[0x41, 0x42], 0x60])
  expect([uart.load(7, 2), uart.store(6, 4, 0)]).toEqual([undefined, false])
})

test('the divisor hides the data and enable registers while its latch is open', () => {
  const { state, get, set } = fixture()
  set(3, 0x83)
  set(0, 0x34)
  set(1, 0x12)
  expect([get(0), get(1)]).toEqual([0x34, 0x12])
  set(3, 0x03)
  expect([get(0), get(1), state.sent]).toEqual([0, 0, []])
})

test('typed bytes arrive one a byte time; the sender waits while the buffer is full', () => {
  const { uart, get, set, pass } = fixture()
  set(2, 0x07)
  uart.type(Array.from({ length: 20 }, (_, i) => i))
  pass(3 * byteTicks)
  expect(uart.waiting).toBe(17)
  pass(100 * byteTicks)
  expect([uart.waiting, get(5) & 3]).toEqual([4, 1])
  expect(Array.from({ length: 16 }, () => get(0))).toEqual(Array.from({ length: 16 }, (_, i) => i))
  expect(get(5) & 1).toBe(0)
  pass(10 * byteTicks)
  expect([get(0), get(0), get(0), get(0), get(5) & 1]).toEqual([16, 17, 18, 19, 0])
})

test('without buffers there is room for one', () => {
  const { uart, get, pass } = fixture()
  uart.type([1, 2, 3])
  pass(10 * byteTicks)
  expect([uart.waiting, get(0), get(0)]).toEqual([2, 1, 0])
})

test('a reset of the receiver empties it, and the sender repeats what it lost', () => {
  const { uart, get, set, pass } = fixture()
  set(2, 1)
  uart.type([1, 2])
  pass(3 * byteTicks)
  set(2, 3)
  expect(get(5) & 1).toBe(0)
  pass(3 * byteTicks)
  expect([get(0), get(0)]).toEqual([1, 2])
})

test('received data asks at the trigger, and below it after four byte times', () => {
  const { state, uart, get, set, pass } = fixture()
  set(2, 0x41)
  set(1, 1)
  uart.type([1, 2, 3, 4, 5])
  pass(3 * byteTicks)
  expect([state.line, get(2)]).toEqual([false, 0xc1])
  pass(byteTicks)
  expect([state.line, get(2)]).toEqual([true, 0xc4])
  pass(byteTicks)
  for (let i = 0; i < 4; i++) get(0)
  expect([state.line, get(2)]).toEqual([false, 0xc1])
  pass(4 * byteTicks - 1)
  expect(state.line).toBe(false)
  pass(1)
  expect([state.line, get(2), get(0), state.line, uart.deadline]).toEqual([true, 0xcc, 5, false, never])
})

test('the empty transmitter asks when it is enabled and after each byte, until its cause is read', () => {
  const { state, get, set } = fixture()
  set(1, 2)
  expect([state.line, get(2), get(2), state.line]).toEqual([true, 2, 1, false])
  set(0, 65)
  expect([state.line, get(2), state.line]).toEqual([true, 2, false])
  set(1, 0)
  set(0, 65)
  expect([state.line, get(2)]).toEqual([false, 1])
})

test('in loopback bytes and modem lines come back, nothing leaves, and a full receiver overruns', () => {
  const { state, uart, get, set, pass } = fixture()
  set(4, 0x1a)
  expect([get(6) & 0xf0, get(6) & 0x0f]).toEqual([0x90, 0])
  set(1, 4)
  set(0, 7)
  uart.type([9])
  pass(10 * byteTicks)
  expect(state.line).toBe(false)
  set(0, 8)
  expect([state.line, get(2), get(5) & 3, get(5) & 3, get(0), state.sent]).toEqual([true, 6, 3, 1, 7, []])
})

test('modem lines that change ask', () => {
  const { state, get, set } = fixture()
  set(1, 8)
  set(4, 0x10)
  expect([state.line, get(2), get(6), state.line, get(6)]).toEqual([true, 0, 0x0b, false, 0])
})

test('a saved state is restored', () => {
  const { state, uart, set, pass } = fixture()
  set(2, 0x81)
  set(1, 3)
  uart.type([1, 2, 3])
  pass(byteTicks)
  const other = fixture()
  other.state.ticks = state.ticks
  other.uart.restore(JSON.parse(JSON.stringify(uart.save())) as ReturnType<Uart['save']>)
  expect([other.uart.save(), other.state.line]).toEqual([uart.save(), state.line])
  other.pass(10 * byteTicks)
  expect([other.get(2), other.get(0), other.get(0), other.get(0)]).toEqual([0xcc, 1, 2, 3])
})
