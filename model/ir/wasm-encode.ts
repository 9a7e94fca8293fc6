// An encoder of WebAssembly modules: functions written instruction by instruction, and the sections around them.

export type ValueType = 'i32' | 'i64'
const typeCode = { i32: 0x7f, i64: 0x7e } as const
const emptyBlock = 0x40

/** One-byte instructions without immediates, by WebAssembly's names; `i32.` and `i64.` before the operators. */
const plain = {
  unreachable: 0x00, else: 0x05, end: 0x0b, return: 0x0f, drop: 0x1a, select: 0x1b,
  'i32.eqz': 0x45, 'i32.eq': 0x46, 'i32.ne': 0x47, 'i32.lt_s': 0x48, 'i32.lt_u': 0x49, 'i32.le_s': 0x4c, 'i32.le_u': 0x4d, 'i32.ge_u': 0x4f,
  'i64.eqz': 0x50, 'i64.eq': 0x51, 'i64.ne': 0x52, 'i64.lt_s': 0x53, 'i64.lt_u': 0x54, 'i64.le_s': 0x57, 'i64.le_u': 0x58, 'i64.ge_u': 0x5a,
  'i32.add': 0x6a, 'i32.sub': 0x6b, 'i32.mul': 0x6c, 'i32.div_u': 0x6e, 'i32.rem_u': 0x70, 'i32.and': 0x71, 'i32.or': 0x72, 'i32.xor': 0x73,
  'i32.shl': 0x74, 'i32.shr_s': 0x75, 'i32.shr_u': 0x76,
  'i64.add': 0x7c, 'i64.sub': 0x7d, 'i64.mul': 0x7e, 'i64.div_u': 0x80, 'i64.rem_u': 0x82, 'i64.and': 0x83, 'i64.or': 0x84, 'i64.xor': 0x85,
  'i64.shl': 0x86, 'i64.shr_s': 0x87, 'i64.shr_u': 0x88,
  'i32.wrap_i64': 0xa7, 'i64.extend_i32_s': 0xac, 'i64.extend_i32_u': 0xad,
  'i32.extend8_s': 0xc0, 'i32.extend16_s': 0xc1, 'i64.extend8_s': 0xc2, 'i64.extend16_s': 0xc3, 'i64.extend32_s': 0xc4,
} as const
export type PlainInstruction = keyof typeof plain

const accesses = {
  'i32.load': 0x28, 'i64.load': 0x29, 'i32.load8_u': 0x2d, 'i32.load16_u': 0x2f, 'i64.load8_u': 0x31, 'i64.load16_u': 0x33, 'i64.load32_u': 0x35,
  'i32.store': 0x36, 'i64.store': 0x37, 'i32.store8': 0x3a, 'i32.store16': 0x3b, 'i64.store8': 0x3c, 'i64.store16': 0x3d, 'i64.store32': 0x3e,
} as const
export type AccessInstruction = keyof typeof accesses

const unsigned = (n: number): number[] => {
  const bytes: number[] = []
  for (let rest = n; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest]
    bytes.push((rest % 128) | 0x80)
  }
}
const signed = (n: bigint): number[] => {
  const bytes: number[] = []
  for (let rest = n; ; rest >>= 7n) {
    const low = Number(rest & 0x7fn)
    if (rest >> 6n === 0n || rest >> 6n === -1n) return [...bytes, low]
    bytes.push(low | 0x80)
  }
}
const vector = (items: readonly (readonly number[])[]): number[] => [...unsigned(items.length), ...items.flat()]
const named = (name: string): number[] => [...unsigned(name.length), ...Array.from(name, (c) => c.charCodeAt(0))]

/** The body of a function; parameters are the first locals. Nothing is checked before WebAssembly checks it. */
export class Code {
  readonly #bytes: number[] = []
  readonly #locals: ValueType[] = []
  readonly #parameters: number
  #depth = 0

  constructor(parameters = 0) {
    this.#parameters = parameters
  }

  /** A new local. */
  local(type: ValueType): number {
    this.#locals.push(type)
    return this.#parameters + this.#locals.length - 1
  }

  op(...names: readonly PlainInstruction[]): this {
    for (const name of names) {
      this.#bytes.push(plain[name])
      if (name === 'end') this.#depth--
    }
    return this
  }

  #with(opcode: number, index: number): this {
    this.#bytes.push(opcode)
    if (index < 128) this.#bytes.push(index)
    else this.#bytes.push(...unsigned(index))
    return this
  }
  get(local: number): this { return this.#with(0x20, local) }
  set(local: number): this { return this.#with(0x21, local) }
  tee(local: number): this { return this.#with(0x22, local) }
  getGlobal(global: number): this { return this.#with(0x23, global) }
  setGlobal(global: number): this { return this.#with(0x24, global) }
  call(index: number): this { return this.#with(0x10, index) }
  br(depth: number): this { return this.#with(0x0c, depth) }
  brIf(depth: number): this { return this.#with(0x0d, depth) }
  brTable(depths: readonly number[], otherwise: number): this {
    this.#bytes.push(0x0e, ...vector(depths.map(unsigned)), ...unsigned(otherwise))
    return this
  }

  #open(opcode: number, result: ValueType | undefined): this {
    this.#bytes.push(opcode, result ? typeCode[result] : emptyBlock)
    this.#depth++
    return this
  }
  /** The innermost block or loop that is open, as a target. */
  get label(): number { return this.#depth }
  /** Jumps to the end of a block, or to the beginning of a loop, from however deep inside. */
  brTo(label: number): this { return this.br(this.#depth - label) }
  brIfTo(label: number): this { return this.brIf(this.#depth - label) }
  block(result?: ValueType): this { return this.#open(0x02, result) }
  loop(result?: ValueType): this { return this.#open(0x03, result) }
  if(result?: ValueType): this { return this.#open(0x04, result) }

  /** A constant; 64-bit ones may be given signed or unsigned. */
  constant(type: ValueType, value: bigint | number): this {
    const wrapped = BigInt.asIntN(type === 'i32' ? 32 : 64, BigInt(value))
    this.#bytes.push(type === 'i32' ? 0x41 : 0x42, ...signed(wrapped))
    return this
  }
  /** Loads from, or stores to, the address on the stack plus `offset`, without a hint of alignment. */
  access(name: AccessInstruction, offset = 0): this {
    this.#bytes.push(accesses[name], 0, ...unsigned(offset))
    return this
  }

  /** The encoded body. */
  finish(): number[] {
    const runs: { type: ValueType, count: number }[] = []
    for (const type of this.#locals) {
      const last = runs.at(-1)
      if (last?.type === type) last.count++
      else runs.push({ type, count: 1 })
    }
    const head = vector(runs.map(({ type, count }) => [...unsigned(count), typeCode[type]]))
    const size = unsigned(head.length + this.#bytes.length + 1)
    const body: number[] = size
    for (const part of [head, this.#bytes]) for (const byte of part) body.push(byte)
    body.push(plain.end)
    return body
  }
}

export interface Signature {
  readonly parameters: readonly ValueType[]
  readonly results: readonly ValueType[]
}

/** A module with one imported memory (`env.memory`), functions imported from `env`, and its own functions and globals. */
export class ModuleEncoder {
  readonly #types: string[] = []
  readonly #typeBytes: number[][] = []
  readonly #imports: { name: string, type: number }[] = []
  readonly #functions: { type: number, name: string | undefined, body: number[] | undefined }[] = []
  readonly #globals: { type: ValueType, initial: number }[] = []

  #type({ parameters, results }: Signature): number {
    const key = `${parameters.join()}>${results.join()}`
    if (!this.#types.includes(key)) {
      this.#types.push(key)
      this.#typeBytes.push([0x60, ...vector(parameters.map((p) => [typeCode[p]])), ...vector(results.map((r) => [typeCode[r]]))])
    }
    return this.#types.indexOf(key)
  }

  /** The index of an imported function; imports come before `declare`. */
  import(name: string, signature: Signature): number {
    this.#imports.push({ name, type: this.#type(signature) })
    return this.#imports.length - 1
  }
  /** The index of a function whose body is given later; exported where it has a name. */
  declare(signature: Signature, name?: string): number {
    this.#functions.push({ type: this.#type(signature), name, body: undefined })
    return this.#imports.length + this.#functions.length - 1
  }
  define(index: number, code: Code): void {
    this.#functions[index - this.#imports.length]!.body = code.finish()
  }
  /** A mutable global. */
  global(type: ValueType, initial = 0): number {
    this.#globals.push({ type, initial })
    return this.#globals.length - 1
  }

  finish(): Uint8Array {
    const section = (id: number, content: number[]): number[] => {
      const head = [id, ...unsigned(content.length)]
      for (const byte of content) head.push(byte)
      return head
    }
    const exported = this.#functions.flatMap(({ name }, i) => (name === undefined ? [] : [[...named(name), 0, ...unsigned(this.#imports.length + i)]]))
    const bodies: number[] = unsigned(this.#functions.length)
    for (const { body } of this.#functions) for (const byte of body!) bodies.push(byte)
    const memory = [...named('env'), ...named('memory'), 2, 0, 1]
    const sections = [
      section(1, vector(this.#typeBytes)),
      section(2, vector([...this.#imports.map(({ name, type }) => [...named('env'), ...named(name), 0, ...unsigned(type)]), memory])),
      section(3, vector(this.#functions.map(({ type }) => unsigned(type)))),
      section(6, vector(this.#globals.map(({ type, initial }) => [typeCode[type], 1, type === 'i32' ? 0x41 : 0x42, ...signed(BigInt(initial)), plain.end]))),
      section(7, vector(exported)),
      section(10, bodies),
    ]
    const length = sections.reduce((n, s) => n + s.length, 8)
    const bytes = new Uint8Array(length)
    bytes.set([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])
    let at = 8
    for (const s of sections) { bytes.set(s, at); at += s.length }
    return bytes
  }
}
