// The fetch of an instruction: one or two parcels of 16 bits, each translated and checked by itself.
import { get } from '../../ir/state.ts'
import { add, concat, constant, eq, extract, ite, type Term } from '../../ir/term.ts'
import type { Fetch } from '../../machine/isa.ts'
import { contentOf, faultsOf, refer, updatesOf } from './access.ts'
import { word, type State } from './state.ts'

/** Parcels are aligned, as the pc is even, so neither crosses a page; a fault of the second has the second's address. */
export const fetchOf = (s: State): Fetch => {
  const pc = get(s.pc)
  const first = refer(s, 'fetch', pc, 2, true), second = refer(s, 'fetch', add<number>(pc, word(s, 2)), 2, true)
  const low = contentOf(s, 'fetch', first, 2), high = contentOf(s, 'fetch', second, 2)
  const long = eq(extract<2>(low, 1, 0), constant(2, 3))
  return {
    faults: [...faultsOf(s, 'fetch', first), ...faultsOf(s, 'fetch', second, long)],
    word: concat<number>(ite<number>(long, high, constant<number>(16, 0)), low),
    also: [...updatesOf(s, 'fetch', first), ...updatesOf(s, 'fetch', second, long)],
  }
}

/** The bits of an instruction that has no encoding, for xtval: those of its length. */
export const bitsOf = (s: State, instruction: Term): Term => {
  const long = eq(extract<2>(instruction, 1, 0), constant(2, 3))
  const shown = ite<number>(long, extract(instruction, 31, 16), constant<number>(16, 0))
  const bits = concat(shown, extract(instruction, 15, 0))
  return s.xlen === 32 ? bits : concat(constant(32, 0), bits)
}
