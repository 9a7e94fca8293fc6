// Of the choices about control and status registers: what is looked at, and what that is for each of them.
import type { Choices, Look } from './choices-access.fixture.ts'
import { reads, stepped, written } from './choices-looks.fixture.ts'
import { addressCauses, type Parameters } from './parameters.ts'
import { base, machineOf } from './running.fixture.ts'

const all = (1n << 64n) - 1n
/** lh a0, 0(a1); sh a0, 0(a1); csrr a0, satp; sfence.vma; wfi; sret */
const [lh, sh, satp, sfence, wfi, sret] = [0x00059503, 0x00a59023, 0x18002573, 0x12000073, 0x10500073, 0x10200073]
const S = { priv: 1n }
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
} as const satisfies Partial<Record<keyof Parameters, readonly Look[]>>
