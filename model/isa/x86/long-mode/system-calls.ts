// What long mode adds: SYSCALL and SYSRET, SWAPGS and the bases of FS and GS, RDTSCP and RDPID, MONITOR and MWAIT,
// XGETBV and XSETBV, MOVSXD; and the operation codes that it takes away.
import { open, set, trapIf, type Instruction, type Statement } from '../../../ir/instruction.ts'
import { get, type Register } from '../../../ir/state.ts'
import { add, and, concat, constant, eq, extract, ite, ne, not, or, signExtend, True, zeroExtend, type Bool, type Term } from '../../../ir/term.ts'
import { flagsImage, own } from '../flags.ts'
import { longMode } from '../modes.ts'
import { bitOf, bytes, isZero, level0, little, notation, notCanonical, type Part } from '../operands.ts'
import { untimed, wholly, wide, type Numbered, type Shown } from '../processor.ts'
import { CPL, CR4, HALTED, IF, IOPL, TSC, VIF, VIP } from '../state.ts'
import { CS, EFER, FMASK, FS, GS, KERNEL_GS_BASE, LSTAR, relocation, RIP, SS, STAR, TSC_AUX, XCR0 } from './state.ts'

const n = notation(longMode)
const { define, coded, wideBytes, number, reg, reg32, setReg, setRegLow, regOf, rmOf, displacement, read } = n
const [RAX, RCX, RDX, R11] = [0, 1, 2, 11].map(number) as [Term, Term, Term, Term]
const outer = ne(get(CPL), constant(2, 0))
const undefinedOutside0: Statement = trapIf(outer, '#UD')

const narrow = (address: number, register: Register): Numbered => ({
  number: address, value: zeroExtend(get(register), 64),
  write: (value, when) => set<number>(register, extract(value, register.width - 1, 0), when),
  refused: (value) => not(isZero(extract(value, 63, register.width))),
})
/** SCE at bit 0, LME and LMA at 8 and 10, NXE at 11; others, and LME 0, are refused. */
const extendedFeatures = (part: Register, n: number): Numbered => ({
  number: 0xc0000080,
  value: concat(constant(52, 0), get(EFER.NXE), constant(10, 0b1010000000), get(EFER.SCE)),
  write: (value, when) => set<number>(part, bitOf(value, n), when),
  refused: (value) => or(not(bitOf(value, 8)), not(isZero(and<number>(value, constant(64, ~0xd01n))))),
})
export const longModeRegisters: readonly Numbered[] = [
  extendedFeatures(EFER.SCE, 0), extendedFeatures(EFER.NXE, 11), wholly(0xc0000081, STAR), wholly(0xc0000082, LSTAR, notCanonical), narrow(0xc0000084, FMASK),
  wholly(0xc0000100, FS.base, notCanonical), wholly(0xc0000101, GS.base, notCanonical), wholly(0xc0000102, KERNEL_GS_BASE, notCanonical),
  narrow(0xc0000103, TSC_AUX),
]

const noSystemCalls: Statement = trapIf(not(get(EFER.SCE)), '#UD')
export const systemCallsOff = (): Bool => not(get(EFER.SCE))
/** The flat 64-bit segments that SYSCALL and SYSRET load. */
const flat = (level: number, code: Term, stack: Term): Statement[] => {
  const dpl = constant(2, level)
  return [
    set(CS.selector, code as Term<14>), set(CS.rights, concat<12>(constant(5, 0b10101), dpl, constant(5, 0b11011))),
    set(SS.selector, stack as Term<14>), set(SS.rights, concat<12>(constant(5, 0b11001), dpl, constant(5, 0b10011))),
  ]
}
const plus = (selector: Term, k: number): Term => add<number>(selector, constant(14, k))

const systemCalls = (): Instruction[] => [
  define('SYSCALL', bytes(0x0f, 0x05), (_, next) => {
    const masked = (flag: Register<1>, k: number): Statement => set(flag, and(get(flag), not(bitOf(get(FMASK), k))))
    const selector = extract(get(STAR), 47, 34)
    return [
      noSystemCalls, setReg(RCX, next), setReg(R11, zeroExtend(flagsImage(), 64)), set<number>(RIP, get(LSTAR)), set(CPL, 0), ...flat(0, selector, plus(selector, 2)),
      ...own.map(([flag, k]) => masked(flag, k)), masked(IF, 9), masked(VIF, 19), masked(VIP, 20),
      set(IOPL, and(get(IOPL), not(extract<2>(get(FMASK), 13, 12)))),
    ]
  }),
  define('SYSRET', wideBytes(0x0f, 0x07), () => {
    const flags = reg(R11), selector = extract(get(STAR), 63, 50)
    return [
      noSystemCalls, level0, trapIf(notCanonical(reg(RCX)), 'non-canonical'),
      set<number>(RIP, reg(RCX)), set(CPL, 3), ...flat(3, plus(selector, 4), plus(selector, 2)),
      ...own.map(([flag, k]) => set(flag, bitOf(flags, k))), set(IF, bitOf(flags, 9)), set(VIF, bitOf(flags, 19)), set(VIP, bitOf(flags, 20)),
      set(IOPL, extract<2>(flags, 13, 12)),
    ]
  }),
  define('SWAPGS', bytes(0x0f, 0x01, 0xf8), () => [level0, set(GS.base, get(KERNEL_GS_BASE)), set(KERNEL_GS_BASE, get(GS.base))]),
]

/** An F3 prefix, then REX.W; the register is in the rm field. */
const prefixed = (opcode: readonly number[], digit: number): Part[] => coded({ prefix: [0xf3], opcode, form: 'register', reg: digit, wide: true })
const basesOff: Statement = trapIf(not(bitOf(get(CR4), 16)), '#UD')
/** XCR0 as XGETBV shows it. */
const features = (): Term => concat(constant(29, 0), get(XCR0), constant(1, 1))
const stateOff: Statement = trapIf(not(bitOf(get(CR4), 18)), '#UD')
const onlyXCR0: Statement = trapIf(not(isZero(reg32(RCX))), 'unmodelled')

/** Bytes that XSAVE needs for x87 and SSE, and with AVX. */
const areas = { legacy: 576, AVX: 832 }
/** CPUID 1 shows CR4.OSXSAVE in bit 27 of ECX, and CPUID 0D shows in EBX how much the features enabled in XCR0 need. */
export const extendedShown: Shown = (leaf, part, told) => {
  const is = (n: number): Bool => eq<number>(leaf, constant(32, n))
  const enabled = concat(extract(told, 127, 60), bitOf(get(CR4), 18), extract(told, 58, 0))
  const needed = concat(extract(told, 127, 96), ite<number>(bitOf(get(XCR0), 1), constant(32, areas.AVX), constant(32, areas.legacy)), extract(told, 63, 0))
  return ite<number>(is(1), enabled, ite<number>(and(is(13), isZero(part)), needed, told))
}

/** Of processors with user-mode instruction prevention. */
const recentInstructions = (): Instruction[] => [
  ...[FS, GS].flatMap((s, i) => [
    define(`RD${s.name}BASE r64`, prefixed([0x0f, 0xae], i), (o) => [basesOff, setReg(rmOf(o), get(s.base))]),
    define(`WR${s.name}BASE r64`, prefixed([0x0f, 0xae], 2 + i), (o) => {
      const value = reg(rmOf(o))
      return [basesOff, trapIf(notCanonical(value), 'non-canonical'), set<number>(s.base, value)]
    }),
  ]),
  define('RDPID r64', prefixed([0x0f, 0xc7], 7), (o) => [setReg(rmOf(o), zeroExtend(get(TSC_AUX), 64))]),
  define('XGETBV', bytes(0x0f, 0x01, 0xd0), () => [stateOff, onlyXCR0, setRegLow(RAX, features()), setReg(RDX, constant(64, 0))]),
  define('XSETBV', bytes(0x0f, 0x01, 0xd1), () => {
    const value = reg32(RAX)
    return [
      stateOff, level0, onlyXCR0,
      // AVX without SSE, no x87, and what is not modelled.
      trapIf(or(not(isZero(reg32(RDX))), or(not(isZero(extract(value, 31, 3))), or(not(bitOf(value, 0)), eq<number>(extract(value, 2, 1), constant(2, 2))))), 'unmodelled'),
      set<number>(XCR0, extract(value, 2, 1)),
    ]
  }),
]

/** Operation codes of 32-bit mode that are undefined here; those that became prefixes are not among them. */
const taken: readonly (readonly [string, Part[]])[] = [
  ['PUSH ES', bytes(0x06)], ['POP ES', bytes(0x07)], ['PUSH CS', bytes(0x0e)], ['PUSH SS', bytes(0x16)], ['POP SS', bytes(0x17)], ['PUSH DS', bytes(0x1e)],
  ['POP DS', bytes(0x1f)], ['CALL ptr16:32', [...bytes(0x9a), ...little('pointer', 48)]], ['JMP ptr16:32', [...bytes(0xea), ...little('pointer', 48)]],
  ['INTO', bytes(0xce)],
]

export const longModeInstructions = (recent: boolean): Instruction[] => [
  ...systemCalls(),
  define('RDTSCP', bytes(0x0f, 0x01, 0xf9), () => [untimed(), ...wide(n, get(TSC)), setRegLow(RCX, get(TSC_AUX))]),
  // It arms nothing that is modelled, but it is checked as the load of a byte is.
  define('MONITOR', bytes(0x0f, 0x01, 0xc8), () => [
    undefinedOutside0, trapIf(not(isZero(reg32(RCX))), 'unmodelled'), trapIf(notCanonical(reg(RAX)), 'non-canonical'),
    trapIf(relocation.develop(extract(reg(RAX), 47, 3), 'read').fault, '#PF'),
  ]),
  define('MWAIT', bytes(0x0f, 0x01, 0xc9), () =>
    [undefinedOutside0, trapIf(not(isZero(reg32(RCX))), 'unmodelled'), set(HALTED, ite<1>(open('whether it waits', 1), True, get(HALTED)))]),
  define('MOVSXD r64, m32', coded({ opcode: [0x63], form: 'storage', wide: true }), (o) => {
    const source = read(displacement(o), 32)
    return [...source.guard, setReg(regOf(o), signExtend(source.value, 64))]
  }),
  ...(recent ? recentInstructions() : []),
  ...taken.map(([name, parts]) => define(name, parts, () => [trapIf(True, '#UD')], 'undefined in 64-bit mode')),
]
