// Many trials in one go: a test kernel in the emulator works through records in memory, and the host reads them back.
import { EmulatorFailure, type GdbStub } from './gdb-stub.ts'
import type { Process as QemuProcess } from './qemu.ts'
import type { SharedRam } from './shared-ram.ts'

/** An emulator's process, and what a batch needs of its debugger. */
export interface Driven {
  readonly stub: Pick<GdbStub, 'write' | 'read' | 'breakAt' | 'run'>
  readonly ram?: Pick<SharedRam, 'write' | 'read'>
  readonly version: string
  readonly end: () => void
}

/** Where a test kernel has what; addresses are real ones. */
export interface TestKernel {
  readonly image: Uint8Array
  readonly at: number
  /** Words that hold the address of the record at work, of the first one and the one past the last, in the target's byte order. */
  readonly current: number
  readonly first: number
  readonly last: number
  /** Where it stops when all records are done. */
  readonly done: number
  readonly records: number
  readonly recordSize: number
  /** Records in one go. */
  readonly capacity: number
  readonly word: 4 | 8
  readonly bigEndian: boolean
}

/** A number in the target's byte order. */
export const bytesOf = (value: bigint | number, size: 4 | 8, bigEndian: boolean): Uint8Array => {
  const bytes = Uint8Array.from({ length: size }, (_, i) => Number((BigInt(value) >> BigInt(8 * i)) & 255n))
  return bigEndian ? bytes.reverse() : bytes
}

/** What differs from emulator to emulator. */
export interface Host<Process extends Driven = QemuProcess> {
  readonly start: () => Promise<Process>
  /** Lays down what the kernel needs besides its image; once for a process. */
  readonly prepare: (process: Process) => Promise<void>
  /** Points the processor to the kernel's start; before every batch. */
  readonly enter: (process: Process) => Promise<void>
}

/** Keeps one emulator process, and a new one after each trial that does not come back. */
export class RecordLoop<Process extends Driven = QemuProcess> {
  readonly #kernel: TestKernel
  readonly #host: Host<Process>
  readonly #patience: number
  #process: Process | undefined

  /** `patience` is in milliseconds for a batch, which takes a twentieth of it. */
  constructor(kernel: TestKernel, host: Host<Process>, patience = 1500) {
    this.#kernel = kernel
    this.#host = host
    this.#patience = patience
  }

  /** The process with the kernel loaded. */
  async process(): Promise<Process> {
    if (this.#process) return this.#process
    const process = await this.#host.start()
    await process.stub.write(this.#kernel.at, this.#kernel.image)
    await this.#host.prepare(process)
    await process.stub.breakAt(this.#kernel.done)
    this.#process = process
    return process
  }

  /** Runs the kernel through no record, so that it sets up what it sets up. */
  async warm(): Promise<Process> {
    await this.#batch([])
    return this.process()
  }

  end(): void {
    this.#process?.end()
    this.#process = undefined
  }

  /** The records after the run; a text for one that did not come back. */
  async run(records: readonly Uint8Array[]): Promise<(Uint8Array | string)[]> {
    const results: (Uint8Array | string)[] = []
    while (results.length < records.length)
      results.push(...await this.#batch(records.slice(results.length, results.length + this.#kernel.capacity)))
    return results
  }

  /** In one go; where that does not come back, the record at fault is looked for and the others are run without it. */
  async #batch(records: readonly Uint8Array[]): Promise<(Uint8Array | string)[]> {
    const failure = await this.#attempt(records)
    if (typeof failure !== 'object' || !('why' in failure)) return failure
    this.end()
    if (records.length === 0) throw new EmulatorFailure(`the test kernel does not work: ${failure.why}`)
    if (records.length === 1) return [failure.why]
    // A record that has run wild may have changed the kernel's own words: only what happens to it alone counts.
    const suspect = failure.current ?? records.length >> 1
    const alone = await this.#batch([records[suspect]!])
    const rest = [records.slice(0, suspect), records.slice(suspect + 1)]
    const [before, after] = [await this.#batchOrNone(rest[0]!), await this.#batchOrNone(rest[1]!)]
    return [...before, ...alone, ...after]
  }

  async #batchOrNone(records: readonly Uint8Array[]): Promise<(Uint8Array | string)[]> {
    return records.length === 0 ? [] : this.#batch(records)
  }

  async #attempt(records: readonly Uint8Array[]): Promise<Uint8Array[] | { readonly why: string; readonly current?: number }> {
    const { records: base, recordSize, first, last, current, word, bigEndian } = this.#kernel
    const all = new Uint8Array(records.length * recordSize)
    records.forEach((r, i) => all.set(r, i * recordSize))
    try {
      const { stub, ram } = await this.process()
      const memory = ram ?? stub
      await memory.write(base, all)
      await memory.write(first, bytesOf(base, word, bigEndian))
      await memory.write(last, bytesOf(base + all.length, word, bigEndian))
      await memory.write(current, bytesOf(base, word, bigEndian))
      await this.#host.enter(this.#process!)
      if (await stub.run(this.#patience)) return this.#cut(await memory.read(base, all.length))
      const index = this.#indexOf(await memory.read(current, word), records.length)
      return { why: 'it does not come back', ...(index === undefined ? {} : { current: index }) }
    } catch (error) {
      if (error instanceof EmulatorFailure && this.#process) return { why: error.message }
      throw error
    }
  }

  #cut(bytes: Uint8Array): Uint8Array[] {
    const size = this.#kernel.recordSize
    return Array.from({ length: bytes.length / size }, (_, i) => bytes.subarray(i * size, (i + 1) * size))
  }

  /** The record that the kernel is at; undefined where its word makes no sense any more. */
  #indexOf(bytes: Uint8Array, records: number): number | undefined {
    const little = this.#kernel.bigEndian ? [...bytes].reverse() : [...bytes]
    const index = (little.reduceRight((n, b) => n * 256 + b, 0) - this.#kernel.records) / this.#kernel.recordSize
    return Number.isInteger(index) && index >= 0 && index < records ? index : undefined
  }
}
