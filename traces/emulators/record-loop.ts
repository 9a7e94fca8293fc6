// Many trials in one go: a test kernel in the emulator works through records in memory, and the host reads them back.
import { EmulatorFailure } from './gdb-stub.ts'
import type { Process } from './qemu.ts'

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

const patience = 2000

/** A number in the target's byte order. */
export const bytesOf = (value: bigint | number, size: 4 | 8, bigEndian: boolean): Uint8Array => {
  const bytes = Uint8Array.from({ length: size }, (_, i) => Number((BigInt(value) >> BigInt(8 * i)) & 255n))
  return bigEndian ? bytes.reverse() : bytes
}

/** What differs from emulator to emulator. */
export interface Host {
  readonly start: () => Promise<Process>
  /** Lays down what the kernel needs besides its image; once for a process. */
  readonly prepare: (process: Process) => Promise<void>
  /** Points the processor to the kernel's start; before every batch. */
  readonly enter: (process: Process) => Promise<void>
}

/** Keeps one emulator process, and a new one after each trial that does not come back. */
export class RecordLoop {
  readonly #kernel: TestKernel
  readonly #host: Host
  #process: Process | undefined

  constructor(kernel: TestKernel, host: Host) {
    this.#kernel = kernel
    this.#host = host
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

  async #batch(records: readonly Uint8Array[]): Promise<(Uint8Array | string)[]> {
    const { records: base, recordSize, first, last, current, word, bigEndian } = this.#kernel
    const all = new Uint8Array(records.length * recordSize)
    records.forEach((r, i) => all.set(r, i * recordSize))
    const { stub } = await this.process()
    let begun = 0, why = 'it does not come back'
    try {
      await stub.write(base, all)
      await stub.write(first, bytesOf(base, word, bigEndian))
      await stub.write(last, bytesOf(base + all.length, word, bigEndian))
      await stub.write(current, bytesOf(base, word, bigEndian))
      await this.#host.enter(this.#process!)
      const ended = await stub.run(patience)
      if (ended) return this.#cut(await stub.read(base, all.length))
      if (records.length > 0) begun = this.#indexOf(await stub.read(current, word), records.length)
      const before = this.#cut(await stub.read(base, begun * recordSize))
      this.end()
      if (records.length === 0) throw new EmulatorFailure('the test kernel does not reach its end')
      return [...before, why]
    } catch (error) {
      if (!(error instanceof EmulatorFailure)) throw error
      // Which record ended it is not known: each is tried alone.
      this.end()
      why = error.message
      if (records.length === 0) throw error
      return records.length === 1 ? [why] : [...await this.#batch(records.slice(0, records.length >> 1)), ...await this.#batch(records.slice(records.length >> 1))]
    }
  }

  #cut(bytes: Uint8Array): Uint8Array[] {
    const size = this.#kernel.recordSize
    return Array.from({ length: bytes.length / size }, (_, i) => bytes.subarray(i * size, (i + 1) * size))
  }

  #indexOf(bytes: Uint8Array, records: number): number {
    const little = this.#kernel.bigEndian ? [...bytes].reverse() : [...bytes]
    const address = little.reduceRight((n, b) => n * 256 + b, 0)
    const index = (address - this.#kernel.records) / this.#kernel.recordSize
    if (!Number.isInteger(index) || index < 0 || index >= records) throw new EmulatorFailure('the test kernel has been overwritten')
    return index
  }
}
