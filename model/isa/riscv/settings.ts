// Parameters written as text, as users name a hart: `riscv64:misaligned=trapped,asidBits=9`.
import { addressCauses, type Attribute, type Invalidation, type Parameters, type PmpEntry, type Region } from './parameters.ts'

/** How a value is written. */
interface Setting<T> {
  /** What is expected, in words. */
  readonly expected: string
  /** Where there are few values: all of them. */
  readonly all?: readonly T[]
  /** undefined where the text is none of them. */
  readonly read: (text: string) => T | undefined
}

const oneOf = <const T extends string>(...all: readonly T[]): Setting<T> => ({ expected: `one of ${all.join('; ')}`, all, read: (text) => all.find((value) => value === text) })
const number: Setting<number> = { expected: 'a number', read: (text) => (/^\d{1,12}$/.test(text) ? Number(text) : undefined) }
const bits: Setting<bigint> = { expected: 'a number, 0x1f or 31', read: (text) => (/^(0x[\da-f]{1,16}|\d{1,20})$/i.test(text) ? BigInt(text) : undefined) }
const either = <A, B>(a: Setting<A>, b: Setting<B>): Setting<A | B> => ({ expected: `${a.expected}, or ${b.expected}`, read: (text) => a.read(text) ?? b.read(text) })
const numbers = <const T extends number>(...all: readonly T[]): Setting<T> => ({ expected: `one of ${all.join(', ')}`, all, read: (text) => all.find((value) => `${value}` === text) })

const every = <T>(texts: readonly string[], read: (text: string) => T | undefined): T[] | undefined => {
  const found = texts.map(read)
  return found.some((value) => value === undefined) ? undefined : found as T[]
}
/** Several with + between them, or `none`. */
const several = <T>(one: Setting<T>): Setting<readonly T[]> => ({ expected: `${one.expected}: several with + between them, or none`, read: (text) => (text === 'none' ? [] : every(text.split('+'), one.read)) })
/** The same with names of their own. */
const byName = <T>(name: string, of: { readonly expected: string; readonly read: (text: string) => T | undefined }): Setting<Readonly<Record<string, T>>> => {
  const pair = (text: string): readonly [string, T] | undefined => {
    const at = text.indexOf(':'), value = at < 1 ? undefined : of.read(text.slice(at + 1))
    return value === undefined ? undefined : [text.slice(0, at), value]
  }
  return {
    expected: `${name}:${of.expected}, several with + between them, or none`,
    read: (text) => {
      const pairs = text === 'none' ? [] : every(text.split('+'), pair)
      return pairs && Object.fromEntries(pairs)
    },
  }
}

const attributes = oneOf<Attribute>('misaligned accesses', 'reservations', 'atomic operations', 'AMOLogical', 'AMOArithmetic', 'loads', 'stores', 'fetches', 'page-table reads', 'page-table writes')
/** One of the widths that are there, in a region that has not all. */
const width: Setting<1 | 2 | 4 | 8> = { expected: '4 bytes', read: (text) => ([1, 2, 4, 8] as const).find((n) => text === `${n} bytes`) }
const region: Setting<Region> = {
  expected: `base:size, after which :attribute says what is missing (${attributes.expected}), and :${width.expected} in which widths alone accesses are made`,
  read: (text) => {
    const [base, size, ...more] = text.split(':'), [from, length] = [base, size].map((n) => bits.read(n ?? ''))
    const widths = more.flatMap((t) => width.read(t) ?? []), without = every(more.filter((t) => width.read(t) === undefined), attributes.read)
    if (from === undefined || length === undefined || without === undefined) return undefined
    return { base: from, size: length, ...(without.length > 0 ? { without } : {}), ...(widths.length > 0 ? { widths } : {}) }
  },
}
const pmpEntry: Setting<PmpEntry> = {
  expected: 'pmpcfg:pmpaddr',
  read: (text) => {
    const [config, address, ...more] = text.split(':').map(bits.read)
    return config === undefined || address === undefined || more.length > 0 ? undefined : { config, address }
  },
}

const blockSizes = [8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096] as const
const invalidation = oneOf<Invalidation>('flush', 'invalidate')

type Name = Exclude<keyof Parameters, 'xlen' | 'translation'>

/** Every parameter that a user may set; how wide the hart is its name says, and what is done with it how it translates. */
export const settings: { readonly [K in Name]: Setting<Parameters[K]> } = {
  extensions: several(oneOf('Svadu', 'Zicbom', 'Zicboz', 'Zawrs', 'Zkr', 'Sstc', 'Zicfiss')),
  fetchBlock: number,
  misaligned: oneOf('supported', 'trapped', 'access fault'),
  misalignedAtomics: oneOf('trapped', 'access fault'),
  misalignedReservations: oneOf('as AMOs', 'trapped', 'access fault'),
  atomicityGranule: number,
  misalignedPieces: number,
  pieceOrder: oneOf('lower first', 'upper first'),
  failingStore: oneOf('writes nothing', 'writes earlier pieces'),
  misalignedPriority: oneOf('above other faults', 'below other faults'),
  reservationSet: either(oneOf('address of LR'), number),
  reservationWidth: oneOf('any', 'that of LR'),
  reservationPlace: oneOf('physical address', 'physical and virtual address'),
  reservationEnds: oneOf('at SC', 'at SC and traps', 'at SC and returns', 'at SC, traps and returns'),
  reservationLife: either(oneOf('any'), number),
  spuriousFailure: oneOf('none', 'after stores', 'where unconstrained'),
  failingSc: oneOf('checked as a store', 'not checked'),
  reservedEncodings: oneOf('illegal instruction', 'no effect'),
  reservedRounding: oneOf('illegal instruction', 'round to nearest, ties to even'),
  reservedCsr: oneOf('traps', 'open'),
  timeRegister: oneOf('readable', 'traps'),
  cacheBlock: numbers(...blockSizes),
  zeroBlock: numbers(...blockSizes),
  CBIE: several(invalidation),
  supervisorCBIE: several(invalidation),
  misa: oneOf('what there is', '0'),
  writableExtensions: several(oneOf('A', 'C', 'D', 'F', 'M')),
  mvendorid: bits,
  marchid: bits,
  mimpid: bits,
  mhartid: bits,
  mconfigptr: bits,
  reservedPrivilege: oneOf('kept', 'U', 'S', 'M'),
  MBE: oneOf('read-only 0', 'read-only 1', 'writable'),
  SBE: oneOf('read-only 0', 'read-only 1', 'writable', 'copy of MBE'),
  UBE: oneOf('read-only 0', 'read-only 1', 'writable', 'copy of MBE', 'copy of SBE'),
  vectorStatus: oneOf('read-only 0', 'Off or Dirty', 'writable'),
  virtualizationBits: several(oneOf('TVM', 'TW', 'TSR')),
  SXL: oneOf('copy of MXL', 'writable'),
  UXL: oneOf('copy of MXL', 'copy of SXL', 'writable'),
  dirtiness: oneOf('tracked', 'not tracked'),
  fsWithoutF: oneOf('read-only 0', 'writable'),
  becomesDirty: oneOf('where written', 'where changed', 'with each floating-point instruction'),
  vectorModes: oneOf('direct and vectored', 'direct', 'vectored'),
  supervisorVectorModes: oneOf('direct and vectored', 'direct', 'vectored'),
  mtvec: either(oneOf('writable'), bits),
  directAlignment: number,
  vectoredAlignment: number,
  supervisorVectoredAlignment: number,
  reservedVectorMode: oneOf('write ignored', 'MODE kept', 'bit 1 ignored'),
  supervisorReservedVectorMode: oneOf('write ignored', 'MODE kept', 'bit 1 ignored'),
  delegableExceptions: bits,
  medelegh: oneOf('absent', 'read-only 0'),
  delegableInterrupts: bits,
  delegatedInterrupts: bits,
  interrupts: bits,
  interruptPriority: several(number),
  platformPending: oneOf('read-only', 'writable'),
  interruptDelay: number,
  performanceCounters: bits,
  performanceCounterBits: number,
  eventBits: bits,
  absentCounters: oneOf('0', 'traps'),
  counterEnables: bits,
  supervisorCounterEnables: bits,
  counterInhibit: either(oneOf('absent'), bits),
  cycles: number,
  heldAddressBits: number,
  causeBits: number,
  supervisorCauseBits: number,
  unsupportedCause: oneOf('bits dropped', 'illegal instruction'),
  addressValues: several(oneOf(...addressCauses)),
  illegalValue: oneOf('instruction', 'zero'),
  breakpointValue: oneOf('pc', 'zero'),
  stipAfterStce: oneOf('as written before', 'as last compared', '0'),
  limitedWait: oneOf('traps', 'completes'),
  userWait: oneOf('traps', 'completes'),
  limitedReservationWait: oneOf('traps', 'completes'),
  wait: oneOf('stalls', 'completes'),
  reservationWait: oneOf('stalls', 'completes'),
  fiom: oneOf('writable', 'read-only 0'),
  mseccfg: oneOf('where it has bits', 'always'),
  resetPc: bits,
  nmiVector: either(oneOf('none'), bits),
  nmiCode: number,
  resetState: byName('register', bits),
  regions: several(region),
  physicalAddressBits: number,
  pmpEntries: number,
  pmpConstants: byName('entry', pmpEntry),
  pmpModes: several(oneOf('TOR', 'NA4', 'NAPOT')),
  pmpLock: oneOf('writable', 'read-only 0'),
  pmpGranularity: number,
  otherPmpMode: oneOf('NAPOT', 'OFF', 'A kept'),
  reservedPmp: oneOf('kept', 'no W', 'write ignored'),
  triggerRegisters: oneOf('absent', 'read-only 0'),
  schemes: several(oneOf('Sv32', 'Sv39', 'Sv48')),
  asidBits: number,
  bareFields: oneOf('as written', '0', 'unchanged'),
  sfenceWithBareOnly: oneOf('done', 'illegal instruction'),
  accessedDirty: oneOf('page fault', 'hardware'),
  updatesBeforeFaults: oneOf('none', 'A', 'A and D'),
  reservedPointerBits: oneOf('page fault', 'ignored'),
  translationCache: several(oneOf('leaf entries', 'invalid entries', 'pointers')),
  translationFence: oneOf('entries named', 'all entries'),
  instructionCache: oneOf('none', 'last block'),
}

/** Parameters from `name=value,name=value`; a comma within a value is part of it. A RangeError where one is unknown, given twice or has no such value. */
export const settingsOf = (text: string): Partial<Parameters> => {
  const found = new Map<string, unknown>()
  for (const each of text.split(/,(?=\w+=)/)) {
    const [, name = '', written = ''] = /^(\w+)=(.*)$/.exec(each) ?? []
    if (!Object.hasOwn(settings, name)) throw new RangeError(`expected name=value with one of the parameters that popek isas lists, and found ${JSON.stringify(each)}`)
    if (found.has(name)) throw new RangeError(`${name} is given twice`)
    const { expected, read } = settings[name as Name], value = read(written)
    if (value === undefined) throw new RangeError(`${name} is ${JSON.stringify(written)}, and is to be ${expected}`)
    found.set(name, value)
  }
  return Object.fromEntries(found)
}
