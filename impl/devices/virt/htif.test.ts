import { expect, test } from 'vitest'
import { Htif, type HtifPlaces } from './htif.ts'
import { GuestMemory } from './virtio/guest-memory.ts'

const base = 0x8000_0000
const places: HtifPlaces = { tohost: base + 0x100, fromhost: base + 0x140 }
const call = base + 0x200

const fixture = (keys: readonly number[] = [], at = places) => {
  const ram = new DataView(new ArrayBuffer(0x1000)), printed: number[] = [], typed = [...keys]
  const memory = new GuestMemory(new Uint8Array(ram.buffer), base, () => {})
  const htif = new Htif(at, { print: (bytes) => void printed.push(...bytes), key: () => typed.shift() })
  return {
    htif, printed, typed,
    /** What a look at `tohost` with this value answers. */
    asks: (value: bigint) => {
      ram.setBigUint64(0x100, value, true)
      const code = htif.poll(memory)
      expect(ram.getBigUint64(0x100, true)).toBe(0n)
      return code
    },
    looks: () => htif.poll(memory),
    calls: (...words: readonly bigint[]) => words.forEach((word, i) => ram.setBigUint64(0x200 + 8 * i, BigInt.asUintN(64, word), true)),
    result: () => ram.getBigInt64(0x200, true),
    /** Takes what is in `fromhost`. */
    takes: () => {
      const value = ram.getBigUint64(0x140, true)
      ram.setBigUint64(0x140, 0n, true)
      return value
    },
  }
}

test('an odd value ends the program with half of it, and none of these codes is lost', () => {
  for (const [value, code] of [[1n, 0], [3n, 1], [1337n, 668], [513n, 256], [0x1_0000_0001n, 2 ** 31], [0xffff_ffff_ffffn, 2 ** 47 - 1]] as const) expect(fixture().asks(value)).toBe(code)
  expect(fixture().asks(0xffff_ffff_ffff_ffffn)).toBe(2 ** 32 - 1)
  expect(fixture().looks()).toBeUndefined()
})

test('system calls: write, exit, and those that there are not', () => {
  const { asks, calls, result, takes, printed } = fixture()
  const made = (...words: readonly bigint[]): bigint => {
    calls(...words)
    expect(asks(BigInt(call))).toBeUndefined()
    expect(takes()).toBe(1n)
    return result()
  }
  expect(made(64n, 1n, BigInt(call), 1n)).toBe(1n)
  expect(printed).toEqual([64])
  expect([made(64n, 7n, BigInt(call), 1n), made(64n, 1n, 0n, 1n), made(64n, 1n, BigInt(call), 1n << 60n), made(63n)]).toEqual([-9n, -14n, -14n, -38n])
  for (const [argument, code] of [[0n, 0], [5n, 5], [-1n, 2 ** 32 - 1]] as const) {
    calls(93n, argument)
    expect(asks(BigInt(call))).toBe(code)
  }
  expect(asks(0x10n)).toBeUndefined()
})

test('the console prints a byte without an answer, and gives a key when there is one', () => {
  const { asks, looks, takes, printed, typed } = fixture()
  expect([asks(0x0101_0000_0000_0041n), takes()]).toEqual([undefined, 0n])
  expect(printed).toEqual([0x41])
  asks(0x0100_0000_0000_0000n)
  expect(takes()).toBe(0n)
  typed.push(0x62, 0x63)
  looks()
  expect([takes(), typed]).toEqual([0x0100_0000_0000_0162n, [0x63]])
  asks(0x0207_0000_0000_0000n)
  expect(takes()).toBe(0n)
})

test('answers wait until the guest has taken the last, and are kept over a snapshot', () => {
  const one = fixture([0x61, 0x62])
  for (let i = 0; i < 3; i++) one.asks(0x0100_0000_0000_0000n)
  const saved = one.htif.save()
  expect(saved).toEqual({ wanted: 1, answers: [[0x162, 0x0100_0000]], interval: 128 })
  expect(one.takes()).toBe(0x0100_0000_0000_0161n)
  const other = fixture()
  other.htif.restore(saved)
  other.looks()
  expect(other.takes()).toBe(0x0100_0000_0000_0162n)
})

test('looks are at multiples of an interval, which is short after a question', () => {
  const { htif, asks, looks } = fixture()
  expect([htif.due(0), htif.due(127), htif.due(128)]).toEqual([128, 128, 256])
  for (let i = 0; i < 20; i++) looks()
  expect([htif.due(0), htif.due(65_535), htif.due(65_536)]).toEqual([65_536, 65_536, 131_072])
  asks(0x0101_0000_0000_0041n)
  expect(htif.due(65_536)).toBe(65_664)
})

test('without fromhost nothing is answered, and no key is taken', () => {
  const { asks, typed } = fixture([0x61], { tohost: places.tohost })
  asks(0x0100_0000_0000_0000n)
  asks(BigInt(call))
  expect(typed).toEqual([0x61])
})
