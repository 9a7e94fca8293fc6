// QEMU's system emulator as a bench for 32-bit x86: single instructions as guests of its SVM, in states that VMRUN loads whole.
import type { Instruction } from '../../../model/ir/instruction.ts'
import { stage, type Staged, type Valuation } from '../../../model/ir/stage.ts'
import type { Outcome } from '../../../model/machine/execute.ts'
import { accesses, type Answer, type Bench, type BenchMaker, type Trial } from '../bench.ts'
import { startQemu } from '../qemu.ts'
import { bytesOf, RecordLoop } from '../record-loop.ts'
import { deviations } from './deviations.ts'
import { drawing } from './draw.ts'
import { image, symbols } from './kernel.ts'
import { limitsOf } from './limits.ts'
import { answerOf, place, recordOf, recordWords } from './record.ts'

const program = { program: 'qemu-system-i386', package: 'qemu-system-x86' }
/** A Pentium with SYSENTER, and with SVM, which the bench itself uses. */
const processor = 'pentium,-vme,+sep,+svm'

/** Numbers of registers in the stub's order. */
const stub386 = { EIP: 8, CS: 10 } as const

/** Memory that instructions touch, by the banks that stand for it. */
const inMemory = ['E', 'DT.base', 'DT.limit', 'DT.rights', 'DT.gate', 'IDT.target', 'IDT.rights', 'TSS.stack', 'TSS.map', 'PORT'] as const

const memory: ReadonlySet<string> = new Set(inMemory)
/** Names the cells that an instruction touches and no others: what the trial does not name is 0, but its page must be there. */
const touching = (outcomeOf: (i: Instruction) => Outcome): ((trial: Trial) => Trial) => {
  const known = new Map<Instruction, { readonly banks: readonly string[]; readonly indices: Staged }>()
  const touchedBy = (instruction: Instruction) => {
    const before = known.get(instruction)
    if (before) return before
    const touched = inMemory.flatMap((bank) => accesses(outcomeOf(instruction), bank).map(({ index }) => ({ bank, index })))
    const made = { banks: touched.map((t) => t.bank), indices: stage(touched.map((t) => t.index)) }
    known.set(instruction, made)
    return made
  }
  return ({ instruction, word, before }) => {
    let low = BigInt(instruction.encoding.width)
    const operands = new Map(Object.entries(instruction.encoding.format).map(([name, bits]) => {
      low -= BigInt(bits)
      return [`operand ${name}`, BigInt.asUintN(bits, word >> low)]
    }))
    const state: Valuation = { variable: (name) => operands.get(name) ?? before.registers.get(name) ?? 0n, cell: (bank, index) => before.cells.get(bank)?.get(index) ?? 0n }
    const { banks, indices } = touchedBy(instruction)
    const cells = new Map<string, ReadonlyMap<bigint, bigint>>([...before.cells].filter(([bank]) => !memory.has(bank)))
    const touched = new Map<string, Map<bigint, bigint>>()
    indices(state).forEach((index, i) => {
      const bank = banks[i]!, content = touched.get(bank) ?? new Map<bigint, bigint>()
      touched.set(bank, content.set(index, state.cell(bank, index)))
      cells.set(bank, content)
    })
    return { instruction, word, before: { registers: before.registers, cells } }
  }
}

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
