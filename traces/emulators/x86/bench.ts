// QEMU's system emulator as a bench for 32-bit x86: single instructions as guests of its SVM, in states that VMRUN loads whole.
import { deviations } from './deviations.ts'
import { drawing } from './draw.ts'
import { guestBench } from './guest-bench.ts'
import { image, symbols } from './kernel.ts'
import { limitsOf } from './limits.ts'
import { answerOf, place, recordOf, recordWords } from './record.ts'

/** A Pentium with SYSENTER, and with SVM, which the bench itself uses. */
const processor = 'pentium,-vme,+sep,+svm'
const hasPrevention = (name: string): boolean => name.endsWith('/umip')

export const x8632 = guestBench({
  program: { program: 'qemu-system-i386', package: 'qemu-system-x86' },
  cpu: ({ name }) => (hasPrevention(name) ? `${processor},+umip` : processor),
  kernel: { image, symbols, records: place.records, recordSize: 4 * recordWords, word: 4, code: place.code },
  stub: { IP: 8, CS: 10, width: 4 },
  recordOf, answerOf,
  leaves: [0, 1],
  shaped: ({ name }, cpuid) => ({ limits: limitsOf(hasPrevention(name), cpuid), draw: drawing(hasPrevention(name), cpuid) }),
  deviations,
})
