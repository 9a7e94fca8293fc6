// The program that begins where another one is after some steps: its state becomes the values of a start.
import type { Cells } from './cells.ts'
import { configurations } from './configurations.ts'
import { preparingSteps, putStart } from './draw-memory.ts'
import type { Pair, Pairs } from './pair.ts'
import { place } from './place.ts'
import type { Program } from '../../traces/hart-program.ts'
import { emptyTally, Run } from './run.ts'

const mstatus = 0x300, mepc = 0x341, mscratch = 0x340
const MIE = 8n, MPIE = 0x80n, MPP = 0x1800n

/** After so many steps of its last start. What a start cannot set, such as a reservation and what the hart remembers, is not the same. */
export const laterBy = (pairs: Pairs, cells: Cells, program: Program, steps: number): Program => {
  const pair = pairs.of(program), last = program.starts.length - 1, start = program.starts[last]!
  let made = 0, taken: Program | undefined
  new Run(pair, program, cells, emptyTally(cells), { listener: {
    stepped: (_, { start: number, cause, counts }) => {
      if (number !== last || !counts || cause >= 32 || ++made !== steps) return
      taken = begun(pair, program)
    },
  } }).run()
  if (!taken) return program
  const { boards: [{ lines, time }] } = pair
  const happenings = [{ before: 0, lines, time: Number(time) }, ...start.happenings.filter((h) => h.before > steps).map((h) => ({ ...h, before: h.before - steps }))]
  return { ...taken, starts: [{ ...taken.starts[0]!, strides: start.strides, steps: Math.max(1, start.steps - steps), happenings }] }
}

const begun = ({ specification: { machine, csrs } }: Pair, program: Program): Program => {
  machine.observe()
  const values = new Map(csrs.map(({ number }, n) => [number, machine.observed[n]!]))
  const x = Array.from({ length: 32 }, (_, n) => machine.cell('x', n)), f = Array.from({ length: 32 }, (_, n) => machine.cell('f', n))
  const status = values.get(mstatus)!, { options } = configurations[program.configuration]!
  // MRET takes MIE from MPIE, and the mode from MPP.
  values.set(mstatus, (status & ~(MIE | MPIE | MPP)) | ((status & MIE) === 0n ? 0n : MPIE) | machine.register('priv') << 11n)
  values.set(mepc, machine.register('pc'))
  values.set(mscratch, x[31]!)
  const image = machine.ram.slice()
  putStart(new DataView(image.buffer), 0, options, { x: x.slice(0, 31), f, csrs: values })
  return { ...program, image, starts: [{ pc: place.starts, preparing: preparingSteps(options), steps: 1, strides: [1], happenings: [] }] }
}
