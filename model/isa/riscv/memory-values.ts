// Values of parameters that say more than a word: regions of memory, and entries of PMP.
import { bits, number, oneOf, type Values } from './values.ts'

/** Attributes of memory: of main memory all, of a device's registers perhaps none. */
const attributes = oneOf('misaligned accesses', 'misaligned 2 bytes', 'misaligned 4 bytes', 'misaligned 8 bytes', 'reservations', 'atomic operations', 'AMOLogical', 'AMOArithmetic', 'loads', 'stores', 'fetches', 'page-table reads', 'page-table writes', 'cache-block zeros', 'RsrvEventual')
export type Attribute = NonNullable<(typeof attributes)['all']>[number]

/** Physical addresses from `base` up, `size` bytes. */
export interface Region {
  readonly base: bigint
  readonly size: bigint
  /**
   * What raises an access fault here: misaligned loads, stores and AMOs, or those of a width; LR and SC; all AMOs, those but AMOSWAP, or those but AMOSWAP,
   * AMOAND, AMOOR and AMOXOR; what reads, and what writes, also in page tables; fetches; page-table entries read, and A and D written; CBO.ZERO. Without RsrvEventual LR and SC are done, and SC always fails.
   * Nothing when absent.
   */
  readonly without?: readonly Attribute[]
  /** In bytes, of all loads, stores, AMOs and page-table entries, but not cache blocks, that do not raise an access fault for theirs; any when absent. */
  readonly widths?: readonly (1 | 2 | 4 | 8)[]
  /** In bytes, the misaligned atomicity granule, also where there are no misaligned accesses otherwise; 0 for none, that of the hart when absent. */
  readonly granule?: number
  /** Whether loads and stores that are none of its own are answered with an error, of which the hart may learn too late for an access fault. */
  readonly errors?: boolean
}

const widths = oneOf('1 bytes', '2 bytes', '4 bytes', '8 bytes')
const granule = (text: string): number | undefined => (text.startsWith('granule=') ? number.read(text.slice('granule='.length)) : undefined)

export const region: Values<Region> = {
  expected: `base:size, after which :attribute says what is missing (${attributes.expected}), :4 bytes in which widths alone accesses are made, :granule=16 in which blocks misaligned ones are, and :errors that others are answered with an error`,
  read: (text) => {
    const [base = '', size = '', ...more] = text.split(':'), from = bits.read(base), length = bits.read(size)
    const found = more.map((t) => ({ width: widths.read(t), attribute: attributes.read(t), own: granule(t), errors: t === 'errors' || undefined }))
    if (from === undefined || length === undefined || found.some(({ width, attribute, own, errors }) => (width ?? attribute ?? own ?? errors) === undefined)) return undefined
    const only = found.flatMap(({ width }) => (width === undefined ? [] : [Number.parseInt(width, 10) as 1 | 2 | 4 | 8])), without = found.flatMap(({ attribute }) => attribute ?? [])
    const [own, ...others] = found.flatMap((f) => f.own ?? [])
    if (others.length > 0) return undefined
    return { base: from, size: length, ...(without.length > 0 ? { without } : {}), ...(only.length > 0 ? { widths: only } : {}), ...(own === undefined ? {} : { granule: own }), ...(found.some((f) => f.errors) ? { errors: true } : {}) }
  },
  write: ({ base, size, without = [], widths: only = [], granule: own, errors }) =>
    [bits.write(base), bits.write(size), ...without, ...only.map((n) => `${n} bytes`), ...(own === undefined ? [] : [`granule=${own}`]), ...(errors ? ['errors'] : [])].join(':'),
}

/** What pmpcfg and pmpaddr of an entry hold: L 0 0 A A X W R, and bits 2 and up of an address. */
export interface PmpEntry {
  readonly config: bigint
  readonly address: bigint
}

export const pmpEntry: Values<PmpEntry> = {
  expected: 'pmpcfg:pmpaddr',
  read: (text) => {
    const [config, address, ...more] = text.split(':').map(bits.read)
    return config === undefined || address === undefined || more.length > 0 ? undefined : { config, address }
  },
  write: ({ config, address }) => `${bits.write(config)}:${bits.write(address)}`,
}
