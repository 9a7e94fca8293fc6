// Half word data transmission: 64 instructions, by source half, destination half, what the other half gets, and mode.
import type { Instruction } from '../../ir/instruction.ts'
import { concat, constant, ite, not, type Term } from '../../ir/term.ts'
import { chapter, leftHalf, rightHalf, signOf } from './address.ts'
import { transfer } from './modes.ts'
import type { State } from './state.ts'

type Side = 'L' | 'R'
const half = (side: Side, w: Term): Term => (side === 'L' ? leftHalf(w) : rightHalf(w))

/** What the half gets that nothing is moved to: it is kept, or becomes zeros, ones or the sign of the half moved. */
const others: readonly [suffix: string, other: (kept: Term, moved: Term) => Term][] = [
  ['', (kept) => kept],
  ['Z', (kept) => zeros(kept)],
  ['O', (kept) => not(zeros(kept))],
  ['E', (kept, moved) => ite<number>(signOf(moved), not(zeros(kept)), zeros(kept))],
]
const zeros = (t: Term): Term => constant<number>(t.width, 0)

/** The codes run HLL, HRL, HLLZ, ... up to HRLE, then HRR, HLR, HRRZ, ... up to HLRE. */
export const halfwords = (s: State): Instruction[] => {
  const define = chapter(s, 'Half Word Data Transmission')
  return (['L', 'R'] as const).flatMap((to, right) => others.flatMap(([suffix, other], kind) =>
    [to, opposite(to)].flatMap((from, crossed) =>
      transfer(s, define, 0o500 + 0o40 * right + 0o10 * kind + 4 * crossed, `H${from}${to}${suffix}`, (source, destination) => {
        const moved = half(from, source), rest = other(half(opposite(to), destination), moved)
        return { value: to === 'L' ? concat(moved, rest) : concat(rest, moved) }
      }))))
}

const opposite = (side: Side): Side => (side === 'L' ? 'R' : 'L')
