// The packets of RVFI-DII as TestRIG defines them: commands of 8 bytes, execution traces of version 1 (88 bytes) and 2 (from 64 bytes on). Little-endian.
import type { Report } from './report.ts'

export const commandBytes = 8
/** By the field `rvfi_cmd`. */
export const command = { endOfTrace: 0, instruction: 1, setVersion: 0x76 } as const
/** In the field `rvfi_insn` of an end of trace: what versions are there? */
export const versionRequest = 0x5645_5253
export const versions = [1, 2] as const
export type Version = (typeof versions)[number]

export interface Command {
  readonly command: number
  /** 32 bits, unsigned. */
  readonly instruction: number
}

export const decodeCommand = (view: DataView, at: number): Command => ({ instruction: view.getUint32(at, true), command: view.getUint8(at + 6) })

const halted = 1
/** Halted, with version 2 in the bits that version 1 does not use. */
const haltedWithVersion2 = 3
/** misa.MXL: 64 bits. */
const width = 2
const integerData = 1n
const memoryData = 2n
const version1Bytes = 88
const basicBytes = 64
const integerBytes = 40
const memoryBytes = 88

const packet = (bytes: number): DataView => new DataView(new ArrayBuffer(bytes))
const bytesOf = (view: DataView): Uint8Array => new Uint8Array(view.buffer)

/** Eight characters of ASCII. */
const magic = (view: DataView, at: number, text: string): void => {
  for (let i = 0; i < 8; i++) view.setUint8(at + i, text.charCodeAt(i))
}

const longs = (view: DataView, at: number, ...values: readonly bigint[]): void => values.forEach((value, i) => view.setBigUint64(at + 8 * i, value, true))
const octets = (view: DataView, at: number, ...values: readonly number[]): void => values.forEach((value, i) => view.setUint8(at + i, value))

const mask = (memory: Report['memory'], value: bigint | undefined): number => (memory === undefined || value === undefined ? 0 : 2 ** memory.bytes - 1)

/** The answer to a request for versions: that there is version 2. */
export const versionSupport = (): Uint8Array => {
  const view = packet(version1Bytes)
  view.setUint8(86, haltedWithVersion2)
  return bytesOf(view)
}

/** The answer to a command that sets the version. */
export const versionSet = (version: Version): Uint8Array => {
  const view = packet(16)
  magic(view, 0, 'version=')
  longs(view, 8, BigInt(version))
  return bytesOf(view)
}

/** The end of a trace. */
export const encodeHalt = (version: Version): Uint8Array => {
  if (version === 1) {
    const view = packet(version1Bytes)
    view.setUint8(86, halted)
    return bytesOf(view)
  }
  const view = packet(basicBytes)
  magic(view, 0, 'trace-v2')
  longs(view, 8, BigInt(basicBytes))
  octets(view, 33, halted)
  return bytesOf(view)
}

export const encode = (version: Version, report: Report): Uint8Array => (version === 1 ? encodeVersion1(report) : encodeVersion2(report))

const encodeVersion1 = ({ order, instruction, trap, handler, pc, nextPc, rs1, rs2, rd, memory }: Report): Uint8Array => {
  const view = packet(version1Bytes)
  longs(view, 0, order, pc, nextPc, BigInt(instruction), rs1.value, rs2.value, rd.value, memory?.address ?? 0n, memory?.read ?? 0n, memory?.written ?? 0n)
  octets(view, 80, mask(memory, memory?.read), mask(memory, memory?.written), rs1.number, rs2.number, rd.number, Number(trap), 0, Number(handler))
  return bytesOf(view)
}

const encodeVersion2 = ({ order, instruction, trap, handler, mode, pc, nextPc, rs1, rs2, rd, memory }: Report): Uint8Array => {
  const integer = rs1.number + rs2.number + rd.number > 0
  const size = basicBytes + (integer ? integerBytes : 0) + (memory ? memoryBytes : 0)
  const view = packet(size)
  magic(view, 0, 'trace-v2')
  longs(view, 8, BigInt(size), order, BigInt(instruction))
  octets(view, 32, Number(trap), 0, Number(handler), mode, width, 1)
  longs(view, 40, pc, nextPc, (integer ? integerData : 0n) | (memory ? memoryData : 0n))
  if (integer) {
    magic(view, 64, 'int-data')
    longs(view, 72, rd.value, rs1.value, rs2.value)
    octets(view, 96, rd.number, rs1.number, rs2.number)
  }
  if (memory) {
    const at = size - memoryBytes
    magic(view, at, 'mem-data')
    longs(view, at + 8, memory.read ?? 0n)
    longs(view, at + 40, memory.written ?? 0n)
    view.setUint32(at + 72, mask(memory, memory.read), true)
    view.setUint32(at + 76, mask(memory, memory.written), true)
    longs(view, at + 80, memory.address)
  }
  return bytesOf(view)
}
