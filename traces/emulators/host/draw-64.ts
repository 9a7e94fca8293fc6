// Generated states of a 64-bit program under Linux.
import type { Bench } from '../bench.ts'
import type { Random } from '../../generate-random.ts'
import { planning } from '../x86/plans.ts'
import type { Processor } from './bench.ts'
import { controlOf, regions, segments, userPages } from './limits-64.ts'

const dataSelector = segments.data.index * 4 + 3
const quad = (random: Random): bigint => (BigInt(random.word() >>> 0) << 32n) | BigInt(random.word() >>> 0)
const canonical = (value: bigint): bigint => BigInt.asUintN(64, BigInt.asIntN(48, value))
const within = (region: number, random: Random): bigint => canonical((BigInt(region) << 44n) | (quad(random) & 0xff0_ffff_fff8n) | (BigInt(random.below(15)) << 40n))
const program = (random: Random): bigint => within(random.of(regions.program), random) + BigInt(random.below(8))
const selector = (random: Random): number =>
  random.of([segments.code.index, segments.data.index, segments.data.index, segments.code32.index, 0]) * 4 + (random.chance(60) ? 3 : random.below(4))

/** Segment registers that hold the data segment, the others are null; and where pointers go, the stack first. */
interface Plan {
  readonly held: ReadonlySet<string>
  readonly storage: readonly bigint[]
}
const planned = (random: Random): Plan => ({
  held: new Set(['DS', 'ES', 'FS', 'GS'].filter(() => random.chance(50))),
  storage: [0, 1].map(() => within(random.chance(92) ? random.of(regions.storage.slice(0, 2)) : random.of(regions.storage), random)),
})

export const drawing = (processor: Processor): Bench['draw'] => {
  const planOf = planning(planned)
  const pointer = (p: Plan, random: Random): bigint => random.of(p.storage) + BigInt(8 * random.below(8)) + (random.chance(15) ? BigInt(random.below(8)) : 0n)
  const number = (p: Plan, random: Random): bigint | number => random.of([
    () => quad(random), () => pointer(p, random), () => pointer(p, random), () => program(random), () => random.below(64), () => selector(random), () => { const s = BigInt(selector(random)); return (s << 32n) | (s << 16n) | s },
    () => random.of([0n, 1n, -1n, 0x7fffffffn, 0x80000000n, 1n << 63n, 1n << 47n]), () => (random.word() & 0x204cd7) | 0x202, () => dataSelector, () => segments.code.index * 4 + 3,
  ])()
  /** What far returns and IRETQ find on the stack. */
  const frame = (p: Plan, random: Random, n: bigint): bigint | number => [program(random), segments.code.index * 4 + 3, (random.word() & 0x204cd7) | 0x202, pointer(p, random), dataSelector][Number(n)]!
  const register = (p: Plan, name: string, random: Random): bigint | number => {
    const [, segment, part] = /^([C-GS]S)(?:\.(rights)|<15:2>)?$/.exec(name) ?? []
    if (segment === 'CS') return part ? segments.code.rights : segments.code.index
    if (segment === 'SS') return part ? segments.data.rights : segments.data.index
    if (segment !== undefined) return part ? (p.held.has(segment) ? segments.data.rights : 0) : p.held.has(segment) ? dataSelector : random.below(4)
    switch (name) {
      case 'RIP': return program(random)
      case 'CPL': return 3
      case 'IF': case 'EFER.SCE': return 1
      case 'IOPL': case 'VIF': case 'VIP': case 'TF': case 'AC': case 'LDTR': case 'TSS.mapped': case 'IDT.outward': case 'HALTED': case 'CR3': return 0
      case 'NT': return random.chance(20) ? 1 : 0
      case 'GDTR.limit': return 0x7f
      case 'IDTR.limit': return 0xfff
      case 'CR0': return 0x80050033
      case 'CR4': return controlOf(processor) | 0x20
      case 'PAGES.user': case 'PAGES.all': return userPages
      case 'FS.base': case 'GS.base': return processor.bases ? canonical(quad(random)) : 0
      default: return quad(random)
    }
  }
  const cell = (p: Plan, random: Random, bank: string, index: bigint): bigint | number => {
    const known = Object.values(segments).find((s) => BigInt(s.index) === index)
    switch (bank) {
      case 'DT.rights': return known?.rights ?? 0
      case 'DT.limit': return 0xffffffff
      case 'DT.base': case 'DT.gate': return 0
      case 'IDT.rights': return 0x8e
      case 'R': return index === 4n && random.chance(75) ? p.storage[0]! : index === 3n && random.chance(75) ? pointer(p, random) : number(p, random)
      case 'E': {
        const n = (8n * index - BigInt.asUintN(48, p.storage[0]!)) >> 3n
        return n >= 0n && n < 5n && random.chance(70) ? frame(p, random, n) : number(p, random)
      }
      default: return 0
    }
  }
  return {
    register: ({ name, width }, random, state) => BigInt.asUintN(width, BigInt(register(planOf(state), name, random))),
    cell: (bank, index, width, random, state) => BigInt.asUintN(width, BigInt(cell(planOf(state), random, bank, index))),
    operand: (name, random) => (name === 'disp0' ? BigInt(random.word() & (random.chance(85) ? 0xf8 : 0xff)) : name === 'imm0' ? BigInt(random.word() & (random.chance(80) ? 0xf8 : 0xff)) : undefined),
  }
}
