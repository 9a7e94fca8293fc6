// What the registers and cells of one generated state have in common, though each is drawn by itself.
import type { Random } from '../../generate-random.ts'

/** A register that is drawn again belongs to the next state. */
export class Plans<Plan> {
  readonly #make: (random: Random) => Plan
  readonly #drawn = new Set<string>()
  #plan: Plan | undefined

  constructor(make: (random: Random) => Plan) {
    this.#make = make
  }

  forRegister(name: string, random: Random): Plan {
    if (this.#drawn.has(name)) {
      this.#drawn.clear()
      this.#plan = undefined
    }
    this.#drawn.add(name)
    return this.forCell(random)
  }

  forCell(random: Random): Plan {
    return this.#plan ??= this.#make(random)
  }
}
