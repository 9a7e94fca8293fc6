// ARMv8.0-A in AArch64 state without EL2 and EL3 as an ISA, its EL1 deprivileged to EL0.
import { get } from '../../ir/state.ts'
import { eq, not, type Bool } from '../../ir/term.ts'
import { defineIsa, type Conjunct, type Isa, type PublishedClaim } from '../../machine/isa.ts'
import { branches, dataProcessing } from './computation.ts'
import { causes, causeWidth, enterException, exceptionGenerating, unmodelled } from './exceptions.ts'
import { leftOut } from './left-out.ts'
import { loadsAndStores, synchronization } from './loads-and-stores.ts'
import { components, controlState, declareState, isSet, relocation, systemField, type State } from './state.ts'
import { barriers, hints, systemInstructions } from './system.ts'
import { msrImmediate, systemRegisters } from './system-registers.ts'

/** None was found about EL1 at EL0: what is published is about hypervisors at EL2, or at EL1 in place of EL2. */
const published: readonly PublishedClaim[] = []

const zero = (s: State, name: string, why: string): Conjunct => ({ name: `${name} = 0`, holds: not(isSet(s, name)), why })
const one = (s: State, name: string, why: string): Conjunct => ({ name: `${name} = 1`, holds: isSet(s, name), why })

const invariant = (s: State): readonly Conjunct[] => [
  zero(s, 'SCTLR_EL1.UMA', 'with it, EL0 reads and writes the real interrupt masks'),
  zero(s, 'SCTLR_EL1.UCT', 'with it, EL0 reads the real cache type, which the virtual machine need not share'),
  one(s, 'SCTLR_EL1.DZE', 'without it, DCZID_EL0 says at EL0 that DC ZVA is prohibited, which at EL1 it is not'),
  zero(s, 'SCTLR_EL1.nTWI', 'with it, EL0 stops the real processor'),
  {
    name: 'SCTLR_EL1.E0E = EE', holds: eq(isSet(s, 'SCTLR_EL1.E0E'), isSet(s, 'SCTLR_EL1.EE')),
    why: 'otherwise data at EL0 have another order of bytes than at the EL1 that it stands for',
  },
  ...(['EL0PCTEN', 'EL0VCTEN', 'EL0VTEN', 'EL0PTEN'] as const).map((f) => zero(s, `CNTKCTL_EL1.${f}`, 'with it, EL0 accesses the real counter or timer')),
  ...(['EN', 'SW', 'CR', 'ER'] as const).map((f) => zero(s, `PMUSERENR_EL0.${f}`, 'with it, EL0 accesses the real performance monitors')),
  one(s, 'MDSCR_EL1.TDCC', 'without it, EL0 accesses the real debug communication channel'),
]

const assumptions = (s: State): readonly Conjunct[] => [
  { name: 'SCTLR_EL1.M = 1', holds: isSet(s, 'SCTLR_EL1.M'), why: 'translation is on' },
  { name: 'SCTLR_EL1.A = 1', holds: isSet(s, 'SCTLR_EL1.A'), why: 'a misaligned access aborts, at both levels' },
  { name: 'PSTATE.IL = 0', holds: not(get(s.IL)) as Bool, why: 'otherwise every instruction raises an exception' },
]

export const aarch64 = (): Isa => {
  const s = declareState()
  return defineIsa({
    name: 'aarch64',
    title: 'ARMv8.0-A in AArch64 state, with EL0 and EL1',
    source: 'ARM Architecture Reference Manual for ARMv8-A (DDI 0487)',
    wordWidth: 32,
    size: '2^48 bytes in doublewords, pages of 4 KB',
    components: components(s),
    counter: s.PC,
    relocation: relocation(s),
    causes, causeWidth,
    memoryCauses: ['data abort', 'SP alignment'],
    unmodelledCauses: unmodelled,
    processor: [s.waiting, s.event],
    trap: (cause) => enterException(s, cause),
    instructions: [
      ...dataProcessing(s), ...branches(s), ...loadsAndStores(s), ...synchronization(s), ...exceptionGenerating(s),
      ...systemRegisters(s), ...msrImmediate(s), ...systemInstructions(s), ...hints(s), ...barriers(s),
    ],
    deprivilegings: [{
      name: 'EL1 to EL0',
      virtual: [[s.EL, 1n], [s.SPSel, 1n]],
      real: [[s.EL, 0n], [s.SPSel, 0n]],
      mapping: [systemField(s, 'TTBR0_EL1.BADDR')],
      control: controlState(s),
      invariant: invariant(s),
    }],
    leftOut,
    assumptions: assumptions(s),
    published,
  })
}
