// QEMU's LoongArch system emulator as a bench for LA64: which states can be laid down, and how.
import type { Instruction } from '../../../model/ir/instruction.ts'
import { cell, get, type Bank, type Register } from '../../../model/ir/state.ts'
import { add, all, and, any, concat, constant, eq, extract, implies, ite, ne, not, or, signExtend, sub, True, ult, variable, type Bool, type Term } from '../../../model/ir/term.ts'
import type { Outcome } from '../../../model/machine/execute.ts'
import type { Conjunct, Isa } from '../../../model/machine/isa.ts'
import { declareState, entries } from '../../../model/isa/loongarch/state.ts'
import { accesses, type Bench, type BenchMaker } from '../bench.ts'
import type { Deviation } from '../deviations.ts'
import { startQemu } from '../qemu.ts'
import { bytesOf, RecordLoop } from '../record-loop.ts'
import { drawing, type Identity } from './draw.ts'
import { image, symbols } from './kernel.ts'
import { answerOf, extended, place, programAt, recordOf, recordSize, saved } from './record.ts'

const program = { program: 'qemu-system-loongarch64', package: 'qemu-system-misc' }
const { csrs } = declareState('la64')

/** Registers that the kernel uses, that move, or that the emulator has otherwise. */
const untried = [
  'MISC', 'TVAL', 'LLBCTL',
  // STLBPS, RVACFG, SAVE4 to SAVE15, IMPCTL1 and 2, MERRINFO1 and 2.
  0x1e, 0x1f, ...Array.from({ length: 12 }, (_, n) => 0x34 + n), 0x80, 0x81, 0x91, 0x92,
].map((x) => (typeof x === 'number' ? x : csrs.find((c) => c.name === x)!.number))
const firstMonitor = 0x200, pastMonitors = 0x240

/** Registers of which the emulator lets nothing else be written than the manual does. */
const guarded: ReadonlySet<string> = new Set(['ESTAT', 'ASID', 'BADI', 'CPUID', 'TVAL', 'PRCFG1', 'PRCFG2', 'PRCFG3'])

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
    if (guarded.has(c.name)) return True
    const width = extended.get(c.name) ?? 64, some = extract(and<number>(value, mask), width - 1, 0)
    const reserved = is(and<number>(some, constant<number>(width, ((1n << BigInt(width)) - 1n) & ~bits)), 0)
    // All bits of the sign or none.
    const [top, sign] = [extract(mask, 63, width - 1), extract(value, 63, width - 1)], zero = constant<number>(top.width, 0)
    const signed = or(eq<number>(top, zero), and(eq<number>(top, not(zero)), or(eq<number>(sign, zero), eq<number>(sign, not(zero)))))
    return implies(is(number ?? constant(14, 0), c.number), and(reserved, width === 64 ? True : signed))
  })
  const writes = name === 'CSRWR' || name.startsWith('CSRXCHG')
  const tlb = /^(TLB|INVTLB)/.test(name)
  const numbers = Array.from({ length: entries }, (_, n) => n)
  const entry = (bank: string, n: number): Term => at(`TLB.${bank}`, constant<number>(4, n))
  const sought = ite<number>(of('TLBRERA.IsTLBR') as Bool, of('TLBREHI.VPPN'), of('TLBEHI.VPPN'))
  const met = (n: number): Bool => all([
    extract<1>(of('TLB.E'), n, n), eq(entry('VPPN', n), sought), or(entry('G', n) as Bool, eq(entry('ASID', n), of('ASID.ASID'))),
  ])
  const config = name === 'CPUCFG' ? GR(operands['rj']!) : undefined
  const multiple = (t: Term): Bool => is(extract(t, 1, 0), 0)
  return [
    { name: 'the program is at 16014', why: 'one place for all ways of translation', holds: is(of('PC'), programAt / 4) },
    { name: 'branches lead to where no storage is', why: 'the fault at the target gives control back', holds: implies(name === 'BCEQZ' ? True : completed, or(ahead, nowhere)) },
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
      name: 'addresses in windows have zeros below their segment', why: 'the emulator compares bits 63 to 48 with a window, not 63 to 60: ',
      holds: all(data.map(({ index }) => or(or(of('CRMD.DA') as Bool, paged(index)), is(extract(index, 56, 45), 0)))),
    },
    {
      name: 'references are aligned', why: 'the LA464 has unaligned references, the model is of processors without',
      holds: not(any(o.traps.filter((t) => t.cause === 'ALE').map((t) => t.when))),
    },
    { name: 'LL has linked an address that leads to storage without translation', why: 'the kernel links without translation', holds: name === 'SC.W' ? implies(of('LLbit') as Bool, linkable()) : True },
    {
      name: 'what the manual defines', why: 'AMSWAP.D into the register that it stores is not',
      holds: name === 'AMSWAP.D' ? or(is(operands['rd']!, 0), ne(operands['rd']!, operands['rk']!)) : True,
    },
    {
      name: 'what MISC decides is as with 0', why: 'the emulator does not write it',
      holds: all(['VA32L3', 'RPCNTL3', 'DWPL0', ...(name.startsWith('RDTIME') ? ['DRDTL3'] : [])].map((field) => is(of(`MISC.${field}`), 0))),
    },
    {
      name: 'stores of a part of a doubleword are not to pages with NR', why: 'the model reads the doubleword',
      holds: /^(ST\.[BW]|SC\.W)$/.test(name) ? is(of('page.NR'), 0) : True,
    },
    ...(/^LD(DIR|PTE)$/.test(name) ? [{
      name: 'page tables have entries of 8 bytes with addresses of 48 bits, and begin at pages', why: 'the emulator has 8, 64, 512 and 4096 bytes, joins addresses by OR and cuts what it reads',
      holds: implies(completed, all([
        is(of('PWCL.PTEWidth'), 0), ...['PWCL.PTwidth', 'PWCL.Dir1_width', 'PWCL.Dir2_width', 'PWCH.Dir3_width', 'PWCH.Dir4_width'].map((w) => within(of(w), 0, 10)),
        is(extract(GR(operands['rj']!), 11, 0), 0), ...(name === 'LDDIR' ? data.map(({ index }) => is(extract(at('E', index), 63, 48), 0)) : []),
      ])),
    }] : []),
    { name: 'constants of the processor', why: 'they cannot be written', holds: all([...identity.registers].map(([n, v]) => is(of(n), v))) },
    { name: 'the timer stands still', why: 'time passes', holds: both((t) => is(t('TCFG.En'), 0)) },
    {
      name: 'no interrupt is pending and enabled', why: 'interrupts are not modelled',
      holds: both((t) => or(is(t('CRMD.IE'), 0), is(and<number>(t('ESTAT.IS1-0'), extract(t('ECFG.LIE'), 1, 0)), 0))),
    },
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
    ...(name.startsWith('IOCSR') ? [{ name: 'it traps', why: 'the emulated processor has registers of devices there', holds: o.trapped }] : []),
    ...(name === 'IDLE' ? [{ name: 'it traps', why: 'the emulator stops until an interrupt', holds: o.trapped }] : []),
    ...(tlb ? [
      { name: 'the TLB is not in use', why: 'otherwise the kernel has its own entries there', holds: implies(completed, of('CRMD.DA') as Bool) },
      {
        name: 'entries have pages of 4 KB', why: 'the model compares whole page numbers',
        holds: name === 'TLBSRCH' || name.startsWith('INVTLB') ? implies(completed, all(numbers.map((n) => is(entry('PS', n), 12)))) : True,
      },
      {
        name: 'at most one entry is found', why: 'otherwise the manual does not say which',
        holds: name === 'TLBSRCH' ? implies(completed, all(numbers.flatMap((n, i) => numbers.slice(i + 1).map((m) => not(and(met(n), met(m))))))) : True,
      },
    ] : []),
  ]
}

const exchanges = ['r16-r31', 'r8-r15', 'r4-r7', 'r2-r3'].map((r) => `CSRXCHG ${r}`)
const seen = (instructions: readonly string[], difference: RegExp, does: string, place: string): Deviation =>
  ({ emulator: 'QEMU 7.2', isas: ['loongarch'], instructions, difference, does, manual: `LoongArch Reference Manual, volume 1, ${place}` })
const deviations: readonly Deviation[] = [
  seen(['ASRTLE.D'], /BCE|the emulator traps \((exception 10|an exception among refills)\)/, 'compares without signs', '2.2.10.3: the two registers are compared as signed numbers'),
  seen(['BCEQZ'], /^the specification traps \(FPD\); the emulator completes/, 'branches on a condition flag whatever EUEN.FPE is', '7.4.3: with EUEN.FPE = 0 every instruction of the base floating-point set raises FPD'),
  seen(['ERTN'], /^CRMD\.WE becomes/, 'leaves CRMD.WE as it is', '4.2.6.1: PLV, IE and WE come back from PPLV, PIE and PWE'),
  seen(['ERTN'], /^LLBCTL\.KLO becomes/, 'leaves LLBCTL.KLO as it is', '7.4.17: each 1 written to KLO counts for one ERTN, which clears it'),
  seen(['TLBRD'], /^ASID\.ASID becomes/, 'leaves the ASID of an entry unread, and makes CSR.ASID 0 where there is no entry', '7.5.4: TLBRD records the entry\'s ASID in ASID; 4.2.4.2: where there is none it clears TLBEHI, TLBELO0, TLBELO1 and PS'),
  seen(['TLBWR'], /^TLB\.E becomes/, 'makes no entry where NE is 1 during a refill', '7.5.1: with TLBRERA.IsTLBR = 1 the entry that is written exists, whatever NE is'),
  seen(['LDPTE'], /^TLBRELO[01]\.RPLV-NR becomes/, 'drops NR, NX and RPLV of the page table\'s entry', '4.2.5.2: the entry is written to TLBRELO0 or 1; 7.5.3: whose bits 61 to 63 are NR, NX and RPLV'),
  seen(['CACOP Hit Invalidate'], /traps \(address translation\); the emulator completes/, 'does nothing', '4.2.3.1: the address is translated as a load\'s, with the exceptions of that'),
  seen(['CSRWR', ...exchanges], /^the specification completes; the emulator traps \((exception 13|an exception among refills)\)/, 'refuses writes to registers that are read-only as a whole: BADI, PGD, CPUID, PRCFG1 to 3',
    '7.2.1: a write to a read-only field has no effect'),
]

export const loongarch: BenchMaker = async (isa): Promise<Bench> => {
  const kernel = { image, at: 0x12000, ...symbols, records: place.records, recordSize: 8 * recordSize, capacity: 256, word: 8, bigEndian: false } as const
  const branch = (from: number, to: number): Uint8Array => bytesOf(0x50000000 | ((((to - from) / 4) & 0xffff) << 10) | ((((to - from) / 4) >> 16) & 0x3ff), 4, false)
  const loop = new RecordLoop(kernel, {
    start: () => startQemu(program, ['-M', 'none', '-cpu', 'la464'], { base: 0, size: 64 << 20 }),
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
