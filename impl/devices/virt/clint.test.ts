import { expect, test } from 'vitest'
import { Clint } from './clint.ts'
import { never } from './device.ts'

const fixture = () => {
  const state = { ticks: 0, software: false, timer: false, supervisorTimer: false, moves: 0 }
  const clint = new Clint({
    ticks: () => state.ticks, software: (l) => { state.software = l }, timer: (l) => { state.timer = l }, supervisorTimer: (l) => { state.supervisorTimer = l },
    moved: () => { state.moves++ },
  })
  return { state, clint }
}

test('msip is one bit, and is the line', () => {
  const { state, clint } = fixture()
  expect(clint.store(0, 4, 0xffff_ffff, 0)).toBe(true)
  expect([clint.load(0, 4), state.software]).toEqual([1, true])
  clint.store(0, 4, 0xffff_fffe, 0)
  expect([clint.load(0, 4), state.software]).toEqual([0, false])
})

test('the timer line is up exactly while mtime has reached mtimecmp, unsigned', () => {
  const { state, clint } = fixture()
  clint.store(0x4000, 8, 10, 0)
  for (const [ticks, up] of [[9, false], [10, true], [11, true]] as const) {
    state.ticks = ticks
    clint.update()
    expect([ticks, state.timer]).toEqual([ticks, up])
  }
  clint.store(0x4004, 4, 0xffff_ffff, 0)
  expect([state.timer, clint.load(0x4000, 8)]).toEqual([false, 0xffff_ffff_0000_000an])
})

test('the deadline is the tick at which the line rises, and none when it is up', () => {
  const { state, clint } = fixture()
  expect(clint.deadline).toBe(never)
  clint.store(0x4000, 8, 500, 0)
  clint.store(0xbff8, 8, 100, 0)
  expect([clint.deadline, state.moves]).toEqual([400, 2])
  clint.store(0x4004, 4, 0xffff_ffff, 0)
  expect(clint.deadline).toBe(never)
})

test('mtime counts on from what was written, in halves or whole', () => {
  const { state, clint } = fixture()
  state.ticks = 7
  clint.store(0xbff8, 8, 0xffff_ffff, 1)
  state.ticks = 8
  expect([clint.time, clint.load(0xbff8, 4), clint.load(0xbffc, 4)]).toEqual([0x2_0000_0000n, 0, 2])
  clint.store(0xbffc, 4, 0, 0)
  expect(clint.time).toBe(0n)
})

test('words everywhere and double words from mtimecmp on; nothing else answers', () => {
  const { clint } = fixture()
  expect([clint.load(0, 4), clint.load(0x4000, 8), clint.load(0x4008, 4)]).toEqual([0, 0n, 0])
  for (const [offset, bytes] of [[0, 1], [0, 2], [0, 8], [0x4000, 2], [0xc000, 4]] as const) {
    expect([clint.load(offset, bytes), clint.store(offset, bytes, 0, 0)]).toEqual([undefined, false])
  }
})

test('a saved state is restored', () => {
  const { clint } = fixture()
  clint.store(0x4000, 8, 3, 4)
  clint.store(0, 4, 1, 0)
  clint.store(0xbff8, 8, 5, 6)
  const { state, clint: other } = fixture()
  other.restore(JSON.parse(JSON.stringify(clint.save())) as ReturnType<Clint['save']>)
  expect([other.save(), other.time, state.software, state.timer]).toEqual([clint.save(), 0x6_0000_0005n, true, true])
})

test("the supervisor's comparator has a line and a deadline of its own, and none when it is taken away", () => {
  const { state, clint } = fixture()
  clint.compareSupervisor(30n)
  clint.store(0x4000, 8, 40, 0)
  expect([state.supervisorTimer, clint.deadline]).toEqual([false, 30])
  state.ticks = 30
  clint.update()
  expect([state.supervisorTimer, state.timer, clint.deadline]).toEqual([true, false, 40])
  clint.compareSupervisor(undefined)
  expect([state.supervisorTimer, clint.deadline]).toEqual([false, 40])
})
