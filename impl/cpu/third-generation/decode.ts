// The processor's decoder: opcode bytes to operation numbers, per variant, and the fields of a word.
import { variants, type Variant } from '../../../model/vocab/machine.ts'

/**
 * The number of each operation in a predecoded slot, 6 bits.
 * 0 marks a slot that is not decoded yet; numbers from `firstFreeOperation` to 63 are free for derived processors.
 */
export const operationNumber = {
  LA: 1, L: 2, ST: 3,
  ADD: 4, SUB: 5, MUL: 6, DIV: 7, REM: 8, AND: 9, OR: 10, XOR: 11, SHL: 12, SHR: 13, SLT: 14, SLTU: 15,
  JMP: 16, JAL: 17, BZ: 18, BNZ: 19, BN: 20,
  SVC: 21,
  LPSW: 23, LRB: 24, SRB: 25, STIM: 26, RTIM: 27, IN: 28, OUT: 29, HALT: 30,
  JUM: 31, RMOD: 32, LRA: 33, POPT: 34, SRBS: 35, SHB: 36,
} as const
export type Mnemonic = keyof typeof operationNumber

/** The number that stands for every word whose opcode the variant does not have. */
export const undefinedOperation = 22
export const firstFreeOperation = 37

const soundOpcodes: readonly (readonly [opcode: number, Mnemonic])[] = [
  [0x10, 'LA'], [0x11, 'L'], [0x12, 'ST'],
  [0x20, 'ADD'], [0x21, 'SUB'], [0x22, 'MUL'], [0x23, 'DIV'], [0x24, 'REM'], [0x25, 'AND'], [0x26, 'OR'], [0x27, 'XOR'],
  [0x28, 'SHL'], [0x29, 'SHR'], [0x2a, 'SLT'], [0x2b, 'SLTU'],
  [0x30, 'JMP'], [0x31, 'JAL'], [0x32, 'BZ'], [0x33, 'BNZ'], [0x34, 'BN'],
  [0x40, 'SVC'],
  [0x80, 'LPSW'], [0x81, 'LRB'], [0x82, 'SRB'], [0x83, 'STIM'], [0x84, 'RTIM'], [0x85, 'IN'], [0x86, 'OUT'], [0x87, 'HALT'],
]

const addedOpcode: Readonly<Record<Variant, readonly [opcode: number, Mnemonic] | undefined>> = {
  'sound': undefined,
  'jump-to-user': [0x90, 'JUM'],
  'read-relocation': undefined,
  'read-mode': [0x91, 'RMOD'],
  'load-real-address': [0x92, 'LRA'],
  'silent-write': [0x93, 'POPT'],
  'no-op-in-user': undefined,
  'supervisor-only': [0x94, 'SRBS'],
  'set-relocation-in-user': undefined,
  'shrink-bounds': [0x95, 'SHB'],
}

const tableOf = (variant: Variant): Uint8Array => {
  const table = new Uint8Array(256).fill(undefinedOperation)
  const added = addedOpcode[variant]
  for (const [opcode, mnemonic] of added ? [...soundOpcodes, added] : soundOpcodes) table[opcode] = operationNumber[mnemonic]
  return table
}

const tables = new Map<Variant, Uint8Array>(variants.map((variant) => [variant, tableOf(variant)]))

/** The operation number of each opcode byte; one table for all processors of the variant, not to be written. */
export const operationsOf = (variant: Variant): Uint8Array => tables.get(variant)!

export const opcodeField = (word: number): number => word >>> 24
export const rField = (word: number): number => (word >>> 20) & 15
export const xField = (word: number): number => (word >>> 16) & 15
export const aField = (word: number): number => word & 0xffff

const names: readonly (Mnemonic | undefined)[] = (() => {
  const list = Array.from({ length: 64 }, (): Mnemonic | undefined => undefined)
  for (const [name, number] of Object.entries(operationNumber)) list[number] = name as Mnemonic
  return list
})()

/** The mnemonic of an operation number; undefined for a number that names no instruction. */
export const mnemonicOf = (operation: number): Mnemonic | undefined => names[operation]

export interface Decoded {
  readonly operation: Mnemonic
  /** 0 to 15. */
  readonly r: number
  /** 0 to 15. */
  readonly x: number
  /** The 16-bit field as it stands, 0 to 65535. */
  readonly a: number
}

/** What the processor makes of a 32-bit word; undefined when it takes the undefined trap. */
export const decode = (word: number, variant: Variant): Decoded | undefined => {
  const operation = mnemonicOf(operationsOf(variant)[opcodeField(word)]!)
  return operation && { operation, r: rField(word), x: xField(word), a: aField(word) }
}
