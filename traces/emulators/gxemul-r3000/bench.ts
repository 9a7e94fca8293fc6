// GXemul's MIPS test machine as a bench for the R3000: which states can be laid down, and how.
import type { Instruction } from '../../../model/ir/instruction.ts'
import { cell, get, type Bank, type Register } from '../../../model/ir/state.ts'
import { add, all, and, any, concat, constant, eq, extract, implies, ite, ne, not, or, sub, True, ult, variable, type Bool, type Term } from '../../../model/ir/term.ts'
import type { Outcome } from '../../../model/machine/execute.ts'
import type { Conjunct, Isa } from '../../../model/machine/isa.ts'
import { meets } from '../../../model/isa/mips/coprocessor0.ts'
import { effectiveAddress, wordOf } from '../../../model/isa/mips/notation.ts'
import { declareState, Number0 } from '../../../model/isa/mips/state.ts'
import { accesses, type Bench, type BenchMaker } from '../bench.ts'
import type { Random } from '../../generate-random.ts'
import { startGxemul } from '../gxemul.ts'
import { RecordLoop } from '../record-loop.ts'
import { deviations } from './deviations.ts'
import { image, symbols } from './kernel.ts'
import { answerOf, finished, idle, jumps, kept, pages, place, privateEntry, programs, recordOf, recordWords, reserved } from './record.ts'

/** Bits of DS in the states: BEV, PZ, SwC. */
const diagnostic = 0x046
/** Bits of Status that are neither reserved nor IsC, TS, PE, CM. */
const statusBits = 0xf246ff3f | 0
const revision = 0x0220
/** Where real addresses are seen at reset: kseg0. */
const direct = 0x80000000
const state = declareState('r3000')

const limitsOf = (isa: Isa) => (instruction: Instruction, o: Outcome): readonly Conjunct[] => {
  const component = (name: string) => isa.components.find((c) => c.name === name)!
  const of = (name: string): Term => variable(name, (component(name) as Register).width)
  const after = (name: string): Term => o.registers.get(name) ?? of(name)
  const completed = not(o.trapped)
  const number = (t: Term, n: number): Term => constant<number>(t.width, n)
  const within = (t: Term, from: number, to: number): Bool => and(not(ult<number>(t, number(t, from))), not(ult<number>(number(t, to - 1), t)))
  const isOneOf = (t: Term, values: readonly number[]): Bool => any(values.map((v) => eq(t, number(t, v))))
  const hasOnly = (t: Term, mask: number): Bool => eq(and<number>(t, constant<number>(t.width, BigInt.asUintN(t.width, ~BigInt(mask)))), number(t, 0))
  const { name, operands } = instruction
  const cp0 = (n: number): Term => get(cell(component('CP0') as Bank, constant(5, n)))
  const GPR = (n: Term): Term => get(cell(component('GPR') as Bank, n))
  const inKernel = (t: (name: string) => Term): Bool => not(t('KUc') as Bool)
  const PC = of('PC'), next = after('PC')
  const inKseg0 = eq(PC, number(PC, programs.kseg0)), inKuseg = eq(PC, number(PC, programs.kuseg))
  const inPlace = (t: (name: string) => Term): Bool => or(inKuseg, and(inKseg0, inKernel(t)))
  /** The pages of the program in kuseg and of the kernel. */
  const isOurs = (address: Term): Bool => isOneOf(extract(address, 29, 10), [pages.program, pages.private])
  const kuseg = not(extract<1>(next, 29, 29)), kseg2 = and(extract<1>(next, 29, 29), extract<1>(next, 28, 28))
  const nowhere = or(and(or(kuseg, kseg2), not(isOurs(next))), and(not(inKernel(after)), not(kuseg)))
  const data = accesses(o, 'E')
  const inStorage = data.map(({ index, when }) => {
    const real = ite<number>(extract<1>(index, 30, 30), extract(index, 29, 0), concat(constant(3, 0), extract(index, 26, 0)))
    return implies(and(completed, when ?? True), within(real, place.storage / 4, place.storageEnd / 4))
  })
  const offset = concat(of('PFN - VPN'), constant(10, 0))
  const apart = data.map(({ index }) => implies(extract<1>(index, 30, 30), not(isOurs(sub<number>(extract(index, 29, 0), offset)))))
  /** The pages of the kernel and of the record in kseg0. */
  const isRecent = (address: Term): Bool => isOneOf(extract(address, 29, 10), [direct, direct + place.record].map((a) => a / 0x1000))
  const rd = operands['rd'], rt = operands['rt'], rs = operands['rs']
  const reads = name === 'MFC0', writes = name === 'MTC0'
  const isRandom = (t: Term): Bool => and(hasOnly(t, 0x3f00), within(extract(t, 13, 8), 8, 64))
  const fits = (n: number, value: Term): Bool => (n === Number0.Random ? isRandom(value) : hasOnly(value, kept.get(n)!.mask))
  const registers = [...kept.keys(), Number0.Status, Number0.PRId]
  const value = writes ? GPR(rt!) : undefined
  const readOnly: readonly number[] = [Number0.Random, Number0.BadVAddr, Number0.PRId]
  const written = value ? registers.filter((n) => !readOnly.includes(n)).map((n) => implies(eq(rd!, constant(5, n)), n === Number0.Status ? hasOnly(value, statusBits) : fits(n, value))) : []
  const isPage = (t: Term, page: number): Bool => eq(extract(t, 31, 12), constant(20, page))
  const entryFits = (t: Term): Bool => all([hasOnly(extract(t, 63, 32), 0xffffffc0), hasOnly(extract(t, 31, 0), 0xffffff00), not(isPage(extract(t, 63, 32), pages.private))])
  const entry = (n: Term): Term => get(cell(component('TLB') as Bank, n))
  const pairs = [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]] as const
  const met = (n: number): Bool => meets(state, n)
  const holds = (n: number, content: bigint): Bool => eq(entry(constant(6, n)), constant(64, content))
  const index = extract(cp0(Number0.Index), 13, 8), isNotOurs = ne(index, constant(6, reserved.private))
  const tlb: Bool = name === 'TLBP' ? all([
      ...pairs.map(([m, n]) => not(and(met(m), met(n)))), ne(extract(cp0(Number0.EntryHi), 31, 30), constant(2, 2)),
      ...Array.from({ length: 64 }, (_, n) => (n < 4 ? entryFits(entry(constant(6, n))) : holds(n, n === reserved.private ? privateEntry : idle(BigInt(n))))),
    ])
    : name === 'TLBR' ? and(entryFits(entry(index)), isNotOurs)
    : name.startsWith('TLBW') ? and(not(isPage(cp0(Number0.EntryHi), pages.private)), name === 'TLBWI' ? isNotOurs : True)
    : True
  return [
    {
      name: 'the program is at 5100 in kuseg or at 80500100 in kseg0', why: 'one is for every mode, the other needs no entry of the TLB',
      holds: jumps(name) ? inPlace(of) : and(inPlace(of), implies(completed, inPlace(after))),
    },
    {
      name: 'branches lead to pages that are not there', why: 'the fault at the target gives control back',
      holds: jumps(name) ? implies(completed, or(eq(next, add<number>(PC, number(PC, 1))), nowhere)) : True,
    },
    { name: 'jumps are to words', why: 'PC is modelled in words', holds: /^JA?L?R$/.test(name) ? eq(extract(GPR(rs!), 1, 0), constant(2, 0)) : True },
    { name: 'data are in storage', why: 'the kernel and the program are elsewhere', holds: and(all(inStorage), all(apart)) },
    {
      name: 'user mode does not refer to where the kernel has just been', why: 'in what it has translated the emulator does not tell the modes apart',
      holds: data.length > 0 ? or(inKernel(of), not(isRecent(wordOf(effectiveAddress(state, operands))))) : jumps(name) ? or(inKernel(of), not(isRecent(next))) : True,
    },
    {
      name: 'the byte order is not reversed in user mode', why: 'the emulator keeps RE and does nothing about it',
      holds: data.length > 0 ? or(not(of('RE') as Bool), inKernel(of)) : True,
    },
    {
      name: 'of DS only BEV, PZ and SwC are 1', why: 'IsC keeps the kernel from storage; TS, PE and CM say what has happened',
      holds: hasOnly(of('DS'), diagnostic),
    },
    {
      name: 'coprocessor 0 holds what its registers can', why: 'the others are not there, or not modelled bit by bit',
      holds: all([
        ...[...kept.keys()].map((n) => fits(n, cp0(n))),
        reads || writes ? and(isOneOf(rd!, registers), all(written)) : True,
        reads ? implies(eq(rd!, constant(5, Number0.PRId)), eq(cp0(Number0.PRId), constant(32, revision))) : True,
      ]),
    },
    {
      name: 'the TLB\'s entries are as it holds them, with the program in kseg0', why: 'in kuseg the program has an entry of its own',
      holds: name.startsWith('TLB') ? implies(completed, and(inKseg0, tlb)) : True,
    },
    {
      name: 'SYSCALL and BREAK do not have the code 30378', why: 'these are the emulator\'s own: it ends, or does as a PROM would',
      holds: operands['code'] ? ne(operands['code'], constant(20, 0x30378)) : True,
    },
    { name: 'MFC1 does not name register 0', why: 'the emulator writes it, and nothing is as before', holds: name === 'MFC1' ? ne(rt!, constant(5, 0)) : True },
    {
      name: 'what the manual defines', why: 'division by 0, and JALR from the register that it writes, are undefined',
      holds: name === 'DIVU' ? and(ne(rt!, constant(5, 0)), ne(GPR(rt!), constant(32, 0))) : name === 'JALR' ? ne(rs!, rd!) : True,
    },
  ]
}

const bases = [0, 0, 0x80000000, 0xa0000000, 0xc0000000, 0xe0000000]
const drawing: Bench['draw'] = (() => {
  const pointer = (random: Random): number =>
    random.of(bases) + random.between(place.storage, place.storageEnd - 1) & (random.chance(75) ? ~7 : ~0) | (random.chance(50) ? 4 : 0)
  const target = (random: Random): number => (random.of([0, 0, 0x40000000, 0xc0000000, 0xe0000000]) + random.below(0x1fffffff)) & ~3
  const number = (random: Random): number => random.of([
    ...Array.from({ length: 8 }, () => () => pointer(random)), () => random.word(), () => target(random), () => random.between(-64, 64),
    () => random.word() & statusBits, () => random.of([0, 1, -1, 0x7fffffff, -0x80000000]), () => random.word() & ~0x3f, () => random.word() & ~0xff, () => random.word() & 0x3f00,
  ])()
  const cp0 = (n: number, random: Random): number => (n === Number0.EntryHi ? high(random) : n === Number0.Random ? random.between(8, 63) << 8
    : n === Number0.Index ? random.below(random.chance(50) ? 4 : 64) << 8 : n === Number0.EPC ? target(random) : n === Number0.PRId ? revision : random.word() & (kept.get(n)?.mask ?? -1))
  /** A page and an ASID that meet now and then. */
  const high = (random: Random): number => (random.chance(30) ? random.word() & ~0x3f : (random.below(4) << 12) | (random.below(2) << 6))
  const entry = (random: Random): bigint => (BigInt(high(random) >>> 0) << 32n) | BigInt((random.word() & ~0xff) >>> 0)
  return {
    operand: (name, random) => (name === 'immediate' && random.chance(60) ? BigInt(random.word() & ~3) : undefined),
    register: ({ name, width }, random) => BigInt.asUintN(width, BigInt(
      name === 'PC' ? random.of([programs.kuseg, programs.kseg0]) : name === 'DS' ? random.word() & diagnostic : name === 'RE' ? Number(random.chance(25))
        : name === 'V' || name === 'D' ? Number(random.chance(85))
        : name === 'PFN - VPN' ? random.of([() => 0, () => random.between(-0x800, 0x800), () => 0x40000, () => 0x20000, () => random.word()])() : random.word())),
    cell: (bank, index, width, random) => BigInt.asUintN(width, bank === 'TLB' ? (index < 4n ? entry(random) : index === BigInt(reserved.private) ? privateEntry : idle(index))
      : BigInt(bank === 'GPR' ? number(random) : bank === 'CP0' ? cp0(Number(index), random) : random.word())),
  }
})()

/** Of the loop's words the kernel has none: it counts its records itself. */
const words = { first: 0, last: 4, current: 8, done: 12 } as const
/** In milliseconds, with the emulator's start. */
const patience = 4000

export const r3000: BenchMaker = async (isa): Promise<Bench> => {
  const machine = { machine: 'testmips', processor: 'R3000', memory: 512, image, at: direct, start: direct + symbols.start, records: place.record, current: words.current, finished }
  const kernel = { image, at: 0, ...words, records: place.record, recordSize: 4 * recordWords, capacity: 1024, word: 4, bigEndian: true } as const
  const loop = new RecordLoop(kernel, { start: () => startGxemul(machine), prepare: () => Promise.resolve(), enter: () => Promise.resolve() }, patience)
  const { version } = await loop.warm()
  return {
    emulator: `GXemul ${version}, testmips -C R3000`,
    excluded: new Map(),
    limits: limitsOf(isa),
    deviations,
    draw: drawing,
    run: async (trials) => (await loop.run(trials.map(recordOf))).map((r, i) => answerOf(trials[i]!, r)),
    end: () => loop.end(),
  }
}
