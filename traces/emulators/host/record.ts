// The records of ring3.c: a trial, and what the processor and Linux made of it.
import type { Instruction } from '../../../model/ir/instruction.ts'
import type { Answer, Contents, Trial } from '../bench.ts'
import { undefinedFlags } from '../x86/undefined-flags.ts'

const words = 24
export const trialSize = 8 * 20 + 4 * 2 + 16 + 4 * 4 + 16 * words, resultSize = 8 * 24 + 8 * 2 + 8 * words
/** In bytes. */
const trialAt = { flags: 128, ip: 136, bases: 144, segments: 160, bytes: 168, bits: 184, length: 188, count: 192, writesBases: 196, memory: 200 } as const
const at = { signal: 0, vector: 8, error: 16, R: 32, flags: 160, ip: 168, bases: 176, cs: 192, ss: 194, segments: 196, memory: 208 } as const

/** 32-bit code, or 64-bit code with the names of the model. */
export interface Mode {
  readonly bits: 32 | 64
  readonly IP: 'EIP' | 'RIP'
  /** The bases of FS and GS are written and read, by instructions for that. */
  readonly hasBases: boolean
}

/** Flags of a program with their bits; IF is 1 and IOPL 0 under Linux. */
const flags = [['CF', 0], ['PF', 2], ['AF', 4], ['ZF', 6], ['SF', 7], ['TF', 8], ['IF', 9], ['DF', 10], ['OF', 11], ['NT', 14], ['AC', 18], ['ID', 21]] as const
const interruptFlag = 0x202
const dataSegments = ['DS', 'ES', 'FS', 'GS'] as const

const storage = (before: Contents): readonly (readonly [bigint, bigint])[] => [...before.cells.get('E') ?? []].slice(0, words)
/** Of a cell of storage: in 64-bit mode 48 bits, which are extended by the highest. */
const addressOf = (index: bigint, bits: 32 | 64): bigint => (bits === 32 ? 4n * index : BigInt.asUintN(64, BigInt.asIntN(48, 8n * index)))

export const recordOf = ({ instruction, word, before }: Trial, { bits, IP, hasBases }: Mode): Uint8Array => {
  const view = new DataView(new ArrayBuffer(trialSize))
  const put = (to: number, value: bigint): void => view.setBigUint64(to, value, true)
  const register = (name: string): bigint => before.registers.get(name) ?? 0n
  for (let n = 0; n < bits / 4; n++) put(8 * n, before.cells.get('R')?.get(BigInt(n)) ?? 0n)
  put(trialAt.flags, flags.reduce((w, [name, n]) => w | (register(name) << BigInt(n)), BigInt(interruptFlag)))
  put(trialAt.ip, register(IP))
  put(trialAt.bases, register('FS.base'))
  put(trialAt.bases + 8, register('GS.base'))
  dataSegments.forEach((name, i) => view.setUint16(trialAt.segments + 2 * i, Number(register(name)), true))
  const length = instruction.encoding.width / 8
  for (let n = 0; n < length; n++) view.setUint8(trialAt.bytes + n, Number((word >> BigInt(8 * (length - 1 - n))) & 255n))
  const stored = storage(before)
  for (const [to, value] of [[trialAt.bits, bits], [trialAt.length, length], [trialAt.count, stored.length], [trialAt.writesBases, hasBases ? 1 : 0]] as const) view.setUint32(to, value, true)
  stored.forEach(([index, value], i) => {
    put(trialAt.memory + 16 * i, addressOf(index, bits))
    put(trialAt.memory + 16 * i + 8, value)
  })
  return new Uint8Array(view.buffer)
}

const causes: Readonly<Record<number, readonly string[]>> = {
  0: ['#DE'], 1: ['#DB'], 5: ['#BR'], 6: ['#UD'], 10: ['#TS'], 11: ['#NP'], 12: ['#SS(selector)', 'limit', 'non-canonical'],
  13: ['#GP', '#GP(selector)', 'limit', 'non-canonical'], 14: ['#PF'],
}
/** Instructions that user-mode instruction prevention refuses, and that Linux then answers with values of its own. */
export const prevented = /^(SGDT|SIDT|SLDT|STR|SMSW) /
/** What Linux answers: a limit of 0 and a base at the top of 64 bits, in 32-bit code cut to 32 (arch/x86/kernel/umip.c). */
export const dummies: Readonly<Record<string, readonly bigint[]>> = { SGDT: [0n, 0xfffffffffffe0000n], SIDT: [0n, 0xffffffffffff0000n], SLDT: [0n], STR: [0x40n], SMSW: [0x33n] }
/** What the processor and Linux tell of themselves, in these registers. */
const told: Readonly<Record<string, readonly bigint[]>> = { RDTSC: [0n, 2n], RDTSCP: [0n, 1n, 2n], CPUID: [0n, 1n, 2n, 3n], XGETBV: [0n, 2n] }

/** A register's number in the ModR/M byte that ends at bit `low`, with what REX adds in 64-bit mode. */
const numbered = (word: bigint, low: bigint, field: 'reg' | 'rm', bits: 32 | 64): bigint => {
  const number = (word >> (low + (field === 'reg' ? 3n : 0n))) & 7n, rex = word >> (low + 24n)
  return bits === 32 ? number : number | (((rex >> (field === 'reg' ? 2n : 0n)) & 1n) << 3n)
}

/** `umip`: the processor has user-mode instruction prevention in use. */
export const answerOf = (record: Uint8Array | undefined, { instruction, word, before }: Trial, umip: boolean, mode: Mode): Answer => {
  if (!record) return { kind: 'lost', why: 'it does not come back' }
  const { bits, IP, hasBases } = mode, { name } = instruction
  const view = new DataView(record.buffer, record.byteOffset)
  const read = (from: number): bigint => view.getBigUint64(from, true), selector = (from: number): bigint => BigInt(view.getUint16(from, true))
  const signal = Number(read(at.signal)), vector = Number(read(at.vector))
  if (signal === 0) return { kind: 'lost', why: 'its pages cannot be mapped' }
  const from = read(at.ip)
  if (from === before.registers.get(IP)) {
    const error = Number(read(at.error))
    return { kind: 'trapped', causes: causes[vector] ?? [], said: `signal ${signal}, vector ${vector}${error === 0 ? '' : `, error code ${error.toString(16)}`}` }
  }
  const R = new Map(Array.from({ length: bits / 4 }, (_, n) => [BigInt(n), read(at.R + 8 * n)] as const))
  const E = new Map(storage(before).map(([index], i) => [index, read(at.memory + 8 * i)] as const))
  if (umip && prevented.test(name)) {
    const seen = linuxAnswer(instruction, word, R, E, before, bits)
    return seen ? { kind: 'trapped', causes: ['#GP'], said: 'vector 13, which Linux answers with values of its own' } : { kind: 'lost', why: 'it completes, with values that are not those of Linux' }
  }
  const stored = prevented.test(name)
  for (const n of told[name] ?? []) R.delete(n)
  if (stored) R.clear()
  if (name.startsWith('RDPID')) R.delete(numbered(word, 0n, 'rm', bits))
  // Bits 19 to 16 of what LAR loads are undefined; the model has them 0, this processor the limit's.
  if (name.startsWith('LAR') && (read(at.flags) & 0x40n) !== 0n) {
    const to = numbered(word, name.endsWith('m16') ? 32n : 0n, 'reg', bits)
    R.set(to, R.get(to)! & ~0xf0000n)
  }
  const registers = new Map<string, bigint>([
    [IP, from], ['CS<15:2>', selector(at.cs) >> 2n], ['SS<15:2>', selector(at.ss) >> 2n], ['CPL', selector(at.cs) & 3n],
    // The return from Linux to the program clears null selectors.
    ...dataSegments.flatMap((segment, i) => (selector(at.segments + 2 * i) === 0n ? [] : [[segment, selector(at.segments + 2 * i)] as const])),
    ...flags.map(([flag, n]) => [flag, (read(at.flags) >> BigInt(n)) & 1n] as const),
    ...(hasBases ? [['FS.base', read(at.bases)], ['GS.base', read(at.bases + 8)]] as const : []),
  ])
  for (const flag of undefinedFlags(instruction, word, bits === 32 ? 0x1fn : 0x3fn)) registers.delete(flag)
  return { kind: 'completed', after: { registers, cells: new Map([['R', R], ['E', stored ? new Map<bigint, bigint>() : E]]) } }
}

/** Whether the operand holds what Linux answers. */
const linuxAnswer = ({ name }: Instruction, word: bigint, R: ReadonlyMap<bigint, bigint>, E: ReadonlyMap<bigint, bigint>, before: Contents, bits: 32 | 64): boolean => {
  const [mnemonic = '', form = ''] = name.split(' '), values = dummies[mnemonic]!
  if (form.startsWith('r')) return (R.get(numbered(word, 0n, 'rm', bits))! & 0xffffn) === values[0]
  const displacement = [0, 1, 2, 3].reduce((a, i) => a | (((word >> BigInt(24 - 8 * i)) & 255n) << BigInt(8 * i)), 0n)
  const address = bits === 32 ? displacement : BigInt.asUintN(48, (before.cells.get('R')?.get(3n) ?? 0n) + BigInt.asIntN(32, displacement))
  const size = BigInt(bits / 8), byte = (at: bigint): bigint => ((E.get(at / size) ?? 0n) >> (8n * (at % size))) & 0xffn
  const stored = (at: bigint, length: number): bigint => Array.from({ length }, (_, i) => byte(at + BigInt(i)) << BigInt(8 * i)).reduce((a, b) => a | b, 0n)
  const [limit, base] = values as readonly [bigint, bigint?]
  return stored(address, 2) === limit && (base === undefined || stored(address + 2n, bits / 8) === BigInt.asUintN(bits, base))
}
