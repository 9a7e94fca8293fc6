// The PDP-10 with the KA10 processor as an ISA: the machine of the paper's example against Theorem 1.
import { set, type Statement } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { and, any, constant, eq, ite, ne, not, or, type Bool, type Term } from '../../ir/term.ts'
import { defineIsa, type Isa, type PublishedClaim } from '../../machine/isa.ts'
import { following, pcPlus, rightHalf } from './address.ts'
import { arithmetic } from './arithmetic.ts'
import { booleans } from './boolean.ts'
import { bytes } from './bytes.ts'
import { halfwords } from './halfwords.ts'
import { interruptCell, interrupting, processorChannel } from './interrupts.ts'
import { io } from './io.ts'
import { jfcl, jrst } from './jrst.ts'
import { leftOut } from './left-out.ts'
import { moves } from './moves.ts'
import { shifts } from './shifts.ts'
import { skipsAndJumps } from './skips-and-jumps.ts'
import { stackAndSubroutines } from './stack-and-subroutines.ts'
import { components, controlState, declareState, full, pcWord, relocation, tiny, type Sizes, type State } from './state.ts'
import { tests } from './tests.ts'
import { uuos } from './uuo.ts'

const causes = { protection: 1, UUO: 2, unassigned: 3, interrupt: 4, unmodelled: 5 } as const
const causeWidth = 3

const paper = 'Popek and Goldberg, Formal requirements for virtualizable third generation architectures, CACM 17(7), 1974'
const inHybridSection = `${paper}, hybrid virtual machines`
const published: readonly PublishedClaim[] = [
  {
    claim: 'JRST 1 is supervisor control sensitive', source: inHybridSection,
    about: { instruction: 'JRST 1,', property: 'supervisorSensitive', holds: true },
  },
  {
    claim: 'JRST 1 is not user sensitive', source: inHybridSection,
    about: { instruction: 'JRST 1,', property: 'userSensitive', holds: false },
  },
  {
    claim: 'JRST 1 is not privileged', source: inHybridSection,
    about: { instruction: 'JRST 1,', property: 'privileged', holds: false },
  },
  { claim: 'the PDP-10 cannot carry a VMM', source: inHybridSection, about: { theorem: 'vmm', applies: false } },
  {
    claim: 'all user sensitive instructions of the PDP-10 are privileged: it can carry a hybrid VMM',
    source: `${inHybridSection} (citing Galley, PDP-10 virtual machines, 1973)`, about: { theorem: 'hybrid', applies: true },
  },
  {
    claim: 'DATAO APR is privileged', source: `${paper}, privileged instructions`,
    about: { instruction: 'DATAO APR,', property: 'privileged', holds: true },
  },
]

/** The KA10 of the given sizes. */
export const ka10 = (sizes: Sizes = full): Isa => {
  const s = declareState(sizes)
  const { PC, RL, USER, flags } = s
  return defineIsa({
    name: 'pdp10',
    title: 'the DEC PDP-10 with the KA10 processor',
    source: 'DECsystem-10 System Reference Manual (KA10)',
    wordWidth: 14 + sizes.accumulatorNumber + sizes.half,
    size: `${2 ** sizes.half} cells of ${s.word} bits, ${2 ** sizes.accumulatorNumber} accumulators`,
    components: components(s),
    counter: PC,
    relocation: relocation(s),
    causes, causeWidth,
    memoryCauses: ['protection'],
    unmodelledCauses: ['unmodelled'],
    processor: [s.HALTED],
    trap: (cause) => trap(s, cause),
    instructions: [
      ...uuos(s), ...bytes(s), ...moves(s), ...arithmetic(s), ...shifts(s), ...jrst(s), ...jfcl(s), ...stackAndSubroutines(s),
      ...skipsAndJumps(s), ...booleans(s), ...halfwords(s), ...tests(s), ...io(s),
    ],
    deprivilegings: [{
      name: 'executive to user',
      virtual: [[USER, 0n]],
      real: [[USER, 1n]],
      mapping: [RL],
      control: controlState(s),
      invariant: [{
        name: 'USER-IO = 0', holds: not(get(flags['USER-IO'])),
        why: 'with user in-out on, user mode may do input and output, halt, and dismiss interrupts',
      }],
      sameMapping: {
        name: 'RL = 0', holds: eq(get(RL), constant<number>(RL.width, 0)),
        why: 'the executive is not relocated: both modes see the same cells where the user is relocated by 0 (W20)',
      },
    }],
    leftOut: leftOut(sizes),
    sequencing: {
      halted: get(s.HALTED),
      interrupts: [{ when: ne(interrupting(s), constant<number>(sizes.channels, 0)), cause: 'interrupt', also: [] }],
      undefinedCause: 'unmodelled',
      clock: [], tick: [],
    },
    published,
    ...(sizes === tiny ? {} : { shrunk: () => ka10(tiny) }),
  })
}

const isCause = (cause: Term, ...names: (keyof typeof causes)[]): Bool =>
  any(names.map((n) => eq(cause, constant<number>(causeWidth, causes[n]))))

/** Takes a trap as a JSR in the cell that its cause leads to: PC word to where that cell points, the next cell to PC. */
const trap = (s: State, cause: Term): Statement[] => {
  const { half, cells } = s.sizes
  const at = (n: number): Term => constant<number>(half, n)
  const interrupt = isCause(cause, 'interrupt'), protection = isCause(cause, 'protection')
  const channel = ite<number>(interrupt, interrupting(s), processorChannel(s))
  const operation = ite<number>(isCause(cause, 'unassigned'), at(cells.unassigned), at(cells.uuo))
  const vector = ite<number>(or(interrupt, protection), interruptCell(s, channel), operation)
  const handler = rightHalf(get(cell(s.E, vector)))
  return [
    set(cell(s.E, handler), pcWord(s, ite<number>(interrupt, get(s.PC), pcPlus(s, 1)))),
    set(s.PC, following(handler)),
    set(s.USER, 0), set(s.flags.BIS, 0),
    set(s.conditions.MPV, 1, protection),
    set(s.PIH, or(get(s.PIH), channel), or(interrupt, protection)),
    set(s.PIR, and(get(s.PIR), not(channel)), interrupt),
  ]
}

export const pdp10: Isa = ka10()
