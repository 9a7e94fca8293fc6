// The Alpha as an operating system sees it under OSF/1 PALcode, its kernel deprivileged from kernel to user mode.
import { defineIsa, type Deprivileging, type Isa, type PublishedClaim } from '../../machine/isa.ts'
import { branches, integer } from './integer.ts'
import { leftOut } from './left-out.ts'
import { causes, manual } from './notation.ts'
import { exception, palOpcodes, privilegedFunctions, unprivilegedFunctions } from './palcode.ts'
import { CM, components, controlState, controlWithoutTime, halted, identity, mappingState, PC, relocation } from './state.ts'
import { floatingPoint, loadsAndStores, others } from './storage.ts'

const karger = 'Karger, Performance and Security Lessons Learned from Virtualizing the Alpha Processor, ISCA 2007 (as its abstract and a summary have it)'
const assembly = 'Digital UNIX Assembly Language Programmer\'s Guide, appendix D, Table D-2 (privileged PALcode instructions)'
const privileged = ['halt', 'rdps', 'rdusp', 'rdval', 'retsys', 'rti', 'swpctx', 'swpipl', 'tbi', 'whami', 'wrent', 'wrfen', 'wrkgp', 'wrusp', 'wrval', 'wrvptptr']

const published: readonly PublishedClaim[] = [
  {
    claim: 'sensitive instructions are in PALcode, which makes virtualization of the Alpha particularly easy (read as: Theorem 1 applies)', source: karger,
    about: { theorem: 'vmm', applies: true },
  },
  ...privileged.map((name): PublishedClaim => ({
    claim: `${name} can be called from kernel mode only`, source: assembly, about: { instruction: `CALL_PAL ${name}`, property: 'privileged', holds: true },
  })),
]

const deprivileging: Deprivileging = {
  name: 'kernel to user', virtual: [[CM, 0n]], real: [[CM, 1n]], mapping: mappingState, control: controlState, invariant: [],
}

export const alpha: Isa = defineIsa({
  name: 'alpha',
  title: 'the DEC Alpha under OSF/1 PALcode',
  source: `${manual}, third edition, with the OSF/1 PALcode`,
  wordWidth: 32,
  size: '2^64 bytes, 32 and 32 registers of 64 bits',
  components,
  counter: PC,
  relocation,
  causes: { ...causes, unmodelled: 15 }, causeWidth: 4,
  memoryCauses: ['memory management', 'unaligned'],
  unmodelledCauses: ['unmodelled'],
  processor: [halted],
  trap: exception,
  instructions: [
    ...integer(), ...branches(), ...loadsAndStores(), ...floatingPoint(), ...others(), ...unprivilegedFunctions(), ...privilegedFunctions(), ...palOpcodes(),
  ],
  deprivilegings: [
    deprivileging,
    { ...deprivileging, name: 'kernel to user, with the processor\'s own cycles', control: controlWithoutTime },
    { ...deprivileging, name: 'kernel to user, on another processor than the real one', control: [...controlState, ...Object.values(identity)] },
  ],
  leftOut,
  published,
})
