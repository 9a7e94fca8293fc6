// QEMU's m68k system emulator as a bench for the 68000, 68010 and 68020: which states can be laid down, and how.
import type { Instruction } from '../../../model/ir/instruction.ts'
import { cell, get, type Bank, type Register } from '../../../model/ir/state.ts'
import { all, and, any, constant, eq, extract, False, implies, ite, not, or, postorder, True, ult, variable, type Bool, type Term } from '../../../model/ir/term.ts'
import { termsOf, readAfter, type Outcome } from '../../../model/machine/execute.ts'
import type { Conjunct, Isa } from '../../../model/machine/isa.ts'
import { has010, has020, type Model } from '../../../model/isa/m68k/state.ts'
import { accesses, type Bench, type BenchMaker } from '../bench.ts'
import type { Random } from '../../generate-random.ts'
import type { Deviation } from '../deviations.ts'
import { startQemu } from '../qemu.ts'
import { bytesOf, RecordLoop } from '../record-loop.ts'
import { image, symbols } from './kernel.ts'
import { answerOf, memory, place, recordOf, recordWords, sentinels, stops, storage } from './record.ts'

const program = { program: 'qemu-system-m68k', package: 'qemu-system-misc' }
const modelOf = (isa: Isa): Model => (isa.name === 'm68k' ? '68000' : isa.name.slice('m68k/'.length) as Model)

/** Room for a frame around a supervisor stack pointer. */
const room = 64

/** Where MOVES names the register that its mode steps only once. */
const stepsItself = ({ name, operands }: Instruction): Bool =>
  (name.startsWith('MOVES') && /\(An\)\+|-\(An\)/.test(name) ? not(and(operands['A/D'] as Bool, eq<number>(operands['Rn']!, operands['reg']!))) : True)

const limitsOf = (isa: Isa, model: Model) => (instruction: Instruction, o: Outcome): readonly Conjunct[] => {
  const component = (name: string) => isa.components.find((c) => c.name === name)!
  const of = (name: string): Term => variable(name, (component(name) as Register).width)
  const has = (name: string): boolean => isa.components.some((c) => c.name === name)
  const after = (name: string): Term => o.registers.get(name) ?? of(name)
  const completed = not(o.trapped)
  const both = (f: (t: (name: string) => Term) => Bool): Bool => and(f(of), implies(completed, f(after)))
  const number = (t: Term, n: number): Term => constant<number>(t.width, n)
  const within = (t: Term, from: number, to: number): Bool => and(not(ult<number>(t, number(t, from))), not(ult<number>(number(t, to - 1), t)))
  const even = (t: Term): Bool => not(extract<1>(t, 0, 0))
  const regions = storage(model), [low, high] = regions.at(-1)!
  const a7 = cell(component('A') as Bank, constant(3, 7))
  const a7After = readAfter(o.banks.get('A'), a7.index, get(a7))
  const top = (t: (name: string) => Term, stack: Term): Term => {
    const saved = has('MSP') ? ite<number>(t('M') as Bool, t('MSP'), t('ISP')) : t('SSP')
    return ite<number>(t('S') as Bool, stack, saved)
  }
  const goodStack = (t: Term): Bool => and(even(t), within(t, low + room, high - room))
  const caused = (cause: string): Bool => any(o.traps.filter((t) => t.cause === cause).map((t) => t.when))
  // Where there should be an address error the emulator completes, so it has to come back as if.
  const goesOn = or(completed, caused('address error'))
  const stack = ite<number>(goesOn, top(after, a7After), top(of, get(a7)))
  const next = after('PC'), bytes = instruction.encoding.width / 8
  const returns = any(sentinels(model).flatMap(([from, to]) => (from < place.code && place.code < to
    ? [within(next, from + 4, place.code - 8), within(next, place.code + bytes, to)] : [within(next, from + 4, to)])))
  const { trace, data } = instruction.operands
  const wakes = trace && data ? all([not(of(has('T') ? 'T' : 'T1') as Bool), eq<number>(trace, number(trace, 0)), ult<number>(extract(data, 10, 8), constant(3, 6)), not(extract<1>(data, 12, 12))]) : True
  const inStorage = accesses(o, 'E').map(({ index, when }) =>
    implies(when ?? True, any(regions.map(([from, to]) => within(index, from / 2, to / 2)))))
  const addresses = postorder(termsOf(o)).flatMap((t) => (t.kind === 'extract' && t.low === 1 && t.high === 23 && t.a.width === 32 ? [t.a] : []))
  const tables = (t: Term): Bool => and(within(t, place.tables, place.tablesEnd), eq<number>(extract(t, 9, 0), constant(10, 0)))
  return [
    {
      name: 'the window is all of storage', why: 'there is no MMU',
      holds: and(eq(of('MMU base'), number(of('MMU base'), 0)), not(caused('bus error'))),
    },
    {
      name: 'the program is at 208000 and branches to where ILLEGAL follows', why: 'ILLEGAL gives control back',
      holds: and(eq(of('PC'), number(of('PC'), place.code)), implies(goesOn, and(even(next), returns))),
    },
    { name: 'data are in storage', why: 'the kernel and the program are elsewhere', holds: all(inStorage) },
    ...(has020(model) ? [] : [{ name: 'addresses have 24 bits', why: 'the emulator puts out all 32', holds: all(addresses.map((a) => eq<number>(extract(a, 31, 24), constant(8, 0)))) }]),
    { name: 'the supervisor\'s stack is in storage', why: 'what gives control back stacks a frame', holds: goodStack(stack) },
    {
      name: 'the supervisor\'s stack was in storage', why: 'MOVEC to the stack pointer in force leaves the emulator\'s A7 as it was, and UNLK A7 does not load it',
      holds: /^(MOVEC Rn,[MI]SP|UNLK An)$/.test(instruction.name) ? goodStack(top(of, get(a7))) : True,
    },
    {
      name: 'returns are from even addresses', why: 'the emulator goes to what it reads at an odd one',
      holds: /^RT[DERS]/.test(instruction.name) ? not(caused('address error')) : True,
    },
    ...(has010(model) ? [{ name: 'VBR is one of 512', why: 'the kernel has as many tables of vectors', holds: both((t) => tables(t('VBR'))) }] : []),
    ...(has020(model) ? [
      { name: 'CAAR in user mode', why: 'the emulator aborts when it is read or written', holds: instruction.name.includes('CAAR') ? not(of('S') as Bool) : True },
    ] : []),
    ...(has020(model) ? [{
      name: 'no line F of coprocessor 1', why: 'the emulator\'s processor has a floating-point unit built in, which ends it by an assertion or a segmentation fault for some words',
      holds: instruction.name === 'line F' ? not(eq<number>(extract(instruction.operands['rest']!, 11, 9), constant(3, 1))) : True,
    }] : []),
    {
      name: 'MOVES has two address registers', why: 'the manual leaves open what becomes of one that is stepped and moved',
      holds: stepsItself(instruction),
    },
    {
      name: 'a clock can wake the processor', why: 'its interrupt has level 6; in the emulator interrupts leave the trace bits as they are, and bit 12 makes them stack two frames on every model',
      holds: and(eq(of('STOPPED'), False), stops(instruction.name) ? implies(of('S') as Bool, wakes) : True),
    },
  ]
}

const family = ['m68k', 'm68k/68010', 'm68k/68020']

const deviationsOf = (isa: Isa, outcomeOf: (i: Instruction) => Outcome): readonly Deviation[] => [{
  emulator: 'QEMU 7.2', isas: ['m68k', 'm68k/68010'], difference: /^the specification traps \(address error\)/,
  instructions: isa.instructions.filter((i) => outcomeOf(i).traps.some((t) => t.cause === 'address error')).map((i) => i.name),
  does: 'reads and writes words and long words at odd addresses; there is no address error',
  manual: 'MC68030 User\'s Manual, 7.2.2 (Misaligned Operands), page 7-13: the MC68000, MC68008 and MC68010 force an exception where a word or long-word operand is at an odd address',
}, {
  emulator: 'QEMU 7.2', isas: ['m68k'], instructions: ['BKPT #<data>'],
  does: 'takes 4848 to 484F for a PEA with a mode that it does not have, which is an address error to it (vector 3)',
  manual: 'M68000 Family Programmer\'s Reference Manual, BKPT and PEA: the 68000 has no BKPT, and An is no mode of PEA; a word that is no instruction is an illegal instruction (vector 4)',
}, {
  emulator: 'QEMU 7.2', isas: family, instructions: ['STOP #<data> (S = 0)'],
  does: 'in supervisor mode loads the status register and stops in user mode',
  manual: 'M68000 Family Programmer\'s Reference Manual, STOP: with immediate data whose bit for S is clear it is a privilege violation',
}, {
  emulator: 'QEMU 7.2', isas: family, instructions: ['TAS (An)+'], difference: /^A\[0x7\]/,
  does: 'steps A7 by one',
  manual: 'M68000 Family Programmer\'s Reference Manual, 2.2.4 (Address Register Indirect with Postincrement): for a byte operand the stack pointer is stepped by two',
}, {
  emulator: 'QEMU 7.2', isas: family, instructions: ['LINK An,#<displacement>'], difference: /^E\[/,
  does: 'with A7 pushes what A7 was before the push',
  manual: 'M68000 Family Programmer\'s Reference Manual, LINK: first SP - 4 becomes SP, then An is written there',
}, {
  emulator: 'QEMU 7.2', isas: family, instructions: ['UNLK An'], difference: /^A\[0x7\]/,
  does: 'with A7 adds 4 to A7; what it has read is lost',
  manual: 'M68000 Family Programmer\'s Reference Manual, UNLK: SP is loaded from An, and then An with the long word on top of the stack, which A7 therefore comes from',
}, {
  emulator: 'QEMU 7.2', isas: ['m68k/68010'], instructions: ['RTE'], difference: /^(A\[0x7\]|SSP|USP)/,
  does: 'takes six bytes from the stack as on the 68000; its exceptions stack no format word either',
  manual: 'M68000 User\'s Manual, 6.4 (Return from Exception, MC68010): status register, program counter and a word of format and vector offset are read, eight bytes in the short format, and the format is checked',
}, {
  emulator: 'QEMU 7.2', isas: ['m68k/68020'], instructions: ['MOVEC Rn,CACR'], difference: /^CACR/,
  does: 'keeps the bits C and CE',
  manual: 'MC68020 User\'s Manual, Cache Control Register: both clear entries as they are written and are always read as 0; so WinUAE, newcpu.cpp, flush_cpu_caches',
}, {
  emulator: 'QEMU 7.2', isas: ['m68k/68020'], instructions: ['MOVEC Rn,MSP', 'MOVEC Rn,ISP'],
  does: 'writes another register than A7 while the stack pointer is in force',
  manual: 'M68000 Family Programmer\'s Reference Manual, 1.3 (Supervisor Programming Model) and MOVEC: in supervisor mode A7 is the stack pointer that M selects',
}, {
  emulator: 'QEMU 7.2', isas: ['m68k/68020'], instructions: isa.instructions.filter((i) => /^(CALLM|RTM) /.test(i.name)).map((i) => i.name),
  does: 'takes CALLM and RTM for illegal instructions (vector 4)',
  manual: 'M68000 Family Programmer\'s Reference Manual, CALLM and RTM (MC68020): instructions of the 68020, whose module descriptors and stack frames of an unknown type cause a format error (vector 14)',
}]

const drawing = (model: Model): Bench['draw'] => {
  const regions = storage(model), [low, high] = regions.at(-1)!
  const pointer = (random: Random): number => {
    const [from, to] = random.chance(90) ? regions.at(-1)! : random.of(regions)
    return from + random.below(to - from) & (random.chance(90) ? ~1 : ~0)
  }
  const table = (random: Random): number => place.tables + 1024 * random.below((place.tablesEnd - place.tables) / 1024)
  const code = (random: Random): number => (random.chance(50) ? place.code : random.between(...random.of(sentinels(model)))) & ~1
  const number = (random: Random): number => random.of([
    () => random.word(), () => pointer(random), () => pointer(random) - place.code, () => random.between(-300, 300), () => random.between(-40000, 40000),
    () => random.of([0, 1, -1, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, -0x80000000]), () => code(random), () => table(random),
  ])()
  const address = (random: Random): number => (random.chance(75) ? pointer(random) : random.chance(50) ? code(random) : number(random))
  const stack = (random: Random): number => random.between(low + 2 * room, high - 2 * room) & ~1
  /** Half of an address where the program may go, as a status word, or anything. */
  const upper = (random: Random): number => random.between(place.code >> 16, (low >> 16) - 1) & ~1
  const half = (random: Random): number => random.of([
    () => upper(random), () => upper(random),
    () => random.word(), () => random.word() & 0xf71f, () => random.of([0, 1, 0x7fff, 0x8000, 0xffff]),
  ])()
  const fixed: Readonly<Record<string, number>> = { PC: place.code, 'MMU base': 0, STOPPED: 0 }
  const pointers = new Set(['SSP', 'ISP', 'MSP'])
  return {
    register: ({ name, width }, random) => BigInt.asUintN(width, BigInt(
      name in fixed ? fixed[name]! : name === 'MMU limit' ? -1 : name === 'VBR' ? table(random) : pointers.has(name) ? stack(random) : name === 'USP' ? address(random) : random.word())),
    cell: (bank, index, width, random) => BigInt.asUintN(width, BigInt(
      bank === 'E' ? half(random) : bank === 'D' ? number(random) : index === 7n ? (random.chance(90) ? stack(random) : number(random)) : address(random))),
  }
}

export const m68k: BenchMaker = async (isa, outcomeOf): Promise<Bench> => {
  const model = modelOf(isa), cpu = `m${model}`, framed = has020(model)
  const kernel = { image, at: 0, ...symbols, records: place.records, recordSize: 4 * recordWords, capacity: 256, word: 4, bigEndian: true } as const
  const loop = new RecordLoop(kernel, {
    start: () => startQemu(program, ['-M', 'virt', '-cpu', cpu], { base: 0, size: memory(model) }),
    prepare: async ({ stub }) => {
      await stub.write(symbols.version, Uint8Array.from([0, has020(model) ? 2 : has010(model) ? 1 : 0]))
      await stub.write(symbols.sentinels_end, bytesOf(sentinels(model).at(-1)![1], 4, true))
    },
    enter: async ({ stub }) => {
      await stub.setRegister(16, bytesOf(0x2700, 4, true))
      await stub.setRegister(17, bytesOf(symbols.start, 4, true))
    },
  })
  const { version } = await loop.warm()
  return {
    emulator: `QEMU ${version}, ${program.program} -cpu ${cpu}`,
    excluded: has010(model) ? new Map([['BKPT #<data>', 'the emulator stops as at a breakpoint of the debugger']]) : new Map(),
    limits: limitsOf(isa, model),
    deviations: deviationsOf(isa, outcomeOf),
    draw: drawing(model),
    run: async (trials) => (await loop.run(trials.map((t) => recordOf(t, model)))).map((r, i) => answerOf(trials[i]!, r, model, framed)),
    end: () => loop.end(),
  }
}
