// Classification in slices of instructions, over threads that take the next slice when they are free.
import { availableParallelism } from 'node:os'
import type { Isa } from '../../model/machine/isa.ts'
import { chosenDeprivileging, classify, type Classification, type ClassifyOptions, type InstructionVerdicts } from '../../properties/classify.ts'
import type { Deciders } from '../../properties/decide/decide.ts'
import type { Verdict } from '../../properties/verdict.ts'
import { intended } from '../../model/claims/claim.ts'
import { openDeciders, type DeciderChoice } from './deciders.ts'
import { DecidingThreads } from './threads.ts'

export interface SliceOptions extends DeciderChoice {
  /** `threadsAtMost` when it is left out. */
  readonly threads?: number
  /** Threads that serve other classifications too; by themselves, as many as there is work for. */
  readonly over?: DecidingThreads
  readonly interrupted?: AbortSignal
  /** Instructions decided so far. */
  readonly onProgress?: (done: number, total: number) => void
}

export interface Sliced {
  readonly classification: Classification
  /** False when it was interrupted: then some instructions are missing. */
  readonly complete: boolean
}

export type SharedOptions = Omit<ClassifyOptions, 'instructions' | 'onProgress'>

/** The part of a classification that some of the instructions make, as plain data. */
export type Slice = Pick<Classification, 'instructions' | 'assuming' | 'theorems' | 'sensitiveTraps'>

export const threadsAtMost = Math.min(4, availableParallelism())
const sliceSize = 24

/** Classifies the chosen instructions, or all; `reference` is how a worker finds the same ISA. */
export const classifyInSlices = async (isa: Isa, reference: string, options: ClassifyOptions, how: SliceOptions): Promise<Sliced> => {
  const names = isa.instructions.map((i) => i.name).filter((n) => !options.instructions || options.instructions.includes(n))
  const waiting = Array.from({ length: Math.max(1, Math.ceil(names.length / sliceSize)) }, (_, i) => names.slice(sliceSize * i, sliceSize * (i + 1)))
  const threads = Math.min(how.threads ?? threadsAtMost, Math.ceil(waiting.length / 2))
  const slices: Slice[] = []
  const found = new Map<string, InstructionVerdicts>()
  how.onProgress?.(0, names.length)
  const take = (slice: Slice): void => {
    slices.push(slice)
    for (const v of slice.instructions) found.set(v.name, v)
    how.onProgress?.(found.size, names.length)
  }
  const shared: SharedOptions = {
    ...(options.reading ? { reading: options.reading } : {}), ...(options.deprivileging ? { deprivileging: options.deprivileging } : {}),
    ...(options.without ? { without: options.without } : {}), ...(options.joint ? { joint: true } : {}),
  }
  const choice: DeciderChoice = { by: how.by, seed: how.seed, runs: how.runs }
  if (how.over || threads > 1) {
    const over = how.over ?? new DecidingThreads(threads, how.interrupted)
    await Promise.all(waiting.map(async (instructions) => {
      const slice = await over.run({ kind: 'slice', isa: reference, instructions, options: shared, choice })
      if (slice) take(slice)
    })).finally(() => (how.over ? undefined : over.close()))
  } else {
    const { deciders, close } = await openDeciders(choice)
    const once = withOneShrunk(isa)
    try {
      for (const instructions of waiting) if (!how.interrupted?.aborted) take(await decideSlice(once, instructions, shared, deciders))
    } finally {
      close()
    }
  }
  const instructions = names.flatMap((n) => found.get(n) ?? [])
  const all = instructions.length === isa.instructions.length
  return {
    complete: instructions.length === names.length,
    classification: {
      isa, deprivileging: chosenDeprivileging(isa, options), reading: options.reading ?? intended, assuming: slices[0]?.assuming ?? [], instructions,
      theorems: {
        vmm: overall(slices.map((s) => s.theorems.vmm), all),
        recursive: overall(slices.map((s) => s.theorems.recursive), all),
        hybrid: overall(slices.map((s) => s.theorems.hybrid), all),
      },
      sensitiveTraps: overall(slices.map((s) => s.sensitiveTraps), all),
    },
  }
}

/** One critical instruction denies a theorem; that there is none needs all instructions. */
const overall = (verdicts: readonly Verdict[], all: boolean): Verdict =>
  verdicts.includes('no') ? 'no' : all && verdicts.every((v) => v === 'yes') ? 'yes' : 'undecided'

/** The ISA, whose shrunk form is built once. */
export const withOneShrunk = (isa: Isa): Isa => {
  let shrunk: Isa | undefined
  const build = isa.shrunk
  return build ? { ...isa, shrunk: () => (shrunk ??= build()) } : isa
}

export const decideSlice = async (isa: Isa, instructions: readonly string[], options: SharedOptions, deciders: Deciders): Promise<Slice> => {
  // Witnesses must not depend on which thread took which slices before.
  deciders.solve?.forget()
  const c = await classify(isa, deciders, { ...options, instructions })
  return { instructions: c.instructions, assuming: c.assuming, theorems: c.theorems, sensitiveTraps: c.sensitiveTraps }
}
