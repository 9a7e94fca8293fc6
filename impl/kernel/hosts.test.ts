// Each guest on every host: bare CPU, virtual machine monitor, hybrid monitor, three monitors deep; nothing may differ.

import { expect, test } from 'vitest'
import type { Machine, MachineOptions, Variant, WordView } from '../../model/vocab/index.ts'
import { assemble } from '../assembler/assemble.ts'
import { load } from '../assembler/load.ts'
import { Cpu } from '../cpu/third-generation/cpu.ts'
import { createHybridMonitor, createMonitor, monitorCells } from '../vmm/index.ts'
import { guests, type Guest } from './guests.ts'
import { kernel } from './kernel.s.ts'
import { printedText } from './printed-text.ts'

type Host = (options: MachineOptions, variant: Variant) => Machine

const diskSize = 128

/** A CPU with room for the guest and for so many monitors below it. */
const cpuFor = ({ size }: MachineOptions, monitors: number, variant: Variant): Cpu =>
  new Cpu({ size: size + monitors * monitorCells, diskSize, variant })

const guestOf = ({ size, keyboard = [] }: MachineOptions) => ({ size, diskSize, keyboard })
const between = ({ size }: MachineOptions, monitors: number) => ({ size: size + monitors * monitorCells, diskSize })

const bare: Host = ({ size, keyboard = [] }, variant) => new Cpu({ size, diskSize, keyboard, variant })

const hosts: Readonly<Record<string, Host>> = {
  'the monitor': (options, variant) => createMonitor(cpuFor(options, 1, variant), { guests: [guestOf(options)] }).machines[0]!,
  'the hybrid monitor': (options, variant) =>
    createHybridMonitor(cpuFor(options, 1, variant), { guests: [guestOf(options)] }).machines[0]!,
  'three monitors deep': (options, variant) => {
    const first = createMonitor(cpuFor(options, 3, variant), { guests: [between(options, 2)] }).machines[0]!
    const second = createMonitor(first, { guests: [between(options, 1)] }).machines[0]!
    return createMonitor(second, { guests: [guestOf(options)] }).machines[0]!
  },
  'a hybrid monitor on a monitor on a hybrid monitor': (options, variant) => {
    const first = createHybridMonitor(cpuFor(options, 3, variant), { guests: [between(options, 2)] }).machines[0]!
    const second = createMonitor(first, { guests: [between(options, 1)] }).machines[0]!
    return createHybridMonitor(second, { guests: [guestOf(options)] }).machines[0]!
  },
  'a monitor that takes the hardware back every 7 steps': (options, variant) =>
    createMonitor(cpuFor(options, 1, variant), { guests: [guestOf(options)], quantum: 7 }).machines[0]!,
}

const words = (view: WordView): number[] => Array.from({ length: view.length }, (_, index) => view[index]!)

/** Everything that a guest, or who looks at its machine, can see. */
const visible = (machine: Machine) => ({
  mode: machine.mode,
  counter: machine.counter,
  base: machine.base,
  bound: machine.bound,
  timer: machine.timer,
  pending: machine.pending,
  halted: machine.halted,
  storage: words(machine.storage),
  registers: words(machine.registers),
  printed: printedText(machine),
  taken: machine.taken,
  disk: words(machine.disk),
  diskPosition: machine.diskPosition,
  steps: machine.steps,
})

/** Steps between two comparisons: no multiple of any loop or quantum. */
const stride = 97

/** The first number of steps at which the two machines differ, or undefined when both halt alike. */
const parting = (one: Machine, other: Machine): number | undefined => {
  for (;;) {
    const [here, there] = [visible(one), visible(other)]
    if (JSON.stringify(here) !== JSON.stringify(there)) return one.steps
    if (one.halted) return undefined
    one.run(stride)
    other.run(stride)
  }
}

const pair = (source: string, options: MachineOptions, host: Host, variant: Variant = 'sound'): [Machine, Machine] => {
  const image = assemble(source)
  const machines: [Machine, Machine] = [bare(options, variant), host(options, variant)]
  for (const machine of machines) load(image, machine)
  return machines
}

const systems = Object.entries(hosts).flatMap(([name, host]) =>
  guests.map((guest): [string, string, Host, Guest] => [guest.name, name, host, guest]))

test.each(systems)('%s sees no difference on %s', (_name, _host, host, { source, options }) => {
  const [native, virtual] = pair(source, options, host)
  expect(parting(native, virtual)).toBeUndefined()
  expect(visible(virtual)).toEqual(visible(native))
  expect(native.halted).toBe(true)
})

test('two kernels side by side under one monitor each see a machine of their own', () => {
  const options = { size: 1024, keyboard: [65, 66] }
  const monitor = createMonitor(new Cpu({ size: monitorCells + 2 * 1024, diskSize: 2 * diskSize }), {
    guests: [guestOf(options), { ...guestOf(options), keyboard: [67] }],
    quantum: 500,
  })
  const natives = [bare(options, 'sound'), bare({ ...options, keyboard: [67] }, 'sound')]
  for (const machine of [...natives, ...monitor.machines]) load(assemble(kernel), machine)
  expect(monitor.run(200_000)).toBe('halt')
  for (const [index, native] of natives.entries()) {
    native.run(200_000)
    expect(visible(monitor.machines[index]!)).toEqual(visible(native))
  }
})

test('on a machine where users may read R, a process that does so parts from the bare machine on every host', () => {
  const first = 'LA    r5, 2             ; r5 = the number under test'
  expect(kernel.split(first)).toHaveLength(2)
  const curious = kernel.replace(first, `SRB   r9\n        ${first}`)
  for (const host of Object.values(hosts)) {
    const [native, virtual] = pair(curious, { size: 1024 }, host, 'read-relocation')
    expect(parting(native, virtual)).toBeGreaterThan(0)
  }
})
