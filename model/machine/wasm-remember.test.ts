// What is remembered of pages is never out of date: code that changes tables, PMP and modes between accesses, step by step.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { riscvHart } from '../isa/riscv/isa.ts'
import { SpecificationMachine } from './specification-machine.ts'
import { compileWasm } from './wasm-machine.ts'

const base = 0x8000_0000n, pages = 24, size = pages * 4096
const { isa } = riscvHart('riscv64', { regions: [{ base, size: BigInt(size) }], accessedDirty: 'hardware' })
const program = compileWasm(isa, { ram: { base, size } })
const [first, second, middle, last] = [8, 9, 10, 11]
const entry = (page: number, how: bigint): bigint => ((base >> 12n) + BigInt(page)) << 10n | how

/** Registers: x8 to x11 are addresses that tables map, x12 and x13 of entries, x14 and x15 entries, x16 to x19 values for CSRs. */
const R = (op: number, f3: number, rd: number, rs1: number, imm: number): number => ((imm << 20) | (rs1 << 15) | (f3 << 12) | (rd << 7) | op) >>> 0
const S = (f3: number, rs1: number, rs2: number, imm: number): number => (((imm >> 5) << 25) | (rs2 << 20) | (rs1 << 15) | (f3 << 12) | ((imm & 31) << 7) | 0x23) >>> 0
const csr = (f3: number, number: number, rs1: number): number => R(0x73, f3, 0, rs1, number)
const mapped = fc.integer({ min: 8, max: 11 })
const word = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(mapped, fc.constantFrom(0, 8, 16)).map(([a, o]) => R(0x03, 3, 20, a, o)) },
  { weight: 3, arbitrary: fc.tuple(mapped, fc.constantFrom(0, 8, 16)).map(([a, o]) => S(3, a, 20, o)) },
  { weight: 1, arbitrary: fc.tuple(mapped, fc.constantFrom(0, 4, 7)).map(([a, o]) => R(0x03, 2, 21, a, o)) },
  { weight: 3, arbitrary: fc.tuple(fc.constantFrom(12, 13), fc.constantFrom(14, 15)).map(([a, v]) => S(3, a, v, 0)) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom(12, 13), fc.constantFrom(14, 15), fc.nat(7)).map(([a, v, o]) => S(0, a, v, o)) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom(2, 3), fc.constantFrom(16, 17)).map(([f, v]) => csr(f, 0x300, v)) },
  { weight: 1, arbitrary: fc.constantFrom(18, 19).map((v) => csr(1, 0x180, v)) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom(0x3a0, 0x3b0, 0x3b1), fc.integer({ min: 22, max: 25 })).map(([n, v]) => csr(1, n, v)) })

const flags = fc.constantFrom(0xcfn, 0xdfn, 0x4fn, 0x0fn, 0xcbn, 0xc3n, 0xd7n, 0xc0n)
const start = fc.record({
  code: fc.array(word, { minLength: 60, maxLength: 60 }), leaves: fc.array(fc.tuple(fc.nat(7), flags), { minLength: 4, maxLength: 4 }),
  written: fc.array(fc.tuple(fc.nat(7), flags), { minLength: 2, maxLength: 2 }), entries: fc.array(fc.nat(3), { minLength: 2, maxLength: 2 }),
  status: fc.array(fc.constantFrom(1n << 18n, 1n << 19n, 1n << 17n, 1n << 11n, (1n << 18n) | (1n << 11n)), { minLength: 2, maxLength: 2 }),
  pmp: fc.array(fc.oneof(fc.constantFrom(0x1f18n, 0x1f1bn, 0x1f00n, 0x1f08n), fc.nat(pages - 1).map((p) => (base + BigInt(4096 * p)) >> 2n | 0x1ffn), fc.constant(-1n)), { minLength: 4, maxLength: 4 }),
  below: fc.nat(1),
})
type Start = typeof start extends fc.Arbitrary<infer X> ? X : never

const compiled = program.start(), stepped = new SpecificationMachine(isa)
const view = new DataView(compiled.ram.buffer, compiled.ram.byteOffset)
const put = (at: number, content: bigint): void => {
  view.setBigUint64(at, BigInt.asUintN(64, content), true)
  stepped.bank('memory').write(base + BigInt(at), compiled.ram.subarray(at, at + 8))
}
const lay = (s: Start): void => {
  stepped.clear()
  compiled.ram.fill(0)
  compiled.state.fill(0)
  const cell = (bank: string, n: number, content: bigint): void => { compiled.setCell(bank, n, content); stepped.bank(bank).set(BigInt(n), content) }
  for (let n = 0; n < s.code.length; n += 2) put(4 * n, BigInt(s.code[n]!) | BigInt(s.code[n + 1]!) << 32n)
  for (let page = 12; page < 20; page++) for (let n = 0; n < 4; n++) put(4096 * page + 8 * n, BigInt(page * 100 + n))
  for (const [n, root] of [first, second].entries()) {
    put(4096 * root, entry(n === 0 ? middle : last, 1n))
    put(4096 * root + 16, (base >> 12n) << 10n | 0xcfn | BigInt(s.below === 0 ? 16 : 0))
  }
  put(4096 * middle, entry(last, 1n))
  s.leaves.forEach(([page, how], n) => put(4096 * last + 8 * n, entry(12 + page, how)))
  for (let n = 0; n < 4; n++) cell('x', 8 + n, BigInt(4096 * n))
  s.entries.forEach((n, k) => cell('x', 12 + k, base + BigInt(4096 * last + 8 * n)))
  s.written.forEach(([page, how], k) => cell('x', 14 + k, entry(12 + page, how)))
  s.status.forEach((v, k) => cell('x', 16 + k, v))
  ;[first, second].forEach((root, k) => cell('x', 18 + k, 8n << 60n | ((base >> 12n) + BigInt(root))))
  s.pmp.forEach((v, k) => cell('x', 22 + k, v))
  cell('pmpcfg', 1, 0x1fn)
  cell('pmpaddr', 1, -1n)
  for (const [name, v] of [['satp.MODE', 8n], ['satp.PPN', (base >> 12n) + BigInt(first)], ['mstatus.MPP', BigInt(s.below)]] as const) both(name, v)
}
const both = (name: string, v: bigint): void => { compiled.setRegister(name, v); stepped.setRegister(name, v) }
const kinds = new Map<string, number>()
/** Traps are passed over; each instruction begins in M-mode that lends its accesses the privilege of MPP. */
const agrees = (s: Start, between: (n: number) => void = () => {}): boolean => {
  lay(s)
  for (let n = 0; n < s.code.length; n++) {
    for (const [name, v] of [['pc', base + BigInt(4 * n)], ['priv', 3n], ['mstatus.MPRV', 1n], ['mstatus.MPP', BigInt(s.below)]] as const) both(name, v)
    between(n)
    const stop = compiled.run(1, true), step = stepped.step()
    const kind = step.kind === 'trapped' ? step.cause : step.kind === 'completed' ? step.instruction.name : step.kind
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
    if ((stop === 1) !== (step.kind === 'trapped')) return false
    if (step.kind === 'trapped' && (compiled.register('mcause') !== stepped.register('mcause') || compiled.register('mtval') !== stepped.register('mtval'))) return false
    for (const x of [20, 21]) if (compiled.cell('x', x) !== stepped.bank('x').get(BigInt(x))) return false
  }
  for (const [at, cells] of stepped.bank('memory').blocks())
    if (!cells.every((v: number | bigint, k: number) => compiled.ram[Number(at - base) + k] === Number(v))) return false
  return true
}

test('answers are as the state is now', () => {
  fc.assert(fc.property(start, (s) => agrees(s)), { numRuns: 80 })
  for (const kind of ['LD', 'SD', 'SB', 'load page fault', 'store/AMO page fault', 'load access fault', 'CSRRW supervisor', 'CSRRW machine']) expect(kinds.get(kind) ?? 0).toBeGreaterThan(20)
})

test('an entry that is written from outside is looked at again where the machine is told, and told apart where it is not', () => {
  const loads: Start = {
    code: Array.from({ length: 20 }, () => R(0x03, 3, 20, 8, 0)), leaves: Array.from({ length: 4 }, () => [0, 0xcfn]), written: [[0, 0xcfn], [0, 0xcfn]], entries: [0, 0],
    status: [1n << 18n, 1n << 18n], pmp: [0x1f18n, 0x1f18n, 0x1f18n, 0x1f18n], below: 1,
  }
  const outside = (tell: boolean) => (n: number): void => {
    if (n !== 10) return
    put(4096 * last, entry(13, 0xcfn))
    if (tell) compiled.written()
  }
  expect([agrees(loads, outside(true)), agrees(loads, outside(false))]).toEqual([true, false])
})
