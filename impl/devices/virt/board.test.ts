import { expect, test } from 'vitest'
import { Board, type BoardOptions, type BoardState } from './board.ts'
import { Htif } from './htif.ts'
import { rngDevice } from './virtio/rng.ts'
import { ScriptedHart } from './scripted-hart.fixture.ts'

const mtimecmp = 0x200_4000
const mtime = 0x200_bff8
const uart = 0x1000_0000

const fixture = (options: Partial<BoardOptions> = {}) => {
  const sent: number[] = []
  const board = new Board({ transmit: (byte) => void sent.push(byte), ...options })
  const hart = new ScriptedHart()
  board.attach(hart)
  const set = (address: number, bytes: 1 | 2 | 4 | 8, value: bigint): void => expect(board.store(address, bytes, value)).toBe(true)
  const get = (address: number, bytes: 1 | 2 | 4 | 8): bigint | undefined => {
    const value = board.load(address, bytes)
    return value === undefined ? undefined : BigInt(value)
  }
  return { board, hart, sent, set, get }
}

test('addresses reach their devices, and nothing answers between them', () => {
  const { get, board } = fixture()
  expect([get(uart + 5, 1), get(0x1000_1000, 4), get(mtimecmp, 8), get(0xc00_0000, 4), get(0x10_1018, 4), get(0x10_0000, 4), get(0x1000, 8)]).toEqual([0x60n, 0x7472_6976n, 0n, 0n, 0n, 0n, 0n])
  for (const [address, bytes] of [[0, 4], [0xff8, 8], [uart + 8, 1], [0x1000_1200, 4], [0x200_c000, 4], [0x10_1024, 4], [0x1000_9000, 4], [0x1000_0001, 2], [0x1_0000, 1]] as const) {
    expect([address, get(address, bytes), board.store(address, bytes, 0n)]).toEqual([address, undefined, false])
  }
})

test('mask ROM and flash are looked at without effect, flash that answers commands and devices are not', () => {
  const { board, get } = fixture()
  board.boot({ start: 0x8000_0000, tree: 0, next: 0 })
  const looks = (): readonly (number | undefined)[] => [0x1000, 0x0fff, 0x1000_0000, 0x2000_0000, 0x21ff_ffff, 0x23ff_ffff, 0x2400_0000].map(board.rom)
  expect(looks()).toEqual([Number(get(0x1000, 1)), undefined, undefined, 0, 0, 0, undefined])
  board.store(0x2000_0000, 4, 0x90n)
  expect(looks().slice(3)).toEqual([undefined, undefined, 0, undefined])
})

test('the timer interrupt comes at the step that is due, however far the run would go', () => {
  const { board, hart, set } = fixture({ stepsPerTick: 7 })
  set(mtimecmp, 8, 1n << 40n)
  const seen: (readonly [number, boolean])[] = []
  hart.act = (step) => {
    if (step === 3) set(mtimecmp, 8, 5n)
    seen.push([step, hart.lines.get('MTIP') === true])
  }
  expect(board.run(100, true)).toEqual({ kind: 'limit' })
  expect(seen.filter(([, up]) => up)[0]).toEqual([35, true])
  expect(seen).toHaveLength(100)
})

test('what is told to hold ends after the step, or before the next one, and goes on', () => {
  const { board, hart } = fixture()
  hart.act = (step) => { if (step === 4) board.hold() }
  expect([board.run(100, true), hart.steps()]).toEqual([{ kind: 'held' }, 5])
  board.hold()
  expect([board.run(100, true), hart.steps(), board.run(100, true), hart.steps()]).toEqual([{ kind: 'held' }, 5, { kind: 'limit' }, 100])
})

test('while the hart waits time passes to the next deadline, or not when it must not', () => {
  const { board, hart, set } = fixture({ stepsPerTick: 10 })
  set(mtimecmp, 8, 1000n)
  hart.act = () => (board.time() < 1000n ? 'wait' : undefined)
  expect([board.run(50, false), hart.steps()]).toEqual([{ kind: 'idle', ticks: 1000 }, 0])
  expect([board.run(50, true), hart.steps(), board.time()]).toEqual([{ kind: 'limit' }, 50, 1005n])
  set(mtimecmp, 8, 2000n)
  hart.act = () => 'wait'
  expect(board.run(100, false)).toEqual({ kind: 'idle', ticks: 995 })
  board.passWait()
  expect([board.time(), hart.steps()]).toEqual([2000n, 50])
  set(mtimecmp, 8, (1n << 64n) - 1n)
  expect(board.run(100, true)).toEqual({ kind: 'idle', ticks: Infinity })
})

test('an outside clock is the clock', () => {
  let outside = 0
  const { board, hart, set, get } = fixture({ outsideTicks: () => outside })
  set(mtimecmp, 8, 77n)
  hart.act = () => 'wait'
  expect(board.run(1000, true)).toEqual({ kind: 'idle', ticks: 77 })
  outside = 77
  hart.act = () => {}
  expect([board.run(10, true), hart.lines.get('MTIP'), get(mtime, 8)]).toEqual([{ kind: 'limit' }, true, 77n])
})

test('a hart is told how the time goes on by steps, while it does', () => {
  const { board, hart, set, get } = fixture({ stepsPerTick: 7 })
  set(mtimecmp, 8, 50n)
  hart.act = () => 'wait'
  board.run(100, true)
  expect([board.clock(), get(mtime, 8)]).toEqual([{ address: mtime, stepsPerTick: 7, ahead: 350 }, BigInt(Math.floor((hart.steps() + 350) / 7))])
  set(mtime, 8, 1000n)
  expect(board.clock()).toBe(undefined)
  expect(fixture({ outsideTicks: () => 5 }).board.clock()).toBe(undefined)
})

test('an outside clock that goes on meanwhile loses no deadline', () => {
  let outside = 0
  const { board, hart, set } = fixture({ outsideTicks: () => outside++ })
  hart.act = () => 'wait'
  for (let distance = 0; distance < 20; distance++) {
    set(mtimecmp, 8, BigInt(outside + distance))
    const stop = board.run(hart.steps() + 10, true)
    expect([distance, stop.kind === 'limit' || stop.kind === 'idle' && stop.ticks < 20]).toEqual([distance, true])
  }
})

test('the finisher ends the run after the step that wrote it', () => {
  const { board, hart, set } = fixture()
  hart.act = (step) => { if (step === 4) set(0x10_0000, 4, 0x0007_3333n) }
  expect([board.run(100, true), hart.steps()]).toEqual([{ kind: 'exit', code: 7 }, 5])
  hart.act = (step) => { if (step === 9) set(0x10_0000, 2, 0x5555n) }
  expect(board.run(100, true)).toEqual({ kind: 'exit', code: 0 })
  hart.act = (step) => { if (step === 12) set(0x10_0000, 4, 0x7777n) }
  expect(board.run(100, true)).toEqual({ kind: 'reset' })
  hart.act = (step) => { if (step === 15) set(0x10_0000, 4, 0x1111n) }
  expect(board.run(100, true)).toEqual({ kind: 'limit' })
})

test('a typed byte comes through the PLIC as its source, to both modes that enable it', () => {
  const { board, hart, set, get } = fixture()
  set(0xc00_0028, 4, 1n)
  set(0xc00_2080, 4, 1n << 10n)
  set(uart + 1, 1, 1n)
  board.uart.type([65])
  hart.act = () => (hart.lines.get('SEIP') ? undefined : 'wait')
  expect(board.run(10_000, true)).toEqual({ kind: 'limit' })
  expect([hart.lines.get('MEIP') ?? false, hart.lines.get('SEIP'), get(0xc20_1004, 4), get(uart, 1)]).toEqual([false, true, 10n, 65n])
})

test('the reset code names the start, the tree and the next stage', () => {
  const { board, get } = fixture()
  board.boot({ start: 0x8000_0000, tree: 0x87e0_0000, next: 0x8020_0000 })
  expect([0x1000, 0x1018, 0x1020, 0x1028, 0x1038, 0x1040].map((a) => get(a, 8))).toEqual([0x0282_8613_0000_0297n, 0x8000_0000n, 0x87e0_0000n, 0x4942_534fn, 0x8020_0000n, 1n])
  expect(board.store(0x1018, 8, 0n)).toBe(true)
  expect(get(0x1018, 4)).toBe(0x8000_0000n)
})

test('a test program ends by tohost, and prints through it', () => {
  const { board, hart } = fixture()
  const printed: number[] = []
  board.htif = new Htif({ tohost: 0x8000_1000, fromhost: 0x8000_1040 }, { print: (bytes) => void printed.push(...bytes), key: () => undefined })
  const ram = new DataView(hart.ram.buffer)
  hart.ram.set([104, 105], 0x3000)
  hart.act = (step) => {
    if (step === 10) [64n, 1n, 0x8000_3000n, 2n].forEach((v, i) => ram.setBigUint64(0x2000 + 8 * i, v, true))
    if (step === 10) ram.setBigUint64(0x1000, 0x8000_2000n, true)
    if (step === 20_000) ram.setBigUint64(0x1000, 0x0101_0000_0000_0021n, true)
    if (step === 40_000) ram.setBigUint64(0x1000, 3n, true)
  }
  expect(board.run(20_000, true)).toEqual({ kind: 'limit' })
  expect([printed, ram.getBigUint64(0x2000, true), ram.getBigUint64(0x1040, true)]).toEqual([[104, 105], 2n, 1n])
  expect([board.run(1_000_000, true), printed.at(-1)]).toEqual([{ kind: 'exit', code: 1 }, 0x21])
})

test('a saved board is restored, and its twin with other state is not it', () => {
  const one = fixture({ virtio: [rngDevice(() => {})] })
  one.set(mtimecmp, 8, 1n << 33n)
  one.set(0x10_1010, 4, 1n)
  one.board.uart.type([1, 2])
  one.board.boot({ start: 1, tree: 2, next: 3 })
  one.board.random.fill(new Uint8Array(3))
  one.board.passWait()
  const saved = JSON.parse(JSON.stringify(one.board.save())) as BoardState
  const other = fixture({ virtio: [rngDevice(() => {})] })
  expect(other.board.save()).not.toEqual(saved)
  other.board.restore(saved)
  expect(other.board.save()).toEqual(saved)
})

test('nine virtio devices are refused, and a tick of no steps', () => {
  const device = rngDevice(() => {})
  expect(() => fixture({ virtio: Array.from({ length: 9 }, () => device) })).toThrow(RangeError)
  expect(() => fixture({ virtio: Array.from({ length: 8 }, () => device) })).not.toThrow()
  expect(() => fixture({ stepsPerTick: 0 })).toThrow(RangeError)
})

test('random bytes are those of their seed', () => {
  const bytes = (seed: number): number[] => {
    const array = new Uint8Array(8)
    fixture({ seed }).board.random.fill(array)
    return [...array]
  }
  expect(bytes(1)).toEqual(bytes(1))
  expect(bytes(1)).not.toEqual(bytes(2))
})
