// JRST, the jump that the executive returns to users by: sixteen instructions, one for each accumulator field.
import { instruction, set, trapIf, type Instruction, type Statement } from '../../ir/instruction.ts'
import { get } from '../../ir/state.ts'
import { and, any, concat, constant, extract, not, or, True, type Bool, type Term } from '../../ir/term.ts'
import { addressing, encoding, section, type AddressOperand, type AddressOperands } from './address.ts'
import { confined, flagNames, type Flag, type State } from './state.ts'

const mnemonics: Readonly<Partial<Record<number, string>>> = { 2: 'JRSTF', 4: 'HALT', 10: 'JEN' }

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
  const others = withoutHighest(get(PIH)), highest = and(get(PIH), not(others))
  return [
    set(PIH, others, get(PI_ON)),
    set(PIR, and(get(PIR), not(highest)), get(PI_ON)),
  ]
}

/** The bits but for the most significant that is 1; channel 1 stands highest. */
const withoutHighest = (bits: Term): Term => {
  const at = (k: number): Bool => extract<1>(bits, k, k)
  const kept = Array.from({ length: bits.width }, (_, k) => bits.width - 1 - k)
    .map((k) => and(at(k), any(Array.from({ length: bits.width - 1 - k }, (_, j) => at(k + 1 + j)))))
  return kept.length === 1 ? kept[0]! : concat(kept[0]!, kept[1]!, ...kept.slice(2))
}

/** The word that subroutine calls save: the flags, the modes among them, and an address. */
export const pcWord = (s: State, address: Term): Term => {
  const left = Array.from({ length: s.sizes.half }, (_, k) => s.word - 1 - k).map((position): Term => {
    const flag = flagNames.find((f) => s.sizes.pcWord[f] === position)
    return flag === undefined ? constant(1, 0) : get(s.flags[flag])
  })
  return left.length === 1 ? concat(left[0]!, address) : concat(left[0]!, left[1]!, ...left.slice(2), address)
}
