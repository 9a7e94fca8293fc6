// The processor that the tests run on, where it is an x86-64 under Linux with a compiler: what it does in level 3.
import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { x86Protected, x86Umip } from '../../model/isa/x86/isa.ts'
import { outcomeOf } from '../../model/claims/run.ts'
import { host, processor } from '../../traces/emulators/host/bench.ts'
import { atLevel3 } from './host.ts'

const usable = process.platform === 'linux' && process.arch === 'x64' && spawnSync('cc', ['--version']).status === 0

describe.skipIf(!usable)('this processor in level 3', () => {
  it('traps as the specification says: the privileged do, the critical do not', async () => {
    const critical = ['PUSHFD', 'POPFD', 'LAR r32, r16', 'LSL r32, r16', 'VERR r16', 'VERW r16', 'MOV r16, CS', 'PUSH CS']
    const privileged = ['CLI', 'HLT', 'LGDT m', 'MOV r32, CR0', 'IN AL, imm8', 'RDMSR'], prevented = ['SLDT r16', 'SMSW r16', 'STR r16']
    const { umip } = processor(), whole = umip ? x86Umip : x86Protected, names = new Set([...critical, ...privileged, ...prevented])
    const isa = { ...whole, instructions: whole.instructions.filter((i) => names.has(i.name)) }
    const bench = await host(isa, (i) => outcomeOf(isa, i))
    const rows = await atLevel3(isa, bench, 1, 8)
    bench.end()
    expect(rows.filter((r) => r.differences.length > 0)).toEqual([])
    const row = (name: string) => rows.find((r) => r.instruction === name)!
    for (const name of critical) expect([name, row(name).completed]).toEqual([name, 8])
    for (const name of umip ? [...privileged, ...prevented] : privileged) expect([name, row(name).completed]).toEqual([name, 0])
  })
  it('tells a virtual processor, and one with prevention', () => {
    const text = 'vendor_id\t: GenuineIntel\nmodel name\t: Some Processor\nflags\t\t: fpu vme umip hypervisor fsgsbase\n'
    expect(processor(text)).toEqual({ name: 'Some Processor', isVirtual: true, umip: true, bases: true, shortPointers: false })
    expect(processor('model name\t: Other\nflags\t\t: fpu\n')).toEqual({ name: 'Other', isVirtual: false, umip: false, bases: false, shortPointers: true })
  })
})
