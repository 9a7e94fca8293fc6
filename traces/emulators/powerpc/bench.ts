// QEMU's PowerPC system emulator as a bench for the 603e and the 750: which states can be laid down, and how.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Instruction } from '../../../model/ir/instruction.ts'
import type { Bank, Register } from '../../../model/ir/state.ts'
import { all, and, any, constant, eq, extract, implies, ite, not, or, postorder, select, True, ult, variable, zeroExtend, type Bool, type Term } from '../../../model/ir/term.ts'
import { termsOf, type Outcome } from '../../../model/machine/execute.ts'
import type { Conjunct, Isa } from '../../../model/machine/isa.ts'
import { displaced, indexed } from '../../../model/isa/powerpc/notation.ts'
import { declareState, relocation, type Options, type State } from '../../../model/isa/powerpc/state.ts'
import { accesses, type Bench, type BenchMaker } from '../bench.ts'
import type { Random } from '../../generate-random.ts'
import type { Deviation } from '../deviations.ts'
import { startQemu } from '../qemu.ts'
import { bytesOf, RecordLoop } from '../record-loop.ts'
import { image, symbols } from './kernel.ts'
import { answerOf, identity, missed, place, recordOf, recordWords } from './record.ts'

const processors = { '603e': { cpu: '603e', PVR: 0x60401, version: 603 }, 750: { cpu: '750', PVR: 0x80301, version: 750 } } as const
const program = { program: 'qemu-system-ppc', package: 'qemu-system-ppc' }
const optionsOf = (isa: Isa): Options => ({ processor: isa.name === 'powerpc/750' ? '750' : '603e', undefinedSpr: isa.name === 'powerpc/open' ? 'open' : 'illegal' })

/** What stands at the vectors of MSR[IP] = 1: branches to those at 0, in either byte order. */
const highVectors = (): Uint8Array => {
  const words = new DataView(new ArrayBuffer(0x2000))
  for (let at = 0; at < 0x2000; at += 0x100) {
    words.setUint32(at, 0x4800000c)
    words.setUint32(at + 4, 0x48000002 | at, true)
    words.setUint32(at + 12, 0x48000002 | at)
  }
  return new Uint8Array(words.buffer)
}

const excludedOf = (isa: Isa, { undefinedSpr }: Options): ReadonlyMap<string, string> => new Map(isa.instructions.flatMap((i) => {
  const reason = missed.some((name) => i.name === `mfspr ${name}`) ? 'only a TLB miss writes the register'
    : undefinedSpr === 'illegal' && i.name.endsWith('undefined, spr[0] = 0') ? 'the emulator does another of the things that the manual allows; powerpc/open has them all' : undefined
  return reason === undefined ? [] : [[i.name, reason] as const]
}))

/** Valid lengths of a block: ones from the right. */
const lengths = Array.from({ length: 12 }, (_, n) => (1 << n) - 1)

const limitsOf = (isa: Isa, s: State, HID1: bigint) => (i: Instruction, o: Outcome): readonly Conjunct[] => {
  const { processor } = s
  const component = (name: string) => isa.components.find((c) => c.name === name)!
  const of = (name: string): Term => variable(name, (component(name) as Register).width)
  const bit = (name: string): Bool => of(name) as Bool
  const after = (name: string): Term => o.registers.get(name) ?? of(name)
  const completed = not(o.trapped)
  const both = (f: (t: (name: string) => Term) => Bool): Bool => and(f(of), implies(completed, f(after)))
  const number = (t: Term, n: number | bigint): Term => constant<number>(t.width, n)
  const is = (t: Term, n: number | bigint): Bool => eq(t, number(t, n))
  const masked = (t: Term, mask: number | bigint): Bool => eq(and<number>(t, number(t, mask)), number(t, 0))
  const within = (t: Term, from: number, to: number): Bool => and(not(ult<number>(t, number(t, from))), ult<number>(t, number(t, to)))
  const uses = new Set(postorder(termsOf(o)).flatMap((t) => (t.kind === 'var' ? [t.name] : [])))
  const DSI = any(o.traps.filter((t) => t.cause === 'DSI').map((t) => t.when))
  // External control refers to storage in the emulator, whatever EAR says.
  const external = accesses(o, 'external device').map(() => relocation(s).develop(extract<30>(indexed(s, i.operands), 31, 2), i.name === 'eciwx' ? 'read' : 'write'))
  const inStorage = (index: Term): Bool => within(index, place.storage / 4, place.storageEnd / 4)
  const data = [
    ...accesses(o, 'E').map(({ index, when }) => implies(when ?? True, or(DSI, inStorage(index)))), ...external.map(({ fault, real }) => or(fault, inStorage(real))),
  ]
  const next = after('CIA')
  const empty = any([
    is(next, place.code / 4 + 1), within(next, place.low / 4, place.code / 4 - 6), within(next, place.code / 4 + 4, place.records / 4),
    within(next, place.empty / 4, place.devices / 4), within(next, 0xfff10000 / 4, 0xfffffffc / 4),
  ])
  const mayMiss = o.traps.some((t) => t.cause === 'DSI')
  const page = extract<20>('d' in i.operands ? displaced(s, i.operands) : mayMiss ? indexed(s, i.operands) : constant(32, 0), 31, 12)
  const reads = (bank: string): readonly { readonly index: Term; readonly value: Term }[] =>
    postorder(termsOf(o)).flatMap((t) => (t.kind === 'select' && t.memory.name === bank ? [{ index: t.address, value: t as Term }] : []))
  const isUpper = (index: Term): Bool => not(extract<1>(index, 0, 0))
  const fetchedBy = (index: Term, value: Term): Bool => ite<1>(is(index, 0), is(value, identity.upper),
    ite<1>(is(index, 1), is(value, identity.lower), implies(isUpper(index), masked(value, 3))))
  const fits = (BL: Term, page: Term): Bool => is(and<number>(zeroExtend(BL, 15), page), 0)
  /** A BAT as a word: no reserved bits, and the block at a multiple of its length. */
  const proper = (index: Term, value: Term): Bool =>
    ite<1>(isUpper(index), and(masked(value, 0x1e000), fits(extract(value, 12, 2), extract(value, 31, 17))), masked(value, 0x1ff84))
  const blocks = ['IBAT', 'DBAT'].flatMap((bank) => [
    ...reads(bank).map(({ index, value }) => proper(index, value)), ...(o.banks.get(bank) ?? []).map((w) => implies(w.when, proper(w.index, w.value))),
  ])
  const fetched = [
    ...reads('IBAT').map(({ index, value }) => implies(bit('MSR[IR]'), fetchedBy(index, value))),
    ...(o.banks.get('IBAT') ?? []).map((w) => implies(and(w.when, after('MSR[IR]') as Bool), fetchedBy(w.index, w.value))),
  ]
  const FPSCR = (t: Term): Bool => {
    const at = (n: number): Bool => extract<1>(t, n, n), invalid = not(masked(t, 0x1f80700))
    const enabled = [[29, 7], [28, 6], [27, 5], [26, 4], [25, 3]].map(([e, by]) => and(at(e!), at(by!)))
    return all([eq(at(29), invalid), not(at(30)), not(at(11)), not(any(enabled))])
  }
  const asleep = (t: (name: string) => Term): Bool => and(t('MSR[POW]') as Bool, not(masked(t('HID0'), 0xe00000)))
  const msrFrom = i.name === 'mtmsr' ? select((component('GPR') as Bank<5, 32>), i.operands['D'] as Term<5>) : i.name === 'rfi' ? of('SRR1') : undefined
  return [
    { name: 'the program is at 80000 and branches to where there is nothing', why: 'words of 0 give control back', holds: and(is(of('CIA'), place.code / 4), implies(completed, empty)) },
    { name: 'data are in storage, in big-endian mode', why: 'the kernel is elsewhere; in little-endian mode the emulator exchanges bytes instead of changing addresses',
      holds: data.length === 0 ? True : and(is(of('MSR[LE]'), 0), all(data)) },
    ...(mayMiss ? [{ name: 'data are not where instructions are fetched', why: 'what was fetched through an IBAT is in the emulator\'s one TLB, for data too',
      holds: implies(and(bit('MSR[IR]'), bit('MSR[DR]')), not(within(page, (place.code >> 12) - 1, (place.code >> 12) + 1))) }] : []),
    { name: 'trace interrupts are off', why: 'the way in would be traced', holds: and(not(bit('MSR[SE]')), not(bit('MSR[BE]'))) },
    { name: 'in supervisor state r0 is in SPRG3', why: 'the way in ends so', holds: all(reads('SPRG').map(({ index, value }) =>
      implies(and(not(bit('MSR[PR]')), is(index, 3)), eq(value, select((component('GPR') as Bank<5, 32>), constant(5, 0)))))) },
    { name: 'instructions are fetched through IBAT0', why: 'the kernel goes on from there', holds: all(fetched) },
    { name: 'blocks are as the manual defines them', why: 'other lengths, other page numbers and reserved bits are undefined', holds: all([
      ...blocks, both((t) => and(fits(t('DBAT0U[BL]'), t('DBAT0U[BEPI]')), fits(t('DBAT0U[BL]'), t('DBAT0L[BRPN]')))), any(lengths.map((n) => is(of('DBAT0U[BL]'), n))),
    ]) },
    { name: 'PVR and HID1 are the processor\'s', why: 'they are read only', holds: and(is(of('PVR'), processors[processor].PVR), is(of('HID1'), HID1)) },
    { name: 'the processor does not sleep', why: 'the emulator stops until an interrupt', holds: both((t) => not(asleep(t))) },
    { name: 'the decrementer is far from 0', why: 'it would interrupt', holds: within(of('DEC'), 0x10000, 0x7fffffff) },
    { name: 'FPSCR is one that can be, with no enabled exception', why: 'summary bits are not stored, and an enabled exception interrupts', holds: FPSCR(of('FPSCR')) },
    { name: 'MSR[POW] and MSR[ILE] stay', why: 'no interrupt saves them', holds: implies(completed, and(eq(after('MSR[POW]'), of('MSR[POW]')), eq(after('MSR[ILE]'), of('MSR[ILE]')))) },
    ...(processor === '603e' && msrFrom ? [{ name: 'MSR[TGPR] is 0', why: 'the model leaves it out', holds: masked(msrFrom, 0x20000) }] : []),
    ...(uses.has('RESERVE') ? [{ name: 'a reservation is of untranslated storage', why: 'the kernel makes it, and the emulator keeps its effective address',
      holds: implies(bit('RESERVE'), and(not(bit('MSR[DR]')), within(of('reserved word'), place.storage / 4, place.storageEnd / 4))) }] : []),
    ...(external.length > 0 ? [{ name: 'no device is selected', why: 'the emulator has none', holds: is(of('EAR[E]'), 0) }] : []),
    ...(processor === '750' ? [{ name: 'L2CR and SIA are 0', why: 'the emulator has no second cache, and counts no events', holds: and(is(of('L2CR'), 0), is(of('SIA'), 0)) }, {
      name: 'the thermal units are off', why: 'they set bits of their registers',
      holds: both((t) => and(masked(t('THRM1'), 0xc0000001), masked(t('THRM2'), 0xc0000001))) }] : []),
    ...(processor === '750' ? [{ name: 'the page table is where there is nothing', why: 'only DBAT0 translates', holds: implies(or(bit('MSR[DR]'), bit('MSR[IR]')), within(of('SDR1[HTABORG]'), 0x1000, 0x7000)) }] : []),
  ]
}


const user603e = 'MPC603e & EC603e RISC Microprocessors User\'s Manual'
const family = ['powerpc', 'powerpc/open', 'powerpc/750']
const deviations: readonly Deviation[] = [{
  emulator: 'QEMU 7.2', isas: family, instructions: ['mtmsr'], difference: /^MSR\[(ME|LE)\] becomes/,
  does: 'leaves MSR[ME] and MSR[LE] as they are, as mtmsr of the 64-bit Power ISA does',
  manual: 'Programming Environments Manual for 32-Bit Implementations, 8.2, mtmsr: the whole of rS is placed into the MSR',
}, {
  emulator: 'QEMU 7.2', isas: family, instructions: ['lfd', 'stfd', 'stwcx.'], difference: /^the specification traps \(alignment\)/,
  does: 'does the reference at any address',
  manual: `${user603e}, 4.5.6.2: a floating-point load or store or a stwcx. whose operand is not word-aligned is an alignment exception; by Table 4-2 before any data access exception`,
}, {
  emulator: 'QEMU 7.2', isas: ['powerpc/750'], instructions: ['mtspr L2CR'], difference: /^L2CR becomes/,
  does: 'nothing: L2CR is always 0',
  manual: 'IBM PowerPC 750GX and 750GL RISC Microprocessor User\'s Manual, 2.1.5 (L2CR): it is accessed by mtspr and mfspr, as on the 750',
}, {
  emulator: 'QEMU 7.2', isas: family, instructions: ['dcbz'], difference: /^the specification traps \(alignment\); the emulator completes/,
  does: 'clears storage that is not cached',
  manual: `${user603e}, 4.5.6.2: dcbz of a block that is write-through or caching-inhibited is an alignment exception`,
}, {
  emulator: 'QEMU 7.2', isas: family, instructions: ['eciwx', 'ecowx'], difference: /^the specification traps \(DSI\); the emulator completes/,
  does: 'loads or stores a word of storage whatever EAR says',
  manual: `${user603e}, Table 4-2: eciwx and ecowx with EAR[E] = 0 are a data access exception`,
}]

const drawing = (processor: Options['processor'], HID1: bigint): Bench['draw'] => {
  const middle = place.storage + 0x8000
  const offset = (random: Random): number => random.of([() => random.below(0x10000), () => random.below(0x10000) & ~3, () => random.below(0x10000) & ~7, () => 0x8000, () => 0x8000, () => 0x8000 + 4 * random.between(-64, 64)])()
  const pointer = (random: Random): number => random.of([place.storage, place.storage, 0x40000000, 0x40000000 + place.storage]) + offset(random)
  const target = (random: Random): number => random.of([() => random.between(place.empty, place.devices - 1), () => random.between(place.empty, 0x10000000), () => place.code + 4])()
  const number = (random: Random): number => random.of([
    () => random.word(), () => pointer(random), () => pointer(random), () => pointer(random), () => random.between(-40000, 40000), () => random.between(-4, 8), () => target(random),
    () => random.of([0, 1, -1, 0x7fffffff, -0x80000000, 0x80000, middle]), () => random.word() & 0xff73 & ~0x600,
  ])()
  const fixed: Readonly<Record<string, number | bigint>> = {
    CIA: place.code / 4, 'MSR[SE]': 0, 'MSR[BE]': 0, PVR: processors[processor].PVR, HID1, DMISS: 0, DCMP: 0, HASH1: 0, HASH2: 0, IMISS: 0, ICMP: 0, L2CR: 0, SIA: 0,
  }
  const shaped: Readonly<Record<string, (random: Random) => number>> = {
    LR: (random) => (random.chance(70) ? target(random) : number(random)), CTR: (random) => (random.chance(50) ? target(random) : number(random)),
    SRR0: target, DEC: (random) => random.between(0x10000, 0x7ffffffe), 'MSR[LE]': (random) => (random.chance(20) ? 1 : 0), 'MSR[FP]': (random) => (random.chance(70) ? 1 : 0),
    HID0: (random) => (random.chance(50) ? random.word() & ~0xe00000 : random.word()),
    'DBAT0U[BEPI]': (random) => random.of([0x2000, 0x2000, 0x10, 0]), 'DBAT0L[BRPN]': (random) => random.of([0x10, 0x10, 0]), 'DBAT0U[BL]': (random) => random.of(lengths),
    'DBAT0U[Vs]': (random) => (random.chance(75) ? 1 : 0), 'DBAT0U[Vp]': (random) => (random.chance(75) ? 1 : 0), 'DBAT0L[PP]': (random) => random.of([0, 1, 2, 2, 2, 3]),
    'DBAT0L[WIMG]': (random) => random.of([0, 2, random.below(16)]),
    FPSCR: (random) => { const w = random.word() & 0xbe07f0f7 & ~0x3e000000; return random.chance(50) ? w : w & ~0xf8 | 0x1e000000 & random.word() },
    THRM1: (random) => random.word() & 0x3ffffffe, THRM2: (random) => random.word() & 0x3ffffffe,
    'SDR1[HTABORG]': (random) => random.between(0x1000, 0x6fff), 'reserved word': (random) => (place.storage + offset(random)) >> 2,
    RESERVE: (random) => (random.chance(50) ? 1 : 0),
  }
  /** With no reserved bits. */
  const block = (index: bigint, random: Random): number =>
    ((index & 1n) === 0n ? (random.word() << 17) | random.of(lengths.slice(0, 6)) << 2 | random.of([0, 0, 0, random.below(4)]) : random.word() & ~0x1ff84) & (random.chance(70) ? ~0x7e0000 : -1)
  return {
    register: ({ name, width }, random) => BigInt.asUintN(width, BigInt(fixed[name] ?? shaped[name]?.(random) ?? (width === 32 ? number(random) : random.word()))),
    cell: (bank, index, width, random) => {
      if (width > 32) return BigInt.asUintN(width, (BigInt(random.word()) << 32n) ^ BigInt(number(random)))
      if (bank === 'IBAT' && index < 2n && random.chance(80)) return BigInt(index === 0n ? identity.upper : identity.lower)
      return BigInt.asUintN(width, BigInt(bank === 'IBAT' || bank === 'DBAT' ? block(index, random) : number(random)))
    },
  }
}

export const powerpc: BenchMaker = async (isa): Promise<Bench> => {
  const options = optionsOf(isa), s = declareState(options), { cpu, version } = processors[options.processor]
  const folder = mkdtempSync(join(tmpdir(), 'popek-powerpc-')), vectors = join(folder, 'vectors')
  writeFileSync(vectors, highVectors())
  const end = (): void => {
    loop.end()
    rmSync(folder, { recursive: true, force: true })
  }
  const kernel = { image, at: 0, ...symbols, records: place.records, recordSize: 4 * recordWords, capacity: 256, word: 4, bigEndian: true } as const
  const loop = new RecordLoop(kernel, {
    // By counted instructions the clocks are exact.
    start: () => startQemu(program, ['-M', 'g3beige', '-cpu', cpu, '-bios', '/dev/null', '-icount', 'shift=0',
      '-device', `loader,file=${vectors},addr=0xfff00000,force-raw=on`], { base: 0, size: 16 << 20 }),
    prepare: async ({ stub }) => { await stub.write(symbols.version, bytesOf(version, 4, true)) },
    enter: async ({ stub }) => {
      await stub.setRegister(65, bytesOf(0x2000, 4, true))
      await stub.setRegister(64, bytesOf(symbols.start, 4, true))
    },
  })
  try {
    const { version: qemu } = await loop.warm()
    const HID1 = 0n
    return {
      emulator: `QEMU ${qemu}, ${program.program} -cpu ${cpu}`,
      excluded: excludedOf(isa, options),
      limits: limitsOf(isa, s, HID1),
      deviations,
      draw: drawing(options.processor, HID1),
      run: async (trials) => (await loop.run(trials.map((t) => recordOf(t, s)))).map((r, n) => answerOf(trials[n]!, r, s)),
      end,
    }
  } catch (error) {
    end()
    throw error
  }
}
