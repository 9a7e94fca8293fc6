// gdb on a run: GDB itself, the client that drives QEMU, and clients that are none.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { GdbStub } from '../../traces/emulators/gdb-stub.ts'
import { listening, popek } from '../in-process.fixture.ts'
import { echoes, elf, raw, tests, tohost } from './programs.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'popek-gdb-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = (name: string, bytes: Uint8Array): string => {
  writeFileSync(join(folder, name), bytes)
  return join(folder, name)
}
const program = file('program.elf', elf(raw(tests), { symbols: { tohost } }))
const spin = file('spin.bin', raw(echoes))
const run = (image: string, ...more: readonly string[]): readonly string[] => ['run', 'riscv64/cpu', image, '--memory', '4', '--keyboard', '', '--gdb', '0', ...more]

const attach = async (port: number): Promise<{ readonly client: GdbStub; readonly leave: () => void }> => {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const client = new GdbStub(socket, socket)
  await client.start()
  return { client, leave: () => void socket.destroy() }
}
const long = (bytes: Uint8Array): bigint => Buffer.from(bytes).readBigUInt64LE()

describe('the client that drives QEMU', () => {
  test('drives this hart too', async () => {
    const stop = new AbortController(), { port, ran } = await listening(run(program), { signal: stop.signal })
    const { client, leave } = await attach(port)
    expect(long(await client.register(32))).toBe(0x1000n)
    await client.breakAt(0x8000_001c)
    expect(await client.run(5000)).toBe(true)
    expect([long(await client.register(32)), long(await client.register(6)), [...await client.read(0x8000_0000, 4)]]).toEqual([0x8000_001cn, 0x1122_3344n, [0xb7, 0x02, 0x00, 0x10]])
    expect(Buffer.from(await client.read(0x8000_1000, 4)).readUInt32LE()).toBe(0x1122_3344)
    await client.setRegister(6, new Uint8Array(8))
    await client.write(0x8000_1000, Uint8Array.of(9))
    expect([long(await client.register(6)), (await client.read(0x8000_1000, 1))[0]]).toEqual([0n, 9])
    leave()
    stop.abort()
    const { code, out, err } = await ran
    expect([code, out]).toEqual([130, 'h'])
    expect(err).toMatch(/waits for gdb: target remote 127.0.0.1:\d+/)
  })

  test('interrupts a guest that does not stop, and may come again', async () => {
    const stop = new AbortController(), { port, ran } = await listening(run(spin), { signal: stop.signal })
    for (let n = 0; n < 2; n++) {
      const { client, leave } = await attach(port)
      expect(await client.run(50)).toBe(false)
      expect(long(await client.register(32)) >> 12n).toBe(0x8_0000n)
      leave()
    }
    stop.abort()
    expect((await ran).err).toContain('has gone without a word')
  })
})

describe('a client that is none', () => {
  const say = async (port: number, text: string): Promise<string> => {
    const socket = connect(port, '127.0.0.1'), received: Buffer[] = []
    socket.on('data', (some: Buffer) => received.push(some)).on('error', () => {})
    socket.write(text)
    await once(socket, 'close')
    return Buffer.concat(received).toString()
  }
  test('is sent away with a message, and the next one is served', async () => {
    const stop = new AbortController(), { port, ran } = await listening(run(program), { signal: stop.signal })
    expect(await say(port, 'GET / HTTP/1.0\r\n\r\n')).toBe('')
    expect(await say(port, `$${'x'.repeat(20_000)}`)).toBe('')
    const { client, leave } = await attach(port)
    expect(long(await client.register(32))).toBe(0x1000n)
    leave()
    stop.abort()
    const { code, err } = await ran
    expect(code).toBe(130)
    expect(err).toContain('0x47 begins no packet; the connection is closed')
    expect(err).toContain('at most 16384 characters')
  })

  test('that never leaves does not keep a run that has ended', async () => {
    const stop = new AbortController(), { port, ran } = await listening(run(program), { signal: stop.signal })
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    await once(socket, 'connect')
    socket.write('+')
    stop.abort()
    expect((await ran).code).toBe(130)
    socket.on('error', () => {}).resume()
    const writing = setInterval(() => socket.write('+'), 50)
    await new Promise((resolve) => socket.on('close', resolve))
    clearInterval(writing)
  })

  test('bad usage ends with 2', async () => {
    expect(await popek(['run', 'riscv64/cpu', program, '--gdb', 'x'])).toMatchObject({ code: 2 })
    expect(await popek(['run', 'riscv64/cpu', program, '--gdb-run'])).toMatchObject({ code: 2, err: expect.stringContaining('--gdb PORT') as unknown })
    expect(await popek([...run(program), '--commit-log', '-'])).toMatchObject({ code: 2, err: expect.stringContaining('cannot be had in one run') as unknown })
    expect(await popek(['run', 'third-generation/cpu', 'hello', '--gdb', '0'])).toMatchObject({ code: 2, err: expect.stringContaining('has no option --gdb') as unknown })
  })
})

/** What GDB prints for commands, after it has attached. */
const gdb = async (port: number, image: string, ...commands: readonly string[]): Promise<string> => {
  const child = spawn('gdb-multiarch', ['-batch', '-nx', image, '-ex', 'set architecture riscv:rv64', '-ex', 'set remotetimeout 60', '-ex', `target remote :${port}`, ...commands.flatMap((c) => ['-ex', c])])
  const printed: Buffer[] = []
  for (const from of [child.stdout, child.stderr]) from.on('data', (some: Buffer) => printed.push(some))
  await once(child, 'close')
  return Buffer.concat(printed).toString()
}
const missing = await once(spawn('gdb-multiarch', ['-batch'], { stdio: 'ignore' }), 'close').then(() => false, () => true)
if (missing && process.env['CI']) throw new Error('gdb-multiarch is missing: apt-get install gdb-multiarch')

describe.skipIf(missing)(`gdb-multiarch${missing ? ' (missing: apt-get install gdb-multiarch)' : ''}`, () => {
  test('breaks, steps, reads and writes registers, memory and CSRs, watches, and sees the end', async () => {
    const { port, ran } = await listening(run(program))
    const out = await gdb(port, program, 'x/i $pc', 'break *0x8000000c', 'continue', 'info registers pc t1', 'p/x $mstatus', 'p $priv', 'x/2i $pc', 'stepi', 'p/x $t2', 'hbreak *0x80000014', 'continue',
      'set $t1 = 0x55', 'watch *(int*)0x80001000', 'continue', 'p/x *(int*)0x80001000', 'set var *(int*)0x80001000 = 7', 'x/wx 0x80001000', 'delete', 'monitor steps', 'monitor reset', 'maint flush register-cache', 'p $pc', 'set $mscratch = 0x77', 'p/x $mscratch', 'continue')
    for (const line of [
      /=> 0x1000:\tauipc\tt0,0x0/, /pc +0x8000000c/, /t1 +0x68/, /\$1 = 0xa00000000/, /\$2 = .*3/, /=> 0x8000000c:\tauipc\tt2,0x1/, /\$3 = 0x8000100c/, /Breakpoint 2, 0x0*80000014/,
      /Old value = 0\s+New value = 921\s+0x0*8000001c in/, /\$4 = 0x399/, /0x80001000:\t0x00000007/, /^13$/m, /\$5 = \(void \(\*\)\(\)\) 0x1000/, /\$6 = 0x77/, /exited with code 03/,
    ]) expect(out).toMatch(line)
    expect(await ran).toMatchObject({ code: 3, out: 'hh' })
  })

  test('attaches to a guest that runs, detaches from it, and kills it', async () => {
    const { port, ran } = await listening(run(spin, '--gdb-run'))
    const first = await gdb(port, spin, 'p/x $t0', 'detach')
    expect(first).toMatch(/\$1 = 0x10000000/)
    expect(first).toContain('detached')
    expect(await gdb(port, spin, 'break *0x80000008', 'continue', 'kill')).toMatch(/Breakpoint 1, 0x0*80000008/)
    expect(await ran).toMatchObject({ code: 0, out: '' })
  })

  test('changes nothing about a run that it only looks at', async () => {
    const { port, ran } = await listening([...run(program), '--json'])
    await gdb(port, program, 'break *0x80000010', 'continue', 'stepi', 'info registers', 'delete', 'continue')
    const [looked, alone] = [await ran, await popek(['run', 'riscv64/cpu', program, '--memory', '4', '--keyboard', '', '--json'])].map(({ out }) => ({ ...JSON.parse(out) as object, seconds: 0 }))
    expect(looked).toEqual(alone)
  })
})
