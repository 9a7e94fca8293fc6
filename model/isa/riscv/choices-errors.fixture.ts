// Of the choices about memory that answers with errors: what is looked at, and what that is for each of them.
import type { Choices, Look } from './choices-access.fixture.ts'
import type { Region } from './memory-values.ts'
import { defaults, type Parameters } from './parameters.ts'
import { base, code, machineOf, said, type Given } from './running.fixture.ts'

/** Memory below 0x1000, and from there to 0x2000 such that does not take loads and stores. */
const memory = (more: Partial<Region> = { without: ['loads', 'stores'] }): readonly Region[] => [...defaults.regions, { base: 0n, size: 0x1000n }, { base: 0x1000n, size: 0x1000n, errors: true, ...more }]
const precise = { regions: memory() } as const, silent = { regions: memory({ errors: false, without: ['loads', 'stores'] }) } as const
const platform = { interruptPriority: [17, 11, 3, 7, 9, 1, 5], busErrors: 17 } as const, ones = { ...platform, busErrorValue: 'all ones' } as const, nmi = { nmiVector: 0x8000_f000n, nmiCode: 3, busErrors: 'non-maskable interrupt' } as const
const imprecise = { ...precise, ...platform } as const, all = (1n << 64n) - 1n

/** What the steps come to, x10, f10, the bytes from 0xff8 up and from 0x1008 up, and whether the interrupt is pending. */
const done = (word: number, address: bigint, given: Given = {}) => (choices: Choices): unknown => {
  const m = machineOf({ words: [word], x: { 10: 0x0102_0304_0506_0708n, 11: address, 12: 1n }, memory: [[0xff8n, 0x1111_2222_3333_4444n], [0x1008n, 0x5555n]], ...given, choices })
  const step = said(m.step()), pending = choices.busErrors === 'non-maskable interrupt' ? m.register('NMI') : choices.interruptPriority ? m.register('mip[17]') : 0n
  return [step, m.bank('x').get(10n), m.bank('memory').number(0xff8n, 8), m.bank('memory').number(0x1008n, 2), pending]
}
const low = 0x1111_2222_3333_4444n, x10 = 0x0102_0304_0506_0708n
/** lw a0, 0(a1); lbu a0, 0(a1); ld a0, 0(a1); sw a0, 0(a1); sd a0, 0(a1); amoadd.w a0, a2, (a1); lr.w a0, (a1); sc.w a2, a0, (a1); cbo.zero (a1); nop */
const [lw, lbu, ld, sw, sd, amoadd, lr, cboZero, nop] = [0x0005a503, 0x0005c503, 0x0005b503, 0x00a5a023, 0x00a5b023, 0x00c5a52f, 0x1005a52f, 0x0045a00f, 0x13]
const refused = (cause: string, at = '1008', more: readonly unknown[] = [low, 0x5555n, 0n]): readonly unknown[] => [`${cause} access fault, ${at}`, x10, ...more]

/** Steps of a load that memory answers with an error and of what follows, and state after them. */
const taken = (names: readonly string[], registers: Readonly<Record<string, bigint>>, words: readonly number[] = [lw, nop], pmp?: Given['pmp']) => (choices: Choices): unknown => {
  const m = machineOf({ words, x: { 11: 0x1008n, 12: 1n << 17n }, registers, ...(pmp ? { pmp } : {}), choices }), come: string[] = []
  m.run(words.length, (step) => { come.push(said(step)); return false })
  return [...come, ...names.map((n) => m.register(n))]
}

export const errorCases = {
  busErrors: [
    [done(lw, 0x1008n), [precise, refused('load')], [imprecise, ['LW', 0n, low, 0x5555n, 1n]], [{ ...precise, ...nmi }, ['LW', 0n, low, 0x5555n, 1n]], [{ ...silent, ...platform }, refused('load')]],
    [done(sw, 0x1008n), [precise, refused('store/AMO')], [imprecise, ['SW', x10, low, 0x5555n, 1n]], [{ ...precise, ...nmi }, ['SW', x10, low, 0x5555n, 1n]], [{ ...silent, ...platform }, refused('store/AMO')]],
    // What memory does it does; and not where there is none.
    [done(lw, 0x1008n), [{ ...platform, regions: memory({ without: ['stores'] }) }, ['LW', 0x5555n, low, 0x5555n, 0n]], [{ ...platform, regions: memory({ widths: [4] }) }, ['LW', 0x5555n, low, 0x5555n, 0n]], [{ ...platform, regions: memory({ widths: [1, 8] }) }, ['LW', 0n, low, 0x5555n, 1n]]],
    [done(lw, 0x2000n), [imprecise, refused('load', '2000')]],
    // Atomic accesses and fetches, tables and cache blocks have access faults.
    [done(amoadd, 0x1008n), [precise, refused('store/AMO')], [imprecise, refused('store/AMO')]], [done(lr, 0x1008n), [precise, refused('load')], [imprecise, refused('load')]],
    [done(nop, 0n, { registers: { pc: 0x1008n } }), [{ ...platform, regions: memory({ without: ['fetches'] }) }, ['instruction access fault, 1008', x10, low, 0x13n, 0n]]],
    [done(lw, 0x4000n, { registers: { 'mstatus.MPRV': 1n, 'mstatus.MPP': 1n, 'satp.MODE': 8n, 'satp.PPN': 1n } }), [imprecise, refused('load', '4000')]],
    [done(cboZero, 0x1008n), [{ ...platform, extensions: ['Zicboz'], regions: memory({ widths: [4] }) }, ['CBO.ZERO', x10, low, 0n, 0n]], [{ ...imprecise, extensions: ['Zicboz'] }, refused('store/AMO')]],
    // Of several pieces those that are answered so; other faults come first.
    [done(ld, 0xffcn), [precise, refused('load', '1000')], [imprecise, ['LD', 0x1111_2222n, low, 0x5555n, 1n]], [{ ...precise, ...ones }, ['LD', 0xffff_ffff_1111_2222n, low, 0x5555n, 1n]]],
    [done(sd, 0xffcn), [precise, refused('store/AMO', '1000')], [imprecise, ['SD', x10, 0x0506_0708_3333_4444n, 0x5555n, 1n]], [{ ...imprecise, misalignedPieces: 1 }, ['SD', x10, 0x0506_0708_3333_4444n, 0x5555n, 1n]]],
    [done(sd, 0x1ffcn), [imprecise, refused('store/AMO', '2000')], [{ ...imprecise, pieceOrder: 'upper first' }, refused('store/AMO', '2000')], [{ ...imprecise, failingStore: 'writes earlier pieces' }, refused('store/AMO', '2000', [low, 0x5555n, 1n])], [{ ...imprecise, failingStore: 'writes earlier pieces', pieceOrder: 'upper first' }, refused('store/AMO', '2000')]],
    [(choices) => { const m = machineOf({ words: [sd], x: { 10: x10, 11: 0x1ffcn }, memory: [[0x1ff8n, low]], choices }); m.step(); return m.bank('memory').number(0x1ff8n, 8) },
      [{ ...platform, failingStore: 'writes earlier pieces', regions: memory({ without: [] }) }, 0x0506_0708_3333_4444n], [{ ...imprecise, failingStore: 'writes earlier pieces' }, low]],
    // SSPUSH of x1 to 0x1008, where there is a shadow stack, and nothing where there is none.
    ...[1n, 3n].map((priv): Look => [taken(['mip[17]', 'ssp'], { priv, ssp: 0x1010n, 'menvcfg.SSE': 1n }, [0xce104073 | 0]), [{ ...imprecise, extensions: ['Zicfiss'] }, priv === 1n ? ['SSPUSH x1', 1n, 0x1008n] : ['SSPUSH x1', 0n, 0x1010n]]]),
    [done(lw, 0x1009n), [{ ...imprecise, misaligned: 'trapped' }, ['load address misaligned, 1009', x10, low, 0x5555n, 0n]], [imprecise, ['LW', 0n, low, 0x5555n, 1n]]],
    [done(lw, 0x1008n), [{ ...imprecise, misaligned: 'trapped' }, ['LW', 0n, low, 0x5555n, 1n]], [{ ...imprecise, misaligned: 'access fault', atomicityGranule: 8 }, ['LW', 0n, low, 0x5555n, 1n]]],
    // PMP is before it.
    [done(lw, 0x1008n, { registers: { 'mstatus.MPRV': 1n, 'mstatus.MPP': 1n }, pmp: [[0x18n, (0x1008n >> 2n) | 0n], [0x1fn, all]] }), [imprecise, refused('load')]],
    // It is pending after the access, and taken where it is enabled; the instruction is done.
    [taken(['mcause', 'mepc[xlen-1:1]', 'minstret'], { 'mie[17]': 1n, 'mstatus.MIE': 1n }), [imprecise, ['LW', 'platform interrupt 17', (1n << 63n) | 17n, (code + 4n) >> 1n, 1n]]],
    [taken(['mcause', 'mip[17]'], { 'mie[17]': 1n }), [imprecise, ['LW', 'ADDI', 0n, 1n]]],
    [taken(['mcause', 'pc', 'NMI'], {}), [{ ...precise, ...nmi }, ['LW', 'non-maskable interrupt', (1n << 63n) | 3n, 0x8000_f000n, 0n]]],
    // csrc mip, a2
    [taken(['mip[17]'], {}, [lw, 0x34463073]), [imprecise, ['LW', 'CSRRC machine', 1n]], [{ ...imprecise, platformPending: 'writable' }, ['LW', 'CSRRC machine', 0n]]],
    // RV32, and a mode of RV64 that has it.
    [done(lw, 0x1008n, { name: 'riscv32', memory: [] }), [precise, ['load access fault, 1008', x10 & 0xffff_ffffn, 0n, 0n, 0n]], [imprecise, ['LW', 0n, 0n, 0n, 1n]], [{ ...precise, ...ones }, ['LW', 0xffff_ffffn, 0n, 0n, 1n]]],
    [done(lw, 0x1008n, { registers: { priv: 0n, 'mstatus.UXL': 1n, pc: code } }), [{ ...precise, ...ones, UXL: 'writable' }, ['LW of RV32', all, low, 0x5555n, 1n]]],
  ],
  busErrorValue: [
    [done(lw, 0x1008n), [imprecise, ['LW', 0n, low, 0x5555n, 1n]], [{ ...precise, ...ones }, ['LW', all, low, 0x5555n, 1n]]], [done(lbu, 0x1008n), [{ ...precise, ...ones }, ['LBU', 0xffn, low, 0x5555n, 1n]]],
    [(choices) => { const m = machineOf({ words: [0x0005a507], x: { 11: 0x1008n }, registers: { 'mstatus.FS': 3n }, choices }); m.step(); return m.bank('f').get(10n) }, [imprecise, 0xffff_ffff_0000_0000n], [{ ...precise, ...ones }, all]],
    [(choices) => { const m = machineOf({ words: [lw], x: { 11: base }, memory: [[base, 5n]], choices }); m.step(); return m.bank('x').get(10n) }, [{}, 5n], [{ ...precise, ...ones }, 5n]],
  ],
} as const satisfies Partial<Record<keyof Parameters, readonly Look[]>>
