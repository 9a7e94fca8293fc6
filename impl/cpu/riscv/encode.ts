// An encoder of WebAssembly modules: sections, and function bodies written instruction by instruction.

export const i32 = 0x7f
export const i64 = 0x7e
export const f32 = 0x7d
export const f64 = 0x7c
const none = 0x40
export type ValueType = typeof i32 | typeof i64 | typeof f32 | typeof f64

/** The one-byte instructions without operands that the hart's code uses, by WebAssembly's own names. */
export const op = {
  unreachable: 0x00, return: 0x0f, drop: 0x1a, select: 0x1b,
  i32Eqz: 0x45, i32Eq: 0x46, i32Ne: 0x47, i32LtS: 0x48, i32LtU: 0x49, i32GtS: 0x4a, i32GtU: 0x4b, i32LeS: 0x4c, i32GeS: 0x4e,
  i32GeU: 0x4f,
  i64Eqz: 0x50, i64Eq: 0x51, i64Ne: 0x52, i64LtS: 0x53, i64LtU: 0x54, i64GtS: 0x55, i64GtU: 0x56, i64LeS: 0x57, i64LeU: 0x58,
  i64GeS: 0x59, i64GeU: 0x5a,
  f32Eq: 0x5b, f32Lt: 0x5d, f32Le: 0x5f, f64Eq: 0x61, f64Lt: 0x63, f64Le: 0x65,
  i32Add: 0x6a, i32Sub: 0x6b, i32Mul: 0x6c, i32DivS: 0x6d, i32DivU: 0x6e, i32RemS: 0x6f, i32RemU: 0x70, i32And: 0x71, i32Or: 0x72,
  i32Xor: 0x73, i32Shl: 0x74, i32ShrS: 0x75, i32ShrU: 0x76,
  i64Add: 0x7c, i64Sub: 0x7d, i64Mul: 0x7e, i64DivS: 0x7f, i64DivU: 0x80, i64RemS: 0x81, i64RemU: 0x82, i64And: 0x83, i64Or: 0x84,
  i64Xor: 0x85, i64Shl: 0x86, i64ShrS: 0x87, i64ShrU: 0x88, i64Rotr: 0x8a,
  f32Abs: 0x8b, f32Sqrt: 0x91, f32Add: 0x92, f32Sub: 0x93, f32Mul: 0x94, f32Div: 0x95,
  f64Abs: 0x99, f64Neg: 0x9a, f64Sqrt: 0x9f, f64Add: 0xa0, f64Sub: 0xa1, f64Mul: 0xa2, f64Div: 0xa3,
  i32WrapI64: 0xa7, i64TruncF32S: 0xae, i64TruncF64S: 0xb0, i64ExtendI32S: 0xac, i64ExtendI32U: 0xad,
  f32ConvertI64S: 0xb4, f32DemoteF64: 0xb6, f64ConvertI64S: 0xb9, f64PromoteF32: 0xbb,
  i32ReinterpretF32: 0xbc, i64ReinterpretF64: 0xbd, f32ReinterpretI32: 0xbe, f64ReinterpretI64: 0xbf,
  i64Extend8S: 0xc2, i64Extend16S: 0xc3, i64Extend32S: 0xc4,
} as const
export type Operation = (typeof op)[keyof typeof op]

/** The instructions that read and write memory; their second operand is an offset. */
export const access = {
  i32Load: 0x28, i64Load: 0x29, i32Load8U: 0x2d, i32Load16U: 0x2f,
  i64Load8S: 0x30, i64Load8U: 0x31, i64Load16S: 0x32, i64Load16U: 0x33, i64Load32S: 0x34, i64Load32U: 0x35,
  i32Store: 0x36, i64Store: 0x37, i64Store8: 0x3c, i64Store16: 0x3d, i64Store32: 0x3e, i32Store16: 0x3b,
} as const
export type Access = (typeof access)[keyof typeof access]

const pushUnsigned = (bytes: number[], value: number): void => {
  while (value > 0x7f) {
    bytes.push(value & 0x7f | 0x80)
    value = Math.floor(value / 128)
  }
  bytes.push(value)
}

const pushSigned = (bytes: number[], value: number | bigint): void => {
  if (typeof value === 'number' && value === (value | 0)) {
    while (value < -64 || value > 63) {
      bytes.push(value & 0x7f | 0x80)
      value >>= 7
    }
    bytes.push(value & 0x7f)
    return
  }
  let rest = BigInt.asIntN(64, BigInt(value))
  while (rest < -64n || rest > 63n) {
    bytes.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  bytes.push(Number(rest & 0x7fn))
}

/** A place to branch to: the nesting depth of its block, loop or if. */
export type Label = number

export interface Signature {
  readonly parameters: readonly ValueType[]
  readonly results: readonly ValueType[]
}

/** The body of a function. Values are pushed and popped as WebAssembly's are; nothing is checked here. */
export class Code {
  readonly bytes: number[] = []
  /** Where branches are that are hardly ever taken. */
  private readonly seldom: number[] = []
  private depth = 0
  private readonly locals: ValueType[] = []
  private readonly kept = new Map<string, number>()
  private readonly parameters: number

  constructor(parameters: number) {
    this.parameters = parameters
  }

  /** A new local variable. */
  local(type: ValueType): number {
    return this.parameters + this.locals.push(type) - 1
  }

  /** The local variable of this name and type: the same one each time. */
  named(name: string, type: ValueType): number {
    let index = this.kept.get(name)
    if (index === undefined) {
      index = this.local(type)
      this.kept.set(name, index)
    }
    return index
  }

  op(...operations: readonly Operation[]): this {
    this.bytes.push(...operations)
    return this
  }

  get(local: number): this {
    this.bytes.push(0x20)
    pushUnsigned(this.bytes, local)
    return this
  }

  set(local: number): this {
    this.bytes.push(0x21)
    pushUnsigned(this.bytes, local)
    return this
  }

  tee(local: number): this {
    this.bytes.push(0x22)
    pushUnsigned(this.bytes, local)
    return this
  }

  int(value: number): this {
    this.bytes.push(0x41)
    pushSigned(this.bytes, value | 0)
    return this
  }

  long(value: number | bigint): this {
    this.bytes.push(0x42)
    pushSigned(this.bytes, value)
    return this
  }

  /** A load or a store at the address below, with no alignment promised. */
  at(instruction: Access, offset = 0): this {
    this.bytes.push(instruction, 0)
    pushUnsigned(this.bytes, offset)
    return this
  }

  block(result: ValueType | typeof none = none): Label {
    this.bytes.push(0x02, result)
    return ++this.depth
  }

  loop(): Label {
    this.bytes.push(0x03, none)
    return ++this.depth
  }

  if(result: ValueType | typeof none = none): Label {
    this.bytes.push(0x04, result)
    return ++this.depth
  }

  else(): this {
    this.bytes.push(0x05)
    return this
  }

  end(): this {
    this.bytes.push(0x0b)
    this.depth--
    return this
  }

  br(label: Label): this {
    this.bytes.push(0x0c)
    pushUnsigned(this.bytes, this.depth - label)
    return this
  }

  brIf(label: Label): this {
    this.bytes.push(0x0d)
    pushUnsigned(this.bytes, this.depth - label)
    return this
  }

  /** The `if` or `br_if` that follows hardly ever finds what it asks for. */
  unlikely(): this {
    this.seldom.push(this.bytes.length)
    return this
  }

  /** Puts code of the same locals before this, which has no unlikely branches. */
  prepend({ bytes }: Code): void {
    this.bytes.unshift(...bytes)
    for (const index of this.seldom.keys()) this.seldom[index]! += bytes.length
  }

  brTable(labels: readonly Label[], otherwise: Label): this {
    this.bytes.push(0x0e)
    pushUnsigned(this.bytes, labels.length)
    for (const label of labels) pushUnsigned(this.bytes, this.depth - label)
    pushUnsigned(this.bytes, this.depth - otherwise)
    return this
  }

  call(index: number): this {
    this.bytes.push(0x10)
    pushUnsigned(this.bytes, index)
    return this
  }

  /** Calls the function of table 0 whose number is on top. */
  callIndirect(type: number): this {
    this.bytes.push(0x11)
    pushUnsigned(this.bytes, type)
    this.bytes.push(0)
    return this
  }

  /** Calls a function in place of this one. */
  returnCall(index: number): this {
    this.bytes.push(0x12)
    pushUnsigned(this.bytes, index)
    return this
  }

  /** As `callIndirect`, in place of this function. */
  returnCallIndirect(type: number): this {
    this.bytes.push(0x13)
    pushUnsigned(this.bytes, type)
    this.bytes.push(0)
    return this
  }

  /** The places of unlikely branches in the body, as the section of branch hints has them. */
  hints(): readonly number[] {
    const hints: number[] = []
    if (this.seldom.length === 0) return hints
    const start = bytesOf(this.finish().slice(0, 2))
    pushUnsigned(hints, this.seldom.length)
    for (const place of this.seldom) {
      pushUnsigned(hints, start + place)
      hints.push(1, 0)
    }
    return hints
  }

  /** The body with its locals, as the code section has it, in pieces. */
  finish(): readonly (readonly number[])[] {
    const declared: number[] = []
    let groups = 0
    for (let index = 0; index < this.locals.length; groups++) {
      const type = this.locals[index]!
      let end = index
      while (this.locals[end] === type) end++
      pushUnsigned(declared, end - index)
      declared.push(type)
      index = end
    }
    const head: number[] = []
    pushUnsigned(head, groups)
    return [head, declared, this.bytes, [0x0b]]
  }
}

export interface ModuleParts {
  readonly types: readonly Signature[]
  /** Functions of the environment, by name, numbered from 0. */
  readonly imports: readonly { readonly name: string, readonly type: number }[]
  /** The module's own functions, numbered on. All are exported. */
  readonly functions: readonly { readonly name: string, readonly type: number, readonly body: Code }[]
  /** The table: `env.table`, or one of the module's own with its functions in order. */
  readonly table: 'imported' | 'own'
}

const pushName = (bytes: number[], name: string): void => {
  bytes.push(name.length)
  for (let index = 0; index < name.length; index++) bytes.push(name.charCodeAt(index))
}

const bytesOf = (pieces: readonly (readonly number[])[]): number => pieces.reduce((sum, { length }) => sum + length, 0)

/** The bytes of a module that imports `env.memory` and functions of `env`. */
export const encodeModule = ({ types, imports, functions, table }: ModuleParts): Uint8Array => {
  const pieces: (readonly number[])[] = [[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]]
  const section = (id: number, count: number, ...content: readonly (readonly number[])[]): void => {
    const counted: number[] = []
    pushUnsigned(counted, count)
    const head = [id]
    pushUnsigned(head, counted.length + bytesOf(content))
    pieces.push(head, counted, ...content)
  }
  const typeBytes: number[] = []
  for (const { parameters, results } of types) typeBytes.push(0x60, parameters.length, ...parameters, results.length, ...results)
  section(1, types.length, typeBytes)

  const importBytes: number[] = []
  const imported = (name: string): void => {
    pushName(importBytes, 'env')
    pushName(importBytes, name)
  }
  imported('memory')
  importBytes.push(2, 0, 1)
  if (table === 'imported') {
    imported('table')
    importBytes.push(1, 0x70, 0, 1)
  }
  for (const { name, type } of imports) {
    imported(name)
    importBytes.push(0, type)
  }
  section(2, imports.length + (table === 'imported' ? 2 : 1), importBytes)
  section(3, functions.length, functions.map(({ type }) => type))
  if (table === 'own') {
    const limits: number[] = []
    pushUnsigned(limits, functions.length)
    section(4, 1, [0x70, 1, ...limits, ...limits])
  }

  const exportBytes: number[] = []
  for (const [index, { name }] of functions.entries()) {
    pushName(exportBytes, name)
    exportBytes.push(0)
    pushUnsigned(exportBytes, imports.length + index)
  }
  section(7, functions.length, exportBytes)

  if (table === 'own') {
    const elements: number[] = [0, 0x41, 0, 0x0b]
    pushUnsigned(elements, functions.length)
    for (const index of functions.keys()) pushUnsigned(elements, imports.length + index)
    section(9, 1, elements)
  }

  const hinted: number[][] = []
  for (const [index, { body }] of functions.entries()) {
    const hints = body.hints()
    if (hints.length === 0) continue
    const piece: number[] = []
    pushUnsigned(piece, imports.length + index)
    piece.push(...hints)
    hinted.push(piece)
  }
  if (hinted.length > 0) {
    const name: number[] = []
    pushName(name, 'metadata.code.branch_hint')
    const counted: number[] = []
    pushUnsigned(counted, hinted.length)
    const head = [0]
    pushUnsigned(head, bytesOf([name, counted, ...hinted]))
    pieces.push(head, name, counted, ...hinted)
  }

  const codePieces: (readonly number[])[] = []
  for (const { body } of functions) {
    const own = body.finish()
    const length: number[] = []
    pushUnsigned(length, bytesOf(own))
    codePieces.push(length, ...own)
  }
  section(10, functions.length, ...codePieces)
  const module = new Uint8Array(bytesOf(pieces))
  let offset = 0
  for (const piece of pieces) {
    module.set(piece, offset)
    offset += piece.length
  }
  return module
}
