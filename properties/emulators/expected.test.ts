// What the specification allows an emulator to do, on a machine of one register with one instruction of each kind.
import { expect, test } from 'vitest'
import { bank, get, register } from '../../model/ir/state.ts'
import { encode, instruction, open, set, trapIf, type Instruction } from '../../model/ir/instruction.ts'
import { add, and, constant, eq, ite, not } from '../../model/ir/term.ts'
import { defineIsa } from '../../model/machine/isa.ts'
import type { Answer, Trial } from '../../traces/emulators/bench.ts'
import { differences, isLeftOpen } from './expected.ts'

const E = bank('E', 4, 8, 'storage'), ACC = register('ACC', 8, 'general'), USER = register('USER', 1, 'mode'), PC = register('PC', 4, 'counter')
const of = (name: string, op: number, body: () => ReturnType<typeof set>[]): Instruction =>
  instruction({ name, source: 'here', encoding: encode({ op: 4, a: 4 }, { op }), does: body })
const increment = add(get(ACC), constant(8, 1))
const isa = defineIsa({
  name: 'one', title: 'one', source: 'here', wordWidth: 8, size: 'one register', components: [E, ACC, USER, PC], counter: PC,
  relocation: { storage: E, addressWidth: 4, develop: (a) => ({ fault: constant(1, 0), real: a }), reaches: (a) => ({ mapped: constant(1, 1), address: a }) },
  causes: { memory: 1, privileged: 2 }, causeWidth: 2, memoryCauses: ['memory'], trap: () => [],
  instructions: [
    of('ADD', 1, () => [set(ACC, increment)]),
    of('HALT', 2, () => [trapIf(get(USER), 'privileged')]),
    /** With ACC = 0 anything may be left, and in user mode it may trap instead. */
    of('OPEN', 3, () => [
      trapIf(and(get(USER), open('whether', 1)), 'privileged'),
      set(ACC, ite(eq(get(ACC), constant(8, 0)), open('what', 8), increment), not(get(USER))),
    ]),
  ],
  deprivilegings: [{ name: 'user', virtual: [[USER, 0n]], real: [[USER, 1n]], mapping: [], control: [], invariant: [] }],
  leftOut: {}, published: [],
})

const trial = (name: string, ACC: bigint, USER = 0n): Trial =>
  ({ instruction: isa.instructions.find((i) => i.name === name)!, word: 0n, before: { registers: new Map([['ACC', ACC], ['USER', USER], ['PC', 0n]]), cells: new Map() } })
const completed = (ACC: bigint): Answer => ({ kind: 'completed', after: { registers: new Map([['ACC', ACC]]), cells: new Map() } })
const trapped: Answer = { kind: 'trapped', causes: ['privileged'], said: 'vector 2' }

test('what is not open is compared', () => {
  expect(differences(isa, trial('ADD', 4n), completed(5n))).toEqual([])
  expect(differences(isa, trial('ADD', 4n), completed(6n))).toEqual(["ACC becomes 0x5; the emulator's 0x6"])
  expect(differences(isa, trial('ADD', 4n), trapped)).toEqual(['the specification completes; the emulator traps (vector 2)'])
  expect(differences(isa, trial('HALT', 4n, 1n), completed(4n))).toEqual(['the specification traps (privileged); the emulator completes'])
  expect(differences(isa, trial('HALT', 4n, 1n), trapped)).toEqual([])
  expect(differences(isa, trial('ADD', 4n), { kind: 'lost', why: 'it hangs' })).toHaveLength(1)
})

test('what is open is so only in the states in which it is', () => {
  expect(differences(isa, trial('OPEN', 0n), completed(77n))).toEqual([])
  expect(differences(isa, trial('OPEN', 4n), completed(77n))).toEqual(["ACC becomes 0x5; the emulator's 0x4d"])
  for (const answer of [completed(4n), trapped]) expect(differences(isa, trial('OPEN', 4n, 1n), answer)).toEqual([])
  expect(differences(isa, trial('OPEN', 4n), trapped)).toHaveLength(1)
  expect([trial('OPEN', 0n), trial('OPEN', 4n), trial('OPEN', 4n, 1n), trial('ADD', 0n)].map((t) => isLeftOpen(isa, t))).toEqual([true, false, true, false])
})
