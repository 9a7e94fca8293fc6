// The RISC-V hart and the compiled specification on whole programs, beside QEMU's translator on the same images.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHart, type Hart } from '../../../impl/cpu/riscv/hart.ts'
import { riscvHart } from '../../../model/isa/riscv/isa.ts'
import { compileWasm } from '../../../model/machine/wasm-machine.ts'
import { hartRate } from '../../../properties/hart/rate.ts'
import type { Measure } from '../measures.ts'
import { images } from './images.ts'

const base = 0x8000_0000, ramBytes = 16 << 20, finisher = 0x10_0000
const qemu = 'qemu-system-riscv64'

const imageOf = (name: string): Uint8Array => Buffer.from(images[name]!, 'base64')

/** Runs a program to its end, or for so many steps; steps and seconds. */
const onHart = (name: string, translate: boolean, steps = Infinity): { readonly steps: number; readonly seconds: number } => {
  const hart: Hart = createHart({ ramBytes, translate, accessedDirty: 'update' }, {
    load: () => undefined,
    store: (address) => {
      hart.stop()
      return address === finisher
    },
    time: () => 0n,
  })
  hart.ram.set(imageOf(name))
  const began = performance.now()
  hart.run(steps)
  return { steps: hart.steps(), seconds: (performance.now() - began) / 1000 }
}

const secondsOnQemu = (image: Uint8Array, folder: string): number | undefined => {
  const file = join(folder, 'image')
  writeFileSync(file, image)
  const began = performance.now()
  const { error, status } = spawnSync(qemu, ['-M', 'virt', '-m', '16M', '-bios', file, '-display', 'none', '-serial', 'none', '-monitor', 'none'], { timeout: 120_000 })
  if (error && 'code' in error && error.code === 'ENOENT') return undefined
  if (error || status !== 0) throw new Error(`${qemu} did not run the image: ${error?.message ?? `exit code ${status}`}`)
  return (performance.now() - began) / 1000
}

/** LUI t1, 0x100; LUI t0, 5; ADDI t0, t0, 0x555; SW t0, 0(t1): what QEMU takes to start and to end. */
const nothing = new Uint8Array(Uint32Array.of(0x00100337, 0x000052b7, 0x55528293, 0x00532023, 0x6f).buffer)

const rounds = 3
const best = <T extends number | undefined>(times: readonly T[]): T => times.reduce((a, b) => (b !== undefined && a !== undefined && b < a ? b : a))
const mean = (values: readonly number[]): number => Math.exp(values.reduce((n, v) => n + Math.log(v), 0) / values.length)
const rounded = (n: number, places = 10): number => Math.round(n * places) / places
const rate = 'million instructions a second'

/** To the end of each program, by turns; the geometric mean of the rates. */
export const hart = (): Measure => {
  const folder = mkdtempSync(join(tmpdir(), 'popek-hart-')), more: Record<string, number> = {}
  const own: number[] = [], theirs: number[] = []
  try {
    const start = best(Array.from({ length: 3 }, () => secondsOnQemu(nothing, folder)))
    for (const name of Object.keys(images)) {
      const runs = Array.from({ length: rounds }, () => ({ ours: onHart(name, true), qemu: start === undefined ? undefined : secondsOnQemu(imageOf(name), folder)! - start }))
      const millions = runs[0]!.ours.steps / 1e6
      own.push(millions / best(runs.map((r) => r.ours.seconds)))
      more[name] = rounded(own.at(-1)!)
      if (start === undefined) continue
      theirs.push(millions / best(runs.map((r) => r.qemu!)))
      more[`${name}, QEMU`] = rounded(theirs.at(-1)!)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
  const [value, baseline] = [mean(own), theirs.length > 0 ? mean(theirs) : 0]
  return {
    name: 'hart', title: 'RISC-V hart, translating, geometric mean over programs', value: rounded(value), unit: rate,
    baseline: { name: theirs.length > 0 ? 'QEMU\'s translator on the same images' : `${qemu} is not installed (Debian: qemu-system-misc)`, value: rounded(baseline), unit: rate },
    ratio: baseline === 0 ? 0 : rounded(value / baseline, 1000), more,
  }
}

const integer = ['calls', 'sort', 'sieve', 'copy', 'records', 'core', 'checksum']

/** The hart without translation, and the specification compiled, on integer programs. */
export const interpreter = (): Measure => {
  const more: Record<string, number> = {}
  const own = integer.map((name) => {
    const { steps, seconds } = onHart(name, false, 60_000_000)
    return (more[name] = rounded(steps / seconds / 1e6))
  })
  const { isa, reset } = riscvHart('riscv64', { accessedDirty: 'hardware' })
  const machine = compileWasm(isa, { ram: { base: BigInt(base), size: ramBytes } })
  const specified = integer.map((name) => {
    const m = machine.start()
    m.ram.set(imageOf(name))
    for (const [register, content] of Object.entries(reset.registers)) m.setRegister(register, content)
    m.setRegister('pc', BigInt(base))
    m.written()
    m.run(2_000_000, false)
    const began = performance.now()
    m.run(20_000_000, false)
    return (more[`${name}, specification`] = rounded(m.last.steps / (performance.now() - began) / 1000))
  })
  return {
    name: 'interpreter', title: 'RISC-V hart, interpreting, geometric mean over integer programs', value: rounded(mean(own)), unit: rate,
    baseline: { name: 'the specification, compiled, with all its checks', value: rounded(mean(specified)), unit: rate }, ratio: rounded(mean(own) / mean(specified), 1000), more,
  }
}

/** Hart and specification side by side on generated programs, in one thread; one instruction at a time the hart alone is the baseline. */
export const hartLockStep = (): Measure => {
  const { all, of, generating } = hartRate(6), steps = 3_000_000
  const hart = createHart({ ramBytes, translate: false, accessedDirty: 'update' }, { load: () => undefined, store: () => false, time: () => 0n })
  hart.ram.set(imageOf('core'))
  const began = performance.now()
  for (let n = 0; n < steps; n++) hart.step()
  const alone = steps / (performance.now() - began) / 1000, millions = (n: number): number => rounded(n / 1e6, 1000)
  return {
    name: 'hart-lock-step', title: 'RISC-V hart beside its specification on generated programs, all state compared', value: millions(all), unit: `${rate} on one core`,
    baseline: { name: 'the hart alone, one instruction at a time', value: rounded(alone), unit: rate }, ratio: rounded(all / 1e6 / alone, 1000),
    more: { 'one instruction at a time': millions(of.steps), 'several at a time': millions(of.runs), 'several at a time, translating': millions(of.translated), 'percent of the time to generate': Math.round(100 * generating) },
  }
}
