// The Motorola 68000, 68010 and 68020 as ISAs: MOVE from SR, and its repair.
import { get, type Component } from '../../ir/state.ts'
import { not } from '../../ir/term.ts'
import { defineIsa, type Deprivileging, type Isa, type PublishedClaim } from '../../machine/isa.ts'
import { dataAlterable } from './address.ts'
import { arithmetic } from './arithmetic.ts'
import { dataMovement } from './data-movement.ts'
import { leftOut } from './left-out.ts'
import { programControl } from './program-control.ts'
import { causes, causeWidth, components, declareState, exception, has010, has020, models, otherControl, relocation, systemByte, type Model, type State } from './state.ts'
import { status } from './status.ts'
import { system } from './system.ts'

/** MOVE from SR in each of its addressing modes. */
export const moveFromSr: readonly string[] = dataAlterable.map((m) => `MOVE SR,${m.syntax}`)

const posts = 'net.micro.68k, March 1983 (A. Klossner, T. Lyon)'
const wikipedia = 'Motorola 68010, Wikipedia (as absoluteastronomy.com copies it)'
const programmers = 'M68000 Family Programmer\'s Reference Manual, MOVE from SR'
const published: Readonly<Record<Model, readonly PublishedClaim[]>> = {
  68000: [
    { claim: 'MOVE from SR is all that keeps the 68000 from carrying a VMM', source: posts, about: { critical: moveFromSr, exactly: true } },
    { claim: 'the 68000 does not meet Popek and Goldberg\'s requirements, for its MOVE from SR is not privileged', source: wikipedia, about: { theorem: 'vmm', applies: false } },
    ...moveFromSr.map((name): PublishedClaim => ({ claim: `${name} is not privileged`, source: programmers, about: { instruction: name, property: 'privileged', holds: false } })),
  ],
  68010: [
    { claim: 'with MOVE from SR privileged the 68010 meets Popek and Goldberg\'s requirements', source: wikipedia, about: { theorem: 'vmm', applies: true } },
    ...moveFromSr.map((name): PublishedClaim => ({ claim: `${name} is privileged`, source: programmers, about: { instruction: name, property: 'privileged', holds: true } })),
  ],
  68020: [
    {
      claim: 'what a guest at the user level does to supervisor resources, and its privileged instructions, trap to the governing operating system (read as: Theorem 1 applies)',
      source: 'MC68030 User\'s Manual, 1.6.2 (Virtual Machine), page 1-13 (of the 68030)', about: { theorem: 'vmm', applies: true },
    },
  ],
}

const deprivileging = (s: State, name: string, control: readonly Component[]): Deprivileging => ({
  name, virtual: [[s.S, 1n]], real: [[s.S, 0n]], mapping: [s.BASE], control, invariant: [],
})

/** The processor of that number; the 68000 is called `m68k`, the others `m68k/68010` and `m68k/68020`. */
export const m68k = (model: Model): Isa => {
  const s = declareState(model)
  return defineIsa({
    name: model === '68000' ? 'm68k' : `m68k/${model}`,
    title: `the Motorola MC${model}`,
    source: 'M68000 Family Programmer\'s Reference Manual (M68000PM/AD)',
    wordWidth: 64,
    variableLength: true,
    size: `2^${s.E.addressWidth} cells of 16 bits`,
    components: components(s),
    counter: s.PC,
    relocation: relocation(s),
    causes, causeWidth,
    memoryCauses: ['bus error', 'address error'],
    unmodelledCauses: has010(model) ? ['unmodelled', 'format error'] : [],
    processor: [s.STOPPED],
    trap: (cause) => exception(s, cause),
    instructions: [...status(s), ...system(s), ...dataMovement(s), ...arithmetic(s), ...programControl(s)],
    ...(has020(model) ? { assumptions: [{
      name: 'no access control hardware', holds: not(get(s.ACCESS)),
      why: 'hardware that grants access levels, an MC68851, lets CALLM and RTM change them in both modes without a trap',
    }] } : {}),
    deprivilegings: [
      deprivileging(s, 'supervisor to user', [...systemByte(s), ...otherControl(s)]),
      // The real trace bits and mask are the virtual ones: right for guests that cannot mask out the VMM's own devices.
      deprivileging(s, 'supervisor to user, system byte kept', otherControl(s)),
    ],
    leftOut: leftOut(model),
    published: published[model],
  })
}

export const m68kIsas: readonly Isa[] = models.map((m) => m68k(m))
