import { describe, expect, it } from 'vitest'
import { singleStep, type Contents, type Step } from '../../../machine/single-step.ts'
import { x8664, x8664Umip } from './isa.ts'

/** All instructions at 1000 hexadecimal, on 16 pages of which all are user pages, in 64-bit mode at level 0. */
const state: Contents = {
  RIP: 0x1000n, CR0: 0x80000001n, CR4: 0x20n, 'CS.rights': 0xa9bn, 'PAGES.user': 16n, 'PAGES.all': 16n,
}
const step = (name: string, bytes: string, before: Contents = {}, isa = x8664): Step =>
  singleStep({ ...isa, instructions: isa.instructions.filter((i) => i.name === name) }, BigInt(`0x${bytes}`), { ...state, ...before })!
const after = (name: string, bytes: string, before: Contents = {}, isa = x8664): Contents => step(name, bytes, before, isa).after
const cause = (name: string, bytes: string, before: Contents = {}, isa = x8664): string | undefined => step(name, bytes, before, isa).cause
/** Quadword 40 octal is at byte address 100 hexadecimal. */
const at100 = 'E 40'

describe('64-bit mode', () => {
  it('REX.R and REX.B reach R8 to R15; 32 bits clear the upper half, 16 keep it', () => {
    expect(after('ADD r64, r64', '4d01d1', { 'R 11': 2n, 'R 12': 3n })).toMatchObject({ 'R 11': 5n, RIP: 0x1003n })
    expect(after('MOV r64, imm64', '49b80807060504030201')).toMatchObject({ 'R 10': 0x0102030405060708n })
    expect(after('LAR r32, r16', '440f02c1', { 'R 10': ~0n & ((1n << 64n) - 1n) })).toMatchObject({ ZF: 0n })
    expect(after('SLDT r16', '66410f00c1', { LDTR: 0x1234n, 'R 11': (1n << 64n) - 1n })).toMatchObject({ 'R 11': 0xffffffffffff1234n })
  })
  it('storage is at RBX and a displacement, and must be canonical and present', () => {
    expect(after('MOV m64, r64', '48898300010000', { 'R 0': 7n })).toMatchObject({ [at100]: 7n })
    expect(after('MOV r64, m64', '488b83f8ffffff', { 'R 3': 0x108n, [at100]: 9n })).toMatchObject({ 'R 0': 9n })
    expect(cause('MOV r64, m64', '488b8300000000', { 'R 3': 0x800000000000n })).toBe('non-canonical')
    expect(cause('MOV r64, m64', '488b8300000000', { 'R 3': 0x10000n })).toBe('#PF')
    expect(after('MOVSXD r64, m32', '48638304010000', { [at100]: 0xfffffffe00000000n })).toMatchObject({ 'R 0': 0xfffffffffffffffen })
  })
  it('SGDT stores ten bytes', () => {
    expect(after('SGDT m', '400f018300010000', { 'GDTR.base': 0xffff888000001000n, 'GDTR.limit': 0x7fn })).toMatchObject({ [at100]: 0x888000001000007fn, 'E 41': 0xffffn })
  })
  it('SYSCALL and SYSRET change levels by STAR, LSTAR and FMASK, where EFER.SCE lets them', () => {
    const system = { 'EFER.SCE': 1n, STAR: 0x0023001000000000n, LSTAR: 0xffffffff81000000n, FMASK: 0x200n, CPL: 3n, IF: 1n, CF: 1n }
    expect(after('SYSCALL', '0f05', system)).toMatchObject({ CPL: 0n, 'R 1': 0x1002n, 'R 13': 0x203n, IF: 0n, CF: 1n, RIP: 0xffffffff81000000n, 'CS<15:2>': 4n, 'SS<15:2>': 6n })
    expect(after('SYSRET', '480f07', { ...system, CPL: 0n, 'R 1': 0x2000n, 'R 13': 0x202n })).toMatchObject({ CPL: 3n, RIP: 0x2000n, IF: 1n, CF: 0n, 'CS<15:2>': 12n, 'SS<15:2>': 10n })
    expect(cause('SYSCALL', '0f05', { CPL: 3n })).toBe('#UD')
    expect(cause('SYSRET', '480f07', { ...system })).toBe('#GP')
    expect(cause('SYSRET', '480f07', { ...system, CPL: 0n, 'R 1': 1n << 47n })).toBe('non-canonical')
  })
  it('SWAPGS exchanges the base of GS at level 0', () => {
    expect(after('SWAPGS', '0f01f8', { 'GS.base': 1n, KERNEL_GS_BASE: 2n })).toMatchObject({ 'GS.base': 2n, KERNEL_GS_BASE: 1n })
    expect(cause('SWAPGS', '0f01f8', { CPL: 3n })).toBe('#GP')
  })
  it('IRETQ pops SS and RSP at one level too, and there are no tasks to return to', () => {
    const frame = { 'R 4': 0x100n, [at100]: 0x2000n, 'E 41': 8n, 'E 42': 0x202n, 'E 43': 0x300n, 'E 44': 0n, 'GDTR.limit': 0xffffn, 'DT.rights 2': 0xa9bn }
    expect(after('IRETQ', '48cf', frame)).toMatchObject({ RIP: 0x2000n, 'R 4': 0x300n, IF: 1n, CPL: 0n, 'SS<15:2>': 0n, 'SS.rights': 0n })
    expect(cause('IRETQ', '48cf', { ...frame, NT: 1n })).toBe('#GP')
  })
  it('INT n pushes five quadwords on a stack aligned to 16 bytes', () => {
    const gate = { 'IDTR.limit': 0xffffn, 'GDTR.limit': 0xffffn, 'IDT.rights 3': 0x8en, 'IDT.target 3': (8n << 64n) | 0x4000n, 'DT.rights 2': 0xa9bn }
    expect(after('INT 3', 'cc', { ...gate, 'R 4': 0x128n, IF: 1n })).toMatchObject({
      'E 43': 0n, 'E 42': 0x128n, 'E 41': 0x202n, [at100]: 0n, 'E 37': 0x1001n, 'R 4': 0xf8n, RIP: 0x4000n, IF: 0n,
    })
    expect(cause('INT n', 'cd03', { ...gate, 'IDT.outward': 1n, CPL: 3n })).toBe('#GP')
  })
  it('the stack of an inner level is on a supervisor page; that of the same level is asked for a user page', () => {
    const gate = { 'IDTR.limit': 0xffffn, 'GDTR.limit': 0xffffn, 'IDT.outward': 1n, 'IDT.rights 3': 0xeen, 'IDT.target 3': (8n << 64n) | 0x4000n, CPL: 3n, 'PAGES.user': 1n, 'TSS.RSP 0': 0x2000n }
    expect(after('INT 3', 'cc', { ...gate, 'DT.rights 2': 0xa9bn })).toMatchObject({ CPL: 0n, 'R 4': 0x1fd8n, 'E 1773': 0x1001n })
    expect(cause('INT 3', 'cc', { ...gate, 'DT.rights 2': 0xa9bn, 'TSS.RSP 0': 0x20000n })).toBe('#PF')
    expect(cause('INT 3', 'cc', { ...gate, 'DT.rights 2': 0xa9fn, 'R 4': 0x2000n })).toBe('#PF')
  })
  it('a call gate in the local table is held against its limit', () => {
    const local = { LDTR: 0x28n, 'GDTR.limit': 0xffffn, 'R 3': 0x100n, [at100]: 0n, 'E 41': 0xcn, 'DT.rights 3': 0xecn, 'DT.gate 3': (8n << 64n) | 0x4000n, 'DT.rights 2': 0xa9bn }
    expect(after('JMP m16:64', '48ffab00000000', { ...local, 'LDTR.limit': 0x17n })).toMatchObject({ RIP: 0x4000n })
    expect(cause('JMP m16:64', '48ffab00000000', { ...local, 'LDTR.limit': 0x16n })).toBe('#GP(selector)')
  })
  it('IRETQ to an outer level makes null selectors 0, and refuses a code segment with L and D', () => {
    const frame = { 'R 4': 0x100n, [at100]: 0x2000n, 'E 41': 0xbn, 'E 42': 0x202n, 'E 43': 0x300n, 'E 44': 0x13n, 'GDTR.limit': 0xffffn, 'DT.rights 4': 0xcf3n, DS: 3n }
    expect(after('IRETQ', '48cf', { ...frame, 'DT.rights 2': 0xafbn })).toMatchObject({ CPL: 3n, DS: 0n })
    expect(cause('IRETQ', '48cf', { ...frame, 'DT.rights 2': 0xefbn })).toBe('#GP(selector)')
  })
  it('IRETQ pops before it looks at what it has popped', () => {
    expect(cause('IRETQ', '48cf', { 'R 4': 0x2000n, 'PAGES.user': 3n, 'PAGES.all': 3n })).toBe('#GP(selector)')
    expect(cause('IRETQ', '48cf', { 'R 4': 0x2ff0n, 'PAGES.user': 3n, 'PAGES.all': 3n })).toBe('#PF')
  })
  it('MONITOR is checked as a load is', () => {
    expect(cause('MONITOR', '0f01c8', { 'R 0': 0x800n })).toBeUndefined()
    expect(cause('MONITOR', '0f01c8', { 'R 0': 0x10000n })).toBe('#PF')
    expect(cause('MONITOR', '0f01c8', { 'R 0': 1n << 63n })).toBe('non-canonical')
  })
  it('codes of 32-bit mode are undefined', () => {
    expect(cause('PUSH ES', '06')).toBe('#UD')
    expect(cause('INTO', 'ce')).toBe('#UD')
  })
  it('what later processors have asks CR4', () => {
    expect(cause('RDFSBASE r64', 'f3480faec0', {}, x8664Umip)).toBe('#UD')
    expect(after('RDFSBASE r64', 'f3480faec0', { CR4: 0x10020n, 'FS.base': 9n }, x8664Umip)).toMatchObject({ 'R 0': 9n })
    expect(after('RDPID r64', 'f3480fc7f8', { TSC_AUX: 3n, CPL: 3n }, x8664Umip)).toMatchObject({ 'R 0': 3n })
    expect(after('XGETBV', '0f01d0', { CR4: 0x40020n, 'XCR0<2:1>': 3n, CPL: 3n }, x8664Umip)).toMatchObject({ 'R 0': 7n, 'R 2': 0n })
    expect(after('CPUID', '0fa2', { CR4: 0x40020n, 'R 0': 1n }, x8664Umip)).toMatchObject({ 'R 1': 0x8000000n })
    expect(after('CPUID', '0fa2', { 'XCR0<2:1>': 3n, 'R 0': 13n }, x8664Umip)).toMatchObject({ 'R 3': 832n })
    expect(after('CPUID', '0fa2', { 'XCR0<2:1>': 1n, 'R 0': 13n, CPL: 3n }, x8664Umip)).toMatchObject({ 'R 3': 576n })
    expect(cause('SGDT m', '400f018300010000', { CR4: 0x820n, CPL: 3n }, x8664Umip)).toBe('#GP')
  })
})
