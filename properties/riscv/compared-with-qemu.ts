// A RISC-V hart's specification against QEMU on whole programs, in one of the two ways.
import type { Extent } from './programs-compared.ts'
import { choicesOfQemu, OnQemu } from './on-qemu.ts'
import type { Xlen } from './encode.ts'
import { compareSignatures, type Signatures } from './signatures.ts'
import { compareSteps, type Steps } from './steps.ts'

export type ProgramMethod = 'programs' | 'steps'
export type Compared = { readonly emulator: string; readonly seconds: number; readonly seed: number; readonly from: number } & (
  | { readonly method: 'programs'; readonly result: Signatures } | { readonly method: 'steps'; readonly result: Steps })

/** Throws EmulatorMissing or EmulatorFailure. */
export const compareWithQemu = async (xlen: Xlen, method: ProgramMethod, seed: number, extent: Omit<Extent, 'until'> & { readonly seconds?: number | undefined }): Promise<Compared> => {
  const on = await OnQemu.open(xlen, choicesOfQemu), started = performance.now()
  const within = { ...extent, until: extent.seconds === undefined ? undefined : started + 1000 * extent.seconds }
  try {
    const compared = method === 'programs' ? { method, result: await compareSignatures(on, seed, within) } as const : { method, result: await compareSteps(on, seed, within) } as const
    return { emulator: on.emulator, seed, from: extent.from, seconds: (performance.now() - started) / 1000, ...compared }
  } finally {
    on.end()
  }
}
