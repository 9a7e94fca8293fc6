// State of a RISC-V hart with modes M, S and U: registers, the fields of the CSRs that hold state, and memory by bytes.
import { bank, cell, field, get, register, type Bank, type Component, type Place, type Register, type Role } from '../../ir/state.ts'
import { constant, eq, extract, ite, ne, type Bool, type Term } from '../../ir/term.ts'
import { allowed } from './limits.ts'
import { heldBits, platformInterrupts, pmpRegisters, type Extension, type Parameters, type WritableExtension } from './parameters.ts'

export const Privilege = { U: 0, S: 1, M: 3 } as const
/** Values of mstatus.FS. */
export const Status = { Off: 0, Initial: 1, Clean: 2, Dirty: 3 } as const

/** Widths in bits and roles of everything that CSRs show, addresses in `held` bits; only what can hold a value has a register. */
const csrFields = (xlen: number, held = xlen) => ({
  'mstatus.SIE': [1, 'control'], 'mstatus.MIE': [1, 'control'], 'mstatus.SPIE': [1, 'control'], 'mstatus.MPIE': [1, 'control'],
  'mstatus.SPP': [1, 'control'], 'mstatus.MPP': [2, 'control'], 'mstatus.FS': [2, 'control'], 'mstatus.MPRV': [1, 'mapping'],
  'mstatus.SUM': [1, 'mapping'], 'mstatus.MXR': [1, 'mapping'], 'mstatus.TVM': [1, 'control'], 'mstatus.TW': [1, 'control'], 'mstatus.TSR': [1, 'control'],
  'mstatus.UBE': [1, 'control'], 'mstatus.SBE': [1, 'control'], 'mstatus.MBE': [1, 'control'],
  'medeleg[9:0]': [10, 'control'], 'medeleg[13:12]': [2, 'control'], 'medeleg[15]': [1, 'control'],
  'mideleg.SSI': [1, 'control'], 'mideleg.STI': [1, 'control'], 'mideleg.SEI': [1, 'control'],
  'mie.SSIE': [1, 'control'], 'mie.MSIE': [1, 'control'], 'mie.STIE': [1, 'control'], 'mie.MTIE': [1, 'control'], 'mie.SEIE': [1, 'control'], 'mie.MEIE': [1, 'control'],
  'mip.SSIP': [1, 'control'], 'mip.MSIP': [1, 'control'], 'mip.STIP': [1, 'control'], 'mip.MTIP': [1, 'control'], 'mip.SEIP': [1, 'control'], 'mip.MEIP': [1, 'control'],
  'mtvec.BASE': [held - 2, 'control'], 'mtvec.MODE': [1, 'control'], 'stvec.BASE': [held - 2, 'control'], 'stvec.MODE': [1, 'control'],
  mscratch: [xlen, 'control'], sscratch: [xlen, 'control'],
  /** Bit 0 of mepc and sepc is always 0. */
  'mepc[xlen-1:1]': [held - 1, 'control'], 'sepc[xlen-1:1]': [held - 1, 'control'],
  mcause: [xlen, 'control'], scause: [xlen, 'control'], mtval: [held, 'control'], stval: [held, 'control'],
  /** 0 is Bare; 1 is Sv39, Sv32 on RV32. */
  'satp.MODE': [1, 'mapping'], 'satp.ASID': [xlen === 32 ? 9 : 16, 'mapping'], 'satp.PPN': [xlen === 32 ? 22 : 44, 'mapping'],
  mcounteren: [32, 'control'], scounteren: [32, 'control'], 'mcountinhibit.CY': [1, 'control'], 'mcountinhibit[31:2]': [30, 'control'],
  mcycle: [64, 'control'], minstret: [64, 'control'], mtime: [64, 'control'],
  'menvcfg.FIOM': [1, 'control'], 'senvcfg.FIOM': [1, 'control'],
  mvendorid: [32, 'control'], marchid: [xlen, 'control'], mimpid: [xlen, 'control'], mhartid: [xlen, 'control'], mconfigptr: [xlen, 'control'],
  fflags: [5, 'general'], frm: [3, 'general'],
} as const)

/** The fields that an extension adds. */
const extensionFields = {
  Svadu: { 'menvcfg.ADUE': [1, 'control'] },
  Zicbom: { 'menvcfg.CBIE': [2, 'control'], 'senvcfg.CBIE': [2, 'control'], 'menvcfg.CBCFE': [1, 'control'], 'senvcfg.CBCFE': [1, 'control'] },
  Zicboz: { 'menvcfg.CBZE': [1, 'control'], 'senvcfg.CBZE': [1, 'control'] },
  Zawrs: {},
  /** OPST and entropy. */
  Zkr: { 'mseccfg.SSEED': [1, 'control'], 'mseccfg.USEED': [1, 'control'], 'seed.OPST': [2, 'control'], 'seed.entropy': [16, 'control'] },
  Sstc: { 'menvcfg.STCE': [1, 'control'], stimecmp: [64, 'control'] },
  Zicfiss: { 'menvcfg.SSE': [1, 'control'], 'senvcfg.SSE': [1, 'control'], 'medeleg[18]': [1, 'control'], ssp: [64, 'general'] },
} as const

/** What the machine that runs has besides: the line of external interrupts to S-mode, and the width of the reservation in bytes. */
const runningFields = { 'SEIP line': [1, 'control'], 'reservation width': [4, 'general'] } as const

/** What only other choices than the defaults have. */
const chosenFields = (p: Parameters): Readonly<Record<string, readonly [number, Role]>> => {
  const bit = [1, 'control'] as const
  return {
    ...Object.fromEntries(platformInterrupts(p).flatMap((code) => [`mie[${code}]`, `mip[${code}]`, ...(p.delegableInterrupts >> BigInt(code) & 1n ? [`mideleg[${code}]`] : [])].map((name) => [name, bit]))),
    ...Object.fromEntries(([['mideleg.MSI', 3], ['mideleg.MTI', 7], ['mideleg.MEI', 11]] as const).filter(([, code]) => p.delegableInterrupts >> BigInt(code) & 1n).map(([name]) => [name, bit])),
    ...Object.fromEntries(p.writableExtensions.map((extension) => [`misa.${extension}`, bit])),
    ...(p.vectorStatus === 'read-only 0' ? {} : { 'mstatus.VS': [2, 'control'] as const }),
    ...(p.UXL === 'writable' ? { 'mstatus.UXL': [2, 'control'] as const } : {}),
    ...(p.SXL === 'writable' ? { 'mstatus.SXL': [2, 'control'] as const } : {}),
    ...(walks(p) && p.nmiVector !== 'none' ? { NMI: bit } : {}),
    ...(walks(p) && p.extensions.includes('Sstc') && p.timerComparison !== 'at once' ? { 'STIP compared': bit, 'STIP next': bit } : {}),
    /** Of instructions since an interrupt is there to be taken, at most one more than are done; and whether it is taken at once. */
    ...(walks(p) && p.interruptDelay > 0 ? { 'interrupt delay': [Math.ceil(Math.log2(p.interruptDelay + 2)), 'control'] as const, 'interrupts evaluated': bit } : {}),
  }
}
type PlatformField = `${'mie' | 'mip' | 'mideleg'}[${number}]`
type ChosenField = 'mstatus.UXL' | 'mstatus.SXL' | `misa.${WritableExtension}` | 'mstatus.VS' | 'mideleg.MSI' | 'mideleg.MTI' | 'mideleg.MEI' | 'NMI' | 'STIP compared' | 'STIP next' | 'interrupt delay' | 'interrupts evaluated'

type KeysOf<T> = T extends unknown ? keyof T : never
type NamedField = keyof ReturnType<typeof csrFields> | keyof typeof runningFields | KeysOf<(typeof extensionFields)[Extension]> | ChosenField
export type CsrField = NamedField | PlatformField

export type KeptFor = 'fetch' | 'data' | 'pointer'
/** A page-table entry, with what it is used by. */
export interface KeptTranslation {
  readonly valid: Register<1>
  /** As they are in satp. */
  readonly MODE: Register
  readonly ASID: Register
  /** Of the entry or of a pointer to its table. */
  readonly global: Register<1>
  readonly level: Register
  /** Bits 12 and up of a program's address that it maps. */
  readonly page: Register
  readonly entry: Register
}

export interface State extends Parameters {
  /** The hart of 64 bits of which this is what a mode with XLEN = 32 has. */
  readonly whole?: State
  readonly memory: Bank
  /** Cell 0 is not used. */
  readonly x: Bank<5>
  readonly f: Bank<5, 64>
  /** In bytes, always even. */
  readonly pc: Register
  readonly priv: Register<2>
  readonly fields: Readonly<Partial<Record<NamedField, Register>> & Record<PlatformField, Register>>
  /** Of hardware performance counters 3 to 31; cells 0 to 2 are not used. */
  readonly mhpmcounter: Bank<5, 64>
  readonly mhpmevent: Bank<5>
  readonly pmpcfg: Bank<number, 8>
  /** What PMP looks at, where that is not what its registers hold. */
  readonly inForce: { readonly pmpcfg: Bank<number, 8>; readonly pmpaddr: Bank } | undefined
  readonly pmpaddr: Bank
  /** Bits 7 to 0 of the leaf page-table entry of each virtual page: D A G U X W R V. */
  readonly pte: Bank<number, 8>
  /** The reservation of LR, at the address that the program gave, or at the physical one where tables are walked. */
  readonly reserved: Register<1>
  readonly reservation: Register
  /** The address that LR was given, where the place of a reservation is that too. */
  readonly virtualReservation: Register | undefined
  /** The next SC that could succeed does, where every other one fails. */
  readonly nextSucceeds: Register<1> | undefined
  /** Instructions completed since LR, where there is an end to them. */
  readonly reservationAge: Register | undefined
  /** What the hart keeps of page tables: an entry for fetches, one for data, a pointer. */
  readonly translations: Readonly<Partial<Record<KeptFor, KeptTranslation>>>
  /** A block of eight bytes, where the hart keeps what was fetched last. */
  readonly code: { readonly valid: Register<1>; readonly block: Register; readonly content: Register<64> } | undefined
  /** The hart stalls in WFI or WRS.NTO. */
  readonly waiting: Register<1>
}

/** Whether translation is the walk of page tables, and PMP is looked at; otherwise both are abstracted from. */
export const walks = (p: Pick<Parameters, 'translation'>): boolean => p.translation === 'walk'

/** Widths of addresses in bits. */
export const physicalWidth = (s: Pick<Parameters, 'xlen'>): number => (s.xlen === 32 ? 34 : 56)
export const vpnWidth = (s: Pick<Parameters, 'xlen'>): number => (s.xlen === 32 ? 20 : 27)
export const pageBits = 12

/** Bits of the number of a PMP entry. */
export const pmpIndexBits = (p: Pick<Parameters, 'pmpEntries'>): 4 | 6 => (pmpRegisters(p) === 64 ? 6 : 4)

/** Fields that are no state: of the byte orders what cannot be written, of the bits that support virtualization or enable cache-block operations what there is not, and mtvec where it is fixed. */
const cacheBlockBits = ['menvcfg.CBCFE', 'senvcfg.CBCFE', 'menvcfg.CBZE', 'senvcfg.CBZE'] as const
const absentBits = (p: Parameters): ReadonlySet<string> => new Set([
  ...(['MBE', 'SBE', 'UBE'] as const).filter((name) => p[name] !== 'writable').map((name) => `mstatus.${name}`),
  ...(['TVM', 'TW', 'TSR'] as const).filter((name) => !p.virtualizationBits.includes(name)).map((name) => `mstatus.${name}`),
  ...cacheBlockBits.filter((name) => !p.cacheBlockBits.includes(name)),
  ...(p.mtvec === 'writable' ? [] : ['mtvec.BASE', 'mtvec.MODE']),
])

const keptTranslations = (p: Parameters): KeptFor[] => (walks(p)
  ? [...(p.translationCache.some((kept) => kept !== 'pointers') ? ['fetch', 'data'] as const : []), ...(p.translationCache.includes('pointers') ? ['pointer'] as const : [])] : [])
/** Bits of the number of a level of tables. */
export const levelBits = (p: Pick<Parameters, 'schemes'>): 2 | 3 => (p.schemes.includes('Sv57') ? 3 : 2)
const keptTranslation = (of: KeptFor, { xlen, ...p }: Parameters): KeptTranslation => {
  const part = <W extends number>(name: string, width: W): Register<W> => register(`${of} translation ${name}`, width, 'mapping')
  const [MODE, ASID] = xlen === 32 ? [1, 9] : [4, 16]
  return { valid: part('kept', 1), MODE: part('MODE', MODE!), ASID: part('ASID', ASID!), global: part('global', 1), level: part('level', levelBits(p)), page: part('page', xlen - pageBits), entry: part('entry', xlen) }
}

/** Throws RangeError where no manual allows the parameters. */
export const declareState = (given: Parameters): State => {
  const p = allowed(given), { xlen } = p
  const named: Record<string, readonly [number, Role]> = Object.assign({}, csrFields(xlen, heldBits(p)), walks(p) ? { ...runningFields, 'satp.MODE': [xlen === 64 ? 4 : 1, 'mapping'] } : {}, ...p.extensions.map((e) => extensionFields[e]), chosenFields(p))
  const absent = absentBits(p)
  return {
    ...p,
    memory: bank('memory', physicalWidth(p), 8, 'storage'),
    x: bank('x', 5, xlen, 'general'),
    f: bank('f', 5, 64, 'general'),
    pc: register('pc', xlen, 'counter'),
    priv: register('priv', 2, 'mode'),
    fields: Object.fromEntries(Object.entries(named).filter(([name]) => !absent.has(name))
      .map(([name, [width, role]]) => [name, register(name, name === 'ssp' ? xlen : width, role)])),
    mhpmcounter: bank('mhpmcounter', 5, 64, 'control'),
    mhpmevent: bank('mhpmevent', 5, xlen, 'control'),
    pmpcfg: bank('pmpcfg', pmpIndexBits(p), 8, 'control'),
    inForce: walks(p) && p.pmpSettings === 'after SFENCE.VMA' ? { pmpcfg: bank('pmpcfg in force', pmpIndexBits(p), 8, 'control'), pmpaddr: bank('pmpaddr in force', pmpIndexBits(p), xlen === 32 ? 32 : 54, 'control') } : undefined,
    pmpaddr: bank('pmpaddr', pmpIndexBits(p), xlen === 32 ? 32 : 54, 'control'),
    pte: bank('PTE', vpnWidth(p), 8, 'mapping'),
    reserved: register('reservation valid', 1, 'general'),
    reservation: register('reservation address', walks(p) ? physicalWidth(p) : xlen, 'general'),
    reservationAge: walks(p) && typeof p.reservationLife === 'number' ? register('reservation age', Math.ceil(Math.log2(p.reservationLife + 1)), 'general') : undefined,
    nextSucceeds: walks(p) && p.spuriousFailure === 'every other one' ? register('next SC succeeds', 1, 'general') : undefined,
    virtualReservation: walks(p) && p.reservationPlace === 'physical and virtual address' ? register('reservation virtual address', xlen, 'general') : undefined,
    translations: Object.fromEntries(keptTranslations(p).map((of) => [of, keptTranslation(of, p)])),
    code: walks(p) && p.instructionCache !== 'none'
      ? { valid: register('code kept', 1, 'general'), block: register('code block', physicalWidth(p) - 3, 'general'), content: register('code content', 64, 'general') } : undefined,
    waiting: register('waiting', 1, 'control'),
  }
}

export const components = (s: State): readonly Component[] => [
  s.memory, s.x, s.f, s.pc, s.priv, ...Object.values(s.fields), s.mhpmcounter, s.mhpmevent, s.pmpcfg, s.pmpaddr, ...Object.values(s.inForce ?? {}), ...(walks(s) ? [] : [s.pte]), s.reserved, s.reservation,
  ...(s.virtualReservation ? [s.virtualReservation] : []), ...(s.reservationAge ? [s.reservationAge] : []), ...(s.nextSucceeds ? [s.nextSucceeds] : []), ...Object.values(s.translations).flatMap((kept) => Object.values(kept) as Register[]), ...Object.values(s.code ?? {}), s.waiting,
]

export const has = (s: Parameters, extension: Extension): boolean => s.extensions.includes(extension)

/** The register of a field that this hart has. */
export const fieldOf = (s: State, name: CsrField): Register => {
  const found = s.fields[name]
  if (found === undefined) throw new RangeError(`this hart has no ${name}`)
  return found
}
/** Where the CSRs have a field: of what is wider on RV64 than on RV32, where XLEN is 32 on RV64, the low bits. */
export const placeOf = (s: State, name: CsrField): Place => {
  const found = fieldOf(s, name), width = s.whole ? Math.min(found.width, fieldsOfRV32[name]?.[0] ?? found.width) : found.width
  return width < found.width ? field(found, width - 1, 0) : found
}
const fieldsOfRV32: Readonly<Record<string, readonly [number, Role]>> = { ...csrFields(32, 32), ssp: [32, 'general'] }
/** The content of a field; 0 in `absent` bits where the hart does not have it. */
export const value = (s: State, name: CsrField, absent = 1): Term => {
  const found = s.fields[name]
  return found === undefined ? constant<number>(absent, 0) : get(placeOf(s, name))
}
export const flag = (s: State, name: CsrField): Bool => value(s, name) as Bool
/** Whether data of a mode are big-endian. */
export const bigEndian = (s: State, bit: 'MBE' | 'SBE' | 'UBE'): Bool => {
  const kind = s[bit]
  return kind === 'writable' ? flag(s, `mstatus.${bit}`) : kind === 'copy of MBE' ? bigEndian(s, 'MBE') : kind === 'copy of SBE' ? bigEndian(s, 'SBE') : constant(1, kind === 'read-only 1' ? 1 : 0)
}
export const is = (s: State, name: CsrField, n: number): Bool => {
  const v = value(s, name)
  return eq<number>(v, constant<number>(v.width, n))
}

/** The values that CBIE can have: 00, and of 01 and 11 those that there are. */
export const invalidateEnables = (s: State, name: 'menvcfg.CBIE' | 'senvcfg.CBIE'): readonly number[] =>
  [0, ...(name === 'menvcfg.CBIE' ? s.CBIE : s.supervisorCBIE).map((does) => ({ flush: 1, invalidate: 3 })[does])]

export const word = (s: Pick<Parameters, 'xlen'>, n: number | bigint): Term => constant<number>(s.xlen, n)
/** Integer register n; x0 is 0. */
export const X = (s: State, n: Term): Term => ite<number>(eq(n, constant<number>(5, 0)), word(s, 0), extract(get(cell(s.x, n as Term<5>)), s.xlen - 1, 0))
/** The pc, of which bits above XLEN are ignored. */
export const pcOf = (s: State): Term => extract(get(s.pc), s.xlen - 1, 0)
export const F = (s: State, n: Term): Term<64> => get(cell(s.f, n as Term<5>))

export const inMode = (s: State, mode: keyof typeof Privilege): Bool => eq(get(s.priv), constant(2, Privilege[mode]))
export const belowM = (s: State): Bool => ne(get(s.priv), constant(2, Privilege.M))
