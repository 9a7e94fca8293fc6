// What was recorded on one machine replays on every other that keeps to the manual, and only on those.
import { describe, expect, it } from 'vitest'
import { disassemble } from '../impl/assembler/disassemble.ts'
import { Cpu } from '../impl/cpu/third-generation/cpu.ts'
import { ReferenceMachine } from '../model/isa/third-generation/reference.ts'
import { readTrace, writeTrace } from './format.ts'
import { ins, psw } from './generate-words.ts'
import type { Engine, GuestProgram } from './program.ts'
import { record } from './record.ts'
import { replay } from './replay.ts'

const cpu: Engine = { name: 'cpu', create: (options) => new Cpu(options) }
const specification: Engine = { name: 'specification', create: (options) => new ReferenceMachine(options) }
const about = { system: 'third-generation/cpu', why: 'an example', seed: 5 }

/** A supervisor call from user mode, whose handler reads the keyboard, prints, writes the disk and halts. */
const program: GuestProgram = {
  options: { size: 64, diskSize: 4, keyboard: [0x41] },
  mode: 1, counter: 1, base: 1, bound: 1, timer: 9, pending: false,
  registers: Array.from({ length: 16 }, (_, i) => i),
  cells: [
    [1, psw(0, 2, 0, 4)],
    [2, ins.IN(1, 0)], [3, ins.OUT(1, 0)], [4, ins.OUT(1, 2)], [5, ins.L(2, 0)], [6, ins.HALT()],
    [16, 0], [17, ins.ADD(3, -4)], [18, ins.SVC(7)],
  ],
  disk: [[3, -1]], diskPosition: 1, steps: 50,
}

class Forgetful extends Cpu {
  override setCell(): void {}
}
class NeverTicks extends Cpu {
  protected override tick(): void {}
}

describe('record', () => {
  const trace = record(program, cpu, disassemble, about)
  it('tells every step with what it changed, up to the halt', () => {
    expect(trace).toMatchObject({ kind: 'run', isa: 'third-generation', engine: 'cpu', seed: 5 })
    expect(trace.steps).toEqual([
      { n: 1, pc: '0x001', mode: 1, word: '0x2030fffc', instruction: 'ADD r3, -4', changes: { P: '0x002', TIMER: '0x00000008', 'G[3]': '0xffffffff' } },
      {
        n: 2, pc: '0x002', mode: 1, word: '0x40000007', instruction: 'SVC 7', cause: 'supervisorCall',
        changes: { M: '0x0', L: '0x00', B: '0x04', 'E[0]': '0xc0020101' },
      },
      { n: 3, pc: '0x002', mode: 0, word: '0x85100000', instruction: 'IN r1, 0', changes: { P: '0x003', TIMER: '0x00000007', TAKEN: '0x0001', 'G[1]': '0x00000041' } },
      { n: 4, pc: '0x003', mode: 0, word: '0x86100000', instruction: 'OUT r1, 0', changes: { P: '0x004', TIMER: '0x00000006', 'PRINTED[0]': '0x41' } },
      { n: 5, pc: '0x004', mode: 0, word: '0x86100002', instruction: 'OUT r1, 2', changes: { P: '0x005', TIMER: '0x00000005', POSITION: '0x00000002', 'DISK[1]': '0x00000041' } },
      { n: 6, pc: '0x005', mode: 0, word: '0x11200000', instruction: 'L r2, 0x000', changes: { P: '0x006', TIMER: '0x00000004', 'G[2]': '0xc0020101' } },
      { n: 7, pc: '0x006', mode: 0, word: '0x87000000', instruction: 'HALT', changes: { P: '0x007', TIMER: '0x00000003', HALTED: '0x1' } },
    ])
  })
  it('shows no word where none is fetched: a timer trap, an address outside R', () => {
    const [timer, outside] = record({ ...program, pending: true, cells: [[1, psw(1, 15, 4, 9)]], steps: 2 }, cpu, disassemble, about).steps
    expect(timer).toMatchObject({ cause: 'timer' })
    expect(outside).toMatchObject({ cause: 'memory', pc: '0x00f', mode: 1 })
    for (const step of [timer!, outside!]) expect(step).not.toHaveProperty('word')
  })
  it('writes defaults and variant out', () => {
    const { program: recorded, isa } = record({ ...program, options: { size: 32, variant: 'read-mode' } }, cpu, disassemble, about)
    expect(recorded.options).toEqual({ size: 32, variant: 'read-mode', trapCells: 'low', diskSize: 1024, keyboard: [] })
    expect(isa).toBe('third-generation/read-mode')
  })
})

describe('replay', () => {
  const trace = readTrace(writeTrace(record(program, specification, disassemble, about)), 'x')
  if (trace.kind !== 'run') throw new Error('a run was written')

  it('agrees on every engine, after the way through a file', () => {
    expect(replay(trace, [specification, cpu])).toEqual([{ engine: 'specification', steps: 7 }, { engine: 'cpu', steps: 7 }])
  })
  it('names step and component where a faulty engine parts', () => {
    expect(replay(trace, [
      { name: 'forgetful', create: (o) => new Forgetful(o) },
      { name: 'never ticks', create: (o) => new NeverTicks(o) },
      { name: 'never prints', create: (o) => Object.assign(new Cpu(o), { output: () => {} }) },
    ])).toEqual([
      { engine: 'forgetful', steps: 0, divergence: { step: 0, component: 'E[1]', expected: '0x00020004', found: '0x00000000' } },
      { engine: 'never ticks', steps: 0, divergence: { step: 1, component: 'TIMER', expected: '0x00000008', found: '0x00000009' } },
      { engine: 'never prints', steps: 3, divergence: { step: 4, component: 'PRINTED[0]', expected: '0x41', found: undefined } },
    ])
  })
  it('sees a trap with the right effect and the wrong cause', () => {
    const steps = trace.steps.map((step) => (step.n === 2 ? { ...step, cause: 'privileged' as const } : step))
    expect(replay({ ...trace, steps }, [cpu])[0]?.divergence).toEqual({ step: 2, component: 'cause', expected: 'privileged', found: 'supervisorCall' })
  })
})
