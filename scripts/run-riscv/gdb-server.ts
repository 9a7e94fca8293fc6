// The debugger of a run: a port for GDB, and waiting for what it says.
import type { Socket } from 'node:net'
import type { Hart } from '../../impl/cpu/riscv/hart.ts'
import type { HartPort } from '../../impl/cpu/riscv/platform.ts'
import { Stub, type Around } from '../../impl/debug/gdb/stub.ts'
import type { Stop } from '../../impl/devices/virt/board.ts'
import { dismiss, host, Listener, nameOf } from '../serve/listener.ts'
import { messageOf } from '../terminal/failure.ts'
import { lines, type Terminal } from '../terminal/terminal.ts'

export class GdbServer {
  private readonly stub: Stub
  private readonly wanted: number
  private readonly terminal: Terminal
  private readonly closing = new AbortController()
  private listener: Listener | undefined
  private socket: Socket | undefined
  private waker = new AbortController()

  /** `waits`: the machine stays until a client comes. Port 0 is any free one. */
  constructor(port: number, waits: boolean, terminal: Terminal) {
    this.wanted = port
    this.stub = new Stub()
    this.stub.wish = waits ? 'stay' : 'run'
    this.terminal = terminal
  }

  readonly port = (hart: Hart): HartPort => this.stub.port(hart)

  /** Throws BadInput when the port cannot be had. */
  async open(around: Around): Promise<void> {
    this.stub.around = around
    this.listener = await Listener.open(this.wanted)
    this.say(`${this.stub.wish === 'stay' ? 'waits for gdb' : 'gdb may come'}: target remote ${host}:${this.listener.port}`)
    void this.clients(this.listener)
  }

  /** One instruction is to be executed. */
  get single(): boolean {
    return this.stub.wish === 'step'
  }

  /** Each step is looked at, and a run takes its time. */
  get slow(): boolean {
    return this.stub.slow
  }

  /** A client is there. */
  get attached(): boolean {
    return this.socket !== undefined
  }

  /** Aborted when a client says something: to be asked for anew before each wait. */
  get called(): AbortSignal {
    return this.waker.signal
  }

  /** Ends a wait. */
  readonly wake = (): void => {
    const { waker } = this
    this.waker = new AbortController()
    waker.abort()
  }

  /** Waits until the machine is to go on; false when it is to end, or `given` up. */
  async goesOn(given: () => boolean, signal: AbortSignal): Promise<boolean> {
    while (this.stub.wish === 'stay' && !given() && !signal.aborted) {
      const called = AbortSignal.any([signal, this.called])
      await new Promise<void>((resolve) => called.addEventListener('abort', () => resolve(), { once: true }))
    }
    return this.stub.wish === 'run' || this.stub.wish === 'step'
  }

  /** Tells the client why the machine came to rest, if it did. */
  ran(stop: Stop): void {
    if (stop.kind === 'held') this.stub.held()
    else if (stop.kind === 'limit' && this.single) this.stub.stepped()
  }

  /** Tells the client that the machine has ended, and closes the port. */
  close(code: number): void {
    this.closing.abort()
    this.stub.ended(code)
    if (this.socket) dismiss(this.socket)
    this.listener?.close()
  }

  private async clients(listener: Listener): Promise<void> {
    for (;;) {
      const socket = await listener.next(this.closing.signal)
      if (!socket) return
      await this.client(socket)
    }
  }

  private async client(socket: Socket): Promise<void> {
    const { stub } = this, name = nameOf(socket)
    this.socket = socket
    socket.setNoDelay(true)
    socket.setKeepAlive(true)
    stub.connect((bytes) => void socket.write(bytes))
    this.wake()
    try {
      for await (const bytes of socket as AsyncIterable<Uint8Array>) {
        stub.receive(bytes)
        this.wake()
      }
      if (stub.wish === 'stay') this.say(`gdb at ${name} has gone without a word; the guest stays as it is, for the next one`)
    } catch (error) {
      if (!this.closing.signal.aborted) this.say(`gdb at ${name}: ${messageOf(error)}; the connection is closed, and the next one may come`)
      socket.destroy()
    } finally {
      this.socket = undefined
      stub.disconnect()
    }
  }

  private say(text: string): void {
    this.terminal.err(lines(text))
  }
}
