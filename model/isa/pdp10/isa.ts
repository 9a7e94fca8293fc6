// The PDP-10 with the KA10 processor as an ISA: the machine of the paper's example against Theorem 1.
import { set, type Statement } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { add, any, constant, eq, extract, ite, lshr, not, or, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import { defineIsa, type Isa, type PublishedClaim } from '../../machine/isa.ts'
import { pcPlus } from './address.ts'
import { io } from './io.ts'
import { jrst, pcWord } from './jrst.ts'
import { moves } from './moves.ts'
import { components, controlState, declareState, full, relocation, tiny, type Sizes, type State } from './state.ts'
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
    instructions: [...moves(s), ...jrst(s), ...uuos(s), ...io(s)],
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
    leftOut: {},
    published,
    ...(sizes === tiny ? {} : { shrunk: () => ka10(tiny) }),
  })
}

const isCause = (cause: Term, ...names: (keyof typeof causes)[]): Bool => any(names.map((n) => eq(cause, constant<number>(causeWidth, causes[n]))))

/** Takes a trap as a JSR in the cell that its cause leads to: PC word to where that cell points, the next cell to PC. */
const trap = (s: State, cause: Term): Statement[] => {
  const { half, channels, cells } = s.sizes
  const at = (n: number): Term => constant<number>(half, n)
  const channel = channels === 1 ? constant<number>(half, 0) : add(zeroExtend(get(s.APR_PIA), half), zeroExtend(get(s.APR_PIA), half))
  const interrupting = isCause(cause, 'protection', 'interrupt')
  const vector = ite<number>(interrupting, add(at(cells.interrupts), channel), ite<number>(isCause(cause, 'unassigned'), at(cells.unassigned), at(cells.uuo)))
  const handler = extract(get(cell(s.E, vector)), half - 1, 0)
  const saved = ite<number>(isCause(cause, 'interrupt'), get(s.PC), pcPlus(s, 1))
  return [
    set(cell(s.E, handler), pcWord(s, saved)),
    set(s.PC, add(handler, at(1))),
    set(s.USER, 0), set(s.flags.BIS, 0),
    set(s.conditions.MPV, 1, isCause(cause, 'protection')),
    set(s.PIH, or(get(s.PIH), channelBit(s)), interrupting),
  ]
}

/** The channel of the processor's own interrupts, as one bit of PIE and its kin; no bit for channel 0. */
const channelBit = (s: State): Term => {
  const { channels } = s.sizes
  if (channels === 1) return get(s.APR_PIA)
  const first = constant<number>(channels + 1, 2 ** channels)
  return extract(lshr(first, zeroExtend(get(s.APR_PIA), channels + 1)), channels - 1, 0)
}

export const pdp10: Isa = ka10()
