// A client of the GDB remote protocol over a pair of streams: memory, registers, breakpoints, running until it stops.
import type { Readable, Writable } from 'node:stream'

/** The emulator did not answer in time, answered nonsense, or ended. */
export class EmulatorFailure extends Error {
  override readonly name = 'EmulatorFailure'
}

/** Bytes of memory in one packet; QEMU takes packets of 4096 characters. */
const chunk = 2000
const patience = 10_000

export class GdbStub {
  readonly #to: Writable
  #received = ''
  /** Those whose answers are still to come, in the order in which they were asked. */
  readonly #waiting: { readonly resolve: (body: string) => void; readonly reject: (error: Error) => void }[] = []
  #failure: EmulatorFailure | undefined

  constructor(from: Readable, to: Writable) {
    this.#to = to
    from.setEncoding('latin1')
    from.on('data', (text: string) => this.#take(text))
    to.on('error', (error) => this.fail(error.message))
  }

  /** Everything that is asked from now on fails with this message. */
  fail(message: string): void {
    this.#failure ??= new EmulatorFailure(message)
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure)
  }

  /** Waits until the stub answers. */
  async start(): Promise<void> {
    await this.#ask('?')
    // QEMU writes single registers only for a client that knows their descriptions.
    await this.#ask('qXfer:features:read:target.xml:0,ffb')
    // Addresses are real ones, whatever the processor translates.
    await this.#ask('Qqemu.PhyMemMode:1', 'OK')
  }

  async write(address: bigint | number, bytes: Uint8Array): Promise<void> {
    for (let i = 0; i < bytes.length; i += chunk) {
      const part = bytes.subarray(i, i + chunk)
      await this.#ask(`M${(BigInt(address) + BigInt(i)).toString(16)},${part.length.toString(16)}:${Buffer.from(part).toString('hex')}`, 'OK')
    }
  }

  async read(address: bigint | number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length)
    for (let i = 0; i < length; i += chunk) {
      const size = Math.min(chunk, length - i)
      const reply = await this.#ask(`m${(BigInt(address) + BigInt(i)).toString(16)},${size.toString(16)}`)
      if (!/^([0-9a-f]{2})*$/.test(reply) || reply.length !== 2 * size) throw new EmulatorFailure(`reading ${size} bytes of memory, the emulator answers '${reply.slice(0, 40)}'`)
      bytes.set(Buffer.from(reply, 'hex'), i)
    }
    return bytes
  }

  /** Register by its number in the stub's order, in the target's byte order. */
  async setRegister(number: number, bytes: Uint8Array): Promise<void> {
    const content = Buffer.from(bytes).toString('hex')
    const reply = await this.#ask(`P${number.toString(16)}=${content}`)
    if (reply === 'OK') return
    if (reply !== '') throw new EmulatorFailure(`to 'P${number.toString(16)}' the emulator answers '${reply.slice(0, 40)}'`)
    // A target without descriptions, MIPS, takes all registers in one packet only; each is as long as this one.
    const all = await this.#ask('g'), from = number * content.length
    await this.#ask(`G${all.slice(0, from)}${content}${all.slice(from + content.length)}`, 'OK')
  }

  /** All registers in the stub's order, for emulators that do not write single ones. */
  async setRegisters(bytes: Uint8Array): Promise<void> {
    await this.#ask(`G${Buffer.from(bytes).toString('hex')}`, 'OK')
  }

  /** In the target's byte order. */
  async register(number: number): Promise<Uint8Array> {
    const reply = await this.#ask(`p${number.toString(16)}`)
    if (!/^([0-9a-f]{2})+$/.test(reply)) throw new EmulatorFailure(`the emulator has no register ${number}: it answers '${reply.slice(0, 40)}'`)
    return Buffer.from(reply, 'hex')
  }

  /** Several at once, in the target's byte order; undefined where there is none of that number now. */
  async registers(numbers: readonly number[]): Promise<(Uint8Array | undefined)[]> {
    const replies = await Promise.all(numbers.map((n) => this.#ask(`p${n.toString(16)}`)))
    return replies.map((reply) => (/^([0-9a-f]{2})+$/.test(reply) ? Buffer.from(reply, 'hex') : undefined))
  }

  /** Those that the stub tells in one packet, one after another, in the target's byte order. */
  async mainRegisters(): Promise<Uint8Array> {
    return Buffer.from(await this.#ask('g'), 'hex')
  }

  async breakAt(address: bigint | number): Promise<void> {
    await this.#ask(`Z0,${BigInt(address).toString(16)},4`, 'OK')
  }
  async clearBreak(address: bigint | number): Promise<void> {
    await this.#ask(`z0,${BigInt(address).toString(16)},4`, 'OK')
  }

  /** A command of QEMU's monitor; its output. */
  async monitor(command: string): Promise<string> {
    return Buffer.from(await this.#ask(`qRcmd,${Buffer.from(command).toString('hex')}`), 'hex').toString()
  }

  /** QEMU masks interrupts in single steps unless it is told not to. */
  async interruptSteps(): Promise<void> {
    await this.#ask('Qqemu.sstep=1', 'OK')
  }

  /** One instruction, or one trap. */
  async step(): Promise<void> {
    const reply = await this.#ask('s')
    if (!/^[ST]/.test(reply)) throw new EmulatorFailure(`instead of stopping after a step, the emulator answers '${reply.slice(0, 40)}'`)
  }

  /** Runs until a breakpoint; false when it has not stopped in time and was stopped. */
  async run(milliseconds: number): Promise<boolean> {
    let late = false
    const timer = setTimeout(() => {
      late = true
      this.#to.write('\x03')
    }, milliseconds)
    try {
      const reply = await this.#ask('c', undefined, milliseconds + patience)
      if (!/^[ST]/.test(reply)) throw new EmulatorFailure(`instead of stopping, the emulator answers '${reply.slice(0, 40)}'`)
      return !late
    } finally {
      clearTimeout(timer)
    }
  }

  #take(text: string): void {
    this.#received += text
    for (;;) {
      const packet = /\$([^#]*)#[0-9a-f]{2}/.exec(this.#received)
      if (!packet) return
      this.#received = this.#received.slice(packet.index + packet[0].length)
      this.#to.write('+')
      this.#waiting.shift()?.resolve(packet[1]!)
    }
  }

  async #ask(body: string, expected?: string, milliseconds = patience): Promise<string> {
    if (this.#failure) throw this.#failure
    let timer: NodeJS.Timeout | undefined
    const reply = await new Promise<string>((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      timer = setTimeout(() => this.fail(`no answer within ${milliseconds / 1000} s to '${body.slice(0, 20)}'`), milliseconds)
      let sum = 0
      for (let i = 0; i < body.length; i++) sum = (sum + body.charCodeAt(i)) & 255
      this.#to.write(`$${body}#${sum.toString(16).padStart(2, '0')}`)
    }).finally(() => clearTimeout(timer))
    if (expected !== undefined && reply !== expected) throw new EmulatorFailure(`to '${body.slice(0, 20)}' the emulator answers '${reply.slice(0, 40)}'`)
    return reply
  }
}
