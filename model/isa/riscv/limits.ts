// What no manual allows of the parameters, alone and together.
import { addressBits, allHardwareCounters, inhibitable, mayChoose, mostExceptions, parameterOf, platformInterrupts, type Parameters } from './parameters.ts'

const supervisorInterrupts = 0x222n, allInterrupts = 0xaaan
/** Bits of mideleg that a hart may have. */
const delegable = (p: Parameters): bigint => platformInterrupts(p).reduce((bits, code) => bits | 1n << BigInt(code), allInterrupts)
const isPower = (n: number): boolean => Number.isInteger(n) && n > 0 && Number.isInteger(Math.log2(n))
/** No misaligned access lies in a block of less than four bytes. */
const isGranule = (n: number): boolean => n === 0 || (isPower(n) && n >= 4 && n <= 4096)

/** Volume II, Reset, says what these are. */
const givenByReset = ['pc', 'priv', 'waiting', 'reservation valid', 'mstatus.MIE', 'mstatus.MPRV', 'mstatus.MBE', 'misa.A', 'misa.C', 'misa.D', 'misa.F', 'misa.M']
const bareOnly = (p: Parameters): boolean => p.schemes.every((name) => !mayChoose(p, name))

/** One bit tells addresses that are not valid from those that are, which have all other bits: virtual ones, those of memory, and instructions as values of traps. */
const leastHeldBits = (p: Parameters): number => (p.xlen === 32 ? 32 : Math.max(33, ...p.schemes.map((name) => Number(name.slice(2)) + 1), ...p.regions.map(({ base, size }) => (base + size - 1n).toString(2).length + 2)))

const holdsCauses = ({ interruptPriority }: Parameters, bits: number, least: number): boolean => Number.isInteger(bits) && bits >= least && bits <= 63 && interruptPriority.every((code) => code < 2 ** bits)

const fits = (n: bigint, bits: number): boolean => n >= 0n && n >> BigInt(bits) === 0n
/** What no manual allows, with what it would allow. */
const limits: readonly { readonly of: keyof Parameters; readonly holds: (p: Parameters) => boolean; readonly expected: string }[] = [
  { of: 'misalignedBlock', holds: ({ misalignedBlock: n }) => isGranule(n), expected: '0, for none, or a power of two from 4 to 4096' },
  { of: 'atomicityGranule', holds: ({ atomicityGranule: n }) => isGranule(n), expected: '0, for none, or a power of two from 4 to 4096' },
  {
    of: 'regions', expected: 'of granules that are 0, for none, or a power of two from 4 to 4096, of which their addresses and sizes are multiples',
    holds: ({ regions }) => regions.every(({ base, size, granule: n = 0 }) => isGranule(n) && (n === 0 || (base % BigInt(n) === 0n && size % BigInt(n) === 0n))),
  },
  {
    of: 'misalignedPieces', expected: 'a power of two up to 4096, and not less than atomicityGranule and the granules of regions',
    holds: ({ misalignedPieces: n, atomicityGranule, regions }) => isPower(n) && n <= 4096 && n >= Math.max(atomicityGranule, ...regions.map(({ granule = 0 }) => granule)),
  },
  { of: 'regions', holds: ({ regions }) => regions.every(({ widths }) => widths === undefined || widths.every((n) => n <= 8 && isPower(n))), expected: 'of widths 1, 2, 4 and 8' },
  {
    of: 'busErrors', expected: 'access fault, a code from 16 up that interruptPriority has, or the non-maskable interrupt where nmiVector has one',
    holds: (p) => (p.busErrors === 'non-maskable interrupt' ? p.nmiVector !== 'none' : p.busErrors === 'access fault' || platformInterrupts(p).includes(p.busErrors)),
  },
  { of: 'reservationLife', holds: ({ reservationLife: n }) => n === 'any' || (Number.isInteger(n) && n >= 16 && n <= 4096), expected: '16, which a constrained loop may have, to 4096' },
  { of: 'fetchBlock', holds: ({ fetchBlock: n }) => isPower(n) && n >= 2 && n <= 4096, expected: 'a power of two from 2 to 4096' },
  {
    of: 'writableExtensions', expected: 'different ones, with F also D, which needs it, and none where misa is 0',
    holds: ({ writableExtensions: letters, misa }) => new Set(letters).size === letters.length && (!letters.includes('F') || letters.includes('D')) && (letters.length === 0 || misa !== '0'),
  },
  {
    of: 'jointExtensions', expected: 'none, or at least two different ones of writableExtensions',
    holds: ({ jointExtensions: joint, writableExtensions: writable }) => joint.length !== 1 && new Set(joint).size === joint.length && joint.every((letter) => writable.includes(letter)),
  },
  { of: 'reservationSet', holds: ({ reservationSet: n }) => n === 'address of LR' || (isPower(n) && n >= 8 && n <= 4096), expected: 'a power of two from 8 to 4096' },
  { of: 'SXL', holds: (p) => p.xlen === 64 || p.SXL === 'copy of MXL', expected: 'copy of MXL where MXLEN is 32' },
  {
    of: 'UXL', expected: 'copy of MXL where MXLEN is 32, and another where SXL is writable: UXLEN is never greater than SXLEN',
    holds: (p) => (p.xlen === 32 ? p.UXL === 'copy of MXL' : p.UXL !== 'copy of MXL' || p.SXL === 'copy of MXL'),
  },
  ...(['directAlignment', 'vectoredAlignment', 'supervisorVectoredAlignment'] as const).map((of) => ({ of, holds: (p: Parameters) => isPower(p[of]) && p[of] >= 4 && p[of] <= 4096, expected: 'a power of two from 4 to 4096' })),
  { of: 'delegableExceptions', holds: ({ delegableExceptions: bits }) => bits >= 0n && (bits & ~mostExceptions) === 0n, expected: `of the bits 0x${mostExceptions.toString(16)}` },
  { of: 'delegableInterrupts', holds: (p) => p.delegableInterrupts >= 0n && (p.delegableInterrupts & ~delegable(p)) === 0n, expected: `of the bits 0x${allInterrupts.toString(16)}, and of those of platforms that interruptPriority has` },
  {
    of: 'delegatedInterrupts', holds: ({ delegatedInterrupts: bits, delegableInterrupts: other }) => bits >= 0n && (bits & other) === bits && (bits & allInterrupts & ~supervisorInterrupts) === 0n,
    expected: `of the bits 0x${supervisorInterrupts.toString(16)}, and of those of platforms, that delegableInterrupts has`,
  },
  { of: 'interrupts', holds: ({ interrupts: bits }) => bits >= 0n && (bits & ~allInterrupts) === 0n, expected: `of the bits 0x${allInterrupts.toString(16)}` },
  {
    of: 'interruptPriority', expected: '11, 3, 7, 9, 1, 5 in this order, and before, between or behind them different codes from 16 to XLEN - 1',
    holds: (p) => p.interruptPriority.filter((code) => code < 16).join() === '11,3,7,9,1,5' && new Set(p.interruptPriority).size === p.interruptPriority.length
      && p.interruptPriority.every((code) => Number.isInteger(code) && code < p.xlen),
  },
  { of: 'interruptDelay', holds: ({ interruptDelay: n }) => Number.isInteger(n) && n >= 0 && n <= 65535, expected: '0 to 65535' },
  {
    of: 'nmiVector', expected: 'none, or an even address of XLEN bits, a multiple of 4 where misa can turn C off',
    holds: ({ nmiVector: at, xlen, writableExtensions }) => at === 'none' || (at >= 0n && at % (writableExtensions.includes('C') ? 4n : 2n) === 0n && at >> BigInt(xlen) === 0n),
  },
  { of: 'nmiCode', holds: (p) => Number.isInteger(p.nmiCode) && p.nmiCode >= 0 && p.nmiCode < 2 ** Math.min(p.causeBits, p.xlen - 1, 53), expected: 'what causeBits bits hold' },
  {
    of: 'mtvec', expected: 'writable, or of XLEN bits with a MODE that there is, of which its BASE has the alignment',
    holds: (p) => p.mtvec === 'writable' || (p.mtvec >= 0n && p.mtvec >> BigInt(p.xlen) === 0n && [
      ...(p.vectorModes === 'vectored' ? [] : [[0n, p.directAlignment] as const]), ...(p.vectorModes === 'direct' ? [] : [[1n, p.vectoredAlignment] as const]),
    ].some(([mode, alignment]) => BigInt(p.mtvec) % BigInt(alignment) === mode)),
  },
  {
    of: 'heldAddressBits', expected: 'one more than the valid virtual addresses, those of memory and instructions have, to 64',
    holds: (p) => Number.isInteger(p.heldAddressBits) && p.heldAddressBits >= leastHeldBits(p) && p.heldAddressBits <= 64,
  },
  { of: 'performanceCounters', holds: ({ performanceCounters: bits }) => bits >= 0n && (bits & ~allHardwareCounters) === 0n, expected: `of the bits 0x${allHardwareCounters.toString(16)}` },
  { of: 'performanceCounterBits', holds: ({ performanceCounterBits: n }) => Number.isInteger(n) && n >= 0 && n <= 64, expected: '0 to 64' },
  { of: 'eventBits', holds: ({ eventBits: bits }) => bits >= 0n && bits >> 64n === 0n, expected: '64 bits' },
  {
    of: 'events', expected: 'of contents that mhpmevent can have, of XLEN bits and of eventBits, within the bits that count, and not 0, which is no event',
    holds: (p) => p.events.every(({ selector, mask = p.eventBits }) => selector !== 0n && (selector & ~mask) === 0n && (mask & ~p.eventBits) === 0n && selector >> BigInt(p.xlen) === 0n && (mask === p.eventBits || mask >> BigInt(p.xlen) === 0n)),
  },
  { of: 'counterInhibit', holds: ({ counterInhibit: bits }) => bits === 'absent' || (bits >= 0n && (bits & ~inhibitable) === 0n), expected: `absent, or of the bits 0x${inhibitable.toString(16)}` },
  { of: 'counterEnables', holds: ({ counterEnables: bits, extensions }) => !extensions.includes('Sstc') || (bits & 2n) !== 0n, expected: 'with TM, 0x2, where Sstc is there, which S-mode could not use otherwise' },
  { of: 'counterEnables', holds: ({ counterEnables: bits }) => bits >= 0n && bits >> 32n === 0n, expected: '32 bits' },
  { of: 'supervisorCounterEnables', holds: ({ supervisorCounterEnables: bits }) => bits >= 0n && bits >> 32n === 0n, expected: '32 bits' },
  { of: 'causeBits', holds: (p) => holdsCauses(p, p.causeBits, p.extensions.includes('Zicfiss') ? 5 : 4), expected: '4, 5 with Zicfiss, to 63, and enough for each interrupt' },
  { of: 'supervisorCauseBits', holds: (p) => holdsCauses(p, p.supervisorCauseBits, 5), expected: '5 to 63, and enough for each interrupt' },
  ...([['cacheBlock', 'Zicbom'], ['zeroBlock', 'Zicboz']] as const).map(([of, extension]) =>
    ({ of, holds: (p: Parameters) => p.translation === 'walk' || !p.extensions.includes(extension) || p[of] <= 1024, expected: 'at most 1024 for claims' })),
  { of: 'mvendorid', holds: ({ mvendorid: n }) => fits(n, 32), expected: '32 bits' },
  ...(['marchid', 'mimpid', 'mhartid'] as const).map((of) => ({ of, holds: (p: Parameters) => fits(p[of], p.xlen), expected: 'of XLEN bits' })),
  { of: 'mconfigptr', holds: ({ mconfigptr: at, xlen }) => fits(at, xlen) && at % BigInt(xlen / 8) === 0n, expected: 'an address of XLEN bits, a multiple of XLEN / 8' },
  { of: 'resetPc', holds: ({ resetPc: at, xlen }) => fits(at, xlen) && at % 2n === 0n, expected: 'an even address of XLEN bits' },
  { of: 'cycles', holds: ({ cycles: n }) => Number.isInteger(n) && n >= 1 && n <= 2 ** 31, expected: '1 to 2^31' },
  { of: 'fiom', holds: (p) => p.fiom === 'writable' || bareOnly(p), expected: 'writable where satp has more than Bare' },
  {
    of: 'resetState', expected: '1 or 2 for SXL and UXL, of which UXL is not the greater one',
    holds: ({ UXL, resetState: { 'mstatus.SXL': S = 2n, 'mstatus.UXL': U = 2n } }) => [S, U].every((width) => width === 1n || width === 2n) && (UXL !== 'writable' || U <= S),
  },
  { of: 'resetState', holds: ({ resetState }) => givenByReset.every((name) => resetState[name] === undefined), expected: `none of ${givenByReset.join(', ')}, which reset gives` },
  {
    of: 'physicalAddressBits', expected: '32 to 56, all addresses of memory, and at least 39 for claims about RV64',
    holds: (p) => Number.isInteger(p.physicalAddressBits) && p.physicalAddressBits >= (p.translation === 'walk' || p.xlen === 32 ? 32 : 39) && p.physicalAddressBits <= 56
      && p.regions.every(({ base, size }) => base + size <= 1n << BigInt(addressBits(p))),
  },
  { of: 'pmpEntries', holds: ({ pmpEntries: n }) => Number.isInteger(n) && n >= 0 && n <= 64, expected: '0 to 64' },
  { of: 'pmpGranularity', holds: ({ pmpGranularity: n }) => isPower(n) && n >= 4 && n <= 2 ** 31, expected: 'a power of two from 4 to 2^31' },
  {
    of: 'pmpConstants', expected: 'of entries that there are, their bits without W alone, with addresses of so many bits',
    holds: (p) => Object.entries(p.pmpConstants).every(([n, { config, address }]) =>
      Number(n) < p.pmpEntries && config >= 0n && (config & ~0x9fn) === 0n && (config & 3n) !== 2n && address >= 0n && address >> BigInt(addressBits(p) - 2) === 0n),
  },
  { of: 'otherPmpMode', expected: 'one that there is', holds: ({ otherPmpMode: mode, pmpModes }) => mode !== 'NAPOT' || pmpModes.includes('NAPOT') },
  { of: 'mxrWithBareOnly', holds: (p) => p.mxrWithBareOnly === 'writable' || bareOnly(p), expected: 'writable where satp has more than Bare' },
  { of: 'bare', holds: (p) => p.bare === 'there' || (!bareOnly(p) && p.resetState['satp.MODE'] === undefined), expected: 'there where satp has no scheme, or resetState a mode' },
  { of: 'sfenceWithBareOnly', holds: (p) => p.sfenceWithBareOnly === 'done' || bareOnly(p), expected: 'done where satp has more than Bare' },
  ...([['Sv39', 'Sv48'], ['Sv48', 'Sv57']] as const).map(([smaller, larger]) =>
    ({ of: 'schemes' as const, holds: (p: Parameters) => p.xlen === 32 || p.schemes.includes(smaller) || !p.schemes.includes(larger), expected: `${smaller} too where ${larger} is one` })),
  { of: 'ppnBits', holds: ({ ppnBits: n }) => Number.isInteger(n) && n >= 0 && n <= 44, expected: '0 to 44' },
  { of: 'vectorBits', holds: ({ vectorBits: n }) => Number.isInteger(n) && n >= 3 && n <= 64, expected: '3 to 64' },
  { of: 'asidBits', holds: ({ asidBits: n }) => Number.isInteger(n) && n >= 0 && n <= 16, expected: '0 to 16' },
]

/** The parameters, where the manuals allow them together; otherwise a RangeError. */
export const allowed = (p: Parameters): Parameters => {
  for (const { of, holds, expected } of limits) if (!holds(p)) throw new RangeError(`${of} of a RISC-V hart must be ${expected}, and is ${parameterOf[of]?.values.write(p[of]) ?? String(p[of])}`)
  return p
}

