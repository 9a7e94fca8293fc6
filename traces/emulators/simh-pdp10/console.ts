// A trial as commands of SIMH's console for the PDP-10 (a KS10), and what they print as an answer.
import type { Answer, Contents, Trial } from '../bench.ts'
import { valuesOf, type Printed, type Simh } from '../simh.ts'

/** Where the process tables begin, above storage: the emulator finds a page failure's words below 1000000 only. */
export const tables = 0o774000
const place = { executive: tables, user: tables + 0o1000 } as const
/** Where page failures and monitor calls go. */
export const handlers = { pageFailure: 0o777776, monitorCall: 0o777775 } as const
/** Words of a page; a block of the KA10's protection and relocation is two of them. */
const page = 0o1000, pages = 512
const accessible = 0o500000

const octal = (n: bigint | number): string => n.toString(8)
const pair = (even: number, odd: number): bigint => (BigInt(even) << 18n) | BigInt(odd)
/** The executive's pages are the real ones of the same numbers. */
const executivePages = (from: number, table: number): string[] =>
  Array.from({ length: (table === 0o600 ? 0o160 : table === 0o400 ? 0o20 : 0o200) }, (_, n) =>
    `d ${octal((table === 0o400 ? place.user : place.executive) + table + n)} ${octal(pair(accessible | (from + 2 * n), accessible | (from + 2 * n + 1)))}`)

export const setUp: readonly string[] = [
  ...executivePages(0, 0o600), ...executivePages(0o340, 0o400), ...executivePages(0o400, 0o200),
  ...Array.from({ length: 8 }, (_, n) => `d ${octal(place.user + 0o430 + n)} ${octal(handlers.monitorCall)}`),
  `d ${octal(place.user + 0o502)} ${octal(handlers.pageFailure)}`,
  // A page failure takes no step of its own: the step is the handler's first instruction, a JRST to itself.
  `d ${octal(handlers.pageFailure)} 254000${octal(handlers.pageFailure)}`,
  `d ebr ${octal(place.executive / page)}`, 'd pgon 1', `d ubr ${octal(place.user / page)}`,
]

/** Flags by their bits in the left half of a PC word. */
const flagBits: readonly (readonly [string, number])[] = [
  ['OV', 17], ['CRY0', 16], ['CRY1', 15], ['FOV', 14], ['BIS', 13], ['USER', 12], ['USER-IO', 11], ['FXU', 6], ['DCK', 5],
]
/** The KS10's flag of a pushdown overflow, trap 2. */
const pushdownOverflow = 8n
const interrupts: readonly (readonly [string, string])[] = [['PI-ON', 'PION'], ['PIE', 'PIENB'], ['PIH', 'PIACT'], ['PIR', 'PIPRQ']]

const register = (state: Contents, name: string): bigint => state.registers.get(name) ?? 0n
const cellsOf = (state: Contents, bank: string): ReadonlyMap<bigint, bigint> => state.cells.get(bank) ?? new Map<bigint, bigint>()
const places = (before: Contents): (readonly [bigint, bigint])[] => [...cellsOf(before, 'E')].filter(([index]) => index >= 16n)

/** The real page of a user's page; undefined where protection is against it. */
const realPage = (before: Contents, virtual: number): number | undefined => {
  const PL = Number(register(before, 'PL')), RL = Number(register(before, 'RL'))
  return virtual >> 1 <= PL ? (virtual + 2 * RL) % pages : undefined
}

/** Deposits states; keeps what the words of the user's page table are. */
export class Depositor {
  #mapped: bigint[] = []

  constructor(simh: Simh) {
    simh.onStart = () => { this.#mapped = [] }
  }

  commandsOf({ word, before }: Trial): string[] {
    const deposits: string[] = []
    const deposit = (where: string, value: bigint | number): void => { deposits.push(`d ${where} ${octal(value)}`) }
    for (let n = 0n; n < 16n; n++) deposit(`ac${octal(n)}`, cellsOf(before, 'AC').get(n) ?? 0n)
    deposit('flags', flagBits.reduce((w, [name, bit]) => w | (register(before, name) << BigInt(bit)), 0n))
    for (const [name, shown] of interrupts) deposit(shown.toLowerCase(), register(before, name))
    const PC = Number(register(before, 'PC')), inUser = register(before, 'USER') === 1n
    deposit('pc', PC)
    if (inUser) this.#map(before, deposit)
    const here = inUser ? (realPage(before, Math.floor(PC / page)) ?? 0) * page + PC % page : PC
    for (const [index, value] of places(before)) deposit(octal(index), value)
    deposit(octal(here), word)
    const seen = [...Array.from({ length: 16 }, (_, n) => `ac${octal(n)}`), 'pc', 'flags', ...interrupts.map(([, shown]) => shown.toLowerCase())]
    const memory = places(before).map(([index]) => octal(index))
    return [...deposits, 'reset pag', 'step', `e ${seen.join(',')}`, ...(memory.length > 0 ? [`e ${memory.join(',')}`] : [])]
  }

  /** Every page within protection. */
  #map(before: Contents, deposit: (where: string, value: bigint) => void): void {
    const entry = (n: number): number => {
      const real = realPage(before, n)
      return real === undefined ? 0 : accessible | real
    }
    for (let n = 0; n < pages / 2; n++) {
      const both = pair(entry(2 * n), entry(2 * n + 1))
      if (this.#mapped[n] === both) continue
      this.#mapped[n] = both
      deposit(octal(place.user + n), both)
    }
  }
}

export const answerOf = (printed: Printed, { before, instruction }: Trial): Answer => {
  if (typeof printed === 'string') return { kind: 'lost', why: printed }
  const values = valuesOf(printed.text, 8)
  const value = (name: string): bigint => {
    const v = values.get(name)
    if (v === undefined) throw new Error(`the console does not show ${name}: ${printed.text}`)
    return v
  }
  const stop = printed.text.trim().split('\n')[0]!
  const halted = stop.startsWith('HALT instruction')
  if (!halted && !stop.startsWith('Step expired')) return { kind: 'lost', why: stop }
  const PC = value('PC'), FLAGS = value('FLAGS')
  if (PC === BigInt(handlers.pageFailure)) return { kind: 'trapped', causes: ['protection'], said: 'page failure' }
  if (PC === BigInt(handlers.monitorCall)) return { kind: 'trapped', causes: ['UUO', 'unassigned'], said: 'monitor call' }
  const registers = new Map<string, bigint>([
    ['PC', PC], ['HALTED', halted ? 1n : 0n],
    ...flagBits.map(([name, bit]) => [name, (FLAGS >> BigInt(bit)) & 1n] as const),
    ...interrupts.map(([name, shown]) => [name, value(shown)] as const),
    ...(usesStack(instruction.name) ? [['PDL-OV', (FLAGS >> pushdownOverflow) & 1n] as const] : []),
  ])
  const AC = new Map(Array.from({ length: 16 }, (_, n) => [BigInt(n), value(`AC${octal(n)}`)] as const))
  const E = new Map(places(before).map(([index]) => [index, value(octal(index))]))
  return { kind: 'completed', after: { registers, cells: new Map([['AC', AC], ['E', E]]) } }
}

const usesStack = (name: string): boolean => ['PUSH', 'PUSHJ', 'POP', 'POPJ'].includes(name)
