// State of an Itanium processor: registers of the present frame, PSR by fields, control and indirect registers, one page.
import { bank, cell, get, register, type Bank, type Component, type Register } from '../../ir/state.ts'
import { add, all, and, any, concat, constant, eq, extract, ite, not, or, sub, ule, ult, type Bool, type Term } from '../../ir/term.ts'
import type { Access, Relocation } from '../../machine/isa.ts'

const control = <W extends number>(name: string, width: W): Register<W> => register(name, width, 'control')
const general = <W extends number>(name: string, width: W): Register<W> => register(name, width, 'general')
const mapping = <W extends number>(name: string, width: W): Register<W> => register(name, width, 'mapping')

/** Storage by 8 bytes: a bit for what the translation cache maps, and an address. */
export const E = bank('E', 62, 64, 'storage')
/** General registers by the numbers that the present frame gives them; cell 0 is not used. */
export const GR = bank('GR', 7, 64, 'general')
/** Registers 16 to 31 of the bank that PSR.bn does not select. */
export const otherBank = bank('GR bank', 4, 64, 'control')
/** Floating-point registers: sign, exponent, significand; cells 0 and 1 are not used. */
export const FR = bank('FR', 7, 82, 'general')
/** Predicates; cell 0 is not used. */
export const PR = bank('PR', 6, 1, 'general')
export const BR = bank('BR', 3, 64, 'general')
/** Address of the bundle, and the slot in it. */
export const IP = register('IP', 60, 'counter')
export const ri = register('PSR.ri', 2, 'counter')
/** Current frame marker: rrb.pr, rrb.fr, rrb.gr, sor, sol, sof, the last in the low bits. */
export const CFM = general('CFM', 38)

/** Application registers; of RSC loadrs, be, pl and mode, of PFS ppl, pec and pfm. */
export const RSC = { loadrs: general('AR.RSC.loadrs', 14), be: general('AR.RSC.be', 1), pl: general('AR.RSC.pl', 2), mode: general('AR.RSC.mode', 2) }
export const PFS = { ppl: general('AR.PFS.ppl', 2), pec: general('AR.PFS.pec', 6), pfm: general('AR.PFS.pfm', 38) }
export const AR = { CCV: general('AR.CCV', 64), ITC: control('AR.ITC', 64), LC: general('AR.LC', 64), EC: general('AR.EC', 6) }

/** The fields of PSR but for cpl and vm, with the lowest bit of each. */
export const PSR = {
  be: general('PSR.be', 1), up: general('PSR.up', 1), ac: general('PSR.ac', 1), mfl: general('PSR.mfl', 1), mfh: general('PSR.mfh', 1),
  ic: control('PSR.ic', 1), i: control('PSR.i', 1), pk: control('PSR.pk', 1), dt: mapping('PSR.dt', 1), dfl: control('PSR.dfl', 1), dfh: control('PSR.dfh', 1),
  sp: control('PSR.sp', 1), pp: control('PSR.pp', 1), di: control('PSR.di', 1), si: control('PSR.si', 1), db: control('PSR.db', 1), lp: control('PSR.lp', 1),
  tb: control('PSR.tb', 1), rt: control('PSR.rt', 1), mc: control('PSR.mc', 1), it: control('PSR.it', 1), bn: control('PSR.bn', 1),
}
export type PsrField = keyof typeof PSR
export const psrLow: Readonly<Record<PsrField, number>> = {
  be: 1, up: 2, ac: 3, mfl: 4, mfh: 5, ic: 13, i: 14, pk: 15, dt: 17, dfl: 18, dfh: 19, sp: 20, pp: 21, di: 22, si: 23, db: 24, lp: 25, tb: 26, rt: 27, mc: 35,
  it: 36, bn: 44,
}
export const userMask: readonly PsrField[] = ['be', 'up', 'ac', 'mfl', 'mfh']
export const systemMask: readonly PsrField[] = [...userMask, 'ic', 'i', 'pk', 'dt', 'dfl', 'dfh', 'sp', 'pp', 'di', 'si']
export const lowerHalf: readonly PsrField[] = [...systemMask, 'db', 'lp', 'tb', 'rt']

/** Control registers by number. */
export const CR = bank('CR', 7, 64, 'control')
export const Number = { IVA: 2, PTA: 8, IPSR: 16, IIP: 19, IFA: 20, ITIR: 21, IFS: 23 } as const
export const cr = (n: number) => cell(CR, constant(7, n))
/** Region registers: rid, ps and ve. */
export const RR = bank('RR', 3, 31, 'control')
export const indirect = {
  dbr: bank('DBR', 8, 64, 'control'), ibr: bank('IBR', 8, 64, 'control'), pkr: bank('PKR', 8, 64, 'control'), pmc: bank('PMC', 8, 64, 'control'),
  pmd: bank('PMD', 8, 64, 'control'), cpuid: bank('CPUID', 8, 64, 'control'),
}

/** The data translation that maps every address: offset in pages of 4 KiB, presence, access rights and privilege level. */
export const page = { offset: mapping('page.PPN - VPN', 52), p: mapping('page.p', 1), ar: mapping('page.ar', 3), pl: mapping('page.pl', 2) }
/** The instruction translation of the page that is executed: what epc asks. */
export const codePage = { ar: control('code page.ar', 3), pl: control('code page.pl', 2) }

/**
 * Without and with PSR.vm. With it the privilege level is the guest's own, and so are the kernel registers and CFLG,
 * which a VMM exchanges with the rest of a processor's registers.
 */
export interface State {
  readonly virtualization: boolean
  readonly cpl: Register<2>
  readonly vm: Register<1>
  readonly KR: Bank<3, 64>
  readonly CFLG: Register<64>
}
export const declareState = (virtualization: boolean): State => {
  const own = virtualization ? 'general' : 'control'
  return {
    virtualization,
    cpl: register('PSR.cpl', 2, virtualization ? 'general' : 'mode'), vm: register('PSR.vm', 1, 'mode'),
    KR: bank('AR.KR', 3, 64, own), CFLG: register('AR.CFLG', 64, own),
  }
}

const psrControl = Object.values(PSR).filter((f) => f.role === 'control')
/** Bits of PSR that a VMM lets its guest have as they are, as Xen did. */
const passedThrough: readonly Register[] = [PSR.pk, PSR.dfl, PSR.sp, PSR.db, PSR.lp, PSR.tb]
const others = (s: State): readonly Component[] => [
  otherBank, ...(s.virtualization ? [] : [s.KR, s.CFLG]), AR.ITC, CR, RR, indirect.dbr, indirect.ibr, indirect.pkr, indirect.pmc, indirect.pmd, codePage.ar, codePage.pl,
]
export const mappingState: readonly Register[] = [PSR.dt, ...Object.values(page)]
/** What a VMM keeps for itself. CPUID is not here: the guest runs on the processor that it sees (W14). */
export const controlState = (s: State): readonly Component[] => [...psrControl.filter((f) => !passedThrough.includes(f)), ...others(s)]
/** The same with all of PSR. */
export const controlWithPsr = (s: State): readonly Component[] => [...psrControl, ...others(s)]

export const components = (s: State): readonly Component[] => [
  E, GR, FR, PR, BR, IP, ri, CFM, ...Object.values(RSC), ...Object.values(PFS), AR.CCV, AR.LC, AR.EC, ...Object.values(PSR), s.cpl, ...(s.virtualization ? [s.vm] : []),
  AR.ITC, s.KR, s.CFLG, otherBank, CR, RR, ...Object.values(indirect), ...Object.values(codePage), ...Object.values(page),
]

const is = (ar: Term, ...values: readonly number[]): Bool => any(values.map((v) => eq<number>(ar, constant(3, v))))
/** Whether the page allows a reference at the privilege level; execute-only pages are read at level 0. */
export const grants = (access: Access, at: Term<2>): Bool => {
  const ar = get(page.ar), pl = get(page.pl)
  const reachable = ule(at, pl), above = ult(at, pl)
  if (access === 'write') return and(reachable, or(is(ar, 2, 3, 6), and(above, is(ar, 4, 5))))
  return ite(is(ar, 7), eq(at, constant(2, 0)), reachable)
}

const shifted = concat<61>(get(page.offset), constant(9, 0))
export const relocation = (s: State): Relocation => {
  const allowed = (access: Access): Bool => all([get(page.p), grants(access, get(s.cpl))])
  return {
    storage: E,
    addressWidth: 61,
    develop: (address, access) => ({
      fault: and(get(PSR.dt), not(allowed(access))),
      real: ite<62>(get(PSR.dt), concat<62>(constant(1, 1), add<number>(address, shifted)), concat<62>(constant(1, 0), address)),
    }),
    reaches: (real) => {
      const low = extract<61>(real, 60, 0), translated = extract<1>(real, 61, 61)
      return { mapped: ite(translated, and(get(PSR.dt), allowed('read')), not(get(PSR.dt))), address: ite<61>(translated, sub(low, shifted), low) }
    },
  }
}

/** A general register; register 0 is 0. */
export const gr = (n: Term): Term<64> => ite<64>(eq(n, constant(7, 0)), constant(64, 0), get(cell(GR, n as Term<7>)))
/** Fields of PSR as a word, the others 0. */
export const psrWord = (s: State, fields: readonly PsrField[], all = false): Term<64> => {
  const parts = [
    ...fields.map((f) => ({ low: psrLow[f], value: get(PSR[f]) as Term })),
    ...(all ? [{ low: 32, value: get(s.cpl) as Term }, { low: 41, value: get(ri) as Term }, ...(s.virtualization ? [{ low: 46, value: get(s.vm) as Term }] : [])] : []),
  ].sort((a, b) => b.low - a.low)
  const words: Term[] = []
  let next = 64
  for (const { low, value } of parts) {
    if (low + value.width < next) words.push(constant(next - low - value.width, 0))
    words.push(value)
    next = low
  }
  if (next > 0) words.push(constant(next, 0))
  return concat<64>(words[0]!, words[1]!, ...words.slice(2))
}
