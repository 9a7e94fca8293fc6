import { describe, expect, it } from 'vitest'
import { singleStep, type Contents } from '../../machine/single-step.ts'
import { aarch64 } from './isa.ts'

const isa = aarch64()
/** Page 1 for both levels, page 2 for EL1 only, page 3 read-only; page 4 has no descriptor. */
const pages: Contents = { 'valid 1': 1n, 'AP 1': 1n, 'valid 2': 1n, 'AP 2': 0n, 'valid 3': 1n, 'AP 3': 3n }
const el1: Contents = { EL: 1n, SPSel: 1n }
const run = (word: number, before: Contents = {}) => {
  const step = singleStep(isa, BigInt(word), { ...pages, ...before })!
  return { name: step.instruction.name, cause: step.cause, ...step.after }
}

describe('encodings', () => {
  const words: readonly (readonly [number, string])[] = [
    [0x8b020020, 'ADD'], [0x91000420, 'ADD (immediate)'], [0xd10043ff, 'SUB (immediate)'], [0xf100001f, 'SUBS (immediate)'], [0xab020020, 'ADDS'], [0x0b020020, 'ADD W'],
    [0x9a020020, 'ADC'], [0x8a020020, 'AND'], [0xaa020020, 'ORR'], [0xca020020, 'EOR'], [0xea020020, 'ANDS'], [0x9ac22020, 'LSLV'], [0x9ac22420, 'LSRV'], [0x9ac22820, 'ASRV'],
    [0x9ac20820, 'UDIV'], [0x9b020c20, 'MADD'], [0x9a820020, 'CSEL EQ'], [0xd2800020, 'MOVZ'], [0xf2800020, 'MOVK'], [0x10000000, 'ADR'],
    [0x9e670000, 'FMOV X to D'], [0x9e660000, 'FMOV D to X'], [0x14000000, 'B'], [0x94000000, 'BL'], [0x54000000, 'B.EQ'], [0xb4000000, 'CBZ'], [0xb5000000, 'CBNZ'],
    [0x36000000, 'TBZ'], [0xd61f0000, 'BR'], [0xd63f0000, 'BLR'], [0xd65f03c0, 'RET'], [0xf9400020, 'LDR X'], [0xf9000020, 'STR X'], [0xb9400020, 'LDR W'], [0xb9800020, 'LDRSW'],
    [0x79400020, 'LDRH'], [0x39400020, 'LDRB'], [0xf8400820, 'LDTR X'], [0xf8000820, 'STTR X'], [0x38400820, 'LDTRB'], [0xb8800820, 'LDTRSW'], [0xf8400020, 'LDUR X'],
    [0xf8626820, 'LDR X (register)'], [0x58000000, 'LDR X (literal)'], [0xa9017bfd, 'STP X'], [0xfd400020, 'LDR D'], [0xf9800020, 'PRFM'],
    [0xc85f7c20, 'LDXR'], [0xc85ffc20, 'LDAXR'], [0xc8027c20, 'STXR'], [0xc802fc20, 'STLXR'], [0xc8dffc20, 'LDAR'], [0xc89ffc20, 'STLR'],
    [0xd4000001, 'SVC'], [0xd4000002, 'HVC'], [0xd4000003, 'SMC'], [0xd4200000, 'BRK'], [0xd4400000, 'HLT'], [0xd4a00001, 'DCPS1'], [0xd6bf03e0, 'DRPS'], [0, 'UDF'], [0xd69f03e0, 'ERET'],
    [0xd503201f, 'NOP'], [0xd503203f, 'YIELD'], [0xd503205f, 'WFE'], [0xd503207f, 'WFI'], [0xd503209f, 'SEV'], [0xd50320bf, 'SEVL'], [0xd503233f, 'HINT with CRm = 0011'],
    [0xd503241f, 'HINT with CRm = 01xx'], [0xd503281f, 'HINT with CRm = 1xxx'], [0xd50320df, 'HINT with CRm = 0000, op2 = 11x'],
    [0xd5033f9f, 'DSB'], [0xd5033bbf, 'DMB'], [0xd5033fdf, 'ISB'], [0xd5033f5f, 'CLREX'],
    [0xd5384240, 'MRS CurrentEL'], [0xd5384200, 'MRS SPSel'], [0xd53b4200, 'MRS NZCV'], [0xd53b4220, 'MRS DAIF'], [0xd50342df, 'MSR DAIFSet'], [0xd50342ff, 'MSR DAIFClr'],
    [0xd50041bf, 'MSR SPSel (immediate)'], [0xd5381000, 'MRS SCTLR_EL1'], [0xd5181000, 'MSR SCTLR_EL1'], [0xd5380000, 'MRS MIDR_EL1'], [0xd53800a0, 'MRS MPIDR_EL1'],
    [0xd53b0020, 'MRS CTR_EL0'], [0xd53b00e0, 'MRS DCZID_EL0'], [0xd51bd040, 'MSR TPIDR_EL0'], [0xd53bd060, 'MRS TPIDRRO_EL0'], [0xd53be000, 'MRS CNTFRQ_EL0'], [0xd53be040, 'MRS CNTVCT_EL0'],
    [0xd51be220, 'MSR CNTP_CTL_EL0'], [0xd518e100, 'MSR CNTKCTL_EL1'], [0xd53b9d00, 'MRS PMCCNTR_EL0'], [0xd53b9e00, 'MRS PMUSERENR_EL0'], [0xd518c000, 'MSR VBAR_EL1'],
    [0xd5182000, 'MSR TTBR0_EL1'], [0xd5184020, 'MSR ELR_EL1'], [0xd5184000, 'MSR SPSR_EL1'], [0xd5184100, 'MSR SP_EL0'], [0xd53b4400, 'MRS FPCR'], [0xd5300240, 'MRS MDSCR_EL1'],
    [0xd5330100, 'MRS MDCCSR_EL0'], [0xd5101080, 'MSR OSLAR_EL1'], [0xd53c4100, 'MRS or MSR of EL2'],
    [0xd508871f, 'TLBI VMALLE1'], [0xd508831f, 'TLBI VMALLE1IS'], [0xd508751f, 'IC IALLU'], [0xd508711f, 'IC IALLUIS'], [0xd50b7520, 'IC IVAU'], [0xd50b7a20, 'DC CVAC'],
    [0xd50b7b20, 'DC CVAU'], [0xd50b7e20, 'DC CIVAC'], [0xd50b7420, 'DC ZVA'], [0xd5087620, 'DC IVAC'], [0xd5087640, 'DC ISW'], [0xd5087800, 'AT S1E1R'], [0xd5087840, 'AT S1E0R'],
  ]
  it.each(words)('%i is %s', (word, name) => { expect(run(word, el1).name).toBe(name) })
})

it('a software increment counts where the counter is enabled, for event 0 and at this level, and tells its overflow', () => {
  const counting: Contents = { ...el1, 'X 0': 1n, 'PMCR_EL0.E': 1n, PMCNTENSET_EL0: 1n, PMXEVCNTR_EL0: 0xffffffffn }
  expect(run(0xd51b9c80, counting)).toMatchObject({ name: 'MSR PMSWINC_EL0', PMXEVCNTR_EL0: 0n, PMOVSSET_EL0: 1n })
  for (const otherwise of [{ 'PMCR_EL0.E': 0n }, { PMCNTENSET_EL0: 2n }, { PMXEVTYPER_EL0: 1n }, { PMXEVTYPER_EL0: 1n << 31n }, { 'X 0': 2n }])
    expect(run(0xd51b9c80, { ...counting, PMOVSSET_EL0: 0n, ...otherwise })).toMatchObject({ PMXEVCNTR_EL0: 0xffffffffn, PMOVSSET_EL0: 0n })
})

describe('levels', () => {
  it('EL0 may neither read CurrentEL nor return from an exception', () => {
    expect(run(0xd5384240, el1)).toMatchObject({ cause: undefined, 'X 0': 4n })
    expect(run(0xd5384240).cause).toBe('undefined')
    expect(run(0xd69f03e0).cause).toBe('undefined')
  })
  it('an exception goes to EL1 with SP_EL1, and ERET goes back', () => {
    const inside = run(0xd4000001, { PC: 8n, SP: 0x100n, SP_EL1: 0x200n, Z: 1n, 'VBAR_EL1<63:11>': 1n })
    expect(inside).toMatchObject({
      cause: 'supervisor call', EL: 1n, SPSel: 1n, SP: 0x200n, SP_EL0: 0x100n, PC: 0xc00n / 4n, 'SPSR_EL1.M': 0n, 'SPSR_EL1.Z': 1n, ELR_EL1: 0x24n, D: 1n, I: 1n,
    })
    const { name: _, cause: __, ...state } = inside
    expect(run(0xd69f03e0, state)).toMatchObject({ cause: undefined, EL: 0n, SPSel: 0n, SP: 0x100n, SP_EL1: 0x200n, PC: 9n, Z: 1n, I: 0n })
  })
  it('ERET to no level that exists keeps the level and sets IL', () => {
    expect(run(0xd69f03e0, { ...el1, 'SPSR_EL1.M': 9n, ELR_EL1: 0x40n })).toMatchObject({ cause: undefined, EL: 1n, SPSel: 1n, IL: 1n, PC: 0x10n })
    expect(run(0xd69f03e0, { ...el1, 'SPSR_EL1.M': 0x10n }).cause).toBe('AArch32 state')
  })
  it('SPSel selects the stack pointer', () => {
    expect(run(0xd50040bf, { ...el1, SP: 1n, SP_EL0: 2n })).toMatchObject({ SPSel: 0n, SP: 2n, SP_EL1: 1n })
    expect(run(0xd5384100, { ...el1, SP_EL0: 2n })).toMatchObject({ 'X 0': 2n })
    expect(run(0xd5384100, { EL: 1n }).cause).toBe('undefined')
  })
})

describe('system registers', () => {
  it('SCTLR_EL1 reads with its reserved ones and writes its fields', () => {
    expect(run(0xd5381000, { ...el1, 'SCTLR_EL1.M': 1n })).toMatchObject({ 'X 0': 0x30d00801n })
    expect(run(0xd5181000, { ...el1, 'X 0': 1n << 26n })).toMatchObject({ 'SCTLR_EL1.UCI': 1n, 'SCTLR_EL1.M': 0n })
  })
  it.each([
    [0xd53b4220, 'SCTLR_EL1.UMA'], [0xd50342df, 'SCTLR_EL1.UMA'], [0xd53b0020, 'SCTLR_EL1.UCT'], [0xd50b7420, 'SCTLR_EL1.DZE'], [0xd50b7a20, 'SCTLR_EL1.UCI'],
    [0xd53be040, 'CNTKCTL_EL1.EL0VCTEN'], [0xd53be000, 'CNTKCTL_EL1.EL0PCTEN'], [0xd51be220, 'CNTKCTL_EL1.EL0PTEN'], [0xd53b9d00, 'PMUSERENR_EL0.CR'],
  ])('%i is trapped at EL0 unless %s', (word, enable) => {
    const on = { 'X 0': 0x1000n }
    expect(run(word, on).cause).toBe('system instruction')
    expect(run(word, { ...on, [enable]: 1n }).cause).toBeUndefined()
    expect(run(word, { ...on, ...el1 }).cause).toBeUndefined()
  })
  it('DCZID_EL0 says at EL0 whether DC ZVA is prohibited there', () => {
    expect(run(0xd53b00e0)).toMatchObject({ 'X 0': 0x14n })
    expect(run(0xd53b00e0, { 'SCTLR_EL1.DZE': 1n })).toMatchObject({ 'X 0': 4n })
    expect(run(0xd53b00e0, el1)).toMatchObject({ 'X 0': 4n })
  })
  it('FPCR follows CPACR_EL1.FPEN', () => {
    expect([0n, 1n, 2n, 3n].map((v) => run(0xd53b4400, { 'CPACR_EL1.FPEN': v }).cause)).toEqual([...Array(3).fill('floating point'), undefined])
    expect([0n, 1n, 2n, 3n].map((v) => run(0xd53b4400, { ...el1, 'CPACR_EL1.FPEN': v }).cause)).toEqual(['floating point', undefined, 'floating point', undefined])
  })
})

describe('storage', () => {
  it('LDTR asks for the permission of EL0, LDR for that of the level', () => {
    const before = { 'X 1': 0x2000n, 'Memory 2000': 7n, ...el1 }
    expect(run(0xf9400020, before)).toMatchObject({ cause: undefined, 'X 0': 7n })
    expect(run(0xf8400820, before).cause).toBe('data abort')
    expect(run(0xf9400020, { ...before, EL: 0n, SPSel: 0n }).cause).toBe('data abort')
    expect(run(0xf9000020, { ...before, 'X 1': 0x3000n }).cause).toBe('data abort')
    expect(run(0xf9400020, { ...before, 'X 1': 0x4000n }).cause).toBe('data abort')
  })
  it('is relocated by pages and ordered by EE and E0E', () => {
    expect(run(0xf9400020, { 'X 1': 0x1000n, 'TTBR0_EL1.BADDR': 2n, 'Memory 3000': 9n })).toMatchObject({ 'X 0': 9n })
    const before = { 'X 1': 0x1004n, 'Memory 1000': 0x11223344_00000000n, 'SCTLR_EL1.E0E': 1n }
    expect(run(0xb9400020, before)).toMatchObject({ 'X 0': 0x44332211n })
    expect(run(0xb9400020, { ...before, ...el1 })).toMatchObject({ 'X 0': 0x11223344n })
    expect(run(0x39000020, { ...before, 'X 0': 0xffn })).toMatchObject({ 'Memory 1000': 0x112233ff_00000000n })
    expect(run(0xb9800020, { ...before, 'Memory 1000': 0x80n << 32n })).toMatchObject({ 'X 0': 0xffffffff_80000000n })
  })
  it('checks the alignment of SP as a base where SA or SA0 says so', () => {
    const before = { SP: 0x1008n, 'Memory 1001': 5n }
    expect(run(0xf94003e0, before)).toMatchObject({ cause: undefined, 'X 0': 5n })
    expect(run(0xf94003e0, { ...before, 'SCTLR_EL1.SA0': 1n }).cause).toBe('SP alignment')
    expect(run(0xf94003e0, { ...before, ...el1, 'SCTLR_EL1.SA': 1n }).cause).toBe('SP alignment')
  })
  it('DC ZVA clears a block of 64 bytes', () => {
    const step = run(0xd50b7420, { 'X 0': 0x1048n, ...el1, 'Memory 1007': 1n, 'Memory 1010': 1n, 'Memory 1017': 1n, 'Memory 1020': 1n })
    expect(step).toMatchObject({ 'Memory 1007': 1n, 'Memory 1010': 0n, 'Memory 1017': 0n, 'Memory 1020': 1n })
  })
})

it('31 is the zero register, or SP', () => {
  expect(run(0x8b1f0020, { 'X 1': 5n, 'X 37': 9n })).toMatchObject({ 'X 0': 5n })
  expect(run(0x910043ff, { SP: 0x10n })).toMatchObject({ SP: 0x20n })
})
