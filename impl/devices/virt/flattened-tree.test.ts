import { expect, test } from 'vitest'
import { cells64, flatten, type TreeNode } from './flattened-tree.ts'

/** An unflattener, for what `flatten` writes. */
const unflatten = (blob: Uint8Array): unknown => {
  const view = new DataView(blob.buffer)
  const [, , structure, strings] = [0, 4, 8, 12].map((o) => view.getUint32(o)) as [number, number, number, number]
  const text = (at: number): string => String.fromCharCode(...blob.subarray(at, blob.indexOf(0, at)))
  let place = structure
  const node = (): object => {
    const name = text(place + 4)
    place += 4 + (Math.floor(name.length / 4) + 1) * 4
    const properties: Record<string, number[]> = {}
    const children: object[] = []
    for (;;) {
      const token = view.getUint32(place)
      if (token === 1) children.push(node())
      else if (token === 3) {
        const length = view.getUint32(place + 4)
        properties[text(strings + view.getUint32(place + 8))] = [...blob.subarray(place + 12, place + 12 + length)]
        expect([...blob.subarray(place + 12 + length, place + 12 + Math.ceil(length / 4) * 4)].every((padding) => padding === 0)).toBe(true)
        place += 12 + Math.ceil(length / 4) * 4
      } else if (token === 2) {
        place += 4
        return { name, properties, children }
      } else throw new Error(`token ${token} at ${place}`)
    }
  }
  const root = node()
  expect([view.getUint32(place), place + 4 - structure]).toEqual([9, view.getUint32(36)])
  return root
}

const tree: TreeNode = {
  properties: { compatible: ['a,b', 'c'], model: 'x' },
  children: { 'cpu@0': { properties: { reg: [1, 0xffff_ffff], empty: true, blob: Uint8Array.of(1, 2, 3, 4, 5) }, children: { inner: { properties: { reg: [2] } } } }, other: {} },
}

test('a tree comes back from its blob', () => {
  expect(unflatten(flatten(tree))).toEqual({
    name: '', properties: { compatible: [97, 44, 98, 0, 99, 0], model: [120, 0] }, children: [
      { name: 'cpu@0', properties: { reg: [0, 0, 0, 1, 255, 255, 255, 255], empty: [], blob: [1, 2, 3, 4, 5] }, children: [{ name: 'inner', properties: { reg: [0, 0, 0, 2] }, children: [] }] },
      { name: 'other', properties: {}, children: [] },
    ],
  })
})

test('the header says where everything is, and each name is kept once', () => {
  const blob = flatten(tree, 3)
  const view = new DataView(blob.buffer)
  const header = Array.from({ length: 10 }, (_, i) => view.getUint32(4 * i))
  expect(header.slice(0, 2).concat(header.slice(4, 8))).toEqual([0xd00d_feed, blob.length, 48, 17, 16, 3])
  expect(header[8]).toBe('compatible model reg empty blob '.length)
  expect(header[3]! + header[8]!).toBe(blob.length)
})

test('a tree that needs more space, again and again, comes back whole', () => {
  const value = (bytes: number): Uint8Array => Uint8Array.from({ length: bytes }, (_, i) => 1 + (i * bytes) % 255)
  const sizes = [1, 3, 4, 8191, 65_537]
  const properties = Object.fromEntries([...Array.from({ length: 1000 }, (_, i) => [`p${i}`, value(i % 7)] as const), ...sizes.map((bytes) => [`of-${bytes}`, value(bytes)] as const)])
  const depths = Array.from({ length: 300 }).reduce<TreeNode>((inside, _, i) => ({ properties: { depth: [i] }, children: { [`n${i}`]: inside } }), {})
  const root = unflatten(flatten({ properties, children: { depths } })) as { readonly properties: object; readonly children: readonly object[] }
  expect(root.properties).toEqual(Object.fromEntries(Object.entries(properties).map(([name, bytes]) => [name, [...bytes]])))
  expect(JSON.stringify(root.children).match(/"depth"/g)).toHaveLength(300)
})

test('a number of 64 bits is two cells', () => {
  expect(cells64(0x1_8000_0002)).toEqual([1, 0x8000_0002])
})
