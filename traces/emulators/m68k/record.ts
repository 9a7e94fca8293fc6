// The records of the 68000 family's test kernel: a trial's state as long words, and what they say afterwards.
import { causes, flagNames, has010, has020, type Model } from '../../../model/isa/m68k/state.ts'
import type { Answer, Trial } from '../bench.ts'

/** The addresses that the kernel and the host agree on; every end is the first address past. */
export const place = { tables: 0x80000, tablesEnd: 0x100000, records: 0x100000, sentinels: 0x204000, code: 0x208000 } as const
type Regions = readonly (readonly [from: number, to: number])[]
const middle = (model: Model): number => (has020(model) ? 0x1000000 : 0x800000)
export const memory = (model: Model): number => (has020(model) ? 0x8000000 : 0x1000000)
/** Where ILLEGAL follows a branch: by a short absolute address, and otherwise. */
export const sentinels = (model: Model): Regions => [[0x6000, 0x8000], [place.sentinels, middle(model)]]
/** Storage: where short absolute addresses, addresses relative to the program, and all others lead. */
export const storage = (model: Model): Regions => [[0x4000, 0x6000], [0x200000, place.sentinels], [middle(model), memory(model)]]

export const recordWords = 64
/** In long words. A7 is in the stack pointer that is in force. */
const at = {
  D: 0, A: 8, USP: 15, SSP: 16, MSP: 17, SR: 18, instruction: 20, VBR: 22, SFC: 23, DFC: 24, CACR: 25, wakes: 26,
  vector: 27, frameAt: 28, frame: 29,
  /** How many cells of storage, and pairs of address and content. */
  storage: 31,
} as const
const mostStored = (recordWords - at.storage - 1) >> 1

/** The fields of the status register with their lowest bits and widths. */
const status = (model: Model): readonly (readonly [name: string, low: number, width: number])[] => [
  [has020(model) ? 'T1' : 'T', 15, 1], ...(has020(model) ? [['T0', 14, 1], ['M', 12, 1]] as const : []), ['S', 13, 1], ['I', 8, 3],
  ...flagNames.map((name, i) => [name, 4 - i, 1] as const),
]
/** A7, where the trial names it; otherwise the kernel's way back has a place for its frame all the same. */
const stackOf = ({ cells }: Trial['before']): bigint | undefined => cells.get('A')?.get(7n)
const idleStack = (model: Model): number => memory(model) - 0x10000
const illegal = 0x4afc4afc4afc4afcn

export const recordOf = ({ instruction, word, before }: Trial, model: Model): Uint8Array => {
  const view = new DataView(new ArrayBuffer(4 * recordWords))
  const put = (index: number, value: bigint | number): void => view.setUint32(4 * index, Number(BigInt.asUintN(32, BigInt(value))))
  const register = (name: string): bigint => before.registers.get(name) ?? 0n
  const cell = (bank: string, index: number): bigint => before.cells.get(bank)?.get(BigInt(index)) ?? 0n
  for (let n = 0; n < 8; n++) put(at.D + n, cell('D', n))
  for (let n = 0; n < 7; n++) put(at.A + n, cell('A', n))
  put(at.USP, register('USP'))
  put(at.SSP, register(has020(model) ? 'ISP' : 'SSP'))
  put(at.MSP, register('MSP'))
  put(register('S') === 0n ? at.USP : register('M') === 1n ? at.MSP : at.SSP, stackOf(before) ?? idleStack(model))
  put(at.SR, status(model).reduce((w, [name, low]) => w | (register(name) << BigInt(low)), 0n))
  const rest = BigInt(64 - instruction.encoding.width)
  view.setBigUint64(4 * at.instruction, (word << rest) | (illegal & ((1n << rest) - 1n)))
  for (const name of ['VBR', 'SFC', 'DFC', 'CACR'] as const) put(at[name], register(name))
  put(at.wakes, stops(instruction.name) ? register('S') : 0)
  const stored = [...before.cells.get('E') ?? []].filter(([a]) => inStorage(model, a)).slice(0, mostStored)
  put(at.storage, stored.length)
  stored.forEach(([a, value], i) => {
    put(at.storage + 1 + 2 * i, 2n * a)
    put(at.storage + 2 + 2 * i, value)
  })
  return new Uint8Array(view.buffer)
}

const inStorage = (model: Model, index: bigint): boolean => storage(model).some(([from, to]) => 2n * index >= BigInt(from) && 2n * index < BigInt(to))

export const stops = (name: string): boolean => name.startsWith('STOP')
const illegalInstruction = 4, trace = 9, clock = 30

/** Condition codes that the manual leaves undefined: all but X of a CHK that completes, N and Z of a division that overflows. */
const undefinedFlags = (name: string, V: bigint): readonly string[] =>
  (name.startsWith('CHK') ? ['N', 'Z', 'V', 'C'] : name.startsWith('DIVU') && V === 1n ? ['N', 'Z'] : [])

/** `framed` says whether the emulator's frames have a format word. */
export const answerOf = ({ instruction, before }: Trial, record: Uint8Array | string, model: Model, framed: boolean): Answer => {
  if (typeof record === 'string') return { kind: 'lost', why: record }
  const view = new DataView(record.buffer, record.byteOffset)
  const word = (index: number): bigint => BigInt(view.getUint32(4 * index))
  const vector = Number(word(at.vector)), PC = Number(BigInt.asUintN(32, (word(at.frame) << 16n) | (word(at.frame + 1) >> 16n)))
  const SR = word(at.frame) >> 16n
  if (vector !== trace && vector !== clock && (vector !== illegalInstruction || PC === place.code)) {
    const named = Object.entries(causes).flatMap(([cause, number]) => (number === vector ? [cause] : []))
    return named.length > 0 ? { kind: 'trapped', causes: named, said: `vector ${vector}` } : { kind: 'lost', why: `it comes back by vector ${vector}` }
  }
  const registers = new Map<string, bigint>([['PC', BigInt(PC)], ['STOPPED', vector === clock ? 1n : 0n]])
  for (const [name, low, width] of status(model)) registers.set(name, (SR >> BigInt(low)) & ((1n << BigInt(width)) - 1n))
  const format = Number(word(at.frame + 1) >> 12n) & 15
  const size = !framed ? 6 : format === 2 ? 12 : 8
  const supervisor = registers.get('S') === 1n, master = registers.get('M') === 1n
  const pointers = { USP: word(at.USP), SSP: word(at.SSP), MSP: word(at.MSP) }
  const stacked = master ? 'MSP' : 'SSP'
  pointers[stacked] = BigInt.asUintN(32, pointers[stacked] + BigInt(size))
  // A stack pointer that is in force is A7, and its register is not looked at.
  registers.set(has020(model) ? 'ISP' : 'SSP', pointers.SSP)
  if (has020(model)) registers.set('MSP', pointers.MSP)
  registers.set('USP', pointers.USP)
  const inForce = !supervisor ? 'USP' : master ? 'MSP' : 'SSP'
  registers.delete(inForce === 'SSP' && has020(model) ? 'ISP' : inForce)
  for (const name of has010(model) ? ['VBR', 'SFC', 'DFC', ...(has020(model) ? ['CACR'] : [])] as const : []) registers.set(name, word(at[name as 'VBR']))
  for (const name of undefinedFlags(instruction.name, registers.get('V')!)) registers.delete(name)
  const D = new Map<bigint, bigint>(), A = new Map<bigint, bigint>(stackOf(before) === undefined ? [] : [[7n, pointers[inForce]]])
  for (let n = 0; n < 8; n++) D.set(BigInt(n), word(at.D + n))
  for (let n = 0; n < 7; n++) A.set(BigInt(n), word(at.A + n))
  // The frame by which the kernel got control back lies over storage.
  const frameAt = word(at.frameAt)
  const E = new Map(Array.from({ length: Number(word(at.storage)) }, (_, i) => [word(at.storage + 1 + 2 * i), word(at.storage + 2 + 2 * i)] as const)
    .filter(([address]) => address < frameAt || address >= frameAt + BigInt(size))
    .map(([address, content]) => [address >> 1n, content] as const))
  return { kind: 'completed', after: { registers, cells: new Map([['D', D], ['A', A], ['E', E]]) } }
}
