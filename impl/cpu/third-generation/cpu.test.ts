import { expect, test } from 'vitest'
import { Cause } from '../../../model/vocab/machine.ts'
import { Cpu } from './cpu.ts'
import { mnemonicOf, operationNumber, undefinedOperation, type Mnemonic } from './decode.ts'
import { actualAndExpected, apply, observe, smallMachine, start, trapped, type Change, type Step } from './situation.fixture.ts'
import { psw, word } from './word.ts'

const G = (registers: Record<number, number>): Change => ({ G: registers })

/** Section 6, each instruction with cases enough to tell it from every other one. */
const cases: Readonly<Record<string, readonly Step[]>> = {
  LA: [
    { name: 'v is a + G[x]', code: word(0x10, 3, 100, 2), changes: G({ 3: 0x1066 }) },
    { name: 'a is signed', code: word(0x10, 3, -1, 0), changes: G({ 3: -1 }) },
    { name: 'register 0 is no index', code: word(0x10, 3, 7, 0), given: G({ 0: 50 }), changes: G({ 3: 7 }) },
    { name: 'the sum is modulo 2^32', code: word(0x10, 15, 1, 15), given: G({ 15: -1 }), changes: G({ 15: 0 }) },
    { name: 'the sum passes 2^31', code: word(0x10, 1, 1, 15), given: G({ 15: 0x7fffffff }), changes: G({ 1: -0x80000000 }) },
    { name: 'register 0 is a target', code: word(0x10, 0, 9), changes: G({ 0: 9 }) },
  ],
  L: [
    { name: 'a cell, relocated', code: word(0x11, 3, 16), changes: G({ 3: 48 }) },
    { name: 'the low 12 bits of v', code: word(0x11, 3, 0x5010), changes: G({ 3: 48 }) },
    { name: 'a negative v', code: word(0x11, 3, -1, 1), given: G({ 1: 17 }), changes: G({ 3: 48 }) },
    { name: 'the last cell of the bound', code: word(0x11, 3, 127), changes: G({ 3: 159 }) },
    { name: 'the first cell beyond the bound', code: word(0x11, 3, 128), changes: trapped(Cause.memory) },
    { name: 'a bound beyond storage', code: word(0x11, 3, 223), given: { bound: 255 }, changes: G({ 3: 255 }) },
    { name: 'beyond storage', code: word(0x11, 3, 224), given: { bound: 255 }, changes: trapped(Cause.memory, { bound: 255 }) },
    { name: 'the sum is not truncated', code: word(0x11, 3, 0xfe0), given: { bound: 255 }, changes: trapped(Cause.memory, { bound: 255 }) },
  ],
  ST: [
    { name: 'a cell, relocated', code: word(0x12, 3, 16), changes: { E: { 48: 0x1003 } } },
    { name: 'beyond the bound', code: word(0x12, 3, 128), changes: trapped(Cause.memory) },
    { name: 'the last cell of the bound', code: word(0x12, 3, 127), changes: { E: { 159: 0x1003 } } },
  ],
  ADD: [
    { name: 'sum', code: word(0x20, 3, 5, 2), changes: G({ 3: 0x1003 + 0x1002 + 5 }) },
    { name: 'modulo 2^32', code: word(0x20, 3, 1), given: G({ 3: 0x7fffffff }), changes: G({ 3: -0x80000000 }) },
    { name: 'r is its own index', code: word(0x20, 3, 1, 3), changes: G({ 3: 0x2007 }) },
  ],
  SUB: [
    { name: 'difference', code: word(0x21, 3, 5), changes: G({ 3: 0xffe }) },
    { name: 'modulo 2^32', code: word(0x21, 3, 1), given: G({ 3: -0x80000000 }), changes: G({ 3: 0x7fffffff }) },
  ],
  MUL: [
    { name: 'low 32 bits', code: word(0x22, 3, 0, 4), given: G({ 3: 0x12345679, 4: -0x76543211 }), changes: G({ 3: Number(BigInt.asIntN(32, -0x12345679n * 0x76543211n)) }) },
  ],
  DIV: [
    { name: 'unsigned', code: word(0x23, 3, 2), given: G({ 3: -2 }), changes: G({ 3: 0x7fffffff }) },
    { name: 'by an unsigned v', code: word(0x23, 3, -2), given: G({ 3: -1 }), changes: G({ 3: 1 }) },
    { name: 'a quotient past 2^31', code: word(0x23, 3, 1), given: G({ 3: -5 }), changes: G({ 3: -5 }) },
    { name: 'by zero', code: word(0x23, 3, 0), changes: trapped(Cause.arithmetic) },
  ],
  REM: [
    { name: 'unsigned', code: word(0x24, 3, 10), given: G({ 3: -1 }), changes: G({ 3: 5 }) },
    { name: 'by an unsigned v', code: word(0x24, 3, -1), given: G({ 3: -2 }), changes: G({ 3: -2 }) },
    { name: 'by zero', code: word(0x24, 3, -3, 4), given: G({ 4: 3 }), changes: trapped(Cause.arithmetic) },
  ],
  AND: [{ name: 'and', code: word(0x25, 3, 0x0ff1), given: G({ 3: 0x1234 }), changes: G({ 3: 0x0230 }) }],
  OR: [{ name: 'or, a signed', code: word(0x26, 3, -0x8000), given: G({ 3: 0x8003 }), changes: G({ 3: -0x7ffd }) }],
  XOR: [{ name: 'exclusive or', code: word(0x27, 3, 0x0ff0), given: G({ 3: 0x1234 }), changes: G({ 3: 0x1dc4 }) }],
  SHL: [
    { name: 'by 4', code: word(0x28, 3, 4), given: G({ 3: 0x10000081 }), changes: G({ 3: 0x810 }) },
    { name: 'by v modulo 32', code: word(0x28, 3, 33), given: G({ 3: 0x40000000 }), changes: G({ 3: -0x80000000 }) },
  ],
  SHR: [
    { name: 'zeros in', code: word(0x29, 3, 4), given: G({ 3: -0x80000000 }), changes: G({ 3: 0x08000000 }) },
    { name: 'by v modulo 32', code: word(0x29, 3, 32), given: G({ 3: -7 }), changes: G({ 3: -7 }) },
  ],
  SLT: [
    { name: 'signed less', code: word(0x2a, 3, 1), given: G({ 3: -1 }), changes: G({ 3: 1 }) },
    { name: 'equal', code: word(0x2a, 3, 9), given: G({ 3: 9 }), changes: G({ 3: 0 }) },
  ],
  SLTU: [
    { name: 'unsigned more', code: word(0x2b, 3, 1), given: G({ 3: -1 }), changes: G({ 3: 0 }) },
    { name: 'unsigned less', code: word(0x2b, 3, -1), given: G({ 3: 9 }), changes: G({ 3: 1 }) },
    { name: 'equal', code: word(0x2b, 3, 9), given: G({ 3: 9 }), changes: G({ 3: 0 }) },
  ],
  JMP: [
    { name: 'P := ea', code: word(0x30, 3, 10, 4), given: G({ 4: 0x5001 }), changes: { counter: 11 } },
    { name: 'whatever r holds', code: word(0x30, 3, 10), given: G({ 3: 0 }), changes: { counter: 10 } },
    { name: 'beyond the bound, without a trap yet', code: word(0x30, 3, -1), changes: { counter: 4095 } },
  ],
  JAL: [
    { name: 'links', code: word(0x31, 3, 10), changes: { G: { 3: 6 }, counter: 10 } },
    { name: 'reads its index before the link is written', code: word(0x31, 3, 10, 3), given: G({ 3: 20 }), changes: { G: { 3: 6 }, counter: 30 } },
  ],
  BZ: [
    { name: 'zero', code: word(0x32, 3, 10), given: G({ 3: 0 }), changes: { counter: 10 } },
    { name: 'not zero', code: word(0x32, 3, 10), changes: {} },
  ],
  BNZ: [
    { name: 'not zero', code: word(0x33, 3, 10), given: G({ 3: -0x80000000 }), changes: { counter: 10 } },
    { name: 'zero', code: word(0x33, 3, 10), given: G({ 3: 0 }), changes: {} },
    { name: 'positive', code: word(0x33, 3, 10), changes: { counter: 10 } },
  ],
  BN: [
    { name: 'bit 31 is 1', code: word(0x34, 3, 10), given: G({ 3: -1 }), changes: { counter: 10 } },
    { name: 'bit 31 is 0', code: word(0x34, 3, 10), changes: {} },
  ],
  SVC: [
    { name: 'supervisor mode', code: word(0x40, 3, 10), changes: trapped(Cause.supervisorCall) },
    { name: 'user mode', code: word(0x40), given: { mode: 1 }, changes: trapped(Cause.supervisorCall, { mode: 1 }) },
  ],
  LPSW: [
    { name: 'M, P and R; the cause is ignored', code: word(0x80, 3, 16), given: { E: { 48: psw(1, 6, 0xabc, 0x12, 0xff) } }, changes: { mode: 1, counter: 0xabc, base: 0x12, bound: 0xff } },
    { name: 'indexed', code: word(0x80, 0, 15, 1), given: { G: { 1: 1 }, E: { 48: psw(0, 0, 1, 3, 4) } }, changes: { counter: 1, base: 3, bound: 4 } },
    { name: 'beyond the bound', code: word(0x80, 0, 128), changes: trapped(Cause.memory) },
  ],
  LRB: [{ name: 'bits 15..0', code: word(0x81, 3), given: G({ 3: -0x80000000 + 0x70102 }), changes: { base: 1, bound: 2 } }],
  SRB: [{ name: 'l and b', code: word(0x82, 3), changes: G({ 3: 0x0208 }) }],
  STIM: [
    { name: 'TIMER, and PENDING is cleared', code: word(0x83, 3), given: { timer: 9, pending: true, G: { 3: -1 } }, changes: { timer: 0xffffffff, pending: false } },
    { name: '0 turns it off', code: word(0x83, 3), given: { timer: 1, G: { 3: 0 } }, changes: { timer: 0 } },
  ],
  RTIM: [{ name: 'TIMER before the tick', code: word(0x84, 3), given: { timer: 0xfffffffe }, changes: { timer: 0xfffffffd, G: { 3: -2 } } }],
  IN: [
    { name: 'position', code: word(0x85, 3, 1, 4), given: { diskPosition: 0xffffffff }, changes: G({ 3: -1 }) },
    { name: 'data', code: word(0x85, 3, 2), given: { diskPosition: 3 }, changes: { G: { 3: 103 }, diskPosition: 4 } },
    { name: 'data past the end', code: word(0x85, 3, 2), given: { diskPosition: 0xffffffff }, changes: { G: { 3: 0 }, diskPosition: 0 } },
    { name: 'another device', code: word(0x85, 3, -1), changes: G({ 3: 0 }) },
  ],
  OUT: [
    { name: 'position', code: word(0x86, 3, 1, 4), given: G({ 3: -1 }), changes: { diskPosition: 0xffffffff } },
    { name: 'data', code: word(0x86, 3, 2), given: { diskPosition: 3 }, changes: { D: { 3: 0x1003 }, diskPosition: 4 } },
    { name: 'data past the end', code: word(0x86, 3, 2), given: { diskPosition: 4 }, changes: { diskPosition: 5 } },
    { name: 'another device', code: word(0x86, 3, 3), changes: {} },
  ],
  HALT: [{ name: 'P is advanced and the timer ticks', code: word(0x87, 3), given: { timer: 1 }, changes: { halted: true, timer: 0, pending: true } }],
}

const holds = (machine: Cpu, step: Step): boolean => {
  const [actual, expected] = actualAndExpected(machine, new Cpu(smallMachine), step)
  return JSON.stringify(actual) === JSON.stringify(expected)
}

test.each(Object.entries(cases))('%s does what the manual says', (_name, steps) => {
  for (const step of steps) {
    const machine = new Cpu(smallMachine)
    const [actual, expected] = actualAndExpected(machine, new Cpu(smallMachine), step)
    expect(actual, step.name).toEqual(expected)
    expect(machine.steps).toBe(1)
  }
})

test('a processor that performs any other operation in place of an instruction fails one of its cases', () => {
  class Substituted extends Cpu {
    other = 0
    protected override operation(code: number): number {
      return super.operation(code) === undefinedOperation ? undefinedOperation : this.other
    }
  }
  const sound = Object.keys(cases) as Mnemonic[]
  for (const name of sound) {
    for (const other of [...sound.map((mnemonic) => operationNumber[mnemonic]), undefinedOperation]) {
      const every = cases[name]!.every((step) => {
        const machine = new Substituted(smallMachine)
        machine.other = other
        return holds(machine, step)
      })
      expect(every, `${mnemonicOf(other) ?? 'undefined'} for ${name}`).toBe(other === operationNumber[name])
    }
  }
})

test.each(['LPSW', 'LRB', 'SRB', 'STIM', 'RTIM', 'IN', 'OUT', 'HALT'])('%s in user mode takes the privileged trap and does nothing else', (name) => {
  const opcode = cases[name]![0]!.code
  for (const given of [{ mode: 1 }, { mode: 1, timer: 1 }, { mode: 1, diskPosition: 1, E: { 1: psw(1, 0, 3, 4, 5) } }] as const) {
    const into = 'E' in given ? { mode: 1, counter: 3, base: 4, bound: 5 } as const : {}
    const step = { name, code: opcode, given, changes: { ...trapped(Cause.privileged, { mode: 1 }), ...into } }
    const [actual, expected] = actualAndExpected(new Cpu(smallMachine), new Cpu(smallMachine), step)
    expect(actual).toEqual(expected)
  }
})

test('every other instruction does the same in user mode', () => {
  for (const [name, steps] of Object.entries(cases)) {
    if (operationNumber[name as Mnemonic] >= operationNumber.LPSW) continue
    for (const step of steps) {
      const trap = step.changes.base === 12 ? { E: { 0: step.changes.E![0]! | 1 << 31 } } : { mode: 1 } as const
      const inUser = { ...step, given: { ...step.given, mode: 1 }, changes: { ...step.changes, ...trap } } as const
      const [actual, expected] = actualAndExpected(new Cpu(smallMachine), new Cpu(smallMachine), inUser)
      expect(actual, `${name}: ${step.name}`).toEqual(expected)
    }
  }
})

test('the console takes bytes, then FFFFFFFF, and prints the low 8 bits', () => {
  const machine = new Cpu(smallMachine)
  apply(machine, { ...start, counter: 0, E: { 32: word(0x85, 1), 33: word(0x85, 2), 34: word(0x85, 3, 0, 9), 35: word(0x86, 4), 36: word(0x86, 2) }, G: { 4: -2 } })
  machine.run(5)
  expect([...machine.registers.subarray(1, 4)]).toEqual([65, 200, -1])
  expect(Array.from(machine.printed)).toEqual([254, 200])
  expect(machine.taken).toBe(2)
})

test('a reset machine is as section 1 says', () => {
  const zeros = (length: number): number[] => Array.from({ length }, () => 0)
  expect(observe(new Cpu({ size: 64, diskSize: 3 }))).toEqual({
    mode: 0, counter: 0, base: 0, bound: 4, timer: 0, pending: false, halted: false, taken: 0, diskPosition: 0,
    registers: zeros(16), storage: zeros(64), printed: [], disk: zeros(3),
  })
})

test.each([
  [{ size: 40 }, /size must be a multiple of 16 from 16 to 4080 cells, and is 40/],
  [{ size: 0 }, /size/],
  [{ size: 4096 }, /size/],
  [{ size: Number.NaN }, /size/],
  [{ size: 32, diskSize: 0 }, /at least 1 word, and has 0/],
  [{ size: 32, keyboard: [1, 256] }, /keyboard\[1\] must be a byte, 0 to 255, and is 256/],
  [{ size: 32, variant: 'unsound' as 'sound' }, /no variant is called unsound: expected sound, jump-to-user/],
  [{ size: 32, trapCells: 'middle' as 'low' }, /trapCells must be low or high, and is middle/],
])('options %j are refused', (options, message) => {
  expect(() => new Cpu(options)).toThrow(RangeError)
  expect(() => new Cpu(options)).toThrow(message)
})

test.each([16, 4080])('a machine of %i cells is built, its options complete', (size) => {
  expect(new Cpu({ size }).options).toEqual({ size, variant: 'sound', trapCells: 'low', diskSize: 1024, keyboard: [] })
})
