// The cells of a bank, of which there may be more than any store can hold: kept by blocks, made when they are first written.
import type { Bank } from '../ir/state.ts'

const blockBits = 12n, blockCells = 1 << Number(blockBits), inBlock = BigInt(blockCells - 1)
type Block = Uint8Array | BigUint64Array

export class Cells {
  readonly #cells: bigint
  readonly #width: number
  readonly #blocks = new Map<bigint, Block>()

  constructor({ cells, width, name }: Bank) {
    if (width > 64) throw new RangeError(`${name} has cells of ${width} bits, of which at most 64 can be kept`)
    this.#cells = BigInt(cells)
    this.#width = width
  }

  /** 0 where nothing was written, and where there is no cell. */
  get(index: bigint): bigint {
    const block = this.#blocks.get(index >> blockBits)
    return block === undefined ? 0n : BigInt(block[Number(index & inBlock)]!)
  }

  /** Keeps as many bits as a cell has; where there is no cell nothing is kept. */
  set(index: bigint, value: bigint): void {
    if (index >= this.#cells) return
    const number = index >> blockBits
    let block = this.#blocks.get(number)
    if (!block) this.#blocks.set(number, block = this.#width <= 8 ? new Uint8Array(blockCells) : new BigUint64Array(blockCells))
    const kept = BigInt.asUintN(this.#width, value), at = Number(index & inBlock)
    if (block instanceof Uint8Array) block[at] = Number(kept)
    else block[at] = kept
  }

  /** Makes every cell 0. */
  clear(): void {
    this.#blocks.clear()
  }

  /** What was ever written, by blocks: the index of the first cell of each, and the cells. */
  *blocks(): Iterable<readonly [index: bigint, cells: Block]> {
    for (const [number, block] of this.#blocks) yield [number << blockBits, block]
  }

  /** Writes bytes from an index up. */
  write(index: bigint, bytes: Uint8Array): void {
    bytes.forEach((b, k) => this.set(index + BigInt(k), BigInt(b)))
  }

  /** `count` cells in the low bits first, as one number. */
  number(index: bigint, count: number): bigint {
    let joined = 0n
    for (let k = count - 1; k >= 0; k--) joined = (joined << BigInt(this.#width)) | this.get(index + BigInt(k))
    return joined
  }
}
