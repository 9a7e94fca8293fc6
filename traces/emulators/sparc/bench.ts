// QEMU's SPARC system emulator as a bench for SPARC V8 and the LEON3: which states can be laid down, and how.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Instruction } from '../../../model/ir/instruction.ts'
import type { Register } from '../../../model/ir/state.ts'
import { all, and, any, constant, eq, extract, False, implies, lshr, not, or, postorder, sub, True, ult, variable, zeroExtend, type Bool, type Term } from '../../../model/ir/term.ts'
import { termsOf, type Outcome } from '../../../model/machine/execute.ts'
import type { Conjunct, Isa } from '../../../model/machine/isa.ts'
import { address } from '../../../model/isa/sparc/notation.ts'
import { declareState, r } from '../../../model/isa/sparc/state.ts'
import { accesses, type Bench, type BenchMaker } from '../bench.ts'
import type { Random } from '../../generate-random.ts'
import type { Deviation } from '../deviations.ts'
import { startQemu } from '../qemu.ts'
import { bytesOf, RecordLoop } from '../record-loop.ts'
import { image, symbols } from './kernel.ts'
import { answerOf, contextTable, fixedTables, place, recordOf, recordWords } from './record.ts'

const program = { program: 'qemu-system-sparc', package: 'qemu-system-sparc' }
/** What the processor says of itself. */
const LEON3 = { impl: 0xf, ver: 0x3, asr17: 0x107 }
/** Fields of FSR that no instruction writes: u, res, ver, ftt, qne. */
const FSR = { unwritten: 0x303ff000, is: 0 }

const limitsOf = (isa: Isa) => (i: Instruction, o: Outcome): readonly Conjunct[] => {
  const s = declareState({ processor: isa.name === 'sparc' ? 'v8' : 'leon3', windowPointer: 'program' })
  const of = (name: string): Term => variable(name, (isa.components.find((c) => c.name === name) as Register).width)
  const has = (name: string): boolean => isa.components.some((c) => c.name === name)
  const after = (name: string): Term => o.registers.get(name) ?? of(name)
  const bit = (name: string): Bool => of(name) as Bool
  const completed = not(o.trapped)
  const number = (t: Term, n: number): Term => constant<number>(t.width, n)
  const is = (t: Term, n: number): Bool => eq(t, number(t, n))
  const within = (t: Term, from: number, to: number): Bool => and(not(ult<number>(t, number(t, from))), ult<number>(t, number(t, to)))
  const both = (f: (t: (name: string) => Term) => Bool): Bool => and(f(of), implies(completed, f(after)))
  const fixed = (name: string, n: number): Bool => (has(name) ? both((t) => is(t(name), n)) : True)
  const valid = not(extract<1>(lshr(of('WIM') as Term<8>, zeroExtend(of('PSR.CWP'), 8) as Term<8>), 0, 0))
  const next = after('PC')
  const refused = any(o.traps.filter((t) => t.cause === 'data_access_exception').map((t) => t.when))
  const refers = accesses(o, 'E').length > 0
  const referred = refers ? (i.name.startsWith('CASA') ? r(s, i.operands['rs1']!) : address(s, i.operands)) : constant(32, 0)
  const page = sub(constant(20, place.storage >>> 12), of('PPN - VPN') as Term<20>)
  const pointers = [
    ...postorder(termsOf(o)).flatMap((t) => (t.kind === 'select' && t.memory.name === 'alternate spaces' ? [t as Term] : [])),
    ...(o.banks.get('alternate spaces') ?? []).map((w) => w.value),
  ].map((value) => is(and<number>(value, number(value, 3)), 0))
  /** The word is no storage. */
  const elsewhere = any(i.name === 'LDA' ? accesses(o, 'alternate spaces').map(({ index }) => eq(index, constant<number>(38, contextTable))) : [])
  const special = (index: Term): Bool =>
    (i.name === 'LDA' || i.name === 'STA' ? and(eq(index, constant<number>(38, contextTable)), all(pointers))
      : /^LD[^S]/.test(i.name) ? is(extract(index, 37, 30), 9) : False)
  const empty = any([within(next, place.empty / 4, place.code / 4), within(next, place.code / 4 + 1, place.devices / 4)])
  return [
    { name: 'the program is at 41000000 and goes on where there is nothing', why: 'words of 0 give control back', holds: and(is(of('PC'), place.code / 4), implies(completed, empty)) },
    {
      name: 'data are in storage', why: 'the kernel is elsewhere',
      holds: all(accesses(o, 'E').map(({ index, when }) => implies(when ?? True, any([refused, elsewhere, within(index, place.storage / 4, place.storageEnd / 4)])))),
    },
    {
      name: 'storage is above 80000000 where the MMU is on, in one table of pages', why: 'the kernel and the program are where they are',
      holds: implies(bit('MMU.E'), all([extract<1>(page, 19, 19), ult(extract<6>(page, 5, 0), constant(6, 0x31)), not(is(extract(referred, 31, 25), 0x20))])),
    },
    {
      name: 'alternate spaces are those of data, or with the MMU off that of a supervisor\'s instructions for loads, or the context table pointer', why: 'the others are the processor\'s own, and the emulator has no user instructions and stores none',
      holds: all(accesses(o, 'alternate spaces').map(({ index }) => implies(bit('PSR.S'), or(is(extract(index, 37, 31), 5), and(not(bit('MMU.E')), special(index)))))),
    },
    { name: 'traps are enabled where one is taken', why: 'the processor stops otherwise, and the emulator with it', holds: and(implies(o.trapped, bit('PSR.ET')), implies(completed, after('PSR.ET') as Bool)) },
    {
      name: 'user mode has traps enabled, PS 0 and a valid window, as has the slot of a branch with PS 1', why: 'the way in is RETT, or WRPSR in the slot of a jump',
      holds: or(and(bit('PSR.S'), is(of('nPC'), place.code / 4 + 1)), all([bit('PSR.ET'), eq(of('PSR.PS'), of('PSR.S')), valid])),
    },
    { name: 'the trap table is one of sixteen', why: 'the way back is through a trap', holds: both((t) => within(t('TBR.TBA'), place.tables >>> 12, place.tablesEnd >>> 12)) },
    { name: 'there is no coprocessor, and the processor runs', why: 'the emulator has none', holds: all([fixed('PSR.EC', 0), fixed('error_mode', 0)]) },
    {
      name: 'the processor is this one', why: 'what it says of itself is read only',
      holds: all([is(of('PSR.impl'), LEON3.impl), is(of('PSR.ver'), LEON3.ver), ...(has('%asr17') ? [is(of('%asr17'), LEON3.asr17)] : []), eq(and<number>(of('FSR'), number(of('FSR'), FSR.unwritten)), number(of('FSR'), FSR.is))]),
    },
  ]
}

const manual = 'The SPARC Architecture Manual, Version 8'
const family = ['sparc', 'sparc/leon3']
const alternate = ['LDA', 'LDUBA', 'LDDA', 'STA', 'STBA', 'STDA', 'LDSTUBA', 'SWAPA']
const deviations: readonly Deviation[] = [{
  emulator: 'QEMU 7.2', isas: family, instructions: alternate, difference: /^the specification traps \(privileged_instruction\); the emulator (completes|traps \(trap type [79]\))/,
  does: 'with ASI 0xA, refers to user data in user mode, as CASA of the LEON3 does',
  manual: `${manual}, B.1, B.4, B.7, B.8: loads and stores of alternate spaces are privileged, whatever the space; so in GRLIB, leon3v3/iu3.vhd, where only CASA opens 0xA`,
}, {
  emulator: 'QEMU 7.2', isas: family, instructions: ['STDFQ'], difference: /^the specification traps \(privileged_instruction\); the emulator traps \(trap type 4\)/,
  does: 'looks at PSR.EF before it looks at PSR.S',
  manual: `${manual}, Table 7-1: privileged_instruction has priority over fp_disabled`,
}, {
  emulator: 'QEMU 7.2', isas: ['sparc/leon3'], instructions: ['WRASR %asr17'], difference: /^%asr17 becomes/,
  does: 'nothing: %asr17 is always the same',
  manual: 'GR740 User\'s Manual, 6.2.14: single vector trapping is enabled by setting bit 13 in %asr17',
}, {
  emulator: 'QEMU 7.2', isas: ['sparc/leon3'], instructions: ['WRASR %asr17'], difference: /^the specification traps \(privileged_instruction\)/,
  does: 'nothing in user mode as in supervisor mode',
  manual: 'GRLIB, lib/gaisler/leon3v3/iu3.vhd, exception_detect: writes of %asr16, 17 and 19 to 31 are privileged',
}]

const draw: Bench['draw'] = {
  operand: (name, random) => (name === 'asi' && random.chance(75) ? BigInt(random.of([8, 9, 0xa, 0xb])) : undefined),
  register: ({ name, width }, random) => {
    const fixed: Readonly<Record<string, number>> = {
      PC: place.code / 4, 'PSR.impl': LEON3.impl, 'PSR.ver': LEON3.ver, 'PSR.EC': 0, error_mode: 0, '%asr17': LEON3.asr17,
    }
    const shaped: Readonly<Record<string, () => number>> = {
      'PPN - VPN': () => (place.storage >>> 12) - random.of([0x80000, 0x80123, 0xfffc0, 0xc0ff0 & ~63 | random.below(48)]), ACC: () => random.below(8),
      nPC: () => random.of([place.code + 4, place.code + 4, target(random)]) >>> 2, WIM: () => random.word() & random.word(),
      'PSR.ET': () => (random.chance(75) ? 1 : 0), 'PSR.EF': () => (random.chance(75) ? 1 : 0),
      'TBR.TBA': () => random.between(place.tables >>> 12, (place.tablesEnd >>> 12) - 1), FSR: () => random.word() & ~FSR.unwritten | FSR.is,
    }
    return BigInt.asUintN(width, BigInt(fixed[name] ?? shaped[name]?.() ?? (width === 32 ? number(random) : random.word())))
  },
  cell: (_bank, _index, width, random) => BigInt.asUintN(width, BigInt(number(random))),
}
const target = (random: Random): number => random.between(place.empty, place.devices - 1) & ~3
const number = (random: Random): number => random.of([
  () => random.word(), () => pointer(random), () => pointer(random), () => pointer(random), () => random.between(-5000, 5000), () => random.between(-4, 8), () => target(random), () => random.between(place.tables, place.tablesEnd - 1) & ~0xfff,
  () => random.of([0, 1, -1, 0x7fffffff, -0x80000000]), () => random.word() & 0xf01fe0 | random.below(8),
])()
const pointer = (random: Random): number => (random.of([place.storage, place.storage, 0x80000000, 0x80123000, 0xfffc0000]) + random.of([0x8000, random.between(0x7f00, 0x8100), random.below(0x10000)])) & random.of([~7, ~3, ~0])

export const sparc: BenchMaker = async (isa): Promise<Bench> => {
  const folder = mkdtempSync(join(tmpdir(), 'popek-sparc-')), firmware = join(folder, 'firmware')
  // Never run: the processor is pointed to the kernel.
  writeFileSync(firmware, new Uint8Array(16))
  const kernel = { image, at: symbols.start, ...symbols, records: place.records, recordSize: 4 * recordWords, capacity: 256, word: 4, bigEndian: true } as const
  const entry = image.subarray(symbols.entry - symbols.start, symbols.entry - symbols.start + 16)
  const tables = new Uint8Array(place.tablesEnd - place.tables)
  for (let n = 0; n < tables.length; n += 16) tables.set(entry, n)
  /** Globals, a window and f registers, then Y, PSR, WIM, TBR, PC, nPC, FSR, CSR. */
  const registers = new Uint8Array(4 * 72)
  const put = (index: number, value: number): void => registers.set(bytesOf(value, 4, true), 4 * index)
  put(65, 0x10c0)
  put(67, place.tables)
  put(68, symbols.start)
  put(69, symbols.start + 4)
  const loop = new RecordLoop(kernel, {
    start: () => startQemu(program, ['-M', 'leon3_generic', '-cpu', 'LEON3', '-bios', firmware], { base: 0x40000000, size: 64 << 20 }),
    prepare: async ({ stub }) => {
      await stub.write(place.tables, tables)
      for (const [address, word] of fixedTables) await stub.write(address, bytesOf(word, 4, true))
    },
    enter: ({ stub }) => stub.setRegisters(registers),
  })
  const end = (): void => {
    loop.end()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const { version } = await loop.warm()
    return {
      emulator: `QEMU ${version}, ${program.program} -cpu LEON3`,
      excluded: new Map(),
      limits: limitsOf(isa),
      deviations,
      draw,
      run: async (trials) => (await loop.run(trials.map(recordOf))).map((r, n) => answerOf(trials[n]!, r)),
      end,
    }
  } catch (error) {
    end()
    throw error
  }
}
