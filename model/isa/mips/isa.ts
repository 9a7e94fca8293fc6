// The MIPS R3000 and R4000 in 32-bit mode as ISAs, their kernels deprivileged to user mode or to supervisor mode.
import { set, type Statement } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { concat, constant, not } from '../../ir/term.ts'
import { defineIsa, type Conjunct, type Deprivileging, type Isa, type PublishedClaim } from '../../machine/isa.ts'
import { computation, floatingPoint, jumps, traps } from './computation.ts'
import { coprocessor0 } from './coprocessor0.ts'
import { leftOut } from './left-out.ts'
import { loadsAndStores } from './loads-and-stores.ts'
import { components, controlState, declareState, Mode, Number0, relocation, statusBit, type Processor, type State } from './state.ts'

const causes = {
  'address error, TLB': 1, 'coprocessor unusable': 2, 'system call': 3, breakpoint: 4, overflow: 5, trap: 6,
} as const

const book = 'Bugnion, Nieh and Tsafrir, Hardware and Software Support for Virtualization, 2017, chapters 2 and 3, MIPS and Disco (not checked against the book)'
const published: readonly PublishedClaim[] = [
  { claim: 'MIPS does not meet the requirements: its unmapped segments are location sensitive', source: book, about: { theorem: 'vmm', applies: false } },
  { claim: 'a reference to KSEG0 or KSEG1 is location sensitive', source: book, about: { instruction: 'LW', property: 'locationSensitive', holds: true } },
  { claim: 'the privileged instructions trap outside kernel mode', source: book, about: { instruction: 'MTC0', property: 'privileged', holds: true } },
]

const zero = (s: State, name: string, why: string): Conjunct => ({ name: `${name} = 0`, holds: not(statusBit(s, name)), why })

const invariant = (s: State, real: 'user' | 'supervisor'): readonly Conjunct[] => [
  zero(s, 'CU0', 'with it, every mode may use coprocessor 0'),
  ...(s.processor === 'r3000' ? [] : [
    zero(s, 'EXL', 'an exception level makes every mode kernel mode'),
    zero(s, 'ERL', 'the error level makes every mode kernel mode, and kuseg unmapped'),
  ]),
  ...(real === 'user' ? [zero(s, 'RE', 'with it, user mode has the other byte order, which the kernel it stands for does not')] : []),
]

const deprivileging = (s: State, real: 'user' | 'supervisor'): Deprivileging => ({
  name: `kernel to ${real}`,
  virtual: [[s.mode, 0n]],
  real: [[s.mode, BigInt(s.processor === 'r3000' ? Mode.r3000.user : Mode.r4000[real])]],
  mapping: [s.relocation],
  control: controlState(s),
  invariant: invariant(s, real),
})

const mips = (processor: Processor): Isa => {
  const s = declareState(processor), old = processor === 'r3000'
  return defineIsa({
    name: `mips/${processor}`,
    title: old ? 'the MIPS R3000' : 'the MIPS R4000 in 32-bit mode',
    source: old ? 'Kane and Heinrich, MIPS RISC Architecture' : 'MIPS R4000 Microprocessor User\'s Manual',
    wordWidth: 32,
    size: '2^32 bytes in segments, words of 32 bits',
    components: components(s),
    counter: s.PC,
    relocation: relocation(s),
    causes, causeWidth: 3,
    memoryCauses: ['address error, TLB'],
    trap: () => trap(s),
    instructions: [...computation(s), ...jumps(s), ...loadsAndStores(s), ...floatingPoint(s), ...traps(s), ...coprocessor0(s)],
    deprivilegings: old ? [deprivileging(s, 'user')] : [deprivileging(s, 'user'), deprivileging(s, 'supervisor')],
    leftOut: leftOut(s),
    published,
  })
}

/** To the general vector in kernel mode with interrupts off: through the stack of modes on the R3000, by EXL on the R4000. */
const trap = (s: State): Statement[] => {
  const field = (name: string) => s.status.find((f) => f.register.name === name)!.register
  const modes = s.processor === 'r3000'
    ? [...[['KUo', 'KUp'], ['IEo', 'IEp'], ['KUp', 'KUc'], ['IEp', 'IEc']].map(([to, from]) => set(field(to!), get(field(from!)))), set(field('KUc'), 0), set(field('IEc'), 0)]
    : [set(field('EXL'), 1)]
  const vector = s.processor === 'r3000' ? 0x80000080 : 0x80000180
  return [set(cell(s.CP0, constant(5, Number0.EPC)), concat<32>(get(s.PC), constant(2, 0))), ...modes, set(s.PC, constant(30, vector / 4))]
}

export const r3000 = (): Isa => mips('r3000')
export const r4000 = (): Isa => mips('r4000')
