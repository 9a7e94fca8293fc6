// Second pass: the words of one statement, with every range checked.

import { expressionOf, operandsOf, ranged, shown, wordsOf, type Directive } from './directives.ts'
import type { FieldUse, Instruction } from './instructions.ts'
import type { Expression, Operand, Statement } from './parse.ts'
import { Mistake } from './tokens.ts'

const fieldForms: Readonly<Record<FieldUse, string>> = { value: 'a(x)', address: 'a(x)', field: 'a' }

/** How the operands of an instruction are written, as in the manual's table. */
export const formOf = ({ hasRegister, field }: Instruction): string =>
  [...(hasRegister ? ['r'] : []), ...(field === undefined ? [] : [fieldForms[field]])].join(', ')

const registerOf = (operand: Operand, form: string): number => {
  if (operand.kind === 'register') return operand.number
  throw new Mistake(operand.column, shown(operand), `a register r0 to r15 (${form})`)
}

/** The 16 bits of `a` and the index register (0 for none). */
const fieldOf = (
  operand: Operand, use: FieldUse, form: string, value: (expression: Expression) => number,
): { readonly a: number; readonly x: number } => {
  if (use === 'field') return { a: ranged(operand, 0, 0xffff, 'a number', value), x: 0 }
  if (operand.kind !== 'expression') expressionOf(operand, `a number or an address (${form})`)
  const { index, expression } = operand as Extract<Operand, { kind: 'expression' }>
  const number = value(expression)
  // The machine extends the sign of `a`: 32768 and more would not mean what is written.
  const [least, most, expected] =
    use === 'address' && index === undefined ? [0, 0xfff, 'an address of 12 bits'] : [-0x8000, 0x7fff, 'a signed number of 16 bits']
  if (number < least || number > most) throw new Mistake(operand.column, String(number), `${expected}, ${least} to ${most}`)
  return { a: number & 0xffff, x: index ?? 0 }
}

/** The words that a statement becomes, unsigned or signed; throws a Mistake. */
export const encode = (
  what: Instruction | Directive, statement: Statement, value: (expression: Expression) => number,
): { readonly words: readonly number[]; readonly entry?: number } => {
  if (typeof what === 'string') return wordsOf(what, statement, value)
  const form = formOf(what)
  const count = (what.hasRegister ? 1 : 0) + (what.field === undefined ? 0 : 1)
  const operands = operandsOf(statement, count, form)
  const r = what.hasRegister ? registerOf(operands[0]!, form) : 0
  const { a, x } = what.field === undefined ? { a: 0, x: 0 } : fieldOf(operands.at(-1)!, what.field, form, value)
  return { words: [what.opcode * 0x100_0000 + r * 0x10_0000 + x * 0x1_0000 + a] }
}
