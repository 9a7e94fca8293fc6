// 32-bit PowerPC as an ISA: the 603e, the 750 with its performance monitor, and undefined SPRs with all that the manual allows.
import { trapIf } from '../../ir/instruction.ts'
import { not, type Bool } from '../../ir/term.ts'
import type { Component } from '../../ir/state.ts'
import { defineIsa, type Conjunct, type Deprivileging, type Isa, type PublishedClaim } from '../../machine/isa.ts'
import { branches } from './branches.ts'
import { arithmetic, conditions, floatingPoint, logic } from './fixed-point.ts'
import { leftOut } from './left-out.ts'
import { cacheAndOrder, externalControl, loadsAndStores } from './loads-and-stores.ts'
import { manual } from './notation.ts'
import { specialPurposeRegisters } from './special-purpose-registers.ts'
import { components, controlState, declareState, mapping, msrBit, relocation, sprPart, timeBase, type Options, type State } from './state.ts'
import { causes, interrupt, system } from './system.ts'

const kvm = 'Linux, Documentation/virt/kvm/ppc-pv.rst, The PPC KVM paravirtual interface, first paragraph'
const user750gx = 'IBM PowerPC 750GX and 750GL RISC Microprocessor User\'s Manual, 2006, page 73'
const user603e = 'MPC603e & EC603e RISC Microprocessors User\'s Manual, 4.2 and 2.3.6'
const published = (o: Options): readonly PublishedClaim[] => [
  { claim: 'kernel code runs in problem state, where all privileged instructions trap and are emulated (read as: Theorem 1 applies)', source: kvm,
    about: { theorem: 'vmm', applies: true } },
  { claim: 'mfmsr is privileged', source: manual, about: { instruction: 'mfmsr', property: 'privileged', holds: true } },
  { claim: 'the processor version is out of a user\'s reach', source: manual,
    about: { instruction: 'mfspr PVR', property: 'privileged', holds: true } },
  {
    claim: 'an invalid SPR with spr[0] = 1 is a privileged instruction in problem state', source: user603e,
    about: { instruction: 'mfspr undefined, spr[0] = 1', property: 'privileged', holds: true },
  },
  { claim: 'the time base is readable at user level', source: manual, about: { instruction: 'mftb', property: 'privileged', holds: false } },
  ...(o.processor === '750' ? [
    { claim: 'MMCR0 can be read by user-level software', source: user750gx,
      about: { instruction: 'mfspr UMMCR0', property: 'privileged', holds: false } },
  ] : []),
]

const invariant = (s: State): readonly Conjunct[] => [{
  name: 'EAR[E] = 0', holds: not(sprPart(s, 'EAR[E]') as Bool), why: 'with it every mode reaches the external device that EAR selects',
}]

const deprivileging = (s: State, name: string, control: readonly Component[]): Deprivileging => ({
  name, virtual: [[s.PR, 0n]], real: [[s.PR, 1n]], mapping: mapping(s), control, invariant: invariant(s),
})

const names = (o: Options): string => (o.processor === '750' ? 'powerpc/750' : o.undefinedSpr === 'open' ? 'powerpc/open' : 'powerpc')
const titles: Readonly<Record<string, string>> = {
  powerpc: 'PowerPC, the 603e, undefined user-level SPRs being illegal instructions',
  'powerpc/open': 'PowerPC, the 603e, with all that the manual allows of undefined SPRs',
  'powerpc/750': 'PowerPC, the 750, with its performance monitor',
}

export const powerpcWith = (options: Options): Isa => {
  const s = declareState(options), name = names(options)
  const available = trapIf(not(msrBit(s, 'FP')), 'floating-point unavailable')
  const control = controlState(s), time = timeBase(s)
  return defineIsa({
    name,
    title: titles[name]!,
    source: options.processor === '750' ? `${manual}; PowerPC 750 RISC Microprocessor Family User's Manual` : `${manual}; ${user603e}`,
    wordWidth: 32,
    size: '2^32 bytes, words of 32 bits',
    components: components(s),
    counter: s.CIA,
    relocation: relocation(s),
    causes, causeWidth: 8,
    memoryCauses: ['DSI', 'alignment'],
    unmodelledCauses: ['unmodelled'],
    trap: (cause) => interrupt(s, cause),
    instructions: [
      ...arithmetic(s), ...logic(s), ...conditions(s), ...loadsAndStores(s, available), ...floatingPoint(s, available),
      ...branches(s), ...cacheAndOrder(s),
      ...externalControl(s), ...specialPurposeRegisters(s), ...system(s),
    ],
    deprivilegings: [
      deprivileging(s, 'supervisor to problem state', control),
      // The timing exception: the guest sees the real time.
      deprivileging(s, 'supervisor to problem state, real time', control.filter((c) => !time.includes(c))),
    ],
    leftOut: leftOut(s),
    published: published(options),
  })
}

export const powerpc = (): Isa => powerpcWith({ processor: '603e', undefinedSpr: 'illegal' })
export const powerpcOpen = (): Isa => powerpcWith({ processor: '603e', undefinedSpr: 'open' })
export const powerpc750 = (): Isa => powerpcWith({ processor: '750', undefinedSpr: 'illegal' })
