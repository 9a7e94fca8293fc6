// State registers, the return from traps, and what a trap does.
import { set, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { bit, cell, get } from '../../ir/state.ts'
import { add, concat, constant, extract, ne, not, xor, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import { address, define, defineOrdinary, format3, privileged, second, wordOf, type Operands } from './notation.ts'
import { above, below, invalid, psr, psrRegister, r, readPsr, readTbr, write, writePsr, type State } from './state.ts'

export const system = (s: State): Instruction[] => {
  const instruction = defineOrdinary(s, 'B.28 and B.29')
  const readFormat = { op: 2, rd: 5, op3: 6, zero: 19 }
  const read = (name: string, op3: number, value: () => Term<32>): Instruction =>
    instruction(name, readFormat, { op: 2, op3, zero: 0 }, (o) => [privileged(s), ...write(s, o['rd']!, value())])
  const written = (o: Operands): Term<32> => xor(r(s, o['rs1']!), second(s, o))
  const wr = (name: string, op3: number, does: (value: Term<32>) => readonly Statement[], rd = 0): Instruction =>
    instruction(name, format3, { op: 2, rd, op3 }, (o) => [privileged(s), ...does(written(o))])
  return [
    read('RDPSR', 0x29, () => readPsr(s)), read('RDWIM', 0x2a, () => zeroExtend(get(s.WIM), 32)), read('RDTBR', 0x2b, () => readTbr(s)),
    // The window must be one that is there.
    wr('WRPSR', 0x31, (value) => [trapIf(ne(extract(value, 4, 3), constant(2, 0)), 'illegal_instruction by state'), ...writePsr(s, value)]),
    wr('WRWIM', 0x32, (value) => [set(s.WIM, extract(value, 7, 0))]), wr('WRTBR', 0x33, (value) => [set(s.TBA, extract(value, 31, 12))]),
    define('B.26')('RETT', format3, { op: 2, rd: 0, op3: 0x39 }, (o) => {
      const target = address(s, o)
      return [
        privileged(s), trapIf(psr(s, 'ET') as Bool, 'illegal_instruction by state'), trapIf(invalid(s, above(s)), 'window_underflow by RETT'),
        trapIf(ne(extract(target, 1, 0), constant(2, 0)), 'mem_address_not_aligned'),
        set(psrRegister(s, 'ET'), 1), set(psrRegister(s, 'CWP'), above(s)), set(psrRegister(s, 'S'), psr(s, 'PS')),
        set(s.PC, get(s.nPC)), set(s.nPC, wordOf(target)),
      ]
    }),
    ...(s.processor === 'leon3' ? [
      instruction('RDASR %asr17', { op: 2, rd: 5, op3: 6, rs1: 5, zero: 14 }, { op: 2, op3: 0x28, rs1: 17, zero: 0 }, (o) =>
        write(s, o['rd']!, get(s.asr17))),
      wr('WRASR %asr17', 0x30, (value) => [set(bit(s.asr17, 13), extract(value, 13, 13))], 17),
    ] : []),
  ]
}

/** Trap types; the ninth bit tells apart what a supervisor meets by its own state. */
export const causes = {
  illegal_instruction: 0x02, 'illegal_instruction by state': 0x102, privileged_instruction: 0x03, fp_disabled: 0x04,
  window_overflow: 0x05, window_underflow: 0x06, 'window_underflow by RETT': 0x106, mem_address_not_aligned: 0x07, fp_exception: 0x08,
  data_access_exception: 0x09, tag_overflow: 0x0a, cp_disabled: 0x24, division_by_zero: 0x2a, trap_instruction: 0x80,
} as const

/**
 * A trap takes the window below, whatever WIM says, and leaves PC and nPC in its locals 1 and 2. Where traps are disabled the
 * processor stops instead, in error_mode.
 */
export const trap = (s: State, cause: Term): Statement[] => {
  const enabled = psr(s, 'ET') as Bool
  const target = concat<30>(get(s.TBA), extract(cause, 7, 0), constant(2, 0))
  const local = (n: number) => cell(s.windows, add(concat<7>(below(s), constant(4, 0)), constant(7, 8 + n)))
  return [
    set(s.errorMode, 1, not(enabled)), set(s.tt, extract(cause, 7, 0)), set(psrRegister(s, 'ET'), 0),
    set(psrRegister(s, 'PS'), psr(s, 'S'), enabled), set(psrRegister(s, 'S'), 1, enabled), set(psrRegister(s, 'CWP'), below(s), enabled),
    set(local(1), concat<32>(get(s.PC), constant(2, 0)), enabled), set(local(2), concat<32>(get(s.nPC), constant(2, 0)), enabled),
    set(s.PC, target, enabled), set(s.nPC, add(target, constant(30, 1)), enabled),
  ]
}
