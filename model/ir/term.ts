// Typed bit-vector terms and memories, shared by hash-consing: equal terms are the same object.

/** A bit-vector of W bits. Build terms with the functions of this file only: they check widths and simplify. */
export type Term<W extends number = number> = TermNode & { readonly width: W }
export type Bool = Term<1>

export type BinaryOperator = 'and' | 'or' | 'xor' | 'add' | 'sub' | 'mul' | 'udiv' | 'urem' | 'shl' | 'lshr' | 'ashr'
export type CompareOperator = 'eq' | 'ult' | 'ule' | 'slt' | 'sle'

/** A memory variable: 2^addressWidth cells of `width` bits, of which a machine may have fewer (`cells`). */
export interface Memory<A extends number = number, W extends number = number> {
  readonly name: string
  readonly addressWidth: A
  readonly width: W
  readonly cells: number
}

/**
 * A function with a name of its own. `computed` says what it is by a JavaScript function of unsigned values; `defined` by a term
 * over variables that stand for the operands, and over the state that the instruction starts in. For a solver a computed
 * function is an uninterpreted one.
 */
export interface NamedFunction {
  readonly name: string
  /** Widths of the operands and of the result, in bits. */
  readonly operands: readonly number[]
  readonly width: number
  readonly meaning:
    | { readonly kind: 'computed'; readonly evaluate: (...operands: bigint[]) => bigint }
    | { readonly kind: 'defined'; readonly parameters: readonly Term[]; readonly body: Term }
}

/** `hash` depends on the structure only, so that what is ordered by it does not depend on what was built before. */
type Shared = { readonly id: number; readonly hash: number; readonly width: number }
export type TermNode = Shared &
  (
    | { readonly kind: 'const'; readonly value: bigint }
    | { readonly kind: 'var'; readonly name: string }
    /** A relocated read of storage; `when` 0 reads nothing. Only in instructions: execution replaces it by a select. */
    | { readonly kind: 'load'; readonly memory: Memory; readonly address: Term; readonly when: Bool }
    | { readonly kind: 'not'; readonly a: Term }
    | { readonly kind: 'binary'; readonly op: BinaryOperator; readonly a: Term; readonly b: Term }
    | { readonly kind: 'compare'; readonly op: CompareOperator; readonly a: Term; readonly b: Term }
    | { readonly kind: 'ite'; readonly c: Bool; readonly a: Term; readonly b: Term }
    | { readonly kind: 'concat'; readonly a: Term; readonly b: Term }
    | { readonly kind: 'extract'; readonly a: Term; readonly high: number; readonly low: number }
    | { readonly kind: 'sext'; readonly a: Term }
    | { readonly kind: 'select'; readonly memory: Memory; readonly address: Term }
    | { readonly kind: 'apply'; readonly function: NamedFunction; readonly operands: readonly Term[] }
  )
export type TermKind = TermNode['kind']

/** A term that does not fit: a width, a bit range or a constant out of bounds. */
export class WidthError extends Error {
  override readonly name = 'WidthError'
}

const interned = new Map<string, Term>()
let nextId = 0

type Fresh<T> = T extends unknown ? Omit<T, 'id' | 'hash'> : never
const intern = <W extends number>(key: string, node: Fresh<TermNode>): Term<W> => {
  const known = interned.get(key)
  if (known) return known as Term<W>
  const term = { ...node, id: nextId++, hash: hashOf(node) } as unknown as Term<W>
  interned.set(key, term)
  return term
}

const mix = (hash: number, part: number): number => Math.imul(hash ^ part, 0x9e3779b1) ^ (hash >>> 15)
const hashOf = (node: Fresh<TermNode>): number => {
  const text = [node.kind, node.width, 'op' in node ? node.op : '', 'name' in node ? node.name : 'function' in node ? node.function.name : '', 'memory' in node ? node.memory.name : '',
    'value' in node ? node.value : '', 'high' in node ? `${node.high}:${node.low}` : ''].join(' ')
  let hash = 0
  for (let i = 0; i < text.length; i++) hash = mix(hash, text.charCodeAt(i))
  return operandsOf(node as Term).reduce((h, o) => mix(h, o.hash), hash) >>> 0
}
/** The order in which a commutative operator has its operands. */
const after = (a: Term, b: Term): boolean => a.hash > b.hash || (a.hash === b.hash && a.id > b.id)

const maskOf = (width: number): bigint => (1n << BigInt(width)) - 1n
const signed = (value: bigint, width: number): bigint => BigInt.asIntN(width, value)
const sameWidth = (what: string, a: Term, b: Term): void => {
  if (a.width !== b.width) throw new WidthError(`${what}: ${a.width} bits on the left and ${b.width} on the right`)
}

/** The constant `value` in `width` bits; negative values are two's complement. */
export const constant = <W extends number>(width: W, value: bigint | number): Term<W> => {
  if (!Number.isInteger(width) || width < 1) throw new WidthError(`a width must be a positive whole number, not ${width}`)
  const v = BigInt(value)
  if (v > maskOf(width) || v < -(1n << BigInt(width - 1))) throw new WidthError(`${v} does not fit ${width} bits`)
  const wrapped = v & maskOf(width)
  return intern(`c${width}:${wrapped}`, { kind: 'const', width, value: wrapped })
}
export const True: Bool = constant(1, 1)
export const False: Bool = constant(1, 0)

export const variable = <W extends number>(name: string, width: W): Term<W> => {
  if (!Number.isInteger(width) || width < 1) throw new WidthError(`${name}: a width must be a positive whole number, not ${width}`)
  return intern(`v${width}:${name}`, { kind: 'var', width, name })
}

const isConst = (t: Term): t is Term & { kind: 'const' } => t.kind === 'const'
const isZero = (t: Term): boolean => t.kind === 'const' && t.value === 0n
const isOnes = (t: Term): boolean => t.kind === 'const' && t.value === maskOf(t.width)

export const not = <W extends number>(a: Term<W>): Term<W> => {
  if (isConst(a)) return constant(a.width, ~a.value & maskOf(a.width)) as Term<W>
  if (a.kind === 'not') return a.a as Term<W>
  return intern(`n${a.id}`, { kind: 'not', width: a.width, a })
}

/** One operator on constants; division by zero as in SMT-LIB (all ones, and the dividend). */
export const applyBinary = (op: BinaryOperator, a: bigint, b: bigint, width: number): bigint => {
  const mask = maskOf(width)
  switch (op) {
    case 'and': return a & b
    case 'or': return a | b
    case 'xor': return a ^ b
    case 'add': return (a + b) & mask
    case 'sub': return (a - b) & mask
    case 'mul': return (a * b) & mask
    case 'udiv': return b === 0n ? mask : a / b
    case 'urem': return b === 0n ? a : a % b
    case 'shl': return b >= BigInt(width) ? 0n : (a << b) & mask
    case 'lshr': return b >= BigInt(width) ? 0n : a >> b
    case 'ashr': return (signed(a, width) >> (b >= BigInt(width) ? BigInt(width - 1) : b)) & mask
  }
}

export const applyCompare = (op: CompareOperator, a: bigint, b: bigint, width: number): boolean => {
  switch (op) {
    case 'eq': return a === b
    case 'ult': return a < b
    case 'ule': return a <= b
    case 'slt': return signed(a, width) < signed(b, width)
    case 'sle': return signed(a, width) <= signed(b, width)
  }
}

const commutative: ReadonlySet<string> = new Set(['and', 'or', 'xor', 'add', 'mul'])
const zeroRight: ReadonlySet<string> = new Set(['or', 'xor', 'add', 'sub', 'shl', 'lshr', 'ashr'])

const simplifyBinary = (op: BinaryOperator, a: Term, b: Term): Term | undefined => {
  if (isConst(a) && isConst(b)) return constant(a.width, applyBinary(op, a.value, b.value, a.width))
  if (isZero(b) && zeroRight.has(op)) return a
  switch (op) {
    case 'and':
      if (a === b || isOnes(b)) return a
      if (isZero(b)) return b
      return not(a) === b ? constant(a.width, 0) : undefined
    case 'or':
      if (a === b) return a
      if (isOnes(b)) return b
      return not(a) === b ? not(constant(a.width, 0)) : undefined
    case 'xor':
      if (a === b) return constant(a.width, 0)
      return isOnes(b) ? not(a) : undefined
    case 'add':
      // (x - b) + b and (x + c) + d
      if (a.kind === 'binary' && a.op === 'sub' && a.b === b) return a.a
      return a.kind === 'binary' && a.op === 'add' && isConst(a.b) && isConst(b) ? binary('add', a.a, binary('add', a.b, b)) : undefined
    case 'sub':
      if (a === b) return constant(a.width, 0)
      if (a.kind === 'binary' && a.op === 'add' && a.b === b) return a.a
      return a.kind === 'binary' && a.op === 'add' && a.a === b ? a.b : undefined
    case 'mul':
      return isZero(b) ? b : undefined
    default:
      return undefined
  }
}

const binary = <W extends number>(op: BinaryOperator, a: Term<W>, b: Term<W>): Term<W> => {
  sameWidth(op, a, b)
  if (commutative.has(op) && (isConst(a) || (!isConst(b) && after(a, b)))) [a, b] = [b, a]
  const simple = simplifyBinary(op, a, b)
  if (simple) return simple as Term<W>
  return intern(`${op}${a.id},${b.id}`, { kind: 'binary', width: a.width, op, a, b })
}

export const and = <W extends number>(a: Term<W>, b: Term<NoInfer<W>>): Term<W> => binary('and', a, b)
export const or = <W extends number>(a: Term<W>, b: Term<NoInfer<W>>): Term<W> => binary('or', a, b)
export const xor = <W extends number>(a: Term<W>, b: Term<NoInfer<W>>): Term<W> => binary('xor', a, b)
export const add = <W extends number>(a: Term<W>, b: Term<NoInfer<W>>): Term<W> => binary('add', a, b)
export const sub = <W extends number>(a: Term<W>, b: Term<NoInfer<W>>): Term<W> => binary('sub', a, b)
export const mul = <W extends number>(a: Term<W>, b: Term<NoInfer<W>>): Term<W> => binary('mul', a, b)
export const udiv = <W extends number>(a: Term<W>, b: Term<NoInfer<W>>): Term<W> => binary('udiv', a, b)
export const urem = <W extends number>(a: Term<W>, b: Term<NoInfer<W>>): Term<W> => binary('urem', a, b)
/** Shifts by an amount of the same width; an amount of the width or more gives 0 (ashr: the sign). */
export const shl = <W extends number>(a: Term<W>, b: Term<NoInfer<W>>): Term<W> => binary('shl', a, b)
export const lshr = <W extends number>(a: Term<W>, b: Term<NoInfer<W>>): Term<W> => binary('lshr', a, b)
export const ashr = <W extends number>(a: Term<W>, b: Term<NoInfer<W>>): Term<W> => binary('ashr', a, b)
export const all = (terms: readonly Bool[]): Bool => terms.reduce<Bool>((x, y) => and(x, y), True)
/** What must hold, each by itself, for a conjunction to hold. */
export const conjuncts = (t: Bool): Bool[] => (t.kind === 'binary' && t.op === 'and' ? [...conjuncts(t.a as Bool), ...conjuncts(t.b as Bool)] : [t])
export const any = (terms: readonly Bool[]): Bool => terms.reduce<Bool>((x, y) => or(x, y), False)
export const implies = (a: Bool, b: Bool): Bool => or(not(a), b)

const compare = (op: CompareOperator, a: Term, b: Term): Bool => {
  sameWidth(op, a, b)
  if (op === 'eq' && (isConst(a) || (!isConst(b) && after(a, b)))) [a, b] = [b, a]
  if (isConst(a) && isConst(b)) return applyCompare(op, a.value, b.value, a.width) ? True : False
  if (a === b) return op === 'ult' || op === 'slt' ? False : True
  if (op === 'ult' && (isZero(b) || isOnes(a))) return False
  if (op === 'ule' && (isZero(a) || isOnes(b))) return True
  if (op === 'eq') {
    if (a.width === 1 && isConst(b)) return (b.value === 1n ? a : not(a)) as Bool
    if (not(a) === b) return False
    if (a.kind === 'ite') {
      const left = eqConst(a.a, b), right = eqConst(a.b, b)
      if (left !== undefined && right !== undefined) return ite(a.c, left ? True : False, right ? True : False)
    }
    if (a.kind === 'concat' && isConst(b)) {
      return and(eq(a.a, extract(b, b.width - 1, a.b.width)), eq(a.b, extract(b, a.b.width - 1, 0)))
    }
  }
  return intern(`${op}${a.id},${b.id}`, { kind: 'compare', width: 1, op, a, b })
}
const eqConst = (a: Term, b: Term): boolean | undefined =>
  a === b ? true : isConst(a) && isConst(b) ? a.value === b.value : undefined

export const eq = <W extends number>(a: Term<W>, b: Term<NoInfer<W>>): Bool => compare('eq', a, b)
export const ne = <W extends number>(a: Term<W>, b: Term<NoInfer<W>>): Bool => not(compare('eq', a, b))
/** Unsigned and signed comparisons. */
export const ult = <W extends number>(a: Term<W>, b: Term<NoInfer<W>>): Bool => compare('ult', a, b)
export const ule = <W extends number>(a: Term<W>, b: Term<NoInfer<W>>): Bool => compare('ule', a, b)
export const slt = <W extends number>(a: Term<W>, b: Term<NoInfer<W>>): Bool => compare('slt', a, b)
export const sle = <W extends number>(a: Term<W>, b: Term<NoInfer<W>>): Bool => compare('sle', a, b)

export const ite = <W extends number>(c: Bool, a: Term<W>, b: Term<NoInfer<W>>): Term<W> => {
  sameWidth('ite', a, b)
  if (c.width !== 1) throw new WidthError(`ite: the condition has ${(c as Term).width} bits`)
  if (isConst(c)) return c.value === 1n ? a : b
  if (a === b) return a
  if (c.kind === 'not') return ite(c.a as Bool, b, a)
  if (a.width === 1) {
    const [x, y] = [a as unknown as Bool, b as unknown as Bool]
    if (x === True) return or(c, y) as unknown as Term<W>
    if (x === False) return and(not(c), y) as unknown as Term<W>
    if (y === True) return or(not(c), x) as unknown as Term<W>
    if (y === False) return and(c, x) as unknown as Term<W>
  }
  if (a.kind === 'ite' && a.c === c) return ite(c, a.a as Term<W>, b)
  if (b.kind === 'ite' && b.c === c) return ite(c, a, b.b as Term<W>)
  return intern(`i${c.id},${a.id},${b.id}`, { kind: 'ite', width: a.width, c, a, b })
}

/** `a` in the high bits, `b` in the low bits. Name the sum of the widths to keep it in the type. */
export const concat = <W extends number = number>(a: Term, b: Term, ...more: Term[]): Term<W> => {
  const two = concatTwo(a, b)
  return more.reduce<Term>((x, y) => concatTwo(x, y), two) as Term<W>
}
const concatTwo = (a: Term, b: Term): Term => {
  const width = a.width + b.width
  if (isConst(a) && isConst(b)) return constant(width, (a.value << BigInt(b.width)) | b.value)
  if (a.kind === 'extract' && b.kind === 'extract' && a.a === b.a && a.low === b.high + 1) return extract(a.a, a.high, b.low)
  return intern(`k${a.id},${b.id}`, { kind: 'concat', width, a, b })
}

/** Bits high..low of `a`, both included, bit 0 the least significant. */
export const extract = <W extends number = number>(a: Term, high: number, low: number): Term<W> => {
  if (!(0 <= low && low <= high && high < a.width)) throw new WidthError(`extract: bits ${high}..${low} of a ${a.width}-bit term`)
  const width = high - low + 1
  if (width === a.width) return a as Term<W>
  if (isConst(a)) return constant(width, (a.value >> BigInt(low)) & maskOf(width)) as Term<W>
  if (a.kind === 'extract') return extract(a.a, a.low + high, a.low + low)
  if (a.kind === 'concat') {
    const split = a.b.width
    if (low >= split) return extract(a.a, high - split, low - split)
    if (high < split) return extract(a.b, high, low)
    return concatTwo(extract(a.a, high - split, 0), extract(a.b, split - 1, low)) as Term<W>
  }
  if (a.kind === 'sext' && high < a.a.width) return extract(a.a, high, low)
  if (a.kind === 'ite' && (isConst(a.a) || isConst(a.b))) return ite(a.c, extract(a.a, high, low), extract(a.b, high, low)) as Term<W>
  return intern(`x${a.id}:${high}:${low}`, { kind: 'extract', width, a, high, low })
}

export const zeroExtend = <W extends number>(a: Term, width: W): Term<W> => {
  if (width < a.width) throw new WidthError(`zero extension of ${a.width} bits to ${width}`)
  return (width === a.width ? a : concatTwo(constant(width - a.width, 0), a)) as Term<W>
}

export const signExtend = <W extends number>(a: Term, width: W): Term<W> => {
  if (width < a.width) throw new WidthError(`sign extension of ${a.width} bits to ${width}`)
  if (width === a.width) return a as unknown as Term<W>
  if (isConst(a)) return constant(width, signed(a.value, a.width))
  return intern(`s${a.id}:${width}`, { kind: 'sext', width, a })
}

const checkAddress = (memory: Memory, address: Term): void => {
  if (address.width !== memory.addressWidth)
    throw new WidthError(`${memory.name}: an address has ${memory.addressWidth} bits, this one ${address.width}`)
}

/** The content of a cell, not relocated. */
export const select = <A extends number, W extends number>(memory: Memory<A, W>, address: Term<NoInfer<A>>): Term<W> => {
  checkAddress(memory, address)
  return intern(`m${memory.name}:${memory.addressWidth}:${memory.width}@${address.id}`, { kind: 'select', width: memory.width, memory, address })
}

/** A relocated read of storage, which can memory-trap; where `when` is 0 nothing is read and the value has no meaning. */
export const load = <W extends number>(memory: Memory<number, W>, address: Term, when: Bool = True): Term<W> =>
  intern(`l${memory.name}:${memory.width}@${address.id}?${when.id}`, { kind: 'load', width: memory.width, memory, address, when })

const functionNumbers = new Map<NamedFunction, number>()
const numberOf = (f: NamedFunction): number => {
  const known = functionNumbers.get(f)
  if (known !== undefined) return known
  functionNumbers.set(f, functionNumbers.size)
  return functionNumbers.size - 1
}

/** A function that a JavaScript function computes; it must give the same result for the same operands, as an unsigned value. */
export const computed = (name: string, operands: readonly number[], width: number, evaluate: (...operands: bigint[]) => bigint): NamedFunction =>
  ({ name, operands, width, meaning: { kind: 'computed', evaluate } })

/** A function that a term defines, over variables that stand for its operands and over the state. */
export const defined = (name: string, operands: readonly number[], body: (...operands: Term[]) => Term): NamedFunction => {
  const parameters = operands.map((width, n) => variable(`parameter ${n} of ${name}`, width))
  const term = body(...parameters)
  return { name, operands, width: term.width, meaning: { kind: 'defined', parameters, body: term } }
}

/** The function's result for these operands. */
export const apply = <W extends number = number>(f: NamedFunction, ...operands: Term[]): Term<W> => {
  if (operands.length !== f.operands.length) throw new WidthError(`${f.name}: ${f.operands.length} operands, not ${operands.length}`)
  operands.forEach((o, n) => {
    if (o.width !== f.operands[n]) throw new WidthError(`${f.name}: operand ${n} has ${f.operands[n]} bits, this one ${o.width}`)
  })
  return intern(`f${numberOf(f)}(${operands.map((o) => o.id).join(',')})`, { kind: 'apply', width: f.width, function: f, operands })
}

/** The terms that a term is built from, leftmost first. */
export function operandsOf(t: Term): readonly Term[] {
  switch (t.kind) {
    case 'const': case 'var': return []
    case 'not': case 'extract': case 'sext': return [t.a]
    case 'binary': case 'compare': case 'concat': return [t.a, t.b]
    case 'ite': return [t.c, t.a, t.b]
    case 'select': return [t.address]
    case 'load': return [t.address, t.when]
    case 'apply': return t.operands
  }
}

/** Every term below the roots, operands before the terms that use them, each once. */
export const postorder = (roots: readonly Term[]): Term[] => {
  const seen = new Set<Term>(), order: Term[] = []
  const visit = (t: Term): void => {
    if (seen.has(t)) return
    seen.add(t)
    for (const o of operandsOf(t)) visit(o)
    order.push(t)
  }
  for (const root of roots) visit(root)
  return order
}

/** Builds again the operation of `t` on other operands, through the checking and simplifying constructors. */
export const rebuild = (t: Term, operands: readonly Term[]): Term => {
  const [x, y, z] = operands as [Term, Term, Term]
  switch (t.kind) {
    case 'const': case 'var': return t
    case 'not': return not(x)
    case 'binary': return binary(t.op, x, y)
    case 'compare': return compare(t.op, x, y)
    case 'ite': return ite(x as Bool, y, z)
    case 'concat': return concatTwo(x, y)
    case 'extract': return extract(x, t.high, t.low)
    case 'sext': return signExtend(x, t.width)
    case 'select': return select(t.memory, x)
    case 'load': return load(t.memory, x, y as Bool)
    case 'apply': return apply(t.function, ...operands)
  }
}
