// The records of the R3000's test kernel: a trial's state as words, and what they say afterwards.
import { declareState, Number0 } from '../../../model/isa/mips/state.ts'
import type { Answer, Contents, Trial } from '../bench.ts'

/** Real addresses that the kernel and the host agree on. */
export const place = { userCode: 0x00400100, kernelCode: 0x00500100, record: 0x100000, storage: 0x01000000, storageEnd: 0x02000000 } as const
/** Where the program is, in words: in kuseg through the TLB, or in kseg0. */
export const programs = { kuseg: 0x5100 / 4, kseg0: (0x80000000 + place.kernelCode) / 4 } as const
/** The page of the program in kuseg, and the page in kseg2 that is the kernel's own. */
export const pages = { program: 0x5, private: 0xfffff } as const

export const recordWords = 128
/** In words. */
const at = {
  HI: 32, LO: 33, status: 34, enter: 35, slot: 36, code: 37, cause: 44, EPC: 45, savedGPR26: 52, savedStatus: 53, savedEPC: 54,
  /** How many entries of the TLB, and how many words of storage. */
  entries: 55, stored: 56, FGR: 58, storage: 90, TLB: 100,
} as const
/** The kernel makes it other than 0. */
export const finished = 57
const mostStored = 5, mostEntries = 8
/** The registers of coprocessor 0 that are laid down and read back, with the bits that they hold. */
export const kept: ReadonlyMap<number, { readonly word: number; readonly mask: number }> = new Map([
  [Number0.Index, { word: 47, mask: 0x3f00 }], [Number0.Random, { word: 48, mask: 0x3f00 }], [Number0.EntryLo0, { word: 49, mask: 0xffffff00 }],
  [Number0.EntryHi, { word: 51, mask: 0xffffffc0 }], [Number0.EPC, { word: at.EPC, mask: 0xffffffff }], [Number0.BadVAddr, { word: 46, mask: 0xffffffff }],
])

/** An entry of the TLB that no mapped address meets. */
export const idle = (n: bigint): bigint => (0x80000000n + 0x1000n * n) << 32n
/** Entries that the bench needs itself: the kernel's own page, the page of the program in kuseg, pages of the data from here on. */
export const reserved = { private: 7, program: 6, data: 20 } as const
export const privateEntry = (BigInt(pages.private) << 44n) | 0x2700n
const entry = (page: bigint, frame: bigint, D: bigint, V: bigint): bigint => (page << 44n) | (BigInt.asUintN(20, frame) << 12n) | (D << 10n) | (V << 9n) | (1n << 8n)

export const jumps = (name: string): boolean => /^(J|JAL|JR|JALR|B(EQ|NE|LEZ|LTZ))$/.test(name)
/** BREAK; it gives control back, told by its address. */
const sentinel = 0x0000000d
/** In kernel mode the program first saves k0, Status, and EPC: an exception pushes the one and sets the other. */
const saves = [0xac1afff4, 0x401a6000, 0xac1afff0, 0x401a7000, 0xac1affec, sentinel] as const

/** The real address of a cell of storage, which has a part for the TLB, and for kseg0 and kseg1. */
const realOf = (index: bigint): bigint => 4n * BigInt.asUintN(index >> 30n ? 30 : 27, index)
const inStorage = (index: bigint): boolean => realOf(index) >= BigInt(place.storage) && realOf(index) < BigInt(place.storageEnd)

/** CM says what the caches have done, which are left out. */
const cacheMiss = 1n << 19n
const fields = declareState('r3000').status
const inKuseg = ({ before }: Trial): boolean => before.registers.get('PC') === BigInt(programs.kuseg)
const savesItself = (trial: Trial): boolean => !inKuseg(trial) && !jumps(trial.instruction.name)

const entriesOf = (trial: Trial): readonly (readonly [number: bigint, content: bigint])[] => {
  const { instruction, before } = trial
  const register = (name: string): bigint => before.registers.get(name) ?? 0n
  const shift = register('PFN - VPN')
  const seen = [...new Set([...before.cells.get('E') ?? []].filter(([i]) => i >> 30n).map(([i]) => BigInt.asUintN(20, (realOf(i) >> 12n) - shift)))].slice(0, 2)
  const index = cp0(before, Number0.Index) >> 8n & 63n, random = cp0(before, Number0.Random) >> 8n & 63n
  const named = instruction.name === 'TLBR' || instruction.name === 'TLBWI' ? [index] : instruction.name === 'TLBWR' ? [random] : []
  const TLB = new Map([...named.map((n) => [n, idle(n)] as const), ...before.cells.get('TLB') ?? []])
  return [
    ...seen.map((page, i) => [BigInt(reserved.data + i), entry(page, page + shift, register('D'), register('V'))] as const),
    ...(inKuseg(trial)
      ? [[BigInt(reserved.program), entry(BigInt(pages.program), BigInt(place.userCode >> 12), 0n, 1n)] as const]
      : [...TLB].filter(([n, content]) => n !== BigInt(reserved.private) && (content !== idle(n) || named.includes(n)))),
  ].slice(0, mostEntries)
}

const cp0 = (before: Contents, number: number): bigint => before.cells.get('CP0')?.get(BigInt(number)) ?? 0n

/** The emulator counts Random down before TLBWR uses it, from 8 to 63. */
const counted = (random: bigint): bigint => (random === 63n << 8n ? 8n << 8n : random + (1n << 8n))

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
  put(at.enter, inKuseg(trial) ? 4 * programs.kuseg - 12 : 4 * programs.kseg0 - 12)
  put(at.slot, 0xa0000000 + (inKuseg(trial) ? place.userCode : place.kernelCode))
  const code = [word, ...jumps(instruction.name) ? [0, sentinel] : savesItself(trial) ? saves : [sentinel]]
  code.forEach((w, n) => put(at.code + n, w))
  for (const [n, { word: index }] of kept) put(index, n === Number0.Random && instruction.name === 'TLBWR' ? counted(cell('CP0', n)) : cell('CP0', n))
  const stored = [...before.cells.get('E') ?? []].filter(([i]) => inStorage(i)).slice(0, mostStored)
  put(at.stored, stored.length)
  stored.forEach(([i, value], n) => {
    put(at.storage + 2 * n, 0xa0000000n + realOf(i))
    put(at.storage + 2 * n + 1, value)
  })
  const entries = entriesOf(trial)
  put(at.entries, entries.length)
  entries.forEach(([n, content], i) => {
    put(at.TLB + 3 * i, n)
    put(at.TLB + 3 * i + 1, content >> 32n)
    put(at.TLB + 3 * i + 2, content)
  })
  return new Uint8Array(view.buffer)
}

const exceptions: Readonly<Record<number, string>> = {
  1: 'address error, TLB', 2: 'address error, TLB', 3: 'address error, TLB', 4: 'address error, TLB', 5: 'address error, TLB',
  8: 'system call', 9: 'breakpoint', 11: 'coprocessor unusable', 12: 'overflow',
}

export const answerOf = (trial: Trial, record: Uint8Array | string): Answer => {
  const { instruction, before } = trial
  if (typeof record === 'string') return { kind: 'lost', why: record }
  const view = new DataView(record.buffer, record.byteOffset)
  const word = (index: number): bigint => BigInt(view.getUint32(4 * index))
  const code = Number(word(at.cause) >> 2n) & 31, bad = word(46), EPC = word(at.EPC)
  const PC = before.registers.get('PC') ?? 0n
  const saved = savesItself(trial), isJump = jumps(instruction.name)
  const expected = BigInt.asUintN(32, 4n * PC + (isJump ? 8n : saved ? 24n : 4n))
  const isSentinel = code === 9 && EPC === expected
  const jumped = isJump && !isSentinel && (code === 2 || code === 4) && EPC === bad
  if (!isSentinel && !jumped) {
    const cause = EPC === BigInt.asUintN(32, 4n * PC) ? exceptions[code] : undefined
    return cause === undefined ? { kind: 'lost', why: `it comes back by exception ${code} at ${EPC.toString(16)}` } : { kind: 'trapped', causes: [cause], said: `exception ${code}` }
  }
  const registers = new Map<string, bigint>([['PC', jumped ? bad >> 2n : PC + 1n], ['HI', word(at.HI)], ['LO', word(at.LO)]])
  // An exception pushes the modes and interrupt enables, and what is old is lost.
  const pushed = word(at.status), status = (saved ? word(at.savedStatus) : (pushed & ~0x3fn) | ((pushed >> 2n) & 0xfn)) & ~cacheMiss
  for (const { register, low } of fields)
    if (saved || (low !== 5 && low !== 4)) registers.set(register.name, (status >> BigInt(low)) & ((1n << BigInt(register.width)) - 1n))
  const GPR = new Map(Array.from({ length: 31 }, (_, n) => [BigInt(n + 1), word(n + 1)] as const))
  if (saved) GPR.set(26n, word(at.savedGPR26))
  const FGR = new Map(Array.from({ length: 32 }, (_, n) => [BigInt(n), word(at.FGR + n)] as const))
  const unseen: readonly number[] = [Number0.EPC, ...jumped ? [Number0.EntryHi, Number0.BadVAddr] : []]
  const CP0 = new Map([...kept].filter(([n]) => !unseen.includes(n)).map(([n, { word: index }]) => [BigInt(n), word(index)] as const))
  if (saved) CP0.set(BigInt(Number0.EPC), word(at.savedEPC))
  // Below P the manual leaves Index open.
  if (CP0.get(BigInt(Number0.Index))! >> 31n) CP0.set(BigInt(Number0.Index), 0x80000000n)
  const stored = [...before.cells.get('E') ?? []].filter(([i]) => inStorage(i)).slice(0, mostStored)
  const E = new Map(stored.map(([i], n) => [i, word(at.storage + 2 * n + 1)] as const))
  const TLB = new Map(Array.from({ length: inKuseg(trial) ? 0 : Number(word(at.entries)) }, (_, i) =>
    [word(at.TLB + 3 * i), (word(at.TLB + 3 * i + 1) << 32n) | word(at.TLB + 3 * i + 2)] as const)
    .filter(([n]) => before.cells.get('TLB')?.has(n)))
  const [, made] = instruction.name.startsWith('TLBW') ? [...TLB][0] ?? [] : []
  if (made !== undefined) {
    // The mapping is what the entry written last says.
    registers.set('V', (made >> 9n) & 1n).set('D', (made >> 10n) & 1n)
    registers.set('PFN - VPN', BigInt.asUintN(20, (made >> 12n) - (made >> 44n)))
  }
  return { kind: 'completed', after: { registers, cells: new Map([['GPR', GPR], ['FGR', FGR], ['CP0', CP0], ['E', E], ['TLB', TLB]]) } }
}
