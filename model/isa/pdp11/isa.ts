// The PDP-11/45 as an ISA: kernel, supervisor and user modes, and instructions that do nothing where they should trap.
import { get } from '../../ir/state.ts'
import { all, eq, type Bool } from '../../ir/term.ts'
import { defineIsa, type Conjunct, type Deprivileging, type Isa, type PublishedClaim } from '../../machine/isa.ts'
import { control } from './control.ts'
import { leftOut } from './left-out.ts'
import { operations } from './operations.ts'
import { programControl } from './program-control.ts'
import {
  causes, causeWidth, components, controlState, declareState, isMode, kernel, modeNames, noIoPage, relocation, supervisor, trap, user,
  type Choices, type Mode, type State,
} from './state.ts'

const paper = 'Popek and Goldberg, Formal requirements for virtualizable third generation architectures, CACM 17(7), 1974'
const ignored = 'cctalk mailing list, N. Chiappa (mail-archive.com/cctalk@classiccmp.org/msg34413.html): ignoring in place of trapping makes the PDP-11 non-virtualizable'
const caseStudy = 'Popek and Kline, The PDP-11 virtual machine architecture: a case study, SOSP 1975 (abstract)'
const published: readonly PublishedClaim[] = [
  { claim: 'MFPI is mode sensitive', source: `${paper}, behaviour sensitive (DEC PDP-11/45)`, about: { instruction: 'MFPI', property: 'modeSensitive', holds: true } },
  { claim: 'a virtual machine system needed changes of the hardware', source: caseStudy, about: { theorem: 'vmm', applies: false } },
  { claim: 'RTI, RTT and RESET, which ignore what they may not do, are critical', source: ignored, about: { critical: ['RTI', 'RTT', 'RESET'], exactly: false } },
]

const deprivileging = (s: State, name: string, to: Mode, invariant: readonly Conjunct[]): Deprivileging => ({
  name,
  virtual: [[s.CM, BigInt(kernel)]],
  real: [[s.CM, BigInt(to)]],
  mapping: Object.values(s.base),
  control: controlState(s),
  invariant,
  sameMapping: {
    name: `the window of K is that of ${modeNames[to]}`, holds: sameWindow(s, to),
    why: 'the mode selects the mapping: both modes see the same cells (W20)',
  },
})
const sameWindow = (s: State, to: Mode): Bool =>
  all([eq<number>(get(s.base[kernel]), get(s.base[to])), eq<number>(get(s.limit[kernel]), get(s.limit[to]))])

export const pdp1145 = (choices: Choices = { traceIsResource: false }): Isa => {
  const s = declareState(choices)
  return defineIsa({
    name: 'pdp11',
    title: 'the DEC PDP-11/45',
    source: 'PDP-11/45 Processor Handbook',
    wordWidth: 16,
    size: '2^17 words of 16 bits',
    components: components(s),
    counter: s.PC,
    relocation: relocation(s),
    causes, causeWidth,
    memoryCauses: ['memory management', 'odd address'],
    unmodelledCauses: ['unmodelled'],
    processor: [s.HALTED, s.WAITING],
    trap: (cause) => trap(s, cause),
    instructions: [...control(s), ...programControl(s), ...operations(s)],
    assumptions: [{
      name: 'the I/O page is not mapped', holds: noIoPage(s),
      why: 'the processor status word and the mapping registers are words of the I/O page: where it is mapped, any store changes resources',
    }],
    deprivilegings: [
      deprivileging(s, 'kernel to user', user, [{
        name: 'PM = user', holds: isMode(get(s.PM), user),
        why: 'with another previous mode, user mode reaches that mode\'s space and stack pointer by MFPI and MTPI',
      }]),
      deprivileging(s, 'kernel to supervisor', supervisor, []),
    ],
    leftOut,
    published,
  })
}

export const pdp11: Isa = pdp1145()
