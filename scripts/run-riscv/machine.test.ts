import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openContent, type Content, type Source } from './content.ts'
import { openDisk } from './disk-file.ts'
import { bootMachine, buildMachine, type Configuration, type Files } from './machine.ts'
import { elf, raw } from './programs.fixture.ts'
import { readSnapshot, resumeMachine, snapshotPieces } from './snapshot.ts'

const folder = mkdtempSync(join(tmpdir(), 'popek-machine-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = (name: string, bytes: Uint8Array): Content => ({ path: name, bytes: bytes.length, read: () => bytes })

const configuration: Configuration = { memory: 16, seed: 1, legacyVirtio: false, rng: false, virtioConsole: false, readOnly: false, hart: { mmu: 'sv39', misaligned: 'done', misalignedAtomics: 'trap', accessedDirty: 'update', timer: 'supervisor' } }
const surroundings = { disks: [], print: () => {} }
const spin = raw([0x0000_006f])

test('the hart comes out of the ROM at the image, with its number, the device tree and the next stage', () => {
  const { board, hart } = bootMachine(configuration, { image: file('image', spin), kernel: file('kernel', elf(spin, { virtual: 0x8040_0000 })) }, surroundings)
  expect(board.run(100, true)).toEqual({ kind: 'limit' })
  const tree = 0x80e0_0000
  expect([hart.pc, hart.x[10], hart.x[11]]).toEqual([0x8000_0000n, 0n, BigInt(tree)])
  const dynamic = Number(hart.x[12])
  expect([0, 8, 16, 24].map((o) => BigInt(board.load(dynamic + o, 8)!))).toEqual([0x4942_534fn, 2n, 0x8040_0000n, 1n])
  expect(new DataView(hart.ram.buffer, hart.ram.byteOffset).getUint32(tree - 0x8000_0000)).toBe(0xd00d_feed)
})

test('the device tree holds the arguments and where the initial RAM disk lies', () => {
  const { hart } = bootMachine(configuration, { image: file('image', spin), initrd: file('initrd', Uint8Array.of(1, 2, 3)), append: 'root=/dev/vda quiet' }, surroundings)
  const start = 0x20_0000 + 8 * 2 ** 20
  expect([...hart.ram.subarray(start, start + 4)]).toEqual([1, 2, 3, 0])
  const tree = Buffer.from(hart.ram.subarray(0xe0_0000)).toString('latin1')
  expect(tree).toContain('root=/dev/vda quiet\0')
  expect(tree).toContain('\0\0\0\0\u0080\u00a0\0\u0003')
  expect(bootMachine(configuration, { image: file('image', spin) }, surroundings).hart.ram.subarray(start, start + 3)).toEqual(new Uint8Array(3))
})

test('devices take their slots in order: disks, entropy, console', () => {
  const identities = (more: Partial<Configuration>): readonly bigint[] => {
    const { board } = buildMachine({ ...configuration, ...more }, {}, surroundings)
    return [0, 1].map((slot) => BigInt(board.load(0x1000_1008 + 0x1000 * slot, 4)!))
  }
  expect([identities({}), identities({ rng: true }), identities({ rng: true, virtioConsole: true }), identities({ virtioConsole: true })]).toEqual([[0n, 0n], [4n, 0n], [4n, 3n], [3n, 0n]])
})

test('keys go to the console that there is', () => {
  const serial = buildMachine(configuration, {}, surroundings), virtio = buildMachine({ ...configuration, virtioConsole: true }, {}, surroundings)
  for (const machine of [serial, virtio]) machine.type([65])
  expect([serial.typed(), serial.board.uart.waiting, virtio.typed(), virtio.board.uart.waiting]).toEqual([[65], 1, [65], 0])
})

test('the device tree says what the hart is', () => {
  const says = (more: Partial<Configuration['hart']>): readonly boolean[] => {
    const { hart } = bootMachine({ ...configuration, hart: { ...configuration.hart, ...more } }, { image: file('image', spin) }, surroundings)
    const tree = Buffer.from(hart.ram.subarray(0xe0_0000)).toString('latin1')
    return [tree.includes('riscv,sv39\0'), tree.includes('riscv,sv48\0'), tree.includes('_sstc\0'), hart.options.sv48, hart.options.sstc]
  }
  expect([says({}), says({ mmu: 'sv48' }), says({ timer: 'machine' })]).toEqual([[true, false, true, false, true], [false, true, true, true, true], [true, false, false, false, false]])
})

test('misaligned accesses are as they are asked for', () => {
  const { options } = buildMachine({ ...configuration, hart: { ...configuration.hart, misaligned: 'access-fault', misalignedAtomics: 'access-fault' } }, {}, surroundings).hart
  expect([options.misaligned, options.misalignedAtomics]).toEqual(['access-fault', 'access-fault'])
})

test('a disk that is opened read-only says so to its driver', () => {
  const features = (readOnly: boolean): bigint => {
    const path = join(folder, 'disk')
    writeFileSync(path, new Uint8Array(512))
    const disk = openDisk(path, readOnly)
    disk.close()
    return BigInt(buildMachine(configuration, {}, { ...surroundings, disks: [disk] }).board.load(0x1000_1010, 4)!) & 1n << 5n
  }
  expect([features(true), features(false)]).toEqual([1n << 5n, 0n])
})

const inMemory = (bytes: Uint8Array): Source => ({ path: 'here', bytes: bytes.length, readAt: (position, into) => Buffer.from(bytes).copy(into, 0, position) })
const roomy: Configuration = { ...configuration, memory: 64 }
const files: Files = { image: file('image', spin), kernel: file('kernel', elf(spin, { virtual: 0x8040_0000 })), initrd: file('initrd', new Uint8Array(5 * 2 ** 20).fill(1, 3)), append: 'quiet' }

const noLock = spawnSync('flock', ['--version']).error !== undefined && !process.env['CI']
if (noLock) console.warn('not tried: locks on disks, for which Debian has flock in the package util-linux')
test.skipIf(noLock)('a disk that is written is no other process\'s, until it is closed or its process is killed', async () => {
  const path = join(folder, 'locked')
  writeFileSync(path, new Uint8Array(512))
  const tried = (readOnly: boolean): string => {
    try {
      openDisk(path, readOnly).close()
      return 'opened'
    } catch (error) {
      return (error as Error).message
    }
  }
  const writer = openDisk(path, false)
  expect([tried(false), tried(true)]).toEqual([expect.stringMatching(/locked is in use: another process has it as a disk$/), expect.stringMatching(/, and writes it$/)])
  writer.close()
  const reader = openDisk(path, true)
  expect([tried(false), tried(true)]).toEqual([expect.stringContaining('is in use'), 'opened'])
  reader.close()
  expect(tried(false)).toBe('opened')
  const other = spawn('flock', ['-x', path, 'cat'], { stdio: ['pipe', 'pipe', 'ignore'], detached: true })
  try {
    other.stdin.write('held')
    await once(other.stdout, 'data')
    expect(tried(false)).toContain('is in use')
  } finally {
    process.kill(-other.pid!, 'SIGKILL')
    await once(other, 'close')
  }
  expect(tried(false)).toBe('opened')
})

test('a snapshot keeps what was typed at either console', () => {
  const resumed = (virtioConsole: boolean): readonly number[] => {
    const of = { ...roomy, virtioConsole }
    const machine = bootMachine(of, files, surroundings)
    machine.type(Buffer.from('typed ahead'))
    const written = Buffer.concat([...snapshotPieces(machine, files, { configuration: of, steps: 0, disks: [] })])
    return resumeMachine(readSnapshot(inMemory(written)), surroundings).typed()
  }
  expect([resumed(true), resumed(false)].map((keys) => Buffer.from(keys).toString())).toEqual(['typed ahead', 'typed ahead'])
})

test('a snapshot keeps the files that its machine starts again from', () => {
  const machine = bootMachine(roomy, files, surroundings)
  const written = Buffer.concat([...snapshotPieces(machine, files, { configuration: roomy, steps: 0, disks: [] })])
  const { files: kept } = readSnapshot(inMemory(written))
  expect(kept.append).toBe('quiet')
  for (const name of ['image', 'kernel', 'initrd'] as const) expect([kept[name]!.path, Buffer.from(kept[name]!.read()).equals(files[name]!.read())]).toEqual([name, true])
  const again = bootMachine(roomy, kept, surroundings)
  expect(Buffer.from(again.hart.ram).equals(machine.hart.ram)).toBe(true)
  expect(Buffer.concat([...snapshotPieces(again, kept, { configuration: roomy, steps: 0, disks: [] })]).equals(written)).toBe(true)
})

test('no piece of a snapshot is large, written or read, and zeros cost nothing', () => {
  const machine = bootMachine(roomy, files, surroundings), most = 5 * 2 ** 20
  crypto.getRandomValues(machine.hart.ram.subarray(2 ** 20, 2 ** 20 + 2 ** 16))
  const pieces = [...snapshotPieces(machine, files, { configuration: roomy, steps: 0, disks: [] })], written = Buffer.concat(pieces), source = inMemory(written)
  expect(written.length).toBeLessThan(2 ** 18)
  expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThan(most)
  const read: number[] = []
  const snapshot = readSnapshot({ ...source, readAt: (position, into) => (read.push(into.length), source.readAt(position, into)) })
  expect(Buffer.from(resumeMachine(snapshot, surroundings).hart.ram).equals(machine.hart.ram)).toBe(true)
  expect(Math.max(...read)).toBeLessThan(most)
})

test('a snapshot of more than 2 GiB is read, as far as it is one', () => {
  const path = join(folder, 'large'), large = 3 * 2 ** 30
  writeFileSync(path, '{"format":"popek-snapshot","version":1}\n')
  truncateSync(path, large)
  const content = openContent(path, 'image')
  try {
    expect([content.bytes, content.readAt(large - 3, Buffer.alloc(8))]).toEqual([large, 3])
    expect(() => readSnapshot(content)).toThrow('is of version 1')
    expect(() => content.read()).toThrow('larger than 2 GiB')
  } finally {
    content.close()
  }
})
