// Generated code: islands of single instructions and of small idioms, a way back from everywhere, and the handlers of traps.
import type { Random } from '../../traces/generate-random.ts'
import {
  add, addi, andi, auipc, branch, csrrc, csrrs, csrrw, fenceI, jal, jalr, ld, lr, lui, lw, mret, nop, sc, sd, sfence, sll, sret, sw, xori,
} from './encode.ts'
import { islands, place } from './place.ts'
import { device, ram } from '../../traces/hart-program.ts'
import { pointers, type Word, type Words } from './draw-words.ts'

const put = (image: DataView, address: number, word: number, bytes: 2 | 4 = 4): number => {
  if (bytes === 2) image.setUint16(address - ram.base, word, true)
  else image.setUint32(address - ram.base, word, true)
  return address + bytes
}
const putAll = (image: DataView, address: number, words: readonly number[]): number => words.reduce((at, word) => put(image, at, word), address)

const scratch = (random: Random): number => 16 + random.below(12)
const other = (register: number): number => 16 + (register - 15) % 12

/** The pc-relative upper immediate that reaches a page from code of another. */
const pagesTo = (from: number, to: number): number => ((to >> 12) - (from >> 12)) & 0xfffff

/** Counts down, as long as the body leaves the counter alone. */
const loop = (random: Random, words: Words, kind: number | undefined): readonly Word[] => {
  const counter = 28, long = (word: number): Word => ({ word, bytes: 4 })
  const body = Array.from({ length: 1 + random.below(4) }, () => words.draw(random, kind))
  const bytes = body.reduce((n, b) => n + b.bytes, 0)
  return [long(addi(counter, 0, 2 + random.below(12))), ...body, long(addi(counter, counter, -1)), long(branch(random.of([1, 4]), 0, counter, -bytes - 4))]
}

/** The kinds of idioms. `at` is where the first word will be. */
const idioms: readonly ((random: Random, at: number) => readonly number[])[] = [
  // A reservation, with something between now and then.
  (random) => {
    const address = random.of(pointers), width = random.of([2, 3]), value = scratch(random)
    const between = random.chance(40) ? [random.of([addi(value, value, 1), sw(value, address, 0), nop, csrrs(value, 0xc00, 0)])] : []
    return [lr(width, scratch(random), address), ...between, sc(random.chance(90) ? width : 5 - width, scratch(random), random.chance(90) ? address : random.of(pointers), value)]
  },
  // A reservation, and a return to behind it.
  (random) => {
    const address = random.of(pointers), machine = random.chance(50)
    return [auipc(28, 0), addi(28, 28, 20), csrrw(0, machine ? 0x341 : 0x141, 28), lr(3, scratch(random), address), machine ? mret : sret, sc(3, scratch(random), address, 28)]
  },
  // An aligned pointer, again.
  (random) => [andi(random.of(pointers), random.of(pointers), random.of([-8, -4, -16]))],
  // A pointer made from the pc.
  (random, at) => {
    const to = random.of(pointers), page = random.of([place.data, place.data, place.code])
    return [auipc(to, pagesTo(at, page + 0x1000 * random.below(4))), addi(to, to, random.chance(30) ? -random.below(16) : 8 * random.below(64))]
  },
  // One instruction written over another of the same page.
  (random, at) => {
    const base = scratch(random), value = other(base), from = 4 * random.below(32) - 64, to = 4 * random.below(40) - 60
    return [auipc(base, 0), lw(value, base, from), sw(value, base, to & ~3 | (at & 2 && random.chance(30) ? 2 : 0)), ...(random.chance(60) ? [fenceI] : [])]
  },
  // The same instruction with another register each time.
  (random) => {
    const base = scratch(random), value = other(base), at = 4 * random.below(32) - 64
    return [auipc(base, 0), lw(value, base, at), xori(value, value, random.of([0x80, 0x100, 0x180])), sw(value, base, at), ...(random.chance(60) ? [fenceI] : [])]
  },
  // A call and, mostly, its return.
  (random) => [jal(1, 8), jal(0, 12), ...(random.chance(80) ? [addi(scratch(random), 1, 0), jalr(0, 1, 0)] : [jalr(1, 1, random.of([0, 4, 5]))])],
  // The device: lines go up and down, time passes.
  (random) => {
    const base = scratch(random), value = other(base)
    return [lui(base, device.base >>> 12), addi(value, 0, random.below(16)), random.chance(70) ? sw(value, base, random.of([0, 0, 8])) : lw(value, base, random.of([0, 8, 12, 16]))]
  },
  // An entry of the last table is changed, mostly followed by a fence.
  (random, at) => changeEntry(random, at),
  // Interrupts are enabled, locally and globally.
  (random) => [addi(28, 0, -1), csrrs(0, random.of([0x304, 0x104]), 28), csrrs(0, random.of([0x300, 0x100]), random.of([28, 8]))],
  // Where loads and stores are done as in another mode.
  (random) => [lui(28, 0x20), random.chance(60) ? csrrs(0, 0x300, 28) : csrrc(0, 0x300, 28)],
  // SUM and MXR.
  (random) => [lui(28, random.of([0x40, 0x80, 0xc0])), (random.chance(60) ? csrrs : csrrc)(0, random.of([0x300, 0x100]), 28)],
  // A field of floating-point state, from off to dirty.
  (random) => [lui(28, random.of([2, 4, 6])), (random.chance(50) ? csrrs : csrrc)(0, random.of([0x300, 0x100]), 28)],
  (random) => [sfence(random.chance(50) ? 0 : random.of(pointers), random.chance(50) ? 0 : scratch(random))],
]

/** The address of a page, or of a place in it, from code at `at`. */
const address = (rd: number, at: number, to: number): readonly number[] => {
  const rest = (to & 0xfff) - (at & 0xfff), half = rest >> 1
  return [auipc(rd, pagesTo(at, to)), addi(rd, rd, half), addi(rd, rd, rest - half)]
}

const changeEntry = (random: Random, at: number, page = random.chance(80) ? (place.data - ram.base >>> 12) + random.below(6) : random.below(place.pages)): readonly number[] => {
  const base = scratch(random), value = other(base)
  return [
    ...address(base, at, place.tables + 0x3000), ld(value, base, 8 * page), xori(value, value, random.of([1, 2, 4, 6, 8, 0x10, 0x40, 0x80, 0xc0, 0x400])), sd(value, base, 8 * page),
    ...(random.chance(3) ? [] : random.chance(50) ? [sfence(0, 0)] : [auipc(value, pagesTo(at, ram.base + 0x1000 * page)), sfence(value, 0)]),
  ]
}

/** Whether a loop over the end of the page has its place here. */
const nearEnd = (at: number): boolean => (at & 0xfff) >= 0xfa0 && (at & 0xfff) <= 0xfc2

/** A loop over the end of the page, hot enough to be translated; then the instruction there, or the mapping of the page behind, changes, and the loop runs again. */
const loopOverEnd = (random: Random, at: number): readonly number[] => {
  const end = at - (at & 0xfff) + 0x1000, counter = 28, sum = scratch(random), again = other(sum), base = other(again), value = other(base)
  const change = random.chance(50) ? changeEntry(random, at + 8, end - ram.base >>> 12)
    : [...address(base, at + 8, end), lw(value, base, 0), xori(value, value, random.of((at & 2) === 0 ? [0x80, 0x100] : [0x10, 0x20])), sw(value, base, 0)]
  const adds = Array.from({ length: Math.floor((end - at) / 4) - change.length - 2 }, () => addi(sum, sum, 1 + random.below(64)))
  const loop = [addi(counter, 0, 44 + random.below(8)), ...adds, addi(counter, counter, -1), branch(1, 0, counter, -4 * adds.length - 4)]
  return [addi(again, 0, 2), jal(0, 4 * change.length + 4), ...change, ...loop, addi(again, again, -1), branch(1, 0, again, -4 * (change.length + loop.length) - 4)]
}

/** Jumps from all places without code to an island; made once, as most of a page is like that. */
const wayBack = (() => {
  const bytes = new Uint8Array(0x1000 * place.codePages), view = new DataView(bytes.buffer)
  for (let offset = 0; offset < bytes.length; offset += 4) {
    const nearest = islands.reduce((a, b) => (Math.abs(b.from - place.code - offset) < Math.abs(a.from - place.code - offset) ? b : a))
    view.setUint32(offset, jal(0, nearest.from - place.code - offset), true)
  }
  return bytes
})()

/** Writes code into the image; where its instructions begin. */
export const drawCode = (random: Random, words: Words, kind: number | undefined, image: DataView): number[] => {
  new Uint8Array(image.buffer, image.byteOffset).set(wayBack, place.code - ram.base)
  const entries: number[] = []
  for (const { from, to } of islands) {
    for (let at = from; at < to - 40;) {
      entries.push(at)
      if (nearEnd(at) && random.chance(60)) at = putAll(image, at, loopOverEnd(random, at))
      else if (random.chance(78)) {
        const { word, bytes } = words.draw(random, kind)
        at = put(image, at, word, bytes)
      } else if (random.chance(25)) for (const { word, bytes } of loop(random, words, kind)) at = put(image, at, word, bytes)
      else at = putAll(image, at, random.of(idioms)(random, at))
      if (at >= to - 40) put(image, at, jal(0, random.of(islands).from - at))
    }
  }
  return entries
}

/** MPP is that mode. */
const returnTo = (mode: number): readonly number[] =>
  [lui(28, 2), addi(28, 28, -0x800), csrrc(0, 0x300, 28), ...(mode === 0 ? [] : [lui(28, 1), addi(28, 28, -0x800), csrrs(0, 0x300, 28)])]

/** What a handler does besides returning. */
const errands = (random: Random, at: number): readonly number[] => {
  switch (random.below(9)) {
    case 0: case 1: return changeEntry(random, at)
    case 3: return [addi(28, 0, random.below(16)), csrrw(0, 0x3a0, 28)]
    case 4: return [csrrs(28, 0x302, 0), xori(28, 28, 1 << random.below(11)), csrrw(0, 0x302, 28)]
    case 5: return [addi(28, 0, -1), csrrs(0, 0x304, 28)]
    case 6: return [csrrs(28, 0xc00, 0), csrrs(28, 0xb02, 0)]
    default: return []
  }
}

/** A handler of traps: back to the usual mode for the most part; of interrupts it disables the one that it was taken for, of faulting fetches it goes to some code, otherwise behind the instruction. */
const handler = (random: Random, image: DataView, at: number, mode: 'machine' | 'supervisor', usual: number): void => {
  const [epc, cause, enables, back] = mode === 'machine' ? [0x341, 0x342, 0x304, mret] : [0x141, 0x142, 0x104, sret]
  const skip = [csrrs(29, epc, 0), addi(29, 29, random.chance(70) ? 4 : 2), csrrw(0, epc, 29), back]
  // To some code, another each time.
  const go = (from: number): readonly number[] => [
    ...address(29, from, place.code + 0x1000 * random.below(2)), mode === 'machine' ? csrrs(28, 0xb02, 0) : addi(28, scratch(random), 0), andi(28, 28, 0x7fc), add(29, 29, 28), csrrw(0, epc, 29), back,
  ]
  const interrupt = [addi(29, 0, 1), sll(29, 29, 30), csrrc(0, enables, 29), back]
  // For vectored interrupts: each entry jumps to what comes behind them all.
  let next = at
  for (let n = 0; n < 16; n++) next = put(image, next, jal(0, at + 64 - next))
  next = putAll(image, next, [csrrs(30, cause, 0), branch(4, 30, 0, 8), jal(0, 4 + 4 * interrupt.length), ...interrupt])
  const from = next + 12
  const errand = mode === 'machine' ? [...errands(random, from), ...(usual < 3 && random.chance(88) ? returnTo(usual) : [])] : random.chance(30) ? changeEntry(random, from) : []
  // What interrupts have disabled.
  const enabling = random.chance(50) ? [addi(28, 0, -1), csrrs(0, enables, 28)] : []
  const more = [...errand, ...enabling, ...(random.chance(60) ? go(from + 4 * (errand.length + enabling.length)) : [])]
  // Of some traps only, so that most of the time goes elsewhere.
  next = putAll(image, next, [csrrs(28, mode === 'machine' ? 0xb02 : epc, 0), andi(28, 28, mode === 'machine' ? 3 : 12), branch(1, 28, 0, 4 + 4 * more.length), ...more])
  // Causes 1 and 12 are fetches.
  next = putAll(image, next, [addi(29, 0, 1), branch(0, 30, 29, 12 + 4 * skip.length), addi(29, 0, 12), branch(0, 30, 29, 4 + 4 * skip.length), ...skip])
  putAll(image, next, go(next))
}

export const drawHandlers = (random: Random, image: DataView, usual: number): void => {
  handler(random, image, place.machineHandler, 'machine', usual)
  handler(random, image, place.supervisorHandler, 'supervisor', usual)
}
