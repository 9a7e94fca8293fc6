// Of the choices about control state, encodings, traps and interrupts: what is looked at, and what that is for each of them.
import type { Choices, Look } from './choices-access.fixture.ts'
import type { Parameters } from './parameters.ts'
import { machineOf, said, type Given } from './running.fixture.ts'

/** csrw of a0. */
const write = (csr: number): number => (csr << 20) | 0x51073

/** What the registers of these names hold after all steps of the code. */
const after = (names: readonly string[], given: Given, steps = given.words?.length ?? 1) => (choices: Choices): unknown => {
  const m = machineOf({ ...given, choices })
  m.run(steps)
  return names.map((n) => m.register(n))
}

/** FS after one instruction that finds it Clean; f1 is 1, f2 2 and f3 a signalling NaN. */
const status = (word: number, more: Given = {}) => (choices: Choices): unknown => {
  const m = machineOf({ ...more, words: [word], registers: { 'mstatus.FS': 2n, ...more.registers }, f: { 1: 0x3ff0_0000_0000_0000n, 2: 0x4000_0000_0000_0000n, 3: 0x7ff0_0000_0000_0001n }, choices: { dirtiness: 'tracked', ...choices } })
  return [said(m.step()), Number(m.register('mstatus.FS'))]
}
const changed = { becomesDirty: 'where changed' } as const, each = { becomesDirty: 'with each floating-point instruction' } as const
const dirties = (word: number, name: string, [written, where, whenever]: readonly [number, number, number], more: Given = {}): Look => [status(word, more), [{}, [name, written]], [changed, [name, where]], [each, [name, whenever]]]

export const controlCases = {
  becomesDirty: [
    dirties(0x22108253, 'FSGNJ.D', [3, 3, 3]), dirties(0x221080d3, 'FSGNJ.D', [3, 2, 3]), dirties(0xf2008253, 'FMV.D.X', [3, 2, 3]), dirties(0x02208253, 'FADD.D', [3, 3, 3]),
    // To an x register: without flags, with a new one, with one that there is.
    dirties(0xa220a553, 'FEQ.D', [2, 2, 3]), dirties(0xa231a553, 'FEQ.D', [3, 3, 3]), dirties(0xa231a553, 'FEQ.D', [3, 2, 3], { registers: { fflags: 0x10n } }),
    dirties(0xa2209553, 'FLT.D', [2, 2, 3]), dirties(0xa2319553, 'FLT.D', [3, 3, 3]), dirties(0xa2319553, 'FLT.D', [3, 2, 3], { registers: { fflags: 0x10n } }),
    dirties(0xe2008553, 'FMV.X.D', [2, 2, 3]), dirties(0xe2009553, 'FCLASS.D', [2, 2, 3]), dirties(0x0015b027, 'FSD', [2, 2, 3], { x: { 11: 0x8000_0100n } }),
    // csrw fcsr, a0; csrr a0, fcsr is no instruction of F.
    dirties(write(3), 'CSRRW unprivileged', [3, 3, 3], { x: { 10: 1n } }), dirties(write(3), 'CSRRW unprivileged', [3, 2, 3]), dirties(0x00302573, 'CSRRS unprivileged', [2, 2, 2]),
  ],
  stipAfterStce: ([[9n, 0n, 0n, 0n], [10n, 0n, 1n, 0n], [9n, 1n, 0n, 0n]] as const).map(([mtime, before, compared, zero]): Look =>
    [after(['mip.STIP'], { words: [write(0x30a)], registers: { 'menvcfg.STCE': 1n, 'mip.STIP': before, stimecmp: 10n, mtime } }),
      ...([[{}, before], [{ stipAfterStce: 'as last compared' }, compared], [{ stipAfterStce: '0' }, zero]] as const).map(([choice, is]) => [{ extensions: ['Sstc'], ...choice }, [is]] as const)]),
} as const satisfies Partial<Record<keyof Parameters, readonly Look[]>>
