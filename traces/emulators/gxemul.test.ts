import { describe, expect, it, vi } from 'vitest'
import { EmulatorFailure } from './gdb-stub.ts'
import { startGxemul } from './gxemul.ts'
import { EmulatorMissing } from './qemu.ts'
import { bytesOf, type Driven } from './record-loop.ts'

const words = (code: readonly number[]): Uint8Array => Uint8Array.from(code.flatMap((w) => [...bytesOf(w, 4, true)]))
const machineWith = (code: readonly number[]) =>
  ({ machine: 'testmips', processor: 'R3000', memory: 16, image: words(code), at: 0x80001000, start: 0x80001000, records: 0x100000, current: 8, finished: 0 })
/** Waits for a character of the console. */
const begins = [0x3c08b000, 0x81090000, 0, 0x1120fffd, 0x240a0001]
/** The word 1 goes to the second sector of the disk, and another sector is read. */
const stores = [0x3c0bb300, 0x240c0200, 0xad6c0000, 0xad6a4000, 0xad6a0020, 0xad600000, 0xad600020]
const [tells, halts, waits] = [[0x240d0001, 0xa10d0000], [0xa10d0010], [0x1000ffff, 0]]

const start = async (code: readonly number[]): Promise<Driven | undefined> => {
  try {
    return await startGxemul(machineWith(code))
  } catch (error) {
    if (!(error instanceof EmulatorMissing) || process.env['CI']) throw error
    return undefined
  }
}

const withKernel = async (code: readonly number[], skip: () => void, test: (stub: Driven['stub']) => Promise<void>): Promise<void> => {
  const driven = await start(code)
  if (!driven) return skip()
  try {
    await driven.stub.write(0x100000, new Uint8Array(1024))
    await test(driven.stub)
  } finally {
    driven.end()
  }
}
const milliseconds = 30_000

describe('GXemul', () => {
  it('leaves on the disk what the program has written there, and says how far it is', ({ skip }) => withKernel([...begins, ...stores, ...tells, ...waits], skip, async (stub) => {
    expect(await stub.run(milliseconds)).toBe(true)
    expect(await stub.read(0x100000, 4)).toEqual(words([1]))
    expect(await stub.read(8, 4)).toEqual(words([0x100200]))
  }))
  it('is late when the program does not come to its end', ({ skip }) => withKernel([...begins, ...waits], skip, async (stub) => {
    expect(await stub.run(300)).toBe(false)
    expect(await stub.read(8, 4)).toEqual(words([0x100000]))
  }))
  it('has failed when it ends before the program has', ({ skip }) => withKernel([...begins, ...halts, ...waits], skip, async (stub) => {
    await expect(stub.run(milliseconds)).rejects.toThrow(EmulatorFailure)
  }))
  it('comes from a package', async () => {
    vi.stubEnv('PATH', '')
    await expect(startGxemul(machineWith([]))).rejects.toThrow(EmulatorMissing)
    vi.unstubAllEnvs()
  })
})
