// Interrupts from 16 up, which are for platforms to use: their bits in mie, mip, mideleg, sie and sip. Volume II, mip.
import { and, any, True, type Bool } from '../../ir/term.ts'
import { part, readOnly, type Part } from './csr.ts'
import { platformInterrupts } from './parameters.ts'
import { flag, type State } from './state.ts'
import { alwaysDelegated, delegatesPlatform } from './traps.ts'

/** Those whose bits the CSRs have: where XLEN is 32 on RV64 not all. */
const parts = (s: State, of: (code: number) => readonly Part[]): Part[] => platformInterrupts(s).filter((code) => code < s.xlen).flatMap(of)

export const platformEnables = (s: State): Part[] => parts(s, (code) => [part(s, `mie[${code}]`, code)])
export const platformPending = (s: State): Part[] => parts(s, (code) => [s.platformPending === 'writable' ? part(s, `mip[${code}]`, code) : readOnly(code, flag(s, `mip[${code}]`))])
export const platformDelegations = (s: State): Part[] =>
  parts(s, (code) => (alwaysDelegated(s, code) ? [readOnly(code, True)] : s.fields[`mideleg[${code}]`] ? [part(s, `mideleg[${code}]`, code)] : []))

/** What S-mode sees of those that are delegated to it. */
export const seenBySupervisor = (s: State, all: readonly Part[]): Part[] => all.map((p) => ({ ...p, visible: delegatesPlatform(s, p.low) }))

/** One of them is pending and enabled. */
export const platformInterruptPending = (s: State): Bool => any(platformInterrupts(s).map((code) => and(flag(s, `mip[${code}]`), flag(s, `mie[${code}]`))))
