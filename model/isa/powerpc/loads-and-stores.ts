// Loads and stores, the reservation, cache and synchronization instructions of user level, and external control.
import { set, store, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, field, get } from '../../ir/state.ts'
import { add, and, concat, constant, eq, extract, load, ne, not, signExtend, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import {
  aligned, define, displaced, formats, GPR, indexed, loadPart, storePart, toGPR, translated, wordOf, type Operands, type Size,
} from './notation.ts'
import { msrBit, sprPart, uncached, type State } from './state.ts'

const notWord = (address: Term<32>): Bool => ne(extract<2>(address, 1, 0), constant(2, 0))

export const loadsAndStores = (s: State, available: Statement): Instruction[] => {
  const instruction = define('8.2')
  type Extend = (part: Term) => Term<32>
  const unsigned: Extend = (w) => zeroExtend(w, 32), signed: Extend = (w) => signExtend(w, 32)
  const loads: readonly (readonly [string, number, Size, Extend])[] =
    [['lbz', 34, 1, unsigned], ['lhz', 40, 2, unsigned], ['lha', 42, 2, signed], ['lwz', 32, 4, unsigned]]
  const stores: readonly (readonly [string, number, Size])[] = [['stb', 38, 1], ['sth', 44, 2], ['stw', 36, 4]]
  const doubleword = (o: Operands): { readonly guards: Statement[]; readonly high: Term<30>; readonly low: Term<30> } => {
    const address = displaced(s, o), first = extract<30>(address, 31, 2)
    // In little-endian mode only one at a multiple of 8 is allowed, and the mode does not change where that one is.
    return {
      guards: [available, trapIf(notWord(address), 'alignment'), trapIf(and(msrBit(s, 'LE'), extract<1>(address, 2, 2)), 'alignment')],
      high: first, low: add(first, constant(30, 1)),
    }
  }
  return [
    ...loads.map(([name, op, size, extend]) => instruction(name, formats.D, { op }, (o) => {
      const address = displaced(s, o)
      return [...aligned(s, address, size), toGPR(s, o['D']!, extend(loadPart(s, address, size)))]
    })),
    ...stores.map(([name, op, size]) => instruction(name, formats.S, { op }, (o) => {
      const address = displaced(s, o)
      return [...aligned(s, address, size), storePart(s, address, size, GPR(s, o['S']!))]
    })),
    instruction('lwzx', formats.X, { op: 31, XO: 23, Rc: 0 }, (o) => {
      const address = indexed(s, o)
      return [...aligned(s, address, 4), toGPR(s, o['D']!, loadPart(s, address, 4) as Term<32>)]
    }),
    instruction('stwu', formats.S, { op: 37 }, (o) => {
      const address = displaced(s, o)
      return [
        trapIf(eq(o['A'] as Term<5>, constant(5, 0)), 'unmodelled'),
        ...aligned(s, address, 4), storePart(s, address, 4, GPR(s, o['S']!)), toGPR(s, o['A']!, address),
      ]
    }, 'rA = 0 is an invalid form'),
    instruction('lfd', formats.D, { op: 50 }, (o) => {
      const { guards, high, low } = doubleword(o)
      return [...guards, set(cell(s.FPR, o['D'] as Term<5>), concat<64>(load(s.E, high), load(s.E, low)))]
    }),
    instruction('stfd', formats.S, { op: 54 }, (o) => {
      const { guards, high, low } = doubleword(o), value = get(cell(s.FPR, o['S'] as Term<5>))
      return [...guards, store(s.E, high, extract<32>(value, 63, 32)), store(s.E, low, extract<32>(value, 31, 0))]
    }),
    instruction('lwarx', formats.X, { op: 31, XO: 20, Rc: 0 }, (o) => {
      const address = indexed(s, o)
      return [trapIf(notWord(address), 'alignment'), toGPR(s, o['D']!, loadPart(s, address, 4) as Term<32>),
        set(s.RESERVE, 1), set(s.reserved, wordOf(s, address))]
    }),
    instruction('stwcx.', formats.XS, { op: 31, XO: 150, Rc: 1 }, (o) => {
      const address = indexed(s, o)
      return [
        trapIf(notWord(address), 'alignment'), trapIf(and(get(s.RESERVE), not(eq(get(s.reserved), wordOf(s, address)))), 'unmodelled'),
        storePart(s, address, 4, GPR(s, o['S']!), get(s.RESERVE)), set(s.RESERVE, 0),
        set(field<4>(s.CR, 31, 28), concat<4>(constant(2, 0), get(s.RESERVE), sprPart(s, 'XER[SO]'))),
      ]
    }, 'to another word than the reserved one the manual leaves open whether it stores'),
  ]
}

export const cacheAndOrder = (s: State): Instruction[] => {
  const instruction = define('8.2')
  const byAddress = (name: string, XO: number, does: (address: Term<32>) => readonly Statement[]): Instruction =>
    instruction(name, formats.X, { op: 31, D: 0, XO, Rc: 0 }, (o) => does(indexed(s, o)))
  const order = (name: string, op: number, XO: number): Instruction =>
    instruction(name, { op: 6, zero: 15, XO: 10, end: 1 }, { op, zero: 0, XO, end: 0 }, () => [])
  return [
    byAddress('dcbt', 278, () => []),
    byAddress('dcbst', 54, (a) => [translated(s, a, 'read')]), byAddress('dcbf', 86, (a) => [translated(s, a, 'read')]),
    byAddress('icbi', 982, (a) => [translated(s, a, 'read')]),
    byAddress('dcbz', 1014, (a) => [
      translated(s, a, 'write'), trapIf(uncached(s), 'alignment'),
      ...Array.from({ length: 8 }, (_, k) => store(s.E, concat<30>(extract(a, 31, 5), constant(3, k)), constant(32, 0))),
    ]),
    order('sync', 31, 598), order('eieio', 31, 854), order('isync', 19, 150),
  ]
}

export const externalControl = (s: State): Instruction[] => {
  const instruction = define('8.2 and 4.3.10 (external control)')
  const device = cell(s.DEVICE, sprPart(s, 'EAR[RID]') as Term<6>)
  const guards = (address: Term<32>, access: 'read' | 'write'): Statement[] =>
    [trapIf(notWord(address), 'unmodelled'), trapIf(not(sprPart(s, 'EAR[E]') as Term<1>), 'DSI'), translated(s, address, access)]
  return [
    instruction('eciwx', formats.X, { op: 31, XO: 310, Rc: 0 }, (o) => [...guards(indexed(s, o), 'read'), toGPR(s, o['D']!, get(device))]),
    instruction('ecowx', formats.XS, { op: 31, XO: 438, Rc: 0 }, (o) => [...guards(indexed(s, o), 'write'), set(device, GPR(s, o['S']!))]),
  ]
}
