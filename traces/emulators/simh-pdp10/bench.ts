// SIMH's PDP-10 as a bench for the KA10: it is a KS10, so what its manual changed is kept out by limits that say so.
import type { Instruction } from '../../../model/ir/instruction.ts'
import { cell, get, type Bank, type Register } from '../../../model/ir/state.ts'
import { add, all, and, any, constant, eq, extract, implies, ite, ne, not, or, postorder, True, ule, ult, variable, zeroExtend, type Bool, type Term } from '../../../model/ir/term.ts'
import { termsOf, type Outcome } from '../../../model/machine/execute.ts'
import type { Conjunct, Isa } from '../../../model/machine/isa.ts'
import { accesses, type Bench, type BenchMaker, type Drawn } from '../bench.ts'
import type { Deviation } from '../deviations.ts'
import { Simh } from '../simh.ts'
import type { Random } from '../../generate-random.ts'
import { answerOf, Depositor, handlers, setUp, tables } from './console.ts'

/** Codes that the KS10 has given to other instructions, or whose course is another. */
const excluded: ReadonlyMap<string, string> = new Map([
  ['unassigned 100-117', 'the KS10 has ADJSP, and double integers and floating point numbers there'],
  ['unassigned 120-127', 'the KS10 has double moves, FIX and EXTEND there'],
  ['unassigned 257', 'it is MAP on the KS10'],
  ['JRST 3,', 'the KS10 has no such instruction and traps in both modes'],
  ['unassigned 247', 'the KS10 does nothing'],
  ['JRST 5,', 'it is XJRSTF on the KS10, which users may execute'],
  ['BLT', 'the model moves one word at a time; the emulator moves them all'],
])
/** Functions of JRST that are others on the KS10, but for the trap where a user may not execute them. */
const onlyTraps = /^JRST (6|7|11|13|14|15|16|17),$/
const isInOut = ({ encoding }: Instruction): boolean => encoding.format['inOut'] !== undefined
const shifts = new Set(['ASH', 'LSH', 'ASHC', 'LSHC'])
const stacks = new Set(['PUSH', 'PUSHJ', 'POP', 'POPJ'])
/** They count in both halves of a word at once: the KA10 carries from the right half to the left one. */
const counts = new Set(['AOBJP', 'AOBJN', 'PUSH', 'PUSHJ', 'POP', 'POPJ', 'IBP', 'ILDB', 'IDPB'])

/** With one indirect word at most, as far as the model goes. */
const effectiveAddress = (isa: Isa, { operands: { i, x, y } }: Instruction): Term => {
  const bank = (name: string): Bank => isa.components.find((c) => c.name === name) as Bank
  const indexed = (by: Term, from: Term): Term =>
    add<number>(from, ite<number>(eq<number>(by, constant<number>(4, 0)), constant(18, 0), extract(get(cell(bank('AC'), by)), 17, 0)))
  const first = indexed(x!, y!)
  const word = ite<number>(
    ult<number>(first, constant<number>(18, 16)), get(cell(bank('AC'), extract(first, 3, 0))), get(cell(bank('E'), isa.relocation.develop(first, 'read').real)),
  )
  return ite<number>(i as Bool, indexed(extract(word, 21, 18), extract(word, 17, 0)), first)
}

const limitsOf = (isa: Isa) => (i: Instruction, o: Outcome): readonly Conjunct[] => {
  const of = (name: string): Term => variable(name, (isa.components.find((c) => c.name === name) as Register).width)
  const zero = (name: string): Bool => eq<number>(of(name), constant<number>(of(name).width, 0))
  const half = (n: number): Term => constant<number>(18, n)
  const inUser = of('USER') as Bool
  const completed = not(o.trapped), program = isa.relocation.develop(of('PC'), 'fetch')
  const used = accesses(o, 'E')
  const values = postorder(termsOf(o)).filter((t) => t.kind === 'select' && (t.memory.name === 'AC' || t.memory.name === 'E'))
  const conditions = ['PDL-OV', 'MPV', 'NXM', 'CLK', 'CLK-ENABLED', 'OV-ENABLED', 'FOV-ENABLED', 'APR-PIA']
  const dismisses = o.registers.has('PIH') && i.name.startsWith('JRST')
  const number = i.operands['ac'] ? zeroExtend(i.operands['ac'], 18) : half(0)
  const pointer = get(cell(isa.components.find((c) => c.name === 'AC') as Bank, i.operands['ac'] ?? constant(4, 0)))
  const address = effectiveAddress(isa, i)
  const next = o.registers.get('PC') ?? of('PC')
  return [
    { name: 'the program is in storage', holds: and(not(program.fault), and(ule<number>(half(16), of('PC')), ule<number>(half(16), program.real))), why: 'a program in accumulators is left out of the model' },
    {
      name: 'the instruction is not its own operand', why: 'what is there is the instruction',
      holds: all(used.map(({ index, when }) => implies(when ?? True, ne<number>(index, program.real)))),
    },
    {
      name: 'operands are not the real words 0 to 17', why: 'the console takes these addresses for the accumulators',
      holds: all(used.map(({ index, when }) => implies(when === undefined ? completed : and(when, completed), ule<number>(half(16), index)))),
    },
    {
      name: 'storage ends at 774000', why: 'the process tables are there',
      holds: and(ult<number>(program.real, half(tables)), all(used.map(({ index, when }) => implies(when ?? True, ult<number>(index, half(tables)))))),
    },
    { name: 'no condition of the processor is raised or enabled', holds: all(conditions.map(zero)), why: 'the KS10 has others' },
    { name: 'no interrupt is requested', holds: zero('PIR'), why: 'it would come before the instruction' },
    { name: 'the processor runs', holds: zero('HALTED'), why: 'it executes nothing else' },
    {
      name: 'what is another instruction on the KS10 is a confined user\'s', why: 'input and output, and functions of JRST, are others there; where a user may not execute them both trap',
      holds: isInOut(i) || onlyTraps.test(i.name) ? and(inUser, zero('USER-IO')) : True,
    },
    { name: 'HALT is not a user\'s with USER-IO', holds: i.name === 'JRST 4,' ? not(and(inUser, not(zero('USER-IO')))) : True, why: 'the KS10 halts for the executive only' },
    {
      name: 'the word of SETCA is within bounds', why: 'the KS10 fetches it, though it does not use it',
      holds: i.name === 'SETCA' ? or(ult<number>(address, half(16)), not(isa.relocation.develop(address, 'read').fault)) : True,
    },
    { name: 'LDB and DPB begin with BIS = 0', holds: /^(LDB|DPB)$/.test(i.name) ? zero('BIS') : True, why: 'the KS10 keeps it' },
    { name: 'JRST 1, is in user mode', holds: i.name === 'JRST 1,' ? inUser : True, why: 'on the KS10 it is PORTAL, which does not enter user mode' },
    {
      name: 'IBP has no accumulator', holds: i.name === 'IBP' ? eq<number>(i.operands['ac']!, constant<number>(4, 0)) : True,
      why: 'with one it is ADJBP on the KS10',
    },
    {
      name: 'no half word carries', why: 'the KA10 carries from the right half to the left one, the KS10 does not',
      holds: counts.has(i.name) ? all(values.map((t) => not(any([0, 0o777777].map((n) => eq<number>(extract(t, 17, 0), half(n))))))) : True,
    },
    {
      name: 'a pushdown list is not in its own pointer', why: 'whether the word pushed or the pointer stays there is not said, and differs',
      holds: stacks.has(i.name) ? all([0, 1].map((n) => ne<number>(add<number>(extract(pointer, 17, 0), half(n)), number))) : True,
    },
    {
      name: 'JSA and POP do not store into their own accumulator', why: 'the KA10 stores there last, the KS10 first',
      holds: i.name === 'JSA' || i.name === 'POP' ? ne<number>(address, number) : True,
    },
    {
      name: 'no shift is by -400', why: 'the KA10 takes its last eight bits, which are 0, and the KS10 shifts by 400',
      holds: shifts.has(i.name) ? not(and(extract<1>(address, 17, 17), eq<number>(extract(address, 7, 0), constant(8, 0)))) : True,
    },
    { name: 'interrupts are dismissed while the system is on', holds: dismisses ? or(o.trapped, not(zero('PI-ON'))) : True, why: 'the KS10 dismisses them in any case' },
    { name: 'no jump goes to the bench\'s handlers', holds: implies(completed, ult<number>(next, half(handlers.monitorCall))), why: 'a trap is seen by going there' },
  ]
}

const deviations: readonly Deviation[] = [{
  emulator: 'SIMH V3.8', isas: ['pdp10'], instructions: ['ASH', 'ASHC'], difference: /^OV becomes 0x1; /,
  does: 'does not set OV where -1 is shifted left by more places than it has bits of magnitude: it counts no more than 35 of the places, or 70 of two words',
  manual: 'DECsystem-10 System Reference Manual, Arithmetic Shifting, and MIT PDP-10 Info file, Shift instructions: overflow where any bit of significance is shifted out of bit 1, that is a 0 of a negative number',
}]

const mask = (bits: number): bigint => (1n << BigInt(bits)) - 1n
const bits36 = (random: Random): bigint => ((BigInt(random.word() >>> 0) << 32n) | BigInt(random.word() >>> 0)) & mask(36)
const boundaries = [0n, 1n, 2n, mask(36), mask(35), 1n << 35n, (1n << 35n) | 1n, mask(18), mask(18) << 18n, mask(36) - 1n, 1n << 34n]
const near = (random: Random): bigint => BigInt(random.chance(20) ? random.below(16) : random.below(random.chance(60) ? 0o20000 : 0o777000))
const last = ({ register }: Drawn): number => (register('USER') === 0n ? 0o777000 : (Number(register('PL')) + 1) * 1024)
const unset = new Set(['HALTED', 'PIR', 'APR-PIA', 'MPV', 'NXM', 'CLK', 'PDL-OV', 'CLK-ENABLED', 'OV-ENABLED', 'FOV-ENABLED'])
const draw: Bench['draw'] = {
  register: ({ name, width }, random, { register }) => {
    const value = (): number => {
      if (unset.has(name)) return 0
      if (name === 'PC') return random.between(16, random.chance(70) ? 0o1777 : 0o17777)
      if (name === 'USER') return random.below(2)
      // The program is within its protection.
      if (name === 'PL') return random.between(Number(register('PC')) >> 10, random.chance(50) ? 255 : 16)
      if (name === 'PI-ON') return random.chance(80) ? 1 : 0
      return random.word()
    }
    return BigInt.asUintN(width, BigInt(value()))
  },
  cell: (_bank, _index, width, random, state) => BigInt.asUintN(width, random.of([
    () => bits36(random), () => random.of(boundaries), () => near(random), () => (bits36(random) & (mask(18) << 18n)) | near(random),
    // A count and a list, an indirect word, a pointer to bytes.
    () => ((BigInt(random.of([0, 1, 0o777777, 0o777776])) << 18n) | near(random)),
    () => (BigInt(random.below(37)) << 30n) | (BigInt(random.below(37)) << 24n) | near(random) % BigInt(last(state)),
  ])()),
}

export const pdp10: BenchMaker = async (isa): Promise<Bench> => {
  const simh = new Simh({ program: 'pdp10', setUp })
  const depositor = new Depositor(simh)
  return {
    emulator: `${await simh.version()}, pdp10 (KS10)`,
    excluded,
    limits: limitsOf(isa),
    deviations,
    draw,
    run: async (trials) => (await simh.run(trials.length, (n) => depositor.commandsOf(trials[n]!))).map((p, n) => answerOf(p, trials[n]!)),
    end: () => simh.end(),
  }
}
