// Of the choices about control and status registers: what is looked at, and what that is for each of them.
import type { Choices, Look } from './choices-access.fixture.ts'
import { reads, stepped, written } from './choices-looks.fixture.ts'
import { addressCauses, type Parameters } from './parameters.ts'
import { base, machineOf, said } from './running.fixture.ts'

const all = (1n << 64n) - 1n
/** lh a0, 0(a1); sh a0, 0(a1); csrr a0, satp; sfence.vma; wfi; sret; wrs.nto; nop */
const [lh, sh, satp, sfence, wfi, sret, nto, nop] = [0x00059503, 0x00a59023, 0x18002573, 0x12000073, 0x10500073, 0x10200073, 0x00d00073, 0x13]
const S = { priv: 1n }
const zicfiss = { extensions: ['Zicfiss'] } as const, sstc = { extensions: ['Sstc'] } as const, noValues = { addressValues: [], illegalValue: 'zero', breakpointValue: 'zero' } as const
/** S-mode's loads and stores, with tables of zeros. */
const untranslated = { 'mstatus.MPRV': 1n, 'mstatus.MPP': 1n, 'satp.MODE': 8n, 'satp.PPN': base >> 12n }

/** What S-mode does with these bits set by M-mode, by a write and MRET. */
const intercepted = (word: number) => (choices: Choices): unknown => {
  // csrw mstatus, a0; mret
  const m = machineOf({ words: [0x30051073, 0x30200073, word], x: { 10: 0x0070_0800n }, registers: { 'mepc[xlen-1:1]': (base + 0x8008n) >> 1n }, choices })
  m.run(2)
  const step = m.step()
  return step.kind === 'completed' ? step.instruction.name : step.kind
}

/** What LH in a mode reads of bytes 0x12 and 0x34 once M-mode has written MBE and SBE, and UBE. */
const loaded = (mode: 'M' | 'S' | 'U', bits: bigint) => (choices: Choices): unknown => {
  const MPP = { M: 3n, S: 1n, U: 0n }[mode]
  const m = machineOf({
    words: [0x30051073, 0x30200073, lh], x: { 10: bits | (MPP << 11n), 11: base }, registers: { 'mepc[xlen-1:1]': (base + 0x8008n) >> 1n }, memory: [[base, 0x3412n]], choices,
  })
  m.run(3)
  return m.bank('x').get(10n)
}
const Zawrs = { extensions: ['Zawrs'] } as const, refusedWait = 'illegal instruction, 10500073'
const allDelegable = { delegableInterrupts: 0xaaan } as const, interrupt = 1n << 63n
/** Whether the hart stands still after the first instruction. */
const halts = (words: readonly number[], registers: Readonly<Record<string, bigint>> = {}) => (choices: Choices): boolean => machineOf({ words, registers, choices }).run(2) === 1

const UBE = 1n << 6n, SBE = 1n << 36n, MBE = 1n << 37n, XL = 0xa_0000_0000n
const little = 0x3412n, big = 0x1234n
const three = { MBE: 'writable', SBE: 'writable', UBE: 'writable' } as const, copies = { MBE: 'writable', SBE: 'copy of MBE', UBE: 'copy of SBE' } as const

export const registerCases = {
  MBE: [
    [written(0x300, MBE), [{}, XL], [{ MBE: 'writable' }, XL | MBE], [{ MBE: 'read-only 1' }, XL | MBE]],
    [written(0x300, 0n), [{ MBE: 'writable' }, XL], [{ MBE: 'read-only 1' }, XL | MBE]],
    [loaded('M', MBE), [{}, little], [{ MBE: 'writable' }, big], [{ MBE: 'read-only 1' }, big], [{ SBE: 'read-only 1', UBE: 'read-only 1' }, little]],
    [loaded('M', 0n), [three, little], [{ MBE: 'read-only 1' }, big]],
    [(choices) => { const m = machineOf({ words: [sh], x: { 10: 0x1234n, 11: base }, choices }); m.run(1); return m.bank('memory').number(base, 16) }, [{}, big], [{ MBE: 'read-only 1' }, little]],
  ],
  SBE: [
    [written(0x300, SBE), [{}, XL], [{ SBE: 'writable' }, XL | SBE], [{ SBE: 'read-only 1' }, XL | SBE], [{ SBE: 'copy of MBE' }, XL], [copies, XL]],
    [written(0x300, MBE), [three, XL | MBE], [copies, XL | MBE | SBE | UBE], [{ MBE: 'read-only 1', SBE: 'copy of MBE' }, XL | MBE | SBE]],
    [loaded('S', SBE), [{}, little], [three, big], [copies, little], [{ SBE: 'read-only 1' }, big]],
    [loaded('S', MBE), [three, little], [copies, big]],
  ],
  UBE: [
    [written(0x100, UBE), [{}, XL & ~(8n << 32n)], [three, (2n << 32n) | UBE], [copies, 2n << 32n], [{ UBE: 'read-only 1' }, (2n << 32n) | UBE]],
    [written(0x300, MBE | SBE), [{ ...three, UBE: 'copy of SBE' }, XL | MBE | SBE | UBE], [{ ...three, UBE: 'copy of MBE' }, XL | MBE | SBE | UBE]],
    [written(0x300, SBE), [{ ...three, UBE: 'copy of SBE' }, XL | SBE | UBE], [{ ...three, UBE: 'copy of MBE' }, XL | SBE]],
    [loaded('U', UBE), [{}, little], [three, big], [copies, little], [{ UBE: 'read-only 1' }, big]],
    [loaded('U', SBE), [three, little], [{ ...three, UBE: 'copy of SBE' }, big], [{ ...three, UBE: 'copy of MBE' }, little]],
  ],
  virtualizationBits: [
    [written(0x300, 0x70_0000n), [{}, XL | 0x70_0000n], [{ virtualizationBits: ['TW'] }, XL | 0x20_0000n], [{ virtualizationBits: [] }, XL]],
    ...([[satp, 'CSRRS supervisor'], [sfence, 'SFENCE.VMA'], [wfi, 'WFI'], [sret, 'SRET']] as const).map(([word, name]): Look => [intercepted(word), [{}, 'trapped'], [{ virtualizationBits: [] }, name]]),
    [intercepted(sret), [{ virtualizationBits: ['TVM', 'TW'] }, 'SRET'], [{ virtualizationBits: ['TSR'] }, 'trapped']],
    [stepped({ words: [sret], registers: S }), [{}, 'SRET'], [{ virtualizationBits: [] }, 'SRET']],
  ],
  addressValues: ([
    ['load access fault', { words: [lh], x: { 11: 0x1001n } }, '1001'], ['load address misaligned', { words: [lh], x: { 11: base + 1n } }, '80000001', { misaligned: 'trapped' }],
    ['store/AMO access fault', { words: [sh], x: { 11: 0x1001n } }, '1001'], ['store/AMO address misaligned', { words: [sh], x: { 11: base + 1n } }, '80000001', { misaligned: 'trapped' }],
    ['load page fault', { words: [lh], x: { 11: 0x2000n }, registers: untranslated }, '2000'], ['store/AMO page fault', { words: [sh], x: { 11: 0x2000n }, registers: untranslated }, '2000'],
    ['instruction access fault', { registers: { pc: 0x1000n } }, '1000'], ['instruction page fault', { registers: { ...untranslated, ...S, pc: 0x1000n } }, '1000'],
  ] as const).map(([cause, given, address, more = {}]): Look => [stepped(given), [more, `${cause}, ${address}`], [{ ...more, addressValues: [] }, cause], [{ ...more, addressValues: [cause] }, `${cause}, ${address}`], [{ ...more, addressValues: addressCauses.filter((other) => other !== cause) }, cause]]),
  performanceCounters: [
    [written(0xb03, 5n), [{}, 5n], [{ performanceCounters: 0n }, 0n], [{ performanceCounters: 8n }, 5n], [{ performanceCounters: 0xfff0n }, 0n]],
    [written(0x33f, 5n), [{}, 5n], [{ performanceCounters: 0x8000_0000n }, 5n], [{ performanceCounters: 8n }, 0n]],
    [reads(0xc03, [[0xb03, 5n]]), [{}, 5n], [{ performanceCounters: 8n }, 5n], [{ performanceCounters: 16n }, 0n]],
  ],
  performanceCounterBits: [[written(0xb04, all), [{}, all], [{ performanceCounterBits: 40 }, (1n << 40n) - 1n], [{ performanceCounterBits: 0 }, 0n]]],
  eventBits: [[written(0x323, all), [{}, all], [{ eventBits: 0x8000_0000_0000_00ffn }, 0x8000_0000_0000_00ffn]], [written(0xb03, all), [{ eventBits: 0n }, all]]],
  absentCounters: [
    [reads(0xc04, []), [{}, 0n], [{ absentCounters: 'traps' }, 0n], [{ performanceCounters: 8n }, 0n], [{ performanceCounters: 8n, absentCounters: 'traps' }, 'illegal instruction, c0402573'], [{ performanceCounters: 0n, absentCounters: 'traps' }, 'illegal instruction, c0402573']],
    [reads(0xb04, []), [{ performanceCounters: 8n, absentCounters: 'traps' }, 0n]],
  ],
  counterInhibit: [[written(0x320, all), [{}, 0xffff_fffdn], [{ counterInhibit: 5n }, 5n], [{ counterInhibit: 0n }, 0n], [{ counterInhibit: 'absent' }, 'illegal instruction, 32051073']]],
  causeBits: [[written(0x342, all), [{}, all], [{ causeBits: 6 }, (1n << 63n) | 63n], [{ causeBits: 4 }, (1n << 63n) | 15n]], [written(0x142, all), [{ causeBits: 6 }, all]]],
  supervisorCauseBits: [[written(0x142, all), [{}, all], [{ supervisorCauseBits: 5 }, (1n << 63n) | 31n]], [written(0x342, all), [{ supervisorCauseBits: 5 }, all]]],
  unsupportedCause: [
    [written(0x342, 0x45n), [{ causeBits: 5 }, 5n], [{ causeBits: 5, unsupportedCause: 'illegal instruction' }, 'illegal instruction, 34251073'], [{ unsupportedCause: 'illegal instruction' }, 0x45n]],
    [written(0x142, 0x45n), [{ supervisorCauseBits: 5, unsupportedCause: 'illegal instruction' }, 'illegal instruction, 14251073'], [{ causeBits: 5, unsupportedCause: 'illegal instruction' }, 0x45n]],
    [written(0x342, (1n << 63n) | 31n), [{ causeBits: 5, unsupportedCause: 'illegal instruction' }, (1n << 63n) | 31n]],
    // csrrs a0, mcause, x0; csrrsi a0, mcause, 16
    ...[[0x34202573, 'CSRRS machine', 'CSRRS machine'], [0x34286573, 'CSRRSI machine', 'illegal instruction, 34286573']].map(([word, dropped, illegal]): Look =>
      [stepped({ words: [Number(word)] }), [{ causeBits: 4 }, dropped], [{ causeBits: 4, unsupportedCause: 'illegal instruction' }, illegal]]),
  ],
  limitedWait: [
    ...[S, {}].map((mode): Look => [stepped({ words: [wfi], registers: { priv: 0n, ...mode, 'mstatus.TW': 1n } }),
      [{ userWait: 'completes' }, refusedWait], [{ limitedWait: 'completes', userWait: 'completes' }, 'WFI'], [{ limitedWait: 'completes' }, mode === S ? 'WFI' : refusedWait]]),
    [stepped({ words: [wfi], registers: { 'mstatus.TW': 1n } }), [{}, 'WFI']], [stepped({ words: [wfi], registers: S }), [{}, 'WFI']],
    // Pending, and enabled but for SIE; pending alone; neither.
    ...([[{ 'mip.SSIP': 1n, 'mie.SSIE': 1n }, 'WFI'], [{ 'mip.SSIP': 1n }, refusedWait], [{}, refusedWait]] as const).map(([more, is]): Look =>
      [stepped({ words: [wfi], registers: { ...S, 'mstatus.TW': 1n, 'mideleg.SSI': 1n, ...more } }), [{}, refusedWait], [{ limitedWait: 'completes where an interrupt is pending' }, is], [{ limitedReservationWait: 'completes where an interrupt is pending' }, refusedWait]]),
  ],
  userWait: [
    [stepped({ words: [wfi], registers: { priv: 0n } }), [{}, refusedWait], [{ limitedWait: 'completes' }, refusedWait], [{ userWait: 'completes' }, 'WFI']],
    [stepped({ words: [wfi], registers: { ...S, 'mstatus.TW': 1n } }), [{ userWait: 'completes' }, refusedWait]],
    [halts([wfi, nop], { priv: 0n }), [{ userWait: 'completes' }, false]],
  ],
  wait: [[halts([wfi, nop]), [{}, true], [{ wait: 'completes' }, false], [{ reservationWait: 'completes' }, true]]],
  limitedReservationWait: [[stepped({ words: [nto], registers: { ...S, 'mstatus.TW': 1n } }), [Zawrs, 'illegal instruction, d00073'], [{ ...Zawrs, limitedReservationWait: 'completes' }, 'WRS.NTO'], [{ ...Zawrs, limitedWait: 'completes' }, 'illegal instruction, d00073'], [{ ...Zawrs, limitedReservationWait: 'completes where an interrupt is pending' }, 'illegal instruction, d00073']],
    [stepped({ words: [nto], registers: { ...S, 'mstatus.TW': 1n, 'mideleg.SSI': 1n, 'mip.SSIP': 1n, 'mie.SSIE': 1n } }), [Zawrs, 'illegal instruction, d00073'], [{ ...Zawrs, limitedReservationWait: 'completes where an interrupt is pending' }, 'WRS.NTO']]],
  softwareCheckValue: [
    // sspopchk x1
    [stepped({ words: [0xcdc0_c073 | 0], x: { 1: 0x78n }, registers: { ...S, 'menvcfg.SSE': 1n, ssp: base + 0x100n } }), [zicfiss, 'software check, 3'], [{ ...zicfiss, softwareCheckValue: 'zero' }, 'software check']],
    // Where no other exception has a value either, mtval is read-only 0.
    [written(0x343, 5n), [{ ...zicfiss, ...noValues }, 5n], [{ ...zicfiss, ...noValues, softwareCheckValue: 'zero' }, 0n]],
  ],
  pmpPermissions: [
    // RWX, R, X, RX, RW, and RW again, where that was R, X and none before.
    [written(0x3a0, 0x0303_0305_0401_07n, { pmp: [] }), [{}, 0x0303_0305_0401_07n], [{ pmpPermissions: ['R', 'RWX'] }, 0x0107n], [{ pmpPermissions: ['X', 'RX', 'RW'] }, 0x0303_0305_0400_00n], [{ pmpPermissions: [] }, 0n]],
    [written(0x3a0, 0x9903_1bn, { pmp: [[0x0cn, 0n], [0x01n, 0n], [0x05n, 0n]] }), [{}, 0x9903_1bn], [{ pmpPermissions: ['R', 'X', 'RX'] }, 0x9901_1cn]],
    // The reserved ones are as they are.
    [written(0x3a0, 0x1e1an, { pmp: [[5n, 0n], [5n, 0n]] }), [{ pmpPermissions: ['R', 'RX'] }, 0x1e1an], [{ pmpPermissions: ['R', 'RX'], reservedPmp: 'no W' }, 0x1d18n], [{ pmpPermissions: ['R', 'RX'], reservedPmp: 'write ignored' }, 0x0505n]],
  ],
  timerComparison: [
    // csrw stimecmp, a0, which is 5, then 20; csrr a1, mip; csrr a2, mip
    ...[[5n, [0n, 1n]], [20n, [1n, 0n]]].map(([value, late]): Look => [(choices) => {
      const m = machineOf({ words: [0x14d51073, 0x344025f3, 0x34402673], x: { 10: value as bigint }, registers: { 'menvcfg.STCE': 1n, stimecmp: value === 5n ? 30n : 7n, mtime: 10n }, choices })
      if (choices.timerComparison === 'an instruction later') for (const name of ['STIP compared', 'STIP next']) m.setRegister(name, value === 5n ? 0n : 1n)
      m.run(3)
      return [11n, 12n].map((n) => (m.bank('x').get(n) >> 5n) & 1n)
    }, [sstc, (late as bigint[]).map(() => (value === 5n ? 1n : 0n))], [{ ...sstc, timerComparison: 'an instruction later' }, late]]),
    // The interrupt is taken an instruction later; one that waits goes on.
    [(choices) => {
      const m = machineOf({ words: [0x14d51073, nop, nop], x: { 10: 5n }, registers: { ...S, 'menvcfg.STCE': 1n, mcounteren: 2n, stimecmp: 30n, mtime: 10n, 'mie.STIE': 1n }, choices })
      return Array.from({ length: 3 }, () => said(m.step()))
    }, [sstc, ['CSRRW supervisor', 'supervisor timer interrupt', 'instruction access fault']], [{ ...sstc, timerComparison: 'an instruction later' }, ['CSRRW supervisor', 'ADDI', 'supervisor timer interrupt']]],
    [(choices) => {
      const m = machineOf({ words: [wfi, nop], registers: { 'menvcfg.STCE': 1n, stimecmp: 30n, mtime: 10n, 'mie.STIE': 1n }, choices }), first = [m.step(), m.step()].map(said)
      m.setRegister('mtime', 30n)
      return [...first, said(m.step())]
    }, [sstc, ['WFI', 'halted', 'ADDI']], [{ ...sstc, timerComparison: 'an instruction later' }, ['WFI', 'halted', 'ADDI']]],
  ],
  reservationWait: [[halts([nto, nop], { 'reservation valid': 1n }), [Zawrs, true], [{ ...Zawrs, reservationWait: 'completes' }, false], [{ ...Zawrs, wait: 'completes' }, true]]],
  reservedPrivilege: [
    [written(0x300, 0x1000n, { registers: { 'mstatus.MPP': 3n } }), [{}, XL | 0x1800n], [{ reservedPrivilege: 'U' }, XL], [{ reservedPrivilege: 'S' }, XL | 0x800n], [{ reservedPrivilege: 'M' }, XL | 0x1800n]],
    [written(0x300, 0x1000n), [{}, XL], [{ reservedPrivilege: 'M' }, XL | 0x1800n]], [written(0x300, 0x800n), [{ reservedPrivilege: 'M' }, XL | 0x800n]],
  ],
  medelegh: [[written(0x312, all, { name: 'riscv32', pmp: [] }), [{}, 'illegal instruction, 31251073'], [{ medelegh: 'read-only 0' }, 0n]], [written(0x312, all), [{ medelegh: 'read-only 0' }, 'illegal instruction, 31251073']]],
  delegableInterrupts: [
    [written(0x303, all), [{}, 0x222n], [{ delegableInterrupts: 2n }, 2n], [allDelegable, 0xaaan]],
    // In sie and sip, where they are delegated; MTIP cannot be written.
    [reads(0x104, [[0x303, 0x80n], [0x104, all]]), [{}, 0n], [allDelegable, 0x80n]], [reads(0x304, [[0x303, 0x80n], [0x104, all]]), [{}, 0n], [allDelegable, 0x80n]],
    [reads(0x144, [[0x303, 0x888n], [0x144, 0n]], { registers: { 'mip.MTIP': 1n, 'mip.MEIP': 1n } }), [{}, 0n], [allDelegable, 0x880n]],
    ...([['MSI', 3n], ['MTI', 7n], ['MEI', 11n]] as const).flatMap(([name, code]): Look[] => [1n, 3n].map((priv) => [
      (choices) => {
        const m = machineOf({ words: [nop], registers: { priv, [`mip.${name}P`]: 1n, [`mie.${name}E`]: 1n, 'mstatus.SIE': 1n, 'mstatus.MIE': 1n }, choices })
        if (choices.delegableInterrupts === 0xaaan) m.setRegister(`mideleg.${name}`, 1n)
        m.step()
        return [m.register('priv'), m.register('mcause'), m.register('scause')]
      },
      [{}, [3n, interrupt | code, 0n]], [allDelegable, priv === 1n ? [1n, 0n, interrupt | code] : [3n, 0n, 0n]], [{ delegableInterrupts: 0x222n }, [3n, interrupt | code, 0n]],
    ])),
  ],
  vectorStatus: [
    [written(0x300, 0x600n), [{}, XL], [{ vectorStatus: 'writable' }, (1n << 63n) | XL | 0x600n], [{ vectorStatus: 'Off or Dirty' }, (1n << 63n) | XL | 0x600n]],
    [written(0x100, 0x200n), [{}, 2n << 32n], [{ vectorStatus: 'writable' }, (2n << 32n) | 0x200n], [{ vectorStatus: 'Off or Dirty' }, (1n << 63n) | (2n << 32n) | 0x600n]],
    [reads(0x300, [[0x300, 0x600n], [0x100, 0n]]), [{ vectorStatus: 'writable' }, XL], [{ vectorStatus: 'Off or Dirty' }, XL]],
  ],
  interrupts: [
    [written(0x304, all), [{}, 0xaaan], [{ interrupts: 0x882n }, 0x882n], [{ interrupts: 0x222n }, 0x222n], [{ interrupts: 0n }, 0n]], [written(0x344, all), [{}, 0x222n], [{ interrupts: 0x882n }, 2n]],
    ...([['MTI', 'machine timer interrupt', 0xa2an], ['MEI', 'machine external interrupt', 0x2aan], ['MSI', 'machine software interrupt', 0xaa2n], ['SEI', 'supervisor external interrupt', 0x8aan], ['STI', 'supervisor timer interrupt', 0xa8an], ['SSI', 'supervisor software interrupt', 0xaa8n]] as const)
      .flatMap(([name, cause, without]): Look[] => {
        const asked = { [`mip.${name}P`]: 1n, [`mie.${name}E`]: 1n, 'mstatus.MIE': 1n }
        return [[stepped({ words: [nop], registers: asked }), [{}, cause], [{ interrupts: without }, 'ADDI']], [halts([wfi, nop], { ...asked, 'mstatus.MIE': 0n }), [{}, false], [{ interrupts: without }, true]]]
      }),
    [reads(0x344, [], { registers: { 'mip.MTIP': 1n, 'mip.MEIP': 1n } }), [{}, 0x880n], [{ interrupts: 0xa2an }, 0x800n]],
  ],
} as const satisfies Partial<Record<keyof Parameters, readonly Look[]>>
