// The server to which a verification engine connects: good clients, bad ones, and those that vanish.
import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { listening, popek } from '../in-process.fixture.ts'

const serve = ['serve', 'riscv64/cpu', '--rvfi-dii', '0', '--memory', '1'] as const
const addi = [0x93, 0x80, 0x50, 0x00, 1, 0, 1, 0], end = [0, 0, 0, 0, 1, 0, 0, 0]

/** What comes back for bytes, after which the client ends its side. */
const exchange = async (port: number, bytes: readonly number[]): Promise<Buffer> => {
  const socket = connect(port, '127.0.0.1'), received: Buffer[] = []
  socket.on('data', (some: Buffer) => received.push(some)).on('error', () => {})
  socket.end(Uint8Array.from(bytes))
  await once(socket, 'close')
  return Buffer.concat(received)
}

describe('a server for a verification engine', () => {
  test('reports each instruction, and each client starts anew', async () => {
    const stop = new AbortController(), { port, ran } = await listening(serve, { signal: stop.signal })
    for (let n = 0; n < 2; n++) {
      const reports = await exchange(port, [...addi, ...addi, ...end, ...addi])
      expect(reports.length).toBe(4 * 88)
      expect([0, 1, 3].map((k) => [reports.readBigUInt64LE(88 * k + 8), reports.readBigUInt64LE(88 * k + 48)])).toEqual([[0x8000_0000n, 5n], [0x8000_0004n, 10n], [0x8000_0000n, 5n]])
      expect(reports[2 * 88 + 86]).toBe(1)
    }
    stop.abort()
    const { code, err } = await ran
    expect(code).toBe(130)
    expect(err).toMatch(/waits for a verification engine at 127.0.0.1:\d+ .*\n.*3 instructions, 1 traces.*\n.*3 instructions/)
  })

  test('takes clients one after another', async () => {
    const stop = new AbortController(), { port, ran } = await listening(serve, { signal: stop.signal })
    expect((await Promise.all([exchange(port, addi), exchange(port, [...addi, ...addi])])).map((b) => b.length)).toEqual([88, 176])
    stop.abort()
    expect((await ran).code).toBe(130)
  })

  test.each([
    ['no command', [...addi, ...Buffer.from('GET / HTTP/1.0\r\n')], 88, /command 0x48 is unknown/],
    ['half a command', [...addi, 1, 2, 3], 88, /in the middle of a command, after 3 of its 8 bytes/],
    ['a version that is none', [0, 0, 0, 0, 0, 0, 0x76, 0], 0, /version 0 was asked for/],
  ])('says that %s is none, and ends with 2 after --once', async (_, bytes, length, message) => {
    const { port, ran } = await listening([...serve, '--once'])
    expect((await exchange(port, bytes)).length).toBe(length)
    const { code, err } = await ran
    expect(code).toBe(2)
    expect(err).toMatch(message)
  })

  test('a client that is sent away and stays is left', async () => {
    const { port, ran } = await listening([...serve, '--once'])
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    socket.on('error', () => {}).resume().write(Uint8Array.from([0, 0, 0, 0, 0, 0, 7, 0]))
    expect((await ran).code).toBe(2)
    const writing = setInterval(() => socket.write('x'), 50)
    await new Promise((resolve) => socket.on('close', resolve))
    clearInterval(writing)
  })

  test('goes on after bad clients and those that vanish', async () => {
    const stop = new AbortController(), { port, ran } = await listening(serve, { signal: stop.signal })
    await exchange(port, Array.from({ length: 999 }, (_, n) => n * 37))
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.write(Uint8Array.from(addi))
    await once(socket, 'data')
    socket.resetAndDestroy()
    expect((await exchange(port, addi)).length).toBe(88)
    stop.abort()
    expect((await ran).err).toContain('it vanished')
  })

  test('ends with 0 after one good client, with a document', async () => {
    const { port, ran } = await listening([...serve, '--once', '--json'])
    await exchange(port, [...addi, ...end])
    const { code, out } = await ran
    expect([code, JSON.parse(out)]).toMatchObject([0, { interface: 'rvfi-dii', clients: [{ instructions: 1, traces: 1 }] }])
  })

  test('bad usage ends with 2', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    expect(await popek(['serve', 'riscv64/cpu', '--rvfi-dii', `${port}`])).toMatchObject({ code: 2, err: expect.stringContaining('it is in use') as unknown })
    taken.close()
    expect(await popek(['serve', 'riscv64/cpu'])).toMatchObject({ code: 2, err: expect.stringContaining('expected --rvfi-dii') as unknown })
    expect(await popek(['serve', 'pdp10', '--rvfi-dii', '0'])).toMatchObject({ code: 2 })
    expect(await popek(['serve', 'riscv64/cpu', '--rvfi-dii', '70000'])).toMatchObject({ code: 2, err: expect.stringContaining('0 to 65535') as unknown })
  })
})
