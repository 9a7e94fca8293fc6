// The code of a compiled machine's fetch, instructions and traps: small parts are written into the loop, others are functions.
import { add, any, constant, extract, operandsOf, select, variable, type Bool, type NamedFunction, type Term } from '../ir/term.ts'
import { get } from '../ir/state.ts'
import { substitution } from '../ir/substitute.ts'
import type { Instruction } from '../ir/instruction.ts'
import type { Code } from '../ir/wasm-encode.ts'
import { baseAndOffset } from '../ir/wasm-neighbours.ts'
import { TermCode, valueType } from '../ir/wasm-terms.ts'
import { execute, executeBody, type Outcome } from './execute.ts'
import type { Counter, Isa, Sequencing } from './isa.ts'
import { mapOutcome, rewriting, type Rewrite } from './wasm-fold.ts'
import { loadOf } from './wasm-layout.ts'
import { answeredOutcome, isDefined, type AnsweredOutcome } from './wasm-pages.ts'
import { causeOf, fieldOfWord, pushPlace, reachedLocal, theWord, trapLocal, valueOf, writeOutcome, type Afterwards, type Reached } from './wasm-outcome.ts'
import type { Remembered } from './wasm-remember.ts'
import { sizes, type Local, type Size, type Unit } from './wasm-unit.ts'

/** How a function ended: time goes on as after any instruction; it has done what comes after; or with a trap. */
export const Ended = { plainly: 0, done: 1, trapped: 2 } as const

export interface Parts {
  readonly unit: Unit
  readonly isa: Isa
  readonly sequencing: Sequencing
  readonly remembered: Remembered | undefined
}

/** An outcome and further terms, with what an answer makes of them. */
interface Planned {
  readonly outcome: Outcome
  readonly more: readonly Term[]
  readonly answered: AnsweredOutcome | undefined
}
/** What is done in spite of a trap is worked out without answers. */
const plan = ({ isa, remembered }: Parts, outcome: Outcome, more: readonly Term[]): Planned => {
  const answered = remembered && !outcome.traps.some((t) => t.also) ? answeredOutcome(outcome, more, isa.relocation.storage.addressWidth) : undefined
  if (answered) remembered!.prepare(answered.answer.question)
  return { outcome, more, answered }
}

/**
 * Writes `use` for the answered outcome, where there is one and the page's answer is at hand; it must leave by a jump. What
 * follows is for all other cases.
 */
const withAnswer = ({ unit, remembered }: Parts, code: Code, planned: Planned, local: Local, use: (outcome: Outcome, more: readonly Term[], local: Local, reached: Reached, otherwise: number) => void): void => {
  if (!planned.answered) return
  const { answer, outcome, more } = planned.answered
  const address = code.local('i64')
  const otherwise = code.block().label
  new TermCode(code, unit.state(local), [answer.asked]).push(answer.asked)
  if (answer.asked.width <= 32) code.op('i64.extend_i32_u')
  code.set(address)
  const found = remembered!.lookUp(code, answer.question, address, answer.reach, otherwise)
  const reached: Reached = { answer, remembered: remembered!, address, ...found }
  use(outcome, more, reachedLocal(unit, code, reached, local), reached, otherwise)
  code.op('end')
}

/** What comes after a completed instruction, or after a trap: time, and the counters. */
const afterwards = (parts: Parts, code: Code, outcome: Outcome, kinds: readonly Counter['at'][], ticks: boolean): Afterwards => {
  const { unit, isa, sequencing: { clock, tick, counters = [] } } = parts
  const own = counters.filter((c) => kinds.includes(c.at))
  const written = (name: string): Bool => outcome.written.get(name) ?? constant(1, 0)
  const wrote = any(clock.map((r) => written(r.name)))
  return {
    before: [wrote, ...own.map((c) => c.when), ...own.map((c) => written(c.register.name))],
    write: (locals) => {
      if (ticks && tick.length) {
        code.get(locals[0]!).op('i32.eqz').if()
        writeOutcome(unit, isa, code, executeBody(isa, tick), {}, () => code.op('unreachable'))
        code.op('end')
      }
      own.forEach(({ register, by = 1 }, n) => {
        const type = valueType(register.width), next = code.local(type), sum = add<number>(get(register), constant<number>(register.width, by))
        code.get(locals[1 + n]!).get(locals[1 + own.length + n]!).op('i32.eqz', 'i32.and').if()
        new TermCode(code, unit.state(), [sum]).push(sum)
        code.set(next)
        unit.storeRegister(code, register.name, next)
        code.op('end')
      })
    },
  }
}
/** After an instruction that writes nothing that time or counters depend on. */
export const writePlainAfterwards = (parts: Parts, code: Code): void => {
  const nothing: Outcome = executeBody(parts.isa, [])
  const after = afterwards(parts, code, nothing, ['completion', 'step'], true)
  const terms = new TermCode(code, parts.unit.state(), after.before)
  after.write(after.before.map((t) => terms.keep(t)))
}

/** Whether an outcome writes something that what comes after depends on. */
const isSpecial = ({ sequencing: { clock, counters = [] } }: Parts, outcome: Outcome): boolean => {
  const names = new Set([...clock.map((r) => r.name), ...counters.map((c) => c.register.name)])
  for (const c of counters) for (const name of variablesOf(c.when)) names.add(name)
  return [...outcome.written.keys()].some((name) => names.has(name))
}
export const variablesOf = (...terms: readonly Term[]): string[] => {
  const names = new Set<string>(), seen = new Set<Term>()
  const visit = (t: Term): void => {
    if (seen.has(t)) return
    seen.add(t)
    if (t.kind === 'var') names.add(t.name)
    for (const o of operands(t)) visit(o)
  }
  const operands = (t: Term): readonly Term[] =>
    t.kind === 'apply' && isDefined(t) && t.function.meaning.kind === 'defined' ? [...t.operands, t.function.meaning.body] : operandsOf(t)
  terms.forEach(visit)
  return [...names]
}

/**
 * One instruction as a function of the fetched word; where an answer may be at hand, what it is otherwise is another function.
 * Written into the loop they would make it so large that it is compiled badly: a call costs less.
 */
export const instructionFunction = (parts: Parts, i: Instruction): number => {
  const { unit, isa } = parts
  const cut = substitution({ variable: fieldOfWord(isa, i.encoding.format) })
  const planned = plan(parts, mapOutcome(execute(isa, i), cut), []), special = isSpecial(parts, planned.outcome)
  const wordType = valueType(isa.wordWidth)
  const local = (code: Code): Local => ({ variable: (name) => (name === theWord ? () => code.get(0) : undefined) })
  const write = (code: Code, outcome: Outcome, names: Local, reached?: Reached): void => {
    const after = special ? afterwards(parts, code, outcome, ['completion', 'step'], true) : undefined
    writeOutcome(unit, isa, code, outcome, names, () => code.constant('i32', Ended.trapped).op('return'), after, reached)
    code.constant('i32', special ? Ended.done : Ended.plainly).op('return')
  }
  const general = unit.later([wordType], ['i32'], (code) => { write(code, planned.outcome, local(code)); code.op('unreachable') })
  if (!planned.answered) return general
  return unit.later([wordType], ['i32'], (code) => {
    withAnswer(parts, code, planned, local(code), (outcome, _, names, reached) => write(code, outcome, names, reached))
    code.get(0).call(general)
  })
}

const theCells = 'the cells'
/** All cells of RAM that an answered access reaches, in one local; goes on elsewhere where they are not RAM. */
const readAtOnce = ({ unit, remembered }: Parts, code: Code, reached: Reached, otherwise: number): { readonly local: number, readonly rewrite: Rewrite } | undefined => {
  const { reach, real } = reached.answer
  if (!sizes.includes(reach as Size)) return undefined
  const width = 8 * reach, cells = variable<number>(theCells, width), local = code.local(valueType(width))
  remembered!.isByFunction(code, reached.addend).brIfTo(otherwise)
  pushPlace(code, reached).access(loadOf(reach, width), unit.layout.ram!.at).set(local)
  return {
    local,
    rewrite: rewriting((t) => {
      const { base, offset } = baseAndOffset(t.kind === 'select' ? t.address : t), k = 8 * Number(offset)
      return t.kind === 'select' && base === real && k < width ? extract(cells, k + 7, k) : undefined
    }),
  }
}

/** The fetch, into the local `word`; jumps to `trapped` where it faults. */
export const fetchCode = (parts: Parts): (code: Code, word: number, trapped: number) => void => {
  const { unit, isa, sequencing } = parts, type = valueType(isa.wordWidth)
  const develop = (): { readonly outcome: Outcome, readonly word: Term } => {
    if (sequencing.fetch) {
      const { faults, also, word } = sequencing.fetch
      return { outcome: executeBody(isa, [...faults, ...also]), word }
    }
    const { fault, real } = isa.relocation.develop(get(isa.counter), 'fetch')
    return { outcome: executeBody(isa, [{ kind: 'trap', when: fault, cause: isa.memoryCauses[0]! }]), word: select(isa.relocation.storage, real) }
  }
  const { outcome, word: fetched } = develop()
  const planned = plan(parts, outcome, [fetched])
  const write = (code: Code, o: Outcome, w: Term, names: Local, trapped: () => void, keep: (local: number) => void, reached?: Reached): void =>
    writeOutcome(unit, isa, code, o, names, trapped, { before: [w], write: ([local]) => keep(local!) }, reached)
  if (!planned.answered) return (code, word, trapped) => write(code, outcome, fetched, {}, () => code.brTo(trapped), (local) => code.get(local).set(word))
  const apart = unit.later([], ['i32'], (code) => {
    const trap = (): void => { code.constant('i32', Ended.trapped).op('return') }
    write(code, outcome, fetched, {}, trap, (local) => code.constant('i32', 0).get(local).access(`${type}.store`, unit.layout.word))
    code.constant('i32', Ended.plainly)
  })
  return (code, word, trapped) => {
    const fetchedHere = code.block().label
    withAnswer(parts, code, planned, {}, (o, [w], names, reached, otherwise) => {
      const at = readAtOnce(parts, code, reached, otherwise), cells = (name: string): (() => void) | undefined => (at && name === theCells ? () => code.get(at.local) : names.variable?.(name))
      const whole = at?.rewrite ?? ((t: Term): Term => t)
      write(code, mapOutcome(o, whole), whole(w!), { ...names, variable: cells }, () => code.brTo(trapped), (local) => code.get(local).set(word), reached)
      code.brTo(fetchedHere)
    })
    code.call(apart).brIfTo(trapped).constant('i32', 0).access(`${type}.load`, unit.layout.word).set(word).op('end')
  }
}

/** What a trap of the stored cause and value does, and the counters that go up all the same. */
export const trapFunction = (parts: Parts, counters: readonly Counter['at'][]): number => {
  const { unit, isa } = parts
  const outcome = executeBody(isa, isa.trap(causeOf(isa), valueOf(isa)))
  return unit.later([], [], (code) =>
    writeOutcome(unit, isa, code, outcome, trapLocal(unit, isa, code), () => code.op('unreachable'), afterwards(parts, code, outcome, counters, false)))
}

/** The number of the first instruction that the word is, their count where it is none. */
export const decodeFunction = ({ unit, isa }: Parts): number => {
  const type = valueType(isa.wordWidth)
  return unit.later([type], ['i32'], (code) => {
    for (const [n, { encoding: { mask, match } }] of isa.instructions.entries())
      code.get(0).constant(type, mask).op(`${type}.and`).constant(type, match).op(`${type}.eq`).if().constant('i32', n).op('return', 'end')
    code.constant('i32', isa.instructions.length)
  })
}

/** Computed functions that the machine's terms apply. */
export const computedIn = (roots: readonly Term[]): NamedFunction[] => {
  const found = new Set<NamedFunction>(), seen = new Set<Term>()
  const visit = (t: Term): void => {
    if (seen.has(t)) return
    seen.add(t)
    operandsOf(t).forEach(visit)
    if (t.kind !== 'apply') return
    if (t.function.meaning.kind === 'computed') found.add(t.function)
    else visit(t.function.meaning.body)
  }
  roots.forEach(visit)
  return [...found]
}
