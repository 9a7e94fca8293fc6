// Where an emulator does something else than the manual: seen by popek, looked up, and written down.
export interface Deviation {
  /** The start of the bench's name: `QEMU`, `QEMU 7.2`, `open-simh`. */
  readonly emulator: string
  readonly isas: readonly string[]
  readonly instructions: readonly string[]
  /** What a difference's line says; all of an instruction's differences otherwise. */
  readonly difference?: RegExp
  readonly does: string
  /** The manual's place and what it says there, in our words. */
  readonly manual: string
}

/** The deviation that explains a difference. */
export const deviationOf = (deviations: readonly Deviation[], emulator: string, isa: string, instruction: string, difference: string): Deviation | undefined =>
  deviations.find((d) => emulator.startsWith(d.emulator) && d.isas.includes(isa) && d.instructions.includes(instruction) && (d.difference?.test(difference) ?? true))
