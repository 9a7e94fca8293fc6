// A bench of single instructions as guests of SVM in QEMU's system emulator: what the modes of x86 have in common.
import type { Isa } from '../../../model/machine/isa.ts'
import type { Answer, Bench, BenchMaker, Trial } from '../bench.ts'
import type { Deviation } from '../deviations.ts'
import { startQemu, type EmulatorProgram } from '../qemu.ts'
import { bytesOf, RecordLoop } from '../record-loop.ts'
import { touching } from './touched.ts'

/** What a mode brings along. */
export interface Mode {
  readonly program: EmulatorProgram
  readonly cpu: (isa: Isa) => string
  readonly kernel: {
    readonly image: Uint8Array
    readonly symbols: Readonly<Record<'start' | 'begin' | 'done' | 'current' | 'first' | 'last' | 'identity', number>>
    readonly records: number
    readonly recordSize: number
    readonly word: 4 | 8
    /** Two pages that hold HLTs. */
    readonly code: number
  }
  /** Numbers and widths of registers in the stub's order. */
  readonly stub: { readonly IP: number; readonly CS: number; readonly width: 4 | 8 }
  readonly recordOf: (trial: Trial) => Uint8Array
  readonly answerOf: (record: Uint8Array | string, trial: Trial) => Answer
  /** The leaves of CPUID that the kernel reads. */
  readonly leaves: readonly number[]
  /** For a processor with what CPUID tells, by leaf: EAX, EBX, ECX and EDX. */
  readonly shaped: (isa: Isa, cpuid: ReadonlyMap<number, bigint>) => Pick<Bench, 'limits' | 'draw'>
  readonly deviations: readonly Deviation[]
}

export const guestBench = ({ program, cpu, kernel, stub: numbers, recordOf, answerOf, leaves, shaped, deviations }: Mode): BenchMaker => async (isa, outcomeOf): Promise<Bench> => {
  const { image, symbols, records, recordSize, word, code } = kernel, processor = cpu(isa)
  let inKernel = false
  const loop = new RecordLoop({ image, at: symbols.start, ...symbols, records, recordSize, capacity: 256, word, bigEndian: false }, {
    start: () => startQemu(program, ['-M', 'pc', '-cpu', processor], { base: 0, size: 16 << 20 }),
    prepare: async ({ stub }) => {
      inKernel = false
      await stub.write(code, new Uint8Array(0x2000).fill(0xf4))
    },
    enter: async ({ stub }) => {
      if (!inKernel) await stub.setRegister(numbers.CS, bytesOf(0, 4, false))
      await stub.setRegister(numbers.IP, bytesOf(inKernel ? symbols.begin : symbols.start, numbers.width, false))
      inKernel = true
    },
  })
  const { version, stub } = await loop.warm()
  const identity = new DataView((await stub.read(symbols.identity, 16 * leaves.length)).buffer)
  const cpuid = new Map(leaves.map((leaf, n) => [leaf, [0, 1, 2, 3].reduce((all, i) => (all << 32n) | BigInt(identity.getUint32(16 * n + 4 * i, true)), 0n)] as const))
  const touched = touching(outcomeOf)
  return {
    emulator: `QEMU ${version}, ${program.program} -cpu ${processor}`,
    excluded: new Map(),
    ...shaped(isa, cpuid),
    deviations,
    run: async (trials) => {
      const laid = trials.map(touched)
      return (await loop.run(laid.map(recordOf))).map((r, i) => answerOf(r, laid[i]!))
    },
    end: () => loop.end(),
  }
}
