import { expect, test } from 'vitest'
import { never } from './device.ts'
import { Rtc } from './rtc.ts'

const fixture = (epoch = 0n) => {
  const state = { time: 0n, line: false }
  const rtc = new Rtc({ nanoseconds: () => state.time, line: (l) => { state.line = l }, moved: () => {} }, epoch)
  return { state, rtc, get: (offset: number) => rtc.load(offset, 4), set: (offset: number, value: number) => void rtc.store(offset, 4, value) }
}

test('reading the low word holds the high one', () => {
  const { state, get } = fixture(0x1_ffff_ffffn)
  expect(get(0)).toBe(0xffff_ffff)
  state.time = 1n
  expect([get(4), get(0), get(4)]).toEqual([1, 0, 2])
})

test('the time that is set runs on', () => {
  const { state, get, set } = fixture(5n)
  set(4, 3)
  set(0, 9)
  state.time += 2n
  expect([get(0), get(4)]).toEqual([11, 3])
})

test('an alarm rings once at its time, and is seen when it is enabled', () => {
  const { state, rtc, get, set } = fixture()
  set(0x10, 1)
  set(0x0c, 0)
  set(0x08, 100)
  expect([get(0x18), rtc.deadline, state.line]).toEqual([1, 100, false])
  state.time = 100n
  rtc.update()
  expect([get(0x18), rtc.deadline, state.line]).toEqual([0, never, true])
  set(0x10, 0)
  expect(state.line).toBe(false)
  set(0x10, 1)
  set(0x1c, 1)
  expect(state.line).toBe(false)
})

test('an alarm that is cleared does not ring, one in the past rings at once', () => {
  const { state, rtc, set } = fixture(50n)
  set(0x10, 1)
  set(0x08, 60)
  set(0x14, 1)
  state.time = 100n
  rtc.update()
  expect(state.line).toBe(false)
  set(0x08, 60)
  expect(state.line).toBe(true)
})

test('only words answer', () => {
  const { rtc } = fixture()
  expect([rtc.load(0, 4), rtc.load(0, 8), rtc.load(0, 1), rtc.store(0, 2, 0), rtc.load(0x24, 4)]).toEqual([0, undefined, undefined, false, undefined])
})
