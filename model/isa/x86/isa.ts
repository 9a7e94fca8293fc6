// x86 in 32-bit protected mode, 80386 to Pentium, as an ISA; with user-mode instruction prevention as a variant.
import { set, type Statement } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { concat, constant, extract, False, type Bool, type Term } from '../../ir/term.ts'
import { defineIsa, type Isa } from '../../machine/isa.ts'
import { farTransfers } from './far-transfers.ts'
import { flagInstructions } from './flags.ts'
import { general } from './general.ts'
import { inputOutput } from './input-output.ts'
import { deprivilegings } from './invariant.ts'
import { leftOut } from './left-out.ts'
import { manual, protectedMode } from './modes.ts'
import { notation } from './operands.ts'
import { processor, systemEntries, sysenterRegisters } from './processor.ts'
import { protection } from './protection.ts'
import { published } from './published.ts'
import { segmentInstructions } from './segments.ts'
import {
  assumptions, components, CPL, CR0, CR2, CR3, CR4, CS, DR, DR6, DR7, EIP, GDTR, HALTED, IDTR, IF, interrupts, NT, relocation, segments, TF,
} from './state.ts'
import { refused0, reserved4, systemRegisters, type SystemRegisters } from './system-registers.ts'

/**
 * The low five bits of a cause are its vector. Faults of segmentation, which are memory traps (W15), are apart from
 * those of privilege: `limit` is #GP(0) or #SS(0) by a reference outside its segment, `selector` #GP by a descriptor.
 */
const causes = {
  '#DE': 0x20, '#DB': 1, '#BR': 5, '#UD': 6, '#GP': 13,
  limit: 0x2d, '#GP(selector)': 0x4d, '#TS': 10, '#NP': 11, '#SS(selector)': 12, unmodelled: 0x5f,
} as const

/** A trap through the gate of its vector, to level 0; what it pushes is left out. */
const trap = (cause: Term): Statement[] => {
  const target = get(cell(interrupts.target, concat<8>(constant(3, 0), extract(cause, 4, 0))))
  return [
    set(CPL, 0), set(CS.selector, extract(target, 47, 34)), set(EIP, extract<32>(target, 31, 0)), set(IF, 0), set(TF, 0), set(NT, 0),
  ]
}

const nothing = (): Bool => False
/** CR4 of the Pentium has VME PVI TSD DE PSE and MCE; PCE came with the Pentium with MMX, UMIP much later. */
const system = (umip: boolean): SystemRegisters => ({
  GDTR, IDTR, DR, DR6, DR7, umip,
  control: [[0, CR0, refused0], [2, CR2, nothing], [3, CR3, nothing], [4, CR4, reserved4([0, 1, 2, 3, 4, 6, 8, ...(umip ? [11] : [])])]],
})

export const x86 = (options: { readonly umip?: boolean } = {}): Isa => {
  const umip = options.umip ?? false, n = notation(protectedMode)
  return defineIsa({
    name: umip ? 'x86-32/umip' : 'x86-32',
    title: `x86 in 32-bit protected mode, 80386 to Pentium${umip ? ', with user-mode instruction prevention' : ''}`,
    source: manual,
    wordWidth: 56,
    variableLength: true,
    size: '32-bit addresses and registers, 4 levels',
    components, assumptions, relocation,
    counter: EIP,
    causes, causeWidth: 7,
    memoryCauses: ['limit', '#GP(selector)', '#TS', '#NP', '#SS(selector)'],
    unmodelledCauses: ['unmodelled'],
    processor: [HALTED],
    trap,
    instructions: [
      ...general(n, protectedMode), ...flagInstructions(n), ...systemRegisters(n, system(umip)), ...protection(n), ...segmentInstructions(n, segments),
      ...farTransfers(), ...inputOutput(n), ...processor(n, sysenterRegisters), ...systemEntries(n),
    ],
    deprivilegings: deprivilegings(umip),
    leftOut,
    published: published(umip),
  })
}

export const x86Protected: Isa = x86()
export const x86Umip: Isa = x86({ umip: true })
