// Of the choices about control state, encodings, traps and interrupts: what is looked at, and what that is for each of them.
import type { Choices, Look } from './choices-access.fixture.ts'
import type { Parameters } from './parameters.ts'
import { machineOf, put, said, type Given } from './running.fixture.ts'

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

const nop = 0x13, wfi = 0x1050_0073, mret = 0x3020_0073, sret = 0x1020_0073
/** What the steps come to, as many as there are words, up to a trap. */
const steps = (given: Given) => (choices: Choices): unknown => {
  const m = machineOf({ ...given, choices }), come: string[] = []
  m.run(given.words!.length, (step) => { come.push(said(step)); return step.kind === 'trapped' })
  return come
}
/** What a CSR reads after a write of a0. */
const written = (csr: number, value: bigint, more: Given = {}) => (choices: Choices): unknown => {
  const m = machineOf({ ...more, words: [write(csr), (csr << 20) | 0x2573], x: { 10: value }, choices })
  m.run(2)
  return m.bank('x').get(10n)
}
const all = (1n << 64n) - 1n, none = new Array<string>(3).fill('ADDI')
/** A timer interrupt that is there to be taken in S-mode. */
const timer = { priv: 1n, 'mip.MTIP': 1n, 'mie.MTIE': 1n }, taken = 'machine timer interrupt', later = { interruptDelay: 2 } as const
const platform = { interruptPriority: [40, 11, 3, 7, 16, 9, 1, 5] } as const, toS = { ...platform, delegableInterrupts: (1n << 40n) | 0x222n } as const, softwarePending = { ...toS, platformPending: 'writable' } as const
const both = { priv: 1n, 'mip[16]': 1n, 'mie[16]': 1n, 'mip[40]': 1n, 'mie[40]': 1n, 'mip.MEIP': 1n, 'mie.MEIE': 1n, 'mip.SEIP': 1n, 'mie.SEIE': 1n }
/** A non-maskable interrupt to 0x8000f000, which finds S-mode, and M-mode that enables none. */
const nmi = { nmiVector: 0x8000_f000n } as const, trapState = ['pc', 'priv', 'mcause', 'mepc[xlen-1:1]', 'mtval', 'mstatus.MPP', 'mstatus.MPIE', 'mstatus.MIE', 'NMI']
const interrupted = { NMI: 1n, priv: 1n, mtval: 5n, 'mtvec.BASE': 0x2000_0000n, 'mtvec.MODE': 1n, 'mstatus.MIE': 1n }
/** What is written, and what is held of it in 40 bits: what fits, and another one that is not valid for what does not. */
const forty = { heldAddressBits: 40 } as const, addresses = [
  [0x12_3456_7890n, 0x12_3456_7890n], [0xffff_ffc0_0000_0000n, 0xffff_ffc0_0000_0000n], [0x40_0000_0000n, 0x40_0000_0000n],
  [0x0100_0000_0000_1000n, 0xffff_ff80_0000_1000n], [0x8000_0040_0000_0000n, 0x40_0000_0000n], [0xffff_fe7f_ffff_fff0n, 0x7f_ffff_fff0n],
] as const
const fixedVector = { mtvec: 0x8000_f001n } as const, ebreak = 0x0010_0073

export const controlCases = {
  mtvec: [
    [written(0x305, 0x1000n), [{}, 0x1000n], [fixedVector, 0x8000_f001n]],
    [after(['pc'], { words: [ebreak] }), [{}, [0n]], [fixedVector, [0x8000_f000n]]], [after(['pc'], { words: [nop], registers: timer }), [fixedVector, [0x8000_f01cn]]],
    [after(['pc'], { name: 'riscv32', words: [nop], registers: timer }), [fixedVector, [0x8000_f01cn]]],
  ],
  heldAddressBits: [
    ...[0x305, 0x105, 0x341, 0x141, 0x343, 0x143].flatMap((csr) => addresses.map(([address, held]): Look => [written(csr, address), [{}, address], [forty, held]])),
    ...addresses.slice(3).map(([pc, held]): Look => [(choices) => {
      const m = machineOf({ registers: { pc, 'mtvec.BASE': 0x8000_f000n >> 2n }, choices })
      put(m, 0x8000_f000n, 0x34302573n, 4) // csrr a0, mtval
      put(m, 0x8000_f004n, 0x341025f3n, 4) // csrr a1, mepc
      m.run(3)
      return [m.bank('x').get(10n), m.bank('x').get(11n)]
    }, [{}, [pc, pc]], [forty, [held, held]]]),
    [after(['pc'], { words: [mret], registers: { 'mepc[xlen-1:1]': 1n << 38n } }), [{}, [1n << 39n]], [forty, [0xffff_ff80_0000_0000n]]],
    [after(['pc'], { words: [sret], registers: { 'sepc[xlen-1:1]': 1n << 38n } }), [{}, [1n << 39n]], [forty, [0xffff_ff80_0000_0000n]]],
    [after(['pc'], { words: [ebreak], registers: { 'mtvec.BASE': 1n << 37n } }), [{}, [1n << 39n]], [forty, [0xffff_ff80_0000_0000n]]],
    [after(['mtval'], { words: [-1] }), [forty, [0xffff_ffffn]]],
  ],
  interruptPriority: [
    [written(0x304, all), [{}, 0xaaan], [platform, 0x100_0001_0aaan], [{ ...platform, interrupts: 0x880n }, 0x100_0001_0880n]],
    [written(0x344, all), [{}, 0x222n], [platform, 0x222n]],
    [written(0x303, all), [{}, 0x222n], [platform, 0x222n], [toS, 0x100_0000_0222n], [{ ...toS, delegatedInterrupts: 1n << 40n }, 0x100_0000_0222n]],
    [written(0x303, 0n), [toS, 0n], [{ ...toS, delegatedInterrupts: 1n << 40n }, 1n << 40n]],
    [written(0x104, all, { registers: { 'mideleg[40]': 1n, 'mideleg.SSI': 1n } }), [toS, 0x100_0000_0002n]], [written(0x104, all), [toS, 0n]],
    [after(['pc', 'mcause'], { name: 'riscv32', words: [nop], registers: { priv: 1n, 'mip[16]': 1n, 'mie[16]': 1n, 'mtvec.MODE': 1n } }), [{ interruptPriority: [16, 11, 3, 7, 9, 1, 5] }, [64n, 0x8000_0010n]]],
    [steps({ words: [nop], registers: both }), [platform, ['platform interrupt 40']]],
    [steps({ words: [nop], registers: { ...both, 'mie[40]': 0n } }), [platform, ['machine external interrupt']]],
    [steps({ words: [nop], registers: { ...both, 'mie[40]': 0n, 'mie.MEIE': 0n } }), [platform, ['platform interrupt 16']]],
    [steps({ words: [nop], registers: { ...both, 'mie[40]': 0n, 'mip[16]': 0n, 'mie.MEIE': 0n } }), [platform, ['supervisor external interrupt']]],
    // Delegated: after all for M-mode, and to S-mode.
    [steps({ words: [nop], registers: { ...both, 'mideleg[40]': 1n, 'mstatus.SIE': 1n } }), [toS, ['machine external interrupt']]],
    ...[0n, 1n].map((mideleg): Look => [after(['priv', 'pc', 'scause', 'mcause'], { words: [nop], registers: { priv: 1n, 'mip[40]': 1n, 'mie[40]': 1n, 'mideleg[40]': mideleg, 'mstatus.SIE': 1n, 'mtvec.BASE': 0x2000_0000n, 'mtvec.MODE': 1n, 'stvec.BASE': 0x2000_1000n } }),
      [toS, mideleg === 1n ? [1n, 0x8000_4000n, (1n << 63n) | 40n, 0n] : [3n, 0x8000_00a0n, 0n, (1n << 63n) | 40n]]]),
    [steps({ words: [wfi, nop], registers: { 'mie[16]': 1n, 'mip[16]': 1n } }), [platform, ['WFI', 'ADDI']]], [steps({ words: [wfi, nop], registers: { 'mip[16]': 1n } }), [platform, ['WFI']]],
    // An exception with the same code as an interrupt of the platform is none: ECALL of S-mode, delegated.
    [after(['priv', 'scause'], { words: [0x73], registers: { priv: 1n, 'medeleg[9:0]': 0x200n } }), [platform, [1n, 9n]], [{ interruptPriority: [11, 3, 7, 9, 1, 5, 25], delegableInterrupts: 1n << 25n }, [1n, 9n]]],
  ],
  platformPending: [
    [written(0x344, all), [toS, 0x222n], [softwarePending, 0x100_0001_0222n]],
    [written(0x144, all, { registers: { 'mideleg[40]': 1n } }), [toS, 0n], [softwarePending, 1n << 40n]], [written(0x144, all), [softwarePending, 0n]],
  ],
  interruptDelay: [
    [steps({ words: none.map(() => nop), registers: timer }), [{}, [taken]], [later, ['ADDI', 'ADDI', taken]], [{ interruptDelay: 1 }, ['ADDI', taken]]],
    // csrw mie, a0; csrw sie, a0; csrw mstatus, a0; MRET, SRET: at once. csrw mscratch, a0 is no such write.
    ...([[write(0x304), 'CSRRW machine', { priv: 3n, 'mstatus.MIE': 1n, 'mip.MTIP': 1n }, true], [write(0x104), 'CSRRW supervisor', timer, true], [write(0x340), 'CSRRW machine', { ...timer, priv: 3n, 'mstatus.MIE': 1n }, false],
      [write(0x300), 'CSRRW machine', { ...timer, priv: 3n }, true], [mret, 'MRET', { ...timer, priv: 3n, 'mepc[xlen-1:1]': 0x4000_4000n }, true], [sret, 'SRET', { ...timer, 'sepc[xlen-1:1]': 0x4000_4000n }, true]] as const)
      .map(([word, name, registers, atOnce]): Look => [steps({ words: [word, nop], registers, x: { 10: 0x88n } }), [{}, name === 'SRET' || name === 'CSRRW supervisor' || word === write(0x340) ? [taken] : [name, taken]], [later, [name, atOnce ? taken : 'ADDI']]]),
    // After WFI that waited, at the next instruction; one that is gone before its time is not taken.
    [(choices) => {
      const m = machineOf({ words: [wfi, nop], registers: { 'mie.MTIE': 1n, 'mstatus.MIE': 1n }, choices }), first = [said(m.step()), said(m.step())]
      m.setRegister('mip.MTIP', 1n)
      return [...first, said(m.step()), m.register('mepc[xlen-1:1]') << 1n]
    }, [later, ['WFI', 'halted', taken, 0x8000_8004n]]],
    [(choices) => {
      const m = machineOf({ words: [nop, nop, nop, nop, nop], registers: timer, choices }), first = [said(m.step()), said(m.step())]
      m.setRegister('mip.MTIP', 0n)
      const gone = said(m.step())
      m.setRegister('mip.MTIP', 1n)
      return [...first, gone, said(m.step()), said(m.step()), said(m.step())]
    }, [later, [...none, 'ADDI', 'ADDI', taken]]],
  ],
  nmiVector: [
    [steps({ words: [nop] }), [{}, ['ADDI']], [nmi, ['ADDI']]],
    [after(trapState, { words: [nop], registers: interrupted }), [nmi, [0x8000_f000n, 3n, 1n << 63n, 0x4000_4000n, 0n, 1n, 1n, 0n, 0n]], [{ ...nmi, ...later }, [0x8000_f000n, 3n, 1n << 63n, 0x4000_4000n, 0n, 1n, 1n, 0n, 0n]]],
    [after(['priv', 'mcause'], { words: [nop], registers: { NMI: 1n, 'mideleg.SSI': 1n, ...timer, priv: 3n } }), [nmi, [3n, 1n << 63n]]],
    [steps({ words: [wfi], registers: { NMI: 1n, priv: 3n, 'mip.MEIP': 1n, 'mie.MEIE': 1n, 'mstatus.MIE': 1n } }), [nmi, ['non-maskable interrupt']]],
    [(choices) => {
      const m = machineOf({ words: [wfi, nop], choices }), first = [said(m.step()), said(m.step())]
      m.setRegister('NMI', 1n)
      return [...first, said(m.step()), m.register('mepc[xlen-1:1]') << 1n]
    }, [nmi, ['WFI', 'halted', 'non-maskable interrupt', 0x8000_8004n]]],
  ],
  nmiCode: [[after(['mcause', 'pc'], { words: [nop], registers: interrupted }), [nmi, [1n << 63n, 0x8000_f000n]], [{ ...nmi, nmiCode: 3 }, [(1n << 63n) | 3n, 0x8000_f000n]]]],
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
