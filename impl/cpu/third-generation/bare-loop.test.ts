import { expect, test } from 'vitest'
import { checksumCell, cpuBoundProgram, loadCpuBoundProgram, roundsCell, runBareLoop } from './bare-loop.ts'
import { Cpu } from './cpu.ts'

const steps = 100_000

const machineAfter = (count: number): Cpu => {
  const machine = new Cpu({ size: 4080 })
  loadCpuBoundProgram(machine)
  machine.run(count)
  return machine
}

test('the bare loop and the processor leave the same storage after the same number of steps', () => {
  const machine = machineAfter(steps)
  expect(machine.steps).toBe(steps)
  const bare = runBareLoop(steps)
  expect([...machine.storage.subarray(16, 16 + 3072)]).toEqual([...bare.subarray(0, 3072)])
  expect(bare[roundsCell]).toBeGreaterThan(0)
  expect(bare[checksumCell]).not.toBe(0)
})

test('a run one round longer leaves other storage', () => {
  const bare = runBareLoop(2 * steps)
  expect([...machineAfter(steps).storage.subarray(16, 16 + 3072)]).not.toEqual([...bare.subarray(0, 3072)])
})

test('the sieve finds the primes', () => {
  const bare = runBareLoop(34_000)
  const primes = Array.from({ length: 2046 }, (_, index) => index + 2).filter((number) => bare[1024 + number] === 0)
  expect(primes.length).toBe(309)
  expect(primes.slice(0, 6)).toEqual([2, 3, 5, 7, 11, 13])
  expect(cpuBoundProgram.length).toBe(34)
})
