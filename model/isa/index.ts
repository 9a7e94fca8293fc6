// Every ISA that comes with popek, by name; each is built when it is asked for.
import type { Isa } from '../machine/isa.ts'
import { variants } from '../vocab/index.ts'

type Loader = () => Promise<Isa>

const thirdGeneration = variants.map((variant): readonly [string, Loader] => [
  variant === 'sound' ? 'third-generation' : `third-generation/${variant}`,
  async () => (await import('./third-generation/isa.ts')).thirdGeneration(variant),
])

const m68k = (['m68k', 'm68k/68010', 'm68k/68020'] as const).map((name): readonly [string, Loader] => [
  name, async () => (await import('./m68k/isa.ts')).m68kIsas.find((isa) => isa.name === name)!,
])

const riscv = [
  'riscv64', 'riscv32', 'riscv64/fs-tracked', 'riscv64/reserved-csr', 'riscv64/svadu', 'riscv64/zicbo', 'riscv64/zawrs', 'riscv64/zkr', 'riscv64/sstc',
  'riscv64/zicfiss', 'riscv64/bi-endian',
].map((name): readonly [string, Loader] => [name, async () => (await import('./riscv/isa.ts')).riscv(name)])

const loaders: ReadonlyMap<string, Loader> = new Map<string, Loader>([
  ...thirdGeneration,
  ['pdp10', async () => (await import('./pdp10/isa.ts')).pdp10],
  ['s360', async () => (await import('./s360/isa.ts')).s360],
  ['s360/67', async () => (await import('./s360/isa.ts')).s36067],
  ['s370', async () => (await import('./s360/isa.ts')).s370],
  ['s370/das', async () => (await import('./s360/isa.ts')).s370Das],
  ['s370/change-recording', async () => (await import('./s360/isa.ts')).s370ChangeRecording],
  ['s360/execute', async () => (await import('./s360/isa.ts')).s360Execute],
  ['z', async () => (await import('./z/isa.ts')).z],
  ...m68k,
  ['vax', async () => (await import('./vax/isa.ts')).vax],
  ['vax/virtual', async () => (await import('./vax/isa.ts')).virtualVax],
  ['pdp11', async () => (await import('./pdp11/isa.ts')).pdp11],
  ['x86-32', async () => (await import('./x86/isa.ts')).x86Protected],
  ['x86-32/umip', async () => (await import('./x86/isa.ts')).x86Umip],
  ['x86-64', async () => (await import('./x86/long-mode/isa.ts')).x8664],
  ['x86-64/umip', async () => (await import('./x86/long-mode/isa.ts')).x8664Umip],
  ['mips/r3000', async () => (await import('./mips/isa.ts')).r3000()],
  ['mips/r4000', async () => (await import('./mips/isa.ts')).r4000()],
  ['armv5', async () => (await import('./arm/isa.ts')).armv5()],
  ['armv6', async () => (await import('./arm/isa.ts')).armv6()],
  ['armv7', async () => (await import('./arm/isa.ts')).armv7()],
  ['armv7/undefined', async () => (await import('./arm/isa.ts')).armv7Undefined()],
  ['armv7/virtualization', async () => (await import('./arm/isa.ts')).armv7Virtualization()],
  ['aarch64', async () => (await import('./aarch64/isa.ts')).aarch64()],
  ['aarch64/el2', async () => (await import('./aarch64/nested.ts')).aarch64EL2()],
  ['aarch64/nv', async () => (await import('./aarch64/nested.ts')).aarch64NV()],
  ['loongarch', async () => (await import('./loongarch/isa.ts')).loongarch()],
  ['loongarch/la32r', async () => (await import('./loongarch/isa.ts')).loongarch32r()],
  ['powerpc', async () => (await import('./powerpc/isa.ts')).powerpc()],
  ['powerpc/open', async () => (await import('./powerpc/isa.ts')).powerpcOpen()],
  ['powerpc/750', async () => (await import('./powerpc/isa.ts')).powerpc750()],
  ['alpha', async () => (await import('./alpha/isa.ts')).alpha],
  ...riscv,
  ['sparc', async () => (await import('./sparc/isa.ts')).sparc()],
  ['sparc/leon3', async () => (await import('./sparc/isa.ts')).leon3()],
  ['itanium', async () => (await import('./itanium/isa.ts')).itanium],
  ['itanium/vti', async () => (await import('./itanium/isa.ts')).itaniumVti],
])

export const isaNames: readonly string[] = [...loaders.keys()]

/** ISAs whose parameters may be said with their name. */
export const isasWithParameters: readonly string[] = riscv.map(([name]) => name)

/** The ISA of that name, or of one such as `riscv64:asidBits=9`; undefined when there is none, a RangeError where it has no such parameter. */
export const findIsa = async (name: string): Promise<Isa | undefined> =>
  (isasWithParameters.includes(name.split(':', 1)[0]!) && name.includes(':') ? (await import('./riscv/isa.ts')).riscv(name) : loaders.get(name)?.())
