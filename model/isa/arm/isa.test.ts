import { describe, expect, it } from 'vitest'
import { singleStep, type Contents } from '../../machine/single-step.ts'
import { armv5, armv6, armv7, armv7Virtualization } from './isa.ts'

const v7 = armv7(), usr = 0x10n, svc = 0x13n
/** Permissions of page 0 and of the pages 1, for everyone, and 2, for privileged modes only. */
const pages: Contents = { 'AP 0': 3n, 'AP 1': 3n, 'AP 2': 1n }
const run = (word: number, before: Contents, isa = v7) => {
  const step = singleStep(isa, BigInt(word), { ...pages, ...before })!
  return { name: step.instruction.name, cause: step.cause, ...step.after }
}

describe('encodings', () => {
  const words: readonly (readonly [number, string])[] = [
    [0xe0802001, 'ADD'], [0xe1500001, 'CMP'], [0xe1b0f00e, 'MOVS PC'], [0xe05ef000, 'SUBS PC'], [0xe1a02310, 'LSL (register)'], [0xe0000291, 'MUL'], [0xe16f1f10, 'CLZ'],
    [0xe12fff1e, 'BX'], [0xeb000000, 'BL'], [0xfa000000, 'BLX (immediate)'], [0xe5910004, 'LDR'], [0xe4b10004, 'LDRT'], [0xe4f10001, 'LDRBT'], [0xe4a10004, 'STRT'],
    [0xe4e10001, 'STRBT'], [0xe1d100b2, 'LDRH'], [0xe0f100b2, 'LDRHT'], [0xe0f100d1, 'LDRSBT'], [0xe0f100f2, 'LDRSHT'], [0xe0e100b2, 'STRHT'], [0xe8d06000, 'LDM (2)'],
    [0xe8c06000, 'STM (2)'], [0xe8dd8000, 'LDM (3)'], [0xe1910f9f, 'LDREX'], [0xe1802f91, 'STREX'], [0xf57ff01f, 'CLREX'], [0xf5d1f000, 'PLD'], [0xe10f0000, 'MRS'],
    [0xe14f0000, 'MRS'], [0xe121f000, 'MSR (register)'], [0xe169f000, 'MSR (register)'], [0xe321f0d3, 'MSR (immediate)'], [0xf1080080, 'CPS'], [0xf1020013, 'CPS'],
    [0xf1010200, 'SETEND'], [0xef000001, 'SVC'], [0xe1200070, 'BKPT'], [0xe7f000f0, 'UDF'], [0xf89d0a00, 'RFE'], [0xf8cd0513, 'SRS'], [0xee110f10, 'MRC p15 SCTLR'],
    [0xee020f10, 'MCR p15 TTBR0'], [0xee070fba, 'MCR p15 CP15DMB'], [0xee1d0f50, 'MRC p15 TPIDRURW'], [0xee190f1d, 'MRC p15 PMCCNTR'], [0xee190f1e, 'MRC p15 PMUSERENR'],
    [0xee100e11, 'MRC p14 DBGDSCRint'], [0xe320f003, 'WFI'], [0xe320f002, 'WFE'], [0xf57ff04f, 'DSB'],
  ]
  it.each(words)('%i is %s', (word, name) => { expect(run(word, { M: svc }).name).toBe(name) })
  it('version 5 has neither CPS nor LDREX, version 6 no LDRHT', () => {
    expect(singleStep(armv5(), 0xf1080080n, {})).toBeUndefined()
    expect(singleStep(armv5(), 0xe1910f9fn, {})).toBeUndefined()
    expect(singleStep(armv6(), 0xe0f100b2n, {})).toBeUndefined()
  })
})

describe('status registers', () => {
  it('MSR writes the masks and the mode in privileged modes, and silently only the flags in User mode', () => {
    const before = { 'R 0': 0xf00000d2n, 'R 15': 1n, 'R13, R14 4': 2n, PC: 0n }
    expect(run(0xe129f000, { ...before, M: svc })).toMatchObject({ cause: undefined, M: 0x12n, I: 1n, F: 1n, N: 1n, 'R 15': 2n, 'R13, R14 6': 1n })
    expect(run(0xe129f000, { ...before, M: usr })).toMatchObject({ cause: undefined, M: usr, I: 0n, F: 0n, N: 1n, 'R 15': 1n })
  })
  it('MRS shows the mode to everyone in version 6', () => {
    expect(run(0xe10f0000, { M: svc, I: 1n, Z: 1n }, armv6())).toMatchObject({ 'R 0': 0x40000093n })
    expect(run(0xe10f0000, { M: usr, I: 1n, Z: 1n }, armv6())).toMatchObject({ 'R 0': 0x40000090n })
  })
  it('CPS does nothing in User mode', () => {
    expect(run(0xf10c0080, { M: svc })).toMatchObject({ I: 1n })
    expect(run(0xf10c0080, { M: usr })).toMatchObject({ cause: undefined, I: 0n })
  })
  it('MOVS PC, LR restores CPSR with the registers of the mode', () => {
    expect(run(0xe1b0f00e, { M: svc, 'R 16': 0x100n, 'SPSR 3': 0x80000010n, 'R 15': 1n, 'R13, R14 0': 5n }))
      .toMatchObject({ cause: undefined, PC: 0x40n, M: usr, N: 1n, 'R 15': 5n, 'R13, R14 6': 1n, 'R13, R14 7': 0x100n })
  })
})

describe('storage', () => {
  it('LDRT asks for the user\'s permission, LDR for the mode\'s', () => {
    const before = { 'R 1': 0x2000n, 'Memory 4000': 7n, M: svc }
    expect(run(0xe5910000, before)).toMatchObject({ cause: undefined, 'R 0': 7n })
    expect(run(0xe4b10000, before).cause).toBe('data abort')
    expect(run(0xe4b10004, { ...before, 'AP 2': 3n })).toMatchObject({ 'R 0': 7n, 'R 1': 0x2004n })
    expect(run(0xe5910000, { ...before, M: usr }).cause).toBe('data abort')
  })
  it('is relocated by pages, and bytes are parts of words', () => {
    expect(run(0xe5d10000, { 'R 1': 0x1001n, TTBR0: 1n, 'Memory 4000': 0xaabbn, M: usr })).toMatchObject({ 'R 0': 0xaan })
    expect(run(0xe5c10000, { 'R 1': 0x1001n, 'R 0': 0x1ffn, 'Memory 2000': 0x11223344n, M: usr })).toMatchObject({ 'Memory 2000': 0x1122ff44n })
  })
  it('STM (2) stores, and LDM (2) loads, the user\'s registers', () => {
    expect(run(0xe8c06000, { 'R 0': 0x1000n, 'R13, R14 0': 1n, 'R13, R14 1': 2n, M: svc })).toMatchObject({ 'Memory 2000': 1n, 'Memory 2001': 2n })
    expect(run(0xe8d06000, { 'R 0': 0x1000n, 'Memory 2000': 1n, 'Memory 2001': 2n, M: svc })).toMatchObject({ 'R13, R14 0': 1n, 'R13, R14 1': 2n })
  })
  it('RFE and SRS are each other\'s inverse', () => {
    expect(run(0xf8cd0513, { 'R 15': 0x1000n, 'R 16': 0x80n, 'SPSR 3': 0x10n, M: svc })).toMatchObject({ 'Memory 2000': 0x80n, 'Memory 2001': 0x10n })
    expect(run(0xf89d0a00, { 'R 15': 0x1000n, 'Memory 2000': 0x80n, 'Memory 2001': 0x10n, M: svc })).toMatchObject({ PC: 0x20n, M: usr })
  })
})

it('an exception enters its mode with the next address in R14 and the old status in SPSR', () => {
  expect(run(0xef000000, { M: usr, PC: 8n, N: 1n, 'R13, R14 6': 9n }))
    .toMatchObject({ cause: 'supervisor call', M: svc, PC: 2n, I: 1n, 'R 15': 9n, 'R 16': 0x24n, 'SPSR 3': 0x80000010n })
})

it('system registers are refused to User mode, but for its own', () => {
  expect(run(0xee110f10, { M: usr }).cause).toBe('undefined')
  expect(run(0xee110f10, { M: svc, SCTLR: 5n })).toMatchObject({ 'R 0': 5n })
  expect(run(0xee1d0f50, { M: usr, TPIDRURW: 5n })).toMatchObject({ cause: undefined, 'R 0': 5n })
  expect(run(0xee190f1e, { M: usr })).toMatchObject({ cause: undefined })
})

describe('R15', () => {
  it('as the destination of MRC is the flags', () => {
    expect(run(0xee1dff50, { TPIDRURW: 0xa0000000n, Z: 1n, PC: 4n })).toMatchObject({ PC: 5n, N: 1n, Z: 0n, C: 1n, V: 0n })
  })
  it('written by a computation changes to Thumb state since version 7, by a load in every version', () => {
    expect(run(0xe1a0f000, { 'R 0': 0x1001n })).toMatchObject({ PC: 0x400n, T: 1n })
    expect(run(0xe1a0f000, { 'R 0': 0x1001n, T: 0n }, armv6())).toMatchObject({ PC: 0x400n, T: 0n })
    expect(run(0xe591f000, { 'R 1': 0x1000n, 'Memory 2000': 0x1001n, M: usr }, armv5())).toMatchObject({ PC: 0x400n, T: 1n })
  })
  it.each([['LSL (register)', 0xe1a0f211], ['MUL', 0xe00f0291], ['CLZ', 0xe16fff11], ['LDRB', 0xe5d1f000], ['LDRT', 0xe4b1f001], ['STREX', 0xe1801f91], ['MCR', 0xee01ff10], ['BX', 0xe12fff10], ['CPS', 0xf1000000], ['SRS', 0xf8cd0505]])(
    '%s with it, or with what it may not have, is outside the model', (_, word) => { expect(run(word, { 'R 0': 2n, M: svc }).cause).toBe('UNPREDICTABLE') })
})

it('halfwords have the order of bytes of CPSR.E', () => {
  expect(run(0xe1d100b0, { 'R 1': 0x1002n, 'Memory 2000': 0x11223344n, M: usr, E: 1n })).toMatchObject({ 'R 0': 0x2211n })
  expect(run(0xe1c100b0, { 'R 1': 0x1002n, 'R 0': 0xaabbn, 'Memory 2000': 0x11223344n, M: usr, E: 1n })).toMatchObject({ 'Memory 2000': 0xbbaa3344n })
  expect(run(0xe1d100b0, { 'R 1': 0x1002n, 'Memory 2000': 0x11223344n, M: usr })).toMatchObject({ 'R 0': 0x1122n })
})

describe('the Virtualization Extensions', () => {
  const isa = armv7Virtualization(), guest: Contents = { 'SCR.NS': 1n, M: svc }
  it('trap to Hyp mode from Non-secure state only', () => {
    expect(run(0xee190f1d, { ...guest, 'HDCR.TPM': 1n, HVBAR: 0x100n, PC: 8n, 'R 16': 7n }, isa))
      .toMatchObject({ cause: 'Hyp trap', M: 0x1an, ELR_hyp: 0x20n, 'SPSR 12': 0x13n, PC: 0x114n / 4n, 'R13, R14 7': 7n })
    expect(run(0xee190f1d, { M: svc, 'HDCR.TPM': 1n }, isa).cause).toBeUndefined()
    expect(run(0xee190f1d, guest, isa).cause).toBeUndefined()
  })
  it('give MIDR by VPIDR, and HVC and ERET', () => {
    expect(run(0xee100f10, { ...guest, VPIDR: 5n, MIDR: 6n }, isa)).toMatchObject({ 'R 0': 5n })
    expect(run(0xee100f10, { M: svc, VPIDR: 5n, MIDR: 6n }, isa)).toMatchObject({ 'R 0': 6n })
    expect(run(0xe1400070, guest, isa)).toMatchObject({ name: 'HVC', cause: 'hypervisor call', M: 0x1an, ELR_hyp: 4n })
    expect(run(0xe1400070, { M: svc }, isa).cause).toBe('undefined')
    expect(run(0xe160006e, { ...guest, 'R 16': 0x40n, 'SPSR 3': 0x10n }, isa)).toMatchObject({ name: 'ERET', cause: undefined, PC: 0x10n, M: usr })
  })
  it('translate twice', () => {
    expect(run(0xe5910000, { ...guest, 'R 1': 0n, TTBR0: 1n, VTTBR: 2n, 'Memory 6000': 7n }, isa)).toMatchObject({ 'R 0': 7n })
  })
})
