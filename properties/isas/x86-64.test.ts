// The verdicts on x86-64 in 64-bit mode, each conjunct of H, what protects a monitor without segment limits, and what
// differs from the lists for 32-bit mode.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { x8664, x8664Umip } from '../../model/isa/x86/long-mode/isa.ts'
import { printedList } from '../../model/isa/x86/long-mode/published.ts'
import { singleStep } from '../../model/machine/single-step.ts'
import { judge } from '../claims.ts'
import { classify, type Classification, type ClassifyOptions, type PropertyName } from '../classify.ts'
import { Solver } from '../decide/solve.ts'
import { relocationLemmas } from '../lemmas.ts'

const toRing1 = 'ring 0 to ring 1', toRing3 = 'ring 0 to ring 3'
const long = 600_000

let solver: Solver
let ring3: Classification
beforeAll(async () => {
  solver = await Solver.start()
  ring3 = await classify(x8664, { solve: solver }, { deprivileging: toRing3 })
}, long)
afterAll(() => solver.close())

const decide = (isa: typeof x8664, options: ClassifyOptions): Promise<Classification> => classify(isa, { solve: solver }, options)
const having = (c: Classification, property: PropertyName | 'userCritical'): string[] => c.instructions.filter((i) => i[property] === 'yes').map((i) => i.name)
const sorted = (names: readonly string[]): string[] => [...names].sort()

const both = (name: string): string[] => [`${name}r16`, `${name}m16`]
const prevented = ['SGDT m', 'SIDT m', ...['SLDT ', 'STR ', 'SMSW '].flatMap(both)]
const reads = ['PUSHF', 'PUSHFQ', ...prevented]
const asks = ['LAR r32, ', 'LSL r32, ', 'VERR ', 'VERW '].flatMap(both)
const shows = ['CS', 'SS'].flatMap((s) => [`MOV r16, ${s}`, `MOV m16, ${s}`])
const loads = [...['ES', 'SS', 'DS', 'FS', 'GS'].flatMap((s) => both(`MOV ${s}, `)), 'POP FS', 'POP GS', ...['SS', 'FS', 'GS'].map((s) => `L${s} r64, m16:64`)]
const goes = ['JMP m16:64', 'CALL m16:64', 'RET far', 'RET far imm16', 'IRETQ']
const silent = ['POPF', 'POPFQ']
/** Undefined in both levels where EFER.SCE is 0, hence not privileged by the letter, nor ever executed by a guest. */
const refused = ['SYSCALL', 'SYSRET']
const critical = [...reads, ...asks, ...shows, ...loads, ...goes, ...silent, ...refused]

describe('x86-64, ring 0 to ring 3', () => {
  it('cannot be shown to carry a VMM, nor a hybrid one', () => expect(ring3.theorems).toEqual({ vmm: 'no', recursive: 'no', hybrid: 'no' }))

  it('has these critical instructions', () => {
    expect(sorted(having(ring3, 'critical'))).toEqual(sorted(critical))
    expect(sorted(having(ring3, 'userCritical'))).toEqual(sorted(critical.filter((n) => ![...shows, ...silent, ...refused].includes(n))))
  })

  it('has these privileged and always trapping instructions', () => {
    expect(sorted(having(ring3, 'privileged'))).toEqual(sorted([
      'CLI', 'STI', 'HLT', 'CLTS', 'INVD', 'WBINVD', 'INVLPG m', 'RDMSR', 'WRMSR', 'RDTSC', 'RDTSCP', 'RDPMC', 'INT n', 'INT 3', 'LGDT m', 'LIDT m', 'SWAPGS',
      'MONITOR', 'MWAIT', ...['LLDT ', 'LTR ', 'LMSW '].flatMap(both), 'IN AL, imm8', 'OUT imm8, AL', 'IN AL, DX', 'OUT DX, AL', 'IN EAX, DX', 'OUT DX, EAX', 'INSD', 'OUTSD',
      ...['CR0', 'CR2', 'CR3', 'CR4', 'CR8', 'DR0-DR3', 'DR6', 'DR7'].flatMap((r) => [`MOV r64, ${r}`, `MOV ${r}, r64`]),
    ]))
    expect(having(ring3, 'alwaysTraps')).toEqual([
      ...refused, 'PUSH ES', 'POP ES', 'PUSH CS', 'PUSH SS', 'POP SS', 'PUSH DS', 'POP DS', 'CALL ptr16:32', 'JMP ptr16:32', 'INTO',
    ])
  })

  it('leaves nothing undecided', () => expect(ring3.instructions.flatMap((i) => i.decisions).filter((d) => d.verdict === 'undecided')).toEqual([]))

  it('relocates one-one', async () => {
    for (const d of await relocationLemmas(x8664, { solve: solver })) expect(d.verdict, d.property).toBe('yes')
  })

  it('decides the joint definition as the union', async () => {
    const c = await decide(x8664, { deprivileging: toRing3, joint: true, instructions: ['PUSHFQ', 'SGDT m', 'LAR r32, r16', 'VERW r16', 'MOV r16, CS', 'POPFQ', 'POP FS', 'SWAPGS', 'SYSCALL', 'RDTSC', 'ADD m64, r64', 'CLI'] })
    for (const i of c.instructions) expect(i.critical).toBe(ring3.instructions.find((x) => x.name === i.name)!.critical)
  }, long)
})

describe('without segment limits', () => {
  const store = x8664.instructions.find((i) => i.name === 'MOV m64, r64')!
  /** A store of RAX to 2000 hexadecimal: page 2, in a row of one user page and three supervisor pages. */
  const stored = (CPL: bigint) => singleStep({ ...x8664, instructions: [store] }, 0x48898300000000n, {
    CPL, 'R 3': 0x2000n, 'R 0': 7n, 'PAGES.user': 1n, 'PAGES.all': 4n,
  })!

  // What Xen and VMware found: rings 1 and 2 are supervisors to the page tables, and no limit stands below the monitor.
  it('a guest in ring 1 stores into a supervisor page, which in ring 3 is a page fault', () => {
    expect(stored(1n).cause).toBeUndefined()
    expect(stored(3n).cause).toBe('#PF')
  })

  it('and yet the verdicts of ring 1 are those of ring 3', async () => {
    const likewise = [...goes, ...loads.filter((n) => n.includes(' m16')), 'INT n']
    const asked = x8664.instructions.map((i) => i.name).filter((n) => !likewise.includes(n))
    const c = await decide(x8664, { deprivileging: toRing1, instructions: asked })
    expect(having(c, 'critical')).toEqual(having(ring3, 'critical').filter((n) => asked.includes(n)))
    expect(having(c, 'privileged')).toEqual(having(ring3, 'privileged').filter((n) => asked.includes(n)))
  }, long)
})

describe('later processors', () => {
  const added = ['RDFSBASE r64', 'WRFSBASE r64', 'RDGSBASE r64', 'WRGSBASE r64', 'RDPID r64', 'XGETBV', 'XSETBV']
  it('UMIP repairs SGDT, SIDT, SLDT, STR and SMSW; RDPID, XGETBV and, because it shows XCR0, CPUID are new critical instructions, in user mode too', async () => {
    const c = await decide(x8664Umip, { instructions: [...prevented, 'PUSHFQ', 'CPUID', ...added] })
    for (const name of prevented) expect(c.instructions.find((i) => i.name === name)).toMatchObject({ critical: 'no', privileged: 'yes' })
    expect(having(c, 'privileged')).toContain('XSETBV')
    expect(having(c, 'userCritical')).toEqual(['PUSHFQ', 'CPUID', 'RDPID r64', 'XGETBV'])
    // Undefined in both levels where CR4.FSGSBASE is 0.
    expect(having(c, 'alwaysTraps')).toEqual(added.slice(0, 4))
    expect(judge(c).map((j) => j.opinion)).toEqual(Array(8).fill('agrees'))
  }, long)
})

describe('each conjunct of H is needed', () => {
  const input = ['IN AL, imm8', 'OUT imm8, AL', 'IN AL, DX', 'OUT DX, AL', 'IN EAX, DX', 'OUT DX, EAX', 'INSD', 'OUTSD']
  const debug = ['DR0-DR3', 'DR6', 'DR7'].flatMap((r) => [`MOV r64, ${r}`, `MOV ${r}, r64`])
  const bases = ['RDFSBASE r64', 'WRFSBASE r64', 'RDGSBASE r64', 'WRGSBASE r64']
  const cases: [string, string, string[]][] = [
    [toRing1, 'IOPL < 1', ['CLI', 'STI', ...input]],
    [toRing3, 'IOPL < 3', ['CLI', 'STI', ...input]],
    [toRing3, 'TSS without an I/O map', input],
    [toRing3, 'IDT gates of DPL 0', ['INT 3']],
    [toRing3, 'CR4.TSD = 1', ['RDTSC', 'RDTSCP']],
    [toRing3, 'CR4.PCE = 0', ['RDPMC']],
    [toRing3, 'DR7.GD = 0', debug],
    [toRing3, 'CR4.PVI = 0', ['CLI', 'STI']],
    [toRing3, 'EFER.SCE = 0', []],
    [toRing3, 'CR4.UMIP = 1', prevented],
    [toRing3, 'CR4.FSGSBASE = 0', []],
    [toRing3, 'CR4.OSXSAVE = 1', ['XSETBV', 'CPUID']],
  ]
  it.each(cases)('%s: without %s', async (deprivileging, name, appear) => {
    // Those that are refused in both levels under H are executed in user mode without it.
    const executed = name.startsWith('EFER') ? ['SYSCALL'] : name.startsWith('CR4.FSGS') ? bases : []
    const c = await decide(x8664Umip, { deprivileging, without: [name], instructions: [...appear, ...executed, 'CLI', 'IN AL, DX', 'RDTSC', 'RDPMC', 'MOV r64, DR6', 'XSETBV'] })
    expect(sorted(having(c, 'critical'))).toEqual(sorted([...appear, ...executed]))
    expect(having(c, 'userCritical').filter((n) => executed.includes(n))).toEqual(executed)
  }, long)

  it('every conjunct is in one of these cases', () => {
    for (const d of x8664Umip.deprivilegings) for (const c of d.invariant) expect(cases.map(([, name]) => name)).toContain(c.name)
  })
})

describe('the published lists', () => {
  /**
   * Of the Pentium's list, as far as 64-bit mode has it, not critical: INT n under H; PUSH FS and GS and MOV from ES, DS, FS
   * and GS, whose RPL is what the guest loaded. Critical and not on it: IRETQ, LSS, LFS and LGS, and by the letter SYSCALL
   * and SYSRET. Ten forms of it are gone: their codes trap, which makes 64-bit mode a little more virtualizable.
   */
  it('Robin and Irvine, carried over', () => {
    const found = having(ring3, 'critical')
    expect(sorted(printedList.filter((n) => !found.includes(n)))).toEqual(sorted([
      'INT n', 'PUSH FS', 'PUSH GS', ...['ES', 'DS', 'FS', 'GS'].flatMap((s) => [`MOV r16, ${s}`, `MOV m16, ${s}`]),
    ]))
    expect(sorted(found.filter((n) => !printedList.includes(n)))).toEqual(sorted(['IRETQ', ...['SS', 'FS', 'GS'].map((s) => `L${s} r64, m16:64`), ...refused]))
  })

  it('every other claim is agreed with', () => {
    expect(judge(ring3).filter((j) => j.opinion !== 'agrees').map((j) => j.published.source.split(',')[0])).toEqual(['Robin and Irvine'])
  })
})
