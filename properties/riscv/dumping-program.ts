// Programs of random instructions that write down what happens to them: each trap, and the registers at the end.
import type { Random } from '../../traces/generate-random.ts'
import { fieldsOf, wordOf, type Instruction } from '../../model/ir/instruction.ts'
import { csrr, csrw, ecall, immediate, jump, mret, stores, type Xlen } from './encode.ts'
import { anchor, below, bits, own, Pages, place, putSetting, type Program } from './program.ts'

export interface DumpingProgram extends Program {
  /** The names of the instructions, four bytes each from `code` up. */
  readonly names: readonly string[]
}

const slots = 60

/** mcause, mepc and mtval into the log; after a call (8 to 11) all registers too, otherwise on with the next slot. */
const handler = (xlen: Xlen): number[] => {
  const w = xlen / 8, funct3 = xlen === 64 ? 3 : 2, store = (rs2: number, offset: number): number => stores(0x23, funct3, anchor, rs2, offset)
  return [
    csrr(own, 0x342), store(own, 0), csrr(own, 0x341), store(own, w), immediate(0x13, 0, own, own, 4), csrw(0x341, own), csrr(own, 0x343), store(own, 2 * w),
    csrr(own, 0x342), immediate(0x13, 0, anchor, anchor, 4 * w), immediate(0x13, 0, own, own, -8), immediate(0x13, 3, own, own, 4), 0x000f1463, mret,
    csrr(own, 0x003), store(own, 0), csrr(own, 0x300), store(own, w), ...Array.from({ length: own - 1 }, (_, n) => store(n + 1, (n + 3) * w)),
    ...Array.from({ length: 32 }, (_, n) => stores(0x27, 3, anchor, n, 40 * w + 8 * n)), jump(0),
  ]
}
/** Where the program stays when it is done. */
export const doneAt = (xlen: Xlen): number => place.handler + 4 * (handler(xlen).length - 1)
/** Of a trap's record in the log, and of the registers at its end, in bytes. */
export const recordBytes = (xlen: Xlen): number => xlen / 2
export const dumpBytes = (xlen: Xlen): number => 5 * xlen + 256

/** What leads elsewhere, waits, changes what the program rests on, or succeeds by an emulator's own rules: SC where nothing is reserved. */
const excluded = /^(JAL|BEQ|BNE|BLT|BGE|C\.J|C\.B|WFI|ECALL|CSRR|MRET|SRET|SC\.)/
const floating = /^(C\.)?F/
/** The integer registers of an instruction besides rs1. */
const sources = ({ encoding }: Instruction, word: bigint): readonly bigint[] => [...fieldsOf(encoding, word)].flatMap(([operand, n]) => (/ (rs2|r)$/.test(operand) ? n : []))
const csrOfFloatingPoint = /^CSRR\w+ unprivileged$/

/** A word for a slot: a short instruction with C.NOP after it. */
const slot = (random: Random, instructions: readonly Instruction[], usable: readonly Instruction[], csrs: readonly Instruction[]): { readonly word: bigint; readonly name: string } => {
  for (;;) {
    const wanted = random.chance(3) ? undefined : random.of(random.chance(5) ? csrs : usable)
    const drawn = wanted === undefined ? bits(random) >> 32n : wordOf(wanted.encoding, (name, width) => {
      if (name === 'number') return below(random, 3) + 1n
      if (name === 'rm' && random.chance(80)) return below(random, 5)
      return name === 'imm' && random.chance(70) ? BigInt.asUintN(width, below(random, 32) - 16n) : BigInt.asUintN(width, bits(random))
    })
    const word = (drawn & 3n) === 3n ? drawn : (drawn & 0xffffn) | 0x1_0000n
    const found = instructions.find((i) => (word & i.encoding.mask) === i.encoding.match)
    const itself = found !== undefined && (csrOfFloatingPoint.test(found.name) ? csrs.includes(found) && [1n, 2n, 3n].includes(word >> 20n) : !excluded.test(found.name))
    // Neither written nor an address, nor where an address comes from: the log differs where an emulator's traps do.
    const spared = [7n, 15n].every((low) => ((word >> low) & 31n) < BigInt(own)) && (found === undefined || floating.test(found.name) || sources(found, word).every((n) => n < BigInt(own)))
    if ((found === undefined || itself) && spared) return { word, name: found?.name ?? 'no instruction' }
  }
}

export const dumpingProgram = (random: Random, xlen: Xlen, instructions: readonly Instruction[]): DumpingProgram => {
  const pages = new Pages()
  for (const [from, bytes] of [[place.data, 0x4000], [place.table, 0x1000], [place.log, 0x2000], [place.tables, 0x4000]] as const) pages.zeros(from, from + bytes)
  const usable = instructions.filter((i) => !excluded.test(i.name)), csrs = instructions.filter((i) => csrOfFloatingPoint.test(i.name))
  const words = Array.from({ length: slots }, () => slot(random, instructions, usable, csrs))
  pages.code(place.code, [...words.map(({ word }) => Number(word)), ecall])
  pages.code(place.handler, handler(xlen))
  const setting = putSetting(random, xlen, pages, () => [0x302, 0x303, 0x304, 0x306, 0x106].map((number) => [number, 0n]), place.log)
  return { pages: pages.pages, names: words.map(({ name }) => name), ...setting }
}
