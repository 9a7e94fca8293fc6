// The names of one source and the values of expressions over them.

import { nearest } from './nearest.ts'
import type { Expression } from './parse.ts'
import { Mistake } from './tokens.ts'

export class Symbols {
  readonly values = new Map<string, number>()
  private readonly definedAt = new Map<string, number>()

  /** Throws a Mistake at `column` when the name has a value already; the first value stays. */
  define(name: string, value: number, line: number, column: number): void {
    const before = this.definedAt.get(name)
    if (before !== undefined) {
      throw new Mistake(column, `a second definition of '${name}' (the first is in line ${before})`, 'a new name')
    }
    this.values.set(name, value)
    this.definedAt.set(name, line)
  }

  /** Gives a name that a reported problem left without a value NaN, so that its uses make no further problems. */
  spoil(name: string, line: number, column: number): void {
    if (!this.values.has(name)) this.define(name, Number.NaN, line, column)
  }

  /** The value, or NaN when it is spoilt; `here` is the value of `.`. Throws a Mistake that expects `known` names. */
  valueOf(expression: Expression, here: number, known: string): number {
    switch (expression.kind) {
      case 'number':
        return expression.value
      case 'name': {
        const { name, column } = expression
        const value = name === '.' ? here : this.values.get(name)
        if (value === undefined) throw new Mistake(column, `the unknown name '${name}'`, known, nearest(name, this.values.keys()))
        return value
      }
      case 'negate':
        return -this.valueOf(expression.of, here, known)
      case '+':
        return this.valueOf(expression.left, here, known) + this.valueOf(expression.right, here, known)
      case '-':
        return this.valueOf(expression.left, here, known) - this.valueOf(expression.right, here, known)
      case '*':
        return this.valueOf(expression.left, here, known) * this.valueOf(expression.right, here, known)
    }
  }
}
