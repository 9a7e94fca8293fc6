// Trace files: NDJSON, a header, one line for each step or state, and a last line that shows when anything is missing or altered.
import { createHash } from 'node:crypto'
import * as t from 'io-ts'
import { Cause, variants, type CauseName, type MachineOptions } from '../model/vocab/index.ts'
import { closed, hexDigits, hexText, hexWord, integer, listOf, names, recordOf, text } from './codecs.ts'
import { componentNamed } from './component.ts'
import type { GuestProgram, PlacedWord } from './program.ts'
import { TraceError, type RunTrace, type Trace, type TraceStep, type WitnessState, type WitnessTrace } from './trace.ts'

const format = 'popek-trace'
const version = 1

/** Longer files are refused unread; a step takes about 150 characters. */
export const mostCharacters = 1 << 26

const u32 = integer(0, 0xffff_ffff)
const bit = names<0 | 1>([0, 1])
const cause = names<CauseName>(Object.keys(Cause) as CauseName[])
const placed = (most: number): t.Type<PlacedWord, unknown> => t.readonly(t.tuple([integer(0, most), hexWord]))

const options: t.Type<MachineOptions, unknown> = closed(
  { size: integer(16, 4080, 16) },
  {
    variant: names(variants),
    trapCells: names(['low', 'high'] as const),
    diskSize: integer(1, 0x10_0000),
    keyboard: listOf(integer(0, 255), 0, 0xffff),
  },
)

const program: t.Type<GuestProgram, unknown> = closed({
  options,
  mode: bit,
  counter: integer(0, 0xfff),
  base: integer(0, 0xff),
  bound: integer(0, 0xff),
  timer: u32,
  pending: t.boolean,
  registers: listOf(hexWord, 16, 16),
  cells: listOf(placed(4079), 0, 4080),
  disk: listOf(placed(0xf_ffff), 0, 0x10_0000),
  diskPosition: u32,
  steps: integer(0, Number.MAX_SAFE_INTEGER),
}, {})

const step: t.Type<TraceStep, unknown> = closed(
  { n: integer(1, Number.MAX_SAFE_INTEGER), pc: hexText(12), mode: bit, changes: recordOf('a component of the machine', (name) => componentWidth(name)) },
  { word: hexText(32), instruction: text, cause },
)

const componentWidth = (name: string): t.Type<string, unknown> | undefined => {
  const component = componentNamed(name)
  return component && hexText(component.bits)
}

const anyComponents = recordOf('the name of a component', (name) => (/^[A-Za-z][\w.'<>:,/() -]*(\[(0x[0-9a-f]+|\d+)\])?$/.test(name) ? hexDigits : undefined))
const state: t.Type<WitnessState, unknown> = closed({ name: text, before: anyComponents, changes: anyComponents }, { trap: text })

const lineCount = integer(0, 1_000_000)
const kept = { isa: text, engine: text, why: text }
const seed = integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
const trial = closed({
  neighbours: listOf(program, 0, 15), quanta: listOf(integer(1, 2 ** 31 - 1), 1, 15), hardwareTrapCells: names(['low', 'high'] as const),
  predecessor: t.boolean, console: names(['own', 'hardware'] as const), strides: listOf(integer(-1000, 1000), 1, 1000),
}, { other: program })
const runHeader = closed({ kind: names(['run'] as const), ...kept, system: text, program }, { seed, property: text, trial })
const witnessHeader = closed({ kind: names(['witness'] as const), ...kept, property: text, instruction: text, word: hexDigits, operands: anyComponents }, { seed })
const end = closed({ end: lineCount, sum: hexText(64) }, {})

const sumOf = (lines: readonly string[]): string => `0x${createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 16)}`

/** The text of a trace file. */
export const writeTrace = (trace: Trace): string => {
  const [header, items] = trace.kind === 'run' ? runParts(trace) : witnessParts(trace)
  const written = [{ format, v: version, lines: items.length, ...header }, ...items].map((line) => JSON.stringify(line))
  return [...written, JSON.stringify({ end: items.length, sum: sumOf(written) }), ''].join('\n')
}

type Parts = readonly [header: object, items: readonly unknown[]]
const runParts = ({ steps, ...header }: RunTrace): Parts => [runHeader.encode(header), steps.map(step.encode)]
const witnessParts = ({ states, ...header }: WitnessTrace): Parts => [witnessHeader.encode(header), states.map(state.encode)]

/** Throws TraceError, and nothing else, when the text is not a whole and unaltered trace; `file` is only for the message. */
export const readTrace = (fileText: string, file: string): Trace => {
  if (fileText.length > mostCharacters) throw new TraceError(file, 1, '', `at most ${mostCharacters} characters`, `${fileText.length}`)
  return new Reader(fileText, file).trace()
}

class Reader {
  private readonly file: string
  private readonly lines: readonly string[]

  constructor(fileText: string, file: string) {
    this.file = file
    this.lines = fileText.replace(/\r?\n$/, '').split(/\r?\n/)
  }

  trace(): Trace {
    const json = this.json(0)
    const opening = typeof json === 'object' && json !== null ? json as Readonly<Record<string, unknown>> : {}
    const { format: name, v, lines, ...header } = opening
    if (name !== format) throw this.error(0, 'format', `"${format}"`, name)
    // One case for each version that there has ever been: old ones stay readable.
    switch (v) {
      case 1: {
        const count = this.decode(lineCount, lines, 0, 'lines')
        return header['kind'] === 'witness' ? this.witness(header, count) : this.run(header, count)
      }
      default: throw this.error(0, 'v', `version ${version}`, v)
    }
  }

  private run(json: unknown, count: number): RunTrace {
    const header = this.decode(runHeader, json, 0)
    this.checkProgram(header.program)
    for (const neighbour of header.trial?.neighbours ?? []) this.checkProgram(neighbour)
    if (header.trial?.other) this.checkProgram(header.trial.other)
    return { ...header, steps: this.body(step, count, (steps) => { this.checkSteps(header.program, steps) }) }
  }

  private witness(json: unknown, count: number): WitnessTrace {
    return { ...this.decode(witnessHeader, json, 0), states: this.body(state, count, () => {}) }
  }

  /** The lines between header and end. The checksum is last: every other message says more about what is wrong. */
  private body<A>(codec: t.Type<A, unknown>, count: number, check: (items: readonly A[]) => void): readonly A[] {
    const last = count + 1
    if (this.lines.length <= last)
      throw new TraceError(this.file, this.lines.length, '', `${last} lines after the header (is the file truncated?)`, `${this.lines.length - 1}`)
    const items = this.lines.slice(1, last).map((_, i) => this.decode(codec, this.json(i + 1), i + 1))
    check(items)
    const found = this.decode(end, this.json(last), last)
    if (found.end !== count) throw this.error(last, 'end', `${count}, as the header says`, found.end)
    const sum = sumOf(this.lines.slice(0, last))
    if (found.sum !== sum) throw this.error(last, 'sum', `"${sum}", the checksum of the lines above (was one of them altered?)`, found.sum)
    if (this.lines.length > last + 1) throw new TraceError(this.file, last + 2, '', 'nothing after the end line', quoted(this.lines[last + 1]))
    return items
  }

  private checkProgram({ options: { size, diskSize = 1024 }, cells, disk }: GuestProgram): void {
    for (const [name, words, limit] of [['cells', cells, size], ['disk', disk, diskSize]] as const)
      words.forEach(([place], i) => {
        const previous = words[i - 1]?.[0] ?? -1
        if (place >= limit) throw this.error(0, `program.${name}.${i}`, `a place below ${limit}`, place)
        if (place <= previous) throw this.error(0, `program.${name}.${i}`, `a place after ${previous}`, place)
      })
  }

  private checkSteps(start: GuestProgram, steps: readonly TraceStep[]): void {
    const { size, diskSize = 1024 } = start.options
    if (steps.length > start.steps) throw this.error(0, 'lines', `at most ${start.steps} steps, as the program says`, steps.length)
    let printed = 0
    for (const [i, { n, changes }] of steps.entries()) {
      if (n !== i + 1) throw this.error(i + 1, 'n', `step ${i + 1}`, n)
      for (const name of Object.keys(changes)) {
        const component = componentNamed(name)
        if (component?.kind !== 'bank') continue
        const most = { G: 16, E: size, DISK: diskSize, PRINTED: printed + 1 }[component.name]
        if (component.index >= most) throw this.error(i + 1, `changes.${name}`, `an index below ${most}`, component.index)
        if (component.name !== 'PRINTED') continue
        if (component.index !== printed) throw this.error(i + 1, `changes.${name}`, `the next printed byte, ${printed}`, component.index)
        printed += 1
      }
    }
  }

  private json(index: number): unknown {
    const line = this.lines[index]!
    try {
      return JSON.parse(line)
    } catch {
      throw new TraceError(this.file, index + 1, '', 'one JSON value', quoted(line))
    }
  }

  /** `field` is the name of the whole, where it has one. */
  private decode<A>(codec: t.Type<A, unknown>, json: unknown, index: number, field?: string): A {
    const result = codec.decode(json)
    if (result._tag === 'Right') return result.right
    const { context, value } = result.left[0]!
    throw this.error(index, field ?? context.slice(1).map((entry) => entry.key).join('.'), context.at(-1)!.type.name, value)
  }

  private error(index: number, field: string, expected: string, found: unknown): TraceError {
    return new TraceError(this.file, index + 1, field, expected, quoted(found))
  }
}

/** At most 60 characters of JSON. */
const quoted = (value: unknown): string => {
  if (value === undefined) return 'nothing'
  const json = JSON.stringify(value)
  return json.length > 60 ? `${json.slice(0, 57)}...` : json
}
