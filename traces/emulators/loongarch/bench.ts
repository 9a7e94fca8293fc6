// QEMU's LoongArch system emulator as a bench for LA64: which states can be laid down, and how.
import type { Instruction } from '../../../model/ir/instruction.ts'
import { cell, get, type Bank, type Register } from '../../../model/ir/state.ts'
import { add, all, and, any, concat, constant, eq, extract, implies, ite, ne, not, or, signExtend, sub, True, ult, variable, type Bool, type Term } from '../../../model/ir/term.ts'
import type { Outcome } from '../../../model/machine/execute.ts'
import type { Conjunct, Isa } from '../../../model/machine/isa.ts'
import { declareState, entries } from '../../../model/isa/loongarch/state.ts'
import { accesses, type Bench, type BenchMaker } from '../bench.ts'
import type { Random } from '../../generate-random.ts'
import type { Deviation } from '../deviations.ts'
import { startQemu } from '../qemu.ts'
import { bytesOf, RecordLoop } from '../record-loop.ts'
import { image, symbols } from './kernel.ts'
import { answerOf, place, programAt, recordOf, recordSize, saved, words } from './record.ts'

const program = { program: 'qemu-system-loongarch64', package: 'qemu-system-misc' }
const { csrs } = declareState('la64')

/** Registers that the kernel uses, that move, or that the emulator has otherwise. */
const untried = [
  'MISC', 'TVAL', 'LLBCTL',
  // STLBPS, RVACFG, SAVE4 to SAVE15, IMPCTL1 and 2, MERRINFO1 and 2.
  0x1e, 0x1f, ...Array.from({ length: 12 }, (_, n) => 0x34 + n), 0x80, 0x81, 0x91, 0x92,
].map((x) => (typeof x === 'number' ? x : csrs.find((c) => c.name === x)!.number))
const firstMonitor = 0x200, pastMonitors = 0x240

/** What the processor says of itself. */
interface Identity {
  readonly CPUCFG: readonly bigint[]
  /** PRCFG1 to PRCFG3, BADI and ESTAT by fields. */
  readonly registers: ReadonlyMap<string, bigint>
}

const limitsOf = (isa: Isa, identity: Identity) => (instruction: Instruction, o: Outcome): readonly Conjunct[] => {
  const component = (name: string) => isa.components.find((c) => c.name === name)!
  const of = (name: string): Term => variable(name, (component(name) as Register).width)
  const after = (name: string): Term => o.registers.get(name) ?? of(name)
  const completed = not(o.trapped)
  const both = (f: (t: (name: string) => Term) => Bool): Bool => and(f(of), implies(completed, f(after)))
  const is = (t: Term, value: number | bigint): Bool => eq(t, constant<number>(t.width, value))
  const isOneOf = (t: Term, values: readonly number[]): Bool => any(values.map((v) => is(t, v)))
  const within = (t: Term, from: number, to: number): Bool => and(not(ult<number>(t, constant(t.width, from))), ult<number>(t, constant(t.width, to)))
  const { name, operands } = instruction
  const at = (bank: string, index: Term): Term => get(cell(component(bank) as Bank, index))
  const GR = (n: Term): Term => ite<number>(is(n, 0), constant(64, 0), at('GR', n))
  const next = after('PC'), ahead = is(next, programAt / 4 + 1)
  /** No storage, whatever translates it. */
  const nowhere = ne(extract(next, 45, 24), constant(22, 0))
  const data = accesses(o, 'E')
  const paged = (index: Term): Bool => extract<1>(index, 61, 61)
  const mapped = (index: Term): Term => sub<number>(extract(index, 60, 0), concat(of('page.PPN - VPN'), constant(9, 0)))
  const inStorage = data.map(({ index, when }) => {
    const real = ite<number>(paged(index), extract(index, 60, 0), concat(constant(16, 0), extract(index, 44, 0)))
    return implies(and(completed, when ?? True), within(real, place.storage / 8, place.storageEnd / 8))
  })
  const apart = data.map(({ index }) => implies(paged(index), not(within(mapped(index), place.vectors / 8, place.programEnd / 8))))
  const linkable = (): Bool => within(extract(add<number>(GR(operands['rj']!), signExtend(concat(operands['si14']!, constant(2, 0)), 64)), 47, 0), place.storage, place.storageEnd)
  const number = operands['csr']
  const value = operands['rd'] ? GR(operands['rd']) : constant<number>(64, 0)
  const high = instruction.encoding.fixed['high']
  const mask = name.startsWith('CSRXCHG') ? GR(concat(constant(5 - operands['low']!.width, high!), operands['low']!)) : constant<number>(64, -1n & (2n ** 64n - 1n))
  const written = csrs.map((c) => {
    const bits = c.fields.filter((f) => f.readOnly !== true).reduce((b, f) => b | (((1n << BigInt(f.register.width)) - 1n) << BigInt(f.low)), 0n)
    const none = c.fields.every((f) => f.readOnly === true) || ['ESTAT', 'ASID'].includes(c.name)
    if (none) return True
    const some = and<number>(value, mask), top = extract(mask, 63, 31), sign = extract(value, 63, 31), zero = constant<number>(33, 0)
    const reserved = is(and<number>(words.has(c.name) ? extract(some, 31, 0) : some, constant<number>(words.has(c.name) ? 32 : 64, words.has(c.name) ? 0xffffffffn & ~bits : (2n ** 64n - 1n) & ~bits)), 0)
    const extended = words.has(c.name) ? or(eq<number>(top, zero), and(eq<number>(top, not(zero)), or(eq<number>(sign, zero), eq<number>(sign, not(zero))))) : True
    return implies(is(number ?? constant(14, 0), c.number), and(reserved, extended))
  })
  const writes = name === 'CSRWR' || name.startsWith('CSRXCHG')
  const tlb = /^(TLB|INVTLB)/.test(name)
  const numbers = Array.from({ length: entries }, (_, n) => constant<number>(4, n))
  const lowBit = (bank: string, n: Term): Term => extract(at(bank, n), 6, 6)
  const config = name === 'CPUCFG' ? GR(operands['rj']!) : undefined
  const multiple = (t: Term): Bool => is(extract(t, 1, 0), 0)
  return [
    { name: 'the program is at 12014', why: 'one place for all ways of translation', holds: is(of('PC'), programAt / 4) },
    { name: 'branches lead to where no storage is', why: 'the fault at the target gives control back', holds: implies(completed, or(ahead, nowhere)) },
    {
      name: 'jumps are to words', why: 'PC is modelled in words',
      holds: name === 'JIRL' ? multiple(GR(operands['rj']!)) : name === 'ERTN' ? multiple(of('ERA.PC')) : True,
    },
    { name: 'levels 0 and 3', why: 'the emulator knows no others', holds: both((t) => isOneOf(t('CRMD.PLV'), [0, 3])) },
    { name: 'one way of translation', why: 'the others are reserved', holds: both((t) => ne(t('CRMD.DA'), t('CRMD.PG'))) },
    {
      name: 'exceptions lead to the kernel', why: 'they give control back',
      holds: both((t) => and(is(t('EENTRY.VPN'), place.vectors >> 12), is(t('TLBRENTRY.PPN'), place.refill >> 12))),
    },
    { name: 'data are in storage', why: 'the kernel and the program are elsewhere', holds: and(all(inStorage), all(apart)) },
    {
      name: 'pages are of 16 KB', why: 'the emulator has none of less, whatever its PRCFG2 says',
      holds: data.length > 0 ? is(extract(of('page.PPN - VPN'), 1, 0), 0) : True,
    },
    {
      name: 'references are aligned', why: 'the LA464 has unaligned references, the model is of processors without',
      holds: not(any(o.traps.filter((t) => t.cause === 'ALE').map((t) => t.when))),
    },
    { name: 'LL has linked an address that leads to storage without translation', why: 'the kernel links without translation', holds: name === 'SC.W' ? implies(of('LLbit') as Bool, linkable()) : True },
    {
      name: 'MISC is 0', why: 'the emulator does not write it',
      holds: all(csrs.find((c) => c.name === 'MISC')!.fields.map((f) => is(of(f.register.name), 0))),
    },
    { name: 'constants of the processor', why: 'they cannot be written', holds: all([...identity.registers].map(([n, v]) => is(of(n), v))) },
    { name: 'the timer stands still', why: 'time passes', holds: both((t) => is(t('TCFG.En'), 0)) },
    { name: 'no debugging and no machine error', why: 'the emulator has no such states', holds: both((t) => and(is(t('DBG.DST'), 0), is(t('MERRCTL.IsMERR'), 0))) },
    { name: 'FCSR0 has defined bits only', why: 'the others are reserved', holds: both((t) => is(and<number>(t('FCSR0'), constant<number>(32, 0xe0e0fce0)), 0)) },
    ...(number ? [{
      name: 'control and status registers that the emulator has', why: 'it has no performance monitors, MISC and LLBCTL in part, and keeps others that are not modelled; TVAL moves',
      holds: implies(completed, and(not(isOneOf(number, untried)), not(within(number, firstMonitor, pastMonitors)))),
    }] : []),
    ...(writes ? [{ name: 'reserved bits are written as 0', why: 'the emulator keeps them', holds: implies(completed, all(written)) }] : []),
    ...(config ? [{
      name: 'CPUCFG words are the processor\'s', why: 'they are constants',
      holds: and(is(extract(config, 63, 32), 0), eq(at('CPUCFG', extract(config, 31, 0)), identity.CPUCFG.reduceRight<Term>((rest, w, n) => ite<number>(is(config, n), constant(32, w), rest), constant(32, 0)))),
    }] : []),
    ...(/^IOCSR/.test(name) ? [{ name: 'it traps', why: 'the emulated processor has registers of devices there', holds: o.trapped }] : []),
    ...(name === 'IDLE' ? [{ name: 'it traps', why: 'the emulator stops until an interrupt', holds: o.trapped }] : []),
    ...(tlb ? [
      { name: 'the TLB is not in use', why: 'otherwise the kernel has its own entries there', holds: implies(completed, of('CRMD.DA') as Bool) },
      {
        name: 'entries have pages of 4 KB and G in both halves', why: 'the model compares whole page numbers; G of an entry is that of both halves',
        holds: implies(completed, and(
          name === 'TLBSRCH' || name.startsWith('INVTLB') ? all(numbers.map((n) => is(at('TLB.PS', n), 12))) : True,
          name === 'TLBRD' ? all(numbers.map((n) => implies(eq(of('TLBIDX.Index'), n), and(eq(lowBit('TLB.LO0', n), at('TLB.G', n)), eq(lowBit('TLB.LO1', n), at('TLB.G', n)))))) : True,
        )),
      },
    ] : []),
  ]
}

const deviations: readonly Deviation[] = []

const drawing = (identity: Identity): Bench['draw'] => {
  const wide = (random: Random): bigint => (BigInt(random.word() >>> 0) << 32n) | BigInt(random.word() >>> 0)
  const bases = [0n, 0n, 0n, 0n, 0x9000000000000000n, 0x1000000000000000n, 0xf000000000000000n]
  const pointer = (random: Random): bigint =>
    random.of(bases) + (random.chance(8) ? BigInt(random.word() & 0xffff) << 44n : 0n) + BigInt((random.between(place.storage, place.storageEnd - 1) & (random.chance(85) ? ~7 : ~0)) | (random.chance(20) ? 4 : 0))
  const number = (random: Random): bigint => random.of([
    ...Array.from({ length: 9 }, () => () => pointer(random)), () => wide(random), () => BigInt(random.between(-64, 64)), () => wide(random) & ~3n,
    () => random.of([0n, 1n, -1n, 1n << 31n, 1n << 63n, 0x7fffffffn]), () => BigInt(random.below(32)), () => BigInt(random.below(1 << 16)),
  ])()
  const target = (random: Random): bigint => wide(random) & ~3n
  const rare = /^(TLBRERA\.IsTLBR|CRMD\.IE)$/, likely = /^(page\.V|page\.D|EUEN\.FPE)$/
  return {
    register: ({ name, width }, random) => BigInt.asUintN(width, identity.registers.get(name)
      ?? (name === 'PC' ? BigInt(programAt / 4) : name === 'CRMD.PLV' ? BigInt(random.of([0, 3])) : name === 'EENTRY.VPN' ? BigInt(place.vectors >> 12)
        : name === 'TLBRENTRY.PPN' ? BigInt(place.refill >> 12) : name.startsWith('MISC.') || name === 'TCFG.En' || name === 'DBG.DST' || name === 'MERRCTL.IsMERR' ? 0n
        : /PPLV$/.test(name) ? BigInt(random.of([0, 3])) : name === 'page.PLV' ? BigInt(random.of([0, 1, 2, 3, 3, 3])) : name === 'page.NR' || name === 'page.RPLV' ? BigInt(random.chance(15))
        : rare.test(name) ? BigInt(random.chance(15)) : likely.test(name) ? BigInt(random.chance(85)) : name === 'FCSR0' ? wide(random) & 0x1f1f031fn
        : name === 'page.PPN - VPN' ? random.of([() => 0n, () => BigInt(4 * random.between(-0x200, 0x200)), () => 0x2000n, () => wide(random) & ~3n])()
        : name === 'ERA.PC' ? target(random) : /VSEG$/.test(name) ? random.of([0n, 0n, 9n, 1n, 15n, wide(random)]) : /VPPN$/.test(name) && random.chance(70) ? BigInt(random.below(4))
        : name === 'ASID.ASID' ? BigInt(random.below(3)) : /^TLBIDX\.PS$|^TLBREHI\.PS$/.test(name) && random.chance(80) ? 12n : name === 'TLBRBADV.VAddr' ? random.of([0n, pointer(random), wide(random)])
        : wide(random))),
    cell: (bank, index, width, random) => BigInt.asUintN(width, bank === 'GR' ? number(random) : bank === 'TLB.PS' ? 12n : bank === 'TLB.VPPN' ? BigInt(random.below(5))
      : bank === 'TLB.ASID' ? BigInt(random.below(3)) : bank === 'CPUCFG' ? identity.CPUCFG[Number(index)] ?? 0n : wide(random)),
  }
}

export const loongarch: BenchMaker = async (isa): Promise<Bench> => {
  const kernel = { image, at: 0x12000, ...symbols, records: place.records, recordSize: 8 * recordSize, capacity: 256, word: 8, bigEndian: false } as const
  const branch = (from: number, to: number): Uint8Array => bytesOf(0x50000000 | ((((to - from) / 4) & 0xffff) << 10) | ((((to - from) / 4) >> 16) & 0x3ff), 4, false)
  const loop = new RecordLoop(kernel, {
    start: () => startQemu(program, ['-M', 'none', '-cpu', 'la464', '-m', '64M']),
    // Wherever ECFG.VS lets an exception enter.
    prepare: async ({ stub }) => {
      const vectors = Array.from({ length: 0x2000 / 4 }, (_, n) => [...branch(place.vectors + 4 * n, symbols.exception)])
      await stub.write(place.vectors, Uint8Array.from(vectors.flat()))
      await stub.write(place.refill, branch(place.refill, symbols.refill))
      await stub.write(place.resumed, branch(place.resumed, symbols.resumed))
    },
    // The register after r0 to r31 and the argument of a system call.
    enter: ({ stub }) => stub.setRegister(33, bytesOf(symbols.start, 8, false)),
  })
  const { stub, version } = await loop.warm()
  const bytes = await stub.read(symbols.constants, 8 * 24), view = new DataView(bytes.buffer, bytes.byteOffset)
  const constants = Array.from({ length: 24 }, (_, n) => view.getBigUint64(8 * n, true))
  const fields = (name: string, value: bigint) => csrs.find((c) => c.name === name)!.fields.map((f) => [f.register.name, BigInt.asUintN(f.register.width, value >> BigInt(f.low))] as const)
  const identity: Identity = {
    CPUCFG: constants.slice(0, 21).map((w) => BigInt.asUintN(32, w)),
    registers: new Map([
      ...['PRCFG1', 'PRCFG2', 'PRCFG3'].flatMap((name, n) => fields(name, constants[21 + n]!)), ...fields('BADI', saved.BADI), ...fields('CPUID', 0n),
      ['ESTAT.Ecode', saved.Ecode], ['ESTAT.EsubCode', 0n], ['ESTAT.IS12-2', 0n],
    ]),
  }
  return {
    emulator: `QEMU ${version}, ${program.program} -cpu la464`,
    excluded: new Map(),
    limits: limitsOf(isa, identity),
    deviations,
    draw: drawing(identity),
    run: async (trials) => (await loop.run(trials.map(recordOf))).map((r, i) => answerOf(trials[i]!, r)),
    end: () => loop.end(),
  }
}
