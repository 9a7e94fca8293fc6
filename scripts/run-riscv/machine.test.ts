import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openDisk } from './disk-file.ts'
import { bootMachine, buildMachine, type Configuration } from './machine.ts'
import { elf, raw } from './programs.fixture.ts'
import { readSnapshot, resumeMachine, writeSnapshot } from './snapshot.ts'

const folder = mkdtempSync(join(tmpdir(), 'popek-machine-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = (name: string, bytes: Uint8Array): string => {
  writeFileSync(join(folder, name), bytes)
  return join(folder, name)
}

const configuration: Configuration = { memory: 16, seed: 1, legacyVirtio: false, rng: false, virtioConsole: false, readOnly: false, hart: { mmu: 'sv39', misaligned: 'done', accessedDirty: 'update', timer: 'supervisor' } }
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
    const { board } = buildMachine({ ...configuration, ...more }, surroundings)
    return [0, 1].map((slot) => BigInt(board.load(0x1000_1008 + 0x1000 * slot, 4)!))
  }
  expect([identities({}), identities({ rng: true }), identities({ rng: true, virtioConsole: true }), identities({ virtioConsole: true })]).toEqual([[0n, 0n], [4n, 0n], [4n, 3n], [3n, 0n]])
})

test('keys go to the console that there is', () => {
  const serial = buildMachine(configuration, surroundings), virtio = buildMachine({ ...configuration, virtioConsole: true }, surroundings)
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

test('a disk that is opened read-only says so to its driver', () => {
  const features = (readOnly: boolean): bigint => {
    const disk = openDisk(file('disk', new Uint8Array(512)), readOnly)
    disk.close()
    return BigInt(buildMachine(configuration, { ...surroundings, disks: [disk] }).board.load(0x1000_1010, 4)!) & 1n << 5n
  }
  expect([features(true), features(false)]).toEqual([1n << 5n, 0n])
})

test('a snapshot keeps what was typed at either console', () => {
  const resumed = (virtioConsole: boolean): readonly number[] => {
    const of = { ...configuration, virtioConsole }
    const machine = bootMachine(of, { image: file('image', spin) }, surroundings)
    machine.type(Buffer.from('typed ahead'))
    const written = writeSnapshot(machine, { configuration: of, steps: 0, disks: [] })
    return resumeMachine(readSnapshot(written, 'here'), 'here', surroundings).typed()
  }
  expect([resumed(true), resumed(false)].map((keys) => Buffer.from(keys).toString())).toEqual(['typed ahead', 'typed ahead'])
})
