// Control instructions that the problem state may never execute: PSW and masks, control registers, keys, translation, clocks,
// identity, other CPUs, interpretive execution; and input and output.
import { open, set, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, get, type Place, type Register } from '../../ir/state.ts'
import { and, concat, constant, eq, extract, ite, ne, not, or, zeroExtend, type Term } from '../../ir/term.ts'
import {
  aligned, bits, bitOf, cc, crBit, doublewordOf, e, ea1, ea2, G, gr, indexed, isZero, loadPsw, long2, longIndexed, low, plus, privileged, read, rre, rreZero, rrf, rs, rsy, rx, rxy,
  setLow, setSystemMask, sFormat, si, special, sse, systemMask, write, type Operands,
} from './notation.ts'
import {
  AS, CLOCK_COMPARATOR, CONFIGURATION, CPU_ADDRESS, CPU_ID, CPU_TIMER, CR, E, elementOf, ELSEWHERE, FACILITIES, keyOf, OTHER_CPU, PREFIX, relocation, storeProtected,
  SUBCHANNELS, TLB, TOD, TOD_PROGRAMMABLE, translate,
} from './state.ts'

const strict = (address: Term, bytes: 2 | 4 | 8): Statement => aligned(address, bytes, 'specification')
const controlRegister = (number: Term): Term => CR.slice(1).reduce<Term>((rest, r, n) => ite<number>(eq<number>(number, constant(4, n + 1)), get(r), rest), get(CR[0]!))
const oneRegister = (o: Operands): Statement => trapIf(ne(o.r1, o.r3), 'unmodelled')
const upper = (r: Register): Term => bits(get(r), 0, 31)

const status = (): Instruction[] => [
  sFormat(0x8000, 'SSM', (o) => [privileged, special(crBit(0, 33)), ...setSystemMask(read(ea2(o), 8))]),
  sFormat(0x8200, 'LPSW', (o) => {
    const psw = read(ea2(o), 64)
    return [privileged, strict(ea2(o), 8), ...loadPsw(psw, zeroExtend(bits(psw, 33, 63), 64), true)]
  }),
  sFormat(0xb2b2, 'LPSWE', (o) => [privileged, strict(ea2(o), 8), ...loadPsw(read(ea2(o), 64), read(plus(ea2(o), 8), 64), false)]),
  si(0xac, 'STNSM', (o) => [privileged, ...write(ea1(o), systemMask()), ...setSystemMask(and<number>(systemMask(), o.i))]),
  si(0xad, 'STOSM', (o) => [privileged, ...write(ea1(o), systemMask()), ...setSystemMask(or<number>(systemMask(), o.i))]),
  rsy(0xeb2f, 'LCTLG', (o) => [
    privileged, oneRegister(o), strict(long2(o), 8), ...CR.map((r, n) => set<number>(r, read(long2(o), 64), eq<number>(o.r1, constant(4, n)))),
  ]),
  rsy(0xeb25, 'STCTG', (o) => [privileged, oneRegister(o), strict(long2(o), 8), ...write(long2(o), controlRegister(o.r1))]),
  rs(0xb7, 'LCTL', (o) => [
    privileged, oneRegister(o), strict(ea2(o), 4), ...CR.map((r, n) => set<number>(r, concat(upper(r), read(ea2(o), 32)), eq<number>(o.r1, constant(4, n)))),
  ]),
  rs(0xb6, 'STCTL', (o) => [privileged, oneRegister(o), strict(ea2(o), 4), ...write(ea2(o), low(controlRegister(o.r1), 32))]),
  rsy(0xeb0f, 'TRACG', (o) => [privileged, strict(long2(o), 4), trapIf(bitOf(get(CR[12]!), 63), 'unmodelled')], 'explicit tracing off'),
]

/** The real address of an operand, whether or not translation is on. */
const realAddress = (address: Term): { invalid: Term<1>; real: Term } => {
  const { invalid, real } = translate(elementOf(get(AS)), doublewordOf(address))
  return { invalid, real: concat(real, low(address, 3)) }
}
/** Stores to real addresses are subject to key-controlled protection. */
const unprotected = (address: Term): Statement => trapIf(storeProtected(doublewordOf(address)), 'access')
/** Region-first-translation exception: its code, after bit 32 of 1, is what is loaded where the table is too short. */
const noRealAddress = 0x80000039
const loadRealAddress = (o: Operands, address: Term): Statement[] => {
  const { invalid, real } = realAddress(address)
  return [privileged, cc(concat(invalid, invalid)), set(gr(o.r1), ite<number>(invalid, concat(bits(G(o.r1), 0, 31), constant(32, noRealAddress)), real))]
}
const onKey = (address: Term) => keyOf(doublewordOf(address))
const flush = (what: string): Statement => set<number>(TLB, open(what, 8))
const realCell = (address: Term) => cell(E, doublewordOf(address) as Term<61>)
/** A real fullword in its doubleword. */
const realWord = (address: Term): Term => ite<number>(extract<1>(address, 2, 2), low(get(realCell(address)), 32), extract(get(realCell(address)), 63, 32))

const translation = (): Instruction[] => [
  rx(0xb1, 'LRA', (o) => loadRealAddress(o, indexed(o))),
  rxy(0xe303, 'LRAG', (o) => loadRealAddress(o, longIndexed(o))),
  rre(0xb24b, 'LURA', (o) => [privileged, strict(G(o.r2), 4), setLow(o.r1, realWord(G(o.r2)))]),
  rre(0xb905, 'LURAG', (o) => [privileged, strict(G(o.r2), 8), set(gr(o.r1), get(realCell(G(o.r2))))]),
  rre(0xb246, 'STURA', (o) => {
    const old = get(realCell(G(o.r2))), word = low(G(o.r1), 32)
    return [privileged, strict(G(o.r2), 4), unprotected(G(o.r2)), set(realCell(G(o.r2)), ite<number>(extract<1>(G(o.r2), 2, 2), concat(extract(old, 63, 32), word), concat(word, low(old, 32))) as Term<64>)]
  }),
  rre(0xb925, 'STURG', (o) => [privileged, strict(G(o.r2), 8), unprotected(G(o.r2)), set<number>(realCell(G(o.r2)), G(o.r1))]),
  sFormat(0xb20d, 'PTLB', () => [privileged, set(TLB, 0)]),
  rre(0xb248, 'PALB', () => [privileged, flush('entries that remain')]),
  rrf(0xb221, 'IPTE', () => [privileged, flush('entries that remain')]),
  rrf(0xb98e, 'IDTE', () => [privileged, flush('entries that remain')]),
  rre(0xb250, 'CSP', () => [privileged, flush('entries that remain')], 'its compare and swap is that of CSG'),
  rreZero(0xb22b, 'SSKE', (o) => [privileged, set<number>(onKey(G(o.r2)), bits(G(o.r1), 56, 62))]),
  rre(0xb229, 'ISKE', (o) => [privileged, setLow(o.r1, concat(get(onKey(G(o.r2))), constant(1, 0)))]),
  rre(0xb22a, 'RRBE', (o) => {
    const key = get(onKey(G(o.r2)))
    return [privileged, cc(low(key, 2)), set<number>(onKey(G(o.r2)), concat(extract(key, 6, 2), constant(1, 0), low(key, 1)))]
  }),
  rre(0xb22c, 'TB', () => [privileged, cc(zeroExtend(open('whether the block is usable', 1), 2))]),
  sse(0xe501, 'TPROT', (o) => {
    const { fault, real } = relocation.develop(doublewordOf(ea1(o)), 'read')
    const fits = or(isZero(extract(ea2(o), 7, 4)), eq<number>(extract(get(keyOf(real)), 6, 3), extract(ea2(o), 7, 4)))
    return [privileged, cc(ite<number>(fault, constant(2, 3), ite<number>(fits, constant(2, 0), constant(2, 1))))]
  }),
  sFormat(0xb210, 'SPX', (o) => [privileged, strict(ea2(o), 4), set<number>(PREFIX, read(ea2(o), 32)), set(TLB, 0)]),
  sFormat(0xb211, 'STPX', (o) => [privileged, strict(ea2(o), 4), ...write(ea2(o), get(PREFIX))]),
]

const stores = (r: Register) => (o: Operands): Statement[] => [privileged, strict(ea2(o), 8), ...write(ea2(o), get(r))]
const sets = (r: Place) => (o: Operands): Statement[] => [privileged, strict(ea2(o), 8), set<number>(r, read(ea2(o), 64))]
const system = (): Instruction[] => [
  sFormat(0xb202, 'STIDP', stores(CPU_ID)),
  sFormat(0xb204, 'SCK', (o) => [...sets(TOD)(o), cc(0)]),
  sFormat(0xb206, 'SCKC', sets(CLOCK_COMPARATOR)),
  sFormat(0xb207, 'STCKC', stores(CLOCK_COMPARATOR)),
  sFormat(0xb208, 'SPT', sets(CPU_TIMER)),
  sFormat(0xb209, 'STPT', stores(CPU_TIMER)),
  e(0x0107, 'SCKPF', () => [privileged, trapIf(not(isZero(bits(G(0), 32, 47))), 'specification'), set<number>(TOD_PROGRAMMABLE, low(G(0), 16))]),
  sFormat(0xb212, 'STAP', (o) => [privileged, strict(ea2(o), 2), ...write(ea2(o), get(CPU_ADDRESS))]),
  // The first word of the facility list, to real location 200.
  sFormat(0xb2b1, 'STFL', () => {
    const place = cell(E, constant(61, 200 / 8))
    return [privileged, set<number>(place, concat(bits(get(FACILITIES), 0, 31), low(get(place), 32)))]
  }),
  sFormat(0xb27d, 'STSI', (o) => [privileged, aligned(ea2(o), 8), cc(0), ...write(ea2(o), get(CONFIGURATION))]),
  rs(0xae, 'SIGP', (o) => [
    privileged, cc(low(get(OTHER_CPU), 2)), set(gr(o.r1), ite<number>(eq<number>(low(get(OTHER_CPU), 2), constant(2, 1)), concat(bits(G(o.r1), 0, 31), open('status', 32)), G(o.r1))),
    set<number>(OTHER_CPU, low(ea2(o), 8)),
  ]),
  rs(0x83, 'DIAG', () => [privileged, set<number>(ELSEWHERE, open('what it does', 8))], 'the manual leaves its effect to the model'),
  sFormat(0xb214, 'SIE', () => [privileged, set<number>(ELSEWHERE, open('what the guest does', 8))], 'interpretive execution of a guest'),
  rre(0xb220, 'SERVC', () => [privileged, cc(open('condition code', 2)), set<number>(ELSEWHERE, open('what the service processor does', 8))]),
]

/** By the subchannel number in general register 1. */
const inputOutput = (): Instruction[] => {
  type Act = (state: Term) => Term
  const start: Act = (state) => ite<number>(isZero(state), constant(2, 2), state), end: Act = (state) => ite<number>(eq<number>(state, constant(2, 2)), constant(2, 1), state)
  const answered: Act = (state) => ite<number>(eq<number>(state, constant(2, 1)), constant(2, 0), state), look: Act = (state) => state
  const subchannel = cell(SUBCHANNELS, low(G(1), 16) as Term<16>), state = get(subchannel)
  const codes: readonly (readonly [number, string, Act])[] = [
    [0xb230, 'CSCH', end], [0xb231, 'HSCH', end], [0xb232, 'MSCH', start], [0xb233, 'SSCH', start], [0xb236, 'TPI', answered], [0xb237, 'SAL', start],
    [0xb238, 'RSCH', start], [0xb23b, 'RCHP', end], [0xb23c, 'SCHM', start], [0xb276, 'XSCH', end],
  ]
  const storing: readonly (readonly [number, string, Act])[] = [[0xb234, 'STSCH', look], [0xb235, 'TSCH', answered], [0xb239, 'STCRW', answered], [0xb23a, 'STCPS', look]]
  return [
    ...codes.map(([op, name, act]) => sFormat(op, name, () => [privileged, cc(state), set<number>(subchannel, act(state))])),
    ...storing.map(([op, name, act]) => sFormat(op, name, (o) => [
      privileged, strict(ea2(o), 4), cc(state), ...write(ea2(o), zeroExtend(state, 32)), set<number>(subchannel, act(state)),
    ])),
  ]
}

export const control = (): Instruction[] => [...status(), ...translation(), ...system(), ...inputOutput()]
