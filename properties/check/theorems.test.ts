// What the theorems say of each variant and what the monitors show.
import { describe, expect, test } from 'vitest'
import { monitorVerdicts } from './theorems.ts'

const exact = true
const parts = false

describe('the theorems', () => {
  test('a monitor is exact where its theorem applies, and where the premise fails and one exists all the same', async () => {
    const rows = await monitorVerdicts({ programs: 300 })
    const table = Object.fromEntries(rows.map(({ variant, monitor, exact: holds }) => [`${variant}: ${monitor}`, holds]))
    expect(table).toEqual({
      'sound: trap-and-emulate': exact, 'sound: hybrid': exact,
      'jump-to-user: trap-and-emulate': parts, 'jump-to-user: hybrid': exact,
      'read-relocation: trap-and-emulate': parts, 'read-relocation: hybrid': parts,
      'read-mode: trap-and-emulate': parts, 'read-mode: hybrid': exact,
      'load-real-address: trap-and-emulate': parts, 'load-real-address: hybrid': parts, 'load-real-address: own': exact,
      'silent-write: trap-and-emulate': parts, 'silent-write: hybrid': exact,
      'no-op-in-user: trap-and-emulate': parts, 'no-op-in-user: hybrid': exact,
      'supervisor-only: trap-and-emulate': parts, 'supervisor-only: hybrid': exact,
      'set-relocation-in-user: trap-and-emulate': parts, 'set-relocation-in-user: hybrid': parts,
      'shrink-bounds: trap-and-emulate': parts, 'shrink-bounds: hybrid': parts, 'shrink-bounds: own': exact,
    })
    for (const { divergence } of rows) {
      if (divergence) expect(divergence.shrunk).toMatchObject({ length: 1, trace: { steps: { length: 1 } } })
    }
  })
})
