// What has been published about the virtualizability of Itanium.
import type { PublishedClaim } from '../../machine/isa.ts'
import type { State } from './state.ts'

const vBlades = 'Magenheimer and Christian, vBlades: Optimized Paravirtualization for the Itanium Processor Family, VM\'04 (USENIX; its abstract: an "uncooperative" architecture)'
const privify = 'Magenheimer, Xen\'s tools/privify/privify.c, 2004, privify_inst (privilege-sensitive instructions, and reads of registers whose writes trap)'
const paravirtualized = 'Linux, arch/ia64/include/asm/native/pvchk_inst.h, 2005 to 2008 (Magenheimer, Yamahata), instructions paravirtualized for correctness'
const vti = 'Linux and Xen, the causes of virtualization faults under VT-i'

/** What Privify rewrites into instructions that trap, in the forms of the model. */
export const privified: readonly string[] = ['mov =ar.cflg', 'mov =ar.k', 'fc', 'thash', 'ttag', 'mov =cpuid', 'mov =pmd', 'cover']
/** What faults in a virtual machine, at level 0. */
export const intercepted: readonly string[] = [
  'mov ar.itc=', 'mov cr=', 'mov =cr', 'mov psr.l=', 'mov =psr', 'itc.d', 'itc.i', 'mov rr=', 'mov dbr=', 'mov ibr=', 'mov pkr=', 'mov pmc=', 'mov pmd=', 'itr.d', 'itr.i',
  'mov =rr', 'mov =dbr', 'mov =ibr', 'mov =pkr', 'mov =pmc', 'mov =cpuid', 'ssm', 'rsm', 'ptc.l', 'ptc.g', 'ptc.ga', 'ptr.d', 'ptr.i', 'thash', 'ttag', 'tpa', 'tak',
  'ptc.e', 'cover', 'rfi', 'bsw.0', 'bsw.1',
]

export const published = (s: State): readonly PublishedClaim[] => s.virtualization
  ? intercepted.map((instruction) => ({ claim: `${instruction} faults in a virtual machine`, source: vti, about: { instruction, property: 'privileged', holds: true } }))
  : [
      { claim: 'Itanium is an uncooperative architecture (read as: Theorem 1 does not apply)', source: vBlades, about: { theorem: 'vmm', applies: false } },
      {
        claim: 'what must be made to trap: mov =ar.cflg, mov =ar.k, fc, thash, ttag, mov =cpuid, mov =pmd, cover', source: privify,
        about: { critical: privified, exactly: true },
      },
      {
        claim: 'fc, thash, ttag and cover are privilege-sensitive, and cpuid and pmd are read at any level but written at level 0 only', source: paravirtualized,
        about: { critical: ['fc', 'thash', 'ttag', 'cover', 'mov =cpuid', 'mov =pmd'], exactly: false },
      },
    ]
