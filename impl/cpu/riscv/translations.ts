// The translations of a hart: made for hot code, entered through a table, dropped when their code changes.
import { neverHot, type DecodedCode } from './decoded-code.ts'
import { cell, pageBytes, record, recordBytes, slotsPerPage } from './layout.ts'
import { endOf, findRegion, long, pageOf, type Block, type Source } from './region.ts'
import type { State } from './state.ts'
import { translateRegions } from './translate.ts'
import { host, type Table } from './web-assembly.ts'

/** Code of one page, as offsets into RAM. */
interface Extent {
  readonly page: number
  readonly from: number
  readonly to: number
}

/** Regions that begin in one page and were translated together. */
interface Group {
  /** Where they begin, as offsets in the page. */
  readonly entries: readonly number[]
  /** The number of the first in the table. */
  readonly first: number
  /** The page that they begin in, as an offset into RAM. */
  readonly home: number
  /** Of all of them, what is in several counted several times. */
  readonly instructions: number
  /** Their code: one for each page. */
  readonly extents: readonly Extent[]
}

const mostTranslations = 4000
/** That a region may go on in, that of its entry included. */
const mostPages = 4
/** A page's regions are translated anew, together, when so many are apart, and at least as many as are together; but not what is long on average. */
const fewest = 3
/** After so many modules V8 has compiled the translator: one takes a tenth of the time that the first took. */
const practice = 8
/** That this process made, for any hart. */
let modules = 0
/** Of what makes code hot: code of the same page so hot is translated with it, a module being dear. */
const warm = 1 / 2

/** What code of blocks lies in each page, the pages being at these offsets into RAM. */
const extentsOf = (blocks: readonly Block[], starts: readonly number[]): readonly Extent[] => {
  const ranges = blocks.flatMap((block) => {
    const end = endOf(block), first = pageOf(block.start), last = pageOf(Math.max(end - 1, block.start))
    return Array.from({ length: last - first + 1 }, (_, index) => {
      const number = first + index, within = (offset: number): number => Math.min(Math.max(offset - number * pageBytes, 0), pageBytes)
      return { number, from: within(block.start), to: within(end) }
    })
  })
  return starts.flatMap((page, number) => {
    const own = ranges.filter((range) => range.number === number)
    return own.length === 0 ? [] : [{ page, from: page + Math.min(...own.map(({ from }) => from)), to: page + Math.max(...own.map(({ to }) => to)) }]
  })
}

export class Translations {
  /** 0 stands for none. */
  readonly table: Table = new host.Table({ element: 'anyfunc', initial: 1 })
  made = 0
  /** The interpreter's function by which a translation goes on with one of another module. */
  enter: unknown
  /** So many were made in this process that the translator is quick. */
  practised = false

  private readonly state: State
  private readonly code: DecodedCode
  /** By page of RAM, for each page that they have code of. */
  private readonly pages = new Map<number, Set<Group>>()
  /** Numbers of the table not in use, by how many of them are in a row. */
  private readonly free = new Map<number, number[]>()
  private live = 0
  /** In instructions, by where they begin, as offsets into RAM. */
  private readonly lengths = new Map<number, number>()
  /** Pages of RAM whose code was found to load also where something is to be asked. */
  private readonly asking = new Set<number>()

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
    const home = offset - within
    const records = place - within / 2 * recordBytes
    const source = this.sourceFrom(records)
    const blocks = findRegion(source, within)
    if (blocks === undefined) {
      state.view.setInt32(place + record.heat, neverHot, true)
      return
    }
    if (this.live >= mostTranslations) this.forget(0, state.options.ramBytes + state.options.romBytes)
    const groups = [...this.pages.get(home) ?? []].filter((group) => group.home === home && group.instructions < long * group.entries.length)
    const largest = Math.max(0, ...groups.map(({ entries }) => entries.length))
    const all = groups.reduce((sum, { entries }) => sum + entries.length, 0)
    const warmer = this.warmEntries(records)
    const together = all - largest + warmer.length + 1 >= Math.max(fewest, largest)
    const others = together ? groups.flatMap(({ entries }) => entries) : []
    if (together) for (const group of groups) this.drop(group)
    const regions = [blocks]
    for (const entry of [...others, ...warmer]) {
      const region = findRegion(source, entry)
      if (region !== undefined) regions.push(region)
    }
    this.translate(source.pages, regions)
  }

  /** The code of the page with these records, that of the address at hand, and of the pages that follow it as far as they are known. */
  private sourceFrom(records: number): Source {
    const { state, code } = this
    const pages = [records]
    while (pages.length < mostPages) {
      const next = state.recordsAt(BigInt.asUintN(64, state.pc + BigInt(pages.length * pageBytes)))
      if (next === 0) break
      pages.push(next)
    }
    const home = code.offsetOf(records)
    return { view: state.view, pages, decode: (place) => code.fill(place), cross: (from, to) => code.crossInto(from, to), translated: (offset) => this.lengths.get(home + offset) ?? 0 }
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

  private translate(pages: readonly number[], regions: readonly (readonly Block[])[]): void {
    const { state, table } = this
    const first = this.free.get(regions.length)?.pop() ?? table.grow(regions.length)
    const home = this.code.offsetOf(pages[0]!), { ramBase, misaligned, romBytes } = state.options
    const isDirect = state.words[cell.direct >> 2] !== 0 && romBytes === 0 && !this.asking.has(home)
    const direct = isDirect ? { base: ramBase, start: state.places.ramStart, misaligned: misaligned === 'done' } : undefined
    const module = new host.Module(translateRegions(regions, pages, first, direct))
    const functions = new host.Instance(module, { env: { memory: state.memory, enter: this.enter, stale: () => this.ask(home) } }).exports
    const entries = regions.map((blocks) => blocks[0]!.start), lengths = regions.map((blocks) => blocks.reduce((sum, { count }) => sum + count, 0))
    for (const [index, entry] of entries.entries()) {
      this.lengths.set(home + entry, lengths[index]!)
      table.set(first + index, functions[index])
      state.view.setInt32(pages[0]! + entry / 2 * recordBytes + record.heat, first + index, true)
    }
    this.live += regions.length
    this.made += regions.length
    modules++
    this.practise()
    const starts = pages.map((page) => this.code.offsetOf(page))
    this.hold({ entries, first, home, instructions: lengths.reduce((sum, length) => sum + length, 0), extents: extentsOf(regions.flat(), starts) })
  }

  /** Code of a page loads where something is to be asked: what was translated without is dropped. */
  private ask(home: number): void {
    this.asking.add(home)
    for (const group of this.pages.get(home) ?? []) if (group.home === home) this.drop(group)
  }

  private hold(group: Group): void {
    for (const { page } of group.extents) this.pages.set(page, (this.pages.get(page) ?? new Set()).add(group))
  }

  private drop(group: Group): void {
    const { entries, first, home, extents } = group
    for (const { page } of extents) {
      const groups = this.pages.get(page)
      if (groups?.delete(group) && groups.size === 0) this.pages.delete(page)
    }
    for (const [index, entry] of entries.entries()) {
      this.code.cool(home + entry)
      this.lengths.delete(home + entry)
      this.table.set(first + index, null)
    }
    const free = this.free.get(entries.length) ?? []
    free.push(first)
    this.free.set(entries.length, free)
    this.live -= entries.length
  }

  /** Whether any have code of the page of RAM at an offset. */
  has(page: number): boolean {
    return this.pages.has(page)
  }

  /** Drops the translations of code between two offsets into RAM. */
  forget(from: number, to: number): void {
    const visit = (page: number): void => {
      for (const group of this.pages.get(page) ?? []) {
        if (group.extents.some((extent) => extent.from < to && extent.to > from)) this.drop(group)
      }
    }
    const first = Math.floor(from / pageBytes) * pageBytes
    if ((to - first) / pageBytes > this.pages.size) for (const page of this.pages.keys()) visit(page)
    else for (let page = first; page < to; page += pageBytes) visit(page)
  }
}
