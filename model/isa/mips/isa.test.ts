import { describe, expect, it } from 'vitest'
import { singleStep, type Contents } from '../../machine/single-step.ts'
import { r3000, r4000 } from './isa.ts'

const isas = { r3000: r3000(), r4000: r4000() }
const kernel = 0n, user = { r3000: { KUc: 1n }, r4000: { KSU: 2n } } as const, supervisor = { KSU: 1n }
const run = (word: number, before: Contents = {}, processor: 'r3000' | 'r4000' = 'r4000') => {
  const step = singleStep(isas[processor], BigInt(word), { V: 1n, D: 1n, ...before })!
  return { name: step.instruction.name, cause: step.cause, ...step.after }
}

describe('encodings', () => {
  const words: readonly (readonly [number, string])[] = [
    [0x00851020, 'ADD'], [0x24820001, 'ADDIU'], [0x3c02ffff, 'LUI'], [0x00041080, 'SLL'], [0x00850018, 'MULT'], [0x00001010, 'MFHI'], [0x08000001, 'J'], [0x03e00008, 'JR'],
    [0x10850001, 'BEQ'], [0x04800001, 'BLTZ'], [0x8c820004, 'LW'], [0xa0820004, 'SB'], [0xc4820000, 'LWC1'], [0xc0820000, 'LL'], [0xe0820000, 'SC'], [0x44021000, 'MFC1'],
    [0x0000000c, 'SYSCALL'], [0x0000000d, 'BREAK'], [0x00850034, 'TEQ'], [0x0000000f, 'SYNC'], [0x40026000, 'MFC0'], [0x40826000, 'MTC0'], [0x42000001, 'TLBR'],
    [0x42000002, 'TLBWI'], [0x42000006, 'TLBWR'], [0x42000008, 'TLBP'], [0x42000018, 'ERET'], [0xbc800000, 'CACHE'],
  ]
  it.each(words)('%i is %s', (word, name) => { expect(run(word).name).toBe(name) })
  it('RFE is the R3000\'s, ERET and LL the R4000\'s', () => {
    expect(run(0x42000010, {}, 'r3000').name).toBe('RFE')
    for (const word of [0x42000018n, 0xc0820000n, 0xbc800000n]) expect(singleStep(isas.r3000, word, {})).toBeUndefined()
    expect(singleStep(isas.r4000, 0x42000010n, {})).toBeUndefined()
  })
})

describe('segments', () => {
  const load = (address: bigint, before: Contents, processor?: 'r3000' | 'r4000') => run(0x8c820000, { 'GPR 4': address, ...before }, processor).cause
  const refused = 'address error, TLB'
  it('kuseg is mapped for all, kseg0 and kseg1 are the kernel\'s, ksseg is also the supervisor\'s', () => {
    for (const [address, everyone, inSupervisor] of [[0x1000n, true, true], [0x80001000n, false, false], [0xa0001000n, false, false], [0xc0001000n, false, true], [0xe0001000n, false, false]] as const) {
      expect(load(address, {})).toBeUndefined()
      expect(load(address, user.r4000)).toBe(everyone ? undefined : refused)
      expect(load(address, supervisor)).toBe(inSupervisor ? undefined : refused)
      expect(load(address, user.r3000, 'r3000')).toBe(everyone ? undefined : refused)
    }
  })
  it('kseg0 does not need the TLB, nor does kuseg under ERL', () => {
    expect(load(0x80001000n, { V: 0n })).toBeUndefined()
    expect(load(0x1000n, { V: 0n })).toBe(refused)
    expect(load(0x1000n, { V: 0n, ERL: 1n })).toBeUndefined()
  })
  it('EXL and ERL make user mode kernel mode', () => {
    expect(load(0x80001000n, { ...user.r4000, EXL: 1n })).toBeUndefined()
    expect(load(0x80001000n, { ...user.r4000, ERL: 1n })).toBeUndefined()
  })
  it('a clean page refuses stores', () => {
    expect(run(0xac820000, { 'GPR 4': 0x1000n, D: 0n }).cause).toBe(refused)
    expect(run(0xac820000, { 'GPR 4': 0x1000n, 'GPR 2': 7n })).toMatchObject({ cause: undefined, 'E 10000002000': 7n })
  })
})

it('bytes are big-endian, and RE reverses them in user mode only', () => {
  const before = { 'GPR 4': 0x1001n, 'E 10000002000': 0x11223344n, RE: 1n }
  expect(run(0x80820000, before)).toMatchObject({ 'GPR 2': 0x22n })
  expect(run(0x80820000, { ...before, ...user.r3000 }, 'r3000')).toMatchObject({ 'GPR 2': 0x33n })
  expect(run(0x80820000, { ...before, ...user.r4000, 'E 10000002001': 0x55667788n })).toMatchObject({ 'GPR 2': 0x77n })
})

it('SC fails where LLbit is 0, but not before its address is translated', () => {
  expect(run(0xe0820000, { 'GPR 4': 0x1000n, LLbit: 0n })).toMatchObject({ cause: undefined, 'GPR 2': 0n })
  expect(run(0xe0820000, { 'GPR 4': 0x1000n, LLbit: 0n, D: 0n }).cause).toBe('address error, TLB')
  expect(run(0xe0820000, { 'GPR 4': 0x80001000n, LLbit: 0n, ...user.r4000 }).cause).toBe('address error, TLB')
})

describe('coprocessor 0', () => {
  it('is usable in kernel mode, and elsewhere where CU0 is 1', () => {
    for (const word of [0x40026000, 0x40826000, 0x42000001, 0x42000002, 0x42000006, 0x42000008, 0x42000018, 0xbc800000]) {
      expect(run(word, { KSU: kernel }).cause).toBeUndefined()
      expect(run(word, user.r4000).cause).toBe('coprocessor unusable')
      expect(run(word, supervisor).cause).toBe('coprocessor unusable')
      expect(run(word, { ...user.r4000, CU0: 1n }).cause).toBeUndefined()
    }
  })
  it('shows and takes Status in its fields', () => {
    expect(run(0x40026000, { CU0: 1n, IM: 0xffn, EXL: 1n, IE: 1n })).toMatchObject({ 'GPR 2': 0x1000ff03n })
    expect(run(0x40826000, { 'GPR 2': 0x00000011n })).toMatchObject({ KSU: 2n, IE: 1n, EXL: 0n, CU0: 0n })
    expect(run(0x40826000, { 'GPR 2': 0x01ff0000n })).toMatchObject({ DS: 0x1dfn })
    expect(run(0x40826000, { DS: 0x1ffn })).toMatchObject({ DS: 0x020n })
    expect(run(0x40826000, { 'GPR 2': 0x0000003fn }, 'r3000')).toMatchObject({ KUc: 1n, IEc: 1n, KUo: 1n, IEo: 1n })
  })
  it('returns from exceptions', () => {
    expect(run(0x42000018, { EXL: 1n, KSU: 2n, 'CP0 16': 0x100n, LLbit: 1n })).toMatchObject({ PC: 0x40n, EXL: 0n, LLbit: 0n })
    expect(run(0x42000018, { EXL: 1n, ERL: 1n, 'CP0 16': 0x100n, 'CP0 36': 0x200n })).toMatchObject({ PC: 0x80n, EXL: 1n, ERL: 0n })
    expect(run(0x42000010, { KUp: 1n, IEp: 1n }, 'r3000')).toMatchObject({ KUc: 1n, IEc: 1n })
  })
  it('writes and finds entries of the TLB', () => {
    const written = run(0x42000002, { 'CP0 0': 5n, 'CP0 12': 0x2007n, 'CP0 2': (9n << 6n) | 6n, V: 0n, D: 0n })
    expect(written).toMatchObject({ V: 1n, D: 1n, 'PFN - VPN': 7n })
    const { name: _name, cause: _cause, ...after } = written
    expect(run(0x42000008, { ...after, 'CP0 0': 0n })).toMatchObject({ 'CP0 0': 5n })
    expect(run(0x42000008, { ...after, 'CP0 12': 0x4007n })).toMatchObject({ 'CP0 0': 0x80000000n })
  })
  it('finds an entry of another ASID where it is global, and of another page within its PageMask', () => {
    const found = (entry: bigint, hi: bigint, processor?: 'r3000' | 'r4000') => run(0x42000008, { 'TLB 5': entry, 'CP0 12': hi }, processor)
    const page = 0x2007n << 64n
    for (const [entry, hi, there] of [
      [page, 0x2007n, true], [page, 0x2008n, false], [page | (1n << 32n), 0x2008n, false], [page | (1n << 32n) | 1n, 0x2008n, true],
      [page, 0x4007n, false], [page | (0x6000n << 96n), 0x4007n, true], [page | (0x6000n << 96n), 0x8007n, false],
    ] as const) expect(found(entry, hi)).toMatchObject({ 'CP0 0': there ? 5n : 0x80000000n })
    expect(found(0x2040n << 32n, 0x2080n, 'r3000')).toMatchObject({ 'CP0 0': 0x80000000n })
    expect(found((0x2040n << 32n) | 0x100n, 0x2080n, 'r3000')).toMatchObject({ 'CP0 0': 0x500n })
  })
})

it('an exception raises EXL, or pushes the modes', () => {
  expect(run(0x0000000c, { ...user.r4000, PC: 8n })).toMatchObject({ cause: 'system call', EXL: 1n, 'CP0 16': 0x20n, PC: 0x20000060n })
  expect(run(0x0000000c, { ...user.r3000, IEc: 1n }, 'r3000')).toMatchObject({ KUc: 0n, IEc: 0n, KUp: 1n, IEp: 1n, PC: 0x20000020n })
})
