// Faults in the specification: one altered record, or one altered rule of the machine; the processor is right.
import { set, store, trapIf, type Instruction } from '../../model/ir/instruction.ts'
import { get } from '../../model/ir/state.ts'
import { add, constant, eq, load, not, or, slt, sub, udiv, ult, ule, zeroExtend } from '../../model/ir/term.ts'
import { thirdGeneration } from '../../model/isa/third-generation/isa.ts'
import { notation } from '../../model/isa/third-generation/instructions.ts'
import { cells, declareState, full, inUser, pswFields, type Sizes, type State } from '../../model/isa/third-generation/state.ts'
import type { Isa } from '../../model/machine/isa.ts'
import type { MachineOptions } from '../../model/vocab/index.ts'
import type { Fault } from './fault.ts'

const sizesOf = ({ size, diskSize, trapCells }: Required<MachineOptions>): Sizes =>
  ({ ...full, storage: size, disk: diskSize, diskAddress: Math.max(1, Math.ceil(Math.log2(diskSize))), trapCells })

const rule = (name: string, sentence: string, alter: (isa: Isa, s: State) => Partial<Isa>): Fault => ({
  name: `specification-${name}`, sentence, where: 'specification', property: 'processor', system: 'third-generation/cpu',
  plant: () => ({
    isa: (options) => {
      const sizes = sizesOf(options)
      const isa = thirdGeneration(options.variant, sizes)
      return { ...isa, ...alter(isa, declareState(sizes)) }
    },
  }),
})

/** One record replaced by another with the same name. */
const record = (name: string, sentence: string, replacement: (s: State) => Instruction): Fault =>
  rule(name, sentence, (isa, s) => {
    const altered = replacement(s)
    return { instructions: isa.instructions.map((one) => (one.name === altered.name ? altered : one)) }
  })

export const specificationFaults: readonly Fault[] = [
  record('sub-reversed', 'SUB takes its operands the other way round', (s) => {
    const { define, G, v } = notation(s)
    return define(0x21, 'SUB', (o) => [set(G(o.r), sub(v(o), get(G(o.r))))])
  }),
  record('unsigned-slt', 'SLT compares without sign', (s) => {
    const { define, G, v } = notation(s)
    return define(0x2a, 'SLT', (o) => [set(G(o.r), zeroExtend(ult(get(G(o.r)), v(o)), s.word))])
  }),
  record('div-by-zero-is-zero', 'DIV by zero gives a number instead of a trap', (s) => {
    const { define, G, v } = notation(s)
    return define(0x23, 'DIV', (o) => [set(G(o.r), udiv(get(G(o.r)), v(o)))])
  }),
  record('jal-keeps-p', 'JAL saves P instead of P + 1', (s) => {
    const { define, G, ea } = notation(s)
    return define(0x31, 'JAL', (o) => [set(G(o.r), zeroExtend(get(s.P), s.word)), set(s.P, ea(o))])
  }),
  record('bn-reversed', 'BN jumps when bit 31 is 0', (s) => {
    const { define, G, ea } = notation(s)
    return define(0x34, 'BN', (o) => [set(s.P, ea(o), not(slt(get(G(o.r)), constant<number>(s.word, 0))))])
  }),
  record('store-of-index', 'ST stores the index register', (s) => {
    const { define, G, ea } = notation(s)
    return define(0x12, 'ST', (o) => [store(s.E, ea(o), get(G(o.x)))])
  }),
  record('lpsw-keeps-mode', 'LPSW does not load M', (s) => {
    const { define, ea, privileged } = notation(s)
    return define(0x80, 'LPSW', (o) => {
      const psw = pswFields(s, load(s.E, ea(o)))
      return [privileged, set(s.P, psw.P), set(s.L, psw.L), set(s.B, psw.B)]
    })
  }),
  record('stim-keeps-pending', 'STIM leaves PENDING as it was', (s) => {
    const { define, G, privileged } = notation(s)
    return define(0x83, 'STIM', (o) => [privileged, set(s.TIMER, get(G(o.r)))])
  }),
  record('svc-only-in-user', 'SVC does nothing in supervisor mode', (s) =>
    notation(s).define(0x40, 'SVC', () => [trapIf(inUser(s), 'supervisorCall')])),
  record('user-may-halt', 'HALT is not privileged', (s) => notation(s).define(0x87, 'HALT', () => [set(s.HALTED, 1)])),
  rule('trap-saves-next-p', 'a trap saves P + 1', (isa, s) => ({
    trap: (cause) => isa.trap(cause).map((statement) => {
      if (statement.kind !== 'set' || statement.place.kind !== 'cell') return statement
      return { ...statement, value: add(statement.value, constant(s.word, 1 << 16)) }
    }),
  })),
  rule('timer-traps-supervisor', 'a pending timer trap is taken in supervisor mode too', (isa, s) => ({
    sequencing: { ...isa.sequencing!, interrupts: [{ when: get(s.PENDING), cause: 'timer', also: [set(s.PENDING, 0)] }] },
  })),
  rule('timer-fires-late', 'PENDING becomes 1 one tick late', (isa, s) => ({
    sequencing: {
      ...isa.sequencing!,
      tick: [
        set(s.TIMER, sub(get(s.TIMER), constant<number>(s.word, 1)), not(eq(get(s.TIMER), constant<number>(s.word, 0)))),
        set(s.PENDING, 1, eq(get(s.TIMER), constant<number>(s.word, 2))),
      ],
    },
  })),
  rule('bound-off-by-one', 'the address 16·b is mapped', (isa, s) => ({
    relocation: {
      ...isa.relocation,
      develop: (address) => {
        const wide = s.sizes.address + 1
        const l = cells(s, get(s.L))
        const sum = add<number>(zeroExtend(address, wide), zeroExtend(l, wide))
        const fault = or(ule(constant<number>(wide, s.sizes.storage), sum), ult(cells(s, get(s.B)), address))
        return { fault, real: add(address, l) }
      },
    },
  })),
  rule('sum-truncated', 'the sum of an address and 16·l is truncated to 12 bits', (isa, s) => ({
    relocation: {
      ...isa.relocation,
      develop: (address) => {
        const l = cells(s, get(s.L))
        const real = add(address, l)
        return { fault: or(ule(constant<number>(s.sizes.address, s.sizes.storage), real), ule(cells(s, get(s.B)), address)), real }
      },
    },
  })),
  rule('undefined-is-privileged', 'an undefined word takes the privileged trap', (isa) => ({
    sequencing: { ...isa.sequencing!, undefinedCause: 'privileged' },
  })),
]
