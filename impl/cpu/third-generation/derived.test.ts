// What a processor derived from this one may change: each decision is asked for, and nothing remembers the sound answer.
import { expect, test } from 'vitest'
import { Cause } from '../../../model/vocab/machine.ts'
import { Cpu } from './cpu.ts'
import { firstFreeOperation, operationNumber } from './decode.ts'
import { actualAndExpected, smallMachine, trapped, type Step } from './situation.fixture.ts'
import { psw, word } from './word.ts'

type Derived = readonly [decision: string, Cpu: typeof Cpu, step: Step]

const LA: Step = { name: 'LA', code: word(0x10, 3, -1), changes: { G: { 3: -1 } } }
const L: Step = { name: 'L', code: word(0x11, 3, 127), changes: { G: { 3: 159 } } }
const SVC: Step = { name: 'SVC', code: word(0x40), given: { mode: 1 }, changes: trapped(Cause.supervisorCall, { mode: 1 }) }
const SRB: Step = { name: 'SRB', code: word(0x82, 3), given: { mode: 1 }, changes: trapped(Cause.privileged, { mode: 1 }) }
const STIM: Step = { name: 'STIM', code: word(0x83, 3), given: { pending: true }, changes: { timer: 0x1003, pending: false } }
const JAL: Step = { name: 'JAL', code: word(0x31, 3, 10), changes: { G: { 3: 6 }, counter: 10 } }
const OUT: Step = { name: 'OUT', code: word(0x86, 3, 2), changes: { D: { 0: 0x1003 }, diskPosition: 1 } }
const LRB: Step = { name: 'LRB', code: word(0x81, 3), changes: { base: 0x10, bound: 3 } }
const LPSW: Step = {
  name: 'LPSW', code: word(0x80, 0, 16), given: { E: { 48: psw(1, 0, 7, 3, 4) } }, changes: { mode: 1, counter: 7, base: 3, bound: 4 },
}
const ticking: Step = { ...LA, given: { timer: 1 }, changes: { ...LA.changes, timer: 0, pending: true } }
const interrupted: Step = {
  ...LA, given: { mode: 1, pending: true }, changes: { ...trapped(Cause.timer, { mode: 1 }), pending: false },
}

const derived: readonly Derived[] = [
  ['operation', class extends Cpu {
    protected override operation(): number { return operationNumber.ADD }
  }, LA],
  ['displacement', class extends Cpu {
    protected override displacement(code: number): number { return code & 0xff }
  }, LA],
  ['predecode', class extends Cpu {
    protected override predecode(code: number): number { return super.predecode(code) ^ 1 << 6 }
  }, LA],
  ['origin', class extends Cpu {
    protected override origin(): number { return 32 * this.base }
  }, L],
  ['limit', class extends Cpu {
    protected override limit(): number { return super.limit() - 1 }
  }, L],
  ['tick', class extends Cpu {
    protected override tick(): void { this.pending = false }
  }, ticking],
  ['timerTrapDue', class extends Cpu {
    protected override timerTrapDue(): boolean { return false }
  }, interrupted],
  ['takeTrap', class extends Cpu {
    protected override takeTrap(): void { super.takeTrap(Cause.memory) }
  }, SVC],
  ['packPsw', class extends Cpu {
    protected override packPsw(cause: 1): number { return super.packPsw(cause) + (1 << 16) }
  }, SVC],
  ['loadPsw in a trap', class extends Cpu {
    protected override loadPsw(code: number): void { super.loadPsw(code | 1 << 31) }
  }, SVC],
  ['loadPsw in LPSW', class extends Cpu {
    protected override loadPsw(code: number): void { super.loadPsw(code & 0x7fffffff) }
  }, LPSW],
  ['loadRelocation in LPSW', class extends Cpu {
    protected override loadRelocation(): void { this.bound = 1 }
  }, LPSW],
  ['loadRelocation in LRB', class extends Cpu {
    protected override loadRelocation(code: number): void { super.loadRelocation(code + 1) }
  }, LRB],
  ['loadTimer', class extends Cpu {
    protected override loadTimer(code: number): void { this.timer = code }
  }, STIM],
  ['advance', class extends Cpu {
    protected override advance(): void {}
  }, LRB],
  ['privileged', class extends Cpu {
    protected override privileged(operation: number): boolean { return operation !== operationNumber.SRB && super.privileged(operation) }
  }, SRB],
  ['operand', class extends Cpu {
    protected override operand(): number { return 17 }
  }, LPSW],
  ['output', class extends Cpu {
    override output(device: number, code: number): void { super.output(device + 1, code) }
  }, OUT],
  ['a free operation', class extends Cpu {
    protected override operation(code: number): number {
      const operation = super.operation(code)
      return operation === operationNumber.JAL ? firstFreeOperation : operation
    }

    protected override perform(slot: number): ReturnType<Cpu['perform']> {
      if ((slot & 63) !== firstFreeOperation) return super.perform(slot)
      this.registers[slot >> 6 & 31] = this.counter
      this.counter = this.operand(slot) & 0xfff
      return 0
    }
  }, JAL],
]

test.each(derived)('%s: the sound processor performs the step', (_decision, _derived, step) => {
  const [actual, expected] = actualAndExpected(new Cpu(smallMachine), new Cpu(smallMachine), step)
  expect(actual).toEqual(expected)
})

test.each(derived)('%s: a processor that decides otherwise is seen to', (_decision, Faulty, step) => {
  const [actual, expected] = actualAndExpected(new Faulty(smallMachine), new Faulty(smallMachine), step)
  expect(actual).not.toEqual(expected)
})

test('a derived processor whose decoder answers 0, or whose limit is beyond storage, does not loop for ever', () => {
  class Zero extends Cpu {
    protected override operation(): number { return 0 }
  }
  class Unbounded extends Cpu {
    protected override limit(): number { return 4096 }
  }
  for (const Faulty of [Zero, Unbounded]) {
    const machine = new Faulty(smallMachine)
    machine.counter = 4000
    machine.run(10)
    expect(machine.steps).toBe(10)
  }
})
