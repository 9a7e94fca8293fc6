// Records of the RISC-V test kernel: how the way in and the answer fit together, without an emulator.
import { describe, expect, it } from 'vitest'
import { riscv } from '../../../model/isa/riscv/isa.ts'
import type { Contents, Trial } from '../bench.ts'
import { Layout, place } from './record.ts'

const isa = riscv('riscv64'), layout = new Layout(isa)
const code = BigInt(place.code)
const trial = (name: string, word: bigint, registers: Readonly<Record<string, bigint>>, cells: Contents['cells'] = new Map()): Trial =>
  ({ instruction: isa.instructions.find((i) => i.name === name)!, word, before: { registers: new Map(Object.entries({ pc: code, ...registers })), cells } })
const changed = (record: Uint8Array, slots: Readonly<Record<number, bigint>>): Uint8Array => {
  const copy = record.slice(), view = new DataView(copy.buffer)
  for (const [slot, value] of Object.entries(slots)) view.setBigUint64(8 * Number(slot), value, true)
  return copy
}
const slot = (record: Uint8Array, n: number): bigint => new DataView(record.buffer).getBigUint64(8 * n, true)

describe('the way in', () => {
  it('is direct in M-mode, and otherwise the return whose fields the state leaves free', () => {
    const paths = [{ priv: 3n }, { priv: 1n, 'mepc[xlen-1:1]': code / 2n, 'mstatus.MPIE': 1n }, { priv: 1n, 'sepc[xlen-1:1]': code / 2n, 'mstatus.MPP': 1n }]
    expect(paths.map((r) => slot(layout.recordOf(trial('ADDI', 0x13n, r)), 0))).toEqual([0n, 1n, 2n])
    const status = slot(layout.recordOf(trial('ADDI', 0x13n, { ...paths[1]!, 'mstatus.MIE': 1n })), 64)
    expect([(status >> 11n) & 3n, (status >> 7n) & 1n, (status >> 3n) & 1n]).toEqual([1n, 1n, 0n])
  })
  it('puts what stops the program right behind the instruction', () => {
    expect(slot(layout.recordOf(trial('ADDI', 0x13n, { priv: 1n })), 87)).toBe(0x9002900200000013n)
    expect(slot(layout.recordOf(trial('C.LI', 0x4505n, { priv: 1n })), 87)).toBe(0x9002900290024505n)
    // JAL x0 to 80200020.
    expect(slot(layout.recordOf(trial('ADDI', 0x13n, { priv: 3n })), 87) >> 32n).toBe(0x81dff06fn)
  })
})

describe('the answer', () => {
  const before = { priv: 0n, 'sepc[xlen-1:1]': code / 2n, 'mstatus.MPP': 1n, 'stvec.BASE': 0x20800000n }
  const t = trial('ECALL', 0x73n, before), record = layout.recordOf(t)
  it('is a trap at the instruction, also one that was delegated to a page that is not there', () => {
    expect(layout.answerOf(t, changed(record, { 75: 8n, 73: code, 86: 1n }))).toMatchObject({ kind: 'trapped', causes: ['environment call from U-mode'] })
    const delegated = { 64: 1n << 11n, 73: 0x82000000n, 74: code, 75: 1n, 76: 8n, 86: 1n }
    expect(layout.answerOf(t, changed(record, delegated))).toMatchObject({ kind: 'trapped', causes: ['environment call from U-mode'] })
  })
  it('is a completion where the trap is elsewhere, or without one', () => {
    const jumped = layout.answerOf(t, changed(record, { 73: 0x81000000n, 75: 12n, 86: 1n, 64: 0n }))
    expect(jumped.kind === 'completed' && [jumped.after.registers.get('pc'), jumped.after.registers.has('mcause')]).toEqual([0x81000000n, false])
    const direct = layout.answerOf(t, changed(record, { 86: 0n }))
    expect(direct.kind === 'completed' && [direct.after.registers.get('pc'), direct.after.registers.has('mcause')]).toEqual([code + 4n, true])
  })
  it('is none where an interrupt comes', () => {
    expect(layout.answerOf(t, changed(record, { 75: (1n << 63n) | 7n, 86: 1n })).kind).toBe('lost')
  })
})
