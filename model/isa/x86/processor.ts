// The processor itself: HLT, caches, model-specific registers, counters, CPUID; and SYSENTER and SYSEXIT of 32-bit mode.
import { set, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, get, type Register } from '../../ir/state.ts'
import { add, and, any, concat, constant, eq, extract, ite, ne, not, type Bool, type Term } from '../../ir/term.ts'
import { CPL, CPUID, CR4, CS, EIP, HALTED, IF, MSR, PMC, SS, SYSENTER, TSC } from './state.ts'
import { bitOf, bytes, isZero, level0, type Notation } from './operands.ts'

/** A model-specific register that has a place of its own. */
export interface Numbered {
  readonly number: number
  /** Its 64 bits. */
  readonly value: Term
  readonly write: (value: Term, when: Bool) => Statement
  /** Values that level 0 too is refused: they leave the model. */
  readonly refused?: (value: Term) => Bool
}
export const wholly = (number: number, register: Register, refused?: Numbered['refused']): Numbered =>
  ({ number, value: get(register), write: (value, when) => set<number>(register, value, when), ...(refused ? { refused } : {}) })

const outer = ne(get(CPL), constant(2, 0))
export const untimed = (): Statement => trapIf(and(outer, bitOf(get(CR4), 2)), '#GP')
/** To EDX:EAX. */
export const wide = ({ number, setRegLow }: Notation, value: Term): Statement[] =>
  [setRegLow(number(2), extract(value, 63, 32)), setRegLow(number(0), extract(value, 31, 0))]

/** What CPUID tells of a leaf and its part, EAX, EBX, ECX and EDX, where it also shows other state. */
export type Shown = (leaf: Term, part: Term, told: Term) => Term

export const processor = (n: Notation, numbered: readonly Numbered[], shown: Shown = (_leaf, _part, told) => told): Instruction[] => {
  const { define, coded, number, reg32, setRegLow } = n
  const [A, C, D, B] = [0, 1, 2, 3].map(number) as [Term, Term, Term, Term]
  const isNumber = (k: number): Bool => eq<number>(reg32(C), constant(32, k))
  return [
    define('HLT', bytes(0xf4), () => [level0, set(HALTED, 1)]),
    define('INVD', bytes(0x0f, 0x08), () => [level0]),
    define('WBINVD', bytes(0x0f, 0x09), () => [level0]),
    define('INVLPG m', coded({ opcode: [0x0f, 0x01], form: 'storage', reg: 7 }), () => [level0]),
    define('RDMSR', bytes(0x0f, 0x32), () => [
      level0, ...wide(n, numbered.reduce<Term>((other, r) => ite<number>(isNumber(r.number), r.value, other), get(cell(MSR, reg32(C) as Term<32>)))),
    ]),
    define('WRMSR', bytes(0x0f, 0x30), () => {
      const value = concat<64>(reg32(D), reg32(A))
      return [
        level0, ...numbered.flatMap((r) => (r.refused ? [trapIf(and(isNumber(r.number), r.refused(value)), 'unmodelled')] : [])),
        ...numbered.map((r) => r.write(value, isNumber(r.number))),
        set(cell(MSR, reg32(C) as Term<32>), value, not(any(numbered.map((r) => isNumber(r.number))))),
      ]
    }),
    define('RDTSC', bytes(0x0f, 0x31), () => [untimed(), ...wide(n, get(TSC))]),
    define('RDPMC', bytes(0x0f, 0x33), () => [trapIf(and(outer, not(bitOf(get(CR4), 8))), '#GP'), ...wide(n, get(cell(PMC, reg32(C) as Term<32>)))]),
    define('CPUID', bytes(0x0f, 0xa2), () => {
      const leaf = shown(reg32(A), reg32(C), get(cell(CPUID, reg32(A) as Term<32>)))
      return [A, B, C, D].map((r, i) => setRegLow(r, extract(leaf, 127 - 32 * i, 96 - 32 * i)))
    }),
  ]
}

const sysenterCode = (): Term => extract(get(SYSENTER.CS), 15, 0)
/** SYSENTER and SYSEXIT refuse a null code selector. */
export const noCode = (): Bool => isZero(extract(sysenterCode(), 15, 2))
export const sysenterRegisters: readonly Numbered[] = [wholly(0x174, SYSENTER.CS), wholly(0x175, SYSENTER.ESP), wholly(0x176, SYSENTER.EIP)]
/** The flat segments that SYSENTER and SYSEXIT load: base 0, limit FFFFFFFF, rights by the level. */
const flat = (level: number, selector: Term): Statement[] => {
  const dpl = constant(2, level), from = extract<14>(selector, 15, 2)
  return [
    set(CS.selector, from), set(CS.base, 0), set(CS.limit, 0xffffffff), set(CS.rights, concat<12>(constant(5, 0b11001), dpl, constant(5, 0b11011))),
    set(SS.selector, add(from, constant(14, 2))), set(SS.base, 0), set(SS.limit, 0xffffffff), set(SS.rights, concat<12>(constant(5, 0b11001), dpl, constant(5, 0b10011))),
  ]
}

export const systemEntries = ({ define, number, reg, setReg }: Notation): Instruction[] => [
  // A null code selector is refused as the loading of any null code selector is.
  define('SYSENTER', bytes(0x0f, 0x34), () => [
    trapIf(noCode(), '#GP(selector)'),
    set(CPL, 0), set(IF, 0), ...flat(0, sysenterCode()), setReg(number(4), extract(get(SYSENTER.ESP), 31, 0)), set(EIP, extract<32>(get(SYSENTER.EIP), 31, 0)),
  ]),
  define('SYSEXIT', bytes(0x0f, 0x35), () => [
    level0, trapIf(noCode(), '#GP(selector)'),
    set(CPL, 3), ...flat(3, add<number>(sysenterCode(), constant(16, 16))), setReg(number(4), reg(number(1))), set<number>(EIP, reg(number(2))),
  ]),
]
