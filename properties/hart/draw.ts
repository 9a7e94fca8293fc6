// Program number n of a seed: which configuration and way it is for, its image, its starts and what happens during them.
import { Random, streamSeed } from '../../traces/generate-random.ts'
import { configurations } from './configurations.ts'
import { drawCode, drawHandlers } from './draw-code.ts'
import { drawData, drawTables, drawValues, preparingSteps, putStart, type Setting } from './draw-memory.ts'
import type { Words } from './draw-words.ts'
import { place } from './place.ts'
import { ram, ways, type Happening, type Program, type Start } from '../../traces/hart-program.ts'

/** Programs in a row that have the same configuration: to change it costs time. */
const programsOfConfiguration = 120

/** The number of the nth program of a configuration. */
export const numberOf = (configuration: number, n: number): number =>
  (Math.floor(n / programsOfConfiguration) * configurations.length + configuration) * programsOfConfiguration + n % programsOfConfiguration

const happenings = (random: Random, steps: number): Happening[] => {
  const found: Happening[] = []
  if (random.chance(20)) return found
  let time = random.below(32)
  for (let before = random.below(40); before < steps; before += 1 + random.below(random.chance(50) ? 20 : 200)) {
    time += random.below(8)
    found.push({ before, lines: random.chance(60) ? random.below(16) & random.below(16) : 0, time })
  }
  return found
}

export const programFrom = (seed: number, number: number, words: Words): Program => {
  const random = new Random(streamSeed(seed, number)), configuration = Math.floor(number / programsOfConfiguration) % configurations.length
  const { options } = configurations[configuration]!
  const way = ways[number % ways.length]!
  const image = new Uint8Array(ram.size), view = new DataView(image.buffer)
  const mode = random.of([0, 0, 1, 1, 3])
  const entries = drawCode(random, words, words.drawKind(random), view)
  drawHandlers(random, view, mode)
  drawData(random, view)
  const roots = drawTables(random, view, mode)
  const satp = [0n, ...(['Sv39', ...(options.sv48 ? ['Sv48'] as const : [])] as const).flatMap((scheme) => {
    const value = (scheme === 'Sv39' ? 8n : 9n) << 60n | roots[scheme]
    return [value, value | 5n << 44n, value | 0xffffn << 44n]
  })]
  const setting: Setting = { mode, satp, having: options, locks: random.chance(8), floating: random.chance(80), entries }
  const steps = way === 'translated' ? 8000 : 1500
  const starts = Array.from({ length: place.mostStarts }, (_, n): Start => {
    putStart(view, n, options, drawValues(random, setting))
    return {
      pc: place.starts + n * place.startBytes, preparing: preparingSteps(options), steps,
      strides: way === 'steps' ? [1] : Array.from({ length: 8 }, () => 1 + random.below(way === 'translated' ? random.of([4, 40, 400]) : random.of([3, 30]))),
      happenings: happenings(random, steps),
    }
  })
  return { configuration, way, image, starts }
}
