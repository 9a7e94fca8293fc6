// The RISC-V hart against its specification, on programs of each way; and twins with another specification, which must differ.
import { describe, expect, it } from 'vitest'
import { benchOfThread, Bench } from './batch.ts'
import { coverageOf } from './coverage.ts'
import { configurations } from './configurations.ts'
import { numberOf, programFrom } from './draw.ts'
import { Pairs } from './pair.ts'
import { checkHart } from './check.ts'
import { emptyTally, runProgram } from './run.ts'
import { listing, programOf, runSaved, savedOf } from './saved.ts'
import { shrinkProgram } from './shrink.ts'
import { readHartProgram, writeHartProgram } from '../../traces/hart-format.ts'

describe('the hart and its specification', () => {
  it('do the same in all ways, and most instructions are reached', () => {
    const bench = benchOfThread(), { tally, failed } = bench.run({ seed: 1, from: 0, to: 12 })
    expect(failed).toBeUndefined()
    expect(tally.steps).toBeGreaterThan(20_000)
    const { cells, unexpected } = coverageOf(bench.cells, tally.cells)
    expect(unexpected).toEqual([])
    expect(new Set(cells.filter((c) => c.count > 0).map((c) => c.instruction)).size).toBeGreaterThan(150)
  })
  it.each(configurations.map((_, n) => n).slice(1))('do the same in configuration %i', (n) => {
    const from = numberOf(n, 0)
    expect(benchOfThread().run({ seed: 1, from, to: from + 3 }).failed).toBeUndefined()
  })
  it('differ where the specification makes another choice, in a shorter program too, which can be saved', () => {
    const bench = new Bench(new Pairs({ choices: { illegalValue: 'zero' } })), { pairs, cells, words } = bench, { failed } = bench.run({ seed: 1, from: 0, to: 6 })
    expect(failed!.failure.differences.map((d) => d.what).join()).toMatch(/[ms]tval/)
    const { program, failure } = shrinkProgram(pairs, cells, programFrom(1, failed!.number, words), 300)
    expect([program.starts.length, failure.step]).toEqual([1, 1])
    const again = programOf(readHartProgram(writeHartProgram(savedOf(program, 'a reason', 1)), 'file'))!
    expect(runProgram(pairs, again, cells, emptyTally(cells))).toEqual(failure)
    const { steps, differences } = listing(again, failure, 24, bench)
    expect([differences, steps.at(-1)!.trap]).toEqual([failure.differences, 'illegal instruction'])
    expect(runSaved(again)).toBeUndefined()
  })
  it('are counted alike by two threads and by one', async () => {
    const counted = async (workers: number) => {
      const { coverage, steps, interrupts, programs } = await checkHart({ programs: 60, seed: 3, workers })
      return { steps, interrupts, programs, hit: coverage.hit }
    }
    expect(await counted(2)).toEqual(await counted(1))
  })
})

describe('a program', () => {
  it('is the same for the same seed and number, and in a file', () => {
    const { words } = benchOfThread(), program = programFrom(5, 7, words)
    expect(programFrom(5, 7, words)).toEqual(program)
    expect(programFrom(5, 8, words).image).not.toEqual(program.image)
    const text = writeHartProgram(savedOf(program, 'a reason', 5))
    expect(programOf(readHartProgram(text, 'file'))).toEqual(program)
  })
  it('is refused where its file is altered, cut off, or says what cannot be', () => {
    const text = writeHartProgram(savedOf(programFrom(5, 7, benchOfThread().words), 'a reason', 5))
    expect(() => readHartProgram(text.slice(0, -20), 'f')).toThrow(/truncated/)
    expect(() => readHartProgram(text.replace('a reason', 'another'), 'f')).toThrow(/checksum/)
    expect(() => readHartProgram(text.replace('"way":"runs"', '"way":"walks"').replace('"way":"steps"', '"way":"walks"').replace('"way":"translated"', '"way":"walks"'), 'f')).toThrow(/way/)
  })
})
