// ARM in A32 state as an ISA, versions 5 to 7, and version 7 with what is UNPREDICTABLE in User mode made undefined.
import { set, type Statement } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { add, concat, constant, eq, extract, ite, not, True, type Bool, type Term } from '../../ir/term.ts'
import { defineIsa, type Conjunct, type Isa, type PublishedClaim } from '../../machine/isa.ts'
import { branches, dataProcessing } from './data-processing.ts'
import { exceptionGenerating, flagSettingToPC, operations, returnsAndSaves, userRegisters } from './exceptions.ts'
import { leftOut } from './left-out.ts'
import { loadsAndStores, multiple, preloads, synchronization } from './loads-and-stores.ts'
import { bankOf, components, controlState, declareState, Mode, relocation, type Options, type State } from './state.ts'
import { statusAccess } from './status-access.ts'
import { changeMode, CPSR } from './status.ts'
import { hints, systemRegisters } from './system.ts'

const causes = { undefined: 1, 'supervisor call': 2, 'prefetch abort': 3, 'data abort': 4 } as const
const causeWidth = 3

/** The 24 of Dall and Nieh, with MSR in its two encodings; version 5 has no CPS, RFE and SRS. */
export const dallAndNieh = (s: Pick<Options, 'version'>): readonly string[] => [
  'MRS', 'MSR (register)', 'MSR (immediate)', ...(s.version >= 6 ? ['CPS', 'RFE', 'SRS'] : []),
  'LDM (2)', 'LDM (3)', 'STM (2)', 'LDRT', 'LDRBT', 'STRT', 'STRBT', ...operations.map(([name]) => `${name}S PC`),
]

const published = (o: Options): readonly PublishedClaim[] => {
  if (o.unpredictable !== 'open') return []
  const kvm = 'Dall and Nieh, KVM for ARM, Ottawa Linux Symposium 2010'
  const formal = 'Penneman, Kudinskas, Rawsthorne, De Sutter and De Bosschere, Formal virtualization requirements for the ARM architecture, Journal of Systems Architecture 59(3), 2013'
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

export const arm = (options: Options): Isa => {
  const s = declareState(options)
  const repaired = options.unpredictable === 'undefined'
  return defineIsa({
    name: `armv${options.version}${repaired ? '/undefined' : ''}`,
    title: `ARM version ${options.version} in A32 state${repaired ? ', what is UNPREDICTABLE in User mode made undefined' : ''}`,
    source: options.version === 7 ? 'ARM Architecture Reference Manual, ARMv7-A and ARMv7-R edition (DDI 0406)' : 'ARM Architecture Reference Manual (DDI 0100)',
    wordWidth: 32,
    size: '2^30 words of 32 bits, pages of 4 KB',
    components: components(s),
    counter: s.PC,
    relocation: relocation(s),
    causes, causeWidth,
    memoryCauses: ['data abort'],
    processor: [s.waiting, ...(s.version >= 7 ? [s.event] : [])],
    trap: (cause) => trap(s, cause),
    instructions: [
      ...dataProcessing(s), ...flagSettingToPC(s), ...branches(s), ...loadsAndStores(s), ...multiple(s), ...userRegisters(s), ...synchronization(s),
      ...(s.version < 6 ? [] : preloads(s)), ...statusAccess(s), ...exceptionGenerating(s), ...returnsAndSaves(s), ...systemRegisters(s), ...hints(s),
    ],
    deprivilegings: [{
      name: 'Supervisor to User',
      virtual: [[s.M, BigInt(Mode.svc)]],
      real: [[s.M, BigInt(Mode.usr)]],
      mapping: [s.TTBR0],
      control: controlState(s),
      invariant: invariant(s),
    }],
    leftOut: leftOut(s),
    published: published(options),
  })
}

/** Enters the exception's mode with interrupts masked: CPSR to its SPSR, the next address to its R14, and to the vector. */
const trap = (s: State, cause: Term): Statement[] => {
  const is = (name: keyof typeof causes): Bool => eq(cause, constant<number>(causeWidth, causes[name]))
  const mode = ite<5>(is('undefined'), constant(5, Mode.und), ite<5>(is('supervisor call'), constant(5, Mode.svc), constant(5, Mode.abt)))
  const entered = changeMode(s, mode, True).filter((w) => w.kind !== 'set' || w.place.kind !== 'cell' || w.place.bank !== s.R)
  const banked = (which: 0 | 1): Term<32> => get(cell(s.banked, concat<5>(bankOf(mode), constant(1, which))))
  const link = concat<32>(add(get(s.PC), constant(30, 1)), constant(2, 0))
  const masked = s.status.filter((f) => f.register.name === 'I' || f.register.name === 'T')
  return [
    ...entered,
    set(cell(s.R, constant(4, 13)), banked(0), not(eq(bankOf(mode), bankOf(get(s.M))))),
    set(cell(s.R, constant(4, 14)), link),
    set(cell(s.SPSR, bankOf(mode)), CPSR(s)),
    ...masked.map((f) => set(f.register, f.register.name === 'I' ? 1 : 0)),
    set(s.PC, ite<30>(is('data abort'), constant(30, 4), concat<30>(constant(28, 0), extract(cause, 1, 0)))),
  ]
}

export const armv5 = (): Isa => arm({ version: 5, unpredictable: 'open' })
export const armv6 = (): Isa => arm({ version: 6, unpredictable: 'open' })
export const armv7 = (): Isa => arm({ version: 7, unpredictable: 'open' })
/** Version 7 on a processor that takes the Undefined exception wherever User mode makes an instruction UNPREDICTABLE. */
export const armv7Undefined = (): Isa => arm({ version: 7, unpredictable: 'undefined' })
