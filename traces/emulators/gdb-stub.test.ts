// An emulator that hangs, answers nonsense or ends is told from one that works, and nothing waits for ever.
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { EmulatorFailure, GdbStub } from './gdb-stub.ts'
import { EmulatorMissing, startQemu } from './qemu.ts'
import { RecordLoop, type TestKernel } from './record-loop.ts'

/** A stub whose other side answers each packet by the function; undefined answers nothing. */
const against = (answer: (body: string) => string | undefined): GdbStub => {
  const [from, to] = [new PassThrough(), new PassThrough()]
  to.setEncoding('latin1').on('data', (text: string) => {
    for (const [, body] of text.matchAll(/\$([^#]*)#../g)) {
      const reply = answer(body!)
      if (reply !== undefined) from.write(`+$${reply}#00`)
    }
  })
  return new GdbStub(from, to)
}

test('memory is written and read in packets that the stub takes', async () => {
  const memory = new Uint8Array(10_000)
  const stub = against((body) => {
    const [, kind, address, size, data] = /^([mM])([0-9a-f]+),([0-9a-f]+)(?::(.*))?$/.exec(body) ?? []
    const at = Number.parseInt(address!, 16), length = Number.parseInt(size!, 16)
    if (2 * length > 4096) return 'E01'
    if (kind === 'm') return Buffer.from(memory.subarray(at, at + length)).toString('hex')
    memory.set(Buffer.from(data!, 'hex'), at)
    return 'OK'
  })
  const bytes = Uint8Array.from({ length: 9000 }, (_, i) => i * 7)
  await stub.write(500, bytes)
  expect(Buffer.from(await stub.read(500, 9000)).equals(Buffer.from(bytes))).toBe(true)
})

test('nonsense and an end are failures with their reason, and the next question fails at once', async () => {
  await expect(against(() => 'zz').read(0, 2)).rejects.toThrow(/the emulator answers 'zz'/)
  await expect(against(() => 'E01').write(0, Uint8Array.of(1))).rejects.toThrow(EmulatorFailure)
  const stub = against(() => undefined)
  const waiting = stub.read(0, 1)
  stub.fail('it ended')
  await expect(waiting).rejects.toThrow('it ended')
  await expect(stub.read(0, 1)).rejects.toThrow('it ended')
})

test('a program that is not there is missing, one that is no emulator fails', async () => {
  await expect(startQemu({ program: 'qemu-system-nowhere', package: 'nowhere' }, [])).rejects.toThrow(EmulatorMissing)
  await expect(startQemu({ program: 'true', package: 'coreutils' }, [])).rejects.toThrow(EmulatorFailure)
})

/** A machine that marks each record as done and hangs at those that start with 9; a record that starts with 8 also spoils the kernel's words. */
const fakeMachine = () => {
  const memory = new Uint8Array(4096)
  const word = (at: number): number => memory[at]! | (memory[at + 1]! << 8)
  let interrupted = true
  const answer = (body: string): string | undefined => {
    const [, kind, address, size, data] = /^([mM])([0-9a-f]+),([0-9a-f]+)(?::(.*))?$/.exec(body) ?? []
    const at = Number.parseInt(address ?? '0', 16)
    if (kind === 'm') return Buffer.from(memory.subarray(at, at + Number.parseInt(size!, 16))).toString('hex')
    if (kind === 'M') memory.set(Buffer.from(data!, 'hex'), at)
    if (body !== 'c') return 'OK'
    for (let current = word(4); current !== word(8); current += 4) {
      memory.set([current & 255, current >> 8], 0)
      if (memory[current] === 8) memory.set([0xff, 0xff], 0)
      if (memory[current]! >= 8) {
        interrupted = false
        return undefined
      }
      memory[current + 1] = 1
    }
    return 'T05'
  }
  const [from, to] = [new PassThrough(), new PassThrough()]
  to.setEncoding('latin1').on('data', (text: string) => {
    if (text.includes('\x03') && !interrupted) {
      interrupted = true
      from.write('$T02#00')
    }
    for (const [, body] of text.matchAll(/\$([^#]*)#../g)) {
      const reply = answer(body!)
      if (reply !== undefined) from.write(`$${reply}#00`)
    }
  })
  return { stub: new GdbStub(from, to), version: 'fake', end: () => {} }
}

const kernel: TestKernel = {
  image: new Uint8Array(), at: 0, current: 0, first: 4, last: 8, done: 12, records: 256, recordSize: 4, capacity: 16, word: 4, bigEndian: false,
}

test('a record that hangs is lost by itself; those around it are executed', async () => {
  const loop = new RecordLoop(kernel, { start: async () => fakeMachine(), prepare: async () => {}, enter: async () => {} }, 50)
  const records = [1, 2, 9, 3, 8, 4].map((n) => Uint8Array.of(n, 0, 0, 0))
  const results = await loop.run(records)
  expect(results.map((r) => (typeof r === 'string' ? r : `${r[0]} done ${r[1]}`)))
    .toEqual(['1 done 1', '2 done 1', 'it does not come back', '3 done 1', 'it does not come back', '4 done 1'])
})
