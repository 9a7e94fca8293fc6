import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, lstatSync, mkdtempSync, openSync, readFileSync, readSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { outputFile, sameFile, standardStream, writeWhole } from './files.ts'

const folder = mkdtempSync(join(tmpdir(), 'popek-files-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('the file behind a link is replaced, and the link stays', () => {
  const file = join(folder, 'file'), link = join(folder, 'link')
  writeFileSync(file, 'before')
  symlinkSync('file', link)
  outputFile(link, 'output').write('after')
  expect([readFileSync(file, 'utf8'), lstatSync(link).isSymbolicLink()]).toEqual(['after', true])
  expect([sameFile(file, link), sameFile(file, join(folder, 'other')), sameFile('/dev/null', '/dev/null')]).toEqual([true, false, false])
})

test('what is written piece by piece is there as a whole, or not at all', () => {
  const file = join(folder, 'pieces'), output = outputFile(file, 'output')
  const pieces = function* (ends: boolean): Generator<Uint8Array> {
    yield Buffer.from('one')
    if (!ends) throw new Error('it stops here')
    yield Buffer.from('two')
  }
  output.write(pieces(true))
  expect(readFileSync(file, 'utf8')).toBe('onetwo')
  expect(() => output.write(pieces(false))).toThrow('cannot write the output')
  expect([readFileSync(file, 'utf8'), readdirSync(folder).filter((name) => name.endsWith('.tmp'))]).toEqual(['onetwo', []])
})

test('what cannot be a file is refused before there is anything to write', () => {
  for (const [path, why] of [['', /no such file/], [`${folder}/new/`, /it is a folder/], [folder, /it is a folder/], [join(folder, 'no', 'file'), /no such file/]] as const) expect(() => outputFile(path, 'output')).toThrow(why)
  expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([])
})

test('a path to a standard stream is that stream, and no other', () => {
  expect([standardStream('/proc/self/fd/1') !== undefined, standardStream('/proc/self/fd/2') !== undefined, standardStream(folder), standardStream(join(folder, 'none'))]).toEqual([true, true, undefined, undefined])
})

test('a pipe is written to, and stays one', () => {
  const pipe = join(folder, 'pipe')
  spawnSync('mkfifo', [pipe])
  const reader = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK), read = Buffer.alloc(16)
  outputFile(pipe, 'output').write('text')
  expect(read.toString('latin1', 0, readSync(reader, read))).toBe('text')
  closeSync(reader)
  expect(statSync(pipe).isFIFO()).toBe(true)
  expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([])
})

test('a pipe that is full is waited for', async () => {
  // As standard output is: what is written to it at once is refused when its reader is slow.
  const slow = (): { readonly child: ReturnType<typeof spawn>; readonly descriptor: number } => {
    const child = spawn('sh', ['-c', 'sleep 0.2; wc -c'], { stdio: ['pipe', 'pipe', 'ignore'] })
    return { child, descriptor: (child.stdin as unknown as { readonly _handle: { readonly fd: number } })._handle.fd }
  }
  const much = new Uint8Array(2 ** 22), { child, descriptor } = slow(), other = slow()
  expect(() => writeFileSync(other.descriptor, much)).toThrow('EAGAIN')
  other.child.kill()
  writeWhole(descriptor, much)
  child.stdin!.end()
  const [read] = await once(child.stdout!, 'data') as [Buffer]
  expect(Number(String(read))).toBe(much.length)
})
