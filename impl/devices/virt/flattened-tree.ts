// Flattening a device tree (Devicetree Specification 0.4, chapter 5, format version 17).

/** A property: text, cells of 32 bits, bytes, or nothing at all. A list of texts is one property with several strings. */
export type Property = string | readonly string[] | readonly number[] | Uint8Array | true

export interface TreeNode {
  readonly properties?: Readonly<Record<string, Property>>
  readonly children?: Readonly<Record<string, TreeNode>>
}

const magic = 0xd00d_feed
const version = 17
const compatibleVersion = 16
const headerBytes = 40
/** One entry of 16 zero bytes ends the memory reservations; there is no other. */
const reservationBytes = 16
const token = { beginNode: 1, endNode: 2, property: 3, end: 9 } as const

/** The blob, big endian. `bootHart` is the hart that starts. */
export const flatten = (root: TreeNode, bootHart = 0): Uint8Array => {
  const strings = new Strings()
  const words: number[] = []
  const put = (bytes: Uint8Array): void => {
    for (let i = 0; i < bytes.length; i += 4) {
      let word = 0
      for (let k = 0; k < 4; k++) word = word * 256 + (bytes[i + k] ?? 0)
      words.push(word)
    }
  }
  const node = (name: string, { properties = {}, children = {} }: TreeNode): void => {
    words.push(token.beginNode)
    put(ascii(`${name}\0`))
    for (const [key, property] of Object.entries(properties)) {
      const bytes = bytesOf(property)
      words.push(token.property, bytes.length, strings.place(key))
      put(bytes)
    }
    for (const [child, inside] of Object.entries(children)) node(child, inside)
    words.push(token.endNode)
  }
  node('', root)
  words.push(token.end)

  const names = strings.bytes()
  const structureStart = headerBytes + reservationBytes
  const stringsStart = structureStart + 4 * words.length
  const blob = new Uint8Array(stringsStart + names.length)
  const view = new DataView(blob.buffer)
  const header = [
    magic, blob.length, structureStart, stringsStart, headerBytes, version, compatibleVersion, bootHart, names.length, 4 * words.length,
  ]
  header.forEach((word, i) => view.setUint32(4 * i, word))
  words.forEach((word, i) => view.setUint32(structureStart + 4 * i, word))
  blob.set(names, stringsStart)
  return blob
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

/** Text is ASCII: of any other character the low byte is kept. */
const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0))

const isTexts = (list: readonly string[] | readonly number[]): list is readonly string[] => typeof list[0] === 'string'

/** The strings block: each name once. */
class Strings {
  private readonly places = new Map<string, number>()
  private length = 0

  place(name: string): number {
    const known = this.places.get(name)
    if (known !== undefined) return known
    const place = this.length
    this.places.set(name, place)
    this.length += name.length + 1
    return place
  }

  bytes(): Uint8Array {
    return ascii([...this.places.keys()].map((name) => `${name}\0`).join(''))
  }
}
