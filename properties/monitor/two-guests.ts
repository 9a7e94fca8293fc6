// Two guests by turns under one monitor, each beside its own specification, and a second run with another second guest.
import type { Machine } from '../../model/vocab/index.ts'
import type { Monitor, ReferenceMachine, System, VirtualMachine } from '../../traces/adapters.ts'
import type { Trial } from '../../traces/generate-trial.ts'
import type { Program } from '../../traces/generate.ts'
import { describeDifference, pairsOf, sameDevices, samePairs, sameProcessor, sameWords, wordsOf, type Pairs } from './compare.ts'
import { OthersDisk } from './others-disk.ts'
import { Broken, type Failure, type PropertyName } from './property.ts'
import { References } from './references.ts'
import { canaryGuest, checkReset, checkWindows, load, machineOptions, programOf } from './stack.ts'
import { Tally } from './tally.ts'
import { Watch, type Fail } from './watch.ts'

const enoughTraps = 40
/** Guest steps within which the scheduler comes back to a guest. */
const longestWait = 2000

/** One hardware with a monitor and two guests. */
class Pair {
  readonly hardware: Machine
  readonly monitor: Monitor
  readonly guests: readonly VirtualMachine[]
  readonly watch: Watch
  private readonly cells: Int32Array
  private readonly image: Int32Array
  private readonly pairs: Pairs
  private readonly imagePairs: Pairs
  private readonly trapCell: number
  private readonly othersDisk: OthersDisk
  private readonly fail: Fail
  private readonly specifications: readonly ReferenceMachine[]
  private readonly printed = [0, 0]
  /** Whose turn it is, and for how many steps it has been. */
  private turn = -1
  private steps = 0
  private readonly quantum: number
  /** Every step is seen alone. */
  private readonly exact: boolean
  private readonly exits = [new Float64Array(8), new Float64Array(8)]
  private readonly stolen = [0, 0]

  constructor(system: System, trial: Trial, programs: readonly Program[], references: References, role: string, fail: Fail) {
    this.fail = fail
    this.quantum = trial.quanta[0]!
    this.exact = trial.strides.every((stride) => stride === 1)
    const trapCells = trial.hardwareTrapCells
    const forwarded = trial.console === 'hardware'
    const size = programs.reduce((sum, program) => sum + program.size, 0) + (trapCells === 'high' ? 64 : 48)
    const diskSize = programs.reduce((sum, program) => sum + program.diskSize, 0) + 4
    const options = { size, trapCells, diskSize, variant: system.variant, keyboard: forwarded ? programs[0]!.keyboard : [0x21] }
    this.hardware = system.parts.hardware(options, (of) => references.take(`${role} hardware`, of))
    this.monitor = system.parts.monitor(this.hardware, { guests: [], quantum: this.quantum }, 0)
    canaryGuest(this.monitor).halted = true
    this.guests = programs.map(({ size: cells, diskSize: words, trapCells: of, keyboard }, index) => this.monitor.admit({
      size: cells, diskSize: words, trapCells: of, ...(forwarded && index === 0 ? { console: 'hardware' as const } : { keyboard }),
    }))
    this.trapCell = trapCells === 'high' ? size - 2 : 0
    checkWindows(this.monitor, this.hardware, this.trapCell)
    this.specifications = programs.map((program, index) => {
      const guest = this.guests[index]!
      checkReset(guest, machineOptions(system, program))
      const specification = references.take(`${role} ${index}`, machineOptions(system, program))
      load(guest, program)
      load(specification, program)
      return specification
    })
    this.watch = new Watch({
      hardware: this.hardware, quantum: this.quantum, allocations: this.guests.map(({ window }) => window), fail,
      twin: references.take('twin', { ...options, keyboard: [] }),
    })
    this.othersDisk = new OthersDisk(this.hardware, this.guests)
    this.cells = wordsOf(this.hardware.storage)
    this.image = this.cells.slice()
    this.pairs = pairsOf(this.cells)
    this.imagePairs = pairsOf(this.image)
  }

  get halted(): boolean {
    return this.guests.every(({ halted }) => halted)
  }

  specification(index: number): ReferenceMachine {
    return this.specifications[index]!
  }

  /** Runs the monitor for at most `limit` guest steps and compares everything; how many each guest made. */
  run(limit: number, tally: Tally): readonly [number, number] {
    const [first, second] = this.guests as [VirtualMachine, VirtualMachine]
    const before = [first.steps, second.steps] as const
    const hardwareBefore = this.hardware.steps
    this.watch.reset(limit)
    this.monitor.run(limit)
    const made = [first.steps - before[0], second.steps - before[1]] as const
    if (this.hardware.halted) this.fail('resource-control', 'a guest halted the hardware')
    if (limit === 1 && this.watch.reached === (made[0] > 0 ? 1 : 0)) this.fail('resource-control', "a guest ran in the other guest's cells")
    if (!this.othersDisk.same()) this.fail('resource-control', "a disk word that is no guest's that ran has changed")
    this.compare(0, made[0], tally)
    this.compare(1, made[1], tally)
    this.compareStorage()
    tally.met['resource-control'] += 1
    tally.interventions += this.watch.traps
    tally.met.accounting += 1
    tally.met.processor += 1
    if (this.exact) this.checkTurn(made, hardwareBefore)
    this.checkKinds()
    return made
  }

  private compare(index: number, steps: number, tally: Tally): void {
    const specification = this.specifications[index]!
    const guest = this.guests[index]!
    if (steps > 0) {
      const wasUser = specification.mode
      const cell = specification.counter + 16 * specification.base
      const opcode = cell < specification.storage.length ? specification.storage[cell]! >>> 24 : 0
      specification.run(steps)
      if (steps === 1) {
        const cause = specification.lastCause
        if (cause === 0) tally.completed[wasUser << 8 | opcode]! += 1
        else tally.traps[wasUser << 3 | cause]! += 1
      }
      if (opcode === 0x86 || steps > 1) this.printed[index] = specification.printed.length
    }
    tally.met.equivalence += 1
    if (!sameProcessor(specification, guest) || !sameDevices(specification, guest) || !sameWords(specification.registers, guest.registers)
      || !sameWords(specification.disk, guest.disk as Int32Array) || guest.printed.length !== this.printed[index]) {
      this.fail('equivalence', `guest ${index + 1}: ${describeDifference(specification, guest)}`)
    }
  }

  private compareStorage(): void {
    const { image, cells } = this
    this.guests.forEach(({ window }, index) => image.set(this.specifications[index]!.storage, window.start))
    image[this.trapCell] = cells[this.trapCell]!
    if (samePairs(this.imagePairs, this.pairs)) return
    const cell = cells.findIndex((word, place) => word !== image[place])
    const owner = this.guests.findIndex(({ window }) => cell >= window.start && cell < window.start + window.length)
    if (owner < 0) this.fail('resource-control', `the hardware's cell ${cell} is no guest's and has changed`)
    this.fail('equivalence', `guest ${owner + 1}: ${describeDifference(this.specifications[owner]!, this.guests[owner]!)}`)
  }

  /** Round robin: a turn lasts a quantum or until the guest halts; the other's time is stolen meanwhile. */
  private checkTurn(made: readonly [number, number], hardwareBefore: number): void {
    const running = made[0] > 0 ? 0 : 1
    const other = this.guests[1 - running]!
    if (made[0] + made[1] !== 1) this.fail('accounting', `one step was asked for, and ${made[0] + made[1]} are counted`)
    if (running === this.turn) {
      this.steps += 1
      if (this.steps > this.quantum && !other.halted) this.fail('resource-control', `guest ${running + 1} keeps the machine after its quantum of ${this.quantum}`)
    } else {
      if (this.turn >= 0 && this.steps < this.quantum && !this.guests[this.turn]!.halted) {
        this.fail('resource-control', `guest ${this.turn + 1} loses the machine after ${this.steps} steps of its quantum of ${this.quantum}`)
      }
      this.turn = running
      this.steps = 1
    }
    if (this.steps >= this.quantum && other.halted) this.steps = 0
    if (!other.halted) this.stolen[1 - running]! += this.hardware.steps - hardwareBefore
    this.countExits(running)
    this.guests.forEach(({ accounting }, index) => {
      if (accounting.stolen !== this.stolen[index]) {
        this.fail('accounting', `${this.stolen[index]} hardware steps were stolen from guest ${index + 1}, ${accounting.stolen} are counted`)
      }
      for (let cause = 1; cause <= 6; cause += 1) {
        if (accounting.exits[cause] !== this.exits[index]![cause]) {
          this.fail('accounting', `guest ${index + 1} had ${this.exits[index]![cause]} exits of cause ${cause}, ${accounting.exits[cause]} are counted`)
        }
      }
    })
  }

  private countExits(running: number): void {
    const { traps, timerTraps, cause } = this.watch
    this.exits[running]![5]! += timerTraps
    if (traps > timerTraps) this.exits[running]![cause === 5 ? this.watch.otherCause : cause]! += traps - timerTraps
  }

  /** Steps by kind add up to what ran. */
  private checkKinds(): void {
    this.guests.forEach(({ accounting, steps }, index) => {
      const sum = accounting.direct + accounting.emulated + accounting.reflected + accounting.interpreted
      if (sum !== steps || steps !== this.specifications[index]!.steps) {
        this.fail('accounting', `guest ${index + 1} made ${this.specifications[index]!.steps} steps, ${steps} are counted, by kinds ${sum}`)
      }
    })
  }
}

export class TwoGuests {
  readonly system: System
  private tally = new Tally()
  private readonly focus: PropertyName | undefined
  private readonly references: References
  private step = 0
  private pair: Pair | undefined

  constructor(system: System, focus?: PropertyName) {
    this.system = system
    this.focus = focus
    this.references = new References(system)
  }

  takeTally(): Tally {
    const { tally } = this
    this.tally = new Tally()
    return tally
  }

  /** Runs a trial to its end or to the first step at which a property does not hold. */
  run(trial: Trial): Failure | undefined {
    this.step = 0
    this.tally.programs += 1
    this.pair = undefined
    let failure: Failure | undefined
    try {
      this.runSteps(trial)
    } catch (error) {
      failure = error instanceof Broken
        ? { property: error.property, step: this.step, what: error.message }
        : { property: 'equivalence', step: this.step, what: `the implementation threw: ${String(error)}` }
    }
    if (this.pair) this.tally.notePaths((this.pair as Pair).monitor)
    return failure && (this.focus === undefined || failure.property === this.focus) ? failure : undefined
  }

  after(trial: Trial, steps: number): Trial | undefined {
    const failure = this.run({ ...trial, steps, strides: [1] })
    const { pair } = this
    if (failure || !pair || this.step !== steps) return undefined
    return { ...trial, programs: trial.programs.map((program, index) => programOf(pair.specification(index), program)) }
  }

  private readonly fail = (property: PropertyName, what: string): void => {
    // Isolation compares two runs with each other, so it can be asked of a monitor that is not equivalent.
    const ends = property === 'processor' || (property === 'equivalence' && this.focus !== 'isolation')
    if (ends || this.focus === undefined || property === this.focus) throw new Broken(property, what)
  }

  private runSteps(trial: Trial): void {
    const { programs, other, steps, strides } = trial
    const pair = new Pair(this.system, trial, programs, this.references, 'first', this.fail)
    this.pair = pair
    const second = other && new Pair(this.system, trial, [programs[0]!, other], this.references, 'second', this.fail)
    const { tally } = this
    let turn = 0
    let dull = enoughTraps
    while (this.step < steps && !pair.halted && dull > 0) {
      const limit = Math.min(Math.abs(strides[turn]!), steps - this.step)
      turn = turn + 1 < strides.length ? turn + 1 : 0
      this.step += limit
      const [made] = pair.run(limit, tally)
      if (pair.watch.traps > 0) dull -= 1
      if (second && made > 0) this.compareRuns(pair, second, made)
      tally.steps += 1
    }
  }

  /** The second run goes on until the first guest has come as far there; it must have observed the same. */
  private compareRuns(pair: Pair, second: Pair, made: number): void {
    const observed = pair.guests[0]!
    const again = second.guests[0]!
    let turns = 0
    for (let done = 0; done < made; turns += 1) {
      if (turns > longestWait) this.fail('isolation', 'beside another guest this one does not get on')
      done += second.run(1, discarded)[0]
    }
    this.tally.met.isolation += 1
    const same = sameProcessor(observed, again) && sameDevices(observed, again) && sameWords(observed.registers, again.registers)
      && sameWords(wordsOf(observed.storage), wordsOf(again.storage)) && sameWords(wordsOf(observed.disk), wordsOf(again.disk))
      && observed.printed.length === again.printed.length
    if (!same) this.fail('isolation', `beside another guest ${describeDifference(observed, again)}`)
  }
}

/** Of the second run only the comparison counts. */
const discarded = new Tally()
