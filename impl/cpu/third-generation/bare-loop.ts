// The baseline of the processor's speed: a predecoded loop with no machine around it, and the CPU-bound program both run.
import { USER, type Machine } from '../../../model/vocab/machine.ts'
import { aField, opcodeField, operationsOf, rField, xField } from './decode.ts'
import { word } from './word.ts'

const LA = (r: number, a: number, x = 0): number => word(0x10, r, a, x)
const L = (r: number, a: number, x = 0): number => word(0x11, r, a, x)
const ST = (r: number, a: number, x = 0): number => word(0x12, r, a, x)
const ADD = (r: number, a: number, x = 0): number => word(0x20, r, a, x)
const XOR = (r: number, a: number, x = 0): number => word(0x27, r, a, x)
const SHL = (r: number, a: number, x = 0): number => word(0x28, r, a, x)
const SHR = (r: number, a: number, x = 0): number => word(0x29, r, a, x)
const SLT = (r: number, a: number, x = 0): number => word(0x2a, r, a, x)
const JMP = (a: number): number => word(0x30, 0, a)
const BZ = (r: number, a: number): number => word(0x32, r, a)
const BNZ = (r: number, a: number): number => word(0x33, r, a)

/** Where the sieve's flags begin: one cell for each number from 0 to 2047, 0 for a prime. */
const flags = 1024
const numbers = 2048
/** Where the program leaves the checksum and the number of rounds. */
export const checksumCell = 512
export const roundsCell = 513

/**
 * The CPU-bound program, for addresses from 0: a sieve of Eratosthenes, then a checksum over its flags, for ever.
 * Needs 3072 cells. Registers: 2 the candidate, 3 its flag or a condition, 4 a multiple, 5 the checksum, 6 a copy.
 */
export const cpuBoundProgram: readonly number[] = [
  /*  0 */ LA(2, numbers - 1),
  /*  1 */ LA(3, 0),
  /*  2 */ ST(3, flags, 2), // clear the flags
  /*  3 */ ADD(2, -1),
  /*  4 */ BNZ(2, 2),
  /*  5 */ LA(2, 2),
  /*  6 */ L(3, flags, 2), // next candidate
  /*  7 */ BNZ(3, 15),
  /*  8 */ LA(4, 0, 2),
  /*  9 */ ADD(4, 0, 2), // next multiple
  /* 10 */ LA(3, 0, 4),
  /* 11 */ SLT(3, numbers),
  /* 12 */ BZ(3, 15),
  /* 13 */ ST(3, flags, 4),
  /* 14 */ JMP(9),
  /* 15 */ ADD(2, 1),
  /* 16 */ LA(3, 0, 2),
  /* 17 */ SLT(3, 46), // beyond the square root of 2047
  /* 18 */ BNZ(3, 6),
  /* 19 */ LA(5, 0),
  /* 20 */ LA(2, numbers - 1),
  /* 21 */ L(3, flags, 2), // next flag
  /* 22 */ LA(6, 0, 5),
  /* 23 */ SHL(5, 1),
  /* 24 */ SHR(6, 31),
  /* 25 */ XOR(5, 0, 6),
  /* 26 */ XOR(5, 0, 3),
  /* 27 */ ADD(2, -1),
  /* 28 */ BNZ(2, 21),
  /* 29 */ ST(5, checksumCell),
  /* 30 */ L(6, roundsCell),
  /* 31 */ ADD(6, 1),
  /* 32 */ ST(6, roundsCell),
  /* 33 */ JMP(0),
]

/** Loads the program behind the trap cells of a machine of at least 3088 cells, to run relocated and in user mode. */
export const loadCpuBoundProgram = (machine: Machine): void => {
  cpuBoundProgram.forEach((code, address) => machine.setCell(16 + address, code))
  machine.mode = USER
  machine.counter = 0
  machine.base = 1
  machine.bound = 192
}

/**
 * Performs `steps` instructions of the program and returns its storage: no mode, no bounds, no relocation, no timer, no
 * trap, and no more operations than the program has.
 */
export const runBareLoop = (steps: number): Int32Array => {
  const E = new Int32Array(4096)
  E.set(cpuBoundProgram)
  const slots = new Int32Array(4096)
  const operations = operationsOf('sound')
  cpuBoundProgram.forEach((code, address) => {
    slots[address] = aField(code) << 16 | (xField(code) || 16) << 11 | rField(code) << 6 | operations[opcodeField(code)]!
  })
  const G = new Int32Array(17)
  let P = 0
  for (let left = steps; left > 0; left--) {
    const slot = slots[P]!
    const r = slot >> 6 & 31
    const v = (slot >> 16) + G[slot >> 11 & 31]! | 0
    P++
    switch (slot & 63) {
      case 1: // LA
        G[r] = v
        break
      case 2: // L
        G[r] = E[v]!
        break
      case 3: // ST
        E[v] = G[r]!
        break
      case 4: // ADD
        G[r] = G[r]! + v
        break
      case 11: // XOR
        G[r] = G[r]! ^ v
        break
      case 12: // SHL
        G[r] = G[r]! << v
        break
      case 13: // SHR
        G[r] = G[r]! >>> v
        break
      case 14: // SLT
        G[r] = G[r]! < v ? 1 : 0
        break
      case 16: // JMP
        P = v
        break
      case 18: // BZ
        if (G[r] === 0) P = v
        break
      case 19: // BNZ
        if (G[r] !== 0) P = v
        break
      default: throw new Error('the program has an operation that the bare loop has not')
    }
  }
  return E
}
