// Integer arithmetic, logic, shifts and bits: representatives of each group, with their condition codes.
import { set, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { get } from '../../ir/state.ts'
import {
  add, and, ashr, concat, constant, eq, extract, ite, lshr, mul, not, or, shl, signExtend, sub, udiv, ult, urem, xor, zeroExtend, type Bool, type Term,
} from '../../ir/term.ts'
import { chapter, data, dataRegister, Dn, letter, memoryAlterable, setD, withModes, type Mode, type Size } from './address.ts'
import { isZero, logicFlags, sign } from './data-movement.ts'
import { ccr, type State } from './state.ts'

const sizes: readonly (readonly [Size, number])[] = [[16, 1], [32, 2]]
/** Words in every addressing mode, long words in two. */
const some = (modes: readonly Mode[], size: Size): readonly Mode[] => (size === 16 ? modes : modes.filter((m) => m.syntax === 'Dn' || m.syntax === '(An)'))

const flags = (s: State, result: Term, carry: Bool, overflow: Bool, extend = true): Statement[] => [
  ...(extend ? [set(s.flags.X, carry)] : []), set(s.flags.N, sign(result)), set(s.flags.Z, isZero(result)), set(s.flags.V, overflow), set(s.flags.C, carry),
]
const sum = (a: Term, b: Term): { value: Term; carry: Bool; overflow: Bool } => {
  const value = add<number>(a, b)
  return { value, carry: ult<number>(value, a), overflow: and(not(xor(sign(a), sign(b))), xor(sign(value), sign(a))) }
}
/** a - b. */
const difference = (a: Term, b: Term): { value: Term; carry: Bool; overflow: Bool } => {
  const value = sub<number>(a, b)
  return { value, carry: ult<number>(a, b), overflow: and(xor(sign(a), sign(b)), xor(sign(value), sign(a))) }
}

const groups: readonly [string, number, (s: State, a: Term, b: Term) => { value?: Term; flags: Statement[] }][] = [
  ['OR', 0x8, (s, a, b) => { const value = or<number>(a, b); return { value, flags: logicFlags(s, value) } }],
  ['SUB', 0x9, (s, a, b) => { const r = difference(a, b); return { value: r.value, flags: flags(s, r.value, r.carry, r.overflow) } }],
  ['CMP', 0xb, (s, a, b) => { const r = difference(a, b); return { flags: flags(s, r.value, r.carry, r.overflow, false) } }],
  ['AND', 0xc, (s, a, b) => { const value = and<number>(a, b); return { value, flags: logicFlags(s, value) } }],
  ['ADD', 0xd, (s, a, b) => { const r = sum(a, b); return { value: r.value, flags: flags(s, r.value, r.carry, r.overflow) } }],
]

export const arithmetic = (s: State): Instruction[] => {
  const define = chapter(s, 'Integer Instructions')
  return [
    ...groups.flatMap(([name, op, combine]) => sizes.flatMap(([size, code]) => [
      ...withModes(s, define, some(data, size), (ea) => `${name}.${letter[size]} ${ea},Dn`, { op: 4, Dn: 3, to: 1, size: 2 }, { op, to: 0, size: code }, size, (ea, o) => {
        const r = combine(s, dataRegister(s, o['Dn']!, size), ea.read())
        return [...ea.guards, ...(r.value ? [setD(s, o['Dn']!, r.value)] : []), ...ea.side, ...r.flags]
      }),
      ...(name === 'CMP' ? [] : withModes(s, define, some(memoryAlterable, size), (ea) => `${name}.${letter[size]} Dn,${ea}`, { op: 4, Dn: 3, to: 1, size: 2 }, { op, to: 1, size: code }, size, (ea, o) => {
        const r = combine(s, ea.read(), dataRegister(s, o['Dn']!, size))
        return [...ea.guards, ...ea.write(r.value!), ...ea.side, ...r.flags]
      })),
    ])),
    ...withModes(s, define, [Dn], (ea) => `NEG.L ${ea}`, { op: 8, size: 2 }, { op: 0x44, size: 2 }, 32, (ea) => {
      const r = difference(constant(32, 0), ea.read())
      return [...ea.write(r.value), ...flags(s, r.value, r.carry, r.overflow)]
    }),
    ...withModes(s, define, [Dn, ...memoryAlterable], (ea) => `NOT.W ${ea}`, { op: 8, size: 2 }, { op: 0x46, size: 1 }, 16, (ea) => {
      const value = not(ea.read())
      return [...ea.guards, ...ea.write(value), ...ea.side, ...logicFlags(s, value)]
    }),
    ...withModes(s, define, [Dn, ...memoryAlterable], (ea) => `TST.W ${ea}`, { op: 8, size: 2 }, { op: 0x4a, size: 1 }, 16, (ea) => [
      ...ea.guards, ...ea.side, ...logicFlags(s, ea.read()),
    ]),
    define('EXT.L Dn', { op: 13, Dn: 3 }, { op: 0b0100100011000 }, (o) => {
      const value = signExtend(dataRegister(s, o['Dn']!, 16), 32)
      return [setD(s, o['Dn']!, value), ...logicFlags(s, value)]
    }),
    ...withModes(s, define, data, (ea) => `MULU.W ${ea},Dn`, { op: 4, Dn: 3, opmode: 3 }, { op: 0xc, opmode: 3 }, 16, (ea, o) => {
      const value = mul<number>(zeroExtend(dataRegister(s, o['Dn']!, 16), 32), zeroExtend(ea.read(), 32))
      return [...ea.guards, setD(s, o['Dn']!, value), ...ea.side, ...logicFlags(s, value)]
    }),
    ...withModes(s, define, data, (ea) => `DIVU.W ${ea},Dn`, { op: 4, Dn: 3, opmode: 3 }, { op: 0x8, opmode: 3 }, 16, (ea, o) => divide(s, ea.read(), o['Dn']!, ea.guards, ea.side)),
    ...([['ASR', 0, 0], ['ASL', 1, 0], ['LSR', 0, 1], ['LSL', 1, 1]] as const).map(([name, left, type]) =>
      define(`${name}.L #<data>,Dn`, { op: 4, count: 3, left: 1, size: 2, ir: 1, type: 2, Dn: 3 }, { op: 0xe, left, size: 2, ir: 0, type }, (o) => shift(s, name, o['count']!, o['Dn']!))),
    ...([['BTST', 0], ['BCHG', 1], ['BCLR', 2], ['BSET', 3]] as const).map(([name, type]) =>
      define(`${name} Dn,Dn`, { zero: 4, number: 3, one: 1, type: 2, mode: 3, reg: 3 }, { zero: 0, one: 1, type, mode: 0 }, (o) => bit(s, name, o['number']!, o['reg']!))),
    define('Scc Dn (SCS)', { op: 4, condition: 4, code: 5, Dn: 3 }, { op: 5, condition: 5, code: 0b11000 }, (o) => [setD(s, o['Dn']!, signExtend(get(s.flags.C), 8))]),
    define('ADDX.L Dy,Dx', { op: 4, Dx: 3, one: 1, size: 2, code: 3, Dy: 3 }, { op: 0xd, one: 1, size: 2, code: 0 }, (o) => {
      const a = zeroExtend(dataRegister(s, o['Dx']!, 32), 33), b = zeroExtend(dataRegister(s, o['Dy']!, 32), 33)
      const whole = add<number>(add<number>(a, b), zeroExtend(extract(ccr(s), 4, 4), 33)), value = extract(whole, 31, 0)
      const carry = extract<1>(whole, 32, 32), overflow = and(not(xor(extract<1>(a, 31, 31), extract<1>(b, 31, 31))), xor(sign(value), extract<1>(a, 31, 31)))
      return [
        setD(s, o['Dx']!, value), set(s.flags.X, carry), set(s.flags.C, carry), set(s.flags.V, overflow), set(s.flags.N, sign(value)),
        set(s.flags.Z, 0, not(isZero(value))),
      ]
    }),
  ]
}

/** A quotient that does not fit leaves the operands; the flags that the manual leaves undefined then are kept. */
const divide = (s: State, divisor: Term, n: Term, guards: readonly Statement[], side: readonly Statement[]): Statement[] => {
  const dividend = dataRegister(s, n, 32), long = zeroExtend(divisor, 32)
  const quotient = udiv<number>(dividend, long), overflow = not(isZero(extract(quotient, 31, 16))), low = extract(quotient, 15, 0)
  const result = concat(extract(urem<number>(dividend, long), 15, 0), low)
  return [
    ...guards, trapIf(isZero(divisor), 'zero divide'), ...side, setD(s, n, ite<number>(overflow, dividend, result)),
    set(s.flags.N, sign(low), not(overflow)), set(s.flags.Z, isZero(low), not(overflow)), set(s.flags.V, overflow), set(s.flags.C, 0),
  ]
}

/** A count of 0 in the instruction means 8. */
const shift = (s: State, name: 'ASR' | 'ASL' | 'LSR' | 'LSL', count: Term, n: Term): Statement[] => {
  const places = zeroExtend(ite<number>(isZero(count), constant<number>(4, 8), zeroExtend(count, 4)), 32), old = dataRegister(s, n, 32)
  const left = name.endsWith('L'), before = sub<number>(places, constant<number>(32, 1))
  const step = name === 'ASR' ? ashr<number> : left ? shl<number> : lshr<number>
  const value = step(old, places), almost = step(old, before)
  const out = left ? sign(almost) : extract<1>(almost, 0, 0)
  const changed = name === 'ASL' ? not(eq<number>(ashr<number>(value, places), old)) : constant(1, 0)
  return [setD(s, n, value), ...flags(s, value, out, changed)]
}

const bit = (s: State, name: 'BTST' | 'BCHG' | 'BCLR' | 'BSET', number: Term, n: Term): Statement[] => {
  const old = dataRegister(s, n, 32)
  const mask = shl<number>(constant<number>(32, 1), and<number>(dataRegister(s, number, 32), constant<number>(32, 31)))
  const z = set(s.flags.Z, isZero(and<number>(old, mask)))
  switch (name) {
    case 'BTST': return [z]
    case 'BCHG': return [z, setD(s, n, xor<number>(old, mask))]
    case 'BCLR': return [z, setD(s, n, and<number>(old, not(mask)))]
    case 'BSET': return [z, setD(s, n, or<number>(old, mask))]
  }
}
