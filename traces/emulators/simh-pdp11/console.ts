// A trial as commands of SIMH's console for the PDP-11, and what they print as an answer.
import { kernel, modeNames, supervisor, user, type Mode } from '../../../model/isa/pdp11/state.ts'
import type { Answer, Contents, Trial } from '../bench.ts'
import { valuesOf, type Printed, type Simh } from '../simh.ts'

/** The number of the first word of the I/O page. */
export const ioPage = 0o370000

const modes: readonly Mode[] = [kernel, supervisor, user]
const pages = 8, blocksOfPage = 128
/** Read and write. */
const readWrite = 6

/** The processor status word's fields with their lowest bits and widths. */
const status: readonly (readonly [string, number, number])[] = [
  ['CM', 14, 2], ['PM', 12, 2], ['RS', 11, 1], ['IPL', 5, 3], ['T', 4, 1], ['N', 3, 1], ['Z', 2, 1], ['V', 1, 1], ['C', 0, 1],
]
/** The bits of TRAPS that an instruction raises, and the causes that they stand for. */
const trapBits: readonly (readonly [number, string])[] = [
  [1, 'odd address'], [2, 'memory management'], [5, 'illegal instruction'], [6, 'reserved instruction'], [7, 'BPT'], [8, 'IOT'], [9, 'EMT'], [10, 'TRAP'],
]
/** Those that come after the instruction: trace, stack limit, power, floating point, interrupts. */
const afterwards = 0b1111_1000_0000_0000n

const octal = (n: bigint | number): string => n.toString(8)
const register = (state: Contents, name: string): bigint => state.registers.get(name) ?? 0n
const cellOf = (state: Contents, bank: string, index: number): bigint => state.cells.get(bank)?.get(BigInt(index)) ?? 0n

/** Deposits states; what it has deposited in the mapping registers it does not deposit again. */
export class Depositor {
  #mapping = new Map<string, number>()

  constructor(simh: Simh) {
    simh.onStart = () => { this.#mapping = new Map() }
  }

  commandsOf({ word, before }: Trial): string[] {
    const deposits: string[] = []
    const deposit = (where: string, value: bigint | number): void => { deposits.push(`d ${where} ${octal(value)}`) }
    for (const m of modes) this.#window(m, before, deposit)
    const RS = Number(register(before, 'RS')), CM = Number(register(before, 'CM'))
    for (let n = 0; n < 6; n++) {
      deposit(`r${RS}${n}`, cellOf(before, 'R', n))
      deposit(`r${1 - RS}${n}`, cellOf(before, 'other set', n))
    }
    for (const m of modes) deposit(`${modeNames[m].toLowerCase()}sp`, m === CM ? cellOf(before, 'R', 6) : register(before, `${modeNames[m]}SP`))
    deposit('psw', status.reduce((w, [name, low]) => w | (register(before, name) << BigInt(low)), 0n))
    const PC = register(before, 'PC')
    deposit('pc', PC)
    deposit('mmr0', 1)
    deposit('pirq', register(before, 'PIRQ') << 9n)
    deposit('traps', 0)
    deposit('wait', 0)
    deposit('rk rkba', register(before, 'DEVICES'))
    const places = placesOf(before)
    for (const [index, value] of places) deposit(octal(2n * index), value)
    deposit(octal(2n * programOf(before)), word)
    const seen = ['r00', 'r01', 'r02', 'r03', 'r04', 'r05', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15', 'ksp', 'ssp', 'usp', 'pc', 'psw', 'mmr0', 'pirq', 'traps', 'wait']
    return [...deposits, 'step', `e ${seen.join(',')}`, 'e rk rkba', ...(places.length > 0 ? [`e ${places.map(([index]) => octal(2n * index)).join(',')}`] : [])]
  }

  /** A window as pages of 4096 words: whole ones, a part of one, and none. */
  #window(m: Mode, before: Contents, deposit: (where: string, value: number) => void): void {
    const name = modeNames[m], base = Number(register(before, `${name} base`)), limit = Number(register(before, `${name} limit`))
    for (let page = 0; page < pages; page++) {
      const first = page * blocksOfPage, last = Math.min(limit - first, blocksOfPage - 1)
      const put = (which: string, value: number): void => {
        const where = `${name.toLowerCase()}ip${which}r${page}`
        if (this.#mapping.get(where) === value) return
        this.#mapping.set(where, value)
        deposit(where, value)
      }
      put('a', (base + first) & 0o7777)
      put('d', last < 0 ? 0 : (last << 8) | readWrite)
    }
  }
}

/** The real word of the instruction. */
const programOf = (state: Contents): bigint =>
  (register(state, 'PC') >> 1n) + (register(state, `${modeNames[Number(register(state, 'CM')) as Mode]} base`) << 5n)
const placesOf = (state: Contents): (readonly [bigint, bigint])[] =>
  [...state.cells.get('E') ?? []].filter(([index]) => index < BigInt(ioPage) && index !== programOf(state))

export const answerOf = (printed: Printed, { before }: Trial): Answer => {
  if (typeof printed === 'string') return { kind: 'lost', why: printed }
  const values = valuesOf(printed.text, 8)
  const value = (name: string): bigint => {
    const v = values.get(name)
    if (v === undefined) throw new Error(`the console does not show ${name}: ${printed.text}`)
    return v
  }
  const halted = printed.text.includes('HALT instruction')
  if (!halted && !printed.text.includes('Step expired')) return { kind: 'lost', why: printed.text.trim().split('\n')[0]! }
  const raised = value('TRAPS') & ~afterwards
  const causes = trapBits.filter(([bit]) => ((raised >> BigInt(bit)) & 1n) === 1n).map(([, cause]) => cause)
  if (raised !== 0n) return { kind: 'trapped', causes, said: causes.length > 0 ? causes.join(', ') : `TRAPS ${octal(raised)}` }
  const registers = new Map<string, bigint>([
    ['PC', value('PC')], ['SSR0', value('MMR0') & 1n], ['PIRQ', value('PIRQ') >> 9n], ['HALTED', halted ? 1n : 0n], ['WAITING', value('WAIT')], ['DEVICES', value('RKBA')],
    ...status.map(([name, low, width]) => [name, (value('PSW') >> BigInt(low)) & ((1n << BigInt(width)) - 1n)] as const),
  ])
  const RS = registers.get('RS')!, CM = Number(registers.get('CM'))
  const set = (number: bigint): Map<bigint, bigint> => new Map([0, 1, 2, 3, 4, 5].map((n) => [BigInt(n), value(`R${number}${n}`)]))
  const R = set(RS)
  for (const m of modes) {
    // What a stack pointer's own register holds while it is in force is not to be seen.
    if (m === CM) R.set(6n, value(`${modeNames[m]}SP`))
    else registers.set(`${modeNames[m]}SP`, value(`${modeNames[m]}SP`))
  }
  const E = new Map(placesOf(before).map(([index]) => [index, value(octal(2n * index))]))
  return { kind: 'completed', after: { registers, cells: new Map([['R', R], ['other set', set(1n - RS)], ['E', E]]) } }
}
