// The enumerate decider: every state of a shrunk machine, by a generated loop nest over the bits that the claim reads.
import { Emitter, type Naming } from '../../model/ir/emit.ts'
import { constant, eq, ite, operandsOf, postorder, variable, type Bool, type Memory, type Term } from '../../model/ir/term.ts'
import { substitution } from '../../model/ir/substitute.ts'
import type { Valuation } from '../../model/ir/stage.ts'
import { assignment } from './assignment.ts'

export interface Enumeration {
  /** States of the variables and cells that the formula reads; the others cannot matter. */
  readonly states: bigint
  readonly premise: bigint
  readonly sought: bigint
  readonly first?: Valuation
}

/** Counts the states that meet the premise, and those that also meet the formula sought; undefined when there are more than 2^bits. */
export const enumerate = (premise: Bool, sought: Bool, bits = 24): Enumeration | undefined => {
  const cellNames = new Map<string, { bank: string; address: bigint }>()
  const asVariables = substitution({ cell: (memory, index) => cellsAsIte(memory, index, cellNames) })
  if (tooWide([premise, sought])) return undefined
  const [p, s] = [asVariables(premise), asVariables(sought)]
  const variables = postorder([p, s]).filter((t): t is Term & { kind: 'var' } => t.kind === 'var')
  const total = variables.reduce((n, v) => n + v.width, 0)
  if (total > bits) return undefined
  const order = [...variables].sort((a, b) => a.width - b.width)
  const found = runNest(order, p, s)
  if (!found.example) return { states: 1n << BigInt(total), premise: found.premise, sought: found.sought }
  const values = order.map((v, i) => [v.name, BigInt(found.example![i]!)] as const)
  const plain = values.filter(([name]) => !cellNames.has(name))
  const cells = values.flatMap(([name, value]) => {
    const c = cellNames.get(name)
    return c ? [[c.bank, c.address, value] as const] : []
  })
  return { states: 1n << BigInt(total), premise: found.premise, sought: found.sought, first: assignment(plain, cells) }
}

const tooWide = (terms: readonly Term[]): boolean =>
  postorder(terms).some((t) => (t.kind === 'select' && t.memory.addressWidth > 3 && t.address.kind !== 'const') || (t.kind === 'var' && t.width > 24))

/** A cell as a choice between one variable per cell. */
const cellsAsIte = (memory: Memory, index: Term, names: Map<string, { bank: string; address: bigint }>): Term => {
  const cellVariable = (address: bigint): Term => {
    const name = `${memory.name}[${address}]`
    names.set(name, { bank: memory.name, address })
    return variable(name, memory.width)
  }
  if (index.kind === 'const') return cellVariable(index.value)
  let value = cellVariable(0n)
  for (let a = 1n; a < 1n << BigInt(memory.addressWidth); a++) value = ite(eq(index, constant(index.width, a)), cellVariable(a), value)
  return value
}

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

const conjuncts = (t: Bool): Bool[] => (t.kind === 'binary' && t.op === 'and' ? [...conjuncts(t.a as Bool), ...conjuncts(t.b as Bool)] : [t])
