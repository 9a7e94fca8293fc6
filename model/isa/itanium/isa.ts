// Itanium as an ISA: the first processors, and those with PSR.vm, VT-i, whose virtual machines keep their privilege level.
import { get } from '../../ir/state.ts'
import { defineIsa, type Conjunct, type Deprivileging, type Isa } from '../../machine/isa.ts'
import { branches, interruption, noPromotion, systemBranches } from './branches.ts'
import { barriersAndBreaks, computation, floatingPoint, storage } from './computation.ts'
import { leftOut } from './left-out.ts'
import { causes, manual } from './notation.ts'
import { published } from './published.ts'
import { components, controlState, controlWithPsr, declareState, indirect, IP, mappingState, PSR, psrWord, relocation, type PsrField, type State } from './state.ts'
import { applicationRegisters, controlRegisters, indirectRegisters, processorStatus, translations } from './system.ts'

const secureTimer: Conjunct = { name: 'PSR.si = 1', holds: get(PSR.si), why: 'without it every level reads the interval timer' }
const invariant = (level: number): readonly Conjunct[] => [
  secureTimer,
  { name: 'PSR.ic = 1', holds: get(PSR.ic), why: 'while interruptions are not collected, cover writes IFS at every level' },
  { name: 'PSR.it = 1', holds: get(PSR.it), why: 'where instructions are not translated, epc enters level 0' },
  { name: `no promotion above level ${level}`, holds: noPromotion(level), why: 'epc on an execute-only page enters the page\'s level' },
]

const compressed = (s: State, level: 1 | 3): Deprivileging => ({
  name: `level 0 to level ${level}`, virtual: [[s.cpl, 0n]], real: [[s.cpl, BigInt(level)]], mapping: mappingState, control: controlState(s), invariant: invariant(level),
})
const deprivilegings = (s: State): readonly [Deprivileging, ...Deprivileging[]] => {
  if (s.virtualization) {
    return [{
      name: 'into a virtual machine', virtual: [[s.cpl, 0n], [s.vm, 0n]], real: [[s.cpl, 0n], [s.vm, 1n]], mapping: mappingState, control: controlState(s),
      invariant: [secureTimer],
    }]
  }
  const first = compressed(s, 3)
  return [
    first, compressed(s, 1),
    { ...first, name: 'level 0 to level 3, with all of PSR the VMM\'s', control: controlWithPsr(s) },
    { ...first, name: 'level 0 to level 3, on another processor than the real one', control: [...controlState(s), indirect.cpuid] },
  ]
}

const itaniumWith = (virtualization: boolean): Isa => {
  const s = declareState(virtualization)
  return defineIsa({
    name: virtualization ? 'itanium/vti' : 'itanium',
    title: virtualization ? 'Itanium with VT-i' : 'Itanium',
    source: `${manual}, revision ${virtualization ? '2.2' : '2.1'}`,
    wordWidth: 43,
    size: '2^64 bytes, 128 general registers of 64 bits, slots of 41 bits with their unit',
    components: components(s),
    counter: IP,
    relocation: relocation(s),
    causes, causeWidth: 4,
    // An illegal operation is found in the word or in CFM and PSR.ic, at whichever level: as with memory traps, privilege is asked of other states.
    memoryCauses: ['data reference', 'unaligned', 'illegal operation'],
    trap: () => interruption(s, psrWord(s, Object.keys(PSR) as PsrField[], true)),
    instructions: [
      ...computation(), ...storage(), ...floatingPoint(), ...barriersAndBreaks(), ...branches(s), ...systemBranches(s),
      ...applicationRegisters(s), ...controlRegisters(s), ...processorStatus(s), ...indirectRegisters(s), ...translations(s),
    ],
    deprivilegings: deprivilegings(s),
    leftOut,
    published: published(s),
  })
}

export const itanium = itaniumWith(false)
export const itaniumVti = itaniumWith(true)
