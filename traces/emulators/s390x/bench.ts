// QEMU and Hercules as benches for z/Architecture: which states can be laid down, and how.
import type { Instruction } from '../../../model/ir/instruction.ts'
import type { Bank, Register } from '../../../model/ir/state.ts'
import { add, all, and, any, concat, constant, eq, extract, implies, ite, ne, not, or, postorder, select, sub, True, ule, ult, variable, type Bool, type Term } from '../../../model/ir/term.ts'
import type { Outcome } from '../../../model/machine/execute.ts'
import type { Conjunct, Isa } from '../../../model/machine/isa.ts'
import { elementOf, translate } from '../../../model/isa/z/state.ts'
import { accesses, type Bench, type BenchMaker } from '../bench.ts'
import { apartBy } from '../clock.ts'
import { GdbStub } from '../gdb-stub.ts'
import { batchPatience, startHercules } from '../hercules.ts'
import { startQemu } from '../qemu.ts'
import { bytesOf, RecordLoop, type Driven } from '../record-loop.ts'
import { deviations } from './deviations.ts'
import { drawing } from './draw.ts'
import { image, symbols } from './kernel.ts'
import { linkage, origins, place, tablesSize } from './place.ts'
import { answerOf, recordOf, recordSize } from './record.ts'
import { linkageTable, tablesAt } from './spaces.ts'

type Reasons = ReadonlyMap<string, string>
const reasons = (...groups: readonly (readonly [string, readonly string[]])[]): Reasons => new Map(groups.flatMap(([reason, names]) => names.map((name) => [name, reason] as const)))

/** What differs from emulator to emulator. */
interface Emulator {
  readonly name: (version: string) => string
  readonly start: () => Promise<Driven>
  readonly enter: (process: Driven) => Promise<void>
  readonly excluded: Reasons
  /** What only the problem state can try here. */
  readonly problemState: Reasons
  /** Milliseconds for a batch of records, where they are not the common ones. */
  readonly patience?: number
  /** Key-controlled protection. */
  readonly protects: boolean
}

const stores = ['it stores in the kernel\'s page', ['STFL']] as const
const channels = ['there are no subchannels', ['CSCH', 'HSCH', 'MSCH', 'SSCH', 'TPI', 'SAL', 'RSCH', 'RCHP', 'SCHM', 'XSCH', 'STSCH', 'TSCH', 'STCRW', 'STCPS']] as const
const own = ['what it does is the emulator\'s own', ['DIAG', 'SERVC', 'STSI', 'SIE', 'TB']] as const
const tables = ['it changes tables', ['IPTE', 'IDTE', 'CSP', 'PALB']] as const
const facilities = ['the emulator\'s list is longer than the model\'s', ['STFLE']] as const

const qemu: Emulator = {
  name: (version) => `QEMU ${version}, qemu-system-s390x -cpu qemu`,
  start: () => startQemu({ program: 'qemu-system-s390x', package: 'qemu-system-misc' }, ['-M', 's390-ccw-virtio', '-cpu', 'qemu'], { base: 0, size: 16 << 20 }),
  enter: async ({ stub }) => {
    if (!(stub instanceof GdbStub)) return
    await stub.setRegister(0, bytesOf(0x180000000n, 8, true))
    await stub.setRegister(1, bytesOf(symbols.start, 8, true))
  },
  excluded: reasons(stores, facilities, ['the emulator does not have it: an operation exception', [
    'PTFF', 'PC', 'PT', 'PTI', 'IPK', 'IVSK', 'IAC', 'EPAR', 'EPAIR', 'ESAR', 'ESAIR', 'SAC', 'SSAR', 'SSAIR', 'MVCK', 'MVCDK', 'MVCSK', 'LASP', 'TRACG', 'PALB', 'SIE',
  ]]),
  problemState: reasons(channels, own, tables),
  protects: false,
}

const hercules: Emulator = {
  name: (version) => `Hercules ${version}, z/Arch`,
  start: () => startHercules(['CPUSERIAL 000611', 'CPUMODEL 2064', 'MAINSIZE 16', 'ARCHMODE z/Arch', 'ASN_AND_LX_REUSE ENABLE']),
  enter: async () => {},
  patience: batchPatience,
  excluded: reasons(stores, facilities),
  problemState: reasons(channels, own, tables),
  protects: true,
}

const limitsOf = (isa: Isa, { problemState, protects }: Emulator, identity: bigint, physical: bigint) => (instruction: Instruction, o: Outcome): readonly Conjunct[] => {
  const component = (name: string) => isa.components.find((c) => c.name === name)!
  const of = (name: string): Term => variable(name, (component(name) as Register).width)
  const after = (name: string): Term => o.registers.get(name) ?? of(name)
  const completed = not(o.trapped)
  const is = (t: Term, value: number | bigint): Bool => eq<number>(t, constant<number>(t.width, value))
  const isOneOf = (t: Term, values: readonly number[]): Bool => any(values.map((v) => is(t, v)))
  const both = (f: (t: (name: string) => Term) => Bool): Bool => and(f(of), implies(completed, f(after)))
  const bit = (t: Term, n: number): Bool => extract<1>(t, n, n)
  const keys = component('STORAGE-KEYS') as Bank<52, 7>
  const key = (doubleword: Term): Term => select(keys, extract<52>(doubleword, 60, 9))
  const doublewords = (bytes: number): Term => constant<number>(61, bytes / 8)
  const inTables = (d: Term): Bool => any(origins.map((origin) => ult(sub<number>(d, doublewords(origin)), doublewords(tablesSize))))
  const free = (d: Term): Bool => all([ule(doublewords(place.free), d), ult(d, doublewords(place.end)), not(inTables(d))])
  const readable = (d: Term, by: Term): Bool => any([not(bit(key(d), 2)), is(by, 0), eq<number>(extract(key(d), 6, 3), by)])

  const isReal = (element: Term): Bool => bit(element, 5)
  const laid = (element: Term): Bool => or(isReal(element), isOneOf(extract(element, 63, 12), origins.map((n) => n / 4096)))
  /** Addresses below an origin are at the end of its space, where it has no tables here. */
  const reached = (element: Term, d: Term): Bool => or(isReal(element), ule(extract(element, 63, 3), d))
  const spaceOfProgram = (t: (name: string) => Term): Term => ite<number>(is(t('AS'), 3), t('CR13'), t('CR1'))

  const IA = of('IA'), T = of('T') as Bool, fetched = translate(spaceOfProgram(of), extract(IA, 63, 3))
  const here = ite<number>(T, fetched.real, extract(IA, 63, 3))
  const programFree = [here, add<number>(here, constant(61, 2))].flatMap((d) => [free(d), readable(d, of('KEY'))])
  const inProgram = (d: Term): Bool => ult(sub<number>(d, here), constant(61, 2))
  const apart = (d: Term): Bool => and(free(d), not(inProgram(d)))
  const element = elementOf(of('AS') as Term<2>)
  const used = instruction.name === 'MVCP' || instruction.name === 'MVCS' ? [element, of('CR7')] : [element]
  const operands = accesses(o, 'E').map(({ index, when }) => implies(when ?? True, all([apart(index), readable(index, of('KEY')), implies(T, all(used.map((x) => reached(x, index))))])))

  const next = after('IA'), nextDoubleword = extract(next, 63, 3), nextT = after('T') as Bool, nextSpace = spaceOfProgram(after)
  const mapped = translate(nextSpace, nextDoubleword), target = ite<number>(nextT, mapped.real, nextDoubleword)
  const blank = all([apart(target), implies(nextT, reached(nextSpace, target)), ...accesses(o, 'E').map(({ index }) => ne<number>(index, target))])
  const sequential = and(eq<number>(next, add<number>(IA, constant(64, instruction.encoding.width / 8))), eq<number>(target, add<number>(here, sub<number>(nextDoubleword, extract(IA, 63, 3)))))
  const comesBack = and(ne<number>(next, IA), any([and(nextT, mapped.invalid), and(readable(target, after('KEY')), or(sequential, blank))]))

  const blocks = accesses(o, 'STORAGE-KEYS').map(({ index }) => index)
  const blockOf = (d: Term): Term => extract(d, 60, 9)
  const keyed = blocks.map((b) => all([
    ule(constant<number>(52, place.free >> 12), b), ult(b, constant<number>(52, place.end >> 12)), ...[here, add<number>(here, constant(61, 1))].map((d) => ne<number>(b, blockOf(d))),
    ...origins.map((origin) => not(ult(sub<number>(b, constant<number>(52, origin >> 12)), constant<number>(52, tablesSize >> 12)))),
  ]))
  const allowed = (o.banks.get('E') ?? []).map(({ index, when, program: relocated }) => (relocated || instruction.name.startsWith('STUR') ? implies(when, or(is(of('KEY'), 0), eq<number>(extract(key(index), 6, 3), of('KEY')))) : True))
  const keysReached = implies(T, all(blocks.map((b) => reached(element, concat(b, constant(9, 0))))))
  /** The address that LRA gives, where it gives one. */
  const loaded = postorder([...o.banks.get('GR') ?? []].map((w) => w.value)).flatMap((t) => (t.kind === 'concat' && t.width === 64 && t.a.width === 61 ? [t.a] : []))
  const shown = all(loaded.map((d) => and(reached(element, d), ult(d, doublewords(place.end)))))
  const GR = component('GR') as Bank<4, 64>
  const G = (operand: string): Term => select(GR, instruction.operands[operand] as Term<4>)
  // Where it should trap QEMU executes whatever is elsewhere, and stores beside the trial's storage.
  const without = (cause: string): Bool => (protects ? True : not(any(o.traps.filter((t) => t.cause === cause).map((t) => t.when))))
  const onBoundary = without('specification')
  const special: Readonly<Record<string, Bool>> = {
    // Order 12, set architecture, is for all processors.
    SIGP: all([is(extract(of('OTHER-CPU'), 1, 0), 3), not(is(after('OTHER-CPU'), 0x12)), ne<number>('r3' in instruction.operands ? extract(G('r3'), 15, 0) : constant(16, 1), constant(16, 0))]),
    ...(instruction.name.startsWith('LRA') ? { [instruction.name]: or(isReal(element), any([o.registers.has('CC') ? bit(after('CC'), 0) : True, shown])) } : {}),
    ...Object.fromEntries(['MVCDK', 'MVCSK', 'MVCK', 'MVCP', 'MVCS'].map((name) => [name, eq<number>(extract('r3' in instruction.operands ? G('r3') : select(GR, constant(4, 1)), 7, 4), of('KEY'))])),
    // Fetch protection is left out, and that events may be counted instead.
    TPROT: and(all(blocks.map((b) => not(bit(select(keys, b as Term<52>), 2)))), keysReached), IVSK: keysReached, MC: is(extract(of('CR8'), 47, 32), 0),
    EX: and(ne<number>(of('AS'), constant(2, 2)), onBoundary), STURA: onBoundary, STURG: onBoundary, SSM: without('special-operation'),
    SACF: or(without('special-operation'), or(not(T), all(['CR7', 'CR13'].map((name) => eq<number>(of(name), of('CR1')))))),
  }
  const farSet = (name: string): Bool => or(eq<number>(after(name), of(name)), all([sub<number>(after(name), of(name)), sub<number>(of(name), after(name))].map((d) => ule(constant<number>(64, apartBy), d))))
  const queries = is(extract(select(GR, constant(4, 0)), 6, 0), 1)
  const offsetCounted = all([
    implies(completed, both((t) => is(extract(t('TOD-OFFSET'), 7, 0), 0))), implies(queries, and(is(of('TOD-CLOCK'), physical), is(of('TOD-OFFSET'), 0))),
  ])
  return [
    { name: 'the program is in free storage and may be fetched', why: 'a fetch that traps is not the instruction', holds: all([not(bit(IA, 0)), not(and(T, fetched.invalid)), implies(T, reached(spaceOfProgram(of), here)), ...programFree]) },
    { name: 'the program goes on where storage is zeros', why: 'an operation exception, or that of a fetch, gives control back', holds: implies(completed, comesBack) },
    { name: 'operands are in free storage apart from the program', why: 'the kernel and the tables are elsewhere', holds: all(operands) },
    { name: 'keys are those of free storage without the program', why: 'their use is recorded there', holds: all(keyed) },
    { name: 'address spaces are real, or begin where the tables are', why: 'the tables are laid down once', holds: both((t) => all([1, 7, 13].map((n) => laid(t(`CR${n}`))))) },
    { name: 'the primary ASTE is where the linkage table is designated', why: 'linkage and entry tables are there', holds: ['PC', 'PT', 'PTI'].includes(instruction.name) ? is(extract(of('CR5'), 30, 6), linkage.aste / 64) : True },
    { name: 'keys do not refuse stores', why: 'the emulator has no key-controlled protection', holds: protects ? True : all(allowed) },
    { name: 'the processor runs', why: 'it executes nothing in the wait state', holds: both((t) => not(t('W') as Bool)) },
    { name: 'no program event', why: 'program-event recording is left out', holds: both((t) => implies(t('PER-MASK') as Bool, is(extract(t('CR9'), 31, 24), 0))) },
    { name: 'no space-switch event', why: 'these events are left out', holds: both((t) => all([1, 13].map((n) => not(bit(t(`CR${n}`), 6))))) },
    { name: 'no low-address protection, and no override of the others', why: 'they are left out', holds: both((t) => and(not(bit(t('CR0'), 28)), is(extract(t('CR0'), 25, 24), 0))) },
    { name: 'no tracing', why: 'it is left out', holds: and(is(extract(of('CR12'), 63, 62), 0), is(extract(of('CR12'), 1, 0), 0)) },
    { name: 'nothing interrupts', why: 'clocks run', holds: both((t) => and(implies(t('EXTERNAL-MASK') as Bool, is(extract(t('CR0'), 11, 9), 0)), implies(t('M') as Bool, not(bit(t('CR14'), 28))))) },
    { name: 'the prefix is 0 or the kernel\'s other one', why: 'interruptions go to the kernel', holds: both((t) => isOneOf(t('PREFIX'), [0, place.otherPrefix])) },
    { name: 'identities are the emulator\'s', why: 'they are fixed', holds: and(is(of('CPU-ID'), identity), is(of('CPU-ADDRESS'), 0)) },
    { name: 'the CPU timer does not run out meanwhile', why: 'QEMU does not show that it has', holds: protects ? True : ule(constant<number>(64, apartBy), of('CPU-TIMER')) },
    { name: 'clocks are set to what they show, or far from it', why: 'they run on, and are told by the value that they have come from', holds: implies(completed, and(farSet('CPU-TIMER'), farSet('TOD-CLOCK'))) },
    { name: 'the physical clock is the emulator\'s, and its offset is counted as the emulator does', why: 'it is fixed; without the last 8 bits, and in a query it is that of steering alone', holds: instruction.name === 'PTFF' ? offsetCounted : True },
    { name: 'the clock comparator has the clock\'s resolution', why: 'Hercules has no last 8 bits', holds: both((t) => is(extract(t('CLOCK-COMPARATOR'), 7, 0), 0)) },
    { name: 'the supervisor state does not execute it', why: problemState.get(instruction.name) ?? '', holds: problemState.has(instruction.name) ? of('P') as Bool : True },
    { name: 'what differs from the model\'s machine', why: 'there is no other processor; an EX in secondary-space mode has its subject in the primary space; moves are checked with their own keys', holds: special[instruction.name] ?? True },
  ]
}

/** Microseconds since 1900 in bits 0 to 51, as Hercules takes it from its host. */
const physicalClock = (): bigint => (BigInt(Date.now()) * 1000n + 2_208_988_800_000_000n) << 12n

const zOn = (emulator: Emulator): BenchMaker => async (isa): Promise<Bench> => {
  const kernel = { image, at: 0, ...symbols, records: place.records, recordSize, capacity: 256, word: 8, bigEndian: true } as const
  const loop = new RecordLoop<Driven>(kernel, {
    start: emulator.start,
    prepare: async ({ stub, ram }) => {
      // QEMU has its firmware near the end.
      await ram?.write(place.free, new Uint8Array(place.end - place.free))
      await stub.write(place.otherPrefix, image)
      await stub.write(linkage.linkageTable, linkageTable())
      for (const origin of origins) await stub.write(origin, tablesAt(origin))
    },
    enter: emulator.enter,
  }, emulator.patience)
  const { version, stub } = await loop.warm()
  const identity = (await stub.read(symbols.identity, 8)).reduce((n, b) => n * 256n + BigInt(b), 0n)
  const physical = physicalClock()
  return {
    emulator: emulator.name(version),
    excluded: emulator.excluded,
    limits: limitsOf(isa, emulator, identity, physical),
    deviations,
    draw: drawing(identity, physical),
    run: async (trials) => (await loop.run(trials.map(recordOf))).map((r, n) => answerOf(r, trials[n]!, physical)),
    end: () => loop.end(),
  }
}
export const zOnQemu = zOn(qemu)
export const zOnHercules = zOn(hercules)
