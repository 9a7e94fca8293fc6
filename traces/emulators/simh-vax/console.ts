// A trial as commands of SIMH's console for the VAX-11/780, and what they print as an answer.
import type { Answer, Contents, Trial } from '../bench.ts'
import { valuesOf, type Printed } from '../simh.ts'

/** Real addresses: storage below the system control block's place, then the tables, which are mapped at `system`. */
export const place = { control: 0x600000, systemTable: 0x700000, tables: 0x710000, system: 0x80000000, systemPages: 0x400, program: 0x80020000, kernelStack: 0x80040400, interruptStack: 0x80040800, handlers: 0x80050000 } as const
/** Pages of P0 space that its table has room for. */
export const mostPages = 0x4000
const pageBits = 9n

const hex = (n: bigint | number): string => n.toString(16)
/** With a digit first: DC and FC are registers as well. */
const at = (n: bigint | number): string => `0${hex(n)}`
/** A page table entry that all may use, and has been written: valid, UW, modified. */
const open = 0xa4000000n

export const setUp: readonly string[] = [
  'set cpu 8m',
  ...Array.from({ length: place.systemPages }, (_, page) => `d ${at(place.systemTable + 4 * page)} ${hex(open | BigInt((place.tables >> 9) + page))}`),
  `d sbr ${hex(place.systemTable)}`, `d slr ${hex(place.systemPages)}`, 'd mapen 1',
]

/** Exceptions by their offsets in the system control block, and the cause that each stands for. */
const vectors: readonly (readonly [number, string | undefined])[] = [
  [0x04, undefined], [0x08, undefined], [0x10, 'reserved-instruction'], [0x14, 'customer-reserved-instruction'], [0x18, 'reserved-operand'],
  [0x1c, undefined], [0x20, 'access-control-violation'], [0x24, undefined], [0x28, undefined], [0x2c, 'breakpoint'], [0x30, undefined], [0x34, undefined],
]
const names: Readonly<Record<number, string>> = { 0x04: 'machine check', 0x08: 'kernel stack not valid', 0x1c: 'reserved addressing mode', 0x24: 'translation not valid', 0x28: 'trace', 0x30: 'compatibility mode', 0x34: 'arithmetic' }
const stacks = ['ksp', 'esp', 'ssp', 'usp'] as const
const stackBank = 'KSP-ESP-SSP-USP'
const status: readonly (readonly [string, number, number])[] = [['IS', 26, 1], ['CUR', 24, 2], ['PRV', 22, 2], ['IPL', 16, 5], ['PSW', 0, 8]]

const register = (state: Contents, name: string): bigint => state.registers.get(name) ?? 0n
const cellsOf = (state: Contents, bank: string): ReadonlyMap<bigint, bigint> => state.cells.get(bank) ?? new Map<bigint, bigint>()

/** A stack that the trial does not name is the bench's, so that exceptions find it. */
const stackOf = (state: Contents, bank: string, index: bigint): bigint => cellsOf(state, bank).get(index) ?? BigInt(place.kernelStack)
/** What is read back of it: 0 stands for a stack that the trial does not name. */
const stackAfter = (state: Contents, bank: string, index: bigint, is: bigint): bigint =>
  (cellsOf(state, bank).has(index) || is !== BigInt(place.kernelStack) ? is : 0n)

const bytesOf = ({ instruction, word }: Trial): readonly number[] => {
  const { width } = instruction.encoding
  return Array.from({ length: width / 8 }, (_, n) => Number((word >> BigInt(width - 8 - 8 * n)) & 0xffn))
}
/** The real address of a page's entry in the table of P0 space. */
const entryOf = (page: bigint): bigint => BigInt(place.tables) + 4n * page

const loadContext = 0x06, moveToProcessor = 0xda, tableBase = 8
/** LDPCTX refers to P0 space by the mapping that it loads: this bench has a context's P0BR at the table, which is 0 in the model. */
const mappingOf = (trial: Trial): { readonly base: bigint; readonly count: bigint } =>
  bytesOf(trial)[0] === loadContext
    ? { base: 0n, count: BigInt(mostPages) }
    : { base: register(trial.before, 'P0BR'), count: register(trial.before, 'P0LR') }

/** Pages of P0 space that the trial may refer to: those of its cells, of a probe's two ends, and of the stack in use. */
const pagesOf = (trial: Trial): Set<bigint> => {
  const { before } = trial, { base, count } = mappingOf(trial)
  const pages = new Set<bigint>(cellsOf(before, 'PTE-M').keys())
  for (const index of cellsOf(before, 'E').keys()) pages.add(BigInt.asUintN(21, (index >> (pageBits - 2n)) - base))
  const around = (address: bigint): void => {
    for (const end of [-64n, -1n, 0n, 63n]) pages.add(BigInt.asUintN(32, address + end) >> pageBits)
  }
  for (const bank of ['R', stackBank]) for (const value of cellsOf(before, bank).values()) around(value)
  return new Set([...pages].filter((page) => page < count && page < BigInt(mostPages)))
}

const placesOf = (before: Contents): (readonly [bigint, bigint])[] => [...cellsOf(before, 'E')].filter(([index]) => index < BigInt(place.systemTable >> 2))
const notedOf = (before: Contents): readonly bigint[] => [...cellsOf(before, 'PTE-M').keys()].filter((page) => page < BigInt(mostPages))

export const commandsOf = (trial: Trial): string[] => {
  const { before } = trial, deposits: string[] = []
  const deposit = (where: string, value: bigint | number): void => { deposits.push(`d ${where} ${hex(value)}`) }
  const IS = register(before, 'IS'), SP = stackOf(before, 'R', 14n)
  for (let n = 0; n < 14; n++) deposit(`r${n}`, cellsOf(before, 'R').get(BigInt(n)) ?? 0n)
  deposit('sp', SP)
  stacks.forEach((name, mode) => deposit(name, stackOf(before, stackBank, BigInt(mode))))
  deposit('is', IS === 1n ? SP : register(before, 'ISP'))
  deposit('psl', status.reduce((w, [name, low]) => w | (register(before, name) << BigInt(low)), 0n))
  for (const name of ['PC', 'SISR', 'ASTLVL', 'SCBB', 'PCBB', 'P0LR']) deposit(name.toLowerCase(), register(before, name))
  deposit('p0br', place.system)
  deposit('p1br', place.system)
  deposit('p1lr', 0x200000)
  deposit('trpirq', 0)
  const SCBB = register(before, 'SCBB'), PCBB = register(before, 'PCBB')
  // Bit 0: on the interrupt stack.
  for (const [vector] of vectors) deposit(at(SCBB + BigInt(vector)), place.handlers + 8 * vector + 1)
  const bytes = bytesOf(trial)
  if (bytes[0] === loadContext) {
    deposit(at(PCBB + 88n), place.system)
    deposit(at(PCBB + 92n), 0x200000)
  }
  const noted = cellsOf(before, 'PTE-M'), PROT = register(before, 'PTE-PROT'), { base } = mappingOf(trial)
  for (const page of pagesOf(trial))
    deposit(at(entryOf(page)), (1n << 31n) | (PROT << 27n) | ((noted.get(page) ?? 0n) << 26n) | BigInt.asUintN(21, page + base))
  const places = placesOf(before)
  for (const [index, value] of places) deposit(at(4n * index), value)
  const program = Number(register(before, 'PC') - BigInt(place.system)) + place.tables
  bytes.forEach((byte, n) => deposits.push(`d -b ${at(program + n)} ${hex(byte)}`))
  deposits.push('reset tlb')
  const seen = [...Array.from({ length: 14 }, (_, n) => `r${n}`), 'sp', ...stacks, 'is', 'psl', 'pc', 'sisr', 'astlvl', 'scbb', 'pcbb', 'p0br', 'p0lr']
  const memory = [...places.map(([index]) => at(4n * index)), ...notedOf(before).map((page) => at(entryOf(page)))]
  return [...deposits, 'step', `e ${seen.join(',')}`, ...chunks(memory, 10).map((some) => `e ${some.join(',')}`)]
}

/** A line of commands has at most 127 characters. */
const chunks = (all: readonly string[], size: number): string[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, n) => all.slice(n * size, (n + 1) * size))

const loadsTable = (trial: Trial): boolean => {
  const [operation, , number] = bytesOf(trial)
  return operation === loadContext || (operation === moveToProcessor && number === tableBase)
}
/** CHMK to CHMU. */
const isChangeMode = (operation: number): boolean => operation >= 0xbc && operation <= 0xbf

export const answerOf = (printed: Printed, trial: Trial): Answer => {
  if (typeof printed === 'string') return { kind: 'lost', why: printed }
  const { before } = trial, values = valuesOf(printed.text, 16)
  const value = (name: string): bigint => {
    const v = values.get(name.toUpperCase())
    if (v === undefined) throw new Error(`the console does not show ${name}: ${printed.text}`)
    return v
  }
  const stop = printed.text.trim().split('\n')[0]!
  const halted = stop.startsWith('HALT instruction') || stop.startsWith('CHM')
  // A branch to itself at priority 1F, which nothing would end, stops the emulator after it.
  if (!halted && !stop.startsWith('Step expired') && !stop.startsWith('Infinite loop')) return { kind: 'lost', why: stop }
  const PC = value('pc'), PSL = value('psl')
  const vector = vectors.find(([offset]) => PC === BigInt(place.handlers + 8 * offset))
  if (vector) {
    const [offset, cause] = vector
    return { kind: 'trapped', causes: cause === undefined ? [] : [cause], said: cause ?? names[offset]! }
  }
  const registers = new Map<string, bigint>([
    ['PC', PC], ['HALTED', halted ? 1n : 0n],
    ...['SISR', 'ASTLVL', 'SCBB', 'PCBB', 'P0LR'].map((name) => [name, value(name)] as const),
    // The model's P0BR is the first frame; the register holds where the table is, until an instruction loads it.
    ['P0BR', loadsTable(trial) ? (value('p0br') >> pageBits) & 0x1fffffn : register(before, 'P0BR')],
    ...status.map(([name, low, width]) => [name, (PSL >> BigInt(low)) & ((1n << BigInt(width)) - 1n)] as const),
  ])
  const CUR = registers.get('CUR')!, IS = registers.get('IS')!
  if (!halted && isChangeMode(bytesOf(trial)[0]!) && CUR === 0n) return { kind: 'trapped', causes: ['change-mode'], said: 'change of mode to the kernel' }
  const R = new Map([...Array.from({ length: 14 }, (_, n) => [BigInt(n), value(`r${n}`)] as const), [14n, stackAfter(before, 'R', 14n, value('sp'))] as const])
  const STACKS = new Map<bigint, bigint>()
  // What a stack's own register holds while it is in use is not to be seen.
  stacks.forEach((name, mode) => { if (IS === 1n || BigInt(mode) !== CUR) STACKS.set(BigInt(mode), stackAfter(before, stackBank, BigInt(mode), value(name))) })
  if (IS === 0n) registers.set('ISP', value('is'))
  const E = new Map(placesOf(before).map(([index]) => [index, value(hex(4n * index))]))
  const M = new Map(notedOf(before).map((page) => [page, (value(hex(entryOf(page))) >> 26n) & 1n]))
  return { kind: 'completed', after: { registers, cells: new Map([['R', R], [stackBank, STACKS], ['E', E], ['PTE-M', M]]) } }
}
