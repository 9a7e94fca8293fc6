// The translations of a hart: made for hot code, entered through a table, dropped when their code changes.
import { neverHot, type DecodedCode } from './decoded-code.ts'
import { pageBytes, record, recordBytes, slotsPerPage } from './layout.ts'
import { findRegion, type Block } from './region.ts'
import type { State } from './state.ts'
import { translateRegions } from './translate.ts'
import { host, type Table } from './web-assembly.ts'

/** Regions of one page that were translated together. */
interface Group {
  /** Where in the page they begin. */
  readonly entries: readonly number[]
  /** The number of the first in the table. */
  readonly first: number
  /** Bytes of their code, as offsets in the page. */
  readonly from: number
  readonly to: number
}

const mostTranslations = 4000
/** A page's regions are translated anew, together, when so many are apart, and at least as many as are together. */
const fewest = 3
/** After so many modules V8 has compiled the translator: one takes a tenth of the time that the first took. */
const practice = 8
/** That this process made, for any hart. */
let modules = 0
/** Of what makes code hot: code of the same page so hot is translated with it, a module being dear. */
const warm = 1 / 2

const endOf = ({ start, body, ending }: Block): number => {
  const last = 'at' in ending ? ending.at : body.at(-1)
  return last === undefined ? start : last.offset + last.bytes
}

export class Translations {
  /** 0 stands for none. */
  readonly table: Table = new host.Table({ element: 'anyfunc', initial: 1 })
  made = 0
  private practised = false

  private readonly state: State
  private readonly code: DecodedCode
  /** By page of RAM. */
  private readonly pages = new Map<number, Group[]>()
  /** Numbers of the table not in use, by how many of them are in a row. */
  private readonly free = new Map<number, number[]>()
  private live = 0

  constructor(state: State, code: DecodedCode) {
    this.state = state
    this.code = code
    this.practise()
  }

  private practise(): void {
    if (this.practised || modules < practice) return
    this.practised = true
    this.code.hotAfter = this.state.options.hotAfter
  }

  /** Translates the code at a record, unless it is to be left to the interpreter. */
  make(place: number): void {
    const { state, code } = this
    const offset = code.offsetOf(place)
    const within = offset & pageBytes - 1
    const page = offset - within
    const records = place - within / 2 * recordBytes
    const blocks = this.regionAt(records, within)
    if (blocks === undefined) {
      state.view.setInt32(place + record.heat, neverHot, true)
      return
    }
    if (this.live >= mostTranslations) this.forget(0, state.options.ramBytes + state.options.romBytes)
    const groups = this.pages.get(page) ?? []
    const largest = Math.max(0, ...groups.map(({ entries }) => entries.length))
    const all = groups.reduce((sum, { entries }) => sum + entries.length, 0)
    const warmer = this.warmEntries(records)
    const together = all - largest + warmer.length + 1 >= Math.max(fewest, largest)
    const others = together ? groups.flatMap(({ entries }) => entries) : []
    if (together) for (const group of groups.splice(0)) this.drop(page, group)
    const regions = [blocks]
    for (const entry of [...others, ...warmer]) {
      const region = this.regionAt(records, entry)
      if (region !== undefined) regions.push(region)
    }
    groups.push(this.translate(records, regions))
    this.pages.set(page, groups)
  }

  /** Where code of a page begins that is warm and not hot. */
  private warmEntries(records: number): readonly number[] {
    const { view, options: { hotAfter } } = this.state
    const entries: number[] = []
    for (let slot = 0; slot < slotsPerPage; slot++) {
      const heat = view.getInt32(records + slot * recordBytes + record.heat, true)
      if (heat < 0 && heat >= -hotAfter * (1 - warm)) entries.push(2 * slot)
    }
    return entries
  }

  private regionAt(records: number, entry: number): readonly Block[] | undefined {
    return findRegion(this.state.view, records, entry, (place) => this.code.fill(place))
  }

  private translate(records: number, regions: readonly (readonly Block[])[]): Group {
    const { state, table } = this
    const first = this.free.get(regions.length)?.pop() ?? table.grow(regions.length)
    const module = new host.Module(translateRegions(regions, records, first))
    const functions = new host.Instance(module, { env: { memory: state.memory } }).exports
    const entries = regions.map((blocks) => blocks[0]!.start)
    for (const [index, entry] of entries.entries()) {
      table.set(first + index, functions[index])
      state.view.setInt32(records + entry / 2 * recordBytes + record.heat, first + index, true)
    }
    this.live += regions.length
    this.made += regions.length
    modules++
    this.practise()
    return {
      entries, first,
      from: Math.min(...regions.flatMap((blocks) => blocks.map(({ start }) => start))),
      to: Math.max(...regions.flatMap((blocks) => blocks.map(endOf))),
    }
  }

  private drop(page: number, { entries, first }: Group): void {
    for (const [index, entry] of entries.entries()) {
      this.code.cool(page + entry)
      this.table.set(first + index, null)
    }
    const free = this.free.get(entries.length) ?? []
    free.push(first)
    this.free.set(entries.length, free)
    this.live -= entries.length
  }

  /** Whether the page of RAM at an offset has any. */
  has(page: number): boolean {
    return this.pages.has(page)
  }

  /** Drops the translations of code between two offsets into RAM. */
  forget(from: number, to: number): void {
    const visit = (page: number): void => {
      const groups = this.pages.get(page)
      if (groups === undefined) return
      const kept = groups.filter((group) => page + group.to <= from || page + group.from >= to)
      for (const group of groups) if (!kept.includes(group)) this.drop(page, group)
      if (kept.length === 0) this.pages.delete(page)
      else this.pages.set(page, kept)
    }
    const first = Math.floor(from / pageBytes) * pageBytes
    if ((to - first) / pageBytes > this.pages.size) for (const page of this.pages.keys()) visit(page)
    else for (let page = first; page < to; page += pageBytes) visit(page)
  }
}
