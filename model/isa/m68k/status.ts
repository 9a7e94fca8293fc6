// The status register: MOVE from and to SR and CCR, the immediate operations on both, MOVE USP.
import { set, type Instruction } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { and, or, xor, zeroExtend, type Term } from '../../ir/term.ts'
import { chapter, data, dataAlterable, inUser, withModes } from './address.ts'
import { a7, ccr, has010, setCcr, setSr, sr, type State } from './state.ts'

const immediate: readonly [string, number, (a: Term, b: Term) => Term][] = [
  ['ORI', 0x00, (a, b) => or<number>(a, b)],
  ['ANDI', 0x02, (a, b) => and<number>(a, b)],
  ['EORI', 0x0a, (a, b) => xor<number>(a, b)],
]

export const status = (s: State): Instruction[] => {
  const { model } = s
  const integer = chapter(s, 'Integer Instructions'), supervisor = chapter(s, 'Supervisor (Privileged) Instructions')
  return [
    ...withModes(s, has010(model) ? supervisor : integer, dataAlterable, (ea) => `MOVE SR,${ea}`, { op: 10 }, { op: 0b0100000011 }, 16, (ea) => [
      ...(has010(model) ? [inUser(s)] : []), ...ea.guards, ...ea.write(sr(s)), ...ea.side,
    ]),
    ...(has010(model) ? withModes(s, integer, dataAlterable, (ea) => `MOVE CCR,${ea}`, { op: 10 }, { op: 0b0100001011 }, 16, (ea) => [
      ...ea.guards, ...ea.write(wordOfCcr(s)), ...ea.side,
    ]) : []),
    ...withModes(s, integer, data, (ea) => `MOVE ${ea},CCR`, { op: 10 }, { op: 0b0100010011 }, 16, (ea) => [
      ...ea.guards, ...setCcr(s, ea.read()), ...ea.side,
    ]),
    ...withModes(s, supervisor, data, (ea) => `MOVE ${ea},SR`, { op: 10 }, { op: 0b0100011011 }, 16, (ea) => [
      inUser(s), ...ea.guards, ...ea.side, ...setSr(s, ea.read(), ea.stack),
    ]),
    ...immediate.flatMap(([name, op, combine]) => [
      integer(`${name} #<data>,CCR`, { op: 8, ea: 8, zero: 8, data: 8 }, { op, ea: 0x3c, zero: 0 }, (o) => setCcr(s, combine(ccr(s), o['data']!))),
      supervisor(`${name} #<data>,SR`, { op: 8, ea: 8, data: 16 }, { op, ea: 0x7c }, (o) => [inUser(s), ...setSr(s, combine(sr(s), o['data']!), a7(s))]),
    ]),
    supervisor('MOVE An,USP', { op: 13, reg: 3 }, { op: 0b0100111001100 }, (o) => [inUser(s), set(s.USP, get(cell(s.A, o['reg']!)))]),
    supervisor('MOVE USP,An', { op: 13, reg: 3 }, { op: 0b0100111001101 }, (o) => [inUser(s), set(cell(s.A, o['reg']!), get(s.USP))]),
  ]
}

const wordOfCcr = (s: State): Term => zeroExtend(ccr(s), 16)
