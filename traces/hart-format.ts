// Files of programs for the RISC-V hart: JSON, with what hart and specification need to run the program again, and a checksum.
import { createHash } from 'node:crypto'
import * as t from 'io-ts'
import { closed, hexDigits, hexText, integer, listOf, names, text } from './codecs.ts'
import { ram, ways, type Program } from './hart-program.ts'
import { TraceError } from './trace.ts'

const format = 'popek-hart-program'
const version = 2
/** Longer files are refused unread: RAM in hexadecimal and room for the rest. */
const mostCharacters = 1 << 20

/** Options of the hart that the specification has too. */
export interface ComparedOptions {
  readonly accessedDirty: 'fault' | 'update'
  readonly misaligned: 'done' | 'trap' | 'access-fault'
  readonly misalignedAtomics: 'trap' | 'access-fault'
  readonly atomicityGranule: number
  readonly pmpEntries: number
  readonly pmpGranularity: number
  readonly asidBits: number
  readonly vectoredAlignment: number
  readonly trapValues: 'given' | 'zero'
  readonly sv48: boolean
  readonly sstc: boolean
  readonly triggerRegisters: boolean
}

export interface SavedProgram {
  /** Why it was kept. */
  readonly why: string
  readonly seed?: number
  /** The options of the hart. */
  readonly options: ComparedOptions
  readonly program: Omit<Program, 'configuration'>
}

const most = 1_000_000
const happening = closed({ before: integer(0, most), lines: integer(0, 15), time: integer(0, Number.MAX_SAFE_INTEGER) }, {})
const start = closed({
  pc: hexText(32), preparing: integer(0, most), steps: integer(1, most), strides: listOf(integer(1, most), 1, 1000), happenings: listOf(happening, 0, 10_000),
}, {})
const memory = listOf(t.readonly(t.tuple([hexText(32), hexDigits])), 0, ram.size)
const options = closed({
  accessedDirty: names(['fault', 'update'] as const), misaligned: names(['done', 'trap', 'access-fault'] as const), misalignedAtomics: names(['trap', 'access-fault'] as const),
  atomicityGranule: integer(0, 4096), pmpEntries: integer(0, 64), pmpGranularity: integer(4, 2 ** 31), asidBits: integer(0, 16), vectoredAlignment: integer(4, 4096), trapValues: names(['given', 'zero'] as const),
  sv48: t.boolean, sstc: t.boolean, triggerRegisters: t.boolean,
}, {})
const file = closed({
  format: names([format] as const), v: names([version]), why: text,
  options,
  way: names(ways), starts: listOf(start, 1, 64), memory, sum: hexText(64),
}, { seed: integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER) })

const sumOf = (content: object): string => `0x${createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16)}`
const hex32 = (n: number): string => `0x${(n >>> 0).toString(16).padStart(8, '0')}`

/** The text of a file; memory is what is not 0, the bytes by their addresses. */
export const writeHartProgram = ({ why, seed, options, program: { way, image, starts } }: SavedProgram): string => {
  const content = {
    format, v: version, why, ...(seed === undefined ? {} : { seed }), options, way,
    starts: starts.map((s) => ({ ...s, pc: hex32(s.pc) })), memory: pieces(image),
  }
  return `${JSON.stringify({ ...content, sum: sumOf(content) })}\n`
}

/** Runs of 16 bytes that are not all 0. */
const pieces = (image: Uint8Array): [string, string][] => {
  const found: [string, string][] = []
  for (let at = 0; at < image.length; at += 16) {
    const bytes = image.subarray(at, at + 16)
    if (bytes.some((b) => b !== 0)) found.push([hex32(ram.base + at), `0x${Buffer.from(bytes).toString('hex')}`])
  }
  return found
}

/** Whether a file's text begins as one of these. */
export const isHartProgram = (fileText: string): boolean => fileText.startsWith(`{"format":"${format}"`)

/** Throws TraceError, and nothing else, when the text is not a whole and unaltered program; `path` is only for the message. */
export const readHartProgram = (fileText: string, path: string): SavedProgram => {
  const error = (field: string, expected: string, found: string): TraceError => new TraceError(path, 1, field, expected, found)
  if (fileText.length > mostCharacters) throw error('', `at most ${mostCharacters} characters`, `${fileText.length}`)
  let json: unknown
  try {
    json = JSON.parse(fileText)
  } catch {
    throw error('', 'one JSON value (is the file truncated?)', `${JSON.stringify(fileText.slice(0, 40))}`)
  }
  const decoded = file.decode(json)
  if (decoded._tag === 'Left') {
    const { context, value } = decoded.left[0]!
    throw error(context.slice(1).map((entry) => entry.key).join('.'), context.at(-1)!.type.name, JSON.stringify(value)?.slice(0, 60) ?? 'nothing')
  }
  const { sum, ...content } = json as Record<string, unknown>
  if (sum !== sumOf(content)) throw error('sum', `"${sumOf(content)}", the checksum of the rest (was it altered?)`, String(sum))
  const { why, seed, options: chosen, way, starts, memory: written } = decoded.right
  const image = new Uint8Array(ram.size)
  written.forEach(([address, digits], n) => {
    const at = Number(address) - ram.base, bytes = Buffer.from(digits.slice(2), 'hex')
    if (at < 0 || at + bytes.length > ram.size) throw error(`memory.${n}`, `bytes from ${hex32(ram.base)} to ${hex32(ram.base + ram.size - 1)}`, address)
    image.set(bytes, at)
  })
  return { why, ...(seed === undefined ? {} : { seed }), options: chosen, program: { way, image, starts: starts.map((s) => ({ ...s, pc: Number(s.pc) })) } }
}
