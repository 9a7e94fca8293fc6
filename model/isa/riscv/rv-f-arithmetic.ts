// F and D: arithmetic, conversions, comparisons and classes, as functions that float.ts computes.
import { set, type Instruction, type Statement } from '../../ir/instruction.ts'
import { get } from '../../ir/state.ts'
import { and, any, apply, computed, concat, constant, eq, extract, ite, ne, not, or, signExtend, ult, xor, zeroExtend, type Bool, type NamedFunction, type Term } from '../../ir/term.ts'
import * as float from './float.ts'
import { double, single, type Format, type Result } from './float.ts'
import { isOn } from './misa.ts'
import { define, formats, illegal, writeX, type Operands } from './notation.ts'
import { dirtied, off, raises, writeF } from './rv-f.ts'
import { F, fieldOf, value, X, type State } from './state.ts'

const opcodes = { op: 0x53, FMADD: 0x43, FMSUB: 0x47, FNMSUB: 0x4b, FNMADD: 0x4f } as const
const RM = { funct7: 7, rs2: 5, rs1: 5, rm: 3, rd: 5, opcode: 7 } as const
const R4 = { rs3: 5, fmt: 2, rs2: 5, rs1: 5, rm: 3, rd: 5, opcode: 7 } as const

/** A result and the flags that go with it; both functions work out the whole. */
interface Operation {
  readonly result: NamedFunction
  readonly flags: NamedFunction
}
const operations = new Map<string, Operation>()
const operation = (name: string, operands: readonly number[], width: number, does: (...operands: bigint[]) => Result): Operation => {
  const known = operations.get(name)
  if (known) return known
  let last: { readonly operands: readonly bigint[]; readonly result: Result } | undefined
  const once = (given: readonly bigint[]): Result => {
    if (!last || last.operands.some((o, n) => o !== given[n])) last = { operands: given, result: does(...given) }
    return last.result
  }
  const made = {
    result: computed(name, operands, width, (...given) => once(given).bits), flags: computed(`flags of ${name}`, operands, 5, (...given) => BigInt(once(given).flags)),
  }
  operations.set(name, made)
  return made
}

/** A single is the low half of a register, the high half of which is ones; without these it is the canonical NaN, but where without D registers have 32 bits. */
const content = (s: State, f: Format, n: Term): Term => {
  const register = F(s, n)
  if (f === double) return register
  return ite<number>(or(eq(extract<32>(register, 63, 32), constant(32, 0xffff_ffff)), not(isOn(s, 'D'))), extract(register, 31, 0), constant<number>(32, float.canonicalNaN(single)))
}
const inRegister = (bits: Term): Term<64> => (bits.width === 64 ? (bits as Term<64>) : concat<64>(constant(32, 0xffff_ffff), bits))

/** The rounding mode of the field rm, 7 is frm; 5 and 6 are reserved, as 5 to 7 are in frm. */
const rounding = (s: State, o: Operands): { readonly mode: Term<3>; readonly reserved: Bool } => {
  const rm = o['rm'] as Term<3>, frm = value(s, 'frm') as Term<3>
  const dynamic = eq(rm, constant(3, 7)), mode = ite<3>(dynamic, frm, rm), reserved = not(ult(mode, constant(3, 5)))
  const illegalStatic = s.staticReservedRounding === 'illegal instruction', illegalDynamic = s.dynamicReservedRounding === 'illegal instruction'
  if (illegalStatic && illegalDynamic) return { mode, reserved }
  return { mode: ite<3>(reserved, constant(3, 0), mode), reserved: and(reserved, ite(dynamic, constant(1, illegalDynamic ? 1 : 0), constant(1, illegalStatic ? 1 : 0))) }
}

const accrued = (s: State, flags: Term): Statement[] => {
  const fflags = fieldOf(s, 'fflags')
  return [set<number>(fflags, or<number>(get(fflags), flags), ne<number>(flags, constant<number>(5, 0)))]
}
const toF = (s: State, o: Operands, { result, flags }: Operation, operands: readonly Term[]): Statement[] =>
  [...writeF(s, o['rd']!, inRegister(apply(result, ...operands)), apply(flags, ...operands)), ...accrued(s, apply(flags, ...operands))]
/** A result in an x register writes floating-point state by its flags only. */
const toX = (s: State, o: Operands, { result, flags }: Operation, operands: readonly Term[], extend: (t: Term) => Term): Statement[] => {
  const raised = apply(flags, ...operands)
  return [writeX(s, o['rd']!, extend(apply(result, ...operands))), ...accrued(s, raised), ...dirtied(s, ne<number>(raised, constant<number>(5, 0)), raises(s, raised))]
}

export const floatingPointArithmetic = (s: State): Instruction[] => [...ofFormat(s, single), ...ofFormat(s, double), ...betweenFormats(s)]

const chapterOf = (s: State, f: Format) =>
  define(s, 'unprivileged', f === single ? 'F Extension for Single-Precision Floating-Point' : 'D Extension for Double-Precision Floating-Point')

const ofFormat = (s: State, f: Format): Instruction[] => {
  const instruction = chapterOf(s, f), fmt = f === single ? 0 : 1, { letter, bits } = f
  const named = (name: string): string => `${name}.${letter}`
  const enabled = illegal(off(s))
  const at = (o: Operands, name: 'rs1' | 'rs2' | 'rs3'): Term => content(s, f, o[name]!)
  const rounded = (name: string, funct5: number, fixed: Readonly<Record<string, number>>, operands: (o: Operands) => readonly Term[], does: Operation): Instruction =>
    instruction(named(name), RM, { funct7: (funct5 << 2) | fmt, ...fixed, opcode: opcodes.op }, (o) => {
      const { mode, reserved } = rounding(s, o)
      return [enabled, illegal(reserved), ...toF(s, o, does, [mode, ...operands(o)])]
    })
  const twoOperands = (name: string, funct5: number, does: (f: Format, mode: number, x: bigint, y: bigint) => Result): Instruction =>
    rounded(name, funct5, {}, (o) => [at(o, 'rs1'), at(o, 'rs2')], operation(named(name), [3, bits, bits], bits, (mode, x, y) => does(f, Number(mode), x!, y!)))
  /** The product, the addend or both with the other sign; that of a NaN does not matter. */
  const fused = (name: keyof typeof opcodes, product: boolean, addend: boolean): Instruction =>
    instruction(named(name), R4, { fmt, opcode: opcodes[name] }, (o) => {
      const { mode, reserved } = rounding(s, o)
      const negative = (t: Term, when: boolean): Term => (when ? xor<number>(t, concat<number>(constant(1, 1), constant<number>(bits - 1, 0))) : t)
      const does = operation(named('multiply and add'), [3, bits, bits, bits], bits, (m, x, y, z) => float.multiplyAdd(f, Number(m), x!, y!, z!))
      return [enabled, illegal(reserved), ...toF(s, o, does, [mode, negative(at(o, 'rs1'), product), at(o, 'rs2'), negative(at(o, 'rs3'), addend)])]
    })
  const unrounded = (name: string, funct5: number, funct3: number, does: (f: Format, x: bigint, y: bigint) => Result): Instruction =>
    instruction(named(name), formats.R, { funct7: (funct5 << 2) | fmt, funct3, opcode: opcodes.op }, (o) =>
      [enabled, ...toF(s, o, operation(named(name), [bits, bits], bits, (x, y) => does(f, x!, y!)), [at(o, 'rs1'), at(o, 'rs2')])])
  const compare = (name: string, funct3: number, does: (f: Format, x: bigint, y: bigint) => Result): Instruction =>
    instruction(named(name), formats.R, { funct7: 0x50 | fmt, funct3, opcode: opcodes.op }, (o) =>
      [enabled, ...toX(s, o, operation(named(name), [bits, bits], 1, (x, y) => does(f, x!, y!)), [at(o, 'rs1'), at(o, 'rs2')], (t) => zeroExtend<number>(t, s.xlen))])
  const integers: readonly (readonly [letters: string, rs2: number, width: 32 | 64, signed: boolean])[] =
    [['W', 0, 32, true], ['WU', 1, 32, false], ...(s.xlen === 32 ? [] : [['L', 2, 64, true], ['LU', 3, 64, false]] as const)]
  const conversions = integers.flatMap(([letters, rs2, width, signed]) => [
    instruction(`FCVT.${letters}.${letter}`, RM, { funct7: 0x60 | fmt, rs2, opcode: opcodes.op }, (o) => {
      const { mode, reserved } = rounding(s, o)
      const does = operation(`FCVT.${letters}.${letter}`, [3, bits], width, (m, x) => float.toInteger(f, Number(m), x!, width, signed))
      return [enabled, illegal(reserved), ...toX(s, o, does, [mode, at(o, 'rs1')], (t) => signExtend<number>(t, s.xlen))]
    }),
    instruction(`FCVT.${letter}.${letters}`, RM, { funct7: 0x68 | fmt, rs2, opcode: opcodes.op }, (o) => {
      const { mode, reserved } = rounding(s, o)
      const does = operation(`FCVT.${letter}.${letters}`, [3, width], bits, (m, x) => float.fromInteger(f, Number(m), x!, width, signed))
      return [enabled, illegal(reserved), ...toF(s, o, does, [mode, extract(X(s, o['rs1']!), width - 1, 0)])]
    }),
  ])
  return [
    twoOperands('FADD', 0, float.add), twoOperands('FSUB', 1, float.subtract), twoOperands('FMUL', 2, float.multiply), twoOperands('FDIV', 3, float.divide),
    rounded('FSQRT', 0x0b, { rs2: 0 }, (o) => [at(o, 'rs1')], operation(named('FSQRT'), [3, bits], bits, (mode, x) => float.squareRoot(f, Number(mode), x!))),
    fused('FMADD', false, false), fused('FMSUB', false, true), fused('FNMSUB', true, false), fused('FNMADD', true, true),
    unrounded('FMIN', 5, 0, float.minimum), unrounded('FMAX', 5, 1, float.maximum),
    compare('FLE', 0, float.lessOrEqual), compare('FLT', 1, float.less), ...(f === single ? [compare('FEQ', 2, float.equal)] : []),
    instruction(named('FCLASS'), formats.R, { funct7: 0x70 | fmt, rs2: 0, funct3: 1, opcode: opcodes.op }, (o) =>
      [enabled, writeX(s, o['rd']!, zeroExtend<number>(apply(operation(named('FCLASS'), [bits], 10, (x) => float.classify(f, x!)).result, at(o, 'rs1')), s.xlen)), ...dirtied(s)]),
    ...(f === single ? signInjection(s) : []), ...conversions,
  ]
}

/** Those of D are where claims are. */
const signInjection = (s: State): Instruction[] => {
  const inject = (name: string, funct3: number, sign: (x: Bool, y: Bool) => Bool): Instruction =>
    chapterOf(s, single)(name, formats.R, { funct7: 0x10, funct3, opcode: opcodes.op }, (o) => {
      const [x, y] = [content(s, single, o['rs1']!), content(s, single, o['rs2']!)]
      return [illegal(off(s)), ...writeF(s, o['rd']!, inRegister(concat(sign(extract<1>(x, 31, 31), extract<1>(y, 31, 31)), extract(x, 30, 0))))]
    })
  return [inject('FSGNJ.S', 0, (_, y) => y), inject('FSGNJN.S', 1, (_, y) => not(y)), inject('FSGNJX.S', 2, xor)]
}

const betweenFormats = (s: State): Instruction[] => ([[single, double], [double, single]] as const).map(([to, from]) =>
  chapterOf(s, double)(`FCVT.${to.letter}.${from.letter}`, RM, { funct7: 0x20 | (to === single ? 0 : 1), rs2: from === single ? 0 : 1, opcode: opcodes.op }, (o) => {
    const { mode, reserved } = rounding(s, o)
    const does = operation(`FCVT.${to.letter}.${from.letter}`, [3, from.bits], to.bits, (m, x) => float.convert(to, from, Number(m), x!))
    return [illegal(any([off(s), reserved])), ...toF(s, o, does, [mode, content(s, from, o['rs1']!)])]
  }))
