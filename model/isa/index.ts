// Every ISA that comes with popek, by name; each is built when it is asked for.
import type { Isa } from '../machine/isa.ts'
import { variants } from '../vocab/index.ts'

const loaders: ReadonlyMap<string, () => Promise<Isa>> = new Map([
  ...variants.map((variant) => [
    variant === 'sound' ? 'third-generation' : `third-generation/${variant}`,
    async () => (await import('./third-generation/isa.ts')).thirdGeneration(variant),
  ] as const),
  ['pdp10', async () => (await import('./pdp10/isa.ts')).pdp10] as const,
])

export const isaNames: readonly string[] = [...loaders.keys()]

/** The ISA of that name; undefined when there is none. */
export const findIsa = async (name: string): Promise<Isa | undefined> => loaders.get(name)?.()
