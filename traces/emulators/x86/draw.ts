// Generated states of 32-bit x86: one drawing at a time, whose parts fit each other.
import type { Bench } from '../bench.ts'
import type { Random } from '../../generate-random.ts'
import { bits0, bits4, bytePorts, fixed6, fixed7, widePort } from './limits.ts'
import { planning } from './plans.ts'
import { STAR } from './record.ts'

interface Descriptor {
  readonly base: number
  readonly limit: number
  readonly rights: number
  readonly gate: bigint
}

/** What the parts of one state have in common. */
interface Plan {
  readonly CPL: number
  readonly DS: number
  readonly IP: number
  readonly CS: number
  /** Linear addresses of storage that pointers have. */
  readonly storage: readonly number[]
  readonly descriptors: Map<bigint, Descriptor>
}

const hiddenParts: ReadonlyMap<string, { readonly segment: string; readonly part: string }> = new Map(['ES', 'CS', 'SS', 'DS', 'FS', 'GS'].flatMap((segment) =>
  ['base', 'limit', 'rights'].map((part) => [`${segment}.${part}`, { segment, part }] as const)))

const aligned = (random: Random): number => (random.word() & ~3) >>> 0
const program = (random: Random): number => 0xa0000000 + random.below(0xfff0000)
const below = (random: Random): number => random.below(0xa0000000)

const planned = (random: Random): Plan => {
  const storage = [0, 1, 2].map(() => below(random) & ~3).map((a) => a >>> 0)
  // A segment at 0 lets branches by addresses go on in it.
  const CS = random.chance(40) ? 0 : random.word() >>> 0
  return {
    CPL: random.of([0, 0, 1, 2, 3, 3]), DS: random.chance(30) ? 0 : aligned(random), CS, IP: (program(random) - CS) >>> 0, storage, descriptors: new Map(),
  }
}

const system = [1, 2, 2, 3, 9, 9, 9, 11, 12, 12, 12, 12, 4, 5, 14, 15, 0, 8]
const rightsOf = (plan: Plan, random: Random): number => {
  const flags = (random.chance(90) ? 0x400 : 0) | (random.chance(75) ? 0x800 : 0) | (random.chance(30) ? 0x100 : 0)
  const dpl = random.chance(50) ? plan.CPL : random.below(4), present = random.chance(90) ? 0x80 : 0
  const type = random.of([() => 0x1a, () => 0x18, () => 0x1e, () => 0x12, () => 0x12, () => random.below(16) | 16, () => random.of(system), () => random.of(system)])()
  return flags | (dpl << 5) | present | type | (random.chance(80) && type > 15 ? 1 : 0)
}
const selectorOf = (plan: Plan, random: Random): number =>
  ((random.word() & 0xfffc) | (random.chance(70) ? plan.CPL : random.below(4))) & (random.chance(5) ? 3 : 0xffff)
const descriptorOf = (plan: Plan, random: Random): Descriptor => {
  const rights = rightsOf(plan, random), offset = (program(random) & 0xff0fffff | ((rights >> 8) << 20)) >>> 0, raw = random.chance(80) ? 0xfffff : random.below(0x100000)
  const isCode = (rights & 0x18) === 0x18, isCallGate = (rights & 0x1f) === 12
  return {
    rights, limit: (rights & 0x800) === 0 ? raw : (raw * 4096 + 4095) >>> 0,
    base: random.of([() => (isCode ? 0 : plan.DS), () => (isCode ? 0 : plan.DS), () => plan.DS, () => program(random), () => random.word() >>> 0])(),
    gate: (BigInt(isCallGate ? towards(plan, random, selectorOf(plan, random), 0x1b, random.below(plan.CPL + 1)) : 0) << 37n) | (random.chance(90) ? 0n : BigInt(random.below(32)) << 32n) | BigInt(offset),
  }
}
/** A selector whose descriptor is mostly of the type that is wanted there: a code segment of this level or an inner one, or its stack. */
const towards = (plan: Plan, random: Random, selector: number, type: number, dpl: number): number => {
  const index = BigInt(selector >> 2)
  if (random.chance(70) && !plan.descriptors.has(index))
    plan.descriptors.set(index, { rights: 0xc00 | (random.chance(85) ? 0x80 : 0) | (dpl << 5) | type, limit: 0xffffffff, base: (type & 8) === 0 ? plan.DS : 0, gate: 0n })
  return selector
}
const selected = (plan: Plan, random: Random, type: number): number => {
  const selector = selectorOf(plan, random)
  return random.chance(50) ? selector : towards(plan, random, selector, type, selector & 3)
}
const limitOf = (random: Random): number => random.of([() => 0xffffffff, () => 0xffffffff, () => random.word() >>> 0])()

export const drawing = (umip: boolean, cpuid: ReadonlyMap<number, bigint>): Bench['draw'] => {
  const planOf = planning(planned)
  const number = (p: Plan, random: Random): number => random.of([
    () => random.word(), () => random.of(p.storage) - p.DS, () => random.of(p.storage) - p.DS + 4 * random.below(8), () => selected(p, random, 0x1b), () => random.below(16),
    () => program(random) - random.of([0, p.CS, p.DS]), () => random.of([0x7fffffff, 0x80000000, 0xffffffff, 0, 1]), () => (random.word() & 0xff00) | fixed7,
    () => (random.word() & 0x277fd7) | 2, () => 0x500000 | random.below(0x100000), () => selected(p, random, 0x13),
    () => ((random.word() & bits0) | 0x80000011), () => random.word() & bits4(umip),
  ])()
  /** Registers that some instructions give a meaning. */
  const general = (p: Plan, random: Random, index: bigint): number => {
    if (index === 4n && random.chance(70)) return random.of(p.storage) - p.DS + 4 * random.below(8)
    if (index === 2n && random.chance(50)) return random.of([widePort, random.of(bytePorts)])
    if (index === 1n && random.chance(40)) return random.of([0x174, 0x175, 0x176, Number(STAR)])
    if (index === 0n && random.chance(20)) return random.below(2)
    return number(p, random)
  }
  const rights = (p: Plan, random: Random, name: string): number => {
    if (name === 'CS') return 0xc98 | (p.CPL << 5) | random.below(4) | (random.chance(20) ? 4 : 0)
    if (name === 'SS') return 0xc92 | (p.CPL << 5) | random.below(2)
    if (name === 'DS') return random.chance(95) ? 0xc92 | (p.CPL << 5) | random.below(2) : rightsOf(p, random) | 0x90
    return random.chance(20) ? 0 : rightsOf(p, random) | 0x90
  }
  const segment = (p: Plan, random: Random, name: string, part: string): number => {
    if (part === 'rights') return rights(p, random, name)
    if (part === 'limit') return limitOf(random)
    return name === 'CS' ? p.CS : name === 'DS' || name === 'SS' || random.chance(50) ? p.DS : random.word()
  }
  const register = (p: Plan, random: Random, name: string, width: number): bigint | number => {
    const hidden = hiddenParts.get(name)
    if (hidden) return segment(p, random, hidden.segment, hidden.part) >>> 0
    switch (name) {
      case 'EIP': return p.IP
      case 'CPL': return p.CPL
      case 'GDTR.base': return 0xd0000000 + random.below(0x10000000)
      case 'IDTR.base': return 0xc0000000 + random.below(0x10000000)
      case 'GDTR.limit': case 'IDTR.limit': case 'LDTR.limit': return random.chance(80) ? 0xffff : random.word() >>> 0
      case 'TF': case 'NT': return random.chance(20) ? 1 : 0
      case 'VIF': case 'VIP': case 'HALTED': return 0
      case 'CR0': return ((random.word() & bits0) | (random.chance(50) ? 0x40000000 : 0x80000011) | 0x80000011) >>> 0
      case 'CR3': return 0x500000 + random.below(0x100000)
      case 'CR4': return random.word() & bits4(umip)
      case 'DR6': return (random.word() | fixed6) >>> 0
      case 'DR7': return ((random.word() & ~(random.chance(80) ? 0x20ff : 0xff)) | fixed7) >>> 0
      case 'SYSENTER_CS': return random.chance(20) ? random.below(4) : random.below(0x10000)
      case 'SYSENTER_EIP': return random.chance(60) ? program(random) : random.word() >>> 0
      case 'SYSENTER_ESP': return random.word() >>> 0
      case 'TSC': return BigInt(random.word() >>> 0) << 32n
      default: return width > 32 ? (BigInt(random.word() >>> 0) << 32n) | BigInt(random.word() >>> 0) : BigInt.asUintN(width, BigInt(random.word()))
    }
  }
  const descriptor = (p: Plan, random: Random, index: bigint): Descriptor => {
    const known = p.descriptors.get(index) ?? descriptorOf(p, random)
    p.descriptors.set(index, known)
    return known
  }
  const cell = (p: Plan, random: Random, bank: string, index: bigint): bigint | number => {
    switch (bank) {
      case 'DT.base': return descriptor(p, random, index).base
      case 'DT.limit': return descriptor(p, random, index).limit
      case 'DT.rights': return descriptor(p, random, index).rights
      case 'DT.gate': return descriptor(p, random, index).gate
      case 'IDT.rights': return random.chance(80) ? 0x8e | random.of([0, 1]) | (random.below(4) << 5) : random.below(256)
      case 'IDT.target': return (BigInt(towards(p, random, selectorOf(p, random), 0x1b, random.below(p.CPL + 1))) << 32n) | BigInt((program(random) - random.of([0, 0, p.DS])) >>> 0)
      case 'TSS.stack': return (BigInt(towards(p, random, (selectorOf(p, random) & ~3) | Number(random.chance(90) ? index : 0n), 0x13, Number(index))) << 32n) | BigInt(((random.of(p.storage) & ~3) + 64 - p.DS) >>> 0)
      case 'TSS.map': return random.chance(15) ? 1 : 0
      case 'CPUID': return cpuid.get(Number(index)) ?? 0n
      case 'MSR': case 'PMC': return (BigInt(random.word() >>> 0) << 32n) | BigInt(random.word() >>> 0)
      case 'R': return general(p, random, index)
      default: return number(p, random)
    }
  }
  return {
    register: ({ name, width }, random, state) => BigInt.asUintN(width, BigInt(register(planOf(state), random, name, width))),
    cell: (bank, index, width, random, state) => BigInt.asUintN(width, BigInt(cell(planOf(state), random, bank, index))),
    operand: (name, random) => (name === 'port' && random.chance(80) ? BigInt(random.of(bytePorts)) : undefined),
  }
}
