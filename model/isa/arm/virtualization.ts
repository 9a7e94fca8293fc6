// The Virtualization Extensions: what Hyp mode keeps about a virtual machine in Non-secure state, and what traps to it.
import { trapIf, type Statement } from '../../ir/instruction.ts'
import { get, register, type Register } from '../../ir/state.ts'
import { and, type Bool } from '../../ir/term.ts'

/** Bits that trap a Non-secure instruction to Hyp mode. */
const traps = ['HCR.TWI', 'HCR.TWE', 'HCR.TID1', 'HCR.TID2', 'HCR.TID3', 'HCR.TAC', 'HDCR.TPM', 'HDCR.TDA'] as const
export type HypTrap = (typeof traps)[number]
/** Bits without which what the virtual machine has to itself would be the real machine's: stage 2 translation, routing of interrupts. */
const gives = ['HCR.VM', 'HCR.AMO', 'HCR.IMO', 'HCR.FMO'] as const

/**
 * SCR.NS tells a virtual machine from the bare one: in Secure state nothing traps to Hyp mode and there is one stage of
 * translation, in Non-secure state there are two and Hyp mode's controls apply. Registers that are banked between the two
 * states are those of the state in force.
 */
export interface Hyp extends Readonly<Record<HypTrap | (typeof gives)[number], Register<1>>> {
  readonly NS: Register<1>
  /** Stands for the tables of stage 2: the page to which page 0 of the virtual machine's physical addresses is mapped. */
  readonly VTTBR: Register<20>
  readonly VPIDR: Register<32>
  readonly ELR_hyp: Register<32>
  readonly HVBAR: Register<32>
}

export const declareHyp = (pageBits: 20): Hyp => ({
  NS: register('SCR.NS', 1, 'mode'), VTTBR: register('VTTBR', pageBits, 'mapping'), VPIDR: register('VPIDR', 32, 'control'),
  ELR_hyp: register('ELR_hyp', 32, 'control'), HVBAR: register('HVBAR', 32, 'control'),
  ...(Object.fromEntries([...traps, ...gives].map((name) => [name, register(name, 1, 'control')])) as Record<HypTrap | (typeof gives)[number], Register<1>>),
})

export const trappedToHyp = (hyp: Hyp, when: Bool): Statement => trapIf(and(get(hyp.NS), when), 'Hyp trap')
