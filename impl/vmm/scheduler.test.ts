// Several guests: each sees a machine of its own, and the round robin, the accounts and the devices keep them apart.
import { expect, test } from 'vitest'
import type { Machine } from '../../model/vocab/index.ts'
import { Cpu } from '../cpu/third-generation/cpu.ts'
import { HybridMonitor, Monitor } from './index.ts'
import { difference, ins, load } from './lock-step.fixture.ts'
import type { Program } from './lock-step.fixture.ts'
import { programSize as size, programs, tour } from './programs.fixture.ts'

const endless: Program = { 16: [ins('ADD', 1, 1), ins('RTIM', 2), ins('OUT', 1, 0), ins('JMP', 0, 16)] }
const ending: Program = { 16: [ins('ADD', 1, 1), ins('OUT', 1, 0), ins('HALT')] }

const diskSize = 32
const withGuests = (guests: readonly Program[], quantum: number, build: typeof Monitor = Monitor): Monitor => {
  const hardware = new Cpu({ size: 16 + size * guests.length, diskSize: diskSize * guests.length })
  const monitor = new build(hardware, { guests: guests.map((_, index) => ({ size, diskSize, keyboard: [index, 7] })), quantum })
  guests.forEach((program, index) => load(monitor.machines[index]!, program))
  return monitor
}

const twinsOf = (guests: readonly Program[]): Cpu[] => guests.map((program, index) => {
  const bare = new Cpu({ size, diskSize, keyboard: [index, 7] })
  load(bare, program)
  return bare
})

/** Runs the monitor in slices and compares every guest with its twin; the first difference. */
const interleaved = (
  monitor: Monitor, twins: readonly Cpu[], slices: number, slice: (index: number) => number,
): string | undefined => {
  for (let index = 0; index < slices; index += 1) {
    monitor.run(slice(index))
    for (const [guest, twin] of twins.entries()) {
      const machine = monitor.machines[guest]!
      twin.run(machine.steps - twin.steps)
      const component = difference(twin, machine)
      if (component !== undefined) return `guest ${guest}: ${component}`
    }
  }
  return undefined
}

const guests = [...programs.map(([, program]) => program), endless, ending].slice(-7)

const techniques = [['trap-and-emulate', Monitor], ['hybrid', HybridMonitor]] as const

test.each(techniques)('%s: seven guests at once equal seven bare machines', (_name, build) => {
  for (const quantum of [1, 4, 13]) {
    const monitor = withGuests(guests, quantum, build)
    expect(interleaved(monitor, twinsOf(guests), 1500, (index) => 1 + (index % 5))).toBeUndefined()
  }
})

test('a monitor that forgets one register at a world switch is noticed', () => {
  class Forgetful extends Monitor {
    protected override restoreRegisters(machine: Monitor['machines'][number]): void {
      for (let number = 0; number < 15; number += 1) this.hardware.setRegister(number, machine.registers[number]!)
    }
  }
  expect(interleaved(withGuests(guests, 4, Forgetful), twinsOf(guests), 1500, () => 1)).toMatch('registers')
})

test('the round robin is fair to the step, however long the runs are', () => {
  for (const slice of [1, 7, 1000]) {
    const monitor = withGuests([endless, endless, ending, endless], 10)
    let steps = 0
    for (; steps < 3003; steps += slice) monitor.run(slice)
    const shares = monitor.machines.map((machine) => machine.steps)
    expect(shares[2]).toBe(3)
    expect(shares[0]! + shares[1]! + shares[3]!).toBe(steps - 3)
    expect(Math.max(shares[0]!, shares[1]!, shares[3]!) - Math.min(shares[0]!, shares[1]!, shares[3]!)).toBeLessThanOrEqual(10)
  }
})

test('every step is in one account, every hardware step is a direct instruction or an exit, and waiting is stolen time', () => {
  for (const [, build] of techniques) {
    const monitor = withGuests([tour, endless, programs[1]![1]], 13, build)
    for (let run = 0; run < 300; run += 1) monitor.run(7)
    const sum = (counts: ArrayLike<number>) => Array.from(counts).reduce((total, count) => total + count)
    const spent = monitor.machines.map(({ accounting }) => accounting.direct + sum(accounting.exits))
    for (const [index, { accounting: account, steps }] of monitor.machines.entries()) {
      expect(account.direct + account.emulated + account.reflected + account.interpreted).toBe(steps)
      if (!monitor.machines[index]!.halted) expect(account.stolen + spent[index]!).toBe(monitor.hardware.steps)
      if (build === Monitor) expect(account.worldSwitches).toBeGreaterThan(1)
    }
    expect(sum(spent)).toBe(monitor.hardware.steps)
  }
})

test('run says halt when every guest has halted, and a halted guest does not stop the others', () => {
  const monitor = withGuests([ending, ending, endless], 100)
  expect(monitor.run(1000)).toBe('limit')
  expect(monitor.machines.map((machine) => machine.halted)).toEqual([true, true, false])
  expect(monitor.hardware.halted).toBe(false)
  monitor.dismiss(monitor.machines[2]!)
  expect(monitor.run(1)).toBe('halt')
})

test('what one guest does changes nothing that another can see', () => {
  const [one, other] = [withGuests([tour, endless], 9), withGuests([tour, programs[1]![1]], 9)]
  for (let step = 0; step < 1000; step += 1) {
    one.machines[0]!.run(1)
    one.machines[1]!.run(step % 4)
    other.machines[0]!.run(1)
    other.machines[1]!.run(step % 3)
    expect(difference(one.machines[0]!, other.machines[0]!)).toBeUndefined()
  }
})

const printedBy = ({ printed }: Machine): number[] => Array.from({ length: printed.length }, (_, index) => printed[index]!)

const echo: Program = { 16: [ins('IN', 1, 0), ins('OUT', 1, 0), ins('JMP', 0, 16)] }
const diskUser: Program = {
  16: [ins('LA', 1, 30), ins('OUT', 1, 1), ins('LA', 2, 500), ins('OUT', 2, 2), ins('ADD', 2, 1), ins('JMP', 0, 19)],
}

test('only the guest that has the hardware console reads and prints there', () => {
  const hardware = new Cpu({ size: 16 + 3 * 32, diskSize: 3, keyboard: [50, 51] })
  const monitor = new Monitor(hardware, {
    guests: [{ size: 32, keyboard: [1] }, { size: 32, console: 'hardware' }, { size: 32 }], quantum: 2,
  })
  for (const machine of monitor.machines) load(machine, echo)
  monitor.run(45)
  expect(monitor.machines.map(({ printed }) => printed))
    .toEqual([[1, 255, 255, 255, 255], [50, 51, 255, 255, 255], Array(5).fill(255)])
  expect(monitor.machines.map(({ taken }) => taken)).toEqual([1, 2, 0])
  expect(printedBy(hardware)).toEqual([50, 51, 255, 255, 255])
  expect(monitor.machines[1]!.options.keyboard).toEqual([50, 51])
})

test('a guest with the hardware console and a keyboard of its own types on its own', () => {
  const hardware = new Cpu({ size: 64, keyboard: [50] })
  const monitor = new Monitor(hardware, { guests: [{ size: 32, console: 'hardware', keyboard: [9] }] })
  load(monitor.machines[0]!, echo)
  monitor.run(5)
  expect([hardware.taken, printedBy(hardware)]).toEqual([0, [9, 255]])
})

test('each guest writes its own part of the disk, and writes past the end of it are lost', () => {
  const hardware = new Cpu({ size: 16 + 2 * 32, diskSize: 70 })
  const monitor = new Monitor(hardware, { guests: [{ size: 32, diskSize: 32 }, { size: 32, diskSize: 33 }], quantum: 3 })
  for (const machine of monitor.machines) load(machine, diskUser)
  monitor.run(80)
  const words = Array.from({ length: 70 }, (_, position) => hardware.disk[position])
  const expected: number[] = Array(70).fill(0)
  expected.splice(30, 2, 500, 501)
  expected.splice(62, 3, 500, 501, 502)
  expect(words).toEqual(expected)
  expect(monitor.machines.map((machine) => machine.diskPosition > 33)).toEqual([true, true])
})
