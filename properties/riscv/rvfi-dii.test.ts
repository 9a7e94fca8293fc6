// The hart under a verification engine: random instructions are injected, and what is reported is compared with the specification's steps.
import { expect, test } from 'vitest'
import { createHart } from '../../impl/cpu/riscv/hart.ts'
import { Session } from '../../impl/debug/rvfi-dii/session.ts'
import { wordOf, type Instruction } from '../../model/ir/instruction.ts'
import { riscvHart } from '../../model/isa/riscv/isa.ts'
import { SpecificationMachine } from '../../model/machine/specification-machine.ts'
import { Random, streamSeed } from '../../traces/generate-random.ts'
import { choicesOfHart } from '../hart/configurations.ts'

const base = 0x8000_0000, size = 1 << 20
const data = 0x8_0000

/** A command of the engine's. */
const packet = (command: number, instruction: number): Uint8Array => {
  const bytes = new DataView(new ArrayBuffer(8))
  bytes.setUint32(0, instruction, true)
  bytes.setUint16(4, 1, true)
  bytes.setUint8(6, command)
  return new Uint8Array(bytes.buffer)
}

interface Seen {
  readonly pc: bigint
  readonly nextPc: bigint
  readonly instruction: bigint
  readonly order: bigint
  readonly trap: number
  readonly handler: number
  readonly halt: number
  readonly rd: readonly [number, bigint]
  readonly sources: readonly (readonly [number, bigint])[]
  readonly address: bigint
  readonly read: readonly [mask: number, value: bigint]
  readonly written: readonly [mask: number, value: bigint]
  /** Of version 2 only. */
  readonly mode?: number
}

const version1 = (bytes: Uint8Array): Seen => {
  expect(bytes.length).toBe(88)
  const v = new DataView(bytes.buffer, bytes.byteOffset), long = (n: number): bigint => v.getBigUint64(8 * n, true)
  return {
    order: long(0), pc: long(1), nextPc: long(2), instruction: long(3), sources: [[v.getUint8(82), long(4)], [v.getUint8(83), long(5)]], rd: [v.getUint8(84), long(6)],
    address: long(7), read: [v.getUint8(80), long(8)], written: [v.getUint8(81), long(9)], trap: v.getUint8(85), halt: v.getUint8(86), handler: v.getUint8(87),
  }
}

const version2 = (bytes: Uint8Array): Seen => {
  const ascii = (at: number): string => Buffer.from(bytes.subarray(at, at + 8)).toString('latin1')
  const v = new DataView(bytes.buffer, bytes.byteOffset), long = (at: number): bigint => v.getBigUint64(at, true)
  expect([ascii(0), long(8)]).toEqual(['trace-v2', BigInt(bytes.length)])
  const features = long(56), integer = (features & 1n) !== 0n, memory = (features & 2n) !== 0n, at = integer ? 104 : 64
  expect([features >> 2n, bytes.length]).toEqual([0n, at + (memory ? 88 : 0)])
  if (integer) expect(ascii(64)).toBe('int-data')
  if (memory) expect(ascii(at)).toBe('mem-data')
  const register = (number: number, value: number): readonly [number, bigint] => (integer ? [v.getUint8(number), long(value)] : [0, 0n])
  return {
    order: long(16), instruction: long(24), trap: v.getUint8(32), halt: v.getUint8(33), handler: v.getUint8(34), mode: v.getUint8(35), pc: long(40), nextPc: long(48),
    rd: register(96, 72), sources: [register(97, 80), register(98, 88)], address: memory ? long(at + 80) : 0n,
    read: memory ? [v.getUint32(at + 72, true), long(at + 8)] : [0, 0n], written: memory ? [v.getUint32(at + 76, true), long(at + 40)] : [0, 0n],
  }
}

const i = (opcode: number, funct3: number, rd: number, rs1: number, value: number): number => ((value & 0xfff) << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode) >>> 0
/** Floating point on, everything allowed by PMP, a trap handler, and pointers to data in x8 to x15; every other trace goes on in user mode. */
const prologue: readonly number[] = [
  i(0x13, 0, 1, 0, -1), i(0x73, 1, 0, 1, 0x3b0), i(0x13, 0, 1, 0, 0x1f), i(0x73, 1, 0, 1, 0x3a0),
  0x0000_60b7, i(0x73, 2, 0, 1, 0x300), i(0x13, 0, 2, 0, 1), i(0x13, 1, 2, 2, 31), 0x0000_10b7, 0x0020_80b3, i(0x73, 1, 0, 1, 0x305), i(0x73, 1, 0, 1, 0x341),
  0x0008_00b7, 0x0020_80b3, ...Array.from({ length: 8 }, (_, n) => i(0x13, 0, 8 + n, 1, 0x7f8 - 260 * n)), 0xd000_7053,
]
const storing = /^(S[BHWD]|FS[WD]|AMO.*|C\.F?S[WD](SP)?)$/, loading = /^(L[BHW]U?|LD|FL[WD]|LR\..|AMO.*|C\.F?L[WD](SP)?)$/
const mret = 0x3020_0073
/** What leads away from RAM, waits, or says what the engine says already. */
const excluded = /^(WFI|C\.J|JALR|C\.B)/

const draw = (random: Random, instructions: readonly Instruction[], csrs: readonly number[]): number => {
  if (random.chance(3)) return random.word() >>> 0
  const near = random.chance(70)
  const bits = (): bigint => BigInt(random.word() >>> 0)
  return Number(wordOf(random.of(instructions).encoding, (name, width) => {
    if (name === 'number' && random.chance(80)) return BigInt(random.of(csrs) & 0xff)
    if (name === 'rm' && random.chance(80)) return BigInt(random.below(5))
    if (near && name === 'imm') return BigInt.asUintN(width, BigInt(random.below(64) - 32) & ~3n)
    if (near && (name === 'rs1' || name === 'rd') && random.chance(50)) return BigInt.asUintN(width, BigInt(8 + random.below(8)))
    return BigInt.asUintN(width, bits())
  }))
}

const create = (): { readonly engine: (command: number, instruction: number) => Uint8Array; readonly ram: Uint8Array } => {
  const hart = createHart({ ramBytes: size, sv48: true, translate: false }, { load: () => undefined, store: () => false, time: () => 0n })
  const session = new Session(hart)
  return {
    ram: hart.ram,
    engine: (command, instruction) => {
      const { bytes, refused } = session.receive(packet(command, instruction))
      expect(refused).toBeUndefined()
      return bytes
    },
  }
}

const specification = () => {
  const { isa, csrs } = riscvHart('riscv64', { ...choicesOfHart, misalignedAtomics: 'access fault', schemes: ['Sv39', 'Sv48'], regions: [{ base: BigInt(base), size: BigInt(size) }] })
  return { machine: new SpecificationMachine(isa), instructions: isa.instructions.filter(({ name }) => !excluded.test(name)), csrs: csrs.flatMap((c) => (c.first === c.last ? [c.first] : [c.first, c.last])) }
}

/** Injects traces of a seed; what was not as the specification has it, and how many instructions were compared. */
const compare = (version: 1 | 2, seed: number, traces: number, spoil: (seen: Seen) => Seen = (seen) => seen) => {
  const { engine, ram } = create(), { machine, instructions, csrs } = specification()
  const memory = machine.bank('memory'), x = (n: number): bigint => machine.bank('x').get(BigInt(n))
  const decode = (bytes: Uint8Array): Seen => spoil(version === 1 ? version1(bytes) : version2(bytes))
  if (version === 2) {
    expect(engine(0, 0x5645_5253)[86]).toBe(3)
    expect(Buffer.from(engine(0x76, 2)).toString('latin1')).toBe('version=\u0002\0\0\0\0\0\0\0')
  }
  const differences: string[] = []
  let compared = 0, trapped = 0, loads = 0, stores = 0
  for (let n = 0; n < traces; n++) {
    const random = new Random(streamSeed(seed, n))
    machine.clear()
    machine.setRegister('priv', 3n)
    machine.setRegister('pc', BigInt(base))
    let afterTrap = false
    for (let k = 0; k < 60; k++) {
      const pc = machine.register('pc'), at = pc - BigInt(base)
      if (at < 0n || at >= BigInt(data)) break
      const injected = prologue[k] ?? (k === prologue.length && n % 2 === 1 ? mret : draw(random, instructions, csrs))
      const short = (injected & 3) !== 3, bytes = short ? 2 : 4
      const before = Array.from({ length: 32 }, (_, r) => x(r)), mode = machine.register('priv'), kept = Array.from({ length: bytes }, (_, b) => memory.get(pc + BigInt(b)))
      memory.write(pc, Uint8Array.from({ length: bytes }, (_, b) => injected >>> 8 * b))
      const stepped = machine.step()
      if (stepped.kind === 'halted' || stepped.kind === 'trapped' && stepped.cause === 'instruction access fault') break
      memory.write(pc, Uint8Array.from(kept, Number))
      const seen = decode(engine(1, injected))
      compared++
      const changed = before.flatMap((value, r) => (value === x(r) ? [] : [r])), traps = stepped.kind === 'trapped'
      const little = (mask: number): bigint => Array.from({ length: Math.log2(mask + 1) }, (_, b) => BigInt(memory.get(seen.address + BigInt(b)))).reduceRight((all, one) => all << 8n | one, 0n)
      const expected = {
        pc, nextPc: machine.register('pc'), instruction: BigInt(injected), order: BigInt(k + 1), trap: Number(traps), handler: Number(afterTrap), halt: 0,
        rd: [seen.rd[0], seen.rd[0] === 0 ? 0n : x(seen.rd[0])], sources: seen.sources.map(([r]) => [r, before[r]!]),
        written: [seen.written[0], seen.written[0] === 0 ? 0n : little(seen.written[0])], ...(version === 2 ? { mode: Number(mode) } : {}),
      }
      const name = stepped.instruction?.name ?? 'fetch', done = !traps
      if (done && storing.test(name) !== seen.written[0] > 0 && !name.startsWith('SC.')) differences.push(`trace ${n}, ${name}: writes ${seen.written[0]}`)
      if (done && loading.test(name) !== seen.read[0] > 0) differences.push(`trace ${n}, ${name}: reads ${seen.read[0]}`)
      const difference = (Object.keys(expected) as (keyof typeof expected)[]).filter((field) => text(seen[field]) !== text(expected[field]))
      if (difference.length > 0 || changed.some((r) => r !== seen.rd[0])) differences.push(`trace ${n}, ${name}: ${difference.map((field) => `${field} is ${text(seen[field])}, expected ${text(expected[field])}`).join('; ')}; x${changed.join()} changed`)
      trapped += Number(traps)
      loads += Number(seen.read[0] > 0)
      stores += Number(seen.written[0] > 0)
      afterTrap = traps
    }
    for (const [first, cells] of memory.blocks()) {
      const offset = Number(first) - base, wrong = cells.findIndex((c, b) => Number(c) !== ram[offset + b])
      if (wrong >= 0) differences.push(`trace ${n}: memory ${(Number(first) + wrong).toString(16)}`)
    }
    expect(decode(engine(0, 0)).halt).toBe(1)
    expect(ram.every((byte) => byte === 0)).toBe(true)
    if (differences.length > 0) break
  }
  return { differences, compared, trapped, loads, stores }
}

/** For comparing and for reading. */
const text = (value: unknown): string => JSON.stringify(value, (_, v: unknown) => (typeof v === 'bigint' ? `0x${v.toString(16)}` : v))

test.each([1, 2] as const)('version %i reports what the specification does', (version) => {
  const { differences, compared, trapped, loads, stores } = compare(version, version, 20)
  expect(differences).toEqual([])
  expect([compared > 600, trapped > 20, loads > 10, stores > 10]).toEqual([true, true, true, true])
})

test.each([
  ['the value of a destination', (seen: Seen) => ({ ...seen, rd: [seen.rd[0], seen.rd[1] ^ BigInt(seen.rd[0] & 1)] as const })],
  ['a store', (seen: Seen) => ({ ...seen, written: [0, 0n] as const })],
  ['a trap', (seen: Seen) => ({ ...seen, trap: 0 })],
  ['the mode', (seen: Seen) => ({ ...seen, mode: 3 })],
])('a report that is wrong about %s is found', (_, spoil) => {
  expect(compare(2, 2, 20, spoil).differences.length).toBeGreaterThan(0)
})

test('an engine that asks for a later version gets the last; what is no command is refused', () => {
  const session = new Session(createHart({ ramBytes: 4096 }, { load: () => undefined, store: () => false, time: () => 0n }))
  expect(session.receive(packet(0x76, 9)).bytes[8]).toBe(2)
  expect(session.receive(packet(0x76, 0)).refused).toContain('version 0')
  expect(session.receive(packet(7, 0)).refused).toContain('command 0x07')
})

test('commands may come in pieces', () => {
  const session = new Session(createHart({ ramBytes: 4096 }, { load: () => undefined, store: () => false, time: () => 0n }))
  const bytes = Buffer.concat([packet(1, 0x0050_0093), packet(0, 0)])
  const counts = [...bytes].map((byte) => session.receive(Uint8Array.of(byte)).bytes.length)
  expect(counts).toEqual([0, 0, 0, 0, 0, 0, 0, 88, 0, 0, 0, 0, 0, 0, 0, 88])
  expect([session.receive(bytes.subarray(0, 3)).bytes.length, session.unfinished]).toEqual([0, 3])
})
