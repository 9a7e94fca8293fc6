// Which states of RISC-V the bench can lay down and come back from.
import type { Instruction } from '../../../model/ir/instruction.ts'
import type { Bank, Register } from '../../../model/ir/state.ts'
import { all, and, any, concat, constant, eq, extract, False, implies, ite, ne, not, or, select, True, ult, variable, xor, zeroExtend, type Bool, type Term } from '../../../model/ir/term.ts'
import type { Outcome } from '../../../model/machine/execute.ts'
import type { Conjunct, Isa } from '../../../model/machine/isa.ts'
import { accesses } from '../bench.ts'
import { kernelPieces, lengthOf, place, rootCount } from './record.ts'

/** CSRs that run, or that are the kernel's scratch registers, by bits 11 and 10, 9 and 8, and the others of their numbers. */
const running = (kind: string, access: Term<2>, number: Term<8>): Bool => {
  const is = (t: Term, n: number): Bool => eq(t, constant<number>(t.width, n))
  const low = extract<7>(number, 6, 0)
  const kernels = not(ult(extract<5>(number, 4, 0), constant(5, 29)))
  if (kind === 'counter') return any([is(low, 0), is(low, 1), is(low, 2), and(is(extract<2>(low, 6, 5), 0), kernels)])
  if (kind !== 'machine') return False
  return or(
    and(is(access, 2), any([is(low, 0), is(low, 2), and(is(extract<2>(low, 6, 5), 0), kernels)])),
    and(is(access, 0), and(is(extract<3>(number, 7, 5), 1), kernels)),
  )
}

/** What states with stimecmp have as the time, after all compare values that have passed and before all others. */
export const time = 1n << 48n

export const limitsOf = (isa: Isa, identity: ReadonlyMap<string, bigint>, trap: number) => (instruction: Instruction, o: Outcome): readonly Conjunct[] => {
  const component = (name: string) => isa.components.find((c) => c.name === name)!
  const of = (name: string): Term => variable(name, (component(name) as Register).width)
  const is = (name: string): Bool => of(name) as Bool
  const after = (name: string): Term => o.registers.get(name) ?? of(name)
  const bank = (name: string): Bank => component(name) as Bank
  const completed = not(o.trapped)
  type At = (name: string) => Term
  const both = (f: (t: At) => Bool): Bool => and(f(of), implies(completed, f(after)))
  const equals = (t: Term, n: number | bigint): Bool => eq(t, constant<number>(t.width, n))
  const from = (t: Term, low: number, high: number): Bool => and(not(ult<number>(t, constant<number>(t.width, low))), ult<number>(t, constant<number>(t.width, high)))
  const { name, operands } = instruction
  const xlen = component('pc').width, length = lengthOf(name)
  const inM = (t: At): Bool => equals(t('priv'), 3)
  const notBit = (t: Term, n: number): Bool => not(extract<1>(t, n, n))
  const kind = /^CSRR\w+ (\w+)/.exec(name)?.[1]
  const access = (operands['access'] ?? constant(2, kind === 'counter' ? 3 : 0)) as Term<2>
  const number = operands['number'] as Term<8>
  const csrIs = (access_: number, low: number): Bool => and(equals(access, access_), equals(number, low))

  const isRoot = (t: At): Bool => from(t('satp.PPN'), place.roots >>> 12, (place.roots >>> 12) + rootCount)
  const effective: Term = ite<2>(is('mstatus.MPRV'), of('mstatus.MPP') as Term<2>, of('priv') as Term<2>)
  const data = accesses(o, 'memory'), pages = accesses(o, 'PTE')
  const translates = and(is('satp.MODE'), or(not(inM(of)), pages.length > 0 ? not(equals(effective, 3)) : False))
  const inStorage = data.map(({ index, when }) => implies(and(completed, when ?? True), from(index, place.storage, place.storageEnd)))
  const window = pages.map(({ index }) => {
    const PPN = of('satp.PPN'), real = xor<number>(zeroExtend<number>(index, PPN.width), PPN)
    const absent = and(notBit(select(bank('PTE'), index), 0), not(equals(index, place.page >>> 12)))
    return or(not(translates), or(from(real, place.storage >>> 12, place.storageEnd >>> 12), absent))
  })

  const high = (t: Term): Bool => (xlen === 64 ? not(equals(extract(t, 63, 36), 0)) : False)
  const below32 = (t: Term): Bool => (xlen === 64 ? equals(extract(t, 63, 32), 0) : True)
  const nowhere = (t: Term): Bool => or(high(t), and(below32(t), not(ult<number>(t, constant<number>(xlen, place.end)))))
  const stvec = concat(of('stvec.BASE'), constant(2, 0)), next = after('pc')
  const inLand = all([from(next, place.land, place.landEnd), not(from(next, place.page, place.page + kernelPieces)), not(from(next, place.code, place.code + 8))])
  const returns = name === 'MRET' || name === 'SRET'
  const follows = returns ? False : equals(next, place.code + length)
  const delegations: Term = concat(constant(1, 0), of('medeleg[15]'), constant(1, 0), of('medeleg[13:12]'), constant(2, 0), of('medeleg[9:0]'))
  const delegated = and(not(inM(of)), any(o.traps.map(({ cause, when }) => {
    const code = isa.causes[cause]!
    // The emulator raises the exceptions of AMOs and SC as those of loads, two codes below, and for misaligned atomics code 4.
    const codes = code >= 16 ? [] : /^(AMO|SC\.)/.test(name) ? [code, code - 2, 4] : name.startsWith('LR.') ? [code, 4] : [code]
    return and(when, any(codes.map((n) => extract<1>(delegations, n, n))))
  })))
  const fetchesTrapToM = (t: At): Bool => or(inM(t), and(notBit(t('medeleg[9:0]'), 1), notBit(t('medeleg[13:12]'), 0)))

  /** The emulator completes these where it should not. */
  const completesAnyway = /^(SC\.|CSRR[SC] )/.test(name)

  const taken = (t: At): Bool => any(([['SSI', 'SSIP', 'SSIE'], ['STI', 'STIP', 'STIE'], ['SEI', 'SEIP', 'SEIE']] as const).map(([i, p, e]) => {
    const U = equals(t('priv'), 0), S = equals(t('priv'), 1)
    const to = ite(t(`mideleg.${i}`) as Bool, or(U, and(S, t('mstatus.SIE') as Bool)), or(not(inM(t)), t('mstatus.MIE') as Bool))
    return and(and(t(`mip.${p}`) as Bool, t(`mie.${e}`) as Bool), to)
  }))
  const CODE = place.code / 2
  const entered = any([
    inM(of),
    all([not(equals(of('priv'), 2)), equals(of('mstatus.MPP'), 0), is('mstatus.MPIE'), equals(of('mepc[xlen-1:1]'), CODE)]),
    all([not(equals(of('priv'), 2)), not(is('mstatus.SPP')), is('mstatus.SPIE'), equals(of('sepc[xlen-1:1]'), CODE)]),
  ])
  const cfg = accesses(o, 'pmpcfg'), pmpaddr = accesses(o, 'pmpaddr')
  const eventFits = (t: Term): Bool => not(any([1, 2].map((n) => equals(extract(t, 19, 0), n))))
  const events = accesses(o, 'mhpmevent')
  const rs1 = kind === undefined ? undefined : name.split(' ')[0]!.endsWith('I') ? zeroExtend<number>(operands['rs1']!, xlen) : select(bank('x'), operands['rs1']!)
  const statusFields = component('mstatus.FS') && rs1 ? [extract<2>(rs1, 14, 13)] : []
  const offOrDirty = (t: Term): Bool => or(equals(t, 0), equals(t, 3))
  const reserved = is('reservation valid'), address = of('reservation address')
  const bytes = name.endsWith('D') ? 8 : 4
  const tracked = isa.name === 'riscv64/fs-tracked'
  const hasADUE = isa.components.some((c) => c.name === 'menvcfg.ADUE')
  const hasSeed = isa.components.some((c) => c.name === 'seed.OPST')
  const hasCompare = isa.components.some((c) => c.name === 'stimecmp')
  const used = pages.map(({ index }) => {
    const entry = select(bank('PTE'), index)
    return or(not(translates), or(notBit(entry, 0), and(extract<1>(entry, 6, 6), extract<1>(entry, 7, 7))))
  })
  return [
    {
      name: 'the program is at 80200800', why: 'it is there in real memory and in every page table',
      holds: equals(of('pc'), place.code),
    },
    {
      name: 'what is jumped to stops the program', why: 'control comes back through a trap at the target',
      holds: implies(completed, or(follows, and(or(inLand, nowhere(next)), ne<number>(next, stvec)))),
    },
    { name: 'MRET or SRET leads to S-mode and U-mode', why: 'there is no other way in; both set fields of mstatus', holds: entered },
    { name: 'traps to M-mode go to the kernel', why: 'that is how control comes back', holds: both((t) => and(equals(t('mtvec.BASE'), trap / 4), equals(t('mtvec.MODE'), 0))) },
    {
      name: 'faults of fetches are not delegated, nor the breakpoint that follows', why: 'the kernel is M-mode\'s',
      holds: all([fetchesTrapToM(of), implies(completed, and(fetchesTrapToM(after), or(inM(after), notBit(after('medeleg[9:0]'), 3)))), completesAnyway ? notBit(of('medeleg[9:0]'), 3) : True]),
    },
    { name: 'stvec is nowhere where a trap goes there', why: 'the fault at stvec gives control back', holds: implies(delegated, nowhere(stvec)) },
    {
      name: 'satp.PPN is one of four tables where it is used', why: 'the tables map each page to the page exclusive-or PPN', holds: and(implies(translates, isRoot(of)), implies(all([
        completed, after('satp.MODE') as Bool, not(inM(after))]), or(isRoot(after), not(ult<number>(after('satp.PPN'), constant<number>(after('satp.PPN').width, place.end / 4096)))))),
    },
    { name: 'data are in storage', why: 'the kernel, its tables, the program and devices are elsewhere', holds: and(all(inStorage), all(window)) },
    {
      name: 'A and D are set in pages that are used, or ADUE is 1', why: 'the emulator sets them by itself, as Svadu with ADUE = 1',
      holds: hasADUE ? or(is('menvcfg.ADUE'), all(used)) : all(used),
    },
    ...(hasADUE && kind === 'machine' ? [{ name: 'menvcfg is not accessed', why: 'the emulator has no bit ADUE', holds: implies(completed, not(csrIs(0, 0x0a))) }] : []),
    { name: 'no interrupt is taken', why: 'interrupts are the step\'s', holds: and(not(taken(of)), implies(completed, not(taken(after)))) },
    { name: 'MSIP, MTIP and MEIP are 0', why: 'devices set them', holds: all(['MSIP', 'MTIP', 'MEIP'].map((n) => not(is(`mip.${n}`)))) },
    ...(hasCompare ? [
      {
        name: 'stimecmp is far from the time', why: 'time passes',
        holds: and(equals(of('mtime'), time), both((t) => or(from(t('stimecmp'), 0, 1024), from(t('stimecmp'), 2 ** 49, 2 ** 55)))),
      },
      {
        name: 'with STCE, STIP is the comparison', why: 'the emulator has no other STIP beneath',
        holds: both((t) => implies(t('menvcfg.STCE') as Bool, eq(t('mip.STIP') as Bool, ult(t('stimecmp'), constant<number>(64, time))))),
      },
    ] : []),
    { name: 'the hart does not wait already', why: 'it executes nothing then', holds: not(is('waiting')) },
    { name: 'the identity registers are the hart\'s', why: 'they are constants of the emulated hart', holds: all([...identity].map(([n, value]) => equals(of(n), value))) },
    ...(kind === undefined ? [] : [
      { name: 'counters that run are not accessed', why: 'time passes; three of those that stand still are the kernel\'s', holds: implies(completed, not(running(kind, access, number))) },
      {
        name: 'PMP lets the program run', why: 'its last entry does; locked entries stay until reset, and two bits of an entry are not stored',
        holds: all([
          ...cfg.flatMap(({ index, when }) => (when === undefined
            ? [equals(extract(select(bank('pmpcfg'), index), 7, 5), 0), or(equals(index, 15), or(inM(of), equals(extract(select(bank('pmpcfg'), index), 4, 3), 0)))] : [])),
          ...(o.banks.get('pmpcfg') ?? []).map((w) => implies(and(completed, w.when), notBit(w.value, 7))),
          ...(cfg.length > 0 ? [equals(select(bank('pmpcfg'), constant(4, 15)), 0x1f)] : []),
          ...(pmpaddr.length > 0 ? [eq(select(bank('pmpaddr'), constant(4, 15)), not(constant<number>(bank('pmpaddr').width, 0)))] : []),
        ]),
      },
      {
        name: 'events are not cycles or instructions', why: 'their counters would run',
        holds: all([...events.map(({ index }) => eventFits(select(bank('mhpmevent'), index))), ...(o.banks.get('mhpmevent') ?? []).map((w) => implies(and(completed, w.when), eventFits(w.value)))]),
      },
    ]),
    ...(tracked || (kind !== 'machine' && kind !== 'supervisor') ? [] : [{
      name: 'FS is not written Initial or Clean', why: 'the emulator tells them from Dirty, as riscv64/fs-tracked does',
      holds: implies(and(completed, csrIs(0, 0)), all(statusFields.map(offOrDirty))),
    }]),
    ...(tracked && (name === 'FEQ.D' || kind === 'unprivileged') ? [{
      name: 'fflags and frm are not written unchanged', why: 'whether that makes FS Dirty is left open',
      holds: name === 'FEQ.D' ? notBit(of('fflags'), 4)
        : /^CSRR[SC] /.test(name) ? or(equals(operands['rs1']!, 0), not(equals(rs1!, 0))) : True,
    }] : []),
    ...(hasSeed && kind === 'unprivileged' ? [{
      name: 'what seed reads is thrown away', why: 'entropy cannot be laid down', holds: implies(and(completed, csrIs(0, 0x15)), equals(operands['rd']!, 0)),
    }] : []),
    ...(hasSeed && kind === 'machine' ? [{
      name: 'the low bits of mseccfg are not written', why: 'the emulator has mseccfg only with Smepmp, whose bits lock the kernel out until reset',
      holds: implies(and(completed, and(equals(access, 1), equals(number, 0x47))), name.startsWith('CSRRC') ? True : equals(extract(rs1!, 2, 0), 0)),
    }] : []),
    ...(xlen === 64 && kind === 'supervisor' ? [{
      name: 'satp.MODE is not Sv48 or Sv57', why: 'the emulated hart has them, the modelled one has not',
      holds: implies(and(completed, csrIs(0, 0x80)), not(any([9, 10].map((n) => equals(extract(rs1!, 63, 60), n))))),
    }] : []),
    {
      name: 'LR has reserved storage in M-mode, untranslated', why: 'a return clears the reservation, and the kernel\'s LR makes it',
      holds: implies(reserved, all([
        name.startsWith('SC.') ? True : False, inM(of), not(translates), below32(address), from(address, place.storage, place.storageEnd), equals(extract(address, Math.log2(bytes) - 1, 0), 0),
      ])),
    },
  ]
}
