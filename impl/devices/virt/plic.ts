// The platform-level interrupt controller (RISC-V PLIC specification 1.0.0) with level-triggered sources and two contexts: the hart's machine and supervisor mode.
import type { Bytes } from '../../cpu/riscv/platform.ts'
import type { Device, Line } from './device.ts'
import { plicSources } from './layout.ts'

const pendingOffset = 0x1000
const enableOffset = 0x2000
const enableStride = 0x80
const contextOffset = 0x20_0000
const contextStride = 0x1000
/** Priorities and thresholds have three bits. */
const priorityMask = 7
const words = Math.ceil(plicSources / 32)

export interface PlicState {
  readonly priority: readonly number[]
  /** One bit for each source, source 32w + b in bit b of word w. */
  readonly level: readonly number[]
  readonly pending: readonly number[]
  readonly inService: readonly number[]
  readonly contexts: readonly { readonly enable: readonly number[]; readonly threshold: number }[]
}

interface Context {
  readonly enable: Uint32Array
  threshold: number
  readonly line: Line
}

export class Plic implements Device {
  private readonly priority = new Uint32Array(plicSources)
  private readonly level = new Uint32Array(words)
  private readonly pending = new Uint32Array(words)
  /** Forwarded, and not completed: the gateway forwards no other. */
  private readonly inService = new Uint32Array(words)
  private readonly contexts: readonly Context[]

  /** One line for each context, in their order. */
  constructor(lines: readonly Line[]) {
    this.contexts = lines.map((line) => ({ enable: new Uint32Array(words), threshold: 0, line }))
  }

  /** The line of a source, from its device. A request that was accepted stays pending when the line falls. */
  drive(source: number, level: boolean): void {
    const word = source >>> 5, bit = 1 << (source & 31)
    if (((this.level[word]! & bit) !== 0) === level) return
    this.level[word]! ^= bit
    if (level && !(this.inService[word]! & bit)) {
      this.pending[word]! |= bit
      this.update()
    }
  }

  load(offset: number, bytes: Bytes): number | undefined {
    if (bytes !== 4) return undefined
    if (offset < pendingOffset) return this.priority[offset >>> 2] ?? 0
    if (offset < enableOffset) return this.pending[(offset - pendingOffset) >>> 2] ?? 0
    if (offset < contextOffset) {
      const place = offset - enableOffset
      return this.contexts[Math.floor(place / enableStride)]?.enable[(place % enableStride) >>> 2] ?? 0
    }
    const place = offset - contextOffset
    const context = this.contexts[Math.floor(place / contextStride)]
    if (!context) return 0
    switch (place % contextStride) {
      case 0: return context.threshold
      case 4: return this.claim(context)
      default: return 0
    }
  }

  store(offset: number, bytes: Bytes, value: number): boolean {
    if (bytes !== 4) return false
    if (offset < pendingOffset) {
      const source = offset >>> 2
      if (source > 0 && source < plicSources) this.priority[source] = value & priorityMask
    } else if (offset >= enableOffset && offset < contextOffset) {
      const place = offset - enableOffset
      const word = (place % enableStride) >>> 2
      const enable = this.contexts[Math.floor(place / enableStride)]?.enable
      // Source 0 does not exist.
      if (enable && word < words) enable[word] = word === 0 ? value & ~1 : value
    } else if (offset >= contextOffset) {
      const place = offset - contextOffset
      const context = this.contexts[Math.floor(place / contextStride)]
      if (context && place % contextStride === 0) context.threshold = value & priorityMask
      if (context && place % contextStride === 4) this.complete(context, value)
    }
    this.update()
    return true
  }

  save(): PlicState {
    const { priority, level, pending, inService, contexts } = this
    return {
      priority: [...priority], level: [...level], pending: [...pending], inService: [...inService],
      contexts: contexts.map(({ enable, threshold }) => ({ enable: [...enable], threshold })),
    }
  }

  restore(state: PlicState): void {
    this.priority.set(state.priority)
    this.level.set(state.level)
    this.pending.set(state.pending)
    this.inService.set(state.inService)
    this.contexts.forEach((context, index) => {
      context.enable.set(state.contexts[index]!.enable)
      context.threshold = state.contexts[index]!.threshold
    })
    this.update()
  }

  update(): void {
    for (const context of this.contexts) context.line(this.best(context, context.threshold) !== 0)
  }

  /** The enabled pending source of the highest priority above `floor`, the lowest number among equals; 0 when there is none. */
  private best({ enable }: Context, floor: number): number {
    let found = 0
    let highest = floor
    for (let word = 0; word < words; word++) {
      let bits = this.pending[word]! & enable[word]!
      while (bits !== 0) {
        const bit = 31 - Math.clz32(bits & -bits)
        bits &= bits - 1
        const source = 32 * word + bit
        if (this.priority[source]! > highest) {
          highest = this.priority[source]!
          found = source
        }
      }
    }
    return found
  }

  /** A claim does not look at the threshold. */
  private claim(context: Context): number {
    const source = this.best(context, 0)
    if (source !== 0) {
      const bit = 1 << (source & 31)
      this.pending[source >>> 5]! &= ~bit
      this.inService[source >>> 5]! |= bit
      this.update()
    }
    return source
  }

  /** Ignored for a source that the context has not enabled. A line that is still up asks again. */
  private complete({ enable }: Context, source: number): void {
    if (source >= plicSources) return
    const word = source >>> 5, bit = 1 << (source & 31)
    if (!(enable[word]! & bit) || !(this.inService[word]! & bit)) return
    this.inService[word]! &= ~bit
    if (this.level[word]! & bit) this.pending[word]! |= bit
  }
}
