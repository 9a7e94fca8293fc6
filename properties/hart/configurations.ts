// The configurations in which hart and specification are compared: the hart's options, and the same choices by the specification's names.
import type { HartOptions } from '../../traces/adapters.ts'
import type { Parameters } from '../../model/isa/riscv/parameters.ts'
import { device, ram } from '../../traces/hart-program.ts'

export interface Configuration {
  readonly name: string
  readonly options: Required<Pick<HartOptions, 'accessedDirty' | 'misaligned' | 'sv48' | 'sstc' | 'triggerRegisters'>>
}

/** Every two choices of different options come together in one of them. */
export const configurations: readonly Configuration[] = [
  { name: 'A and D fault, misaligned accesses are done, Sv48', options: { accessedDirty: 'fault', misaligned: 'done', sv48: true, sstc: false, triggerRegisters: false } },
  { name: 'A and D are updated, misaligned accesses are done, Sstc', options: { accessedDirty: 'update', misaligned: 'done', sv48: false, sstc: true, triggerRegisters: false } },
  { name: 'A and D fault, misaligned accesses trap, Sstc', options: { accessedDirty: 'fault', misaligned: 'trap', sv48: false, sstc: true, triggerRegisters: false } },
  { name: 'A and D are updated, misaligned accesses trap, Sv48, registers of triggers', options: { accessedDirty: 'update', misaligned: 'trap', sv48: true, sstc: false, triggerRegisters: true } },
  { name: 'A and D are updated, misaligned accesses are done, Sv48, Sstc, registers of triggers', options: { accessedDirty: 'update', misaligned: 'done', sv48: true, sstc: true, triggerRegisters: true } },
  { name: 'A and D fault, misaligned accesses are done', options: { accessedDirty: 'fault', misaligned: 'done', sv48: false, sstc: false, triggerRegisters: false } },
]

/** The choices that the hart always makes, as the specification names them. */
export const choicesOfHart = { dirtiness: 'tracked', reservedPmp: 'no W', performanceCounters: 'read-only 0', reservationWidth: 'that of LR' } as const satisfies Partial<Parameters>

/** The choices of a hart with these options. */
export const choicesOf = ({ options: { accessedDirty, misaligned, sv48, sstc, triggerRegisters } }: Configuration): Partial<Omit<Parameters, 'translation'>> => ({
  ...choicesOfHart,
  accessedDirty: accessedDirty === 'update' ? 'hardware' : 'page fault', misaligned: misaligned === 'trap' ? 'trapped' : 'supported',
  schemes: sv48 ? ['Sv39', 'Sv48'] : ['Sv39'], extensions: sstc ? ['Sstc'] : [], triggerRegisters: triggerRegisters ? 'read-only 0' : 'absent',
  regions: [ram, device].map(({ base, size }) => ({ base: BigInt(base), size: BigInt(size) })),
})
