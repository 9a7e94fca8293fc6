// The lemmas on which verdicts rest: relocation has an inverse on every ISA, and the repaired map f is one-one.
import { relocationInverts } from '../model/claims/relocation.ts'
import { mapIsOneOne, maps } from '../model/isa/third-generation/map.ts'
import { directExecution, type Composition, type DirectExecution } from '../model/isa/third-generation/direct-execution.ts'
import { full, tiny, type Sizes } from '../model/isa/third-generation/state.ts'
import { variants } from '../model/vocab/index.ts'
import { thirdGeneration } from '../model/isa/third-generation/isa.ts'
import type { ModeName } from '../model/claims/twins.ts'
import type { Variant } from '../model/vocab/index.ts'
import type { Isa } from '../model/machine/isa.ts'
import { decide, type Deciders, type Decision, type Question } from './decide/decide.ts'

const modes: readonly ModeName[] = ['supervisor', 'user']

/** For every mode, each address has at most one real cell and each real cell at most one address. */
export const relocationLemmas = (isa: Isa, deciders: Deciders): Promise<Decision[]> => {
  const small = isa.shrunk?.()
  return decide(isa.deprivilegings.flatMap((d, n) => modes.map((mode): Question => ({
    claim: relocationInverts(isa, d, mode),
    small: small && relocationInverts(small, small.deprivilegings[n]!, mode),
  }))), deciders)
}

/** The printed map is not one-one, nor is the clipped one that keeps only the mode; the one that keeps the PSW is. */
export const mapLemmas = (deciders: Deciders): Promise<Decision[]> =>
  decide(maps.map((name): Question => ({
    claim: mapIsOneOne(thirdGeneration('sound'), full, name),
    small: mapIsOneOne(thirdGeneration('sound', tiny), tiny, name),
  })), deciders)

/** Lemma 1 over all states and operand words: each instruction of a variant, executed directly under the map f. */
export const directExecutionLemmas = (
  variant: Variant, which: keyof DirectExecution, deciders: Deciders, composition?: Composition,
): Promise<Decision[]> => {
  const small: Sizes = { ...tiny, address: 2, storage: 3 }
  const shrunk = directExecution(variant, small, composition)
  return decide(directExecution(variant, full, composition).map((d, n): Question => ({ claim: d[which], small: shrunk[n]![which] })), deciders)
}

/** The lemmas about an ISA: relocation for each, the map f and Lemma 1 for the paper's machine and its variants. */
export const lemmasOf = async (isa: Isa, deciders: Deciders): Promise<Decision[]> => {
  const variant = variants.find((v) => isa.name === (v === 'sound' ? 'third-generation' : `third-generation/${v}`))
  return [
    ...await relocationLemmas(isa, deciders),
    ...(variant === 'sound' ? await mapLemmas(deciders) : []),
    ...(variant === undefined ? [] : await directExecutionLemmas(variant, 'equivalent', deciders)),
  ]
}
