// Cells at neighbouring addresses, which one access can read or write together.
import type { Memory, Term } from './term.ts'

/** An address as a base and what is added to it. */
export const baseAndOffset = (t: Term): { readonly base: Term, readonly offset: bigint } =>
  t.kind === 'binary' && t.op === 'add' && t.b.kind === 'const' ? { base: t.a, offset: t.b.value } : { base: t, offset: 0n }

/** Cells at consecutive addresses, the lowest in the low bits. */
export const neighbours = (t: Term): { readonly memory: Memory, readonly base: Term, readonly offset: bigint, readonly count: number } | undefined => {
  const parts: Term[] = []
  const flatten = (p: Term): void => {
    if (p.kind === 'concat') { flatten(p.a); flatten(p.b) } else parts.push(p)
  }
  flatten(t)
  const last = parts.at(-1)!
  if (last.kind !== 'select' || parts.length === 1) return undefined
  const { base, offset } = baseAndOffset(last.address)
  const consecutive = parts.toReversed().every((p, n) => {
    if (p.kind !== 'select' || p.memory !== last.memory) return false
    const at = baseAndOffset(p.address)
    return at.base === base && at.offset === BigInt.asUintN(base.width, offset + BigInt(n))
  })
  return consecutive ? { memory: last.memory, base, offset, count: parts.length } : undefined
}
