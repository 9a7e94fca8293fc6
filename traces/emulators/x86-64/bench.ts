// QEMU's system emulator as a bench for x86-64: single instructions of 64-bit mode as guests of its SVM, in states that VMRUN loads whole.
import { guestBench } from '../x86/guest-bench.ts'
import { deviations } from './deviations.ts'
import { drawing } from './draw.ts'
import { image, symbols } from './kernel.ts'
import { limitsOf } from './limits.ts'
import { answerOf, place, recordOf, recordSize } from './record.ts'

/** An early x86-64 as Intel's manual has it, with RDTSCP and MONITOR, and with SVM, which the bench itself uses. */
const processor = 'qemu64,vendor=GenuineIntel,-vme,+svm,+rdtscp,+monitor'
const later = ',+umip,+fsgsbase,+rdpid,+xsave,+xsaveopt,+avx'
const isRecent = (name: string): boolean => name.endsWith('/umip')

export const x8664 = guestBench({
  program: { program: 'qemu-system-x86_64', package: 'qemu-system-x86' },
  cpu: ({ name }) => (isRecent(name) ? processor + later : processor),
  kernel: { image, symbols, records: place.records, recordSize, word: 8, code: place.frames },
  stub: { IP: 16, CS: 18, width: 8 },
  recordOf, answerOf,
  leaves: [0, 1, 13],
  shaped: ({ name }, cpuid) => ({ limits: limitsOf(isRecent(name), cpuid), draw: drawing(isRecent(name), cpuid) }),
  deviations,
})
