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
const published: readonly PublishedClaim[] = [
  { claim: 'JRST 1 is supervisor control sensitive', source: `${paper}, hybrid virtual machines`, about: { instruction: 'JRST 1,', property: 'supervisorSensitive', holds: true } },
  { claim: 'JRST 1 is not user sensitive', source: `${paper}, hybrid virtual machines`, about: { instruction: 'JRST 1,', property: 'userSensitive', holds: false } },
  { claim: 'JRST 1 is not privileged', source: `${paper}, hybrid virtual machines`, about: { instruction: 'JRST 1,', property: 'privileged', holds: false } },
  { claim: 'the PDP-10 cannot carry a VMM', source: `${paper}, hybrid virtual machines`, about: { theorem: 'vmm', applies: false } },
  { claim: 'all user sensitive instructions of the PDP-10 are privileged: it can carry a hybrid VMM', source: `${paper}, hybrid virtual machines (citing Galley, PDP-10 virtual machines, 1973)`, about: { theorem: 'hybrid', applies: true } },
  { claim: 'DATAO APR is privileged', source: `${paper}, privileged instructions`, about: { instruction: 'DATAO APR,', property: 'privileged', holds: true } },
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

const isCause = (cause: Term, ...names: (keyof typeof causes)[]): Bool => any(names.map((n) => eq(cause, constant<number>(causeWidth, causes[n]))))

/** Takes a trap as a JSR in the cell that its cause leads to: PC word to where that cell points, the next cell to PC. */
const trap = (s: State, cause: Term): Statement[] => {
  const { half, cells } = s.sizes
  const at = (n: number): Term => constant<number>(half, n)
  const interrupt = isCause(cause, 'interrupt'), protection = isCause(cause, 'protection')
  const channel = ite<number>(interrupt, interrupting(s), processorChannel(s))
  const vector = ite<number>(or(interrupt, protection), interruptCell(s, channel), ite<number>(isCause(cause, 'unassigned'), at(cells.unassigned), at(cells.uuo)))
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

/** Keys that end in operation codes say what those codes are; a test sees that no code is missing. */
const leftOut = (sizes: Sizes): Readonly<Record<string, string>> => ({
  'LUUO 001-037': 'stores in 40 and executes the word in 41, both addressed as the program\'s own: its effect is that of another word, with its own verdicts',
  'XCT 256': 'executes another word, in the same mode and mapping: its effect is that of that word, with its own verdicts',
  'UFA, DFN, FSC 130-132': 'floating point: computes with accumulators, storage and the flags OV, FOV and FXU only; no mode, no mapping',
  'floating point 140-177': 'as UFA, DFN and FSC',
  ...(sizes.bytes ? {} : { 'bytes 133-137': 'a word of this size has no room for the position and size of a byte' }),
  'long indirection': `states in which an address passes through more than ${sizes.indirection} indirect word: excluded by the cause 'unmodelled'`,
  'rest of BLT': 'one word is moved at a time, as if an interrupt came after each, and the instruction begins again',
  'trap handlers': 'a trap or interrupt is taken as if a JSR stood in its cell (41, 61, or 40 plus twice the channel), and the word that a UUO stores in 40 or 60 is left out',
  'unanswered violations': 'a protection violation is taken as the processor\'s interrupt; where that channel is off, a KA10 drops the instruction and goes on with the next',
  'interrupted bytes': 'ILDB and IDPB trap before they write: the pointer incremented and BIS set by one that is interrupted halfway are left out',
  'programs in accumulators': 'instructions are fetched from storage, also below 20',
  'second segment': 'the KT10A option: a second pair of protection and relocation registers, and write protection',
  'I/O reset': 'CONO APR, with bit 19: devices have no common initial state',
  'devices': 'each device is one word of data and half a word of conditions that keep what is sent out; nothing comes in, and no device interrupts',
  'address break, parity, trap offset': 'console and maintenance functions of the processor',
})

export const pdp10: Isa = ka10()
