// The options of a machine, with their defaults filled in and their limits checked.
import { variants, type MachineOptions } from '../../../model/vocab/machine.ts'

/** Fills in the defaults; throws RangeError with what was expected when an option is outside its limits. */
export const completeOptions = (options: MachineOptions): Required<MachineOptions> => {
  const { size, variant = 'sound', trapCells = 'low', diskSize = 1024, keyboard = [] } = options
  if (!Number.isInteger(size) || size % 16 !== 0 || size < 16 || size > 4080) {
    throw new RangeError(`size must be a multiple of 16 from 16 to 4080 cells, and is ${size}`)
  }
  if (!variants.includes(variant)) throw new RangeError(`no variant is called ${variant}: expected ${variants.join(', ')}`)
  if (trapCells !== 'low' && trapCells !== 'high') throw new RangeError(`trapCells must be low or high, and is ${String(trapCells)}`)
  return { size, variant, trapCells, diskSize, keyboard: [...keyboard] }
}
