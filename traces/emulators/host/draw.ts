// Generated states of a 32-bit program under Linux.
import type { Bench } from '../bench.ts'
import type { Random } from '../../generate-random.ts'
import { planning } from '../x86/plans.ts'
import { segments } from './limits.ts'

const selector = (random: Random): number => random.of([segments.code.index, segments.data.index, segments.data.index, 0]) * 4 + (random.chance(60) ? 3 : random.below(4))
const pointer = (random: Random): number => 0x10000000 + 4 * random.below(0x24000000)
const program = (random: Random): number => 0xa0000000 + random.below(0x4fff0000)
const word = (random: Random): number => random.of([
  () => segments.code.index * 4 + 3, () => program(random),
  () => random.word(), () => pointer(random), () => pointer(random), () => program(random), () => random.below(64), () => { const s = selector(random); return (s << 16) | s },
  () => selector(random), () => random.of([0, 1, 0x7fffffff, 0x80000000, 0xffffffff]), () => (random.word() & 0x204cd7) | 0x202,
])()

export const drawing = (umip: boolean): Bench['draw'] => {
  const descriptor = (index: bigint): number => Object.values(segments).find((s) => BigInt(s.index) === index)?.rights ?? 0
  /** The segment registers that hold the data segment; the others are null. */
  const planOf = planning((random) => new Set(['DS', 'ES', 'FS', 'GS'].filter((s) => random.chance(s === 'DS' ? 90 : 50))))
  const register = (held: ReadonlySet<string>, name: string, random: Random): number => {
    const [, segment, part] = /^([C-GS]S)(?:\.(base|limit|rights)|<15:2>)?$/.exec(name) ?? []
    if (segment !== undefined) {
      if (part === 'base') return 0
      if (part === 'limit') return 0xffffffff
      if (segment === 'CS') return part ? segments.code.rights : segments.code.index
      if (segment === 'SS') return part ? segments.data.rights : segments.data.index
      if (part) return held.has(segment) ? segments.data.rights : 0
      return held.has(segment) ? segments.data.index * 4 + 3 : random.below(4)
    }
    switch (name) {
      case 'EIP': return program(random)
      case 'CPL': return 3
      case 'IF': return 1
      case 'IOPL': case 'VIF': case 'VIP': case 'TF': case 'AC': case 'LDTR': case 'TSS.mapped': case 'IDT.outward': case 'HALTED': return 0
      case 'GDTR.limit': return 0x7f
      case 'IDTR.limit': return 0xfff
      case 'CR0': return 0x80050033
      case 'CR4': return umip ? 0x800 : 0
      default: return random.word()
    }
  }
  return {
    register: ({ name, width }, random, state) => BigInt.asUintN(width, BigInt(register(planOf(state), name, random))),
    cell: (bank, index, width, random) => {
      if (bank === 'TSS.stack') return BigInt(pointer(random))
      const value = bank === 'DT.rights' ? descriptor(index) : bank === 'DT.limit' ? 0xffffffff : bank === 'IDT.rights' ? 0x8e : bank === 'E' || bank === 'R' ? word(random) : 0
      return BigInt.asUintN(width, BigInt(value))
    },
  }
}
