// Where a generated program has what in RAM: handlers, starts, code, data and page tables.
import { ram } from '../../traces/hart-program.ts'

const page = (n: number): number => ram.base + 0x1000 * n

export const place = {
  machineHandler: page(1), supervisorHandler: page(2),
  /** A block for each start: the code that sets the state up, and its values. */
  starts: page(4), startBytes: 0x800, mostStarts: 8,
  code: page(8), codePages: 4,
  data: page(0xc), dataPages: 4,
  /** Roots of Sv48 and Sv39, then tables of the next levels. */
  tables: page(0x10), tablePages: 4,
  pages: ram.size / 0x1000,
} as const

/** Where generated code lies: at the beginning, across the ends of pages, and in the middle. */
export const islands: readonly { readonly from: number; readonly to: number }[] = [
  { from: place.code, to: place.code + 0x180 },
  { from: place.code + 0xf40, to: place.code + 0x1080 },
  { from: place.code + 0x1802, to: place.code + 0x1980 },
  { from: place.code + 0x2fc2, to: place.code + 0x3100 },
]
