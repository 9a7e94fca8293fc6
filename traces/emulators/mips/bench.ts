// QEMU's MIPS system emulator as a bench for the R4000 in 32-bit mode: which states can be laid down, and how.
import type { Instruction } from '../../../model/ir/instruction.ts'
import { cell, get, type Bank, type Register } from '../../../model/ir/state.ts'
import { add, all, and, any, concat, constant, eq, extract, False, implies, ite, ne, not, or, sub, True, ult, variable, type Bool, type Term } from '../../../model/ir/term.ts'
import type { Outcome } from '../../../model/machine/execute.ts'
import type { Conjunct, Isa } from '../../../model/machine/isa.ts'
import { meets } from '../../../model/isa/mips/coprocessor0.ts'
import { declareState, Number0 } from '../../../model/isa/mips/state.ts'
import { accesses, type Bench, type BenchMaker } from '../bench.ts'
import type { Random } from '../../generate-random.ts'
import type { Deviation } from '../deviations.ts'
import { startQemu } from '../qemu.ts'
import { bytesOf, RecordLoop } from '../record-loop.ts'
import { image, symbols } from './kernel.ts'
import { answerOf, idle, jumps, kept, place, programs, recordOf, recordWords } from './record.ts'

const program = { program: 'qemu-system-mips64', package: 'qemu-system-mips' }

/** Pages of 4 KB to 16 MB. */
const pageMasks = [0, 0x6000, 0x1e000, 0x7e000, 0x1fe000, 0x7fe000, 0x1ffe000]
/** Bits of DS that the emulator keeps: BEV, TS, SR. */
const diagnostic = 0x070
/** Bits of Status that are neither reserved nor of the 64-bit mode or the wide floating-point registers. */
const statusBits = 0xf277ff1f

const limitsOf = (isa: Isa) => (instruction: Instruction, o: Outcome): readonly Conjunct[] => {
  const component = (name: string) => isa.components.find((c) => c.name === name)!
  const of = (name: string): Term => variable(name, (component(name) as Register).width)
  const after = (name: string): Term => o.registers.get(name) ?? of(name)
  const completed = not(o.trapped)
  const both = (f: (t: (name: string) => Term) => Bool): Bool => and(f(of), implies(completed, f(after)))
  const number = (t: Term, n: number): Term => constant<number>(t.width, n)
  const within = (t: Term, from: number, to: number): Bool => and(not(ult<number>(t, number(t, from))), not(ult<number>(number(t, to - 1), t)))
  const isOneOf = (t: Term, values: readonly number[]): Bool => any(values.map((v) => eq(t, number(t, v))))
  const hasOnly = (t: Term, mask: number): Bool => eq(and<number>(t, constant<number>(t.width, BigInt.asUintN(t.width, ~BigInt(mask)))), number(t, 0))
  const { name, operands } = instruction
  const cp0 = (n: number): Term => get(cell(component('CP0') as Bank, constant(5, n)))
  const GPR = (n: Term): Term => get(cell(component('GPR') as Bank, n))
  const level = (t: (name: string) => Term): Bool => or(t('EXL') as Bool, t('ERL') as Bool)
  const inKernel = (t: (name: string) => Term): Bool => or(eq(t('KSU'), constant(2, 0)), level(t))
  const PC = of('PC'), next = after('PC')
  const inKseg0 = eq(PC, number(PC, programs.kseg0)), inKuseg = eq(PC, number(PC, programs.kuseg))
  const inPlace = (t: (name: string) => Term): Bool => or(and(inKuseg, not(t('ERL') as Bool)), and(inKseg0, inKernel(t)))
  /** The pages at 0 and of the program, which the kernel has mapped. */
  const pages = (address: Term): Bool => any([0, place.userCode & ~0x1fff].map((from) => within(address, from / 4, (from + 0x2000) / 4)))
  const kuseg = not(extract<1>(next, 29, 29)), mapped = and(extract<1>(next, 29, 29), extract<1>(next, 28, 28))
  const nowhere = any([all([kuseg, not(after('ERL') as Bool), not(pages(next))]), mapped, and(not(inKernel(after)), extract<1>(next, 29, 29))])
  const data = accesses(o, 'E')
  const inStorage = data.map(({ index, when }) => {
    const words = [place.storage / 4, place.storageEnd / 4] as const
    const direct = ite<number>(extract<1>(index, 29, 29), extract(index, 28, 0), concat(constant(2, 0), extract(index, 26, 0)))
    const real = ite<number>(extract<1>(index, 30, 30), extract(index, 29, 0), concat(constant(1, 0), direct))
    return implies(and(completed, when ?? True), within(real, ...words))
  })
  const offset = concat(of('PFN - VPN'), constant(10, 0))
  const apart = data.map(({ index }) => implies(extract<1>(index, 30, 30), not(pages(sub<number>(extract(index, 29, 0), offset)))))
  const rd = operands['rd'], rt = operands['rt'], rs = operands['rs']
  const moves = /^M[FT]C0$/.test(name), writes = name === 'MTC0'
  const fits = (n: number, value: Term): Bool => {
    if (n === Number0.PageMask) return isOneOf(value, pageMasks)
    if (n === Number0.Index || n === 6) return ult<number>(value, number(value, 48))
    return hasOnly(value, kept.get(n)!.mask)
  }
  const held = [...kept.keys()].map((n) => fits(n, cp0(n)))
  const registers = [...kept.keys(), Number0.Status]
  const value = writes ? GPR(rt!) : undefined
  const written = value ? registers.map((n) => implies(eq(rd!, constant(5, n)), n === Number0.Status ? hasOnly(value, statusBits) : fits(n, value))) : []
  /** No bits of page frames below the size of the page. */
  const frames = (mask: Term, lows: readonly Term[]): Bool => all(lows.map((low) => eq(and<12>(extract<12>(low, 17, 6), extract<12>(mask, 24, 13)), constant(12, 0))))
  const entryFits = (t: Term): Bool => all([
    isOneOf(extract(t, 127, 96), pageMasks), hasOnly(extract(t, 95, 64), 0xffffe0ff), hasOnly(extract(t, 63, 32), 0x3fffffff), hasOnly(extract(t, 31, 0), 0x3fffffff),
    eq(extract<1>(t, 32, 32), extract<1>(t, 0, 0)), frames(extract(t, 127, 96), [extract(t, 63, 32), extract(t, 31, 0)]),
  ])
  const entry = (n: Term): Term => get(cell(component('TLB') as Bank, n))
  const pairs = [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]] as const
  const met = (n: number): Bool => meets(declareState('r4000'), n)
  const isIdle = (n: number): Bool => eq(entry(constant(6, n)), constant(128, idle(BigInt(n))))
  const outsideKseg0 = ne(extract(cp0(Number0.EntryHi), 31, 30), constant(2, 2))
  const [lo0, lo1] = [cp0(Number0.EntryLo0), cp0(Number0.EntryLo1)]
  const tlb: Bool = name === 'TLBP' ? all([
      ...pairs.map(([m, n]) => not(and(met(m), met(n)))), outsideKseg0,
      ...Array.from({ length: 48 }, (_, n) => (n < 4 ? entryFits(entry(constant(6, n))) : isIdle(n))),
    ])
    : name === 'TLBR' ? entryFits(entry(extract(cp0(Number0.Index), 5, 0)))
    : name.startsWith('TLBW') ? and(eq(extract<1>(lo0, 0, 0), extract<1>(lo1, 0, 0)), frames(cp0(Number0.PageMask), [lo0, lo1]))
    : True
  return [
    {
      name: 'the program is at 400100 in kuseg or at 80500100 in kseg0', why: 'one is for every mode, the other needs no entry of the TLB',
      holds: (jumps(name) ? (f: typeof inPlace) => f(of) : both)(inPlace),
    },
    {
      name: 'branches lead to pages that are not there', why: 'the fault at the target gives control back',
      holds: jumps(name) ? implies(completed, or(name === 'ERET' ? False : eq(next, add<number>(PC, number(PC, 1))), nowhere)) : True,
    },
    {
      name: 'jumps are to words', why: 'PC is modelled in words', holds: /^JA?L?R$/.test(name) ? eq(extract(GPR(rs!), 1, 0), constant(2, 0))
        : name === 'ERET' ? all([Number0.EPC, Number0.ErrorEPC].map((n) => eq(extract(cp0(n), 1, 0), constant(2, 0)))) : True,
    },
    { name: 'data are in storage', why: 'the kernel and the program are elsewhere', holds: and(all(inStorage), all(apart)) },
    {
      name: 'the byte order is not reversed in user mode', why: 'the emulator keeps RE and does nothing about it',
      holds: data.length > 0 ? or(not(of('RE') as Bool), inKernel(of)) : True,
    },
    {
      name: 'Status has the bits that the emulator keeps', why: 'CU3, CU2, CH, CE, DE are not kept, and the mode 3 is undefined',
      holds: all([hasOnly(of('CU3..CU1'), 1), hasOnly(of('DS'), diagnostic), both((t) => ne(t('KSU'), constant(2, 3)))]),
    },
    {
      name: 'coprocessor 0 holds what its registers can', why: 'the others count, or are not modelled bit by bit',
      holds: and(all(held), moves ? implies(completed, and(isOneOf(rd!, registers), all(written))) : True),
    },
    { name: 'Random is 47', why: 'it moves between Wired and 47', holds: name === 'TLBWR' ? implies(completed, all([1, 6].map((n) => eq(cp0(n), constant(32, 47))))) : True },
    {
      name: 'the TLB\'s entries are as it holds them, with the program in kseg0', why: 'in kuseg the program has entries of its own',
      holds: name.startsWith('TLB') ? implies(completed, and(inKseg0, tlb)) : True,
    },
    {
      name: 'CACHE does not load a tag', why: 'the emulator has no caches',
      holds: name === 'CACHE' ? implies(completed, ne(operands['operation']!, constant(3, 1))) : True,
    },
    {
      name: 'LL has linked outside ERL', why: 'the kernel links through the TLB',
      holds: name === 'SC' ? implies(of('LLbit') as Bool, not(of('ERL') as Bool)) : True,
    },
    {
      name: 'what the manual defines', why: 'division by 0, and JALR from the register that it writes, are undefined',
      holds: name === 'DIVU' ? and(ne(rt!, constant(5, 0)), ne(GPR(rt!), constant(32, 0))) : name === 'JALR' ? ne(rs!, rd!) : True,
    },
  ]
}

const deviations: readonly Deviation[] = [{
  emulator: 'QEMU 7.2', isas: ['mips/r4000'], instructions: ['SC'], difference: /^the specification traps \(address error, TLB\)/,
  does: 'fails without looking at an address that LL has not linked',
  manual: 'MIPS R4000 User\'s Manual, SC (A-126): an address that is not a multiple of 4 is an address error, and where SC both fails and has an exception, the exception is taken',
}, {
  emulator: 'QEMU 7.2', isas: ['mips/r4000'], instructions: ['MTC0'], difference: /^(DS|CU3\.\.CU1) becomes/,
  does: 'writes TS, and leaves CU3, CU2, CH, CE and DE 0',
  manual: 'MIPS R4000 User\'s Manual, 5.2 (Status Register): four bits CU for four coprocessors; of the field DS all bits but TS can be read and written',
}]

const bases = [0, 0, 0x80000000, 0xa0000000, 0xc0000000, 0xe0000000]
const drawing: Bench['draw'] = (() => {
  const pointer = (random: Random): number =>
    random.of(bases) + random.between(place.storage, place.storageEnd - 1) & (random.chance(75) ? ~7 : ~0) | (random.chance(50) ? 4 : 0)
  const target = (random: Random): number => (random.of([0, 0, 0x40000000, 0xc0000000, 0xe0000000]) + random.below(0x1fffffff)) & ~3
  const number = (random: Random): number => random.of([
    ...Array.from({ length: 8 }, () => () => pointer(random)), () => random.word(), () => target(random), () => random.between(-64, 64),
    () => random.word() & statusBits, () => random.of([0, 1, -1, 0x7fffffff, -0x80000000]), () => random.word() & 0x3fffffff, () => random.of(pageMasks), () => random.word() & ~0x1f00,
    () => random.word() & 0xfffffcc0,
  ])()
  const cp0 = (n: number, random: Random): number => (n === Number0.PageMask ? (random.chance(60) ? 0 : random.of(pageMasks))
    : n === Number0.EntryHi ? high(random) : n === Number0.Random || (n === 6 && random.chance(30)) ? 47
    : n === Number0.Index || n === 6 ? random.below(random.chance(50) ? 4 : 48) : n === Number0.EPC || n === Number0.ErrorEPC ? target(random)
    : random.word() & (kept.get(n)?.mask ?? -1))
  /** A page and an ASID that meet now and then. */
  const high = (random: Random): number => (random.chance(30) ? random.word() & ~0x1f00 : (random.below(4) << 13) | random.below(2))
  const entry = (random: Random): bigint => {
    const G = random.below(2)
    const mask = random.chance(60) ? 0 : random.of(pageMasks)
    const low = (): bigint => BigInt((random.word() & 0x3ffffffe & ~(mask >> 7) | G) >>> 0)
    return (BigInt(mask) << 96n) | (BigInt(high(random) >>> 0) << 64n) | (low() << 32n) | low()
  }
  return {
    register: ({ name, width }, random) => BigInt.asUintN(width, BigInt(
      name === 'PC' ? random.of([programs.kuseg, programs.kseg0]) : name === 'KSU' ? random.below(3) : name === 'DS' ? random.word() & diagnostic
        : name === 'CU3..CU1' ? random.below(2) : name === 'EXL' || name === 'ERL' || name === 'RE' ? Number(random.chance(25))
        : name === 'V' || name === 'D' ? Number(random.chance(85))
        : name === 'PFN - VPN' ? random.of([() => 0, () => random.between(-0x800, 0x800), () => 0x40000, () => 0x20000, () => random.word()])() : random.word())),
    cell: (bank, index, width, random) => BigInt.asUintN(width, bank === 'TLB' ? (index < 4n ? entry(random) : idle(index))
      : BigInt(bank === 'GPR' ? number(random) : bank === 'CP0' ? cp0(Number(index), random) : random.word())),
  }
})()

/** Addresses and registers of 32 bits, as the processor of 64 bits has them. */
const extended = (address: number): bigint => BigInt.asUintN(64, BigInt(address | 0))

export const mips: BenchMaker = async (isa): Promise<Bench> => {
  const kernel = { image, at: 0, ...symbols, records: place.records, recordSize: 4 * recordWords, capacity: 256, word: 4, bigEndian: true } as const
  const loop = new RecordLoop(kernel, {
    start: () => startQemu(program, ['-M', 'none', '-cpu', 'R4000'], { base: 0, size: 512 << 20 }),
    prepare: () => Promise.resolve(),
    enter: ({ stub }) => stub.setRegister(37, bytesOf(extended(0x80000000 + symbols.start), 8, true)),
  })
  const { version } = await loop.warm()
  return {
    emulator: `QEMU ${version}, ${program.program} -cpu R4000`,
    excluded: new Map(),
    limits: limitsOf(isa),
    deviations,
    draw: drawing,
    run: async (trials) => (await loop.run(trials.map(recordOf))).map((r, i) => answerOf(trials[i]!, r)),
    end: () => loop.end(),
  }
}
