// What the commit log says of each kind of step.
import { describe, expect, it } from 'vitest'
import { addi, base, bench, csr, ecall, i, load, mret, put, r, s } from '../cpu/riscv/bench.fixture.ts'
import type { Hart } from '../cpu/riscv/hart.ts'
import { observe } from '../cpu/riscv/observe.ts'
import { CommitLog } from './commit-log.ts'

const text = (hart: Hart, steps: number, size?: number): string => {
  const pieces: string[] = []
  const log = new CommitLog((bytes) => pieces.push(String.fromCharCode(...bytes)), size)
  for (let n = 0; n < steps; n++) log.add(hart, observe(hart))
  log.flush()
  if (size !== undefined) expect(pieces.every((p) => p.endsWith('\n'))).toBe(true)
  return pieces.join('')
}

/** The lines of words that are executed one after another, without what is the same in each. */
const lines = (words: readonly number[], prepare: (hart: Hart) => void = () => {}): string[] => {
  const hart = bench()
  put(hart, base, words)
  hart.setCsr(0x300, 0x2000n)
  hart.setCsr(0x305, BigInt(base + 0x100))
  hart.x[1] = BigInt(base + 0x200)
  hart.x[2] = 0x1122_3344_5566_7788n
  prepare(hart)
  return text(hart, words.length).trimEnd().split('\n').map((line) => line.replace(/^core {3}0: /, '').replace(/^3 0x00000000800000.. \(0x[0-9a-f]+\)/, ''))
}

describe('the commit log', () => {
  it('has the columns of Spike', () => {
    const hart = bench()
    put(hart, base, [addi(5, 0, 1), addi(10, 5, -2), 0x4505])
    expect(text(hart, 3)).toBe([
      'core   0: 3 0x0000000080000000 (0x00100293) x5  0x0000000000000001',
      'core   0: 3 0x0000000080000004 (0xffe28513) x10 0xffffffffffffffff',
      'core   0: 3 0x0000000080000008 (0x4505) x10 0x0000000000000001', '',
    ].join('\n'))
  })

  it('shows loads, stores and atomic operations, each in its width', () => {
    const at = (offset: number): string => `0x00000000${(base + 0x200 + offset).toString(16)}`
    expect(lines([s(0, 1, 2, 0), s(1, 1, 2, 2), s(2, 1, 2, 4), s(3, 1, 2, 8), load(3, 3, 1, 8), load(2, 0, 1, 4)])).toEqual([
      ` mem ${at(0)} 0x88`, ` mem ${at(2)} 0x7788`, ` mem ${at(4)} 0x55667788`, ` mem ${at(8)} 0x1122334455667788`, ` x3  0x1122334455667788 mem ${at(8)}`, ` mem ${at(4)}`,
    ])
    // AMOADD.W, LR.D, SC.D that succeeds, SC.D that fails.
    expect(lines([r(0x2f, 2, 0, 3, 1, 2), r(0x2f, 3, 8, 4, 1, 0), r(0x2f, 3, 0xc, 5, 1, 2), r(0x2f, 3, 0xc, 5, 1, 2)])).toEqual([
      ` x3  0x0000000000000000 mem ${at(0)} mem ${at(0)} 0x55667788`, ` x4  0x0000000055667788 mem ${at(0)}`, ` x5  0x0000000000000000 mem ${at(0)} 0x1122334455667788`, ' x5  0x0000000000000001',
    ])
  })

  it('shows the control and status registers that are written, as a whole', () => {
    expect(lines([csr(1, 3, 0x340, 2), csr(2, 3, 0x340, 0), csr(2, 0, 0x100, 0), csr(6, 0, 0x100, 2), csr(5, 0, 0x104, 2), csr(1, 0, 0xb03, 2), csr(5, 4, 0x003, 0x1f), csr(5, 0, 0x341, 4), mret])).toEqual([
      ' x3  0x0000000000000000 c832_mscratch 0x1122334455667788', ' x3  0x1122334455667788', '', ' c768_mstatus 0x0000000a00002002', ' c772_mie 0x0000000000000000', '',
      ' c1_fflags 0x000000000000001f c2_frm 0x0000000000000000 x4  0x0000000000000000 c768_mstatus 0x8000000a00006002', ' c833_mepc 0x0000000000000004', ' c768_mstatus 0x8000000a00006082',
    ])
  })

  it('shows floating-point registers, the flags that were raised again too, and FS as it becomes dirty', () => {
    const one = 0x3f80_0000n, three = 0x4040_0000n
    const divide = r(0x53, 0, 0x0c, 3, 1, 2), third = 'f3  0xffffffff3eaaaaab', flags = ' c1_fflags 0x0000000000000001 '
    const dirty = ' c768_mstatus 0x8000000a00006000'
    const prepare = (hart: Hart): void => {
      hart.f[1] = 0xffff_ffff_0000_0000n | one
      hart.f[2] = 0xffff_ffff_0000_0000n | three
    }
    expect(lines([divide, divide, r(0x53, 0, 0x08, 3, 1, 2)], prepare)).toEqual([`${flags}${third}${dirty}`, `${flags}${third}`, ' f3  0xffffffff40400000'])
    expect(lines([i(0x07, 3, 3, 1, 0)])).toEqual([` f3  0x0000000000000000${dirty} mem 0x00000000${(base + 0x200).toString(16)}`])
    // FEQ.S of numbers writes x3 and raises nothing.
    expect(lines([r(0x53, 2, 0x50, 3, 1, 2)], prepare)).toEqual([' x3  0x0000000000000000'])
  })

  it('names traps with their values, and interrupts; what traps is no commit', () => {
    const hart = bench()
    put(hart, base, [0, load(3, 3, 2, 0), ecall])
    const taken = (pc: number): string => {
      hart.pc = BigInt(pc)
      hart.mode = 3
      return text(hart, 1)
    }
    hart.x[2] = 0x5000_0000n
    hart.setCsr(0x305, BigInt(base + 0x100))
    expect(taken(base)).toBe('core   0: exception trap_illegal_instruction, epc 0x0000000080000000\ncore   0:           tval 0x0000000000000000\n')
    expect(taken(base + 4)).toBe('core   0: exception trap_load_access_fault, epc 0x0000000080000004\ncore   0:           tval 0x0000000050000000\n')
    expect(taken(base + 8)).toBe('core   0: exception trap_machine_ecall, epc 0x0000000080000008\n')
    hart.setCsr(0x304, 0x80n)
    hart.setCsr(0x300, 8n)
    hart.drive('MTIP', true)
    expect(taken(base)).toBe('core   0: exception interrupt #7, epc 0x0000000080000000\n')
  })

  it('is given on in pieces of whole lines', () => {
    const hart = bench()
    put(hart, base, [addi(5, 5, 1), 0xffdf_f06f])
    expect(text(hart, 100, 1024).split('\n')).toHaveLength(101)
  })
})
