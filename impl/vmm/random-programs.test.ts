// Random programs on the virtual machine and on the bare one, compared after every step.
import { describe, expect, test } from 'vitest'
import type { Machine, Mode, Variant } from '../../model/vocab/index.ts'
import { Cpu } from '../cpu/third-generation/cpu.ts'
import { HighCoreMonitor, HybridMonitor, Monitor, ShrinkMonitor } from './index.ts'
import type { MonitorOptions } from './index.ts'
import { difference, everyOpcode, psw } from './lock-step.fixture.ts'

const size = 128
const keyboard = [1, 2, 3]

const randomly = (seed: number) => {
  let state = seed
  return (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** Loads the same random cells, registers and state in each machine. */
const fill = (machines: readonly Machine[], random: (below: number) => number): void => {
  const word = () => random(2 ** 32) | 0
  const each = (change: (machine: Machine) => void) => machines.forEach(change)
  const randomPsw = () => psw(random(2) as Mode, random(size), random(3), random(10))
  const instruction = () => (everyOpcode[random(everyOpcode.length)]! << 24) | (random(16) << 20)
    | ((random(3) === 0 ? random(16) : 0) << 16) | (random(4) === 0 ? random(65536) : random(size))
  for (let address = 0; address < size; address += 1) {
    const kind = random(10)
    const cell = kind < 8 ? instruction() : kind < 9 ? randomPsw() : word()
    each((machine) => machine.setCell(address, cell))
  }
  const vector = psw(random(4) === 0 ? 1 : 0, random(size), random(3), random(3) === 0 ? random(9) : 8)
  each((machine) => machine.setCell(1, vector))
  for (let number = 0; number < 16; number += 1) {
    const value = random(2) === 0 ? random(130) : word()
    each((machine) => machine.setRegister(number, value))
  }
  const mode = random(2) as Mode
  const counter = 2 + random(20)
  const timer = random(12)
  const bound = random(3) === 0 ? random(10) : 8
  const base = random(3) === 0 ? random(4) : 0
  const pending = random(4) === 0
  each((machine) => Object.assign(machine, { mode, counter, timer, bound, base, pending }))
}

type Build = (hardware: Machine, options: MonitorOptions) => Monitor
const pure: Build = (hardware, options) => new Monitor(hardware, options)
const hybrid: Build = (hardware, options) => new HybridMonitor(hardware, options)
const shrink: Build = (hardware, options) => new ShrinkMonitor(hardware, options)
const highCore: Build = (hardware, options) => new HighCoreMonitor(hardware, options)

/** The number of programs on which the innermost machine of the nest parts from the bare one. */
const partings = (
  nest: readonly Build[], variant: Variant, seed: number, trapCells: 'low' | 'high' = 'low', programs = 250,
): number => {
  const random = randomly(seed)
  let parted = 0
  for (let program = 0; program < programs; program += 1) {
    const bare = new Cpu({ size, variant, diskSize: 32, keyboard })
    let machine: Machine = new Cpu({ size: size + 16 * nest.length, variant, trapCells, diskSize: 40 })
    nest.forEach((build, depth) => {
      const innermost = depth === nest.length - 1
      const guest = {
        size: size + 16 * (nest.length - 1 - depth), diskSize: 32, keyboard, trapCells: innermost ? 'low' as const : trapCells,
      }
      machine = build(machine, { quantum: 1 + random(20), guests: [guest] }).machines[0]!
    })
    fill([bare, machine], random)
    for (let run = 0; run < 50 && !bare.halted; run += 1) {
      const limit = random(3) === 0 ? 1 + random(6) : 1
      const until = random(3) === 0 ? 'trap' : undefined
      if (bare.run(limit, until) !== machine.run(limit, until) || difference(bare, machine) !== undefined) {
        parted += 1
        break
      }
    }
  }
  return parted
}

describe('random programs', () => {
  test.each([
    ['one monitor', [pure]],
    ['three monitors deep', [pure, pure, pure]],
    ['hybrid', [hybrid]],
    ['hybrid on trap-and-emulate', [pure, hybrid]],
    ['trap-and-emulate on hybrid', [hybrid, pure]],
  ])('%s equals the bare machine', (_name, nest) => {
    expect(partings(nest, 'sound', 1)).toBe(0)
  })

  test.each(['jump-to-user', 'read-mode', 'silent-write', 'no-op-in-user', 'supervisor-only'] as const)(
    '%s: Theorem 1 fails, Theorem 3 holds', (variant) => {
      expect(partings([hybrid], variant, 2)).toBe(0)
      expect(partings([pure], variant, 2)).toBeGreaterThan(0)
    })

  test.each(['read-relocation', 'load-real-address', 'set-relocation-in-user'] as const)('%s: both theorems fail', (variant) => {
    expect(partings([hybrid], variant, 3)).toBeGreaterThan(0)
    expect(partings([pure], variant, 3)).toBeGreaterThan(0)
  })

  test('shrink-bounds: the premise fails and yet a monitor exists', () => {
    expect(partings([shrink], 'shrink-bounds', 4, 'low', 1500)).toBe(0)
    expect(partings([shrink, shrink], 'shrink-bounds', 6)).toBe(0)
    expect(partings([pure], 'shrink-bounds', 4, 'low', 1500)).toBeGreaterThan(0)
  })

  test('load-real-address: the premise fails and yet a monitor in high core exists', () => {
    expect(partings([highCore], 'load-real-address', 5, 'high')).toBe(0)
    expect(partings([highCore, highCore], 'load-real-address', 6, 'high')).toBe(0)
    expect(partings([pure], 'load-real-address', 5)).toBeGreaterThan(0)
  })
})
