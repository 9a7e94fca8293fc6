// What `popek serve` can be told: apart from what serves, so that the command's help loads nothing.
import type { HartChoices } from '../run-riscv/options.ts'

export interface ServeOptions {
  /** A port; 0 is any free one. */
  readonly rvfiDii?: number
  /** MiB. */
  readonly memory?: number
  readonly misaligned?: HartChoices['misaligned']
  readonly misalignedAtomics?: HartChoices['misalignedAtomics']
  readonly once?: boolean
  readonly json?: boolean
}
