// popek serve riscv64/cpu --rvfi-dii: harts as implementations under a verification engine, over TCP.
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { createHart } from '../../impl/cpu/riscv/hart.ts'
import { Session } from '../../impl/debug/rvfi-dii/session.ts'
import { havingMemory } from '../run-riscv/having-memory.ts'
import { Exit, messageOf, type ExitCode } from '../terminal/failure.ts'
import { document, lines, type Terminal } from '../terminal/terminal.ts'
import { dismiss, host, Listener, nameOf } from './listener.ts'
import type { ServeOptions } from './options.ts'

const defaultMemory = 8
const resetPc = 0x8000_0000n
/** Bytes of traces that may wait for an engine that sends more than it reads; then no more is read from it. */
const mostUnread = 64 * 2 ** 20

interface Served {
  readonly client: string
  readonly instructions: number
  readonly traces: number
  readonly seconds: number
  /** Undefined when the client ended it, between two commands. */
  readonly failure?: string
}

/** Throws BadInput when the port cannot be had. */
export const serveRvfiDii = async (system: string, port: number, options: ServeOptions, terminal: Terminal): Promise<ExitCode> => {
  const { interrupted } = terminal
  const listener = await Listener.open(port)
  terminal.err(lines(`${system} waits for a verification engine at ${host}:${listener.port} (RVFI-DII, versions 1 and 2); Ctrl-C ends it`))
  const all: Served[] = []
  try {
    while (!interrupted.aborted) {
      const socket = await listener.next(interrupted)
      if (!socket) break
      const served = await serve(socket, options, interrupted)
      all.push(served)
      terminal.err(lines(summary(served)))
      if (options.once) break
    }
  } finally {
    listener.close()
  }
  if (options.json) terminal.out(document({ system, interface: 'rvfi-dii', port, clients: all }))
  if (interrupted.aborted) return Exit.interrupted
  return all.some(({ failure }) => failure !== undefined) ? Exit.bad : Exit.ok
}

const summary = ({ client, instructions, traces, seconds, failure }: Served): string =>
  `${client}: ${instructions.toLocaleString('en')} instructions, ${traces.toLocaleString('en')} traces, ${seconds.toFixed(3)} s${failure === undefined ? '' : `; ${failure}`}`

const serve = async (socket: Socket, { memory = defaultMemory, misaligned = 'done', misalignedAtomics }: ServeOptions, interrupted: AbortSignal): Promise<Served> => {
  let steps = (): number => 0
  const hart = havingMemory(memory, () => createHart({ ramBytes: memory * 2 ** 20, resetPc, misaligned, ...(misalignedAtomics ? { misalignedAtomics } : {}), sv48: true, translate: false }, { load: () => undefined, store: () => false, time: () => BigInt(steps()) }))
  steps = hart.steps
  const session = new Session(hart)
  const client = nameOf(socket), started = performance.now()
  const leave = (): void => void socket.destroy()
  interrupted.addEventListener('abort', leave, { once: true })
  socket.setNoDelay(true)
  socket.setKeepAlive(true)
  let failure: string | undefined
  try {
    // What was answered before a client is sent away still goes to it.
    for await (const bytes of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
      const { bytes: answer, refused } = session.receive(bytes)
      socket.write(answer)
      failure = refused
      if (failure !== undefined) break
      if (socket.writableLength > mostUnread) await Promise.race([once(socket, 'drain'), once(socket, 'close')])
    }
    if (failure === undefined && session.unfinished > 0 && !interrupted.aborted) failure = `it ended in the middle of a command, after ${session.unfinished} of its 8 bytes`
    dismiss(socket)
  } catch (error) {
    if (!interrupted.aborted) failure = `it vanished: ${messageOf(error)}`
  } finally {
    interrupted.removeEventListener('abort', leave)
  }
  return { client, instructions: session.instructions, traces: session.traces, seconds: (performance.now() - started) / 1000, ...(failure === undefined ? {} : { failure }) }
}
