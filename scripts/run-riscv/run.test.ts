import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { json, popek } from '../in-process.fixture.ts'
import { burns, echoes, elf, raw, ramStart, signatureStart, tests, toFlash, tohost, type Parts } from './programs.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'popek-riscv-'))
afterAll(() => rmSync(folder, { recursive: true }))

const file = (name: string, bytes: Uint8Array | string): string => {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}
const system = 'riscv64/cpu'
const image = file('echo.bin', raw(echoes))
const programParts: Parts = { symbols: { tohost, begin_signature: signatureStart, end_signature: signatureStart + 12 } }
const program = file('program.elf', elf(raw(tests), programParts))
const small = ['--memory', '4'] as const

const flashOptions = ['--flash', file('code.fd', raw(burns)), '--flash', file('variables.fd', Uint8Array.of(0xff, 0xff, 0xff, 0xff))] as const

describe('a run', () => {
  interface Document {
    readonly stop: string
    readonly exitCode?: number
    readonly steps: number
    readonly printed: string
  }

  test("ends with the guest's exit code, by the finisher", async () => {
    expect(await json<Document>(['run', system, image, ...small, '--keyboard', 'abq'])).toMatchObject({ code: 3, stop: 'exit', exitCode: 3, printed: 'abq' })
    expect(await json<Document>(['run', system, image, ...small, '--keyboard', '+signature=q'])).toMatchObject({ printed: '+signature=q' })
    const { code, out, err } = await popek(['run', system, image, ...small], { piped: [...Buffer.from('xq')] })
    expect([code, out]).toEqual([3, 'xq'])
    expect(err).toContain('exit code 3')
  })

  test('by tohost, with its signature', async () => {
    const signature = join(folder, 'signature')
    expect((await popek(['run', system, program, ...small, '--signature', signature])).code).toBe(3)
    expect(readFileSync(signature, 'utf8')).toBe('11223344\n00000000\n00000000\n')
    await popek(['run', system, program, ...small, '--signature', signature, '--signature-granularity', '16'])
    expect(readFileSync(signature, 'utf8')).toBe(`${'0'.repeat(24)}11223344\n`)
    await popek(['run', system, `+signature=${signature}`, '+signature-granularity=8', program, ...small])
    expect(readFileSync(signature, 'utf8')).toBe('0000000011223344\n0000000000000000\n')
    expect((await popek(['run', system, '+signature-granularity=3', program, ...small])).code).toBe(2)
  })

  test('with the headers of its file below memory, where a linker puts them', async () => {
    const path = file('headers.elf', elf(raw(tests), { ...programParts, headers: true }))
    expect(await json<Document>(['run', system, path, ...small])).toMatchObject({ code: 3, stop: 'exit', printed: 'h' })
  })

  test('a test program that does not end has not passed', async () => {
    const { code, err } = await popek(['run', system, program, ...small, '--steps', '3'])
    expect([code, err]).toEqual([1, expect.stringContaining('the program did not end')])
    expect((await popek(['run', system, program, ...small, '--steps', '3', '--save', join(folder, 'unended')])).code).toBe(0)
    expect((await popek(['run', system, program, ...small, '--steps', '3', '--kernel', image])).code).toBe(0)
  })

  test('a program that does not end leaves no signature', async () => {
    const signature = join(folder, 'none')
    const { code, err } = await popek(['run', system, program, ...small, '--signature', signature, '--steps', '3'])
    expect([code, existsSync(signature)]).toEqual([1, false])
    expect(err).toContain('no signature was written')
  })

  test('starts again after a reset, and ends when nothing will wake the guest', async () => {
    expect(await json<Document>(['run', system, image, ...small, '--keyboard', 'arbw'])).toMatchObject({ code: 0, stop: 'waiting', printed: 'arbw' })
  })

  test('from flash, whose contents last over resets, and whose files stay as they are', async () => {
    const argv = ['run', system, file('to-flash.bin', raw(toFlash)), ...small, ...flashOptions] as const
    expect(await json<Document>([...argv, '--steps', '1000'])).toMatchObject({ code: 0xf8, stop: 'exit', exitCode: 0xf8 })
    expect([...readFileSync(flashOptions[3])]).toEqual([0xff, 0xff, 0xff, 0xff])
    const half = join(folder, 'half')
    expect(await json<Document>([...argv, '--steps', '30', '--save', half])).toMatchObject({ code: 0, stop: 'limit' })
    expect(await json<Document>(['run', system, half, '--steps', '1000'])).toMatchObject({ stop: 'exit', exitCode: 0xf8 })
  })

  test('is reproduced by its inputs, up to the steps allowed', async () => {
    const runs = await Promise.all([1, 2].map(() => json<Document>(['run', system, image, ...small, '--keyboard', 'abc', '--steps', '100000'])))
    expect(runs[0]).toMatchObject({ code: 0, stop: 'limit', steps: 100_000, printed: 'abc' })
    expect({ ...runs[0], seconds: 0 }).toEqual({ ...runs[1], seconds: 0 })
  })

  test('that is only asked for its device tree writes the one the guest would find', async () => {
    const path = join(folder, 'tree.dtb'), argv = ['run', system, image, ...small, '--append', 'hello'] as const
    expect(await json(([...argv, '--device-tree', path]))).toEqual({ code: 0, system, image, deviceTree: path })
    const tree = readFileSync(path)
    expect([tree.readUInt32BE(0), tree.readUInt32BE(4)]).toEqual([0xd00d_feed, tree.length])
    expect(tree.includes('bootargs') && tree.includes('hello')).toBe(true)
    expect(await popek([...argv, '--device-tree', path])).toEqual({ code: 0, out: '', err: '' })
  })

  test('that awaits a text ends at once when it is printed, and has failed when it is not', async () => {
    const until = (text: string, keys: string): Promise<Document> => json(['run', system, image, ...small, '--keyboard', keys, '--until', text])
    expect([await until('bc', 'abcbcq'), await until('a', 'aaq')]).toMatchObject([{ code: 0, stop: 'until', printed: 'abc' }, { code: 0, stop: 'until', printed: 'a' }])
    const failed = async (...argv: readonly string[]): Promise<readonly [number, string, string]> => {
      const { code, out, err } = await popek(['run', system, ...argv, ...small, '--until', 'xy'])
      return [code, out, err]
    }
    const missing = expect.stringContaining('the console has not printed "xy"') as unknown
    expect(await failed(image, '--keyboard', 'xw')).toMatchObject([1, 'xw', missing])
    expect(await failed(image, '--keyboard', 'x', '--steps', '50000')).toMatchObject([1, 'x', missing])
    expect(await failed(image, '--keyboard', 'xq')).toMatchObject([3, 'xq', expect.not.stringContaining('has not printed') as unknown])
    expect(await failed(program)).toMatchObject([3, 'h', expect.stringContaining('exit code 3') as unknown])
    expect((await popek(['run', system, program, ...small, '--until', 'h'])).code).toBe(0)
    expect((await popek(['run', system, program, ...small, '--until', 'h', '--signature', join(folder, 'unwritten')])).code).toBe(1)
    expect((await popek(['run', system, image, '--until', ''])).code).toBe(2)
  })

  test('says what it took', async () => {
    expect((await popek(['run', system, image, ...small, '--keyboard', 'w', '--stats'])).err).toMatch(/[\d,]+ instructions, [\d.]+ s \([\d.]+ million a second\), [\d.]+ s for the guest/)
  })

  test('leaves on Ctrl-A X, with the keys before it typed', async () => {
    expect(await popek(['run', system, image, ...small], { typed: 'ab\u0001xq' })).toEqual({ code: 0, out: 'ab', err: '' })
  })

  test('an interrupt ends it with 130', async () => {
    const { code, err } = await popek(['run', system, image, ...small, '--keyboard', 'a'], { signal: AbortSignal.abort() })
    expect(code).toBe(130)
    expect(err).toContain('interrupted after')
  })
})

describe('a commit log', () => {
  const logged = async (name: string, argv: readonly string[], signal?: AbortSignal): Promise<{ ran: Awaited<ReturnType<typeof popek>>, text: string }> => {
    const path = join(folder, name)
    const ran = await popek(['run', system, ...argv, ...small, '--commit-log', path], signal ? { signal } : {})
    return { ran, text: readFileSync(path, 'utf8') }
  }

  test('has a line for each instruction, and changes nothing about the run', async () => {
    const argv = [image, '--keyboard', 'abq', '--json']
    const { ran, text } = await logged('log', argv), plain = await popek(['run', system, ...argv, ...small])
    const [run, without] = [ran, plain].map(({ out }) => ({ ...JSON.parse(out) as { steps: number }, seconds: 0 }))
    expect(run).toEqual(without)
    const all = text.split('\n')
    expect([all.length, all.at(-1)]).toEqual([run!.steps + 1, ''])
    expect(all[0]).toBe('core   0: 3 0x0000000000001000 (0x00000297) x5  0x0000000000001000')
    expect(all.filter((line) => !/^core {3}0: 3 0x[0-9a-f]{16} \(0x[0-9a-f]{8}\)( x\d+ +0x[0-9a-f]{16})?( mem 0x[0-9a-f]{16}( 0x[0-9a-f]{2,16})?)?$/.test(line))).toEqual([''])
  })

  test('goes to standard error for -', async () => {
    expect((await popek(['run', system, image, ...small, '--keyboard', 'q', '--commit-log', '-'])).err).toMatch(/^core {3}0: 3 0x0000000000001000/)
  })

  test('is whole up to where a run is interrupted', async () => {
    const { ran, text } = await logged('interrupted', [image, '--keyboard', 'a'], AbortSignal.abort())
    expect([ran.code, text.endsWith('\n')]).toEqual([130, true])
  })

  test('that cannot be written is refused', async () => {
    expect(await popek(['run', system, image, ...small, '--keyboard', 'q', '--commit-log', join(folder, 'no', 'log')])).toMatchObject({ code: 2, out: '', err: expect.stringContaining('cannot write the commit log') as unknown })
  })

  test.skipIf(!existsSync('/dev/full'))('whose place is full ends the run', async () => {
    expect(await popek(['run', system, image, ...small, '--keyboard', 'q', '--commit-log', '/dev/full'])).toMatchObject({ code: 2, err: expect.stringContaining('no space is left') as unknown })
  })
})

describe('a snapshot', () => {
  const saved = (name: string, keys: string, ...more: readonly string[]): Promise<string> => {
    const path = join(folder, name)
    return popek(['run', system, image, ...small, '--keyboard', keys, '--steps', '60000', '--save', path, ...more]).then(() => path)
  }

  test('goes on as the run would have', async () => {
    const path = await saved('half', 'abcdefghijklq')
    const whole = await json<{ printed: string; steps: number }>(['run', system, image, ...small, '--keyboard', 'abcdefghijklq'])
    const first = await json<{ printed: string; steps: number }>(['run', system, image, ...small, '--keyboard', 'abcdefghijklq', '--steps', '60000'])
    const rest = await json<{ printed: string; steps: number }>(['run', system, path])
    expect(first.printed.length).toBeGreaterThan(0)
    expect(rest.printed.length).toBeGreaterThan(0)
    expect([first.printed + rest.printed, first.steps + rest.steps, rest.code]).toEqual([whole.printed, whole.steps, 3])
  })

  test('of another version, damaged, cut off, or with another disk is refused', async () => {
    const path = await saved('whole', 'ab')
    const bytes = readFileSync(path)
    const refusal = async (spoilt: Uint8Array, ...more: readonly string[]): Promise<string> => {
      const { code, err, out } = await popek(['run', system, file('spoilt', spoilt), '--steps', '1000', ...more])
      expect([code, out]).toEqual([2, ''])
      return err
    }
    expect((await popek(['run', system, path, '--steps', '1000'])).code).toBe(0)
    expect(await refusal(Buffer.from(bytes.toString('latin1').replace(/"version":\d+/, '"version":1'), 'latin1'))).toContain('version 1')
    for (const length of [bytes.length - 1, 1000, 10]) expect(await refusal(bytes.subarray(0, length))).toContain('cut off')
    const changed = Buffer.from(bytes)
    changed[bytes.length - 100]! ^= 1
    expect(await refusal(changed)).toContain('damaged')
    const sealed = (content: Uint8Array): Uint8Array => Buffer.concat([content, createHash('sha256').update(content).digest()])
    const content = bytes.subarray(0, bytes.length - 32)
    expect((await popek(['run', system, file('sealed', sealed(content)), '--steps', '1000'])).code).toBe(0)
    for (const [other, why] of [[content.subarray(0, content.length - 1), 'less than its RAM'], [Buffer.concat([content, Buffer.alloc(5)]), 'more than its RAM'], [Buffer.from(content).fill(0xff, content.length - 9), 'cannot be resumed'], [content.subarray(0, content.indexOf('\n') + 3), 'cannot be resumed']] as const) {
      expect(await refusal(sealed(other))).toContain(why)
    }
    expect(await refusal(bytes, '--disk', file('disk', new Uint8Array(512)))).toContain('no disk')
    expect(await refusal(bytes, '--memory', '8')).toContain('its own memory')
    expect(await refusal(bytes, '--mmu', 'sv48')).toContain('its own hart')
    expect(await refusal(bytes, '--device-tree', join(folder, 'none'))).toContain('its own device tree')
  })

  test('starts again after a reset, though its image is gone, and is saved with it', async () => {
    const gone = file('gone.bin', raw(echoes)), whole = await json<{ printed: string; steps: number }>(['run', system, gone, ...small, '--keyboard', 'abcrdrefq'])
    const first = join(folder, 'first'), second = join(folder, 'second')
    const runs: { code: number; printed: string; steps: number }[] = []
    for (const argv of [[gone, ...small, '--keyboard', 'abcrdrefq', '--until', 'b', '--save', first], [first, '--until', 'cr', '--save', second], [second]]) {
      runs.push(await json(['run', system, ...argv]))
      rmSync(gone, { force: true })
    }
    expect(runs.map(({ code, printed }) => [code, printed])).toEqual([[0, 'ab'], [0, 'cr'], [3, 'drefq']])
    expect(runs.reduce((sum, { steps }) => sum + steps, 0)).toBe(whole.steps)
  })

  test('is written on Ctrl-A S, where that was said, and the run goes on', async () => {
    const path = join(folder, 'typed')
    expect(await popek(['run', system, image, ...small, '--save', path], { typed: 'a\u0001sq' })).toMatchObject({ code: 3, out: 'aq', err: expect.stringContaining(`saved to ${path}`) as unknown })
    expect(await popek(['run', system, path], { typed: 'bq' })).toMatchObject({ code: 3, out: 'abq' })
    expect(await popek(['run', system, image, ...small], { typed: 'a\u0001sq' })).toMatchObject({ code: 3, out: 'aq', err: expect.stringContaining('nothing is saved: --save FILE') as unknown })
    expect(await popek(['run', system, image, ...small, '--save', '/dev/full'], { typed: 'a\u0001sq' })).toMatchObject({ code: 3, out: 'aq', err: expect.stringContaining('cannot write the snapshot /dev/full: no space is left') as unknown })
  })

  test('is written where an awaited text ends the run, and goes on behind it', async () => {
    const path = join(folder, 'awaited')
    expect(await popek(['run', system, image, ...small, '--keyboard', 'abcq', '--until', 'b', '--save', path])).toMatchObject({ code: 0, out: 'ab' })
    expect(await popek(['run', system, path])).toMatchObject({ code: 3, out: 'cq' })
  })

  test('may take the place of itself', async () => {
    const path = await saved('again', 'ab')
    for (let n = 0; n < 2; n++) expect((await popek(['run', system, path, '--steps', '10', '--save', path])).code).toBe(0)
  })

  test('goes on with its disk as it was, and with no other', async () => {
    const disk = file('kept.img', new Uint8Array(1024)), path = await saved('with-disk', 'ab', '--disk', disk)
    const resumed = async (): Promise<readonly [number, string]> => {
      const { code, err } = await popek(['run', system, path, '--disk', disk, '--steps', '1000'])
      return [code, err]
    }
    expect(await resumed()).toMatchObject([0, expect.stringContaining('stopped')])
    file('kept.img', new Uint8Array(1024).fill(1, 1023))
    expect(await resumed()).toMatchObject([2, expect.stringContaining('is not as it was')])
  })
})

test('a guest waits while nobody reads what it prints, and is ended none the less', async () => {
  const stop = new AbortController()
  let asked = 0
  const { code, out } = await popek(['run', system, file('prints.bin', raw([0x1000_02b7, 0x0790_0313, 0x0062_8023, 0xffdf_f06f])), ...small, '--steps', '50000000'], {
    signal: stop.signal,
    full: async (until) => {
      asked++
      setTimeout(() => stop.abort(), 20)
      await once(until, 'abort')
    },
  })
  expect([code, asked]).toEqual([130, 1])
  expect(out).toMatch(/^y+$/)
})

describe('bad input ends with 2 and one message', () => {
  const disk = file('good.img', new Uint8Array(1024))
  const readOnly = file('read-only.img', new Uint8Array(512))
  chmodSync(readOnly, 0o444)
  const truncated = file('truncated.elf', elf(raw(tests), programParts).subarray(0, 150))
  const wide = file('wide.elf', elf(raw(tests), { memory: 8 * 2 ** 20 }))
  const cases: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['a missing image', [join(folder, 'nothing')], /cannot read the image .*: there is no such file/],
    ['an empty image', [file('empty', '')], /is empty/],
    ['a truncated ELF file', [truncated], /it is truncated/],
    ['a foreign ELF file', [file('foreign.elf', elf(raw(tests), { machine: 183 }))], /AArch64/],
    ['a compressed image', [file('image.gz', gzipSync(raw(echoes)))], /compressed \(gzip\)/],
    ['an image larger than memory', [wide, ...small], /does not fit.*--memory/],
    ['a raw image larger than memory', [file('big.bin', new Uint8Array(2 ** 20 + 1)), '--memory', '1'], /does not fit/],
    ['an image that begins below memory', [file('below.elf', elf(raw(tests), { headers: true, virtual: ramStart - 4 }))], /does not fit: it takes 0x7ffffffc to/],
    ['an image elsewhere', [file('low.elf', elf(raw(tests), { virtual: 0x1000 }))], /does not fit/],
    ['an image above 2^53, with its exact address', [file('high.elf', elf(raw(tests), { virtual: 0x80_0000_0000_0004n, entry: 0x80_0000_0000_0004n, memory: 5 * 8 }))], /does not fit: it takes 0x80000000000004 to 0x8000000000002c/],
    ['an image that leaves no room for the device tree', [file('full.bin', new Uint8Array(2 ** 20)), '--memory', '1'], /device tree.*lies over/],
    ['a kernel over the image', [wide, '--kernel', image, '--memory', '16'], /lies over/],
    ['an image that has no end', ['/dev/zero'], /image \/dev\/zero is no file/],
    ['an initial RAM disk that has no end', [image, '--initrd', '/dev/zero'], /initial RAM disk \/dev\/zero is no file/],
    ['an empty flash image', [image, '--flash', file('empty-flash', '')], /flash image .* is empty/],
    ['a flash image larger than a bank', [image, '--flash', file('wide-flash', new Uint8Array(2 ** 25 + 1))], /33554433 bytes, and a bank of flash 33554432/],
    ['more flash images than banks', [image, ...flashOptions, '--flash', image], /2 banks of flash, and 3/],
    ['memory that leaves no room for flash', [image, ...flashOptions, '--memory', '4000'], /room for 3968 MiB of memory, and 4000/],
    ['a snapshot over a flash image', [image, ...flashOptions, '--save', flashOptions[1]], /is the flash/],
    ['an empty initial RAM disk', [image, '--initrd', file('empty-initrd', '')], /is empty/],
    ['a disk given twice', [image, '--disk', disk, '--disk', join(folder, '..', basename(folder), 'good.img')], /is the disk, and given as the disk too/],
    ['a snapshot over the image', [image, '--save', image], /is the image, and given as the snapshot too/],
    ['a signature over the kernel', [program, '--kernel', image, '--signature', image], /is the kernel, and given as the signature too/],
    ['a commit log over a disk', [image, '--disk', disk, '--commit-log', disk], /is the disk, and given as the commit log too/],
    ['two outputs in one file', [program, '--save', join(folder, 'one'), '--signature', join(folder, 'one')], /one is the signature, and given as the snapshot too/],
    ['a missing kernel', [image, '--kernel', join(folder, 'nothing')], /cannot read the kernel/],
    ['a missing disk', [image, '--disk', join(folder, 'nothing')], /cannot open the disk image/],
    ['a read-only disk', [image, '--disk', readOnly], /is read-only/],
    ['a missing read-only disk', [image, '--disk', join(folder, 'nothing'), '--read-only'], /cannot open the disk image .* for reading: /],
    ['a folder as a disk', [image, '--disk', folder], /disk image/],
    ['a disk of half a sector', [image, '--disk', file('half.img', new Uint8Array(700))], /multiple of 512/],
    ['a disk in QEMU\'s own format', [image, '--disk', file('disk.qcow2', Buffer.from(`QFI\u00fb${'\0'.repeat(508)}`, 'latin1'))], /QCOW, and a raw one/],
    ['more devices than places', [image, '--rng', ...Array.from({ length: 8 }, () => ['--disk', disk]).flat()], /8 places/],
    ['no signature in the program', [image, '--signature', join(folder, 'sig')], /begin_signature/],
    ['tohost outside memory', [file('far.elf', elf(raw(tests), { symbols: { tohost: 0x1000 } }))], /tohost, 0x1000, is not in memory/],
    ['tohost above 2^53', [file('farther.elf', elf(raw(tests), { symbols: { tohost: 0x80_0000_0000_0004n } }))], /tohost, 0x80000000000004, is not in memory/],
    ['a signature that cannot be written', [program, '--signature', join(folder, 'no', 'sig')], /cannot write the signature/],
    ['a snapshot that cannot be written', [image, '--save', folder], /cannot write the snapshot/],
    ['memory of nothing', [image, '--memory', '0'], /from 1 to/],
    ['arguments that are not ASCII', [image, '--append', 'ü'], /ASCII/],
    ['an option of other systems', [image, '--size', '32'], /has no option --size/],
  ]
  test.each(cases)('%s', async (_, argv, message) => {
    const { code, out, err } = await popek(['run', system, ...argv, '--keyboard', 'q'])
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(message)
  })

  test('the twin of all of them runs', async () => {
    expect((await popek(['run', system, image, '--disk', disk, ...small, '--append', 'x', '--keyboard', 'q', '--signature-granularity', '4'])).code).toBe(3)
    expect((await popek(['run', system, image, '--disk', readOnly, '--disk', readOnly, '--read-only', ...small, '--keyboard', 'q'])).code).toBe(3)
    const { code, err } = await popek(['run', 'third-generation/cpu', 'hello', '--disk', disk])
    expect([code, err]).toEqual([2, expect.stringContaining('has no option --disk')])
  })
})
