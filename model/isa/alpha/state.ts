// State of an Alpha under OSF/1 PALcode: registers, processor status, the process and the entry points that PALcode keeps.
import { bank, cell, get, register, type Bank, type Component, type Register } from '../../ir/state.ts'
import { add, all, and, concat, constant, eq, extract, ite, not, or, sub, type Bool, type Term } from '../../ir/term.ts'
import type { Access, Relocation } from '../../machine/isa.ts'

const control = <W extends number>(name: string, width: W): Register<W> => register(name, width, 'control')
const mapping = <W extends number>(name: string, width: W): Register<W> => register(`TB.${name}`, width, 'mapping')

/** Storage in quadwords: a bit for what the translation buffer maps, and an address; kseg is the rest. */
export const E = bank('E', 62, 64, 'storage')
/** Integer and floating-point registers; register 31 of each is 0, and cell 31 not used. */
export const R = bank('R', 5, 64, 'general')
export const F = bank('F', 5, 64, 'general')
export const FPCR = register('FPCR', 64, 'general')
/** In instructions. */
export const PC = register('PC', 62, 'counter')
/** PS<3>, the mode: 1 in user mode. */
export const CM = register('PS.CM', 1, 'mode')
export const IPL = control('PS.IPL', 3)
export const FEN = control('FEN', 1)
export const lockFlag = register('lock_flag', 1, 'general')
export const intrFlag = register('intr_flag', 1, 'general')
/** The process-unique value, which every mode reads and writes. */
export const unique = register('unique', 64, 'general')

/** Entry points in the order of wrent's selector: interrupts, arithmetic, memory management, instructions, unaligned, system calls. */
export const entries: readonly Register<62>[] = ['entInt', 'entArith', 'entMM', 'entIF', 'entUna', 'entSys'].map((n) => control(n, 62))
export const entIF = entries[3]!
export const KGP = control('KGP', 64)
/** The stack pointers that are not in R30: the kernel's in user mode, the user's in kernel mode. */
export const KSP = control('KSP', 64)
export const USP = control('USP', 64)
/** Physical address of the process control block, in quadwords. */
export const PCBB = control('PCBB', 38)
/** Page frame of the page table, and the number of the address space. */
export const PTBR = control('PTBR', 28)
export const ASN = control('ASN', 8)
export const sysvalue = control('sysvalue', 64)
export const VPTPTR = control('VPTPTR', 64)
/** Machine check in progress and corrected-error bits below, DPC and DSC above. */
export const MCES = control('MCES', 5)
export const WHAMI = control('WHAMI', 6)
export const IPIR = bank('IPIR', 6, 1, 'control')
export const performance = bank('performance monitor', 6, 64, 'control')
/** The process cycle counter: what counts, and the offset that swpctx gives a process. */
export const PCC = { count: control('PCC_CNT', 32), offset: control('PCC_OFF', 32) }
/** What the processor tells of itself: the features it has not, and its kind. */
export const identity = { AMASK: control('AMASK', 64), IMPLVER: control('IMPLVER', 3) }
export const halted = control('halted', 1)

/** The translation buffer: one entry that maps every page; pages are of 8 KiB. */
export const TB = {
  offset: mapping('PFN - VPN', 51), V: mapping('V', 1), FOR: mapping('FOR', 1), FOW: mapping('FOW', 1),
  KRE: mapping('KRE', 1), URE: mapping('URE', 1), KWE: mapping('KWE', 1), UWE: mapping('UWE', 1),
}
/** What the page table at a PTBR says: the entry that the translation buffer takes. */
export const pageTables = bank('page tables', 28, 58, 'control')

const palcode: readonly Component[] = [
  IPL, FEN, ...entries, KGP, KSP, USP, PCBB, PTBR, ASN, sysvalue, VPTPTR, MCES, WHAMI, IPIR, performance, pageTables, halted,
]
export const components: readonly Component[] = [
  E, R, F, FPCR, PC, CM, lockFlag, intrFlag, unique, ...palcode, ...Object.values(PCC), ...Object.values(identity), ...Object.values(TB),
]
/** What a VMM keeps for itself. AMASK and IMPLVER are not here: the guest runs on the processor that it sees (W14). */
export const controlState: readonly Component[] = [...palcode, ...Object.values(PCC)]
/** The same where a VMM lets its guests see the cycles that the processor counts. */
export const controlWithoutTime: readonly Component[] = palcode
export const mappingState: readonly Register[] = Object.values(TB)

/** kseg: bits 63 to 41 of a 43-bit address are 1…10, and the rest is the physical address; user mode has no access to it. */
const ksegTop = constant(23, 0x7ffffe)
const isKseg = (address: Term): Bool => eq<number>(extract(address, 60, 38), ksegTop)
const inKseg = (address: Term): Bool => and(isKseg(address), not(get(CM)))
const canonical = (address: Term): Bool => {
  const high = extract(address, 60, 39)
  return or(eq<number>(high, constant(22, 0)), eq<number>(high, constant(22, 0x3fffff)))
}
/** The real address of a physical quadword. */
export const physical = (address: Term): Term<62> => concat<62>(constant(1, 0), ksegTop, address)

const permitted = (access: Access): Bool => {
  const writes = access === 'write'
  const enabled = writes ? ite<1>(get(CM), get(TB.UWE), get(TB.KWE)) : ite<1>(get(CM), get(TB.URE), get(TB.KRE))
  return all([get(TB.V), enabled, not(get(writes ? TB.FOW : TB.FOR))])
}
/** What is added to an address; one term for both ways lets them cancel out. */
const shift = (throughTB: Bool): Term<61> => ite<61>(throughTB, concat<61>(get(TB.offset), constant(10, 0)), constant(61, 0))
const mapped = (address: Term, access: Access): Bool => all([not(isKseg(address)), canonical(address), permitted(access)])

export const relocation: Relocation = {
  storage: E,
  addressWidth: 61,
  develop: (address, access) => ({
    fault: not(or(inKseg(address), mapped(address, access))),
    real: concat<62>(not(inKseg(address)), add<number>(address, shift(not(inKseg(address))))),
  }),
  reaches: (real) => {
    const throughTB = extract<1>(real, 61, 61), address = sub(extract<61>(real, 60, 0), shift(throughTB))
    return { mapped: ite(throughTB, mapped(address, 'read'), inKseg(address)), address }
  },
}

/** The content of an integer or floating-point register; register 31 is 0. */
export const read = (of: Bank<5, 64>, n: Term): Term<64> => ite<64>(eq(n, constant(5, 31)), constant(64, 0), get(cell(of, n as Term<5>)))
