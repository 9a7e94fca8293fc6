// The disk words of the hardware that the guests under test do not have.
import type { Machine } from '../../model/vocab/index.ts'
import type { VirtualMachine } from '../../traces/adapters.ts'
import { wordsOf } from './compare.ts'

export class OthersDisk {
  private readonly disk: Int32Array
  private readonly places: readonly number[]
  private readonly expected: readonly number[]

  constructor(hardware: Machine, guests: readonly VirtualMachine[]) {
    this.disk = wordsOf(hardware.disk)
    const own = (place: number): boolean =>
      guests.some(({ diskPart: { start, length } }) => place >= start && place < start + length)
    this.places = Array.from(this.disk.keys()).filter((place) => !own(place))
    this.expected = this.places.map((place) => this.disk[place]!)
  }

  /** Whether they are as they were. */
  same(): boolean {
    const { disk, places, expected } = this
    for (let index = 0; index < places.length; index += 1) if (disk[places[index]!] !== expected[index]) return false
    return true
  }
}
