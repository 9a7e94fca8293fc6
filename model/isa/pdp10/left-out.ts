// What the model of the KA10 leaves out, and why; keys that end in operation codes say what those codes are.
import type { Sizes } from './state.ts'

export const leftOut = (sizes: Sizes): Readonly<Record<string, string>> => ({
  'LUUO 001-037':
    'stores its word in 40 and executes the word in 41, both addressed as the program\'s own: its effect is that of another word, which has its own verdicts',
  'XCT 256': 'executes another word, in the same mode and mapping: its effect is that of that word, which has its own verdicts',
  'UFA, DFN, FSC 130-132':
    'floating point: computes with accumulators, storage and the flags OV, FOV, FXU and DCK only; no mode, no mapping, no control state',
  'floating point 140-177': 'as UFA, DFN and FSC',
  ...(sizes.bytes ? {} : { 'bytes 133-137': 'a word of this size has no room for the position and size of a byte' }),
  'long indirection':
    `states in which an address passes through more than ${sizes.indirection} indirect word: excluded by the cause 'unmodelled'`,
  'rest of BLT': 'one word is moved at a time, as if an interrupt came after each and the instruction began again',
  'trap handlers':
    'a trap or interrupt is taken as if a JSR stood in its cell (41, 61, or 40 plus twice the channel), and the word that a UUO stores in 40 or 60 is not stored',
  'unanswered violations':
    'a protection violation is taken as an interrupt of the processor; where its channel is off, a KA10 drops the instruction and goes on with the next',
  'interrupted bytes':
    'ILDB and IDPB trap before they write: that one interrupted halfway has incremented its pointer and set BIS is left out',
  'programs in accumulators': 'instructions are fetched from storage, also below 20',
  'second segment': 'the KT10A option: a second pair of protection and relocation registers, and write protection',
  'I/O reset': 'CONO APR, with bit 19: devices have no common initial state',
  'devices':
    'each device is one word of data and half a word of conditions that keep what is sent out; nothing comes in, and no device interrupts',
  'console and maintenance': 'address break, parity, the trap offset, and the clock, which does not tick',
})
