// The control and status registers of a hart of the specification by their numbers, and how QEMU's are compared with them.
import { demand, type Demand } from '../../model/ir/demand.ts'
import { constant } from '../../model/ir/term.ts'
import type { WasmMachine } from '../../model/machine/wasm-machine.ts'
import type { RunningHart } from '../../model/isa/riscv/isa.ts'

/** What is left out where all registers are compared step by step, with the reason. */
export const leftOut: Readonly<Record<string, string>> = {
  'CSRs cycle, time, instret, mcycle, minstret, hpmcounters and their events': 'the emulator counts by the clock of its host',
  'CSRs mvendorid, marchid, mimpid, mconfigptr, misa': 'they tell which machine it is',
  'SC': 'may fail at any time; the emulator compares contents',
  'WFI': 'a step of the emulator does not come back from it, or takes the next instruction with it',
}

/** First and last numbers. */
const notCompared = [[0xb00, 0xb1f], [0xb80, 0xb9f], [0xc00, 0xc1f], [0xc80, 0xc9f], [0x320, 0x33f], [0xf11, 0xf15], [0x301, 0x301]] as const
export const isCompared = (number: number): boolean => !notCompared.some(([first, last]) => number >= first && number <= last)

export class Csrs {
  /** Of those that are compared. */
  readonly numbers: readonly number[]
  readonly #reads: Demand
  readonly #machine: WasmMachine

  constructor({ csrs }: RunningHart, machine: WasmMachine) {
    const each = csrs.flatMap((c) => Array.from({ length: c.last - c.first + 1 }, (_, n) => ({ number: c.first + n, read: c.read(constant(12, c.first + n)) })))
      .filter(({ number }) => isCompared(number))
    this.numbers = each.map((e) => e.number)
    this.#reads = demand(each.map((e) => e.read))
    this.#machine = machine
  }

  /** To be called before `value` when the machine has gone on. */
  look(): void {
    this.#reads.on({ variable: (name) => this.#machine.register(name), cell: (bank, n) => this.#machine.cell(bank, Number(n)) })
  }
  value(number: number): bigint {
    return this.#reads.value(this.numbers.indexOf(number))
  }
  /** As the machine has it now. */
  at(number: number): bigint {
    this.look()
    return this.value(number)
  }
}
