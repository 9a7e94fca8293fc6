// How Alpha instructions are written down here: formats, register writes, addresses and parts of quadwords.
import { encode, instruction, set, trapIf, type Format, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, get, type Bank } from '../../ir/state.ts'
import { add, and, constant, extract, ne, not, signExtend, True, type Bool, type Term } from '../../ir/term.ts'
import { F, FEN, R, read } from './state.ts'

export type Operands = Readonly<Record<string, Term>>
export type Fixed = Readonly<Record<string, number>>

export const operate = { op: 6, ra: 5, rb: 5, zero: 3, literal: 1, function: 7, rc: 5 }
export const operateLiteral = { op: 6, ra: 5, value: 8, literal: 1, function: 7, rc: 5 }
export const memoryFormat = { op: 6, ra: 5, rb: 5, displacement: 16 }
export const branchFormat = { op: 6, ra: 5, displacement: 21 }
export const miscellaneous = { op: 6, ra: 5, rb: 5, function: 16 }

export const manual = 'Alpha Architecture Reference Manual'
export const causes = { 'memory management': 1, unaligned: 2, opDec: 3, FEN: 4, arithmetic: 5, bpt: 6, bugchk: 7, gentrap: 8, callsys: 9 } as const

export const define = (chapter: string) => (
  name: string, format: Format, fixed: Fixed, does: (o: Operands) => readonly Statement[], note?: string,
): Instruction => instruction<string>({
  name, source: `${manual}, ${chapter}, ${name}`, encoding: encode<Format, string>(format, fixed), does, ...(note === undefined ? {} : { note }),
})

/** A write to a register; one to register 31 is lost. */
const writeTo = (of: Bank<5, 64>, n: Term, value: Term, when: Bool = True): Statement =>
  set<number>(cell(of, n as Term<5>), value, and(when, ne(n, constant(5, 31))))
export const write = (n: Term, value: Term, when?: Bool): Statement => writeTo(R, n, value, when)
export const writeF = (n: Term, value: Term): Statement => writeTo(F, n, value)
/** A register by its number. */
export const r = (n: number): Term<64> => read(R, constant(5, n))
export const setR = (n: number, value: Term): Statement => write(constant(5, n), value)

export const floating: Statement = trapIf(not(get(FEN)), 'FEN')
export const effective = (o: Operands): Term<64> => add(read(R, o['rb']!), signExtend(o['displacement']!, 64))
export const quadword = (address: Term): Term<61> => extract<61>(address, 63, 3)
