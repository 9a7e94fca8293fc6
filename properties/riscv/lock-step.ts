// A RISC-V hart and its specification, step by step from the same states: registers, CSRs and memory after each step.
import { Random, streamSeed } from '../../traces/generate-random.ts'
import { demand, type Demand } from '../../model/ir/demand.ts'
import type { Instruction } from '../../model/ir/instruction.ts'
import type { Valuation } from '../../model/ir/stage.ts'
import type { Place } from '../../model/ir/state.ts'
import { constant, variable } from '../../model/ir/term.ts'
import { riscvHart } from '../../model/isa/riscv/isa.ts'
import type { Parameters } from '../../model/isa/riscv/parameters.ts'
import { SpecificationMachine, type Stepped } from '../../model/machine/specification-machine.ts'
import { ram, trial, type Line, type Trial } from './trial.ts'

/** A hart of one mebibyte of RAM, as far as comparing needs it. */
export interface Hart {
  readonly x: BigUint64Array
  readonly f: BigUint64Array
  readonly ram: Uint8Array
  pc: bigint
  mode: 0 | 1 | 3
  readonly csr: (number: number) => bigint | undefined
  readonly setCsr: (number: number, value: bigint) => boolean
  readonly csrs: readonly number[]
  readonly step: () => 'retired' | 'trapped' | 'interrupted' | 'waiting'
  readonly drive: (line: Line, level: boolean) => void
  readonly wrote: (offset: number, bytes: number) => void
}
/** A hart and what brings it back to its reset, RAM apart. */
export interface Compared {
  readonly hart: Hart
  readonly reset: () => void
}

/** The choices that the hart makes, as the specification names them. */
export const choicesOfHart = {
  dirtiness: 'tracked', reservedPmp: 'no W', performanceCounters: 'read-only 0', reservationWidth: 'that of LR', schemes: ['Sv39', 'Sv48'],
  regions: [{ base: ram.base, size: BigInt(ram.size) }],
} as const satisfies Partial<Parameters>

export interface Difference {
  readonly trial: number
  /** The steps of the trial up to the one that differs, as the specification has them. */
  readonly steps: readonly string[]
  readonly differences: readonly string[]
}
export interface Comparison {
  readonly steps: number
  readonly differences: readonly Difference[]
  /** How often each instruction was completed, and each trap taken. */
  readonly reached: ReadonlyMap<string, number>
}

const inputs: Readonly<Record<Line, string>> = { MSIP: 'mip.MSIP', MTIP: 'mip.MTIP', MEIP: 'mip.MEIP', SEIP: 'SEIP line' }
const stepsOfTrial = 12
const outcomes: Readonly<Record<Stepped['kind'], readonly string[]>> = { completed: ['retired'], trapped: ['trapped', 'interrupted'], halted: ['waiting'] }

/** The specification's side: its CSRs are read and written by their numbers. */
class Specified {
  readonly machine: SpecificationMachine
  readonly instructions: readonly Instruction[]
  readonly numbers: readonly number[]
  readonly #valuation: Valuation
  readonly #reads: Demand
  readonly #writes = new Map<number, { readonly places: readonly Place[]; readonly terms: Demand }>()
  readonly #csrs: ReturnType<typeof riscvHart>['csrs']

  constructor(choices: Partial<Omit<Parameters, 'translation'>>) {
    const { isa, csrs } = riscvHart('riscv64', choices)
    this.machine = new SpecificationMachine(isa)
    this.instructions = isa.instructions
    this.#csrs = csrs
    const each = csrs.flatMap((c) => Array.from({ length: c.last - c.first + 1 }, (_, n) => ({ number: c.first + n, read: c.read(constant(12, c.first + n)) })))
    this.numbers = each.map((e) => e.number)
    this.#reads = demand(each.map((e) => e.read))
    this.#valuation = { variable: (name) => this.machine.register(name), cell: (bank, n) => this.machine.bank(bank).get(n) }
  }

  /** By the order of `numbers`. */
  csrs(): bigint[] {
    this.#reads.on(this.#valuation)
    return this.numbers.map((_, n) => this.#reads.value(n))
  }

  /** What CSRRW in M-mode writes. */
  setCsr(number: number, value: bigint): void {
    const { places, terms } = this.#writes.get(number) ?? this.#writeOf(number)
    terms.on({ ...this.#valuation, variable: (name) => (name === 'written' ? value : this.machine.register(name)) })
    const writes = places.map((place, n) => ({ place, when: terms.value(3 * n) === 1n, content: terms.value(3 * n + 1), index: terms.value(3 * n + 2) }))
    for (const w of writes.filter(({ when }) => when)) this.#put(w.place, w.content, w.index)
  }

  #writeOf(number: number): { readonly places: readonly Place[]; readonly terms: Demand } {
    const csr = this.#csrs.find((c) => c.first <= number && number <= c.last)!
    const writes = csr.write?.(variable('written', 64), constant(12, number)) ?? []
    const made = { places: writes.map((w) => w.place), terms: demand(writes.flatMap((w) => [w.when, w.value, w.place.kind === 'cell' ? w.place.index : constant(1, 0)])) }
    this.#writes.set(number, made)
    return made
  }

  #put(place: Place, content: bigint, index: bigint): void {
    if (place.kind === 'cell') return this.machine.bank(place.bank.name).set(index, content)
    const [name, low, width] = place.kind === 'register' ? [place.name, 0, place.width] : [place.register.name, place.low, place.width]
    const ones = ((1n << BigInt(width)) - 1n) << BigInt(low)
    this.machine.setRegister(name, (this.machine.register(name) & ~ones) | (content << BigInt(low)))
  }
}

/** Compares trials `from` to `to` - 1 of a seed; a trial ends where the two differ, or where the hart waits. */
export const compareSteps = (
  { hart, reset }: Compared, seed: number, from: number, to: number, choices: Partial<Omit<Parameters, 'translation'>> = choicesOfHart,
): Comparison => {
  const s = new Specified(choices)
  const hartCsrs = new Set(hart.csrs), reached = new Map<string, number>(), found: Difference[] = []
  let steps = 0
  for (let n = from; n < to; n++) {
    reset()
    layDown(trial(new Random(streamSeed(seed, n)), s.instructions, s.numbers), s, hart)
    const names: string[] = []
    for (let k = 0; k < stepsOfTrial; k++) {
      const at = s.machine.register('pc'), specified = s.machine.step(), stepped = hart.step()
      const what = `${specified.kind === 'halted' ? 'halted' : specified.instruction?.name ?? 'fetch'}${specified.kind === 'trapped' ? `: ${specified.cause}` : ''}`
      names.push(`${at.toString(16)} ${what}`)
      reached.set(what, (reached.get(what) ?? 0) + 1)
      steps++
      const last = k === stepsOfTrial - 1 || specified.kind === 'halted'
      const differences = [...(outcomes[specified.kind].includes(stepped) ? [] : [`${specified.kind}; the hart has ${stepped}`]), ...registersOf(s, hart, hartCsrs), ...(last ? memoryOf(s, hart) : [])]
      if (differences.length > 0) found.push({ trial: n, steps: names, differences })
      if (differences.length > 0 || last) break
    }
  }
  return { steps, differences: found, reached }
}

const layDown = (t: Trial, s: Specified, hart: Hart): void => {
  const { machine: m } = s
  const fill = (address: bigint, bytes: Uint8Array): void => {
    const offset = Number(address - ram.base)
    m.bank('memory').write(address, bytes)
    hart.ram.set(bytes, offset)
    hart.wrote(offset, bytes.length)
  }
  for (const [first, cells] of m.bank('memory').blocks()) {
    const offset = Number(first - ram.base)
    hart.ram.fill(0, offset, offset + cells.length)
    hart.wrote(offset, cells.length)
  }
  m.clear()
  for (const [address, value, bytes] of t.memory) fill(address, Uint8Array.from({ length: bytes }, (_, k) => Number((value >> BigInt(8 * k)) & 0xffn)))
  m.setRegister('priv', 3n)
  hart.mode = 3
  for (const [number, value] of t.csrs) {
    s.setCsr(number, value)
    hart.setCsr(number, value)
  }
  t.x.forEach((value, n) => {
    if (n === 0) return
    m.bank('x').set(BigInt(n), value)
    hart.x[n] = value
  })
  t.f.forEach((value, n) => {
    m.bank('f').set(BigInt(n), value)
    hart.f[n] = value
  })
  for (const [line, name] of Object.entries(inputs) as [Line, string][]) {
    m.setRegister(name, t.lines[line] ? 1n : 0n)
    hart.drive(line, t.lines[line])
  }
  m.setRegister('priv', BigInt(t.mode))
  hart.mode = t.mode
  m.setRegister('pc', t.pc)
  hart.pc = t.pc
  // Writes from outside are not followed by an instruction that counts.
  m.setRegister('mcycle', hart.csr(0xb00)!)
  m.setRegister('minstret', hart.csr(0xb02)!)
}

const registersOf = (s: Specified, hart: Hart, hartCsrs: ReadonlySet<number>): string[] => {
  const { machine: m } = s, differences: string[] = []
  const compare = (what: string, specified: bigint, had: bigint | undefined): void => {
    if (specified !== had) differences.push(`${what} is ${specified.toString(16)}; the hart's ${had?.toString(16)}`)
  }
  compare('pc', m.register('pc'), hart.pc)
  compare('the mode', m.register('priv'), BigInt(hart.mode))
  for (let n = 0; n < 32; n++) {
    if (n > 0) compare(`x${n}`, m.bank('x').get(BigInt(n)), hart.x[n])
    compare(`f${n}`, m.bank('f').get(BigInt(n)), hart.f[n])
  }
  const values = s.csrs()
  s.numbers.forEach((number, n) => { if (hartCsrs.has(number)) compare(`CSR ${number.toString(16)}`, values[n]!, hart.csr(number)) })
  return differences
}

const memoryOf = (s: Specified, hart: Hart): string[] => {
  const differences: string[] = []
  for (const [first, cells] of s.machine.bank('memory').blocks()) {
    const offset = Number(first - ram.base), at = cells.findIndex((c: number | bigint, k: number) => Number(c) !== hart.ram[offset + k])
    if (at >= 0) differences.push(`memory ${(first + BigInt(at)).toString(16)} is ${cells[at]!.toString(16)}; the hart's ${hart.ram[offset + at]!.toString(16)}`)
  }
  return differences
}
