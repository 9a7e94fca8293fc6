// Breakpoints and watchpoints, as a debugger sets them.
import type { MemoryEffect } from '../../cpu/riscv/observe.ts'

export const pointKinds = ['swbreak', 'hwbreak', 'watch', 'rwatch', 'awatch'] as const
/** In the order of their numbers in the protocol. Both kinds of breakpoints leave memory as it is. */
export type PointKind = (typeof pointKinds)[number]

export interface Point {
  readonly kind: PointKind
  /** Virtual. */
  readonly address: bigint
  /** Bytes that are watched; of a breakpoint it says nothing. */
  readonly bytes: number
}

/** More than a user sets by hand, and few enough to look through. */
const most = 1000

const isBreakpoint = ({ kind }: Point): boolean => kind === 'swbreak' || kind === 'hwbreak'

export class Points {
  private points: readonly Point[] = []

  /** False when there are too many. */
  insert(point: Point): boolean {
    this.remove(point)
    if (this.points.length >= most) return false
    this.points = [...this.points, point]
    return true
  }

  remove({ kind, address, bytes }: Point): void {
    this.points = this.points.filter((p) => p.kind !== kind || p.address !== address || p.bytes !== bytes)
  }

  clear(): void {
    this.points = []
  }

  get breakpoints(): readonly bigint[] {
    return [...new Set(this.points.filter(isBreakpoint).map(({ address }) => address))]
  }

  get watching(): boolean {
    return !this.points.every(isBreakpoint)
  }

  /** The breakpoint at an address. */
  at(address: bigint): Point | undefined {
    return this.points.find((point) => point.address === address && isBreakpoint(point))
  }

  /** The watchpoint that an access would touch. */
  touched({ address, bytes, kind, written }: MemoryEffect): Point | undefined {
    const wrote = kind === 'atomic' || written !== undefined, read = kind !== 'store'
    return this.points.find((p) => (p.kind === 'watch' && wrote || p.kind === 'rwatch' && read || p.kind === 'awatch') && p.address < address + BigInt(bytes) && address < p.address + BigInt(p.bytes))
  }
}
