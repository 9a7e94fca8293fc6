// Planted faults are caught, in the hart and in the specification; `popek faults riscv64/cpu` plants all of them.
import { expect, it } from 'vitest'
import { hartFaults } from './faults.ts'
import { runHartFault } from './run-fault.ts'

it.each(['hart-mpp-kept', 'hart-rounding', 'hart-dirty-lost', 'hart-interrupt-late', 'hart-atomics-cause', 'specification-atomics-cause', 'specification-sign'])('%s is caught', (name) => {
  const { caught, programLength } = runHartFault(hartFaults.find((f) => f.name === name)!, 1, 60)
  expect(caught).toBe(true)
  expect(programLength).toBeLessThan(1500)
})
