// The records of the Alpha's test kernel: a trial's state as quadwords, and what they say afterwards.
import { entries } from '../../../model/isa/alpha/state.ts'
import type { Answer, Contents, Trial } from '../bench.ts'
import { symbols } from './kernel.ts'

export const kseg = 0xfffffc0000000000n
/** Real addresses that the kernel and the host agree on: four roots of page tables, the tables below them, and what programs reach. */
export const place = {
  roots: 0x180000, landMiddle: 0x188000, landLast: 0x18a000, landPage: 0x18e000, codePage: 0x190000, middles: 0x192000, lasts: 0x196000,
  records: 0x200000, storage: 0x400000, frames: 0x480000, paged: 0x500000, storageEnd: 0x600000,
  /** For the page that is looked at: pages that each begin with their number, a table for all roots, and a last table for each. */
  marked: 0x800000, markedEnd: 0x880000, probeMiddles: 0x1a0000, probeLasts: 0x1a8000,
} as const
export const rootCount = 4, pageSize = 0x2000
/** Virtual addresses: pages full of the call that gives control back, and among them the program's. */
export const land = { from: 0x100000000n, to: 0x101000000n, codePage: 0x100800000n } as const
/** A page of which the kernel sees what the translation buffer says, and where the tables of the root have it. */
export const probePage = 0xa00000000n >> 13n, probeFirst = 5
const probeEntry = (PTBR: bigint): bigint => BigInt(place.probeLasts) + (PTBR - BigInt(place.roots / pageSize)) * BigInt(pageSize)
export const programAt = land.codePage + 0x820n
/** A function that OSF/1 does not assign, and that the kernel has taken. */
export const sentinel = 0xb0

/** In quadwords. */
export const recordSize = 144
const at = {
  F: 32, FPCR: 63, enter: 64, PS: 65, FEN: 66, offset: 67, PTBR: 68, code: 83, stored: 88, how: 89, leave: 90, interrupted: 91, began: 92, ended: 93, requests: 94, alarm: 95, probe: 132, seen: 136, storage: 96,
} as const
const instructionWord = 8, mostStored = 12
/** Registers that fill a slot, from the bit of the slot that is their lowest. */
const kept: readonly (readonly [name: string, slot: number, low: number, width: number])[] = [
  ['PCC_OFF', at.offset, 0, 32], ['PTBR', at.PTBR, 13, 28], ['VPTPTR', 69, 0, 64], ['unique', 70, 0, 64], ['sysvalue', 71, 0, 64], ['USP', 72, 0, 64],
  ...['entUna', 'entIF', 'entSys', 'entInt', 'entArith', 'entMM'].map((name, n) => [name, 73 + n, 2, 62] as const),
  ['MCES', 79, 0, 5], ['KSP', 80, 0, 64], ['KGP', 81, 0, 64], ['PCBB', 82, 3, 38], ['FPCR', at.FPCR, 0, 64], ['FEN', at.FEN, 0, 1], ['PS.IPL', at.PS, 0, 3], ['PS.CM', at.PS, 3, 1],
]

/** Where an entry point has to be for the kernel to get control, in instructions. */
export const handler = (n: number): bigint => (kseg + BigInt(symbols.handlers + 4 * n)) >> 2n

/** A cell of storage has a part for the pages, and one for kseg. */
export const isPaged = (index: bigint): boolean => index >> 61n === 1n
export const realOf = (index: bigint): bigint => 8n * BigInt.asUintN(isPaged(index) ? 61 : 38, index)
const storedOf = (before: Contents): readonly (readonly [bigint, bigint])[] =>
  [...before.cells.get('E') ?? []].filter(([i]) => realOf(i) >= BigInt(place.storage) && realOf(i) < BigInt(place.storageEnd)).slice(0, mostStored)

/** The entries of page tables that map the cells which the trial reaches through pages. */
const flagBits: readonly (readonly [name: string, bit: bigint])[] = [['V', 0n], ['FOR', 1n], ['FOW', 2n], ['KRE', 8n], ['URE', 9n], ['KWE', 12n], ['UWE', 13n]]
const tables = (before: Contents): readonly (readonly [address: bigint, content: bigint])[] => {
  const register = (name: string): bigint => before.registers.get(name) ?? 0n
  const offset = register('TB.PFN - VPN'), flags = flagBits.reduce((f, [name, bit]) => f | (register(`TB.${name}`) << bit), 0n)
  const frames = [...new Set(storedOf(before).filter(([i]) => isPaged(i)).map(([i]) => realOf(i) >> 13n))]
  const made = new Map<bigint, bigint>(), known = new Map<string, bigint>([['0', BigInt(place.landMiddle)]])
  let middles = 0, lasts = 0
  const table = (key: string, entry: bigint, fresh: () => number): bigint => {
    let found = known.get(key)
    if (found === undefined) {
      known.set(key, found = BigInt(fresh()))
      made.set(entry, pointer(found))
    }
    return found
  }
  for (const frame of frames.slice(0, 2)) {
    const page = BigInt.asUintN(51, frame - offset), sign = page >> 29n
    if ((sign !== 0n && sign !== 0x3fffffn) || page >> 28n === 0x7ffffen) continue
    const [first, second, third] = [page >> 20n & 1023n, page >> 10n & 1023n, page & 1023n]
    if (first === 0n && isLand(page << 13n)) continue
    const middle = table(`${first}`, (register('PTBR') << 13n) + 8n * first, () => place.middles + pageSize * middles++)
    const last = table(`${first} ${second}`, middle + 8n * second, () => place.lasts + pageSize * lasts++)
    made.set(last + 8n * third, (frame << 32n) | flags)
  }
  return [...made]
}

interface Probe { readonly entry: bigint; readonly before: bigint; readonly entryAfter: bigint; readonly after: bigint }
/** What the translation buffer and the page table say of the page that is looked at; undefined where the page is not one that is marked. */
const probeOf = ({ instruction, before }: Trial): Probe | undefined => {
  if (instruction.name !== 'CALL_PAL tbi' && instruction.name !== 'CALL_PAL swpctx') return undefined
  const register = (name: string): bigint => before.registers.get(name) ?? 0n
  const [first, second] = [cellOf(before, 'R', 16n), cellOf(before, 'R', 17n)]
  if (instruction.name === 'CALL_PAL tbi' && first >> 63n === 0n && second >> 13n !== probePage) return undefined
  const frame = (offset: bigint): bigint | undefined => {
    const to = BigInt.asUintN(51, probePage + offset)
    return to >= BigInt(place.marked / pageSize) && to < BigInt(place.markedEnd / pageSize) ? to : undefined
  }
  const [PTBR] = [...before.cells.get('page tables')?.keys() ?? []]
  if (PTBR === undefined) return undefined
  const taken = before.cells.get('page tables')!.get(PTBR)!, old = frame(register('TB.PFN - VPN')), next = frame(BigInt.asUintN(51, taken))
  if (next === undefined) return undefined
  const flags = (of: (name: string, n: number) => bigint): bigint => flagBits.reduce((f, [name, bit], n) => f | (of(name, n) << bit), 0n)
  return {
    entry: probeEntry(register('PTBR')), before: old === undefined ? 0n : (old << 32n) | flags((name) => register(`TB.${name}`)),
    entryAfter: probeEntry(PTBR), after: (next << 32n) | flags((_, n) => taken >> BigInt(51 + n) & 1n),
  }
}
/** What the kernel has seen of the translation buffer, where the page table's entry makes that plain. */
const mappingOf = ({ after }: Probe, asKernel: bigint, asUser: bigint, storeFault: bigint): (readonly [string, bigint])[] => {
  const none = (1n << 64n) - 1n, bit = (n: bigint): bigint => after >> n & 1n, number = asKernel === none ? asUser : asKernel
  const read = bit(0n) === 1n && bit(1n) === 0n, written = bit(0n) === 1n && bit(2n) === 0n
  return [
    ...(number === none ? [] : [['TB.PFN - VPN', BigInt.asUintN(51, number - probePage)], ['TB.V', 1n], ['TB.FOR', 0n]] as const),
    ...(read || number !== none ? [['TB.KRE', BigInt(asKernel !== none)], ['TB.URE', BigInt(asUser !== none)]] as const : []),
    ...(storeFault === 0n ? [['TB.V', 1n], ['TB.KWE', 1n], ['TB.FOW', 0n]] as const : written ? [['TB.KWE', 0n]] as const : []),
  ]
}
const isLand = (address: bigint): boolean => address >= land.from && address < land.to
/** An entry that leads to a table, or maps a page of the program. */
export const pointer = (to: bigint | number, flags = 0x101n): bigint => ((BigInt(to) >> 13n) << 32n) | flags

const operandOf = (word: bigint, low: number, width: number): bigint => BigInt.asUintN(width, word >> BigInt(low))
const cellOf = (before: Contents, bank: string, index: bigint): bigint => before.cells.get(bank)?.get(index) ?? 0n
const memory = (op: number, ra: bigint, rb: bigint, displacement: bigint): bigint =>
  (BigInt(op) << 26n) | (ra << 21n) | (rb << 16n) | BigInt.asUintN(16, displacement)
/** Instructions that make a register hold a number. */
export const loads = (ra: bigint, value: bigint): bigint[] => {
  const sext = (n: bigint): bigint => BigInt.asIntN(16, n)
  // Each part is signed, and what is above makes up for that.
  const middle = (value - sext(value)) >> 16n, below = sext(value) + (sext(middle) << 16n), high = (value - below) >> 32n, top = (high - sext(high)) >> 16n
  return [memory(0x09, ra, 31n, top), memory(0x08, ra, ra, high), (0x12n << 26n) | (ra << 21n) | (32n << 13n) | (1n << 12n) | (0x39n << 5n) | ra, memory(0x09, ra, ra, middle), memory(0x08, ra, ra, value)]
}

/** What goes before the instruction: it sets flags that every way to the program's mode clears. */
const prefixOf = ({ instruction, word, before: state }: Trial): bigint[] => {
  const flags: bigint[] = state.registers.get('intr_flag') === 1n ? [(0x18n << 26n) | (31n << 21n) | 0xf000n] : []
  if (!/^ST[LQ]_C$/.test(instruction.name) || state.registers.get('lock_flag') !== 1n) return flags
  const [ra, rb] = [operandOf(word, 21, 5), operandOf(word, 16, 5)], free = ra !== rb && ra !== 31n ? ra : rb === 0n ? 1n : 0n
  return [memory(instruction.name === 'STL_C' ? 0x2a : 0x2b, free, rb, word), ...loads(free, cellOf(state, 'R', free)), ...flags]
}

/** Where an exception in kernel mode finds a stack in a state that does not say what R30 is. */
const stack = kseg + BigInt(place.frames) + 0x800n
const stackGiven = (state: Contents): boolean => state.cells.get('R')?.has(30n) === true

/** Nanoseconds until an alarm ends waiting. */
const waiting = 50_000

/** Where a conditional store after a locked load tells whether it has locked; the other trials tell what it has loaded. */
const asksLock = ({ instruction, word, before }: Trial): boolean => {
  const flag = (name: string): boolean => before.registers.get(name) === 1n, [ra, rb] = [operandOf(word, 21, 5), operandOf(word, 16, 5)]
  return /^LD[LQ]_L$/.test(instruction.name) && ra !== rb && (before.registers.get('unique') ?? 0n) % 2n === 1n && !flag('TB.FOW') && flag(flag('PS.CM') ? 'TB.UWE' : 'TB.KWE')
}

export const recordOf = (trial: Trial): Uint8Array => {
  const { word, before: state } = trial
  const view = new DataView(new ArrayBuffer(8 * recordSize))
  const put = (slot: number, value: bigint | number): void => view.setBigUint64(8 * slot, BigInt.asUintN(64, BigInt(value)), true)
  for (let n = 0; n < 31; n++) {
    put(n, cellOf(state, 'R', BigInt(n)))
    put(at.F + n, cellOf(state, 'F', BigInt(n)))
  }
  if (!stackGiven(state)) put(30, stack)
  for (const [name, slot, low] of kept) view.setBigUint64(8 * slot, view.getBigUint64(8 * slot, true) | BigInt.asUintN(64, (state.registers.get(name) ?? 0n) << BigInt(low)), true)
  const prefix = prefixOf(trial)
  put(at.enter, programAt - 4n * BigInt(prefix.length))
  const words = [...prefix, word, ...(asksLock(trial) ? [word + (4n << 26n)] : []), BigInt(sentinel)]
  words.forEach((w, n) => view.setUint32(8 * at.code + 4 * (instructionWord - prefix.length + n), Number(w), true))
  const { name } = trial.instruction
  if ((name === 'CALL_PAL wtint' || name === 'CALL_PAL wripir') && state.registers.get('PS.CM') !== 1n) {
    const asked = [0n, 1n, 2n, 3n].reduce((bits, n) => bits | (cellOf(state, 'IPIR', n) << (12n + n)), 1n)
    put(at.requests, asked)
    if (name === 'CALL_PAL wtint') put(at.alarm, waiting)
  }
  const probe = probeOf(trial)
  if (probe) [probe.entry, probe.before, probe.entryAfter, probe.after].forEach((value, n) => put(at.probe + n, value))
  const cells = [...storedOf(state).map(([index, content]) => [realOf(index), content] as const), ...tables(state)]
  put(at.stored, cells.length)
  cells.forEach(([address, content], n) => {
    put(at.storage + 2 * n, address)
    put(at.storage + 2 * n + 1, content)
  })
  return new Uint8Array(view.buffer)
}

const faults: readonly string[] = ['bpt', 'bugchk', 'gentrap', 'FEN', 'opDec']
const bits32 = 0xffffffffn

export const answerOf = (trial: Trial, record: Uint8Array | string): Answer => {
  if (typeof record === 'string') return { kind: 'lost', why: record }
  const { instruction, word, before: state } = trial
  const view = new DataView(record.buffer, record.byteOffset)
  const slot = (n: number): bigint => view.getBigUint64(8 * n, true)
  const how = Number(slot(at.how)), code = Number(slot(16))
  const trapped = (cause: string | undefined, said: string): Answer =>
    (cause === undefined ? { kind: 'lost', why: `it comes back by ${said}` } : { kind: 'trapped', causes: [cause], said })
  if (how > 0 && how < 7) {
    const entry = entries[how - 1]!.name
    const cause = [code === 2 ? 'callsys' : undefined, 'arithmetic', 'memory management', faults[code], 'unaligned', 'callsys'][how - 1]
    return trapped(cause, how === 4 || how === 1 ? `${entry}, code ${code}` : entry)
  }
  const registers = new Map<string, bigint>([['PC', how === 7 ? programAt / 4n + 1n : (slot(at.leave) - 4n) >> 2n], ['halted', how === 7 ? 1n : 0n]])
  for (const [name, n, low, width] of kept) registers.set(name, BigInt.asUintN(width, slot(n) >> BigInt(low)))
  const palcode = instruction.name.startsWith('CALL_PAL')
  if (!palcode) registers.set('intr_flag', slot(at.interrupted))
  // The PALcode is on its way to the console.
  if (how === 7) return { kind: 'completed', after: { registers: new Map([...registers].filter(([name]) => name !== 'KSP' && name !== 'USP')), cells: new Map() } }
  const R = new Map(Array.from({ length: stackGiven(state) ? 31 : 30 }, (_, n) => [BigInt(n), slot(n)] as const))
  const F = new Map(Array.from({ length: 31 }, (_, n) => [BigInt(n), slot(at.F + n)] as const))
  const E = new Map(storedOf(state).map(([index], n) => [index, slot(at.storage + 2 * n + 1)] as const))
  if (asksLock(trial)) {
    registers.set('PC', registers.get('PC')! - 1n).set('lock_flag', R.get(operandOf(word, 21, 5))!)
    R.delete(operandOf(word, 21, 5))
  }
  if (instruction.name === 'CALL_PAL wtint') registers.set('halted', BigInt((slot(at.requests) & 0xf0n) !== 0n))
  const probe = probeOf(trial)
  if (probe) for (const [name, value] of mappingOf(probe, slot(at.seen), slot(at.seen + 1), slot(at.seen + 2))) registers.set(name, value)
  const IPIR = new Map([...state.cells.get('IPIR') ?? []].filter(([n]) => n < 4n && slot(at.requests) !== 0n).map(([n]) => [n, slot(at.requests) >> (8n + n) & 1n] as const))
  // The cycles that have passed count as none.
  const [began, ended] = [slot(at.began) & bits32, slot(at.ended) & bits32]
  const still = (count: bigint): bigint => (BigInt.asUintN(32, count - began) <= BigInt.asUintN(32, ended - began) ? 0n : BigInt.asUintN(32, count))
  if (instruction.name === 'RPCC') {
    const ra = operandOf(word, 21, 5), read = R.get(ra)
    if (read !== undefined) R.set(ra, (read & ~bits32) | still(read & bits32))
  }
  if (instruction.name === 'CALL_PAL swpctx') {
    const offset = state.registers.get('PCC_OFF') ?? 0n, times = ((state.registers.get('PCBB') ?? 0n) + 3n) | (0x7ffffen << 38n), sum = E.get(times)
    if (sum !== undefined) E.set(times, (sum & ~bits32) | BigInt.asUintN(32, offset + still((sum & bits32) - offset)))
    const next = ((cellOf(state, 'R', 16n) >> 3n) + 3n) | (0x7ffffen << 38n), given = next === times ? offset : cellOf(state, 'E', next) & bits32
    registers.set('PCC_OFF', BigInt.asUintN(32, given - still(given - registers.get('PCC_OFF')!)))
  }
  return { kind: 'completed', after: { registers, cells: new Map([['R', R], ['F', F], ['E', E], ['IPIR', IPIR]]) } }
}
