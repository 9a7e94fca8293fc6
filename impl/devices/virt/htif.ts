// The host-target interface that test programs are written for: two double words in RAM, of which the guest writes `tohost` and reads `fromhost`.
import { GuestFault, type GuestMemory } from './virtio/guest-memory.ts'

/** Physical addresses. */
export interface HtifPlaces {
  readonly tohost: number
  readonly fromhost?: number
}

const device = { system: 0, console: 1 } as const
const systemCall = { write: 64, exit: 93 } as const
const consolePut = 1
/** ENOSYS. */
const noSuchCall = 38

export class Htif {
  readonly places: HtifPlaces
  private readonly print: (bytes: Uint8Array) => void

  constructor(places: HtifPlaces, print: (bytes: Uint8Array) => void) {
    this.places = places
    this.print = print
  }

  /** Serves what the guest has asked for; its exit code when that was to end, 0 for a test that passed. */
  poll(memory: GuestMemory): number | undefined {
    const { tohost } = this.places
    const low = memory.read32(tohost), high = memory.read32(tohost + 4)
    if (low === 0 && high === 0) return undefined
    memory.write32(tohost, 0)
    memory.write32(tohost + 4, 0)
    const command = (high >>> 16) & 0xff
    switch (high >>> 24) {
      case device.system: {
        // An odd payload is twice the exit code, and 1.
        if (low & 1) return low >>> 1
        const exit = this.call(memory, (high & 0xffff) * 2 ** 32 + low)
        if (exit !== undefined) return exit
        this.answer(memory, 1, 0)
        return undefined
      }
      case device.console:
        if (command === consolePut) {
          this.print(Uint8Array.of(low & 0xff))
          this.answer(memory, 0, high & 0xffff_0000)
        }
        return undefined
      default: return undefined
    }
  }

  /** A system call, by the address of eight double words: its number, its arguments, and then its result. */
  private call(memory: GuestMemory, address: number): number | undefined {
    try {
      const [number, first, second, third] = [0, 8, 16, 24].map((offset) => memory.read64(address + offset)) as [number, number, number, number]
      switch (number) {
        case systemCall.exit: return first % 2 ** 31
        case systemCall.write:
          this.print(memory.at(second, third).slice())
          return finish(memory, address, third)
        default: return finish(memory, address, -noSuchCall)
      }
    } catch (error) {
      if (error instanceof GuestFault) return undefined
      throw error
    }
  }

  private answer(memory: GuestMemory, low: number, high: number): void {
    const { fromhost } = this.places
    if (fromhost === undefined) return
    memory.write32(fromhost, low)
    memory.write32(fromhost + 4, high)
  }
}

/** The result takes the place of the number. */
const finish = (memory: GuestMemory, address: number, result: number): undefined => {
  memory.write32(address, result)
  memory.write32(address + 4, result < 0 ? 0xffff_ffff : 0)
  return undefined
}
