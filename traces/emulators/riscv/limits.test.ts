// Which states the bench takes, by states on both sides of a limit.
import { expect, it } from 'vitest'
import { evaluate } from '../../../model/ir/stage.ts'
import { riscv } from '../../../model/isa/riscv/isa.ts'
import { execute } from '../../../model/machine/execute.ts'
import { limitsOf } from './limits.ts'
import { place } from './record.ts'

const isa = riscv('riscv64'), limits = limitsOf(isa, new Map(), place.code)
/** Whether the bench takes a misaligned access in U-mode, with these exceptions delegated to stvec in storage, as far as that is concerned. */
const taken = (name: string, delegated: readonly number[]): boolean => {
  const instruction = isa.instructions.find((i) => i.name === name)!, outcome = execute(isa, instruction)
  const values: Readonly<Record<string, bigint>> = { 'operand rs1': 5n, 'stvec.BASE': BigInt(place.storage / 4), 'medeleg[9:0]': delegated.reduce((bits, code) => bits | 1n << BigInt(code), 0n) }
  const { holds } = limits(instruction, outcome).find((l) => l.name === 'stvec is nowhere where a trap goes there')!
  return evaluate(holds, { variable: (variable) => values[variable] ?? 0n, cell: (bank) => (bank === 'x' ? 2n : 0n) }) === 1n
}

it('a trap that is delegated comes back from where nothing is, by the code that the emulator raises too', () => {
  const codes = [4, 5, 6, 7]
  const refused = (name: string): readonly number[] => codes.filter((code) => !taken(name, [code]))
  expect(['LD', 'LR.D', 'SC.D', 'AMOADD.D'].map(refused)).toEqual([[], [4, 5], [4, 5, 7], [4, 5, 7]])
})
