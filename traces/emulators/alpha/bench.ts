// QEMU's Alpha system emulator and its OSF/1 PALcode as a bench: which states can be laid down, and how.
import type { Instruction } from '../../../model/ir/instruction.ts'
import { cell, get, type Bank, type Register } from '../../../model/ir/state.ts'
import { add, all, and, any, concat, constant, eq, extract, implies, ite, ne, not, or, sub, True, ult, variable, zeroExtend, type Bool, type Term } from '../../../model/ir/term.ts'
import type { Outcome } from '../../../model/machine/execute.ts'
import type { Conjunct, Isa } from '../../../model/machine/isa.ts'
import { entries } from '../../../model/isa/alpha/state.ts'
import { accesses, type Answer, type Bench, type BenchMaker, type Trial } from '../bench.ts'
import type { Deviation } from '../deviations.ts'
import { EmulatorFailure, type GdbStub } from '../gdb-stub.ts'
import { startQemu } from '../qemu.ts'
import { bytesOf, RecordLoop } from '../record-loop.ts'
import { drawing, type Identity } from './draw.ts'
import { image, symbols } from './kernel.ts'
import { answerOf, handler, kseg, land, place, pageSize, pointer, probeFirst, programAt, recordOf, recordSize, rootCount, sentinel } from './record.ts'

const program = { program: 'qemu-system-alpha', package: 'qemu-system-misc' }
/** Most trials are on the first. */
const processors = ['ev67', 'ev4'] as const

const limitsOf = (isa: Isa, identities: readonly Identity[]) => (instruction: Instruction, o: Outcome): readonly Conjunct[] => {
  const component = (name: string) => isa.components.find((c) => c.name === name)!
  const of = (name: string): Term => variable(name, (component(name) as Register).width)
  const after = (name: string): Term => o.registers.get(name) ?? of(name)
  const completed = not(o.trapped)
  const is = (t: Term, value: number | bigint): Bool => eq(t, constant<number>(t.width, value))
  const within = (t: Term, from: number | bigint, to: number | bigint): Bool => and(not(ult<number>(t, constant(t.width, from))), ult<number>(t, constant(t.width, to)))
  const at = (bank: string, index: Term): Term => get<number>(cell(component(bank) as Bank, index))
  const R = (n: number): Term => at('R', constant<number>(5, n))
  const { name, operands } = instruction
  const user = of('PS.CM') as Bool, next = after('PC')
  const data = accesses(o, 'E')
  const paged = (index: Term): Bool => extract<1>(index, 61, 61)
  /** The address of a cell that is reached through pages, in quadwords. */
  const address = (index: Term): Term => sub<number>(extract(index, 60, 0), concat(of('TB.PFN - VPN'), constant(10, 0)))
  const inStorage = data.map(({ index, when }) => implies(when ?? True, ite<1>(paged(index),
    within(extract(index, 60, 0), place.paged / 8, place.storageEnd / 8),
    within(extract(index, 37, 0), place.storage / 8, place.paged / 8))))
  const apart = data.map(({ index }) => implies(paged(index), not(or(within(address(index), land.from >> 3n, land.to >> 3n), is(extract(address(index), 60, 30), probeFirst)))))
  const stack = ite<number>(user, of('KSP'), R(30))
  const block = (t: Term): Bool => and(within(zeroExtend(t, 64), place.storage / 8 + 16, place.frames / 8), is(extract(t, 3, 0), 0))
  const inBlock = (of: Term, n: number): Term => at('E', concat(constant(24, 0x7ffffe), add<number>(of, constant(38, n))))
  const usesBlock = /swpctx|wrfen|halt/.test(name)
  // What this PALcode does not have traps as well.
  const trapping = name === 'CALL_PAL clrfen' ? True : o.trapped
  const partial = /^ST(B|L|L_C)$/.test(name)
  const readable = and(is(of('TB.FOR'), 0), ite<1>(user, of('TB.URE') as Bool, of('TB.KRE') as Bool))
  const unaligned = any(o.traps.filter((t) => t.cause === 'unaligned').map((t) => t.when))
  const exceptions = extract(of('FPCR'), 57, 52)
  const root = (t: Term): Bool => any(Array.from({ length: rootCount }, (_, n) => is(t, place.roots / pageSize + n)))
  return [
    { name: 'the program is at 100800820', why: 'one place for both modes', holds: is(of('PC'), programAt / 4n) },
    {
      name: 'branches lead to where calls give control back', why: 'they are in 16 MB around the program',
      holds: implies(completed, and(within(next, land.from / 4n, land.to / 4n), not(within(next, programAt / 4n - 8n, programAt / 4n + 1n)))),
    },
    { name: 'the priority is 0 in user mode', why: 'PALcode has it so', holds: implies(user, is(of('PS.IPL'), 0)) },
    {
      name: 'exceptions lead to the kernel', why: 'they give control back',
      holds: implies(trapping, all(entries.map((e, n) => is(of(e.name), handler(n))))),
    },
    {
      name: 'exceptions find a kernel stack', why: 'otherwise PALcode halts',
      holds: implies(trapping, and(within(stack, kseg + BigInt(place.frames), kseg + BigInt(place.paged)), is(extract(stack, 2, 0), 0))),
    },
    ...(name === 'ADDQ/V' ? [{ name: 'overflow does not go into the kernel stack pointer', why: 'the result is written before the trap', holds: implies(and(o.trapped, not(user)), ne(operands['rc']!, constant(5, 30))) }] : []),
    { name: 'data are in storage', why: 'the kernel and the program are elsewhere', holds: implies(completed, all(inStorage)) },
    { name: 'data are not where the program is', why: 'its pages have entries of their own', holds: all(apart) },
    ...(partial ? [{ name: 'stores of a part of a quadword are to pages that are readable', why: 'the model reads the quadword', holds: readable }] : []),
    { name: 'page tables are where there are some', why: 'the program is reached through them', holds: and(root(of('PTBR')), implies(completed, root(after('PTBR')))) },
    ...(usesBlock ? [{ name: 'process control blocks are in storage', why: 'and begin at multiples of 128', holds: implies(completed, block(of('PCBB'))) }] : []),
    ...(name === 'CALL_PAL swpctx' ? [{
      name: 'the new process control block is in storage', why: 'and begins at a multiple of 128; the number of the page table has 28 bits',
      holds: implies(completed, all([
        block(extract(R(16), 40, 3)), is(extract(R(16), 63, 41), 0), is(extract(R(16), 2, 0), 0), is(extract(inBlock(extract(R(16), 40, 3), 2), 63, 28), 0),
      ])),
    }] : []),
    ...(/ret|rti/.test(name) ? [{ name: 'the stack of a return is valid', why: 'otherwise PALcode halts', holds: implies(not(user), not(o.memoryTrapped)) }] : []),
    ...(name.endsWith('_C') ? [{
      name: 'a lock is on the quadword or longword of the store', why: 'it is set there in the same mode',
      holds: implies(of('lock_flag') as Bool, and(not(unaligned), all(data.map(({ index }, n) => and(inStorage[n]!, implies(paged(index), readable)))))),
    }] : []),
    { name: 'constants of the processor', why: 'they cannot be written', holds: and(is(of('WHAMI'), 0), any(identities.map(({ AMASK, IMPLVER }) => and(is(of('AMASK'), AMASK), is(of('IMPLVER'), IMPLVER))))) },
    ...(/^(LDBU|STB)$/.test(name) ? [{ name: 'the processor has byte instructions', why: 'the model has them', holds: is(extract(of('AMASK'), 0, 0), 0) }] : []),
    { name: 'no cycles are counted before', why: 'they pass, and count as none', holds: is(of('PCC_CNT'), 0) },
    { name: 'the processor runs', why: 'a halted one does nothing', holds: is(of('halted'), 0) },
    {
      name: 'FPCR has defined bits only, and the summary of its exceptions', why: 'the others are 0',
      holds: and(is(extract(of('FPCR'), 46, 0), 0), eq(extract(of('FPCR'), 63, 63), ne(exceptions, constant(6, 0)))),
    },
    ...(name === 'CALL_PAL wrfen' ? [{
      name: 'flags of the process control block are FEN and those above bit 31', why: 'the PALcode writes the whole longword',
      holds: implies(completed, is(extract(inBlock(of('PCBB'), 5), 31, 1), 0)),
    }] : []),
    ...(name === 'CALL_PAL wripir' ? [{
      name: 'requests are to four processors, and those to this one are masked', why: 'the machine has four at most, and an interrupt would be taken',
      holds: implies(completed, and(is(extract(R(16), 5, 2), 0), not(ult<number>(of('PS.IPL'), constant(3, 6))))),
    }] : []),
    ...(name === 'CALL_PAL wtint' ? [{ name: 'the alarm that ends waiting is masked', why: 'an interrupt would be taken', holds: implies(completed, not(ult<number>(of('PS.IPL'), constant(3, 5)))) }] : []),
  ]
}

const seen = (instructions: readonly string[], difference: RegExp, does: string, manual: string): Deviation =>
  ({ emulator: 'QEMU 7.2', isas: ['alpha'], instructions, difference, does, manual })
const handbook = 'Alpha Architecture Handbook, version 4,'
const deviations: readonly Deviation[] = [
  seen(['STL_C', 'STQ_C'], /^the specification traps \(unaligned\); the emulator completes/, 'fails without looking at an address that no load has locked',
    `${handbook} 4.2.5: Alignment is among the exceptions of STx_C`),
  seen(['MT_FPCR'], /^FPCR becomes/, 'keeps bits 46 to 32, and bit 63 whatever the exceptions are', `${handbook} 4.7.8, table 4-11: bits 46 to 0 are read as zero and ignored; the summary bit 63 is the OR of bits 57 to 52`),
  seen(['CALL_PAL clrfen'], /^the specification completes; the emulator traps \(entIF, code 4\)/, 'its PALcode does not have function AE: opDec',
    'Tru64 UNIX, arch/alpha/pal.h: function AE is clrfen; the table of Digital UNIX 4.0 (Assembly Language Programmer\'s Guide, D-1) is still without it'),
]

const branch = (from: number, to: number): Uint8Array => bytesOf((0xc3e00000 | (((to - from - 4) / 4) & 0x1fffff)) >>> 0, 4, false)
const quadwords = (values: readonly bigint[]): Uint8Array => {
  const view = new DataView(new ArrayBuffer(8 * values.length))
  values.forEach((v, n) => view.setBigUint64(8 * n, v, true))
  return new Uint8Array(view.buffer)
}
const userPage = 0x301n

/** Where PALcode keeps what: instructions at places that the architecture fixes. */
const known: readonly (readonly [address: number, word: number])[] = [
  [0x1dc0, 0x77f00030], [0x1ac0, 0x65100000 + 0x1f0000 - 0x100000 + 0x31], [0x1f4c, 0x77f6002f], [0x1008, 0x77ff00fc], [0x324c, 0xd3200005],
]
const checkPalcode = async (stub: GdbStub): Promise<void> => {
  for (const [address, word] of known) {
    const bytes = await stub.read(address, 4), is = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)
    if (is !== word) throw new EmulatorFailure(`this PALcode keeps its state elsewhere: at ${address.toString(16)} it has ${is.toString(16)}, not ${word.toString(16)}`)
  }
}

const prepare = async (stub: GdbStub): Promise<void> => {
  await checkPalcode(stub)
  // The processor takes its reset first.
  await stub.breakAt(kseg)
  await stub.run(1000)
  const catches = [symbols.catch0, symbols.catch1, symbols.catch2, symbols.catch3, symbols.catch4, symbols.catch5, symbols.catch6]
  for (const [n, to] of catches.entries()) await stub.write(0x2000 + 64 * (sentinel - 0x80 + n), branch(0x2000 + 64 * (sentinel - 0x80 + n), to))
  // Where the PALcode's halt ends.
  await stub.write(0x1008, branch(0x1008, symbols.catch7))
  // Where it goes when it has a fault itself.
  await stub.write(0x324c, branch(0x324c, symbols.fault))
  for (let n = 0; n < rootCount; n++) await stub.write(place.roots + pageSize * n, quadwords([pointer(place.landMiddle)]))
  const first = Number((land.from >> 23n) & 1023n)
  await stub.write(place.landMiddle + 8 * first, quadwords([pointer(place.landLast), pointer(place.landLast + pageSize)]))
  const pages = Array.from({ length: Number((land.to - land.from) / BigInt(pageSize)) }, (_, n) => pointer(land.from + BigInt(pageSize * n) === land.codePage ? place.codePage : place.landPage, userPage))
  await stub.write(place.landLast, quadwords(pages))
  const calls = quadwords(Array.from({ length: pageSize / 8 }, () => (BigInt(sentinel) << 32n) | BigInt(sentinel)))
  for (let n = 0; n < rootCount; n++) {
    const middle = place.probeMiddles + pageSize * n
    await stub.write(place.roots + pageSize * n + 8 * probeFirst, quadwords([pointer(middle)]))
    await stub.write(middle, quadwords([pointer(place.probeLasts + pageSize * n)]))
  }
  for (let page = place.marked; page < place.markedEnd; page += pageSize) await stub.write(page, quadwords([BigInt(page / pageSize)]))
  await stub.write(place.landPage, calls)
  await stub.write(place.codePage, calls)
}

interface Processor { readonly identity: Identity; readonly version: string; readonly loop: RecordLoop }

const processor = async (cpu: string): Promise<Processor> => {
  const kernel = { image, at: symbols.start, ...symbols, done: Number(kseg + BigInt(symbols.done)), records: place.records, recordSize: 8 * recordSize, capacity: 256, word: 8, bigEndian: false } as const
  const counter = 64
  const loop = new RecordLoop(kernel, {
    start: () => startQemu(program, ['-M', 'clipper', '-cpu', cpu], { base: 0, size: 32 << 20 }),
    prepare: ({ stub }) => prepare(stub),
    // PALmode is where the processor is at reset, and where the kernel ends.
    enter: ({ stub }) => stub.setRegister(counter, bytesOf(kseg + BigInt(symbols.start), 8, false)),
  })
  try {
    const { stub, version } = await loop.warm()
    await stub.setRegister(counter, bytesOf(kseg + BigInt(symbols.identity), 8, false))
    if (!await stub.run(5000)) throw new EmulatorFailure('the test kernel does not tell AMASK and IMPLVER')
    const view = new DataView((await stub.read(symbols.first, 16)).slice().buffer)
    return { identity: { AMASK: view.getBigUint64(0, true), IMPLVER: view.getBigUint64(8, true) }, version, loop }
  } catch (error) {
    loop.end()
    throw error
  }
}

export const alpha: BenchMaker = async (isa): Promise<Bench> => {
  const first = await processor(processors[0])
  const second = await processor(processors[1]).catch((error: unknown) => {
    first.loop.end()
    throw error
  })
  const all = [first, second] as const
  const of = ({ before }: Trial): Processor => all.find(({ identity }) => identity.AMASK === before.registers.get('AMASK')) ?? first
  return {
    emulator: `QEMU ${first.version}, ${program.program} -M clipper -cpu ${processors.join(' and ')}`,
    excluded: new Map(),
    limits: limitsOf(isa, all.map((p) => p.identity)),
    deviations,
    draw: drawing([first.identity, second.identity]),
    run: async (trials) => {
      const answers = new Map<Trial, Answer>()
      for (const p of all) {
        const mine = trials.filter((t) => of(t) === p)
        for (const [i, record] of (await p.loop.run(mine.map(recordOf))).entries()) answers.set(mine[i]!, answerOf(mine[i]!, record))
      }
      return trials.map((t) => answers.get(t)!)
    },
    end: () => { for (const p of all) p.loop.end() },
  }
}
