// Whether old page-table entries are an excuse: a table of one level is written, and marked, step by step.
import { expect, it } from 'vitest'
import { ram } from '../../traces/hart-program.ts'
import type { Pair } from './pair.ts'
import { Staleness } from './staleness.ts'

const [load, store, fence] = [0x0000_3003, 0x0000_3023, 0x1200_0073]
const page = 0x3000
const [V_R_W, A, D] = [0x7n, 0x40n, 0x80n]

/** Whether the tables count as changed after steps, each an instruction and what the entry then is. */
const stale = (...steps: readonly (readonly [word: number, entry: bigint])[]): boolean => {
  const bytes = new Uint8Array(ram.size), entry = new DataView(bytes.buffer, page + 8)
  const registers: Readonly<Record<string, bigint>> = { 'satp.MODE': 8n, 'satp.PPN': BigInt((ram.base + page) / 4096) }
  const machine = { word: 0x13, ram: bytes, register: (name: string) => registers[name]! }
  entry.setBigUint64(0, V_R_W, true)
  const of = new Staleness({ specification: { machine } } as unknown as Pair, false)
  of.stepped(0)
  for (const [word, now] of steps) {
    machine.word = word
    entry.setBigUint64(0, now, true)
    of.stepped(0)
    of.agreed()
  }
  return of.wasStale
}

it('knows a store to an entry from A and D that the hart sets', () => {
  expect(stale([load, V_R_W | A], [store, V_R_W | A | D])).toBe(false)
  expect(stale([store, V_R_W & ~2n])).toBe(true)
})
it('knows a store that takes A away which a load had set', () => {
  expect(stale([load, V_R_W | A], [store, V_R_W | D])).toBe(true)
  expect(stale([load, V_R_W | A], [store, V_R_W])).toBe(true)
})
it('ends with SFENCE.VMA', () => expect(stale([store, 0n], [fence, 0n])).toBe(false))
