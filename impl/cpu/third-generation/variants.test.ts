import { expect, test } from 'vitest'
import { Cause, variants, type Variant } from '../../../model/vocab/machine.ts'
import { Cpu } from './cpu.ts'
import { actualAndExpected, smallMachine, trapped, type Change, type Step } from './situation.fixture.ts'
import { word } from './word.ts'

const user = { mode: 1 } as const
const refused = trapped(Cause.privileged, user)

/** Section 8: what a variant does that the sound machine does not. */
const changed: Readonly<Record<Exclude<Variant, 'sound'>, readonly Step[]>> = {
  'jump-to-user': [
    { name: 'from supervisor mode', code: word(0x90, 0, 10, 4), given: { timer: 9 }, changes: { mode: 1, counter: 0x00e, timer: 8 } },
    { name: 'from user mode', code: word(0x90, 0, 10), given: user, changes: { counter: 10 } },
  ],
  'read-relocation': [{ name: 'SRB in user mode', code: word(0x82, 3), given: { mode: 1, timer: 9 }, changes: { G: { 3: 0x0208 }, timer: 8 } }],
  'read-mode': [
    { name: 'supervisor mode', code: word(0x91, 3), changes: { G: { 3: 0 } } },
    { name: 'user mode', code: word(0x91, 3), given: user, changes: { G: { 3: 1 } } },
  ],
  'load-real-address': [
    { name: 'supervisor mode', code: word(0x92, 3, 10, 4), given: { G: { 4: 0x7001 } }, changes: { G: { 3: 43 } } },
    { name: 'user mode', code: word(0x92, 3, 127), given: user, changes: { G: { 3: 159 } } },
    { name: 'not mapped', code: word(0x92, 3, 128), given: user, changes: trapped(Cause.memory, user) },
  ],
  'silent-write': [
    { name: 'supervisor mode writes TIMER without a tick', code: word(0x93, 3), given: { pending: true, timer: 5, G: { 3: -1 } }, changes: { timer: 0xffffffff, pending: false, G: { 3: 0 } } },
    { name: 'user mode leaves the write out and ticks', code: word(0x93, 3), given: { ...user, timer: 5 }, changes: { timer: 4, G: { 3: 0 } } },
  ],
  'no-op-in-user': [{ name: 'LRB in user mode', code: word(0x81, 3), given: { ...user, timer: 5 }, changes: { timer: 4 } }],
  'supervisor-only': [
    { name: 'supervisor mode', code: word(0x94, 3), changes: { G: { 3: 0x0208 } } },
    { name: 'user mode', code: word(0x94, 3), given: user, changes: { G: { 3: 0 } } },
  ],
  'set-relocation-in-user': [{ name: 'LRB in user mode', code: word(0x81, 3), given: { ...user, G: { 3: 0x70102 } }, changes: { base: 1, bound: 2 } }],
  'shrink-bounds': [
    { name: 'supervisor mode grows', code: word(0x95, 3), given: { G: { 3: 0x109 } }, changes: { bound: 9 } },
    { name: 'user mode shrinks', code: word(0x95, 3), given: { ...user, timer: 2, G: { 3: 0x107 } }, changes: { bound: 7, timer: 1 } },
    { name: 'user mode keeps', code: word(0x95, 3), given: { ...user, G: { 3: 8 } }, changes: refused },
    { name: 'user mode grows', code: word(0x95, 3), given: { ...user, timer: 1, G: { 3: 9 } }, changes: refused },
  ],
}

/** What the sound machine does of the same word. */
const soundChange = (step: Step): Change => {
  if (step.code >>> 24 >= 0x90) return trapped(Cause.undefined, { mode: step.given?.mode ?? 0 })
  return refused
}

const outcome = (variant: Variant, step: Step): readonly [object, object] => {
  const options = { ...smallMachine, variant }
  return actualAndExpected(new Cpu(options), new Cpu(options), step)
}

const rows = Object.entries(changed).flatMap(([variant, steps]) => steps.map((step) => ({ variant: variant as Variant, step, name: step.name })))

test.each(rows)('$variant: $name', ({ variant, step }) => {
  const [actual, expected] = outcome(variant, step)
  expect(actual).toEqual(expected)
})

test.each(variants)('%s has no other change', (variant) => {
  for (const row of rows) {
    if (rows.some((own) => own.variant === variant && own.step.code >>> 24 === row.step.code >>> 24)) continue
    const [actual, expected] = outcome(variant, { ...row.step, changes: soundChange(row.step) })
    expect(actual, `${row.variant}: ${row.name}`).toEqual(expected)
  }
})

test.each(rows)('$variant: $name is told from the sound machine', ({ step }) => {
  const [actual, expected] = outcome('sound', step)
  expect(actual).not.toEqual(expected)
})
