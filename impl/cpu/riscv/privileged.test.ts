// Traps, delegation, returns, interrupts, counters and the behaviour of control and status registers.
import { describe, expect, it } from 'vitest'
import { addi, b, base, bench, csr, ebreak, ecall, i, jal, load, mret, nop, put, r, s, sret, wfi } from './bench.fixture.ts'
import type { Hart } from './hart.ts'
import type { Mode } from './state.ts'
import { cause } from './traps.ts'

const U = 0
const S = 1
const M = 3
const mstatus = 0x300
const machineHandler = base + 0x100
const supervisorHandler = base + 0x200

/** A hart about to execute the words in a mode, with everything allowed by PMP and handlers set. */
const ready = (words: readonly number[], mode: Mode = M): Hart => {
  const hart = bench()
  put(hart, base, words)
  hart.setCsr(0x3b0, (1n << 54n) - 1n)
  hart.setCsr(0x3a0, 0x1fn)
  hart.setCsr(0x305, BigInt(machineHandler))
  hart.setCsr(0x105, BigInt(supervisorHandler))
  hart.mode = mode
  return hart
}
const trapOf = (hart: Hart) => {
  expect(hart.step()).toBe('trapped')
  return { cause: hart.trap()!.cause, value: hart.trap()!.value, pc: hart.pc, mode: hart.mode }
}

describe('exceptions', () => {
  it.each([[U, cause.userCall], [S, cause.supervisorCall], [M, cause.machineCall]] as const)('ECALL in mode %i', (mode, expected) => {
    expect(trapOf(ready([ecall], mode))).toEqual({ cause: expected, value: 0n, pc: BigInt(machineHandler), mode: M })
  })
  it('EBREAK, also compressed, with its address', () => {
    expect(trapOf(ready([ebreak]))).toMatchObject({ cause: cause.breakpoint, value: BigInt(base) })
    expect(trapOf(ready([0x9002]))).toMatchObject({ cause: cause.breakpoint, value: BigInt(base) })
  })
  it.each([
    [0, 0n], [0xffff_ffff, 0xffff_ffffn], [0x8000, 0x8000n], [r(0x33, 0, 2, 1, 1, 1), 0x0410_80b3n], [csr(2, 1, 0x999, 0), 0x9990_20f3n],
  ])('the illegal word %i, with its bits', (word, value) => {
    expect(trapOf(ready([word]))).toMatchObject({ cause: cause.illegal, value })
  })
  it('an access where nothing answers', () => {
    const hart = ready([load(3, 3, 1, 8)])
    hart.x[1] = 0x5000_0000n
    hart.x[3] = 7n
    expect(trapOf(hart)).toMatchObject({ cause: cause.loadAccess, value: 0x5000_0008n })
    expect([hart.x[3], hart.csr(0x341), hart.csr(0x342), hart.csr(0x343)]).toEqual([7n, BigInt(base), 5n, 0x5000_0008n])
    const stores = ready([s(2, 1, 2, -4)])
    stores.x[1] = 0x5000_0000n
    expect(trapOf(stores)).toMatchObject({ cause: cause.storeAccess, value: 0x4fff_fffcn })
    const jumps = ready([i(0x67, 0, 0, 1, 0)])
    jumps.x[1] = 0xffff_ffff_5000_0000n
    expect(jumps.step()).toBe('retired')
    expect(trapOf(jumps)).toMatchObject({ cause: cause.instructionAccess, value: 0xffff_ffff_5000_0000n })
  })

  it('a fetch where nothing answers, whatever comes after it', () => {
    const hart = ready([], S)
    hart.setCsr(0x3b0, 0x5000_0000n >> 2n | 0x1ffn)
    hart.pc = 0x5000_0ffen
    expect(trapOf(hart)).toMatchObject({ cause: cause.instructionAccess, value: 0x5000_0ffen })
    hart.mode = S
    hart.pc = 0x5000_1000n
    expect(trapOf(hart)).toMatchObject({ cause: cause.instructionAccess, value: 0x5000_1000n })
  })

  it('are delegated below machine mode, and saved and returned from', () => {
    const hart = ready([ecall], U)
    hart.setCsr(0x302, 1n << 8n)
    hart.setCsr(mstatus, 1n << 1n | 1n << 3n)
    expect(trapOf(hart)).toEqual({ cause: cause.userCall, value: 0n, pc: BigInt(supervisorHandler), mode: S })
    expect(hart.csr(0x100)! & 0x122n).toBe(0x20n)
    expect([hart.csr(0x141), hart.csr(0x142)]).toEqual([BigInt(base), 8n])
    put(hart, supervisorHandler, [sret])
    expect(hart.step()).toBe('retired')
    expect([hart.pc, hart.mode, hart.csr(0x100)! & 0x122n]).toEqual([BigInt(base), U, 0x22n])
  })
  it('are not delegated from machine mode', () => {
    const hart = ready([ebreak])
    hart.setCsr(0x302, 0xffffn)
    expect(trapOf(hart)).toMatchObject({ pc: BigInt(machineHandler), mode: M })
  })
  it('stack and unstack MIE and MPP', () => {
    const hart = ready([ecall], S)
    hart.setCsr(mstatus, 1n << 3n)
    trapOf(hart)
    expect(hart.csr(mstatus)! & 0x1888n).toBe(0x880n)
    put(hart, machineHandler, [mret])
    hart.setCsr(mstatus, hart.csr(mstatus)! | 1n << 17n)
    hart.step()
    expect([hart.mode, hart.csr(mstatus)! & 0x2_1888n]).toEqual([S, 0x88n])
  })
  it('vector only interrupts', () => {
    const hart = ready([ecall])
    hart.setCsr(0x305, BigInt(machineHandler) | 1n)
    expect(trapOf(hart).pc).toBe(BigInt(machineHandler))
  })
})

describe('what modes may not do', () => {
  it.each([
    ['MRET in S', mret, S, 0n], ['SRET in U', sret, U, 0n], ['SRET in S with TSR', sret, S, 1n << 22n], ['WFI in U', wfi, U, 0n],
    ['WFI in S with TW', wfi, S, 1n << 21n], ['SFENCE.VMA in U', 0x1200_0073, U, 0n], ['SFENCE.VMA in S with TVM', 0x1200_0073, S, 1n << 20n],
    ['satp in S with TVM', csr(2, 1, 0x180, 0), S, 1n << 20n], ['a machine register in S', csr(2, 1, 0x300, 0), S, 0n],
    ['a supervisor register in U', csr(2, 1, 0x100, 0), U, 0n], ['writing a read-only register', csr(1, 0, 0xf14, 0), M, 0n],
    ['setting bits of one', csr(2, 0, 0xf14, 1), M, 0n], ['cycle in S when not enabled', csr(2, 1, 0xc00, 0), S, 0n],
    ['the odd PMP configuration', csr(2, 1, 0x3a1, 0), M, 0n],
  ] as const)('%s', (_name, word, mode, status) => {
    const hart = ready([word], mode)
    hart.setCsr(mstatus, status)
    expect(trapOf(hart)).toMatchObject({ cause: cause.illegal, value: BigInt(word) })
  })
  it.each([
    ['SRET in S', sret, S], ['SRET in M', sret, M], ['MRET in M', mret, M], ['SFENCE.VMA in S', 0x1200_0073, S], ['satp in S', csr(2, 1, 0x180, 0), S],
    ['reading mhartid', csr(2, 1, 0xf14, 0), M], ['WFI in S, with an interrupt pending', wfi, S],
  ] as const)('but %s is done', (_name, word, mode) => {
    const hart = ready([word], mode)
    hart.setCsr(0x304, 0x20n)
    hart.setCsr(0x344, 0x20n)
    hart.setCsr(0x303, 0x20n)
    expect(hart.step()).toBe('retired')
  })
  it('reads counters that both enables allow', () => {
    for (const [mode, machine, supervisor, outcome] of [[U, 1n, 1n, 'retired'], [U, 1n, 0n, 'trapped'], [S, 1n, 0n, 'retired'], [U, 0n, 1n, 'trapped']] as const) {
      const hart = ready([csr(2, 1, 0xc00, 0)], mode)
      hart.setCsr(0x306, machine)
      hart.setCsr(0x106, supervisor)
      expect(hart.step()).toBe(outcome)
    }
  })
})

describe('control and status registers', () => {
  const all = (1n << 64n) - 1n
  it.each([
    ['mstatus', 0x300, 0x8000_000a_007e_79aan], ['misa', 0x301, 0x8000_0000_0014_112dn], ['medeleg', 0x302, 0xb3ffn], ['mideleg', 0x303, 0x222n],
    ['mie', 0x304, 0xaaan], ['mtvec', 0x305, BigInt(machineHandler)], ['mcounteren', 0x306, 0xffff_ffffn], ['mcountinhibit', 0x320, 5n],
    ['mscratch', 0x340, all], ['mepc', 0x341, all - 1n], ['mcause', 0x342, all], ['mtval', 0x343, all], ['mip', 0x344, 0x222n],
    ['sstatus', 0x100, 0x8000_0002_000c_6122n], ['sie', 0x104, 0n], ['stvec', 0x105, BigInt(supervisorHandler)], ['scounteren', 0x106, 0xffff_ffffn],
    ['senvcfg', 0x10a, 1n], ['sscratch', 0x140, all], ['sepc', 0x141, all - 1n], ['scause', 0x142, all], ['stval', 0x143, all],
    ['satp', 0x180, 0n], ['fcsr', 0x003, 0xffn], ['fflags', 0x001, 31n], ['frm', 0x002, 7n], ['mhpmcounter3', 0xb03, 0n],
    ['mhpmevent3', 0x323, 0n], ['pmpaddr1', 0x3b1, (1n << 54n) - 1n], ['pmpcfg2', 0x3a2, 0x9f9f_9f9f_9f9f_9f9fn],
  ])('%s with all bits written', (_name, number, expected) => {
    const hart = ready([csr(1, 0, number, 1), csr(2, 3, number, 0)])
    hart.setCsr(mstatus, 0x2000n)
    hart.x[1] = all
    hart.step()
    hart.step()
    expect(hart.x[3]).toBe(expected)
  })
  it('has registers of triggers where it is told so, and they say that there is none', () => {
    const reads = (triggerRegisters: boolean, number: number): readonly [string, bigint] => {
      const hart = bench({ triggerRegisters })
      put(hart, base, [csr(1, 0, number, 1), csr(2, 1, number, 0)])
      hart.x[1] = all
      return [`${hart.step()} ${hart.step()}`, hart.x[1]!]
    }
    for (const number of [0x7a0, 0x7a1, 0x7a2, 0x7a3]) expect(reads(true, number)).toEqual(['retired retired', 0n])
    expect(reads(true, 0x7a4)[0]).toContain('trapped')
    expect(reads(false, 0x7a0)[0]).toContain('trapped')
  })
  it('sie and sip show what is delegated', () => {
    const hart = ready([])
    hart.setCsr(0x303, 0x22n)
    hart.setCsr(0x304, 0xaaan)
    hart.setCsr(0x344, 0x222n)
    expect([hart.csr(0x104), hart.csr(0x144)]).toEqual([0x22n, 0x22n])
    hart.setCsr(0x144, 0n)
    expect(hart.csr(0x344)).toBe(0x220n)
  })
  it('keeps MPP when 2 is written, and satp when its mode is not there', () => {
    const hart = ready([])
    hart.setCsr(mstatus, 1n << 11n)
    hart.setCsr(mstatus, 2n << 11n)
    expect(hart.csr(mstatus)! >> 11n & 3n).toBe(1n)
    hart.setCsr(0x180, 8n << 60n | 5n)
    hart.setCsr(0x180, 9n << 60n | 6n)
    expect(hart.csr(0x180)).toBe(8n << 60n | 5n)
  })
  it('sets and clears bits, with a register or an immediate, and gives the old value', () => {
    const hart = ready([csr(1, 3, 0x340, 1), csr(2, 4, 0x340, 2), csr(3, 5, 0x340, 1), csr(5, 6, 0x340, 9), csr(6, 7, 0x340, 6), csr(7, 8, 0x340, 3)])
    hart.x[1] = 0xf0n
    hart.x[2] = 0x0fn
    for (let index = 0; index < 6; index++) hart.step()
    expect([...hart.x.slice(3, 9), hart.csr(0x340)]).toEqual([0n, 0xf0n, 0xffn, 0x0fn, 9n, 15n, 12n])
  })
  it('does not write the external line back as SEIP', () => {
    const hart = ready([csr(2, 3, 0x344, 1)])
    hart.x[1] = 2n
    hart.drive('SEIP', true)
    hart.step()
    expect(hart.x[3]).toBe(0x200n)
    hart.drive('SEIP', false)
    expect(hart.csr(0x344)).toBe(2n)
  })
})

describe('counters', () => {
  it('count retired instructions, and read what was written', () => {
    const hart = ready([nop, ecall])
    put(hart, machineHandler, [csr(2, 3, 0xb02, 0), csr(2, 4, 0xb00, 0), csr(1, 0, 0xb02, 1), csr(2, 5, 0xb02, 0), csr(2, 6, 0xb02, 0)])
    hart.x[1] = 1000n
    for (let index = 0; index < 7; index++) hart.step()
    expect(hart.x.slice(3, 7)).toEqual(BigUint64Array.of(1n, 3n, 1000n, 1001n))
    expect(hart.steps()).toBe(7)
  })
  it('stand still when inhibited', () => {
    const hart = ready([csr(5, 0, 0x320, 5), nop, csr(2, 3, 0xb00, 0), nop, csr(2, 4, 0xb00, 0), csr(2, 5, 0xb02, 0), csr(5, 0, 0x320, 0), nop, csr(2, 6, 0xb02, 0)])
    for (let index = 0; index < 9; index++) hart.step()
    expect(hart.x[3]).toBe(hart.x[4])
    expect(hart.x[6]! - hart.x[5]!).toBe(1n)
  })
  it('hold what a debugger wrote until the next instruction is done', () => {
    const hart = ready([nop, csr(2, 3, 0xb02, 0), csr(2, 4, 0xb00, 0)])
    hart.step()
    for (const number of [0xb00, 0xb02]) {
      hart.setCsr(number, 100n)
      expect(hart.csr(number)).toBe(100n)
      hart.setCsr(0x320, 5n)
      hart.setCsr(0x320, 0n)
      expect(hart.csr(number)).toBe(100n)
    }
    hart.step()
    hart.step()
    expect(hart.x.slice(3, 5)).toEqual(BigUint64Array.of(100n, 101n))
  })
  it('count an instruction that writes mcountinhibit as it was before', () => {
    const of = (number: number): BigUint64Array => {
      const hart = ready([csr(5, 0, number, 9), csr(5, 0, 0x320, 5), nop, csr(2, 3, number, 0), csr(5, 0, 0x320, 0), csr(2, 4, number, 0), csr(2, 5, number, 0)])
      for (let index = 0; index < 7; index++) hart.step()
      return hart.x.slice(3, 6)
    }
    for (const number of [0xb00, 0xb02]) expect(of(number)).toEqual(BigUint64Array.of(10n, 10n, 11n))
  })
})

describe('interrupts', () => {
  const bitOf = { SSI: 1, MSI: 3, STI: 5, MTI: 7, SEI: 9, MEI: 11 } as const
  it('come in the order of their priorities', () => {
    const hart = ready([nop])
    hart.setCsr(0x304, 0xaaan)
    hart.setCsr(0x344, 0x222n)
    for (const line of ['MSIP', 'MTIP', 'MEIP'] as const) hart.drive(line, true)
    const order: number[] = []
    for (let index = 0; index < 6; index++) {
      hart.setCsr(mstatus, 8n)
      hart.pc = BigInt(base)
      expect(hart.step()).toBe('interrupted')
      const { cause: number } = hart.trap()!
      order.push(number)
      hart.setCsr(0x304, hart.csr(0x304)! & ~(1n << BigInt(number)))
    }
    expect(order).toEqual([bitOf.MEI, bitOf.MSI, bitOf.MTI, bitOf.SEI, bitOf.SSI, bitOf.STI])
  })
  it.each([
    ['M with MIE', M, 8n, 0n, true], ['M without MIE', M, 0n, 0n, false], ['S without MIE', S, 0n, 0n, true], ['U without MIE', U, 0n, 0n, true],
    ['delegated, S with SIE', S, 2n, 0x20n, true], ['delegated, S without SIE', S, 0n, 0x20n, false], ['delegated, U', U, 0n, 0x20n, true],
    ['delegated, M with all enables', M, 0xan, 0x20n, false],
  ] as const)('%s', (_name, mode, status, delegated, taken) => {
    const hart = ready([nop], mode)
    hart.setCsr(mstatus, status)
    hart.setCsr(0x303, delegated)
    hart.setCsr(0x304, 0x20n)
    hart.setCsr(0x344, 0x20n)
    expect(hart.step()).toBe(taken ? 'interrupted' : 'retired')
    if (taken) expect([hart.pc, hart.csr(delegated === 0n ? 0x342 : 0x142)]).toEqual([BigInt(delegated === 0n ? machineHandler : supervisorHandler), 1n << 63n | 5n])
  })
  it('are vectored', () => {
    const hart = ready([nop])
    hart.setCsr(0x305, BigInt(machineHandler) | 1n)
    hart.setCsr(mstatus, 8n)
    hart.setCsr(0x304, 0x80n)
    hart.drive('MTIP', true)
    hart.step()
    expect(hart.pc).toBe(BigInt(machineHandler + 28))
  })

  it('are taken at the very instruction at which run ends, whatever code runs', () => {
    for (const until of [1, 2, 3, 1000, 5000, 5001, 5002, 100_000]) {
      const hart = ready([addi(1, 1, 1), addi(2, 2, 1), jal(0, -8)])
      put(hart, machineHandler, [wfi])
      hart.setCsr(mstatus, 8n)
      hart.setCsr(0x304, 0x80n)
      expect(hart.run(until)).toBe('reached')
      hart.drive('MTIP', true)
      expect(hart.run(until + 1)).toBe('reached')
      expect([hart.x[1], hart.x[2], hart.csr(0x341)])
        .toEqual([BigInt(Math.floor((until + 2) / 3)), BigInt(Math.floor((until + 1) / 3)), BigInt(base + until % 3 * 4)])
    }
  })
  it('are taken right after the instruction that enables them, or the store that raises them', () => {
    const hart = ready([nop, csr(6, 0, 0x300, 8), nop])
    hart.setCsr(0x304, 0x80n)
    hart.drive('MTIP', true)
    put(hart, machineHandler, [nop])
    hart.run(3)
    expect(hart.csr(0x341)).toBe(BigInt(base + 8))
    const raised = bench()
    put(raised, base, [s(2, 1, 2, 0), nop])
    put(raised, machineHandler, [nop])
    raised.x[1] = 0x1000_0000n
    raised.setCsr(0x305, BigInt(machineHandler))
    raised.setCsr(mstatus, 8n)
    raised.setCsr(0x304, 0x80n)
    raised.device.set = (address, value) => {
      raised.drive('MTIP', true)
      return Map.prototype.set.call(raised.device, address, value) as Map<number, bigint>
    }
    raised.run(2)
    expect(raised.csr(0x341)).toBe(BigInt(base + 4))
  })
  it('wake WFI when enabled in mie, and nothing else does', () => {
    const hart = ready([wfi, addi(1, 1, 1)])
    hart.setCsr(0x304, 0x80n)
    expect(hart.run(10)).toBe('waiting')
    expect([hart.steps(), hart.pc]).toEqual([1, BigInt(base + 4)])
    hart.drive('MSIP', true)
    expect(hart.run(10)).toBe('waiting')
    expect(hart.step()).toBe('waiting')
    hart.drive('MTIP', true)
    expect(hart.run(2)).toBe('reached')
    expect(hart.x[1]).toBe(1n)
  })
  it('shorten and stop end a run under way after the present instruction', () => {
    const program = [s(2, 1, 2, 0), addi(3, 3, 1), jal(0, -8)]
    for (const end of ['shorten', 'stop'] as const) {
      const hart = bench()
      put(hart, base, program)
      hart.x[1] = 0x1000_0000n
      let stores = 0
      hart.device.set = () => {
        if (++stores === 500) {
          if (end === 'stop') hart.stop()
          else hart.shorten(hart.steps() + 2)
        }
        return hart.device
      }
      expect(hart.run(1e9)).toBe(end === 'stop' ? 'stopped' : 'reached')
      expect(hart.steps()).toBe(499 * 3 + (end === 'stop' ? 1 : 2))
    }
  })
})

describe('saved state', () => {
  it('is taken up by another hart', () => {
    const program = [addi(1, 1, 3), b(1, 1, 0, -4)]
    const first = ready(program, S)
    first.setCsr(mstatus, 1n << 18n | 0x6000n)
    first.f[5] = 12345n
    first.run(1001)
    const second = bench()
    second.ram.set(first.ram)
    second.restore(JSON.parse(JSON.stringify(first.save())) as ReturnType<Hart['save']>, first.steps())
    for (const hart of [first, second]) hart.run(5000)
    expect(second.save()).toEqual(first.save())
    expect([second.steps(), second.x[1], second.mode]).toEqual([5000, first.x[1], S])
  })
  it.each([0n, 1n << 31n, (1n << 63n) | 0xaaaa_aaaan, (1n << 64n) - 1n])('is taken up with %i in every register', (value) => {
    const [first, second] = [bench({ sstc: true, sv48: true }), bench({ sstc: true, sv48: true })]
    for (const number of first.csrs) first.setCsr(number, value)
    for (let index = 1; index < 32; index++) first.x[index] = first.f[index] = value
    first.pc = value
    second.restore(JSON.parse(JSON.stringify(first.save())) as ReturnType<Hart['save']>, first.steps())
    const all = (hart: Hart): readonly unknown[] => [hart.pc, ...hart.x, ...hart.f, ...hart.csrs.map((number) => [number, hart.csr(number)])]
    expect(all(second)).toEqual(all(first))
    expect(second.save()).toEqual(first.save())
  })
  it('is refused when something is wrong with it', () => {
    const hart = ready([])
    const saved = hart.save()
    const { mepc: _mepc, ...without } = saved
    expect(() => hart.restore(without, 0)).toThrow('mepc is missing')
    expect(() => hart.restore({ ...saved, x5: 'g' }, 0)).toThrow('x5 must be hexadecimal')
    expect(() => hart.restore({ ...saved, mode: '2' }, 0)).toThrow('mode must be')
    expect(() => hart.restore({ ...saved, x32: '0' }, 0)).toThrow('no x32')
    expect(hart.save()).toEqual(saved)
  })
})
