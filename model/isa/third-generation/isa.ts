// The machine of the 1974 paper as an ISA, sound and in each flawed variant.
import { set } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { constant, eq, ne, sub, and } from '../../ir/term.ts'
import { Cause, variants, type Variant } from '../../vocab/index.ts'
import { defineIsa, type Isa, type PublishedClaim } from '../../machine/isa.ts'
import { instructions } from './instructions.ts'
import { changes } from './variants.ts'
import { declareState, full, newPswCell, oldPswCell, pswFields, pswWord, relocation, tiny, type Sizes } from './state.ts'

const paper = 'Popek and Goldberg, Formal requirements for virtualizable third generation architectures, CACM 17(7), 1974'

const published: Readonly<Record<Variant, readonly PublishedClaim[]>> = {
  sound: [
    { claim: 'LPSW is privileged', source: `${paper}, privileged instructions (IBM System/360)`, about: { instruction: 'LPSW', property: 'privileged', holds: true } },
    { claim: 'loading the relocation-bounds register is privileged', source: `${paper}, privileged instructions (Honeywell 6000 LBAR, DEC PDP-10 DATAO APR)`, about: { instruction: 'LRB', property: 'privileged', holds: true } },
    { claim: 'a machine whose sensitive instructions are privileged can carry a VMM', source: `${paper}, Theorem 1`, about: { theorem: 'vmm', applies: true } },
  ],
  'jump-to-user': [
    { claim: 'an instruction like JRST 1 is supervisor control sensitive and not privileged: no VMM', source: `${paper}, hybrid virtual machines`, about: { theorem: 'vmm', applies: false } },
    { claim: 'it is not user sensitive: a hybrid VMM can be built', source: `${paper}, hybrid virtual machines`, about: { theorem: 'hybrid', applies: true } },
  ],
  'read-mode': [
    { claim: 'an instruction whose result depends on mode information is mode sensitive', source: `${paper}, behaviour sensitive (PDP-11/45 MFPI)`, about: { instruction: 'RMOD', property: 'modeSensitive', holds: true } },
  ],
  'load-real-address': [
    { claim: 'load physical address is location sensitive', source: `${paper}, behaviour sensitive (IBM 360/67 LRA)`, about: { instruction: 'LRA', property: 'locationSensitive', holds: true } },
  ],
  'no-op-in-user': [
    { claim: 'doing nothing in user mode is not trapping: not privileged', source: `${paper}, privileged instructions`, about: { instruction: 'LRB', property: 'privileged', holds: false } },
  ],
  'shrink-bounds': [
    { claim: 'an instruction that may only shrink the bounds in user mode is not privileged, and yet harmless', source: `${paper}, discussion of Theorem 1`, about: { theorem: 'vmm', applies: false } },
  ],
  'read-relocation': [],
  'silent-write': [],
  'supervisor-only': [],
  'set-relocation-in-user': [],
}

const titles: Readonly<Record<Variant, string>> = {
  sound: 'the machine of the 1974 paper',
  'jump-to-user': 'with a jump to user mode that never traps',
  'read-relocation': 'with an unprivileged read of R',
  'read-mode': 'with an unprivileged read of M',
  'load-real-address': 'with an unprivileged load of a real address',
  'silent-write': 'with a write of the timer that user mode silently leaves out',
  'no-op-in-user': 'with a load of R that does nothing in user mode',
  'supervisor-only': 'with a read of R that works in supervisor mode only',
  'set-relocation-in-user': 'with an unprivileged load of R',
  'shrink-bounds': 'with an instruction by which user mode may shrink its bound',
}

/** The machine of the given sizes, with the instruction set of a variant. */
export const thirdGeneration = (variant: Variant, sizes: Sizes = full): Isa => {
  const s = declareState(sizes)
  const changed = changes[variant](s)
  const sound = instructions(s).map((i) => changed.find((c) => c.name === i.name) ?? i)
  const { M, P, L, B, TIMER, PENDING, HALTED, E } = s
  const next = pswFields(s, get(cell(E, newPswCell(s))))
  const one = constant<number>(s.word, 1)
  return defineIsa({
    name: variant === 'sound' ? 'third-generation' : `third-generation/${variant}`,
    title: titles[variant],
    source: 'docs/third-generation.md',
    wordWidth: 8 + 2 * sizes.registerNumber + sizes.immediate,
    size: `${sizes.storage} cells of ${s.word} bits, ${2 ** sizes.registerNumber} registers`,
    components: [E, s.G, M, P, L, B, TIMER, PENDING, HALTED, s.PRINTED, s.COUNT, s.KEYBOARD, s.TYPED, s.TAKEN, s.DISK, s.POSITION],
    counter: P,
    relocation: relocation(s),
    causes: Cause,
    causeWidth: 3,
    memoryCauses: ['memory'],
    processor: [HALTED],
    trap: (cause) => [
      set(cell(E, oldPswCell(s)), pswWord(s, cause)),
      set(M, next.M), set(P, next.P), set(L, next.L), set(B, next.B),
    ],
    ...(sizes === tiny ? {} : {
      sequencing: {
        halted: get(HALTED),
        interrupts: [{ when: and(get(M), get(PENDING)), cause: 'timer', also: [set(PENDING, 0)] }],
        undefinedCause: 'undefined',
        clock: [TIMER],
        tick: [
          set(TIMER, sub(get(TIMER), one), ne(get(TIMER), constant(s.word, 0))),
          set(PENDING, 1, eq(get(TIMER), one)),
        ],
      },
    }),
    instructions: [...sound, ...changed.filter((c) => !sound.includes(c))],
    deprivilegings: [{
      name: 'supervisor to user',
      virtual: [[M, 0n]],
      real: [[M, 1n]],
      mapping: [L],
      control: [TIMER, PENDING, s.PRINTED, s.COUNT, s.KEYBOARD, s.TYPED, s.TAKEN, s.DISK, s.POSITION],
      invariant: [],
    }],
    leftOut: {},
    published: published[variant],
    ...(sizes === tiny ? {} : { shrunk: () => thirdGeneration(variant, tiny) }),
  })
}

export const thirdGenerationIsas: readonly Isa[] = variants.map((v) => thirdGeneration(v))
