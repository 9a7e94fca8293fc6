// x86-64 in 64-bit mode as an ISA, as it was in 2006; and with what later processors have, as a variant.
import { set, type Statement } from '../../../ir/instruction.ts'
import { cell, get } from '../../../ir/state.ts'
import { any, concat, constant, extract, False, not, type Bool, type Term } from '../../../ir/term.ts'
import { defineIsa, type Isa } from '../../../machine/isa.ts'
import { flagInstructions } from '../flags.ts'
import { general } from '../general.ts'
import { inputOutput } from '../input-output.ts'
import { longMode } from '../modes.ts'
import { bitOf, isZero, notation } from '../operands.ts'
import { processor } from '../processor.ts'
import { protection } from '../protection.ts'
import { segmentInstructions } from '../segments.ts'
import { CPL, CR0, CR4, HALTED, IF, NT, TF } from '../state.ts'
import { refused0, reserved4, systemRegisters, type SystemRegisters } from '../system-registers.ts'
import { farTransfers } from './far-transfers.ts'
import { deprivilegings } from './invariant.ts'
import { leftOut } from './left-out.ts'
import { published } from './published.ts'
import { assumptions, components, CR2, CR3, CR8, CS, DR, DR6, DR7, GDTR, IDTR, interrupts, relocation, RIP, segments, SS } from './state.ts'
import { extendedShown, longModeInstructions, longModeRegisters } from './system-calls.ts'

/** The low five bits are the vector. `non-canonical` is #GP(0) by an address, `#GP(selector)` by a descriptor; `#GP` is of privilege. */
const causes = {
  '#PF': 14, '#DE': 0x20, '#DB': 1, '#UD': 6, '#GP': 13, 'non-canonical': 0x2d, '#GP(selector)': 0x4d, '#NP': 11, '#SS(selector)': 12, unmodelled: 0x5f,
} as const

/** A trap through the gate of its vector, to level 0; what it pushes is left out. */
const trap = (cause: Term): Statement[] => {
  const target = get(cell(interrupts.target, concat<8>(constant(3, 0), extract(cause, 4, 0))))
  return [
    set(CPL, 0), set(CS.selector, extract(target, 79, 66)), set(SS.selector, 0), set<number>(RIP, extract(target, 63, 0)), set(IF, 0), set(TF, 0), set(NT, 0),
  ]
}

const nothing = (): Bool => False
/** PG, PE and PAE cannot be cleared in 64-bit mode. */
const system = (recent: boolean): SystemRegisters => ({
  GDTR, IDTR, DR, DR6, DR7, umip: recent,
  control: [
    [0, CR0, (value) => any([refused0(value), not(bitOf(value, 0)), not(bitOf(value, 31))])], [2, CR2, nothing],
    [3, CR3, (value) => not(isZero(extract(value, 63, 48)))],
    [4, CR4, (value) => any([reserved4([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, ...(recent ? [11, 16, 18] : [])])(value), not(bitOf(value, 5))])],
    [8, CR8, nothing],
  ],
})

export const x86Long = (options: { readonly umip?: boolean } = {}): Isa => {
  const recent = options.umip ?? false, n = notation(longMode)
  return defineIsa({
    name: recent ? 'x86-64/umip' : 'x86-64',
    title: `x86-64 in 64-bit mode${recent ? ', with user-mode instruction prevention, FSGSBASE, RDPID and XSAVE' : ''}`,
    source: longMode.manual,
    wordWidth: 80,
    variableLength: true,
    size: '64-bit registers, 48-bit addresses, 4 levels',
    components: components(recent), assumptions, relocation,
    counter: RIP,
    causes, causeWidth: 7,
    memoryCauses: ['#PF', 'non-canonical', '#GP(selector)', '#NP', '#SS(selector)'],
    unmodelledCauses: ['unmodelled'],
    processor: [HALTED],
    trap,
    instructions: [
      ...general(n, longMode), ...flagInstructions(n), ...systemRegisters(n, system(recent)), ...protection(n), ...segmentInstructions(n, segments),
      ...farTransfers(), ...inputOutput(n), ...processor(n, longModeRegisters, recent ? extendedShown : undefined), ...longModeInstructions(recent),
    ],
    deprivilegings: deprivilegings(recent),
    leftOut: leftOut(recent),
    published: published(recent),
  })
}

export const x8664: Isa = x86Long()
export const x8664Umip: Isa = x86Long({ umip: true })
