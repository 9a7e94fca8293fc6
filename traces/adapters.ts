// The one place where properties and traces meet the implementation: every system by name, and the parts it is built from.
import type { Isa } from '../model/machine/isa.ts'
import { variants, type Machine, type MachineOptions, type Variant } from '../model/vocab/index.ts'
import { Cpu } from '../impl/cpu/third-generation/cpu.ts'
import { decode } from '../impl/cpu/third-generation/decode.ts'
import { Csrs } from '../impl/cpu/riscv/csrs.ts'
import { DecodedCode } from '../impl/cpu/riscv/decoded-code.ts'
import { Floating } from '../impl/cpu/riscv/floating.ts'
import { MemoryAccess } from '../impl/cpu/riscv/memory-access.ts'
import { Mmu } from '../impl/cpu/riscv/mmu.ts'
import { Pmp } from '../impl/cpu/riscv/pmp.ts'
import { State } from '../impl/cpu/riscv/state.ts'
import { System as HartSystem } from '../impl/cpu/riscv/system.ts'
import { Translator } from '../impl/cpu/riscv/translate.ts'
import { Translations } from '../impl/cpu/riscv/translations.ts'
import { HighCoreMonitor, HybridMonitor, Monitor, ShrinkMonitor, type MonitorOptions, type Technique } from '../impl/vmm/index.ts'
import { ReferenceMachine } from '../model/isa/third-generation/reference.ts'
import type { Engine } from './program.ts'

export { Cpu } from '../impl/cpu/third-generation/cpu.ts'
export type { Outcome as ProcessorOutcome } from '../impl/cpu/third-generation/cpu.ts'
export { operationNumber } from '../impl/cpu/third-generation/decode.ts'
export { decode }
export { Allocator, HighCoreMonitor, HybridMonitor, Monitor, ShrinkMonitor, VirtualMachine, allPaths, pathsOf } from '../impl/vmm/index.ts'
export type { ExitAction, MonitorOptions, Outcome, Part, Resources, Technique } from '../impl/vmm/index.ts'
export { createHart } from '../impl/cpu/riscv/hart.ts'
export type { Hart, Stepped } from '../impl/cpu/riscv/hart.ts'
export { cell as hartCell } from '../impl/cpu/riscv/layout.ts'
export type { HartOptions } from '../impl/cpu/riscv/parameters.ts'
export type { Platform } from '../impl/cpu/riscv/platform.ts'
export { disassemble } from '../impl/assembler/disassemble.ts'
export { ReferenceMachine }

/** The classes that the RISC-V hart is made of, for planting faults in it. */
export const hartClasses = { Csrs, DecodedCode, Floating, MemoryAccess, Mmu, Pmp, State, System: HartSystem, Translations, Translator } as const

/** What a system is made of; a planted fault replaces one part. */
export interface Parts {
  /** The specification; the sound one of the system's variant when it is left out. */
  readonly isa?: (options: Required<MachineOptions>) => Isa
  /** The bare processor that is compared with the specification. */
  readonly processor: (options: MachineOptions) => Machine
  /** The machine under the monitors; `reference` gives the specification as a machine in its reset state. */
  readonly hardware: (options: MachineOptions, reference: (options: MachineOptions) => Machine) => Machine
  /** The monitor at `level`; 0 is next to the hardware. */
  readonly monitor: (hardware: Machine, options: MonitorOptions, level: number) => Monitor
  /** The processor's decoder. */
  readonly decode: typeof decode
}

export interface System {
  readonly name: string
  /** One line for a person. */
  readonly title: string
  readonly variant: Variant
  readonly technique: Technique
  /** Monitors between the guest and the hardware; 0 checks the processor alone. */
  readonly depth: number
  /** Guests that run by turns on the innermost monitor. */
  readonly guests: number
  /** Where the hardware has its trap cells; 'both' alternates. */
  readonly trapCells: 'low' | 'high' | 'both'
  readonly parts: Parts
}

const processor = (options: MachineOptions): Machine => new Cpu(options)
const parts = (monitor: Parts['monitor']): Parts => ({ processor, hardware: processor, monitor, decode })

const trapAndEmulate = parts((hardware, options) => new Monitor(hardware, options))
const hybrid = parts((hardware, options) => new HybridMonitor(hardware, options))

const system = (name: string, title: string, of: Partial<System>): System => ({
  name: `third-generation/${name}`, title, variant: 'sound', technique: 'trap-and-emulate', depth: 1, guests: 1, trapCells: 'both',
  parts: trapAndEmulate, ...of,
})

/** The system of a variant with its plain or its hybrid monitor. */
const ofVariant = (variant: Variant): System[] => [
  system(`${variant}/trap-and-emulate`, `the plain monitor on hardware of the variant ${variant}`, { variant }),
  system(`${variant}/hybrid`, `the hybrid monitor on hardware of the variant ${variant}`, { variant, technique: 'hybrid', parts: hybrid }),
]

export const systems: readonly System[] = [
  system('cpu', 'the processor alone', { depth: 0 }),
  system('trap-and-emulate', 'one guest under the monitor', {}),
  system('hybrid', 'one guest under the hybrid monitor', { technique: 'hybrid', parts: hybrid }),
  system('nested', 'a guest three monitors deep', { depth: 3 }),
  system('two-guests', 'two guests by turns under one monitor', { guests: 2 }),
  system('on-reference', 'one guest under the monitor, on the specification as hardware', {
    parts: { ...trapAndEmulate, hardware: (options, reference) => reference(options) },
  }),
  system('shrink-bounds/monitor', 'the monitor made for the variant shrink-bounds', {
    variant: 'shrink-bounds', technique: 'shrink', parts: parts((hardware, options) => new ShrinkMonitor(hardware, options)),
  }),
  system('high-core', 'the monitor in high core, on hardware of the variant load-real-address', {
    variant: 'load-real-address', technique: 'high-core', trapCells: 'high',
    parts: parts((hardware, options) => new HighCoreMonitor(hardware, options)),
  }),
  ...variants.filter((variant) => variant !== 'sound').flatMap(ofVariant),
]

/** The specification as an engine of traces. */
export const specificationEngine: Engine = { name: 'specification', create: (options) => new ReferenceMachine(options) }

/** The processor as an engine of traces. */
export const processorEngine: Engine = { name: 'cpu', create: processor }

/** A system as an engine of traces: its innermost guest, as large as the program asks for. */
export const engineOf = ({ name, depth, parts: of, technique, trapCells, variant }: System): Engine => ({
  name,
  create: (options) => {
    if (depth === 0) return of.processor(options)
    const { size, diskSize = 1024 } = options
    const reserved = technique === 'high-core' || trapCells !== 'high' ? 16 : 32
    let machine = of.hardware({
      variant, size: size + depth * reserved, diskSize, trapCells: trapCells === 'high' ? 'high' : 'low',
    }, (reference) => new ReferenceMachine(reference))
    for (let level = 0; level < depth; level += 1) {
      const innermost = level === depth - 1
      const guest = { size: size + (depth - 1 - level) * reserved, diskSize, ...(innermost ? { trapCells: options.trapCells ?? 'low', keyboard: options.keyboard ?? [] } : {}) }
      machine = of.monitor(machine, { guests: [guest] }, level).machines[0]!
    }
    return machine
  },
})

export const systemNames: readonly string[] = systems.map(({ name }) => name)

export const findSystem = (name: string): System | undefined => systems.find((system) => system.name === name)
