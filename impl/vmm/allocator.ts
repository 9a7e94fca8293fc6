// The allocator A: hands out disjoint windows of cells and parts of the disk, cleared, and takes them back.
import type { Machine } from '../../model/vocab/index.ts'
import { blockCells } from './words.ts'

/** Cells or disk words from `start`. */
export interface Part {
  readonly start: number
  readonly length: number
}

export class Allocator {
  protected readonly hardware: Machine
  /** Cells that the monitor keeps for itself. */
  protected readonly reserved: readonly Part[]
  private windows: Part[] = []
  private diskParts: Part[] = []

  constructor(hardware: Machine, reserved: readonly Part[]) {
    this.hardware = hardware
    this.reserved = reserved
  }

  /** A window of `cells` cells, a multiple of 16. Throws RangeError when none is left. */
  allocateWindow(cells: number): Part {
    const window = { start: this.nextWindow([...this.reserved, ...this.windows], cells), length: cells }
    if (window.start + cells > this.hardware.options.size) throw new RangeError(`no window of ${cells} cells is left`)
    this.windows.push(window)
    this.clearWindow(window)
    return window
  }

  /** A part of `words` disk words. Throws RangeError when none is left. */
  allocateDisk(words: number): Part {
    const part = { start: this.nextDiskPart(this.diskParts, words), length: words }
    if (part.start + words > this.hardware.options.diskSize) throw new RangeError(`no disk part of ${words} words is left`)
    this.diskParts.push(part)
    this.clearDisk(part)
    return part
  }

  free(window: Part, diskPart: Part): void {
    this.windows = this.windows.filter((other) => other !== window)
    this.diskParts = this.diskParts.filter((other) => other !== diskPart)
  }

  /** The first cell, at a block's edge, of the lowest gap that is wide enough. */
  protected nextWindow(taken: readonly Part[], cells: number): number {
    return Math.ceil(firstGap(taken, cells) / blockCells) * blockCells
  }

  protected nextDiskPart(taken: readonly Part[], words: number): number {
    return firstGap(taken, words)
  }

  protected clearWindow(window: Part): void {
    for (let cell = window.start; cell < window.start + window.length; cell += 1) this.hardware.setCell(cell, 0)
  }

  protected clearDisk(part: Part): void {
    for (let position = part.start; position < part.start + part.length; position += 1) this.hardware.setDisk(position, 0)
  }
}

const firstGap = (taken: readonly Part[], length: number): number => {
  let start = 0
  for (const part of taken.toSorted((one, other) => one.start - other.start)) {
    if (part.start - start >= length) return start
    start = Math.max(start, part.start + part.length)
  }
  return start
}
