// ARMv8-A with EL2 as an ISA, a hypervisor at EL2 deprivileged to EL1: without and with the nested virtualization of ARMv8.3.
import { open, set, type Statement } from '../../ir/instruction.ts'
import { get } from '../../ir/state.ts'
import { add, concat, constant, eq, extract, ite, not, or, type Bool, type Term } from '../../ir/term.ts'
import { defineIsa, type Conjunct, type Isa, type PublishedClaim } from '../../machine/isa.ts'
import { branches, dataProcessing } from './computation.ts'
import { componentsOfEL2, declareNested, instructionsOfEL2, isSetAtEL2, registersOfEL1, registersOfEL2, type EL2, type TrapBit } from './el2.ts'
import { causes, causeWidth, exceptionGenerating, unmodelled } from './exceptions.ts'
import { leftOut } from './left-out.ts'
import { loadsAndStores, synchronization } from './loads-and-stores.ts'
import { components, isSet, relocation, type State } from './state.ts'
import { barriers, hints } from './system.ts'
import { msrImmediate, systemRegisters } from './system-registers.ts'

const kvm = 'Linux commit 6ff9dc238a53, KVM: arm64: nv: Handle HCR_EL2.NV system register traps (Jintack Lim)'
const published = (nested: boolean): readonly PublishedClaim[] => [
  ...['MRS SP_EL1', 'MSR VBAR_EL2', 'TLBI ALLE2', 'AT S12E1R'].map((instruction): PublishedClaim => ({
    claim: nested ? `${instruction} at EL1 traps to EL2` : `${instruction} is undefined at EL1`, source: kvm, about: { instruction, property: 'privileged', holds: true },
  })),
  { claim: nested ? 'ERET at EL1 traps to EL2' : 'of the instructions that HCR_EL2.NV was to trap, ERET alone is not undefined at EL1', source: kvm, about: { instruction: 'ERET', property: 'privileged', holds: nested } },
]

/** What stays the deprivileged hypervisor's own, by its name in the real level: no resource of the real machine. CNTKCTL_EL1 acts on EL0. */
const own: ReadonlySet<string> = new Set(['D', 'A', 'I', 'F', 'SPSel', 'EL', 'SP_EL0', 'PAR_EL1', 'TPIDR_EL1'])
const isOwn = (name: string): boolean => own.has(name) || name.startsWith('CNTKCTL_EL1')
/** The order of bytes, and what has effect at EL0 only; the guest hypervisor's values stand in them. */
const kept: ReadonlySet<string> = new Set(['SCTLR_EL2.EE', 'SCTLR_EL1.EE', 'SCTLR_EL1.E0E'])
const registersHere = /^(SCTLR|CPACR|TTBR[01]|TCR|VBAR|SPSR|ISR|ESR|FAR|MAIR|PAR|ELR|CONTEXTIDR|TPIDR|CNTKCTL)_EL1|^(FPCR|FPSR|TPIDR_EL0|TPIDRRO_EL0)/
/** Of what neither level changes, fewer than aarch64 has. */
const ordinary: ReadonlySet<string> = new Set([
  'ADD (immediate)', 'ADDS', 'ADR', 'B', 'BL', 'B.EQ', 'RET', 'LDR X', 'STR X', 'LDR W', 'STR W', 'LDRB', 'LDTR X', 'STTR X', 'STP X', 'LDXR', 'STXR',
])
const sharedRegisters: ReadonlySet<string> = new Set(['NZCV', 'DAIF', 'SPSel', 'FPCR', 'FPSR', 'TPIDR_EL0', 'TPIDRRO_EL0', 'SP_EL0'].flatMap((r) => [`MRS ${r}`, `MSR ${r}`]))

const invariant = (s: State, e: EL2): readonly Conjunct[] => {
  const one = (bit: TrapBit, why: string): Conjunct => ({ name: `${bit} = 1`, holds: get(e.traps[bit]), why })
  return [
    { name: 'SCTLR_EL1.EE = SCTLR_EL2.EE', holds: eq(isSet(s, 'SCTLR_EL1.EE'), isSetAtEL2(e, 'SCTLR_EL2.EE')), why: 'otherwise data have another order of bytes than at the EL2 that it stands for' },
    one('HCR_EL2.TWI', 'without it, the guest stops the real processor'),
    one('HCR_EL2.TVM', 'without it, what the guest sets up for its own guests is its own translation'),
    one('HCR_EL2.TRVM', 'without it, the guest reads its own translation for that of its guests'),
    { name: 'CPTR_EL2.TCPAC = 1', holds: isSetAtEL2(e, 'CPTR_EL2.TCPAC'), why: 'without it, the guest reads and writes the CPACR_EL1 that it runs under' },
    ...(e.nested ? [
      one('HCR_EL2.NV', 'without it, ERET returns by the real EL1\'s registers, and CurrentEL tells'),
      one('HCR_EL2.AT', 'without it, the guest translates by the tables that it runs under for its guests\''),
      one('HCR_EL2.NV1', 'without it, the guest reads and writes the VBAR_EL1, ELR_EL1 and SPSR_EL1 that it runs under'),
    ] : []),
  ]
}

const nestedIsa = (nested: boolean): Isa => {
  const s = declareNested(nested), e = s.el2
  const all = [...components(s).filter((c) => !/_EL\d/.test(c.name) || c.name.startsWith('SP_EL') || registersHere.test(c.name)), ...componentsOfEL2(e)]
    .filter((c) => c.name !== 'OS Lock')
    .map((c) => (isOwn(c.name) ? { ...c, role: 'general' as const } : c))
  const mapping = [e.TTBR0_EL2, e.VTTBR_EL2, s.system.TTBR0_EL1[0]!.register]
  return defineIsa({
    name: nested ? 'aarch64/nv' : 'aarch64/el2',
    title: `${nested ? 'ARMv8.3-A' : 'ARMv8.0-A'} in AArch64 state with EL2, ${nested ? 'with' : 'before'} nested virtualization`,
    source: 'ARM Architecture Reference Manual for ARMv8-A (DDI 0487)',
    wordWidth: 32,
    size: '2^48 bytes in doublewords, pages of 4 KB',
    components: all,
    counter: s.PC,
    relocation: relocation(s),
    causes, causeWidth,
    memoryCauses: ['data abort', 'SP alignment'],
    unmodelledCauses: unmodelled,
    processor: [s.waiting, s.event],
    trap: (cause) => enterEL2(s, e, cause),
    instructions: [
      ...[...dataProcessing(s), ...branches(s), ...loadsAndStores(s), ...synchronization(s)].filter((i) => ordinary.has(i.name)), ...exceptionGenerating(s),
      ...systemRegisters(s).filter((i) => sharedRegisters.has(i.name)), ...msrImmediate(s), ...registersOfEL2(s, e), ...registersOfEL1(s, e), ...instructionsOfEL2(s, e),
      ...hints(s), ...barriers(s),
    ],
    deprivilegings: [{
      name: 'EL2 to EL1',
      virtual: [[e.at, 1n], [s.EL, 1n], [s.SPSel, 1n]],
      real: [[e.at, 0n], [s.EL, 1n], [s.SPSel, 1n]],
      mapping,
      control: all.filter((c) => c.role === 'control' && !kept.has(c.name)),
      invariant: invariant(s, e),
      sameMapping: {
        name: 'TTBR0_EL2 = TTBR0_EL1 and VTTBR_EL2 together', why: 'EL2 has one stage of translation and EL1 two',
        holds: eq<number>(get(e.TTBR0_EL2), add<number>(get(mapping[2]!), get(e.VTTBR_EL2))),
      },
    }],
    leftOut: {
      ...leftOut,
      'EL2, EL3 and Secure state': 'EL2 is here without VHE; EL3 is not implemented',
      'where a trap goes': 'what is UNDEFINED at EL1 is taken to EL1, so it reaches the VMM at EL2 by vectors of EL1 that are the VMM\'s',
      'other registers, timers, performance monitors, debug, caches': 'as aarch64 and armv7/virtualization have them, with traps of EL2 (HCR_EL2, MDCR_EL2, CNTHCTL_EL2)',
      'routing of interrupts': 'those of the real machine go to EL2 whatever PSTATE masks (HCR_EL2.AMO, IMO, FMO), so the masks are the guest\'s own',
      'other computation, branches, loads and stores': 'as aarch64 has them',
      'other registers and bits of EL2': 'UNDEFINED at EL1 as those here',
      'PAR_EL1 but for the address': 'attributes and the reason of a failure are a content of each page, the same with and without stage 2, which does not fail',
    },
    assumptions: [
      { name: 'SCTLR_EL1.M = 1', holds: isSet(s, 'SCTLR_EL1.M'), why: 'translation is on' },
      { name: 'SCTLR_EL1.A = 1', holds: isSet(s, 'SCTLR_EL1.A'), why: 'a misaligned access aborts, at both levels' },
      { name: 'SCTLR_EL2.M = 1', holds: isSetAtEL2(e, 'SCTLR_EL2.M'), why: 'translation is on' },
      { name: 'SCTLR_EL2.A = 1', holds: isSetAtEL2(e, 'SCTLR_EL2.A'), why: 'a misaligned access aborts, at both levels' },
      { name: 'HCR_EL2.VM = 1', holds: isSetAtEL2(e, 'HCR_EL2.VM'), why: 'stage 2 translates what TTBR0_EL1 gives' },
      { name: 'HCR_EL2.DC = 0', holds: not(isSetAtEL2(e, 'HCR_EL2.DC')), why: 'otherwise EL1 has no translation of its own' },
      { name: 'HCR_EL2.TGE = 0', holds: not(isSetAtEL2(e, 'HCR_EL2.TGE')), why: 'otherwise there is no EL1' },
      { name: 'HCR_EL2.RW = 1', holds: isSetAtEL2(e, 'HCR_EL2.RW'), why: 'otherwise EL1 is in AArch32 state' },
    ],
    published: published(nested),
  })
}

/** To EL2 with all masks set; PSTATE to SPSR_EL2, the preferred return address to ELR_EL2. */
const enterEL2 = (s: State, e: EL2, cause: Term): Statement[] => {
  const is = (name: keyof typeof causes): Bool => eq(cause, constant<number>(causeWidth, causes[name]))
  const after = or(is('supervisor call'), is('hypervisor call')), PC = get(s.PC)
  const { N, Z, C, V } = s.flags, { D, A, I, F } = s.masks
  const level = concat<2>(get(e.at), extract<1>(ite<2>(get(e.at), constant(2, 0), concat<2>(constant(1, 0), get(s.EL))), 0, 0))
  const offset = ite<11>(get(e.at), ite<11>(get(s.SPSel), constant(11, 0x200), constant(11, 0)), constant(11, 0x400))
  return [
    set(e.SPSR_EL2, concat<32>(get(N), get(Z), get(C), get(V), constant(7, 0), get(s.IL), constant(10, 0), get(D), get(A), get(I), get(F), constant(2, 0), level, constant(1, 0), get(s.SPSel))),
    set(e.ELR_EL2, concat<64>(ite<62>(after, add(PC, constant(62, 1)), PC), constant(2, 0))),
    set(e.ESR_EL2, open('ESR_EL2', 32)),
    ...[D, A, I, F].map((mask) => set(mask, 1)),
    set(e.at, 1), set(s.EL, 1), set(s.SPSel, 1), set(s.IL, 0), set(s.SP, open('SP of EL2', 64)),
    set(s.PC, extract<62>(concat<64>(get(e.controls.VBAR_EL2[0]!.register), offset), 63, 2)),
  ]
}

/** A hypervisor at EL1 in place of EL2, before ARMv8.3. */
export const aarch64EL2 = (): Isa => nestedIsa(false)
/** The same with HCR_EL2.NV and NV1. */
export const aarch64NV = (): Isa => nestedIsa(true)
