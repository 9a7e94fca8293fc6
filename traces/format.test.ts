// Trace files come back as they were written, and no altered file gets past the reader.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Cause, variants, type CauseName } from '../model/vocab/index.ts'
import { hex } from './component.ts'
import { readTrace, writeTrace } from './format.ts'
import type { GuestProgram } from './program.ts'
import { TraceError, type RunTrace, type Trace, type TraceStep, type WitnessTrace } from './trace.ts'

const word = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff })
const hexOfWidth = (bits: number) => fc.nat(2 ** Math.min(bits, 31) - 1).map((value) => hex(value, bits))
const placedBelow = (limit: number) =>
  fc.uniqueArray(fc.nat(limit - 1), { maxLength: 5 }).chain((places) =>
    fc.tuple(...places.sort((a, b) => a - b).map((place) => word.map((w) => [place, w] as const))))

const program: fc.Arbitrary<GuestProgram> = fc.record({
  options: fc.record({
    size: fc.integer({ min: 2, max: 255 }).map((blocks) => 16 * blocks), variant: fc.constantFrom(...variants),
    trapCells: fc.constantFrom('low', 'high'), diskSize: fc.integer({ min: 4, max: 9 }), keyboard: fc.array(fc.nat(255), { maxLength: 3 }),
  }, { requiredKeys: ['size', 'diskSize'] }),
  mode: fc.constantFrom(0, 1), counter: fc.nat(4095), base: fc.nat(255), bound: fc.nat(255), timer: fc.nat(0xffff_ffff), pending: fc.boolean(),
  registers: fc.array(word, { minLength: 16, maxLength: 16 }), cells: placedBelow(32), disk: placedBelow(4), diskPosition: fc.nat(0xffff_ffff),
  steps: fc.integer({ min: 9, max: 99 }),
})
const changes = fc.record(
  { P: hexOfWidth(12), M: hexOfWidth(1), 'G[3]': hexOfWidth(32), 'E[17]': hexOfWidth(32), 'DISK[3]': hexOfWidth(32), TIMER: hexOfWidth(32) },
  { requiredKeys: [] },
)
const step: fc.Arbitrary<Omit<TraceStep, 'n'>> = fc.record(
  { pc: hexOfWidth(12), mode: fc.constantFrom(0, 1), changes, word: hexOfWidth(32), instruction: fc.string(), cause: fc.constantFrom(...Object.keys(Cause) as CauseName[]) },
  { requiredKeys: ['pc', 'mode', 'changes'] },
)
const about = { isa: fc.string(), engine: fc.string(), why: fc.string({ unit: 'binary' }), seed: fc.integer() }
const run: fc.Arbitrary<RunTrace> = fc.record(
  { kind: fc.constant('run'), ...about, system: fc.string(), property: fc.string(), program, steps: fc.array(step, { maxLength: 9 }).map((all) => all.map((s, i) => ({ n: i + 1, ...s }))) },
  { requiredKeys: ['kind', 'isa', 'engine', 'why', 'system', 'program', 'steps'] },
)
const components = fc.dictionary(fc.constantFrom('P', 'MODE', 'R.l', "AC'", 'E[0x1ff]', 'AC[3]'), hexOfWidth(64))
const witness: fc.Arbitrary<WitnessTrace> = fc.record(
  {
    kind: fc.constant('witness'), ...about, property: fc.string(), instruction: fc.string(), word: hexOfWidth(36), operands: components,
    states: fc.array(fc.record({ name: fc.string(), before: components, changes: components, trap: fc.string() }, { requiredKeys: ['name', 'before', 'changes'] }), { maxLength: 3 }),
  },
  { requiredKeys: ['kind', 'isa', 'engine', 'why', 'property', 'instruction', 'word', 'operands', 'states'] },
)
const trace: fc.Arbitrary<Trace> = fc.oneof(run, witness)

const printer: RunTrace = {
  kind: 'run', isa: 'third-generation', system: 'third-generation/cpu', engine: 'cpu', why: 'an example',
  program: {
    options: { size: 32, diskSize: 4 }, mode: 0, counter: 2, base: 0, bound: 2, timer: 0, pending: false,
    registers: Array.from({ length: 16 }, () => 65), cells: [[2, 0x8600_0000 | 0], [3, 0x8600_0000 | 0]], disk: [], diskPosition: 0, steps: 2,
  },
  steps: [
    { n: 1, pc: '0x002', mode: 0, word: '0x86000000', instruction: 'OUT r0, 0', changes: { P: '0x003', 'PRINTED[0]': '0x41' } },
    { n: 2, pc: '0x003', mode: 0, word: '0x86000000', instruction: 'OUT r0, 0', changes: { P: '0x004', 'PRINTED[1]': '0x41' } },
  ],
}
const small = writeTrace(printer)

const refused = (text: string): TraceError => {
  try {
    readTrace(text, 'x.ndjson')
  } catch (error) {
    if (error instanceof TraceError) return error
    throw error
  }
  throw new Error(`was read: ${text}`)
}

describe('a trace', () => {
  it('comes back as it was written', () => {
    fc.assert(fc.property(trace, (written) => { expect(readTrace(writeTrace(written), 'x')).toEqual(written) }), { numRuns: 200 })
  })
  it('comes back from a file with the line ends of another system', () => {
    expect(readTrace(small.replaceAll('\n', '\r\n'), 'x')).toEqual(printer)
    expect(readTrace(small.trimEnd(), 'x')).toEqual(printer)
  })
  it('has one line for each step between header and end, and words in hexadecimal', () => {
    const lines = small.trimEnd().split('\n').map((line) => JSON.parse(line))
    expect(lines).toHaveLength(4)
    expect(lines[0]).toMatchObject({ format: 'popek-trace', v: 1, kind: 'run', lines: 2, program: { cells: [[2, '0x86000000'], [3, '0x86000000']] } })
    expect(lines[1]).toEqual(printer.steps[0])
    expect(lines[3]).toEqual({ end: 2, sum: expect.stringMatching(/^0x[0-9a-f]{16}$/) })
  })
})

/** Alters one line; the checksum is left as it was. */
const altered = (line: number, from: string | RegExp, to: string): string => {
  const lines = small.split('\n')
  const changed = lines[line - 1]!.replace(from, to)
  expect(changed).not.toBe(lines[line - 1])
  return lines.with(line - 1, changed).join('\n')
}

describe('the reader names line, field and what was expected of', () => {
  it.each([
    ['an empty file', '', 1, '', 'JSON'],
    ['lines that are no number', altered(1, '"lines":2', '"lines":"2"'), 1, 'lines', 'integer'],
    ['no JSON', 'hello', 1, '', 'JSON'],
    ['JSON that is no header', '[1]', 1, 'format', 'popek-trace'],
    ['null', 'null\n', 1, 'format', 'popek-trace'],
    ['another format', altered(1, 'popek-trace', 'pcap'), 1, 'format', 'popek-trace'],
    ['a version of the future', altered(1, '"v":1', '"v":2'), 1, 'v', 'version 1'],
    ['an unknown kind', altered(1, '"run"', '"walk"'), 1, 'kind', '"run"'],
    ['an unknown field', altered(1, '"why"', '"extra":1,"why"'), 1, 'extra', 'one of the fields'],
    ['a field called __proto__', altered(1, '"why"', '"__proto__":{},"why"'), 1, '__proto__', 'one of the fields'],
    ['a missing field', altered(1, '"why":"an example",', ''), 1, 'why', 'text'],
    ['a size that no machine has', altered(1, '"size":32', '"size":33'), 1, 'program.options.size', 'a multiple of 16'],
    ['an unknown variant', altered(1, '"size":32', '"size":32,"variant":"odd"'), 1, 'program.options.variant', '"sound" or'],
    ['a huge disk', altered(1, '"diskSize":4', '"diskSize":1e15'), 1, 'program.options.diskSize', 'integer'],
    ['a fraction', altered(1, '"counter":2', '"counter":2.5'), 1, 'program.counter', 'integer'],
    ['15 registers', altered(1, '["0x00000041",', '['), 1, 'program.registers', 'a list of 16'],
    ['a cell outside', altered(1, '[3,"0x86000000"]', '[32,"0x86000000"]'), 1, 'program.cells.1', 'below 32'],
    ['a cell twice', altered(1, '[3,"0x86000000"]', '[2,"0x86000000"]'), 1, 'program.cells.1', 'after 2'],
    ['a cell of the wrong width', altered(1, '[3,"0x86000000"]', '[3,"0x086000000"]'), 1, 'program.cells.1.1', '8 hexadecimal digits'],
    ['wrong width', altered(2, '"0x003"', '"0x03"'), 2, 'changes.P', '12 bits'],
    ['wrong hexadecimal', altered(2, '"0x003"', '"0x00g"'), 2, 'changes.P', '12 bits'],
    ['a number for a word', altered(2, '"0x003"', '3'), 2, 'changes.P', '12 bits'],
    ['a mode of two bits', altered(2, '"P":"0x003"', '"M":"0x2"'), 2, 'changes.M', '1 bit'],
    ['an unknown component', altered(2, '"P"', '"Q"'), 2, 'changes.Q', 'a component of the machine'],
    ['a component called constructor', altered(2, '"P"', '"constructor"'), 2, 'changes.constructor', 'a component of the machine'],
    ['a component that this machine does not have', altered(2, '"P":"0x003"', '"E[32]":"0x00000000"'), 2, 'changes.E[32]', 'below 32'],
    ['a printed byte out of order', altered(3, 'PRINTED[1]', 'PRINTED[0]'), 3, 'changes.PRINTED[0]', '1'],
    ['an unknown cause', altered(2, '"changes"', '"cause":"boredom","changes"'), 2, 'cause', '"memory" or'],
    ['steps out of order', altered(3, '"n":2', '"n":3'), 3, 'n', 'step 2'],
    ['a wrong count in the header', altered(1, '"lines":2', '"lines":1'), 3, 'n', 'one of the fields end'],
    ['more steps than the program has', altered(1, '"steps":2', '"steps":1'), 1, 'lines', 'at most 1'],
    ['a wrong count at the end', altered(4, '"end":2', '"end":1'), 4, 'end', '2'],
    ['an altered step', altered(2, '0x41', '0x42'), 4, 'sum', 'altered'],
    ['an altered header', altered(1, 'an example', 'an Example'), 4, 'sum', 'altered'],
    ['something after the end', `${small}{}\n`, 5, '', 'nothing'],
    ['a truncated file', small.slice(0, small.lastIndexOf('\n', small.length - 2) + 1), 3, '', '3 lines'],
    ['a file truncated inside a line', small.slice(0, -5), 4, '', 'JSON'],
    ['deep nesting', `${'['.repeat(100_000)}`, 1, '', 'JSON'],
    ['a huge line', `{"format":"${'x'.repeat(10_000_000)}"}`, 1, 'format', 'popek-trace'],
  ])('%s', (_, text, line, field, expected) => {
    const error = refused(text)
    expect(error).toMatchObject({ file: 'x.ndjson', line })
    expect(error.field).toBe(field)
    expect(error.expected).toContain(expected)
    expect(error.message).toMatch(/^x\.ndjson:\d+: /)
    expect(error.message.length).toBeLessThan(700)
  })

  it('a file that is too long to be read', () => {
    expect(refused(`${small}${' '.repeat(2 ** 26)}`).expected).toContain('at most 67108864 characters')
  })

  it('anything at all: a reader never fails in another way', () => {
    const mutation = fc.tuple(fc.nat(small.length - 1), fc.nat(30), fc.oneof(fc.string({ maxLength: 5 }), fc.json({ maxDepth: 2 })))
    fc.assert(fc.property(mutation, ([at, removed, added]) => {
      const text = small.slice(0, at) + added + small.slice(at + removed)
      try {
        expect(readTrace(text, 'x')).toEqual(printer)
      } catch (error) {
        expect(error).toBeInstanceOf(TraceError)
      }
    }), { numRuns: 500 })
    fc.assert(fc.property(fc.array(fc.json()), (lines) => { refused(lines.join('\n')) }))
  })
})
