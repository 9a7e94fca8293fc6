// Faults in the processor's decoder as the checker of decoders sees it.
import { decode, type Parts } from '../../traces/adapters.ts'
import type { Fault } from './fault.ts'

type Decode = Parts['decode']

const planted = (name: string, sentence: string, of: Decode): Fault => ({
  name: `decoder-${name}`, sentence, where: 'decoder', property: 'decoders', system: 'third-generation/cpu', plant: () => ({ decode: of }),
})

export const decoderFaults: readonly Fault[] = [
  planted('extra-opcode', 'the opcode 88 is HALT too', (word, variant) => decode(word >>> 24 === 0x88 ? word - 0x01000000 | 0 : word, variant)),
  planted('missing-opcode', 'the opcode 2B is undefined', (word, variant) => (word >>> 24 === 0x2b ? undefined : decode(word, variant))),
  planted('mixed-fields', 'bit 16 of a word is read as bit 20 too', (word, variant) => decode(word | (word & 0x10000) << 4, variant)),
  planted('short-address', 'the field a has 15 bits', (word, variant) => decode(word & 0xffff7fff, variant)),
]
