// Loads, stores and conditional stores, floating-point moves, barriers, the cycle counter and the interrupt flag.
import { set, store, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { get } from '../../ir/state.ts'
import { and, any, concat, constant, extract, ite, load, lshr, ne, not, or, shl, signExtend, True, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import { define, effective, floating, memoryFormat, miscellaneous, quadword, write, writeF, type Operands } from './notation.ts'
import { E, F, FPCR, intrFlag, lockFlag, PCC, R, read } from './state.ts'

type Size = 1 | 4 | 8
const aligned = (address: Term, size: Size, when: Bool = True): Statement[] =>
  size === 1 ? [] : [trapIf(and(when, ne<number>(extract(address, size === 4 ? 1 : 2, 0), constant(size === 4 ? 2 : 3, 0))), 'unaligned')]
/** A load of register 31 has no exceptions: it only brings the cache block. */
const wanted = (ra: Term): Bool => ne(ra, constant(5, 31))
/** A locked load or conditional store of register 31 leaves the flag and the location unpredictable. */
const lockable = (ra: Term): Statement => trapIf(not(wanted(ra)), 'unmodelled')
const shiftOf = (address: Term): Term => zeroExtend(concat(extract(address, 2, 0), constant(3, 0)), 64)
const loaded = (address: Term, size: Size, when: Bool): Term => {
  const whole = load(E, quadword(address), when)
  if (size === 8) return whole
  if (size === 4) return ite<32>(extract<1>(address, 2, 2), extract<32>(whole, 63, 32), extract<32>(whole, 31, 0))
  return extract(lshr<number>(whole, shiftOf(address)), 7, 0)
}
const stored = (address: Term, size: Size, value: Term, when: Bool = True): Statement => {
  if (size === 8) return store(E, quadword(address), value as Term<64>, when)
  const whole = load(E, quadword(address), when)
  if (size === 4) {
    const high = extract<1>(address, 2, 2), part = extract<32>(value, 31, 0)
    return store(E, quadword(address), ite<64>(high, concat<64>(part, extract(whole, 31, 0)), concat<64>(extract(whole, 63, 32), part)), when)
  }
  const by = shiftOf(address)
  const kept = and<number>(whole, not(shl<number>(constant(64, 0xff), by)))
  return store(E, quadword(address), or<number>(kept, shl<number>(zeroExtend(extract(value, 7, 0), 64), by)) as Term<64>, when)
}

export const loadsAndStores = (): Instruction[] => {
  const instruction = define('4.2')
  const reads = (name: string, op: number, size: Size): Instruction => instruction(name, memoryFormat, { op }, (o) => {
    const address = effective(o), when = wanted(o['ra']!), value = loaded(address, size, when)
    return [...aligned(address, size, when), write(o['ra']!, size === 1 ? zeroExtend(value, 64) : signExtend(value, 64))]
  })
  const locks = (name: string, op: number, size: Size): Instruction => instruction(name, memoryFormat, { op }, (o) => {
    const address = effective(o), value = loaded(address, size, True)
    return [lockable(o['ra']!), ...aligned(address, size), write(o['ra']!, signExtend(value, 64)), set(lockFlag, 1)]
  })
  const writes = (name: string, op: number, size: Size): Instruction => instruction(name, memoryFormat, { op }, (o) => {
    const address = effective(o)
    return [...aligned(address, size), stored(address, size, read(R, o['ra']!))]
  })
  const conditional = (name: string, op: number, size: Size): Instruction => instruction(name, memoryFormat, { op }, (o) => {
    const address = effective(o)
    return [
      lockable(o['ra']!), ...aligned(address, size), stored(address, size, read(R, o['ra']!), get(lockFlag)),
      write(o['ra']!, zeroExtend(get(lockFlag), 64)), set(lockFlag, 0),
    ]
  })
  return [
    reads('LDBU', 0x0a, 1), reads('LDL', 0x28, 4), reads('LDQ', 0x29, 8), locks('LDL_L', 0x2a, 4), locks('LDQ_L', 0x2b, 8),
    instruction('LDQ_U', memoryFormat, { op: 0x0b }, (o) => [write(o['ra']!, load(E, quadword(effective(o)), wanted(o['ra']!)))]),
    writes('STB', 0x0e, 1), writes('STL', 0x2c, 4), writes('STQ', 0x2d, 8), conditional('STL_C', 0x2e, 4), conditional('STQ_C', 0x2f, 8),
  ]
}

export const floatingPoint = (): Instruction[] => {
  const instruction = define('4.8 to 4.10'), format = { op: 6, fa: 5, fb: 5, function: 11, fc: 5 }
  /** The three operands are one register. */
  const sameRegister = (name: string, code: number, does: (o: Operands) => Statement): Instruction =>
    instruction(name, format, { op: 0x17, function: code }, (o) => [trapIf(any([ne(o['fa']!, o['fb']!), ne(o['fa']!, o['fc']!)]), 'unmodelled'), floating, does(o)])
  /** Below bit 47 it has none; bit 63 says that one of the exceptions, bits 57 to 52, is there. */
  const control = (value: Term): Term<64> =>
    concat<64>(ne<number>(extract(value, 57, 52), constant(6, 0)), extract(value, 62, 47), constant(47, 0))
  return [
    instruction('LDT', memoryFormat, { op: 0x23 }, (o) => [floating, ...aligned(effective(o), 8, wanted(o['ra']!)), writeF(o['ra']!, load(E, quadword(effective(o)), wanted(o['ra']!)))]),
    instruction('STT', memoryFormat, { op: 0x27 }, (o) => [floating, ...aligned(effective(o), 8), stored(effective(o), 8, read(F, o['ra']!))]),
    instruction('CPYS', format, { op: 0x17, function: 0x20 }, (o) => [
      floating, writeF(o['fc']!, concat(extract(read(F, o['fa']!), 63, 63), extract(read(F, o['fb']!), 62, 0))),
    ]),
    sameRegister('MT_FPCR', 0x24, (o) => set(FPCR, control(read(F, o['fa']!)))), sameRegister('MF_FPCR', 0x25, (o) => writeF(o['fa']!, get(FPCR))),
  ]
}

export const others = (): Instruction[] => {
  const instruction = define('4.11 and 4.12')
  const other = (name: string, code: number, does: (o: Operands) => readonly Statement[] = () => []): Instruction =>
    instruction(name, miscellaneous, { op: 0x18, function: code }, does)
  return [
    other('TRAPB', 0x0000), other('EXCB', 0x0400), other('MB', 0x4000), other('WMB', 0x4400), other('FETCH', 0x8000),
    other('RPCC', 0xc000, (o) => [write(o['ra']!, concat(get(PCC.offset), get(PCC.count)))]),
    other('RC', 0xe000, (o) => [write(o['ra']!, zeroExtend(get(intrFlag), 64)), set(intrFlag, 0)]),
    other('RS', 0xf000, (o) => [write(o['ra']!, zeroExtend(get(intrFlag), 64)), set(intrFlag, 1)]),
  ]
}
