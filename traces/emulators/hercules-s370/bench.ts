// Hercules as a bench for System/370 in EC mode: which states can be laid down, and how.
import type { Instruction } from '../../../model/ir/instruction.ts'
import type { Bank, Register } from '../../../model/ir/state.ts'
import { add, all, and, any, concat, constant, eq, extract, implies, ite, ne, not, or, postorder, select, sub, True, ule, ult, variable, type Bool, type Term } from '../../../model/ir/term.ts'
import type { Outcome } from '../../../model/machine/execute.ts'
import type { Conjunct, Isa } from '../../../model/machine/isa.ts'
import { translate } from '../../../model/isa/s360/state.ts'
import type { Random } from '../../generate-random.ts'
import { accesses, type Bench, type BenchMaker } from '../bench.ts'
import type { Deviation } from '../deviations.ts'
import { batchPatience, device, startHercules } from '../hercules.ts'
import { apartBy } from '../clock.ts'
import { RecordLoop, type Driven } from '../record-loop.ts'
import { image, symbols } from './kernel.ts'
import { answerOf, pageTables, place, recordOf, recordWords, tableWords } from './record.ts'

/** CR0, bits 8 to 12: pages of 4K bytes, segments of 64K bytes. */
const translationFormat = 0b10000
/** CR0, bits 20, 21 and 24: clock comparator, CPU timer and interval timer. */
const timers = 0xc80

const excluded: ReadonlyMap<string, string> = new Map([
  ['WRD', 'the emulator has no direct control'], ['RDD', 'the emulator has no direct control'],
  ['STIDC', 'there is no channel'],
])

/** What only the problem state can try here, with the reason. */
const problemState: ReadonlyMap<string, string> = new Map([
  ['DIAGNOSE', 'its codes are the emulator\'s own, and one of them ends it'],
  ...['ISKE', 'RRBE', 'SSKE'].map((name) => [name, 'their keys are those of blocks of 4K bytes'] as const), ['TB', 'it clears a block'], ['IPTE', 'it changes the page table'],
])

/** The places of storage that an instruction stores to, where their changes are modelled. */
const recordedBy = (o: Outcome): ReadonlySet<Term> => new Set(o.banks.has('STORAGE-KEYS') ? (o.banks.get('E') ?? []).map((w) => w.index) : [])

const limitsOf = (isa: Isa, identity: bigint) => (instruction: Instruction, o: Outcome): readonly Conjunct[] => {
  const das = isa.name === 's370/das'
  const component = (name: string) => isa.components.find((c) => c.name === name)!
  const of = (name: string): Term => variable(name, (component(name) as Register).width)
  const after = (name: string): Term => o.registers.get(name) ?? of(name)
  const completed = not(o.trapped)
  const is = (t: Term, value: number | bigint): Bool => eq<number>(t, constant<number>(t.width, value))
  const both = (f: (t: (name: string) => Term) => Bool): Bool => and(f(of), implies(completed, f(after)))
  const bit = (t: Term, n: number): Bool => extract<1>(t, n, n)
  const keys = component('STORAGE-KEYS') as Bank<13, 7>
  const key = (word: Term): Term => select(keys, extract<13>(word, 21, 9))
  const free = (word: Term): Bool => ne<number>(extract(word, 21, 16), constant(6, 0))
  const readable = (word: Term, by: Term): Bool => any([not(bit(key(word), 2)), is(by, 0), eq<number>(extract(key(word), 6, 3), by)])

  const tables = das ? ['CR1', 'CR7'] : ['CR1']
  const tableAt = (name: string): Term => concat(extract(of(name), 23, 6), constant(4, 0))
  const inTableOf = (name: string, word: Term): Bool => ult(sub<number>(word, tableAt(name)), constant(22, tableWords))
  const inTable = (word: Term): Bool => any(tables.map((name) => inTableOf(name, word)))
  const laid = (name: string): Bool => and(free(tableAt(name)), ne<number>(extract(tableAt(name), 21, 8), constant(14, 0x3fff)))
  const tableName = (t: (name: string) => Term): Term => (das ? ite<number>(t('S') as Bool, t('CR7'), t('CR1')) : t('CR1'))

  const IA = of('IA'), program = isa.relocation.develop(extract(IA, 23, 2), 'fetch')
  const inProgram = (word: Term): Bool => ult(sub<number>(word, program.real), constant(22, 3))
  const apart = (word: Term): Bool => all([free(word), not(inTable(word)), not(inProgram(word))])
  const operands = accesses(o, 'E').map(({ index, when }) => implies(when ?? True, and(apart(index), readable(index, of('KEY')))))

  const recorded = recordedBy(o), fetchesToo = recorded.size > 0 && !accesses(o, 'E').every(({ index }) => recorded.has(index))
  const referenced = fetchesToo ? accesses(o, 'E').map(({ index }) => bit(key(index), 1)) : []

  const next = after('IA'), nextWord = extract(next, 23, 2), T = after('T') as Bool
  const mapped = translate(tableName(after), nextWord)
  const target = ite<number>(T, mapped.real, nextWord)
  const blank = all([apart(target), ...accesses(o, 'E').map(({ index }) => ne<number>(index, target))])
  const sequential = and(eq<number>(next, add<number>(IA, constant(24, instruction.encoding.width / 8))), eq(T, of('T') as Bool))
  const comesBack = and(ne<number>(next, IA), any([bit(next, 0), and(T, mapped.invalid), and(readable(target, after('KEY')), or(sequential, blank))]))

  const blocks = accesses(o, 'STORAGE-KEYS').map(({ index }) => index)
  /** Frames of 4K bytes, for both of whose blocks the emulator records a use of one. */
  const inUse = [program.real, add<number>(program.real, constant(22, 2)), ...tables.flatMap((name) => [tableAt(name), add<number>(tableAt(name), constant(22, tableWords - 1))])]
  const keyed = blocks.map((b) => all([ne<number>(extract(b, 12, 7), constant(6, 0)), ...inUse.map((w) => ne<number>(extract(b, 12, 1), extract(w, 21, 10)))]))
  /** The operand is a device's address, or a channel set's, of which the emulator has the first ones. */
  const there = ['CONCS', 'DISCS'].includes(instruction.name) ? 0 : device >> 8
  const devices = accesses(o, 'CHANNELS').map(({ index }) => and(is(select(component('CHANNELS') as Bank<16, 2>, index as Term<16>), 3), not(is(extract(index, 15, 8), there))))
  const G = (operand: string): Term => select(component('GR') as Bank<4, 32>, instruction.operands[operand] as Term<4>)
  const loaded = (register: string): readonly Term[] => postorder([after(register)]).filter((t) => t.kind === 'select' && t.memory.name === 'E')
  const same = eq<number>(extract(of('CR1'), 31, 6), extract(of(das ? 'CR7' : 'CR1'), 31, 6))
  const movedByOwnKey = 'r3' in instruction.operands && ['MVCK', 'MVCP', 'MVCS'].includes(instruction.name) ? eq<number>(extract(G('r3'), 7, 4), of('KEY')) : True
  const pswBits = instruction.name === 'LPSW'
    ? [...loaded('P').map((w) => is(and<number>(w, constant(32, das ? 0xb80040ff : 0xb800c0ff)), 0)), ...loaded('IA').map((w) => is(extract(w, 31, 24), 0))] : []
  const special: Readonly<Record<string, Bool>> = {
    SIGP: and(is(extract(of('OTHER-CPU'), 1, 0), 3), ne<number>('r3' in instruction.operands ? extract(G('r3'), 15, 0) : constant(16, 1), constant(16, 0))),
    // A table of less than 256 entries is the model's; condition code 3 would say so, its invalid entries give 1.
    LRA: all(tables.map((name) => not(ult(of(name), constant(32, 0x0f000000))))),
    STCK: is(of('TOD-CLOCK-STATE'), 0),
    // Fetch protection is left out.
    TPROT: all(blocks.map((b) => not(bit(select(keys, b as Term<13>), 2)))),
    ...(das ? {} : { SPKA: is(extract(of('CR3'), 31, 16), 0), IPK: not(bit(of('CR0'), 27)) }),
  }
  const farSet = (name: string): Bool => or(eq<number>(after(name), of(name)), all([sub<number>(after(name), of(name)), sub<number>(of(name), after(name))].map((d) => ule(constant<number>(64, apartBy), d))))
  return [
    { name: 'the program is apart, in one segment, and may be fetched', why: 'a fetch that traps is not the instruction', holds: all([not(bit(IA, 0)), ne<number>(extract(IA, 15, 4), constant(12, 0xfff)), not(program.fault), free(program.real), not(inTable(program.real)), not(inTable(add<number>(program.real, constant(22, 2)))), readable(program.real, of('KEY')), readable(add<number>(program.real, constant(22, 2)), of('KEY'))]) },
    { name: 'the program goes on where storage is zeros', why: 'an operation exception, or that of a fetch, gives control back', holds: implies(completed, comesBack) },
    { name: 'operands are apart from the kernel, the program and the segment table', why: 'these are not in the model\'s storage', holds: all(operands) },
    { name: 'blocks of operands have been referenced', why: 'a fetch is recorded too, which is left out', holds: all(referenced) },
    { name: 'keys are not those of the kernel, the program or the segment tables', why: 'their use is recorded there', holds: all(keyed) },
    { name: 'the segment table is free storage', why: 'the kernel lays it down', holds: and(both((t) => implies(t('T') as Bool, all(tables.map(laid)))), instruction.name === 'LRA' ? all(tables.map(laid)) : True) },
    { name: 'tables are not exchanged under translation', why: 'only the one before the instruction is laid down', holds: implies(and(completed, T), or(all(tables.map((name) => eq<number>(after(name), of(name)))), eq<number>(tableName(after), tableName(of)))) },
    { name: 'in secondary-space mode both spaces are one', why: 'from which of them instructions are fetched is unpredictable', holds: das ? both((t) => implies(t('S') as Bool, same)) : True },
    { name: 'moves use the key of the PSW', why: 'accesses are checked with it', holds: movedByOwnKey },
    { name: 'segment tables do not overlap in part', why: 'each is laid down as a whole', holds: das ? or(same, not(or(inTableOf('CR1', tableAt('CR7')), inTableOf('CR7', tableAt('CR1'))))) : True },
    { name: 'pages of 4K, segments of 64K bytes', why: 'any other format has other tables', holds: both((t) => is(extract(t('CR0'), 23, 19), translationFormat)) },
    { name: 'no low-address protection', why: 'it is left out', holds: not(bit(of('CR0'), 28)) },
    { name: 'PSW bits that must be 0 are 0', why: 'a specification exception otherwise, which is left out', holds: and(both((t) => and(not(bit(t('SYSTEM-MASK'), 6)), is(extract(t('SYSTEM-MASK'), 4, 2), 0))), implies(completed, all(pswBits))) },
    { name: 'the processor runs', why: 'it executes nothing in the wait state', holds: both((t) => not(t('W') as Bool)) },
    { name: 'no program event', why: 'program-event recording is left out', holds: both((t) => implies(bit(t('SYSTEM-MASK'), 5), is(extract(t('CR9'), 31, 28), 0))) },
    { name: 'timers do not interrupt', why: 'they run', holds: both((t) => implies(bit(t('SYSTEM-MASK'), 0), is(and<number>(t('CR0'), constant(32, timers)), 0))) },
    { name: 'the prefix is 0 or the kernel\'s other one', why: 'interruptions go to the kernel', holds: both((t) => or(is(t('PREFIX'), 0), is(t('PREFIX'), place.otherPrefix))) },
    { name: 'identities are the emulator\'s', why: 'they are fixed', holds: and(is(of('CPU-ID'), identity), is(of('CPU-ADDRESS'), 0)) },
    { name: 'there are no devices', why: 'the emulator has none, and only the first channel sets: condition code 3', holds: all(devices) },
    { name: 'the supervisor state does not execute it', why: problemState.get(instruction.name) ?? '', holds: problemState.has(instruction.name) ? of('P') as Bool : True },
    { name: 'clocks are set to what they show, or far from it', why: 'they run on, and are told by the value that they have come from', holds: implies(completed, and(farSet('CPU-TIMER'), farSet('TOD-CLOCK'))) },
    { name: 'the clock comparator has the clock\'s resolution', why: 'the last 8 bits are not there', holds: both((t) => is(extract(t('CLOCK-COMPARATOR'), 7, 0), 0)) },
    { name: 'what differs from the model\'s machine', why: 'there is no other processor, and the dual-address-space facility is installed', holds: special[instruction.name] ?? True },
  ]
}

const deviations: readonly Deviation[] = [{
  emulator: 'Hercules', isas: ['s370/das'], instructions: ['SAC'], difference: /traps \(specification\)/,
  does: 'takes the codes 2 and 3 of ESA/390, for access registers and the home space',
  manual: 'GA22-7000-10, Control Instructions, SET ADDRESS SPACE CONTROL: a specification exception where bits 20 to 22 of the operand address are not zeros',
}, {
  emulator: 'Hercules', isas: ['s370/das'], instructions: ['PC'], difference: /traps \(PC-translation-specification\)/,
  does: 'asks neither for zeros in bits 1 to 7 of the linkage-table entry nor in bit 32 of the entry-table entry: it takes them for those of 370-XA, the origin\'s high bits and the addressing mode',
  manual: 'GA22-7000-10, page 10-27, Priority of Execution: PROGRAM CALL: PC-translation-specification exceptions due to invalid ones, 8.B.4 and 8.B.7',
}, {
  emulator: 'Hercules', isas: ['s370/das'], instructions: ['PC'], difference: /program interruption 5\)/,
  does: 'takes bits 1 to 7 of control register 5 for bits of the linkage table\'s origin, as in 370-XA, and finds no storage there',
  manual: 'GA22-7000-10, PC-Number Translation Control: bits 8 to 24 of control register 5, with seven zeros appended, form the 24-bit address of the linkage table',
}, {
  emulator: 'Hercules', isas: ['s370/das'], instructions: ['PT'], difference: /traps \(specification\)/,
  does: 'takes bit 0 of the second operand for an addressing mode, as in 370-XA',
  manual: 'GA22-7000-10, Priority of Execution: PROGRAM TRANSFER, 8.B.2: a specification exception due to a nonzero value in bits 0 to 7 of general register R2',
}, {
  emulator: 'Hercules', isas: ['s370', 's370/das', 's370/change-recording'], instructions: ['SIGP'], difference: /the emulator is lost|^CC becomes 0x3; the emulator's 0x1$|^GR.*the emulator's 0x100$/,
  does: 'executes the order 12, set architecture, in System/370 too (its extension SIGP_SETARCH_S370), whatever CPU is addressed: it leaves the architecture, or gives condition code 1 with the status invalid parameter',
  manual: 'GA22-7000-10, Multiprocessing, CPU Signaling and Response: condition code 3 where the addressed CPU is not operational, which one that is not installed is; the order codes of System/370 end at 0C',
}, {
  emulator: 'Hercules', isas: ['s370', 's370/das', 's370/change-recording'], instructions: ['DIAGNOSE'], difference: /traps \(privileged-operation\); the emulator completes/,
  does: 'executes the code F08 in the problem state: its extension PROBSTATE_DIAGF08, a call of the emulator\'s own',
  manual: 'GA22-7000-10, Control Instructions, DIAGNOSE: a privileged instruction, whatever its code',
}]

const psw = (random: Random): number => (random.word() & 0x04f50f00 & (random.chance(50) ? ~0x10000 : -1)) | (random.word() & 0x43003000) | 0x80000
const subjects = [0x18, 0x04, 0x05, 0x08, 0x0a, 0x44]
const halfword = (random: Random): number => (random.of(subjects) << 8) | random.below(256)
/** The linkage table is where CR5 says, and entry tables are after it. */
const entryTables = { after: 0x4000, in: 0x1000 } as const
const linkage = (index: number, CR5: number, random: Random): number | undefined => {
  const origin = CR5 & 0xffff80, from = (4 * index - origin) & 0xffffff
  if (from < 0x4000) return ((origin + entryTables.after + random.below(entryTables.in)) & 0xffffc0) | (random.chance(80) ? 63 : random.below(64)) | (random.chance(10) ? 1 << random.of([24, 31]) : 0)
  if (from >= entryTables.after + entryTables.in + 0x1000) return undefined
  switch (index & 3) {
    case 0: return (random.word() & 0xffff0000) | (random.chance(5) ? random.below(2) : 0)
    case 1: return random.word() & 0xffffff & (random.chance(70) ? ~6 : -1) | (random.chance(10) ? 1 << random.of([24, 31]) : 0)
    default: return random.word()
  }
}
const drawing = (identity: bigint, das: boolean): Bench['draw'] => {
  const address = (random: Random): number => random.word() & 0xffffff & (random.chance(70) ? ~7 : -1)
  const general = (random: Random): number => random.of([
    () => random.word(), () => address(random), () => address(random), () => random.below(64), () => random.below(2), () => -random.below(64), () => 0x80000000 >> random.below(32), () => random.word() & ~255, () => 0x7fffffff,
  ])()
  const stored = (random: Random): number => random.of([
    () => general(random), () => address(random), () => psw(random), () => psw(random), () => random.of([0, place.otherPrefix]), () => (halfword(random) << 16) | halfword(random), () => (random.word() & 0xffff0000) | random.below(2), () => random.word(),
  ])()
  const accessControl = (random: Random): number => random.of([0, 5, 5, random.below(16)])
  const key = (random: Random): number => (accessControl(random) << 3) | (random.chance(20) ? 4 : 0) | random.below(4)
  return {
    register: ({ name, width }, random) => {
      const value = (): number | bigint => {
        switch (name) {
          case 'W': case 'CPU-ADDRESS': case 'TOD-CLOCK-STATE': return 0
          case 'CR4': return random.chance(50) ? random.below(2) : random.word()
          case 'CPU-ID': return identity
          case 'CLOCK-COMPARATOR': return (BigInt(random.word() >>> 0) << 32n) | BigInt((random.word() & ~255) >>> 0)
          case 'IA': return address(random) & ~1
          case 'P': return random.chance(35) ? 1 : 0
          case 'T': return random.chance(60) ? 1 : 0
          case 'S': return random.chance(30) ? 1 : 0
          case 'SYSTEM-MASK': return random.word() & (random.chance(30) ? 0b0100011 : 0b0000010)
          case 'KEY': return accessControl(random)
          case 'PREFIX': return random.of([0, place.otherPrefix])
          case 'CR0': return (random.word() & ~0x10f80000 & (random.chance(50) ? ~timers : -1)) | (translationFormat << 19)
          // Not beyond storage the linkage table.
          case 'CR5': return random.word() & (random.chance(90) ? 0x80ffffff : -1) | (random.chance(50) ? 0x80000040 : 0)
          case 'CR9': return random.word() & (random.chance(80) ? 0xfffffff : -1)
          case 'CR1': case 'CR7': return random.chance(60) ? random.of([0xff123000, 0xff456780, 0x1f9abcc0]) : random.chance(60) ? random.word() | 0xff000000 : random.word()
          case 'CR3': return random.chance(50) ? random.below(0x10000) : random.word()
          default: return width > 32 ? (BigInt(random.word() >>> 0) << 32n) | BigInt(random.word() >>> 0) : random.word()
        }
      }
      return BigInt.asUintN(width, BigInt(value()))
    },
    operand: (name, random) => (!random.chance(50) ? undefined : name === 'd1' || name === 'd2' ? BigInt(8 * random.below(512)) : name === 'l' ? BigInt(random.of([0, 0, 0x10])) : undefined),
    cell: (bank, index, width, random, { register }) => {
      const spaceNumber = (name: string): number => (random.word() & 0xffff0000) | Number(register(name) & 0xffffn)
      const word = (): number => (das ? linkage(Number(index), Number(register('CR5')), random) : undefined) ?? (das && random.chance(35) ? spaceNumber(random.of(['CR4', 'CR4', 'CR3'])) : stored(random))
      return BigInt.asUintN(width, BigInt(bank === 'STORAGE-KEYS' ? key(random) : bank === 'CHANNELS' ? 3 : bank === 'E' ? word() : das && random.chance(15) ? spaceNumber('CR4') : general(random)))
    },
  }
}

export const s370: BenchMaker = async (isa, outcomeOf): Promise<Bench> => {
  const recorded = new Set(isa.instructions.filter((i) => recordedBy(outcomeOf(i)).size > 0))
  const das = isa.name === 's370/das'
  const kernel = { image, at: 0, ...symbols, records: place.records, recordSize: 4 * recordWords, capacity: 256, word: 4, bigEndian: true } as const
  const loop = new RecordLoop<Driven>(kernel, {
    start: () => startHercules(['CPUSERIAL 000611', 'CPUMODEL 4341', 'MAINSIZE 16', 'ARCHMODE S/370']),
    prepare: async ({ stub }) => {
      await stub.write(place.otherPrefix, image)
      await stub.write(place.pageTables, pageTables())
    },
    enter: async () => {},
  }, batchPatience)
  const { version, stub } = await loop.warm()
  const identity = (await stub.read(symbols.identity, 8)).reduce((n, b) => n * 256n + BigInt(b), 0n)
  return {
    emulator: `Hercules ${version}, S/370`,
    excluded,
    limits: limitsOf(isa, identity),
    deviations,
    draw: drawing(identity, das),
    run: async (trials) => (await loop.run(trials.map((t) => recordOf(t, das)))).map((r, n) => answerOf(r, trials[n]!, das, recorded.has(trials[n]!.instruction))),
    end: () => loop.end(),
  }
}
