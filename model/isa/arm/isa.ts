// ARM in A32 state as an ISA, versions 5 to 7, and version 7 with what is UNPREDICTABLE in User mode made undefined.
import { set, type Statement } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { add, concat, constant, eq, extract, False, ite, not, True, ult, type Bool, type Term } from '../../ir/term.ts'
import { defineIsa, type Conjunct, type Deprivileging, type Isa, type PublishedClaim } from '../../machine/isa.ts'
import { branches, dataProcessing } from './data-processing.ts'
import { exceptionGenerating, flagSettingToPC, operations, returnsAndSaves, userRegisters } from './exceptions.ts'
import { leftOut } from './left-out.ts'
import { loadsAndStores, multiple, preloads, synchronization } from './loads-and-stores.ts'
import { bankOf, components, controlState, declareState, inUserOrSystem, Mode, relocation, type Options, type State } from './state.ts'
import { statusAccess } from './status-access.ts'
import { changeMode, CPSR } from './status.ts'
import { hints, systemRegisters } from './system.ts'
import type { Hyp, HypTrap } from './virtualization.ts'

const causes = { undefined: 1, 'supervisor call': 2, 'prefetch abort': 3, 'data abort': 4, UNPREDICTABLE: 7 } as const
const hypCauses = { 'Hyp trap': 5, 'hypervisor call': 6 } as const
const causeWidth = 3

/** The 24 of Dall and Nieh, with MSR in its two encodings; version 5 has no CPS, RFE and SRS. */
export const dallAndNieh = (s: Pick<Options, 'version'>): readonly string[] => [
  'MRS', 'MSR (register)', 'MSR (immediate)', ...(s.version >= 6 ? ['CPS', 'RFE', 'SRS'] : []),
  'LDM (2)', 'LDM (3)', 'STM (2)', 'LDRT', 'LDRBT', 'STRT', 'STRBT', ...operations.map(([name]) => `${name}S PC`),
]

const published = (o: Options): readonly PublishedClaim[] => {
  if (o.unpredictable !== 'open') return []
  const kvm = 'Dall and Nieh, KVM for ARM, Ottawa Linux Symposium 2010 (not checked against the paper)'
  const formal = 'Penneman, Kudinskas, Rawsthorne, De Sutter and De Bosschere, Formal virtualization requirements for the ARM architecture, Journal of Systems Architecture 59(3), 2013, pp. 144-154, abstract'
  if (o.virtualization) return [{ claim: 'the extensions make the architecture virtualizable', source: formal, about: { theorem: 'vmm', applies: true } }]
  return o.version === 7
    ? [{ claim: 'ARMv7-A is not classically virtualizable', source: formal, about: { theorem: 'vmm', applies: false } }]
    : [
      { claim: 'ARM is not virtualizable by trap and emulate', source: kvm, about: { theorem: 'vmm', applies: false } },
      {
        claim: `the sensitive instructions that are not privileged: ${o.version === 6 ? '24' : 'those of the 24 that version 5 has'}, counting MSR once`, source: kvm,
        about: { critical: dallAndNieh(o), exactly: true },
      },
    ]
}

const invariant = (s: State): readonly Conjunct[] => [
  ...(s.version < 7 ? [] : [
    { name: 'PMUSERENR.EN = 0', holds: not(get(s.system['PMUSERENR.EN']) as Bool), why: 'with it, User mode reads and writes the real performance counters' },
  ]),
  ...(s.version < 6 ? [] : [
    { name: 'DBGDSCR.UDCCdis = 1', holds: extract<1>(get(s.system.DBGDSCR), 12, 12), why: 'without it, User mode reads the real debug status' },
  ]),
]

/** Non-secure PL1 under Hyp mode in place of PL1 of the bare machine, which Secure state is. */
const underHyp = (s: State, hyp: Hyp): Deprivileging => {
  const supervisor = [s.M, BigInt(Mode.svc)] as const
  const one = (name: HypTrap, why: string): Conjunct => ({ name: `${name} = 1`, holds: get(hyp[name]), why })
  return {
    name: 'PL1 to Non-secure PL1',
    virtual: [supervisor, [hyp.NS, 0n]],
    real: [supervisor, [hyp.NS, 1n]],
    mapping: [hyp.VTTBR],
    control: controlState(s),
    invariant: [
      { name: 'VPIDR = MIDR', holds: eq(get(hyp.VPIDR), get(s.system.MIDR) as Term<32>), why: 'MIDR reads as VPIDR: it must be that of the virtual machine' },
      one('HCR.TWI', 'without it, a virtual machine stops the real processor'),
      one('HCR.TID1', 'without it, a virtual machine reads what implementation it runs on'),
      one('HCR.TID2', 'without it, a virtual machine reads the real caches\' type'),
      one('HCR.TID3', 'without it, a virtual machine reads the real processor\'s features'),
      one('HCR.TAC', 'without it, a virtual machine reads and writes the real ACTLR'),
      one('HDCR.TPM', 'without it, a virtual machine reads and writes the real performance monitors'),
      one('HDCR.TDA', 'without it, a virtual machine reads the real debug status'),
    ],
    sameMapping: { name: 'VTTBR = 0', holds: eq(get(hyp.VTTBR), constant(20, 0)), why: 'Secure state has one stage of translation' },
  }
}

/** Under these the virtual machine has translation tables and interrupt masks of its own, so that they are no resources. */
const given = (hyp: Hyp): readonly Conjunct[] => [
  { name: 'HCR.VM = 1', holds: get(hyp['HCR.VM']), why: 'stage 2 translates what TTBR0 gives' },
  ...(['AMO', 'IMO', 'FMO'] as const).map((n): Conjunct => ({ name: `HCR.${n} = 1`, holds: get(hyp[`HCR.${n}`]), why: 'the real machine\'s interrupts go to Hyp mode whatever CPSR masks' })),
]

export const arm = (options: Options): Isa => {
  const s = declareState(options)
  const repaired = options.unpredictable === 'undefined'
  const variant = s.hyp ? '/virtualization' : repaired ? '/undefined' : ''
  return defineIsa({
    name: `armv${options.version}${variant}`,
    title: `ARM version ${options.version} in A32 state${s.hyp ? ' with the Virtualization Extensions' : repaired ? ', what is UNPREDICTABLE in User mode made undefined' : ''}`,
    source: options.version === 7 ? 'ARM Architecture Reference Manual, ARMv7-A and ARMv7-R edition (DDI 0406)' : 'ARM Architecture Reference Manual (DDI 0100)',
    wordWidth: 32,
    size: '2^30 words of 32 bits, pages of 4 KB',
    components: components(s),
    counter: s.PC,
    relocation: relocation(s),
    causes: s.hyp ? { ...causes, ...hypCauses } : causes, causeWidth,
    memoryCauses: ['data abort'],
    unmodelledCauses: ['UNPREDICTABLE'],
    processor: [s.waiting, ...(s.version >= 7 ? [s.event] : [])],
    trap: (cause) => trap(s, cause),
    instructions: [
      ...dataProcessing(s), ...flagSettingToPC(s), ...branches(s), ...loadsAndStores(s), ...multiple(s), ...userRegisters(s), ...synchronization(s),
      ...(s.version < 6 ? [] : preloads(s)), ...statusAccess(s), ...exceptionGenerating(s), ...returnsAndSaves(s), ...systemRegisters(s), ...hints(s),
    ],
    deprivilegings: [s.hyp ? underHyp(s, s.hyp) : {
      name: 'Supervisor to User',
      virtual: [[s.M, BigInt(Mode.svc)]],
      real: [[s.M, BigInt(Mode.usr)]],
      mapping: [s.TTBR0],
      control: controlState(s),
      invariant: invariant(s),
    }],
    leftOut: leftOut(s),
    ...(s.hyp ? { assumptions: given(s.hyp) } : {}),
    published: published(options),
  })
}

/** Enters the exception's mode with interrupts masked: CPSR to its SPSR, the next address to its R14, and to the vector. */
const trap = (s: State, cause: Term): Statement[] => {
  const is = (name: keyof typeof causes): Bool => eq(cause, constant<number>(causeWidth, causes[name]))
  const toHyp: Bool = s.hyp ? ult(constant<number>(causeWidth, 4), cause) : False
  const mode = ite<5>(toHyp, constant(5, Mode.hyp), ite<5>(is('undefined'), constant(5, Mode.und), ite<5>(is('supervisor call'), constant(5, Mode.svc), constant(5, Mode.abt))))
  const entered = changeMode(s, mode, True).filter((w) => w.kind !== 'set' || w.place.kind !== 'cell' || w.place.bank !== s.R)
  const banked = (which: 0 | 1, of: Term<4> = bankOf(mode)): Term<32> => get(cell(s.banked, concat<5>(of, constant(1, which))))
  const here = concat<32>(get(s.PC), constant(2, 0)), link = concat<32>(add(get(s.PC), constant(30, 1)), constant(2, 0))
  const masked = s.status.filter((f) => f.register.name === 'I' || f.register.name === 'T')
  const vector = ite<30>(is('data abort'), constant(30, 4), concat<30>(constant(28, 0), extract(cause, 1, 0)))
  return [
    ...entered,
    set(cell(s.R, constant(4, 13)), banked(0), not(eq(bankOf(mode), bankOf(get(s.M))))),
    // Hyp mode has User mode's R14, and its return address in ELR_hyp.
    set(cell(s.R, constant(4, 14)), ite<32>(toHyp, ite<32>(inUserOrSystem(s), get(cell(s.R, constant(4, 14))), banked(1, constant(4, 0))), link)),
    set(cell(s.SPSR, bankOf(mode)), CPSR(s)),
    ...masked.map((f) => set(f.register, f.register.name === 'I' ? 1 : 0)),
    ...(s.hyp ? [
      set(s.hyp.ELR_hyp, ite<32>(eq(cause, constant<number>(causeWidth, hypCauses['hypervisor call'])), link, here), toHyp),
      set(s.PC, ite<30>(toHyp, add(extract<30>(get(s.hyp.HVBAR), 31, 2), constant(30, 5)), vector)),
    ] : [set(s.PC, vector)]),
  ]
}

export const armv5 = (): Isa => arm({ version: 5, unpredictable: 'open' })
export const armv6 = (): Isa => arm({ version: 6, unpredictable: 'open' })
export const armv7 = (): Isa => arm({ version: 7, unpredictable: 'open' })
/** Version 7 on a processor that takes the Undefined exception wherever User mode makes an instruction UNPREDICTABLE. */
export const armv7Undefined = (): Isa => arm({ version: 7, unpredictable: 'undefined' })
/** Version 7 with its guests' privileged modes kept as they are, in Non-secure state under Hyp mode. */
export const armv7Virtualization = (): Isa => arm({ version: 7, unpredictable: 'open', virtualization: true })
