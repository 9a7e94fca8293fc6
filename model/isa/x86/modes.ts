// The two modes of the model: what tells 64-bit mode from 32-bit protected mode in every instruction.
import { E, EIP, R } from './state.ts'
import { E as longE, R as longR, RIP } from './long-mode/state.ts'
import type { Mode } from './operands.ts'

export const manual = "Intel Architecture Software Developer's Manual"
export const protectedMode: Mode = { bits: 32, E, R, IP: EIP, manual }
export const longMode: Mode = { bits: 64, E: longE, R: longR, IP: RIP, manual: 'Intel 64 and IA-32 Architectures Software Developer\'s Manual' }
