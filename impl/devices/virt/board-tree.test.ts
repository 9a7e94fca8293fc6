// The board's tree as dtc reads it: its blob, and its source, which dtc flattens itself.
import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { boardTree, type TreeOptions } from './board-tree.ts'
import { flatten, type Property, type TreeNode } from './flattened-tree.ts'

const dtc = (from: 'dts' | 'dtb', to: 'dts' | 'dtb', input: Uint8Array | string) => spawnSync('dtc', ['-q', '-I', from, '-O', to], { input, maxBuffer: 2 ** 24 })

const missing = dtc('dts', 'dtb', '/dts-v1/;\n/ { };\n').status !== 0
if (missing && process.env['CI']) throw new Error('dtc is missing: apt-get install device-tree-compiler')

const options: TreeOptions = {
  ramBytes: 2 ** 27, isa: 'rv64imafdc', addressTranslation: 'sv39', bootArguments: 'console=ttyS0 quiet', initrd: { start: 0x8820_0000, end: 0x8820_0123 },
  rngSeed: Uint8Array.from({ length: 32 }, (_, i) => i),
}

const text = (s: string): string => JSON.stringify(s)
const valueText = (property: Exclude<Property, true>): string => {
  if (typeof property === 'string') return text(property)
  if (property instanceof Uint8Array) return `[${Buffer.from(property).toString('hex')}]`
  return typeof property[0] === 'string' ? property.map((s) => text(String(s))).join() : `<${property.join(' ')}>`
}
const source = (name: string, { properties = {}, children = {} }: TreeNode): string => [
  `${name} {`, ...Object.entries(properties).map(([key, property]) => (property === true ? `${key};` : `${key} = ${valueText(property)};`)),
  ...Object.entries(children).map(([child, inside]) => source(child, inside)), '};',
].join('\n')

/** What dtc says of a blob. */
const read = (blob: Uint8Array): string => {
  const { status, stdout, stderr } = dtc('dtb', 'dts', blob)
  if (status !== 0) throw new Error(String(stderr))
  return String(stdout)
}

describe.skipIf(missing)(`dtc${missing ? ' (missing: apt-get install device-tree-compiler)' : ''}`, () => {
  const blob = flatten(boardTree(options))
  const wanted = missing ? '' : read(dtc('dts', 'dtb', `/dts-v1/;\n${source('/', boardTree(options))}`).stdout)

  test('reads the same from the blob and from the source', () => {
    expect(read(blob)).toBe(wanted)
    expect(wanted.match(/virtio_mmio@/g)).toHaveLength(8)
  })

  test('reads something else from another blob', () => {
    expect(read(flatten(boardTree({ ...options, bootArguments: 'console=ttyS0' })))).not.toBe(wanted)
    const changed = blob.slice()
    changed[changed.length >> 1]! ^= 1
    expect(() => expect(read(changed)).toBe(wanted)).toThrow()
  })

  test('refuses a blob that is cut', () => {
    expect(() => read(blob.subarray(0, blob.length - 1))).toThrow()
  })
})
