// z/Architecture in 64-bit addressing mode as an ISA, deprivileged from supervisor to problem state.
import { get } from '../../ir/state.ts'
import { constant, eq, not, type Bool } from '../../ir/term.ts'
import { defineIsa, type Conjunct, type Deprivileging, type Isa } from '../../machine/isa.ts'
import { addressSpaces, asnTranslation, extractionAuthority, keyMask, secondarySpace } from './address-spaces.ts'
import { control } from './control.ts'
import { general } from './general.ts'
import { leftOut, published } from './left-out.ts'
import { causes, causeWidth, crBit, interruption, manual } from './notation.ts'
import { assumptions, components, controlState, CPU_TIMER, IA, LTD_V, mapping, P, relocation, T, TOD, TOD_OFFSET, TOD_PROGRAMMABLE, W } from './state.ts'

const off = (name: string, bit: Bool, why: string): Conjunct => ({ name, holds: not(bit), why })
const invariant: readonly Conjunct[] = [
  off('SSM suppression = 0', crBit(0, 33), 'SSM takes a special-operation exception in the supervisor state too (CR0, bit 33)'),
  { name: 'DAT on', holds: get(T), why: 'EPAR, ESAR, IAC and IVSK take a special-operation exception in both states where DAT is off' },
  off('extraction authority = 0', extractionAuthority(), 'with it the problem state may extract keys and address spaces (CR0, bit 36)'),
  { name: 'PSW-key mask = 0', holds: eq<number>(keyMask(), constant(16, 0)), why: 'a bit of it lets the problem state use a key (CR3, bits 32 to 47)' },
  off('secondary space = 0', secondarySpace(), 'with it the problem state may enter the secondary space (CR0, bit 37)'),
  off('subsystem linkage = 0', get(LTD_V), 'with it the problem state may transfer and call'),
  off('ASN translation = 0', asnTranslation(), 'with it the problem state may set the secondary space (CR14, bit 44)'),
]

const plain: Deprivileging = { name: 'supervisor to problem state', virtual: [[P, 0n]], real: [[P, 1n]], mapping, control: controlState, invariant }
/** Besides: a VMM that hides the TOD clock; and one that loads the guest's own CPU timer and programmable field into the CPU. */
const deprivilegings: readonly [Deprivileging, ...Deprivileging[]] = [
  plain,
  { ...plain, name: `${plain.name}, own clock`, control: [...plain.control, TOD, TOD_OFFSET] },
  {
    ...plain, name: `${plain.name}, real clocks`,
    control: plain.control.filter((c) => c !== CPU_TIMER && c !== TOD_PROGRAMMABLE),
  },
]

export const z: Isa = defineIsa({
  name: 'z',
  title: 'IBM z/Architecture, 64-bit addressing mode',
  source: manual,
  wordWidth: 48, variableLength: true,
  size: '64-bit addresses, 16 registers',
  components, relocation, assumptions,
  counter: IA,
  causes, causeWidth,
  // A misaligned operand is found in either state: as with memory traps, privilege is asked of other states.
  memoryCauses: ['access', 'specification'],
  unmodelledCauses: ['unmodelled'],
  processor: [W],
  trap: interruption,
  instructions: [...general(), ...control(), ...addressSpaces()],
  deprivilegings,
  leftOut,
  published,
})
