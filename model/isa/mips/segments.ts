// The efficiency property over the segments: what a deprivileged kernel executes directly, as it is and relinked away from kseg0 and kseg1.
import { all, not, or, postorder, type Bool, type Term } from '../../ir/term.ts'
import { get } from '../../ir/state.ts'
import type { Instruction } from '../../ir/instruction.ts'
import type { Deprivileging, Isa } from '../../machine/isa.ts'
import type { Claim } from '../../claims/claim.ts'
import { holdIn, runFrom, type Run } from '../../claims/run.ts'
import { inMode } from '../../claims/twins.ts'
import { effectiveAddress, wordOf } from './notation.ts'
import { inMappedSegment, type State } from './state.ts'

/** Which addresses lie in the mapped segments that the real mode may use. */
export interface Relinked {
  readonly program: boolean
  readonly data: boolean
}

/** Whether the instruction refers to storage. */
const refers = ({ body }: Instruction): boolean =>
  body.some((b) => b.kind === 'store' || postorder(b.kind === 'set' ? [b.value, b.when] : [b.when]).some((t) => t.kind === 'load'))

/**
 * Wherever the kernel of the bare machine fetches and completes the instruction, the real mode does too. The definitions of
 * sensitive leave memory traps out (W15), so Theorem 1's premise can hold while no instruction of a kernel in kseg0 meets this.
 */
export const executesDirectly = (s: State, isa: Isa, d: Deprivileging, instruction: Instruction, relinked: Relinked): Claim => {
  const [virtual, real] = (['supervisor', 'user'] as const).map((mode) => runFrom(isa, instruction, inMode(d, mode))) as [Run, Run]
  const completes = (run: Run): Bool => not(or(run.at(isa.relocation.develop(get(isa.counter), 'fetch').fault), run.outcome.trapped))
  const mapped = (word: Term<30>): Bool => real.at(inMappedSegment(s, word))
  return {
    property: `executes directly${relinked.program ? ', program relinked' : ''}${relinked.data ? ', data relinked' : ''}`,
    isa, instruction, runs: [virtual, real], quantifier: 'every',
    premise: all([
      holdIn(real, d.invariant), completes(virtual),
      ...(relinked.program ? [mapped(get(s.PC))] : []),
      ...(relinked.data && refers(instruction) ? [mapped(wordOf(effectiveAddress(s, instruction.operands)))] : []),
    ]),
    conclusion: completes(real),
  }
}
