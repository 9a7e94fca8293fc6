import { describe, expect, it } from 'vitest'
import { singleStep, type Contents } from '../../machine/single-step.ts'
import { riscv } from './isa.ts'

const isas = { rv64: riscv('riscv64'), rv32: riscv('riscv32'), tracked: riscv('riscv64/fs-tracked'), all: riscv('riscv64', { extensions: ['Svadu', 'Zicbom', 'Zicboz', 'Zawrs', 'Zkr', 'Sstc', 'Zicfiss'], MBE: 'writable', SBE: 'writable', UBE: 'writable' }) }
const run = (word: number | bigint, before: Contents = {}, which: keyof typeof isas = 'rv64') => {
  const step = singleStep(isas[which], BigInt(word), before)!
  return { name: step.instruction.name, cause: step.cause, after: step.after }
}
const S = { priv: 1n }, M = { priv: 3n }
/** Names of registers in states: cells are named in octal. */
const a0 = 'x 12', a1 = 'x 13'
const byte = (address: number): string => `memory ${address.toString(8)}`

describe('encodings', () => {
  const words: readonly (readonly [number, string])[] = [
    [0x00150513, 'ADDI'], [0x03f51513, 'SLLI'], [0x43f55513, 'SRAI'], [0x00c58533, 'ADD'], [0x40c58533, 'SUB'], [0x02c5d533, 'DIVU'], [0x00c5853b, 'ADDW'], [0x000005b7, 'LUI'], [0x00000597, 'AUIPC'],
    [0x008000ef, 'JAL'], [0x00008067, 'JALR'], [0x00b50463, 'BEQ'], [0x0005a503, 'LW'], [0x0005b503, 'LD'], [0x00a5b023, 'SD'], [0x0ff0000f, 'FENCE'], [0x0000100f, 'FENCE.I'],
    [0x00000073, 'ECALL'], [0x00100073, 'EBREAK'], [0x30200073, 'MRET'], [0x10200073, 'SRET'], [0x10500073, 'WFI'], [0x12000073, 'SFENCE.VMA'],
    [0xc00025f3, 'CSRRS counter'], [0x18051073, 'CSRRW supervisor'], [0x34202573, 'CSRRS machine'], [0x00301073, 'CSRRW unprivileged'], [0x30046073, 'CSRRSI machine'],
    [0x100525af, 'LR.W'], [0x18c525af, 'SC.W'], [0x00c535af, 'AMOADD.D'], [0x0005b507, 'FLD'], [0xa2b52553, 'FEQ.D'], [0xf2058553, 'FMV.D.X'],
    [0x0505, 'C.ADDI'], [0x4505, 'C.LI'], [0x8d6d, 'C.AND'], [0x4188, 'C.LW'], [0x6188, 'C.LD'], [0xc188, 'C.SW'], [0xa001, 'C.J'], [0xc501, 'C.BEQZ'], [0x8082, 'C.JR'], [0x9002, 'C.EBREAK'], [0x9002 | 0xffff0000, 'C.EBREAK'],
  ]
  it.each(words)('%i is %s', (word, name) => { expect(run(word >>> 0).name).toBe(name) })
  const extensions: readonly (readonly [number, string])[] = [
    [0x0005200f, 'CBO.INVAL'], [0x0015200f, 'CBO.CLEAN'], [0x0025200f, 'CBO.FLUSH'], [0x0045200f, 'CBO.ZERO'], [0x00d00073, 'WRS.NTO'], [0x01d00073, 'WRS.STO'],
    [0xcdc04573, 'SSRDP'], [0xce104073, 'SSPUSH x1'], [0xce504073, 'SSPUSH x5'], [0xcdc0c073, 'SSPOPCHK x1'], [0x48c535af, 'SSAMOSWAP.D'],
  ]
  it.each(extensions)('%i is %s with its extension, and nothing without', (word, name) => {
    expect(run(word, {}, 'all').name).toBe(name)
    expect(singleStep(isas.rv64, BigInt(word), {})).toBeUndefined()
  })
})

describe('integers', () => {
  it('sign-extend, wrap and leave x0 alone', () => {
    expect(run(0x00b5053b, { [a0]: 0x7fffffffn, [a1]: 1n }).after).toMatchObject({ [a0]: 0xffffffff80000000n, pc: 4n })
    expect(run(0x00c58033, { [a1]: 1n }).after).not.toHaveProperty('x 0')
    expect(run(0x43f55513, { [a0]: 1n << 63n }).after[a0]).toBe((1n << 64n) - 1n)
  })
  it('divide by 0 and overflow as the manual says', () => {
    const div = 0x02b54533, rem = 0x02b56533, least = 1n << 63n, minus1 = (1n << 64n) - 1n
    expect([run(div, { [a0]: 7n }).after[a0], run(rem, { [a0]: 7n }).after[a0]]).toEqual([minus1, 7n])
    expect([run(div, { [a0]: least, [a1]: minus1 }).after[a0], run(rem, { [a0]: least, [a1]: minus1 }).after[a0]]).toEqual([least, 0n])
    expect(run(div, { [a0]: (1n << 64n) - 7n, [a1]: 2n }).after[a0]).toBe((1n << 64n) - 3n)
  })
  it('jump with a link past two or four bytes', () => {
    expect(run(0x008000ef, { pc: 0x100n }).after).toMatchObject({ 'x 1': 0x104n, pc: 0x108n })
    expect(run(0xc501, { pc: 0x100n, [a0]: 1n }).after['pc']).toBe(0x102n)
  })
})

describe('memory', () => {
  const paged = { ...S, 'satp.MODE': 1n, 'satp.PPN': 2n, [a1]: 0x1000n }
  const lw = 0x0005a503, sw = 0x00a5a023
  it('is little-endian unless SBE says otherwise', () => {
    const before = { ...M, [a1]: 0x40n, [byte(0x40)]: 0x11n, [byte(0x43)]: 0x80n }
    expect(run(lw, before).after[a0]).toBe(0xffffffff80000011n)
    expect(run(lw, { ...before, 'mstatus.MBE': 1n }, 'all').after[a0]).toBe(0x11000080n)
  })
  it('is reached through a page\'s entry, by its mode', () => {
    const page = (flags: bigint) => ({ ...paged, 'PTE 1': flags })
    expect(run(lw, { ...page(0xcfn), [byte(0x3000)]: 5n }).after[a0]).toBe(5n)
    expect(run(lw, page(0xdfn)).cause).toBe('load page fault')
    expect(run(lw, { ...page(0xdfn), 'mstatus.SUM': 1n }).cause).toBeUndefined()
    expect(run(lw, { ...page(0xcfn), priv: 0n }).cause).toBe('load page fault')
    expect(run(sw, page(0x4fn)).cause).toBe('store/AMO page fault')
  })
  it('gets A and D from Svadu where ADUE is 1, and a page fault otherwise', () => {
    expect(run(sw, { ...paged, 'PTE 1': 0x0fn, 'menvcfg.ADUE': 1n }, 'all').after['PTE 1']).toBe(0xcfn)
    expect(run(sw, { ...paged, 'PTE 1': 0x0fn }, 'all').cause).toBe('store/AMO page fault')
  })
  it('is stored to by SC only with the reservation', () => {
    const sc = 0x18c525af, held = { ...M, [a0]: 8n, 'x 14': 9n, 'reservation valid': 1n, 'reservation address': 8n }
    expect(run(sc, held).after).toMatchObject({ [a1]: 0n, [byte(8)]: 9n, 'reservation valid': 0n })
    expect(run(sc, { ...held, 'reservation address': 16n }).after).toMatchObject({ [a1]: 1n, 'reservation valid': 0n })
  })
})

describe('CSRs', () => {
  const illegal = 'illegal instruction'
  it('are refused below their privilege, when read-only, and when there is none', () => {
    expect([run(0x18051073).cause, run(0x18051073, S).cause, run(0x34202573, S).cause, run(0x34202573, M).cause]).toEqual([illegal, undefined, illegal, undefined])
    expect([run(0xc0051073, M).cause, run(0x80002573, M).cause]).toEqual([illegal, illegal])
  })
  it('show counters only where both enables do', () => {
    const cycle = 0xc00025f3, on = { mcounteren: 1n, mcycle: 7n }
    expect([run(cycle, M).cause, run(cycle, S).cause, run(cycle, { ...S, ...on }).cause, run(cycle, on).cause]).toEqual([undefined, illegal, undefined, illegal])
    expect(run(cycle, { ...on, scounteren: 1n }).after[a1]).toBe(7n)
    expect(run(0xc80025f3, { ...M, mcycle: 7n << 32n }, 'rv32').after[a1]).toBe(7n)
  })
  it('have sstatus as a view of mstatus, and sie of mie where delegated', () => {
    expect(run(0x10002573, { ...S, 'mstatus.SIE': 1n, 'mstatus.MIE': 1n, 'mstatus.FS': 3n }).after[a0]).toBe((1n << 63n) | (2n << 32n) | (3n << 13n) | 2n)
    const sie = 0x10451573
    expect(run(sie, { ...S, [a0]: 0x222n, 'mideleg.STI': 1n }).after).toMatchObject({ 'mie.STIE': 1n, 'mie.SSIE': 0n })
  })
  it('ignore unsupported values', () => {
    expect(run(0x18051073, { ...S, [a0]: 9n << 60n }).after).toMatchObject({ 'satp.MODE': 0n })
    expect(run(0x30051073, { ...M, [a0]: 2n << 11n, 'mstatus.MPP': 3n }).after).toMatchObject({ 'mstatus.MPP': 3n })
  })
  it('keep Initial and Clean apart from Dirty only where dirtiness is tracked', () => {
    const write = { ...M, [a0]: 1n << 13n }
    expect(run(0x30051073, write).after['mstatus.FS']).toBe(3n)
    expect(run(0x30051073, write, 'tracked').after['mstatus.FS']).toBe(1n)
    expect(run(0x30051073, { ...M, 'mstatus.FS': 3n }).after['mstatus.FS']).toBe(0n)
  })
  it('have an STIP that M-mode writes, until Sstc takes it over', () => {
    const write = { ...M, [a0]: 1n << 5n, 'mideleg.STI': 1n }
    expect(run(0x34451073, write).after['mip.STIP']).toBe(1n)
    expect(run(0x14451073, write).after['mip.STIP']).toBeUndefined()
    expect([run(0x34451073, write, 'all').after['mip.STIP'], run(0x34451073, { ...write, 'menvcfg.STCE': 1n }, 'all').after['mip.STIP']]).toEqual([1n, 0n])
  })
  it('make floating-point state dirty, or are refused where it is off', () => {
    expect([run(0x00301073).cause, run(0x00301073, { 'mstatus.FS': 1n }).after['mstatus.FS']]).toEqual([illegal, 3n])
    expect([run(0xf2058553).cause, run(0xf2058553, { 'mstatus.FS': 2n }).after['mstatus.FS']]).toEqual([illegal, 3n])
  })
})

describe('traps and returns', () => {
  it('go to M-mode, or to S-mode where delegated', () => {
    expect(run(0x00000073, { pc: 0x100n, 'mtvec.BASE': 0x20n, 'mstatus.MIE': 1n }).after).toMatchObject({ pc: 0x80n, priv: 3n, mcause: 8n, 'mepc[xlen-1:1]': 0x80n, 'mstatus.MPIE': 1n, 'mstatus.MPP': 0n })
    expect(run(0x00000073, { pc: 0x100n, 'stvec.BASE': 0x20n, 'medeleg[9:0]': 0x100n }).after).toMatchObject({ pc: 0x80n, priv: 1n, scause: 8n })
    expect(run(0x00000073, { ...M, 'medeleg[9:0]': 0x100n }).after).toMatchObject({ priv: 3n, mcause: 11n })
  })
  it('return to the previous privilege', () => {
    expect(run(0x30200073, { ...M, 'mstatus.MPP': 1n, 'mstatus.MPIE': 1n, 'mstatus.MPRV': 1n, 'mepc[xlen-1:1]': 8n }).after).toMatchObject({ pc: 16n, priv: 1n, 'mstatus.MIE': 1n, 'mstatus.MPP': 0n, 'mstatus.MPRV': 0n })
    expect(run(0x10200073, S).after['priv']).toBe(0n)
    expect([run(0x10200073).cause, run(0x10200073, { ...S, 'mstatus.TSR': 1n }).cause, run(0x30200073, S).cause]).toEqual(Array.from({ length: 3 }, () => 'illegal instruction'))
  })
  it('wait where no time limit applies', () => {
    const wfi = 0x10500073
    expect([run(wfi, S).after['waiting'], run(wfi, { ...S, 'mstatus.TW': 1n }).cause, run(wfi).cause, run(wfi, { 'open completes within the time limit': 1n }).cause])
      .toEqual([1n, 'illegal instruction', 'illegal instruction', undefined])
  })
})

describe('shadow stack', () => {
  const on = { ...S, 'menvcfg.SSE': 1n, ssp: 0x40n, 'x 1': 0x77n }
  it('pushes, checks and reads only where it is active', () => {
    expect(run(0xce104073, on, 'all').after).toMatchObject({ ssp: 0x38n, [byte(0x38)]: 0x77n })
    expect(run(0xcdc0c073, on, 'all').cause).toBe('software check')
    expect([run(0xcdc04573, on, 'all').after[a0], run(0xcdc04573, { ...on, priv: 0n }, 'all').after[a0]]).toEqual([0x40n, 0n])
  })
})
