// Whether the hart may use old page-table entries: the tables were changed, and no SFENCE.VMA has been executed since.
import type { Pair } from './pair.ts'
import { ram } from '../../traces/hart-program.ts'

const satpNumber = 0x180
const V = 1, pointer = 0xe, A_D = 0xc0n

/**
 * Volume II, Supervisor Memory-Management Fence Instruction: until SFENCE.VMA a hart may use entries as they were. The
 * specification walks the tables afresh; so what the two do in between is not compared.
 */
export class Staleness {
  /** At some time since the two were found to be the same. */
  wasStale = false
  private stale = false
  private readonly pair: Pair
  private satp = 0n
  /** As they were before the step: loads and fetches set A in them. */
  private tables = new Map<number, Buffer>()

  private readonly fences: boolean

  /** With `fences` the hart forgets its old entries whenever tables were changed, so that they are no excuse. */
  constructor(pair: Pair, fences: boolean) {
    this.pair = pair
    this.fences = fences
  }

  /** To be called after each step. */
  stepped(cause: number): void {
    const { machine } = this.pair.specification, satp = machine.register('satp.MODE') << 44n | machine.register('satp.PPN')
    if (cause === 0 && (machine.word & 0xfe007fff) === 0x12000073) this.stale = false
    if (satp !== this.satp) {
      this.satp = satp
      this.tables = this.reachable()
    } else {
      const stores = cause === 0 && maybeStores(machine.word), written = [...this.tables].filter(([page, before]) => !before.equals(machine.ram.subarray(page, page + 4096)))
      this.stale ||= stores && written.some(([page, before]) => !onlyMarked(before, this.contents(page)))
      if (written.length > 0) this.tables = this.reachable()
    }
    if (this.stale) this.wasStale = true
  }

  /** To be called where the two were found to be the same. */
  agreed(): void {
    if (this.fences && this.stale) {
      const { hart } = this.pair
      hart.setCsr(satpNumber, hart.csr(satpNumber)!)
      this.stale = false
    }
    this.wasStale = this.stale
  }

  private contents(page: number): Buffer {
    return Buffer.from(this.pair.specification.machine.ram.slice(page, page + 4096).buffer)
  }

  /** The tables that satp leads to, by their places in RAM. */
  private reachable(): Map<number, Buffer> {
    const { machine } = this.pair.specification, found = new Map<number, Buffer>(), mode = machine.register('satp.MODE')
    const visit = (number: bigint, levels: number): void => {
      const page = Number(number << 12n) - ram.base
      if (found.has(page) || page < 0 || page + 4096 > ram.size) return
      const table = this.contents(page)
      found.set(page, table)
      if (levels > 1) for (const entry of entriesOf(table)) if ((Number(entry & 0xffn) & (V | pointer)) === V) visit(entry >> 10n & 0xfff_ffff_ffffn, levels - 1)
    }
    if (mode !== 0n) visit(machine.register('satp.PPN'), mode === 8n ? 3 : 4)
    return found
  }
}

/** Stores and atomic instructions, and what has their place among the compressed ones. */
const maybeStores = (word: number): boolean => ((word & 3) === 3 ? [0x23, 0x27, 0x2f].includes(word & 0x7f) : (word & 0x8000) !== 0 && (word & 1) === 0)

const entriesOf = (table: Buffer): BigUint64Array => new BigUint64Array(table.buffer)

/** The hart itself sets A and D. */
const onlyMarked = (before: Buffer, now: Buffer): boolean => {
  const entries = entriesOf(now)
  return entriesOf(before).every((entry, n) => ((entry ^ entries[n]!) & ~A_D) === 0n && (entry & ~entries[n]!) === 0n)
}
