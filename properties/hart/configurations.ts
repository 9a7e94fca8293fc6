// The configurations in which hart and specification are compared: the hart's options, and the same choices by the specification's names.
import type { Parameters } from '../../model/isa/riscv/parameters.ts'
import type { ComparedOptions } from '../../traces/hart-format.ts'
import { device, ram } from '../../traces/hart-program.ts'

export interface Configuration {
  readonly name: string
  readonly options: ComparedOptions
}
/** What most harts are like. */
const usual = { misalignedAtomics: 'access-fault', atomicityGranule: 0, pmpEntries: 16, pmpGranularity: 4, asidBits: 16, vectoredAlignment: 4, trapValues: 'given' } as const

/** Of the options whose choices are not `usual` every two choices of different ones come together in one of the first six; each other choice is in one of the rest. */
export const configurations: readonly Configuration[] = [
  { name: 'A and D fault, misaligned accesses are done, Sv48', options: { ...usual, accessedDirty: 'fault', misaligned: 'done', sv48: true, sstc: false, triggerRegisters: false } },
  { name: 'A and D are updated, misaligned accesses are done, Sstc', options: { ...usual, accessedDirty: 'update', misaligned: 'done', sv48: false, sstc: true, triggerRegisters: false } },
  { name: 'A and D fault, misaligned accesses trap, Sstc', options: { ...usual, accessedDirty: 'fault', misaligned: 'trap', misalignedAtomics: 'trap', sv48: false, sstc: true, triggerRegisters: false } },
  { name: 'A and D are updated, misaligned accesses trap, Sv48, registers of triggers', options: { ...usual, accessedDirty: 'update', misaligned: 'trap', misalignedAtomics: 'trap', sv48: true, sstc: false, triggerRegisters: true } },
  { name: 'A and D are updated, misaligned accesses are done, Sv48, Sstc, registers of triggers', options: { ...usual, accessedDirty: 'update', misaligned: 'done', sv48: true, sstc: true, triggerRegisters: true } },
  { name: 'A and D fault, misaligned accesses are done', options: { ...usual, accessedDirty: 'fault', misaligned: 'done', sv48: false, sstc: false, triggerRegisters: false } },
  {
    name: 'A and D fault, misaligned accesses and atomic ones are access faults, 8 PMP entries of 4096 bytes, 7 bits of ASID, traps have no values',
    options: {
      accessedDirty: 'fault', misaligned: 'access-fault', misalignedAtomics: 'access-fault', atomicityGranule: 0, pmpEntries: 8, pmpGranularity: 4096, asidBits: 7, vectoredAlignment: 64, trapValues: 'zero',
      sv48: false, sstc: false, triggerRegisters: false,
    },
  },
  {
    name: 'A and D are updated, misaligned accesses trap but in granules of 16 bytes, 64 PMP entries of 16 bytes, Sv48, Sstc',
    options: {
      accessedDirty: 'update', misaligned: 'trap', misalignedAtomics: 'trap', atomicityGranule: 16, pmpEntries: 64, pmpGranularity: 16, asidBits: 9, vectoredAlignment: 256, trapValues: 'given',
      sv48: true, sstc: true, triggerRegisters: false,
    },
  },
  {
    name: 'A and D are updated, misaligned accesses are done, atomic ones are access faults but in granules of 4096 bytes, no PMP and no ASID',
    options: {
      accessedDirty: 'update', misaligned: 'done', misalignedAtomics: 'access-fault', atomicityGranule: 4096, pmpEntries: 0, pmpGranularity: 4, asidBits: 0, vectoredAlignment: 4, trapValues: 'given',
      sv48: true, sstc: false, triggerRegisters: true,
    },
  },
]

/** The choices that the hart always makes, as the specification names them. */
export const choicesOfHart = { dirtiness: 'tracked', reservedPmp: 'no W', performanceCounters: 0n, counterInhibit: 5n, reservationWidth: 'that of LR' } as const satisfies Partial<Parameters>

const misalignedAs = { done: 'supported', trap: 'trapped', 'access-fault': 'access fault' } as const
const valuesAs = { given: {}, zero: { addressValues: [], illegalValue: 'zero', breakpointValue: 'zero' } } as const satisfies Record<string, Partial<Parameters>>

/** The choices of a hart with these options. */
export const choicesOf = ({ options }: Configuration): Partial<Omit<Parameters, 'translation'>> => {
  const { accessedDirty, misaligned, misalignedAtomics, atomicityGranule, pmpEntries, pmpGranularity, asidBits, vectoredAlignment, trapValues, sv48, sstc, triggerRegisters } = options
  return {
    ...choicesOfHart, ...valuesAs[trapValues], atomicityGranule, pmpEntries, pmpGranularity, asidBits, vectoredAlignment, supervisorVectoredAlignment: vectoredAlignment,
    accessedDirty: accessedDirty === 'update' ? 'hardware' : 'page fault', misaligned: misalignedAs[misaligned], misalignedAtomics: misalignedAtomics === 'trap' ? 'trapped' : 'access fault',
    schemes: sv48 ? ['Sv39', 'Sv48'] : ['Sv39'], extensions: sstc ? ['Sstc'] : [], triggerRegisters: triggerRegisters ? 'read-only 0' : 'absent',
    regions: [{ base: BigInt(ram.base), size: BigInt(ram.size) }, { base: BigInt(device.base), size: BigInt(device.size), without: ['misaligned accesses', 'reservations'] }],
  }
}
