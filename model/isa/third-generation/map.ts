// The virtual machine map f of the paper, as printed and repaired, and the claim that it is one-one (W6, W7).
import { add, all, and, concat, constant, eq, ite, select, sub, ule, ult, variable, type Bool, type Memory, type Term } from '../../ir/term.ts'
import type { Formula } from '../../claims/claim.ts'
import type { Isa } from '../../machine/isa.ts'
import { declareState, type Sizes } from './state.ts'

/**
 * What the monitor's storage keeps of the virtual PSW. The printed map keeps nothing and does not clip; `mode` clips
 * and keeps the virtual mode; `psw` keeps R too, without which clipping makes two bounds one.
 */
export const maps = ['printed', 'mode', 'psw'] as const
export type MapName = (typeof maps)[number]

interface VirtualState {
  readonly M: Term<1>
  readonly P: Term
  readonly L: Term
  readonly B: Term
  readonly G: Memory
  readonly E: Memory
}

/** f is one-one: two virtual states with the same image are the same. The monitor has the first block, the VM the rest. */
export const mapIsOneOne = (isa: Isa, sizes: Sizes, name: MapName): Formula => {
  const s = declareState(sizes)
  const state = (n: number): VirtualState => ({
    M: variable(`M${n}`, 1), P: variable(`P${n}`, s.P.width), L: variable(`L${n}`, s.L.width), B: variable(`B${n}`, s.B.width),
    G: { ...s.G, name: `G${n}` }, E: { ...s.E, name: `E${n}` },
  })
  const [a, b] = [state(1), state(2)]
  const cell = variable('a cell', s.E.addressWidth), number = variable('a register', s.G.addressWidth)
  const part = s.L.width
  const monitorBlocks = constant<number>(part, 1)
  const windowBlocks = constant<number>(part, Math.floor(sizes.storage / 2 ** sizes.block) - 1)
  const windowCells = constant<number>(s.E.addressWidth, sizes.storage - 2 ** sizes.block)
  const clip = (v: VirtualState): Term => {
    const room = ite<number>(ule(windowBlocks, v.L), constant(part, 0), sub(windowBlocks, v.L))
    return ite(ule(v.B, room), v.B, room)
  }
  const image = (v: VirtualState): Term[] => [
    v.P, add(v.L, monitorBlocks), name === 'printed' ? v.B : clip(v), select(v.G, number), select(v.E, cell),
    ...(name === 'printed' ? [] : [v.M]), ...(name === 'psw' ? [concat(v.L, v.B)] : []),
  ]
  const parts = (v: VirtualState): Term[] => [v.M, v.P, v.L, v.B, select(v.G, number), select(v.E, cell)]
  const same = (x: readonly Term[], y: readonly Term[]): Bool => all(x.map((t, i) => eq(t, y[i]!)))
  return {
    property: `the map f is one-one (${name === 'printed' ? 'as printed' : `clipped, the monitor keeps the virtual ${name === 'mode' ? 'mode' : 'PSW'}`})`,
    isa, quantifier: 'every',
    premise: and(ult(cell, windowCells), same(image(a), image(b))),
    conclusion: same(parts(a), parts(b)),
  }
}
