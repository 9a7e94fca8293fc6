// Calls, jumps, branches with their delay slots, and traps on a condition: nPC is state, and a branch changes it.
import { set, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { get } from '../../ir/state.ts'
import { add, and, constant, eq, extract, ite, not, signExtend, True, concat, type Bool, type Term } from '../../ir/term.ts'
import { address, aligned, branchFormat, condition, define, defineOrdinary, format3, wordOf, type Operands } from './notation.ts'
import { psr, write, type State } from './state.ts'

export const controlTransfer = (s: State): Instruction[] => {
  const instruction = define('B.21 to B.27'), ordinary = defineOrdinary(s, 'B.27, B.30')
  const PC = get(s.PC), nPC = get(s.nPC), one = constant(30, 1)
  const here = concat<32>(PC, constant(2, 0))
  const delayed = (target: Term<30>): Statement[] => [set(s.PC, nPC), set(s.nPC, target)]
  /** A taken branch executes its delay slot, but for an annulling one that is always taken; an annulling one not taken skips it. */
  const branch = (o: Operands, taken: Bool): Statement[] => {
    const target = add(PC, signExtend(o['disp22']!, 30)), always = eq(o['cond'] as Term<4>, constant(4, 8))
    const annulled = and(o['a'] as Bool, not(taken)), skipped = and(and(o['a'] as Bool, always), taken)
    return [
      set(s.PC, ite<30>(skipped, target, ite<30>(annulled, add(nPC, one), nPC))),
      set(s.nPC, ite<30>(skipped, add(target, one), ite<30>(taken, target, add(nPC, ite<30>(annulled, constant(30, 2), one))))),
    ]
  }
  /** Floating-point conditions 1 to 7 as sets of relations, from the relation in FSR: equal, less, greater, unordered. */
  const fcc = extract<2>(get(s.FSR), 11, 10)
  const floating = (cond: Term): Bool => {
    const E = eq(fcc, constant(2, 0)), L = eq(fcc, constant(2, 1)), G = eq(fcc, constant(2, 2)), U = eq(fcc, constant(2, 3))
    const or = (...relations: readonly Bool[]): Bool => not(relations.map((x) => not(x)).reduce(and))
    const plain = [constant(1, 0), not(E), or(L, G), or(U, L), L, or(U, G), G, U]
    const negated = [True, E, or(U, E), or(G, E), or(U, G, E), or(L, E), or(U, L, E), not(U)]
    const chosen = (table: readonly Bool[]): Bool => or(...table.map((holds, k) => and(eq(extract<3>(cond, 2, 0), constant(3, k)), holds)))
    return ite<1>(extract<1>(cond, 3, 3), chosen(negated), chosen(plain))
  }
  return [
    instruction('CALL', { op: 2, disp30: 30 }, { op: 1 }, (o) => [...write(s, constant(5, 15), here), ...delayed(add(PC, o['disp30'] as Term<30>))]),
    instruction('JMPL', format3, { op: 2, op3: 0x38 }, (o) => [
      ...aligned(address(s, o), 4), ...write(s, o['rd']!, here), ...delayed(wordOf(address(s, o))),
    ]),
    instruction('Bicc', branchFormat, { op: 0, op2: 2 }, (o) => branch(o, condition(s, o['cond']!))),
    instruction('FBfcc', branchFormat, { op: 0, op2: 6 }, (o) => [
      trapIf(not(psr(s, 'EF') as Bool), 'fp_disabled'), ...branch(o, floating(o['cond']!)),
    ]),
    ordinary('Ticc', { op: 2, zero: 1, cond: 4, op3: 6, rs1: 5, i: 1, asi: 8, rs2: 5 }, { op: 2, zero: 0, op3: 0x3a }, (o) => [
      trapIf(condition(s, o['cond']!), 'trap_instruction'),
    ]),
    instruction('UNIMP', { op: 2, reserved: 5, op2: 3, const22: 22 }, { op: 0, reserved: 0, op2: 0 }, () => [trapIf(True, 'illegal_instruction')]),
    ordinary('STBAR', { op: 2, rd: 5, op3: 6, rs1: 5, zero: 14 }, { op: 2, rd: 0, op3: 0x28, rs1: 15, zero: 0 }, () => []),
    ordinary('FLUSH', format3, { op: 2, rd: 0, op3: 0x3b }, () => []),
  ]
}
