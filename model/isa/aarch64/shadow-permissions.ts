// What the 1974 definitions do not see of LDTR and its kin: under shadow permissions they abort elsewhere than on the bare machine.
import { concat, constant, extract, select, variable } from '../../ir/term.ts'
import { abortsAlikeUnder } from '../arm/shadow-permissions.ts'

/** EL0 may do what the virtual EL1 may: AP[1] = 1, AP[2] as it is, and SP is checked as at EL1. */
export const abortsAlike = abortsAlikeUnder({
  cell: (bank, index) => (bank.name === 'AP' ? concat(extract(select(bank, index), 1, 1), constant(1, 1)) : undefined),
  register: (name) => (name === 'SCTLR_EL1.SA0' ? variable('SCTLR_EL1.SA', 1) : undefined),
})
/** The same without the check of SP. */
export const abortsAlikeByPermissions = abortsAlikeUnder({
  cell: (bank, index) => (bank.name === 'AP' ? concat(extract(select(bank, index), 1, 1), constant(1, 1)) : undefined),
})
