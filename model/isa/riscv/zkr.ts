// Zkr: the CSR seed, an entropy source that each read uses up.
import { open } from '../../ir/instruction.ts'
import { and, any, constant, concat, not, True } from '../../ir/term.ts'
import { asWord, type Csr } from './csr.ts'
import { fieldOf, flag, inMode, value, type State } from './state.ts'

/** Access must write, in M-mode or where mseccfg grants it. */
export const entropySource = (s: State): Csr => ({
  name: 'seed', first: 0x015, last: 0x015,
  illegal: ({ writes }) => any([not(writes), and(inMode(s, 'S'), not(flag(s, 'mseccfg.SSEED'))), and(inMode(s, 'U'), not(flag(s, 'mseccfg.USEED')))]),
  read: () => asWord(s, concat(value(s, 'seed.OPST'), constant(14, 0), value(s, 'seed.entropy'))),
  write: () => [
    { place: fieldOf(s, 'seed.OPST'), value: open<number>('OPST after a read', 2), when: True },
    { place: fieldOf(s, 'seed.entropy'), value: open<number>('entropy after a read', 16), when: True },
  ],
})
