// QEMU's ARM system emulator as a bench for ARM versions 5 to 7: which states can be laid down, and how.
import type { Instruction } from '../../../model/ir/instruction.ts'
import type { Bank, Register } from '../../../model/ir/state.ts'
import { all, and, any, constant, eq, extract, False, implies, not, postorder, select, True, ult, variable, type Bool, type Term } from '../../../model/ir/term.ts'
import { termsOf, type Outcome } from '../../../model/machine/execute.ts'
import type { Conjunct, Isa } from '../../../model/machine/isa.ts'
import { Mode, type Version } from '../../../model/isa/arm/state.ts'
import { accesses, type Bench, type BenchMaker } from '../bench.ts'
import type { Random } from '../../generate-random.ts'
import type { Deviation } from '../deviations.ts'
import { startQemu } from '../qemu.ts'
import { bytesOf, RecordLoop } from '../record-loop.ts'
import { image, symbols } from './kernel.ts'
import { answerOf, pages, place, recordOf, recordWords } from './record.ts'

/** The options by which QEMU has the processor, and what its identity registers hold. The Cortex-A7 has UDIV; Hyp mode is left out. */
const processors: Readonly<Record<Version, { readonly name: string; readonly identity: Readonly<Record<string, number>> }>> = {
  5: { name: 'arm926', identity: { MIDR: 0x41069265 } },
  6: { name: 'arm1136', identity: { MIDR: 0x4117b363 } },
  7: { name: 'cortex-a7,has_el2=off', identity: { MIDR: 0x410fc075, CTR: 0x84448003, TLBTR: 0, ID_PFR0: 0x1131, ACTLR: 0 } },
}
const program = { program: 'qemu-system-arm', package: 'qemu-system-arm' }
const versionOf = (isa: Isa): Version => Number(/^armv(\d)/.exec(isa.name)![1]) as Version

/** UDF: what follows the instruction under trial gives control back. */
const permanentlyUndefined = 0xe7f000f0

/** Sections of 1 MB: the kernel's two for privileged modes, the code's for all, storage by pages of 4 KB; nothing else. */
const levelOne = (version: Version): Uint8Array => {
  const table = new Uint8Array(0x4000)
  const section = (n: number, ap: number): void => table.set(bytesOf((n << 20) | (ap << 10) | (version < 6 ? 0x12 : 0x02), 4, false), 4 * n)
  section(place.records >> 20, 1)
  section(0, 1)
  section(place.code >> 20, 3)
  table.set(bytesOf(place.storage | (1 << 10) | (version < 6 ? 0x12 : 0x02), 4, false), 4 * (place.alias >>> 20))
  table.set(bytesOf(place.levelTwo | (version < 6 ? 0x11 : 0x01), 4, false), 4 * (place.storage >> 20))
  return table
}

/** What this bench does not reach, by the component that the instruction uses. */
const unreachable: Readonly<Record<string, string>> = {
  TTBR0: 'the translation tables are modelled as one relocation', PMCCNTR: 'the counter runs', DBGDSCR: 'the emulator has no debug unit',
  waiting: 'the emulator stops until an interrupt',
}
const excludedOf = (isa: Isa, outcomeOf: (i: Instruction) => Outcome): ReadonlyMap<string, string> =>
  new Map(isa.instructions.flatMap((i) => {
    const o = outcomeOf(i)
    const used = new Set([...postorder(termsOf(o)).flatMap((t) => (t.kind === 'var' ? [t.name] : [])), ...o.registers.keys()])
    // Every relocated access goes through TTBR0; only a coprocessor instruction speaks of the register.
    // WFE does not stop QEMU.
    const reason = Object.entries(unreachable).find(([name]) => used.has(name) && (name !== 'TTBR0' || i.name.includes('TTBR0')) && i.name !== 'WFE')
    return reason ? [[i.name, reason[1]] as const] : []
  }))

/** Bits of a saved status register that are not kept, or that choose what is not modelled (J, IT). */
const reserved = (version: Version): number => (version === 5 ? 0x07ffff00 : 0x07f0fc00)

const limitsOf = (isa: Isa, control: bigint, version: Version) => (instruction: Instruction, o: Outcome): readonly Conjunct[] => {
  const of = (name: string): Term => variable(name, (isa.components.find((c) => c.name === name) as Register).width)
  const has = (name: string): boolean => isa.components.some((c) => c.name === name)
  const after = (name: string): Term => o.registers.get(name) ?? of(name)
  const completed = not(o.trapped)
  const isOneOf = (t: Term, values: readonly number[]): Bool => any(values.map((v) => eq(t, constant<number>(t.width, v))))
  const fixed = (name: string, value: number | bigint): Bool =>
    (has(name) ? and(eq(of(name), constant<number>(of(name).width, value)), implies(completed, eq(after(name), of(name)))) : True)
  const both = (f: (t: (name: string) => Term) => Bool): Bool => and(f(of), implies(completed, f(after)))
  const page = (n: number): Term<20> => constant(20, n >>> 12)
  const instructionAt = (n: number): Term => constant<number>(30, n / 4)
  const absent = (at: Term<20>): Bool => and(not(ult(at, page(place.storage + pages * 4096))), ult(at, page(place.alias)))
  const here = (at: Term<20>): Bool => and(not(ult(at, page(place.storage))), ult(at, page(place.storage + pages * 4096)))
  const AP = isa.components.find((c) => c.name === 'AP') as Bank<20, 2>
  const reachable = accesses(o, 'Memory').map(({ index, when }) => {
    const at = extract<20>(index, 29, 10)
    const nowhere = and(absent(at), eq(select(AP, at), constant(2, 0)))
    return implies(when ?? True, any([here(at), nowhere]))
  })
  const bankIndex = (index: Term): Term => (index.width === 5 ? extract(index, 4, 1) : index)
  const banks = ['R13, R14', 'SPSR'].flatMap((bank) => accesses(o, bank).map(({ index, when }) => implies(when ?? True, isOneOf(bankIndex(index), [0, 2, 3, 7]))))
  const valid = (w: Term): Bool => eq(and<number>(w, constant(32, reserved(version))), constant(32, 0))
  const saved = [
    ...postorder(termsOf(o)).flatMap((t) => (t.kind === 'select' && t.memory.name === 'SPSR' ? [valid(t)] : [])),
    ...(o.banks.get('SPSR') ?? []).map((w) => implies(w.when, valid(w.value))),
  ]
  const next = after('PC')
  const exclusive = has('exclusive monitor') ? of('exclusive monitor') as Bool : False
  const R = isa.components.find((c) => c.name === 'R') as Bank<4, 32>
  const base = 'Rn' in instruction.operands ? select(R, instruction.operands['Rn'] as Term<4>) : constant(32, 0)
  const armed = instruction.name === 'STREX' ? all([here(extract<20>(base, 31, 12)), eq(extract<2>(base, 1, 0), constant(2, 0)), not(eq(select(AP, extract<20>(base, 31, 12)), constant(2, 0)))]) : False
  return [
    { name: 'the kernel keeps Undefined and FIQ mode', holds: both((t) => isOneOf(t('M'), [Mode.usr, Mode.svc, Mode.irq, Mode.abt, Mode.sys])), why: 'returning to the host goes through Undefined mode' },
    { name: 'the banks of Undefined and FIQ mode are not used', holds: all(banks), why: 'returning to the host goes through Undefined mode' },
    { name: 'A32 state', holds: and(eq(of('T'), False), has('J') ? both((t) => eq(t('J'), False)) : True), why: 'what is modelled' },
    {
      name: 'the program is at 200000 and branches to nowhere', why: 'a branch is seen by the abort at its target',
      holds: and(eq(of('PC'), instructionAt(place.code)), implies(completed, any([and(eq(next, instructionAt(place.code + 4)), eq(after('T'), False)), absent(extract<20>(next, 29, 10))]))),
    },
    { name: 'storage is sixteen pages, the rest absent', holds: all(reachable), why: 'the kernel and the program are elsewhere' },
    { name: 'saved status registers have no reserved bits', holds: all(saved), why: 'reserved bits are not stored' },
    {
      name: 'the system control registers are the kernel\'s', why: 'the kernel needs translation, alignment checks and vectors at 0',
      holds: all([fixed('SCTLR', control), fixed('VBAR', 0), fixed('TTBR0', 0), eq(extract<2>(of('DACR'), 1, 0), constant(2, 1)), implies(completed, eq(extract<2>(after('DACR'), 1, 0), constant(2, 1)))]),
    },
    {
      name: 'the identity registers are the processor\'s', why: 'they are constants of the emulated processor',
      holds: all(Object.entries(processors[version].identity).map(([name, value]) => fixed(name, value))),
    },
    ...(isa.name === 'armv7/undefined' && instruction.name === 'MRS' ? [{
      name: 'User mode does not read CPSR', why: 'what it reads of the mode and the masks is UNKNOWN, and 0 here alone',
      holds: not(and(eq(of('M'), constant(5, Mode.usr)), eq(instruction.operands['R']!, False))),
    }] : []),
    { name: 'the exclusive monitor has what the instruction stores to', holds: implies(exclusive, armed), why: 'a load by the kernel puts it there' },
  ]
}

const deviations: readonly Deviation[] = [{
  emulator: 'QEMU', isas: ['armv5', 'armv6', 'armv7', 'armv7/undefined'],
  instructions: ['AND', 'EOR', 'RSB', 'ADD', 'ADC', 'SBC', 'RSC', 'ORR', 'BIC', 'MVN'].map((name) => `${name}S PC`),
  does: 'sets the flags and branches; of the flag-setting instructions with the PC as destination only SUBS and MOVS return from an exception',
  manual: 'DDI 0406C.d, B9.3.20 (SUBS PC, LR and related instructions) and DDI 0100I, A4.1 (ADC to MVN): each of them copies SPSR to CPSR',
}]

const drawing = (version: Version, control: bigint): Bench['draw'] => {
  const pointer = (random: Random): number => place.storage + 4 * random.below(pages * 1024)
  const number = (random: Random): number => random.of([
    () => random.word(), () => pointer(random), () => random.below(64), () => random.between(0x500000, 0x7fffff) & ~3, () => random.word() & ~reserved(version) & ~31 | random.of([0x10, 0x13, 0x12, 0x17, 0x1f]),
  ])()
  const word = (random: Random): bigint => BigInt(number(random) >>> 0)
  const fixed: Readonly<Record<string, number | bigint>> = { SCTLR: control, PC: place.code / 4, TTBR0: 0, VBAR: 0, T: 0, J: 0, ...processors[version].identity }
  return {
    register: ({ name, width }, random) => {
      if (name in fixed) return BigInt(fixed[name]!)
      if (name === 'M') return BigInt(random.of([Mode.usr, Mode.svc]))
      if (name === 'DACR') return BigInt((random.word() & ~3 | 1) >>> 0)
      return BigInt.asUintN(width, BigInt(random.word()))
    },
    cell: (bank, _index, width, random) => BigInt.asUintN(width, bank === 'AP' ? BigInt(random.of([0, 1, 2, 3, 3, 3])) : word(random)),
  }
}

export const arm: BenchMaker = async (isa, outcomeOf): Promise<Bench> => {
  const version = versionOf(isa), { name } = processors[version]
  const kernel = {
    image, at: 0, ...symbols, records: place.records, recordSize: 4 * recordWords, capacity: 256, word: 4, bigEndian: false,
  } as const
  const loop = new RecordLoop(kernel, {
    start: () => startQemu(program, ['-M', 'versatilepb', '-cpu', name, '-m', '16M']),
    prepare: async ({ stub }) => {
      await stub.write(place.levelOne, levelOne(version))
      await stub.write(place.code + 4, bytesOf(permanentlyUndefined, 4, false))
      await stub.write(symbols.version, bytesOf(version, 4, false))
    },
    enter: ({ stub }) => stub.setRegister(15, bytesOf(symbols.start, 4, false)),
  })
  const { version: qemu, stub } = await loop.warm()
  const control = (await stub.read(symbols.control, 4)).reduceRight((n, b) => n * 256n + BigInt(b), 0n)
  return {
    emulator: `QEMU ${qemu}, ${program.program} -cpu ${name}`,
    excluded: excludedOf(isa, outcomeOf),
    limits: limitsOf(isa, control, version),
    deviations,
    draw: drawing(version, control),
    run: async (trials) => (await loop.run(trials.map((t) => recordOf(t, version)))).map((r) => answerOf(r, version)),
    end: () => loop.end(),
  }
}
