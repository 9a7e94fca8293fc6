// The public entry of the package: what an ISA is written with, the deciders, and the words that machines share.
export * from '../model/vocab/index.ts'
export * from '../model/ir/term.ts'
export * from '../model/ir/state.ts'
export * from '../model/ir/instruction.ts'
export { show, showInstruction, showStatement } from '../model/ir/show.ts'
export * from '../model/machine/isa.ts'
export * from '../model/isa/index.ts'
export { intended, literal, type Claim, type Reading } from '../model/claims/claim.ts'
export {
  classify, propertyNames, type Classification, type ClassifyOptions, type InstructionVerdicts, type PropertyName,
} from '../properties/classify.ts'
export type { Decision, Deciders } from '../properties/decide/decide.ts'
export { Solver } from '../properties/decide/solve.ts'
export { Contradiction, type DeciderName, type Evidence, type Verdict } from '../properties/verdict.ts'
export type { Witness, WitnessState } from '../properties/witness.ts'
