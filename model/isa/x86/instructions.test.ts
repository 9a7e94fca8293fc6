// Single x86 instructions on concrete states, against what the manual says of them.
import { describe, expect, it } from 'vitest'
import { evaluate, type Valuation } from '../../ir/stage.ts'
import { causeCode, execute } from '../../machine/execute.ts'
import { x86Protected, x86Umip } from './isa.ts'

type Contents = Readonly<Record<string, number | bigint>>
/** DS is a present segment of 4 GB at 0 and GDTR reaches every selector, unless the test says otherwise. */
const usual: Contents = { 'DS.limit': 0xffffffff, 'DS.rights': 0xc93, CR0: 1, 'GDTR.limit': 0xffff, 'IDTR.limit': 0x7ff, 'R 4': 0x1000 }

/** Executes the bytes; cells are named by bank and hexadecimal address, registers R by number. */
const step = (code: string, before: Contents = {}, isa = x86Protected) => {
  const bits = BigInt(code.length / 2 * 8), word = BigInt(`0x${code}`)
  const matching = isa.instructions.filter(({ encoding: e }) => BigInt(e.width) === bits && (word & e.mask) === e.match)
  expect(matching.map((i) => i.name), code).toHaveLength(1)
  const instruction = matching[0]!
  const fields = new Map<string, bigint>()
  Object.entries(instruction.encoding.format).reduce((low, [name, width]) => {
    fields.set(`operand ${name}`, (word >> (low - BigInt(width))) & ((1n << BigInt(width)) - 1n))
    return low - BigInt(width)
  }, bits)
  const state = { ...usual, ...before }
  const valuation: Valuation = {
    variable: (name) => fields.get(name) ?? BigInt(state[name] ?? 0),
    cell: (bank, address) => BigInt(state[`${bank} ${address.toString(16)}`] ?? 0),
  }
  const outcome = execute(isa, instruction), cause = Number(evaluate(causeCode(isa, outcome), valuation))
  const trap = Object.entries(isa.causes).find(([, c]) => c === cause)?.[0]
  const after: Record<string, bigint> = {}
  for (const [name, value] of outcome.registers) after[name] = evaluate(value, valuation)
  for (const [bank, writes] of outcome.banks)
    for (const w of writes) if (evaluate(w.when, valuation) === 1n) after[`${bank} ${evaluate(w.index, valuation).toString(16)}`] = evaluate(w.value, valuation)
  return { name: instruction.name, trap, ...after } as { readonly name: string; readonly trap: string | undefined } & Readonly<Record<string, bigint>>
}

/** A descriptor in the cell of its selector. */
const descriptorAt = (selector: number, rights: number, limit = 0xffff, base = 0): Contents => {
  const index = (selector >> 2).toString(16)
  return { [`DT.rights ${index}`]: rights, [`DT.limit ${index}`]: limit, [`DT.base ${index}`]: base }
}
const code0 = 0xc9b, code3 = 0xcfb, data0 = 0xc93, data3 = 0xcf3, conforming0 = 0xc9f, callGate3 = 0x0ec

describe('encodings', () => {
  it.each([
    ['9c', 'PUSHFD'], ['669d', 'POPF'], ['fa', 'CLI'], ['0f010500100000', 'SGDT m'], ['0f011d00100000', 'LIDT m'], ['660f00c1', 'SLDT r16'],
    ['0f00d9', 'LTR r16'], ['660f01e0', 'SMSW r16'], ['0f06', 'CLTS'], ['0f20c0', 'MOV r32, CR0'], ['0f23f8', 'MOV DR7, r32'], ['0f23d0', 'MOV DR0-DR3, r32'],
    ['0f02c1', 'LAR r32, r16'], ['0f00e9', 'VERW r16'], ['8ed8', 'MOV DS, r16'], ['668cd0', 'MOV r16, SS'], ['0fa9', 'POP GS'], ['c50500100000', 'LDS r32, m16:32'],
    ['ea000000000800', 'JMP ptr16:32'], ['ff1d00100000', 'CALL m16:32'], ['cb', 'RET far'], ['cf', 'IRETD'], ['cd80', 'INT n'], ['ce', 'INTO'],
    ['e460', 'IN AL, imm8'], ['0f34', 'SYSENTER'], ['0fa2', 'CPUID'], ['01d8', 'ADD r32, r32'], ['0f8400000000', 'JE rel32'],
  ])('%s is %s', (code, name) => expect(step(code).name).toBe(name))

  it('bytes of an operand come lowest first, and EIP goes on by the length', () => {
    expect(step('b878563412', { EIP: 0x100 })).toMatchObject({ 'R 0': 0x12345678n, EIP: 0x105n })
    expect(step('e9fbffffff', { EIP: 0x100 })).toMatchObject({ EIP: 0x100n })
  })
})

describe('computation', () => {
  it('sets the flags of sums and differences', () => {
    expect(step('01d8', { 'R 0': 0x7fffffff, 'R 3': 1 })).toMatchObject({ 'R 0': 0x80000000n, OF: 1n, CF: 0n, SF: 1n, ZF: 0n, AF: 1n, PF: 1n })
    expect(step('39d8', { 'R 0': 1, 'R 3': 2 })).toMatchObject({ CF: 1n, OF: 0n, SF: 1n, AF: 1n, PF: 1n })
  })
  it('refuses to divide by 0 and where the quotient has no room', () => {
    expect(step('f7f3', { 'R 0': 7, 'R 3': 2 })).toMatchObject({ trap: undefined, 'R 0': 3n, 'R 2': 1n })
    expect(step('f7f3', { 'R 0': 7 }).trap).toBe('#DE')
    expect(step('f7f3', { 'R 2': 2, 'R 3': 2 }).trap).toBe('#DE')
  })
  it('sets OF by a shift by 1, CF and OF by a product that has no room', () => {
    expect(step('c1e001', { 'R 0': 0x40000000 })).toMatchObject({ 'R 0': 0x80000000n, OF: 1n, CF: 0n })
    expect(step('c1e801', { 'R 0': 0x80000001 })).toMatchObject({ 'R 0': 0x40000000n, OF: 1n, CF: 1n })
    expect(step('c1e002', { 'R 0': 0x40000000 })).toMatchObject({ OF: 0n, CF: 1n })
    expect(step('0fafc3', { 'R 0': 0xffffffff, 'R 3': 7 })).toMatchObject({ 'R 0': 0xfffffff9n, CF: 0n, OF: 0n })
    expect(step('0fafc3', { 'R 0': 0x10000, 'R 3': 0x8000 })).toMatchObject({ 'R 0': 0x80000000n, CF: 1n, OF: 1n })
  })
  it('refuses references beyond the limit, and through a null DS', () => {
    expect(step('8b0500100000', { 'DS.limit': 0x1003, 'E 400': 5 })).toMatchObject({ trap: undefined, 'R 0': 5n })
    expect(step('8b0500100000', { 'DS.limit': 0x1002 }).trap).toBe('limit')
    expect(step('8b0500100000', { 'DS.rights': 0 }).trap).toBe('limit')
  })
})

describe('EFLAGS', () => {
  const all = { 'E 400': 0xffffffff }
  it('POPFD changes IF and IOPL at level 0, silently neither at level 3', () => {
    expect(step('9d', all)).toMatchObject({ trap: undefined, IF: 1n, IOPL: 3n, 'R 4': 0x1004n })
    expect(step('9d', { ...all, CPL: 3 })).toMatchObject({ trap: undefined, IF: 0n, IOPL: 0n, CF: 1n, TF: 1n, NT: 1n })
    expect(step('9d', { ...all, CPL: 3, IOPL: 3 })).toMatchObject({ IF: 1n, IOPL: 3n })
    expect(step('9d', { CPL: 1, IOPL: 1, IF: 1 })).toMatchObject({ IF: 0n, IOPL: 1n })
  })
  it('PUSHFD pushes them all but VM and RF', () =>
    expect(step('9c', { CF: 1, IF: 1, IOPL: 2, ID: 1, VIP: 1 })).toMatchObject({ 'E 3ff': 0x302203n, 'R 4': 0xffcn }))
  it('CLI and STI ask IOPL, and CR4.PVI at level 3', () => {
    expect(step('fa', { CPL: 3, IF: 1 }).trap).toBe('#GP')
    expect(step('fa', { CPL: 1, IOPL: 1, IF: 1 })).toMatchObject({ trap: undefined, IF: 0n })
    expect(step('fa', { CPL: 3, IF: 1, VIF: 1, CR4: 2 })).toMatchObject({ trap: undefined, IF: 1n, VIF: 0n })
    expect(step('fa', { CPL: 1, CR4: 2 }).trap).toBe('#GP')
    expect(step('fb', { CPL: 3, VIP: 1, CR4: 2 }).trap).toBe('#GP')
  })
})

describe('system registers', () => {
  it('SGDT stores limit and base at every level, unless CR4.UMIP prevents it', () => {
    const state = { CPL: 3, 'GDTR.limit': 0x1234, 'GDTR.base': 0xaabbccdd, 'E 401': 0x99990000, CR4: 0x800 }
    expect(step('0f010500100000', state)).toMatchObject({ 'E 400': 0xccdd1234n, 'E 401': 0x9999aabbn })
    expect(step('0f010500100000', state, x86Umip).trap).toBe('#GP')
    expect(step('0f010500100000', { ...state, CR4: 0 }, x86Umip).trap).toBeUndefined()
    expect(step('0f010500100000', { ...state, CPL: 0 }, x86Umip).trap).toBeUndefined()
  })
  it('LMSW sets PE and does not clear it', () => expect(step('0f01f0', { 'R 0': 0xe, CR0: 0x80000001 })).toMatchObject({ CR0: 0x8000000fn }))
  it('LTR takes an available task state segment of the global table and makes it busy', () => {
    expect(step('0f00d8', { 'R 0': 0x28, ...descriptorAt(0x28, 0x089) })).toMatchObject({ trap: undefined, TR: 0x28n, 'DT.rights a': 0x08bn })
    expect(step('0f00d8', { 'R 0': 0x28, ...descriptorAt(0x28, 0x08b) }).trap).toBe('#GP(selector)')
    expect(step('0f00d8', { 'R 0': 0x28, CPL: 1 }).trap).toBe('#GP')
  })
})

describe('protection', () => {
  it('LAR and LSL see what the level and RPL may see', () => {
    const state = { 'R 1': 0x8, 'R 0': 7, ...descriptorAt(0x8, data0, 0x123) }
    expect(step('0f02c1', state)).toMatchObject({ ZF: 1n, 'R 0': 0xc09300n })
    expect(step('0f03c1', state)).toMatchObject({ ZF: 1n, 'R 0': 0x123n })
    const outside = step('0f03c1', { ...state, CPL: 1 })
    expect(outside.ZF).toBe(0n)
    expect(outside['R 0']).toBeUndefined()
    expect(step('0f03c1', { ...state, 'R 1': 0xb }).ZF).toBe(0n)
    expect(step('0f03c1', { ...state, CPL: 3, ...descriptorAt(0x8, conforming0) }).ZF).toBe(1n)
    expect(step('0f02c1', { ...state, ...descriptorAt(0x8, callGate3) }).ZF).toBe(1n)
    expect(step('0f03c1', { ...state, ...descriptorAt(0x8, callGate3) }).ZF).toBe(0n)
    expect(step('0f02c1', { ...state, 'GDTR.limit': 14 }).ZF).toBe(0n)
  })
  it('VERW wants writable data', () => {
    expect(step('0f00e9', { 'R 1': 0xb, CPL: 3, ...descriptorAt(0x8, data3) }).ZF).toBe(1n)
    expect(step('0f00e9', { 'R 1': 0x8, ...descriptorAt(0x8, code0) }).ZF).toBe(0n)
  })
  it('MOV DS loads the hidden part and marks the descriptor accessed', () => {
    expect(step('8ed8', { 'R 0': 0x10, ...descriptorAt(0x10, data0 - 1, 0xfff, 0x4000) }))
      .toMatchObject({ trap: undefined, DS: 0x10n, 'DS.base': 0x4000n, 'DS.limit': 0xfffn, 'DS.rights': 0xc93n, 'DT.rights 4': 0xc93n })
    expect(step('8ed8', { 'R 0': 0x10, CPL: 1, ...descriptorAt(0x10, data0) }).trap).toBe('#GP')
    expect(step('8ed8', { 'R 0': 0x10, ...descriptorAt(0x10, data0 - 0x80) }).trap).toBe('#NP')
    expect(step('8ed8', { 'R 0': 3, CPL: 3 })).toMatchObject({ trap: undefined, DS: 3n, 'DS.rights': 0n })
  })
  it('MOV SS wants writable data of the level in force', () => {
    expect(step('8ed0', { 'R 0': 0x13, CPL: 3, ...descriptorAt(0x10, data3) })).toMatchObject({ trap: undefined, 'SS<15:2>': 4n })
    expect(step('8ed0', { 'R 0': 0x10, CPL: 3, ...descriptorAt(0x10, data3) }).trap).toBe('#GP')
    expect(step('8ed0', { 'R 0': 0 }).trap).toBe('#GP(selector)')
  })
  it('PUSH CS shows the level', () => expect(step('0e', { 'CS<15:2>': 2, CPL: 1 })).toMatchObject({ 'E 3ff': 9n }))
})

describe('far transfers', () => {
  const to = 'ea001000000800', call = '9a001000000800'
  it('JMP goes to a segment of its own level, and to conforming code of an inner one', () => {
    expect(step(to, descriptorAt(8, code0))).toMatchObject({ trap: undefined, EIP: 0x1000n, 'CS<15:2>': 2n })
    expect(step(to, { CPL: 3, ...descriptorAt(8, code0) }).trap).toBe('#GP')
    expect(step(to, { CPL: 3, ...descriptorAt(8, conforming0) }).trap).toBeUndefined()
    expect(step(to, descriptorAt(8, code0, 0xfff)).trap).toBe('limit')
    expect(step(to, descriptorAt(8, data0)).trap).toBe('#GP(selector)')
    expect(step(to, descriptorAt(8, 0x089)).trap).toBe('unmodelled')
  })
  const gate = { ...descriptorAt(8, callGate3), 'DT.gate 2': (0x20n << 37n) | 0x500n, ...descriptorAt(0x20, code0), 'TSS.stack 0': (0x30n << 32n) | 0x800n, ...descriptorAt(0x30, data0) }
  it('CALL through a gate to an inner level takes the stack of the task state segment', () => {
    expect(step(call, { ...gate, CPL: 3, EIP: 0x100, 'CS<15:2>': 6, 'SS<15:2>': 7 })).toMatchObject({
      trap: undefined, CPL: 0n, EIP: 0x500n, 'CS<15:2>': 8n, 'SS<15:2>': 12n, 'R 4': 0x7f0n,
      'E 1ff': 0x1fn, 'E 1fe': 0x1000n, 'E 1fd': 0x1bn, 'E 1fc': 0x107n,
    })
    expect(step(to, { ...gate, CPL: 3 }).trap).toBe('#GP')
    expect(step(call, { ...gate, CPL: 3, ...descriptorAt(0x30, data3) }).trap).toBe('#TS')
    expect(step(call, { ...gate, CPL: 3, ...descriptorAt(8, callGate3 - 0x60) }).trap).toBe('#GP')
    // The stack is looked at before the limit of the code segment.
    expect(step(call, { ...gate, CPL: 3, ...descriptorAt(0x20, code0, 0x4ff) }).trap).toBe('limit')
    expect(step(call, { ...gate, CPL: 3, ...descriptorAt(0x20, code0, 0x4ff), ...descriptorAt(0x30, data3) }).trap).toBe('#TS')
  })
  it('IRETD goes out with SS and ESP, and makes inner data segments null', () => {
    const frame = { 'E 400': 0x500, 'E 401': 0x23, 'E 402': 0x3202, 'E 403': 0x700, 'E 404': 0x33, ...descriptorAt(0x20, code3), ...descriptorAt(0x30, data3) }
    expect(step('cf', { ...frame, 'ES.rights': data3, ES: 0x33, DS: 0x18 })).toMatchObject({
      trap: undefined, CPL: 3n, EIP: 0x500n, 'CS<15:2>': 8n, 'SS<15:2>': 12n, 'R 4': 0x700n, IF: 1n, IOPL: 3n, DS: 0n, 'DS.rights': 0n, ES: 0x33n,
    })
    expect(step('cf', { ...frame, CPL: 1 })).toMatchObject({ trap: undefined, CPL: 3n, IF: 0n, IOPL: 0n })
    expect(step('cf', { ...frame, 'E 401': 0x20, CPL: 3 }).trap).toBe('#GP')
    expect(step('cf', { ...frame, NT: 1 }).trap).toBe('unmodelled')
  })
  it('INT n asks the DPL of its gate, which is 0 where no gate is outward', () => {
    const idt = { 'IDT.rights 80': 0xee, 'IDT.target 80': (0x20n << 32n) | 0x500n, ...descriptorAt(0x20, code0), 'TSS.stack 0': (0x30n << 32n) | 0x800n, ...descriptorAt(0x30, data0) }
    expect(step('cd80', { ...idt, CPL: 3, IF: 1, 'IDT.outward': 1 })).toMatchObject({ trap: undefined, CPL: 0n, IF: 0n, EIP: 0x500n, 'R 4': 0x7ecn })
    expect(step('cd80', { ...idt, CPL: 3 }).trap).toBe('#GP')
    expect(step('cd80', { ...idt, IF: 1 })).toMatchObject({ trap: undefined, CPL: 0n, IF: 0n, 'R 4': 0xff4n })
    expect(step('cd80', { ...idt, 'IDTR.limit': 0x406 }).trap).toBe('#GP(selector)')
  })
  it('INTO does nothing without OF', () => expect(step('ce', { EIP: 4 })).toMatchObject({ trap: undefined, EIP: 5n }))
})

describe('input, output and the processor', () => {
  it('IN asks IOPL, then the map', () => {
    expect(step('e460', { 'PORT 60': 0x41, 'R 0': 0x1000 })).toMatchObject({ trap: undefined, 'R 0': 0x1041n })
    expect(step('e460', { CPL: 3 }).trap).toBe('#GP')
    expect(step('e460', { CPL: 3, 'TSS.mapped': 1 }).trap).toBeUndefined()
    expect(step('ed', { CPL: 3, 'TSS.mapped': 1, 'TSS.map 3': 1 }).trap).toBe('#GP')
  })
  it('RDTSC asks CR4.TSD, SYSENTER enters level 0', () => {
    expect(step('0f31', { CPL: 3, TSC: 0x500000007n })).toMatchObject({ trap: undefined, 'R 0': 7n, 'R 2': 5n })
    expect(step('0f31', { CPL: 3, CR4: 4 }).trap).toBe('#GP')
    expect(step('0f34', { CPL: 3, SYSENTER_CS: 8, SYSENTER_EIP: 0x500 })).toMatchObject({ trap: undefined, CPL: 0n, EIP: 0x500n, 'CS<15:2>': 2n, 'SS<15:2>': 4n })
    expect(step('0f34', { CPL: 3 }).trap).toBe('#GP(selector)')
    expect(step('0f30', { 'R 1': 0x174, 'R 0': 8 })).toMatchObject({ SYSENTER_CS: 8n })
  })
})
