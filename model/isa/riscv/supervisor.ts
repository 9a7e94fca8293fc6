// Supervisor level: its CSRs, SRET and SFENCE.VMA, and stimecmp of Sstc.
import { set, type Instruction } from '../../ir/instruction.ts'
import { field } from '../../ir/state.ts'
import { and, any, concat, constant, eq, extract, ite, ne, not, or, True, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import { fenceTranslations } from './caches.ts'
import { csr, havingBits, optionalPart, part, readOnly, wide, type Csr, type Part } from './csr.ts'
import { fenceOfIO, invalidateField, supervisorExternalPending, supervisorStatus, supervisorTimerPending, there } from './machine.ts'
import { visibleWith } from './misa.ts'
import { define, formats, illegal } from './notation.ts'
import { rootBits } from './parameters.ts'
import { fenceProtection } from './pmp.ts'
import { belowM, fieldOf, flag, has, inMode, value, walks, type State } from './state.ts'
import { platformEnables, platformPending, seenBySupervisor } from './platform-interrupts.ts'
import { causeRegister, exceptionCounter, returnAddress, trapVector, valueRegister } from './trap-registers.ts'
import { delegates, endReservation, evaluateInterrupts } from './traps.ts'
import { schemesOf, translates } from './walk.ts'
import { pcIn } from './widths.ts'
import { OP } from './rv-i.ts'
import { supervisorEnable } from './zicfiss.ts'

/** TVM keeps S-mode from address translation. */
const keptByTVM = (s: State): Bool => and(inMode(s, 'S'), flag(s, 'mstatus.TVM'))

/** The bits of sie and sip of interrupts for M-mode that can be delegated. */
const delegableToS = (s: State, bit: (name: 'MSI' | 'MTI' | 'MEI', low: number, visible: Bool) => Part): Part[] =>
  ([['MSI', 3], ['MTI', 7], ['MEI', 11]] as const).filter(([name]) => s.fields[`mideleg.${name}`]).map(([name, low]) => bit(name, low, delegates(s, name)))

export const supervisorCsrs = (s: State): Csr[] => [
  csr(s, 'sstatus', 0x100, supervisorStatus(s)),
  csr(s, 'sie', 0x104, [...there(s, [
    part(s, 'mie.SSIE', 1, { visible: delegates(s, 'SSI') }), part(s, 'mie.STIE', 5, { visible: delegates(s, 'STI') }), part(s, 'mie.SEIE', 9, { visible: delegates(s, 'SEI') }),
    ...delegableToS(s, (name, low, visible) => part(s, `mie.${name}E`, low, { visible })),
  ]), ...seenBySupervisor(s, platformEnables(s))]),
  csr(s, 'sip', 0x144, [...there(s, [
    part(s, 'mip.SSIP', 1, { visible: delegates(s, 'SSI') }), readOnly(5, and(supervisorTimerPending(s), delegates(s, 'STI'))), readOnly(9, and(supervisorExternalPending(s), delegates(s, 'SEI'))),
    ...delegableToS(s, (name, low, visible) => readOnly(low, and(flag(s, `mip.${name}P`), visible))),
  ]), ...seenBySupervisor(s, platformPending(s))]),
  trapVector(s, 'stvec', 0x105),
  csr(s, 'scounteren', 0x106, [part(s, 'scounteren', 0, havingBits(32, s.supervisorCounterEnables))]),
  csr(s, 'senvcfg', 0x10a, [
    ...fenceOfIO(s, 'senvcfg.FIOM'), ...visibleWith(s, 'A', supervisorEnable(s)), ...(has(s, 'Zicbom') ? [invalidateField(s, 'senvcfg.CBIE')] : []),
    ...optionalPart(s, 'senvcfg.CBCFE', 6), ...optionalPart(s, 'senvcfg.CBZE', 7),
  ]),
  csr(s, 'sscratch', 0x140, [part(s, 'sscratch', 0)]), exceptionCounter(s, 'sepc', 0x141),
  causeRegister(s, 'scause', 0x142), valueRegister(s, 'stval', 0x143),
  withBareFields(s, satp(s)),
  ...(has(s, 'Sstc') ? timerCompare(s) : []),
]

/** What becomes of fields that are not 0 where Bare is written. */
const withBareFields = (s: State, satp: Csr): Csr => {
  if (s.bareFields === 'as written') return satp
  const fields = s.xlen === 32 ? 31 : 60, none = constant<number>(s.xlen - fields, 0)
  const unspecified = (v: Term): Bool => and(eq<number>(extract(v, s.xlen - 1, fields), none), ne<number>(extract(v, fields - 1, 0), constant<number>(fields, 0)))
  if (s.bareFields === 'write ignored') return { ...satp, write: (v, n) => satp.write!(v, n).map((w) => ({ ...w, when: and(w.when, not(unspecified(v))) })) }
  const kept = s.bareFields === '0' ? constant<number>(fields, 0) : extract(satp.read(constant(12, satp.first)), fields - 1, 0)
  return { ...satp, write: (v, n) => satp.write!(ite<number>(unspecified(v), concat<number>(none, kept), v), n) }
}

/** A write with a MODE that is neither Bare nor the hart's own is ignored. */
const satp = (s: State): Csr => {
  const illegal = () => keptByTVM(s)
  const ppn = part(s, 'satp.PPN', 0, havingBits(value(s, 'satp.PPN').width, (1n << BigInt(rootBits(s))) - 1n))
  const asid = (low: number, width: number): Part => part(s, 'satp.ASID', low, havingBits(width, (1n << BigInt(s.asidBits)) - 1n))
  if (s.xlen === 32) {
    return csr(s, 'satp', 0x180, [part(s, 'satp.MODE', 31), asid(22, 9), ppn],
      { illegal, ...(translates(s) ? s.bare === 'there' ? {} : { supported: (v: Term) => extract<1>(v, 31, 31) } : { supported: (v: Term) => not(extract<1>(v, 31, 31)) }) })
  }
  if (walks(s)) {
    return csr(s, 'satp', 0x180, [part(s, 'satp.MODE', 60), asid(44, 16), ppn],
      { illegal, supported: (v) => any([...(s.bare === 'there' ? [0] : []), ...schemesOf(s).map(({ mode }) => mode)].map((mode) => eq(extract<4>(v, 63, 60), constant(4, mode)))) })
  }
  return csr(s, 'satp', 0x180, [part(s, 'satp.MODE', 63), asid(44, 16), ppn],
    { illegal, supported: (v) => eq(extract<3>(v, 62, 60), constant(3, 0)) })
}

/** Sstc: S-mode needs STCE and TM; U-mode never has it. */
const timerCompare = (s: State): Csr[] => {
  const TM = extract<1>(value(s, 'mcounteren'), 1, 1)
  const illegal = () => and(belowM(s), not(and(flag(s, 'menvcfg.STCE'), TM)))
  const stimecmp = fieldOf(s, 'stimecmp')
  return wide(s, 'stimecmp', 0x14d, 0x15d, (half) =>
    [{ low: 0, place: half === 'all' ? stimecmp : half === 'low' ? field(stimecmp, 31, 0) : field(stimecmp, 63, 32) }], { illegal })
}

export const supervisorInstructions = (s: State): Instruction[] => {
  const instruction = define(s, 'privileged', 'Supervisor-Level ISA: Supervisor Instructions')
  const previous = zeroExtend<2>(flag(s, 'mstatus.SPP'), 2)
  return [
    instruction('SRET', formats.R, { funct7: 8, rs2: 2, rs1: 0, funct3: 0, rd: 0, opcode: OP.system }, () => [
      illegal(or(inMode(s, 'U'), and(inMode(s, 'S'), flag(s, 'mstatus.TSR')))),
      set(s.pc, pcIn(s, previous, returnAddress(s, 'sepc'))), set(s.priv, previous),
      set(fieldOf(s, 'mstatus.SIE'), flag(s, 'mstatus.SPIE')), set(fieldOf(s, 'mstatus.SPIE'), 1), set(fieldOf(s, 'mstatus.SPP'), 0), set(fieldOf(s, 'mstatus.MPRV'), 0), ...endReservation(s, 'returns'), ...evaluateInterrupts(s),
    ]),
    instruction('SFENCE.VMA', formats.R, { funct7: 9, funct3: 0, rd: 0, opcode: OP.system }, (o) => [
      illegal(s.sfenceWithBareOnly === 'done' ? or(inMode(s, 'U'), keptByTVM(s)) : True), ...fenceTranslations(s, o['rs1']!, o['rs2']!), ...fenceProtection(s, o['rs1']!, o['rs2']!),
    ], s.translationCache.length > 0 ? 'rs1 that is no valid address maps nothing' : 'orders uses of the page tables, which are always in force here'),
  ]
}
