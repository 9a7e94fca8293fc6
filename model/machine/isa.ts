// What an ISA is: state, address development, trap, instructions, deprivilegings and published claims, checked when built.
import type { Bank, Component, Place, Register } from '../ir/state.ts'
import type { Instruction, Statement, TrapStatement } from '../ir/instruction.ts'
import type { Bool, Term } from '../ir/term.ts'

export type Access = 'fetch' | 'read' | 'write'

/** The relocation mechanism R: how a program's address becomes a real one. */
export interface Relocation {
  readonly storage: Bank
  /** Width of a program's address in bits. */
  readonly addressWidth: number
  /** Where `fault` is 1 the reference memory-traps; `real` has the storage's address width. */
  readonly develop: (address: Term, access: Access) => { readonly fault: Bool; readonly real: Term }
  /** The program's address of a real cell, where the mapping in force reaches it: the inverse of `develop`. */
  readonly reaches: (real: Term) => { readonly mapped: Bool; readonly address: Term }
}

/**
 * How instructions follow one another: only the running machine needs it, the claims are about single instructions. A step
 * does the following, each part on the state that the one before has left:
 * 1. where `halted`, nothing;
 * 2. `begin`;
 * 3. the first interrupt whose `when` holds, as a trap, after its `also`;
 * 4. otherwise the fetch, which is a trap where a fault of it holds;
 * 5. otherwise the instruction that the word is, the first of `Isa.instructions` with its bits; a trap where none has them or
 *    where a guard holds;
 * 6. `tick`, unless a trap was taken or the instruction wrote one of `clock`; and of `counters` those that go up.
 * A trap is `Isa.trap` of the cause's code and of the value that goes with it; the counter still is that of the instruction.
 */
export interface Sequencing {
  /** Done first in a step that is not halted. */
  readonly begin?: readonly Statement[]
  readonly halted: Bool
  /** Taken before the fetch; `also` is done besides the trap. */
  readonly interrupts: readonly { readonly when: Bool; readonly cause: string; readonly also: readonly Statement[] }[]
  /** Cause of a word that no encoding matches. */
  readonly undefinedCause: string
  /** What time does after a completed instruction that wrote none of `clock`. */
  readonly clock: readonly Register[]
  readonly tick: readonly Statement[]
  /** How the word of an instruction is fetched; otherwise it is the cell of storage that the counter develops to. */
  readonly fetch?: Fetch
  /** The value that goes with the trap of a word that no encoding matches. */
  readonly undefinedValue?: (word: Term) => Term
  readonly counters?: readonly Counter[]
}

/** A fetch that can fault in more ways than one. */
export interface Fetch {
  /** The first one that holds is taken. */
  readonly faults: readonly TrapStatement[]
  /** `wordWidth` bits; where an instruction is shorter, the bits that its encoding does not look at mean nothing. */
  readonly word: Term
  /** Done when no fault holds, before the instruction. */
  readonly also: readonly Statement[]
}

/** A register that goes up where `when` holds before the step, unless the instruction writes it. */
export interface Counter {
  readonly register: Register
  readonly when: Bool
  /** How far; 1 where it is absent. */
  readonly by?: number
  /** With every completed instruction, or with every step that takes no interrupt: also where the instruction or its fetch traps. */
  readonly at: 'completion' | 'step'
}

/** One named part of the invariant H that a VMM keeps on the real machine. */
export interface Conjunct {
  readonly name: string
  readonly holds: Bool
  readonly why: string
}

/** What a VMM would do to this ISA: the mode a guest believes in, the mode it runs in, and what else differs. */
export interface Deprivileging {
  readonly name: string
  /** The mode s of the virtual machine and the mode u it really runs in, as values of the mode components. */
  readonly virtual: readonly (readonly [Register, bigint])[]
  readonly real: readonly (readonly [Register, bigint])[]
  /** Mapping components that differ between the virtual and the real machine: location sensitivity. */
  readonly mapping: readonly Register[]
  /** Control components that differ: control-state sensitivity. */
  readonly control: readonly Component[]
  readonly invariant: readonly Conjunct[]
  /** Where the mode selects the mapping (W20): the condition under which both modes have the same mapping in force. */
  readonly sameMapping?: Conjunct
}

/** What someone has published about the ISA; kept apart from what popek finds. */
export interface PublishedClaim {
  readonly claim: string
  readonly source: string
  /** Name of the deprivileging that it is about; the ISA's first one otherwise. */
  readonly deprivileging?: string
  readonly about:
    | { readonly theorem: 'vmm' | 'hybrid' | 'recursive'; readonly applies: boolean }
    /** An instruction, or a mnemonic for all its forms. */
    | { readonly instruction: string; readonly property: string; readonly holds: boolean }
    | { readonly critical: readonly string[]; readonly exactly: boolean }
}

export interface Isa {
  readonly name: string
  readonly title: string
  readonly source: string
  /** Width of an instruction word in bits; of the longest one where lengths vary. */
  readonly wordWidth: number
  /** Instructions may be shorter than the word; encodings are compared from the most significant bit. */
  readonly variableLength?: boolean
  /** Of instructions with a word in common the first is meant; it must fix more bits. Otherwise none may have one in common. */
  readonly overlap?: 'the first'
  /** The sizes that make this ISA the one it is, for verdicts: `a = 12, q = 4080`. */
  readonly size: string
  readonly components: readonly Component[]
  readonly counter: Register
  readonly relocation: Relocation
  readonly causes: Readonly<Record<string, number>>
  /** The cause of a memory trap (W15: a page or protection fault counts). */
  readonly memoryCauses: readonly string[]
  /** Causes by which an instruction says that it leaves the model; every verdict excludes such states and says so. */
  readonly unmodelledCauses?: readonly string[]
  /** Components that stand for the processor itself, a resource by choice (W11). */
  readonly processor?: readonly Register[]
  /** What taking a trap does: the writes, given the cause's code and, where traps say more, the value that goes with it. */
  readonly trap: (cause: Term, value?: Term) => readonly Statement[]
  /** Width of the values that go with traps, in bits; where there are none, traps say their cause only. */
  readonly valueWidth?: number
  /** Width of a cause's code in bits. */
  readonly causeWidth: number
  readonly sequencing?: Sequencing
  readonly instructions: readonly Instruction[]
  readonly deprivilegings: readonly [Deprivileging, ...Deprivileging[]]
  /** What the manual leaves to the implementation: what is chosen here, where there are few the `others`, and a sentence on what there is to choose. */
  readonly choices?: Readonly<Record<string, { readonly chosen: string; readonly others?: readonly string[]; readonly about: string }>>
  /** What is not modelled, and why. */
  readonly leftOut: Readonly<Record<string, string>>
  /** Named assumptions that hold for every verdict about this model. */
  readonly assumptions?: readonly Conjunct[]
  readonly published: readonly PublishedClaim[]
  /** The same ISA with every size shrunk, so that all its states can be enumerated. */
  readonly shrunk?: () => Isa
}

/** How the ISA's instructions follow one another, for machines whose words have one length; throws where it does not say. */
export const sequencingOf = (isa: Isa): Sequencing => {
  if (!isa.sequencing || isa.variableLength)
    throw new Error(`${isa.name} does not say how its instructions of one length follow one another, so it cannot be run`)
  return isa.sequencing
}

/** Two encodings with a word in common, a register that was not declared, a name used twice. */
export class IsaError extends Error {
  override readonly name = 'IsaError'
}

/** Checks an ISA when its module loads; throws an IsaError that names the instructions at fault. */
export const defineIsa = (isa: Isa): Isa => {
  unique(isa.name, 'instruction', isa.instructions.map((i) => i.name))
  unique(isa.name, 'component', isa.components.map((c) => c.name))
  const declared = new Map(isa.components.map((c) => [c.name, c]))
  for (const { claim, deprivileging } of isa.published)
    if (deprivileging !== undefined && !isa.deprivilegings.some((d) => d.name === deprivileging))
      throw new IsaError(`${isa.name}: the published claim '${claim}' is about the deprivileging '${deprivileging}', which is not one of ${isa.deprivilegings.map((d) => d.name).join(', ')}`)
  for (const i of isa.instructions) {
    if (isa.variableLength ? i.encoding.width > isa.wordWidth : i.encoding.width !== isa.wordWidth)
      throw new IsaError(`${isa.name}: the encoding of ${i.name} has ${i.encoding.width} bits, a word has ${isa.wordWidth}`)
    for (const s of i.body) {
      if (s.kind === 'set' && !declared.has(componentOf(s.place))) throw new IsaError(`${isa.name}: ${i.name} writes ${componentOf(s.place)}, which is not a declared component`)
      if (s.kind === 'trap' && !(s.cause in isa.causes)) throw new IsaError(`${isa.name}: ${i.name} traps with the cause '${s.cause}', which is not one of ${Object.keys(isa.causes).join(', ')}`)
    }
  }
  for (const [i, a] of isa.instructions.entries())
    for (const b of isa.instructions.slice(i + 1)) refuseOverlap(isa, a, b)
  return isa
}

const componentOf = (p: Place): string => (p.kind === 'register' ? p.name : p.kind === 'field' ? p.register.name : p.bank.name)

const refuseOverlap = (isa: Isa, a: Instruction, b: Instruction): void => {
  const [x, y] = [atTop(isa, a), atTop(isa, b)]
  if (((x.match ^ y.match) & x.mask & y.mask) !== 0n) return
  if (isa.overlap === 'the first' && x.mask !== y.mask && (x.mask & y.mask) === y.mask) return
  const word = (x.match | y.match).toString(16).padStart(Math.ceil(isa.wordWidth / 4), '0')
  throw new IsaError(`${isa.name}: the encodings of ${a.name} and ${b.name} overlap: both match the word ${word}`)
}

const atTop = (isa: Isa, { encoding: e }: Instruction): { mask: bigint; match: bigint } => {
  const shift = BigInt(isa.wordWidth - e.width)
  return { mask: e.mask << shift, match: e.match << shift }
}

const unique = (isa: string, what: string, names: readonly string[]): void => {
  const twice = names.find((n, i) => names.indexOf(n) !== i)
  if (twice !== undefined) throw new IsaError(`${isa}: two ${what}s are named ${twice}`)
}
