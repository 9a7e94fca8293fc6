// The translations of a hart: made for hot code, entered through a table, dropped when their code changes.
import { neverHot, type DecodedCode } from './decoded-code.ts'
import { pageBytes, record, recordBytes } from './layout.ts'
import { findRegion } from './region.ts'
import type { State } from './state.ts'
import { translateRegion } from './translate.ts'
import { host, type Table } from './web-assembly.ts'

interface Translation {
  readonly index: number
  /** The record where it begins. */
  readonly place: number
  /** Bytes of its code, as offsets into RAM. */
  readonly from: number
  readonly to: number
}

const mostTranslations = 20_000

export class Translations {
  /** 0 stands for none. */
  readonly table: Table = new host.Table({ element: 'anyfunc', initial: 1 })
  made = 0

  private readonly state: State
  private readonly code: DecodedCode
  /** By page of RAM. */
  private readonly pages = new Map<number, Translation[]>()
  private readonly free: number[] = []
  private live = 0

  constructor(state: State, code: DecodedCode) {
    this.state = state
    this.code = code
  }

  /** Translates the code at a record, unless it is to be left to the interpreter. */
  make(place: number): void {
    const { state, code } = this
    const offset = code.offsetOf(place)
    const within = offset & pageBytes - 1
    const records = place - within / 2 * recordBytes
    const blocks = findRegion(state.view, records, within, (at) => code.fill(at))
    if (blocks === undefined) {
      state.view.setInt32(place + record.heat, neverHot, true)
      return
    }
    if (this.live >= mostTranslations) this.forget(0, state.options.ramBytes)
    const module = new host.Module(translateRegion(blocks))
    const { translation } = new host.Instance(module, {
      env: { memory: state.memory },
    }).exports
    const index = this.free.pop() ?? this.table.grow(1)
    this.table.set(index, translation)
    state.view.setInt32(place + record.heat, index, true)
    const page = offset - within
    const ends = blocks.map(({ start, body, ending }) => {
      const last = 'at' in ending ? ending.at : body.at(-1)
      return last === undefined ? start : last.offset + last.bytes
    })
    const from = page + Math.min(...blocks.map(({ start }) => start))
    const list = this.pages.get(page / pageBytes) ?? []
    list.push({ index, place, from, to: page + Math.max(...ends) })
    this.pages.set(page / pageBytes, list)
    this.live++
    this.made++
  }

  /** Drops the translations of code between two offsets into RAM; whether there were any. */
  forget(from: number, to: number): boolean {
    let dropped = false
    const drop = (page: number): void => {
      const list = this.pages.get(page)
      if (list === undefined) return
      const kept = list.filter((translation) => {
        if (translation.to <= from || translation.from >= to) return true
        this.code.cool(translation.place)
        this.table.set(translation.index, null)
        this.free.push(translation.index)
        this.live--
        dropped = true
        return false
      })
      if (kept.length === 0) this.pages.delete(page)
      else this.pages.set(page, kept)
    }
    const first = Math.floor(from / pageBytes)
    const last = Math.ceil(to / pageBytes)
    if (last - first > this.pages.size) for (const page of this.pages.keys()) drop(page)
    else for (let page = first; page < last; page++) drop(page)
    return dropped
  }
}
