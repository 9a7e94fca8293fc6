// The records of ring3.c: a trial, and what the processor and Linux made of it.
import type { Answer, Contents, Trial } from '../bench.ts'
import { undefinedFlags } from '../x86/undefined-flags.ts'

const words = 24
export const trialSize = 4 * (8 + 6 + 2 + 2 + 2 * words), resultSize = 4 * (4 + 8 + 8 + words)
/** In doublewords. */
const trialAt = { flags: 8, ip: 9, ds: 10, es: 11, fs: 12, gs: 13, bytes: 14, length: 16, count: 17, memory: 18 } as const
const at = { signal: 0, vector: 1, error: 2, address: 3, R: 4, flags: 12, ip: 13, cs: 14, ss: 15, ds: 16, es: 17, fs: 18, gs: 19, memory: 20 } as const

/** Flags of a program with their bits; IF is 1 and IOPL 0 under Linux. */
const flags = [['CF', 0], ['PF', 2], ['AF', 4], ['ZF', 6], ['SF', 7], ['TF', 8], ['IF', 9], ['DF', 10], ['OF', 11], ['NT', 14], ['AC', 18], ['ID', 21]] as const
const interruptFlag = 0x202
const dataSegments = ['ds', 'es', 'fs', 'gs'] as const

const storage = (before: Contents): readonly (readonly [bigint, bigint])[] => [...before.cells.get('E') ?? []].slice(0, words)

export const recordOf = ({ instruction, word, before }: Trial): Uint8Array => {
  const view = new DataView(new ArrayBuffer(trialSize))
  const put = (index: number, value: bigint): void => view.setUint32(4 * index, Number(BigInt.asUintN(32, value)), true)
  const register = (name: string): bigint => before.registers.get(name) ?? 0n
  for (let n = 0; n < 8; n++) put(n, before.cells.get('R')?.get(BigInt(n)) ?? 0n)
  put(trialAt.flags, flags.reduce((w, [name, n]) => w | (register(name) << BigInt(n)), BigInt(interruptFlag)))
  put(trialAt.ip, register('EIP'))
  for (const name of dataSegments) put(trialAt[name], register(name.toUpperCase()))
  const length = instruction.encoding.width / 8
  for (let n = 0; n < length; n++) view.setUint8(4 * trialAt.bytes + n, Number((word >> BigInt(8 * (length - 1 - n))) & 255n))
  put(trialAt.length, BigInt(length))
  const stored = storage(before)
  put(trialAt.count, BigInt(stored.length))
  stored.forEach(([index, value], i) => {
    put(trialAt.memory + 2 * i, 4n * index)
    put(trialAt.memory + 2 * i + 1, value)
  })
  return new Uint8Array(view.buffer)
}

const causes: Readonly<Record<number, readonly string[]>> = {
  0: ['#DE'], 1: ['#DB'], 5: ['#BR'], 6: ['#UD'], 10: ['#TS'], 11: ['#NP'], 12: ['#SS(selector)', 'limit'], 13: ['#GP', '#GP(selector)', 'limit'],
}
/** Instructions that user-mode instruction prevention refuses, and that Linux then answers with values of its own. */
export const prevented = /^(SGDT|SIDT|SLDT|STR|SMSW) /
/** What Linux answers: a limit of 0 and a base at the top of 64 bits, cut to 32 (arch/x86/kernel/umip.c). */
export const dummies: Readonly<Record<string, readonly bigint[]>> = { SGDT: [0n, 0xfffe0000n], SIDT: [0n, 0xffff0000n], SLDT: [0n], STR: [0x40n], SMSW: [0x33n] }

/** `umip`: the processor has user-mode instruction prevention in use. */
export const answerOf = (record: Uint8Array | undefined, { instruction, word, before }: Trial, umip: boolean): Answer => {
  if (!record) return { kind: 'lost', why: 'it does not come back' }
  const view = new DataView(record.buffer, record.byteOffset)
  const read = (index: number): bigint => BigInt(view.getUint32(4 * index, true))
  const signal = Number(read(at.signal)), vector = Number(read(at.vector))
  if (signal === 0) return { kind: 'lost', why: 'its pages cannot be mapped' }
  const from = read(at.ip)
  if (from === before.registers.get('EIP')) {
    const error = Number(read(at.error))
    return { kind: 'trapped', causes: causes[vector] ?? [], said: `signal ${signal}, vector ${vector}${error === 0 ? '' : `, error code ${error.toString(16)}`}` }
  }
  const R = new Map(Array.from({ length: 8 }, (_, n) => [BigInt(n), read(at.R + n)] as const))
  const E = new Map(storage(before).map(([index], i) => [index, read(at.memory + i)] as const))
  if (umip && prevented.test(instruction.name)) {
    const seen = linuxAnswer(instruction.name, word, R, E)
    return seen ? { kind: 'trapped', causes: ['#GP'], said: 'vector 13, which Linux answers with values of its own' } : { kind: 'lost', why: 'it completes, with values that are not those of Linux' }
  }
  const selector = (index: number): bigint => read(index)
  // What the processor and Linux tell of themselves is theirs.
  const told = /^(RDTSC|CPUID)$/.test(instruction.name), stored = prevented.test(instruction.name)
  if (told) for (const n of instruction.name === 'CPUID' ? [0n, 1n, 2n, 3n] : [0n, 2n]) R.delete(n)
  if (stored) R.clear()
  // Bits 19 to 16 of what LAR loads are undefined; the model has them 0, this processor the limit's.
  if (instruction.name.startsWith('LAR') && (read(at.flags) & 0x40n) !== 0n) {
    const to = instruction.encoding.width === 24 ? (word >> 3n) & 7n : (word >> 35n) & 7n
    R.set(to, R.get(to)! & ~0xf0000n)
  }
  const registers = new Map<string, bigint>([
    ['EIP', from], ['CS<15:2>', selector(at.cs) >> 2n], ['SS<15:2>', selector(at.ss) >> 2n], ['CPL', selector(at.cs) & 3n],
    // The return from Linux to the program clears null selectors.
    ...dataSegments.flatMap((name) => (selector(at[name]) === 0n ? [] : [[name.toUpperCase(), selector(at[name])] as const])), ...flags.map(([name, n]) => [name, (read(at.flags) >> BigInt(n)) & 1n] as const),
  ])
  for (const name of undefinedFlags(instruction, word)) registers.delete(name)
  return { kind: 'completed', after: { registers, cells: new Map([['R', R], ['E', stored ? new Map<bigint, bigint>() : E]]) } }
}

/** Whether the operand holds what Linux answers. */
const linuxAnswer = (name: string, word: bigint, R: ReadonlyMap<bigint, bigint>, E: ReadonlyMap<bigint, bigint>): boolean => {
  const [mnemonic = '', form = ''] = name.split(' '), values = dummies[mnemonic]!
  if (form.startsWith('r')) return (R.get(word & 7n)! & 0xffffn) === values[0]
  const address = [0, 1, 2, 3].reduce((a, i) => a | (((word >> BigInt(24 - 8 * i)) & 255n) << BigInt(8 * i)), 0n)
  const half = (at: bigint): bigint => ((E.get(at >> 2n) ?? 0n) >> (8n * (at & 2n))) & 0xffffn
  return values.length === 1 ? half(address) === values[0] : half(address) === values[0] && (half(address + 2n) | (half(address + 4n) << 16n)) === values[1]
}
