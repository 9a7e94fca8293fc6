// Pushdown lists and the jumps that save the program counter.
import { set, type Instruction, type Statement } from '../../ir/instruction.ts'
import { concat, type Bool } from '../../ir/term.ts'
import {
  addressing, advanced, chapter, countedBelow, countedOut, following, leftHalf, pcPlus, retreated, rightHalf,
} from './address.ts'
import { pcWord, type State } from './state.ts'

export const stackAndSubroutines = (s: State): Instruction[] => [...stack(s), ...subroutines(s)]

const overflow = ({ conditions }: State, when: Bool): Statement => set(conditions['PDL-OV'], 1, when)

const stack = (s: State): Instruction[] => {
  const define = chapter(s, 'Pushdown List')
  const { accumulator, ac, read, write, effective } = addressing(s)
  return [
    define(0o260, 'PUSHJ', (o) => {
      const e = effective(o), pointer = advanced(ac(o.ac))
      return [
        ...e.bounded, ...write(rightHalf(pointer), pcWord(s, pcPlus(s, 1))), set(accumulator(o.ac), pointer),
        set(s.flags.BIS, 0), overflow(s, countedOut(pointer)), set(s.PC, e.address),
      ]
    }),
    define(0o261, 'PUSH', (o) => {
      const e = effective(o), pointer = advanced(ac(o.ac))
      return [
        ...e.bounded, ...write(rightHalf(pointer), read(e.address)), set(accumulator(o.ac), pointer), overflow(s, countedOut(pointer)),
      ]
    }),
    define(0o262, 'POP', (o) => {
      const e = effective(o), pointer = ac(o.ac)
      // The KA10 stores the pointer first: a word popped into the pointer's own accumulator stays there.
      return [
        ...e.bounded, set(accumulator(o.ac), retreated(pointer)), ...write(e.address, read(rightHalf(pointer))),
        overflow(s, countedBelow(pointer)),
      ]
    }),
    define(0o263, 'POPJ', (o) => {
      const e = effective(o), pointer = ac(o.ac)
      return [
        ...e.bounded, set(s.PC, rightHalf(read(rightHalf(pointer)))), set(accumulator(o.ac), retreated(pointer)),
        overflow(s, countedBelow(pointer)),
      ]
    }),
  ]
}

const subroutines = (s: State): Instruction[] => {
  const define = chapter(s, 'Program Control')
  const { accumulator, ac, read, write, effective } = addressing(s)
  return [
    define(0o264, 'JSR', (o) => {
      const e = effective(o)
      return [...e.bounded, ...write(e.address, pcWord(s, pcPlus(s, 1))), set(s.flags.BIS, 0), set(s.PC, following(e.address))]
    }),
    define(0o265, 'JSP', (o) => {
      const e = effective(o)
      return [...e.bounded, set(accumulator(o.ac), pcWord(s, pcPlus(s, 1))), set(s.flags.BIS, 0), set(s.PC, e.address)]
    }),
    define(0o266, 'JSA', (o) => {
      const e = effective(o)
      return [
        ...e.bounded, set(accumulator(o.ac), concat(e.address, pcPlus(s, 1))), ...write(e.address, ac(o.ac)),
        set(s.PC, following(e.address)),
      ]
    }),
    define(0o267, 'JRA', (o) => {
      const e = effective(o)
      return [...e.bounded, set(accumulator(o.ac), read(leftHalf(ac(o.ac)))), set(s.PC, e.address)]
    }),
  ]
}
