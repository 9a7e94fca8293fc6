// The names of the control and status registers, as the manuals and tools have them.

const single: Readonly<Record<number, string>> = {
  0x001: 'fflags', 0x002: 'frm', 0x003: 'fcsr', 0x100: 'sstatus', 0x104: 'sie', 0x105: 'stvec', 0x106: 'scounteren', 0x10a: 'senvcfg', 0x140: 'sscratch', 0x141: 'sepc',
  0x142: 'scause', 0x143: 'stval', 0x144: 'sip', 0x14d: 'stimecmp', 0x180: 'satp', 0x300: 'mstatus', 0x301: 'misa', 0x302: 'medeleg', 0x303: 'mideleg', 0x304: 'mie',
  0x305: 'mtvec', 0x306: 'mcounteren', 0x30a: 'menvcfg', 0x320: 'mcountinhibit', 0x340: 'mscratch', 0x341: 'mepc', 0x342: 'mcause', 0x343: 'mtval', 0x344: 'mip',
  0x7a0: 'tselect', 0x7a1: 'tdata1', 0x7a2: 'tdata2', 0x7a3: 'tdata3', 0xb00: 'mcycle', 0xb02: 'minstret', 0xc00: 'cycle', 0xc01: 'time', 0xc02: 'instret', 0xf11: 'mvendorid', 0xf12: 'marchid', 0xf13: 'mimpid', 0xf14: 'mhartid',
  0xf15: 'mconfigptr',
}
/** Registers in a row: the number of the first, how many, and what the first is called without and with its index. */
const rows: readonly (readonly [first: number, count: number, name: string, index: number])[] = [
  [0x323, 29, 'mhpmevent', 3], [0x3a0, 16, 'pmpcfg', 0], [0x3b0, 64, 'pmpaddr', 0], [0xb03, 29, 'mhpmcounter', 3], [0xc03, 29, 'hpmcounter', 3],
]

/** The name of a register by its number; `csr` and the number in hexadecimal where it has none. */
export const csrName = (number: number): string => {
  const row = rows.find(([first, count]) => number >= first && number < first + count)
  return single[number] ?? (row ? `${row[2]}${number - row[0] + row[3]}` : `csr${number.toString(16).padStart(3, '0')}`)
}
