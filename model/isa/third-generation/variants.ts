// The flawed variants: each is the sound machine with one instruction added or changed (section 8 of the manual).
import { set, trapIf, type Instruction } from '../../ir/instruction.ts'
import { get } from '../../ir/state.ts'
import { add, and, constant, extract, ite, not, ult, zeroExtend } from '../../ir/term.ts'
import type { Variant } from '../../vocab/index.ts'
import { notation, setRelocation } from './instructions.ts'
import { cells, inSupervisor, inUser, relocation, relocationWord, type State } from './state.ts'

/** The instructions that a variant adds, or puts in the place of the sound machine's by the same name. */
export const changes: Readonly<Record<Variant, (s: State) => Instruction[]>> = {
  sound: () => [],
  'jump-to-user': (s) => {
    const { define, ea } = notation(s)
    return [define(0x90, 'JUM', (o) => [set(s.P, ea(o)), set(s.M, 1)])]
  },
  'read-relocation': (s) => {
    const { define, G } = notation(s)
    return [define(0x82, 'SRB', (o) => [set(G(o.r), relocationWord(s))])]
  },
  'read-mode': (s) => {
    const { define, G } = notation(s)
    return [define(0x91, 'RMOD', (o) => [set(G(o.r), zeroExtend(get(s.M), s.word))])]
  },
  'load-real-address': (s) => {
    const { define, G, ea } = notation(s)
    return [
      define(0x92, 'LRA', (o) => [
        trapIf(relocation(s).develop(ea(o), 'read').fault, 'memory'),
        set(G(o.r), add<number>(zeroExtend(ea(o), s.word), zeroExtend(cells(s, get(s.L)), s.word))),
      ]),
    ]
  },
  'silent-write': (s) => {
    const { define, G } = notation(s)
    return [
      define(0x93, 'POPT', (o) => [
        set(G(o.r), 0),
        set(s.TIMER, get(G(o.r)), inSupervisor(s)),
        set(s.PENDING, 0, inSupervisor(s)),
      ]),
    ]
  },
  'no-op-in-user': (s) => {
    const { define, G } = notation(s)
    return [define(0x81, 'LRB', (o) => setRelocation(s, get(G(o.r)), inSupervisor(s)))]
  },
  'supervisor-only': (s) => {
    const { define, G } = notation(s)
    return [define(0x94, 'SRBS', (o) => [set(G(o.r), ite<number>(inSupervisor(s), relocationWord(s), constant(s.word, 0)))])]
  },
  'set-relocation-in-user': (s) => {
    const { define, G } = notation(s)
    return [define(0x81, 'LRB', (o) => setRelocation(s, get(G(o.r))))]
  },
  'shrink-bounds': (s) => {
    const { define, G } = notation(s)
    return [
      define(0x95, 'SHB', (o) => {
        const n = extract(get(G(o.r)), s.B.width - 1, 0)
        return [trapIf(and(inUser(s), not(ult(n, get(s.B)))), 'privileged'), set(s.B, n)]
      }),
    ]
  },
}
