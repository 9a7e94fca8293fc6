// The enumerate decider: every state of a shrunk machine, by a generated loop nest over the bits that the claim reads.
import { Emitter, type Naming } from '../../model/ir/emit.ts'
import { conjuncts, all, and, eq, implies, operandsOf, postorder, variable, type Bool, type Memory, type Term } from '../../model/ir/term.ts'
import { substitution } from '../../model/ir/substitute.ts'
import { evaluate, type Valuation } from '../../model/ir/stage.ts'
import { assignment } from './assignment.ts'

export interface Enumeration {
  /** States of the variables and cells that the formula reads; the others cannot matter. */
  readonly states: bigint
  readonly premise: bigint
  readonly sought: bigint
  readonly first?: Valuation
}

/** A cell that the formula reads: a variable for its content, at an address that is itself a term. */
interface Read {
  readonly memory: Memory
  readonly address: Term
  readonly content: Term & { readonly kind: 'var' }
}

/** Counts the states that meet the premise, and those that also meet the formula sought; undefined when there are more than 2^bits. */
export const enumerate = (premise: Bool, sought: Bool, bits = 28): Enumeration | undefined => {
  const reads: Read[] = []
  const withReads = substitution({ cell: (memory, address) => contentOf(memory, address, reads) })
  const [p, s] = [withReads(premise), withReads(sought)]
  // Reads at equal addresses have equal contents; which addresses are equal is part of the state.
  const constrained = and(congruence(reads), p)
  const variables = postorder([constrained, s]).filter((t): t is Term & { kind: 'var' } => t.kind === 'var')
  const total = variables.reduce((n, v) => n + v.width, 0)
  if (total > bits) return undefined
  const order = [...variables].sort((a, b) => a.width - b.width)
  const found = runNest(order, constrained, and(constrained, s))
  const counts = { states: 1n << BigInt(total), premise: found.premise, sought: found.sought }
  if (!found.example) return counts
  const values = assignment(order.map((v, i) => [v.name, BigInt(found.example![i]!)] as const), [])
  const contents = new Set(reads.map((r) => r.content.name))
  const plain = order.filter((v) => !contents.has(v.name)).map((v) => [v.name, values.variable(v.name, v.width)] as const)
  const cells = reads.map((r) => [r.memory.name, evaluate(r.address, values), values.variable(r.content.name, r.content.width)] as const)
  return { ...counts, first: assignment(plain, cells) }
}

const contentOf = (memory: Memory, address: Term, reads: Read[]): Term => {
  const known = reads.find((r) => r.memory.name === memory.name && r.address === address)
  if (known) return known.content
  const content = variable(`${memory.name}[read ${reads.length}]`, memory.width) as Term & { kind: 'var' }
  reads.push({ memory, address, content })
  return content
}

const congruence = (reads: readonly Read[]): Bool =>
  all(reads.flatMap((a, i) => reads.slice(0, i).filter((b) => b.memory.name === a.memory.name)
    .map((b) => implies(eq(a.address, b.address), eq<number>(a.content, b.content)))))

interface Found {
  premise: bigint
  sought: bigint
  example: number[] | undefined
}

/** One loop per variable; each shared term is computed in the outermost loop that knows its variables, each part of the premise tested there. */
const runNest = (order: readonly (Term & { kind: 'var' })[], premise: Bool, sought: Bool): Found => {
  const level = new Map<Term, number>()
  const depth = new Map(order.map((v, i) => [v.name, i + 1]))
  for (const t of postorder([premise, sought])) level.set(t, t.kind === 'var' ? depth.get(t.name)! : Math.max(0, ...operandsOf(t).map((o) => level.get(o)!)))
  const naming: Naming = { variable: (name) => `v${depth.get(name)!}`, cell: () => { throw new Error('cells were replaced') } }
  const e = new Emitter(naming, [premise, sought])
  const parts = conjuncts(premise)
  const text: string[] = ['let premise = 0, sought = 0, example']
  const shared = postorder([premise, sought]).filter((t) => t.kind !== 'const' && t.kind !== 'var' && t.width > 0)
  for (let l = 0; l <= order.length; l++) {
    if (l > 0) text.push(`for (let v${l} = 0; v${l} < ${2 ** order[l - 1]!.width}; v${l}++) {`)
    for (const t of shared.filter((t) => level.get(t) === l && l < order.length)) e.keep(t)
    text.push(...e.take())
    for (const part of parts.filter((c) => level.get(c) === l)) {
      const holds = e.truth(part)
      text.push(...e.take(), `if (!(${holds})) ${l === 0 ? 'return { premise, sought, example }' : 'continue'}`)
    }
  }
  const yes = e.truth(sought)
  text.push('premise++', ...e.take(), `if (${yes}) { sought++; example ??= [${order.map((_, i) => `v${i + 1}`).join(', ')}] }`)
  text.push('}'.repeat(order.length), 'return { premise, sought, example }')
  const { premise: p, sought: s, example } = new Function(text.join('\n'))() as { premise: number; sought: number; example?: number[] }
  return { premise: BigInt(p), sought: BigInt(s), example }
}
