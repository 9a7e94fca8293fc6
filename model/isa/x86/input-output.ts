// Input and output: IN, OUT and the string forms, which IOPL or the I/O permission bit map must allow.
import { set, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { add, all, and, concat, constant, extract, ite, not, or, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import { DF, PORT, TSS } from './state.ts'
import { trusted } from './flags.ts'
import { bytes, type Notation } from './operands.ts'

const ports = (first: Term, width: 1 | 4): Term<16>[] =>
  Array.from({ length: width }, (_, i) => add<number>(first, constant(16, i)) as Term<16>)
const allowed = (first: Term, width: 1 | 4): Bool =>
  or(trusted(), and(get(TSS.mapped), all(ports(first, width).map((p) => not(get(cell(TSS.map, p)))))))
const guard = (first: Term, width: 1 | 4): Statement => trapIf(not(allowed(first, width)), '#GP')
const input = (first: Term, width: 1 | 4): Term =>
  ports(first, width).map((p): Term => get(cell(PORT, p))).reduce((low, high) => concat(high, low))
const output = (first: Term, width: 1 | 4, value: Term): Statement[] =>
  ports(first, width).map((p, i) => set(cell(PORT, p), extract<8>(value, 8 * i + 7, 8 * i)))

export const inputOutput = ({ bits, define, number, reg, reg16, reg32, setReg, setRegLow, read, write }: Notation): Instruction[] => {
  const A = number(0), source = number(6), destination = number(7)
  const step = (pointer: Term): Statement => setReg(pointer, add<number>(reg(pointer), ite<number>(get(DF), constant(bits, -4), constant(bits, 4))))
  const dx = (): Term => reg16(number(2))
  return [
    define('IN AL, imm8', [...bytes(0xe4), ['port', 8]], (o) => [guard(zeroExtend(o.port!, 16), 1), setRegLow(A, input(zeroExtend(o.port!, 16), 1))]),
    define('OUT imm8, AL', [...bytes(0xe6), ['port', 8]], (o) => [guard(zeroExtend(o.port!, 16), 1), ...output(zeroExtend(o.port!, 16), 1, reg32(A))]),
    define('IN AL, DX', bytes(0xec), () => [guard(dx(), 1), setRegLow(A, input(dx(), 1))]),
    define('OUT DX, AL', bytes(0xee), () => [guard(dx(), 1), ...output(dx(), 1, reg32(A))]),
    define('IN EAX, DX', bytes(0xed), () => [guard(dx(), 4), setRegLow(A, input(dx(), 4))]),
    define('OUT DX, EAX', bytes(0xef), () => [guard(dx(), 4), ...output(dx(), 4, reg32(A))]),
    define('INSD', bytes(0x6d), () => [guard(dx(), 4), ...write(reg(destination), input(dx(), 4)), step(destination)]),
    define('OUTSD', bytes(0x6f), () => {
      const value = read(reg(source), 32)
      return [guard(dx(), 4), ...value.guard, ...output(dx(), 4, value.value), step(source)]
    }),
  ]
}
