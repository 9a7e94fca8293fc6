// SPARC V8 and the LEON3 as ISAs, their supervisors deprivileged to user mode.
import { defineIsa, type Deprivileging, type Isa, type PublishedClaim } from '../../machine/isa.ts'
import { computation, windows } from './computation.ts'
import { controlTransfer } from './control-transfer.ts'
import { leftOut } from './left-out.ts'
import { alternateSpaces, loadsAndStores, otherUnits } from './loads-and-stores.ts'
import { manual } from './notation.ts'
import { components, controlState, declareState, psrRegister, relocation, type Options, type State } from './state.ts'
import { causes, system, trap } from './system.ts'

const leonUsers = 'a paper by users of the LEON, quoted in a post of 2025 (mastodawn.com/post/115685349859036037)'
const published: readonly PublishedClaim[] = [
  { claim: 'SPARC V8 is classically virtualizable, by trap and emulation', source: leonUsers, about: { theorem: 'vmm', applies: true } },
  ...['RDPSR', 'RDWIM', 'RDTBR', 'WRPSR', 'WRWIM', 'WRTBR', 'RETT', 'LDA', 'STA', 'LDSTUBA', 'SWAPA'].map((name): PublishedClaim => (
    { claim: `${name} is privileged`, source: manual, about: { instruction: name, property: 'privileged', holds: true } })),
]

const deprivileging = (s: State): Deprivileging => ({
  name: 'supervisor to user',
  virtual: [[psrRegister(s, 'S'), 1n]],
  // Traps stay enabled whatever the virtual ET is: one that finds them disabled stops the processor, and no VMM is entered.
  real: [[psrRegister(s, 'S'), 0n], [psrRegister(s, 'ET'), 1n]],
  mapping: [s.enabled, s.relocation, s.ACC],
  control: controlState(s),
  invariant: [],
})

export const sparcWith = (options: Options): Isa => {
  const s = declareState(options), leon = options.processor === 'leon3'
  return defineIsa({
    name: leon ? 'sparc/leon3' : 'sparc',
    title: leon ? 'the LEON3, a SPARC V8' : 'SPARC V8',
    source: leon ? `${manual}; GRLIB IP Core User's Manual, LEON3` : manual,
    wordWidth: 32,
    size: '2^32 bytes, words of 32 bits, 8 windows',
    components: components(s),
    counter: s.PC,
    relocation: relocation(s),
    causes, causeWidth: 9,
    memoryCauses: ['data_access_exception', 'mem_address_not_aligned'],
    // What RETT and WRPSR refuse to a supervisor too: a return with traps enabled or to an invalid window, a window that is not there.
    unmodelledCauses: ['illegal_instruction by state', 'window_underflow by RETT'],
    processor: [s.errorMode],
    trap: (cause) => trap(s, cause),
    instructions: [
      ...computation(s), ...windows(s), ...loadsAndStores(s), ...otherUnits(s), ...alternateSpaces(s), ...controlTransfer(s), ...system(s),
    ],
    deprivilegings: [deprivileging(s)],
    leftOut: leftOut(s),
    published,
  })
}

export const sparc = (): Isa => sparcWith({ processor: 'v8', windowPointer: 'program' })
export const leon3 = (): Isa => sparcWith({ processor: 'leon3', windowPointer: 'program' })
