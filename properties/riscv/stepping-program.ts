// Programs of random instructions of every kind, for lock step: traps go to handlers that come back to the code, in M-mode and S-mode.
import type { Random } from '../../traces/generate-random.ts'
import { wordOf, type Instruction } from '../../model/ir/instruction.ts'
import { csrr, csrw, immediate, jump, mret, shift, sret, type Xlen } from './encode.ts'
import { isCompared } from './csrs-compared.ts'
import { anchor, below, bits, own, Pages, place, putSetting, type Program } from './program.ts'

/** Goes on four bytes after the instruction that trapped, within the page of the code whatever its address was; vectored interrupts come here too. */
const handler = (xlen: Xlen, epc: number, back: number): number[] => {
  const vectors = 16
  return [
    ...Array.from({ length: vectors }, (_, n) => jump(4 * (vectors - n))),
    csrr(own, epc), immediate(0x13, 0, own, own, 4), shift(1, own, xlen - 12), shift(5, own, xlen - 12), (anchor << 20 | own << 15 | own << 7 | 0x33) >>> 0, csrw(epc, own), back,
  ]
}

/** The scratch registers and those of earlier traps. */
const scratch = [0x340, 0x140, 0x342, 0x343, 0x141, 0x142, 0x143]

const wfi = 0x1050_0073n
const codeBytes = 0x1000

const wordFrom = (random: Random, instructions: readonly Instruction[], csrs: readonly number[]): bigint => {
  if (random.chance(3)) return bits(random) >> 32n
  return wordOf(random.of(instructions).encoding, (name, width) => {
    if (name === 'number' && random.chance(85)) return BigInt(random.of(csrs) & 0xff)
    if (name === 'rm' && random.chance(80)) return below(random, 5)
    return name === 'imm' && random.chance(70) ? BigInt.asUintN(width, below(random, 64) - 32n) : BigInt.asUintN(width, bits(random))
  })
}

/** Neither x30 nor x31 is written or an address, and the instruction is not one of those that are left out. */
const usable = (word: bigint): boolean => {
  const short = (word & 3n) !== 3n
  const csr = (word & 0x7fn) === 0x73n && ((word >> 12n) & 3n) !== 0n, sc = (word & 0x7fn) === 0x2fn && word >> 27n === 3n
  return !sc && word !== wfi && !(csr && !isCompared(Number(word >> 20n))) && ((word >> 7n) & 31n) < BigInt(own) && (short || ((word >> 15n) & 31n) < BigInt(own))
}

export const steppingProgram = (random: Random, xlen: Xlen, instructions: readonly Instruction[], csrs: readonly number[]): Program => {
  const pages = new Pages()
  for (const [from, bytes] of [[place.code, 0x2000], [place.data, 0x4000], [place.table, 0x1000], [place.tables, 0x4000]] as const) pages.zeros(from, from + bytes)
  for (let at = 0; at < codeBytes - 2;) {
    const word = wordFrom(random, instructions, csrs)
    if (!usable(word)) continue
    const bytes = (word & 3n) === 3n ? 4 : 2
    pages.put(place.code + at, BigInt.asUintN(8 * bytes, word), bytes)
    at += bytes
  }
  pages.code(place.handler, handler(xlen, 0x341, mret))
  pages.code(place.supervisor, handler(xlen, 0x141, sret))
  const often = (percent: number): bigint => (random.chance(percent) ? bits(random) : 0n)
  const setting = putSetting(random, xlen, pages, () => [
    // Bits that the emulator keeps although the hart has none are not written.
    [0x105, BigInt(place.supervisor) | below(random, 2)], [0x305, BigInt(place.handler) | below(random, 2)], [0x302, often(60) & 0xb3ffn], [0x303, bits(random) & 0x222n], [0x304, often(60) & 0xaaan],
    [0x306, bits(random) >> 32n], [0x106, bits(random) >> 32n], [0x344, often(40) & 0x222n], [0x30a, below(random, 2)], [0x10a, below(random, 2)],
    ...scratch.map((number) => [number, bits(random) & (number === 0x342 || number === 0x142 ? 15n : ~1n)] as const), ...Array.from({ length: 11 }, (_, n) => [0x3b4 + n, 0n] as const),
  ], place.code)
  return { pages: pages.pages, ...setting }
}
