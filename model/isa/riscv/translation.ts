// Address translation: Bare, and Sv39 or Sv32 as one level of pages that satp.PPN moves, with the permissions of each page's entry.
import { set, type Statement } from '../../ir/instruction.ts'
import { cell, get } from '../../ir/state.ts'
import { all, and, concat, constant, eq, extract, False, ite, ne, not, or, select, signExtend, True, xor, zeroExtend, type Bool, type Term } from '../../ir/term.ts'
import type { Access, Relocation } from '../../machine/isa.ts'
import { addressBits } from './parameters.ts'
import { flag, pageBits, physicalWidth, Privilege, value, vpnWidth, type State } from './state.ts'
import { setsByHardware, updatesEntries } from './walk.ts'

/** The privilege with which an access is made: MPRV lends loads and stores that of MPP. */
export const effectivePrivilege = (s: State, access: Access): Term<2> =>
  access === 'fetch' ? get(s.priv) : ite<2>(flag(s, 'mstatus.MPRV'), value(s, 'mstatus.MPP') as Term<2>, get(s.priv))
const isPrivilege = (p: Term<2>, mode: keyof typeof Privilege): Bool => eq(p, constant(2, Privilege[mode]))

export const translated = (s: State, access: Access): Bool => and(flag(s, 'satp.MODE'), not(isPrivilege(effectivePrivilege(s, access), 'M')))

const vpnOf = (s: State, address: Term): Term => extract(address, pageBits + vpnWidth(s) - 1, pageBits)
const canonical = (s: State, address: Term): Bool =>
  s.xlen === 32 ? True : eq<number>(address, signExtend<number>(extract(address, pageBits + vpnWidth(s) - 1, 0), s.xlen))

const bitOf = (t: Term, n: number): Bool => extract<1>(t, n, n)

/** Where the page's entry does not allow the access with the privilege of another; A and D must be set, unless hardware sets them. */
const denied = (s: State, entry: Term, access: Access, as: Access = access): Bool => {
  const [V, R, W, X, U, A, D] = [0, 1, 2, 3, 4, 6, 7].map((n) => bitOf(entry, n)) as [Bool, Bool, Bool, Bool, Bool, Bool, Bool]
  const privilege = effectivePrivilege(s, as)
  const kind = access === 'fetch' ? X : access === 'write' ? and(R, W) : or(R, and(flag(s, 'mstatus.MXR'), X))
  const supervisorMay = access === 'fetch' ? not(U) : or(not(U), flag(s, 'mstatus.SUM'))
  const mode = ite(isPrivilege(privilege, 'U'), U, supervisorMay)
  const reserved = and(W, not(R))
  const used = access === 'write' ? and(A, D) : A
  return not(and(and(and(V, not(reserved)), and(kind, mode)), or(used, setsByHardware(s))))
}

/** With the privilege `as` the access, or as another. */
export const pageFault = (s: State, address: Term, access: Access, as: Access = access): Bool =>
  and(translated(s, as), or(not(canonical(s, address)), denied(s, select(s.pte, vpnOf(s, address)), access, as)))
/** An address past the physical ones, untranslated. */
export const accessFault = (s: State, address: Term, access: Access): Bool =>
  s.xlen === 32 ? False : and(not(translated(s, access)), ne<number>(extract(address, s.xlen - 1, addressBits(s)), constant<number>(s.xlen - addressBits(s), 0)))

/** Page v is mapped to page v exclusive-or PPN: any one-to-one mapping of pages that depends on satp would do. */
export const relocation = (s: State): Relocation => {
  const width = physicalWidth(s), pages = width - pageBits, vpnBits = vpnWidth(s)
  const low = (t: Term): Term => extract(t, pageBits - 1, 0)
  const base = (mapped: Bool): Term => ite<number>(mapped, value(s, 'satp.PPN'), constant<number>(pages, 0))
  /** The page of an address before PPN: the virtual page number, or all of the address. */
  const pageOf = (address: Term, mapped: Bool): Term => {
    const bare = s.xlen === 32 ? zeroExtend<number>(extract(address, 31, pageBits), pages) : extract(address, width - 1, pageBits)
    return ite<number>(mapped, zeroExtend<number>(vpnOf(s, address), pages), bare)
  }
  return {
    storage: s.memory,
    addressWidth: s.xlen,
    develop: (address, access) => {
      const mapped = translated(s, access)
      return {
        fault: or(pageFault(s, address, access), accessFault(s, address, access)),
        real: concat<number>(xor<number>(pageOf(address, mapped), base(mapped)), low(address)),
      }
    },
    reaches: (real) => {
      const mapped = translated(s, 'read')
      const page = xor<number>(extract(real, width - 1, pageBits), base(mapped))
      const vpn = extract(page, vpnBits - 1, 0), above = extract(page, pages - 1, vpnBits)
      const none = eq<number>(above, constant<number>(above.width, 0))
      const high = width - addressBits(s), there = high === 0 ? True : eq<number>(extract(real, width - 1, addressBits(s)), constant<number>(high, 0))
      const sign = s.xlen - pageBits - vpnBits
      const top = s.xlen === 32 ? [] : [ite<number>(mapped, signExtend<number>(extract(vpn, vpnBits - 1, vpnBits - 1), sign), zeroExtend<number>(above, sign))]
      return {
        mapped: ite(mapped, and(none, not(denied(s, select(s.pte, vpn), 'read'))), s.xlen === 32 ? none : there),
        address: top.length ? concat<number>(top[0]!, vpn, low(real)) : concat<number>(vpn, low(real)),
      }
    },
  }
}

/** Where hardware does so: it sets A, and D on a write, in the entry of each page that the bytes from `first` to `last` lie in. */
export const updateAD = (s: State, first: Term, last: Term, access: 'read' | 'write', when: Bool = True): Statement[] => {
  if (!updatesEntries(s)) return []
  const updates = all([when, translated(s, access), setsByHardware(s)])
  const pages = first === last ? [first] : [first, last]
  return pages.map((address) => {
    const place = cell(s.pte, vpnOf(s, address))
    return set(place, or(get(place), constant(8, access === 'write' ? 0xc0 : 0x40)), updates)
  })
}
