// Moves to and from special-purpose registers and the time base: one instruction for each register or row of registers.
import { open, set, trapIf, type Format, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, get, type Bank } from '../../ir/state.ts'
import { concat, constant, True, type Term } from '../../ir/term.ts'
import { define, GPR, privileged, toGPR } from './notation.ts'
import { spr, write, type State } from './state.ts'

/** Registers by number; bit 4 of the number, spr[0] of the instruction, is 1 for those of supervisor level. */
const common = {
  XER: 1, LR: 8, CTR: 9, DSISR: 18, DAR: 19, DEC: 22, SDR1: 25, SRR0: 26, SRR1: 27,
  EAR: 282, PVR: 287, DBAT0U: 536, DBAT0L: 537, HID0: 1008, HID1: 1009, IABR: 1010,
}
const special = {
  '603e': { DMISS: 976, DCMP: 977, HASH1: 978, HASH2: 979, IMISS: 980, ICMP: 981, RPA: 982 },
  750: { MMCR0: 952, PMC1: 953, PMC2: 954, SIA: 955, MMCR1: 956, PMC3: 957, PMC4: 958,
    DABR: 1013, L2CR: 1017, ICTC: 1019, THRM1: 1020, THRM2: 1021, THRM3: 1022 },
}
/** User-level names under which the 750 shows its performance monitor, read only. */
export const performanceMonitor: Readonly<Record<string, number>> = {
  UMMCR0: 936, UPMC1: 937, UPMC2: 938, USIA: 939, UMMCR1: 940, UPMC3: 941, UPMC4: 942,
}
const readOnly: readonly string[] = ['HID1']
/** Read only too; the manuals do not say what a write does. */
const onlyRead: readonly string[] = ['PVR', 'DMISS', 'DCMP', 'HASH1', 'HASH2', 'IMISS', 'ICMP', 'SIA']
const timeBaseRead = { TBL: 268, TBU: 269 }, timeBaseWrite = { TBL: 284, TBU: 285 }

const XO = { mfspr: 339, mtspr: 467, mftb: 371 }
/** The number has its halves exchanged in the instruction. */
const format: Format = { op: 6, r: 5, 'spr[0-4]': 5, 'spr[5-9]': 5, XO: 10, zero: 1 }
const at = (number: number): Readonly<Record<string, number>> => ({ 'spr[0-4]': number & 31, 'spr[5-9]': number >> 5 })
const isPrivileged = (number: number): boolean => ((number >> 4) & 1) === 1

export const specialPurposeRegisters = (s: State): Instruction[] => {
  const instruction = define('8.2 and 2.3')
  const guard = (number: number): Statement[] => (isPrivileged(number) ? [privileged(s)] : [])
  const registers: readonly (readonly [string, number])[] = Object.entries({ ...common, ...special[s.processor] })
  const from = (mnemonic: 'mfspr' | 'mftb', name: string, number: number, value: Term<32>): Instruction =>
    instruction(`${mnemonic} ${name}`, format, { op: 31, XO: XO[mnemonic], zero: 0, ...at(number) }, (o) =>
      [...guard(number), toGPR(s, o['r']!, value)])
  const to = (name: string, number: number, does: (value: Term<32>) => readonly Statement[], note?: string): Instruction =>
    instruction(`mtspr ${name}`, format, { op: 31, XO: XO.mtspr, zero: 0, ...at(number) }, (o) => [...guard(number), ...does(GPR(s, o['r']!))], note)
  return [
    ...registers.map(([name, number]) => from('mfspr', name, number, spr(s, name))),
    ...registers.filter(([name]) => !onlyRead.includes(name)).map(([name, number]) => (readOnly.includes(name)
      ? to(name, number, () => [], 'read only: a no-op')
      : to(name, number, (value) => write(s.spr[name]!, value)))),
    ...Object.entries(timeBaseRead).map(([name, number]) => from('mftb', name, number, spr(s, name))),
    // The processors do not tell mftb and mfspr apart.
    ...Object.entries(timeBaseRead).map(([name, number]) => from('mfspr', name, number, spr(s, name))),
    ...Object.entries(timeBaseWrite).map(([name, number]) => to(name, number, (value) => write(s.spr[name]!, value))),
    ...rows(s),
    ...(s.processor === '750' ? Object.entries(performanceMonitor).map(([name, number]) => from('mfspr', name, number, spr(s, name.slice(1)))) : []),
    ...undefinedNumbers(s),
  ]
}

/** Registers whose numbers differ in low bits: SPRG0 to SPRG3, the instruction BATs, and the data BATs 1, 2 and 3. */
const rows = (s: State): Instruction[] => {
  const instruction = define('8.2 and 2.3')
  const row = (name: string, first: number, bits: number, bank: Bank<number, 32>, index: (n: Term) => Term): Instruction[] => {
    const layout = { op: 6, r: 5, 'spr[0-4]': 5 - bits, n: bits, 'spr[5-9]': 5, XO: 10, zero: 1 }
    const fixed = { op: 31, zero: 0, 'spr[0-4]': (first & 31) >> bits, 'spr[5-9]': first >> 5 }
    return [
      instruction(`mfspr ${name}`, layout, { ...fixed, XO: XO.mfspr }, (o) => [privileged(s), toGPR(s, o['r']!, get(cell(bank, index(o['n']!))))]),
      instruction(`mtspr ${name}`, layout, { ...fixed, XO: XO.mtspr }, (o) => [privileged(s), set(cell(bank, index(o['n']!)), GPR(s, o['r']!))]),
    ]
  }
  const same = (n: Term): Term => n
  return [
    ...row('SPRG0-SPRG3', 272, 2, s.SPRG, same), ...row('IBAT0U-IBAT3L', 528, 3, s.IBAT, same),
    ...row('DBAT1U-DBAT1L', 538, 1, s.DBAT, (n) => concat<3>(constant(2, 1), n)),
    ...row('DBAT2U-DBAT3L', 540, 2, s.DBAT, (n) => concat<3>(constant(1, 1), n)),
  ]
}

/**
 * SPRs 128 to 255, none of them defined, for all numbers that are not. In problem state one with spr[0] = 1 is a privileged
 * instruction; in supervisor state it is boundedly undefined (the program exception that the manual also allows is left out).
 */
const undefinedNumbers = (s: State): Instruction[] => {
  const instruction = define('8.2')
  const layout = { op: 6, r: 5, 'spr[0]': 1, 'spr[1-4]': 4, 'spr[5-7]': 3, 'spr[8-9]': 2, XO: 10, zero: 1 }
  const fixed = (bit: 0 | 1, XO: number) => ({ op: 31, zero: 0, 'spr[0]': bit, 'spr[5-7]': 1, XO })
  /** Boundedly undefined: either kind of program exception, or none. */
  const mayTrap = (): readonly Statement[] => (s.undefinedSpr === 'illegal' ? [trapIf(True, 'illegal instruction')]
    : [trapIf(open('illegal', 1), 'illegal instruction'), trapIf(open('privileged', 1), 'privileged instruction')])
  return [
    instruction('mfspr undefined, spr[0] = 1', layout, fixed(1, XO.mfspr), (o) => [privileged(s), toGPR(s, o['r']!, open('value', 32))]),
    instruction('mtspr undefined, spr[0] = 1', layout, fixed(1, XO.mtspr), () => [privileged(s)]),
    instruction('mfspr undefined, spr[0] = 0', layout, fixed(0, XO.mfspr), (o) => [...mayTrap(), toGPR(s, o['r']!, open('value', 32))]),
    instruction('mtspr undefined, spr[0] = 0', layout, fixed(0, XO.mtspr), (o) => [...mayTrap(), toGPR(s, o['r']!, open('value', 32))]),
  ]
}
