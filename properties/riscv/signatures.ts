// QEMU and the specification on the same programs: what each has written down, and where the two differ.
import { Random, streamSeed } from '../../traces/generate-random.ts'
import { startQemu } from '../../traces/emulators/qemu.ts'
import { riscvHart } from '../../model/isa/riscv/isa.ts'
import type { Parameters } from '../../model/isa/riscv/parameters.ts'
import { SpecificationMachine } from '../../model/machine/specification-machine.ts'
import { doneAt, dumpBytes, place, program, recordBytes, type Program, type Xlen } from './program.ts'

/** QEMU 7.2's choices, as the specification names them. */
export const choicesOfQemu = {
  dirtiness: 'tracked', accessedDirty: 'hardware', breakpointValue: 'zero', schemes: ['Sv32', 'Sv39', 'Sv48'], regions: [{ base: BigInt(place.boot), size: BigInt(place.ram) }],
} as const satisfies Partial<Parameters>

export interface Signatures {
  /** Programs that both have run to their ends. */
  readonly compared: number
  readonly traps: number
  /** Programs that ended where the emulator is known to do otherwise, by what it does. */
  readonly explained: Readonly<Record<string, number>>
  readonly differences: readonly { readonly program: number; readonly difference: string }[]
}

const mostSteps = 4000, patience = 2000

/** Compares programs `from` to `to` - 1 of a seed. Throws EmulatorMissing without QEMU. */
export const compareSignatures = async (xlen: Xlen, seed: number, from: number, to: number, choices: Partial<Omit<Parameters, 'translation'>> = choicesOfQemu): Promise<Signatures> => {
  const { isa } = riscvHart(`riscv${xlen}`, choices), m = new SpecificationMachine(isa), w = xlen / 8, done = BigInt(doneAt(xlen))
  const qemu = await startQemu({ program: `qemu-system-riscv${xlen}`, package: 'qemu-system-misc' }, ['-M', 'virt', '-bios', 'none', '-m', `${place.ram >> 20}M`, '-cpu', `rv${xlen},h=off,debug=off,sstc=off`])
  const explained: Record<string, number> = {}, differences: { program: number; difference: string }[] = []
  let compared = 0, traps = 0
  try {
    await qemu.stub.breakAt(doneAt(xlen))
    for (let n = from; n < to; n++) {
      const p = program(new Random(streamSeed(seed, n)), xlen, isa.instructions)
      m.clear()
      m.setRegister('priv', 3n)
      m.setRegister('pc', BigInt(place.boot))
      for (const [address, content] of p.pages) {
        m.bank('memory').write(BigInt(address), content)
        await qemu.stub.write(address, content)
      }
      m.run(mostSteps, () => m.register('pc') === done)
      if (m.register('pc') !== done) {
        // The program's own pages cannot be reached: no end.
        explained['the program has no end'] = (explained['the program has no end'] ?? 0) + 1
        continue
      }
      await qemu.stub.setRegister(32, Uint8Array.from({ length: w }, (_, k) => (place.boot / 2 ** (8 * k)) & 0xff))
      const stopped = await qemu.stub.run(patience), memory = stopped ? await qemu.stub.read(place.data, place.end - place.data) : undefined
      const found = memory ? compare(p, m, xlen, memory) : { difference: 'the emulator does not come to the end', traps: 0 }
      traps += found.traps
      if (found.known !== undefined) explained[found.known] = (explained[found.known] ?? 0) + 1
      else if (found.difference !== undefined) differences.push({ program: n, difference: found.difference })
      else compared++
    }
  } finally {
    qemu.end()
  }
  return { compared, traps, explained, differences }
}

interface Found {
  readonly traps: number
  readonly known?: string
  readonly difference?: string
}

const compare = (p: Program, m: SpecificationMachine, xlen: Xlen, memory: Uint8Array): Found => {
  const w = xlen / 8
  const had = (address: number): bigint => memory.subarray(address - place.data, address - place.data + w).reduceRight((all, byte) => (all << 8n) | BigInt(byte), 0n)
  const specified = (address: number): bigint => m.bank('memory').number(BigInt(address), w)
  let at: number = place.log, traps = 0
  for (;;) {
    const [cause, pc, value] = [0, 1, 2].map((k) => specified(at + k * w)) as [bigint, bigint, bigint], emulated = [0, 1, 2].map((k) => had(at + k * w))
    const name = p.names[Math.floor((Number(pc) - place.code) / 4)] ?? 'the end'
    // The emulator raises the exceptions of AMOs as those of loads, two codes below.
    const code = name.startsWith('AMO') && [4n, 5n, 13n].includes(emulated[0]!) ? emulated[0]! + 2n : emulated[0]!
    if (code !== cause || emulated[1] !== pc || emulated[2] !== value) {
      const difference = `${name} at ${pc.toString(16)}: cause ${cause}, value ${value.toString(16)}; the emulator's cause ${emulated[0]}, value ${emulated[2]!.toString(16)} at ${emulated[1]!.toString(16)}`
      return { traps, difference, ...knownTrap(p, cause, value, emulated[2]!) }
    }
    traps++
    at += recordBytes(xlen)
    if (cause >= 8n && cause <= 11n) break
  }
  const compared: readonly (readonly [string, number, number])[] = [['registers', at, at + dumpBytes(xlen)], ['data', place.data, place.data + 0x4000], ['tables', place.tables, place.end]]
  let early = false
  for (const [what, first, end] of compared)
    for (let a = first; a < end; a += w) {
      if (specified(a) === had(a)) continue
      if (what !== 'tables' || (had(a) & ~specified(a)) !== (had(a) ^ specified(a)) || ((had(a) ^ specified(a)) & ~0xc0n) !== 0n)
        return { traps, difference: `${what}: ${specified(a).toString(16)} at ${a.toString(16)}; the emulator's ${had(a).toString(16)}` }
      early = true
    }
  return early ? { traps, known: 'A and D set by an access that then faults' } : { traps }
}

/** Where the emulator is known to trap otherwise. */
const knownTrap = (p: Program, cause: bigint, value: bigint, emulated: bigint): { readonly known: string } | undefined => {
  const inRam = value >= BigInt(place.boot) && value < BigInt(place.boot + place.ram), late = (v: bigint): boolean => (v & 0xfffn) > 0xff8n
  if ((cause === 5n || cause === 7n) && !inRam) return { known: 'devices where the specification has no memory' }
  // Its first and last byte are all that the emulator looks at.
  const first = Number(value & 0xfffn), entry = p.fourBytes & 0xfff
  if (p.restricted && (cause === 5n || cause === 7n) && first < entry && entry + 3 < first + 7) return { known: 'PMP entries inside of an access are not seen' }
  if (p.restricted && (late(value) || late(emulated))) return { known: 'PMP checked beyond the end of a page' }
  return undefined
}
