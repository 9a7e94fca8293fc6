// A hart as an implementation under a verification engine: bytes of RVFI-DII commands in, bytes of execution traces out.
import type { Hart } from '../../cpu/riscv/hart.ts'
import {
  command, commandBytes, decodeCommand, mostBytes, putHalt, putReport, putSupport, putVersion, versionRequest, versions, type Command, type Place, type Version,
} from './packets.ts'
import { report } from './report.ts'

export interface Answer {
  /** Packets, one after another. */
  readonly bytes: Uint8Array
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
    const view = new DataView(all.buffer), answers = new DataView(new ArrayBuffer(Math.floor(all.length / commandBytes) * mostBytes))
    let from = 0, to = 0
    const answer = (refused: string | undefined): Answer => ({ bytes: new Uint8Array(answers.buffer, 0, to), refused })
    for (; from + commandBytes <= all.length; from += commandBytes) {
      const done = this.obey(decodeCommand(view, from), { view: answers, at: to })
      if (typeof done === 'string') return answer(done)
      to += done
    }
    this.rest = all.slice(from)
    return answer(undefined)
  }

  /** The bytes of the answer that was put there, or why there is none. */
  private obey({ command: number, instruction }: Command, place: Place): number | string {
    switch (number) {
      case command.instruction: return this.inject(instruction, place)
      case command.endOfTrace:
        if (instruction === versionRequest) return putSupport(place)
        this.reset()
        return putHalt(place, this.version)
      case command.setVersion: {
        // Who asks for a later version gets the last one there is, and is told so.
        const version = versions.find((v) => v === Math.min(instruction, versions.length))
        if (version === undefined) return `version ${instruction} was asked for, and there are ${versions.join(' and ')}`
        this.version = version
        return putVersion(place, version)
      }
      default: return `command 0x${number.toString(16).padStart(2, '0')} is unknown: expected 0x00 (end of trace), 0x01 (instruction) or 0x76 (version)`
    }
  }

  private inject(instruction: number, place: Place): number {
    this.instructions++
    const done = report(this.hart, instruction, ++this.order, this.handler)
    this.handler = done.trap
    return putReport(place, this.version, done)
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
