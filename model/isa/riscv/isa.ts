// RISC-V with modes M, S and U as an ISA: RV64 and RV32, and the variants that other choices and extensions make of it.
import { defineIsa, type Isa } from '../../machine/isa.ts'
import { machineCounters, unprivilegedCounters } from './counters.ts'
import { assumptions, deprivilegings } from './deprivilegings.ts'
import { leftOut } from './left-out.ts'
import { machineCsrs, machineInstructions, trap } from './machine.ts'
import { defaults, type Parameters } from './parameters.ts'
import { ofVariants, published } from './published.ts'
import { atomics } from './rv-a.ts'
import { compressed } from './rv-c.ts'
import { floatingPoint, floatingPointCsrs } from './rv-f.ts'
import { baseIntegers } from './rv-i.ts'
import { multiplication } from './rv-m.ts'
import { components, declareState, has } from './state.ts'
import { supervisorCsrs, supervisorInstructions } from './supervisor.ts'
import { relocation } from './translation.ts'
import { waitOnReservation } from './zawrs.ts'
import { cacheBlocks } from './zicbo.ts'
import { shadowStack, shadowStackPointer } from './zicfiss.ts'
import { csrInstructions } from './zicsr.ts'
import { entropySource } from './zkr.ts'

/** The exception codes of mcause; instruction addresses are never misaligned with C. */
const causes = {
  'illegal instruction': 2, breakpoint: 3, 'load address misaligned': 4, 'load access fault': 5, 'store/AMO address misaligned': 6, 'store/AMO access fault': 7,
  'environment call from U-mode': 8, 'environment call from S-mode': 9, 'environment call from M-mode': 11, 'load page fault': 13, 'store/AMO page fault': 15, 'software check': 18,
} as const

const build = (name: string, title: string, parameters: Parameters): Isa => {
  const s = declareState(parameters)
  const csrs = [
    ...floatingPointCsrs(s), ...unprivilegedCounters(s), ...supervisorCsrs(s), ...machineCsrs(s), ...machineCounters(s),
    ...(has(s, 'Zkr') ? [entropySource(s)] : []), ...(has(s, 'Zicfiss') ? [shadowStackPointer(s)] : []),
  ]
  return defineIsa({
    name, title,
    source: 'The RISC-V Instruction Set Manual, Volumes I and II',
    wordWidth: 32,
    size: `XLEN = ${s.xlen}, ${s.xlen === 32 ? 'Sv32' : 'Sv39'}, bytes of memory at 2^${s.memory.addressWidth} addresses`,
    components: components(s),
    counter: s.pc,
    relocation: relocation(s),
    causes, causeWidth: 5,
    memoryCauses: ['load page fault', 'store/AMO page fault', 'load access fault', 'store/AMO access fault'],
    processor: [s.waiting],
    trap: (cause) => trap(s, cause),
    instructions: [
      ...baseIntegers(s), ...multiplication(s), ...atomics(s), ...floatingPoint(s), ...compressed(s), ...csrInstructions(s, csrs),
      ...supervisorInstructions(s), ...machineInstructions(s), ...cacheBlocks(s),
      ...(has(s, 'Zawrs') ? waitOnReservation(s) : []), ...(has(s, 'Zicfiss') ? shadowStack(s) : []),
    ],
    deprivilegings: deprivilegings(s),
    assumptions: assumptions(s),
    leftOut: leftOut(s),
    published: name === 'riscv64' || name === 'riscv32' ? published : ofVariants,
  })
}

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
  'riscv64/bi-endian': ['riscv64 with a byte order for each mode', { ...base, endianness: 'both' }],
}
export const riscvNames: readonly string[] = Object.keys(variants)

/** The ISA of that name, with parameters of its own on request; a RangeError where there is none. */
export const riscv = (name: string = 'riscv64', parameters: Partial<Parameters> = {}): Isa => {
  const variant = variants[name]
  if (variant === undefined) throw new RangeError(`no RISC-V ISA is called ${name}; there are ${riscvNames.join(', ')}`)
  return build(name, variant[0], { ...variant[1], ...parameters })
}
