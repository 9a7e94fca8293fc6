// QEMU's system emulator as a bench for 32-bit x86: single instructions as guests of its SVM, in states that VMRUN loads whole.
import type { Answer, Bench, BenchMaker, Trial } from '../bench.ts'
import { startQemu } from '../qemu.ts'
import { bytesOf, RecordLoop } from '../record-loop.ts'
import { deviations } from './deviations.ts'
import { drawing } from './draw.ts'
import { image, symbols } from './kernel.ts'
import { limitsOf } from './limits.ts'
import { answerOf, place, recordOf, recordWords } from './record.ts'
import { touching } from './touched.ts'

const program = { program: 'qemu-system-i386', package: 'qemu-system-x86' }
/** A Pentium with SYSENTER, and with SVM, which the bench itself uses. */
const processor = 'pentium,-vme,+sep,+svm'

/** Numbers of registers in the stub's order. */
const stub386 = { EIP: 8, CS: 10 } as const

export const x8632: BenchMaker = async (isa, outcomeOf): Promise<Bench> => {
  const umip = isa.name.endsWith('/umip'), cpu = umip ? `${processor},+umip` : processor
  const kernel = { image, at: symbols.start, ...symbols, records: place.records, recordSize: 4 * recordWords, capacity: 256, word: 4, bigEndian: false } as const
  let inKernel = false
  const loop = new RecordLoop(kernel, {
    start: () => startQemu(program, ['-M', 'pc', '-cpu', cpu, '-m', '16M']),
    prepare: async ({ stub }) => {
      inKernel = false
      await stub.write(place.code, new Uint8Array(0x2000).fill(0xf4))
    },
    enter: async ({ stub }) => {
      if (!inKernel) await stub.setRegister(stub386.CS, bytesOf(0, 4, false))
      await stub.setRegister(stub386.EIP, bytesOf(inKernel ? symbols.begin : symbols.start, 4, false))
      inKernel = true
    },
  })
  const { version, stub } = await loop.warm()
  const identity = new DataView((await stub.read(symbols.identity, 32)).buffer)
  // EAX, EBX, ECX, EDX.
  const cpuid = [0, 1].map((leaf) => [0, 1, 2, 3].reduce((n, i) => (n << 32n) | BigInt(identity.getUint32(16 * leaf + 4 * i, true)), 0n))
  const touched = touching(outcomeOf)
  const run = async (trials: readonly Trial[]): Promise<Answer[]> => {
    const laid = trials.map(touched)
    return (await loop.run(laid.map(recordOf))).map((r, i) => answerOf(r, laid[i]!))
  }
  return {
    emulator: `QEMU ${version}, ${program.program} -cpu ${cpu}`,
    excluded: new Map(),
    limits: limitsOf(umip, cpuid),
    deviations,
    draw: drawing(umip, cpuid),
    run,
    end: () => loop.end(),
  }
}
