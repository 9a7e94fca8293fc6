// Of the choices about accesses to memory and reservations: what is looked at, and what that is for each of them.
import type { Region } from './memory-values.ts'
import { defaults, type Parameters } from './parameters.ts'
import { base, code, machineOf, said, stepOf, type Given } from './running.fixture.ts'

export type Choices = NonNullable<Given['choices']>
/** What is looked at, and what that is for each choice; the first case of a parameter has its default. */
export type Look = readonly [look: (choices: Choices) => unknown, ...(readonly [Choices, unknown])[]]

const a = base + 0x100n
/** lr.w a0, (a1); sc.w a2, a0, (a3); sw a0, 0(a4); lw a0, 0(a4) */
const [lr, sc, sw, lw] = [0x1005a52f, 0x18a6a62f, 0x00a72023, 0x00072503]

/** A page of a table: where it is, with flags. */
const page = (address: bigint, flags: bigint): bigint => ((address >> 12n) << 10n) | flags
const table = base + 0x1000n, megapage = 0xcfn
/** Loads and stores of M-mode as S-mode makes them, by one level of pages of 1 GiB that are all the first one of memory. */
const paged = {
  registers: { 'mstatus.MPRV': 1n, 'mstatus.MPP': 1n, 'satp.MODE': 8n, 'satp.PPN': table >> 12n },
  memory: [[table, page(base, megapage)], [table + 8n, page(base, megapage)], [table + 16n, page(base, megapage)]],
} as const satisfies Given

/** What the last of the steps, an SC, comes to after an LR from x11, and what x12 is then; x14 is another address. */
const fails = (words: readonly number[], more: Given = {}, steps = words.length) => (choices: Choices): unknown => {
  const m = machineOf({ x: { 11: a, 13: a, 14: a + 0x200n }, ...more, words, choices })
  m.run(steps - 1)
  return [said(m.step()), m.bank('x').get(12n)]
}
const fine = ['SC.W', 0n], failed = ['SC.W', 1n]
const unconstrained = { spuriousFailure: 'where unconstrained' } as const, afterStores = { spuriousFailure: 'after stores' } as const

const [lwAt, ldAt, swAt, sdAt] = [0x0005a503, 0x0005b503, 0x00a5a023, 0x00a5b023], addi = 0x00150513
const inS = { 'mstatus.MPRV': 1n, 'mstatus.MPP': 1n }
type Pmp = NonNullable<Given['pmp']>
/** Two ranges of four bytes that allow reading and executing, beside which S-mode may do nothing. */
const twoWords = (at: bigint): Pmp => [[0x15n, at >> 2n], [0x15n, (at >> 2n) + 1n]]
/** All but 16 bytes. */
const denied = (at: bigint): Pmp => [[0x18n, (at >> 2n) | 1n], [0x1fn, -1n]]
const fetched = (pc: bigint, pmp: Pmp, word = addi) => (choices: Choices): unknown => stepOf({ words: [word], registers: { pc, priv: 1n }, pmp, choices })
const fromRegions = (regions: readonly Region[]) => (choices: Choices): unknown => stepOf({ words: [addi], registers: { pc: 0x1008n }, choices: { regions, ...choices } })
const accessed = (word: number, address: bigint, pmp = twoWords(a)) => (choices: Choices): unknown => stepOf({ words: [word], x: { 11: address }, registers: inS, pmp, choices })
/** A load from a + 1, and the bytes from a up after a store of it there to a + 9. */
const moved = (choices: Choices): unknown => {
  const m = machineOf({ words: [0x0015b503, 0x00a5b4a3], x: { 11: a }, memory: [[a, 0x0807_0605_0403_0201n], [a + 8n, 0x09n]], choices })
  m.run(2)
  return [m.bank('x').get(10n), m.bank('memory').number(a, 17)]
}
/** A store to a + 5, or without PMP to the last three bytes of memory and beyond: what it comes to, and the sixteen bytes around it. */
const written = (pmp: Pmp) => (choices: Choices): unknown => {
  const at = pmp.length > 0 ? a : 0xff8n
  const m = machineOf({ words: [sdAt], x: { 10: 0x0102_0304_0506_0708n, 11: at + 5n }, registers: inS, pmp: [...pmp, [0x1fn, -1n]], choices: { regions: [...defaults.regions, { base: 0n, size: 0x1000n }], ...choices } })
  return [said(m.step()), m.bank('memory').number(at, 8), m.bank('memory').number(at + 8n, 8)]
}
const lowBytes = 0x06_0708n << 40n
/** With hardware that updates: an access to a page that is mapped, with these flags, to what PMP denies; and the flags afterwards. */
const updated = (word: number, flags = 0x07n) => (choices: Choices): unknown => {
  const m = machineOf({
    words: [word], x: { 11: 0x4000n }, registers: paged.registers, memory: [[table, page(base, flags)]], pmp: denied(base + 0x4000n), choices: { accessedDirty: 'hardware', ...choices },
  })
  return [said(m.step()), m.bank('memory').get(table)]
}
const [middle, leaf] = [base + 0x2000n, base + 0x3000n]
const halfFetched = (choices: Choices): unknown => {
  const m = machineOf({
    registers: { priv: 1n, pc: 0x1f_fffen, 'satp.MODE': 8n, 'satp.PPN': table >> 12n }, memory: [[table, page(middle, 1n)], [middle, page(base, 0x0bn)], [base + 0x1f_fff8n, BigInt(addi) << 48n]],
    choices: { accessedDirty: 'hardware', ...choices },
  })
  return [said(m.step()), m.bank('memory').get(middle)]
}
/** A store to 0x1ffd, of which the second page is not mapped. */
const acrossPages = (choices: Choices): unknown => {
  const m = machineOf({
    words: [sdAt], x: { 10: 0x0102_0304_0506_0708n, 11: 0x1ffdn }, registers: paged.registers, memory: [[table, page(middle, 1n)], [middle, page(leaf, 1n)], [leaf + 8n, page(base + 0x5000n, 0x07n)]],
    choices: { accessedDirty: 'hardware', ...choices },
  })
  return [said(m.step()), m.bank('memory').get(leaf + 8n), m.bank('memory').number(base + 0x5ff8n, 8)]
}

/** What an access to the page at 0x1000 comes to, which is `other` memory. */
const inOther = (word: number, address = 0x1008n) => (choices: Choices): unknown => stepOf({ words: [word], x: { 11: address }, choices })
const other = (more: Partial<Region>): Choices => ({ regions: [...defaults.regions, { base: 0x1000n, size: 0x1000n, ...more }] })
/** A load by the table that is there; its entry afterwards. */
const byOther = (flags: bigint) => (choices: Choices): unknown => {
  const m = machineOf({ words: [lwAt], x: { 11: 0x4000n }, registers: { ...paged.registers, 'satp.PPN': 1n }, memory: [[0x1000n, page(base, flags)]], choices: { accessedDirty: 'hardware', ...choices } })
  return [said(m.step()), m.bank('memory').get(0x1000n)]
}
const [lb, amoadd, amoand, amoswap, amoswapD] = [0x00058503, 0x00c5a52f, 0x60c5a52f, 0x08c5a52f, 0x08c5b52f]
const loadFault = 'load access fault, 1008', storeFault = 'store/AMO access fault, 1008'

const trapped = { misaligned: 'trapped', misalignedAtomics: 'trapped' } as const, small = other({ granule: 16 }), none = { ...other({ granule: 0 }), atomicityGranule: 16 }
/** By a page of 1 GiB that is the memory from 0 up, or by one that is the first one of memory, where PMP may deny the third page. */
const byPage = (word: number, address: bigint, pmp: Pmp = [[0x1fn, -1n]]) => (choices: Choices): unknown => stepOf({
  words: [word], x: { 11: address }, registers: paged.registers, memory: [[table, page(0n, megapage)], [table + 8n, page(base, megapage)]], pmp, choices,
})
const beforeIt = { ...other({ granule: 32 }), ...trapped }, thirdDenied: Pmp = [[0x18n, ((base + 0x2000n) >> 2n) | 0x1ffn], [0x1fn, -1n]]

/** Of regions: their granules, in which misaligned accesses are done. */
const granuleLooks: readonly Look[] = [
  [inOther(amoadd, 0x1009n), [other({}), 'store/AMO access fault, 1009'], [small, 'AMOADD.W'], [other({ granule: 8 }), 'AMOADD.W'], [other({ granule: 4 }), 'store/AMO access fault, 1009'], [none, 'store/AMO access fault, 1009'], [{ ...small, ...trapped }, 'AMOADD.W']],
  [inOther(amoadd, 0x100dn), [small, 'store/AMO access fault, 100d'], [{ ...small, ...trapped }, 'store/AMO address misaligned, 100d'], [other({ granule: 32 }), 'AMOADD.W'], [{ ...small, atomicityGranule: 32 }, 'store/AMO access fault, 100d']],
  [inOther(amoadd, base + 0x1009n), [small, 'store/AMO access fault, 80001009'], [none, 'AMOADD.W']], [inOther(amoadd, 0x100cn), [other({ granule: 4 }), 'AMOADD.W']],
  [inOther(lwAt, 0x1009n), [{ ...small, ...trapped }, 'LW'], [{ ...other({}), ...trapped }, 'load address misaligned, 1009'], [{ ...small, misaligned: 'access fault' }, 'LW'], [{ ...none, ...trapped }, 'load address misaligned, 1009']],
  [inOther(swAt, 0x100dn), [{ ...small, ...trapped }, 'store/AMO address misaligned, 100d'], [{ ...small, misaligned: 'access fault' }, 'store/AMO access fault, 100d'], [small, 'SW']],
  // LR and SC have none, nor has FLD of RV32.
  ...[[lr, 'load'], [0x18a5a62f, 'store/AMO']].map(([word, of]): Look => [inOther(word as number, 0x1009n), [small, `${of} access fault, 1009`]]),
  [(choices) => stepOf({ name: 'riscv32', words: [0x0005b507], x: { 11: 0x1001n }, registers: { 'mstatus.FS': 3n }, choices }), [{ ...small, ...trapped }, 'load address misaligned, 1001'], [small, 'FLD']],
  // Where misaligned accesses are not supported otherwise, and where two regions meet.
  [inOther(lwAt, 0x1009n), [other({ without: ['misaligned accesses'] }), 'load access fault, 1009'], [other({ without: ['misaligned accesses'], granule: 16 }), 'LW']], [inOther(lwAt, 0x100dn), [other({ without: ['misaligned accesses'], granule: 16 }), 'load access fault, 100d']],
  // Or those of a width.
  ...([['misaligned 4 bytes', 'load access fault, 1009', 'LD'], ['misaligned 8 bytes', 'LW', 'load access fault, 1009']] as const).flatMap(([without, four, eight]): Look[] =>
    [[inOther(lwAt, 0x1009n), [other({ without: [without] }), four], [other({ without: [without], granule: 16 }), 'LW']], [inOther(ldAt, 0x1009n), [other({ without: [without] }), eight]], [inOther(lwAt, 0x1008n), [other({ without: [without] }), 'LW']]]),
  [inOther(amoadd, 0x1009n), [{ regions: [...small.regions!, { base: 0x1000n, size: 8n, granule: 0 }] }, 'AMOADD.W'], [{ regions: [...small.regions!, { base: 0x1008n, size: 8n, granule: 0 }] }, 'store/AMO access fault, 1009']],
  // It is of physical memory; an access that another region would do comes after other faults.
  [byPage(lwAt, 0x1009n), [{ ...small, ...trapped }, 'LW']], [byPage(lwAt, 0x4000_1009n), [{ ...small, ...trapped }, 'load address misaligned, 40001009'], [{ ...none, ...trapped }, 'LW']],
  [byPage(lwAt, 0x8000_1009n), [{ ...small, ...trapped }, 'load page fault, 80001009'], [{ ...other({}), ...trapped }, 'load address misaligned, 80001009']], [byPage(lwAt, 0x8000_100dn), [{ ...small, ...trapped }, 'load address misaligned, 8000100d']],
  [byPage(lwAt, 0x4000_200dn, thirdDenied), [beforeIt, 'load access fault, 4000200d'], [{ ...small, ...trapped }, 'load address misaligned, 4000200d']], [byPage(lwAt, 0x4000_100dn, thirdDenied), [beforeIt, 'load address misaligned, 4000100d']],
]

/** Of regions: the attributes of I/O memory. */
export const regionLooks: readonly Look[] = [
  // LR and SC there, and at other memory.
  ...[0x1008n, a].map((at): Look => [fails([lr, sc], { x: { 11: at, 13: at } }), [other({}), fine], [other({ without: ['RsrvEventual'] }), at === a ? fine : failed]]),
  ...granuleLooks,
  [inOther(amoadd), [other({}), 'AMOADD.W'], [other({ without: ['AMOArithmetic'] }), storeFault], [other({ without: ['AMOLogical'] }), storeFault]],
  [inOther(amoand), [other({ without: ['AMOArithmetic'] }), 'AMOAND.W'], [other({ without: ['AMOLogical'] }), storeFault]],
  [inOther(amoswap), [other({ without: ['AMOLogical', 'AMOArithmetic'] }), 'AMOSWAP.W'], [other({ without: ['atomic operations'] }), storeFault], [other({ without: ['loads'] }), storeFault]],
  [inOther(lwAt), [other({ without: ['loads'] }), loadFault], [other({ widths: [4] }), 'LW'], [other({ widths: [1, 2, 8] }), loadFault]],
  [inOther(swAt), [other({ without: ['loads', 'page-table writes'] }), 'SW'], [other({ widths: [8] }), storeFault]],
  [inOther(lb), [other({ widths: [4, 8] }), loadFault], [other({ widths: [1] }), 'LB']], [inOther(ldAt), [other({ widths: [4] }), loadFault]],
  [inOther(amoswapD), [other({ widths: [4] }), storeFault], [other({ widths: [4, 8] }), 'AMOSWAP.D']],
  [byOther(0x4fn), [other({}), ['LW', 0x4fn]], [other({ without: ['page-table reads'] }), ['load access fault, 4000', 0x4fn]], [other({ widths: [4] }), ['load access fault, 4000', 0x4fn]], [other({ without: ['page-table writes'] }), ['LW', 0x4fn]]],
  [byOther(0x0fn), [other({}), ['LW', 0x4fn]], [other({ without: ['page-table writes'] }), ['load access fault, 4000', 0x0fn]]],
]

export const accessCases = {
  misalignedBlock: [
    [inOther(lwAt, a + 1n), [{ misaligned: 'trapped' }, 'load address misaligned, 80000101'], [{ misaligned: 'trapped', misalignedBlock: 64 }, 'LW'], [{ misaligned: 'access fault', misalignedBlock: 64 }, 'LW'], [{}, 'LW'], [{ misalignedBlock: 64 }, 'LW']],
    [inOther(swAt, a + 61n), [{ misaligned: 'trapped', misalignedBlock: 64 }, 'store/AMO address misaligned, 8000013d'], [{ misaligned: 'trapped', misalignedBlock: 128 }, 'SW'], [{ misalignedBlock: 64 }, 'SW'], [{ misaligned: 'trapped', misalignedBlock: 64, atomicityGranule: 128 }, 'SW']],
    ...[[amoadd, 'store/AMO'], [lr, 'load']].map(([word, of]): Look => [inOther(word as number, a + 1n), [{ misaligned: 'trapped', misalignedBlock: 64 }, `${of} access fault, 80000101`]]),
    [(choices) => stepOf({ name: 'riscv32', words: [0x0005b507], x: { 11: a + 1n }, registers: { 'mstatus.FS': 3n }, choices }), [{ misaligned: 'trapped', misalignedBlock: 64 }, 'FLD'], [{ misaligned: 'trapped', atomicityGranule: 64 }, 'load address misaligned, 80000101']],
    // Memory without misaligned accesses, and with a granule.
    [inOther(lwAt, 0x1009n), [{ ...other({ without: ['misaligned accesses'] }), misaligned: 'trapped', misalignedBlock: 64 }, 'load access fault, 1009'], [{ ...other({ without: ['misaligned accesses'], granule: 16 }), misaligned: 'trapped', misalignedBlock: 64 }, 'LW']],
    [inOther(lwAt, 0x100dn), [{ ...small, misaligned: 'trapped', misalignedBlock: 64 }, 'LW'], [{ ...small, misaligned: 'trapped', misalignedBlock: 16 }, 'load address misaligned, 100d']],
  ],
  fetchBlock: [
    // A long instruction in two ranges of four bytes, beside which nothing is allowed.
    [fetched(code + 2n, twoWords(code)), [{}, 'ADDI'], [{ fetchBlock: 4 }, 'ADDI'], [{ fetchBlock: 8 }, 'instruction access fault, 80008002']],
    // Its second half, or more after it, in a block that is denied.
    [fetched(code + 30n, denied(code + 32n)), [{}, 'instruction access fault, 80008020'], [{ fetchBlock: 16 }, 'instruction access fault, 80008020'], [{ fetchBlock: 64 }, 'instruction access fault, 8000801e']],
    [fetched(code + 28n, denied(code + 32n)), [{}, 'ADDI'], [{ fetchBlock: 32 }, 'ADDI'], [{ fetchBlock: 64 }, 'instruction access fault, 8000801c']],
    [fetched(code + 30n, denied(code + 32n), 0x4505), [{ fetchBlock: 16 }, 'C.LI']],
    [fromRegions([{ base: 0x1000n, size: 16n }]), [{ fetchBlock: 16 }, 'ADDI'], [{ fetchBlock: 32 }, 'instruction access fault, 1008']],
    [fromRegions([{ base: 0x1000n, size: 32n }, { base: 0x1000n, size: 8n, without: ['fetches'] }]), [{ fetchBlock: 8 }, 'ADDI'], [{ fetchBlock: 16 }, 'instruction access fault, 1008']],
  ],
  misalignedPieces: [
    [accessed(lwAt, a + 2n), [{}, 'load access fault, 80000102'], [{ misalignedPieces: 8 }, 'load access fault, 80000102'], [{ misalignedPieces: 4 }, 'LW'], [{ misalignedPieces: 1 }, 'LW']],
    [accessed(lwAt, a + 6n), [{}, 'load access fault, 80000106'], [{ misalignedPieces: 8 }, 'load access fault, 80000108'], [{ misalignedPieces: 4 }, 'load access fault, 80000108'], [{ misalignedPieces: 1 }, 'load access fault, 80000108']],
    [accessed(ldAt, a), [{}, 'load access fault, 80000100'], [{ misalignedPieces: 1 }, 'load access fault, 80000100']],
    [accessed(ldAt, a + 3n), [{ misalignedPieces: 2 }, 'load access fault, 80000108'], [{ misalignedPieces: 16 }, 'load access fault, 80000103']],
    // What is read and written is the same.
    ...[1, 2, 4, 8, 64].map((misalignedPieces): Look => [moved, [{}, [0x0908_0706_0504_0302n, 0x09_0807_0605_0403_0209_0807_0605_0403_0201n]], [{ misalignedPieces }, [0x0908_0706_0504_0302n, 0x09_0807_0605_0403_0209_0807_0605_0403_0201n]]]),
    [(choices) => stepOf({ name: 'riscv32', words: [0x0005b507], x: { 11: a }, registers: { ...inS, 'mstatus.FS': 3n }, pmp: twoWords(a), choices }), [{}, 'load access fault, 80000100'], [{ misalignedPieces: 8 }, 'load access fault, 80000100'], [{ misalignedPieces: 4 }, 'FLD'], [{ misalignedPieces: 1 }, 'FLD']],
  ],
  pieceOrder: [
    [(choices) => stepOf({ words: [lwAt], x: { 11: 0x1ffen }, choices: { regions: [{ base, size: 1n << 27n }], ...choices } }), [{}, 'load access fault, 1ffe'], [{ pieceOrder: 'upper first' }, 'load access fault, 2000']],
    [accessed(ldAt, a + 5n, [[0x10n, (a + 4n) >> 2n], [0x10n, (a + 12n) >> 2n], [0x1fn, -1n]]), [{ misalignedPieces: 4 }, 'load access fault, 80000105'], [{ misalignedPieces: 4, pieceOrder: 'upper first' }, 'load access fault, 8000010c']],
  ],
  failingStore: [
    [written([]), [{}, ['store/AMO access fault, 1000', 0n, 0n]], [{ failingStore: 'writes earlier pieces' }, ['store/AMO access fault, 1000', lowBytes, 0n]], [{ failingStore: 'writes earlier pieces', pieceOrder: 'upper first' }, ['store/AMO access fault, 1000', 0n, 0n]]],
    ...[1, 4, 8].flatMap((misalignedPieces): Look[] => {
      const lower = { misalignedPieces, failingStore: 'writes earlier pieces' } as const, upper = { ...lower, pieceOrder: 'upper first' } as const
      return [
        [written([[0x10n, (a + 8n) >> 2n]]), [{ misalignedPieces }, ['store/AMO access fault, 80000108', 0n, 0n]], [lower, ['store/AMO access fault, 80000108', lowBytes, 0n]]],
        [written([[0x10n, (a + 4n) >> 2n]]), [lower, [`store/AMO access fault, 80000105`, 0n, 0n]], [upper, [`store/AMO access fault, 8000010${misalignedPieces === 1 ? 7 : 5}`, 0n, 0x01_0203_0405n]]],
      ]
    }),
  ],
  updatesBeforeFaults: [
    // The page is mapped and PMP denies it; D is set where that is meant.
    [updated(swAt), [{}, ['store/AMO access fault, 4000', 0x07n]], [{ updatesBeforeFaults: 'A' }, ['store/AMO access fault, 4000', 0x47n]], [{ updatesBeforeFaults: 'A and D' }, ['store/AMO access fault, 4000', 0xc7n]]],
    [updated(lwAt), [{}, ['load access fault, 4000', 0x07n]], [{ updatesBeforeFaults: 'A' }, ['load access fault, 4000', 0x47n]], [{ updatesBeforeFaults: 'A and D' }, ['load access fault, 4000', 0x47n]]],
    // Where the page itself forbids the access nothing is set.
    [updated(swAt, 0x03n), [{ updatesBeforeFaults: 'A and D' }, ['store/AMO page fault, 4000', 0x03n]]],
    // The first half of an instruction whose second half is in a page that is not mapped.
    [halfFetched, [{}, ['instruction page fault, 200000', 0x0bn]], [{ updatesBeforeFaults: 'A' }, ['instruction page fault, 200000', 0x4bn]]],
    // What is written has its D set.
    [acrossPages, [{}, ['store/AMO page fault, 2000', 0x07n, 0n]], [{ updatesBeforeFaults: 'A' }, ['store/AMO page fault, 2000', 0x47n, 0n]], [{ failingStore: 'writes earlier pieces' }, ['store/AMO page fault, 2000', 0xc7n, lowBytes]]],
  ],
  reservationPlace: [
    [fails([lr, sc], { ...paged, x: { 11: 0x100n, 13: 0x4000_0100n } }), [{}, fine], [{ reservationPlace: 'physical and virtual address' }, failed]],
    [fails([lr, sc], { ...paged, x: { 11: 0x100n, 13: 0x100n } }), [{ reservationPlace: 'physical and virtual address' }, fine]],
    [fails([lr, sc], { ...paged, x: { 11: 0x100n, 13: 0x140n } }), [{ reservationPlace: 'physical and virtual address', reservationSet: 128 }, fine], [{ reservationPlace: 'physical and virtual address', reservationSet: 64 }, failed]],
  ],
  reservationLife: [
    ...[14, 15, 16].map((n): Look => [fails([lr, ...Array.from({ length: n }, () => 0x13), sc]), [{}, fine], [{ reservationLife: 16 }, n < 16 ? fine : failed]]),
    // Another LR begins anew.
    [fails([lr, ...Array.from({ length: 12 }, () => 0x13), lr, ...Array.from({ length: 12 }, () => 0x13), sc]), [{ reservationLife: 16 }, fine]],
    [fails([lr, ...Array.from({ length: 40 }, () => 0x13), sc]), [{ reservationLife: 16 }, failed], [{ reservationLife: 64 }, fine]],
  ],
  spuriousFailure: [
    [fails([lr, sc]), [{}, fine], [afterStores, fine], [unconstrained, fine]],
    [fails([lr, sw, sc]), [{}, fine], [afterStores, failed], [unconstrained, failed]],
    [fails([lr, lw, sc]), [{}, fine], [afterStores, fine], [unconstrained, failed]],
    // addi a6, a0, 1; c.li a7, 3; lui a6, 1; addw a6, a6, a7; bne x0, x0, -4; jal x0, 4
    [fails([lr, 0x00150813, 0x488d, 0x00001837, 0x0118083b, 0xfe001ee3, 0x0040006f, sc]), [unconstrained, fine]],
    // Forwards, and back: by beq x0, x0, -4; jal x0, -4; c.j -4
    ...[0xfe000ee3, 0xffdff06f, 0xbff5].map((word): Look => [fails([lr, 0x0080006f, sc, word], {}, 4), [{}, fine], [afterStores, fine], [unconstrained, failed]]),
    // mul a6, a0, a0; fence; csrr a6, mscratch; jalr x0, 4(t0), to the SC
    ...[0x02a50833, 0x0ff0000f, 0x34002873].map((word): Look => [fails([lr, word, sc]), [{}, fine], [afterStores, fine], [unconstrained, failed]]),
    [fails([lr, 0x00428067, sc], { x: { 5: code + 4n, 11: a, 13: a } }), [{}, fine], [unconstrained, failed]],
    // An SC without a reservation does not count.
    ...([[[lr, sc], failed], [[lr, sc, lr, sc], fine], [[lr, sc, lr, sc, lr, sc], failed], [[sc, lr, sc], failed]] as const).map(([words, is]): Look => [fails(words), [{ spuriousFailure: 'every other one' }, is]]),
  ],
} as const satisfies Partial<Record<keyof Parameters, readonly Look[]>>
