// The control instructions that System/370 adds: system mask, control registers, clocks, keys, translation, other processors.
import { open, set, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, get, type Register } from '../../ir/state.ts'
import { and, concat, constant, eq, extract, ite, ne, or, zeroExtend, type Term } from '../../ir/term.ts'
import { isZero, low, notation, setSystemMask, systemMask, type Notation, type Operands } from './notation.ts'
import { s370Manual } from './manuals.ts'
import { controlRegister, loadRealAddress } from './status.ts'
import { keyOf, relocation, type State } from './state.ts'

export const control = (s: State): Instruction[] => {
  const n = notation(s, s370Manual, 'Control Instructions')
  const { rx, rs, si, sFormat, rre, sse, gr, G, ea1, ea2, aligned, privileged, cc } = n
  const { fullword, secondWord, wordOf, putWord, putSecond, putByte, putHalfword } = n
  const doubleword = (address: Term): Term => concat(fullword(address), secondWord(address))
  const stores = (r: Register<64>) => (o: Operands): Statement[] => [
    privileged, aligned(ea2(o), 8, 'specification'),
    ...putWord(ea2(o), extract(get(r), 63, 32)), ...putSecond(ea2(o), extract(get(r), 31, 0)),
  ]
  const sets = (r: Register<64>) => (o: Operands): Statement[] =>
    [privileged, aligned(ea2(o), 8, 'specification'), set<number>(r, doubleword(ea2(o)))]
  /** Storage keys of real addresses; reference and change bits give the condition code. */
  const key = (address: Term) => keyOf(s, extract(address, 23, 2))
  const reset = (address: Term): Statement[] => [
    privileged, cc(extract(get(key(address)), 1, 0)),
    set(key(address), concat(extract(get(key(address)), 6, 2), constant(1, 0), extract(get(key(address)), 0, 0))),
  ]
  return [
    si(0xac, 'STNSM', (o) => [privileged, ...putByte(ea1(o), systemMask(s)), ...setSystemMask(s, and<number>(systemMask(s), o.i))]),
    si(0xad, 'STOSM', (o) => [privileged, ...putByte(ea1(o), systemMask(s)), ...setSystemMask(s, or<number>(systemMask(s), o.i))]),
    rs(0xae, 'SIGP', (o) => [
      privileged, cc(extract(get(s.OTHER_CPU), 1, 0)),
      set(gr(o.r1), open('status', 32), eq<number>(extract(get(s.OTHER_CPU), 1, 0), constant(2, 1))),
      set<number>(s.OTHER_CPU, low(ea2(o), 8)),
    ]),
    loadRealAddress(s, rx, n),
    rs(0xb6, 'STCTL', (o) => [
      privileged, trapIf(ne(o.r1, o.r3), 'unmodelled'), aligned(ea2(o), 4, 'specification'), ...putWord(ea2(o), controlRegister(s, o.r1)),
    ]),
    rs(0xb7, 'LCTL', (o) => [
      privileged, trapIf(ne(o.r1, o.r3), 'unmodelled'), aligned(ea2(o), 4, 'specification'),
      ...s.CR.map((r, k) => set<number>(r, fullword(ea2(o)), eq<number>(o.r1, constant(4, k)))),
    ]),
    sFormat(0xb202, 'STIDP', stores(s.CPU_ID)),
    sFormat(0xb203, 'STIDC', () => [privileged, cc(0), set<number>(cell(s.E, constant(22, 168 / 4)), get(s.CHANNEL_ID))]),
    sFormat(0xb204, 'SCK', (o) => [...sets(s.CLOCK)(o), cc(0), set(s.CLOCK_STATE, 0)]),
    sFormat(0xb206, 'SCKC', sets(s.CLOCK_COMPARATOR)),
    sFormat(0xb207, 'STCKC', stores(s.CLOCK_COMPARATOR)),
    sFormat(0xb208, 'SPT', sets(s.CPU_TIMER)),
    sFormat(0xb209, 'STPT', stores(s.CPU_TIMER)),
    ...(s.das ? [] : [
      sFormat(0xb20a, 'SPKA', (o) => [privileged, set<number>(s.KEY, extract(ea2(o), 7, 4))]),
      sFormat(0xb20b, 'IPK', () => [privileged, insertKey(s, n)]),
    ]),
    sFormat(0xb20d, 'PTLB', () => [privileged, set(s.TLB, 0)]),
    sFormat(0xb210, 'SPX', (o) => [
      privileged, aligned(ea2(o), 4, 'specification'), set<number>(s.PREFIX, fullword(ea2(o))), set(s.TLB, 0),
    ]),
    sFormat(0xb211, 'STPX', (o) => [privileged, aligned(ea2(o), 4, 'specification'), ...putWord(ea2(o), get(s.PREFIX))]),
    sFormat(0xb212, 'STAP', (o) => [privileged, aligned(ea2(o), 2, 'specification'), ...putHalfword(ea2(o), get(s.CPU_ADDRESS))]),
    sFormat(0xb213, 'RRB', (o) => reset(ea2(o))),
    rre(0xb221, 'IPTE', () => [privileged, set<number>(s.TLB, open('entries that remain', 8))]),
    rre(0xb229, 'ISKE', (o) => [privileged, set(gr(o.r1), concat(extract(G(o.r1), 31, 8), get(key(G(o.r2))), constant(1, 0)))]),
    rre(0xb22a, 'RRBE', (o) => reset(G(o.r2))),
    rre(0xb22b, 'SSKE', (o) => [privileged, set(key(G(o.r2)), extract(G(o.r1), 7, 1))]),
    rre(0xb22c, 'TB', () => [privileged, cc(zeroExtend(open('whether the block is usable', 1), 2))]),
    sse(0xe501, 'TPROT', (o) => {
      const { fault, real } = relocation(s).develop(wordOf(ea1(o)), 'read')
      const fits = or(isZero(extract(ea2(o), 7, 4)), eq<number>(extract(get(keyOf(s, real)), 6, 3), extract(ea2(o), 7, 4)))
      return [privileged, cc(ite<number>(fault, constant(2, 3), ite<number>(fits, constant(2, 0), constant(2, 1))))]
    }),
  ]
}

/** The PSW key to bits 24 to 27 of general register 2. */
export const insertKey = (s: State, { gr, G }: Notation): Statement => {
  const two = constant(4, 2)
  return set(gr(two), concat(extract(G(two), 31, 8), get(s.KEY), constant(4, 0)))
}
