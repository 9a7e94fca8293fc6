// The named ways through a monitor, so that a coverage report can list those that were never taken.
import { Cause } from '../../model/vocab/index.ts'
import type { CauseName, Variant } from '../../model/vocab/index.ts'
import { Opcode } from './words.ts'

/** How a monitor is made: all but 'hybrid' run virtual supervisor code on the hardware. */
export type Technique = 'trap-and-emulate' | 'hybrid' | 'shrink' | 'high-core'

const causeNames = Object.keys(Cause) as CauseName[]

const privilegedNames = ['LPSW', 'LRB', 'SRB', 'STIM', 'RTIM', 'IN', 'OUT', 'HALT'] as const

/** Opcodes that every machine has and that are not privileged; SVC and undefined words end in 'reflect'. */
const plainOpcodes: readonly (readonly [number, string])[] = [
  [0x10, 'LA'], [0x11, 'L'], [0x12, 'ST'],
  [0x20, 'ADD'], [0x21, 'SUB'], [0x22, 'MUL'], [0x23, 'DIV'], [0x24, 'REM'], [0x25, 'AND'], [0x26, 'OR'], [0x27, 'XOR'],
  [0x28, 'SHL'], [0x29, 'SHR'], [0x2a, 'SLT'], [0x2b, 'SLTU'],
  [0x30, 'JMP'], [0x31, 'JAL'], [0x32, 'BZ'], [0x33, 'BNZ'], [0x34, 'BN'],
]

const variantOpcodes: readonly (readonly [number, string, Variant])[] = [
  [Opcode.JUM, 'JUM', 'jump-to-user'],
  [Opcode.RMOD, 'RMOD', 'read-mode'],
  [Opcode.LRA, 'LRA', 'load-real-address'],
  [Opcode.POPT, 'POPT', 'silent-write'],
  [Opcode.SRBS, 'SRBS', 'supervisor-only'],
  [Opcode.SHB, 'SHB', 'shrink-bounds'],
]

const names = [
  ...causeNames.map((cause) => `dispatch ${cause}`),
  ...causeNames.map((cause) => `reflect ${cause}`),
  ...privilegedNames.map((name) => `emulate ${name}`),
  'emulate SHB',
  'LPSW to supervisor mode',
  'LPSW to user mode',
  'trap in emulation',
  'clip the bound',
  'empty window',
  'virtual timer in supervisor mode',
  'arm the virtual timer',
  'arm the quantum',
  'preempt',
  'world switch',
  'own console',
  'hardware console',
  'disk position',
  'disk data',
  'disk data past the end',
  'unknown device',
  ...privilegedNames.map((name) => `interpret ${name}`),
  ...plainOpcodes.map(([, name]) => `interpret ${name}`),
  ...variantOpcodes.map(([, name]) => `interpret ${name}`),
]

const indexOf = (name: string): number => names.indexOf(name)

/** Indices into the counters, by what happened; `dispatch` and `reflect` by cause, `emulate` by opcode. */
export const path = {
  dispatch: indexOf('dispatch memory') - Cause.memory,
  reflect: indexOf('reflect memory') - Cause.memory,
  emulate: indexOf('emulate LPSW') - Opcode.LPSW,
  emulateShrink: indexOf('emulate SHB'),
  loadSupervisor: indexOf('LPSW to supervisor mode'),
  loadUser: indexOf('LPSW to user mode'),
  trapInEmulation: indexOf('trap in emulation'),
  clip: indexOf('clip the bound'),
  emptyWindow: indexOf('empty window'),
  timerInSupervisor: indexOf('virtual timer in supervisor mode'),
  armTimer: indexOf('arm the virtual timer'),
  armQuantum: indexOf('arm the quantum'),
  preempt: indexOf('preempt'),
  worldSwitch: indexOf('world switch'),
  ownConsole: indexOf('own console'),
  hardwareConsole: indexOf('hardware console'),
  diskPosition: indexOf('disk position'),
  diskData: indexOf('disk data'),
  diskPastEnd: indexOf('disk data past the end'),
  unknownDevice: indexOf('unknown device'),
} as const

/** Index of 'interpret …' by opcode, 0 for an opcode that is never completed. */
export const interpretPath = new Uint8Array(256)
privilegedNames.forEach((name) => (interpretPath[Opcode[name]] = indexOf(`interpret ${name}`)))
for (const [opcode, name] of plainOpcodes) interpretPath[opcode] = indexOf(`interpret ${name}`)
for (const [opcode, name] of variantOpcodes) interpretPath[opcode] = indexOf(`interpret ${name}`)

/** Every path of every monitor, in the order of the counters. */
export const allPaths: readonly string[] = names

const onlyDirect = (name: string): boolean =>
  name.startsWith('emulate ') || name === 'trap in emulation' || name === 'virtual timer in supervisor mode'

/** Opcodes whose privileged trap goes away with a variant, so that v_i is never reached in a monitor that waits for it. */
const neverTraps: Partial<Record<Variant, string>> = {
  'read-relocation': 'emulate SRB',
  'no-op-in-user': 'emulate LRB',
  'set-relocation-in-user': 'emulate LRB',
}

const otherVariant = (name: string, variant: Variant): boolean =>
  variantOpcodes.some(([, opcode, owner]) => name.endsWith(` ${opcode}`) && owner !== variant)

/** The paths that a monitor of this technique can take on hardware of this variant. */
export const pathsOf = (technique: Technique, variant: Variant): readonly string[] =>
  names.filter((name) => {
    if (otherVariant(name, variant)) return false
    if (technique === 'hybrid') return !onlyDirect(name)
    if (name === neverTraps[variant]) return false
    return !name.startsWith('interpret ')
  })

/** How often each path was taken. */
export class PathCounts {
  private readonly counts = new Float64Array(names.length)

  take(index: number): void {
    this.counts[index]! += 1
  }

  /** Adds every count to `totals`, which is in the order of `allPaths`. */
  addTo(totals: Float64Array): void {
    for (let index = 0; index < totals.length; index += 1) totals[index]! += this.counts[index]!
  }

  of(name: string): number {
    return this.counts[indexOf(name)] ?? 0
  }
}
