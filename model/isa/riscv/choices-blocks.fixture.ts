// Of the choices about cache blocks: their sizes, the parts in which they are accessed, which may be managed or zeroed, and what CBO.INVAL may be made to do.
import type { Choices, Look } from './choices-access.fixture.ts'
import { defaults } from './parameters.ts'
import { base, machineOf, said, stepOf, type Given } from './running.fixture.ts'

const zicbo = { extensions: ['Zicbom', 'Zicboz'] } as const
const clean = 0x0015a00f, zero = 0x0045a00f, menvcfg = 0x30a, senvcfg = 0x10a, page = base + 0x1000n

/** Which of the bytes at these offsets into a page are still 1 once the block of the one at 0x48 is zeroed. */
const left = (choices: Choices): unknown => {
  const offsets = [0n, 0x20n, 0x3fn, 0x40n, 0x48n, 0x5fn, 0x60n, 0x7fn, 0x80n, 0xff8n], m = machineOf({ words: [zero], x: { 11: page + 0x48n }, memory: [[page + 0x1000n, 1n]], choices: { ...zicbo, ...choices } })
  for (const offset of offsets) m.bank('memory').set(page + offset, 1n)
  return [said(m.step()), ...offsets.filter((offset) => m.bank('memory').get(page + offset) === 1n)]
}
/** Cleaning the same block, where eight bytes at 0x20 are protected. */
const cleaned = (choices: Choices): unknown =>
  stepOf({ words: [clean], x: { 11: page + 0x48n }, pmp: [[0x98n, (page + 0x20n) >> 2n], [0x1fn, -1n]], choices: { ...zicbo, ...choices } })
/** What CBIE is after a write of each value. */
const enables = (csr: number) => (choices: Choices): unknown => [1n, 2n, 3n].map((CBIE) => {
  const m = machineOf({ words: [(csr << 20) | 0x51073, (csr << 20) | 0x2573], x: { 10: CBIE << 4n }, choices: { ...zicbo, ...choices } })
  m.run(2)
  return (m.bank('x').get(10n) >> 4n) & 3n
})
const both = [1n, 0n, 3n], flush = [1n, 0n, 0n], invalidate = [0n, 0n, 3n], none = [0n, 0n, 0n]

type Pmp = NonNullable<Given['pmp']>
const inS = { 'mstatus.MPRV': 1n, 'mstatus.MPP': 1n }
/** Ranges of so many bytes that follow one another, each by an entry of its own, beside which S-mode may do nothing. */
const ranges = (at: bigint, bytes: bigint, count: number, config = 3n): Pmp => Array.from({ length: count }, (_, n) => {
  const start = at + BigInt(n) * bytes
  return bytes === 4n ? [0x10n | config, start >> 2n] as const : [0x18n | config, (start >> 2n) | ((bytes >> 3n) - 1n)] as const
})
/** Zeroing the block at 0x40 as S-mode does, and which of its words at multiples of 16 bytes are left. */
const zeroed = (pmp: Pmp) => (choices: Choices): unknown => {
  const offsets = [0x40n, 0x50n, 0x60n, 0x70n], m = machineOf({ words: [zero], x: { 11: page + 0x48n }, registers: inS, pmp, choices: { ...zicbo, ...choices } })
  for (const offset of offsets) m.bank('memory').set(page + offset, 1n)
  return [said(m.step()), ...offsets.filter((offset) => m.bank('memory').get(page + offset) === 1n)]
}
const fault = 'store/AMO access fault, 80001048', words = [0x40n, 0x50n, 0x60n, 0x70n], earlier = { failingStore: 'writes earlier pieces' } as const, upper = { ...earlier, pieceOrder: 'upper first' } as const

/** An operation on 0x1048 as S-mode or `as` does it, by a page with these flags, where PMP allows this; and the flags afterwards. */
const byPage = (word: number, flags: bigint, config = 7n, registers: NonNullable<Given['registers']> = {}) => (choices: Choices): unknown => {
  const at = base + 0x2000n
  const m = machineOf({
    words: [word], x: { 11: 0x1048n }, memory: [[at, ((base >> 12n) << 10n) | flags]], registers: { ...inS, 'satp.MODE': 8n, 'satp.PPN': at >> 12n, ...registers },
    pmp: [...ranges(page, 0x1000n, 1, config), [0x1fn, -1n]], choices: { ...zicbo, ...choices },
  })
  return [said(m.step()), m.bank('memory').get(at) & 0xffn]
}
const X = 0x49n, R = 0x43n, U = 0x10n, pageFault = 'store/AMO page fault, 1048', denied = 'store/AMO access fault, 1048', managed = { executableBlocks: 'managed' } as const
/** An operation on memory at 0x1048. */
const inOther = (word: number, more: object) => (choices: Choices): unknown => stepOf({ words: [word], x: { 11: 0x1048n }, choices: { ...zicbo, regions: [...defaults.regions, { base: 0x1000n, size: 0x1000n, ...more }], ...choices } })

/** Of regions: CBO.ZERO is an access of its own, and blocks are of no width. */
export const blockRegionLooks: readonly Look[] = [
  ...([[zero, denied], [clean, 'CBO.CLEAN'], [0x00a5a023, 'SW']] as const).map(([word, is]): Look => [inOther(word, { without: ['cache-block zeros'] }), [{}, is]]), [inOther(zero, {}), [{}, 'CBO.ZERO']],
  [inOther(zero, { widths: [4] }), [{}, 'CBO.ZERO']], [inOther(clean, { widths: [4] }), [{}, 'CBO.CLEAN']], [inOther(zero, { without: ['stores'] }), [{}, denied]],
]

export const blockCases = {
  cacheBlockPieces: [
    [zeroed(ranges(page + 0x40n, 32n, 2)), [{}, ['CBO.ZERO']], [{ cacheBlockPieces: 32 }, ['CBO.ZERO']], [{ cacheBlockPieces: 64 }, [fault, ...words]], [{ cacheBlockPieces: 4096 }, [fault, ...words]]],
    [zeroed(ranges(page + 0x48n, 4n, 2)), [{ zeroBlock: 8 }, [fault, ...words]], [{ zeroBlock: 8, cacheBlockPieces: 4 }, ['CBO.ZERO', ...words]]],
    [(choices) => stepOf({ words: [clean], x: { 11: page + 0x48n }, registers: inS, pmp: ranges(page + 0x40n, 32n, 2), choices: { ...zicbo, ...choices } }), [{}, 'CBO.CLEAN'], [{ cacheBlockPieces: 64 }, fault]],
    // The lower half is allowed; whether it is zeroed before the upper one faults.
    [zeroed(ranges(page + 0x40n, 32n, 1)), [{}, [fault, ...words]], [earlier, [fault, 0x60n, 0x70n]], [{ ...earlier, cacheBlockPieces: 16 }, [fault, 0x60n, 0x70n]], [{ ...earlier, cacheBlockPieces: 64 }, [fault, ...words]], [upper, [fault, ...words]]],
    [zeroed(ranges(page + 0x60n, 32n, 1)), [earlier, [fault, ...words]], [upper, [fault, 0x40n, 0x50n]], [{ ...upper, cacheBlockPieces: 4 }, [fault, 0x40n, 0x50n]]],
    // Loads, stores and page tables are checked as before.
    [(choices) => stepOf({ words: [0x0005b503], x: { 11: page }, registers: inS, pmp: ranges(page, 4n, 2), choices: { ...zicbo, ...choices } }), [{}, 'load access fault, 80001000'], [{ cacheBlockPieces: 64 }, 'load access fault, 80001000'], [{ cacheBlockPieces: 64, misalignedPieces: 1 }, 'load access fault, 80001000']],
    [(choices) => stepOf({ words: [0x0005b503], x: { 11: page + 1n }, registers: inS, pmp: ranges(page, 4n, 4), choices: { ...zicbo, ...choices } }), [{ cacheBlockPieces: 64 }, 'load access fault, 80001001'], [{ cacheBlockPieces: 64, misalignedPieces: 1 }, 'LD']],
    [byPage(clean, R), [{ cacheBlockPieces: 64 }, ['CBO.CLEAN', R]]],
  ],
  executableBlocks: [
    [byPage(clean, X), [{}, [pageFault, X]], [managed, ['CBO.CLEAN', X]]], [byPage(clean, R), [{}, ['CBO.CLEAN', R]], [managed, ['CBO.CLEAN', R]]], [byPage(clean, 1n), [managed, [pageFault, 1n]]], [byPage(zero, X), [managed, [pageFault, X]]],
    // PMP allows but fetches, and loads alone or fetches alone where the page allows the other.
    [byPage(clean, R | X, 4n), [{}, [denied, R | X]], [managed, ['CBO.CLEAN', R | X]], [{ ...managed, cacheBlockPieces: 64 }, ['CBO.CLEAN', R | X]]],
    [byPage(clean, R, 4n), [{}, [denied, R]], [managed, [denied, R]]], [byPage(clean, X, 1n), [{}, [pageFault, X]], [managed, [denied, X]]], [byPage(clean, X, 0n), [managed, [denied, X]]],
    // U-mode's code is none of S-mode, whatever SUM is; the privilege is that of data.
    [byPage(clean, X | U, 7n, { 'mstatus.SUM': 1n }), [managed, [pageFault, X | U]]], [byPage(clean, X | U, 7n, { 'mstatus.MPP': 0n }), [{}, [pageFault, X | U]], [managed, ['CBO.CLEAN', X | U]]], [byPage(clean, X, 7n, { 'mstatus.MPP': 0n }), [managed, [pageFault, X]]],
    [byPage(clean, 9n), [{ ...managed, accessedDirty: 'hardware' }, ['CBO.CLEAN', X]], [{ accessedDirty: 'hardware' }, [pageFault, 9n]], [managed, [pageFault, 9n]]], [byPage(clean, 11n), [{ ...managed, accessedDirty: 'hardware' }, ['CBO.CLEAN', 0x4bn]]],
    [byPage(clean, 9n), [{ ...managed, accessedDirty: 'hardware', translationCache: ['leaf entries'] }, ['CBO.CLEAN', X]]],
    [inOther(clean, { without: ['loads', 'stores'] }), [{}, denied], [managed, 'CBO.CLEAN']], [inOther(clean, { without: ['loads', 'stores', 'fetches'] }), [managed, denied]],
  ],
  cacheBlock: [[cleaned, [{}, 'CBO.CLEAN'], [{ cacheBlock: 128 }, 'store/AMO access fault, 80001048'], [{ zeroBlock: 4096 }, 'CBO.CLEAN'], [{ cacheBlock: 4096 }, 'store/AMO access fault, 80001048']]],
  zeroBlock: [[
    left, [{}, ['CBO.ZERO', 0n, 0x20n, 0x3fn, 0x80n, 0xff8n]], [{ zeroBlock: 32 }, ['CBO.ZERO', 0n, 0x20n, 0x3fn, 0x60n, 0x7fn, 0x80n, 0xff8n]], [{ zeroBlock: 4096 }, ['CBO.ZERO']],
    [{ cacheBlock: 128 }, ['CBO.ZERO', 0n, 0x20n, 0x3fn, 0x80n, 0xff8n]],
  ]],
  CBIE: [[enables(menvcfg), [{}, both], [{ CBIE: ['flush'] }, flush], [{ CBIE: ['invalidate'] }, invalidate], [{ CBIE: [] }, none], [{ supervisorCBIE: [] }, both]]],
  cacheBlockBits: [
    ...([[menvcfg, 'menvcfg'], [senvcfg, 'senvcfg']] as const).map(([csr, name]): Look => [(choices) => {
      const m = machineOf({ words: [(csr << 20) | 0x51073, (csr << 20) | 0x2573], x: { 10: 0xc0n }, choices: { ...zicbo, ...choices } })
      m.run(2)
      return m.bank('x').get(10n)
    }, [{}, 0xc0n], [{ cacheBlockBits: [`${name}.CBZE`] }, 0x80n], [{ cacheBlockBits: [`${name}.CBCFE`] }, 0x40n], [{ cacheBlockBits: [] }, 0n]]),
    // What cannot be permitted is illegal below M-mode.
    ...[1n, 3n].map((priv): Look => [(choices) => {
      const m = machineOf({ words: [(menvcfg << 20) | 0x51073, clean], x: { 10: 0xc0n, 11: page }, choices: { ...zicbo, ...choices } })
      m.step()
      m.setRegister('priv', priv)
      return said(m.step())
    }, [{}, 'CBO.CLEAN'], [{ cacheBlockBits: ['menvcfg.CBZE'] }, priv === 1n ? 'illegal instruction, 15a00f' : 'CBO.CLEAN']]),
  ],
  // The reserved value, and flushing where that is not there, written over invalidating.
  otherCBIE: ([[menvcfg, 'menvcfg'], [senvcfg, 'senvcfg']] as const).map(([csr, name]): Look => [(choices) => [2n, 1n, 0n, 3n].map((CBIE) => {
    const m = machineOf({ words: [(csr << 20) | 0x51073], x: { 10: CBIE << 4n }, registers: { [`${name}.CBIE`]: 3n }, choices: { ...zicbo, CBIE: ['invalidate'], supervisorCBIE: ['invalidate'], ...choices } })
    m.step()
    return m.register(`${name}.CBIE`)
  }), [{}, [3n, 3n, 0n, 3n]], [{ otherCBIE: 'illegal instruction' }, [0n, 0n, 0n, 3n]]]),
  supervisorCBIE: [[enables(senvcfg), [{}, both], [{ supervisorCBIE: ['flush'] }, flush], [{ supervisorCBIE: ['invalidate'] }, invalidate], [{ supervisorCBIE: [] }, none], [{ CBIE: [] }, both]]],
} as const satisfies Readonly<Record<string, readonly Look[]>>
