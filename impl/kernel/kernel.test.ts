// The kernel on the bare CPU: its console, the disk and every trap cause, against what its processes should compute.

import { expect, test } from 'vitest'
import { Cause, type MachineOptions } from '../../model/vocab/index.ts'
import { assemble } from '../assembler/assemble.ts'
import { load } from '../assembler/load.ts'
import { Cpu } from '../cpu/third-generation/cpu.ts'
import { kernel } from './kernel.s.ts'
import { printedText } from './printed-text.ts'

const keys = 'some keys'
const options: MachineOptions = { size: 784, diskSize: 80, keyboard: Array.from(keys, (one) => one.charCodeAt(0)) }

interface Run {
  readonly machine: Cpu
  readonly lines: readonly string[]
  /** How often each cause was taken. */
  readonly causes: ReadonlyMap<number, number>
}

const run = (source: string, change: Partial<MachineOptions> = {}): Run => {
  const machine = new Cpu({ ...options, ...change })
  load(assemble(source, 'kernel.s'), machine)
  const causes = new Map<number, number>()
  while (machine.run(100_000 - machine.steps, 'trap') === 'trap') {
    const cause = (machine.storage[0]! >>> 28) & 7
    causes.set(cause, (causes.get(cause) ?? 0) + 1)
  }
  expect(machine.halted).toBe(true)
  return { machine, lines: printedText(machine).trimEnd().split('\n'), causes }
}

/** Replaces a piece of the source that stands there once. */
const changed = (from: string, to: string): string => {
  expect(kernel.split(from)).toHaveLength(2)
  return kernel.replace(from, to)
}

const of = (letter: string, lines: readonly string[]): string[] =>
  lines.filter((line) => line.startsWith(`${letter}| `)).map((line) => line.slice(3).trimEnd())

const rows = (numbers: readonly number[], length: number): string[] =>
  Array.from({ length: Math.ceil(numbers.length / length) }, (_, row) => numbers.slice(row * length, (row + 1) * length).join(' '))

const primes = Array.from({ length: 99 }, (_, index) => index + 2)
  .filter((number) => !Array.from({ length: number - 2 }, (_, index) => index + 2).some((divisor) => number % divisor === 0))

const table = (): number[] => {
  const numbers: number[] = []
  for (let seed = 1; numbers.length < 32; ) {
    seed = (75 * seed + 74) % 65537
    numbers.push(seed % 1000)
  }
  return numbers
}
const sorted = table().sort((one, other) => one - other)

test('each process prints what it should, and the kernel counts its timer traps', () => {
  const { lines, causes } = run(kernel)
  const killedAt = assemble(kernel).listing.find(({ text }) => text.includes('just behind the window'))!.relative
  expect(of('A', lines)).toEqual([...rows(primes, 9), 'caught 6', 'caught 3', 'caught 2', `killed: memory trap at ${killedAt}`])
  expect(of('B', lines)).toEqual([keys, ...rows(sorted, 8), 'out of order: 0, refused: 1', 'exit'])
  expect(of('K', lines)).toEqual(['two processes', `end, ${causes.get(Cause.timer)} timer traps`])
  expect(lines).toHaveLength(7 + 7 + 2)
})

test('the processes take turns', () => {
  const turns = run(kernel).lines.map((line) => line[0]).filter((letter) => letter !== 'K').join('')
  expect(turns).toMatch(/A+B+A+B/)
  const alone = run(changed('quantum,  200 ', 'quantum,  30000 '))
  expect(alone.causes.has(Cause.timer)).toBe(false)
  // B yields once; then each runs to its end.
  expect(alone.lines.map((line) => line[0]).join('')).toMatch(/^KA+B+K$/)
})

test('the disk holds the sorted table in blocks 3 and 4 and nothing else', () => {
  const { disk } = run(kernel).machine
  const words = Array.from({ length: disk.length }, (_, position) => disk[position])
  expect(words).toEqual([...Array(48).fill(0), ...sorted])
})

test('a disk that loses a block is noticed by the process', () => {
  const { lines } = run(kernel, { diskSize: 64 })
  expect(of('B', lines)).toContain('out of order: 1, refused: 1')
})

test('a process cannot write into its neighbour', () => {
  const { machine } = run(kernel)
  const image = assemble(kernel)
  const neighbour = 16 * image.symbols.get('b.l')!
  expect(machine.storage[neighbour]).toBe(new Map(image.cells).get(neighbour))
  // With a bound of one block more the same write would arrive.
  const wide = changed('.equ  a.b, 4', '.equ  a.b, 5').replace('a.l + a.b', 'a.l + 4').replace('ST    r1, 16 * a.b', 'ST    r1, 64')
  expect(run(wide).machine.storage[neighbour]).not.toBe(new Map(image.cells).get(neighbour))
})

test('one run takes every trap cause', () => {
  const { causes, machine } = run(kernel)
  expect([...causes.keys()].sort()).toEqual(Object.values(Cause))
  expect(machine.steps).toBeLessThan(100_000)
})

test('a call that does not exist kills, and a trap out of the kernel stops everything', () => {
  const unknown = run(changed('typed:  LA    r1, newline', 'typed:  SVC   8'))
  const killedAt = assemble(kernel).symbols.get('typed')!
  expect(of('B', unknown.lines)).toEqual([`${keys}`, `killed: undefined trap at ${killedAt}`])
  const broken = run(changed('c.get:  IN    r1, console', 'c.get:  DIV   r1, 0'))
  expect(broken.lines.at(-1)).toBe('K| kernel trap 6')
})

test('it runs alike in a larger machine, and is refused by a smaller one', () => {
  const small = run(kernel)
  const large = run(kernel, { size: 1024 })
  expect([large.lines, large.machine.steps]).toEqual([small.lines, small.machine.steps])
  expect(() => load(assemble(kernel), new Cpu({ size: 768 }))).toThrow(/the image needs \d+ cells, but the machine has 768/)
})
