// JRST, the jump by which the executive returns to users, and JFCL: sixteen instructions each, one for each accumulator field.
import { instruction, set, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { get } from '../../ir/state.ts'
import { and, any, concat, constant, extract, not, or, True, type Bool, type Term } from '../../ir/term.ts'
import { addressing, encoding, section, type AddressOperand, type AddressOperands } from './address.ts'
import { highest } from './interrupts.ts'
import { confined, flagNames, type Flag, type State } from './state.ts'

const mnemonics: Readonly<Partial<Record<number, string>>> = { 2: 'JRSTF', 4: 'HALT', 0o12: 'JEN' }

/** The names of the functions of JRST and JFCL: the accumulator field in octal. */
export const functionName = (name: string, n: number): string => (n === 0 ? name : `${name} ${n.toString(8)},`)

export const jrst = (s: State): Instruction[] => Array.from({ length: 16 }, (_, n) => {
  const note = mnemonics[n]
  return instruction<AddressOperand>({
    name: functionName('JRST', n),
    source: section('Program Control', 'JRST'),
    encoding: encoding(s, { op: 9, function: 4 }, { op: 0o254, function: n }),
    does: (o) => jump(s, n, o),
    ...(note === undefined ? {} : { note }),
  })
})

/** The bits of the function: 1 enter user mode, 2 restore flags, 4 halt, 10 dismiss the interrupt. */
const jump = (s: State, bits: number, o: AddressOperands): Statement[] => {
  const restoresFlags = (bits & 2) !== 0, entersUser = (bits & 1) !== 0
  const { address, word, bounded } = addressing(s).effective(o, extract(ownWord(s, bits, o), s.word - 1, s.sizes.half))
  return [
    ...bounded,
    ...((bits & 0o14) === 0 ? [] : [trapIf(confined(s), 'UUO')]),
    ...((bits & 0o10) === 0 ? [] : dismiss(s)),
    ...((bits & 4) === 0 ? [] : [set(s.HALTED, 1)]),
    set(s.PC, address),
    ...(restoresFlags ? restore(s, word, entersUser) : entersUser ? [set(s.USER, 1)] : []),
  ]
}

/** The JRST itself, from whose left half the flags come where there is neither index nor indirection. */
const ownWord = (s: State, bits: number, o: AddressOperands): Term => {
  const instruction = concat(constant(9, 0o254), constant(4, bits), o.i, o.x, o.y)
  return s.word === instruction.width ? instruction : constant(s.word, 0)
}

/** In user mode a program may set neither USER nor USER-IO, but it may clear USER-IO. */
const restore = (s: State, word: Term, entersUser: boolean): Statement[] => {
  const { USER, flags } = s
  return flagNames.flatMap((flag: Flag) => {
    const at = s.sizes.pcWord[flag]
    if (at === undefined) return flag === 'USER' && entersUser ? [set(USER, 1)] : []
    const bit: Bool = extract<1>(word, at, at)
    if (flag === 'USER') return [set(USER, entersUser ? True : or(get(USER), bit))]
    if (flag === 'USER-IO') return [set(flags[flag], and(bit, or(not(get(USER)), get(flags[flag]))))]
    return [set(flags[flag], bit)]
  })
}

/** The interrupt being held on the highest channel ends, where the system is on. */
const dismiss = ({ PI_ON, PIH, PIR }: State): Statement[] => {
  const ended = highest(get(PIH))
  return [
    set(PIH, and(get(PIH), not(ended)), get(PI_ON)),
    set(PIR, and(get(PIR), not(ended)), get(PI_ON)),
  ]
}

const jfclFlags: readonly [bit: number, flag: Flag][] = [[8, 'OV'], [4, 'CRY0'], [2, 'CRY1'], [1, 'FOV']]
const jfclMnemonics: Readonly<Partial<Record<number, string>>> = { 1: 'JFOV', 2: 'JCRY1', 4: 'JCRY0', 6: 'JCRY', 8: 'JOV' }

/** Jumps where one of the chosen flags is set, and clears them. */
export const jfcl = (s: State): Instruction[] => Array.from({ length: 16 }, (_, n) => {
  const note = jfclMnemonics[n]
  return instruction<AddressOperand>({
    name: functionName('JFCL', n),
    source: section('Program Control', 'JFCL'),
    encoding: encoding(s, { op: 9, function: 4 }, { op: 0o255, function: n }),
    does: (o) => {
      const e = addressing(s).effective(o)
      const chosen = jfclFlags.filter(([bit]) => (n & bit) !== 0).map(([, flag]) => s.flags[flag])
      return [...e.bounded, set(s.PC, e.address, any(chosen.map(get))), ...chosen.map((flag) => set(flag, 0))]
    },
    ...(note === undefined ? {} : { note }),
  })
})
