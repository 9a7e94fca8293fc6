// The verdicts on x86 in protected mode, against what has been published about it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { x86Protected } from '../../model/isa/x86/isa.ts'
import { Solver } from '../decide/solve.ts'
import { classify } from '../classify.ts'

let solver: Solver
beforeAll(async () => { solver = await Solver.start() })
afterAll(() => solver.close())

describe('x86-32', () => {
  it('cannot be shown to carry a VMM or a hybrid one', async () => {
    const c = await classify(x86Protected, { solve: solver }, { instructions: ['ADD r32, r32', 'SGDT m', 'POPFD', 'CLI'] })
    expect(c.theorems).toEqual({ vmm: 'no', recursive: 'no', hybrid: 'no' })
    expect(c.instructions.filter((i) => i.critical === 'yes').map((i) => i.name)).toEqual(['POPFD', 'SGDT m'])
  })
})
