// The signature of a test program: the memory between two of its symbols as text, as riscv-arch-test and its frameworks compare it.
import { ramBase } from '../../impl/devices/virt/layout.ts'
import { BadInput } from '../terminal/failure.ts'

export interface SignatureRange {
  /** Physical addresses. */
  readonly from: number
  readonly to: number
}

/** Throws BadInput when the program has no signature in RAM. */
export const signatureRange = (symbols: ReadonlyMap<string, bigint>, image: string, ramBytes: number): SignatureRange => {
  const from = symbols.get('begin_signature'), to = symbols.get('end_signature')
  if (from === undefined || to === undefined) throw new BadInput(`${image} has no signature: the symbols begin_signature and end_signature are expected`)
  if (from > to || from < ramBase || to > ramBase + ramBytes) throw new BadInput(`the signature of ${image}, 0x${from.toString(16)} to 0x${to.toString(16)}, is not in memory`)
  return { from: Number(from), to: Number(to) }
}

/** One line of hexadecimal digits for each `granularity` bytes, the byte of the highest address first; a last piece is filled with zeros. */
export const signatureText = (ram: Uint8Array, { from, to }: SignatureRange, granularity: number): string => {
  const lines: string[] = []
  for (let at = from - ramBase; at < to - ramBase; at += granularity) {
    let line = ''
    for (let i = granularity - 1; i >= 0; i--) line += (at + i < to - ramBase ? ram[at + i]! : 0).toString(16).padStart(2, '0')
    lines.push(`${line}\n`)
  }
  return lines.join('')
}
