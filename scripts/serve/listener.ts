// A TCP port and its clients, one after another.
import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { BadInput, messageOf } from '../terminal/failure.ts'

/** Only programs on this machine reach it. */
export const host = '127.0.0.1'
const lingerMilliseconds = 1000

export class Listener {
  private readonly server: Server
  private readonly clients: Socket[] = []
  private arrived: () => void = () => {}

  private constructor(server: Server) {
    this.server = server
    server.on('connection', (socket: Socket) => {
      // A client that vanishes while it waits is found out when it is served.
      socket.on('error', () => {})
      this.clients.push(socket)
      this.arrived()
    })
  }

  /** Listens on a port, any free one for 0. Throws BadInput when it cannot. */
  static async open(port: number): Promise<Listener> {
    const server = createServer()
    server.listen(port, host)
    try {
      await once(server, 'listening')
    } catch (error) {
      const { code } = error as { code?: string }
      throw new BadInput(`cannot listen on port ${port}: ${code === 'EADDRINUSE' ? 'it is in use' : code === 'EACCES' ? 'permission denied' : messageOf(error)}`)
    }
    return new Listener(server)
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  /** A client that waits, when there is one. */
  waiting(): Socket | undefined {
    return this.clients.shift()
  }

  /** The next client; undefined when `signal` is aborted before one comes. */
  async next(signal: AbortSignal): Promise<Socket | undefined> {
    while (this.clients.length === 0 && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.arrived = resolve
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
    }
    return signal.aborted ? undefined : this.waiting()
  }

  /** Ends it, and the clients that still wait. */
  close(): void {
    for (const socket of this.clients) socket.destroy()
    this.server.close()
  }
}

/** Ends a connection: what was written still goes out, and a client that does not end its side is not waited for long. */
export const dismiss = (socket: Socket): void => {
  const timer = setTimeout(() => socket.destroy(), lingerMilliseconds)
  socket.on('close', () => clearTimeout(timer)).on('error', () => {}).resume().end()
}

/** `address:port` of a client. */
export const nameOf = (socket: Socket): string => `${socket.remoteAddress ?? 'a client'}:${socket.remotePort ?? 0}`
