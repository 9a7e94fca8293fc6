// What hardware performance counters count: with each instruction that completes, and with each trap. Volume II, Hardware Performance Monitor.
import { set, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { add, all, and, any, constant, eq, extract, False, ite, not, or, signExtend, True, type Bool, type Term } from '../../ir/term.ts'
import type { EventKind } from './event-values.ts'
import { pcOf, value, walks, word, type State } from './state.ts'
import { ofRV32, wholeOf } from './widths.ts'

/** The kinds of instructions, by their major opcode or by what they are in 32 bits. */
const ofOpcode: Readonly<Record<number, EventKind>> = {
  0x03: 'loads', 0x07: 'floating-point loads', 0x13: 'integer arithmetic', 0x17: 'integer arithmetic', 0x1b: 'integer arithmetic', 0x23: 'stores', 0x27: 'floating-point stores', 0x2f: 'atomic operations',
  0x33: 'integer arithmetic', 0x37: 'integer arithmetic', 0x3b: 'integer arithmetic', 0x43: 'floating-point fused multiply-adds', 0x47: 'floating-point fused multiply-adds', 0x4b: 'floating-point fused multiply-adds',
  0x4f: 'floating-point fused multiply-adds', 0x53: 'other floating-point instructions', 0x63: 'branches', 0x67: 'JALR', 0x6f: 'JAL', 0x73: 'system instructions',
}
/** Those that their major opcode does not tell, and those of 16 bits, of which all others are integer arithmetic. */
const ofName: readonly (readonly [RegExp, EventKind])[] = [
  [/^MUL/, 'multiplications'], [/^(DIV|REM)/, 'divisions'],
  [/^F(ADD|SUB)\./, 'floating-point additions'], [/^FMUL\./, 'floating-point multiplications'], [/^F(DIV|SQRT)\./, 'floating-point divisions and square roots'],
  [/^C\.L[WD]/, 'loads'], [/^C\.S[WD]/, 'stores'], [/^C\.FL[WD]/, 'floating-point loads'], [/^C\.FS[WD]/, 'floating-point stores'],
  [/^C\.(BEQZ|BNEZ)$/, 'branches'], [/^C\.(J|JAL)$/, 'JAL'], [/^C\.(JR|JALR)$/, 'JALR'], [/^C\.EBREAK$/, 'system instructions'], [/^C\./, 'integer arithmetic'],
]

interface Counted {
  readonly kinds: readonly EventKind[]
  /** Where a branch is taken. */
  readonly taken: Bool
}

/** What an instruction is where it completes. */
const countedOf = (s: State, i: Instruction): Counted => {
  const name = i.name.replace(ofRV32, ''), opcode = i.encoding.fixed['opcode']
  const kind = ofName.find(([pattern]) => pattern.test(name))?.[1] ?? (opcode === undefined ? undefined : ofOpcode[Number(opcode)])
  const returns: EventKind[] = name === 'MRET' || name === 'SRET' ? ['trap returns'] : []
  return { kinds: ['instructions', 'cycles', ...(kind ? [kind] : []), ...returns], taken: kind === 'branches' ? takenOf(s, i, name) : False }
}

/** A branch goes to its target or to the instruction after it, which may be the same. */
const takenOf = (s: State, { body }: Instruction, name: string): Bool => {
  const after = signExtend<number>(add<number>(pcOf(s), word(s, name.startsWith('C.') ? 2 : 4)), s.pc.width), jump = body.find((b) => b.kind === 'set' && b.place === s.pc)
  const to = jump?.kind === 'set' ? jump.value : after
  if (to.kind !== 'ite' || (to.a !== after && to.b !== after)) throw new Error(`${name} is no branch`)
  return to.b === after ? to.c : not(to.c)
}

/** Whether one of these events is what a counter counts that has this content of mhpmevent. */
const selects = (s: State, kinds: readonly EventKind[], content: Term): Bool => any(s.events.filter(({ counts }) => kinds.includes(counts)).map(({ selector, mask }) =>
  eq<number>(mask === undefined ? content : and<number>(content, constant<number>(content.width, mask)), constant<number>(content.width, selector))))

/** The counters that count one of these events go up, by one, or by what a cycle counts; writes that follow win. */
const count = (given: State, { kinds, taken }: Counted, when: Bool = True): Statement[] => {
  const s = wholeOf(given), ones = (1n << BigInt(s.performanceCounterBits)) - 1n
  return Array.from({ length: 29 }, (_, n) => n + 3).filter((n) => ones > 0n && s.performanceCounters >> BigInt(n) & 1n).flatMap((n) => {
    const counter = cell(s.mhpmcounter, constant(5, n)), content = get<number>(cell(s.mhpmevent, constant(5, n))), inhibited = extract<1>(value(s, 'mcountinhibit[31:2]'), n - 2, n - 2)
    const selected = or(selects(s, kinds, content), and(taken, selects(s, ['taken branches'], content))), cycles = kinds.includes('cycles') ? selects(s, ['cycles'], content) : False
    const by = ite<64>(cycles, constant(64, s.cycles), constant(64, 1)), counts = all([when, not(inhibited), selected])
    return counts === False ? [] : [set(counter, and(add(get(counter), by), constant(64, ones)), counts)]
  })
}

/** An instruction of the hart that runs, with what counters count of it. */
export const countingEvents = (s: State) => (i: Instruction): Instruction => {
  if (s.events.length === 0) return i
  const counted = count(s, countedOf(s, i))
  return counted.length === 0 ? i : { ...i, body: [...counted, ...i.body] }
}

/** What counters count of a trap: an interrupt, or an exception, which takes its cycles as mcycle has them. */
export const countTrap = (s: State, interrupt: Bool): Statement[] => (!walks(s) ? [] : [
  ...count(s, { kinds: ['exceptions', 'cycles'], taken: False }, not(interrupt)), ...count(s, { kinds: ['interrupts'], taken: False }, interrupt),
])
