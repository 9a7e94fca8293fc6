// A hart's state outside RAM as names and hexadecimal values, for snapshots: written, and checked when it is read.
import { cell } from './layout.ts'
import type { Pmp } from './pmp.ts'
import type { Mode, State } from './state.ts'

/** By name; hexadecimal, without a prefix. */
export type Saved = Readonly<Record<string, string>>

const numbers = [
  'status', 'medeleg', 'mideleg', 'mie', 'mip', 'lines', 'mcounteren', 'mcountinhibit', 'scounteren', 'satpMode', 'asid', 'root',
  'trapped', 'fs', 'flags', 'rounding',
] as const
const longs = [
  'pc', 'mtvec', 'mscratch', 'mepc', 'mcause', 'mtval', 'menvcfg', 'stimecmp', 'stvec', 'sscratch', 'sepc', 'scause', 'stval', 'senvcfg',
  'cycleOffset', 'instretOffset',
] as const

/** The names and what stands behind each. */
const items = (state: State, pmp: Pmp): ReadonlyMap<string, { readonly get: () => bigint, readonly set: (value: bigint) => void }> => {
  const map = new Map<string, { readonly get: () => bigint, readonly set: (value: bigint) => void }>()
  for (const name of numbers) {
    map.set(name, { get: () => BigInt(state[name]), set: (value) => state[name] = Number(value) })
  }
  for (const name of longs) map.set(name, { get: () => BigInt.asUintN(64, state[name]), set: (value) => state[name] = value })
  for (let index = 0; index < 32; index++) {
    for (const [letter, first] of [['x', cell.x], ['f', cell.f]] as const) {
      const place = (first >> 3) + index
      map.set(letter + index, { get: () => state.longs[place]!, set: (value) => state.longs[place] = value })
    }
  }
  for (const [index] of pmp.configurations.entries()) {
    map.set(`pmpcfg${index}`, { get: () => BigInt(pmp.configurations[index]!), set: (value) => pmp.configurations[index] = Number(value) })
    map.set(`pmpaddr${index}`, { get: () => pmp.addresses[index]!, set: (value) => pmp.addresses[index] = value })
  }
  map.set('mode', { get: () => BigInt(state.mode), set: (value) => state.mode = Number(value) as Mode })
  map.set('waiting', { get: () => state.waiting ? 1n : 0n, set: (value) => state.waiting = value !== 0n })
  // As an offset into RAM and 1.
  map.set('reserved', {
    get: () => BigInt(state.reserved === 0 ? 0 : state.reserved - state.places.ramStart + 1),
    set: (value) => state.reserve(value === 0n ? 0 : Number(value) - 1 + state.places.ramStart, state.reservedBytes),
  })
  map.set('reservedBytes', { get: () => BigInt(state.reservedBytes), set: (value) => state.reserve(state.reserved, Number(value)) })
  return map
}

export const save = (state: State, pmp: Pmp): Saved =>
  Object.fromEntries([...items(state, pmp)].map(([name, { get }]) => [name, get().toString(16)]))

/** Throws RangeError, with nothing changed, when a name is missing or unknown, or a value is none. */
export const restore = (state: State, pmp: Pmp, saved: Saved): void => {
  const all = items(state, pmp)
  for (const name of Object.keys(saved)) if (!all.has(name)) throw new RangeError(`a hart has no ${name}`)
  const values = [...all].map(([name, { set }]) => {
    const text = saved[name]
    if (text === undefined) throw new RangeError(`the hart's ${name} is missing`)
    if (!/^[0-9a-f]{1,16}$/.test(text)) throw new RangeError(`the hart's ${name} must be hexadecimal, and is ${text}`)
    return { set, value: BigInt(`0x${text}`) }
  })
  if (!/^[013]$/.test(saved['mode']!)) throw new RangeError(`the hart's mode must be 0, 1 or 3, and is ${saved['mode']!}`)
  for (const { set, value } of values) set(value)
  pmp.derive()
  state.flush()
}
