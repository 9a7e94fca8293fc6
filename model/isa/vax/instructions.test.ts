import { describe, expect, it } from 'vitest'
import type { Isa } from '../../machine/isa.ts'
import { singleStep, type Contents, type Step } from '../../machine/single-step.ts'
import { vax, virtualVax } from './isa.ts'

/** The bytes of the named instruction, executed at 1000 with 100 (hexadecimal) pages mapped to themselves. */
const step = (isa: Isa, name: string, bytes: string, before: Contents = {}): Step =>
  singleStep({ ...isa, instructions: isa.instructions.filter((i) => i.name === name) }, BigInt(`0x${bytes}`), { PC: 0x1000n, P0LR: 0x100n, ...before })!
const after = (isa: Isa, name: string, bytes: string, before: Contents = {}): Contents => step(isa, name, bytes, before).after
const cause = (isa: Isa, name: string, bytes: string, before: Contents = {}): string | undefined => step(isa, name, bytes, before).cause
/** Longword 200 octal is at byte address 200 hexadecimal; R14 is the cell R 16. */
const at200 = 'E 200', SP = 'R 16'
const psl = (cur: bigint, prv: bigint, ipl = 0n, is = 0n): bigint => (is << 26n) | (cur << 24n) | (prv << 22n) | (ipl << 16n)

describe('the VAX', () => {
  it('moves, and notes a store in the page\'s modify bit', () => {
    expect(after(vax, 'MOVL (Rn),Rn', 'd06152', { 'R 1': 0x200n, [at200]: 0x80000000n })).toMatchObject({ 'R 2': 0x80000000n, PSW: 8n, PC: 0x1003n })
    expect(after(vax, 'MOVL Rn,(Rn)', 'd05261', { 'R 1': 0x200n, 'R 2': 5n })).toMatchObject({ [at200]: 5n, 'PTE-M 1': 1n, PSW: 0n })
    expect(cause(vax, 'MOVL Rn,(Rn)', 'd05261', { 'R 1': 0x20000n })).toBe('access-control-violation')
    expect(after(vax, 'BEQL', '13fe', { PSW: 4n })).toMatchObject({ PC: 0x1000n })
    expect(after(vax, 'BSBB', '1010', { [SP]: 0x204n })).toMatchObject({ [at200]: 0x1002n, [SP]: 0x200n, PC: 0x1012n })
  })
  it('MOVPSL shows the modes', () => {
    expect(after(vax, 'MOVPSL', 'dc51', { CUR: 1n, PRV: 3n, IPL: 0x1fn, PSW: 0x0fn })).toMatchObject({ 'R 1': psl(1n, 3n, 0x1fn) | 0x0fn })
  })
  it('CHM goes inward, enters the kernel by an exception, and halts on the interrupt stack', () => {
    expect(cause(vax, 'CHMK', 'bc05', { CUR: 3n })).toBe('change-mode')
    expect(cause(vax, 'CHME', 'bd05')).toBe('change-mode')
    expect(after(vax, 'CHME', 'bd05', { CUR: 3n, [SP]: 0x800n, 'KSP-ESP-SSP-USP 1': 0x20cn, 'E 21': 0x3000n })).toMatchObject({
      CUR: 1n, PRV: 3n, [SP]: 0x200n, 'KSP-ESP-SSP-USP 3': 0x800n, [at200]: 5n, 'E 201': 0x1002n, 'E 202': psl(3n, 0n), PC: 0x3000n,
    })
    expect(after(vax, 'CHMU', 'bf05', { CUR: 1n, [SP]: 0x20cn })).toMatchObject({ CUR: 1n, PRV: 1n, [SP]: 0x200n })
    expect(after(vax, 'CHMK', 'bc05', { IS: 1n })).toMatchObject({ HALTED: 1n })
  })
  it('REI takes a legal PSL and refuses the others', () => {
    const pops = (popped: bigint, state: Contents): Step => step(vax, 'REI', '02', { [SP]: 0x200n, [at200]: 0x3000n, 'E 201': popped, ASTLVL: 4n, ...state })
    expect(pops(psl(3n, 3n), { CUR: 1n, 'KSP-ESP-SSP-USP 3': 0x900n }).after).toMatchObject({ CUR: 3n, PRV: 3n, [SP]: 0x900n, 'KSP-ESP-SSP-USP 1': 0x208n, PC: 0x3000n, SISR: 0n })
    expect(pops(psl(3n, 3n), { CUR: 1n, ASTLVL: 3n }).after).toMatchObject({ SISR: 4n })
    expect(pops(psl(1n, 1n), { CUR: 1n }).after).toMatchObject({ CUR: 1n, [SP]: 0x208n })
    const refused: readonly (readonly [bigint, Contents])[] = [
      [psl(0n, 0n), { CUR: 1n }], [psl(3n, 1n), {}], [psl(1n, 1n, 1n), {}], [psl(0n, 0n, 2n), { IPL: 1n }], [psl(0n, 0n, 1n, 1n), { IPL: 1n }],
      [psl(0n, 0n, 0n, 1n), { IS: 1n }], [psl(3n, 3n) | 0x100n, {}],
    ]
    for (const [popped, state] of refused) expect(pops(popped, state).cause).toBe('reserved-operand')
  })
  it('PROBE takes the outer of the previous and the given mode, and looks at both ends', () => {
    // R1 is at 200; ERKW lets the executive read and the kernel write.
    const z = (name: string, bytes: string, before: Contents): bigint => after(vax, name, bytes, { 'R 1': 0x200n, 'PTE-PROT': 6n, ...before })['PSW']! & 4n
    expect(z('PROBER', '0c010461', {})).toBe(0n)
    expect(z('PROBER', '0c010461', { PRV: 2n })).toBe(4n)
    expect(z('PROBEW', '0d010461', {})).toBe(4n)
    expect(z('PROBEW', '0d000461', {})).toBe(0n)
    expect(z('PROBER', '0c000861', { 'R 1': 0x1fffcn })).toBe(4n)
    expect(z('PROBER', '0c000461', { 'R 1': 0x1fffcn })).toBe(0n)
  })
  it('keeps processor registers and contexts to the kernel', () => {
    expect(after(vax, 'MTPR', 'da5112', { 'R 1': 0x15n })).toMatchObject({ IPL: 0x15n })
    expect(after(vax, 'MTPR', 'da5114', { 'R 1': 3n })).toMatchObject({ SISR: 8n })
    expect(after(vax, 'MFPR', 'db1151', { SCBB: 0x400n })).toMatchObject({ 'R 1': 0x400n })
    for (const [name, bytes] of [['HALT', '00'], ['LDPCTX', '06'], ['SVPCTX', '07'], ['MTPR', 'da5112'], ['MFPR', 'db1251']] as const)
      expect(cause(vax, name, bytes, { CUR: 1n }), name).toBe('reserved-instruction')
  })
})

describe('contexts and reserved values', () => {
  // The context block at 800 puts P0 space of two pages at page 10; its kernel stack ends at 208.
  const block = { PCBB: 0x800n, 'E 1000': 0x208n, 'E 1022': 0x1111n, 'E 1023': 0x2222n, 'E 1024': 0x2000n, 'E 1025': 2n }
  it('LDPCTX pushes through the mapping that it loads', () => {
    expect(after(vax, 'LDPCTX', '06', block)).toMatchObject({ 'E 4200': 0x1111n, 'E 4201': 0x2222n, 'PTE-M 1': 1n, P0BR: 0x10n, P0LR: 2n, [SP]: 0x200n })
    expect(cause(vax, 'LDPCTX', '06', { ...block, 'E 1025': 1n })).toBe('access-control-violation')
  })
  it('MTPR with reserved bits is not modelled', () => {
    for (const [number, value] of [['12', 0x20n], ['13', 5n], ['14', 0n], ['15', 1n], ['10', 2n]] as const)
      expect(cause(vax, 'MTPR', `da51${number}`, { 'R 1': value }), number).toBe('unmodelled')
  })
})

describe('the modified VAX', () => {
  const guest = { VM: 1n, CUR: 1n }
  it('emulates in a virtual machine what it executes elsewhere', () => {
    for (const [name, bytes] of [['REI', '02'], ['CHMK', 'bc05'], ['PROBER', '0c010461'], ['HALT', '00']] as const)
      expect(cause(virtualVax, name, bytes, { ...guest, 'R 1': 0x200n }), name).toBe('VM-emulation')
    expect(after(virtualVax, 'MOVPSL', 'dc51', { ...guest, 'VMPSL-PRV': 3n, 'VMPSL-IPL': 4n, IPL: 0n })).toMatchObject({ 'R 1': psl(0n, 3n, 4n) })
  })
  it('takes a modify fault where the page was not written before', () => {
    expect(cause(virtualVax, 'MOVL Rn,(Rn)', 'd05261', { 'R 1': 0x200n })).toBe('modify-fault')
    expect(after(virtualVax, 'MOVL Rn,(Rn)', 'd05261', { 'R 1': 0x200n, 'R 2': 5n, 'PTE-M 1': 1n })).toMatchObject({ [at200]: 5n })
  })
})
