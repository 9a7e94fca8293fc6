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

/** The longest packet there is. */
export const mostBytes = basicBytes + integerBytes + memoryBytes

/** A place in a buffer of zeros; what puts a packet there returns its bytes. */
export interface Place {
  readonly view: DataView
  readonly at: number
}

/** Eight characters of ASCII. */
const magic = ({ view, at }: Place, offset: number, text: string): void => {
  for (let i = 0; i < 8; i++) view.setUint8(at + offset + i, text.charCodeAt(i))
}
const long = ({ view, at }: Place, offset: number, value: bigint): void => view.setBigUint64(at + offset, value, true)
const octet = ({ view, at }: Place, offset: number, value: number): void => view.setUint8(at + offset, value)

const mask = (memory: Report['memory'], value: bigint | undefined): number => (memory === undefined || value === undefined ? 0 : 2 ** memory.bytes - 1)

/** The answer to a request for versions: that there is version 2. */
export const putSupport = (place: Place): number => {
  octet(place, 86, haltedWithVersion2)
  return version1Bytes
}

/** The answer to a command that sets the version. */
export const putVersion = (place: Place, version: Version): number => {
  magic(place, 0, 'version=')
  long(place, 8, BigInt(version))
  return 16
}

/** The end of a trace. */
export const putHalt = (place: Place, version: Version): number => {
  if (version === 1) {
    octet(place, 86, halted)
    return version1Bytes
  }
  magic(place, 0, 'trace-v2')
  long(place, 8, BigInt(basicBytes))
  octet(place, 33, halted)
  return basicBytes
}

export const putReport = (place: Place, version: Version, report: Report): number => (version === 1 ? putVersion1(place, report) : putVersion2(place, report))

const putVersion1 = (place: Place, { order, instruction, trap, handler, pc, nextPc, rs1, rs2, rd, memory }: Report): number => {
  long(place, 0, order)
  long(place, 8, pc)
  long(place, 16, nextPc)
  long(place, 24, BigInt(instruction))
  long(place, 32, rs1.value)
  long(place, 40, rs2.value)
  long(place, 48, rd.value)
  long(place, 56, memory?.address ?? 0n)
  long(place, 64, memory?.read ?? 0n)
  long(place, 72, memory?.written ?? 0n)
  octet(place, 80, mask(memory, memory?.read))
  octet(place, 81, mask(memory, memory?.written))
  octet(place, 82, rs1.number)
  octet(place, 83, rs2.number)
  octet(place, 84, rd.number)
  octet(place, 85, Number(trap))
  octet(place, 87, Number(handler))
  return version1Bytes
}

const putVersion2 = (place: Place, { order, instruction, trap, handler, mode, pc, nextPc, rs1, rs2, rd, memory }: Report): number => {
  const integer = rs1.number + rs2.number + rd.number > 0
  const size = basicBytes + (integer ? integerBytes : 0) + (memory ? memoryBytes : 0)
  magic(place, 0, 'trace-v2')
  long(place, 8, BigInt(size))
  long(place, 16, order)
  long(place, 24, BigInt(instruction))
  octet(place, 32, Number(trap))
  octet(place, 34, Number(handler))
  octet(place, 35, mode)
  octet(place, 36, width)
  octet(place, 37, 1)
  long(place, 40, pc)
  long(place, 48, nextPc)
  long(place, 56, (integer ? integerData : 0n) | (memory ? memoryData : 0n))
  if (integer) {
    magic(place, 64, 'int-data')
    long(place, 72, rd.value)
    long(place, 80, rs1.value)
    long(place, 88, rs2.value)
    octet(place, 96, rd.number)
    octet(place, 97, rs1.number)
    octet(place, 98, rs2.number)
  }
  if (memory) {
    const from = size - memoryBytes
    magic(place, from, 'mem-data')
    long(place, from + 8, memory.read ?? 0n)
    long(place, from + 40, memory.written ?? 0n)
    octet(place, from + 72, mask(memory, memory.read))
    octet(place, from + 76, mask(memory, memory.written))
    long(place, from + 80, memory.address)
  }
  return size
}
