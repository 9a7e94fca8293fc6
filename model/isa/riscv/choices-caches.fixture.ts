// Of the choices about what a hart keeps of page tables and of code: what is looked at, and what that is for each of them.
import type { Choices, Look } from './choices-access.fixture.ts'
import type { Parameters } from './parameters.ts'
import { base, code, machineOf, put, said, type Given } from './running.fixture.ts'

const [root, middle, leaf, table32] = [base + 0x1000n, base + 0x2000n, base + 0x3000n, base + 0x4000n]
const [before, after] = [base + 0x20_0000n, base + 0x40_0000n]
const entry = (to: bigint, flags: bigint): bigint => ((to >> 12n) << 10n) | flags
const V = 1n, G = 0x20n, full = 0xcfn
/** lw a0, 0(a1); sw a0, 0(a1); addi x0, x0, 0; fence.i */
const lw = 0x0005a503, sw = 0x00a5a023, nop = 0x13, fenceI = 0x100f
/** sfence.vma of the registers of these numbers. */
const sfence = (rs1: number, rs2: number): number => 0x12000073 | (rs2 << 20) | (rs1 << 15)

interface Case {
  /** Done between the change and the second access: an instruction, and registers set. */
  readonly word?: number
  readonly next?: Readonly<Record<string, bigint>>
  readonly flags?: bigint
  readonly pointer?: bigint
  readonly second?: { readonly word?: number; readonly address?: bigint }
  /** The entry is of the middle table, and maps 2 MiB. */
  readonly mega?: true
  readonly registers?: Readonly<Record<string, bigint>>
}
const x = { 10: 0x55n, 11: 0x1008n, 12: 0x2008n, 13: 5n, 14: 6n, 15: 0x10_5008n, 16: (1n << 40n) | 0x1008n }
/** A load from a page of which the entry is then changed to map to other memory; what a second access comes to, and x10, which is 0x11 or 0x22. */
const changed = ({ word = nop, next = {}, flags = full, pointer = V, second = {}, mega, registers = {} }: Case) => (choices: Choices): unknown => {
  const at = mega ? middle : leaf + 8n
  const m = machineOf({
    words: [lw, word, second.word ?? lw], x, choices, registers: { 'mstatus.MPRV': 1n, 'mstatus.MPP': 1n, 'satp.MODE': 8n, 'satp.ASID': 5n, 'satp.PPN': root >> 12n, ...registers },
    memory: [[root, entry(middle, V)], [middle, entry(leaf, pointer)], [at, entry(before, flags)], [before + 8n, 0x11n], [after + 8n, 0x22n], [before + 0x1008n, 0x11n], [after + 0x1008n, 0x22n], [before + 0x5008n, 0x11n], [after + 0x5008n, 0x22n]],
  })
  m.step()
  put(m, at, entry(after, flags | full), 8)
  m.step()
  for (const [name, value] of Object.entries(next)) m.setRegister(name, value)
  if (second.address !== undefined) m.bank('x').set(11n, second.address)
  const last = said(m.step())
  return [last, m.bank('x').get(10n)]
}
const [old, fresh] = [['LW', 0x11n], ['LW', 0x22n]] as const
const cached = { translationCache: ['leaf entries'] } as const, allFenced = { ...cached, translationFence: 'all entries' } as const
const look = (c: Case, is: readonly [string, bigint]): Look => [changed(c), [{}, fresh], [cached, is]]

/** A page that was not mapped when it was accessed first, or was and then by another table: what the second access comes to. */
const mapped = ({ word = nop, next = {}, pointer = V }: Case, how: 'later' | 'by another table') => (choices: Choices): unknown => {
  const m = machineOf({
    words: how === 'later' ? [nop, lw, word, lw] : [lw, word, lw], x, choices, registers: { 'mstatus.MPRV': 1n, 'mstatus.MPP': 1n, 'satp.MODE': 8n, 'satp.ASID': 5n, 'satp.PPN': root >> 12n, 'mtvec.BASE': (code + 8n) >> 2n },
    memory: [[root, entry(middle, V)], [middle, entry(leaf, pointer)], [leaf + 8n, how === 'later' ? entry(before, 0xcen) : entry(before, full)], [table32 + 8n, entry(after, full)], [before + 8n, 0x11n], [after + 8n, 0x22n]],
  })
  m.run(how === 'later' ? 2 : 1)
  if (how === 'later') put(m, leaf + 8n, entry(after, full), 8)
  else put(m, middle, entry(table32, pointer), 8)
  for (const [name, value] of Object.entries({ 'mstatus.MPP': 1n, ...next })) m.setRegister(name, value)
  m.step()
  return [said(m.step()), m.bank('x').get(10n)]
}
const invalid = { translationCache: ['invalid entries'] } as const, pointers = { translationCache: ['pointers'] } as const, everything = { translationCache: ['leaf entries', 'invalid entries', 'pointers'] } as const
const refused = ['load page fault, 1008', 0x55n] as const

/** S-mode's code in a page that is mapped to other code after its first instruction, or in RV32 by Sv32. */
const fetched = (word: number, rv32 = false) => (choices: Choices): unknown => {
  const at = rv32 ? table32 + 4n : leaf + 8n
  const given: Given = rv32 ? { name: 'riscv32', memory: [[root, entry(table32, V)], [at, entry(before, full)]] } : { memory: [[root, entry(middle, V)], [middle, entry(leaf, V)], [at, entry(before, full)]] }
  const m = machineOf({ ...given, choices, registers: { priv: 1n, pc: 0x1000n, 'satp.MODE': rv32 ? 1n : 8n, 'satp.PPN': root >> 12n } })
  put(m, before, BigInt(word), 4)
  put(m, before + 4n, BigInt(nop), 4)
  put(m, after, BigInt(word), 4)
  m.step()
  put(m, at, entry(after, full), 4)
  return said(m.step())
}

export const cacheCases = {
  translationCache: [
    look({}, old), look({ word: sfence(0, 0) }, fresh),
    // By address: of the page, of another one, of none that is valid.
    look({ word: sfence(11, 0) }, fresh), look({ word: sfence(12, 0) }, old), look({ word: sfence(16, 0) }, old),
    // By address space: the present one, another one, the former of two.
    look({ word: sfence(0, 13) }, fresh), look({ word: sfence(0, 14) }, old), look({ word: sfence(11, 13) }, fresh), look({ word: sfence(11, 14) }, old), look({ word: sfence(12, 13) }, old),
    look({ next: { 'satp.ASID': 6n } }, fresh), [changed({ next: { 'satp.PPN': after >> 12n } }), [{}, ['load page fault, 1008', 0x11n]], [cached, old]],
    // Global, by itself or by a pointer: of all address spaces, and only fenced for all.
    ...[{ flags: full | G }, { pointer: V | G }].flatMap((global): Look[] =>
      [look({ ...global, word: sfence(0, 13) }, old), look({ ...global, word: sfence(11, 13) }, old), look({ ...global, word: sfence(11, 0) }, fresh), look({ ...global, word: sfence(0, 0) }, fresh), look({ ...global, next: { 'satp.ASID': 6n } }, old)]),
    // 2 MiB at once, also by a fence.
    look({ mega: true, second: { address: 0x5008n } }, old), look({ mega: true, word: sfence(15, 0), second: { address: 0x5008n } }, fresh), [changed({ mega: true, second: { address: 0x20_1008n } }), [{}, ['load page fault, 201008', 0x11n]], [cached, ['load page fault, 201008', 0x11n]]],
    // Entries with V = 0, which trap; the handler begins with the fence.
    [mapped({}, 'later'), [{}, fresh], [cached, fresh], [pointers, fresh], [invalid, refused], [everything, refused]],
    ...[sfence(11, 0), sfence(0, 0), sfence(0, 13)].map((word): Look => [mapped({ word }, 'later'), [invalid, fresh], [everything, fresh]]),
    ...[sfence(12, 0), sfence(0, 14)].map((word): Look => [mapped({ word }, 'later'), [invalid, refused]]), [mapped({ next: { 'satp.ASID': 6n } }, 'later'), [invalid, fresh]],
    [mapped({ word: sfence(0, 13), pointer: V | G }, 'later'), [invalid, refused]],
    // Pointers, which fences by address leave alone.
    [mapped({}, 'by another table'), [{}, fresh], [invalid, fresh], [cached, old], [pointers, old]],
    ...[sfence(11, 0), sfence(11, 13), sfence(0, 14)].map((word): Look => [mapped({ word }, 'by another table'), [{}, fresh], [pointers, old], [everything, old]]),
    ...[sfence(0, 0), sfence(0, 13)].map((word): Look => [mapped({ word }, 'by another table'), [pointers, fresh], [everything, fresh]]),
    [mapped({ word: sfence(0, 13), pointer: V | G }, 'by another table'), [pointers, old]], [mapped({ next: { 'satp.ASID': 6n } }, 'by another table'), [pointers, fresh]],
    [changed({ word: sfence(11, 0) }), [pointers, fresh], [everything, fresh]], [changed({}), [pointers, fresh], [everything, old]],
    // MODE, the effective privilege, SUM and MXR are those of the moment.
    [changed({ next: { 'satp.MODE': 0n } }), [cached, ['load access fault, 1008', 0x11n]]], [changed({ next: { 'mstatus.MPRV': 0n } }), [cached, ['load access fault, 1008', 0x11n]]],
    [changed({ flags: full | 0x10n, registers: { 'mstatus.SUM': 1n }, next: { 'mstatus.SUM': 0n } }), [cached, ['load page fault, 1008', 0x11n]]],
    [changed({ next: { 'mstatus.MPP': 0n } }), [cached, ['load page fault, 1008', 0x11n]]],
    // D is looked for in memory; permissions may be old.
    [changed({ flags: 0x47n, second: { word: sw } }), [{}, ['SW', 0x11n]], [cached, ['SW', 0x11n]]], [changed({ flags: 0xc3n, second: { word: sw } }), [{}, ['SW', 0x11n]], [cached, ['store/AMO page fault, 1008', 0x11n]]],
    ...[false, true].flatMap((rv32): Look[] => [[fetched(nop, rv32), [{}, 'illegal instruction'], [cached, 'ADDI']], [fetched(sfence(0, 0), rv32), [cached, 'illegal instruction']]]),
  ],
  translationFence: [
    [mapped({ word: sfence(11, 0) }, 'by another table'), [pointers, old], [{ ...pointers, translationFence: 'all entries' }, fresh]],
    ...[sfence(12, 0), sfence(0, 14), sfence(16, 14)].map((word): Look => [changed({ word }), [cached, old], [allFenced, fresh]]),
    [changed({ flags: full | G, word: sfence(0, 13) }), [cached, old], [allFenced, fresh]], [changed({}), [allFenced, old]],
  ],
  instructionCache: [
    // c.sw of a3 over the end of the same block, of which c.li a2, 1 becomes c.li a2, 3.
    ...([[nop, 1n], [fenceI, 3n]] as const).map(([word, is]): Look => [(choices) => {
      const m = machineOf({ words: [0xc314, word, 0x4605], x: { 13: 0x460d_0000n, 14: code + 4n }, choices })
      m.run(3)
      return m.bank('x').get(12n)
    }, [{}, 3n], [{ instructionCache: 'last block' }, is]]),
    // What is not in the block is as it is in memory.
    [(choices) => {
      const m = machineOf({ words: [0xc314, nop, nop], x: { 13: 0x460d_460dn, 14: code + 8n }, choices })
      m.run(3)
      return said(m.step())
    }, [{}, 'C.LI'], [{ instructionCache: 'last block' }, 'C.LI']],
  ],
} as const satisfies Partial<Record<keyof Parameters, readonly Look[]>>
