// The loop of a compiled machine: one step after another, until the limit, a halt, or a trap on request.
import type { Code } from '../ir/wasm-encode.ts'
import { TermCode, valueType } from '../ir/wasm-terms.ts'
import { postorder, variable, type Term } from '../ir/term.ts'
import { executeBody } from './execute.ts'
import { theWord, writeCause, writeOutcome } from './wasm-outcome.ts'
import { Ended, fetchCode, decodeFunction, instructionFunction, trapFunction, variablesOf, writePlainAfterwards, type Parts } from './wasm-instruction.ts'
import { decodeEntries } from './wasm-layout.ts'
import { Attention } from './wasm-unit.ts'

/** How a run ended. */
export const Stopped = { limit: 0, trapped: 1, halted: 2 } as const

const entryBytes = 16
/** Spreads words over the decode cache: the golden ratio's bits. */
const spread = 0x9e3779b1

/** Makes the function `run`, of a limit of steps and of whether to stop after a trap; everything that it calls is made too. */
export const makeLoop = (parts: Parts): void => {
  const { unit, isa, sequencing } = parts
  const fetch = fetchCode(parts), decode = decodeFunction(parts)
  const trap = trapFunction(parts, ['step']), interrupt = trapFunction(parts, [])
  const instructions = isa.instructions.map((i) => instructionFunction(parts, i))
  const watch = (terms: readonly Term[], attention: number): boolean => {
    for (const name of variablesOf(...terms)) unit.watched.set(name, (unit.watched.get(name) ?? 0) | attention)
    return postorder(terms).some((t) => t.kind === 'select' || t.kind === 'apply')
  }
  const unwatched = [watch([sequencing.halted], Attention.halted), watch(sequencing.interrupts.map((i) => i.when), Attention.interrupts)]
  parts.remembered?.watch()
  const begun = executeBody(isa, sequencing.begin ?? []), counting = variablesOf(...(sequencing.counters ?? []).map((c) => c.when))
  // A beginning that puts constants in registers need not be repeated before one of them is written.
  const repeatable = begun.banks.size === 0 && [...begun.registers.values()].every((t) => t.kind === 'const')
  for (const name of begun.registers.keys()) unit.watched.set(name, (unit.watched.get(name) ?? 0) | Attention.halted)
  const always = unwatched.includes(true) || !repeatable
  const early = counting.find((name) => begun.registers.has(name))
  if (early !== undefined) throw new Error(`${isa.name}: a step begins with a write to ${early}, by which counters are counted as it was before`)
  unit.later(['i32', 'i32'], ['i32'], (code) => {
    const { layout } = unit, wordType = valueType(isa.wordWidth)
    const [limit, untilTrap] = [0, 1], steps = code.local('i32'), word = code.local(wordType), entry = code.local('i32'), how = code.local('i32')
    const stop = (why: number): Code => code.constant('i32', 0).get(steps).access('i32.store', layout.steps).constant('i32', why).op('return')
    code.constant('i32', 0).constant('i32', 0).access('i32.store', layout.lastCause)
    const next = code.loop().label
    code.get(steps).get(limit).op('i32.ge_u').if()
    stop(Stopped.limit).op('end')
    const counted = code.block().label, interrupted = code.block().label, trapped = code.block().label, done = code.block().label
    code.block()
    const keepOnly = (bits: number): Code => code.getGlobal(unit.attention).constant('i32', bits).op('i32.and').setGlobal(unit.attention)
    const recall = (): void => {
      if (parts.remembered) code.getGlobal(unit.attention).constant('i32', Attention.context).op('i32.and').if().call(parts.remembered.recall).op('end')
    }
    code.getGlobal(unit.attention)
    if (always) code.constant('i32', 1).op('i32.or')
    code.if()
    recall()
    new TermCode(code, unit.state(), [sequencing.halted]).push(sequencing.halted)
    code.if()
    stop(Stopped.halted).op('end')
    keepOnly(Attention.interrupts)
    if (sequencing.begin?.length) writeOutcome(unit, isa, code, begun, {}, () => code.op('unreachable'))
    for (const { when, cause, also } of sequencing.interrupts) {
      new TermCode(code, unit.state(), [when]).push(when)
      code.if()
      writeOutcome(unit, isa, code, executeBody(isa, also), {}, () => code.op('unreachable'))
      writeCause(unit, isa, code, cause)
      code.brTo(interrupted).op('end')
    }
    recall()
    keepOnly(Attention.halted)
    code.op('end')
    fetch(code, word, trapped)
    code.constant('i32', 0).get(word).access(`${wordType}.store`, layout.word).get(word)
    if (wordType === 'i64') code.op('i32.wrap_i64')
    code.constant('i32', spread).op('i32.mul').constant('i32', 32 - Math.log2(decodeEntries)).op('i32.shr_u').constant('i32', Math.log2(entryBytes)).op('i32.shl').tee(entry)
    code.access(`${wordType}.load`, layout.decoded).get(word).op(`${wordType}.ne`)
    code.get(entry).access('i32.load', layout.decoded + 8).op('i32.eqz', 'i32.or').if()
    code.get(entry).get(word).access(`${wordType}.store`, layout.decoded)
    code.get(entry).get(word).call(decode).constant('i32', 1).op('i32.add').access('i32.store', layout.decoded + 8).op('end')
    // Innermost the branch, then a block for each instruction, one for words that are none, and one around them all.
    code.block()
    for (let n = 0; n <= instructions.length; n++) code.block()
    code.get(entry).access('i32.load', layout.decoded + 8).constant('i32', 1).op('i32.sub')
    code.brTable(instructions.map((_, n) => n), instructions.length)
    const called = instructions.length
    for (const [n, index] of instructions.entries()) code.op('end').get(word).call(index).set(how).br(called - n)
    code.op('end')
    const value = sequencing.undefinedValue?.(variable<number>(theWord, isa.wordWidth))
    writeCause(unit, isa, code, sequencing.undefinedCause, value && (() => {
      new TermCode(code, unit.state({ variable: (name) => (name === theWord ? () => code.get(word) : undefined) }), [value]).push(value)
    }), value?.width)
    code.brTo(trapped).op('end')
    code.get(how).constant('i32', Ended.trapped).op('i32.eq').brIfTo(trapped).get(how).brIfTo(done).op('end')
    writePlainAfterwards(parts, code)
    code.op('end')
    code.get(steps).constant('i32', 1).op('i32.add').set(steps).brTo(next).op('end')
    code.call(trap).brTo(counted).op('end').call(interrupt).op('end').get(steps).constant('i32', 1).op('i32.add').set(steps)
    code.constant('i32', 0).constant('i32', 0).access('i32.load', layout.cause).access('i32.store', layout.lastCause)
    code.get(untilTrap).if()
    stop(Stopped.trapped).op('end')
    code.brTo(next).op('end', 'unreachable')
  }, 'run')
}
