// The processor itself: HLT, caches, model-specific registers, counters, CPUID, SYSENTER and SYSEXIT.
import { set, trapIf, type Instruction } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { add, and, any, concat, constant, eq, extract, ite, ne, not, type Bool, type Term } from '../../ir/term.ts'
import { CPL, CPUID, CR4, CS, EIP, HALTED, IF, MSR, PMC, SS, SYSENTER, TSC } from './state.ts'
import { bitOf, bytes, define, EAX, EBX, ECX, EDX, ESP, isZero, level0, reg32, setReg32, storageForm } from './operands.ts'

const outer = ne(get(CPL), constant(2, 0))
const sysenterCode = (): Term => extract(get(SYSENTER.CS), 15, 0)
/** SYSENTER and SYSEXIT refuse a null code selector. */
export const noCode = (): Bool => isZero(extract(sysenterCode(), 15, 2))
const numbered = [[0x174, SYSENTER.CS], [0x175, SYSENTER.ESP], [0x176, SYSENTER.EIP]] as const
const isNumber = (n: number): Bool => eq(reg32(ECX), constant<number>(32, n))
const wide = (value: Term): ReturnType<typeof set>[] => [setReg32(EDX, extract(value, 63, 32)), setReg32(EAX, extract(value, 31, 0))]
/** The flat segments that SYSENTER and SYSEXIT load: base 0, limit FFFFFFFF, rights by the level. */
const flat = (level: number, selector: Term): ReturnType<typeof set>[] => {
  const dpl = constant(2, level), from = extract<14>(selector, 15, 2)
  return [
    set(CS.selector, from), set(CS.base, 0), set(CS.limit, 0xffffffff), set(CS.rights, concat<12>(constant(5, 0b11001), dpl, constant(5, 0b11011))),
    set(SS.selector, add(from, constant(14, 2))), set(SS.base, 0), set(SS.limit, 0xffffffff), set(SS.rights, concat<12>(constant(5, 0b11001), dpl, constant(5, 0b10011))),
  ]
}

export const processor = (): Instruction[] => [
  define('HLT', bytes(0xf4), () => [level0, set(HALTED, 1)]),
  define('INVD', bytes(0x0f, 0x08), () => [level0]),
  define('WBINVD', bytes(0x0f, 0x09), () => [level0]),
  define('INVLPG m', [...bytes(0x0f, 0x01), ...storageForm(7)], () => [level0]),
  define('RDMSR', bytes(0x0f, 0x32), () => [
    level0, ...wide(numbered.reduce<Term>((other, [n, r]) => ite<number>(isNumber(n), get(r), other), get(cell(MSR, reg32(ECX) as Term<32>)))),
  ]),
  define('WRMSR', bytes(0x0f, 0x30), () => {
    const value = concat<64>(reg32(EDX), reg32(EAX))
    return [
      level0, ...numbered.map(([n, r]) => set(r, value, isNumber(n))),
      set(cell(MSR, reg32(ECX) as Term<32>), value, not(any(numbered.map(([n]) => isNumber(n))))),
    ]
  }),
  define('RDTSC', bytes(0x0f, 0x31), () => [trapIf(and(outer, bitOf(get(CR4), 2)), '#GP'), ...wide(get(TSC))]),
  define('RDPMC', bytes(0x0f, 0x33), () => [trapIf(and(outer, not(bitOf(get(CR4), 8))), '#GP'), ...wide(get(cell(PMC, reg32(ECX) as Term<32>)))]),
  define('CPUID', bytes(0x0f, 0xa2), () => {
    const leaf = get(cell(CPUID, reg32(EAX) as Term<32>))
    return [EAX, EBX, ECX, EDX].map((r, i) => setReg32(r, extract(leaf, 127 - 32 * i, 96 - 32 * i)))
  }),
  // A null code selector is refused as the loading of any null code selector is.
  define('SYSENTER', bytes(0x0f, 0x34), () => [
    trapIf(noCode(), '#GP(selector)'),
    set(CPL, 0), set(IF, 0), ...flat(0, sysenterCode()), setReg32(ESP, extract(get(SYSENTER.ESP), 31, 0)), set(EIP, extract<32>(get(SYSENTER.EIP), 31, 0)),
  ]),
  define('SYSEXIT', bytes(0x0f, 0x35), () => [
    level0, trapIf(noCode(), '#GP(selector)'),
    set(CPL, 3), ...flat(3, add<number>(sysenterCode(), constant(16, 16))), setReg32(ESP, reg32(ECX)), set(EIP, reg32(EDX) as Term<32>),
  ]),
]
