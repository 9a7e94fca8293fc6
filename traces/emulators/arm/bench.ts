// QEMU's ARM system emulator as a bench for ARM versions 5 to 7, also with the Virtualization Extensions: which states can be laid down, and how.
import type { Instruction } from '../../../model/ir/instruction.ts'
import type { Bank, Register } from '../../../model/ir/state.ts'
import { all, and, any, constant, eq, extract, False, implies, not, or, postorder, select, True, ult, variable, type Bool, type Term } from '../../../model/ir/term.ts'
import { termsOf, type Outcome } from '../../../model/machine/execute.ts'
import type { Conjunct, Isa } from '../../../model/machine/isa.ts'
import { Mode, type Version } from '../../../model/isa/arm/state.ts'
import { accesses, type Bench, type BenchMaker } from '../bench.ts'
import type { Random } from '../../generate-random.ts'
import type { Deviation } from '../deviations.ts'
import { startQemu } from '../qemu.ts'
import { bytesOf, RecordLoop } from '../record-loop.ts'
import * as virtualizing from '../arm-virtualization/kernel.ts'
import * as plain from './kernel.ts'
import { answerOf, moved, pages, place, recordOf, recordWords, stageTwo, tables } from './record.ts'

/** The options by which QEMU has the processor, and what its identity registers hold. The Cortex-A7 has UDIV; Hyp mode is left out but for virtualization. */
const processors: Readonly<Record<Version, { readonly name: string; readonly identity: Readonly<Record<string, number>> }>> = {
  5: { name: 'arm926', identity: { MIDR: 0x41069265 } },
  6: { name: 'arm1136', identity: { MIDR: 0x4117b363 } },
  7: { name: 'cortex-a7', identity: { MIDR: 0x410fc075, CTR: 0x84448003, TLBTR: 0, ID_PFR0: 0x1131, ACTLR: 0 } },
}
/** A board takes EL3 away from the processor; without one it stays. */
const optionsOf = (isa: Isa): readonly string[] => {
  const version = versionOf(isa), { name } = processors[version]
  return isVirtualizing(isa) ? ['-M', 'none', '-cpu', name] : ['-M', 'versatilepb', '-cpu', version === 7 ? `${name},has_el2=off` : name]
}
const isVirtualizing = (isa: Isa): boolean => isa.name.endsWith('/virtualization')
const program = { program: 'qemu-system-arm', package: 'qemu-system-arm' }
const versionOf = (isa: Isa): Version => Number(/^armv(\d)/.exec(isa.name)![1]) as Version

/** UDF: what follows the instruction under trial gives control back. */
const permanentlyUndefined = 0xe7f000f0

/** Sections of 1 MB: the kernel's two for privileged modes, the code's for all, storage by pages of 4 KB; nothing else. */
const levelOne = (version: Version, number: number): Uint8Array => {
  const table = new Uint8Array(0x4000)
  const section = (n: number, ap: number): void => table.set(bytesOf((n << 20) | (ap << 10) | (version < 6 ? 0x12 : 0x02), 4, false), 4 * n)
  section(place.records >> 20, 1)
  section(0, 1)
  section(place.code >> 20, 3)
  table.set(bytesOf(place.storage | (1 << 10) | (version < 6 ? 0x12 : 0x02), 4, false), 4 * (place.alias >>> 20))
  table.set(bytesOf((place.levelTwo + 0x400 * number) | (version < 6 ? 0x11 : 0x01), 4, false), 4 * (place.storage >> 20))
  return table
}

/** Stage 2, from level 1: all where it is, but storage moved by so many pages. */
const secondStage = (number: number): Uint8Array => {
  const bytes = new Uint8Array(0x3000), flags = 0x7fdn
  const entry = (level: number, n: number, value: bigint): void => bytes.set(bytesOf(value, 8, false), 0x1000 * level + 8 * n)
  entry(0, 0, BigInt(stageTwo(number) + 0x1000) | 3n)
  entry(1, 0, flags)
  entry(1, place.code >> 21, BigInt(stageTwo(number) + 0x2000) | 3n)
  entry(2, (place.code >> 12) & 511, BigInt(place.code) | flags | 2n)
  for (let n = 0; n < pages + tables[1]; n++) entry(2, ((place.storage >> 12) + n) & 511, BigInt(place.storage + 4096 * (n + moved[number]!)) | flags | 2n)
  return bytes
}

/** What this bench does not reach, by the component that the instruction uses. */
const unreachable: Readonly<Record<string, string>> = {
  DBGDSCR: 'the emulated ARM1136 has no debug unit',
  waiting: 'the emulator stops until an interrupt',
}
const obstacleOf = (version: Version, i: Instruction, o: Outcome): string | undefined => {
  const used = new Set([...postorder(termsOf(o)).flatMap((t) => (t.kind === 'var' ? [t.name] : [])), ...o.registers.keys()])
  // WFE does not stop QEMU.
  return Object.entries(unreachable).find(([name]) => used.has(name) && i.name !== 'WFE' && !(name === 'DBGDSCR' && version === 7))?.[1]
}
const trapsSomewhere = (o: Outcome): boolean => o.traps.some((t) => t.cause !== 'UNPREDICTABLE')
const excludedOf = (isa: Isa, outcomeOf: (i: Instruction) => Outcome): ReadonlyMap<string, string> =>
  new Map(isa.instructions.flatMap((i) => {
    const reason = obstacleOf(versionOf(isa), i, outcomeOf(i))
    return reason !== undefined && !trapsSomewhere(outcomeOf(i)) ? [[i.name, reason] as const] : []
  }))

/** Bits of a saved status register that are not kept, or that choose what is not modelled (J, IT). */
const reserved = (version: Version): number => (version === 5 ? 0x07ffff00 : 0x07f0fc00)

const limitsOf = (isa: Isa, control: bigint, version: Version, bases: readonly number[]) => (instruction: Instruction, o: Outcome): readonly Conjunct[] => {
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
  // What an access asks of AP tells the program's page.
  const reachable = accesses(o, 'AP').map(({ index }) => {
    const at = index as Term<20>
    return or(here(at), and(absent(at), eq(select(AP, at), constant(2, 0))))
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
  const stageTwoIs = (pagesMoved: number): Bool => eq(of('VTTBR'), constant<number>(20, pagesMoved))
  const obstacle = obstacleOf(version, instruction, o)
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
      name: 'the system control registers are the kernel\'s', why: 'the kernel needs translation, alignment checks and vectors that are its own',
      holds: all([fixed('SCTLR', control), has('VBAR') ? both((t) => isOneOf(t('VBAR'), bases)) : True, eq(extract<2>(of('DACR'), 1, 0), constant(2, 1)), implies(completed, eq(extract<2>(after('DACR'), 1, 0), constant(2, 1)))]),
    },
    { name: 'storage is moved by four pages or by eight', holds: both((t) => isOneOf(t('TTBR0'), tables)), why: 'the tables that TTBR0 points to are at these pages, and do so' },
    {
      name: 'the identity registers are the processor\'s', why: 'they are constants of the emulated processor',
      holds: all(Object.entries(processors[version].identity).map(([name, value]) => fixed(name, value))),
    },
    ...(isa.name === 'armv7/undefined' && instruction.name === 'MRS' ? [{
      name: 'User mode does not read CPSR', why: 'what it reads of the mode and the masks is UNKNOWN, and 0 here alone',
      holds: not(and(eq(of('M'), constant(5, Mode.usr)), eq(instruction.operands['R']!, False))),
    }] : []),
    { name: 'the exclusive monitor has what the instruction stores to', holds: implies(exclusive, and(armed, has('VTTBR') ? or(not(of('SCR.NS') as Bool), stageTwoIs(0)) : True)), why: 'a load by the kernel puts it there' },
    ...(obstacle === undefined ? [] : [{ name: 'it traps', holds: instruction.name === 'WFI' && has('SCR.NS') ? and(of('SCR.NS') as Bool, of('HCR.TWI') as Bool) : o.trapped, why: obstacle }]),
    ...(has('VTTBR') ? [
      { name: 'stage 2 moves storage by no page or by sixteen', holds: any(moved.map(stageTwoIs)), why: 'these tables were made' },
      { name: 'Hyp mode\'s vectors are the kernel\'s', holds: fixed('HVBAR', virtualizing.symbols.hyp_vectors), why: 'the kernel gets control back by them' },
    ] : []),
  ]
}

const deviations: readonly Deviation[] = [{
  emulator: 'QEMU', isas: ['armv5', 'armv6', 'armv7', 'armv7/undefined', 'armv7/virtualization'],
  instructions: ['AND', 'EOR', 'RSB', 'ADD', 'ADC', 'SBC', 'RSC', 'ORR', 'BIC', 'MVN'].map((name) => `${name}S PC`),
  does: 'sets the flags and branches; of the flag-setting instructions with the PC as destination only SUBS and MOVS return from an exception',
  manual: 'DDI 0406C.d, B9.3.20 (SUBS PC, LR and related instructions) and DDI 0100I, A4.1 (ADC to MVN): each of them copies SPSR to CPSR',
}, {
  emulator: 'QEMU', isas: ['armv7/virtualization'], instructions: ['MRC p15 TLBTR', 'MRC p15 ID_PFR0'], difference: /traps \(Hyp trap\); the emulator completes/,
  does: 'does not heed HCR.TID1 and HCR.TID3 before ARMv8',
  manual: 'DDI 0406C.d, HCR: with TID1 = 1 a Non-secure read of TCMTR, TLBTR, REVIDR or AIDR at PL1 is trapped to Hyp mode, with TID3 = 1 one of ID_PFR0 and the other feature registers. '
    + 'Patches posted to qemu-devel on 31 December 2025 mend both (target/arm: Correctly trap HCR.TID1 registers in v7A; Correctly honour HCR.TID3 for v7A cores)',
}, {
  emulator: 'QEMU', isas: ['armv7/virtualization'], instructions: ['HVC'], difference: /traps \(undefined\); the emulator traps \(Hyp trap/,
  does: 'takes HVC to Hyp mode from Secure state too',
  manual: 'DDI 0406C.d, HVC: UNDEFINED in Secure state; in QEMU\'s source the check of the state is there with the state taken for Non-secure (FIXME in helper pre_hvc)',
}, {
  emulator: 'QEMU', isas: ['armv7', 'armv7/undefined', 'armv7/virtualization'], instructions: ['MRC p14 DBGDSCRint'], difference: /the emulator traps \(vector 4\)/,
  does: 'never lets User mode read DBGDSCRint: also what HDCR.TDA should trap is undefined',
  manual: 'DDI 0406C.d, DBGDSCR: User mode may read DBGDSCRint unless UDCCdis = 1; QEMU\'s source says that it has no configurable access for EL0',
}]

const drawing = (version: Version, control: bigint, bases: readonly number[]): Bench['draw'] => {
  const pointer = (random: Random): number => place.storage + 4 * random.below(pages * 1024)
  const number = (random: Random): number => random.of([
    () => random.word(), () => pointer(random), () => random.below(64), () => random.of(tables) << 12, () => random.of(bases), () => random.between(0x500000, 0x7fffff) & ~3, () => random.word() & ~reserved(version) & ~31 | random.of([0x10, 0x13, 0x12, 0x17, 0x1f]),
  ])()
  const word = (random: Random): bigint => BigInt(number(random) >>> 0)
  const fixed: Readonly<Record<string, number | bigint>> = { SCTLR: control, PC: place.code / 4, T: 0, J: 0, HVBAR: virtualizing.symbols.hyp_vectors, 'HCR.VM': 1, 'HCR.AMO': 1, 'HCR.IMO': 1, 'HCR.FMO': 1, ...processors[version].identity }
  return {
    register: ({ name, width }, random) => {
      if (name in fixed) return BigInt(fixed[name]!)
      if (name === 'M') return BigInt(random.of([Mode.usr, Mode.svc]))
      if (name === 'VBAR') return BigInt(random.of(bases))
      if (name === 'TTBR0') return BigInt(random.of(tables))
      if (name === 'VTTBR') return BigInt(random.of(moved))
      if (name === 'DACR') return BigInt((random.word() & ~3 | 1) >>> 0)
      return BigInt.asUintN(width, BigInt(random.word()))
    },
    operand: (name, random) => (name === 'mode' ? BigInt(random.of([0, ...Object.values(Mode)])) : undefined),
    cell: (bank, _index, width, random) => BigInt.asUintN(width, bank === 'AP' ? BigInt(random.of([0, 1, 2, 3, 3, 3])) : word(random)),
  }
}

export const arm: BenchMaker = async (isa, outcomeOf): Promise<Bench> => {
  const version = versionOf(isa), options = optionsOf(isa), { image, symbols } = isVirtualizing(isa) ? virtualizing : plain
  const bases = [0, symbols.others]
  const kernel = {
    image, at: 0, ...symbols, records: place.records, recordSize: 4 * recordWords, capacity: 256, word: 4, bigEndian: false,
  } as const
  const loop = new RecordLoop(kernel, {
    start: () => startQemu(program, [...options, '-m', '16M']),
    prepare: async ({ stub }) => {
      for (const [number, page] of tables.entries()) await stub.write(page << 12, levelOne(version, number))
      for (const number of isVirtualizing(isa) ? moved.keys() : []) await stub.write(stageTwo(number), secondStage(number))
      await stub.write(place.code + 4, bytesOf(permanentlyUndefined, 4, false))
      await stub.write(symbols.version, bytesOf(version, 4, false))
    },
    enter: ({ stub }) => stub.setRegister(15, bytesOf(symbols.start, 4, false)),
  })
  const { version: qemu, stub } = await loop.warm()
  const control = (await stub.read(symbols.control, 4)).reduceRight((n, b) => n * 256n + BigInt(b), 0n)
  return {
    emulator: `QEMU ${qemu}, ${program.program} ${(isVirtualizing(isa) ? options : options.slice(2)).join(' ')}`,
    excluded: excludedOf(isa, outcomeOf),
    limits: limitsOf(isa, control, version, bases),
    deviations,
    draw: drawing(version, control, bases),
    run: async (trials) => (await loop.run(trials.map((t) => recordOf(t, version)))).map((r) => answerOf(r, version)),
    end: () => loop.end(),
  }
}
