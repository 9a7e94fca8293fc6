// The fetch of an instruction: one or two parcels of 16 bits, each translated and checked by itself, or with the block that it is in.
import { get } from '../../ir/state.ts'
import { add, concat, constant, eq, extract, ite, type Term } from '../../ir/term.ts'
import type { Fetch } from '../../machine/isa.ts'
import { contentOf, effectiveAddress, faultsOf, inOrder, keepingOf, refer, updatesBefore, updatesOf, type Reference } from './access.ts'
import { keepCode, parcelOf } from './caches.ts'
import { physicalWidth, word, type State } from './state.ts'
import { inNarrowMode, mayBeNarrow } from './widths.ts'

/** A parcel; it is fetched where its whole block may be. */
const parcel = (s: State, address: Term): Reference => {
  if (s.fetchBlock === 2) return refer(s, 'fetch', address, 2, true)
  const low = Math.log2(s.fetchBlock)
  const block = refer(s, 'fetch', concat<number>(extract(address, s.xlen - 1, low), constant<number>(low, 0)), s.fetchBlock, true), [piece] = block.pieces
  const physical = concat<number>(extract(piece!.physical, physicalWidth(s) - 1, low), extract(address, low - 1, 0))
  return { ...block, ...inOrder(physical), pieces: [{ ...piece!, address: effectiveAddress(s, 'fetch', address), physical }] }
}

/** Parcels are aligned, as the pc is even, so neither crosses a page or a block; a fault of the second has the second's address. Where XLEN varies the word has one bit more, that of `encodedIn`. */
export const fetchOf = (s: State): Fetch => {
  const pc = get(s.pc)
  const first = parcel(s, pc), second = parcel(s, add<number>(pc, word(s, 2)))
  const read = (r: Reference): Term => parcelOf(s, r.within(0), contentOf(s, 'fetch', r, 2)), low = read(first), high = read(second)
  const long = eq(extract<2>(low, 1, 0), constant(2, 3))
  const fetched = concat<number>(ite<number>(long, high, constant<number>(16, 0)), low)
  return {
    faults: [...faultsOf(s, 'fetch', first), ...faultsOf(s, 'fetch', second, long, undefined, updatesBefore(s, 'fetch', first))],
    word: mayBeNarrow(s) ? concat(inNarrowMode(s), fetched) : fetched,
    also: [
      ...updatesOf(s, 'fetch', first), ...updatesOf(s, 'fetch', second, long),
      ...keepingOf(s, 'fetch', [...first.pieces, ...second.pieces.map((p) => ({ ...p, when: long }))]), ...keepCode(s, ite<number>(long, second.within(0), first.within(0))),
    ],
  }
}

/** The bits of an instruction that has no encoding, for xtval: those of its length. */
export const bitsOf = (s: State, instruction: Term): Term => {
  const long = eq(extract<2>(instruction, 1, 0), constant(2, 3))
  const shown = ite<number>(long, extract(instruction, 31, 16), constant<number>(16, 0))
  const bits = concat(shown, extract(instruction, 15, 0))
  return s.xlen === 32 ? bits : concat(constant(32, 0), bits)
}
