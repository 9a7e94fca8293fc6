// Memory of a guest that the system may not have.
import { BadInput } from '../terminal/failure.ts'

/** What is made with so many MiB for a guest. Throws BadInput when there is no room for them. */
export const havingMemory = <T>(mebibytes: number, make: () => T): T => {
  try {
    return make()
  } catch (error) {
    if (error instanceof RangeError && error.message.includes('could not allocate memory')) throw new BadInput(`the system has no room for ${mebibytes} MiB of memory (--memory sets it)`)
    throw error
  }
}
