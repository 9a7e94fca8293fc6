import { describe, expect, it } from 'vitest'
import { riscvHart } from './isa.ts'
import { kernel, supervisorCode, userCode } from './kernel.fixture.ts'
import { base, code, machineOf, put, said, stepOf, type Given } from './running.fixture.ts'

const ebreak = 0x00100073, ecall = 0x00000073, lw = 0x0005a503, sw = 0x00a5a023, wfi = 0x10500073, mret = 0x30200073, nop = 0x13
const all = -1n

describe('programs', () => {
  it('sum the numbers from 1 to 100', () => {
    // li t0, 100; li t1, 0; add t1, t1, t0; addi t0, t0, -1; bnez t0, -8; ebreak
    const m = machineOf({ words: [0x06400293, 0x00000313, 0x00530333, 0xfff28293, 0xfe029ce3, ebreak] })
    const steps = m.run(1000, (s) => s.kind === 'trapped')
    expect([steps, m.bank('x').get(6n), m.register('mcause'), m.register('mtval'), m.register('minstret'), m.register('mcycle')])
      .toEqual([303, 5050n, 3n, code + 20n, 302n, 303n])
  })
  it('change their own code and their own page tables', () => {
    // sw a0, 4(a1) over the instruction after next
    const m = machineOf({ words: [0x00a5a223, nop], x: { 10: 0x00700613n, 11: code } })
    expect([said(m.step()), said(m.step()), m.bank('x').get(12n)]).toEqual(['SW', 'ADDI', 7n])
  })
  it('are a kernel and its program: calls, an interrupt of the timer and a page fault, through three modes', () => {
    const pageOf = (address: bigint, flags: bigint): bigint => ((address >> 12n) << 10n) | flags
    const m = machineOf({ registers: { pc: kernel.base }, memory: [[kernel.root + 16n, pageOf(kernel.middle, 1n)], [kernel.middle, pageOf(kernel.base, 0xcfn)], [kernel.middle + 8n, pageOf(kernel.user, 0xdfn)]], pmp: [] })
    m.bank('memory').write(kernel.base, supervisorCode)
    m.bank('memory').write(kernel.user, userCode)
    const x = (n: number): bigint => m.bank('x').get(BigInt(n))
    m.run(1000, () => x(7) === 50n)
    expect([m.register('priv'), m.register('pc'), x(10)]).toEqual([0n, kernel.userLoop, 20n])
    m.setRegister('mip.MTIP', 1n)
    m.run(1000, () => m.register('pc') === kernel.loop)
    // The timer once, two calls, the address of the page fault, and S-mode's own call.
    expect([x(20), x(19), x(21), m.register('mcause'), m.register('scause'), m.register('stval'), m.register('priv'), x(7)])
      .toEqual([1n, 2n, 0x1234_5678n, 9n, 13n, 0x1234_5678n, 3n, 0n])
  })
  it('stop at a step that is not run', () => { expect(machineOf({ words: [ebreak] }).run(0)).toBe(0) })
})

describe('PMP', () => {
  const at = base + 0x1000n, inS = { 'mstatus.MPRV': 1n, 'mstatus.MPP': 1n }
  const access = (pmp: Given['pmp'], more: Partial<Given> = {}): string => stepOf({ words: [lw], x: { 11: at }, registers: inS, ...more, pmp: pmp! })
  const fault = 'load access fault, 80001000'
  const page = (at >> 2n) | 0x1ffn, word = at >> 2n
  const cases: readonly (readonly [what: string, pmp: Given['pmp'], is: string, more?: Partial<Given>])[] = [
    ['nothing matches in S-mode', [[0n, 0n]], fault],
    ['nothing matches in M-mode', [[0n, 0n]], 'LW', { registers: {} }],
    ['NAPOT with R', [[0x19n, page]], 'LW'], ['NAPOT without R', [[0x1cn, page]], fault], ['NAPOT beside', [[0x19n, page + 0x400n]], fault],
    ['NAPOT of 8 bytes', [[0x19n, word]], 'LW'], ['NAPOT of all', [[0x19n, all]], 'LW'],
    ['NA4', [[0x11n, word]], 'LW'], ['NA4 beside', [[0x11n, word + 1n]], fault],
    ['TOR from 0', [[0x09n, word + 1n]], 'LW'], ['TOR that ends here', [[0x09n, word]], fault], ['TOR from the entry before', [[0n, word], [0x09n, word + 1n]], 'LW'],
    ['TOR that starts after', [[0n, word + 1n], [0x09n, word + 2n]], fault], ['TOR with its ends exchanged', [[0n, word + 2n], [0x09n, word]], fault],
    ['the first of two that match denies', [[0x10n, word], [0x19n, all]], fault], ['the first of two allows', [[0x11n, word], [0x18n, all]], 'LW'],
    ['half of the access matches', [[0x11n, word], [0x19n, all]], fault, { words: [0x0005b503] }],
    ['half of it matches, in M-mode too', [[0x11n, word]], fault, { words: [0x0005b503], registers: {} }],
    ['M-mode and an entry that is not locked', [[0x10n, word]], 'LW', { registers: {} }], ['M-mode and one that is', [[0x90n, word]], fault, { registers: {} }],
    ['a store without W', [[0x11n, word]], 'store/AMO access fault, 80001000', { words: [sw] }], ['a store with W', [[0x13n, word]], 'SW', { words: [sw] }],
    ['an AMO without R', [[0x12n, word]], 'store/AMO access fault, 80001000', { words: [0x00c5a52f] }], ['an AMO with both', [[0x13n, word]], 'AMOADD.W', { words: [0x00c5a52f] }],
  ]
  it.each(cases.map(([what, pmp, is, more]) => ({ what, pmp, is, more })))('$what', ({ pmp, is, more }) => { expect(access(pmp, more)).toBe(is) })
  it('guards fetches', () => {
    const inU = { priv: 0n }
    expect(stepOf({ words: [nop], registers: inU, pmp: [[0x1bn, all]] })).toBe(`instruction access fault, ${code.toString(16)}`)
    expect(stepOf({ words: [nop], registers: inU, pmp: [[0x1cn, all]] })).toBe('ADDI')
  })
  it('guards the tables of a walk, with the rights of S-mode', () => {
    const registers = { ...inS, 'satp.MODE': 8n, 'satp.PPN': at >> 12n }, memory: Given['memory'] = [[at, ((base >> 12n) << 10n) | 0xcfn]]
    const walk = (pmp: Given['pmp']): string => stepOf({ words: [lw], x: { 11: 0x2000n }, registers, memory, pmp: pmp! })
    expect([walk([[0x1fn, all]]), walk([[0x1cn, page], [0x1fn, all]])]).toEqual(['LW', 'load access fault, 2000'])
  })
  it('has locked entries that ignore writes, and lock the one before a TOR', () => {
    const write = (word: number, entries: Given['pmp']) => {
      const m = machineOf({ words: [word], x: { 10: 0x1fn }, pmp: entries! })
      m.step()
      return [m.bank('pmpcfg').get(0n), m.bank('pmpaddr').get(0n)]
    }
    const pmpcfg0 = 0x3a051073, pmpaddr0 = 0x3b051073
    expect(write(pmpcfg0, [[0n, 5n]])).toEqual([0x1fn, 5n])
    expect(write(pmpcfg0, [[0x80n, 5n]])).toEqual([0x80n, 5n])
    expect(write(pmpaddr0, [[0n, 5n], [0x88n, 9n]])).toEqual([0n, 5n])
    expect(write(pmpaddr0, [[0n, 5n], [0x80n, 9n]])).toEqual([0n, 0x1fn])
  })
})

describe('the fetch', () => {
  const root = base + 0x1000n, page = base + 0x2000n
  /** Code at the end of a page that is mapped, before one that is or is not. */
  const atEnd = (offset: bigint, word: number, second: bigint): string => {
    const m = machineOf({
      registers: { priv: 1n, pc: 0x1f_f000n + offset, 'satp.MODE': 8n, 'satp.PPN': root >> 12n },
      memory: [[root, ((root + 0x1000n) >> 12n << 10n) | 1n], [root + 0x1000n, ((base + 0x3000n) >> 12n << 10n) | 1n], [base + 0x3000n + 8n * 0x1ffn, (page + 0x4000n) >> 12n << 10n | 0x49n], [root + 0x1008n, second]],
    })
    put(m, page + 0x4000n + offset, BigInt(word >>> 0) & 0xffffn, 2)
    if (offset === 0xffen) put(m, base + 0x20_0000n, BigInt(word >>> 16), 2)
    else put(m, page + 0x4002n + offset, BigInt(word >>> 16), 2)
    return said(m.step())
  }
  const superpage = ((base + 0x20_0000n) >> 12n << 10n) | 0x49n
  it('takes the second half of an instruction from the next page', () => { expect(atEnd(0xffen, 0x00150513, superpage)).toBe('ADDI') })
  it('faults with the address of the half at fault', () => {
    expect(atEnd(0xffen, 0x00150513, 0n)).toBe('instruction page fault, 200000')
    expect(atEnd(0xffen, 0x00150513, ((0x1000_0000n) >> 12n << 10n) | 0x49n)).toMatch(/fault, 200000/)
    expect(atEnd(0xffen, 0x0505, 0n)).toBe('C.ADDI')
    expect(atEnd(0xffcn, 0x00150513, 0n)).toBe('ADDI')
    expect(stepOf({ registers: { pc: 0x1000n } })).toBe('instruction access fault, 1000')
  })
  it('gives the bits of what is no instruction', () => {
    expect(stepOf({ words: [0xffffffff] })).toBe('illegal instruction, ffffffff')
    expect(stepOf({ words: [0x9c78, nop] })).toBe('illegal instruction, 9c78')
    expect(stepOf({ words: [0] })).toBe('illegal instruction')
    expect(stepOf({ words: [0xffffffff], choices: { illegalValue: 'zero' } })).toBe('illegal instruction')
    expect(stepOf({ words: [0x30051073], registers: { priv: 0n } })).toBe('illegal instruction, 30051073')
    expect(stepOf({ words: [0x2001], registers: { priv: 0n } })).toBe('illegal instruction, 2001')
  })
})

describe('traps', () => {
  const after = (given: Given, names: readonly string[]): bigint[] => {
    const m = machineOf(given)
    m.step()
    return names.map((n) => m.register(n))
  }
  it('go to S-mode where medeleg says so, with the value', () => {
    const given = (priv: bigint): Given => ({ words: [lw], x: { 11: 1n }, registers: { priv, 'medeleg[9:0]': 0x20n, 'stvec.BASE': 0x100n, 'mtvec.BASE': 0x200n, 'mstatus.SIE': 1n } })
    expect(after(given(0n), ['priv', 'pc', 'scause', 'stval', 'sepc[xlen-1:1]', 'mstatus.SPP', 'mstatus.SPIE', 'mstatus.SIE'])).toEqual([1n, 0x400n, 5n, 1n, code >> 1n, 0n, 1n, 0n])
    expect(after(given(3n), ['priv', 'pc', 'mcause', 'mtval', 'mstatus.MPP'])).toEqual([3n, 0x800n, 5n, 1n, 3n])
  })
  it('say where EBREAK is, or nothing', () => {
    expect(after({ words: [ebreak] }, ['mcause', 'mtval'])).toEqual([3n, code])
    expect(after({ words: [ebreak], choices: { breakpointValue: 'zero' } }, ['mcause', 'mtval'])).toEqual([3n, 0n])
    expect(after({ words: [ecall] }, ['mcause', 'mtval'])).toEqual([11n, 0n])
  })
  it('use vectors for interrupts only', () => {
    const vectored = { 'mtvec.BASE': 0x200n, 'mtvec.MODE': 1n }
    expect(after({ words: [ebreak], registers: vectored }, ['pc'])).toEqual([0x800n])
    expect(after({ words: [nop], registers: { ...vectored, 'mstatus.MIE': 1n, 'mie.MTIE': 1n, 'mip.MTIP': 1n } }, ['pc', 'mcause', 'mepc[xlen-1:1]'])).toEqual([0x81cn, (1n << 63n) | 7n, code >> 1n])
  })
  it('end a reservation where the hart is such a one', () => {
    const given: Given = { words: [ebreak], registers: { 'reservation valid': 1n } }
    expect([after(given, ['reservation valid']), after({ ...given, choices: { reservationEnds: 'at SC' } }, ['reservation valid'])]).toEqual([[0n], [1n]])
  })
})

describe('interrupts', () => {
  const pending = { 'mip.MEIP': 1n, 'mip.MSIP': 1n, 'mip.MTIP': 1n, 'mip.SEIP': 1n, 'mip.SSIP': 1n, 'mip.STIP': 1n }
  const enabled = { 'mie.MEIE': 1n, 'mie.MSIE': 1n, 'mie.MTIE': 1n, 'mie.SEIE': 1n, 'mie.SSIE': 1n, 'mie.STIE': 1n }
  const step = (registers: Readonly<Record<string, bigint>>): string => stepOf({ words: [nop], registers })
  it('come in the order of the manual', () => {
    const order = ['MEI', 'MSI', 'MTI', 'SEI', 'SSI', 'STI'], taken: string[] = []
    const registers: Record<string, bigint> = { ...pending, ...enabled, 'mstatus.MIE': 1n }
    for (const name of order) {
      taken.push(step(registers))
      registers[`mip.${name}P`] = 0n
    }
    expect(taken).toEqual(['machine external interrupt', 'machine software interrupt', 'machine timer interrupt', 'supervisor external interrupt', 'supervisor software interrupt', 'supervisor timer interrupt'])
    expect(step(registers)).toBe('ADDI')
  })
  it('for M-mode come before those for S-mode', () => {
    const registers = { ...enabled, priv: 0n, 'mip.SEIP': 1n, 'mip.STIP': 1n, 'mideleg.SEI': 1n }
    expect(step(registers)).toBe('supervisor timer interrupt')
    expect(step({ ...registers, 'mideleg.STI': 1n })).toBe('supervisor external interrupt')
  })
  it('wait for their mode to enable them, and for no higher mode', () => {
    const software = { 'mip.SSIP': 1n, 'mie.SSIE': 1n }
    expect(step({ ...software })).toBe('ADDI')
    expect(step({ ...software, priv: 1n })).toBe('supervisor software interrupt')
    expect(step({ ...software, priv: 1n, 'mideleg.SSI': 1n })).toBe('ADDI')
    expect(step({ ...software, priv: 1n, 'mideleg.SSI': 1n, 'mstatus.SIE': 1n })).toBe('supervisor software interrupt')
    expect(step({ ...software, priv: 3n, 'mideleg.SSI': 1n, 'mstatus.SIE': 1n, 'mstatus.MIE': 1n })).toBe('ADDI')
    expect(step({ ...software, priv: 0n, 'mideleg.SSI': 1n })).toBe('supervisor software interrupt')
    expect(step({ 'mip.SSIP': 1n, priv: 0n })).toBe('ADDI')
  })
  it('from the controller\'s line show in mip, and are not written back', () => {
    // csrrs a0, mip, a1
    const m = machineOf({ words: [0x3445a573], x: { 11: 2n }, registers: { 'SEIP line': 1n } })
    m.step()
    expect([m.bank('x').get(10n), m.register('mip.SEIP'), m.register('mip.SSIP')]).toEqual([0x200n, 0n, 1n])
    const n = machineOf({ words: [0x3445a573], x: { 11: 2n }, registers: { 'mip.SEIP': 1n } })
    n.step()
    expect([n.bank('x').get(10n), n.register('mip.SEIP')]).toEqual([0x200n, 1n])
  })
})

describe('WFI', () => {
  it('stalls until an interrupt is pending and enabled, taken or not', () => {
    const m = machineOf({ words: [wfi, nop] })
    expect([said(m.step()), said(m.step()), said(m.step()), m.steps]).toEqual(['WFI', 'halted', 'halted', 1])
    m.setRegister('mip.MTIP', 1n)
    expect(said(m.step())).toBe('halted')
    m.setRegister('mie.MTIE', 1n)
    expect([said(m.step()), m.register('pc')]).toEqual(['ADDI', code + 8n])
    m.setRegister('mip.MTIP', 0n)
    expect(m.register('waiting')).toBe(0n)
  })
  it('is interrupted after itself', () => {
    const m = machineOf({ words: [wfi], registers: { 'mstatus.MIE': 1n, 'mie.MTIE': 1n } })
    m.step()
    m.setRegister('mip.MTIP', 1n)
    expect([said(m.step()), m.register('mepc[xlen-1:1]') << 1n]).toEqual(['machine timer interrupt', code + 4n])
  })
  it('may complete at once, and may be refused', () => {
    expect(machineOf({ words: [wfi, nop], choices: { wait: 'completes' } }).run(2)).toBe(2)
    expect(stepOf({ words: [wfi], registers: { priv: 0n } })).toBe('illegal instruction, 10500073')
    expect(stepOf({ words: [wfi], registers: { priv: 1n, 'mstatus.TW': 1n } })).toBe('illegal instruction, 10500073')
    expect(stepOf({ words: [wfi], registers: { priv: 1n } })).toBe('WFI')
  })
})

describe('LR and SC', () => {
  // lr.w a0, (a1); sc.w a2, a0, (a3); sc.w a2, a0, (a3)
  const words = [0x1005a52f, 0x18a6a62f, 0x18a6a62f]
  const run = (x: Record<number, bigint>, more: Partial<Given> = {}): bigint[] => {
    const m = machineOf({ words, x, ...more })
    m.step()
    m.step()
    const first = m.bank('x').get(12n)
    m.step()
    return [first, m.bank('x').get(12n)]
  }
  const a = base + 0x100n
  it('succeed once, at the address reserved', () => {
    expect(run({ 11: a, 13: a })).toEqual([0n, 1n])
    expect(run({ 11: a, 13: a + 8n })).toEqual([1n, 1n])
  })
  it('check memory also where SC fails', () => {
    expect(stepOf({ words: [0x18a6a62f], x: { 13: 0x1000n } })).toBe('store/AMO access fault, 1000')
    expect(stepOf({ words: [0x18a6a62f], x: { 13: a + 2n } })).toBe('store/AMO access fault, 80000102')
    expect(stepOf({ words: [0x18a6a62f], x: { 13: a } })).toBe('SC.W')
  })
  it('may ask for the same width', () => {
    const d: Partial<Given> = { words: [0x1005a52f, 0x18a6b62f, 0x18a6b62f] }
    expect(run({ 11: a, 13: a }, d)).toEqual([0n, 1n])
    expect(run({ 11: a, 13: a }, { ...d, choices: { reservationWidth: 'that of LR' } })).toEqual([1n, 1n])
  })
})

describe('counters', () => {
  it('count unless they are inhibited or written', () => {
    const counts = (words: readonly number[], registers: Record<string, bigint> = {}): bigint[] => {
      const m = machineOf({ words, registers, x: { 10: 100n } })
      m.run(words.length)
      return [m.register('mcycle'), m.register('minstret')]
    }
    expect(counts([nop, nop])).toEqual([2n, 2n])
    expect(counts([nop, ebreak])).toEqual([2n, 1n])
    expect(counts([nop, nop], { 'mcountinhibit.CY': 1n })).toEqual([0n, 2n])
    expect(counts([nop, nop], { 'mcountinhibit[31:2]': 1n })).toEqual([2n, 0n])
    // csrw mcycle, a0; csrw minstret, a0
    expect(counts([0xb0051073, nop])).toEqual([101n, 2n])
    expect(counts([0xb0251073, nop])).toEqual([2n, 101n])
    // csrwi mcountinhibit, 5; csrwi mcountinhibit, 0: each is counted as before its write
    expect(counts([0x3202d073, nop])).toEqual([1n, 1n])
    expect(counts([0x32005073, nop], { 'mcountinhibit.CY': 1n, 'mcountinhibit[31:2]': 1n })).toEqual([1n, 1n])
  })
})

describe('registers of triggers', () => {
  // csrw tselect, a0; csrr a0, tdata1
  const words = [0x7a051073, 0x7a102573], x = { 10: 7n }
  it('say that there is none, or are not there', () => {
    const m = machineOf({ words, x, choices: { triggerRegisters: 'read-only 0' } })
    expect([said(m.step()), said(m.step()), m.bank('x').get(10n)]).toEqual(['CSRRW machine', 'CSRRS machine', 0n])
    expect(stepOf({ words, x })).toBe('illegal instruction, 7a051073')
  })
})

describe('MRET', () => {
  it('goes to U-mode, where what was allowed is not', () => {
    const m = machineOf({ words: [mret], registers: { 'mepc[xlen-1:1]': code >> 1n } })
    expect([said(m.step()), said(m.step()), m.register('mcause'), m.register('mstatus.MPP')]).toEqual(['MRET', 'illegal instruction, 30200073', 2n, 0n])
  })
})

describe('extensions', () => {
  const choices = { extensions: ['Zicbom', 'Zicboz', 'Zawrs', 'Sstc'] } as const
  const a = base + 0x1010n
  it('zero a cache block, all of which PMP must allow', () => {
    const zero = 0x0045a00f, before: Given = { words: [zero], x: { 11: a }, memory: [[base + 0x1000n, 5n], [base + 0x1038n, 6n], [base + 0x1040n, 7n]], choices }
    const m = machineOf(before)
    expect([said(m.step()), m.bank('memory').number(base + 0x1000n, 64), m.bank('memory').get(base + 0x1040n)]).toEqual(['CBO.ZERO', 0n, 7n])
    expect(stepOf({ ...before, registers: { priv: 3n }, pmp: [[0x91n, (base + 0x1038n) >> 2n], [0x1fn, all]] })).toBe('store/AMO access fault, 80001010')
  })
  it('set A and D of the page that the block lies in', () => {
    const at = base + 0x2000n, cell = ((base >> 12n) << 10n) | 0x0fn
    const m = machineOf({
      words: [0x0045a00f], x: { 11: 0x1010n }, memory: [[at, cell], [base + 0x1010n, 5n]], choices: { ...choices, accessedDirty: 'hardware' },
      registers: { 'mstatus.MPRV': 1n, 'mstatus.MPP': 1n, 'satp.MODE': 8n, 'satp.PPN': at >> 12n },
    })
    expect([said(m.step()), m.bank('memory').get(at), m.bank('memory').number(base + 0x1000n, 64)]).toEqual(['CBO.ZERO', 0xcfn, 0n])
  })
  it.each([['INVAL', 0x0005a00f], ['CLEAN', 0x0015a00f], ['FLUSH', 0x0025a00f], ['ZERO', 0x0045a00f]] as const)('%s: faults are those of stores at rs1; only zeroing needs W and D', (name, word) => {
    const at = base + 0x2000n, R = 3n, W = 4n, A = 0x40n, D = 0x80n, zeroes = name === 'ZERO'
    const outcome = (flags: bigint, more: Partial<Given> = {}): string => stepOf({
      words: [word], x: { 11: 0x1011n }, memory: [[at, ((base >> 12n) << 10n) | flags]], choices: { ...choices, ...more.choices },
      registers: { 'mstatus.MPRV': 1n, 'mstatus.MPP': 1n, 'satp.MODE': 8n, 'satp.PPN': at >> 12n }, ...(more.pmp ? { pmp: more.pmp } : {}),
    })
    const page = 'store/AMO page fault, 1011', access = 'store/AMO access fault, 1011', done = `CBO.${name}`
    expect([0n, R, R | A, R | A | D, R | W | A, R | W | A | D].map((flags) => outcome(flags))).toEqual(zeroes ? [page, page, page, page, page, done] : [page, page, done, done, done, done])
    const protectedBy = (config: bigint): string => outcome(R | W | A | D, { pmp: [[config, ((base + 0x1020n) >> 2n) | 3n], [0x1fn, all]] })
    expect([protectedBy(0x19n), protectedBy(0x18n)]).toEqual([zeroes ? access : done, access])
    expect(outcome(0n, { choices: { addressValues: [] } })).toBe('store/AMO page fault')
  })
  it('leave memory as it is where a block is invalidated: there are no caches', () => {
    const m = machineOf({ words: [0x0005a00f], x: { 11: a }, memory: [[base + 0x1000n, 5n]], choices })
    expect([said(m.step()), m.bank('memory').get(base + 0x1000n)]).toEqual(['CBO.INVAL', 5n])
  })
  it('make a timer interrupt of time and stimecmp', () => {
    const registers = { 'menvcfg.STCE': 1n, stimecmp: 10n, mtime: 10n, 'mie.STIE': 1n, 'mstatus.MIE': 1n }
    expect(stepOf({ words: [nop], registers, choices })).toBe('supervisor timer interrupt')
    expect(stepOf({ words: [nop], registers: { ...registers, mtime: 9n }, choices })).toBe('ADDI')
  })
})

describe('a hart of other choices', () => {
  it('says what it chooses, and where it starts', () => {
    const { isa, reset } = riscvHart('riscv64', { resetPc: 0x1000n, breakpointValue: 'zero' })
    expect([isa.choices!['breakpointValue']!.chosen, isa.choices!['schemes']!.chosen, reset.registers['pc'], reset.registers['priv']]).toEqual(['zero', 'Sv39', 0x1000n, 3n])
    expect(() => riscvHart('riscv128')).toThrow(/no RISC-V ISA is called riscv128/)
  })
  it('refuses a reserved rounding mode, or rounds to nearest', () => {
    // fadd.d f10, f11, f12 with rm = 5
    const word = 0x02c5d553, f = { 11: 0x3ff0000000000000n, 12: 0x3ff0000000000000n }, registers = { 'mstatus.FS': 3n }
    expect(stepOf({ words: [word], f, registers })).toBe('illegal instruction, 2c5d553')
    expect(stepOf({ words: [word], f, registers, choices: { staticReservedRounding: 'round to nearest, ties to even' } })).toBe('FADD.D')
  })
})
