import { describe, expect, it } from 'vitest'
import { base, machineOf, put, said, stepOf, type Given } from './running.fixture.ts'

/** Instructions on the address in a1 and the register a0. */
const lw = 0x0005a503, ld = 0x0005b503, sw = 0x00a5a023, sd = 0x00a5b023, lr = 0x1005a52f, amo = 0x00c5b52f
const [root, middle, leaf, page] = [base + 0x1000n, base + 0x2000n, base + 0x3000n, base + 0x5000n]
const pointer = (to: bigint, flags = 1n): bigint => ((to >> 12n) << 10n) | flags
const V = 1n, R = 2n, W = 4n, X = 8n, U = 16n, A = 64n, D = 128n, full = V | R | W | A | D

interface Case {
  readonly word?: number
  readonly address?: bigint
  /** The entries of root, middle and leaf for the address's page. */
  readonly entries?: Readonly<{ root?: bigint; middle?: bigint; leaf?: bigint }>
  /** Flags of the leaf. */
  readonly flags?: bigint
  readonly registers?: Readonly<Record<string, bigint>>
  readonly choices?: Given['choices']
  readonly more?: Given['memory']
  readonly pmp?: Given['pmp']
}
/** Loads and stores of M-mode with the privilege of S-mode, on a page that 0x1000 is mapped to by three levels. */
const given = ({ word = lw, address = 0x1008n, entries = {}, flags = full, registers = {}, choices, more = [], pmp }: Case): Given => ({
  words: [word], x: { 11: address, 10: 0x55n, 12: 3n },
  registers: { 'mstatus.MPRV': 1n, 'mstatus.MPP': 1n, 'satp.MODE': 8n, 'satp.PPN': root >> 12n, ...registers },
  memory: [[root, entries.root ?? pointer(middle)], [middle, entries.middle ?? pointer(leaf)], [leaf + 8n, entries.leaf ?? pointer(page, flags)], [page + 8n, 0x1234n], ...more],
  ...(choices ? { choices } : {}), ...(pmp ? { pmp } : {}),
})
const outcome = (c: Case): string => stepOf(given(c))

describe('a leaf', () => {
  it('maps a page', () => {
    const m = machineOf(given({}))
    expect([said(m.step()), m.bank('x').get(10n)]).toEqual(['LW', 0x1234n])
    const n = machineOf(given({ word: sw }))
    expect([said(n.step()), n.bank('memory').get(page + 8n)]).toEqual(['SW', 0x55n])
  })
  const load = 'load page fault, 1008', store = 'store/AMO page fault, 1008'
  /** What makes it fault, and what the same comes to when one thing is put right. */
  const cases: readonly (readonly [what: string, fault: string, wrong: Case, right: Case])[] = [
    ['V = 0', load, { flags: full & ~V }, {}],
    ['W without R', load, { flags: full & ~R }, { flags: full & ~W }],
    ['a store where W = 0', store, { word: sw, flags: full & ~W }, { word: sw }],
    ['an AMO where W = 0', store, { word: 0x00c5a52f, flags: full & ~W }, { word: 0x00c5a52f }],
    ['a load where only X = 1', load, { flags: V | X | A | D }, { flags: V | X | A | D, registers: { 'mstatus.MXR': 1n } }],
    ['a user\'s page in S-mode', load, { flags: full | U }, { flags: full | U, registers: { 'mstatus.SUM': 1n } }],
    ['a supervisor\'s page in U-mode', load, { registers: { 'mstatus.MPP': 0n } }, { flags: full | U, registers: { 'mstatus.MPP': 0n } }],
    ['A = 0', load, { flags: full & ~A }, {}],
    ['a store where D = 0', store, { word: sw, flags: full & ~D }, { word: lw, flags: full & ~D }],
    ['a reserved bit', load, { entries: { leaf: pointer(page, full) | (1n << 54n) } }, {}],
    ['PBMT without its extension', load, { entries: { leaf: pointer(page, full) | (1n << 61n) } }, {}],
    ['a pointer in the last table', load, { entries: { leaf: pointer(page, V) } }, {}],
    ['A in a pointer', load, { entries: { middle: pointer(leaf, V | A) } }, { entries: { middle: pointer(leaf, V | A) }, choices: { reservedPointerBits: 'ignored' } }],
    ['a superpage that is not aligned', load, { entries: { middle: pointer(page, full) } }, { entries: { middle: pointer(base, full) } }],
    ['a superpage of 1 GiB that is not aligned', load, { entries: { root: pointer(base + 0x20_0000n, full) } }, { entries: { root: pointer(base, full) } }],
    ['an address that is not sign-extended', 'load page fault, 8000001008', { address: 0x80_0000_1008n }, {}],
    ['no entry for the address', 'load page fault, 3008', { address: 0x3008n }, {}],
    ['a table where there is no memory', 'load access fault, 1008', { entries: { middle: pointer(0x1000_0000n) } }, {}],
    ['a page where there is no memory', 'load access fault, 1008', { entries: { leaf: pointer(0x1000_0000n, full) } }, {}],
  ]
  it.each(cases)('faults for %s: %s', (_, fault, wrong, right) => {
    expect(outcome(wrong)).toBe(fault)
    expect(outcome(right)).toMatch(/^(LW|SW|AMOADD.W)$/)
  })
  it('is not looked at in M-mode, nor with MODE = Bare', () => {
    const physical = { address: page + 8n, entries: { root: 0n } }
    expect(outcome({ ...physical })).toMatch(/fault/)
    expect(outcome({ ...physical, registers: { 'mstatus.MPRV': 0n } })).toBe('LW')
    expect(outcome({ ...physical, registers: { 'satp.MODE': 0n } })).toBe('LW')
    expect(outcome({ address: 1n << 56n, registers: { 'satp.MODE': 0n } })).toBe('load access fault, 100000000000000')
  })
})

describe('superpages', () => {
  it('take the low bits of the virtual page number', () => {
    const at = (address: bigint, entries: Case['entries']): bigint => {
      const m = machineOf(given({ address, entries: entries!, more: [[base + 0x4_5008n, 0x777n]] }))
      m.step()
      return m.bank('x').get(10n)
    }
    expect(at(0x4_5008n, { middle: pointer(base, full) })).toBe(0x777n)
    expect(at(0x4_5008n, { root: pointer(base, full) })).toBe(0x777n)
    expect(at(0x4_5008n, { root: pointer(base, full & ~R & ~W) })).toBe(0x55n)
  })
})

describe('Sv48, Sv57 and Sv32', () => {
  it('walk four levels where the hart has Sv48', () => {
    const top = base + 0x4000n, c: Case = { registers: { 'satp.MODE': 9n, 'satp.PPN': top >> 12n }, more: [[top, pointer(root)]], choices: { schemes: ['Sv39', 'Sv48'] } }
    expect(outcome(c)).toBe('LW')
    expect(outcome({ ...c, more: [[top, pointer(root, 0n)]] })).toBe('load page fault, 1008')
  })
  it('walk five levels where the hart has Sv57, with addresses of 57 bits', () => {
    const [top, next] = [base + 0x4000n, base + 0x6000n], high = 1n << 48n, schemes = ['Sv39', 'Sv48', 'Sv57'] as const
    // 2^48 is the second entry of the first table.
    const c: Case = { address: high | 0x1008n, registers: { 'satp.MODE': 10n, 'satp.PPN': top >> 12n }, more: [[top + 8n, pointer(next)], [next, pointer(root)]], choices: { schemes } }
    expect([outcome(c), outcome({ ...c, address: 0x1008n }), outcome({ ...c, address: (1n << 56n) | 0x1008n })]).toEqual(['LW', 'load page fault, 1008', 'load page fault, 100000000001008'])
    expect(outcome({ ...c, registers: { 'satp.MODE': 9n, 'satp.PPN': next >> 12n } })).toBe('load page fault, 1000000001008')
    // The upper half: 256 TiB below 2^64 are a leaf of the first table, which must be aligned.
    const upper = -(1n << 48n) + base + 0x5008n, leafOf = (to: bigint): Case => ({ ...c, address: BigInt.asUintN(64, upper), more: [[top + 0xff8n, pointer(to, full)]] })
    expect([outcome(leafOf(0n)), outcome(leafOf(base))]).toEqual(['LW', 'load page fault, ffff000080005008'])
    expect(outcome({ ...c, choices: { schemes, translationCache: ['leaf entries', 'pointers'] } })).toBe('LW')
    // Such a leaf is kept too.
    expect([[], ['leaf entries'] as const].map((translationCache) => {
      const m = machineOf({ ...given({ ...leafOf(0n), choices: { schemes, translationCache } }), words: [lw, lw] })
      m.step()
      put(m, top + 0xff8n, 0n, 8)
      return said(m.step())
    })).toEqual(['load page fault, ffff000080005008', 'LW'])
  })
  it('have MODEs that satp holds only where they are', () => {
    const csrw = 0x18051073, write = (mode: bigint, schemes: ('Sv39' | 'Sv48')[]): bigint => {
      const m = machineOf({ words: [csrw], x: { 10: mode << 60n }, choices: { schemes } })
      m.step()
      return m.register('satp.MODE')
    }
    expect([write(8n, ['Sv39']), write(9n, ['Sv39']), write(9n, ['Sv39', 'Sv48'])]).toEqual([8n, 0n, 9n])
  })
  it('of RV32 have entries of four bytes and physical addresses of 34 bits', () => {
    const high = 0x3_0000_0000n
    const c = (entry: bigint): Given => ({
      name: 'riscv32', words: [lw], x: { 11: 0x1008n }, choices: { regions: [{ base, size: 0x10000n }, { base: high, size: 0x1000n }] },
      registers: { 'mstatus.MPRV': 1n, 'mstatus.MPP': 1n, 'satp.MODE': 1n, 'satp.PPN': root >> 12n },
      memory: [[root, pointer(leaf)], [leaf + 4n, entry], [high + 8n, 0x99n]],
    })
    const m = machineOf(c(pointer(high, full)))
    expect([said(m.step()), m.bank('x').get(10n)]).toEqual(['LW', 0x99n])
    expect(stepOf(c(pointer(high, full & ~A)))).toBe('load page fault, 1008')
    expect(stepOf({ ...c(0n), memory: [[root, pointer(base + 0x40_0000n, full)]] })).toBe('load access fault, 1008')
    expect(stepOf({ ...c(0n), memory: [[root, pointer(base, full)]] })).toBe('LW')
  })
})

describe('A and D set by hardware', () => {
  const choices = { accessedDirty: 'hardware' } as const
  const entryAfter = (c: Case): readonly [string, bigint] => {
    const m = machineOf(given({ ...c, choices }))
    return [said(m.step()), m.bank('memory').get(leaf + 8n)]
  }
  it('are set by the accesses that need them', () => {
    expect(entryAfter({ flags: V | R | W })).toEqual(['LW', V | R | W | A])
    expect(entryAfter({ flags: V | R | W | A, word: sw })).toEqual(['SW', full])
    expect(entryAfter({ flags: V | R | W, word: 0x00c5a52f })).toEqual(['AMOADD.W', full])
    expect(entryAfter({ flags: V | R, word: sw })).toEqual(['store/AMO page fault, 1008', V | R])
  })
  it('need PMP to let the tables be written', () => {
    const readOnly = { pmp: [[0x19n, (leaf >> 2n) | 0x1ffn], [0x1fn, -1n]] } as const
    expect(entryAfter({ flags: V | R | W, ...readOnly })[0]).toBe('load access fault, 1008')
    expect(entryAfter({ flags: full, ...readOnly })[0]).toBe('LW')
  })
  it('are what menvcfg.ADUE says with Svadu', () => {
    const svadu = { extensions: ['Svadu'] } as const
    expect(outcome({ flags: V | R, choices: svadu })).toBe('load page fault, 1008')
    expect(outcome({ flags: V | R, choices: svadu, registers: { 'menvcfg.ADUE': 1n } })).toBe('LW')
  })
  it('are seen by a load of the entry itself', () => {
    const m = machineOf(given({ choices, word: ld, address: 0x1008n, entries: { leaf: pointer(leaf, V | R) } }))
    expect([said(m.step()), m.bank('x').get(10n)]).toEqual(['LD', pointer(leaf, V | R | A)])
  })
})

describe('tables in the other byte order', () => {
  it('are those of SBE, A and D included', () => {
    const swapped = (n: bigint): bigint => Array.from({ length: 8 }, (_, k) => (n >> BigInt(8 * k)) & 0xffn).reduce((all, byte) => (all << 8n) | byte, 0n)
    const c = (SBE: bigint): Case => ({
      entries: { root: swapped(pointer(middle)), middle: swapped(pointer(leaf)), leaf: swapped(pointer(page, V | R)) },
      choices: { MBE: 'writable', SBE: 'writable', UBE: 'writable', accessedDirty: 'hardware' }, registers: { 'mstatus.SBE': SBE },
    })
    const m = machineOf(given(c(1n)))
    expect([said(m.step()), m.bank('memory').get(leaf + 15n)]).toEqual(['LW', V | R | A])
    expect(outcome(c(0n))).toBe('load page fault, 1008')
  })
})

describe('an access across two pages', () => {
  const other = base + 0x7000n
  const across = (word: number, second: bigint, choices?: Given['choices']) =>
    given({ word, address: 0x1ffdn, more: [[leaf + 16n, second], [page + 0xff8n, 0x332211n << 40n], [other, 0x8877_6655_44n]], ...(choices ? { choices } : {}) })
  it('takes bytes from both', () => {
    const m = machineOf(across(ld, pointer(other, full)))
    expect([said(m.step()), m.bank('x').get(10n)]).toEqual(['LD', 0x8877_6655_4433_2211n])
  })
  it('stores to both or to none', () => {
    const m = machineOf(across(sd, pointer(other, full)))
    put(m, base + 0x8000n, BigInt(sd), 4)
    m.bank('x').set(10n, 0x0807_0605_0403_0201n)
    expect([said(m.step()), m.bank('memory').number(page + 0xffdn, 3), m.bank('memory').number(other, 6)]).toEqual(['SD', 0x030201n, 0x00_08_0706_0504n])
    const n = machineOf(across(sd, pointer(other, full & ~W)))
    expect([said(n.step()), n.bank('memory').number(page + 0xffdn, 3)]).toEqual(['store/AMO page fault, 2000', 0x332211n])
  })
  it('faults with the address of the piece at fault', () => {
    expect(stepOf(across(ld, 0n))).toBe('load page fault, 2000')
    expect(stepOf(across(ld, pointer(0x1000_0000n, full)))).toBe('load access fault, 2000')
    expect(stepOf(across(ld, 0n, { misaligned: 'trapped' }))).toBe('load address misaligned, 1ffd')
  })
  it('that is an access fault because it is misaligned is one after page faults only', () => {
    const choices = { misaligned: 'access fault' } as const
    expect([0n, pointer(other, full)].map((second) => stepOf(across(ld, second, choices)))).toEqual(['load page fault, 2000', 'load access fault, 1ffd'])
    expect([full & ~W, full].map((flags) => outcome({ word: sw, address: 0x1001n, flags, choices }))).toEqual(['store/AMO page fault, 1001', 'store/AMO access fault, 1001'])
    expect([full & ~A, full].map((flags) => outcome({ word: lr, address: 0x100an, flags }))).toEqual(['load page fault, 100a', 'load access fault, 100a'])
    expect([0n, pointer(other, full)].map((second) => stepOf(across(amo, second)))).toEqual(['store/AMO page fault, 2000', 'store/AMO access fault, 1ffd'])
    expect(stepOf(across(amo, 0n, { misaligned: 'trapped', misalignedAtomics: 'trapped' }))).toBe('store/AMO address misaligned, 1ffd')
  })
})
