// Everything that a guest can see of a machine: kept as a value, and compared with another machine after every step.
import type { Machine, WordView } from '../model/vocab/index.ts'
import { componentNamed } from './component.ts'

/** The guest-visible part of a machine; a Machine is one, and so is a Snapshot. */
export type Visible = Pick<
  Machine,
  | 'mode' | 'counter' | 'base' | 'bound' | 'timer' | 'pending' | 'halted'
  | 'registers' | 'storage' | 'printed' | 'taken' | 'disk' | 'diskPosition'
>

/** A copy that does not change with its machine. */
export interface Snapshot extends Visible {
  mode: Machine['mode']
  counter: number
  base: number
  bound: number
  timer: number
  pending: boolean
  halted: boolean
  taken: number
  diskPosition: number
  readonly registers: Int32Array
  readonly storage: Int32Array
  readonly disk: Int32Array
  readonly printed: number[]
}

/** Words are signed 32-bit integers, flags 0 or 1; undefined is a byte that has not been printed. */
export interface Difference {
  /** `P`, `G[3]`, `E[17]`: a name of component.ts. */
  readonly component: string
  readonly left: number | undefined
  readonly right: number | undefined
}

export const snapshot = (machine: Visible): Snapshot => ({
  mode: machine.mode,
  counter: machine.counter,
  base: machine.base,
  bound: machine.bound,
  timer: machine.timer,
  pending: machine.pending,
  halted: machine.halted,
  taken: machine.taken,
  diskPosition: machine.diskPosition,
  registers: words(machine.registers),
  storage: words(machine.storage),
  disk: words(machine.disk),
  printed: numbers(machine.printed),
})

const words = (view: WordView): Int32Array => {
  if (view instanceof Int32Array) return view.slice()
  const copy = new Int32Array(view.length)
  for (let i = 0; i < copy.length; i += 1) copy[i] = view[i]!
  return copy
}

const numbers = (view: WordView): number[] => {
  const copy: number[] = []
  for (let i = 0; i < view.length; i += 1) copy.push(view[i]!)
  return copy
}

/** Writes one component; throws RangeError when the machine has no such component. */
export const setComponent = (state: Snapshot, component: string, value: number): void => {
  const known = componentNamed(component)
  if (known === undefined) throw new RangeError(`a third-generation machine has no component called ${component}`)
  if (known.kind === 'bank') {
    const bank = { G: state.registers, E: state.storage, DISK: state.disk, PRINTED: state.printed }[known.name]
    if (known.index >= bank.length + (known.name === 'PRINTED' ? 1 : 0)) throw new RangeError(`${component} does not exist: there are ${bank.length}`)
    bank[known.index] = value
    return
  }
  switch (known.name) {
    case 'M': state.mode = value === 0 ? 0 : 1; break
    case 'P': state.counter = value; break
    case 'L': state.base = value; break
    case 'B': state.bound = value; break
    case 'TIMER': state.timer = value >>> 0; break
    case 'PENDING': state.pending = value !== 0; break
    case 'HALTED': state.halted = value !== 0; break
    case 'TAKEN': state.taken = value; break
    case 'POSITION': state.diskPosition = value >>> 0; break
  }
}

/** The specification's window on what was printed: its count and its places are modulo this. */
const printedWindow = 0x10000

/**
 * The first component in which two machines of one size differ, undefined when a guest cannot tell them apart.
 * What was printed is compared by count (modulo 65,536) and last byte, which is all that one step can change;
 * with `full`, every byte of the last 65,536.
 */
export const firstDifference = (left: Visible, right: Visible, full = false): Difference | undefined => {
  if (left.mode !== right.mode) return difference('M', left.mode, right.mode)
  if (left.counter !== right.counter) return difference('P', left.counter, right.counter)
  if (left.base !== right.base) return difference('L', left.base, right.base)
  if (left.bound !== right.bound) return difference('B', left.bound, right.bound)
  if (left.timer !== right.timer) return difference('TIMER', left.timer, right.timer)
  if (left.pending !== right.pending) return difference('PENDING', Number(left.pending), Number(right.pending))
  if (left.halted !== right.halted) return difference('HALTED', Number(left.halted), Number(right.halted))
  if (left.taken !== right.taken) return difference('TAKEN', left.taken, right.taken)
  if (left.diskPosition !== right.diskPosition) return difference('POSITION', left.diskPosition, right.diskPosition)
  let place = unequal(left.registers, right.registers)
  if (place >= 0) return difference(`G[${place}]`, left.registers[place], right.registers[place])
  place = unequal(left.storage, right.storage)
  if (place >= 0) return difference(`E[${place}]`, left.storage[place], right.storage[place])
  place = unequal(left.disk, right.disk)
  if (place >= 0) return difference(`DISK[${place}]`, left.disk[place], right.disk[place])
  return printedDifference(left.printed, right.printed, full)
}

const difference = (component: string, left: number | undefined, right: number | undefined): Difference => ({ component, left, right })

/** The first place at which two views differ, -1 when there is none. */
const unequal = (left: WordView, right: WordView): number =>
  left instanceof Int32Array && right instanceof Int32Array ? unequalWords(left, right) : unequalViews(left, right)

/** From so many words on, comparing memory costs less than a loop: measured, about 100 ns whatever the size. */
const fewWords = 64

// Twice the same loop: V8 keeps the one that sees only Int32Arrays monomorphic.
const unequalWords = (left: Int32Array, right: Int32Array): number => {
  const { length } = left
  if (length !== right.length) throw differentSizes(left, right)
  if (length > fewWords && bytesOf(left).equals(bytesOf(right))) return -1
  for (let i = 0; i < length; i += 1) if (left[i] !== right[i]) return i
  return -1
}

const knownBytes = new WeakMap<Int32Array, Buffer>()
const bytesOf = (view: Int32Array): Buffer => {
  const known = knownBytes.get(view)
  if (known !== undefined) return known
  const bytes = Buffer.from(view.buffer, view.byteOffset, view.byteLength)
  knownBytes.set(view, bytes)
  return bytes
}

const unequalViews = (left: WordView, right: WordView): number => {
  const { length } = left
  if (length !== right.length) throw differentSizes(left, right)
  for (let i = 0; i < length; i += 1) if (left[i] !== right[i]) return i
  return -1
}

const differentSizes = (left: WordView, right: WordView): RangeError =>
  new RangeError(`machines of different sizes cannot be compared: ${left.length} and ${right.length} words`)

const printedDifference = (left: WordView, right: WordView, full: boolean): Difference | undefined => {
  const leftCount = left.length
  const rightCount = right.length
  if (leftCount !== rightCount && (leftCount - rightCount) % printedWindow !== 0) {
    const place = Math.min(leftCount, rightCount)
    return difference(`PRINTED[${place}]`, left[place], right[place])
  }
  const count = Math.max(leftCount, rightCount)
  if (count === 0) return undefined
  for (let place = full ? Math.max(0, count - printedWindow) : count - 1; place < count; place += 1) {
    const leftByte = printedByte(left, leftCount, place)
    const rightByte = printedByte(right, rightCount, place)
    if (leftByte !== rightByte) return difference(`PRINTED[${place}]`, leftByte, rightByte)
  }
  return undefined
}

/** A view that knows fewer bytes than were printed holds them modulo its window. */
const printedByte = (view: WordView, count: number, place: number): number | undefined =>
  place < count ? view[place] : view[place % printedWindow]

/** Every component in which two machines of one size differ, registers and storage in ascending order. */
export const differences = (left: Visible, right: Visible): readonly Difference[] => {
  const found: Difference[] = []
  const compare = (component: string, one: number, other: number): void => {
    if (one !== other) found.push({ component, left: one, right: other })
  }
  compare('M', left.mode, right.mode)
  compare('P', left.counter, right.counter)
  compare('L', left.base, right.base)
  compare('B', left.bound, right.bound)
  compare('TIMER', left.timer, right.timer)
  compare('PENDING', Number(left.pending), Number(right.pending))
  compare('HALTED', Number(left.halted), Number(right.halted))
  compare('TAKEN', left.taken, right.taken)
  compare('POSITION', left.diskPosition, right.diskPosition)
  for (const [bank, one, other] of [['G', left.registers, right.registers], ['E', left.storage, right.storage], ['DISK', left.disk, right.disk]] as const) {
    if (one.length !== other.length) throw differentSizes(one, other)
    for (let i = 0; i < one.length; i += 1) compare(`${bank}[${i}]`, one[i]!, other[i]!)
  }
  found.push(...printedDifferences(left.printed, right.printed))
  return found
}

const printedDifferences = (left: WordView, right: WordView): Difference[] => {
  const found: Difference[] = []
  const same = (left.length - right.length) % printedWindow === 0
  const count = Math.max(left.length, right.length)
  for (let place = Math.max(0, count - printedWindow); place < count; place += 1) {
    const one = same ? printedByte(left, left.length, place) : left[place]
    const other = same ? printedByte(right, right.length, place) : right[place]
    if (one !== other) found.push({ component: `PRINTED[${place}]`, left: one, right: other })
  }
  return found
}
