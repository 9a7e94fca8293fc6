// Random states of the third-generation machine, small enough for programs to meet themselves, for laws between machines.
import fc from 'fast-check'
import { full } from '../isa/third-generation/state.ts'
import { variants } from '../vocab/index.ts'

export const sizes = { ...full, storage: 64, disk: 8, diskAddress: 3, stream: 4 }

const opcodes = [0x10, 0x11, 0x12, 0x20, 0x22, 0x23, 0x28, 0x2a, 0x30, 0x31, 0x33, 0x40, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x90, 0x91, 0x92, 0x93, 0x94, 0x95]
const word = fc.oneof(
  fc.tuple(fc.constantFrom(...opcodes), fc.nat(15), fc.nat(15), fc.oneof(fc.nat(63), fc.integer({ min: 0xffc0, max: 0xffff }))).map(([op, r, x, a]) => ((op << 24) | (r << 20) | (x << 16) | a) >>> 0),
  fc.integer({ min: 0, max: 0xffffffff }),
  fc.tuple(fc.nat(1), fc.nat(63), fc.nat(4), fc.nat(5)).map(([m, p, l, b]) => ((m << 31) | (p << 16) | (l << 8) | b) >>> 0),
)
export const start = fc.record({
  cells: fc.array(word, { minLength: 64, maxLength: 64 }), registers: fc.array(word, { minLength: 16, maxLength: 16 }), variant: fc.constantFrom(...variants),
  M: fc.nat(1), P: fc.nat(40), L: fc.nat(2), B: fc.nat(5), TIMER: fc.nat(6), PENDING: fc.nat(1),
})
export type Start = typeof start extends fc.Arbitrary<infer S> ? S : never
