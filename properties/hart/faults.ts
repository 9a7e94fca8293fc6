// Faults planted in the RISC-V hart, by replacing a method of one of its classes, and in its specification, by other choices or instructions.
import { createHart, hartClasses, type Hart, type HartOptions, type Platform } from '../../traces/adapters.ts'
import { device, hartSystem, ram } from '../../traces/hart-program.ts'
import type { Isa } from '../../model/machine/isa.ts'
import type { Parts } from './pair.ts'

export interface HartFault {
  /** Lower case with hyphens. */
  readonly name: string
  /** What is wrong, in one sentence. */
  readonly sentence: string
  readonly where: 'hart' | 'specification'
  readonly property: 'lock-step'
  readonly system: typeof hartSystem
  /** The number of a configuration that shows it. */
  readonly configuration: number
  /** What takes the place of the sound parts. */
  readonly parts: Partial<Parts>
  /** Plants what is not a part; what it gives takes it away again. */
  readonly plant: () => () => void
}

const about = { property: 'lock-step', system: hartSystem, configuration: 0, parts: {}, plant: () => () => {} } as const

/** What methods find in `this`, as far as faults touch it. */
interface Inside {
  status: number
  fs: number
  flags: number
  state: Inside & { readonly words: Int32Array }
  confirm: () => void
}
type Method = (this: Inside, ...values: number[]) => unknown

const inClass = (name: string, of: keyof typeof hartClasses, method: string, sentence: string, wrong: (right: Method) => Method, configuration = 0): HartFault => ({
  ...about, name: `hart-${name}`, where: 'hart', sentence, configuration,
  plant: () => {
    const { prototype } = hartClasses[of], right = Reflect.get(prototype, method) as Method
    Reflect.set(prototype, method, wrong(right))
    return () => void Reflect.set(prototype, method, right)
  },
})
const around = (name: string, sentence: string, hart: (options: HartOptions, platform: Platform) => Hart, configuration = 0): HartFault =>
  ({ ...about, name: `hart-${name}`, where: 'hart', sentence, configuration, parts: { hart } })
/** The hart makes other choices. */
const otherwise = (name: string, sentence: string, wrong: Partial<HartOptions>, configuration = 0): HartFault =>
  around(name, sentence, (options, platform) => createHart({ ...options, ...wrong }, platform), configuration)
const inSpecification = (name: string, sentence: string, parts: Partial<Parts>, configuration = 0): HartFault =>
  ({ ...about, name: `specification-${name}`, where: 'specification', sentence, configuration, parts })

const sum = 1 << 18, mxr = 1 << 19, mpp = 3 << 11, mprv = 1 << 17, spp = 1 << 8, nx = 1

const withStatus = (bits: number): ((right: Method) => Method) => (right) => function (...values) {
  const { status } = this.state
  this.state.status |= bits
  try {
    return right.apply(this, values)
  } finally {
    this.state.status = status
  }
}
/** Bits of mstatus are after the method as they were before. */
const keeping = (bits: number): ((right: Method) => Method) => (right) => function (...values) {
  const { status } = this.state, result = right.apply(this, values)
  this.state.status = (this.state.status & ~bits) | (status & bits)
  return result
}
const nothing = (): Method => () => undefined

const replacing = (name: string, by: string) => (isa: Isa): Isa => {
  const other = isa.instructions.find((i) => i.name === by)!
  return { ...isa, instructions: isa.instructions.map((i) => (i.name === name ? { ...i, body: other.body } : i)) }
}

export const hartFaults: readonly HartFault[] = [
  inClass('sum-ignored', 'Mmu', 'permits', 'supervisor mode may access user pages without SUM', withStatus(sum)),
  inClass('mxr-ignored', 'Mmu', 'permits', 'executable pages can be read without MXR', withStatus(mxr)),
  inClass('pmp-first-byte', 'Pmp', 'allows', 'protection looks at the first byte of an access only', (right) => function (address, _bytes, ...rest) { return right.call(this, address!, 1, ...rest) }),
  inClass('pmp-uniform', 'Pmp', 'uniform', 'a page is remembered although protection differs in it', () => () => true),
  inClass('fence-keeps', 'State', 'flush', 'old translations are kept by SFENCE.VMA, satp and protection', nothing),
  inClass('code-kept', 'DecodedCode', 'wrote', 'decoded code is kept when it is written over', nothing),
  inClass('translation-kept', 'Translations', 'forget', 'a translated block is kept when its code is written over', nothing),
  inClass('span-kept', 'Translations', 'hold', 'a translated block is kept when its code in another page than its first is written over', (right) => function (group) {
    const { extents } = group as unknown as { readonly extents: readonly number[] }
    return right.call(this, { ...(group as unknown as object), extents: extents.slice(0, 1) } as unknown as number)
  }),
  inClass('span-mapping', 'Translator', 'comesFromOther', 'a translated block goes on in the page that was mapped when it was translated', () => () => false),
  inClass('crossing-kept', 'DecodedCode', 'cross', 'the second half of an instruction across pages is taken for another', (right) => function (records, half) { return right.call(this, records!, half! ^ 0x80) }),
  inClass('mpp-kept', 'System', 'machineReturn', 'MRET does not clear MPP', keeping(mpp)),
  inClass('mprv-kept', 'System', 'machineReturn', 'MRET below M-mode does not clear MPRV', keeping(mprv)),
  inClass('spp-kept', 'System', 'supervisorReturn', 'SRET does not clear SPP', keeping(spp)),
  inClass('rounding', 'Floating', 'execute', 'towards zero is rounded to nearest', (right) => function (word) { return right.call(this, (word! & 0x7000) === 0x1000 ? word! & ~0x7000 : word!) }),
  inClass('inexact-lost', 'Floating', 'setF', 'the flag NX is not raised', (right) => function (...values) {
    const { flags } = this.state, result = right.apply(this, values)
    this.state.flags = (this.state.flags & ~nx) | (flags & nx)
    return result
  }),
  inClass('dirty-lost', 'Floating', 'setX', 'FS does not become dirty by flags', (right) => function (...values) {
    const { fs } = this.state, result = right.apply(this, values)
    this.state.fs = fs
    return result
  }),
  inClass('marks-early', 'Mmu', 'mark', 'A and D are set by accesses that fault', (right) => function (...values) {
    const result = right.apply(this, values)
    if (result === true) this.confirm()
    return result
  }, 1),
  inClass('dirty-never', 'Mmu', 'mark', 'stores set A, but not D', (right) => function (place) { return right.call(this, place!, 0x40) }, 1),
  inClass('misaligned-first', 'MemoryAccess', 'misaligned', 'what is an access fault because it is misaligned is one before page faults', () => (_low, _high, _bytes, permission) => (permission === 1 ? 5 : 7), 6),
  inClass('reservation-kept', 'System', 'returnTo', 'a return does not end a reservation', (right) => function (...values) {
    const words = this.state.words.slice(142, 144), result = right.apply(this, values)
    this.state.words.set(words, 142)
    return result
  }),
  inClass('sc-width', 'State', 'reserve', 'a reservation of a word serves a doubleword', (right) => function (place, bytes) { return right.call(this, place!, bytes === 4 ? 8 : bytes!) }),
  inClass('floating-off', 'System', 'floatingMemory', 'loads and stores of f registers do not ask FS', (right) => function (...values) {
    if (this.state.fs === 0) this.state.fs = 1
    return right.apply(this, values)
  }),
  around('line-lost', 'the external line of S-mode does not arrive', (options, platform) => {
    const hart = createHart(options, platform)
    return Object.create(hart, { drive: { value: (line: Parameters<Hart['drive']>[0], level: boolean) => { if (line !== 'SEIP') hart.drive(line, level) } } }) as Hart
  }),
  around('interrupt-late', 'a run ends one instruction late, so that interrupts are', (options, platform) => {
    const hart = createHart(options, platform)
    return Object.create(hart, { run: { value: (until: number) => { const how = hart.run(until); return how === 'reached' ? hart.run(until + 1) : how } } }) as Hart
  }),
  around('time-off', 'time is one ahead', (options, platform) => createHart(options, { ...platform, time: () => platform.time() + 1n })),
  otherwise('aligned-only', 'misaligned accesses trap', { misaligned: 'trap' }),
  otherwise('misaligned-cause', 'misaligned accesses raise address-misaligned exceptions where access faults are meant', { misaligned: 'trap' }, 6),
  otherwise('atomics-cause', 'misaligned atomic instructions raise address-misaligned exceptions where access faults are meant', { misalignedAtomics: 'trap' }, 6),
  otherwise('no-granule', 'misaligned accesses in a granule trap', { atomicityGranule: 0 }, 7),
  otherwise('small-granule', 'granules are half as large', { atomicityGranule: 2048 }, 8),
  otherwise('more-entries', 'there are 16 entries of PMP instead of 8', { pmpEntries: 16 }, 6),
  otherwise('fewer-entries', 'there are 63 entries of PMP instead of 64', { pmpEntries: 63 }, 7),
  otherwise('some-entries', 'there is PMP where there is none', { pmpEntries: 16 }, 8),
  otherwise('small-ranges', 'ranges of PMP may be of 4 bytes instead of 4096', { pmpGranularity: 4 }, 6),
  otherwise('smaller-ranges', 'ranges of PMP may be of 8 bytes instead of 16', { pmpGranularity: 8 }, 7),
  otherwise('more-asid', 'ASID has a bit more', { asidBits: 8 }, 6),
  otherwise('asid', 'ASID is there', { asidBits: 1 }, 8),
  otherwise('vectors-anywhere', 'a vectored BASE is not aligned to 64 bytes', { vectoredAlignment: 4 }, 6),
  otherwise('vectors-aligned', 'a vectored BASE is aligned to 512 bytes instead of 256', { vectoredAlignment: 512 }, 7),
  otherwise('values', 'mtval and stval have values, and mtval can be written', { trapValues: 'given' }, 6),
  otherwise('no-values', 'mtval and stval are 0', { trapValues: 'zero' }),
  inSpecification('illegal-value', 'xtval is 0 after an illegal instruction', { choices: { illegalValue: 'zero' } }),
  inSpecification('pointer-bits', 'A, D and U in a pointer to a table are ignored', { choices: { reservedPointerBits: 'ignored' } }),
  inSpecification('reservation-outlives', 'traps and returns do not end a reservation', { choices: { reservationEnds: 'at SC' } }),
  inSpecification('priority', 'misaligned accesses trap after page faults', { choices: { misalignedPriority: 'below other faults' } }, 2),
  inSpecification('atomics-cause', 'misaligned atomic instructions raise access faults', { choices: { misalignedAtomics: 'access fault' } }, 2),
  inSpecification('device', 'the device takes misaligned accesses and reservations as memory does', { choices: { regions: [ram, device].map(({ base, size }) => ({ base: BigInt(base), size: BigInt(size) })) } }),
  inSpecification('cause', 'misaligned accesses raise access faults', { choices: { misaligned: 'access fault' } }, 2),
  inSpecification('sign', 'ADDW does not extend the sign', { isa: replacing('ADDW', 'ADD') }),
  inSpecification('interrupt-order', 'simultaneous interrupts are taken in the opposite order', { isa: (isa) => ({ ...isa, sequencing: { ...isa.sequencing!, interrupts: isa.sequencing!.interrupts.toReversed() } }) }),
]
