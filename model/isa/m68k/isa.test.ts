import { describe, expect, it } from 'vitest'
import { evaluate } from '../../ir/stage.ts'
import { execute, causeCode } from '../../machine/execute.ts'
import type { Isa } from '../../machine/isa.ts'
import { m68k } from './isa.ts'

type Contents = Readonly<Record<string, number>>
const [m68000, m68010, m68020] = [m68k('68000'), m68k('68010'), m68k('68020')]
const size = 2 ** 20

/** One instruction on one state; registers by name, banks as `D0`, storage cells as `E` and the byte address in hexadecimal. */
const run = (isa: Isa, name: string, operands: Contents, before: Contents = {}): Record<string, number | string> => {
  const i = isa.instructions.find((x) => x.name === name)!
  const key = (bank: string, n: bigint): string => (bank === 'E' ? `E${(n * 2n).toString(16)}` : `${bank}${n}`)
  const state: Contents = { S: 1, 'MMU limit': 4095, ...before }
  const valuation = {
    variable: (n: string): bigint => BigInt((n.startsWith('operand ') ? operands[n.slice(8)] : state[n]) ?? 0),
    cell: (bank: string, n: bigint): bigint => BigInt(state[key(bank, n)] ?? 0),
  }
  const o = execute(isa, i), code = Number(evaluate(causeCode(isa, o), valuation))
  if (code !== 0) return { trap: Object.entries(isa.causes).find(([, c]) => c === code)![0] }
  const after: Record<string, number> = {}
  for (const [n, t] of o.registers) after[n] = Number(evaluate(t, valuation))
  for (const [bank, writes] of o.banks)
    for (const w of writes) if (evaluate(w.when, valuation) === 1n) after[key(bank, evaluate(w.index, valuation))] = Number(evaluate(w.value, valuation))
  return after
}

describe('the status register', () => {
  it('is stored with its mode, mask and trace bit', () => {
    const before = { T: 1, I: 5, X: 1, C: 1 }
    expect(run(m68000, 'MOVE SR,Dn', { reg: 3 }, { ...before, D3: 0x12345678 })).toMatchObject({ D3: 0x1234a511, PC: 2 })
    expect(run(m68000, 'MOVE SR,(An)', { reg: 1 }, { ...before, S: 0, A1: size })).toMatchObject({ E100000: 0x8511 })
    expect(run(m68010, 'MOVE SR,Dn', { reg: 3 }, { ...before, S: 0 })).toEqual({ trap: 'privilege violation' })
    expect(run(m68010, 'MOVE CCR,-(An)', { reg: 7 }, { ...before, S: 0, A7: size + 2 })).toMatchObject({ E100000: 0x11, A7: size })
    expect(run(m68020, 'MOVE SR,Dn', { reg: 0 }, { T1: 1, T0: 1, M: 1 })).toMatchObject({ D0: 0xf000 })
  })
  it('is loaded in supervisor mode only, and changes the stack pointer with the mode', () => {
    expect(run(m68000, 'MOVE #<data>,SR', { data: 0x0015 }, { A7: 100, USP: 200 })).toMatchObject({ S: 0, I: 0, X: 1, N: 0, Z: 1, V: 0, C: 1, A7: 200, SSP: 100 })
    expect(run(m68000, 'ORI #<data>,SR', { data: 0x0700 }, { A7: 100, USP: 200 })).toMatchObject({ S: 1, I: 7, A7: 100 })
    expect(run(m68000, 'MOVE (An)+,SR', { reg: 7 }, { A7: 100, USP: 200 })).toMatchObject({ S: 0, A7: 200, SSP: 102 })
    expect(run(m68000, 'ANDI #<data>,SR', { data: 0 }, { S: 0 })).toEqual({ trap: 'privilege violation' })
    expect(run(m68000, 'EORI #<data>,CCR', { data: 0x1f }, { S: 0, Z: 1 })).toMatchObject({ X: 1, N: 1, Z: 0, V: 1, C: 1 })
    expect(run(m68020, 'MOVE #<data>,SR', { data: 0x3000 }, { A7: 100, MSP: 300 })).toMatchObject({ M: 1, S: 1, A7: 300, ISP: 100 })
    expect(run(m68020, 'MOVE #<data>,SR', { data: 0x0000 }, { M: 1, A7: 100, USP: 200 })).toMatchObject({ S: 0, A7: 200, MSP: 100 })
  })
})

describe('returns and system control', () => {
  it('RTE restores the status and the program counter, and pops what the frame holds', () => {
    const frame = { A7: size, E100000: 0x0004, E100002: 0x0012, E100004: 0x3456, USP: 200 }
    expect(run(m68000, 'RTE', {}, frame)).toMatchObject({ S: 0, Z: 1, PC: 0x123456, SSP: size + 6, A7: 200 })
    expect(run(m68010, 'RTE', {}, frame)).toMatchObject({ S: 0, PC: 0x123456, SSP: size + 8, A7: 200 })
    expect(run(m68010, 'RTE', {}, { ...frame, E100006: 0x2000 })).toEqual({ trap: 'format error' })
    expect(run(m68020, 'RTE', {}, { ...frame, E100006: 0x2000 })).toMatchObject({ ISP: size + 12 })
    expect(run(m68010, 'RTE', {}, { ...frame, E100006: 0x8000 })).toEqual({ trap: 'unmodelled' })
    expect(run(m68000, 'RTR', {}, { ...frame, S: 0 })).toMatchObject({ Z: 1, PC: 0x123456, A7: size + 6 })
    expect(run(m68000, 'RTR', {}, { ...frame, S: 0 })).not.toHaveProperty('S')
  })
  it('moves control registers, a stack pointer in force being A7', () => {
    expect(run(m68010, 'MOVEC Rn,VBR', { 'A/D': 1, reg: 2 }, { A2: 0x400 })).toMatchObject({ VBR: 0x400 })
    expect(run(m68010, 'MOVEC SFC,Rn', { 'A/D': 0, reg: 2 }, { SFC: 5, D2: -1 })).toMatchObject({ D2: 5 })
    expect(run(m68020, 'MOVEC ISP,Rn', { 'A/D': 0, reg: 2 }, { A7: 9, ISP: 8 })).toMatchObject({ D2: 9 })
    expect(run(m68020, 'MOVEC ISP,Rn', { 'A/D': 0, reg: 2 }, { A7: 9, ISP: 8, M: 1 })).toMatchObject({ D2: 8 })
    expect(run(m68000, 'MOVE USP,An', { reg: 2 }, { USP: 8 })).toMatchObject({ A2: 8 })
    expect(run(m68010, 'MOVES.W (An),Rn', { reg: 0, 'A/D': 1, Rn: 1 }, { A0: size, E100000: 0x8000, SFC: 1 })).toMatchObject({ A1: 0xffff8000 })
  })
  it('traps by itself', () => {
    expect(run(m68000, 'TRAP #<vector>', { vector: 15 }, { S: 0 })).toEqual({ trap: 'TRAP #15' })
    expect(run(m68000, 'TRAPV', {}, { V: 1 })).toEqual({ trap: 'TRAPV' })
    expect(run(m68000, 'CHK.W Dn,Dn', { Dn: 0, reg: 1 }, { D0: 5, D1: 4 })).toEqual({ trap: 'CHK' })
    expect(run(m68000, 'CHK.W Dn,Dn', { Dn: 0, reg: 1 }, { D0: 4, D1: 4 })).toMatchObject({ PC: 2 })
    expect(run(m68000, 'STOP #<data>', { trace: 0, data: 0x0300 })).toMatchObject({ STOPPED: 1, I: 3, S: 1, PC: 4 })
    expect(run(m68000, 'MOVE.W (An),Dn', { reg: 0, Dn: 0 }, { A0: 1 })).toEqual({ trap: 'address error' })
    expect(run(m68000, 'MOVE.W (An),Dn', { reg: 0, Dn: 0 }, { A0: size, 'MMU limit': 255 })).toEqual({ trap: 'bus error' })
  })
})

describe('user instructions', () => {
  it('compute', () => {
    expect(run(m68000, 'ADD.W Dn,Dn', { Dn: 0, reg: 1 }, { D0: 0x10007fff, D1: 1 })).toMatchObject({ D0: 0x10008000, N: 1, V: 1, C: 0, X: 0, Z: 0 })
    expect(run(m68000, 'SUB.L Dn,Dn', { Dn: 0, reg: 1 }, { D0: 1, D1: 2 })).toMatchObject({ D0: 0xffffffff, N: 1, V: 0, C: 1, X: 1 })
    expect(run(m68000, 'MOVE.B (An)+,Dn', { reg: 0, Dn: 2 }, { A0: size + 1, E100000: 0x12fe, D2: 0x1100 })).toMatchObject({ D2: 0x11fe, A0: size + 2, N: 1 })
    expect(run(m68000, 'MOVE.B Dn,-(An)', { reg: 7, Dn: 2 }, { A7: size + 2, E100000: 0x1234, D2: 0xab })).toMatchObject({ A7: size, E100000: 0xab34 })
    expect(run(m68000, 'DIVU.W Dn,Dn', { Dn: 0, reg: 1 }, { D0: 17, D1: 5 })).toMatchObject({ D0: 0x20003 })
    expect(run(m68000, 'DIVU.W Dn,Dn', { Dn: 0, reg: 1 }, { D0: 17 })).toEqual({ trap: 'zero divide' })
    expect(run(m68000, 'LSR.L #<data>,Dn', { count: 0, Dn: 0 }, { D0: 0x180 })).toMatchObject({ D0: 1, C: 1, X: 1 })
    expect(run(m68000, 'ASL.L #<data>,Dn', { count: 1, Dn: 0 }, { D0: 0x40000000 })).toMatchObject({ D0: 0x80000000, V: 1, C: 0 })
    expect(run(m68000, 'MOVE.W (d8,PC,Xn),Dn', { 'X/A': 0, Xn: 1, 'W/L': 0, d8: 4, Dn: 0 }, { PC: size, D1: 0x1fffe, E100004: 7 })).toMatchObject({ D0: 7 })
  })
  it('branch, call and return', () => {
    expect(run(m68000, 'BEQ.W', { displacement: 0xfffe }, { PC: 0x100, Z: 1 })).toMatchObject({ PC: 0x100 })
    expect(run(m68000, 'BEQ.W', { displacement: 0xfffe }, { PC: 0x100 })).toMatchObject({ PC: 0x104 })
    expect(run(m68000, 'JSR (xxx).L', { xxx: 0x1234 }, { PC: 0x100, A7: size + 4 })).toMatchObject({ PC: 0x1234, A7: size, E100000: 0, E100002: 0x106 })
    expect(run(m68000, 'LINK An,#<displacement>', { An: 6, displacement: 0xfff8 }, { A6: 0x50006, A7: size + 4 })).toMatchObject({ E100000: 5, E100002: 6, A6: size, A7: size - 8 })
    expect(run(m68000, 'UNLK An', { An: 6 }, { A6: size, E100000: 5, E100002: 6 })).toMatchObject({ A6: 0x50006, A7: size + 4 })
  })
})

describe('the encodings', () => {
  const matches = (isa: Isa, word: number): string[] => isa.instructions.filter(({ encoding: e }) => {
    const shift = BigInt(e.width - 16)
    return ((BigInt(word) ^ (e.match >> shift)) & (e.mask >> shift)) === 0n
  }).map((i) => i.name)
  const miscellaneous = (isa: Isa): string[] => Array.from({ length: 0x40 }, (_, n) => 0x4e40 + n).filter((w) => matches(isa, w).length === 0).map((w) => w.toString(16))

  it('cover the whole group of traps and system control but for what is illegal', () => {
    expect(miscellaneous(m68000)).toEqual(['4e74', '4e78', '4e79', '4e7a', '4e7b', '4e7c', '4e7d', '4e7e', '4e7f'])
    expect(miscellaneous(m68010)).toEqual(['4e78', '4e79', '4e7c', '4e7d', '4e7e', '4e7f'])
  })
  it('are the manual\'s', () => {
    const codes: readonly [number, string][] = [
      [0x40c0, 'MOVE SR,Dn'], [0x40d0, 'MOVE SR,(An)'], [0x44fc, 'MOVE #<data>,CCR'], [0x46df, 'MOVE (An)+,SR'], [0x003c, 'ORI #<data>,CCR'],
      [0x027c, 'ANDI #<data>,SR'], [0x0a7c, 'EORI #<data>,SR'], [0x4e60, 'MOVE An,USP'], [0x4e6f, 'MOVE USP,An'], [0x4e70, 'RESET'], [0x4e73, 'RTE'],
      [0x4e75, 'RTS'], [0x4e76, 'TRAPV'], [0x4e77, 'RTR'], [0x4e4f, 'TRAP #<vector>'], [0x4afc, 'ILLEGAL'], [0x4849, 'BKPT #<data>'], [0x4181, 'CHK.W Dn,Dn'],
      [0x2f00, 'MOVE.L Dn,-(An)'], [0x3f3c, ''], [0xd081, 'ADD.L Dn,Dn'], [0x7001, 'MOVEQ #<data>,Dn'], [0x4e56, 'LINK An,#<displacement>'], [0x41d0, 'LEA (An),An'],
      [0x4eb9, 'JSR (xxx).L'], [0x6100, 'BSR.W'], [0x51c8, 'DBF Dn,<label>'], [0xe288, 'LSR.L #<data>,Dn'], [0x80c1, 'DIVU.W Dn,Dn'], [0x4840, 'SWAP Dn'], [0xa000, 'line A'],
    ]
    for (const [word, name] of codes) expect(matches(m68000, word)).toEqual(name === '' ? [] : [name])
    expect(matches(m68010, 0x42c0)).toEqual(['MOVE CCR,Dn'])
    expect(matches(m68000, 0x42c0)).toEqual([])
  })
})
