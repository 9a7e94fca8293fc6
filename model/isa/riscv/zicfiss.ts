// Zicfiss: the shadow stack. Where it is not active its instructions do nothing, or read 0, as those of Zimop that they are.
import { set, trapIf, type Instruction } from '../../ir/instruction.ts'
import { get } from '../../ir/state.ts'
import { add, all, and, constant, eq, ite, ne, not, or, sub, type Bool, type Term } from '../../ir/term.ts'
import { csr, havingBits, optionalPart, part, type Csr, type Part } from './csr.ts'
import { isOn } from './misa.ts'
import { define, formats, guards, illegal, loadBytes, storing, writeX } from './notation.ts'
import { amo, amoFormat } from './rv-a.ts'
import { OP } from './rv-i.ts'
import { belowM, flag, inMode, placeOf, value, walks, word, X, type State } from './state.ts'
import { widthsVary } from './widths.ts'

/** Below M-mode by menvcfg.SSE, in U-mode by senvcfg.SSE too; never in M-mode, nor without A, which Zicfiss needs. */
const active = (s: State): Bool => all([isOn(s, 'A'), flag(s, 'menvcfg.SSE'), or(inMode(s, 'S'), and(inMode(s, 'U'), flag(s, 'senvcfg.SSE')))])
/** M-mode may use ssp and SSAMOSWAP in any case. */
const refused = (s: State): Bool => or(not(isOn(s, 'A')), and(belowM(s), not(active(s))))

/** Bits of ssp that are read-only 0: one more where XLEN is never 32. */
const alignment = (s: State): bigint => (s.xlen === 32 || widthsVary(s) ? 3n : 7n)
export const shadowStackPointer = (s: State): Csr =>
  csr(s, 'ssp', 0x011, [part(s, 'ssp', 0, havingBits(s.xlen, (1n << BigInt(s.xlen)) - 1n - alignment(s)))], { illegal: () => refused(s) })
/** What every reachable state has. */
export const alignedPointer = (s: State): Bool => eq<number>(and<number>(value(s, 'ssp', s.xlen), word(s, alignment(s))), word(s, 0))

/** senvcfg.SSE is read-only 0 while menvcfg.SSE is 0. */
export const supervisorEnable = (s: State): Part[] => optionalPart(s, 'senvcfg.SSE', 3).map((p) => ({ ...p, visible: flag(s, 'menvcfg.SSE') }))

/** xtval after a software-check exception, where it is the cause. */
const shadowStackFault = 3

export const shadowStack = (s: State): Instruction[] => {
  const instruction = define(s, 'unprivileged', 'Control-flow Integrity: Shadow Stack (Zicfiss)')
  const bytes = s.xlen === 32 ? 4 : 8, ssp = placeOf(s, 'ssp')
  const linkRegisters = [1, 5] as const
  return [
    ...linkRegisters.map((n) => instruction(`SSPUSH x${n}`, formats.R, { funct7: 0x67, rs2: n, rs1: 0, funct3: 4, rd: 0, opcode: OP.system }, () => {
      const address = sub<number>(get(ssp), word(s, bytes))
      return [...storing(s, address, bytes, X(s, constant(5, n)), active(s)), set(ssp, address, active(s))]
    })),
    ...linkRegisters.map((n) => instruction(`SSPOPCHK x${n}`, formats.I, { imm: 0xcdc, rs1: n, funct3: 4, rd: 0, opcode: OP.system }, () => {
      const top: Term = ite<number>(active(s), loadBytes(s, get(ssp), bytes, active(s)), X(s, constant(5, n)))
      return [
        ...guards(s, get(ssp), bytes, 'read', false, active(s)),
        trapIf(and(active(s), ne<number>(top, X(s, constant(5, n)))), 'software check', walks(s) && s.softwareCheckValue === 'cause' ? word(s, shadowStackFault) : undefined), set(ssp, add<number>(get(ssp), word(s, bytes)), active(s)),
      ]
    })),
    instruction('SSRDP', formats.I, { imm: 0xcdc, rs1: 0, funct3: 4, opcode: OP.system }, (o) => [writeX(s, o['rd']!, ite<number>(active(s), get(ssp), word(s, 0)))]),
    ...(s.xlen === 32 ? [['W', 4, 2]] as const : [['W', 4, 2], ['D', 8, 3]] as const).map(([letter, size, funct3]) =>
      instruction(`SSAMOSWAP.${letter}`, amoFormat, { funct5: 9, funct3, opcode: OP.amo }, (o) => [illegal(refused(s)), ...amo(s, size, o, 'swap', (_, b) => b)])),
  ]
}
