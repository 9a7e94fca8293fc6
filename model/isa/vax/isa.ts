// The VAX as an ISA, as it was sold and as Hall and Robinson modified it to run virtual machines.
import { get, type Register } from '../../ir/state.ts'
import { eq, not } from '../../ir/term.ts'
import { defineIsa, type Conjunct, type Deprivileging, type Isa } from '../../machine/isa.ts'
import { leftOut, published } from './left-out.ts'
import { causes, causeWidth, exception, manual } from './notation.ts'
import { ordinary } from './ordinary.ts'
import { components, controlState, declareState, mappingState, relocation, type Options, type State } from './state.ts'
import { system } from './system.ts'

const [K, E, U] = [0n, 1n, 3n]

const suffix: Readonly<Record<Options['modify'], string>> =
  { fault: '', silent: '-silent-modify', 'fault in virtual machines': '-modify-fault-in-vm' }

export const vaxWith = (options: Partial<Options> = {}): Isa => {
  const s = declareState({ virtual: false, modify: options.virtual ? 'fault' : 'silent', ...options })
  const { virtual, modify } = s.options
  return defineIsa({
    name: virtual ? `vax/virtual${suffix[modify]}` : 'vax',
    title: virtual ? 'the DEC VAX with PSL<VM>, the VM-emulation trap and the modify fault' : 'the DEC VAX',
    source: virtual ? `${manual}; Hall and Robinson, Virtualizing the VAX Architecture, ISCA 1991` : manual,
    wordWidth: 32, variableLength: true,
    size: '2^28 longwords, 2^21 pages, 15 registers and PC',
    components: components(s),
    counter: s.PC,
    relocation: relocation(s),
    causes, causeWidth,
    // A reserved operand is found in the operand, in whichever mode: as with memory traps, privilege is asked of other states.
    memoryCauses: ['access-control-violation', 'modify-fault', 'reserved-operand'],
    unmodelledCauses: ['unmodelled'],
    processor: [s.HALTED],
    trap: (cause) => exception(s, cause),
    instructions: [...ordinary(s), ...system(s)],
    deprivilegings: deprivilegings(s),
    leftOut: leftOut(s),
    published: published(s),
  })
}

const deprivilegings = (s: State): [Deprivileging, ...Deprivileging[]] => {
  const common = { mapping: mappingState(s), control: controlState(s), invariant: invariant(s) }
  if (s.options.virtual) {
    const guest = [s.VMPSL.CUR, K] as const
    return [
      { ...common, name: 'kernel to executive', virtual: [[s.CUR, K], [s.VM, 0n], guest], real: [[s.CUR, E], [s.VM, 1n], guest] },
      { ...common, name: 'kernel to user', virtual: [[s.CUR, K], [s.VM, 0n], guest], real: [[s.CUR, U], [s.VM, 1n], guest] },
    ]
  }
  return [
    { ...common, name: 'kernel to executive', virtual: [[s.CUR, K]], real: [[s.CUR, E]] },
    { ...common, name: 'kernel to executive, called by the kernel', virtual: [[s.CUR, K], [s.PRV, K]], real: [[s.CUR, E], [s.PRV, E]] },
    { ...common, name: 'kernel to user', virtual: [[s.CUR, K]], real: [[s.CUR, U]] },
  ]
}

/** What a modified VAX shows a virtual machine of its PSL is in VMPSL, which the VMM keeps. */
const shown = (name: string, mine: Register, what: string): Conjunct => ({
  name: `VMPSL-${name} = ${name}`, holds: eq(get(mine), get({ ...mine, name })),
  why: `MOVPSL shows a virtual machine the ${what} that VMPSL holds`,
})
const invariant = (s: State): Conjunct[] => s.options.virtual
  ? [
      shown('PRV', s.VMPSL.PRV, 'previous mode'), shown('IPL', s.VMPSL.IPL, 'priority'),
      shown('IS', s.VMPSL.IS, 'interrupt-stack bit'),
    ]
  : [{ name: 'IS = 0', holds: not(get(s.IS)), why: 'only the kernel runs on the interrupt stack; CHMK halts the processor there' }]

export const vax: Isa = vaxWith()
export const virtualVax: Isa = vaxWith({ virtual: true })
