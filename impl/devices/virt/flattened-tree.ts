// A device tree, its properties' values, and its flattening (Devicetree Specification 0.4, chapters 2.2.4 and 5).
import { ascii, TreeWriter } from './libfdt/tree-writer.ts'

/** A property: text, cells of 32 bits, bytes, or nothing at all. A list of texts is one property with several strings. */
export type Property = string | readonly string[] | readonly number[] | Uint8Array | true

export interface TreeNode {
  readonly properties?: Readonly<Record<string, Property>>
  readonly children?: Readonly<Record<string, TreeNode>>
}

/** The blob (format version 17). `bootHart` is the hart that starts. */
export const flatten = (root: TreeNode, bootHart = 0): Uint8Array => {
  const writer = new TreeWriter()
  const node = (name: string, { properties = {}, children = {} }: TreeNode): void => {
    writer.beginNode(name)
    for (const [key, property] of Object.entries(properties)) writer.property(key, bytesOf(property))
    for (const [child, inside] of Object.entries(children)) node(child, inside)
    writer.endNode()
  }
  node('', root)
  return writer.finish(bootHart)
}

/** A 64-bit number as two cells. */
export const cells64 = (value: number): readonly [number, number] => [Math.floor(value / 2 ** 32), value % 2 ** 32]

const bytesOf = (property: Property): Uint8Array => {
  if (property === true) return new Uint8Array(0)
  if (property instanceof Uint8Array) return property
  if (typeof property === 'string') return ascii(`${property}\0`)
  if (isTexts(property)) return ascii(property.map((s) => `${s}\0`).join(''))
  const bytes = new Uint8Array(4 * property.length)
  property.forEach((cell, i) => new DataView(bytes.buffer).setUint32(4 * i, cell))
  return bytes
}

const isTexts = (list: readonly string[] | readonly number[]): list is readonly string[] => typeof list[0] === 'string'
