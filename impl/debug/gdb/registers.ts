// The registers of a hart as GDB numbers and describes them.
import { csrName } from '../../cpu/riscv/csr-names.ts'
import type { Hart } from '../../cpu/riscv/hart.ts'

/** As GDB numbers the registers of RISC-V. */
const first = { x: 0, pc: 32, f: 33, csr: 65, priv: 65 + 4096 } as const
const floatingCsrs = 3
/** Bits 11 and 10 of the numbers of CSRs that are read-only. */
const readOnlyQuarter = 3
/** What a client gets in one packet: x0 to x31 and the pc; it asks for the others one by one. */
export const generalRegisters = first.pc + 1

const xNames = [
  'zero', 'ra', 'sp', 'gp', 'tp', 't0', 't1', 't2', 'fp', 's1', 'a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7', 's2', 's3', 's4', 's5', 's6', 's7', 's8', 's9', 's10', 's11',
  't3', 't4', 't5', 't6',
]
const fNames = [
  'ft0', 'ft1', 'ft2', 'ft3', 'ft4', 'ft5', 'ft6', 'ft7', 'fs0', 'fs1', 'fa0', 'fa1', 'fa2', 'fa3', 'fa4', 'fa5', 'fa6', 'fa7', 'fs2', 'fs3', 'fs4', 'fs5', 'fs6', 'fs7', 'fs8', 'fs9',
  'fs10', 'fs11', 'ft8', 'ft9', 'ft10', 'ft11',
]

/** The value of a register, unsigned; undefined when there is none of this number. */
export const readRegister = (hart: Hart, number: number): bigint | undefined => {
  if (number < first.pc) return hart.x[number]
  if (number === first.pc) return hart.pc
  if (number < first.csr) return hart.f[number - first.f]
  if (number === first.priv) return BigInt(hart.mode)
  return hart.csr(number - first.csr)
}

/** Writes one as an instruction in machine mode would, the mode too; false when there is none of this number, or it has no such value. */
export const writeRegister = (hart: Hart, number: number, value: bigint): boolean => {
  if (number === first.x) return true
  if (number < first.pc) hart.x[number] = value
  else if (number === first.pc) hart.pc = value & ~1n
  else if (number < first.csr) hart.f[number - first.f] = value
  else if (number === first.priv) {
    if (value !== 0n && value !== 1n && value !== 3n) return false
    hart.mode = Number(value) as 0 | 1 | 3
  } else {
    const csr = number - first.csr
    return csr >> 10 !== readOnlyQuarter && hart.setCsr(csr, value)
  }
  return true
}

/** The target description, in XML. */
export const description = (hart: Hart): string => {
  const register = (name: string, number: number, type: string): string => `<reg name="${name}" bitsize="64" regnum="${number}" type="${type}"/>`
  const feature = (name: string, ...content: readonly string[]): string => `<feature name="org.gnu.gdb.riscv.${name}">${content.join('')}</feature>`
  const types: Readonly<Record<string, string>> = { ra: 'code_ptr', sp: 'data_ptr', gp: 'data_ptr', tp: 'data_ptr', fp: 'data_ptr' }
  const csr = (number: number): string => register(csrName(number), first.csr + number, 'int')
  const isFloating = (number: number): boolean => number > 0 && number <= floatingCsrs
  return [
    '<?xml version="1.0"?><!DOCTYPE target SYSTEM "gdb-target.dtd"><target version="1.0"><architecture>riscv:rv64</architecture>',
    feature('cpu', ...xNames.map((name, n) => register(name, first.x + n, types[name] ?? 'int')), register('pc', first.pc, 'code_ptr')),
    feature('fpu', '<union id="riscv_double"><field name="float" type="ieee_single"/><field name="double" type="ieee_double"/></union>',
      ...fNames.map((name, n) => register(name, first.f + n, 'riscv_double')), ...hart.csrs.filter(isFloating).map(csr)),
    feature('csr', ...hart.csrs.filter((number) => !isFloating(number)).map(csr)),
    feature('virtual', register('priv', first.priv, 'int')),
    '</target>',
  ].join('')
}
