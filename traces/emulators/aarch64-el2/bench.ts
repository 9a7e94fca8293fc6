// QEMU's AArch64 system emulator as a bench for ARMv8.0 with EL2, its trials at EL2 and at EL1: which states can be laid down, and how.
import type { Instruction } from '../../../model/ir/instruction.ts'
import type { Bank, Register } from '../../../model/ir/state.ts'
import { all, and, any, constant, eq, extract, False, implies, ite, ne, not, or, select, True, ult, variable, type Bool, type Term } from '../../../model/ir/term.ts'
import type { Outcome } from '../../../model/machine/execute.ts'
import type { Conjunct, Isa } from '../../../model/machine/isa.ts'
import { bits, numbers, walks } from '../aarch64/drawing.ts'
import { accesses, type Bench, type BenchMaker } from '../bench.ts'
import type { Deviation } from '../deviations.ts'
import type { Random } from '../../generate-random.ts'
import { startQemu } from '../qemu.ts'
import { bytesOf, RecordLoop } from '../record-loop.ts'
import { image, symbols } from './kernel.ts'
import { pages, place } from './place.ts'
import { answerOf, recordOf, recordSize } from './record.ts'
import { roots, tables } from './tables.ts'

const program = { program: 'qemu-system-aarch64', package: 'qemu-system-arm' }
/** No board, so that no firmware interface answers HVC. */
const options = ['-M', 'none', '-cpu', 'cortex-a57,has_el3=off', '-m', '16M']

/** PAR_EL1.<63:1> of a page of storage: ATTR of Normal memory, bit 11, NS, SH of Inner Shareable; bit 11, and FST of a translation fault at level 3. */
const foundByAT = { succeeds: (0xffn << 55n) | (1n << 10n) | (1n << 8n) | (3n << 6n), fails: (1n << 10n) | 7n }

const limitsOf = (isa: Isa) => (instruction: Instruction, o: Outcome): readonly Conjunct[] => {
  const of = (name: string): Term => variable(name, (isa.components.find((c) => c.name === name) as Register).width)
  const after = (name: string): Term => o.registers.get(name) ?? of(name)
  type At = (name: string) => Term
  const is = (name: string, t: At = of): Bool => t(name) as Bool
  const completed = not(o.trapped)
  const both = (f: (t: At) => Bool): Bool => and(f(of), implies(completed, f(after)))
  const equals = (t: Term, value: number | bigint): Bool => eq(t, constant<number>(t.width, value))
  const isOneOf = (t: Term, values: readonly number[]): Bool => any(values.map((v) => equals(t, v)))
  const page = (n: number): Term<36> => constant(36, n >>> 12)
  const inStorage = (at: Term<36>): Bool => and(not(ult(at, page(place.storage))), ult(at, page(place.storage + pages * 4096)))
  const nowhere = (at: Term<36>): Bool => not(ult(at, page(place.absent)))
  const valid = isa.components.find((c) => c.name === 'valid') as Bank, X = isa.components.find((c) => c.name === 'X') as Bank
  const translates = instruction.name.startsWith('AT ')
  const reachable = accesses(o, 'valid').map(({ index }) => or(inStorage(index as Term<36>), translates ? False : and(nowhere(index as Term<36>), not(select(valid, index) as Bool))))
  const walk = isa.components.find((c) => c.name === 'walk') as Bank
  const told = accesses(o, 'walk').map(({ index }) => eq(select(walk, index), ite(select(valid, index) as Bool, constant<number>(63, foundByAT.succeeds), constant<number>(63, foundByAT.fails))))
  const next = after('PC') as Term<62>
  const elsewhere = and(equals(extract(next, 61, 46), 0), nowhere(extract<36>(next, 45, 10)))
  const here = and(equals(next, place.code / 4 + 1), is('EL', after))
  const isEL2 = is('at EL2'), usesEL1 = or(not(isEL2), and(completed, not(is('at EL2', after))))
  const orders = (EE: Bool, root: Term, { little, big }: { readonly little: readonly number[]; readonly big: readonly number[] }): Bool => ite(EE, isOneOf(root, big), isOneOf(root, little))
  const ofEL1 = (t: At): Bool => all([
    orders(is('SCTLR_EL1.EE', t), t('TTBR0_EL1.BADDR'), roots.EL1), equals(t('TCR_EL1<5:0>'), 16), equals(extract(t('TCR_EL1<38:36>'), 1, 1), 0),
    eq(and<number>(t('TCR_EL1<34:7>'), constant<number>(28, walks.mask)), constant<number>(28, walks.value)),
  ])
  const ofEL2 = (t: At): Bool => or(not(is('SCTLR_EL2.M', t)), orders(is('SCTLR_EL2.EE', t), t('TTBR0_EL2'), roots.EL2))
  const written = (name: string): Bool => (instruction.name.includes(name) ? completed : False)
  const vectorsAbsent = (t: At): Bool => { const base = t('VBAR_EL1<63:11>'); return and(equals(extract(base, 52, 37), 0), nowhere(extract<36>(base, 36, 1))) }
  const base = (): Term<64> => {
    const n = instruction.operands['Rn'] as Term<5>
    return ite<64>(eq(n, constant(5, 31)), of('SP') as Term<64>, select(X, n) as Term<64>)
  }
  const armed = instruction.name === 'STXR'
    ? all([isEL2, equals(extract(base(), 63, 48), 0), equals(extract(base(), 2, 0), 0), inStorage(extract<36>(base(), 47, 12)), select(valid, extract<36>(base(), 47, 12)) as Bool])
    : False
  return [
    { name: 'EL0 is not modelled', why: 'but as where ERET goes', holds: is('EL') },
    { name: 'EL2\'s translation is the kernel\'s', why: 'the kernel runs under it', holds: both(ofEL2) },
    {
      name: 'EL1\'s translation is the kernel\'s', why: 'the program runs under it at EL1',
      holds: implies(translates ? True : usesEL1, both(ofEL1)),
    },
    {
      name: 'stage 2 is the kernel\'s', why: 'the program runs under it at EL1',
      holds: implies(translates ? True : usesEL1, orders(is('SCTLR_EL2.EE'), of('VTTBR_EL2'), roots.stageTwo)),
    },
    { name: 'storage is Normal memory', why: 'what differs for Device memory is not modelled', holds: implies(usesEL1, equals(extract(of('MAIR_EL1'), 7, 0), 0xff)) },
    {
      name: 'EL1\'s vectors are where nothing is mapped', why: 'what EL1 takes comes to EL2 by the abort there, but where VBAR_EL1 itself is accessed',
      holds: implies(usesEL1, or(and(both(vectorsAbsent), implies(completed, ne(extract<number>(next, 61, 9), after('VBAR_EL1<63:11>')))), and(written('VBAR_EL1'), here))),
    },
    {
      name: 'EL2\'s vectors are the kernel\'s', why: 'the kernel gets control back by them, but where VBAR_EL2 itself is accessed',
      holds: or(both((t) => equals(t('VBAR_EL2<63:11>'), 0)), all([written('VBAR_EL2'), isEL2, here])),
    },
    { name: 'no virtual interrupt is pending', why: 'EL1 would take it', holds: and(equals(of('ISR_EL1<8:6>'), 0), implies(usesEL1, equals(extract(of('HCR_EL2<11:1>'), 7, 5), 0))) },
    { name: 'storage is sixteen pages, the rest absent', why: 'the kernel and the program are elsewhere', holds: all(reachable) },
    { name: 'AT tells of storage what the tables say', why: 'Normal memory, Inner Shareable, which HCR_EL2.CD would undo, or no descriptor in the last level', holds: and(all(told), translates ? and(equals(extract(of('MAIR_EL1'), 7, 0), 0xff), equals(extract(of('HCR_EL2<33:32>'), 0, 0), 0)) : True) },
    {
      name: 'the program is at 280000 and branches to nowhere', why: 'a branch is seen by the abort at its target',
      holds: and(equals(of('PC'), place.code / 4), implies(completed, or(here, elsewhere))),
    },
    { name: 'the exclusive monitor has what the instruction stores to', why: 'a load by the kernel puts it there, and a return to EL1 clears it', holds: implies(is('exclusive monitor'), armed) },
    ...(instruction.name === 'ERET' ? [{ name: 'the Event Register is set', why: 'it is not read back, so that ERET setting it shows nothing', holds: is('Event Register') }] : []),
    ...(instruction.name === 'WFI' ? [{ name: 'it traps', why: 'the emulator stops until an interrupt', holds: and(not(isEL2), is('HCR_EL2.TWI')) }] : []),
  ]
}

const deviationsOf = (isa: Isa, outcomeOf: (i: Instruction) => Outcome): readonly Deviation[] => [{
  emulator: 'QEMU', isas: ['aarch64/el2'], instructions: isa.instructions.filter((i) => outcomeOf(i).traps.some((t) => t.cause === 'SP alignment')).map((i) => i.name), difference: /SP alignment/,
  does: 'does not check the alignment of SP',
  manual: 'DDI 0487, D1.8.2 (SP alignment checking): where SCTLR_ELx.SA is 1, a load or store with an SP as its base that is not a multiple of 16 raises an SP alignment fault',
}]

const drawing = (): Bench['draw'] => {
  const number = numbers(place.storage, pages, place.absent)
  const fixed: Readonly<Record<string, bigint>> = {
    EL: 1n, IL: 0n, PC: BigInt(place.code / 4), 'TCR_EL1<5:0>': 16n, 'ISR_EL1<8:6>': 0n, 'SCTLR_EL1.M': 1n, 'SCTLR_EL1.A': 1n, 'SCTLR_EL2.M': 1n, 'SCTLR_EL2.A': 1n,
    'HCR_EL2.VM': 1n, 'HCR_EL2.DC': 0n, 'HCR_EL2.TGE': 0n, 'HCR_EL2.RW': 1n,
  }
  const anyRoot = Object.values(roots).flatMap((r) => [...r.little, ...r.big])
  const root = ({ little, big }: { readonly little: readonly number[]; readonly big: readonly number[] }) => (random: Random): bigint => BigInt(random.of(random.chance(25) ? big : little))
  const tablePage = (random: Random): bigint => BigInt(random.of(anyRoot) << 12)
  const special: Readonly<Record<string, (random: Random) => bigint>> = {
    'TTBR0_EL1.BADDR': root(roots.EL1), TTBR0_EL2: root(roots.EL2), VTTBR_EL2: root(roots.stageTwo),
    'SCTLR_EL1.EE': (random) => BigInt(random.chance(25)), 'SCTLR_EL2.EE': (random) => BigInt(random.chance(25)),
    'TCR_EL1<34:7>': (random) => bits(random, 28) & ~BigInt(walks.mask) | BigInt(walks.value), 'TCR_EL1<38:36>': (random) => bits(random, 3) & 5n,
    'HCR_EL2<33:32>': (random) => bits(random, 1) << 1n | BigInt(random.chance(25)),
    'HCR_EL2<11:1>': (random) => bits(random, 11) & ~0xe0n,
    MAIR_EL1: (random) => bits(random, 64) | 0xffn,
    'VBAR_EL1<63:11>': (random) => (random.chance(10) ? bits(random, 53) : (bits(random, 36) << 1n) | 0x100000n),
    'VBAR_EL2<63:11>': (random) => (random.chance(15) ? bits(random, 53) : 0n),
    ELR_EL1: number, ELR_EL2: number, SP: number, SP_EL0: number, SP_EL1: number, SP_ELx: number,
    'SPSR_EL1.M': (random) => random.of([0n, 4n, 5n, bits(random, 5)]), 'SPSR_EL1.IL': (random) => BigInt(random.chance(10)),
    SPSR_EL2: (random) => bits(random, 32) & ~0x10001fn & ~(1n << 21n) | random.of([0n, 4n, 5n, 8n, 9n, bits(random, 5)]) | (random.chance(10) ? 0x100000n : 0n),
    'CPACR_EL1.FPEN': (random) => random.of([0n, 1n, 2n, 3n, 3n, 3n]),
    'exclusive monitor': (random) => BigInt(random.chance(30)),
  }
  const storage = { first: BigInt(place.storage >> 12), last: BigInt((place.storage >> 12) + pages - 1) }
  return {
    register: ({ name, width }, random) => fixed[name] ?? (special[name] ?? ((r: Random) => bits(r, width)))(random),
    cell: (bank, index, width, random) => {
      if (bank === 'valid') return index < storage.first || index > storage.last ? 0n : BigInt(random.chance(85))
      if (bank === 'walk') return random.chance(85) ? foundByAT.succeeds : foundByAT.fails
      return bank === 'X' ? (random.chance(10) ? tablePage(random) : number(random)) : bits(random, width)
    },
  }
}

export const aarch64EL2: BenchMaker = async (isa, outcomeOf): Promise<Bench> => {
  const kernel = { image, at: 0, ...symbols, records: place.records, recordSize: 8 * recordSize, capacity: 256, word: 8, bigEndian: false } as const
  const loop = new RecordLoop(kernel, {
    start: () => startQemu(program, options),
    prepare: async ({ stub }) => {
      for (const [address, bytes] of tables()) await stub.write(address, bytes)
    },
    enter: ({ stub }) => stub.setRegister(32, bytesOf(symbols.start, 8, false)),
  })
  const { version } = await loop.warm()
  return {
    emulator: `QEMU ${version}, ${program.program} ${options.slice(0, 4).join(' ')}`,
    excluded: new Map(),
    limits: limitsOf(isa),
    deviations: deviationsOf(isa, outcomeOf),
    draw: drawing(),
    run: async (trials) => (await loop.run(trials.map((t) => recordOf(t, symbols.back)))).map((r) => answerOf(r, symbols.back)),
    end: () => loop.end(),
  }
}
