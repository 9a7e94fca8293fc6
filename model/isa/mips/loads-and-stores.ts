// Loads and stores of words, halfwords and bytes, and the load linked and store conditional of the R4000.
import { set, trapIf, type Instruction } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { extract, not, signExtend, zeroExtend, type Term } from '../../ir/term.ts'
import { aligned, define, effectiveAddress, immediateFormat, loadPart, storePart, wordOf, write, type Size } from './notation.ts'
import { GPR, relocation, type State } from './state.ts'

export const loadsAndStores = (s: State): Instruction[] => {
  const instruction = define(s, 'load and store instructions')
  const loads: readonly (readonly [string, number, Size, (part: Term) => Term<32>])[] = [
    ['LB', 0x20, 1, (w) => signExtend(w, 32)], ['LH', 0x21, 2, (w) => signExtend(w, 32)], ['LW', 0x23, 4, (w) => w as Term<32>],
    ['LBU', 0x24, 1, (w) => zeroExtend(w, 32)], ['LHU', 0x25, 2, (w) => zeroExtend(w, 32)],
  ]
  const stores: readonly (readonly [string, number, Size])[] = [['SB', 0x28, 1], ['SH', 0x29, 2], ['SW', 0x2b, 4]]
  const CU1 = extract<1>(get(s.status.find((f) => f.register.name === 'CU3..CU1')!.register), 0, 0)
  return [
    ...loads.map(([name, op, size, extend]) => instruction(name, immediateFormat, { op }, (o) => {
      const address = effectiveAddress(s, o)
      return [...aligned(address, size), write(s, o['rt']!, extend(loadPart(s, address, size)))]
    })),
    ...stores.map(([name, op, size]) => instruction(name, immediateFormat, { op }, (o) => {
      const address = effectiveAddress(s, o)
      return [...aligned(address, size), ...storePart(s, address, size, GPR(s, o['rt']!))]
    })),
    instruction('LWC1', immediateFormat, { op: 0x31 }, (o) => {
      const address = effectiveAddress(s, o)
      return [trapIf(not(CU1), 'coprocessor unusable'), ...aligned(address, 4), set(cell(s.FGR, o['rt'] as Term<5>), loadPart(s, address, 4) as Term<32>)]
    }),
    ...(s.processor === 'r3000' ? [] : [
      instruction('LL', immediateFormat, { op: 0x30 }, (o) => {
        const address = effectiveAddress(s, o)
        return [...aligned(address, 4), write(s, o['rt']!, loadPart(s, address, 4) as Term<32>), set(s.LLbit, 1)]
      }),
      instruction('SC', immediateFormat, { op: 0x38 }, (o) => {
        const address = effectiveAddress(s, o)
        // Whether or not the store is made, the address is translated: an exception goes before a failure.
        const refused = relocation(s).develop(wordOf(address), 'write').fault
        return [...aligned(address, 4), trapIf(refused, 'address error, TLB'), ...storePart(s, address, 4, GPR(s, o['rt']!), get(s.LLbit)), write(s, o['rt']!, zeroExtend(get(s.LLbit), 32))]
      }),
    ]),
  ]
}
