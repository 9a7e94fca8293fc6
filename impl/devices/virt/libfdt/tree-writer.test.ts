import { expect, test } from 'vitest'
import { TreeWriter } from './tree-writer.ts'

const written = (write: (writer: TreeWriter) => void) => (): Uint8Array => {
  const writer = new TreeWriter()
  write(writer)
  return writer.finish(0)
}
const value = Uint8Array.of(1, 2, 3)

test('a root is a tree', () => {
  const blob = written((w) => {
    w.beginNode('')
    w.endNode()
  })()
  expect(blob.length).toBe(new DataView(blob.buffer).getUint32(4))
})

test.each<readonly [string, (writer: TreeWriter) => void, RegExp]>([
  ['nothing', () => {}, /finished without its root/],
  ['a property before the root', (w) => w.property('a', value), /the property a .* does not follow/],
  ['a property behind the root', (w) => (w.beginNode(''), w.endNode(), w.property('a', value)), /the property a .* does not follow/],
  ['a property behind a child', (w) => (w.beginNode(''), w.beginNode('b'), w.endNode(), w.property('a', value)), /the property a .* does not follow/],
  ['two roots', (w) => (w.beginNode(''), w.endNode(), w.beginNode('')), /beside its root/],
  ['a root with a name', (w) => w.beginNode('a'), /cannot be called "a"/],
  ['a child without one', (w) => (w.beginNode(''), w.beginNode('')), /cannot be called ""/],
  ['a node that is not ended', (w) => w.beginNode(''), /finished inside 1 nodes/],
  ['a node that is ended twice', (w) => (w.beginNode(''), w.endNode(), w.endNode()), /ended that was not begun/],
  ['a tree that is finished twice', (w) => (w.beginNode(''), w.endNode(), w.finish(0)), /^fdt_finish: FDT_ERR_BADSTATE$/],
])('%s is no tree', (_, write, message) => expect(written(write)).toThrow(message))

test('names are those of the specification', () => {
  const node = (name: string) => written((w) => (w.beginNode(''), w.beginNode(name), w.endNode(), w.endNode()))
  const property = (name: string) => written((w) => (w.beginNode(''), w.property(name, value), w.endNode()))
  for (const name of ['a', 'a'.repeat(31), `${'a'.repeat(31)}@${'1'.repeat(31)}`, 'Cpu_a,b.c+d-e@0,1']) expect(node(name)).not.toThrow()
  for (const name of ['a'.repeat(32), `a@${'1'.repeat(32)}`, '0', '@0', 'a@', 'a@0@1', 'a/b', 'a b', 'a\0b', 'a\n', '\u00e4', '#a']) expect([name, node(name)]).toEqual([name, expect.toSatisfy(throws)])
  for (const name of ['a', '#a-cells', 'linux,a?', '0'.repeat(31)]) expect(property(name)).not.toThrow()
  for (const name of ['', 'a'.repeat(32), 'a@0', 'a/b', 'a b', 'a\0b', 'a\n', '\u00e4']) expect([name, property(name)]).toEqual([name, expect.toSatisfy(throws)])
})
const throws = (write: () => void): boolean => {
  try {
    write()
    return false
  } catch (error) {
    return /cannot be called/.test(String(error))
  }
}
