// Lemma 1 of the paper for all states: what runs directly under the map f does what the bare machine does.
import { add, all, and, constant, eq, implies, ite, not, sub, ule, variable, type Bool, type Term } from '../../ir/term.ts'
import { get } from '../../ir/state.ts'
import type { Formula } from '../../claims/claim.ts'
import { cellAfter, registerAfter, resourcesKept, runFrom, seenAfter, type Run } from '../../claims/run.ts'
import type { Variant } from '../../vocab/index.ts'
import { thirdGeneration } from './isa.ts'
import { declareState, type Sizes, type State } from './state.ts'

/** R' of the map: relocated behind the monitor's block, the bound clipped to the window, or left as printed (W7). */
export interface Composition {
  readonly clipped: boolean
}

/** R' = (l + k, min(b, w − l)), the clip being 0 where l is beyond the window. */
const composed = (window: Term, l: Term, b: Term, { clipped }: Composition): { L: Term; B: Term } => {
  const room = ite<number>(ule(window, l), constant(window.width, 0), sub(window, l))
  return { L: add(l, constant(l.width, 1)), B: clipped ? ite(ule(b, room), b, room) : b }
}

export interface DirectExecution {
  readonly equivalent: Formula
  /** Wherever the bare machine does not trap, the real one does not either: no intervention is needed. */
  readonly efficient: Formula
}

/**
 * For each instruction of a variant: wherever the real machine, in user mode at f(S), performs it without a trap, the
 * bare machine in S does too, and the one ends in f of where the other ends. `sizes` are the real machine's; the
 * virtual one has a block less.
 */
export const directExecution = (variant: Variant, sizes: Sizes, composition: Composition = { clipped: true }): DirectExecution[] => {
  const blockCells = 2 ** sizes.block
  const real = thirdGeneration(variant, sizes)
  const virtual = thirdGeneration(variant, { ...sizes, storage: sizes.storage - blockCells })
  const s = declareState(sizes)
  const window = constant<number>(s.L.width, sizes.storage / blockCells - 1)
  const map = (l: Term, b: Term) => composed(window, l, b, composition)
  const under = map(get(s.L), get(s.B))
  return real.instructions.map((instruction, n) => {
    const bare = runFrom(virtual, virtual.instructions[n]!, { label: 'the bare machine in S', register: () => undefined, seesStorage: true })
    const mapped = runFrom(real, instruction, {
      label: 'the real machine in f(S)', seesStorage: true,
      register: (name) => (name === s.M.name ? constant(1, 1) : name === s.L.name ? under.L : name === s.B.name ? under.B : undefined),
    })
    const name = composition.clipped ? 'f' : 'f without the clip'
    return {
      equivalent: {
        property: `${instruction.name} executed directly under ${name} is equivalent`, isa: real, quantifier: 'every',
        premise: not(mapped.outcome.trapped),
        conclusion: and(not(bare.outcome.trapped), endsInImage(s, bare, mapped, map)),
      },
      efficient: {
        property: `${instruction.name} under ${name} needs no intervention`, isa: real, quantifier: 'every',
        premise: not(bare.outcome.trapped), conclusion: not(mapped.outcome.trapped),
      },
    }
  })

  /** M stays u, R' is the composition of the new R, and everything else is equal; the virtual mode must not have changed. */
  function endsInImage(s: State, bare: Run, mapped: Run, map: (l: Term, b: Term) => { L: Term; B: Term }): Bool {
    const after = map(registerAfter(bare, s.L), registerAfter(bare, s.B))
    const address = variable('an address', sizes.address), number = variable('a register', sizes.registerNumber)
    const seen = not(bare.at(virtual.relocation.develop(address, 'read').fault))
    return all([
      eq(registerAfter(mapped, s.M), constant(1, 1)), eq(registerAfter(bare, s.M), get(s.M)),
      eq(registerAfter(mapped, s.L), after.L), eq(registerAfter(mapped, s.B), after.B),
      eq(registerAfter(mapped, s.P), registerAfter(bare, s.P)),
      eq(cellAfter(mapped, s.G, number), cellAfter(bare, s.G, number)),
      implies(seen, eq(seenAfter(real, mapped, address), seenAfter(virtual, bare, address))),
      controlKept(bare), controlKept(mapped),
    ])
  }

  function controlKept(run: Run): Bool {
    return resourcesKept({ ...real, components: real.components.filter((c) => c.role === 'control') }, run, true)
  }
}
