// RISC-V with modes M, S and U as an ISA: RV64 and RV32, and the variants that other choices and extensions make of it.
import type { Instruction } from '../../ir/instruction.ts'
import { defineIsa, type Isa } from '../../machine/isa.ts'
import type { Csr } from './csr.ts'
import { machineCounters, unprivilegedCounters } from './counters.ts'
import { assumptions, deprivilegings } from './deprivilegings.ts'
import { causeWidth, evaluatedAfterWrites, interruptCauses } from './interrupts.ts'
import { leftOut, leftOutOfRunning } from './left-out.ts'
import { machineCsrs, machineInstructions } from './machine.ts'
import { exceptionCauses, fetchCauses, misalignedCause } from './causes.ts'
import { choicesOf, chosen } from './choices.ts'
import { countingEvents } from './events.ts'
import { defaults, mayChoose, type Parameters } from './parameters.ts'
import { ofVariants, published } from './published.ts'
import { endingReservation } from './reservation.ts'
import { atomics } from './rv-a.ts'
import { compressed } from './rv-c.ts'
import { floatingPoint, floatingPointCsrs } from './rv-f.ts'
import { baseIntegers } from './rv-i.ts'
import { multiplication } from './rv-m.ts'
import { resetOf, runningOnly, sequencing, walkedRelocation, type ResetState } from './running.ts'
import { components, declareState, has, type State } from './state.ts'
import { supervisorCsrs, supervisorInstructions } from './supervisor.ts'
import { relocation } from './translation.ts'
import { trap } from './traps.ts'
import { waitOnReservation } from './zawrs.ts'
import { cacheBlocks } from './zicbo.ts'
import { shadowStack, shadowStackPointer } from './zicfiss.ts'
import { ofEitherWidth } from './supervisor-width.ts'
import { mayBeNarrow, narrowView } from './widths.ts'
import { csrInstructions } from './zicsr.ts'
import { entropySource } from './zkr.ts'

const unprivilegedCsrs = (s: State): Csr[] => [
  ...floatingPointCsrs(s), ...unprivilegedCounters(s), ...(has(s, 'Zkr') ? [entropySource(s)] : []), ...(has(s, 'Zicfiss') ? [shadowStackPointer(s)] : []),
]
/** The CSRs of S-mode, of which some have SXLEN bits. */
const supervisorsOf = (s: State): Csr[] => (mayBeNarrow(s) && s.SXL === 'writable' ? ofEitherWidth(s, supervisorCsrs(s), supervisorCsrs(narrowView(s))) : supervisorCsrs(s))
const csrsOf = (s: State): Csr[] => evaluatedAfterWrites(s, [...unprivilegedCsrs(s), ...supervisorsOf(s), ...machineCsrs(s), ...machineCounters(s)])

const instructionsOf = (s: State, csrs: readonly Csr[]): Instruction[] => [
  ...baseIntegers(s), ...multiplication(s), ...atomics(s), ...floatingPoint(s), ...compressed(s), ...csrInstructions(s, csrs),
  ...supervisorInstructions(s), ...machineInstructions(s), ...cacheBlocks(s),
  ...(has(s, 'Zawrs') ? waitOnReservation(s) : []), ...(has(s, 'Zicfiss') ? shadowStack(s) : []),
]

/** The instructions of a hart that runs, of which claims are about these. */
const running = (s: State, claimed: readonly Instruction[]): Instruction[] => [...claimed, ...runningOnly(s)].map(endingReservation(s)).map(countingEvents(s))

/** What runs where XLEN is 32 and M-mode's is 64: in no higher mode than S-mode, whose CSRs are there if its XLEN can be 32. */
const narrowInstructions = (s: State): Instruction[] => {
  const narrow = narrowView(s)
  return running(narrow, instructionsOf(narrow, evaluatedAfterWrites(narrow, [...unprivilegedCsrs(narrow), ...(s.SXL === 'writable' ? supervisorCsrs(narrow) : [])])))
}

/** All that is the same for claims and for the machine that runs. */
const build = (name: string, title: string, s: State, csrs: readonly Csr[]): Omit<Isa, 'relocation'> => ({
  name, title,
  source: 'The RISC-V Instruction Set Manual, Volumes I and II',
  wordWidth: 32,
  size: `XLEN = ${s.xlen}, ${s.xlen === 32 ? 'Sv32' : 'Sv39'}, bytes of memory at 2^${s.memory.addressWidth} addresses`,
  components: components(s),
  counter: s.pc,
  causes: { ...exceptionCauses, ...(s.writableExtensions.includes('C') ? misalignedCause : {}) }, causeWidth: 5,
  memoryCauses: ['load page fault', 'store/AMO page fault', 'load access fault', 'store/AMO access fault'],
  processor: [s.waiting],
  trap: (cause, value) => trap(s, cause, value),
  instructions: instructionsOf(s, csrs),
  deprivilegings: deprivilegings(s),
  assumptions: assumptions(s),
  choices: choicesOf(s),
  leftOut: leftOut(s),
  published: name === 'riscv64' || name === 'riscv32' ? published : ofVariants,
})

const base = { ...defaults, xlen: 64 } as const
const variants: Readonly<Record<string, readonly [title: string, Parameters]>> = {
  riscv64: ['RISC-V RV64IMAFDC with Zicsr, Zifencei, Zicntr, Zihpm, modes M, S and U', base],
  riscv32: ['RISC-V RV32IMAFDC with Zicsr, Zifencei, Zicntr, Zihpm, modes M, S and U', { ...defaults, xlen: 32 }],
  'riscv64/fs-tracked': ['riscv64 that tells Initial and Clean floating-point state from Dirty', { ...base, dirtiness: 'tracked' }],
  'riscv64/reserved-csr': ['riscv64 that may complete accesses to numbers that no CSR has', { ...base, reservedCsr: 'open' }],
  'riscv64/svadu': ['riscv64 with hardware updating of A and D bits', { ...base, extensions: ['Svadu'] }],
  'riscv64/zicbo': ['riscv64 with cache-block operations, Zicbom and Zicboz', { ...base, extensions: ['Zicbom', 'Zicboz'] }],
  'riscv64/zawrs': ['riscv64 with waiting on the reservation set', { ...base, extensions: ['Zawrs'] }],
  'riscv64/zkr': ['riscv64 with the entropy source', { ...base, extensions: ['Zkr'] }],
  'riscv64/sstc': ['riscv64 with the supervisor\'s timer compare', { ...base, extensions: ['Sstc'] }],
  'riscv64/zicfiss': ['riscv64 with shadow stacks', { ...base, extensions: ['Zicfiss'] }],
  'riscv64/bi-endian': ['riscv64 with a byte order for each mode', { ...base, MBE: 'writable', SBE: 'writable', UBE: 'writable' }],
}
export const riscvNames: readonly string[] = Object.keys(variants)

/** Of a name such as `riscv64` or `riscv64:asidBits=9,pmpEntries=8`. */
const variant = (reference: string): readonly [title: string, Parameters] => {
  const colon = reference.indexOf(':'), name = colon < 0 ? reference : reference.slice(0, colon), found = variants[name]
  if (found === undefined) throw new RangeError(`no RISC-V ISA is called ${name}; there are ${riscvNames.join(', ')}`)
  if (colon < 0) return found
  const [title, parameters] = found, said = reference.slice(colon + 1)
  return [`${title}; ${said}`, { ...parameters, ...chosen(said) }]
}

/** The ISA of that name, which may say parameters, with parameters of its own on request; a RangeError where there is none. */
export const riscv = (name: string = 'riscv64', parameters: Partial<Parameters> = {}): Isa => {
  const [title, given] = variant(name)
  const s = declareState({ ...given, ...parameters })
  resetOf(s)
  return defineIsa({ ...build(name, title, s, csrsOf(s)), relocation: relocation(s) })
}

/** A hart that runs: its ISA, and what its registers and its control and status registers are. */
export interface RunningHart {
  readonly isa: Isa
  readonly state: State
  readonly csrs: readonly Csr[]
  readonly reset: ResetState
}

/**
 * The hart that runs: page tables and PMP over physical memory, the fetch, interrupts, and what goes with traps. Its `memory`
 * has a byte at each physical address; registers named mip.MSIP, mip.MTIP, mip.MEIP, SEIP line and mtime are inputs, and so are
 * NMI, which taking the interrupt clears, and mip[16] and the like where the hart has them; one of these the hart sets by itself
 * where `busErrors` says so.
 */
export const riscvHart = (name: string = 'riscv64', parameters: Partial<Omit<Parameters, 'translation'>> = {}): RunningHart => {
  const [title, given] = variant(name)
  const s = declareState({ ...given, ...parameters, translation: 'walk' })
  const csrs = csrsOf(s), same = build(name, title, s, csrs)
  const isa = defineIsa({
    ...same,
    size: `XLEN = ${s.xlen}, ${s.schemes.filter((scheme) => mayChoose(s, scheme)).join(', ')}, bytes of memory at 2^${s.memory.addressWidth} addresses`,
    relocation: walkedRelocation(s),
    causes: { ...same.causes, ...fetchCauses, ...interruptCauses(s) }, causeWidth: causeWidth(s), valueWidth: s.xlen,
    overlap: 'the first',
    ...(mayBeNarrow(s) ? { wordWidth: 33 } : {}),
    instructions: mostSpecificFirst([...running(s, same.instructions), ...(mayBeNarrow(s) ? narrowInstructions(s) : [])]),
    sequencing: sequencing(s),
    leftOut: leftOutOfRunning(s),
  })
  return { isa, state: s, csrs, reset: resetOf(s) }
}
export const riscvMachine = (name?: string, parameters?: Partial<Omit<Parameters, 'translation'>>): Isa => riscvHart(name, parameters).isa

const mostSpecificFirst = (instructions: readonly Instruction[]): Instruction[] => {
  const bits = (i: Instruction): number => i.encoding.mask.toString(2).replaceAll('0', '').length
  return [...instructions].sort((a, b) => bits(b) - bits(a))
}
