import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { EmulatorFailure } from './gdb-stub.ts'
import { startGxemul } from './gxemul.ts'
import { EmulatorMissing } from './qemu.ts'
import { bytesOf, type Driven } from './record-loop.ts'

const machine = { machine: 'testmips', processor: 'R3000', memory: 16, direct: 0x80000000, start: 0x1000, records: 0x100000, recordSize: 512, current: 0x2000 }
const words = (code: readonly number[]): Uint8Array => Uint8Array.from(code.flatMap((w) => [...bytesOf(w, 4, true)]))
/** LUI and ADDIU: the console; it is told that a record is begun. */
const begins = [0x3c08b000, 0x24090001, 0xa1090000]
/** The word 1 goes to the disk. */
const stores = [0x3c0ab300, 0xad494000, 0xad490020]
const [tells, halts, waits] = [[0x24090002, 0xa1090000], [0xa1090010], [0x1000ffff, 0]]

const start = async (): Promise<Driven | undefined> => {
  try {
    return await startGxemul(machine)
  } catch (error) {
    if (!(error instanceof EmulatorMissing) || process.env['CI']) throw error
    return undefined
  }
}

describe('GXemul', () => {
  let driven: Driven | undefined
  beforeEach(async ({ skip }) => {
    driven = await start()
    if (!driven) skip()
  })
  afterEach(() => driven?.end())
  const run = async (code: readonly number[], milliseconds = 30_000): Promise<boolean> => {
    await driven!.stub.write(machine.start, words(code))
    return driven!.stub.run(milliseconds)
  }

  it('leaves on the disk what the program has written there, and says how far it is', async () => {
    expect(await run([...begins, ...stores, ...tells, ...halts, ...waits])).toBe(true)
    expect(await driven!.stub.read(machine.records, 4)).toEqual(words([1]))
    expect(await driven!.stub.read(machine.current, 4)).toEqual(words([machine.records]))
  })
  it('is ended when it does not end, and runs again', async () => {
    expect(await run([...begins, ...waits], 300)).toBe(false)
    expect(await run([...begins, ...tells, ...halts, ...waits])).toBe(true)
  })
  it('has failed when it ends before the program has', async () => {
    await expect(run([...begins, ...halts, ...waits])).rejects.toThrow(EmulatorFailure)
  })
  it('comes from a package', async () => {
    vi.stubEnv('PATH', '')
    await expect(startGxemul(machine)).rejects.toThrow(EmulatorMissing)
    vi.unstubAllEnvs()
  })
})
