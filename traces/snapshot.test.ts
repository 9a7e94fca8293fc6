// What a guest can see of a machine is copied and compared completely.
import { describe, expect, it } from 'vitest'
import { Cpu } from '../impl/cpu/third-generation/cpu.ts'
import { ReferenceMachine } from '../model/isa/third-generation/reference.ts'
import type { Machine } from '../model/vocab/index.ts'
import { capture, install, type GuestProgram } from './program.ts'
import { differences, firstDifference, setComponent, snapshot } from './snapshot.ts'

const program: GuestProgram = {
  options: { size: 80, variant: 'sound', trapCells: 'low', diskSize: 4, keyboard: [65, 66] },
  mode: 1, counter: 3, base: 1, bound: 2, timer: 0xffff_ffff, pending: true,
  registers: Array.from({ length: 16 }, (_, i) => 5 - i), cells: [[0, -1], [63, 5]], disk: [[2, 7]], diskPosition: 0xffff_fffe, steps: 9,
}
const built = (): Cpu => {
  const machine = new Cpu(program.options)
  install(program, machine)
  return machine
}

/** One write for every component that a guest can see. */
const writes: Readonly<Record<string, (machine: Machine) => void>> = {
  M: (m) => { m.mode = 0 },
  P: (m) => { m.counter = 4 },
  L: (m) => { m.base = 0 },
  B: (m) => { m.bound = 3 },
  TIMER: (m) => { m.timer = 1 },
  PENDING: (m) => { m.pending = false },
  HALTED: (m) => { m.halted = true },
  TAKEN: (m) => { m.input(0) },
  POSITION: (m) => { m.diskPosition = 1 },
  'G[15]': (m) => { m.setRegister(15, 3) },
  'E[63]': (m) => { m.setCell(63, -5) },
  'DISK[3]': (m) => { m.setDisk(3, 1) },
  'PRINTED[0]': (m) => { m.output(0, 65) },
}

describe('install and capture', () => {
  it('are inverse', () => {
    expect(capture(built(), 9)).toEqual(program)
    expect(JSON.parse(JSON.stringify(program))).toEqual(program)
  })
  it('install the same state in the specification', () => {
    const reference = new ReferenceMachine(program.options)
    install(program, reference)
    expect(differences(built(), reference)).toEqual([])
  })
  it('leave out the keyboard bytes that are gone', () => {
    const machine = built()
    machine.input(0)
    expect(capture(machine, 1).options.keyboard).toEqual([66])
  })
})

describe('firstDifference', () => {
  it('finds none between equal machines, nor between a machine and its snapshot', () => {
    expect(firstDifference(built(), built(), true)).toBeUndefined()
    expect(firstDifference(built(), snapshot(built()))).toBeUndefined()
  })
  it.each(Object.entries(writes))('sees %s, and so do differences and a snapshot', (component, write) => {
    const left = built()
    const before = snapshot(left)
    const right = built()
    write(right)
    const found = firstDifference(left, right)
    expect(found?.component).toBe(component)
    expect(found?.left).not.toBe(found?.right)
    expect(differences(left, right)).toEqual([found])
    write(left)
    expect(differences(before, left)).toEqual([found])
    expect(firstDifference(left, right)).toBeUndefined()
    setComponent(before, component, found!.right!)
    expect(firstDifference(before, left, true)).toBeUndefined()
  })
  it('has a write for every component that it compares', () => {
    expect(Object.keys(snapshot(built()))).toHaveLength(Object.keys(writes).length)
  })
  it('refuses machines of different sizes', () => {
    const larger = new Cpu({ ...program.options, diskSize: 5 })
    install(program, larger)
    larger.input(0)
    const machine = built()
    machine.input(0)
    expect(() => firstDifference(machine, larger)).toThrow(RangeError)
    expect(() => differences(machine, larger)).toThrow(RangeError)
  })
})

describe('what was printed', () => {
  const printing = (bytes: number, machine: Machine): Machine => {
    for (let i = 0; i < bytes; i += 1) machine.output(0, i)
    return machine
  }
  const cpu = () => new Cpu({ size: 32 })
  const reference = () => new ReferenceMachine({ size: 32 })

  it('is compared by last byte, in full when asked', () => {
    const [left, right] = [cpu(), cpu()]
    left.output(0, 1)
    right.output(0, 2)
    expect(firstDifference(left, right)).toEqual({ component: 'PRINTED[0]', left: 1, right: 2 })
    left.output(0, 3)
    right.output(0, 3)
    expect(firstDifference(left, right)).toBeUndefined()
    expect(firstDifference(left, right, true)).toEqual({ component: 'PRINTED[0]', left: 1, right: 2 })
  })
  it.each([5, 0xffff, 0x10000, 0x10005])('agrees with the specification, which keeps the last 65,536, after %i bytes', (count) => {
    const [left, right] = [printing(count, cpu()), printing(count, reference())]
    expect(firstDifference(left, right, true)).toBeUndefined()
    expect(differences(left, right)).toEqual([])
    right.output(0, 1)
    expect(firstDifference(left, right)?.component).toMatch(/^PRINTED/)
    left.output(0, 2)
    expect(firstDifference(left, right)).toEqual({ component: `PRINTED[${count}]`, left: 2, right: 1 })
  })
})

describe('setComponent', () => {
  it('refuses a component that the machine does not have', () => {
    for (const name of ['Q', 'G[16]', 'E[80]', 'E[-1]', 'E[01]', 'DISK[4]', 'PRINTED[1]', 'toString', '__proto__'])
      expect(() => setComponent(snapshot(built()), name, 0), name).toThrow(RangeError)
  })
})
