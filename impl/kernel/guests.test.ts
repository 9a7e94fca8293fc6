// Each guest on the bare CPU, against what it should print.

import { expect, test } from 'vitest'
import { Cause, type MachineOptions } from '../../model/vocab/index.ts'
import { assemble } from '../assembler/assemble.ts'
import { load } from '../assembler/load.ts'
import { Cpu } from '../cpu/third-generation/cpu.ts'
import { guests, primes, timer, trapStorm } from './guests.ts'
import { printedText } from './printed-text.ts'

/** The machine after a run of at most `limit` steps, and how often each cause was taken. */
const run = (source: string, options: MachineOptions, limit = 200_000) => {
  const machine = new Cpu(options)
  load(assemble(source), machine)
  const causes = new Map<number, number>()
  while (machine.run(limit - machine.steps, 'trap') === 'trap') {
    const cause = (machine.storage[0]! >>> 28) & 7
    causes.set(cause, (causes.get(cause) ?? 0) + 1)
  }
  return { machine, text: printedText(machine), causes }
}

const guest = (name: string) => guests.find((one) => one.name === name)!

test('every guest fits its machine and halts', () => {
  for (const { name, source, options, description } of guests) {
    const { machine, text } = run(source, options)
    expect([name, machine.halted, text.length > 0, description.includes('\n')]).toEqual([name, true, true, false])
  }
  expect(new Set(guests.map(({ name }) => name)).size).toBe(guests.length)
})

test('hello', () => {
  const { text, causes } = run(guest('hello').source, guest('hello').options)
  expect([text, causes.size]).toEqual(['hello, world\n', 0])
})

test('echo prints the keyboard, whatever it is', () => {
  const { source, options } = guest('echo')
  for (const keys of ['', 'x', 'several words\n', '\0\xff\0']) {
    expect(run(source, { ...options, keyboard: Array.from(keys, (one) => one.charCodeAt(0)) }).text).toBe(keys)
  }
})

test('primes counts the primes below its limit', () => {
  const count = (limit: number): number => {
    let found = 0
    for (let number = 2; number < limit; number++) {
      let divisor = 2
      while (divisor < number && number % divisor !== 0) divisor++
      if (divisor === number) found++
    }
    return found
  }
  for (const limit of [3, 4, 100, 1000]) {
    const { text, causes } = run(primes(limit), { size: 256 })
    expect(text).toBe(`${count(limit)}\n`)
    expect([...causes]).toEqual([[Cause.supervisorCall, text.length + 1]])
  }
})

test('trap-storm takes three traps a round', () => {
  const { text, causes } = run(trapStorm(100), { size: 96 })
  expect(text).toBe('.\n')
  expect([causes.get(Cause.supervisorCall), causes.get(Cause.privileged)]).toEqual([100, 198])
})

test('timer lets every interrupt through and the user count in between', () => {
  const { text, causes, machine } = run(timer(8), { size: 80 })
  expect([...causes]).toEqual([[Cause.timer, 8]])
  const [dots, count] = [text.slice(0, 8), Number.parseInt(text.slice(8), 16)]
  expect(dots).toBe('........')
  // Of 100 ticks LPSW takes one; the user's two instructions share the rest, and the timer is set 8 times.
  expect(count).toBe(Math.ceil((8 * 99) / 2))
  expect(machine.registers[2]).toBe(count)
})
