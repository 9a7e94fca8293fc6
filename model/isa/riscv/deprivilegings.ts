// What a VMM does to a RISC-V hart: a supervisor in U-mode, machine-mode firmware in U-mode or in S-mode, and the H of each.
import { and, any, constant, eq, extract, False, not, or, True, type Bool, type Term } from '../../ir/term.ts'
import { get, type Component } from '../../ir/state.ts'
import type { Conjunct, Deprivileging } from '../../machine/isa.ts'
import { completesInTime } from './machine.ts'
import { isMisaligned, isOn } from './misa.ts'
import { bigEndian, components, fieldOf, flag, has, inMode, invalidateEnables, is, Privilege, Status, value, type CsrField, type State } from './state.ts'
import { alignedPointer } from './zicfiss.ts'

const allOnes = (t: Term): Bool => eq<number>(not(t), constant<number>(t.width, 0))
const all32 = 0xffff_ffffn
const allZero = (t: Term): Bool => eq<number>(t, constant<number>(t.width, 0))

/** Said of conjuncts that only the letter of the definition asks for. */
const letter = 'otherwise it traps in both modes: harmless to a VMM, but privileged is what traps in the real mode only'

const choices: readonly Conjunct[] = [
  { name: 'WFI traps', holds: not(completesInTime), why: 'where a time limit applies, the manual lets an implementation complete WFI instead of trapping; no setting forbids it' },
]

/** Neither what holds on each hart of this kind nor what no such hart can have: under that no state is left, and every claim would be vacuous. */
const depends = ({ holds }: Conjunct): boolean => holds !== True && holds !== False

const zero = (s: State, name: CsrField, why: string): Conjunct => ({ name: `${name} = 0`, holds: is(s, name, 0), why })
const one = (s: State, name: CsrField, why: string): Conjunct => ({ name: `${name} = 1`, holds: is(s, name, 1), why })

/** FS where the hart tells Clean from Dirty: a guest changes it without a trap. */
const stateTracking = (s: State): Conjunct[] => (s.dirtiness === 'not tracked' ? [] : [{
  name: 'FS = Off or Dirty', holds: offOrDirty(s), why: 'from Initial or Clean a write of floating-point state makes FS Dirty, without a trap',
}])
export const offOrDirty = (s: State): Bool => any([is(s, 'mstatus.FS', Status.Off), is(s, 'mstatus.FS', Status.Dirty)])

const hardwareUpdates = (s: State): Conjunct[] => (has(s, 'Svadu')
  ? [zero(s, 'menvcfg.ADUE', 'with it, a load or store sets A and D in the page tables; 1 is as good where a VMM sets A and D in advance in every entry it makes')]
  : [])

/** The supervisor runs in U-mode; its VMM in S-mode or in M-mode. */
const supervisorToUser = (s: State): readonly Conjunct[] => [
  zero(s, 'scounteren', 'a counter whose bit is 1 is read in U-mode, and shows real time and real events'),
  { name: s.counterEnables === all32 ? 'mcounteren = all ones' : 'mcounteren = all that it has', holds: allOnes(or<number>(value(s, 'mcounteren'), constant<number>(32, all32 ^ s.counterEnables))), why: letter },
  zero(s, 'mstatus.TVM', letter), zero(s, 'mstatus.TSR', letter),
  has(s, 'Zawrs') ? one(s, 'mstatus.TW', 'WRS.NTO waits in U-mode as in S-mode') : zero(s, 'mstatus.TW', letter),
  ...choices, ...stateTracking(s), ...hardwareUpdates(s),
  ...(has(s, 'Zicbom') ? [
    zero(s, 'senvcfg.CBIE', 'CBO.INVAL in U-mode flushes where S-mode invalidates, or invalidates'),
    ...(s.CBIE.length === 0 ? [] : [{ name: 'menvcfg.CBIE<0> = 1', holds: extract<1>(value(s, 'menvcfg.CBIE'), 0, 0), why: letter }]),
  ] : []),
  ...(has(s, 'Zkr') ? [zero(s, 'mseccfg.USEED', 'U-mode reads the entropy source, and uses it up'), one(s, 'mseccfg.SSEED', letter)] : []),
  ...(has(s, 'Sstc') ? [one(s, 'menvcfg.STCE', letter)] : []),
  ...(has(s, 'Zicfiss') ? [{
    name: 'senvcfg.SSE = menvcfg.SSE', holds: eq(flag(s, 'senvcfg.SSE'), flag(s, 'menvcfg.SSE')),
    why: 'U-mode has the shadow stack where the S-mode that it stands for has it',
  }] : []),
  { name: 'UBE = SBE', holds: eq(bigEndian(s, 'UBE'), bigEndian(s, 'SBE')), why: 'U-mode has the byte order of the S-mode that it stands for' },
]

/** Firmware runs in U-mode, its VMM in M-mode. */
const machineToUser = (s: State): readonly Conjunct[] => [
  {
    name: 'mcounteren & scounteren = 0', holds: allZero(and<number>(value(s, 'mcounteren'), value(s, 'scounteren'))),
    why: 'a counter whose bits are 1 in both is read in U-mode, and shows real time and real events',
  },
  ...(has(s, 'Zawrs') ? [one(s, 'mstatus.TW', 'WRS.NTO waits in U-mode as in M-mode')] : []),
  ...choices, ...stateTracking(s), ...hardwareUpdates(s),
  ...(has(s, 'Zicbom') ? [{
    name: 'menvcfg.CBIE = 0 or senvcfg.CBIE = 0', holds: any([is(s, 'menvcfg.CBIE', 0), is(s, 'senvcfg.CBIE', 0)]), why: 'CBO.INVAL in U-mode flushes where M-mode invalidates, or invalidates',
  }] : []),
  ...(has(s, 'Zkr') ? [zero(s, 'mseccfg.USEED', 'U-mode reads the entropy source, and uses it up')] : []),
  ...(has(s, 'Zicfiss') ? [{
    name: 'menvcfg.SSE = 0 or senvcfg.SSE = 0', holds: not(and(flag(s, 'menvcfg.SSE'), flag(s, 'senvcfg.SSE'))), why: 'M-mode has no shadow stack',
  }] : []),
  { name: 'UBE = MBE', holds: eq(bigEndian(s, 'UBE'), bigEndian(s, 'MBE')), why: 'U-mode has the byte order of the M-mode that it stands for' },
]

/** Firmware runs in S-mode, with what M-mode has against it; TVM would not help, since S-mode has sstatus all the same. */
const machineToSupervisor = (s: State): readonly Conjunct[] => [
  zero(s, 'mcounteren', 'a counter whose bit is 1 is read in S-mode, and shows real time and real events'),
  one(s, 'mstatus.TW', 'S-mode waits'), one(s, 'mstatus.TSR', 'S-mode leaves by SRET'),
  ...choices, ...stateTracking(s), ...hardwareUpdates(s),
]

/** Byte order and the shadow stack of U-mode, and extensions, are set to what the virtual machine has: they do not differ from it. */
const keptAlike: readonly CsrField[] = ['menvcfg.SSE', 'senvcfg.SSE', 'mstatus.UBE', 'mstatus.SBE', 'mstatus.MBE', 'misa.A', 'misa.C', 'misa.D', 'misa.F', 'misa.M']
const controlState = (s: State): readonly Component[] =>
  components(s).filter((c) => (c.role === 'control' || c === s.pte) && !keptAlike.some((name) => s.fields[name] === c))

export const deprivilegings = (s: State): [Deprivileging, ...Deprivileging[]] => {
  const control = controlState(s)
  const mapping = (['satp.MODE', 'satp.ASID', 'satp.PPN', 'mstatus.SUM', 'mstatus.MXR'] as const).map((name) => fieldOf(s, name))
  const from = (name: string, virtual: 'M' | 'S', real: 'S' | 'U', invariant: readonly Conjunct[]): Deprivileging => ({
    name, virtual: [[s.priv, BigInt(Privilege[virtual])]], real: [[s.priv, BigInt(Privilege[real])]], control, invariant: invariant.filter(depends),
    mapping: virtual === 'M' ? [...mapping, fieldOf(s, 'mstatus.MPRV')] : mapping,
    // W20: M-mode does not translate unless MPRV says so.
    ...(virtual === 'M' ? { sameMapping: { name: 'satp.MODE = Bare', holds: is(s, 'satp.MODE', 0), why: 'M-mode does not translate, S-mode and U-mode do as satp says' } } : {}),
  })
  return [
    from('S to U', 'S', 'U', supervisorToUser(s)), from('M to U', 'M', 'U', machineToUser(s)), from('M to S', 'M', 'S', machineToSupervisor(s)),
  ]
}

/** What every reachable state has, and what the model assumes of the hart. */
export const assumptions = (s: State): readonly Conjunct[] => [
  { name: 'MPRV = 0 below M-mode', holds: any([is(s, 'mstatus.MPRV', 0), inMode(s, 'M')]), why: 'MRET and SRET clear it' },
  { name: 'pc is even', holds: not(extract<1>(get(s.pc), 0, 0)), why: 'with C instructions start at multiples of two bytes, and every jump clears bit 0' },
  ...(s.writableExtensions.includes('C') ? [{ name: 'pc is a multiple of 4 without C', holds: not(isMisaligned(s, get(s.pc))), why: 'C is not turned off before an instruction that is none, and jumps to others trap' }] : []),
  ...(s.writableExtensions.includes('F') ? [{ name: 'D = 0 without F', holds: or(isOn(s, 'F'), not(isOn(s, 'D'))), why: 'D needs F, and is written as 0 without it' }] : []),
  ...(has(s, 'Zicfiss') ? [{ name: 'ssp is aligned', holds: alignedPointer(s), why: 'its lowest bits are read-only 0' }] : []),
  ...([['mcounteren', s.counterEnables], ['scounteren', s.supervisorCounterEnables]] as const).filter(([, bits]) => bits !== all32).map(([name, bits]) => ({
    name: `${name} has its bits only`, holds: allZero(and<number>(value(s, name), constant<number>(32, all32 ^ bits))), why: 'other bits are read-only 0',
  })),
  ...(has(s, 'Zicbom') ? (['menvcfg.CBIE', 'senvcfg.CBIE'] as const).filter((name) => invalidateEnables(s, name).length < 3)
    .map((name) => ({ name: `${name} is what it can be`, holds: any(invalidateEnables(s, name).map((n) => is(s, name, n))), why: 'other values are not written' })) : []),
  { name: 'MPP is a mode', holds: not(is(s, 'mstatus.MPP', 2)), why: 'the value 2 is not written' },
  ...(s.dirtiness === 'not tracked'
    ? [{ name: 'FS is Off or Dirty', holds: offOrDirty(s), why: 'the manual allows an implementation that does not tell Initial and Clean from Dirty; riscv64/fs-tracked does' }]
    : []),
  ...(['SXL', 'UXL'] as const).filter((name) => s[name] === 'writable').map((name) => ({
    name: `${name}EN = 64`, holds: is(s, `mstatus.${name}`, 2), why: 'where a mode has RV32 every computation depends on the mode; a VMM sets UXL and SXL to the width of the mode that the real one stands for',
  })),
  ...(s.busErrors !== 'access fault' && s.regions.some(({ errors }) => errors)
    ? [{ name: 'no bus errors', holds: True, why: 'an access that a region answers with an error makes an interrupt pending, without a trap; a VMM maps no such region for its guests' }]
    : []),
  ...(s.reservedCsr === 'traps'
    ? [{ name: 'reserved CSRs trap', holds: True, why: 'access to a number that no CSR has is reserved: by the manual it may do anything without a trap, as in riscv64/reserved-csr' }]
    : []),
]
