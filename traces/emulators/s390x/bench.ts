// QEMU as a bench for z/Architecture: which states can be laid down, and how.
import type { Instruction } from '../../../model/ir/instruction.ts'
import type { Bank, Register } from '../../../model/ir/state.ts'
import { add, all, and, any, constant, eq, extract, implies, ite, ne, not, or, select, sub, True, ule, ult, variable, type Bool, type Term } from '../../../model/ir/term.ts'
import type { Outcome } from '../../../model/machine/execute.ts'
import type { Conjunct, Isa } from '../../../model/machine/isa.ts'
import { elementOf, translate } from '../../../model/isa/z/state.ts'
import { accesses, type Bench, type BenchMaker } from '../bench.ts'
import { startQemu } from '../qemu.ts'
import { bytesOf, RecordLoop } from '../record-loop.ts'
import { deviations } from './deviations.ts'
import { drawing } from './draw.ts'
import { image, symbols } from './kernel.ts'
import { origins, place, tablesSize } from './place.ts'
import { answerOf, recordOf, recordSize } from './record.ts'
import { tablesAt } from './spaces.ts'

const program = { program: 'qemu-system-s390x', package: 'qemu-system-misc' }

const excluded: ReadonlyMap<string, string> = new Map([
  ...['STCK', 'STCKF', 'STCKE', 'ECTG', 'PTFF', 'STPT'].map((name) => [name, 'clocks and timers run'] as const),
  ...['IPK', 'IVSK', 'IAC', 'EPAR', 'EPAIR', 'ESAR', 'ESAIR', 'SAC', 'SSAR', 'SSAIR', 'PT', 'PTI', 'MVCK', 'MVCDK', 'MVCSK', 'LASP', 'TRACG', 'PALB', 'SIE']
    .map((name) => [name, 'the emulator does not have it: an operation exception'] as const),
  ['STFL', 'it stores in the kernel\'s page'], ['STFLE', 'the emulator\'s list is longer than the model\'s'], ['PC', 'linkage and entry tables are a stand-in'],
])
/** What only the problem state can try here, with the reason. */
const problemState: ReadonlyMap<string, string> = new Map([
  ['DIAG', 'its codes are the emulator\'s own'], ['TB', 'it clears a block'], ['SERVC', 'it is a call of the emulator'], ['SIE', 'the emulator has none'], ['STSI', 'its answer is the emulator\'s'],
  ...['IPTE', 'IDTE', 'CSP', 'PALB'].map((name) => [name, 'it changes tables'] as const),
  ...['CSCH', 'HSCH', 'MSCH', 'SSCH', 'TPI', 'SAL', 'RSCH', 'RCHP', 'SCHM', 'XSCH', 'STSCH', 'TSCH', 'STCRW', 'STCPS'].map((name) => [name, 'there are no subchannels'] as const),
  ...['PT', 'PTI', 'SSAR', 'SSAIR', 'LASP'].map((name) => [name, 'tables of address spaces are a stand-in'] as const),
])

const limitsOf = (isa: Isa, identity: bigint) => (instruction: Instruction, o: Outcome): readonly Conjunct[] => {
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
  /** Stores by other keys, which the emulator does not refuse. */
  const stores = (o.banks.get('E') ?? []).map(({ index, when, program: relocated }) => (relocated ? implies(when, or(is(of('KEY'), 0), eq<number>(extract(key(index), 6, 3), of('KEY')))) : True))
  const G = (operand: string): Term => select(component('GR') as Bank<4, 64>, instruction.operands[operand] as Term<4>)
  const special: Readonly<Record<string, Bool>> = {
    SIGP: and(is(extract(of('OTHER-CPU'), 1, 0), 3), ne<number>('r3' in instruction.operands ? extract(G('r3'), 15, 0) : constant(16, 1), constant(16, 0))),
    EX: ne<number>(of('AS'), constant(2, 2)),
  }
  return [
    { name: 'the program is in free storage and may be fetched', why: 'a fetch that traps is not the instruction', holds: all([not(bit(IA, 0)), not(and(T, fetched.invalid)), implies(T, reached(spaceOfProgram(of), here)), ...programFree]) },
    { name: 'the program goes on where storage is zeros', why: 'an operation exception, or that of a fetch, gives control back', holds: implies(completed, comesBack) },
    { name: 'operands are in free storage apart from the program', why: 'the kernel and the tables are elsewhere', holds: all(operands) },
    { name: 'keys are those of free storage without the program', why: 'their use is recorded there', holds: all(keyed) },
    { name: 'address spaces are real, or begin where the tables are', why: 'the tables are laid down once', holds: both((t) => all([1, 7, 13].map((n) => laid(t(`CR${n}`))))) },
    { name: 'keys do not refuse stores', why: 'the emulator has no key-controlled protection', holds: all(stores) },
    { name: 'the processor runs', why: 'it executes nothing in the wait state', holds: both((t) => not(t('W') as Bool)) },
    { name: 'no program event', why: 'program-event recording is left out', holds: both((t) => implies(t('PER-MASK') as Bool, is(extract(t('CR9'), 31, 24), 0))) },
    { name: 'no space-switch event', why: 'these events are left out', holds: both((t) => all([1, 13].map((n) => not(bit(t(`CR${n}`), 6))))) },
    { name: 'no low-address protection', why: 'it is left out', holds: both((t) => not(bit(t('CR0'), 28))) },
    { name: 'no tracing', why: 'it is left out', holds: and(is(extract(of('CR12'), 63, 62), 0), is(extract(of('CR12'), 1, 0), 0)) },
    { name: 'nothing interrupts', why: 'clocks run', holds: both((t) => and(implies(t('EXTERNAL-MASK') as Bool, is(extract(t('CR0'), 11, 9), 0)), implies(t('M') as Bool, not(bit(t('CR14'), 28))))) },
    { name: 'the prefix is 0 or the kernel\'s other one', why: 'interruptions go to the kernel', holds: both((t) => isOneOf(t('PREFIX'), [0, place.otherPrefix])) },
    { name: 'identities are the emulator\'s', why: 'they are fixed', holds: and(is(of('CPU-ID'), identity), is(of('CPU-ADDRESS'), 0)) },
    { name: 'the supervisor state does not execute it', why: problemState.get(instruction.name) ?? '', holds: problemState.has(instruction.name) ? of('P') as Bool : True },
    { name: 'what differs from the model\'s machine', why: 'there is no other processor; an EX in secondary-space mode has its subject in the primary space', holds: special[instruction.name] ?? True },
  ]
}

export const zOnQemu: BenchMaker = async (isa): Promise<Bench> => {
  const kernel = { image, at: 0, ...symbols, records: place.records, recordSize, capacity: 256, word: 8, bigEndian: true } as const
  const loop = new RecordLoop(kernel, {
    start: () => startQemu(program, ['-M', 's390-ccw-virtio', '-cpu', 'qemu', '-m', '16M']),
    prepare: async ({ stub }) => {
      await stub.write(place.otherPrefix, image)
      for (const origin of origins) await stub.write(origin, tablesAt(origin))
    },
    enter: async ({ stub }) => {
      await stub.setRegister(0, bytesOf(0x180000000n, 8, true))
      await stub.setRegister(1, bytesOf(symbols.start, 8, true))
    },
  })
  const { version, stub } = await loop.warm()
  const identity = (await stub.read(symbols.identity, 8)).reduce((n, b) => n * 256n + BigInt(b), 0n)
  return {
    emulator: `QEMU ${version}, ${program.program} -cpu qemu`,
    excluded,
    limits: limitsOf(isa, identity),
    deviations,
    draw: drawing(identity),
    run: async (trials) => (await loop.run(trials.map(recordOf))).map((r, n) => answerOf(r, trials[n]!)),
    end: () => loop.end(),
  }
}
