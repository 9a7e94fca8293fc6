// System control: RESET, STOP, RTE, MOVEC, MOVES, and the instructions that trap by themselves.
import { open, set, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { cell, get, type Register } from '../../ir/state.ts'
import { concat, constant, eq, extract, False, ite, not, or, signExtend, slt, True, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import { chapter, control, data, inUser, letter, memoryAlterable, readAt, stackGuard, withModes, type Fields, type Size } from './address.ts'
import { a7, has010, has020, isAny, plus, setA7, setSr, type State } from './state.ts'

export const system = (s: State): Instruction[] => [
  ...processor(s), ...(has010(s.model) ? [...moveControl(s), ...moveSpace(s)] : []), ...traps(s),
  ...(has020(s.model) ? modules(s) : []),
]

const processor = (s: State): Instruction[] => {
  const define = chapter(s, 'Supervisor (Privileged) Instructions')
  const stopFormat = { op: 16, trace: 2, S: 1, data: 13 }
  return [
    // The devices' state after a reset is the same each time; 0 stands for it.
    define('RESET', { op: 16 }, { op: 0x4e70 }, () => [inUser(s), set(s.DEVICES, 0)]),
    define('STOP #<data>', stopFormat, { op: 0x4e72, S: 1 }, (o) => [
      inUser(s), ...setSr(s, concat(o['trace']!, True, o['data']!), a7(s)), set(s.STOPPED, 1),
    ]),
    define('STOP #<data> (S = 0)', stopFormat, { op: 0x4e72, S: 0 }, () => [trapIf(True, 'privilege violation')]),
    define('RTE', { op: 16 }, { op: 0x4e73 }, () => returnFromException(s)),
  ]
}

/** The 68010 and 68020 look at the frame's format: short frames return, long ones are not modelled, others are refused. */
const returnFromException = (s: State): Statement[] => {
  const stack = a7(s)
  const at = (offset: number, size: Size): Term => readAt(s, plus(stack, offset), size)
  const pc = (): Statement => set(s.PC, at(2, 32))
  if (!has010(s.model)) return [inUser(s), ...stackGuard(s, stack), ...setSr(s, at(0, 16), plus(stack, 6)), pc()]
  const format = extract(at(6, 16), 15, 12)
  const six = has020(s.model) ? eq<number>(format, constant(4, 2)) : False
  const long = has020(s.model) ? isAny(format, 1, 9, 10, 11) : isAny(format, 8)
  const short = or(six, isAny(format, 0))
  const after = ite<number>(six, plus(stack, 12), plus(stack, 8))
  return [
    inUser(s), ...stackGuard(s, stack), trapIf(not(or(short, long)), 'format error'), trapIf(long, 'unmodelled'),
    ...setSr(s, at(0, 16), after), pc(),
  ]
}

/** A control register's code; how it reads and how it is written. */
type ControlRegister = readonly [name: string, code: number, read: () => Term, write: (value: Term) => readonly Statement[]]

const moveControl = (s: State): Instruction[] => {
  const define = chapter(s, 'Supervisor (Privileged) Instructions')
  const plain = (r: Register, code: number): ControlRegister =>
    [r.name, code, () => zeroExtend(get(r), 32), (value) => [set(r, extract(value, r.width - 1, 0))]]
  /** A stack pointer of the supervisor: it is A7 while it is in force. */
  const stack = (r: Register, code: number, inForce: Bool): ControlRegister =>
    [r.name, code, () => ite<number>(inForce, a7(s), get(r)), (value) => [set(r, value, not(inForce)), setA7(s, value, inForce)]]
  const registers: readonly ControlRegister[] = [
    plain(s.SFC, 0x000), plain(s.DFC, 0x001), plain(s.USP, 0x800), plain(s.VBR, 0x801),
    ...(has020(s.model) ? [plain(s.CACR, 0x002), plain(s.CAAR, 0x802), stack(s.MSP, 0x803, get(s.M)), stack(s.SSP, 0x804, not(get(s.M)))] : []),
  ]
  const format = { op: 15, dr: 1, 'A/D': 1, reg: 3, control: 12 }
  return registers.flatMap(([name, code, read, write]) => [
    define(`MOVEC ${name},Rn`, format, { op: 0b010011100111101, dr: 0, control: code }, (o) => [inUser(s), ...toRegister(s, o, read())]),
    define(`MOVEC Rn,${name}`, format, { op: 0b010011100111101, dr: 1, control: code }, (o) => [inUser(s), ...write(general(s, o))]),
  ])
}

const isAddress = (o: Fields): Bool => o['A/D'] as Bool
const general = (s: State, o: Fields): Term => ite<number>(isAddress(o), get(cell(s.A, o['reg']!)), get(cell(s.D, o['reg']!)))
const toRegister = (s: State, o: Fields, value: Term): Statement[] =>
  [set(cell(s.A, o['reg']!), value, isAddress(o)), set(cell(s.D, o['reg']!), value, not(isAddress(o)))]

/** The MMU makes no difference between the four spaces of programs and data; the others are not modelled. */
const moveSpace = (s: State): Instruction[] => {
  const define = chapter(s, 'Supervisor (Privileged) Instructions')
  const known = (fc: Register): Statement => trapIf(not(isAny(get(fc), 1, 2, 5, 6)), 'unmodelled')
  const register = (o: Fields, bank: typeof s.A): Term => get(cell(bank, o['Rn']!))
  return ([8, 16, 32] as const).flatMap((size, code) => {
    const own = { 'A/D': 1, Rn: 3, dr: 1, zero: 11 }
    const first = { op: 8, size: 2 }, fixed = { op: 0b00001110, size: code, zero: 0 }
    const name = `MOVES.${letter[size]}`
    return [
      ...withModes(s, define, memoryAlterable, (ea) => `${name} Rn,${ea}`, first, { ...fixed, dr: 1 }, size, (ea, o) => [
        inUser(s), known(s.DFC), ...ea.guards,
        ...ea.write(extract(ite<number>(o['A/D'] as Bool, register(o, s.A), register(o, s.D)), size - 1, 0)), ...ea.side,
      ], own),
      ...withModes(s, define, memoryAlterable, (ea) => `${name} ${ea},Rn`, first, { ...fixed, dr: 0 }, size, (ea, o) => {
        const value = ea.read(), old = register(o, s.D)
        const merged = size === 32 ? value : concat(extract(old, 31, size), value)
        return [
          inUser(s), known(s.SFC), ...ea.guards, ...ea.side,
          set(cell(s.A, o['Rn']!), signExtend(value, 32), o['A/D'] as Bool), set(cell(s.D, o['Rn']!), merged, not(o['A/D'] as Bool)),
        ]
      }, own),
    ]
  })
}

const traps = (s: State): Instruction[] => {
  const define = chapter(s, 'Integer Instructions')
  const exceptions = chapter(s, 'Exception Processing Reference')
  const sixteen = Array.from({ length: 16 }, (_, n) => n)
  return [
    define('TRAP #<vector>', { op: 12, vector: 4 }, { op: 0x4e4 }, (o) => sixteen.map((n) => trapIf(isAny(o['vector']!, n), `TRAP #${n}`))),
    define('TRAPV', { op: 16 }, { op: 0x4e76 }, () => [trapIf(get(s.flags.V), 'TRAPV')]),
    define('ILLEGAL', { op: 16 }, { op: 0x4afc }, () => [trapIf(True, 'illegal instruction')]),
    // On the 68020 the system may answer the breakpoint with a word to execute instead.
    define('BKPT #<data>', { op: 13, data: 3 }, { op: 0b0100100001001 }, () => [
      ...(has020(s.model) ? [trapIf(open('an answered breakpoint', 1), 'unmodelled')] : []), trapIf(True, 'illegal instruction'),
    ]),
    exceptions('line A', { op: 4, rest: 12 }, { op: 0xa }, () => [trapIf(True, 'line A')]),
    exceptions('line F', { op: 4, rest: 12 }, { op: 0xf }, () => [trapIf(True, 'line F')]),
    ...withModes(s, define, data, (ea) => `CHK.W ${ea},Dn`, { op: 4, Dn: 3, opmode: 3 }, { op: 4, opmode: 6 }, 16, (ea, o) => {
      const value = extract(get(cell(s.D, o['Dn']!)), 15, 0)
      const below = slt<number>(value, constant(16, 0)), above = slt<number>(ea.read(), value)
      return [...ea.guards, trapIf(or(below, above), 'CHK'), ...ea.side]
    }),
  ]
}

/** Calls of and returns from modules of type $01, which ask external hardware for another access level, in both modes. */
const modules = (s: State): Instruction[] => {
  const define = chapter(s, 'Integer Instructions')
  const refused = (type: Term): Statement[] => [
    trapIf(isAny(type, 0), 'unmodelled'), trapIf(not(isAny(type, 1)), 'module format error'),
    trapIf(or(not(get(s.ACCESS)), not(open('whether access is granted', 1))), 'module format error'),
  ]
  return [
    ...withModes(s, define, control, (ea) => `CALLM #<data>,${ea}`, { op: 10 }, { op: 0b0000011011, zero: 0 }, 8, (ea) => {
      const at = (offset: number, size: Size): Term => readAt(s, plus(ea.address!, offset), size)
      return [
        ...stackGuard(s, ea.address!), ...refused(extract(at(0, 16), 12, 8)),
        set(s.CAL, extract(at(0, 16), 7, 0)), set(s.PC, plus(at(4, 32), 2)),
      ]
    }, { zero: 8, count: 8 }),
    define('RTM Rn', { op: 12, 'A/D': 1, reg: 3 }, { op: 0b000001101100 }, () => {
      const frame = readAt(s, a7(s), 16)
      return [...stackGuard(s, a7(s)), ...refused(extract(frame, 12, 8)), set(s.CAL, extract(frame, 7, 0))]
    }),
  ]
}
