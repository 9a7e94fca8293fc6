// A hart of the specification with code, registers and memory laid down, and what its steps came to, in short.
import { SpecificationMachine, type Stepped } from '../../machine/specification-machine.ts'
import { riscvHart } from './isa.ts'
import type { Parameters } from './parameters.ts'

export const base = 0x8000_0000n
/** Where the code of tests is. */
export const code = base + 0x8000n

type Choices = Partial<Omit<Parameters, 'translation'>>
const machines = new Map<string, SpecificationMachine>()
/** Each hart has one machine for all tests of a file, cleared for each of them. */
const cleared = (name: string, choices: Choices = {}): SpecificationMachine => {
  const key = name + JSON.stringify(choices, (_, v: unknown) => (typeof v === 'bigint' ? `${v}` : v))
  const machine = machines.get(key) ?? new SpecificationMachine(riscvHart(name, choices).isa)
  machines.set(key, machine)
  machine.clear()
  return machine
}

export interface Given {
  readonly name?: 'riscv64' | 'riscv32'
  readonly choices?: Choices
  /** Instructions from the pc up, of 32 bits where their two lowest are ones and of 16 otherwise. */
  readonly words?: readonly number[]
  /** By name; pc and priv are `code` and M-mode where they are not said. */
  readonly registers?: Readonly<Record<string, bigint>>
  readonly x?: Readonly<Record<number, bigint>>
  readonly f?: Readonly<Record<number, bigint>>
  /** PMP entries: configuration and address register. */
  readonly pmp?: readonly (readonly [config: bigint, address: bigint])[]
  /** Numbers of eight bytes, or of four on RV32, by physical address. */
  readonly memory?: readonly (readonly [address: bigint, content: bigint])[]
}

/** Everything else is 0, and what the last machine of the same hart held is gone; PMP allows all where the test does not say otherwise. */
export const machineOf = (given: Given): SpecificationMachine => {
  const { name = 'riscv64', choices, words = [], registers = {}, x = {}, f = {}, pmp = [[0x1fn, -1n]], memory = [] } = given
  const m = cleared(name, choices)
  const all: Record<string, bigint> = { pc: code, priv: 3n, ...registers }
  for (const [n, content] of Object.entries(all)) m.setRegister(n, content)
  for (const [n, content] of Object.entries(x)) m.bank('x').set(BigInt(n), content)
  for (const [n, content] of Object.entries(f)) m.bank('f').set(BigInt(n), content)
  pmp.forEach(([config, address], n) => {
    m.bank('pmpcfg').set(BigInt(n), config)
    m.bank('pmpaddr').set(BigInt(n), address)
  })
  const size = name === 'riscv64' ? 8 : 4
  for (const [address, content] of memory) put(m, address, content, size)
  let at = all['pc']!
  for (const w of words) {
    const bytes = (w & 3) === 3 ? 4 : 2
    put(m, at, BigInt(w >>> 0), bytes)
    at += BigInt(bytes)
  }
  return m
}

export const put = (m: SpecificationMachine, address: bigint, content: bigint, bytes: number): void =>
  m.bank('memory').write(address, Uint8Array.from({ length: bytes }, (_, k) => Number((content >> BigInt(8 * k)) & 0xffn)))

/** The name of the instruction that was completed, or the trap: its cause, with its value where it has one. */
export const said = (s: Stepped): string =>
  (s.kind === 'completed' ? s.instruction.name : s.kind === 'halted' ? 'halted' : s.value === 0n ? s.cause : `${s.cause}, ${s.value.toString(16)}`)
/** What the first step comes to. */
export const stepOf = (given: Given): string => said(machineOf(given).step())
