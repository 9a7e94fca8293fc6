// The records of the R4000's test kernel: a trial's state as words, and what they say afterwards.
import { declareState, Number0 } from '../../../model/isa/mips/state.ts'
import type { Answer, Contents, Trial } from '../bench.ts'

/** Real addresses that the kernel and the host agree on. */
export const place = { userCode: 0x00400100, kernelCode: 0x00500100, records: 0x100000, storage: 0x01000000, storageEnd: 0x02000000 } as const
/** Where the program is, in words: in kuseg through the TLB, or in kseg0. */
export const programs = { kuseg: place.userCode / 4, kseg0: (0x80000000 + place.kernelCode) / 4 } as const

export const recordWords = 128
/** In words. */
const at = {
  HI: 32, LO: 33, status: 34, enter: 35, instruction: 36, vector: 39, cause: 40, EPC: 41, BadVAddr: 42, slot: 52, link: 53,
  /** How many entries of the TLB, and how many words of storage. */
  entries: 54, stored: 55, FGR: 56, storage: 88, TLB: 98,
} as const
const mostStored = 5, mostEntries = 6
/** The registers of coprocessor 0 that are laid down and read back, with the bits that they hold. */
export const kept: ReadonlyMap<number, { readonly word: number; readonly mask: number }> = new Map([
  [Number0.Index, { word: 43, mask: 0x3f }], [Number0.EntryLo0, { word: 44, mask: 0x3fffffff }], [Number0.EntryLo1, { word: 45, mask: 0x3fffffff }],
  [Number0.PageMask, { word: 47, mask: 0x01ffe000 }], [6, { word: 48, mask: 0x3f }], [Number0.EntryHi, { word: 49, mask: 0xffffe0ff }],
  [Number0.EPC, { word: at.EPC, mask: 0xffffffff }], [Number0.ErrorEPC, { word: 50, mask: 0xffffffff }], [Number0.TagLo, { word: 51, mask: 0xfffffcc0 }],
])

/** An entry of the TLB that no mapped address meets. */
export const idle = (n: bigint): bigint => (0x80000000n + 0x2000n * n) << 64n
/** Entries that the bench needs itself: the page of the data, of the program in kuseg, and of what the kernel leaves at 0. */
const reserved = { data: 46, program: 45, zero: 47 } as const
const entry = (page: bigint, low0: bigint, low1: bigint): bigint => (page << 64n) | (low1 << 32n) | low0
const low = (frame: bigint, D: bigint, V: bigint): bigint => (BigInt.asUintN(20, frame) << 6n) | (2n << 3n) | (D << 2n) | (V << 1n) | 1n

const delayed = /^(J|JAL|JR|JALR|B(EQ|NE|LEZ|LTZ))$/
export const jumps = (name: string): boolean => delayed.test(name) || name === 'ERET'
/** LW $0, 7FF1($0): an address error, told by its address, gives control back. */
const sentinel = 0x8c007ff1, sentinelAddress = 0x7ff1n

/** The real address of a cell of storage, which has a part for the TLB, for kuseg under ERL, and for kseg0 and kseg1. */
const realOf = (index: bigint): bigint => 4n * BigInt.asUintN(index >> 30n ? 30 : index >> 29n ? 29 : 27, index)
const inStorage = (index: bigint): boolean => realOf(index) >= BigInt(place.storage) && realOf(index) < BigInt(place.storageEnd)
/** Where a program finds a cell that it reaches through the TLB. */
const mappedAddress = (index: bigint, before: Contents): bigint => BigInt.asUintN(32, realOf(index) - ((before.registers.get('PFN - VPN') ?? 0n) << 12n))

const fields = declareState('r4000').status

const entriesOf = ({ instruction, before }: Trial, inKuseg: boolean): readonly (readonly [number: bigint, content: bigint])[] => {
  const register = (name: string): bigint => before.registers.get(name) ?? 0n
  const [V, D] = [register('V'), register('D')]
  const pages = [...new Set([...before.cells.get('E') ?? []].filter(([i]) => i >> 30n).map(([i]) => mappedAddress(i, before) & ~0x1fffn))]
  const shift = register('PFN - VPN'), index = BigInt.asUintN(6, before.cells.get('CP0')?.get(BigInt(Number0.Index)) ?? 0n)
  const frame = (address: bigint): bigint => (address >> 12n) + shift
  return [
    ...pages.map((page, i) => [BigInt(reserved.data - 3 * i), entry(page, low(frame(page), D, V), low(frame(page) + 1n, D, V))] as const).slice(0, 2),
    ...(inKuseg ? [
      [BigInt(reserved.program), entry(BigInt(place.userCode & ~0x1fff), low(BigInt(place.userCode >> 12), 1n, 1n), low(BigInt(place.userCode >> 12) + 1n, 1n, 1n))] as const,
      [BigInt(reserved.zero), entry(0n, low(0n, 1n, 1n), low(1n, 1n, 1n))] as const,
    ] : [...new Map([...instruction.name === 'TLBR' ? [[index, 0n]] as const : [], ...before.cells.get('TLB') ?? []])].filter(([n, content]) => n < 48n && content !== idle(n)).slice(0, 4)),
  ]
}

const wired = 6
/** With 47 in Wired, Random is 47; TLBWR does not name Wired, which may be anything then. */
const freesWired = ({ instruction, before }: Trial): boolean => instruction.name === 'TLBWR' && before.cells.get('CP0')?.has(BigInt(wired)) !== true

export const recordOf = (trial: Trial): Uint8Array => {
  const { instruction, word, before } = trial
  const view = new DataView(new ArrayBuffer(4 * recordWords))
  const put = (index: number, value: bigint | number): void => view.setUint32(4 * index, Number(BigInt.asUintN(32, BigInt(value))))
  const register = (name: string): bigint => before.registers.get(name) ?? 0n
  const cell = (bank: string, index: number): bigint => before.cells.get(bank)?.get(BigInt(index)) ?? 0n
  for (let n = 1; n < 32; n++) put(n, cell('GPR', n))
  for (let n = 0; n < 32; n++) put(at.FGR + n, cell('FGR', n))
  put(at.HI, register('HI'))
  put(at.LO, register('LO'))
  put(at.status, fields.reduce((w, f) => w | (register(f.register.name) << BigInt(f.low)), 0n))
  const inKuseg = register('PC') === BigInt(programs.kuseg)
  put(at.enter, inKuseg ? place.userCode - 12 : 0x80000000 + place.kernelCode - 20)
  put(at.slot, 0xa0000000 + (inKuseg ? place.userCode : place.kernelCode))
  put(at.instruction, word)
  put(at.instruction + 1, delayed.test(instruction.name) ? 0 : sentinel)
  put(at.instruction + 2, sentinel)
  for (const [n, { word: index }] of kept) put(index, n === wired && freesWired(trial) ? 47 : cell('CP0', n))
  const stored = [...before.cells.get('E') ?? []].filter(([i]) => inStorage(i)).slice(0, mostStored)
  put(at.stored, stored.length)
  stored.forEach(([i, value], n) => {
    put(at.storage + 2 * n, 0xa0000000n + realOf(i))
    put(at.storage + 2 * n + 1, value)
  })
  const entries = entriesOf(trial, inKuseg).slice(0, mostEntries)
  put(at.entries, entries.length)
  entries.forEach(([n, content], i) => {
    put(at.TLB + 5 * i, n)
    for (let k = 0; k < 4; k++) put(at.TLB + 5 * i + 1 + k, content >> BigInt(96 - 32 * k))
  })
  // What LL has linked; otherwise an address of the kernel's own.
  const [linked] = instruction.name === 'SC' && register('LLbit') === 1n ? stored : []
  put(at.link, !linked ? 0xa00007e0 : linked[0] >> 30n ? mappedAddress(linked[0], before) : 0x80000000n + 4n * BigInt.asUintN(28, linked[0]))
  return new Uint8Array(view.buffer)
}

const exceptions: Readonly<Record<number, string>> = {
  1: 'address error, TLB', 2: 'address error, TLB', 3: 'address error, TLB', 4: 'address error, TLB', 5: 'address error, TLB',
  8: 'system call', 9: 'breakpoint', 11: 'coprocessor unusable', 12: 'overflow', 13: 'trap',
}

export const answerOf = (trial: Trial, record: Uint8Array | string): Answer => {
  const { instruction, before } = trial
  if (typeof record === 'string') return { kind: 'lost', why: record }
  const view = new DataView(record.buffer, record.byteOffset)
  const word = (index: number): bigint => BigInt(view.getUint32(4 * index))
  const code = Number(word(at.cause) >> 2n) & 31, bad = word(at.BadVAddr), EPC = word(at.EPC)
  const PC = before.registers.get('PC') ?? 0n
  const isSentinel = code === 4 && bad === sentinelAddress
  const jumped = !isSentinel && jumps(instruction.name) && (code === 2 || code === 4)
  if (!isSentinel && !jumped) {
    const cause = exceptions[code]
    return cause === undefined ? { kind: 'lost', why: `it comes back by exception ${code}` } : { kind: 'trapped', causes: [cause], said: `exception ${code}` }
  }
  const registers = new Map<string, bigint>([['PC', jumped ? bad >> 2n : PC + 1n], ['HI', word(at.HI)], ['LO', word(at.LO)]])
  for (const { register, low: lowest } of fields) registers.set(register.name, (word(at.status) >> BigInt(lowest)) & ((1n << BigInt(register.width)) - 1n))
  // An exception at level 0 sets EXL and EPC, one above leaves both.
  const fault = jumped ? bad : BigInt.asUintN(32, 4n * PC + (delayed.test(instruction.name) ? 8n : 4n))
  const rises = word(at.vector) === 0n || (EPC === fault && before.cells.get('CP0')?.get(BigInt(Number0.EPC)) !== fault)
  if (rises) registers.set('EXL', 0n)
  else if (EPC === fault) registers.delete('EXL')
  const GPR = new Map(Array.from({ length: 31 }, (_, n) => [BigInt(n + 1), word(n + 1)] as const))
  const FGR = new Map(Array.from({ length: 32 }, (_, n) => [BigInt(n), word(at.FGR + n)] as const))
  const unseen: readonly number[] = [...rises ? [Number0.EPC] : [], ...jumped ? [Number0.EntryHi] : [], ...freesWired(trial) ? [wired] : []]
  const CP0 = new Map([...kept].filter(([n]) => !unseen.includes(n)).map(([n, { word: index }]) => [BigInt(n), word(index)] as const))
  // Below P the manual leaves Index open.
  if (CP0.get(BigInt(Number0.Index))! >> 31n) CP0.set(BigInt(Number0.Index), 0x80000000n)
  const stored = [...before.cells.get('E') ?? []].filter(([i]) => inStorage(i)).slice(0, mostStored)
  const E = new Map(stored.map(([i], n) => [i, word(at.storage + 2 * n + 1)] as const))
  const TLB = new Map(Array.from({ length: PC === BigInt(programs.kuseg) ? 0 : Number(word(at.entries)) }, (_, i) =>
    [word(at.TLB + 5 * i), [1, 2, 3, 4].reduce((n, k) => (n << 32n) | word(at.TLB + 5 * i + k), 0n)] as const)
    .filter(([n]) => before.cells.get('TLB')?.has(n)))
  const [, made] = instruction.name.startsWith('TLBW') ? [...TLB][0] ?? [] : []
  if (made !== undefined) {
    // The mapping is what the entry written last says of its even page.
    registers.set('V', (made >> 1n) & 1n).set('D', (made >> 2n) & 1n)
    registers.set('PFN - VPN', BigInt.asUintN(20, (made >> 6n) - (made >> 76n)))
  }
  return { kind: 'completed', after: { registers, cells: new Map([['GPR', GPR], ['FGR', FGR], ['CP0', CP0], ['E', E], ['TLB', TLB]]) } }
}
