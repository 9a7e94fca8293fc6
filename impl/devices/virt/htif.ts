// The host-target interface that test programs are written for: two double words in RAM, of which the guest writes `tohost` and reads `fromhost`.
import { GuestFault, type GuestMemory } from './virtio/guest-memory.ts'

/** Physical addresses. */
export interface HtifPlaces {
  readonly tohost: number
  readonly fromhost?: number
}

export interface HtifState {
  /** Bytes that the guest asked the console for and has not got. */
  readonly wanted: number
  /** What `fromhost` will hold next, as low and high halves: 32 bits each. */
  readonly answers: readonly (readonly [low: number, high: number])[]
  /** Steps of the hart between two looks. */
  readonly interval: number
}

export interface HtifPorts {
  readonly print: (bytes: Uint8Array) => void
  /** The next key typed, where there is one. */
  readonly key: () => number | undefined
}

const device = { system: 0, console: 1 } as const
const systemCall = { write: 64, exit: 93 } as const
const consoleCommand = { get: 0, put: 1 } as const
const outputFiles: readonly number[] = [1, 2]
const badFile = 9
const badAddress = 14
const noSuchCall = 38
/** A guest that asks is looked at again soon: it waits. The longer it does not, the rarer the looks. */
const shortest = 128
const longest = 65_536
/** Answers that a guest does not take are kept no further. */
const mostAnswers = 64

export class Htif {
  readonly places: HtifPlaces
  private readonly ports: HtifPorts
  private wanted = 0
  private answers: (readonly [low: number, high: number])[] = []
  private interval = shortest

  constructor(places: HtifPlaces, ports: HtifPorts) {
    this.places = places
    this.ports = ports
  }

  /** The hart's step, after `steps`, at which to look again. */
  due(steps: number): number {
    return (Math.floor(steps / this.interval) + 1) * this.interval
  }

  /** Serves what the guest has asked for; its exit code when that was to end, 0 for a test that passed. */
  poll(memory: GuestMemory): number | undefined {
    const { tohost } = this.places
    const low = memory.read32(tohost), high = memory.read32(tohost + 4)
    const asked = low !== 0 || high !== 0
    this.interval = asked ? shortest : Math.min(longest, 2 * this.interval)
    if (asked) {
      memory.write32(tohost, 0)
      memory.write32(tohost + 4, 0)
      const exit = this.serve(memory, low, high)
      if (exit !== undefined) return exit
    }
    while (this.wanted > 0 && this.answers.length < mostAnswers) {
      const key = this.ports.key()
      if (key === undefined) break
      this.wanted--
      this.answer(0x100 | key, device.console << 24 | consoleCommand.get << 16)
    }
    this.reply(memory)
    return undefined
  }

  save(): HtifState {
    return { wanted: this.wanted, answers: this.answers, interval: this.interval }
  }

  restore({ wanted, answers, interval }: HtifState): void {
    this.wanted = wanted
    this.answers = [...answers]
    this.interval = interval
  }

  private serve(memory: GuestMemory, low: number, high: number): number | undefined {
    const payload = (high & 0xffff) * 2 ** 32 + low
    // A negative code fills the bits of device and command too.
    if (high >>> 16 === 0xffff && payload % 2 === 1) return exitCode(low)
    const command = high >>> 16 & 0xff
    switch (high >>> 24) {
      case device.system: {
        if (command !== 0) return undefined
        // An odd payload is twice the exit code, and 1.
        if (payload % 2 === 1) return Math.floor(payload / 2)
        const exit = this.call(memory, payload)
        if (exit === undefined && this.places.fromhost !== undefined) this.answer(1, 0)
        return exit
      }
      case device.console:
        if (command === consoleCommand.put) this.ports.print(Uint8Array.of(low & 0xff))
        else if (command === consoleCommand.get && this.places.fromhost !== undefined) this.wanted++
        return undefined
      default: return undefined
    }
  }

  /** A system call, by the address of eight double words: its number, its arguments, and then its result. */
  private call(memory: GuestMemory, address: number): number | undefined {
    try {
      const [number, first, second, third] = [0, 8, 16, 24].map((offset) => memory.read64(address + offset)) as [number, number, number, number]
      switch (number) {
        case systemCall.exit: return exitCode(memory.read32(address + 8))
        case systemCall.write: return finish(memory, address, outputFiles.includes(first) ? this.write(memory, second, third) : -badFile)
        default: return finish(memory, address, -noSuchCall)
      }
    } catch (error) {
      if (error instanceof GuestFault) return undefined
      throw error
    }
  }

  /** How many bytes were written, or the number of the error, negative. */
  private write(memory: GuestMemory, from: number, bytes: number): number {
    try {
      this.ports.print(memory.at(from, bytes).slice())
      return bytes
    } catch (error) {
      if (error instanceof GuestFault) return -badAddress
      throw error
    }
  }

  private answer(low: number, high: number): void {
    if (this.answers.length < mostAnswers) this.answers.push([low, high])
  }

  /** The next answer, once the guest has taken the last. */
  private reply(memory: GuestMemory): void {
    const { fromhost } = this.places
    if (fromhost === undefined || this.answers.length === 0 || memory.read32(fromhost) !== 0 || memory.read32(fromhost + 4) !== 0) return
    const [low, high] = this.answers.shift()!
    memory.write32(fromhost, low)
    memory.write32(fromhost + 4, high)
  }
}

/** A negative code is large. */
const exitCode = (low: number): number => low >>> 0

/** The result takes the place of the number. */
const finish = (memory: GuestMemory, address: number, result: number): undefined => {
  memory.write32(address, result)
  memory.write32(address + 4, result < 0 ? 0xffff_ffff : 0)
  return undefined
}
