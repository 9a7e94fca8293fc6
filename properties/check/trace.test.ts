// A saved divergence fails again from its file alone, whatever the system, and holds where the fault is not.
import { expect, test } from 'vitest'
import { findSystem } from '../../traces/adapters.ts'
import { readTrace, writeTrace } from '../../traces/format.ts'
import type { RunTrace } from '../../traces/trace.ts'
import { plantIn } from '../faults/fault.ts'
import { findFault } from '../faults/faults.ts'
import { runFault } from '../faults/run-fault.ts'
import { failsAgain, traceOf } from './trace.ts'

test.each(['disk-shared', 'register-leaks', 'no-tick', 'nested-outer-p'])('%s', (name) => {
  const fault = findFault(name)!
  const sound = findSystem(fault.system)!
  const result = runFault({ fault: name, seed: 1, programs: 2000 })
  expect(result).toMatchObject({ caught: true, by: fault.property })
  const written = writeTrace(traceOf(result.trial!, result.programLength, { system: sound, seed: 1, property: fault.property, what: result.what! }))
  const trace = readTrace(written, 'saved.ndjson') as RunTrace
  expect(failsAgain(trace, plantIn(sound, fault), fault.property)).toBe(result.what)
  expect(failsAgain(trace, sound, fault.property)).toBeUndefined()
})
