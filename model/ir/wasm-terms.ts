// Terms as WebAssembly code: i32 up to 32 bits, i64 up to 64, unsigned with 0 above the width; wider ones as limbs in locals.
import type { BinaryOperator, CompareOperator, Memory, NamedFunction, Term } from './term.ts'
import { postorder } from './term.ts'
import type { Code, PlainInstruction, ValueType } from './wasm-encode.ts'
import { LimbCode, limbsOfConstant, type Limbs } from './wasm-limbs.ts'
import { neighbours } from './wasm-neighbours.ts'
import { scopesOf, type Scope, type Scopes } from './wasm-scopes.ts'

export const valueType = (width: number): ValueType => (width <= 32 ? 'i32' : 'i64')

/** How the code reads state: each pushes one value, of up to 64 bits. */
export interface WasmState {
  readonly variable: (code: Code, name: string, width: number) => void
  /** `address` pushes the cell's address. */
  readonly cell: (code: Code, memory: Memory, address: () => void) => void
  /** Neighbouring cells as one value, the cell at `base` + `offset` in the low bits; false where they must be read one by one. */
  readonly cells?: (code: Code, memory: Memory, base: Term, offset: bigint, count: number, push: (t: Term) => void) => boolean
  readonly apply?: (code: Code, f: NamedFunction, operands: readonly (() => void)[]) => void
  /** Whether a read of this memory costs so much, or has such effects, that it must be made only where its value is needed. */
  readonly onDemand?: (memory: Memory) => boolean
}

const bitsOf = (width: number): number => (width <= 32 ? 32 : 64)
const ones = (width: number): bigint => (1n << BigInt(width)) - 1n

/** Writes the terms of one function. Every term asked for must be below one of the roots. */
export class TermCode {
  readonly #code: Code
  readonly #state: WasmState
  readonly #scopes: Scopes
  readonly #limb: LimbCode
  readonly #locals = new Map<Term, number>()
  readonly #wide = new Map<Term, Limbs>()
  readonly #done = new Set<Term>()

  constructor(code: Code, state: WasmState, roots: readonly Term[]) {
    this.#code = code
    this.#state = state
    this.#limb = new LimbCode(code)
    const lazy = (t: Term): boolean => t.kind === 'apply' || (t.kind === 'select' && state.onDemand?.(t.memory) === true)
    this.#scopes = scopesOf(roots, lazy, (t) => t.width > 64)
  }

  /** Works out what these roots share with others. */
  #prepare(roots: readonly Term[]): void {
    this.#keepBelow(this.#scopes.root, roots)
  }

  #keepBelow(scope: Scope, roots: readonly Term[]): void {
    if (scope.kept.every((t) => this.#done.has(t))) return
    const below = new Set(postorder(roots))
    for (const t of scope.kept) if (below.has(t)) this.#keepIn(t)
  }

  /** Pushes a root's value, at most 64 bits wide; to be asked for where the code asks for every root or for none that follows. */
  push(t: Term): void {
    this.#prepare([t])
    this.#push(t)
  }

  /** The value in a local, for values that must be read before something is written. */
  keep(t: Term): number {
    this.push(t)
    const known = this.#locals.get(t)
    if (known !== undefined) { this.#code.op('drop'); return known }
    const local = this.#code.local(valueType(t.width))
    this.#code.set(local)
    return local
  }

  #keepIn(t: Term): void {
    if (this.#done.has(t)) return
    this.#done.add(t)
    if (t.width > 64) {
      this.#wide.set(t, this.#limbs(t))
      return
    }
    this.#compute(t)
    const local = this.#code.local(valueType(t.width))
    this.#code.set(local)
    this.#locals.set(t, local)
  }

  #push(t: Term): void {
    const local = this.#locals.get(t)
    if (local !== undefined) this.#code.get(local)
    else this.#compute(t)
  }

  /** An operand, in the branch that needs it where there is one. */
  #operand(t: Term, n: number, o: Term): void {
    const scope: Scope | undefined = this.#scopes.branch(t, n)
    // Others of the scope's terms may need what is worked out only after this conditional.
    if (scope) this.#keepBelow(scope, [o])
    this.#push(o)
  }

  #compute(t: Term): void {
    const code = this.#code, w = t.width, type = valueType(w)
    switch (t.kind) {
      case 'const': code.constant(type, t.value); return
      case 'var': this.#state.variable(code, t.name, w); return
      case 'select': this.#state.cell(code, t.memory, () => this.#push(t.address)); return
      case 'apply': this.#apply(t); return
      case 'not': this.#not(t, t.a); return
      case 'ite': this.#ite(t, t.c, t.a, t.b); return
      case 'compare': this.#compare(t.op, t.a, t.b); return
      case 'binary': this.#binary(t, t.op, t.a, t.b); return
      case 'concat': this.#concat(t, t.a, t.b); return
      case 'extract': this.#extract(t.a, t.low, w); return
      case 'sext': this.#signed(t.a, type); this.#wrap(w); return
      case 'load': throw new Error(`a load of ${t.memory.name} cannot be compiled: execute the instruction first`)
    }
  }

  #apply({ function: f, operands }: Term & { kind: 'apply' }): void {
    if (!this.#state.apply) throw new Error(`an application of ${f.name} cannot be compiled`)
    this.#state.apply(this.#code, f, operands.map((o) => () => this.#push(o)))
  }

  /** Clears the bits above the width. */
  #wrap(width: number): void {
    if (width === bitsOf(width)) return
    const type = valueType(width)
    this.#code.constant(type, ones(width)).op(`${type}.and`)
  }

  /** The operand's value sign-extended to all bits of the type. */
  #signed(a: Term, type: ValueType): void {
    this.#push(a)
    if (type === 'i64' && a.width <= 32) this.#code.op('i64.extend_i32_u')
    const size = type === 'i32' ? 32 : 64
    if (a.width === size) return
    if (a.width === 8) this.#code.op(`${type}.extend8_s`)
    else if (a.width === 16) this.#code.op(`${type}.extend16_s`)
    else if (a.width === 32) this.#code.op('i64.extend32_s')
    else this.#code.constant(type, size - a.width).op(`${type}.shl`).constant(type, size - a.width).op(`${type}.shr_s`)
  }

  #not(t: Term, a: Term): void {
    this.#push(a)
    const type = valueType(t.width)
    if (t.width === 1) this.#code.op('i32.eqz')
    else this.#code.constant(type, ones(t.width)).op(`${type}.xor`)
  }

  #ite(t: Term, c: Term, a: Term, b: Term): void {
    if (this.#scopes.branch(t, 1) || this.#scopes.branch(t, 2)) {
      this.#push(c)
      this.#code.if(valueType(t.width))
      this.#operand(t, 1, a)
      this.#code.op('else')
      this.#operand(t, 2, b)
      this.#code.op('end')
    } else {
      this.#push(a)
      this.#push(b)
      this.#push(c)
      this.#code.op('select')
    }
  }

  #compare(op: CompareOperator, a: Term, b: Term): void {
    const type = valueType(a.width)
    if (a.width > 64) { this.#limb.compare(op, this.#limbsOf(a), this.#limbsOf(b), a.width); return }
    if (op === 'eq' && b.kind === 'const' && b.value === 0n) {
      this.#push(a)
      this.#code.op(`${type}.eqz`)
    } else if (op === 'slt' || op === 'sle') {
      this.#signed(a, type)
      this.#signed(b, type)
      this.#code.op(`${type}.${op === 'slt' ? 'lt_s' : 'le_s'}`)
    } else {
      this.#push(a)
      this.#push(b)
      this.#code.op(`${type}.${({ eq: 'eq', ult: 'lt_u', ule: 'le_u' } as const)[op]}`)
    }
  }

  #binary(t: Term, op: BinaryOperator, a: Term, b: Term): void {
    const code = this.#code, w = t.width, type = valueType(w)
    switch (op) {
      case 'and': case 'or': {
        const late = [0, 1].find((n) => this.#scopes.branch(t, n))
        this.#push(late === 0 ? b : a)
        if (late === undefined) {
          this.#push(b)
          code.op(`${type}.${op}`)
          return
        }
        code.if('i32')
        if (op === 'or') code.constant('i32', 1).op('else')
        this.#operand(t, late, late === 0 ? a : b)
        if (op === 'and') code.op('else').constant('i32', 0)
        code.op('end')
        return
      }
      case 'xor': case 'add': case 'sub': case 'mul':
        this.#push(a)
        this.#push(b)
        code.op(`${type}.${op}`)
        if (op !== 'xor') this.#wrap(w)
        return
      case 'udiv': case 'urem': this.#divide(op, a, b, type, w); return
      default: this.#shift(op, a, b, type, w)
    }
  }

  #divide(op: 'udiv' | 'urem', a: Term, b: Term, type: ValueType, w: number): void {
    const code = this.#code, x = code.local(type), y = code.local(type)
    this.#push(a)
    code.set(x)
    this.#push(b)
    code.tee(y).op(`${type}.eqz`).if(type)
    if (op === 'udiv') code.constant(type, ones(w))
    else code.get(x)
    code.op('else').get(x).get(y).op(`${type}.${op === 'udiv' ? 'div_u' : 'rem_u'}`, 'end')
  }

  /** Shifts by the width or more are not WebAssembly's, which takes the amount modulo 32 or 64. */
  #shift(op: 'shl' | 'lshr' | 'ashr', a: Term, b: Term, type: ValueType, w: number): void {
    const code = this.#code, inRange = atMost(b) < BigInt(w)
    if (op === 'ashr') this.#signed(a, type)
    else this.#push(a)
    if (inRange) this.#push(b)
    else if (op === 'ashr') {
      const amount = code.local(type)
      this.#push(b)
      code.tee(amount).constant(type, w - 1).get(amount).constant(type, w).op(`${type}.lt_u`, 'select')
      // select(amount, w - 1, amount < w)
    } else {
      const amount = code.local(type)
      this.#push(b)
      code.tee(amount).op(shiftOf(op, type)).constant(type, 0).get(amount).constant(type, w).op(`${type}.lt_u`, 'select')
      if (op === 'shl') this.#wrap(w)
      return
    }
    code.op(shiftOf(op, type))
    if (op !== 'lshr') this.#wrap(w)
  }

  #concat(t: Term, a: Term, b: Term): void {
    const code = this.#code, type = valueType(t.width)
    const run = this.#state.cells && neighbours(t)
    if (run && this.#state.cells!(code, run.memory, run.base, run.offset, run.count, (x) => this.#push(x))) return
    const part = (p: Term): void => {
      this.#push(p)
      if (type === 'i64' && p.width <= 32) code.op('i64.extend_i32_u')
    }
    if (a.kind === 'const' && a.value === 0n) { part(b); return }
    part(a)
    code.constant(type, b.width).op(`${type}.shl`)
    if (b.kind === 'const' && b.value === 0n) return
    part(b)
    code.op(`${type}.or`)
  }

  #extract(a: Term, low: number, w: number): void {
    const code = this.#code
    if (a.width > 64) {
      const [limb] = this.#limb.extract(this.#limbsOf(a), low, w)
      this.#limb.push(limb!)
      if (w <= 32) code.op('i32.wrap_i64')
      return
    }
    const from = valueType(a.width)
    this.#push(a)
    if (low > 0) code.constant(from, low).op(`${from}.shr_u`)
    if (from === 'i64' && w <= 32) code.op('i32.wrap_i64')
    if (low + w < a.width || (from === 'i64' && w <= 32)) this.#wrap(w)
  }

  /** The limbs of a term of any width. */
  #limbsOf(t: Term): Limbs {
    if (t.kind === 'const') return limbsOfConstant(t.value, t.width)
    if (t.width > 64) {
      const known = this.#wide.get(t)
      if (!known) throw new Error(`${nameOf(t)} is not among the terms of this code`)
      return known
    }
    this.#push(t)
    if (t.width <= 32) this.#code.op('i64.extend_i32_u')
    return [this.#limb.pop()]
  }

  #limbs(t: Term): Limbs {
    const limb = this.#limb
    switch (t.kind) {
      case 'const': return limbsOfConstant(t.value, t.width)
      case 'not': return limb.not(this.#limbsOf(t.a), t.width)
      case 'ite': {
        const c = this.#code.local('i32')
        this.#push(t.c)
        this.#code.set(c)
        return limb.choose(c, this.#limbsOf(t.a), this.#limbsOf(t.b))
      }
      case 'concat': return limb.concat(this.#limbsOf(t.a), this.#limbsOf(t.b), t.b.width, t.width)
      case 'extract': return limb.extract(this.#limbsOf(t.a), t.low, t.width)
      case 'sext': return limb.signExtend(this.#limbsOf(t.a), t.a.width, t.width)
      case 'binary': return limb.binary(t.op, this.#limbsOf(t.a), this.#limbsOf(t.b), t.width, () => nameOf(t))
      default: throw new Error(`${nameOf(t)} has ${t.width} bits: WebAssembly code reads at most 64 at once`)
    }
  }
}

const shiftOf = (op: 'shl' | 'lshr' | 'ashr', type: ValueType): PlainInstruction =>
  `${type}.${({ shl: 'shl', lshr: 'shr_u', ashr: 'shr_s' } as const)[op]}`

const nameOf = (t: Term): string => {
  switch (t.kind) {
    case 'var': return t.name
    case 'select': return `a cell of ${t.memory.name}`
    case 'apply': return t.function.name
    case 'binary': return t.op
    default: return t.kind
  }
}

/** An upper bound of a term's value, by its shape. */
const atMost = (t: Term): bigint => {
  if (t.kind === 'const') return t.value
  if (t.kind === 'binary' && t.op === 'and' && t.b.kind === 'const') return t.b.value
  if (t.kind === 'concat' && t.a.kind === 'const' && t.a.value === 0n) return atMost(t.b)
  return ones(t.width)
}
