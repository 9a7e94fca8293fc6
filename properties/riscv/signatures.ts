// QEMU and the specification on programs that write down what happens to them: where the two signatures differ.
import { Random, streamSeed } from '../../traces/generate-random.ts'
import type { WasmMachine } from '../../model/machine/wasm-machine.ts'
import { firstDifference } from './steps.ts'
import { doneAt, dumpBytes, dumpingProgram, recordBytes, type DumpingProgram } from './dumping-program.ts'
import { knownTrap, memoryDifference, type Deviation, type Known } from './known-of-qemu.ts'
import { numberAt, type OnQemu } from './on-qemu.ts'
import { compared as extents, place } from './program.ts'
import { add, due, type Extent, type Difference } from './programs-compared.ts'

export interface Signatures {
  /** Programs that both have run to their ends. */
  readonly compared: number
  readonly traps: number
  /** How often the emulator did what it is known to do otherwise, by what that is, and how many programs have no end. */
  readonly explained: Readonly<Record<string, number>>
  readonly differences: readonly Difference[]
  /** The program with which to go on. */
  readonly next: number
}

const mostSteps = 4000, patience = 2000

export const compareSignatures = async (on: OnQemu, seed: number, extent: Extent): Promise<Signatures> => {
  const { xlen, hart, specified: m, qemu: { stub, ram } } = on, done = BigInt(doneAt(xlen))
  const explained: Record<string, number> = {}, differences: Difference[] = []
  let compared = 0, traps = 0, n = extent.from
  await stub.breakAt(doneAt(xlen))
  for (; due(extent, n); n++) {
    extent.onProgress?.(n + 1 - extent.from)
    const p = dumpingProgram(new Random(streamSeed(seed, n)), xlen, hart.isa.instructions)
    await on.begin(p)
    m.run(mostSteps, false)
    if (m.register('pc') !== done) {
      // The program's own pages cannot be reached.
      add(explained, 'the program has no end')
      continue
    }
    const had = await stub.run(patience) ? ram!.read(place.data, place.end - place.data) : undefined
    const found: Found = had ? compare(p, on, had) : { difference: 'the emulator does not come to the end', traps: 0, mended: [] }
    traps += found.traps
    if (found.difference === undefined || found.known) for (const { does } of found.mended) add(explained, does)
    if (found.difference === undefined) compared++
    else if (found.known) add(explained, found.known.deviation.does)
    else {
      const written = writtenBy(m), walked = await firstDifference(on, p, done)
      const left = walked.difference === undefined ? leftAfter(p, on, written, had) : undefined
      if (left === undefined && walked.explained.length > 0) for (const does of walked.explained) add(explained, does)
      else differences.push({ program: n, difference: `${found.difference}; step by step: ${walked.difference ?? left ?? 'no difference'}` })
    }
  }
  await stub.clearBreak(doneAt(xlen))
  return { compared, traps, explained, differences, next: n }
}

/** What the specification has written besides page tables. */
const writtenBy = ({ ram }: WasmMachine): Uint8Array => ram.slice(place.data - place.boot, place.tables - place.boot)

/** What a program has written down otherwise on the emulator, `had`, or on the specification, than lock step has without a difference: there the specification takes over what deviations do to page tables. */
const leftAfter = (p: DumpingProgram, on: OnQemu, written: Uint8Array, had: Uint8Array | undefined): string | undefined => {
  if (!had) return 'it comes to the end'
  return Buffer.compare(written, writtenBy(on.specified)) === 0 ? compare(p, on, had).difference : 'the specification writes something else'
}

interface Found {
  readonly traps: number
  readonly known?: Known | undefined
  /** What explains traps that differ and are passed over, one for each. */
  readonly mended: readonly Deviation[]
  readonly difference?: string
}

const compare = (p: DumpingProgram, { xlen, specified: m }: OnQemu, memory: Uint8Array): Found => {
  const w = xlen / 8
  const had = (address: number): bigint => numberAt(memory, address - place.data, w)
  const specified = (address: number): bigint => numberAt(m.ram, address - place.boot, w)
  const mended: Deviation[] = []
  let at: number = place.log, traps = 0
  for (;;) {
    const [cause, pc, value] = [0, 1, 2].map((k) => specified(at + k * w)) as [bigint, bigint, bigint], emulated = [0, 1, 2].map((k) => had(at + k * w))
    const name = p.names[Math.floor((Number(pc) - place.code) / 4)] ?? 'the end'
    if (emulated[0] !== cause || emulated[1] !== pc || emulated[2] !== value) {
      const known = knownTrap(p, name, { cause, value }, { cause: emulated[0]!, value: emulated[2]! })
      if (known?.mend === undefined || emulated[1] !== pc) {
        const difference = `${name} at ${pc.toString(16)}: cause ${cause}, value ${value.toString(16)}; the emulator's cause ${emulated[0]}, value ${emulated[2]!.toString(16)} at ${emulated[1]!.toString(16)}`
        return { traps, mended, difference, known }
      }
      mended.push(known.deviation)
    }
    traps++
    at += recordBytes(xlen)
    if (cause >= 8n && cause <= 11n) break
  }
  for (let a = at; a < at + dumpBytes(xlen); a += w)
    if (specified(a) !== had(a)) return { traps, mended, difference: `registers: ${specified(a).toString(16)} at ${a.toString(16)}; the emulator's ${had(a).toString(16)}` }
  const difference = memoryDifference(w, extents.data, specified, had) ?? memoryDifference(w, extents.tables, specified, had)
  return { traps, mended, ...(difference === undefined ? {} : { difference }) }
}
