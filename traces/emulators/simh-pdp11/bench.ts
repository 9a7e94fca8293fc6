// SIMH's PDP-11/45 as a bench: states are deposited from its console, one step is made, and they are examined.
import { cell, get, type Bank, type Register } from '../../../model/ir/state.ts'
import { all, and, constant, eq, extract, implies, ne, not, True, ule, ult, variable, type Bool, type Term } from '../../../model/ir/term.ts'
import type { Instruction } from '../../../model/ir/instruction.ts'
import type { Outcome } from '../../../model/machine/execute.ts'
import type { Conjunct, Isa } from '../../../model/machine/isa.ts'
import { accesses, type Bench, type BenchMaker } from '../bench.ts'
import type { Deviation } from '../deviations.ts'
import { Simh } from '../simh.ts'
import type { Random } from '../../generate-random.ts'
import { answerOf, Depositor, ioPage } from './console.ts'

/** A push of the kernel from here on is above the stack limit. */
const stackFloor = 0o1000

const limitsOf = (isa: Isa) => (i: Instruction, o: Outcome): readonly Conjunct[] => {
  const component = (name: string) => isa.components.find((c) => c.name === name)!
  const of = (name: string): Term => variable(name, (component(name) as Register).width)
  const is = (name: string, value: number): Bool => eq<number>(of(name), constant<number>(of(name).width, value))
  const isMode = (mode: Term): Bool => ne<number>(mode, constant<number>(2, 2))
  const program = isa.relocation.develop(extract(of('PC'), 15, 1), 'fetch')
  const completed = not(o.trapped)
  const used = accesses(o, 'E').map(({ index, when }) => ({ index, when: when === undefined ? completed : and(when, completed) }))
  const SP = get(cell(component('R') as Bank, constant(3, 6)))
  const requests = [1, 2, 3, 4, 5, 6, 7].map((level) => implies(extract<1>(of('PIRQ'), level - 1, level - 1), ule<number>(constant<number>(3, level), of('IPL'))))
  return [
    { name: 'the modes are kernel, supervisor or user', holds: and(isMode(of('CM')), isMode(of('PM'))), why: 'the fourth mode has no stack pointer and no mapping' },
    { name: 'the program is at an even address of the window', holds: and(not(extract<1>(of('PC'), 0, 0)), not(program.fault)), why: 'a fetch that traps is not the instruction' },
    { name: 'the instruction is not its own operand', holds: all(accesses(o, 'E').map(({ index, when }) => implies(when ?? True, ne<number>(index, program.real)))), why: 'what is there is the instruction' },
    { name: 'operands are outside the I/O page', holds: all(used.map(({ index, when }) => implies(when, ult<number>(index, constant<number>(17, ioPage))))), why: 'its words are registers' },
    {
      name: 'what is moved to the previous space is not 0', why: 'a word that is only written is 0 before: the store is to be seen',
      holds: i.name.startsWith('MTP') ? all((o.banks.get('E') ?? []).map((w) => implies(w.when, ne<number>(w.value, constant<number>(16, 0))))) : True,
    },
    { name: 'the mapping is on', holds: is('SSR0', 1), why: 'SSR0 is its enabling bit here, and the windows presuppose it' },
    { name: 'the processor runs', holds: and(is('HALTED', 0), is('WAITING', 0)), why: 'it executes nothing else' },
    { name: 'no program interrupt is due', holds: all(requests), why: 'it would come before the instruction' },
    { name: 'the kernel\'s stack is above the limit', holds: implies(is('CM', 0), ule<number>(constant<number>(16, stackFloor), SP)), why: 'a push below it traps as well' },
  ]
}

const deviations: readonly Deviation[] = [{
  emulator: 'SIMH V3.8', isas: ['pdp11'], instructions: ['reserved 007000-007777'],
  does: 'executes 0070xx as CSM in supervisor and user mode: it goes to supervisor mode and takes PC from its location 10',
  manual: 'PDP-11/45 Processor Handbook, Reserved instructions: codes that are not assigned trap through 10, and CSM is an instruction of the PDP-11/44 and the J-11 only',
}]

const boundaries = [0, 1, 2, 0o77777, 0o100000, 0o177777, 0o177776, 0o377, 0o200, 0o177600]
const draw: Bench['draw'] = {
  register: ({ name, width }, random) => {
    const value = (): number => {
      switch (name) {
        case 'CM': case 'PM': return random.of([0, 1, 3])
        case 'PC': return random.word() & (random.chance(50) ? 0o1776 : 0o177776)
        case 'SSR0': return 1
        case 'HALTED': case 'WAITING': return 0
        case 'PIRQ': return random.chance(60) ? 0 : random.word() & random.word()
        default:
          if (name.endsWith('base')) return random.below(2900)
          if (name.endsWith('limit')) return random.chance(60) ? 1023 : random.chance(50) ? random.below(1024) : random.below(64)
          return name.endsWith('SP') ? address(random) : random.word()
      }
    }
    return BigInt.asUintN(width, BigInt(value()))
  },
  cell: (bank, index, width, random) => BigInt.asUintN(width, BigInt(bank === 'R' && index === 6n ? 0o1000 + 2 * random.below(0o37400) : word(random))),
}
const address = (random: Random): number => random.word() & (random.chance(50) ? 0o7776 : 0o177776)
const word = (random: Random): number =>
  random.chance(50) ? address(random) : random.chance(30) ? random.of(boundaries) : random.word()

export const pdp11: BenchMaker = async (isa): Promise<Bench> => {
  const simh = new Simh({ program: 'pdp11', setUp: ['set cpu 11/45 256K'] })
  const depositor = new Depositor(simh)
  return {
    emulator: `${await simh.version()}, pdp11 11/45`,
    excluded: new Map(),
    limits: limitsOf(isa),
    deviations,
    draw,
    run: async (trials) => {
      const printed = await simh.run(trials.length, (n) => depositor.commandsOf(trials[n]!))
      return printed.map((p, n) => answerOf(p, trials[n]!))
    },
    end: () => simh.end(),
  }
}
