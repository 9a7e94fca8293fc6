// Witnesses of single instructions: found again for an instruction by name, and checked again from a saved trace.
import { evaluate, type Valuation } from '../model/ir/stage.ts'
import { get } from '../model/ir/state.ts'
import { outcomeOf } from '../model/claims/run.ts'
import type { Isa } from '../model/machine/isa.ts'
import type { Instruction } from '../model/ir/instruction.ts'
import type { WitnessState, WitnessTrace } from '../traces/trace.ts'
import { isaNames, resolveIsa } from './isas.ts'
import { BadInput } from './terminal/failure.ts'
import { knownName, unknownName } from './terminal/nearest.ts'

/** `pdp10/JRST 1,` or `./my-isa.ts/JUM`. Throws BadInput when there is no such instruction. */
export const resolveInstruction = async (text: string): Promise<{ readonly isa: Isa; readonly reference: string; readonly instruction: Instruction }> => {
  const inFile = /^(.*\.m?[jt]s)\/(.+)$/.exec(text)
  const known = [...isaNames].sort((a, b) => b.length - a.length).find((name) => text.startsWith(`${name}/`) && !isaNames.includes(text))
    ?? /^[^:]+:.*(?=\/[^/]+$)/.exec(text)?.[0]
  const reference = inFile ? inFile[1]! : known
  if (reference === undefined) throw unknownName('ISA or trace file', text, isaNames, 'an instruction is named <isa>/<instruction>')
  const isa = await resolveIsa(reference)
  const name = text.slice(reference.length + 1)
  const found = knownName(`instruction of ${isa.name}`, name, isa.instructions.map((i) => i.name))
  return { isa, reference, instruction: isa.instructions.find((i) => i.name === found)! }
}

export interface Rechecked {
  readonly agrees: boolean
  readonly states: readonly { readonly name: string; readonly agrees: boolean; readonly what: string }[]
}

/** Runs the instruction from each state of the witness, and compares what it does with what was saved. */
export const recheck = async (trace: WitnessTrace): Promise<Rechecked> => {
  const isa = await resolveIsa(trace.isa)
  const instruction = isa.instructions.find((i) => i.name === trace.instruction)
  if (!instruction) throw new BadInput(`the trace is about the instruction ${trace.instruction}, which ${isa.name} does not have`)
  const states = trace.states.map((s) => {
    const what = difference(isa, instruction, trace, s)
    return { name: s.name, agrees: what === '', what }
  })
  return { agrees: states.every((s) => s.agrees), states }
}

const valuationOf = (trace: WitnessTrace, state: WitnessState): Valuation => ({
  variable: (name) => BigInt(name.startsWith('operand ') ? (trace.operands[name.slice('operand '.length)] ?? 0) : (state.before[name] ?? 0)),
  cell: (bank, address) => BigInt(state.before[`${bank}[0x${address.toString(16)}]`] ?? 0),
})

/** Where what the instruction does now is not what the trace says; empty when nowhere. */
const difference = (isa: Isa, instruction: Instruction, trace: WitnessTrace, state: WitnessState): string => {
  const outcome = outcomeOf(isa, instruction)
  const valuation = valuationOf(trace, state)
  const trap = outcome.traps.find((t) => evaluate(t.when, valuation) === 1n)?.cause
  if (trap !== state.trap) return `it ${trap === undefined ? 'does not trap' : `traps (${trap})`}, and the trace says ${state.trap ?? 'no trap'}`
  if (trap !== undefined) return ''
  for (const [name, said] of Object.entries(state.changes)) {
    const register = isa.components.find((c) => c.kind === 'register' && c.name === name)
    const after = register?.kind === 'register' ? evaluate(outcome.registers.get(name) ?? get(register), valuation) : cellAfter(outcome.banks, name, valuation)
    if (after !== BigInt(said)) return `${name} becomes ${after === undefined ? 'nothing new' : `0x${after.toString(16)}`}, and the trace says ${said}`
  }
  return ''
}

/** The value that a bank's cell is given, by its name `E[0x2]`. */
const cellAfter = (banks: ReturnType<typeof outcomeOf>['banks'], name: string, valuation: Valuation): bigint | undefined => {
  const [, bank = '', index = ''] = /^(.*)\[(.*)\]$/.exec(name) ?? []
  const writes = (banks.get(bank) ?? []).filter((w) => evaluate(w.when, valuation) === 1n && evaluate(w.index, valuation) === BigInt(index))
  const last = writes.at(-1)
  return last && evaluate(last.value, valuation)
}
