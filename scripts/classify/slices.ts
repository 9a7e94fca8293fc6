// Classification over worker threads: each has a solver of its own and takes the next instructions when it is free.
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Isa } from '../../model/machine/isa.ts'
import { chosenDeprivileging, classify, type Classification, type ClassifyOptions, type InstructionVerdicts } from '../../properties/classify.ts'
import type { Deciders } from '../../properties/decide/decide.ts'
import type { Verdict } from '../../properties/verdict.ts'
import { intended } from '../../model/claims/claim.ts'
import { MissingTool } from '../terminal/failure.ts'
import { openDeciders, type DeciderChoice } from './deciders.ts'

export interface SliceOptions extends DeciderChoice {
  /** Threads; as many as there are processors, at most 4, when it is left out. */
  readonly threads?: number
  readonly interrupted?: AbortSignal
  /** Instructions decided so far. */
  readonly onProgress?: (done: number, total: number) => void
}

export interface Sliced {
  readonly classification: Classification
  /** False when it was interrupted: then some instructions are missing. */
  readonly complete: boolean
}

/** What a worker is told when it starts. */
export interface Assignment {
  /** The name of the ISA, or the path of its file. */
  readonly isa: string
  readonly options: SharedOptions
  readonly choice: DeciderChoice
}
type SharedOptions = Omit<ClassifyOptions, 'instructions' | 'onProgress'>

/** The part of a classification that some of the instructions make, as plain data. */
export type Slice = Pick<Classification, 'instructions' | 'assuming' | 'theorems' | 'sensitiveTraps'>
export type Reply = { readonly slice: Slice } | { readonly failure: { readonly name: string; readonly message: string } }

const sliceSize = 24

/** Classifies the chosen instructions, or all; `reference` is how a worker finds the same ISA. */
export const classifyInSlices = async (isa: Isa, reference: string, options: ClassifyOptions, how: SliceOptions): Promise<Sliced> => {
  const names = isa.instructions.map((i) => i.name).filter((n) => !options.instructions || options.instructions.includes(n))
  const waiting = Array.from({ length: Math.max(1, Math.ceil(names.length / sliceSize)) }, (_, i) => names.slice(sliceSize * i, sliceSize * (i + 1)))
  const threads = Math.min(how.threads ?? Math.min(4, availableParallelism()), Math.ceil(waiting.length / 2))
  const slices: Slice[] = []
  const found = new Map<string, InstructionVerdicts>()
  how.onProgress?.(0, names.length)
  const take = (slice: Slice): void => {
    slices.push(slice)
    for (const v of slice.instructions) found.set(v.name, v)
    how.onProgress?.(found.size, names.length)
  }
  const next = (): readonly string[] | undefined => (how.interrupted?.aborted ? undefined : waiting.shift())
  const shared: SharedOptions = {
    ...(options.reading ? { reading: options.reading } : {}), ...(options.deprivileging ? { deprivileging: options.deprivileging } : {}),
    ...(options.without ? { without: options.without } : {}), ...(options.joint ? { joint: true } : {}),
  }
  const choice: DeciderChoice = { by: how.by, seed: how.seed, runs: how.runs }
  if (threads <= 1) await inThisThread(isa, shared, choice, next, take)
  else await Promise.all(Array.from({ length: threads }, () => inWorker({ isa: reference, options: shared, choice }, next, take, how.interrupted)))
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

type Next = () => readonly string[] | undefined
type Take = (slice: Slice) => void

const inThisThread = async (isa: Isa, options: SharedOptions, choice: DeciderChoice, next: Next, take: Take): Promise<void> => {
  const { deciders, close } = await openDeciders(choice)
  const once = withOneShrunk(isa)
  try {
    for (let slice = next(); slice; slice = next()) take(await decideSlice(once, slice, options, deciders))
  } finally {
    close()
  }
}

const inWorker = (assignment: Assignment, next: Next, take: Take, interrupted: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve, reject) => {
    const file = import.meta.url.endsWith('.ts') ? 'worker-from-source.mjs' : 'worker.js'
    const worker = new Worker(new URL(`./${file}`, import.meta.url), { workerData: assignment })
    let finished = false
    const finish = (error?: Error): void => {
      if (finished) return
      finished = true
      interrupted?.removeEventListener('abort', stop)
      void worker.terminate()
      if (error) reject(error)
      else resolve()
    }
    const give = (): void => {
      const slice = next()
      if (slice) worker.postMessage(slice)
      else finish()
    }
    const stop = (): void => finish()
    interrupted?.addEventListener('abort', stop)
    worker.on('message', (reply: Reply) => {
      if ('failure' in reply) {
        const { name, message } = reply.failure
        finish(name === 'MissingTool' ? new MissingTool(message) : Object.assign(new Error(message), { name }))
        return
      }
      take(reply.slice)
      give()
    })
    worker.on('error', (error) => finish(error))
    worker.on('exit', (code) => finish(code === 0 ? undefined : new Error(`a deciding thread ended with code ${code}`)))
    give()
  })
