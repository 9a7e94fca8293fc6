// Each parameter changes what the hart that runs does, as the manuals allow; and none that they do not allow is taken.
import { describe, expect, it } from 'vitest'
import { accessCases, regionLooks, type Choices, type Look } from './choices-access.fixture.ts'
import { controlCases } from './choices-control.fixture.ts'
import { errorCases } from './choices-errors.fixture.ts'
import { eventCases } from './choices-events.fixture.ts'
import { misaCases } from './choices-misa.fixture.ts'
import { read, reads, stepped, write, written } from './choices-looks.fixture.ts'
import { registerCases } from './choices-registers.fixture.ts'
import { blockCases, blockRegionLooks } from './choices-blocks.fixture.ts'
import { cacheCases } from './choices-caches.fixture.ts'
import { choicesOf } from './choices.ts'
import { riscv, riscvHart } from './isa.ts'
import type { Attribute } from './memory-values.ts'
import { defaults, parameters, type Parameters } from './parameters.ts'
import { base, code, machineOf, said, type Given } from './running.fixture.ts'
import { resetOf } from './running.ts'
import { declareState } from './state.ts'

type Name = keyof Omit<Parameters, 'translation' | 'xlen'>

const all = (1n << 64n) - 1n, a = base + 0x100n
const [lw, ld, amo, lr, sc, ebreak, nop] = [0x0005a503, 0x0005b503, 0x00c5a52f, 0x1005a52f, 0x18a6a62f, 0x00100073, 0x13]
const reset = (name: string) => (choices: Choices): unknown => resetOf(declareState({ ...defaults, xlen: 64, ...choices })).registers[name] ?? 0n
/** LR at `a`, then what SC there and so many bytes further comes to, and whether it failed. */
const pair = (further: bigint, word = sc) => (choices: Choices): unknown => {
  const m = machineOf({ words: [lr, word], x: { 11: a, 13: a + further }, choices })
  m.step()
  return [said(m.step()), m.bank('x').get(12n)]
}
const inS = { 'mstatus.MPRV': 1n, 'mstatus.MPP': 1n }
const table = base + 0x1000n, page = (address: bigint, flags: bigint): bigint => ((address >> 12n) << 10n) | flags
const translated = (memory: Given['memory']): Given => ({ words: [lw], x: { 11: 0x2000n }, registers: { ...inS, 'satp.MODE': 8n, 'satp.PPN': table >> 12n }, memory: memory! })
/** Of CSRs, each of which is looked at by itself: one hart, as making one takes time. */
const other = {
  timeRegister: 'traps', misa: '0', dirtiness: 'tracked', vectoredAlignment: 64, delegableExceptions: 0xb109n, delegatedInterrupts: 2n,
  counterEnables: 5n, supervisorCounterEnables: 7n, illegalValue: 'zero', breakpointValue: 'zero', addressValues: [],
  pmpEntries: 8, pmpGranularity: 4096, reservedPmp: 'no W', triggerRegisters: 'read-only 0', asidBits: 7,
} as const satisfies Choices

/** Memory below 0x1000, and a page above it without these attributes. */
const besides = (...without: readonly Attribute[]): Choices => ({ regions: [...defaults.regions, { base: 0n, size: 0x1000n }, { base: 0x1000n, size: 0x1000n, without }] })

/** What it holds after a load outside memory. */
const trapValue = (name: 'mtval' | 'stval', registers: Given['registers']) => (choices: Choices): unknown => {
  const m = machineOf({ words: [lw], x: { 11: 0x1001n }, registers: registers!, choices })
  m.step()
  return m.register(name)
}
/** A load as S-mode once PMP, which allowed all, allows nothing, after these instructions. */
const pmpChanged = (words: readonly number[], choices: Choices): string => {
  const m = machineOf({ words: [write(0x3a0), ...words, lw], x: { 10: 0n, 11: a }, registers: inS, choices })
  if (choices.pmpSettings === 'after SFENCE.VMA') {
    m.bank('pmpcfg in force').set(0n, 0x1fn)
    m.bank('pmpaddr in force').set(0n, -1n)
  }
  m.run(1 + words.length)
  return said(m.step())
}

/** By parameter: what is looked at, and what that is for each choice. The first is the default. */
const cases: Readonly<Record<Exclude<Name, 'reservedCsr' | 'extensions'>, readonly Look[]>> = {
  ...accessCases, ...cacheCases, ...blockCases,
  ...controlCases,
  ...misaCases,
  ...eventCases, ...errorCases,
  ...registerCases,
  misaligned: [[stepped({ words: [lw], x: { 11: a + 1n } }), [{}, 'LW'], [{ misaligned: 'trapped' }, 'load address misaligned, 80000101'], [{ misaligned: 'access fault' }, 'load access fault, 80000101']]],
  misalignedAtomics: [
    [stepped({ words: [amo], x: { 11: a + 2n } }), [{}, 'store/AMO access fault, 80000102'], [{ misalignedAtomics: 'trapped' }, 'store/AMO address misaligned, 80000102']],
    [stepped({ words: [lr], x: { 11: a + 2n } }), [{}, 'load access fault, 80000102'], [{ misalignedAtomics: 'trapped' }, 'load address misaligned, 80000102']],
    [stepped({ words: [sc], x: { 13: a + 2n } }), [{}, 'store/AMO access fault, 80000102'], [{ misalignedAtomics: 'trapped' }, 'store/AMO address misaligned, 80000102']],
    [stepped({ words: [lw], x: { 11: a + 2n } }), [{}, 'LW'], [{ misalignedAtomics: 'trapped' }, 'LW']],
  ],
  misalignedReservations: [[stepped({ words: [lr], x: { 11: a + 2n } }), [{}, 'load access fault, 80000102'], [{ misalignedReservations: 'trapped' }, 'load address misaligned, 80000102'], [{ misalignedAtomics: 'trapped', misalignedReservations: 'access fault' }, 'load access fault, 80000102']], [stepped({ words: [amo], x: { 11: a + 2n } }), [{ misalignedReservations: 'trapped' }, 'store/AMO access fault, 80000102']]],
  atomicityGranule: [
    [stepped({ words: [amo], x: { 11: a + 11n } }), [{}, 'store/AMO access fault, 8000010b'], [{ atomicityGranule: 16 }, 'AMOADD.W'], [{ atomicityGranule: 8 }, 'AMOADD.W']],
    [stepped({ words: [amo], x: { 11: a + 13n } }), [{ atomicityGranule: 16 }, 'store/AMO access fault, 8000010d']],
    [stepped({ words: [lr], x: { 11: a + 2n } }), [{ atomicityGranule: 16 }, 'load access fault, 80000102']],
    [stepped({ words: [ld], x: { 11: a + 5n } }), [{ misaligned: 'trapped', atomicityGranule: 16 }, 'LD'], [{ misaligned: 'access fault', atomicityGranule: 8 }, 'load access fault, 80000105']],
  ],
  misalignedPriority: [[stepped({ words: [lw], x: { 11: 0x1001n } }), [{ misaligned: 'trapped' }, 'load address misaligned, 1001'], [{ misaligned: 'trapped', misalignedPriority: 'below other faults' }, 'load access fault, 1001']]],
  reservationSet: [
    [pair(8n), [{}, ['SC.W', 1n]], [{ reservationSet: 8 }, ['SC.W', 1n]], [{ reservationSet: 64 }, ['SC.W', 0n]]],
    [pair(64n), [{ reservationSet: 64 }, ['SC.W', 1n]], [{ reservationSet: 4096 }, ['SC.W', 0n]]],
  ],
  reservationWidth: [[pair(0n, 0x18a6b62f), [{}, ['SC.D', 0n]], [{ reservationWidth: 'that of LR' }, ['SC.D', 1n]]]],
  reservationEnds: [[(choices) => { const m = machineOf({ words: [ebreak], registers: { 'reservation valid': 1n }, choices }); m.step(); return m.register('reservation valid') }, [{}, 0n], [{ reservationEnds: 'at SC' }, 1n], [{ reservationEnds: 'at SC and traps' }, 0n], [{ reservationEnds: 'at SC and returns' }, 1n]],
    ...[0x30200073, 0x10200073].map((ret) => [(choices: Choices) => { const m = machineOf({ words: [ret], registers: { 'reservation valid': 1n }, choices }); m.step(); return m.register('reservation valid') }, [{}, 0n], [{ reservationEnds: 'at SC and traps' }, 1n], [{ reservationEnds: 'at SC and returns' }, 0n]] as const)],
  failingSc: [
    [stepped({ words: [sc], x: { 13: 0x1000n } }), [{}, 'store/AMO access fault, 1000'], [{ failingSc: 'not checked' }, 'SC.W']],
    [stepped({ words: [sc], x: { 13: 0x1002n } }), [{ failingSc: 'not checked' }, 'store/AMO access fault, 1002']],
    [pair(0n), [{ failingSc: 'not checked' }, ['SC.W', 0n]]],
  ],
  reservedEncodings: [
    // C.JR of x0, C.ADDI4SPN of 0, C.ADDIW and C.LWSP to x0, C.LUI and C.ADDI16SP of 0, a word of each quadrant, and one of 32 bits.
    ...([[0x8002, 'C.JR'], [0x0004, 'C.ADDI4SPN'], [0x2005, 'C.ADDIW'], [0x4002, 'C.LWSP'], [0x6501, 'C.LUI'], [0x6101, 'C.ADDI16SP'], [0x8000, 'reserved encoding of 16 bits, quadrant 0'], [0x9c41, 'reserved encoding of 16 bits, quadrant 1'], [0x5b, 'reserved encoding of 32 bits']] as const)
      .map(([word, is]) => [stepped({ words: [word, nop] }), [{}, `illegal instruction, ${word.toString(16)}`], [{ reservedEncodings: 'no effect' }, is]] as const),
    ...[0, -1, 0x1f].map((word) => [stepped({ words: [word] }), ...[{}, { reservedEncodings: 'no effect' } as const].map((c) => [c, word === 0 ? 'illegal instruction' : `illegal instruction, ${(word >>> 0).toString(16)}`] as const)] as const),
    [(choices) => { const m = machineOf({ words: [0x8002, 0x4002, 0x5b, nop], x: { 2: 1n }, choices }); m.run(4); return [m.register('pc'), m.register('minstret')] }, [{ reservedEncodings: 'no effect' }, [code + 12n, 4n]]],
  ],
  staticReservedRounding: [5, 6].map((rm) => [stepped({ words: [rm << 12 | 0x53], registers: { 'mstatus.FS': 3n } }), [{}, `illegal instruction, ${rm}053`], [{ staticReservedRounding: 'round to nearest, ties to even' }, 'FADD.S'], [{ dynamicReservedRounding: 'round to nearest, ties to even' }, `illegal instruction, ${rm}053`]]),
  dynamicReservedRounding: [5n, 6n, 7n].map((frm) => [stepped({ words: [0x7053], registers: { 'mstatus.FS': 3n, frm } }), [{}, 'illegal instruction, 7053'], [{ dynamicReservedRounding: 'round to nearest, ties to even' }, 'FADD.S'], [{ staticReservedRounding: 'round to nearest, ties to even' }, 'illegal instruction, 7053']]),
  timeRegister: [[stepped({ words: [read(0xc01)] }), [{}, 'CSRRS counter'], [other, 'illegal instruction']]],
  misa: [[reads(0x301, []), [{}, 0x8000_0000_0014_112dn], [other, 0n]]],
  mvendorid: [[reset('mvendorid'), [{}, 0n], [{ mvendorid: 0x60an }, 0x60an]]],
  marchid: [[reset('marchid'), [{}, 0n], [{ marchid: 5n }, 5n]]],
  mimpid: [[reset('mimpid'), [{}, 0n], [{ mimpid: 7n }, 7n]]],
  mhartid: [[reset('mhartid'), [{}, 0n], [{ mhartid: 3n }, 3n]]],
  mconfigptr: [[reset('mconfigptr'), [{}, 0n], [{ mconfigptr: 0x1000n }, 0x1000n]]],
  SXL: [
    [written(0x300, 1n << 34n, { registers: { 'mstatus.SXL': 2n } }), [{ SXL: 'writable', UXL: 'copy of SXL' }, 0x5_0000_0000n]], [written(0x300, 1n << 34n), [{}, 0xa_0000_0000n]],
    [stepped({ words: [0x02051513], registers: { priv: 1n } }), [{}, 'SLLI']], [stepped({ words: [0x02051513], registers: { priv: 1n, 'mstatus.SXL': 1n } }), [{ SXL: 'writable', UXL: 'copy of SXL' }, 'illegal instruction, 2051513']],
  ],
  UXL: [
    [written(0x300, 1n << 32n), [{}, 0xa_0000_0000n], [{ UXL: 'writable' }, 0x9_0000_0000n]],
    [stepped({ words: [0x02051513], registers: { priv: 0n } }), [{}, 'SLLI']], [stepped({ words: [0x02051513], registers: { priv: 0n, 'mstatus.UXL': 1n } }), [{ UXL: 'writable' }, 'illegal instruction, 2051513']],
  ],
  otherWidths: [
    ...[0n, 3n].flatMap((other): Look[] => [
      [written(0x300, other << 32n, { registers: { 'mstatus.UXL': 2n } }), [{ UXL: 'writable' }, 0xa_0000_0000n], [{ UXL: 'writable', otherWidths: '32' }, 0x9_0000_0000n]],
      [written(0x300, other << 34n, { registers: { 'mstatus.SXL': 2n } }), [{ SXL: 'writable', UXL: 'copy of SXL' }, 0xa_0000_0000n], [{ SXL: 'writable', UXL: 'copy of SXL', otherWidths: '32' }, 0x5_0000_0000n]],
      // The registers of S-mode have 32 bits then.
      [reads(0x140, [[0x300, other << 34n]], { registers: { 'mstatus.SXL': 2n, sscratch: 0x1_0000_0005n } }), [{ SXL: 'writable', UXL: 'copy of SXL' }, 0x1_0000_0005n], [{ SXL: 'writable', UXL: 'copy of SXL', otherWidths: '32' }, 5n]],
    ]),
    [written(0x300, 2n << 32n, { registers: { 'mstatus.UXL': 1n } }), [{ UXL: 'writable', otherWidths: '32' }, 0xa_0000_0000n]],
  ],
  // C.ADDI, C.SLLI, C.SRLI and C.SRAI by 0; C.ADDI by 1, C.MV and ADDI of the same register are no such hints.
  highBitsOfHints: ([[0x0501, true], [0x0502, true], [0x8101, true], [0x8501, true], [0x852a, false], [0x00050513, false], [0x0505, false]] as const).map(([word, isHint]): Look => {
    const extended = 0xffff_ffff_8000_0000n + (word === 0x0505 ? 1n : 0n)
    return [(choices) => {
      const m = machineOf({ words: [word], x: { 10: 0x1_8000_0000n }, registers: { priv: 0n, 'mstatus.UXL': 1n }, choices: { UXL: 'writable', ...choices } })
      m.step()
      return m.bank('x').get(10n)
    }, [{}, extended], [{ highBitsOfHints: 'unchanged' }, isHint ? 0x1_8000_0000n : extended]]
  }),
  dirtiness: [[written(0x300, 0x2000n), [{}, 0x8000_000a_0000_6000n], [other, 0xa_0000_2000n]]],
  vectorModes: [
    [written(0x305, 0x1001n), [{}, 0x1001n], [{ vectorModes: 'direct' }, 0n], [{ vectorModes: 'direct', reservedVectorMode: 'MODE kept' }, 0x1000n], [{ vectorModes: 'direct', reservedVectorMode: 'bit 1 ignored' }, 0x1000n], [{ vectorModes: 'vectored' }, 0x1001n]],
    [written(0x305, 0x1000n), [{}, 0x1000n], [{ vectorModes: 'vectored' }, 0n], [{ vectorModes: 'vectored', reservedVectorMode: 'bit 1 ignored' }, 0x1001n]],
    [written(0x105, 0x1001n), [{ vectorModes: 'direct' }, 0x1001n]], [reset('mtvec.MODE'), [{}, 0n], [{ vectorModes: 'vectored' }, 1n]],
  ],
  supervisorVectorModes: [[written(0x105, 0x1001n), [{}, 0x1001n], [{ supervisorVectorModes: 'direct' }, 0n], [{ supervisorVectorModes: 'vectored' }, 0x1001n]], [written(0x305, 0x1001n), [{ supervisorVectorModes: 'direct' }, 0x1001n]], [reset('stvec.MODE'), [{ supervisorVectorModes: 'vectored' }, 1n]]],
  vectorBits: [[written(0x305, all - 2n), [{}, all - 2n], [{ vectorBits: 32 }, 0xffff_fffdn], [{ vectorBits: 32, vectoredAlignment: 256 }, 0xffff_ff01n]], [written(0x105, all - 2n), [{ vectorBits: 32 }, all - 2n]]],
  ppnBits: [[written(0x180, (8n << 60n) | ((1n << 44n) - 1n)), [{}, (8n << 60n) | ((1n << 44n) - 1n)], [{ ppnBits: 20 }, (8n << 60n) | 0xf_ffffn], [{ ppnBits: 40, physicalAddressBits: 32 }, (8n << 60n) | 0xf_ffffn]], [written(0x3b0, all, { pmp: [] }), [{ ppnBits: 20 }, (1n << 54n) - 1n]]],
  directAlignment: [[written(0x305, 0x1fcn), [{}, 0x1fcn], [{ directAlignment: 64 }, 0x1c0n]], [written(0x305, 0x1fdn), [{ directAlignment: 64 }, 0x1fdn]], [written(0x105, 0x1fcn), [{ directAlignment: 64 }, 0x1fcn]]],
  vectoredAlignment: [[written(0x305, 0x1fdn), [{}, 0x1fdn], [other, 0x1c1n]], [written(0x305, 0x1fcn), [other, 0x1fcn]], [written(0x105, 0x1fdn), [other, 0x1fdn]]],
  supervisorVectoredAlignment: [[written(0x105, 0x1fdn), [{}, 0x1fdn], [{ supervisorVectoredAlignment: 64 }, 0x1c1n]], [written(0x305, 0x1fdn), [{ supervisorVectoredAlignment: 64 }, 0x1fdn]]],
  reservedVectorMode: [[reads(0x305, [[0x305, 0x1000n], [0x305, 0x2003n]]), [{}, 0x1000n], [{ reservedVectorMode: 'MODE kept' }, 0x2000n], [{ reservedVectorMode: 'bit 1 ignored' }, 0x2001n]], [reads(0x105, [[0x105, 0x1001n], [0x105, 0x2002n]]), [{ reservedVectorMode: 'MODE kept' }, 0x1001n]]],
  supervisorReservedVectorMode: [[reads(0x105, [[0x105, 0x1001n], [0x105, 0x2002n]]), [{}, 0x1001n], [{ supervisorReservedVectorMode: 'MODE kept' }, 0x2001n], [{ supervisorReservedVectorMode: 'bit 1 ignored' }, 0x2000n]]],
  delegableExceptions: [[written(0x302, all), [{}, 0xb3ffn], [other, 0xb109n]]],
  delegatedInterrupts: [
    [written(0x303, 0n), [{}, 0n], [other, 2n]], [written(0x303, all), [other, 0x222n]], [written(0x104, 2n), [{}, 0n], [other, 2n]],
    [stepped({ words: [nop], registers: { priv: 1n, 'mip.SSIP': 1n, 'mie.SSIE': 1n } }), [{}, 'supervisor software interrupt'], [other, 'ADDI']],
    [(choices) => { const m = machineOf({ words: [nop], registers: { priv: 0n, 'mip.SSIP': 1n, 'mie.SSIE': 1n }, choices }); m.step(); return [m.register('priv'), m.register('scause')] }, [{}, [3n, 0n]], [other, [1n, (1n << 63n) | 1n]]],
  ],
  counterEnables: [[written(0x306, all), [{}, 0xffff_ffffn], [other, 5n]]],
  supervisorCounterEnables: [[written(0x106, all), [{}, 0xffff_ffffn], [other, 7n]]],
  cycles: [[(choices) => { const m = machineOf({ words: [nop, -1], choices }); m.run(2); return [m.register('mcycle'), m.register('minstret')] }, [{}, [2n, 1n]], [{ cycles: 3 }, [6n, 1n]]]],
  illegalValue: [[stepped({ words: [-1] }), [{}, 'illegal instruction, ffffffff'], [{ illegalValue: 'zero' }, 'illegal instruction']]],
  breakpointValue: [[written(0x343, 9n), [{}, 9n], [{ ...other, breakpointValue: 'pc' }, 9n], [other, 0n]], [written(0x143, 9n), [other, 9n]], [stepped({ words: [ebreak] }), [{}, 'breakpoint, 80008000'], [{ breakpointValue: 'zero' }, 'breakpoint']]],
  fiom: [[written(0x30a, 1n), [{}, 1n], [{ schemes: [], fiom: 'read-only 0' }, 0n]], [written(0x10a, 1n), [{}, 1n], [{ schemes: [], fiom: 'read-only 0' }, 0n]]],
  mseccfg: [[written(0x747, all), [{}, 'illegal instruction, 74751073'], [{ mseccfg: 'always' }, 0n], [{ extensions: ['Zkr'] }, 0x300n]]],
  mtvalWithout: [[trapValue('mtval', {}), [{}, 0x1001n], [{ mtvalWithout: ['load access fault'] }, 0n], [{ stvalWithout: ['load access fault'], mtvalWithout: ['store/AMO access fault'] }, 0x1001n]], [written(0x343, 9n), [{ illegalValue: 'zero', breakpointValue: 'zero', addressValues: ['load access fault'], mtvalWithout: ['load access fault'] }, 0n]]],
  stvalWithout: [[trapValue('stval', { priv: 1n, 'medeleg[9:0]': 1n << 5n }), [{}, 0x1001n], [{ stvalWithout: ['load access fault'] }, 0n], [{ mtvalWithout: ['load access fault'] }, 0x1001n]]],
  resetPc: [[reset('pc'), [{}, 0x8000_0000n], [{ resetPc: 0x1000n }, 0x1000n]]],
  resetState: [
    [reset('mcause'), [{}, 0n], [{ resetState: { mcause: 3n } }, 3n]],
    [(choices) => resetOf(declareState({ ...defaults, xlen: 64, ...choices })).cells, [{}, []], [{ resetState: { 'pmpcfg[2]': 0x9fn } }, [{ bank: 'pmpcfg', index: 2, value: 0x9fn }]]],
  ],
  regions: [...regionLooks, ...blockRegionLooks, [stepped({ words: [lw], x: { 11: 0x1000n } }), [{}, 'load access fault, 1000'], [{ regions: [...defaults.regions, { base: 0x1000n, size: 0x1000n }] }, 'LW']], ...([
    [lw, 2, 'LW', 'load access fault, 1002'], [lw, 4, 'LW', 'LW'], [amo, 4, 'AMOADD.W', 'store/AMO access fault, 1004'], [lr, 4, 'LR.W', 'load access fault, 1004'], [sc, 4, 'SC.W', 'store/AMO access fault, 1004'],
    [ld, -3, 'LD', 'load access fault, 1000'], [0x00a6a023, 4, 'SW', 'store/AMO access fault, 1004'], [amo, 2, 'store/AMO access fault, 1002', 'store/AMO access fault, 1002'],
  ] as const).map(([word, further, memory, device]) => [stepped({ words: [word], x: { 11: 0x1000n + BigInt(further), 13: 0x1000n + BigInt(further) } }), [besides(), memory], [besides('misaligned accesses', 'reservations', 'atomic operations', 'stores', 'fetches'), device]] as const),
    [stepped({ registers: { pc: 0x1000n }, memory: [[0x1000n, 0x13n]] }), [besides(), 'ADDI'], [besides('fetches'), 'instruction access fault, 1000']],
    [stepped({ ...translated([[0x1000n, page(base, 0x0fn)]]), registers: { ...inS, 'satp.MODE': 8n, 'satp.PPN': 1n } }), [{ ...besides(), accessedDirty: 'hardware' }, 'LW'], [{ ...besides('stores'), accessedDirty: 'hardware' }, 'load access fault, 2000']]],
  physicalAddressBits: [
    [written(0x180, (8n << 60n) | ((1n << 44n) - 1n)), [{}, (8n << 60n) | ((1n << 44n) - 1n)], [{ physicalAddressBits: 40 }, (8n << 60n) | ((1n << 28n) - 1n)]],
    [written(0x3b0, all, { pmp: [] }), [{}, (1n << 54n) - 1n], [{ physicalAddressBits: 32 }, (1n << 30n) - 1n]],
    // An entry with all ones still is all of memory.
    [stepped({ words: [write(0x3b0), write(0x3a0)], x: { 10: all } }), [{ physicalAddressBits: 32 }, 'CSRRW machine']],
    [(choices) => { const m = machineOf({ words: [write(0x3b0), lw], x: { 10: all, 11: a }, registers: inS, pmp: [[0x19n, 0n]], choices }); m.step(); return said(m.step()) }, [{}, 'LW'], [{ physicalAddressBits: 32 }, 'LW']],
  ],
  pmpConstants: [
    [written(0x3a0, 0x1f1fn), [{}, 0x1f1fn], [{ pmpConstants: { 1: { config: 0x98n, address: 7n } } }, 0x981fn]],
    [written(0x3b1, 5n), [{}, 5n], [{ pmpConstants: { 1: { config: 0x98n, address: 7n } } }, 7n]],
    // The entry before it bounds a range (TOR), and it is locked.
    [written(0x3b0, 5n, { pmp: [] }), [{}, 5n], [{ pmpConstants: { 1: { config: 0x98n, address: 7n } } }, 5n], [{ pmpConstants: { 1: { config: 0x88n, address: 7n } } }, 0n]],
    [stepped({ words: [lw], x: { 11: a }, pmp: [] }), [{}, 'LW'], [{ pmpConstants: { 0: { config: 0x98n, address: (1n << 54n) - 1n } } }, 'instruction access fault, 80008000']],
    [stepped({ words: [lw], x: { 11: a }, pmp: [] }), [{ pmpConstants: { 0: { config: 0x9cn, address: (1n << 54n) - 1n } } }, 'load access fault, 80000100']],
  ],
  pmpModes: [
    [written(0x3a0, 0x0a0b_1213_1a1bn, { pmp: [] }), [{}, 0x0a0b_1213_1a1bn], [{ pmpModes: ['NAPOT'] }, 0x1a1b_1a1b_1a1bn], [{ pmpModes: ['TOR'], otherPmpMode: 'OFF' }, 0x0a0b_0203_0203n]],
  ],
  pmpLock: [[written(0x3a0, 0x80n), [{}, 0x80n], [{ pmpLock: 'read-only 0' }, 0n]]],
  pmpEntries: [
    [stepped({ words: [lw], x: { 11: a }, registers: inS, pmp: [] }), [{}, 'load access fault, 80000100'], [{ pmpEntries: 0 }, 'LW'], [{ pmpEntries: 1 }, 'load access fault, 80000100']],
    [written(0x3b8, 5n), [{}, 5n], [other, 0n], [{ pmpEntries: 0 }, 'illegal instruction, 3b851073']],
    [written(0x3a2, all), [{}, 0x9f9f_9f9f_9f9f_9f9fn], [{ pmpEntries: 10 }, 0x9f9fn], [other, 0n]],
    [written(0x3ef, 5n), [{}, 'illegal instruction, 3ef51073'], [{ pmpEntries: 64 }, 5n], [{ pmpEntries: 63 }, 0n]],
    [written(0x3ae, 0x1fn << 56n), [{}, 'illegal instruction, 3ae51073'], [{ pmpEntries: 64 }, 0x1fn << 56n]],
  ],
  pmpGranularity: [
    // The manual's way to find it: all ones to an address register of an entry that is off.
    [written(0x3b0, all, { pmp: [] }), [{}, (1n << 54n) - 1n], [{ pmpGranularity: 8 }, (1n << 54n) - 2n], [{ pmpGranularity: 4096 }, ((1n << 54n) - 1n) & ~0x3ffn]],
    [reads(0x3b0, [[0x3b0, 0n], [0x3a0, 0x18n]], { pmp: [] }), [{}, 0n], [{ pmpGranularity: 8 }, 0n], [{ pmpGranularity: 16 }, 1n], [{ pmpGranularity: 4096 }, 0x1ffn]],
    // What is stored stays while A is TOR.
    [reads(0x3b0, [[0x3b0, 0x5ffn], [0x3a0, 0x8n], [0x3a0, 0x18n]], { pmp: [] }), [{ pmpGranularity: 4096 }, 0x5ffn]],
    [written(0x3a0, 0x11n), [{}, 0x11n], [{ pmpGranularity: 8 }, 0x19n]],
    [stepped({ words: [lw], x: { 11: a }, registers: inS, pmp: [[0x9n, (a >> 2n) + 1n]] }), [{}, 'LW'], [{ pmpGranularity: 4096 }, 'load access fault, 80000100']],
    [stepped({ words: [lw], x: { 11: a }, registers: inS, pmp: [[0n, (a >> 2n) + 1n], [0x9n, (a >> 2n) + 0x400n]] }), [{}, 'load access fault, 80000100'], [{ pmpGranularity: 4096 }, 'LW']],
    [stepped({ words: [lw], x: { 11: a }, registers: inS, pmp: [[0x19n, base >> 2n]] }), [{}, 'load access fault, 80000100'], [{ pmpGranularity: 4096 }, 'LW']],
  ],
  otherPmpMode: [[written(0x3a0, 0x11n, { pmp: [[0x08n, 0n]] }), [{ pmpGranularity: 8 }, 0x19n], [{ pmpGranularity: 8, otherPmpMode: 'OFF' }, 1n], [{ pmpGranularity: 8, otherPmpMode: 'A kept' }, 9n]]],
  reservedPmp: [[written(0x3a0, 0x1an, { pmp: [[5n, 0n]] }), [{}, 0x1an], [other, 0x18n], [{ reservedPmp: 'write ignored' }, 5n]]],
  triggerRegisters: [[reads(0x7a1, []), [{}, 'illegal instruction, 7a102573'], [other, 0n]]],
  schemes: [
    [written(0x180, 8n << 60n), [{}, 8n << 60n], [{ schemes: [] }, 0n]], [written(0x180, 9n << 60n), [{}, 0n], [{ schemes: ['Sv39', 'Sv48'] }, 9n << 60n]], [written(0x180, 10n << 60n), [{ schemes: ['Sv39', 'Sv48'] }, 0n], [{ schemes: ['Sv39', 'Sv48', 'Sv57'] }, 10n << 60n]],
    [written(0x100, 1n << 18n), [{}, (1n << 18n) | (2n << 32n)], [{ schemes: [] }, 2n << 32n]],
  ],
  asidBits: [[written(0x180, (8n << 60n) | (0xffffn << 44n)), [{}, (8n << 60n) | (0xffffn << 44n)], [other, (8n << 60n) | (0x7fn << 44n)], [{ asidBits: 0 }, 8n << 60n]]],
  bareFields: [[reads(0x180, [[0x180, (8n << 60n) | 5n], [0x180, 7n]]), [{}, 7n], [{ bareFields: '0' }, 0n], [{ bareFields: 'unchanged' }, 5n], [{ bareFields: 'write ignored' }, (8n << 60n) | 5n]], [reads(0x180, [[0x180, (8n << 60n) | 5n], [0x180, 0n]]), [{ bareFields: 'unchanged' }, 0n], [{ bareFields: 'write ignored' }, 0n]], [reads(0x180, [[0x180, (8n << 60n) | 5n], [0x180, (8n << 60n) | 7n]]), [{ bareFields: 'write ignored' }, (8n << 60n) | 7n]]],
  bare: [
    [reads(0x180, [[0x180, (8n << 60n) | 5n], [0x180, 0n]]), [{}, 0n], [{ bare: 'absent' }, (8n << 60n) | 5n]], [reset('satp.MODE'), [{}, 0n], [{ bare: 'absent' }, 8n], [{ bare: 'absent', schemes: ['Sv48', 'Sv39'] }, 9n]],
  ],
  mxrWithBareOnly: [[written(0x300, 1n << 19n), [{ schemes: [] }, 0xa_0008_0000n], [{ schemes: [], mxrWithBareOnly: 'read-only 0' }, 0xa_0000_0000n]]],
  pmpSettings: [
    // All is allowed, then nothing is for S-mode; a load as S-mode follows.
    [(choices) => pmpChanged([], choices), [{}, 'load access fault, 80000100'], [{ pmpSettings: 'after SFENCE.VMA' }, 'LW']],
    [(choices) => pmpChanged([0x12000073], choices), [{ pmpSettings: 'after SFENCE.VMA' }, 'load access fault, 80000100']],
    [(choices) => pmpChanged([0x12058073], choices), [{ pmpSettings: 'after SFENCE.VMA' }, 'LW']], [(choices) => pmpChanged([0x12b00073], choices), [{ pmpSettings: 'after SFENCE.VMA' }, 'LW']],
    [(choices) => resetOf(declareState({ ...defaults, xlen: 64, translation: 'walk', resetState: { 'pmpcfg[1]': 0x1fn }, ...choices })).cells.map(({ bank }) => bank), [{}, ['pmpcfg']], [{ pmpSettings: 'after SFENCE.VMA' }, ['pmpcfg', 'pmpcfg in force']]],
  ],
  sfenceWithBareOnly: [[stepped({ words: [0x12000073] }), [{}, 'SFENCE.VMA'], [{ schemes: [] }, 'SFENCE.VMA'], [{ schemes: [], sfenceWithBareOnly: 'illegal instruction' }, 'illegal instruction, 12000073']]],
  accessedDirty: [[stepped(translated([[table, page(base, 0x0fn)]])), [{}, 'load page fault, 2000'], [{ accessedDirty: 'hardware' }, 'LW']]],
  reservedPointerBits: [[stepped(translated([[table, page(base + 0x2000n, 0x41n)], [base + 0x2000n, page(base, 0xcfn)]])), [{}, 'load page fault, 2000'], [{ reservedPointerBits: 'ignored' }, 'LW']]],
}

describe('each choice is made', () => {
  it.each(Object.entries(cases).map(([name, looks]) => ({ name, looks })))('$name', ({ looks }) => {
    for (const [look, ...choices] of looks) expect(choices.map(([c]) => look(c))).toEqual(choices.map(([, is]) => is))
  })
  it('and every parameter has two that differ', () => {
    const elsewhere = ['xlen', 'translation', 'extensions', 'reservedCsr']
    expect([...Object.keys(cases), ...elsewhere].sort()).toEqual(['xlen', 'translation', ...Object.keys(parameters)].sort())
    for (const [name, looks] of Object.entries(cases)) {
      expect(new Set(looks.flatMap(([, ...choices]) => choices.map(([, is]) => JSON.stringify(is, (_, v: unknown) => (typeof v === 'bigint' ? `${v}` : v))))).size, name).toBeGreaterThan(1)
    }
  })
})

describe('RV32', () => {
  const rv32 = (csr: number, value: bigint, choices: Choices): bigint => {
    const m = machineOf({ name: 'riscv32', words: [write(csr), read(csr)], x: { 10: value }, pmp: [], choices })
    m.run(2)
    return m.bank('x').get(10n)
  }
  it('has the same choices, and fewer bits of some', () => {
    expect([rv32(0x180, 0xffff_ffffn, {}), rv32(0x180, 0x7fff_ffffn, { asidBits: 4 }), rv32(0x180, 0xffff_ffffn, { schemes: [] })]).toEqual([0xffff_ffffn, 0x03ff_ffffn, 0n])
    expect([rv32(0x342, 0xffff_ffffn, {}), rv32(0x342, 0xffff_ffffn, { causeBits: 5 }), rv32(0x142, 0xffff_ffffn, { supervisorCauseBits: 6 })]).toEqual([0xffff_ffffn, 0x8000_001fn, 0x8000_003fn])
    expect([rv32(0x3a1, 0xffff_ffffn, { pmpEntries: 6 }), rv32(0x3b5, 0xffff_ffffn, { pmpEntries: 6, pmpGranularity: 4096 }), rv32(0x3b6, 1n, { pmpEntries: 6 })]).toEqual([0x9f9fn, 0xffff_fc00n, 0n])
    expect([rv32(0x305, 0x1fdn, { vectoredAlignment: 256 }), rv32(0x3ef, 7n, { pmpEntries: 64 })]).toEqual([0x101n, 7n])
    expect([rv32(0x310, 0xffff_ffffn, { MBE: 'writable', SBE: 'copy of MBE' }), rv32(0x310, 0n, { MBE: 'read-only 1', SBE: 'writable' }), rv32(0x300, 0x600n, { vectorStatus: 'writable' }), rv32(0x303, 0xffff_ffffn, { delegableInterrupts: 0x888n })]).toEqual([0x30n, 0x20n, 0x8000_0600n, 0x888n])
    expect([rv32(0xb83, 0xffff_ffffn, { performanceCounterBits: 40 }), rv32(0x323, 0xffff_ffffn, { eventBits: 0xf_0000_00f0n })]).toEqual([0xffn, 0xf0n])
    expect([choicesOf({ ...defaults, xlen: 32 })['asidBits']!.chosen, choicesOf({ ...defaults, xlen: 32 })['causeBits']!.chosen]).toEqual(['9', '31'])
  })
})

describe('what no manual allows', () => {
  it.each<readonly [Choices, RegExp]>([
    [{ misalignedBlock: 2 }, /misalignedBlock/], [{ reservationLife: 15 }, /reservationLife .* 16, which/], [{ fetchBlock: 6 }, /fetchBlock/], [{ misalignedPieces: 8192 }, /misalignedPieces/], [{ misalignedPieces: 8, atomicityGranule: 16 }, /misalignedPieces .* not less than atomicityGranule/], [{ misalignedPieces: 8, regions: [{ base: 0n, size: 32n, granule: 16 }] }, /misalignedPieces/], ...[2, 12, 8192].map((granule): [Choices, RegExp] => [{ regions: [{ base: 0n, size: 1n << 24n, granule }] }, /regions .* of granules/]), [{ regions: [{ base: 8n, size: 32n, granule: 16 }] }, /granules .* multiples/], [{ regions: [{ base: 16n, size: 24n, granule: 16 }] }, /granules .* multiples/], [{ regions: [{ base: 0n, size: 8n, widths: [3 as 4] }] }, /regions .* of widths/],
    [{ atomicityGranule: 12 }, /atomicityGranule .* 4 to 4096, and is 12/], [{ reservationSet: 4 }, /reservationSet/], [{ vectoredAlignment: 6 }, /vectoredAlignment/], [{ directAlignment: 2 }, /directAlignment/], [{ supervisorVectoredAlignment: 8192 }, /supervisorVectoredAlignment/], [{ delegableExceptions: 1n << 11n }, /delegableExceptions/],
    [{ delegableInterrupts: 4n }, /delegableInterrupts/], [{ delegableInterrupts: 0x80n, delegatedInterrupts: 0x80n }, /delegatedInterrupts/], [{ interrupts: 1n }, /interrupts .* 0xaaa/], [{ counterEnables: 1n << 32n }, /counterEnables/], [{ counterEnables: 5n, extensions: ['Sstc'] }, /counterEnables .* with TM/], [{ supervisorCounterEnables: -1n }, /supervisorCounterEnables/], [{ causeBits: 3 }, /causeBits/], [{ extensions: ['Zicfiss'], causeBits: 4 }, /causeBits .* 5 with Zicfiss/], [{ supervisorCauseBits: 4 }, /supervisorCauseBits/],
    [{ busErrors: 17 }, /busErrors .* interruptPriority/], [{ busErrors: 11 }, /busErrors/], [{ busErrors: 'non-maskable interrupt' }, /busErrors .* nmiVector/],
    [{ performanceCounters: 7n }, /performanceCounters .* 0xfffffff8/], [{ performanceCounterBits: 65 }, /performanceCounterBits/], [{ eventBits: 1n << 64n }, /eventBits/], [{ counterInhibit: 2n }, /counterInhibit .* 0xfffffffd/],
    [{ delegableInterrupts: 1n << 16n }, /delegableInterrupts/], [{ interruptPriority: [11, 7, 3, 9, 1, 5] }, /interruptPriority/], [{ interruptPriority: [11, 3, 7, 9, 1, 5, 64] }, /interruptPriority/], [{ interruptPriority: [11, 3, 7, 9, 1, 5, 40], causeBits: 5 }, /causeBits/], [{ interruptDelay: -1 }, /interruptDelay/], [{ writableExtensions: ['F'] }, /writableExtensions .* D/], [{ writableExtensions: ['C', 'C'] }, /writableExtensions/], [{ jointExtensions: ['A', 'M'] }, /jointExtensions/], [{ writableExtensions: ['A', 'M'], jointExtensions: ['A'] }, /jointExtensions .* at least two/], [{ writableExtensions: ['A', 'M'], jointExtensions: ['A', 'A'] }, /jointExtensions/], [{ writableExtensions: ['C'], misa: '0' }, /writableExtensions/], [{ mtvec: 2n }, /mtvec/], [{ mtvec: 0x41n, vectoredAlignment: 128 }, /mtvec/], [{ heldAddressBits: 39 }, /heldAddressBits/], [{ heldAddressBits: 40, schemes: ['Sv39', 'Sv48'] }, /heldAddressBits/], [{ heldAddressBits: 40, regions: [{ base: 1n << 38n, size: 8n }] }, /heldAddressBits/], [{ nmiVector: 1n }, /nmiVector/], [{ nmiVector: 2n, writableExtensions: ['C'] }, /nmiVector/], [{ nmiCode: 64, causeBits: 6 }, /nmiCode/],
    [{ pmpEntries: 65 }, /pmpEntries .* 0 to 64, and is 65/], [{ pmpGranularity: 2 }, /pmpGranularity/], [{ asidBits: 17 }, /asidBits/], [{ ppnBits: 45 }, /ppnBits/], [{ vectorBits: 2 }, /vectorBits/],
    [{ extensions: ['Zicboz'], zeroBlock: 2048 }, /zeroBlock .* 1024 for claims/], [{ extensions: ['Zicbom'], cacheBlock: 4096 }, /cacheBlock .* 1024 for claims/],
    [{ mvendorid: 1n << 32n }, /mvendorid .* 32 bits/], [{ marchid: 1n << 64n }, /marchid/], [{ xlen: 32, mimpid: 1n << 32n }, /mimpid .* XLEN/], [{ mhartid: -1n }, /mhartid/], [{ mconfigptr: 4n }, /mconfigptr .* multiple/], [{ xlen: 32, mconfigptr: 1n << 32n }, /mconfigptr/],
    [{ resetPc: 0x8000_0001n }, /resetPc .* even/], [{ xlen: 32, resetPc: 1n << 32n }, /resetPc/], [{ schemes: ['Sv32', 'Sv48'] }, /schemes .* Sv39 too/], [{ schemes: ['Sv39', 'Sv57'] }, /schemes .* Sv48 too where Sv57/], [{ heldAddressBits: 57, schemes: ['Sv39', 'Sv48', 'Sv57'] }, /heldAddressBits/],
    [{ cycles: 0 }, /cycles/], [{ fiom: 'read-only 0' }, /fiom .* more than Bare/], [{ sfenceWithBareOnly: 'illegal instruction' }, /sfenceWithBareOnly/], [{ resetState: { 'mstatus.MIE': 1n } }, /resetState .* none of pc/], [{ physicalAddressBits: 31 }, /physicalAddressBits/],
    [{ physicalAddressBits: 40, regions: [{ base: 1n << 40n, size: 8n }] }, /physicalAddressBits/], [{ physicalAddressBits: 38 }, /39 for claims/], [{ pmpConstants: { 16: { config: 0n, address: 0n } } }, /pmpConstants/], [{ pmpConstants: { 0: { config: 2n, address: 0n } } }, /pmpConstants/], [{ pmpModes: ['TOR'] }, /otherPmpMode/],
  ])('is refused: %o', (choices, why) => { expect(() => riscv('riscv64', choices)).toThrow(why) })
  it('but RV32 has no Sv48, and its mconfigptr is a multiple of 4', () => { expect(riscv('riscv32', { schemes: ['Sv32', 'Sv48'], mconfigptr: 4n }).name).toBe('riscv32') })
  it.each(['mfrob', 'pmpcfg', 'pmpcfg[16]', 'mcause[0]'])('nor has a hart %s to reset', (name) => { expect(() => riscvHart('riscv64', { resetState: { [name]: 1n } })).toThrow(/resetState: this hart has no/) })
  it('is refused: UXL and SXL on RV32, which has none, and a UXLEN greater than SXLEN', () => {
    expect(() => riscv('riscv32', { UXL: 'writable' })).toThrow(/UXL .* copy of MXL where MXLEN is 32/)
    expect(() => riscv('riscv32', { SXL: 'writable', UXL: 'writable' })).toThrow(/SXL .* copy of MXL where MXLEN is 32/)
    expect(() => riscv('riscv64', { SXL: 'writable' })).toThrow(/UXL .* another where SXL is writable/)
  })
})

describe('what is said of choices', () => {
  it('is each parameter with its section', () => {
    const { choices } = riscv('riscv64', { pmpEntries: 8 })
    expect(choices!['pmpEntries']).toEqual({ chosen: '8', about: expect.stringMatching(/^II Physical Memory Protection: /) as string })
    expect(Object.keys(choices!)).toEqual(['xlen', 'translation', ...Object.keys(parameters)])
  })
})
