// Address translation: Bare, and Sv39 or Sv32 as one level of pages that satp.PPN relocates, with the permissions of each page's entry.
import { set, type Statement } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { add, all, and, concat, constant, eq, extract, False, ite, ne, not, or, select, signExtend, sub, True, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import type { Access, Relocation } from '../../machine/isa.ts'
import { flag, has, pageBits, physicalWidth, Privilege, value, vpnWidth, type State } from './state.ts'

/** The privilege with which an access is made: MPRV lends loads and stores that of MPP. */
export const effectivePrivilege = (s: State, access: Access): Term<2> =>
  access === 'fetch' ? get(s.priv) : ite<2>(flag(s, 'mstatus.MPRV'), value(s, 'mstatus.MPP') as Term<2>, get(s.priv))
const isPrivilege = (p: Term<2>, mode: keyof typeof Privilege): Bool => eq(p, constant(2, Privilege[mode]))

export const translated = (s: State, access: Access): Bool => and(flag(s, 'satp.MODE'), not(isPrivilege(effectivePrivilege(s, access), 'M')))

const vpnOf = (s: State, address: Term): Term => extract(address, pageBits + vpnWidth(s) - 1, pageBits)
const canonical = (s: State, address: Term): Bool =>
  s.xlen === 32 ? True : eq<number>(address, signExtend<number>(extract(address, pageBits + vpnWidth(s) - 1, 0), s.xlen))

const bitOf = (t: Term, n: number): Bool => extract<1>(t, n, n)

/** Where the page's entry does not allow the access; A and D must be set, unless Svadu's hardware sets them. */
const denied = (s: State, entry: Term, access: Access): Bool => {
  const [V, R, W, X, U, A, D] = [0, 1, 2, 3, 4, 6, 7].map((n) => bitOf(entry, n)) as [Bool, Bool, Bool, Bool, Bool, Bool, Bool]
  const privilege = effectivePrivilege(s, access)
  const kind = access === 'fetch' ? X : access === 'write' ? and(R, W) : or(R, and(flag(s, 'mstatus.MXR'), X))
  const supervisorMay = access === 'fetch' ? not(U) : or(not(U), flag(s, 'mstatus.SUM'))
  const mode = ite(isPrivilege(privilege, 'U'), U, supervisorMay)
  const reserved = and(W, not(R))
  const used = access === 'write' ? and(A, D) : A
  return not(and(and(and(V, not(reserved)), and(kind, mode)), has(s, 'Svadu') ? or(used, flag(s, 'menvcfg.ADUE')) : used))
}

export const pageFault = (s: State, address: Term, access: Access): Bool =>
  and(translated(s, access), or(not(canonical(s, address)), denied(s, select(s.pte, vpnOf(s, address)), access)))
/** An address past the physical ones, untranslated. */
export const accessFault = (s: State, address: Term, access: Access): Bool =>
  s.xlen === 32 ? False : and(not(translated(s, access)), ne<number>(extract(address, s.xlen - 1, physicalWidth(s)), constant<number>(s.xlen - physicalWidth(s), 0)))

export const relocation = (s: State): Relocation => {
  const width = physicalWidth(s), pages = width - pageBits
  const base = value(s, 'satp.PPN')
  const pageOf = (address: Term): Term => add<number>(zeroExtend<number>(vpnOf(s, address), pages), base)
  const bare = (address: Term): Term => (s.xlen === 32 ? zeroExtend<number>(address, width) : extract(address, width - 1, 0))
  return {
    storage: s.memory,
    addressWidth: s.xlen,
    develop: (address, access) => ({
      fault: or(pageFault(s, address, access), accessFault(s, address, access)),
      real: ite<number>(translated(s, access), concat<number>(pageOf(address), extract(address, pageBits - 1, 0)), bare(address)),
    }),
    reaches: (real) => {
      const page = sub<number>(extract(real, width - 1, pageBits), base)
      const vpn = extract(page, vpnWidth(s) - 1, 0)
      const address = signExtend<number>(concat(vpn, extract(real, pageBits - 1, 0)), s.xlen)
      const inRange = eq<number>(page, zeroExtend<number>(vpn, pages))
      const direct = s.xlen === 32 ? extract(real, 31, 0) : zeroExtend<number>(real, s.xlen)
      const directly = s.xlen === 32 ? eq(extract<2>(real, 33, 32), constant(2, 0)) : True
      return {
        mapped: ite(translated(s, 'read'), and(inRange, not(denied(s, select(s.pte, vpn), 'read'))), directly),
        address: ite<number>(translated(s, 'read'), address, direct),
      }
    },
  }
}

/** Svadu: the hardware sets A, and D on a write, in the entry of each page that the bytes from `first` to `last` lie in. */
export const updateAD = (s: State, first: Term, last: Term, access: 'read' | 'write', when: Bool = True): Statement[] => {
  if (!has(s, 'Svadu')) return []
  const updates = all([when, translated(s, access), flag(s, 'menvcfg.ADUE')])
  const pages = first === last ? [first] : [first, last]
  return pages.map((address) => {
    const place = cell(s.pte, vpnOf(s, address))
    return set(place, or(get(place), constant(8, access === 'write' ? 0xc0 : 0x40)), updates)
  })
}
