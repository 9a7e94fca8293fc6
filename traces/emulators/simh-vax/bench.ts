// SIMH's VAX-11/780 as a bench: states are deposited from its console, one step is made, and they are examined.
import { readable, writable } from '../../../model/isa/vax/system.ts'
import type { Instruction } from '../../../model/ir/instruction.ts'
import { get, cell, type Bank, type Register } from '../../../model/ir/state.ts'
import { add, all, and, any, constant, eq, extract, False, implies, not, or, postorder, sub, True, ule, ult, variable, type Bool, type Term } from '../../../model/ir/term.ts'
import { termsOf, type Outcome } from '../../../model/machine/execute.ts'
import type { Conjunct, Isa } from '../../../model/machine/isa.ts'
import { accesses, type Bench, type BenchMaker, type Drawn } from '../bench.ts'
import type { Deviation } from '../deviations.ts'
import { Simh } from '../simh.ts'
import type { Random } from '../../generate-random.ts'
import { answerOf, commandsOf, mostPages, place, setUp } from './console.ts'

/** Processor registers that hold what they are given: the stacks, the mapping's length, contexts, priorities. */
const kept = [1, 2, 3, 9, 16, 17, 18, 19, 21]
const [firstPageTable, softwareRequest] = [8, 20]

const limitsOf = (isa: Isa) => (i: Instruction, o: Outcome): readonly Conjunct[] => {
  const component = (name: string) => isa.components.find((c) => c.name === name)!
  const of = (name: string): Term => variable(name, (component(name) as Register).width)
  const is = (t: Term, value: number): Bool => eq<number>(t, constant<number>(t.width, value))
  const long = (n: number): Term => constant<number>(32, n)
  const below = (t: Term, end: number): Bool => ult<number>(t, constant<number>(t.width, end))
  const aligned = (t: Term): Bool => is(extract(t, 1, 0), 0)
  const within = (t: Term, from: number, size: number): Bool => below(sub<number>(t, long(from)), size)
  const SP = get(cell(component('R') as Bank, constant(4, 14)))
  const completed = not(o.trapped), prot = of('PTE-PROT')
  const used = accesses(o, 'E').map(({ index, when }) => ({ index, when: when === undefined ? completed : and(when, completed) }))
  const handler = (index: Term): Bool => any([0x40, 0x44, 0x48, 0x4c].map((offset) => eq<number>(sub<number>(index, extract(of('SCBB'), 29, 2)), constant<number>(28, offset / 4))))
  /** Near the tables of the bench, which are mapped where the model has nothing. */
  const atTables = (address: Term): Bool => within(address, place.system - 0x100, place.systemPages * 512 + 0x200)
  const values = postorder(termsOf(o)).filter((t) => t.kind === 'select' && (t.memory.name === 'R' || t.memory.name === 'KSP-ESP-SSP-USP'))
  const stored = [...o.banks.get('E') ?? []].flatMap((w) => (w.program === undefined ? [] : [implies(w.when, not(below(sub<number>(w.program, constant<number>(30, (place.system - 0x100) / 4)), place.systemPages * 128 + 0x80)))]))
  const writes = (o.banks.get('E') ?? []).length > 0, reads = used.length > 0
  const number = Object.values(i.operands).find((t) => t.width === 6)
  const isMove = i.name === 'MTPR' || i.name === 'MFPR'
  const kernelStack = (top: Term): Bool => all([
    ule<number>(long(64), top), below(extract(top, 31, 9), mostPages), ult<number>(extract(top, 29, 9), of('P0LR')), is(extract(top, 31, 30), 0), writable(prot, constant(2, 0)),
  ])
  const requests = Array.from({ length: 15 }, (_, n) => implies(extract<1>(of('SISR'), n + 1, n + 1), ule<number>(constant<number>(5, n + 1), of('IPL'))))
  const context = (n: number): Term => get(cell(component('E') as Bank, add<number>(extract(of('PCBB'), 29, 2), constant<number>(28, n))))
  const value = get(cell(component('R') as Bank, Object.values(i.operands).find((t) => t.width === 4) ?? constant(4, 0)))
  const KSP = get(cell(component('KSP-ESP-SSP-USP') as Bank, constant(2, 0)))
  return [
    { name: 'the program is at 80020000', holds: within(of('PC'), place.program, 0x1000), why: 'system space holds it, which the model does not have' },
    { name: 'P0 space has at most 4000 pages', holds: ule<number>(of('P0LR'), constant<number>(21, mostPages)), why: 'its table is no longer' },
    { name: 'operands are in storage of 6 megabytes', holds: all(used.map(({ index, when }) => implies(when, or(below(index, place.control >> 2), handler(index))))), why: 'above it are the tables' },
    { name: 'no address is in system space', holds: all([...values.map((t) => not(atTables(t))), ...stored]), why: 'the tables are there' },
    { name: 'the system control block is a page from 600000 to 6ff000', holds: and(within(of('SCBB'), place.control, 0xff000), is(extract(of('SCBB'), 8, 0), 0)), why: 'nothing else is to be there, no other trial\'s block either' },
    { name: 'the context block is in storage', holds: and(below(of('PCBB'), place.control - 0x100), aligned(of('PCBB'))), why: 'it is a real address' },
    {
      name: 'the interrupt stack is at 80040800, or in use and mapped', why: 'exceptions are taken on it',
      holds: and(implies(not(of('IS') as Bool), is(of('ISP'), place.interruptStack)), implies(of('IS') as Bool, kernelStack(SP))),
    },
    {
      name: 'the PSL is one that REI takes', why: 'no other is in force; the emulator refuses to go on with it',
      holds: all([
        ule<number>(of('CUR'), of('PRV')), implies(of('IS') as Bool, not(is(of('IPL'), 0))),
        or(is(of('CUR'), 0), and(not(of('IS') as Bool), is(of('IPL'), 0))),
      ]),
    },
    {
      name: 'protection allows the references', why: 'the model looks at protection in probes only',
      holds: i.name.startsWith('PROBE') ? True : writes ? writable(prot, of('CUR')) : reads ? readable(prot, of('CUR')) : True,
    },
    {
      name: 'a call of the kernel finds its stack', why: 'it is written before the handler is reached',
      holds: i.name.startsWith('CHM') ? and(kernelStack(KSP), implies(is(of('CUR'), 0), kernelStack(SP))) : True,
    },
    { name: 'no software interrupt is due', holds: all(requests), why: 'it would come before the instruction' },
    {
      name: 'a saved PC and PSL are not 0', why: 'a word that is only written is 0 before: the store is to be seen',
      holds: i.name === 'SVPCTX' ? all((o.banks.get('E') ?? []).slice(-2).map((w) => implies(w.when, not(is(w.value, 0))))) : True,
    },
    { name: 'the processor runs', holds: not(of('HALTED') as Bool), why: 'it executes nothing else' },
    {
      name: 'the processor register is a simple one', why: 'the others act, or are this model\'s own; P0BR holds where the page table is',
      holds: isMove && number ? any([...kept, ...(i.name === 'MTPR' ? [firstPageTable, softwareRequest] : [])].map((n) => is(number, n))) : True,
    },
    {
      name: 'P0BR is given an address of system space', why: 'the emulator refuses another; the model\'s P0BR is the first frame of P0 space',
      holds: i.name === 'MTPR' && number ? implies(is(number, firstPageTable), and(is(extract(value, 31, 30), 2), aligned(value))) : True,
    },
    {
      name: 'a context has the bench\'s page table, and no reserved bits', why: 'they are a fault; and the mapping in force afterwards is the bench\'s',
      holds: i.name !== 'LDPCTX' ? True : all([
        is(context(20), place.system), is(extract(context(21), 31, 27), 0), below(extract(context(21), 26, 24), 5), is(extract(context(21), 23, 21), 0),
        ule<number>(extract(context(21), 20, 0), constant<number>(21, mostPages)), implies(of('IS') as Bool, not(o.memoryTrapped)),
        writable(prot, constant(2, 0)),
      ]),
    },
    { name: 'no branch goes to the bench\'s handlers', holds: implies(completed, not(within(o.registers.get('PC') ?? of('PC'), place.handlers, 0x1000))), why: 'an exception is seen by going there' },
    { name: 'no trace trap', holds: eq<number>(extract(of('PSW'), 4, 4), False), why: 'it would come before the next instruction' },
  ]
}

const deviations: readonly Deviation[] = []

const boundaries = [0, 1, 2, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffe, 0x0f, 0x10, 0x1f]
const pointer = (random: Random): number => 4 * random.below(random.chance(80) ? 0x8000 : 0x180000)
const word = (random: Random): number => (random.chance(55) ? pointer(random) : random.chance(50) ? random.of(boundaries) : random.word())
/** A PSL as an exception leaves it, mostly. */
const savedPsl = (random: Random): number => random.word() & (random.chance(50) ? 0x03c000ff : random.chance(50) ? 0x00df00ff : 0x07df00ff)
/** The fields of one PSL fit the mode; a context block is one that can be loaded. */
const context = ({ register }: Drawn): bigint => register('PCBB') / 4n
const draw: Bench['draw'] = {
  register: ({ name, width }, random, { register }) => {
    const value = (): number => {
      switch (name) {
        case 'PC': return place.program + random.below(0xf00)
        case 'P0BR': return random.below(0x800)
        case 'P0LR': return random.chance(60) ? 0x2800 : random.below(0x2800)
        case 'PTE-PROT': return random.chance(50) ? 4 : random.below(16)
        case 'SCBB': return place.control + 512 * random.below(0x7f0)
        case 'PCBB': return 4 * random.below(0x17f000)
        case 'ISP': return place.interruptStack
        case 'CUR': return random.chance(40) ? 0 : random.below(4)
        case 'PRV': return random.between(Number(register('CUR')), 3)
        case 'IS': return register('CUR') === 0n && random.chance(30) ? 1 : 0
        case 'IPL': return register('CUR') === 0n ? random.between(1, 31) * (random.chance(80) ? 1 : 0) : 0
        case 'SISR': return random.chance(60) ? 0 : random.word() & random.of([0x3e, 0xfffe])
        case 'PSW': return random.word() & 0xef
        case 'ASTLVL': return random.below(5)
        case 'HALTED': return 0
        default: return random.word()
      }
    }
    return BigInt.asUintN(width, BigInt(value()))
  },
  cell: (bank, index, width, random, state) => BigInt.asUintN(width, BigInt(
    bank === 'E' && index === context(state) ? pointer(random)
    : bank === 'E' && index === context(state) + 20n ? place.system
    : bank === 'E' && index === context(state) + 21n ? (random.below(5) << 24) | (random.chance(70) ? 0x2800 : random.below(0x2800))
    : bank === 'KSP-ESP-SSP-USP' || (bank === 'R' && index === 14n) ? pointer(random) : bank === 'E' && random.chance(30) ? savedPsl(random) : word(random),
  )),
}

export const vax: BenchMaker = async (isa): Promise<Bench> => {
  const simh = new Simh({ program: 'vax780', setUp })
  return {
    emulator: `${await simh.version()}, vax780`,
    excluded: new Map(),
    limits: limitsOf(isa),
    deviations,
    draw,
    run: async (trials) => (await simh.run(trials.length, (n) => commandsOf(trials[n]!))).map((p, n) => answerOf(p, trials[n]!)),
    end: () => simh.end(),
  }
}
