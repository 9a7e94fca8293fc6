// A deciding thread: the ISAs and the solver that it has met are kept for the next piece of work.
import { lemmasOf } from '../../properties/lemmas.ts'
import type { Isa } from '../../model/machine/isa.ts'
import { resolveIsa } from '../isas.ts'
import { messageOf } from '../terminal/failure.ts'
import { openDeciders, type DeciderChoice } from './deciders.ts'
import { decideSlice, withOneShrunk } from './slices.ts'
import type { Reply, Work } from './threads.ts'

const kept = <K, V>(make: (key: K) => Promise<V>): ((key: K) => Promise<V>) => {
  const known = new Map<string, Promise<V>>()
  return (key) => {
    const name = JSON.stringify(key), made = known.get(name) ?? make(key)
    known.set(name, made)
    return made
  }
}
const isaOf = kept(async (reference: string): Promise<Isa> => withOneShrunk(await resolveIsa(reference)))
const decidersOf = kept(openDeciders)

const done = async (work: Work): Promise<Reply> => {
  const [isa, { deciders }] = await Promise.all([isaOf(work.isa), decidersOf(work.choice satisfies DeciderChoice)])
  return { done: work.kind === 'slice' ? await decideSlice(isa, work.instructions, work.options, deciders) : await lemmasOf(isa, deciders) }
}

export default (work: Work): Promise<Reply> =>
  done(work).catch((error: unknown): Reply => ({ failure: { name: error instanceof Error ? error.name : 'Error', message: messageOf(error) } }))
