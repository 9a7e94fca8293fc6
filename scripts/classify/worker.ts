// A thread that decides slices of one ISA's instructions, with its own solver.
import { parentPort, workerData } from 'node:worker_threads'
import { resolveIsa } from '../isas.ts'
import { messageOf } from '../terminal/failure.ts'
import { openDeciders } from './deciders.ts'
import { decideSlice, withOneShrunk, type Assignment, type Reply } from './slices.ts'

const { isa: reference, options, choice } = workerData as Assignment
const port = parentPort!
const answer = (reply: Reply): void => port.postMessage(reply)

const ready = (async () => ({ isa: withOneShrunk(await resolveIsa(reference)), ...(await openDeciders(choice)) }))()
ready.catch(() => {})

port.on('message', (slice: readonly string[]) => {
  ready.then(async ({ isa, deciders }) => answer({ slice: await decideSlice(isa, slice, options, deciders) }))
    .catch((error: unknown) => answer({ failure: { name: error instanceof Error ? error.name : 'Error', message: messageOf(error) } }))
})
