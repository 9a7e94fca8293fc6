// RISC-V's verdicts: Theorem 1's premise holds from S to U and from M to U under H, not from M to S.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { riscv } from '../../model/isa/riscv/isa.ts'
import { classify, type Classification, type PropertyName } from '../classify.ts'
import { Solver } from '../decide/solve.ts'

let solver: Solver
beforeAll(async () => { solver = await Solver.start() })
afterAll(() => solver.close())

const having = (c: Classification, property: PropertyName | 'userCritical'): string[] => c.instructions.filter((i) => i[property] === 'yes').map((i) => i.name)

describe('riscv64, S to U', () => {
  let c: Classification
  beforeAll(async () => { c = await classify(riscv('riscv64'), { solve: solver }) }, 60_000)
  it('has no critical instruction', () => {
    expect(having(c, 'critical')).toEqual([])
    expect(c.theorems).toEqual({ vmm: 'yes', recursive: 'yes', hybrid: 'yes' })
  })
})
