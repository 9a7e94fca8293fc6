// The monitor runs hand-written guests as the bare machine does, and keeps the hardware in f(S) between steps.
import { describe, expect, test } from 'vitest'
import type { Machine, WordView } from '../../model/vocab/index.ts'
import { Cpu } from '../cpu/third-generation/cpu.ts'
import { HybridMonitor, Monitor, pathsOf } from './index.ts'
import type { MonitorOptions, VirtualMachine } from './index.ts'
import { ins, load, parting } from './lock-step.fixture.ts'
import type { Program } from './lock-step.fixture.ts'
import { programSize as size, programs, tour } from './programs.fixture.ts'

const keyboard = [104, 105]
const diskSize = 64

type Build = (hardware: Machine, options: MonitorOptions) => Monitor
const pure: Build = (hardware, options) => new Monitor(hardware, options)
const hybrid: Build = (hardware, options) => new HybridMonitor(hardware, options)

const bareWith = (program: Program): Cpu => {
  const bare = new Cpu({ size, diskSize, keyboard })
  load(bare, program)
  return bare
}

/** The innermost of nested monitors, each with one guest, `program` loaded. */
const nested = (program: Program, nest: readonly Build[], quantum = 100_000): Machine => {
  const top: Machine = new Cpu({ size: size + 16 * nest.length, diskSize })
  const machine = nest.reduce((hardware, build, depth) => {
    const guest = { size: size + 16 * (nest.length - 1 - depth), diskSize, keyboard }
    return build(hardware, { guests: [guest], quantum }).machines[0]!
  }, top)
  load(machine, program)
  return machine
}

describe.each(programs)('%s', (_name, program) => {
  test.each([
    ['trap-and-emulate', [pure]],
    ['hybrid', [hybrid]],
    ['three deep', [pure, pure, pure]],
    ['hybrid on trap-and-emulate on hybrid', [hybrid, pure, hybrid]],
  ])('%s equals the bare machine after every step', (_nest, nest) => {
    for (const quantum of [1, 3, 100_000]) {
      const bare = bareWith(program)
      expect(parting(bare, nested(program, nest, quantum), 3000)).toBeUndefined()
      expect(bare.halted || bare.steps === 3000).toBe(true)
    }
  })

  test.each([['trap-and-emulate', pure], ['hybrid', hybrid]])('%s, the timer trap at every possible step', (_nest, build) => {
    for (let timer = 1; timer <= 90; timer += 1) {
      const [bare, machine] = [bareWith(program), nested(program, [build], 1 + (timer % 9))]
      bare.timer = timer
      machine.timer = timer
      expect([timer, parting(bare, machine, 400)]).toEqual([timer, undefined])
    }
  })

  test('runs of many steps end where single steps do', () => {
    const [single, long] = [nested(program, [pure], 11), nested(program, [pure], 50)]
    for (let step = 0; step < 700; step += 1) single.run(1)
    long.run(700)
    expect([...single.registers as Int32Array]).toEqual([...long.registers as Int32Array])
    expect([single.counter, single.timer, single.steps]).toEqual([long.counter, long.timer, long.steps])
  })
})

test('a comparison notices a guest that differs in one cell', () => {
  const machine = nested(tour, [pure])
  machine.setCell(16, ins('LA', 1, 66))
  expect(parting(bareWith(tour), machine, 3000)).toBe('step 1: registers')
})

test('between steps the hardware is in f(S): M = u, P, R composed and clipped, G, the timer in time', () => {
  for (const [, program] of programs) {
    const hardware = new Cpu({ size: size + 48, diskSize })
    const monitor = new Monitor(hardware, { guests: [{ size: 32 }, { size, diskSize: 32, keyboard }], quantum: 20 })
    const machine = monitor.machines[1]!
    load(machine, program)
    const vector = hardware.storage[1]
    for (let step = 0; step < 800 && machine.run(1) !== 'halt'; step += 1) {
      const first = machine.window.start / 16
      const real = Math.max(0, Math.min(machine.bound, size / 16 - machine.base))
      const timerInTime = hardware.timer === 0 ? hardware.pending : hardware.timer <= (machine.timer || 20)
      expect(hardware.registers.every((word, number) => word === machine.registers[number])).toBe(true)
      expect([hardware.mode, hardware.counter, hardware.base, hardware.bound, timerInTime, hardware.storage[1]])
        .toEqual([1, machine.counter, real === 0 ? first : first + machine.base, real, true, vector])
    }
    expect(monitor.machines[0]!.storage.length).toBe(32)
    expect([...monitor.machines[0]!.storage as Int32Array].every((word) => word === 0)).toBe(true)
  }
})

test('the latest exit says what the hardware did and what the monitor did about it', () => {
  const machine = nested(tour, [pure], 30) as VirtualMachine
  const seen = new Set<string>()
  for (let step = 0; step < 900; step += 1) {
    machine.run(1)
    const { action, cause, reflected, traps } = machine.lastExit
    seen.add(`${action} ${cause} ${reflected}`)
    expect(traps === 0).toBe(action === 'none')
  }
  expect([...seen].toSorted()).toEqual([
    'emulate 2 0', 'none 0 0', 'preempt 5 0', 'reflect 1 1', 'reflect 2 1', 'reflect 2 2', 'reflect 3 3', 'reflect 4 4',
    'reflect 5 5', 'reflect 6 6', 'virtual timer 5 0',
  ])
})

test.each([['trap-and-emulate', pure], ['hybrid', hybrid]] as const)('%s: every path is taken', (technique, build) => {
  const taken = new Map<string, number>()
  const count = (monitor: Monitor) => {
    for (const name of monitor.pathNames) taken.set(name, (taken.get(name) ?? 0) + monitor.paths.of(name))
  }
  count(build(new Cpu({ size: size + 16, diskSize }), { guests: [] }))
  const neverTaken = () => [...taken].filter(([, times]) => times === 0).map(([name]) => name)
  expect(neverTaken()).toEqual(pathsOf(technique, 'sound'))
  const plain = ['MUL', 'SUB', 'DIV', 'REM', 'OR', 'XOR', 'SLT', 'SLTU', 'BN', 'BNZ'] as const
  const more: Program = { 16: [...plain.map((name) => ins(name, 1, 27)), ins('HALT'), ins('HALT')] }
  for (const program of [...programs.map(([, each]) => each), more]) {
    const hardware = new Cpu({ size: size + 16, diskSize, keyboard })
    const monitor = build(hardware, { guests: [{ size, console: 'hardware' }], quantum: 30 })
    load(monitor.machines[0]!, program)
    for (let step = 0; step < 900; step += 1) monitor.machines[0]!.run(1)
    count(monitor)
    const own = build(new Cpu({ size: size + 16, diskSize }), { guests: [{ size, keyboard }] })
    load(own.machines[0]!, program)
    own.run(900)
    count(own)
  }
  expect(neverTaken()).toEqual([])
})

test('hardware whose cells are no Int32Array, such as the reference machine, will do', () => {
  const cpu = new Cpu({ size: size + 16, diskSize })
  const lookOnly = (words: WordView): WordView =>
    new Proxy({ length: words.length }, { get: (_, key) => Reflect.get(words, key) as unknown })
  const views = new Map(['storage', 'disk', 'registers'].map((key) => [key, lookOnly(Reflect.get(cpu, key) as WordView)]))
  const hardware = new Proxy<Machine>(cpu, {
    get: (_, key) => {
      const value: unknown = views.get(String(key)) ?? Reflect.get(cpu, key)
      return typeof value === 'function' ? value.bind(cpu) as unknown : value
    },
    set: (_, key, value) => Reflect.set(cpu, key, value),
  })
  const machine = new Monitor(hardware, { guests: [{ size, keyboard }] }).machines[0]!
  load(machine, tour)
  expect(parting(bareWith(tour), machine, 900)).toBeUndefined()
})

test('run stops right after the swap of a virtual trap, not at an emulated instruction', () => {
  const machine = nested(tour, [pure])
  const bare = bareWith(tour)
  for (let trap = 0; trap < 20; trap += 1) {
    expect(machine.run(10_000, 'trap')).toBe(bare.run(10_000, 'trap'))
    expect([machine.steps, machine.counter, machine.storage[0]]).toEqual([bare.steps, bare.counter, bare.storage[0]])
  }
})

test('a long run of innocuous instructions has no exit but one for each quantum', () => {
  const machine = nested({ 16: [ins('ADD', 1, 1), ins('JMP', 0, 16)] }, [pure], 1000) as VirtualMachine
  machine.run(10_500)
  expect(machine.accounting.direct).toBe(10_500)
  expect([...machine.accounting.exits]).toEqual([0, 0, 0, 0, 0, 10, 0, 0])
  expect(machine.accounting.preempted).toBe(10)
})

test.each([
  [{ guests: [{ size: 24 }] }, 'multiple of 16'],
  [{ guests: [{ size: 256 }, { size: 32 }] }, 'no window'],
  [{ guests: [{ size: 32, diskSize: 65 }] }, 'no disk part'],
  [{ guests: [], quantum: 0 }, 'quantum'],
  [{ guests: [{ size: 32, console: 'hardware' }, { size: 32, console: 'hardware' }] }, 'console'],
] as const)('%j is refused', (options, message) => {
  expect(() => new Monitor(new Cpu({ size: 272, diskSize: 64 }), options)).toThrow(message)
})
