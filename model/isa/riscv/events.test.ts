// Each instruction is counted as what it is, and as nothing else: all of them, with operands at random, against lists of names.
import { describe, expect, it } from 'vitest'
import { wordOf } from '../../ir/instruction.ts'
import { countedEvent, type EventKind } from './event-values.ts'
import { riscv, riscvHart } from './isa.ts'
import type { Parameters } from './parameters.ts'
import { base, machineOf } from './running.fixture.ts'

const each = (names: string, letters: readonly string[]): string[] => names.split(' ').flatMap((name) => letters.map((letter) => `${name}.${letter}`))
const csrs = ['CSRRW', 'CSRRS', 'CSRRC', 'CSRRWI', 'CSRRSI', 'CSRRCI'].flatMap((name) => ['unprivileged', 'unprivileged 400', 'unprivileged custom', 'counter', 'supervisor', 'hypervisor', 'machine'].map((kind) => `${name} ${kind}`))
const [W, S] = [['W', 'D'], ['S', 'D']] as const
/** By the manual's listing of opcodes, and its table of what instructions of 16 bits expand to. */
const named: Readonly<Partial<Record<EventKind, readonly string[]>>> = {
  'trap returns': ['MRET', 'SRET'],
  'system instructions': [...csrs, 'MRET', 'SRET', 'WFI', 'SFENCE.VMA', 'ECALL', 'EBREAK', 'C.EBREAK', 'WRS.NTO', 'WRS.STO'],
  loads: ['LB', 'LH', 'LW', 'LD', 'LBU', 'LHU', 'LWU', 'C.LW', 'C.LD', 'C.LWSP', 'C.LDSP'],
  stores: ['SB', 'SH', 'SW', 'SD', 'C.SW', 'C.SD', 'C.SWSP', 'C.SDSP'],
  'atomic operations': each('LR SC AMOSWAP AMOADD AMOXOR AMOAND AMOOR AMOMIN AMOMAX AMOMINU AMOMAXU', W),
  'integer arithmetic': [
    'ADDI', 'SLTI', 'SLTIU', 'XORI', 'ORI', 'ANDI', 'SLLI', 'SRLI', 'SRAI', 'ADD', 'SUB', 'SLL', 'SLT', 'SLTU', 'XOR', 'SRL', 'SRA', 'OR', 'AND', 'LUI', 'AUIPC', 'ADDIW', 'SLLIW', 'SRLIW', 'SRAIW', 'ADDW', 'SUBW', 'SLLW', 'SRLW', 'SRAW',
    'C.ADDI4SPN', 'C.ADDI', 'C.ADDIW', 'C.LI', 'C.ADDI16SP', 'C.LUI', 'C.SRLI', 'C.SRAI', 'C.ANDI', 'C.SUB', 'C.XOR', 'C.OR', 'C.AND', 'C.SUBW', 'C.ADDW', 'C.SLLI', 'C.MV', 'C.ADD',
  ],
  multiplications: ['MUL', 'MULH', 'MULHSU', 'MULHU', 'MULW'], divisions: ['DIV', 'DIVU', 'REM', 'REMU', 'DIVW', 'DIVUW', 'REMW', 'REMUW'],
  branches: ['BEQ', 'BNE', 'BLT', 'BGE', 'BLTU', 'BGEU', 'C.BEQZ', 'C.BNEZ'], JAL: ['JAL', 'C.J', 'C.JAL'], JALR: ['JALR', 'C.JR', 'C.JALR'],
  'floating-point loads': ['FLW', 'FLD', 'C.FLW', 'C.FLD', 'C.FLWSP', 'C.FLDSP'], 'floating-point stores': ['FSW', 'FSD', 'C.FSW', 'C.FSD', 'C.FSWSP', 'C.FSDSP'],
  'floating-point additions': each('FADD FSUB', S), 'floating-point multiplications': each('FMUL', S), 'floating-point fused multiply-adds': each('FMADD FMSUB FNMSUB FNMADD', S),
  'floating-point divisions and square roots': each('FDIV FSQRT', S),
  'other floating-point instructions': [
    ...each('FSGNJ FSGNJN FSGNJX FMIN FMAX FEQ FLT FLE FCLASS FCVT.W FCVT.WU FCVT.L FCVT.LU', S), ...S.flatMap((letter) => ['W', 'WU', 'L', 'LU'].map((of) => `FCVT.${letter}.${of}`)), 'FCVT.S.D', 'FCVT.D.S', 'FMV.X.W', 'FMV.W.X', 'FMV.X.D', 'FMV.D.X',
  ],
}
const others = ['FENCE', 'FENCE.I', 'CBO.INVAL', 'CBO.CLEAN', 'CBO.FLUSH', 'CBO.ZERO']
const kinds = countedEvent.expected.split('an event of ')[1]!.split('; ') as EventKind[]
const choices = { extensions: ['Zicbom', 'Zicboz', 'Zawrs'], wait: 'completes', reservationWait: 'completes', cycles: 5, events: kinds.map((counts, n) => ({ selector: BigInt(n + 1), counts })) } as const satisfies Partial<Parameters>

/** Of the completed instruction of that name, which has gone to `to` where it is a branch to another place than the next instruction. */
const expected = (name: string, jumped: boolean): Partial<Record<EventKind, bigint>> => ({
  instructions: 1n, cycles: 5n, ...Object.fromEntries(Object.entries(named).filter(([, names]) => names.includes(name)).map(([kind]) => [kind, 1n])), ...(jumped && named.branches!.includes(name) ? { 'taken branches': 1n } : {}),
})

/** A stream of numbers that is the same in each run. */
const numbers = (): (() => number) => {
  let state = 1
  return () => { state = (Math.imul(state, 1103515245) + 12345) >>> 0; return state >>> 8 }
}
/** Each instruction of a hart, some steps of each: what counters hold after it is what it is. */
const counting = (name: 'riscv64' | 'riscv32', more: Partial<Parameters>, registers: Readonly<Record<string, bigint>>): { seen: Set<EventKind>; uncounted: string[] } => {
  const all = { ...choices, ...more }, narrow = registers['mstatus.UXL'] === 1n, xlen = narrow || name === 'riscv32' ? 32 : 64, address = xlen === 32 ? 0x8000_0200n : base + 0x200n, random = numbers()
  const instructions = riscvHart(name, all).isa.instructions.filter((i) => i.name.endsWith(' of RV32') === narrow), seen = new Set<EventKind>(), names = new Set<string>()
  for (const i of instructions) {
    const plain = i.name.replace(' of RV32', '')
    for (let n = 0; n < 4; n++) {
      const word = wordOf(i.encoding, (field, width) => (field === 'following' || field === 'rm' ? 0n : BigInt.asUintN(width, n % 2 ? BigInt(8 + 8 * (random() % 2)) : BigInt(random())))), long = (word & 3n) === 3n
      const m = machineOf({
        name, choices: all, words: [Number(long ? BigInt.asIntN(32, word) : word & 0xffffn)], x: Object.fromEntries(Array.from({ length: 31 }, (_, k) => [k + 1, address])),
        registers: { 'mstatus.FS': 3n, 'mtvec.BASE': base >> 2n, 'menvcfg.CBIE': 3n, 'menvcfg.CBCFE': 1n, mcounteren: 7n, ...registers }, memory: [[base + 0x200n, 0x1234n]],
      })
      kinds.forEach((_, k) => m.bank('mhpmevent').set(BigInt(3 + k), BigInt(k + 1)))
      const next = m.register('pc') + (long ? 4n : 2n), step = m.step()
      // What is written to a counter is not what it counts.
      if (plain.startsWith('CSRR') && word >> 28n === 0xbn) continue
      const counted = Object.fromEntries(kinds.map((kind, k) => [kind, m.bank('mhpmcounter').get(BigInt(3 + k))] as const).filter(([, v]) => v !== 0n))
      const jumped = BigInt.asUintN(xlen, m.register('pc')) !== next, done = step.kind === 'completed' ? step.instruction.name.replace(' of RV32', '') : undefined
      // Whether a branch to the next instruction is taken the pc does not say.
      if (!jumped && named.branches!.includes(done!)) delete counted['taken branches']
      expect([i.name, counted]).toEqual([i.name, done === undefined ? { exceptions: 1n, cycles: 5n } : expected(done, jumped)])
      for (const kind of Object.keys(counted)) seen.add(kind as EventKind)
      if (done !== undefined) names.add(done)
    }
  }
  return { seen, uncounted: [...new Set(instructions.map((i) => i.name.replace(' of RV32', '')))].filter((of) => !names.has(of) || ![...Object.values(named).flat(), ...others].includes(of)) }
}

describe('an instruction is counted as what it is', () => {
  const traps = ['ECALL', 'EBREAK', 'C.EBREAK']
  it.each<readonly ['riscv64' | 'riscv32', Partial<Parameters>, Readonly<Record<string, bigint>>]>([['riscv64', {}, {}], ['riscv32', {}, {}], ['riscv64', { UXL: 'writable' }, { priv: 0n, 'mstatus.UXL': 1n }]])('%s %o %o', (name, more, registers) => {
    const { seen, uncounted } = counting(name, more, registers), inU = registers['priv'] === 0n
    expect(kinds.filter((kind) => !seen.has(kind))).toEqual(inU ? ['interrupts', 'trap returns'] : ['interrupts'])
    expect(uncounted.filter((of) => !csrs.includes(of) && !(inU && /^(MRET|SRET|WFI|WRS|SFENCE|CBO)/.test(of))).sort()).toEqual([...traps].sort())
  })
  it('a branch to the next instruction too', () => {
    const m = (word: number, choices: Partial<Parameters>) => { const one = machineOf({ words: [word], choices }); one.bank('mhpmevent').set(3n, 14n); one.step(); return one.bank('mhpmcounter').get(3n) }
    // beq x0, x0, 4; bne x0, x0, 4; c.beqz x8, 2; c.bnez x8, 2
    expect([0x00000263, 0x00001263, 0xc009, 0xe009].map((word) => m(word, choices))).toEqual([1n, 0n, 1n, 0n])
  })
})

describe('a hart that counts', () => {
  it('has the instructions of one that does not for its claims, which say what they leave to the step', () => {
    const [one, other] = [riscv('riscv64'), riscv('riscv64', { events: choices.events })]
    expect(other.instructions.map((i) => i.body)).toEqual(one.instructions.map((i) => i.body))
    expect([one.leftOut['counting of events'], other.leftOut['counting of events']]).toEqual([undefined, expect.stringMatching(/mcycle and minstret/)])
    expect(Object.keys(riscvHart('riscv64', { events: choices.events }).isa.leftOut).filter((what) => what.includes('events'))).toEqual([])
  })
})
