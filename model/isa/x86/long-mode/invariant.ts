// The deprivilegings of 64-bit mode: ring 0 run in ring 3, or in ring 1 where nothing protects the monitor.
import { get } from '../../../ir/state.ts'
import { constant, eq, not, ult } from '../../../ir/term.ts'
import type { Conjunct, Deprivileging } from '../../../machine/isa.ts'
import { commonInvariant, prevention, virtualInterruptsOff } from '../invariant.ts'
import { bitOf } from '../operands.ts'
import { CPL, CR4, IOPL } from '../state.ts'
import { controlState, DR7, mapping } from './state.ts'
import { systemCallsOff } from './system-calls.ts'

const systemCalls: Conjunct = { name: 'EFER.SCE = 0', holds: systemCallsOff(), why: 'with it SYSCALL enters level 0 from every level' }
const bases: Conjunct = { name: 'CR4.FSGSBASE = 0', holds: not(bitOf(get(CR4), 16)), why: 'with it every level reads and writes the bases of FS and GS' }
const extendedState: Conjunct = { name: 'CR4.OSXSAVE = 1', holds: bitOf(get(CR4), 18), why: 'without it XSETBV is undefined at level 0 too; CPUID shows it' }

/**
 * Pages know only supervisor and user: ring 1 is a supervisor, and there are no segment limits, so that a guest in ring 1
 * reaches every page of its monitor (Xen 3.0 Interface Guide, Virtual Architecture; M. Steil, How retiring segmentation in
 * AMD64 long mode broke VMware, 2006). No verdict shows it, because a store changes no resource that an instruction names;
 * resource control needs ring 3.
 */
const toRing = (ring: 1 | 3, recent: boolean): Deprivileging => ({
  name: `ring 0 to ring ${ring}`,
  virtual: [[CPL, 0n]],
  real: [[CPL, BigInt(ring)]],
  mapping,
  control: controlState(recent),
  invariant: [
    {
      name: `IOPL < ${ring}`, holds: ring === 1 ? eq(get(IOPL), constant(2, 0)) : ult(get(IOPL), constant(2, ring)),
      why: 'a level that IOPL reaches masks interrupts and does input and output',
    },
    ...commonInvariant(DR7), systemCalls, ...(ring === 3 ? [virtualInterruptsOff] : []), ...(recent ? [prevention, bases, extendedState] : []),
  ],
})

export const deprivilegings = (recent: boolean): readonly [Deprivileging, Deprivileging] => [toRing(3, recent), toRing(1, recent)]
