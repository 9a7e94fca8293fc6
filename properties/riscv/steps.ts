// QEMU and the specification in lock step through QEMU's GDB stub: registers and CSRs after each step, memory at the end.
import { Random, streamSeed } from '../../traces/generate-random.ts'
import { EmulatorFailure, type GdbStub } from '../../traces/emulators/gdb-stub.ts'
import { Stopped } from '../../model/machine/wasm-loop.ts'
import { Csrs } from './csrs-compared.ts'
import type { WasmMachine } from '../../model/machine/wasm-machine.ts'
import { bitsOf, deviations, knownMarks, knownReturn, knownStatus, knownTrap, marksOfParting, memoryDifference, type Known, type Marked, type Trapped } from './known-of-qemu.ts'
import { numberAt, stubNumber, type OnQemu } from './on-qemu.ts'
import { compared, place, type Program } from './program.ts'
import { add, due, type Difference, type Extent } from './programs-compared.ts'
import { steppingProgram } from './stepping-program.ts'

export interface Steps {
  readonly programs: number
  readonly steps: number
  /** How often each instruction ended in which way. */
  readonly reached: ReadonlyMap<string, number>
  /** Programs that ended where the emulator is known to do otherwise, by what it does. */
  readonly explained: Readonly<Record<string, number>>
  readonly differences: readonly Difference[]
  readonly next: number
}

const stepsOfProgram = 60, mostOfProgram = 2000, mostOfSetting = 1000, patience = 2000

/** Compared after each step; the others where the step may have changed them, and at the end. */
const often = [0x003, 0x300, 0x341, 0x342, 0x343, 0x344, 0x141, 0x142, 0x143]

const [low, one, source] = [[0, 0, 0, 0], [1, 0, 0, 0], [0, 4, 0, 0]]
/** What drives the hart's lines on the board: CLINT; and the UART, ready to send, as interrupt 10 of PLIC, which looks at enables when a priority is written. */
const uart = { interruptEnable: [0x1000_0001, [2]], priority: [0xc00_0028, one] } as const
const lines = [
  { name: 'mip.MSIP', address: 0x200_0000, low, high: one },
  { name: 'mip.MTIP', address: 0x200_4000, low: [255, 255, 255, 255, 255, 255, 255, 127], high: [...low, ...low] },
  { name: 'mip.MEIP', address: 0xc00_2000, low, high: source },
  { name: 'SEIP line', address: 0xc00_2080, low, high: source },
] as const
const drive = async (stub: GdbStub, { address, ...levels }: (typeof lines)[number], level: 'low' | 'high'): Promise<void> => {
  for (const [at, bytes] of [[address, levels[level]], uart.priority] as const) await stub.write(at, Uint8Array.from(bytes))
}

/** The scratch registers, those of earlier traps, and the configurations of environments; on RV32 their upper half, and the PMP entries of which programs do not set all. */
const unset = [0x340, 0x140, 0x342, 0x343, 0x141, 0x142, 0x143, 0x30a, 0x10a]
/** xcause and xtval of the mode that a trap has led to. */
const trapNumbers = (priv: bigint): readonly [number, number] => (priv === 3n ? [0x342, 0x343] : [0x142, 0x143])

interface Walk {
  readonly steps: number
  readonly history: readonly string[]
  readonly difference?: string
  readonly known?: Known | undefined
}

/** A program in lock step until the two differ; `drive` moves the lines of interrupts before a step, and tells what it did. */
class LockStep {
  readonly reached = new Map<string, number>()
  readonly explained: Record<string, number> = {}
  readonly csrs: Csrs
  readonly #on: OnQemu

  constructor(on: OnQemu) {
    this.#on = on
    this.csrs = new Csrs(on.hart, on.specified)
  }

  /** Both sides as after power on, with no interrupt; reset leaves some of QEMU's registers as they are. */
  async #prepare(): Promise<void> {
    const { stub } = this.#on.qemu
    await this.#on.reset()
    await stub.interruptSteps()
    await stub.write(uart.interruptEnable[0], Uint8Array.from(uart.interruptEnable[1]))
    for (const line of lines) await drive(stub, line, 'low')
    for (const csr of [...unset, ...(this.#on.xlen === 32 ? [0x31a, 0x3a1, 0x3a2] : [])]) await this.#set(csr, 0n)
  }

  async walk(p: Program, steps: number, drive: () => Promise<string | undefined> = async () => undefined, end?: bigint): Promise<Walk> {
    const { hart: { isa }, specified: m, qemu: { stub } } = this.#on, history: string[] = []
    await this.#prepare()
    await this.#on.begin(p)
    await stub.breakAt(p.leaving)
    for (let k = 0; k < mostOfSetting && m.register('pc') !== BigInt(p.leaving); k++) m.run(1, false)
    const there = await stub.run(patience)
    await stub.clearBreak(p.leaving)
    if (!there) throw new EmulatorFailure('the emulator does not come to the end of what sets a program up')
    for (let k = 0; k < steps && m.register('pc') !== end; k++) {
      const driven = await drive()
      if (driven !== undefined) history.push(driven)
      const pc = m.register('pc'), mode = m.register('priv'), { word, name } = this.#instructionAt(pc)
      const cause = m.run(1, true) === Stopped.trapped ? m.last.cause : undefined
      await stub.step()
      if (name.startsWith('CSRR') && word >> 24n === 0x3bn) await this.#dropPages()
      const what = cause === undefined ? name : `${name}: ${Object.entries(isa.causes).find(([, code]) => code === cause)?.[0] ?? cause}`
      this.reached.set(what, (this.reached.get(what) ?? 0) + 1)
      history.push(`${pc.toString(16)} ${what}`)
      const which = k === steps - 1 || /^(CSRR|MRET|SRET)/.test(name) ? 'all' : 'some', found = await this.#difference(which)
      const differing = this.#entries()
      if (found.length === 0 && differing.length === 0) continue
      const traps = await this.#traps(), entries = cause !== undefined && this.#takesOver(name, traps, differing) ? [] : differing
      if (entries.length > 0) found.push(this.memoryDifference(compared.tables)!)
      if (found.length === 0) continue
      const known = await this.#explanation(p, name, mode, traps, found)
      if (known?.mend && entries.length === 0 && (await this.#difference(which)).length === 0) {
        add(this.explained, known.deviation.does)
        continue
      }
      const explained = known && (entries.length === 0 || marksOfParting(this.#on.xlen, known, traps, entries))
      return { steps: k + 1, history, difference: `${history.slice(-12).join('; ')}: ${found.join(', ')}`, ...(explained ? { known } : {}) }
    }
    const difference = this.memoryDifference(compared.data)
    return { steps, history, ...(difference === undefined ? {} : { difference }) }
  }

  /** Where memory differs first between two addresses. */
  memoryDifference(extent: readonly [number, number]): string | undefined {
    const { xlen, specified: m, qemu: { ram } } = this.#on, w = xlen / 8, memory = ram!.read(extent[0], extent[1] - extent[0])
    return memoryDifference(w, extent, (a) => numberAt(m.ram, a - place.boot, w), (a) => numberAt(memory, a - extent[0], w))
  }

  /** The entries of page tables that differ. */
  #entries(): readonly Marked[] {
    const { xlen, specified: m, qemu: { ram } } = this.#on, [first, end] = compared.tables, w = xlen / 8
    const right = m.ram.subarray(first - place.boot, end - place.boot), had = ram!.read(first, end - first)
    if (Buffer.compare(right, had) === 0) return []
    return Array.from({ length: right.length / w }, (_, n) => ({ address: first + n * w, right: numberAt(right, n * w, w), had: numberAt(had, n * w, w) })).filter((e) => e.right !== e.had)
  }

  /** Whether they are known of a trap; they are taken over then, so that both go on alike. */
  #takesOver(name: string, [right, emulated]: readonly [Trapped, Trapped], entries: readonly Marked[]): boolean {
    const { xlen, specified: m } = this.#on, known = knownMarks(xlen, name, right, emulated, entries)
    if (!known) return false
    for (const { address, had } of entries) m.ram.set(this.#on.bytes(had), address - place.boot)
    m.written()
    add(this.explained, known.does)
    return true
  }

  /** The instruction at an address, where virtual addresses are physical ones. */
  #instructionAt(pc: bigint): { readonly word: bigint; readonly name: string } {
    const { hart, specified } = this.#on, at = Number(pc - BigInt(place.boot))
    if (at < 0 || at > place.ram - 4) return { word: 0n, name: 'fetch' }
    const word = numberAt(specified.ram, at, 4)
    return { word, name: hart.isa.instructions.find((i) => (word & i.encoding.mask) === i.encoding.match)?.name ?? 'no instruction' }
  }

  async #registers(numbers: readonly number[]): Promise<(bigint | undefined)[]> {
    return (await this.#on.qemu.stub.registers(numbers)).map((bytes) => bytes && numberAt(bytes, 0, bytes.length))
  }

  async #difference(which: 'all' | 'some'): Promise<string[]> {
    const { xlen, specified: m, qemu: { stub } } = this.#on, found: string[] = [], w = xlen / 8
    const compare = (what: string, right: bigint, had: bigint | undefined): void => {
      if (right !== had) found.push(`${what} is ${right.toString(16)}, the emulator's ${had?.toString(16)}`)
    }
    const numbers = which === 'all' ? this.csrs.numbers : often
    const [main, other] = await Promise.all([stub.mainRegisters(), this.#registers([stubNumber.priv, ...Array.from({ length: 32 }, (_, n) => stubNumber.f + n), ...numbers.map((n) => stubNumber.csr + n)])])
    compare('pc', m.register('pc'), numberAt(main, 32 * w, w))
    compare('priv', m.register('priv'), other[0])
    for (let n = 0; n < 32; n++) {
      if (n > 0) compare(`x${n}`, m.cell('x', n), numberAt(main, n * w, w))
      compare(`f${n}`, m.cell('f', n), other[1 + n])
    }
    this.csrs.look()
    for (const [n, number] of numbers.entries()) {
      const had = other[33 + n]
      if (had !== undefined) compare(`CSR ${number.toString(16)}`, this.csrs.value(number), had & (bitsOf[number] ?? ~0n))
    }
    return found
  }

  /** Mends the emulator's registers where that is all that its deviation comes to. */
  async #explanation(p: Program, name: string, mode: bigint, [right, emulated]: readonly [Trapped, Trapped], found: readonly string[]): Promise<Known | undefined> {
    const { specified: m } = this.#on, mstatus = this.csrs.value(0x300)
    const [priv, had] = await this.#registers([stubNumber.priv, stubNumber.csr + 0x300])
    const kept = found.every((text) => /^CSR [13]00 /.test(text)) ? knownStatus(name, mstatus, had!) : undefined
    if (kept) {
      await this.#set(0x300, mstatus)
      return { deviation: kept, mend: { cause: 0n, value: 0n } }
    }
    const { xlen } = this.#on, pc = numberAt(await this.#on.qemu.stub.mainRegisters(), 4 * xlen, xlen / 8)
    const odd = found.length === 1 ? knownReturn(name, m.register('pc'), pc) : undefined
    if (odd) {
      await this.#on.qemu.stub.setRegister(stubNumber.pc, this.#on.bytes(m.register('pc')))
      return { deviation: odd, mend: { cause: 0n, value: 0n } }
    }
    const known = knownTrap(p, name, { ...right, supervisorWithSum: mode === 1n && (mstatus & 0x4_0000n) !== 0n }, emulated)
    if (known?.mend) {
      const [xcause, xtval] = trapNumbers(priv!)
      await this.#set(xcause, known.mend.cause)
      await this.#set(xtval, known.mend.value)
    }
    return known
  }

  /** The traps that the specification and the emulator took last, into the modes that they are in. */
  async #traps(): Promise<readonly [right: Trapped, emulated: Trapped]> {
    const [priv] = await this.#registers([stubNumber.priv])
    const [cause, value] = await this.#registers(trapNumbers(priv!).map((n) => stubNumber.csr + n))
    this.csrs.look()
    const [rightCause, rightValue] = trapNumbers(this.#on.specified.register('priv')).map((n) => this.csrs.value(n))
    return [{ cause: rightCause!, value: rightValue! }, { cause: cause!, value: value! }]
  }

  /** A change of satp does it. */
  async #dropPages(): Promise<void> {
    const satp = this.csrs.at(0x180), other = satp === 0n ? 1n << BigInt(this.#on.xlen - 1) : 0n
    for (const content of [other, satp]) await this.#set(0x180, content)
    add(this.explained, deviations.pmpaddr.does)
  }

  async #set(csr: number, content: bigint): Promise<void> {
    await this.#on.qemu.stub.setRegister(stubNumber.csr + csr, this.#on.bytes(content))
  }
}

export const compareSteps = async (on: OnQemu, seed: number, extent: Extent): Promise<Steps> => {
  const { xlen, hart: { isa }, specified: m } = on
  const lockStep = new LockStep(on), differences: Difference[] = []
  let steps = 0, n = extent.from
  for (; due(extent, n); n++) {
    const walked = await survive(on, async () => {
      const random = new Random(streamSeed(seed, n)), p = steppingProgram(random, xlen, isa.instructions, lockStep.csrs.numbers)
      return lockStep.walk(p, stepsOfProgram, async () => {
        if (!random.chance(10)) return undefined
        const line = random.of(lines), level = random.of(['low', 'high'] as const)
        m.setRegister(line.name, level === 'high' ? 1n : 0n)
        await drive(on.qemu.stub, line, level)
        return `${line.name} ${level}`
      })
    })
    steps += walked.steps
    if (walked.known) add(lockStep.explained, walked.known.deviation.does)
    else if (walked.difference !== undefined) differences.push({ program: n, difference: walked.difference })
    if (locks(m)) await on.restart()
    extent.onProgress?.(n + 1 - extent.from)
  }
  return { programs: n - extent.from, steps, reached: lockStep.reached, explained: lockStep.explained, differences, next: n }
}

/** A program with which the emulator hangs or ends twice, on a machine of its own the second time, is one that differs. */
const survive = async (on: OnQemu, walk: () => Promise<Walk>): Promise<Walk> => {
  for (let tries = 0; ; tries++) {
    try {
      return await walk()
    } catch (error) {
      if (!(error instanceof EmulatorFailure)) throw error
      await on.restart()
      if (tries === 1) return { steps: 0, history: [], difference: error.message }
    }
  }
}

/** Whether a PMP entry is locked besides the last, which is so in each program. */
const locks = (m: WasmMachine): boolean => Array.from({ length: 15 }, (_, entry) => m.cell('pmpcfg', entry)).some((configuration) => (configuration & 0x80n) !== 0n)

/** Where a program first differs that does not end as it should: the step, or else the deviations that explain it. */
export const firstDifference = async (on: OnQemu, p: Program, end: bigint): Promise<{ readonly difference?: string; readonly explained: readonly string[] }> => {
  const lockStep = new LockStep(on), { difference, known } = await lockStep.walk(p, mostOfProgram, undefined, end)
  if (difference === undefined) return { explained: Object.keys(lockStep.explained) }
  return { difference, explained: known ? [known.deviation.does] : [] }
}
