// QEMU's RISC-V system emulators as benches for RV64 and RV32: the emulated hart, what states hold, and where it deviates.
import type { Register } from '../../../model/ir/state.ts'
import type { Isa } from '../../../model/machine/isa.ts'
import type { Bench, BenchMaker } from '../bench.ts'
import type { Random } from '../../generate-random.ts'
import type { Deviation } from '../deviations.ts'
import { startQemu } from '../qemu.ts'
import { bytesOf, RecordLoop } from '../record-loop.ts'
import { image as image32, symbols as symbols32 } from '../riscv32/kernel.ts'
import { image as image64, symbols as symbols64 } from './kernel.ts'
import { limitsOf, time } from './limits.ts'
import { Layout, place, rootCount, slots } from './record.ts'

/** The hart of the model: no hypervisor, triggers or vectors, and counters 3 to 31. */
const hart = 'h=off,debug=off,pmu-num=29'
const extensions: Readonly<Record<string, string>> = { 'riscv64/sstc': 'sstc=on', 'riscv64/zkr': 'zkr=on,x-epmp=on,sstc=off' }

const identityRegisters = ['mvendorid', 'marchid', 'mimpid', 'mhartid', 'mconfigptr']

/** The tables above the last ones, where the kernel puts what a trial says. */
const tables = (xlen: number): readonly (readonly [address: number, content: Uint8Array])[] => {
  const size = xlen === 64 ? 8 : 4
  const pointer = (table: number, index: number, to: number): readonly [number, Uint8Array] => [table + size * index, bytesOf((BigInt(to >>> 12) << 10n) | 1n, size, false)]
  const roots = Array.from({ length: rootCount }, (_, n) => place.roots + 0x1000 * n)
  if (xlen === 32) return roots.flatMap((root) => [pointer(root, 1, place.dataLast), pointer(root, place.page >>> 22, place.codeLast)])
  return [
    ...roots.flatMap((root) => [pointer(root, 0, place.dataMiddle), pointer(root, 2, place.codeMiddle)]),
    pointer(place.dataMiddle, 2, place.dataLast), pointer(place.codeMiddle, 1, place.codeLast),
  ]
}

const deviationsOf = (isa: Isa): readonly Deviation[] => {
  const of = { emulator: 'QEMU 7.2', isas: [isa.name] }
  const named = (pattern: RegExp): string[] => isa.instructions.map((i) => i.name).filter((name) => pattern.test(name))
  return [
    {
      ...of, instructions: named(/^(AMO|SC\.)/), difference: /traps \(store\/AMO [a-z ]+\); the emulator traps \(exception ([45]|13)\b/,
      does: 'raises the exceptions of loads, codes 4, 5 and 13',
      manual: 'Volume II, Machine Cause Register (mcause): stores, SC and AMOs raise store/AMO exceptions, loads and LR those of loads',
    },
    {
      ...of, instructions: named(/^LR\./), difference: /traps \(load (access|page) fault\); the emulator traps \(exception 4\b/,
      does: 'raises address-misaligned exceptions of atomic instructions, although it does misaligned loads and stores',
      manual: 'Volume II, Physical Memory Attributes, Alignment: atomic instructions raise them only where loads and stores of the same width do; otherwise access faults',
    },
    {
      ...of, instructions: named(/^SC\./), difference: /traps \(store\/AMO access fault\); the emulator completes/,
      does: 'fails without a trap at a misaligned address',
      manual: 'Volume I, A Extension, Load-Reserved/Store-Conditional Instructions: an address that is not naturally aligned raises an address-misaligned or an access-fault exception',
    },
    {
      ...of, instructions: ['MRET', 'SRET'], difference: /^mstatus\.MPRV becomes 0x0/,
      does: 'leaves MPRV 1 when it returns to a mode below M',
      manual: 'Volume II, Memory Privilege in mstatus Register: MRET and SRET to a mode less privileged than M set MPRV to 0',
    },
    {
      ...of, instructions: named(/^CSRR/), difference: /^mip\.STIP becomes/,
      does: 'sets STIP by a write of stimecmp also with STCE = 0',
      manual: 'Volume II, Machine Environment Configuration Register (menvcfg): with STCE = 0, STIP is as if Sstc were not implemented',
    },
    {
      ...of, instructions: named(/^CSRR\w+ machine$/), difference: /^pmpcfg\[\w+\] becomes 0x1?([0-9a-f]); the emulator's 0x[2-7]\1$/,
      does: 'keeps bits 6 and 5 of a pmpcfg entry',
      manual: 'Volume II, Physical Memory Protection CSRs: bits 6 and 5 of an entry are 0',
    },
    {
      ...of, instructions: named(/^CSRR\w+ machine$/), difference: /^mstatus\.MPP becomes 0x[013]; the emulator's 0x2$/,
      does: 'writes the reserved value 2 to MPP',
      manual: 'Volume II, Privilege and Global Interrupt-Enable Stack in mstatus register: MPP is WARL and holds implemented modes only',
    },
    {
      ...of, instructions: ['FEQ.D'], difference: /^mstatus\.FS becomes 0x3/,
      does: 'leaves FS Initial or Clean where it raises a flag',
      manual: 'Volume II, Extension Context Status in mstatus Register: an instruction that modifies the state, of which fcsr is a part, makes it Dirty',
    },
    {
      ...of, instructions: named(/^CSRR\w+ machine$/), difference: /^pmpaddr\[/,
      does: 'keeps all 64 bits of a pmpaddr',
      manual: 'Volume II, Physical Memory Protection CSRs: on RV64 a pmpaddr has bits 55 to 2 of an address, and its ten high bits are 0',
    },
    {
      ...of, instructions: named(/^CSRR[SC] /), difference: /traps \(illegal instruction\); the emulator completes/,
      does: 'reads a read-only CSR where rs1 is not x0 but holds 0',
      manual: 'Volume I, Zicsr Extension: CSRRS and CSRRC write unless rs1 is x0, also where the register holds 0; Volume II, CSR Address Mapping Conventions: a write to a read-only CSR raises an illegal-instruction exception',
    },
  ]
}

/** The low eight bits of the numbers that CSRs have. */
const numbers = [
  0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0a, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x1a, 0x20, 0x23, 0x40, 0x41, 0x42, 0x43, 0x44, 0x4d, 0x5d, 0x80, 0xa0, 0xa2, 0xb0, 0xb3, 0xbf,
]

const drawing = (identity: ReadonlyMap<string, bigint>, trap: number, xlen: number, tracked: boolean, ADUE: boolean): Bench['draw'] => {
  const bits = (random: Random, width: number): bigint =>
    (width <= 32 ? BigInt((random.word() >>> 0) >>> (32 - width)) : (bits(random, width - 32) << 32n) | BigInt(random.word() >>> 0))
  const real = (random: Random): bigint => BigInt(place.storage + random.below(place.storageEnd - place.storage) & (random.chance(80) ? ~7 : ~0)) & 0xffffffffn
  const pointer = (random: Random): bigint => real(random) ^ (random.chance(60) ? 0n : BigInt(place.roots + 0x1000 * random.below(rootCount)))
  const nowhere = (random: Random): bigint => (xlen === 64 && random.chance(40) ? bits(random, 64) : BigInt(place.end) | bits(random, 31))
  const land = (random: Random): bigint => BigInt(place.land + random.below(place.landEnd - place.land))
  const number = (random: Random): bigint => random.of([
    ...Array.from({ length: 7 }, () => pointer), nowhere, nowhere, land, (r: Random) => bits(r, 64), (r: Random) => bits(r, 32), (r: Random) => bits(r, 64) & bits(r, 64) & bits(r, 64),
    (r: Random) => BigInt(r.below(64)), (r: Random) => BigInt.asUintN(64, BigInt(-1 - r.below(16))), (r: Random) => r.of([0n, 1n, 1n << BigInt(xlen - 1), (1n << BigInt(xlen - 1)) - 1n]),
    (r: Random) => (BigInt(r.below(2)) << BigInt(xlen - 1)) | BigInt((place.roots >>> 12) + r.below(rootCount)),
  ])(random)
  const double = (random: Random): bigint => random.of([
    () => bits(random, 64), () => 0n, () => 1n << 63n, () => (0x7ffn << 52n) | bits(random, 52), () => 0x7ff8n << 48n, () => (0x7ff4n << 48n), () => 0x3ffn << 52n,
  ])()
  const chance = (percent: number) => (random: Random): bigint => BigInt(random.chance(percent))
  const fixed = (value: bigint) => (): bigint => value
  const special: Readonly<Record<string, (random: Random) => bigint>> = {
    ...Object.fromEntries([...identity].map(([name, value]) => [name, fixed(value)])),
    pc: fixed(BigInt(place.code)), priv: (random) => random.of([0n, 1n, 3n]), waiting: fixed(0n),
    'mstatus.MPP': (random) => random.of([0n, 0n, 0n, 1n, 3n]), 'mstatus.MPIE': chance(75), 'mstatus.SPP': chance(30), 'mstatus.SPIE': chance(75), 'mstatus.MPRV': chance(20),
    'mstatus.FS': (random) => random.of(tracked ? [0n, 1n, 2n, 3n] : [0n, 3n, 3n, 3n]),
    'mepc[xlen-1:1]': (random) => (random.chance(60) ? BigInt(place.code) : random.chance(70) ? nowhere(random) : number(random)) >> 1n,
    'sepc[xlen-1:1]': (random) => (random.chance(60) ? BigInt(place.code) : random.chance(70) ? nowhere(random) : number(random)) >> 1n,
    'mtvec.BASE': fixed(BigInt(trap / 4)), 'mtvec.MODE': fixed(0n), 'stvec.BASE': (random) => (random.chance(90) ? nowhere(random) : number(random)) >> 2n,
    'medeleg[9:0]': (random) => bits(random, 10) & (random.chance(70) ? 0x3f5n : 0x3fdn), 'medeleg[13:12]': (random) => bits(random, 2) & 2n,
    'mip.MSIP': fixed(0n), 'mip.MTIP': fixed(0n), 'mip.MEIP': fixed(0n), 'mip.SSIP': chance(30), 'mip.STIP': chance(30), 'mip.SEIP': chance(30),
    'mie.SSIE': chance(40), 'mie.STIE': chance(40), 'mie.SEIE': chance(40),
    'satp.PPN': (random) => (random.chance(90) ? BigInt((place.roots >>> 12) + random.below(rootCount)) : bits(random, 44)),
    'menvcfg.ADUE': chance(70), mtime: fixed(time), stimecmp: (random) => random.of([BigInt(random.below(1024)), (1n << 50n) | bits(random, 48)]), 'reservation valid': chance(15), 'reservation address': (random) => real(random) & ~7n,
    'mstatus.TVM': chance(30), 'mstatus.TSR': chance(30), 'mstatus.TW': chance(40),
  }
  const window = (vpn: bigint): boolean => {
    const page = (vpn << 12n) ^ BigInt(place.roots)
    return page >= BigInt(place.storage) && page < BigInt(place.storageEnd)
  }
  return {
    operand: (name, random) => (name === 'number' && random.chance(85) ? BigInt(random.of(numbers)) : undefined),
    register: ({ name, width }, random) => BigInt.asUintN(width, (special[name] ?? ((r: Random) => (width >= 32 && r.chance(50) ? number(r) : bits(r, width))))(random)),
    cell: (bank, index, width, random) => BigInt.asUintN(width,
      bank === 'x' ? number(random) : bank === 'f' ? double(random)
      : bank === 'PTE' ? (window(index) ? (random.chance(80) ? 0xc3n | bits(random, 6) << 2n : bits(random, 8) | (ADUE ? 0n : 0xc0n)) & (ADUE && random.chance(50) ? 0x3fn : 0xffn) : 0n)
      : bank === 'pmpcfg' ? (index === 15n ? 0x1fn : random.chance(50) ? bits(random, 5) : bits(random, 3))
      : bank === 'pmpaddr' && index === 15n ? (1n << 64n) - 1n : bits(random, width)),
  }
}

export const riscv: BenchMaker = async (isa): Promise<Bench> => {
  const layout = new Layout(isa), { xlen } = layout
  const [symbols, image] = xlen === 64 ? [symbols64, image64] : [symbols32, image32]
  const program = { program: `qemu-system-riscv${xlen}`, package: 'qemu-system-misc' }
  const cpu = `rv${xlen},${hart},${extensions[isa.name] ?? 'sstc=off'}`
  const kernel = { image, at: symbols.trap, ...symbols, records: place.records, recordSize: 8 * slots, capacity: 256, word: xlen === 64 ? 8 : 4, bigEndian: false } as const
  const loop = new RecordLoop(kernel, {
    start: () => startQemu(program, ['-M', 'virt', '-bios', 'none', '-cpu', cpu], { base: 0x80000000, size: 16 << 20 }),
    prepare: async ({ stub }) => { for (const [address, content] of tables(xlen)) await stub.write(address, content) },
    enter: ({ stub }) => stub.setRegister(32, bytesOf(symbols.start, xlen === 64 ? 8 : 4, false)),
  }, 4000)
  const { version, stub } = await loop.warm()
  const read = await stub.read(symbols.identity, 8 * identityRegisters.length)
  const identity = new Map(identityRegisters.map((name, n): [string, bigint] =>
    [name, BigInt.asUintN((isa.components.find((c) => c.name === name) as Register).width, new DataView(read.buffer, read.byteOffset).getBigUint64(8 * n, true))]))
  return {
    emulator: `QEMU ${version}, ${program.program} -cpu ${cpu}`,
    excluded: new Map(),
    limits: limitsOf(isa, identity, symbols.trap),
    deviations: deviationsOf(isa),
    draw: drawing(identity, symbols.trap, xlen, isa.name === 'riscv64/fs-tracked', layout.has('menvcfg.ADUE')),
    run: async (trials) => (await loop.run(trials.map((t) => layout.recordOf(t)))).map((r, i) => layout.answerOf(trials[i]!, r)),
    end: () => loop.end(),
  }
}
