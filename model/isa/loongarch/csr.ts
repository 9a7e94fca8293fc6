// The control and status registers, by number and field, with only the fields that the architecture defines.
import { register, type Register, type Role } from '../../ir/state.ts'
import type { Architecture } from './state.ts'

export interface CsrField {
  readonly register: Register
  readonly low: number
  /** Fields that software cannot write. */
  readonly readOnly?: boolean
}
export interface Csr {
  readonly name: string
  readonly number: number
  readonly fields: readonly CsrField[]
}
export type Fields = Readonly<Record<string, Register>>

/** `name low width`, with `!` after a field that is read-only and `*` after one that decides the mapping. */
type Description = readonly [number: number, name: string, fields: string]

/** V, D, PLV, MAT and G; NR, NX and RPLV. */
const pageFlags = 'G-V 0 7', wideEntry = `${pageFlags}, PPN 12 36, RPLV-NR 61 3`, narrowEntry = `${pageFlags}, PPN 8 24`
const la64: readonly Description[] = [
  [0x2, 'EUEN', 'FPE 0 1, SXE 1 1, ASXE 2 1, BTE 3 1'],
  [0x3, 'MISC', 'VA32L1-2 1 2, VA32L3 3 1, DRDTL1-2 5 2, DRDTL3 7 1, RPCNTL1-2 9 2, RPCNTL3 11 1, DWPL0 16 1*, DWPL1-2 17 2'],
  [0x8, 'BADI', 'INST 0 32!'],
  [0xc, 'EENTRY', 'VPN 12 52'],
  [0x11, 'TLBEHI', 'VPPN 13 35'],
  [0x12, 'TLBELO0', wideEntry],
  [0x13, 'TLBELO1', wideEntry],
  [0x1c, 'PWCL', 'PTbase 0 5, PTwidth 5 5, Dir1_base 10 5, Dir1_width 15 5, Dir2_base 20 5, Dir2_width 25 5, PTEWidth 30 2'],
  [0x1d, 'PWCH', 'Dir3_base 0 6, Dir3_width 6 6, Dir4_base 12 6, Dir4_width 18 6'],
  [0x21, 'PRCFG1', 'PRCFG1 0 15!'], [0x22, 'PRCFG2', 'PSAVL 0 64!'], [0x23, 'PRCFG3', 'PRCFG3 0 28!'],
  [0x41, 'TCFG', 'En 0 1, Periodic 1 1, InitVal 2 46'], [0x42, 'TVAL', 'TimeVal 0 48!'], [0x43, 'CNTC', 'Compensation 0 64'],
  [0x88, 'TLBRENTRY', 'PPN 12 36'], [0x89, 'TLBRBADV', 'VAddr 0 64'], [0x8a, 'TLBRERA', 'IsTLBR 0 1, PC 2 62'],
  [0x8b, 'TLBRSAVE', 'data 0 64'],
  [0x8c, 'TLBRELO0', wideEntry],
  [0x8d, 'TLBRELO1', wideEntry],
  [0x8e, 'TLBREHI', 'PS 0 6, VPPN 13 35'], [0x8f, 'TLBRPRMD', 'PPLV 0 2, PIE 2 1, PWE 4 1'],
  [0x90, 'MERRCTL', 'IsMERR 0 1!, PPLV 2 2, PIE 4 1, PWE 6 1, PDA 7 1, PPG 8 1, PDATF 9 2, PDATM 11 2'],
  [0x93, 'MERRENTRY', 'PPN 12 36'], [0x94, 'MERRERA', 'PC 0 64'], [0x95, 'MERRSAVE', 'data 0 64'],
  ...[0, 1, 2, 3].map((n): Description => [0x180 + n, `DMW${n}`, 'PLV0 0 1*, PLV1-2 1 2, PLV3 3 1*, MAT 4 2, VSEG 60 4*']),
  [0x500, 'DBG', 'DST 0 1!'], [0x501, 'DERA', 'PC 0 64'], [0x502, 'DSAVE', 'data 0 64'],
]
const la32r: readonly Description[] = [
  [0x2, 'EUEN', 'FPE 0 1'],
  [0xc, 'EENTRY', 'VA 6 26'],
  [0x11, 'TLBEHI', 'VPPN 13 19'],
  [0x12, 'TLBELO0', narrowEntry], [0x13, 'TLBELO1', narrowEntry],
  [0x41, 'TCFG', 'En 0 1, Periodic 1 1, InitVal 2 30'], [0x42, 'TVAL', 'TimeVal 0 32!'],
  [0x88, 'TLBRENTRY', 'PA 6 26'],
  ...[0, 1].map((n): Description => [0x180 + n, `DMW${n}`, 'PLV0 0 1*, PLV3 3 1*, MAT 4 2, PSEG 25 3, VSEG 29 3*']),
]
const common = (w: number): readonly Description[] => [
  [0x0, 'CRMD', 'PLV 0 2, IE 2 1, DA 3 1*, PG 4 1*, DATF 5 2, DATM 7 2' + (w === 64 ? ', WE 9 1' : '')],
  [0x1, 'PRMD', 'PPLV 0 2, PIE 2 1' + (w === 64 ? ', PWE 3 1' : '')],
  [0x4, 'ECFG', 'LIE 0 13' + (w === 64 ? ', VS 16 3' : '')],
  [0x5, 'ESTAT', 'IS1-0 0 2, IS12-2 2 11!, Ecode 16 6!, EsubCode 22 9!'],
  [0x6, 'ERA', `PC 0 ${w}`], [0x7, 'BADV', `VAddr 0 ${w}`],
  [0x10, 'TLBIDX', 'Index 0 4, PS 24 6, NE 31 1'],
  [0x18, 'ASID', 'ASID 0 10'],
  [0x19, 'PGDL', `Base 12 ${w - 12}`], [0x1a, 'PGDH', `Base 12 ${w - 12}`],
  [0x20, 'CPUID', 'CoreID 0 9!'],
  ...[0, 1, 2, 3].map((n): Description => [0x30 + n, `SAVE${n}`, `data 0 ${w}`]),
  [0x40, 'TID', 'TID 0 32'],
  [0x60, 'LLBCTL', 'KLO 2 1'],
  [0x98, 'CTAG', `CTAG 0 ${w}`],
]

export const declareCsrs = (architecture: Architecture): { csrs: readonly Csr[]; field: Fields } => {
  const wide = architecture === 'la64'
  const csrs = [...common(wide ? 64 : 32), ...(wide ? la64 : la32r)].map(([number, name, fields]) => ({
    name, number, fields: fields.split(', ').map((f) => fieldOf(name, f)),
  })).sort((a, b) => a.number - b.number)
  const field = Object.fromEntries(csrs.flatMap((c) => c.fields.map((f) => [f.register.name, f.register])))
  return { csrs, field }
}

const fieldOf = (csr: string, text: string): CsrField => {
  const [, name, low, width, mark] = /^(\S+) (\d+) (\d+)([!*]?)$/.exec(text)!
  const full = `${csr}.${name}`
  const role: Role = full === 'CRMD.PLV' ? 'mode' : mark === '*' ? 'mapping' : 'control'
  return { register: register<number>(full, Number(width), role), low: Number(low), ...(mark === '!' ? { readOnly: true } : {}) }
}
