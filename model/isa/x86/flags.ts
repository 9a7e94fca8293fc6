// EFLAGS and RFLAGS: their image on the stack, the instructions that read and write them, and CLI and STI.
import { set, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { get } from '../../ir/state.ts'
import { all, and, concat, constant, eq, extract, not, or, True, ule, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import { AC, AF, CF, CPL, CR4, DF, ID, IF, IOPL, NT, OF, PF, SF, TF, VIF, VIP, ZF } from './state.ts'
import { bitOf, bytes, type Notation } from './operands.ts'

/** The flags that any program may write, and where they stand in EFLAGS. */
export const own = [[CF, 0], [PF, 2], [AF, 4], [ZF, 6], [SF, 7], [TF, 8], [DF, 10], [OF, 11], [NT, 14], [AC, 18], [ID, 21]] as const

/** EFLAGS as it is pushed, VM and RF clear. */
export const flagsImage = (): Term<32> => {
  const zero = (n: number): Term => constant(n, 0)
  return concat<32>(
    zero(10), get(ID), get(VIP), get(VIF), get(AC), zero(2),
    zero(1), get(NT), get(IOPL), get(OF), get(DF), get(IF), get(TF), get(SF), get(ZF), zero(1), get(AF), zero(1), get(PF), constant(1, 1), get(CF),
  )
}

export const atLevel0 = (): Bool => eq(get(CPL), constant(2, 0))
/** Whether the program may do input and output and mask interrupts. */
export const trusted = (): Bool => ule(get(CPL), get(IOPL))

/** What POPF and IRET write of an image of 16, 32 or 64 bits: IF and IOPL silently keep their values where the level does not allow them. */
export const loadFlags = (image: Term, when: Bool = True): Statement[] => [
  ...own.flatMap(([flag, n]) => (n < image.width ? [set(flag, bitOf(image, n), when)] : [])),
  set(IF, bitOf(image, 9), and(when, trusted())),
  set(IOPL, extract<2>(image, 13, 12), and(when, atLevel0())),
]

/** CR4.PVI: at level 3 CLI and STI work on VIF where IOPL does not allow them to work on IF. */
const virtualInterrupts = (): Bool => all([not(trusted()), eq(get(CPL), constant(2, 3)), bitOf(get(CR4), 1)])

export const flagInstructions = ({ bits, define, number, reg, reg32, setReg, setRegLow, plus, read, write, push, onStack, pop }: Notation): Instruction[] => {
  const A = number(0), stack = number(4), whole = bits === 64 ? 'Q' : 'D'
  const push16 = (value: Term): Statement[] => [...write(plus(reg(stack), -2), value), setReg(stack, plus(reg(stack), -2))]
  return [
    define(`PUSHF${whole}`, bytes(0x9c), () => push([zeroExtend(flagsImage(), bits)])),
    define('PUSHF', bytes(0x66, 0x9c), () => push16(extract(flagsImage(), 15, 0))),
    define(`POPF${whole}`, bytes(0x9d), () => {
      const image = onStack(0)
      return [...image.guard, ...loadFlags(image.value), set(VIF, 0, trusted()), set(VIP, 0, trusted()), pop()]
    }),
    define('POPF', bytes(0x66, 0x9d), () => {
      const image = read(reg(stack), 16)
      return [...image.guard, ...loadFlags(image.value), setReg(stack, plus(reg(stack), 2))]
    }),
    define('CLI', bytes(0xfa), () => [
      trapIf(not(or(trusted(), virtualInterrupts())), '#GP'), set(IF, 0, trusted()), set(VIF, 0, virtualInterrupts()),
    ]),
    define('STI', bytes(0xfb), () => [
      trapIf(not(or(trusted(), and(virtualInterrupts(), not(get(VIP))))), '#GP'), set(IF, 1, trusted()), set(VIF, 1, virtualInterrupts()),
    ]),
    define('LAHF', bytes(0x9f), () => [setRegLow(A, concat(extract(flagsImage(), 7, 0), extract(reg32(A), 7, 0)))]),
    define('SAHF', bytes(0x9e), () => [CF, PF, AF, ZF, SF].map((flag) => set(flag, bitOf(reg32(A), 8 + own.find(([f]) => f === flag)![1])))),
    define('CLC', bytes(0xf8), () => [set(CF, 0)]),
    define('STC', bytes(0xf9), () => [set(CF, 1)]),
    define('CMC', bytes(0xf5), () => [set(CF, not(get(CF)))]),
    define('CLD', bytes(0xfc), () => [set(DF, 0)]),
    define('STD', bytes(0xfd), () => [set(DF, 1)]),
  ]
}
