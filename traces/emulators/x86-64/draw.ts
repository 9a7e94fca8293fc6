// Generated states of x86 in 64-bit mode: one drawing at a time, whose parts fit each other.
import type { Bench } from '../bench.ts'
import type { Random } from '../../generate-random.ts'
import { bits0, bytePorts, fixed6, fixed7, widePort } from '../x86/limits.ts'
import { planning } from '../x86/plans.ts'
import { bits4, named, regions, storageRegions } from './limits.ts'
import { numbered } from './record.ts'

interface Descriptor {
  readonly base: number
  readonly limit: number
  readonly rights: number
  readonly gate: bigint
}

/** What the parts of one state have in common. */
interface Plan {
  readonly CPL: number
  readonly CR3: bigint
  /** Addresses of storage that pointers have; the stack is at the first. */
  readonly storage: readonly bigint[]
  readonly user: bigint
  readonly all: bigint
  /** RCX and RDX are 0, and RAX is small, as XSETBV and MONITOR want them. */
  readonly small: boolean
  readonly descriptors: Map<bigint, Descriptor>
}

const word = (random: Random): bigint => BigInt(random.word() >>> 0)
const quad = (random: Random): bigint => (word(random) << 32n) | word(random)
const within = (region: number, random: Random): bigint => (BigInt(region) << 44n) | (quad(random) & 0xff0_ffff_ffffn) | (BigInt(random.below(15)) << 40n)
const program = (random: Random): bigint => within(random.chance(70) ? regions.program : random.of(regions.nothing), random)
const canonical = (address: bigint): bigint => BigInt.asUintN(64, BigInt.asIntN(48, address))
const pageOf = (address: bigint): bigint => BigInt.asUintN(48, address) >> 12n
const pageCount = 1n << 36n

const planned = (random: Random): Plan => {
  // Some references cross the end of a page.
  const storage = [0, 1, 2].map(() => canonical((within(random.of(storageRegions), random) & ~7n) | (random.chance(20) ? 0xfc0n : 0n)))
  const near = (): bigint => pageOf(random.of(storage)) + BigInt(random.below(4)) - 1n
  const user = random.of([() => pageCount - 1n, () => pageCount - 1n, () => pageCount >> 1n, near])() & (pageCount - 1n)
  const all = random.of([() => pageCount - 1n, () => pageCount - 1n, near])() & (pageCount - 1n)
  return {
    CPL: random.of([0, 0, 1, 2, 3, 3]), CR3: 0x500000n | BigInt(random.below(0x100000)), storage, user, all: all < user ? user : all, small: random.chance(15), descriptors: new Map(),
  }
}

const system = [2, 2, 9, 9, 9, 11, 12, 12, 12, 12, 14, 15, 0, 1, 8]
const rightsOf = (plan: Plan, random: Random): number => {
  const flags = (random.chance(90) ? 0x200 : 0) | (random.chance(10) ? 0x400 : 0) | (random.chance(75) ? 0x800 : 0) | (random.chance(30) ? 0x100 : 0)
  const dpl = random.chance(50) ? plan.CPL : random.below(4), present = random.chance(90) ? 0x80 : 0
  const type = random.of([() => 0x1a, () => 0x18, () => 0x1e, () => 0x12, () => 0x12, () => random.below(16) | 16, () => random.of(system), () => random.of(system)])()
  return flags | (dpl << 5) | present | type | (random.chance(80) && type > 15 ? 1 : 0)
}
const selectorOf = (plan: Plan, random: Random): number =>
  ((random.word() & 0xfffc) | (random.chance(70) ? plan.CPL : random.below(4))) & (random.chance(8) ? 3 : 0xffff)
const descriptorOf = (plan: Plan, random: Random): Descriptor => {
  const rights = rightsOf(plan, random), raw = random.chance(80) ? 0xfffff : random.below(0x100000), isCallGate = (rights & 0x1f) === 12
  const offset = ((random.chance(90) ? program(random) : quad(random)) & ~0xf00000n) | (BigInt(rights >> 8) << 20n)
  return {
    rights, limit: (rights & 0x800) === 0 ? raw : (raw * 4096 + 4095) >>> 0,
    base: (rights & 0x18) === 0x18 || random.chance(30) ? 0 : random.word() >>> 0,
    gate: (BigInt(isCallGate ? towards(plan, random, selectorOf(plan, random), 0x1b, random.below(plan.CPL + 1)) : 0) << 64n) | offset,
  }
}
/** A selector whose descriptor is mostly of the type that is wanted there: a code segment of this level or an inner one, or a stack. */
const towards = (plan: Plan, random: Random, selector: number, type: number, dpl: number): number => {
  const index = BigInt(selector >> 2)
  if (random.chance(70) && !plan.descriptors.has(index))
    plan.descriptors.set(index, { rights: 0xa00 | (random.chance(85) ? 0x80 : 0) | (dpl << 5) | type, limit: 0xffffffff, base: 0, gate: 0n })
  return selector
}
const selected = (plan: Plan, random: Random, type: number): number => {
  const selector = selectorOf(plan, random)
  return random.chance(50) ? selector : towards(plan, random, selector, type, selector & 3)
}
const pointer = (plan: Plan, random: Random): bigint => random.of(plan.storage) + BigInt(8 * random.below(8)) + (random.chance(15) ? BigInt(random.below(8)) : 0n)
const flagsImage = (random: Random): number => (random.word() & 0x247fd7) | 2

export const drawing = (recent: boolean, cpuid: ReadonlyMap<number, bigint>): Bench['draw'] => {
  const planOf = planning(planned)
  const number = (p: Plan, random: Random): bigint | number => random.of([
    () => quad(random), () => pointer(p, random), () => pointer(p, random), () => pointer(p, random), () => word(random), () => selected(p, random, 0x1b),
    () => random.below(16), () => program(random), () => random.of([0x7fffffffn, 0x80000000n, -1n, 0n, 1n, 1n << 63n, 1n << 47n, (1n << 47n) - 1n, -1n << 47n]),
    () => (random.word() & 0xff00) | fixed7, () => (random.word() | fixed6) >>> 0, () => flagsImage(random), () => 0x500000 | random.below(0x100000), () => selected(p, random, 0x13),
    () => ((random.word() & bits0) | 0x80000011) >>> 0, () => (random.word() & bits4(recent)) | 0x20, () => 0x500 | random.of([0, 1, 0x800, 0x801]),
    () => canonical(quad(random)), () => random.below(8),
  ])()
  /** Registers that some instructions give a meaning. */
  const general = (p: Plan, random: Random, index: bigint): bigint | number => {
    const chosen = (value: () => bigint | number, percent: number): bigint | number => (random.chance(percent) ? value() : number(p, random))
    switch (index) {
      case 4n: return chosen(() => p.storage[0]!, 70)
      case 3n: case 5n: case 6n: case 7n: return chosen(() => pointer(p, random), 70)
      case 2n: return p.small ? 0 : chosen(() => random.of([widePort, random.of(bytePorts), 0, random.below(0x8000)]), 60)
      case 1n: return p.small ? 0 : chosen(() => random.of([0, program(random), ...numbered.keys(), ...named, ...named]), 60)
      case 0n: return chosen(() => random.of([0, 1, 1, 3, 7, 13, 13]), p.small ? 80 : 20)
      default: return number(p, random)
    }
  }
  /** What far returns and IRETQ find on the stack, the nth quadword from its top. */
  const frame = (p: Plan, random: Random, n: bigint): bigint | number => {
    const level = random.chance(60) ? p.CPL : random.below(4)
    switch (n) {
      case 0n: return program(random)
      case 1n: return towards(p, random, (selectorOf(p, random) & ~3) | level, 0x1b, level)
      case 2n: return random.chance(50) ? flagsImage(random) : pointer(p, random)
      case 3n: return random.chance(50) ? pointer(p, random) : towards(p, random, (selectorOf(p, random) & ~3) | level, 0x13, level)
      default: return random.chance(30) ? random.below(4) : towards(p, random, (selectorOf(p, random) & ~3) | level, 0x13, level)
    }
  }
  const rights = (p: Plan, random: Random, name: string): number => {
    if (name === 'CS') return 0xa98 | (p.CPL << 5) | random.below(4) | (random.chance(20) ? 4 : 0)
    if (name === 'SS') return noStack(p) ? 0 : 0xc92 | (p.CPL << 5) | random.below(2)
    return isNull(p, name) ? 0 : rightsOf(p, random) | 0x90
  }
  /** Chosen by what the plan has anyway. */
  const noStack = (p: Plan): boolean => p.CPL < 3 && (p.storage[1]! >> 4n) % 4n === 0n
  const isNull = (p: Plan, name: string): boolean => (p.storage[2]! >> BigInt(name.charCodeAt(0) % 8 + 3)) % 4n === 0n
  const segment = (p: Plan, random: Random, name: string): bigint | number => {
    if (name === 'CS<15:2>') return 1 + random.below(0x3fff)
    if (name === 'SS<15:2>') return noStack(p) ? 0 : 1 + random.below(0x3fff)
    return isNull(p, name) ? random.below(4) : 4 + random.below(0xfffc)
  }
  const register = (p: Plan, random: Random, name: string, width: number): bigint | number => {
    if (name.endsWith('.rights')) return rights(p, random, name.slice(0, 2))
    if (/^[C-GS]S(<|$)/.test(name)) return segment(p, random, name)
    switch (name) {
      case 'RIP': return within(regions.program, random)
      case 'CPL': return p.CPL
      case 'GDTR.base': return within(regions.GDT, random)
      case 'IDTR.base': return within(regions.IDT, random)
      case 'GDTR.limit': case 'IDTR.limit': case 'LDTR.limit': return random.chance(80) ? 0xffff : random.word() >>> 0
      case 'TF': case 'NT': return random.chance(20) ? 1 : 0
      case 'VIF': case 'VIP': case 'HALTED': return 0
      case 'CR0': return ((random.word() & bits0) | (random.chance(50) ? 0x40000000 : 0) | 0x80000011) >>> 0
      case 'CR3': return p.CR3
      case 'CR4': return (random.word() & bits4(recent)) | 0x20
      case 'DR6': return (random.word() | fixed6) >>> 0
      case 'DR7': return ((random.word() & ~(random.chance(80) ? 0x20ff : 0xff)) | fixed7) >>> 0
      case 'EFER.SCE': return random.chance(80) ? 1 : 0
      case 'XCR0<2:1>': return random.of([0, 1, 3])
      case 'PAGES.user': return p.user
      case 'PAGES.all': return p.all
      case 'FS.base': case 'GS.base': case 'KERNEL_GS_BASE': return canonical(quad(random))
      case 'LSTAR': return random.chance(80) ? program(random) : canonical(quad(random))
      case 'TSC': return word(random) << 32n
      default: return width > 32 ? quad(random) : random.word()
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
      case 'IDT.rights': return random.chance(85) ? 0x8e | random.of([0, 1]) | (random.below(4) << 5) : random.below(256)
      case 'IDT.target': return (BigInt(towards(p, random, selectorOf(p, random), 0x1b, random.below(p.CPL + 1))) << 64n) | (random.chance(90) ? program(random) : quad(random))
      case 'TSS.RSP': return random.chance(90) ? random.of(p.storage) + 64n + (random.chance(10) ? BigInt(random.below(16)) : 0n) : quad(random)
      case 'TSS.map': return random.chance(15) ? 1 : 0
      case 'CPUID': return cpuid.get(Number(index)) ?? 0n
      case 'MSR': return index === 0x174n ? random.below(0x10000) : canonical(quad(random))
      case 'R': return general(p, random, index)
      case 'E': {
        const n = BigInt.asIntN(48, 8n * index - (p.CR3 & ~0xfffn) - p.storage[0]!) >> 3n
        return n >= 0n && n <= 4n && random.chance(60) ? frame(p, random, n) : number(p, random)
      }
      default: return width64(number(p, random))
    }
  }
  const width64 = (value: bigint | number): bigint => BigInt.asUintN(64, BigInt(value))
  return {
    register: ({ name, width }, random, state) => BigInt.asUintN(width, BigInt(register(planOf(state), random, name, width))),
    cell: (bank, index, width, random, state) => BigInt.asUintN(width, BigInt(cell(planOf(state), random, bank, index))),
    // Most displacements keep a pointer aligned.
    operand: (name, random) => (name === 'disp0' ? BigInt(random.word() & (random.chance(85) ? 0xf8 : 0xff)) : name === 'port' ? BigInt(random.chance(80) ? random.of(bytePorts) : random.below(256)) : undefined),
  }
}
