// A hart as an implementation under a verification engine: bytes of RVFI-DII commands in, bytes of execution traces out.
import type { Hart } from '../../cpu/riscv/hart.ts'
import { command, commandBytes, decodeCommand, encode, encodeHalt, versionRequest, versions, versionSet, versionSupport, type Command, type Version } from './packets.ts'
import { report } from './report.ts'

export interface Answer {
  readonly packets: readonly Uint8Array[]
  /** Why nothing more is answered: what came is no command. */
  readonly refused: string | undefined
}

export class Session {
  /** Instructions injected, and traces ended. */
  instructions = 0
  traces = 0

  private readonly hart: Hart
  private readonly clean: ReturnType<Hart['save']>
  private version: Version = 1
  private rest = new Uint8Array(0)
  private order = 0n
  private handler = false

  /** The hart is in its state of reset, with RAM of zeros. */
  constructor(hart: Hart) {
    this.hart = hart
    this.clean = hart.save()
  }

  /** Bytes of a command that is not whole yet. */
  get unfinished(): number {
    return this.rest.length
  }

  receive(bytes: Uint8Array): Answer {
    const all = new Uint8Array(this.rest.length + bytes.length)
    all.set(this.rest)
    all.set(bytes, this.rest.length)
    const view = new DataView(all.buffer), packets: Uint8Array[] = []
    let at = 0
    for (; at + commandBytes <= all.length; at += commandBytes) {
      const answer = this.obey(decodeCommand(view, at))
      if (typeof answer === 'string') return { packets, refused: answer }
      packets.push(answer)
    }
    this.rest = all.slice(at)
    return { packets, refused: undefined }
  }

  private obey({ command: number, instruction }: Command): Uint8Array | string {
    switch (number) {
      case command.instruction: return this.inject(instruction)
      case command.endOfTrace:
        if (instruction === versionRequest) return versionSupport()
        this.reset()
        return encodeHalt(this.version)
      case command.setVersion: {
        // Who asks for a later version gets the last one there is, and is told so.
        const version = versions.find((v) => v === Math.min(instruction, versions.length))
        if (version === undefined) return `version ${instruction} was asked for, and there are ${versions.join(' and ')}`
        this.version = version
        return versionSet(version)
      }
      default: return `command 0x${number.toString(16).padStart(2, '0')} is unknown: expected 0x00 (end of trace), 0x01 (instruction) or 0x76 (version)`
    }
  }

  private inject(instruction: number): Uint8Array {
    this.instructions++
    const done = report(this.hart, instruction, ++this.order, this.handler)
    this.handler = done.trap
    return encode(this.version, done)
  }

  private reset(): void {
    const { hart } = this
    this.traces++
    this.order = 0n
    this.handler = false
    hart.ram.fill(0)
    hart.restore(this.clean, 0)
  }
}
