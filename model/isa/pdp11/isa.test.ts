import { describe, expect, it } from 'vitest'
import { evaluate } from '../../ir/stage.ts'
import { causeCode, execute, executeBody } from '../../machine/execute.ts'
import { constant } from '../../ir/term.ts'
import { pdp11 } from './isa.ts'

type Contents = Readonly<Record<string, number>>

/** One instruction on one state; operands and registers by name, `R0`, `other0`, storage as `E` and the byte address in octal. */
const run = (name: string, operands: Contents, before: Contents = {}): Record<string, number | string> => {
  const i = pdp11.instructions.find((x) => x.name === name)!
  const key = (bank: string, n: bigint): string => (bank === 'E' ? `E${(n * 2n).toString(8)}` : bank === 'R' ? `R${n}` : `other${n}`)
  const state: Contents = { 'K limit': 1023, 'S limit': 1023, 'U limit': 1023, PC: 0o1000, R6: 0o500, ...before }
  const valuation = {
    variable: (n: string): bigint => BigInt((n.startsWith('operand ') ? operands[n.slice(8)] : state[n]) ?? 0),
    cell: (bank: string, n: bigint): bigint => BigInt(state[key(bank, n)] ?? 0),
  }
  const o = execute(pdp11, i), code = Number(evaluate(causeCode(pdp11, o), valuation))
  if (code !== 0) return { trap: Object.entries(pdp11.causes).find(([, c]) => c === code)![0] }
  const after: Record<string, number> = {}
  for (const [n, t] of o.registers) after[n] = Number(evaluate(t, valuation))
  for (const [bank, writes] of o.banks)
    for (const w of writes) if (evaluate(w.when, valuation) === 1n) after[key(bank, evaluate(w.index, valuation))] = Number(evaluate(w.value, valuation))
  return after
}
const inUser = { CM: 3, PM: 3 }

describe('processor control', () => {
  it('is ignored outside kernel mode where it does not trap', () => {
    expect(run('HALT', {})).toMatchObject({ HALTED: 1, PC: 0o1002 })
    expect(run('HALT', {}, inUser)).toEqual({ trap: 'illegal instruction' })
    expect(run('SPL', { n: 5 })).toMatchObject({ IPL: 5 })
    expect(run('SPL', { n: 5 }, { ...inUser, IPL: 2 })).toMatchObject({ IPL: 2, PC: 0o1002 })
    expect(run('RESET', {}, { PIRQ: 3, SSR0: 1, DEVICES: 9 })).toMatchObject({ PIRQ: 0, SSR0: 0, DEVICES: 0 })
    expect(run('RESET', {}, { ...inUser, PIRQ: 3, SSR0: 1 })).toMatchObject({ PIRQ: 3, SSR0: 1 })
  })
  it('returns from a trap, with protection of what is outside kernel mode', () => {
    const frame = { E500: 0o2000, E502: 0o174357, USP: 0o700, R0: 1, other0: 2 }
    expect(run('RTI', {}, frame)).toMatchObject({ PC: 0o2000, CM: 3, PM: 3, RS: 1, IPL: 7, T: 0, N: 1, R6: 0o700, KSP: 0o504, R0: 2, other0: 1 })
    expect(run('RTT', {}, { ...frame, E502: 0o000020, ...inUser, IPL: 1, RS: 1 })).toMatchObject({ CM: 3, PM: 3, RS: 1, IPL: 1, T: 1, R6: 0o504 })
    expect(run('RTI', {}, { ...frame, CM: 1, PM: 1 })).toMatchObject({ CM: 3, PM: 3, IPL: 0, R6: 0o700, SSP: 0o504 })
    expect(run('RTI', {}, { ...frame, R6: 0o501 })).toEqual({ trap: 'odd address' })
  })
  it('traps through the vector of kernel space', () => {
    const before = { CM: 3, PM: 3, PC: 0o1000, R6: 0o500, KSP: 0o300, Z: 1, E30: 0o4000, E32: 0o340, 'K base': 0, 'K limit': 1023 }
    const valuation = {
      variable: (n: string): bigint => BigInt((before as Contents)[n] ?? 0),
      cell: (bank: string, n: bigint): bigint => BigInt((before as Contents)[bank === 'E' ? `E${(n * 2n).toString(8)}` : `R${n}`] ?? 0),
    }
    const o = executeBody(pdp11, pdp11.trap(constant(pdp11.causeWidth, pdp11.causes['EMT']!)))
    const registers = Object.fromEntries([...o.registers].map(([n, t]) => [n, Number(evaluate(t, valuation))]))
    expect(registers).toMatchObject({ PC: 0o4000, CM: 0, PM: 3, IPL: 7, USP: 0o500 })
    const stored = o.banks.get('E')!.map((w) => [Number(evaluate(w.index, valuation)) * 2, Number(evaluate(w.value, valuation))])
    expect(stored).toEqual([[0o276, 0o170004], [0o274, 0o1000]])
  })
})

describe('the previous mode', () => {
  it('has its own space and stack pointer', () => {
    const before = { PM: 3, 'U base': 8, USP: 0o700, R1: 0o10, E1010: 5, E10: 6, E500: 9 }
    expect(run('MFPI (R)', { R: 1 }, before)).toMatchObject({ E476: 5, R6: 0o476 })
    expect(run('MFPI (R)', { R: 1 }, { ...before, PM: 0 })).toMatchObject({ E476: 6 })
    expect(run('MFPI R', { R: 6 }, before)).toMatchObject({ E476: 0o700 })
    expect(run('MFPI R', { R: 6 }, { ...before, PM: 0 })).toMatchObject({ E476: 0o500 })
    expect(run('MTPI (R)', { R: 1 }, before)).toMatchObject({ E1010: 9, R6: 0o502 })
    expect(run('MTPI R', { R: 6 }, before)).toMatchObject({ USP: 9, R6: 0o502 })
    expect(run('MTPI R', { R: 6 }, { ...before, PM: 0 })).toMatchObject({ R6: 9 })
    expect(run('MFPI (R)', { R: 1 }, { ...before, PM: 2 })).toEqual({ trap: 'memory management' })
    expect(run('MFPI (R)', { R: 1 }, { ...before, R1: 0o100, 'U limit': 0 })).toEqual({ trap: 'memory management' })
  })
})

describe('other instructions', () => {
  it('address through registers, the program counter among them', () => {
    expect(run('MOV (R)+,R', { source: 7, R: 0 }, { E1002: 0o123 })).toMatchObject({ R0: 0o123, PC: 0o1004 })
    expect(run('MOV @(R)+,R', { source: 7, R: 0 }, { E1002: 0o40, E40: 7 })).toMatchObject({ R0: 7, PC: 0o1004 })
    expect(run('MOV X(R),R', { source: 7, R: 0 }, { E1002: 0o20, E1024: 7 })).toMatchObject({ R0: 7, PC: 0o1004 })
    expect(run('MOV @-(R),R', { source: 1, R: 0 }, { R1: 0o42, E40: 0o50, E50: 3 })).toMatchObject({ R0: 3, R1: 0o40 })
    expect(run('MOV R,R', { source: 0, R: 7 }, { R0: 0o2000 })).toMatchObject({ PC: 0o2000 })
    expect(run('MOV (R),R', { source: 1, R: 0 }, { R1: 1 })).toEqual({ trap: 'odd address' })
    expect(run('MOVB (R)+,R', { source: 1, R: 0 }, { R1: 0o41, E40: 0x8012 })).toMatchObject({ R0: 0xff80, R1: 0o42, N: 1 })
    expect(run('MOVB R,-(R)', { source: 0, R: 6 }, { R0: 0x12, E476: 0xabcd })).toMatchObject({ E476: 0xab12, R6: 0o476 })
  })
  it('compute', () => {
    expect(run('ADD R,R', { source: 0, R: 1 }, { R0: 1, R1: 0x7fff })).toMatchObject({ R1: 0x8000, N: 1, V: 1, C: 0 })
    expect(run('SUB R,R', { source: 0, R: 1 }, { R0: 1, R1: 0 })).toMatchObject({ R1: 0xffff, C: 1, V: 0 })
    expect(run('CMP R,R', { source: 0, R: 1 }, { R0: 1, R1: 2 })).toMatchObject({ N: 1, C: 1 })
    expect(run('ROR R', { R: 1 }, { R1: 3, C: 1 })).toMatchObject({ R1: 0x8001, C: 1, N: 1, V: 0 })
    expect(run('MUL R,R', { source: 0, R: 2 }, { R0: 0xffff, R2: 5 })).toMatchObject({ R2: 0xffff, R3: 0xfffb, C: 0, N: 1 })
  })
  it('branch, call and return', () => {
    expect(run('BNE', { offset: 0xff })).toMatchObject({ PC: 0o1000 })
    expect(run('BNE', { offset: 0xff }, { Z: 1 })).toMatchObject({ PC: 0o1002 })
    expect(run('JSR R,X(R)', { link: 5, R: 7 }, { E1002: 0o100, R5: 0o77 })).toMatchObject({ PC: 0o1104, R5: 0o1004, E476: 0o77, R6: 0o476 })
    expect(run('RTS', { link: 5 }, { R5: 0o1004, E500: 0o77 })).toMatchObject({ PC: 0o1004, R5: 0o77, R6: 0o502 })
    expect(run('RTS', { link: 7 }, { E500: 0o2000 })).toMatchObject({ PC: 0o2000, R6: 0o502 })
    expect(run('MARK', { n: 2 }, { R5: 0o2000, E1006: 0o33 })).toMatchObject({ PC: 0o2000, R5: 0o33, R6: 0o1010 })
    expect(run('SOB', { R: 0, offset: 2 }, { R0: 2 })).toMatchObject({ R0: 1, PC: 0o776 })
    expect(run('SOB', { R: 0, offset: 2 }, { R0: 1 })).toMatchObject({ R0: 0, PC: 0o1002 })
    expect(run('SOB', { R: 7, offset: 2 })).toMatchObject({ PC: 0o775 })
  })
  it('trap where the first reference does that must', () => {
    const beyond = { R0: 0o40, R1: 0o100001, 'K limit': 1 }
    expect(run('CMP (R)+,(R)', { source: 0, R: 1 }, { ...beyond, PC: 0o100 })).toEqual({ trap: 'odd address' })
    expect(run('CMP (R)+,(R)', { source: 0, R: 1 }, { ...beyond, PC: 0o100, 'K limit': 0 })).toEqual({ trap: 'odd address' })
    expect(run('CMP (R)+,(R)', { source: 0, R: 1 }, { ...beyond, PC: 0o100, R0: 0o200 })).toEqual({ trap: 'memory management' })
    expect(run('JSR R,(R)', { link: 6, R: 0 })).toEqual({ trap: 'unmodelled' })
  })
})

describe('the encodings', () => {
  const matching = (word: number): string[] =>
    pdp11.instructions.filter(({ encoding: e }) => ((BigInt(word) ^ e.match) & e.mask) === 0n).map((i) => i.name)

  it('cover all that is without operands', () => {
    const uncovered = Array.from({ length: 0o300 }, (_, w) => w).filter((w) => matching(w).length !== 1)
    expect(uncovered).toEqual([])
  })
  /** Operation codes, without addressing modes and registers, that neither an instruction nor an entry of `leftOut` covers. */
  const uncovered = (leftOut: Readonly<Record<string, string>>): string[] => {
    const left = Object.keys(leftOut).flatMap((key) => [...key.matchAll(/\b([01]\d+)(?:-(\d+))?\b/g)].map(([, first, last]) => [first!, last ?? first!] as const))
    const groups = new Set<string>()
    for (let w = 0; w < 0x10000; w++) {
      const kind = (w >> 12) & 7, low = BigInt(kind === 0 ? 6 : kind === 7 && w < 0x8000 ? 9 : 12)
      const octal = w.toString(8).padStart(6, '0')
      if (left.some(([a, b]) => a <= octal.slice(0, a.length) && octal.slice(0, b.length) <= b)) continue
      if (!pdp11.instructions.some(({ encoding: e }) => ((BigInt(w) ^ e.match) & e.mask) >> low === 0n)) groups.add(octal.slice(0, 4))
    }
    return [...groups]
  }
  it('cover every operation code with an instruction or a reason', () => {
    expect(uncovered(pdp11.leftOut)).toEqual([])
    expect(uncovered({})).toEqual(expect.arrayContaining(['0053', '0710', '1064', '1700']))
  })
  it('are the manual\'s', () => {
    const codes: readonly [number, string][] = [
      [0o000002, 'RTI'], [0o000006, 'RTT'], [0o000235, 'SPL'], [0o006501, 'MFPI R'], [0o106611, 'MTPD (R)'], [0o104377, 'EMT'], [0o104400, 'TRAP'],
      [0o012700, 'MOV (R)+,R'], [0o110146, 'MOVB R,-(R)'], [0o060001, 'ADD R,R'], [0o162221, ''], [0o001001, 'BNE'], [0o103001, 'BCC'], [0o004767, 'JSR R,X(R)'],
      [0o004701, 'JSR R,R'], [0o000101, 'JMP R'], [0o000207, 'RTS'], [0o006402, 'MARK'], [0o077002, 'SOB'], [0o005001, 'CLR R'], [0o000301, 'SWAB R'],
      [0o074011, 'XOR R,(R)'], [0o070203, 'MUL R,R'], [0o000257, 'clear condition codes'], [0o007000, 'reserved 007000-007777'],
    ]
    for (const [word, name] of codes) expect(matching(word), word.toString(8)).toEqual(name === '' ? [] : [name])
  })
})
