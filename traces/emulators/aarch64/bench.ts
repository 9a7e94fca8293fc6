// QEMU's AArch64 system emulator as a bench for ARMv8.0 with EL0 and EL1: which states can be laid down, and how.
import type { Instruction } from '../../../model/ir/instruction.ts'
import type { Bank, Register } from '../../../model/ir/state.ts'
import { all, and, any, constant, eq, extract, False, implies, ite, ne, not, or, select, True, ult, variable, type Bool, type Term } from '../../../model/ir/term.ts'
import type { Outcome } from '../../../model/machine/execute.ts'
import type { Conjunct, Isa } from '../../../model/machine/isa.ts'
import { accesses, type Bench, type BenchMaker } from '../bench.ts'
import type { Random } from '../../generate-random.ts'
import type { Deviation } from '../deviations.ts'
import { startQemu } from '../qemu.ts'
import { bytesOf, RecordLoop } from '../record-loop.ts'
import { bits, numbers, pointers, walks } from './drawing.ts'
import { image, symbols } from './kernel.ts'
import { answerOf, moved, pages, place, recordOf, recordSize, vectors } from './record.ts'

const program = { program: 'qemu-system-aarch64', package: 'qemu-system-arm' }
/** No board, so that no firmware interface answers HVC; no levels above EL1. */
const options = ['-M', 'none', '-cpu', 'cortex-a57,has_el2=off,has_el3=off', '-m', '16M']

/** Constants of the processor, in the order in which the kernel reads them; PMCR_EL0 but for its low bits. */
const identityRegisters = [
  'MIDR_EL1', 'MPIDR_EL1', 'REVIDR_EL1', 'CCSIDR_EL1', 'CLIDR_EL1', 'AIDR_EL1', 'CTR_EL0', 'ID_PFR0_EL1', 'ID_AA64PFR0_EL1', 'ID_AA64DFR0_EL1', 'ID_AA64ISAR0_EL1',
  'ID_AA64MMFR0_EL1', 'ACTLR_EL1', 'AFSR0_EL1', 'AMAIR_EL1', 'PMCEID0_EL0', 'MDCCSR_EL0', 'PMCR_EL0<31:11>',
] as const

/** The tables of levels 0 to 3 from a root on: the kernel for EL1, the code for both levels, storage by pages, and both again for EL1 alone. */
const tables = (root: number): Uint8Array => {
  const bytes = new Uint8Array(0x4000), table = (n: number): number => root + 0x1000 * n
  const entry = (level: number, n: number, value: bigint): void => bytes.set(bytesOf(value, 8, false), 0x1000 * level + 8 * n)
  const block = (n: number, real: number, flags: bigint): void => entry(2, n, BigInt(real) | 0x701n | flags)
  const UXN = 1n << 54n, XN = 3n << 53n
  entry(0, 0, BigInt(table(1) | 3))
  entry(1, 0, BigInt(table(2) | 3))
  block(0, 0, UXN)
  entry(2, 1, BigInt(table(3) | 3))
  block(place.records >> 21, place.records, XN)
  block((place.code + place.alias) >> 21, place.code & ~0x1fffff, XN)
  entry(3, (place.code >> 12) & 511, BigInt(place.code) | 0x7c3n)
  return bytes
}

/** Instructions whose result is the running counter's; where they trap they can be tried. */
const ofTime = /^(MRS|MSR) CNT([PV]_TVAL|[PV]CT)_EL0$/
/** The count that states have, between what the emulator reaches and the compare values that are tried. */
const count = 1n << 48n
/** Event counters 0 to 5 and the cycle counter; of their filters what ARMv8.0 without EL3 has. */
const counters = 0x8000003f, filter = 0xc0000000, event = 0xc00003ff
const limitsOf = (isa: Isa, identity: ReadonlyMap<string, bigint>) => (instruction: Instruction, o: Outcome): readonly Conjunct[] => {
  const component = (name: string): Register => isa.components.find((c) => c.name === name) as Register
  const of = (name: string): Term => variable(name, component(name).width)
  const is = (name: string): Bool => of(name) as Bool
  const after = (name: string): Term => o.registers.get(name) ?? of(name)
  const completed = not(o.trapped)
  const both = (f: (t: (name: string) => Term) => Bool): Bool => and(f(of), implies(completed, f(after)))
  const equals = (t: Term, value: number | bigint): Bool => eq(t, constant<number>(t.width, value))
  const fixed = (name: string, value: number | bigint): Bool => both((t) => equals(t(name), value))
  const only = (name: string, mask: number): Bool => both((t) => equals(and<number>(t(name), constant<number>(32, ~mask >>> 0)), 0))
  const bank = (name: string): Bank => isa.components.find((c) => c.name === name) as Bank
  const page = (n: number): Term<36> => constant(36, n >>> 12)
  const inStorage = (at: Term<36>): Bool => and(not(ult(at, page(place.storage))), ult(at, page(place.storage + pages * 4096)))
  const nowhere = (at: Term<36>): Bool => or(not(ult(at, page(place.absent))), and(and(not(ult(at, page(place.code & ~0x1fffff))), ult(at, page(place.records))), not(or(inStorage(at), eq(at, page(place.code))))))
  const reachable = accesses(o, 'valid').map(({ index }) =>
    or(inStorage(index as Term<36>), and(nowhere(index as Term<36>), not(select(bank('valid'), index) as Bool))))
  const cellsOfQ = accesses(o, 'Q').map(({ index, when }) => implies(when ?? True, ult(index as Term<5>, constant(5, vectors))))
  const next = after('PC') as Term<62>
  const elsewhere = and(equals(extract(next, 61, 46), 0), nowhere(extract<36>(next, 45, 10)))
  const here = equals(next, place.code / 4 + 1)
  const base = (): Term<64> => {
    const n = instruction.operands['Rn'] as Term<5>
    return ite<64>(eq(n, constant(5, 31)), of('SP') as Term<64>, select(bank('X'), n) as Term<64>)
  }
  const armed = /^STL?XR$/.test(instruction.name)
    ? all([is('EL'), equals(extract(base(), 63, 48), 0), equals(extract(base(), 2, 0), 0), inStorage(extract<36>(base(), 47, 12)), select(bank('valid'), extract<36>(base(), 47, 12)) as Bool])
    : constant(1, 0)
  /** The cycle counter is off, and event counter 0 counts what software increments or nothing. */
  const standing = (t: (name: string) => Term): Bool => {
    const enabled = (n: number): Bool => extract<1>(t('PMCNTENSET_EL0'), n, n)
    return or(not(t('PMCR_EL0.E') as Bool), and(not(enabled(31)), or(not(enabled(0)), equals(extract(t('PMXEVTYPER_EL0'), 15, 0), 0))))
  }
  const far = (name: string): Bool => or(equals(extract(of(name), 63, 10), 0), ne(extract(of(name), 63, 62), constant(2, 0)))
  return [
    {
      name: 'translation is the kernel\'s', why: 'the kernel runs under them',
      holds: all([
        fixed('SCTLR_EL1.M', 1), fixed('SCTLR_EL1.A', 1), fixed('SCTLR_EL1.EE', 0), fixed('SCTLR_EL1.WXN', 0), both((t) => any(moved.map((page) => equals(t('TTBR0_EL1.BADDR'), page)))),
        fixed('TCR_EL1<5:0>', 16), both((t) => eq(and<number>(t('TCR_EL1<34:7>'), constant<number>(28, walks.mask)), constant<number>(28, walks.value))),
        both((t) => equals(extract(t('TCR_EL1<38:36>'), 1, 1), 0)),
      ]),
    },
    {
      name: 'vectors are the kernel\'s', why: 'the kernel gets control back by them, but after what completes at EL1',
      holds: or(both((t) => equals(t('VBAR_EL1<63:11>'), 0)), /VBAR/.test(instruction.name) ? completed : False),
    },
    { name: 'storage is Normal memory', why: 'what differs for Device memory is not modelled', holds: equals(extract(of('MAIR_EL1'), 7, 0), 0xff) },
    { name: 'EL0 uses SP_EL0', why: 'it always does', holds: or(is('EL'), not(is('SPSel'))) },
    { name: 'storage is sixteen pages, the rest absent', why: 'the kernel and the program are elsewhere', holds: all(reachable) },
    {
      name: 'the program is at 280000 and branches to nowhere', why: 'a branch is seen by the abort at its target',
      holds: and(equals(of('PC'), place.code / 4), implies(completed, any([here, elsewhere]))),
    },
    { name: 'the first eight Q registers', why: 'a record holds no more', holds: all(cellsOfQ) },
    { name: 'the exclusive monitor has what the instruction stores to', why: 'a load by the kernel puts it there, and a return to EL0 clears it', holds: implies(is('exclusive monitor'), armed) },
    { name: 'the identity registers are the processor\'s', why: 'they are constants of the emulated processor', holds: all([...identity].map(([name, value]) => fixed(name, value))) },
    { name: 'no interrupt is pending', why: 'the emulated processor has none', holds: equals(of('ISR_EL1<8:6>'), 0) },
    {
      name: 'no stepping and no breakpoints', why: 'debug exceptions are not modelled',
      holds: both((t) => and(equals(t('MDSCR_EL1.SS'), 0), equals(extract(t('MDSCR_EL1<15:13>'), 2, 2), 0))),
    },
    {
      name: 'DBGBCR0_EL1.BAS is of halfwords', why: 'its odd bits are copies in the emulated processor',
      holds: both((t) => all([6, 8].map((n) => eq(extract<1>(t('DBGBCR0_EL1'), n, n), extract<1>(t('DBGBCR0_EL1'), n - 1, n - 1))))),
    },
    {
      name: 'counters stand still', why: 'what they count is not instructions',
      holds: all([both(standing), ...['PMCNTENSET_EL0', 'PMINTENSET_EL1', 'PMOVSSET_EL0'].map((name) => only(name, counters)), only('PMCCFILTR_EL0', filter), only('PMXEVTYPER_EL0', event)]),
    },
    { name: 'event counter 0 is selected', why: 'one stands for all', holds: equals(of('PMSELR_EL0.SEL'), 0) },
    { name: 'the timers\' compare values are far from the count', why: 'time passes', holds: all([equals(of('CNTPCT_EL0'), count), far('CNTP_CVAL_EL0'), far('CNTV_CVAL_EL0')]) },
    ...(ofTime.test(instruction.name) ? [{ name: 'it traps', why: 'time passes', holds: o.trapped }] : []),
    ...(instruction.name === 'MRS CCSIDR_EL1' ? [{ name: 'the first cache is selected', why: 'one stands for all', holds: equals(of('CSSELR_EL1<3:0>'), 0) }] : []),
    ...(instruction.name === 'WFI' ? [{ name: 'it traps', why: 'the emulator stops until an interrupt', holds: and(not(is('EL')), not(is('SCTLR_EL1.nTWI'))) }] : []),
  ]
}

const deviationsOf = (isa: Isa, outcomeOf: (i: Instruction) => Outcome): readonly Deviation[] => {
  const of = { emulator: 'QEMU', isas: ['aarch64'] }
  return [
    {
      ...of, instructions: isa.instructions.filter((i) => outcomeOf(i).traps.some((t) => t.cause === 'SP alignment')).map((i) => i.name), difference: /SP alignment/,
      does: 'does not check the alignment of SP',
      manual: 'DDI 0487, D1.8.2 (SP alignment checking): where SCTLR_EL1.SA, or SA0 at EL0, is 1, a load or store with an SP as its base that is not a multiple of 16 raises an SP alignment fault',
    },
    {
      ...of, instructions: ['DC CVAC', 'DC CVAU', 'DC CIVAC'], difference: /traps \(data abort\); the emulator completes/,
      does: 'completes whatever the address is',
      manual: 'DDI 0601, DC CVAC, CVAU and CIVAC: at EL0 they need permission to read, otherwise there is a Permission fault; and the address may have to be translated, which may fault',
    },
    {
      ...of, instructions: ['MRS MDCCSR_EL0'], difference: /traps \(system instruction\); the emulator completes/,
      does: 'lets EL0 read MDCCSR_EL0 with MDSCR_EL1.TDCC = 1',
      manual: 'DDI 0601, MDCCSR_EL0: at EL0 with MDSCR_EL1.TDCC = 1 the access is trapped to EL1',
    },
    {
      ...of, instructions: ['MRS DBGDTR_EL0', 'MSR DBGDTR_EL0'], difference: /exception class 0x0/,
      does: 'has no DBGDTR_EL0: accesses are UNDEFINED',
      manual: 'DDI 0601, DBGDTR_EL0: EL1 reads and writes it, EL0 too unless MDSCR_EL1.TDCC = 1, which traps to EL1',
    },
  ]
}

const drawing = (identity: ReadonlyMap<string, bigint>): Bench['draw'] => {
  const pointer = pointers(place.storage, pages), number = numbers(place.storage, pages, place.absent)
  const masked = (mask: number) => (random: Random): bigint => bits(random, 32) & BigInt(mask >>> 0)
  const compare = (random: Random): bigint => random.of([0n, 1n, 1023n, 1n << 63n, bits(random, 64) | (1n << 62n)])
  const special: Readonly<Record<string, (random: Random) => bigint>> = {
    ...Object.fromEntries([...identity].map(([name, value]) => [name, () => value])),
    ...Object.fromEntries(Object.entries({
      'SCTLR_EL1.M': 1n, 'SCTLR_EL1.A': 1n, 'SCTLR_EL1.EE': 0n, 'SCTLR_EL1.WXN': 0n, 'TCR_EL1<5:0>': 16n,
      'ISR_EL1<8:6>': 0n, 'MDSCR_EL1.SS': 0n, 'PMSELR_EL0.SEL': 0n, CNTPCT_EL0: count, PC: BigInt(place.code / 4), IL: 0n, 'CSSELR_EL1<3:0>': 0n,
    }).map(([name, value]) => [name, () => value])),
    'TCR_EL1<34:7>': (random) => bits(random, 28) & ~BigInt(walks.mask) | BigInt(walks.value), 'TCR_EL1<38:36>': (random) => bits(random, 3) & 5n,
    'TTBR0_EL1.BADDR': (random) => BigInt(random.of(moved)), MAIR_EL1: (random) => bits(random, 64) | 0xffn, 'MDSCR_EL1<15:13>': (random) => bits(random, 2),
    PMCNTENSET_EL0: (random) => masked(random.of([counters & 0x7fffffff, counters]))(random), PMINTENSET_EL1: masked(counters), PMOVSSET_EL0: masked(counters), PMCCFILTR_EL0: masked(filter), PMXEVTYPER_EL0: (random) => masked(random.of([filter, filter, event]))(random),
    PMXEVCNTR_EL0: (random) => random.of([0xffffffffn, bits(random, 32)]), 'PMCR_EL0.E': (random) => BigInt(random.chance(30)), 'VBAR_EL1<63:11>': (random) => (random.chance(4) ? bits(random, 53) : 0n),
    CNTP_CVAL_EL0: compare, CNTV_CVAL_EL0: compare,
    ELR_EL1: number, SP: pointer, SP_EL0: number, SP_EL1: number,
    'SPSR_EL1.M': (random) => random.of([0n, 4n, 5n, bits(random, 5)]), 'SPSR_EL1.IL': (random) => BigInt(random.chance(10)),
    'CPACR_EL1.FPEN': (random) => random.of([0n, 1n, 2n, 3n, 3n, 3n]),
    DBGBCR0_EL1: (random) => bits(random, 32) & ~0x1e0n | random.of([0n, 0x60n, 0x180n, 0x1e0n]),
    'exclusive monitor': (random) => BigInt(random.chance(20)),
    SPSel: (random) => BigInt(random.chance(30)),
  }
  const storage = { first: BigInt(place.storage >> 12), last: BigInt((place.storage >> 12) + pages - 1) }
  return {
    register: ({ name, width }, random) => (special[name] ?? ((r: Random) => bits(r, width)))(random),
    cell: (bank, index, width, random) => {
      if (bank === 'valid') return index < storage.first || index > storage.last ? 0n : BigInt(random.chance(85))
      return bank === 'X' ? (random.chance(2) ? BigInt(random.of(place.roots)) | (bits(random, 16) << 48n) : number(random)) : bits(random, width)
    },
  }
}

export const aarch64: BenchMaker = async (isa, outcomeOf): Promise<Bench> => {
  const kernel = { image, at: 0, ...symbols, records: place.records, recordSize: 8 * recordSize, capacity: 256, word: 8, bigEndian: false } as const
  const loop = new RecordLoop(kernel, {
    start: () => startQemu(program, options),
    prepare: async ({ stub }) => {
      for (const root of place.roots) await stub.write(root, tables(root))
      const branch = (0x14000000 | (((symbols.back - (place.code + 4)) >> 2) & 0x3ffffff)) >>> 0
      await stub.write(place.code + 4, bytesOf(branch, 4, false))
    },
    enter: ({ stub }) => stub.setRegister(32, bytesOf(symbols.start, 8, false)),
  })
  const { version, stub } = await loop.warm()
  const read = await stub.read(symbols.identity, 8 * identityRegisters.length)
  const view = new DataView(read.buffer, read.byteOffset)
  const identity = new Map(identityRegisters.map((name, i): [string, bigint] => {
    const value = view.getBigUint64(8 * i, true), width = (isa.components.find((c) => c.name === name) as Register).width
    return [name, BigInt.asUintN(width, name.startsWith('PMCR') ? value >> 11n : value)]
  }))
  return {
    emulator: `QEMU ${version}, ${program.program} ${options.slice(0, 4).join(' ')}`,
    excluded: new Map(),
    limits: limitsOf(isa, identity),
    deviations: deviationsOf(isa, outcomeOf),
    draw: drawing(identity),
    run: async (trials) => (await loop.run(trials.map(recordOf))).map((r) => answerOf(r, symbols.back)),
    end: () => loop.end(),
  }
}
