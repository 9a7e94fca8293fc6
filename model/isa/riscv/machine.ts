// Machine level: its CSRs, MRET and WFI.
import { open, set, type Instruction } from '../../ir/instruction.ts'
import { all, and, any, constant, eq, False, ite, ne, not, or, True, type Bool, type Term } from '../../ir/term.ts'
import { csr, havingBits, optionalPart, part, readOnly, wide, type Csr, type Part } from './csr.ts'
import { isOn, misa, visibleWith } from './misa.ts'
import { define, formats, illegal } from './notation.ts'
import { platformDelegations, platformEnables, platformInterruptPending, platformPending } from './platform-interrupts.ts'
import { protection } from './pmp-registers.ts'
import { belowM, bigEndian, fieldOf, flag, has, inMode, invalidateEnables, is, Privilege, Status, value, walks, type State } from './state.ts'
import { causeRegister, exceptionCounter, returnAddress, trapVector, valueRegister } from './trap-registers.ts'
import { alwaysDelegated, endReservation, evaluateInterrupts } from './traps.ts'
import { timerCompared } from './timer-comparison.ts'
import { changingWidths } from './supervisor-width.ts'
import { translates } from './walk.ts'
import { pcIn, supervisorWidth, userWidth } from './widths.ts'
import { OP } from './rv-i.ts'

const dirty = (s: State, name: 'mstatus.FS' | 'mstatus.VS'): Bool => (s.fields[name] ? is(s, name, Status.Dirty) : constant(1, 0))
/** SD: some state is dirty. */
export const stateDirty = (s: State): Part => {
  const FS = dirty(s, 'mstatus.FS')
  return readOnly(s.xlen - 1, or(s.fsWithoutF === 'writable' ? FS : and(FS, isOn(s, 'F')), dirty(s, 'mstatus.VS')))
}

/** Where dirtiness is not tracked, Initial and Clean are written as Dirty. */
const contextStatus = (s: State, name: 'mstatus.FS' | 'mstatus.VS', low: number, tracked: boolean): Part => part(s, name, low, tracked ? {} : {
  becomes: (v) => ite<number>(eq<number>(v, constant<number>(2, Status.Off)), v, constant<number>(2, Status.Dirty)),
})
const floatingPointStatus = (s: State): Part[] => {
  const FS = contextStatus(s, 'mstatus.FS', 13, s.dirtiness === 'tracked')
  return s.fsWithoutF === 'writable' ? [FS] : visibleWith(s, 'F', [FS])
}
const vectorStatus = (s: State): Part[] => (s.vectorStatus === 'read-only 0' ? [] : [contextStatus(s, 'mstatus.VS', 9, s.vectorStatus === 'writable')])

/** A byte order: a field, or what it is a copy of. */
const byteOrder = (s: State, bit: 'MBE' | 'SBE' | 'UBE', low: number): Part[] => (s[bit] === 'writable' ? [part(s, `mstatus.${bit}`, low)] : s[bit] === 'read-only 0' ? [] : [readOnly(low, bigEndian(s, bit))])

/** The bits that sstatus shows of mstatus. */
export const supervisorStatus = (s: State): Part[] => [
  part(s, 'mstatus.SIE', 1), part(s, 'mstatus.SPIE', 5), ...byteOrder(s, 'UBE', 6), part(s, 'mstatus.SPP', 8), ...vectorStatus(s), ...floatingPointStatus(s),
  ...(translates(s) ? [part(s, 'mstatus.SUM', 18)] : []), ...(s.mxrWithBareOnly === 'writable' ? [part(s, 'mstatus.MXR', 19)] : []), ...(s.xlen === 64 ? [userWidth(s)] : []), stateDirty(s),
]

const noMode = (v: Term): Bool => eq<number>(v, constant<number>(2, 2))
const machineStatus = (s: State): Csr[] => {
  const high = s.xlen === 64 ? 32 : 0, chosen = s.reservedPrivilege
  const endianness = [...byteOrder(s, 'SBE', high + 4), ...byteOrder(s, 'MBE', high + 5)]
  const parts = [
    ...supervisorStatus(s), part(s, 'mstatus.MIE', 3), part(s, 'mstatus.MPIE', 7),
    part(s, 'mstatus.MPP', 11, chosen === 'kept' ? { unsupported: noMode } : { becomes: (v) => ite<number>(noMode(v), constant<number>(2, Privilege[chosen]), v) }),
    part(s, 'mstatus.MPRV', 17), ...optionalPart(s, 'mstatus.TVM', 20), ...optionalPart(s, 'mstatus.TW', 21), ...optionalPart(s, 'mstatus.TSR', 22),
  ]
  return s.xlen === 64
    ? [changingWidths(s, csr(s, 'mstatus', 0x300, [...parts, supervisorWidth(s), ...endianness]))]
    : [csr(s, 'mstatus', 0x300, parts), csr(s, 'mstatush', 0x310, endianness)]
}

const whole = (s: State, name: 'mscratch' | 'mvendorid' | 'marchid' | 'mimpid' | 'mhartid' | 'mconfigptr', number: number): Csr =>
  number >= 0xc00 ? csr(s, name, number, [readOnly(0, value(s, name))]) : csr(s, name, number, [part(s, name, 0)])

/** The bits of menvcfg, the high half on RV32 apart. */
const environment = (s: State, half: 'all' | 'low' | 'high'): Part[] => {
  const low = [
    ...fenceOfIO(s, 'menvcfg.FIOM'), ...visibleWith(s, 'A', optionalPart(s, 'menvcfg.SSE', 3)), ...(has(s, 'Zicbom') ? [invalidateField(s, 'menvcfg.CBIE')] : []),
    ...optionalPart(s, 'menvcfg.CBCFE', 6), ...optionalPart(s, 'menvcfg.CBZE', 7),
  ]
  const high = (base: number): Part[] => [...optionalPart(s, 'menvcfg.ADUE', base + 29), ...optionalPart(s, 'menvcfg.STCE', base + 31)]
  return half === 'all' ? [...low, ...high(32)] : half === 'low' ? low : high(0)
}
/** FIOM, where it can be set. */
export const fenceOfIO = (s: State, name: 'menvcfg.FIOM' | 'senvcfg.FIOM'): Part[] => (s.fiom === 'writable' ? [part(s, name, 0)] : [])
/** CBIE, which is not written with other values than those that there are, of which 10 is reserved, or becomes 00 by them. */
export const invalidateField = (s: State, name: 'menvcfg.CBIE' | 'senvcfg.CBIE'): Part => {
  const there = (v: Term): Bool => any(invalidateEnables(s, name).map((n) => eq<number>(v, constant<number>(2, n))))
  return part(s, name, 4, s.otherCBIE === 'kept' ? { unsupported: (v) => not(there(v)) } : { becomes: (v) => ite<number>(there(v), v, constant<number>(2, 0)) })
}

const counterInhibit = (s: State): Csr[] => {
  if (s.counterInhibit === 'absent') return []
  const bits = s.counterInhibit
  return [csr(s, 'mcountinhibit', 0x320, ([['mcountinhibit.CY', 0, 1], ['mcountinhibit[31:2]', 2, 30]] as const).map(([name, low, width]) => part(s, name, low, havingBits(width, bits >> BigInt(low)))))]
}

/** Whether there is a standard interrupt of this code. */
export const isThere = (s: State, code: number): boolean => (s.interrupts >> BigInt(code) & 1n) === 1n
/** The bits of those interrupts that there are. */
export const there = (s: State, parts: readonly Part[]): Part[] => parts.filter(({ low }) => isThere(s, low))

export const machineCsrs = (s: State): Csr[] => [
  ...machineStatus(s),
  misa(s),
  csr(s, 'medeleg', 0x302, [...([['medeleg[9:0]', 0, 10], ['medeleg[13:12]', 12, 2], ['medeleg[15]', 15, 1]] as const).map(([name, low, width]) =>
    part(s, name, low, havingBits(width, s.delegableExceptions >> BigInt(low)))), ...optionalPart(s, 'medeleg[18]', 18).map((p) => ({ ...p, ...havingBits(1, s.delegableExceptions >> 18n) }))]),
  ...(s.xlen === 32 && s.medelegh !== 'absent' ? [csr(s, 'medelegh', 0x312, [])] : []),
  csr(s, 'mideleg', 0x303, [...([['mideleg.SSI', 1], ['mideleg.STI', 5], ['mideleg.SEI', 9]] as const).map(([name, low]) =>
    (alwaysDelegated(s, low) ? readOnly(low, True) : part(s, name, low, havingBits(1, s.delegableInterrupts >> BigInt(low))))),
    ...optionalPart(s, 'mideleg.MSI', 3), ...optionalPart(s, 'mideleg.MTI', 7), ...optionalPart(s, 'mideleg.MEI', 11), ...platformDelegations(s)]),
  csr(s, 'mie', 0x304, [
    ...there(s, [part(s, 'mie.SSIE', 1), part(s, 'mie.MSIE', 3), part(s, 'mie.STIE', 5), part(s, 'mie.MTIE', 7), part(s, 'mie.SEIE', 9), part(s, 'mie.MEIE', 11)]), ...platformEnables(s),
  ]),
  csr(s, 'mip', 0x344, [...there(s, [
    part(s, 'mip.SSIP', 1), readOnly(3, flag(s, 'mip.MSIP')), ...timerPending(s), readOnly(7, flag(s, 'mip.MTIP')), externalPending(s), readOnly(11, flag(s, 'mip.MEIP')),
  ]), ...platformPending(s)]),
  trapVector(s, 'mtvec', 0x305),
  csr(s, 'mcounteren', 0x306, [part(s, 'mcounteren', 0, havingBits(32, s.counterEnables))]),
  ...counterInhibit(s),
  whole(s, 'mscratch', 0x340), exceptionCounter(s, 'mepc', 0x341), causeRegister(s, 'mcause', 0x342), valueRegister(s, 'mtval', 0x343),
  ...wide(s, 'menvcfg', 0x30a, 0x31a, (half) => environment(s, half)).map((c) => leavingCompare(s, c)),
  ...(has(s, 'Zkr') || s.mseccfg === 'always' ? wide(s, 'mseccfg', 0x747, 0x757, (half) => (half === 'high' ? [] : [...optionalPart(s, 'mseccfg.USEED', 8), ...optionalPart(s, 'mseccfg.SSEED', 9)])) : []),
  whole(s, 'mvendorid', 0xf11), whole(s, 'marchid', 0xf12), whole(s, 'mimpid', 0xf13), whole(s, 'mhartid', 0xf14), whole(s, 'mconfigptr', 0xf15),
  ...(s.triggerRegisters === 'absent' ? [] : ['tselect', 'tdata1', 'tdata2', 'tdata3'].map((name, n) => csr(s, name, 0x7a0 + n, []))),
  ...protection(s),
]

/** STIP; with Sstc and STCE it is read-only, the comparison of time with stimecmp. */
export const supervisorTimerPending = (s: State): Bool =>
  (has(s, 'Sstc') ? ite(flag(s, 'menvcfg.STCE'), timerCompared(s), flag(s, 'mip.STIP')) : flag(s, 'mip.STIP'))
/** SEIP is the bit that M-mode writes or the line of the interrupt controller; a write goes from the bit alone. */
export const supervisorExternalPending = (s: State): Bool => (walks(s) ? or(flag(s, 'mip.SEIP'), flag(s, 'SEIP line')) : flag(s, 'mip.SEIP'))
const externalPending = (s: State): Part =>
  (walks(s) ? { ...part(s, 'mip.SEIP', 9), value: supervisorExternalPending(s), held: flag(s, 'mip.SEIP') } : part(s, 'mip.SEIP', 9))
/** STIP can be written, in mip only, while Sstc does not make it the comparison. */
const timerPending = (s: State): Part[] => [
  { ...part(s, 'mip.STIP', 5, has(s, 'Sstc') ? { unsupported: () => flag(s, 'menvcfg.STCE') } : {}), value: supervisorTimerPending(s) },
]

/** STIP after a write that clears STCE. */
const leavingCompare = (s: State, c: Csr): Csr => {
  if (!has(s, 'Sstc') || s.stipAfterStce === 'as written before') return c
  const STIP = s.stipAfterStce === '0' ? constant(1, 0) : supervisorTimerPending(s)
  return {
    ...c, write: (v, n) => {
      const writes = c.write!(v, n), STCE = writes.find(({ place }) => place === fieldOf(s, 'menvcfg.STCE'))
      return STCE === undefined ? writes : [...writes, { place: fieldOf(s, 'mip.STIP'), value: STIP, when: all([STCE.when, flag(s, 'menvcfg.STCE'), not(STCE.value as Bool)]) }]
    },
  }
}

/** Names the choice of the implementation that lets WFI or WRS.NTO complete where a time limit applies. */
export const completesInTime = open('completes within the time limit', 1)
/** Whether it does: open for claims, a choice of the hart that runs. */
export const completes = (s: State, which: 'limitedWait' | 'userWait' | 'limitedReservationWait'): Bool =>
  (walks(s) ? { traps: () => False, completes: () => True, 'completes where an interrupt is pending': () => interruptPending(s) }[s[which]]() : completesInTime)
/** A hart that runs may never stall. */
export const mayStall = (s: State, which: 'wait' | 'reservationWait'): Bool => constant(1, walks(s) && s[which] === 'completes' ? 0 : 1)
/** An interrupt is pending and locally enabled. */
export const interruptPending = (s: State): Bool => any([
  ...([
    [1, flag(s, 'mip.SSIP'), flag(s, 'mie.SSIE')], [3, flag(s, 'mip.MSIP'), flag(s, 'mie.MSIE')], [5, supervisorTimerPending(s), flag(s, 'mie.STIE')],
    [7, flag(s, 'mip.MTIP'), flag(s, 'mie.MTIE')], [9, supervisorExternalPending(s), flag(s, 'mie.SEIE')], [11, flag(s, 'mip.MEIP'), flag(s, 'mie.MEIE')],
  ] as const).filter(([code]) => isThere(s, code)).map(([, pending, enabled]) => and(pending, enabled)), platformInterruptPending(s),
])

export const machineInstructions = (s: State): Instruction[] => {
  const instruction = define(s, 'privileged', 'Machine-Level ISA: Machine-Mode Privileged Instructions')
  const format = formats.R, system = { rs1: 0, funct3: 0, rd: 0, opcode: OP.system }
  const MPP = value(s, 'mstatus.MPP') as Term<2>
  return [
    instruction('MRET', format, { funct7: 0x18, rs2: 2, ...system }, () => [
      illegal(belowM(s)), set(s.pc, pcIn(s, MPP, returnAddress(s, 'mepc'))),
      set(s.priv, MPP), set(fieldOf(s, 'mstatus.MIE'), flag(s, 'mstatus.MPIE')), set(fieldOf(s, 'mstatus.MPIE'), 1), set(fieldOf(s, 'mstatus.MPP'), Privilege.U),
      set(fieldOf(s, 'mstatus.MPRV'), 0, ne(MPP, constant(2, Privilege.M))), ...endReservation(s, 'returns'), ...evaluateInterrupts(s),
    ]),
    instruction('WFI', format, { funct7: 8, rs2: 5, ...system }, () => {
      const TW = flag(s, 'mstatus.TW'), limited = or(inMode(s, 'U'), and(inMode(s, 'S'), TW)), inU = completes(s, 'userWait'), withTW = completes(s, 'limitedWait')
      const late = inU === withTW ? and(limited, not(inU)) : or(and(inMode(s, 'U'), not(inU)), all([belowM(s), TW, not(withTW)]))
      return [illegal(late), set(s.waiting, 1, all([mayStall(s, 'wait'), not(limited), not(interruptPending(s))])), ...evaluateInterrupts(s)]
    }, 'under a time limit the implementation chooses between completing and trapping'),
  ]
}
