// System/360, its Model 67 and System/370 as ISAs, deprivileged from supervisor to problem state.
import { get, type Register } from '../../ir/state.ts'
import { eq, constant, not, type Bool } from '../../ir/term.ts'
import { defineIsa, type Conjunct, type Deprivileging, type Isa } from '../../machine/isa.ts'
import { branching } from './branching.ts'
import { control } from './control.ts'
import {
  asnTranslation, crBit, dualAddressSpace, extractionAuthority, keyMask, secondarySpace, subsystemLinkage,
} from './dual-address-space.ts'
import { general } from './general.ts'
import { leftOut, published } from './left-out.ts'
import { model67Manual, s360Manual, s370Manual } from './manuals.ts'
import { causes, causeWidth, interruption } from './notation.ts'
import { components, controlState, declareState, mappingState, relocation, type Model, type Options, type State } from './state.ts'
import { inputOutput, model67, statusSwitching } from './status.ts'

const titles: Readonly<Record<Model, string>> = {
  s360: 'IBM System/360', 's360/67': 'IBM System/360 Model 67, extended PSW mode', s370: 'IBM System/370, EC mode',
  's370/das': 'IBM System/370, EC mode, with the dual-address-space facility',
}

/** The name of a variant: what it models besides is part of it. */
const nameOf = ({ model, recording, privilegedSubjects }: Options): string => {
  const more = [recording ? 'change-recording' : '', privilegedSubjects ? 'execute' : ''].filter((x) => x !== '').join('-')
  return more === '' ? model : model.includes('/') ? `${model}-${more}` : `${model}/${more}`
}

export const system360 = (options: Partial<Options> = {}): Isa => {
  const s = declareState({ model: 's360', recording: false, privilegedSubjects: false, ...options })
  const { model } = s.options
  return defineIsa({
    name: nameOf(s.options),
    title: [titles[model], ...(s.options.recording ? ['stores recorded in the storage keys'] : []), ...(s.options.privilegedSubjects ? ['EX of privileged subjects'] : [])].join(', '),
    source: s.is370 ? s370Manual : model === 's360/67' ? model67Manual : s360Manual,
    wordWidth: 48, variableLength: true,
    size: '2^22 words of 32 bits, 16 registers',
    components: components(s),
    counter: s.IA,
    relocation: relocation(s),
    causes, causeWidth,
    // A misaligned operand is found in either state: as with memory traps, privilege is asked of other states.
    memoryCauses: ['access', 'specification'],
    unmodelledCauses: ['unmodelled'],
    processor: [s.W],
    trap: (cause) => interruption(s, cause),
    instructions: [
      ...general(s), ...branching(s), ...statusSwitching(s), ...inputOutput(s), ...(model === 's360/67' ? model67(s) : []),
      ...(s.is370 ? control(s) : []), ...(s.das ? dualAddressSpace(s) : []),
    ],
    deprivilegings: deprivilegings(s),
    leftOut: leftOut(s),
    published: published(model),
  })
}

const deprivilegings = (s: State): [Deprivileging, ...Deprivileging[]] => {
  const plain: Deprivileging = {
    name: 'supervisor to problem state',
    virtual: [[s.P, 0n]], real: [[s.P, 1n]],
    mapping: mappingState(s), control: controlState(s), invariant: invariant(s),
  }
  const also = (what: string, ...control: Register[]): Deprivileging =>
    ({ ...plain, name: `${plain.name}, ${what}`, control: [...plain.control, ...control] })
  if (s.is370) return [plain, also('own clock', s.CLOCK, s.CLOCK_STATE)]
  return s.options.model === 's360' ? [plain, also('own ASCII bit', s.A)] : [plain]
}

const off = (name: string, bit: Bool, why: string): Conjunct => ({ name, holds: not(bit), why })

const invariant = (s: State): Conjunct[] => [
  ...(s.is370
    ? [off('SSM suppression = 0', crBit(s, 0, 1), 'SSM takes a special-operation exception in the supervisor state too (CR0, bit 1)')]
    : []),
  ...(s.das ? [
    {
      name: 'DAT on', holds: get(s.T),
      why: 'EPAR, ESAR, IAC and IVSK take a special-operation exception in both states where DAT is off',
    },
    off('extraction authority = 0', extractionAuthority(s), 'with it the problem state may extract keys and address spaces (CR0, bit 4)'),
    {
      name: 'PSW-key mask = 0', holds: eq<number>(keyMask(s), constant(16, 0)),
      why: 'a bit of it lets the problem state use a key (CR3, bits 0 to 15)',
    },
    off('secondary space = 0', secondarySpace(s), 'with it the problem state may enter the secondary space (CR0, bit 5)'),
    off('subsystem linkage = 0', subsystemLinkage(s), 'with it the problem state may transfer and call (CR5, bit 0)'),
    off('ASN translation = 0', asnTranslation(s), 'with it the problem state may set the secondary space (CR14, bit 12)'),
  ] : []),
]

export const s360: Isa = system360()
export const s36067: Isa = system360({ model: 's360/67' })
export const s370: Isa = system360({ model: 's370' })
export const s370Das: Isa = system360({ model: 's370/das' })
export const s370ChangeRecording: Isa = system360({ model: 's370', recording: true })
export const s360Execute: Isa = system360({ privilegedSubjects: true })
