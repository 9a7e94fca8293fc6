// The flawed variants: the one-instruction guest that shows each under the pure monitor, and the monitors that exist anyway.
import { describe, expect, test } from 'vitest'
import type { Machine, MachineOptions, Mode, Variant } from '../../model/vocab/index.ts'
import { Cpu } from '../cpu/third-generation/cpu.ts'
import {
  HighCoreMonitor, HybridMonitor, Monitor, ShrinkMonitor, createHighCoreMonitor, createHybridMonitor, createMonitor,
  createShrinkMonitor,
} from './index.ts'
import type { MonitorOptions } from './index.ts'
import { difference, ins, load, parting, psw } from './lock-step.fixture.ts'
import type { Program } from './lock-step.fixture.ts'

const size = 64
type Build = (hardware: Machine, options: MonitorOptions) => Monitor

/** Where the guest parts from the bare machine; `setup` is done to both. */
const partsAt = (
  build: Build, variant: Variant, program: Program, setup: (machine: Machine) => void = () => {},
  options: Partial<MachineOptions> = {},
): string | undefined => {
  const bare = new Cpu({ size, variant })
  const machine = build(new Cpu({ size: size + 16, variant, ...options }), { guests: [{ size }] }).machines[0]!
  for (const each of [bare, machine]) {
    load(each, program)
    each.setRegister(1, 3)
    setup(each)
  }
  expect(difference(bare, machine)).toBeUndefined()
  return parting(bare, machine, 20)
}

const inMode = (mode: Mode) => (machine: Machine) => {
  machine.mode = mode
}

/** The word that shows the variant, and whether Theorem 3 holds for it. */
const flaws = [
  ['jump-to-user', ins('JUM', 0, 20), 'mode', true],
  ['read-mode', ins('RMOD', 1), 'registers', true],
  ['silent-write', ins('POPT', 1), 'timer', true],
  ['no-op-in-user', ins('LRB', 1), 'base', true],
  ['supervisor-only', ins('SRBS', 1), 'registers', true],
  ['read-relocation', ins('SRB', 1), 'registers', false],
  ['load-real-address', ins('LRA', 1, 5), 'registers', false],
  ['set-relocation-in-user', ins('LRB', 1), 'bound', false],
] as const

const onlyWord = (word: number): Program => ({ 1: psw(0, 20, 0, 4), 16: word, 20: ins('HALT') })

describe.each(flaws)('%s', (variant, word, component, hybridHolds) => {
  test('one instruction of virtual supervisor code shows it under the pure monitor', () => {
    expect(partsAt(createMonitor, variant, onlyWord(word))).toBe(`step 1: ${component === 'base' ? 'bound' : component}`)
  })

  test(`the hybrid monitor ${hybridHolds ? 'hides it' : 'shows it to user code'}`, () => {
    expect(partsAt(createHybridMonitor, variant, onlyWord(word), inMode(0))).toBeUndefined()
    expect(partsAt(createHybridMonitor, variant, onlyWord(word), inMode(1)) === undefined).toBe(hybridHolds)
  })

  test('the sound machine has no such word, and nothing parts', () => {
    for (const build of [createMonitor, createHybridMonitor]) {
      for (const mode of [0, 1] as const) expect(partsAt(build, 'sound', onlyWord(word), inMode(mode))).toBeUndefined()
    }
  })
})

describe('shrink-bounds', () => {
  const shrinkTo = (n: number, mode: Mode, base: number, bound: number) => (machine: Machine) => {
    machine.setRegister(1, n)
    machine.mode = mode
    machine.base = base
    machine.bound = bound
  }
  /** Relocated by 0 or 1 block, SHB is in a mapped cell either way. */
  const program: Program = { 1: psw(0, 48, 0, 4), 16: ins('SHB', 1), 32: ins('SHB', 1), 48: ins('HALT') }
  const all = [0, 1].flatMap((mode) => [0, 1].flatMap((base) => [2, 3, 4, 9].flatMap((bound) =>
    [0, 1, 2, 3, 4, 5, 8, 9, 10, 255].map((n) => shrinkTo(n, mode as Mode, base, bound)))))

  test('the monitor that reads b back is exact, for every mode, clipped or not', () => {
    for (const setup of all) expect(partsAt(createShrinkMonitor, 'shrink-bounds', program, setup)).toBeUndefined()
  })

  test('the pure monitor loses the new bound', () => {
    expect(partsAt(createMonitor, 'shrink-bounds', program, shrinkTo(2, 0, 0, 4))).toBe('step 1: bound')
  })

  test('a monitor that reflects every SHB trap of user code is wrong where clipping hides the bound', () => {
    class Hasty extends ShrinkMonitor {
      protected override shrinksHiddenBound(): boolean {
        return false
      }
    }
    const hasty: Build = (hardware, options) => new Hasty(hardware, options)
    expect(partsAt(hasty, 'shrink-bounds', program, shrinkTo(5, 1, 0, 9))).toBeDefined()
    expect(partsAt(hasty, 'shrink-bounds', program, shrinkTo(5, 1, 0, 4))).toBeUndefined()
  })
})

describe('high core', () => {
  /** LRA inside, past the bound and past the storage, from supervisor and user code, relocated or not. */
  const program: Program = {
    1: psw(0, 32, 0, 4),
    16: [ins('LRA', 2, 5), ins('LRA', 3, 63), ins('LPSW', 0, 20)],
    20: psw(1, 0, 3, 9),
    32: [ins('L', 4, 0), ins('LRA', 5, 64), ins('HALT')],
    48: [ins('LRA', 2, 5), ins('LRA', 2, 15), ins('LRA', 2, 16)],
  }

  test('a guest that is not relocated learns nothing from a real address', () => {
    const high = { trapCells: 'high' } as const
    expect(partsAt(createHighCoreMonitor, 'load-real-address', program, undefined, high)).toBeUndefined()
    expect(partsAt(createMonitor, 'load-real-address', program)).toBe('step 1: registers')
    const roomy = { ...high, size: size + 32 }
    expect(partsAt(createMonitor, 'load-real-address', program, undefined, roomy)).toBe('step 1: registers')
  })

  test('the guest has the cells from 0 on, and the monitor only the last block', () => {
    const monitor = new HighCoreMonitor(new Cpu({ size: 64, trapCells: 'high' }), { guests: [{ size: 48, trapCells: 'high' }] })
    expect(monitor.machines[0]!.window).toEqual({ start: 0, length: 48 })
    expect(monitor.machines[0]!.trapCell).toBe(46)
    expect(() => monitor.admit({ size: 16 })).toThrow('one guest')
  })

  test('it needs the trap cells in its own part', () => {
    expect(() => new HighCoreMonitor(new Cpu({ size: 64 }), { guests: [{ size: 48 }] })).toThrow('trap cells high')
    expect(() => new HighCoreMonitor(new Cpu({ size: 64, trapCells: 'high' }), { guests: [{ size: 64 }] })).toThrow('no window')
  })
})

test('a guest with its trap cells high, under monitors on hardware of either kind', () => {
  const program: Program = { 63: psw(0, 32, 0, 4), 16: ins('SVC'), 32: [ins('L', 1, 62), ins('HALT')] }
  for (const trapCells of ['low', 'high'] as const) {
    for (const build of [Monitor, HybridMonitor]) {
      const bare = new Cpu({ size, trapCells: 'high' })
      const monitor = new build(new Cpu({ size: size + 32, trapCells }), { guests: [{ size, trapCells: 'high' }] })
      for (const machine of [bare, monitor.machines[0]!]) load(machine, program)
      expect(parting(bare, monitor.machines[0]!, 10)).toBeUndefined()
      expect(bare.halted).toBe(true)
    }
  }
})
