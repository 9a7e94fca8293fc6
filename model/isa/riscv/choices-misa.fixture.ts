// Of the choices about misa: what is looked at with extensions on and off, and what that is for each of them.
import type { Choices, Look } from './choices-access.fixture.ts'
import type { Parameters } from './parameters.ts'
import { code, machineOf, said, type Given } from './running.fixture.ts'

const all = { writableExtensions: ['A', 'C', 'D', 'F', 'M'] } as const
/** A hart of which these extensions are off, and the others that can be written on. */
const hart = (given: Given, choices: Choices, off = '') => {
  const m = machineOf({ ...given, choices })
  for (const extension of choices.writableExtensions ?? []) m.setRegister(`misa.${extension}`, off.includes(extension) ? 0n : 1n)
  return m
}

/** What a CSR reads after these writes, each from a0; words before them are executed first. */
const reads = (writes: readonly (readonly [csr: number, value: bigint])[], csr: number, off = '', more: Given = {}) => (choices: Choices): unknown => {
  const m = hart({ ...more, words: [...(more.words ?? []), ...writes.map(([n]) => (n << 20) | 0x51073), (csr << 20) | 0x2573] }, choices, off)
  m.run(more.words?.length ?? 0)
  for (const [, value] of writes) {
    m.bank('x').set(10n, value)
    m.step()
  }
  const last = said(m.step())
  return last.startsWith('CSRRS') ? m.bank('x').get(10n) : last
}
const stepped = (given: Given, off: string) => (choices: Choices): unknown => said(hart(given, choices, off).step())

const misa = 0x301, mstatus = 0x300, mepc = 0x341, whole = 0x8000_0000_0014_112dn, least = 0x8000_0000_0014_0100n
const [A, C, D, F, M] = [1n, 4n, 8n, 0x20n, 0x1000n], on = { 'mstatus.FS': 3n }

/** An instruction, the extensions each of which it needs, and what it is called. */
const needing: readonly (readonly [word: number, needs: string, name: string])[] = [
  [0x02a50533, 'M', 'MUL'], [0x00c5a52f, 'A', 'AMOADD.W'], [0x1005a52f, 'A', 'LR.W'], [0x00208253, 'F', 'FADD.S'], [0x02208253, 'DF', 'FADD.D'], [0x0005a087, 'F', 'FLW'], [0x0015b027, 'DF', 'FSD'], [0x4010f0d3, 'DF', 'FCVT.S.D'],
  [0x0505, 'C', 'C.ADDI'], [0x2180, 'CDF', 'C.FLD'], [0xa002, 'CDF', 'C.FSDSP'], [0x00302573, 'F', 'CSRRS unprivileged'],
]
/** F goes with D. */
const offWith = (extension: string): string => (extension === 'F' ? 'DF' : extension)
const jumps: readonly (readonly [word: number, name: string])[] = [[0x006000ef, 'JAL'], [0x00000363, 'BEQ'], [0x002280e7, 'JALR'], [0x003280e7, 'JALR']]
const misaligned = 'instruction address misaligned, 80008006'

const whole64 = 0xabcd_0000_1234_5678n, ones = 0xffff_ffffn, ones64 = (1n << 64n) - 1n, state = [5n, 2n] as const
/** Register f7, fflags and frm after these writes of misa. */
const enabling = (off: string, writes: readonly bigint[]) => (choices: Choices): unknown => {
  const m = hart({ words: writes.map(() => (misa << 20) | 0x51073), registers: { ...on, fflags: 5n, frm: 2n }, f: { 7: whole64 } }, choices, off)
  for (const value of writes) {
    m.bank('x').set(10n, value | C)
    m.step()
  }
  return [m.bank('f').get(7n), m.register('fflags'), m.register('frm')]
}
/** Whether there is a reservation after a write of misa. */
const reserving = (off: string, value: bigint, words: readonly number[] = []) => (choices: Choices): unknown => {
  const m = hart({ words: [...words, (misa << 20) | 0x51073], x: { 10: value }, registers: { 'reservation valid': 1n } }, choices, off)
  m.run(1 + words.length)
  return m.register('reservation valid')
}

export const misaCases = {
  writableExtensions: [
    [reads([], misa), [{}, whole], [all, whole], [{ writableExtensions: ['C'] }, whole]], [reads([], misa, 'CM'), [all, whole & ~C & ~M], [{ writableExtensions: ['C'] }, whole & ~C]],
    [reads([[misa, 0n]], misa), [{}, whole], [all, least], [{ writableExtensions: ['C'] }, whole & ~C], [{ writableExtensions: ['D'] }, whole & ~D]],
    [reads([[misa, 0xffff_ffffn]], misa, 'ACDFM'), [all, whole]], [reads([[misa, A | M]], misa, 'C'), [all, least | A | M]],
    // D needs F.
    [reads([[misa, whole & ~F]], misa), [all, whole & ~F & ~D]], [reads([[misa, whole & ~D]], misa), [all, whole & ~D]],
    // Without C the next instruction would be misaligned after C.NOP: nothing is written. csrci misa, 4 clears C alone.
    [reads([[misa, 0n]], misa, '', { words: [0x0001] }), [all, whole]], [reads([[misa, C]], misa, '', { words: [0x0001] }), [all, least | C]], [reads([], misa, '', { words: [0x30127073] }), [all, whole & ~C], [{}, whole]],
    ...needing.map(([word, , name]): Look => [stepped({ words: [word], registers: on, x: { 2: 0x8000_0100n, 11: 0x8000_0100n } }, ''), [{}, name], [all, name]] as const),
    ...needing.flatMap(([word, needs]) => [...needs].map((extension): Look => [stepped({ words: [word], registers: on, x: { 2: 0x8000_0100n, 11: 0x8000_0100n } }, offWith(extension)), [all, `illegal instruction, ${word.toString(16)}`]])),
    [stepped({ name: 'riscv32', words: [0x6180], registers: on, x: { 11: 0x8000_0100n } }, ''), [all, 'C.FLW']], ...['C', 'DF'].map((off): Look => [stepped({ name: 'riscv32', words: [0x6180], registers: on, x: { 11: 0x8000_0100n } }, off), [all, 'illegal instruction, 6180']]),
    [stepped({ words: [0x9002] }, 'C'), [all, 'illegal instruction, 9002'], [{ ...all, reservedEncodings: 'no effect' }, 'illegal instruction, 9002']], [stepped({ words: [0x8000] }, 'C'), [{ ...all, reservedEncodings: 'no effect' }, 'illegal instruction, 8000']],
    // Without D registers have 32 bits, of which nothing is above: 1.0 and 2.0.
    ...['', 'D'].map((off): Look => [(choices) => {
      const m = hart({ words: [0x00208253], registers: on, f: { 1: 0x3f80_0000n, 2: 0x4000_0000n } }, choices, off)
      m.step()
      return m.bank('f').get(4n) & 0xffff_ffffn
    }, [all, off === 'D' ? 0x4040_0000n : 0x7fc0_0000n]]),
    // Six bytes on, where C is on and where it is off; a branch that is not taken goes on, and nothing is written by a jump that traps.
    ...jumps.map(([word, name]): Look => [stepped({ words: [word], x: { 5: code + 4n } }, ''), [{}, name], [all, name]]),
    ...jumps.map(([word, name]): Look => [stepped({ words: [word], x: { 5: code + 4n } }, 'C'), [all, misaligned], [{ ...all, addressValues: [] }, 'instruction address misaligned'], [{ ...all, addressValues: ['instruction address misaligned'] }, misaligned], [{ writableExtensions: ['M'] }, name]]),
    [stepped({ words: [0x00001363] }, 'C'), [all, 'BNE']], [stepped({ words: [0x008000ef] }, 'C'), [all, 'JAL']],
    [(choices) => {
      const m = hart({ words: [0x006000ef], registers: { priv: 1n, 'medeleg[9:0]': 1n, scause: 5n } }, choices, 'C')
      m.step()
      return [m.register('priv'), m.register('scause'), m.register('stval'), m.register('sepc[xlen-1:1]') << 1n, m.bank('x').get(1n)]
    }, [all, [1n, 0n, code + 6n, code, 0n]]],
    // Bit 1 of mepc: read as 0 without C, and there all the same; setting another bit (csrsi mepc, 4) leaves it.
    [reads([[mepc, code + 2n]], mepc, 'C'), [all, code], [{}, code + 2n]], [reads([[mepc, code + 2n], [misa, C]], mepc, 'C'), [all, code + 2n]], [reads([[misa, C]], mepc, 'C', { words: [0x34126073], registers: { 'mepc[xlen-1:1]': (code + 2n) >> 1n } }), [all, code + 6n]],
    ...['', 'C'].map((off): Look => [(choices) => {
      const m = hart({ words: [0x30200073], registers: { 'mepc[xlen-1:1]': (code + 0x102n) >> 1n } }, choices, off)
      m.step()
      return m.register('pc') - code
    }, [all, off === 'C' ? 0x100n : 0x102n]]),
    // SSAMOSWAP.W of M-mode is of Zicfiss, which needs A.
    ...['', 'A'].map((off): Look => [stepped({ words: [0x48c5a52f], x: { 11: 0x8000_0100n } }, off), [{ ...all, extensions: ['Zicfiss'] }, off === 'A' ? 'illegal instruction, 48c5a52f' : 'SSAMOSWAP.W']]),
  ],
  jointExtensions: [
    // D and F are there together, and so are C and M.
    ...([[A | C | M | F, A | C | M | F, A | C | M, A | C | M | F], [A | F | D, A | F | D, A | F | D, A | F | D], [A | C, A | C, A | C, A], [A | M | D, A | M, A | M, A], [0n, 0n, 0n, 0n]] as const).map(([written, alone, DF, CM]): Look =>
      [reads([[misa, written]], misa), [all, least | alone], [{ ...all, jointExtensions: ['D', 'F'] }, least | DF], [{ ...all, jointExtensions: ['C', 'M'] }, least | CM]]),
    // Without F no D, and then no A either; C goes with M where the next instruction would be misaligned.
    [reads([[misa, A | D]], misa), [{ ...all, jointExtensions: ['A', 'D'] }, least], [{ ...all, jointExtensions: ['A', 'F'] }, least]],
    [reads([[misa, C]], misa, '', { words: [0x0001] }), [all, least | C], [{ ...all, jointExtensions: ['C', 'M'] }, whole]],
  ],
  stateOfEnabled: [
    // F and D off, and both on again; or F alone, and then D; D while F stays; nothing goes on.
    ...([['DF', [F | D], whole64, 0n, ones64], ['DF', [F], whole64, 0xabcd_0000n << 32n, (0xabcd_0000n << 32n) | ones], ['DF', [F, F | D], whole64, 0n, ones64], ['D', [F | D], whole64, whole64 & ones, (ones << 32n) | (whole64 & ones)], ['', [F | D], whole64, whole64, whole64], ['DF', [0n], whole64, whole64, whole64]] as const)
      .map(([off, written, kept, zeros, allOnes]): Look => [enabling(off, written), [all, [kept, ...state]], [{ ...all, stateOfEnabled: '0' }, [zeros, ...(zeros === kept || off === 'D' ? state : [0n, 0n])]], [{ ...all, stateOfEnabled: 'all ones' }, [allOnes, ...(allOnes === kept || off === 'D' ? state : [31n, 7n])]]]),
    // A, and without a change of it; what is suppressed changes nothing.
    ...(['', 'A'] as const).map((off): Look => [reserving(off, A), [all, 1n], [{ ...all, stateOfEnabled: '0' }, off === 'A' ? 0n : 1n], [{ ...all, stateOfEnabled: 'all ones' }, off === 'A' ? 0n : 1n]]), [reserving('A', M), [{ ...all, stateOfEnabled: '0' }, 1n]],
    [reserving('A', A, [0x0001]), [{ ...all, stateOfEnabled: '0' }, 1n]], [reserving('A', A | C, [0x0001]), [{ ...all, stateOfEnabled: '0' }, 0n]],
  ],
  fsWithoutF: [
    [reads([], mstatus, 'DF', { registers: on }), [all, 0xa_0000_0000n], [{ ...all, fsWithoutF: 'writable' }, 0x8000_000a_0000_6000n]], [reads([], mstatus, '', { registers: on }), [all, 0x8000_000a_0000_6000n]],
    [reads([[mstatus, 0x6000n], [misa, F]], mstatus, 'DF'), [all, 0xa_0000_0000n], [{ ...all, fsWithoutF: 'writable' }, 0x8000_000a_0000_6000n]],
    [stepped({ words: [0x00208253], registers: on }, 'DF'), [{ ...all, fsWithoutF: 'writable' }, 'illegal instruction, 208253']],
  ],
} as const satisfies Partial<Record<keyof Parameters, readonly Look[]>>
