// The deprivilegings of x86: ring 0 run in ring 1 or in ring 3, and the conjuncts of H that a VMM keeps.
// A VMM also keeps call gates out of reach and cuts segments below itself; neither is here, because no verdict rests on
// it: far CALL and JMP are critical without any gate, and a store changes no resource wherever its segment ends.
import { get, type Register } from '../../ir/state.ts'
import { constant, eq, not, ult } from '../../ir/term.ts'
import type { Conjunct, Deprivileging } from '../../machine/isa.ts'
import { controlState, CPL, CR4, DR7, interrupts, IOPL, mapping, TSS } from './state.ts'
import { bitOf } from './operands.ts'
import { noCode } from './processor.ts'
import { debugProtected } from './system-registers.ts'

/** What 32-bit and 64-bit mode have in common. */
export const commonInvariant = (debugControl: Register): readonly Conjunct[] => [
  { name: 'TSS without an I/O map', holds: not(get(TSS.mapped)), why: 'a port whose bit is clear in the map is open to every level' },
  { name: 'IDT gates of DPL 0', holds: not(get(interrupts.outward)), why: 'INT n and INT 3 pass through a gate whose DPL is not below the level' },
  { name: 'CR4.TSD = 1', holds: bitOf(get(CR4), 2), why: 'without it every level may read the time stamp' },
  { name: 'CR4.PCE = 0', holds: not(bitOf(get(CR4), 8)), why: 'with it every level may read the performance counters' },
  { name: 'DR7.GD = 0', holds: not(debugProtected(debugControl)), why: 'with it a MOV of a debug register traps at level 0 too' },
]
const systemEntry: Conjunct = {
  name: 'SYSENTER_CS = 0', holds: noCode(), why: 'SYSENTER enters level 0 from every level unless its code selector is null',
}
export const virtualInterruptsOff: Conjunct = {
  name: 'CR4.PVI = 0', holds: not(bitOf(get(CR4), 1)), why: 'with it CLI and STI at level 3 write VIF and do not trap',
}
export const prevention: Conjunct = {
  name: 'CR4.UMIP = 1', holds: bitOf(get(CR4), 11), why: 'SGDT, SIDT, SLDT, STR and SMSW trap outside level 0 only with it',
}

const toRing = (ring: 1 | 3, umip: boolean): Deprivileging => ({
  name: `ring 0 to ring ${ring}`,
  virtual: [[CPL, 0n]],
  real: [[CPL, BigInt(ring)]],
  mapping,
  control: controlState,
  invariant: [
    {
      name: `IOPL < ${ring}`, holds: ring === 1 ? eq(get(IOPL), constant(2, 0)) : ult(get(IOPL), constant(2, ring)),
      why: 'a level that IOPL reaches masks interrupts and does input and output',
    },
    ...commonInvariant(DR7), systemEntry, ...(ring === 3 ? [virtualInterruptsOff] : []), ...(umip ? [prevention] : []),
  ],
})

export const deprivilegings = (umip: boolean): readonly [Deprivileging, Deprivileging] => [toRing(1, umip), toRing(3, umip)]
