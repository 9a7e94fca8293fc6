// Every bench by emulator and ISA; each is loaded when it is asked for.
import type { BenchMaker } from './bench.ts'

export const emulatorNames = ['qemu', 'simh', 'hercules', 'gxemul', 'host'] as const
export type EmulatorName = (typeof emulatorNames)[number]

interface Entry {
  readonly emulator: EmulatorName
  readonly isas: readonly string[]
  readonly load: () => Promise<BenchMaker>
}

const entries: readonly Entry[] = [
  { emulator: 'qemu', isas: ['armv5', 'armv6', 'armv7', 'armv7/undefined', 'armv7/virtualization'], load: async () => (await import('./arm/bench.ts')).arm },
  { emulator: 'qemu', isas: ['aarch64'], load: async () => (await import('./aarch64/bench.ts')).aarch64 },
  { emulator: 'qemu', isas: ['aarch64/el2'], load: async () => (await import('./aarch64-el2/bench.ts')).aarch64EL2 },
  { emulator: 'qemu', isas: ['m68k', 'm68k/68010', 'm68k/68020'], load: async () => (await import('./m68k/bench.ts')).m68k },
  { emulator: 'qemu', isas: ['mips/r4000'], load: async () => (await import('./mips/bench.ts')).mips },
  { emulator: 'gxemul', isas: ['mips/r3000'], load: async () => (await import('./gxemul-r3000/bench.ts')).r3000 },
  { emulator: 'simh', isas: ['pdp11'], load: async () => (await import('./simh-pdp11/bench.ts')).pdp11 },
  { emulator: 'simh', isas: ['vax'], load: async () => (await import('./simh-vax/bench.ts')).vax },
  { emulator: 'simh', isas: ['pdp10'], load: async () => (await import('./simh-pdp10/bench.ts')).pdp10 },
  { emulator: 'qemu', isas: ['x86-32', 'x86-32/umip'], load: async () => (await import('./x86/bench.ts')).x8632 },
  { emulator: 'qemu', isas: ['x86-64', 'x86-64/umip'], load: async () => (await import('./x86-64/bench.ts')).x8664 },
  { emulator: 'host', isas: ['x86-32', 'x86-32/umip'], load: async () => (await import('./host/bench.ts')).host },
  { emulator: 'host', isas: ['x86-64', 'x86-64/umip'], load: async () => (await import('./host/bench.ts')).host64 },
  { emulator: 'qemu', isas: ['powerpc', 'powerpc/open', 'powerpc/750'], load: async () => (await import('./powerpc/bench.ts')).powerpc },
  { emulator: 'hercules', isas: ['s370', 's370/das', 's370/change-recording'], load: async () => (await import('./hercules-s370/bench.ts')).s370 },
  { emulator: 'qemu', isas: ['sparc', 'sparc/leon3'], load: async () => (await import('./sparc/bench.ts')).sparc },
  { emulator: 'qemu', isas: ['alpha'], load: async () => (await import('./alpha/bench.ts')).alpha },
  { emulator: 'qemu', isas: ['loongarch'], load: async () => (await import('./loongarch/bench.ts')).loongarch },
  { emulator: 'qemu', isas: ['z'], load: async () => (await import('./s390x/bench.ts')).zOnQemu },
  { emulator: 'hercules', isas: ['z'], load: async () => (await import('./s390x/bench.ts')).zOnHercules },
  { emulator: 'qemu', isas: ['riscv64', 'riscv64/fs-tracked', 'riscv64/reserved-csr', 'riscv64/svadu', 'riscv64/sstc', 'riscv64/zkr', 'riscv32'], load: async () => (await import('./riscv/bench.ts')).riscv },
]

/** `armv7/qemu` and its kin: the systems of `popek check` that are an ISA on an emulator. */
export const emulatedSystems: readonly string[] = entries.flatMap((e) => e.isas.map((isa) => `${isa}/${e.emulator}`))

/** The benches for an ISA. */
export const benchesOf = (isa: string): readonly { readonly emulator: EmulatorName; readonly load: () => Promise<BenchMaker> }[] =>
  entries.filter((e) => e.isas.includes(isa))
