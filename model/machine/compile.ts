// The compiled form of a machine: one generated JavaScript loop that fetches, decodes, executes and traps.
import { Emitter, isBig, type Naming } from '../ir/emit.ts'
import { any, extract, select, variable, type Bool, type Term } from '../ir/term.ts'
import { substitution } from '../ir/substitute.ts'
import { get, type Bank, type Component, type Register } from '../ir/state.ts'
import type { Instruction } from '../ir/instruction.ts'
import { execute, executeBody, type Outcome } from './execute.ts'
import { sequencingOf, type Isa } from './isa.ts'

/** State of a compiled machine: registers by index, banks as typed arrays; 64-bit arrays where cells exceed 32 bits. */
export interface CompiledState {
  readonly registers: Record<string, number | bigint>
  readonly banks: Record<string, Uint32Array | BigUint64Array>
}

/** Why a run stopped: 0 at its limit, 1 after a trap, 2 because the machine is halted. */
export type RunStop = 0 | 1 | 2
export interface CompiledMachine {
  readonly source: string
  readonly state: CompiledState
  /** Performs at most `limit` steps; with `untilTrap` stops after the first trap. */
  readonly run: (limit: number, untilTrap: boolean) => RunStop
  /** Steps performed by the last run, and the cause's code of its last trap (0 for none). */
  readonly last: { steps: number; cause: number }
}

export const freshState = (isa: Isa): CompiledState => ({
  registers: Object.fromEntries(registersOf(isa).map((r) => [r.name, isBig(r.width) ? 0n : 0])),
  banks: Object.fromEntries(isa.components.filter((c): c is Bank => c.kind === 'bank').map((b) =>
    [b.name, isBig(b.width) ? new BigUint64Array(b.cells) : new Uint32Array(b.cells)])),
})

const registersOf = (isa: Isa): Register[] => isa.components.filter((c: Component): c is Register => c.kind === 'register')
const local = (name: string): string => `r_${name.replace(/\W/g, '_')}`
const bankName = (name: string): string => `b_${name.replace(/\W/g, '_')}`

/** Generates and loads the machine's loop; the ISA must have a `sequencing`. */
export const compileMachine = (isa: Isa, state: CompiledState = freshState(isa)): CompiledMachine => {
  const source = machineSource(isa)
  const last = { steps: 0, cause: 0 }
  const run = new Function('state', 'last', source)(state, last) as CompiledMachine['run']
  return { source, state, run, last }
}

const machineSource = (isa: Isa): string => {
  const sequencing = sequencingOf(isa)
  const registers = registersOf(isa)
  const banks = isa.components.filter((c): c is Bank => c.kind === 'bank')
  const key = (name: string): string => JSON.stringify(name)
  const fetch = isa.relocation.develop(get(isa.counter), 'fetch')
  const fetched = select(isa.relocation.storage, fetch.real)
  const head = new Emitter(naming(), [fetch.fault, fetched])
  const faultText = head.truth(fetch.fault)
  const faultLines = head.take()
  const wordText = head.value(fetched)
  const interrupts = sequencing.interrupts.map(({ when, cause, also }) =>
    `if (${truth(when)}) {\n${commit(executeBody(isa, also)).join('\n')}\ncause = ${isa.causes[cause]}\n} else `)
  return [
    ...banks.map((b) => `const ${bankName(b.name)} = state.banks[${key(b.name)}]`),
    `const registers = state.registers`,
    `return (limit, untilTrap) => {`,
    ...registers.map((r) => `let ${local(r.name)} = registers[${key(r.name)}]`),
    `let steps = 0, stop = 0, lastCause = 0`,
    `while (steps < limit) {`,
    `if (${truth(sequencing.halted)}) { stop = 2; break }`,
    `let cause = 0, wrote = false`,
    `${interrupts.join('')}{`,
    ...faultLines,
    `if (${faultText}) cause = ${isa.causes[isa.memoryCauses[0]!]}`,
    `else {`,
    ...head.take(),
    `const word = ${wordText}`,
    decodeSource(isa, isa.instructions, fullMask(isa)),
    `}`,
    `}`,
    `steps++`,
    `if (cause !== 0) {`,
    `lastCause = cause`,
    ...commit(executeBody(isa, isa.trap(variable(causeVariable, isa.causeWidth)))),
    `if (untilTrap) { stop = 1; break }`,
    `} else if (!wrote) {`,
    ...commit(executeBody(isa, sequencing.tick)),
    `}`,
    `}`,
    ...registers.map((r) => `registers[${key(r.name)}] = ${local(r.name)}`),
    `last.steps = steps`,
    `last.cause = lastCause`,
    `return stop`,
    `}`,
  ].join('\n')
}

const causeVariable = 'the cause'
const operandsPrefix = 'operand '

const naming = (): Naming => ({
  variable: (name) => (name === causeVariable ? 'cause' : local(name)),
  cell: (memory, index) => `${bankName(memory.name)}[${isBig(memory.addressWidth) ? `Number(${index})` : index}]`,
})

const truth = (t: Bool): string => new Emitter(naming(), []).truth(t)
const fullMask = (isa: Isa): bigint => (1n << BigInt(isa.wordWidth)) - 1n

/** A switch on the bits that every candidate fixes; candidates that share them are told apart by their remaining bits. */
const decodeSource = (isa: Isa, candidates: readonly Instruction[], unused: bigint): string => {
  const undefinedWord = `cause = ${isa.causes[isa.sequencing!.undefinedCause]}`
  if (candidates.length === 0) return undefinedWord
  const common = candidates.reduce((mask, i) => mask & i.encoding.mask, unused)
  if (common === 0n) {
    const [first, ...rest] = candidates as [Instruction, ...Instruction[]]
    const own = first.encoding.mask & unused
    const body = instructionSource(isa, first)
    if (own === 0n) return body
    return `if (${masked(isa, own)} === ${literal(isa, first.encoding.match & own)}) ${body}\nelse { ${decodeSource(isa, rest, unused)} }`
  }
  const groups = new Map<bigint, Instruction[]>()
  for (const i of candidates) {
    const k = i.encoding.match & common
    groups.set(k, [...(groups.get(k) ?? []), i])
  }
  const cases = [...groups].map(([k, group]) => `case ${literal(isa, k)}: { ${decodeSource(isa, group, unused & ~common)} break }`)
  return `switch (${masked(isa, common)}) {\n${cases.join('\n')}\ndefault: ${undefinedWord}\n}`
}

const literal = (isa: Isa, value: bigint): string => (isBig(isa.wordWidth) ? `${value}n` : `${value}`)
const masked = (isa: Isa, mask: bigint): string => (isBig(isa.wordWidth) ? `(word & ${mask}n)` : `((word & ${Number(BigInt.asIntN(32, mask))}) >>> 0)`)

/** The operand fields cut out of the fetched word, as terms over a variable that stands for it. */
const withOperands = (isa: Isa, i: Instruction): (<W extends number>(t: Term<W>) => Term<W>) => {
  const word = variable('the word', isa.wordWidth)
  const fields = new Map<string, { high: number; low: number }>()
  let top = isa.wordWidth
  for (const [name, width] of Object.entries(i.encoding.format)) {
    fields.set(operandsPrefix + name, { high: top - 1, low: top - width })
    top -= width
  }
  return substitution({
    variable: (name) => {
      const f = fields.get(name)
      return f && extract(word, f.high, f.low)
    },
  })
}

const instructionSource = (isa: Isa, i: Instruction): string => {
  const cut = withOperands(isa, i)
  const outcome = mapOutcome(execute(isa, i), cut)
  const clock = new Set(isa.sequencing!.clock.map((r) => r.name))
  const wrote = any([...outcome.written].filter(([name]) => clock.has(name)).map(([, when]) => when))
  const e = emitterFor(outcome, [wrote])
  const lines: string[] = []
  const traps = outcome.traps.map((t) => {
    const when = e.truth(t.when)
    return { lines: e.take(), text: `if (${when}) cause = ${isa.causes[t.cause]}` }
  })
  traps.forEach((t) => lines.push(...t.lines, `${t.text}\nelse {`))
  const wroteText = e.truth(wrote)
  lines.push(...e.take(), ...(wroteText === 'false' ? [] : [`wrote = ${wroteText}`]), ...commitWith(e, outcome))
  return `{\n${lines.join('\n')}\n${'}'.repeat(traps.length)}\n}`
}

const mapOutcome = (o: Outcome, f: <W extends number>(t: Term<W>) => Term<W>): Outcome => ({
  traps: o.traps.map((t) => ({ cause: t.cause, when: f(t.when) })),
  trapped: f(o.trapped),
  memoryTrapped: f(o.memoryTrapped),
  registers: new Map([...o.registers].map(([n, t]) => [n, f(t)])),
  banks: new Map([...o.banks].map(([n, ws]) => [n, ws.map((w) => ({ index: f(w.index), value: f(w.value), when: f(w.when) }))])),
  written: new Map([...o.written].map(([n, t]) => [n, f(t)])),
})

const rootsOf = (o: Outcome): Term[] => [
  ...o.traps.map((t) => t.when), ...o.registers.values(), ...[...o.banks.values()].flat().flatMap((w) => [w.index, w.value, w.when]),
]

const emitterFor = (o: Outcome, more: readonly Term[]): Emitter => new Emitter(wordNaming, [...rootsOf(o), ...more])
const wordNaming: Naming = { ...naming(), variable: (name, w) => (name === 'the word' ? 'word' : naming().variable(name, w)) }

const commit = (o: Outcome): string[] => commitWith(emitterFor(o, []), o)

/** All new values are read before the first is written. */
const commitWith = (e: Emitter, o: Outcome): string[] => {
  const writes: string[] = []
  for (const [name, value] of o.registers) {
    if (value.kind === 'var' && value.name === name) continue
    writes.push(`${local(name)} = ${e.keep(value)}`)
  }
  for (const [name, list] of o.banks)
    for (const w of list) {
      const big = isBig(w.index.width) ? `Number(${e.keep(w.index)})` : e.keep(w.index)
      const value = e.keep(w.value)
      e.keep(w.when)
      const when = e.truth(w.when)
      writes.push(`${when === 'true' ? '' : `if (${when}) `}${bankName(name)}[${big}] = ${value}`)
    }
  return [...e.take(), ...writes]
}
