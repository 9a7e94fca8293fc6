// One guest in lock step: the specification, the bare processor and the guest under its monitors, compared after every step.
import { SUPERVISOR, type Machine, type Stop } from '../../model/vocab/index.ts'
import type { ReferenceMachine, System, VirtualMachine } from '../../traces/adapters.ts'
import type { Program } from '../../traces/generate.ts'
import {
  describeDifference, pairsOf, processorComparison, sameDevices, sameInBoth, samePairs, sameProcessor, sameRange, sameWords, wordsOf, type Pairs,
} from './compare.ts'
import { ALWAYS, NEVER, instructionTable, type InstructionTable } from './instruction-table.ts'
import { OthersDisk } from './others-disk.ts'
import { Broken, type Failure, type PropertyName } from './property.ts'
import { References } from './references.ts'
import { buildStack, load, machineOptions, programOf, type Stack } from './stack.ts'
import { Tally } from './tally.ts'
import type { Trial } from '../../traces/generate-trial.ts'
import { Watch } from './watch.ts'

/** What a machine holds, for fast comparison. */
interface Words {
  readonly registers: Pairs
  readonly storage: Pairs
  readonly disk: Pairs
}
const pairsOfMachine = ({ registers, storage, disk }: Machine): Words =>
  ({ registers: pairsOf(wordsOf(registers)), storage: pairsOf(wordsOf(storage)), disk: pairsOf(wordsOf(disk)) })

const sameAsProcessor = processorComparison()
const sameAsGuest = processorComparison()
const timerCause = 5
const IN = 0x85
/** From here on an opcode is privileged, or of a flawed variant. */
const firstPrivileged = 0x80
const OUT = 0x86
const everyStep = [1]
/** A program that has trapped so often repeats itself; a trap in a row with another counts double. */
const enoughTraps = 40

export class LockStep {
  readonly system: System
  private tally = new Tally()
  /** When given, only this property can fail; the run ends where another breaks the comparison. */
  private readonly focus: PropertyName | undefined
  private readonly references: References
  private readonly table: InstructionTable
  private readonly nested: boolean
  private readonly hybrid: boolean

  private specification!: ReferenceMachine
  private processor!: Machine
  private stack: Stack | undefined
  /** One for each level, outermost first, and the innermost. */
  private watches: readonly Watch[] = []
  private watch: Watch | undefined
  /** What the whole storage of the hardware must be. */
  private image!: Int32Array
  private imagePairs!: Pairs
  private hardwarePairs!: Pairs
  private othersDisk: OthersDisk | undefined
  private step = 0
  /** What the tally had before this trial. */
  private stepsBefore = 0
  /** Steps at which the hardware ran the guest, and steps with an exit or a trap. */
  private directSteps = 0
  private exitSteps = 0
  private steppedSingly = true
  /** Traps until the program is dull, and whether the latest step was one. */
  private dull = 0
  private trapped = false
  private printed = 0
  /** Timer traps of the hardware that the specification or the quantum accounts for, less those that came. */
  private timerCredit = 0
  private sinceQuantum = 0
  private readonly exits = new Float64Array(8)
  private specificationCells!: Int32Array
  private hardwareCells!: Int32Array
  private specificationPairs!: Words
  private processorPairs!: Words
  private guestPairs!: Words

  constructor(system: System, focus?: PropertyName) {
    this.system = system
    this.focus = focus
    this.references = new References(system)
    this.table = instructionTable(system.variant)
    this.nested = system.depth > 1
    this.hybrid = system.technique === 'hybrid'
  }

  /** Runs a trial to its end or to the first step at which a property does not hold. */
  run(trial: Trial): Failure | undefined {
    this.step = 0
    this.stepsBefore = this.tally.steps
    this.directSteps = 0
    this.exitSteps = 0
    this.steppedSingly = trial.strides.every((stride) => stride === 1)
    this.tally.programs += 1
    try {
      this.prepare(trial)
      this.runSteps(trial)
      this.finish()
    } catch (error) {
      if (error instanceof Broken) {
        if (this.focus !== undefined && error.property !== this.focus) return undefined
        return { property: error.property, step: this.step, what: error.message }
      }
      if (this.focus !== undefined && this.focus !== this.equivalence) return undefined
      return { property: this.equivalence, step: this.step, what: `the implementation threw: ${String(error)}` }
    } finally {
      this.noteMet()
      for (const { monitor } of this.stack?.levels ?? []) this.tally.notePaths(monitor)
    }
    return undefined
  }

  /** What the runs since the last call exercised. */
  takeTally(): Tally {
    const { tally } = this
    this.tally = new Tally()
    return tally
  }

  /** The trial that starts where this one is after `steps` steps; undefined when it does not come so far. */
  after(trial: Trial, steps: number): Trial | undefined {
    const failure = this.run({ ...trial, steps, strides: everyStep })
    if (failure || this.step !== steps) return undefined
    return { ...trial, programs: [programOf(this.specification, trial.programs[0]!)] }
  }

  /** How often each premise was met: one comparison after each step, and for the guest one before the first. */
  private noteMet(): void {
    const { tally, stack } = this
    const { met } = tally
    const compared = tally.steps - this.stepsBefore
    met.processor += compared
    if (!stack) return
    met[this.equivalence] += compared + 1
    met['resource-control'] += compared + 1
    met.efficiency += this.directSteps
    met['trap-and-emulate'] += this.exitSteps
    met.accounting += compared
  }

  /** What equality with the bare machine is called here. */
  private get equivalence(): PropertyName {
    return this.nested ? 'recursion' : 'equivalence'
  }

  private readonly fail = (property: PropertyName, what: string): void => {
    const ends = property === 'processor' || property === this.equivalence
    if (ends || this.focus === undefined || property === this.focus) throw new Broken(property, what)
  }

  private prepare(trial: Trial): void {
    const program = trial.programs[0]!
    const options = machineOptions(this.system, program)
    this.stack = undefined
    this.specification = this.references.take('bare', options)
    this.processor = this.system.parts.processor(options)
    load(this.specification, program)
    load(this.processor, program)
    this.specificationCells = this.specification.storage
    this.specificationPairs = pairsOfMachine(this.specification)
    this.processorPairs = pairsOfMachine(this.processor)
    this.printed = 0
    this.dull = enoughTraps
    this.trapped = false
    this.timerCredit = 0
    this.sinceQuantum = 0
    this.exits.fill(0)
    if (this.system.depth > 0) this.prepareStack(trial, program)
  }

  private prepareStack(trial: Trial, program: Program): void {
    const { quanta, hardwareTrapCells, predecessor, console } = trial
    const stack = buildStack(this.system, { program, quanta, hardwareTrapCells, predecessor, console }, this.references)
    this.stack = stack
    const { hardware, levels } = stack
    const watches = levels.map((level, index) => new Watch({
      hardware: level.hardware, quantum: level.quantum, allocations: [level.guest.window], fail: this.fail,
      ...(index === 0 ? { twin: this.references.take('twin', { ...hardware.options, keyboard: [] }) } : {}),
    }))
    this.watches = watches
    this.watch = watches.at(-1)!
    this.hardwareCells = wordsOf(hardware.storage)
    this.guestPairs = pairsOfMachine(stack.machine)
    this.image = this.hardwareCells.slice()
    this.imagePairs = pairsOf(this.image)
    this.hardwarePairs = pairsOf(this.hardwareCells)
    this.othersDisk = new OthersDisk(levels[0]!.hardware, [levels[0]!.guest])
    this.compareGuest(stack.machine)
  }

  private runSteps(trial: Trial): void {
    const { steps, strides } = trial
    const { specification } = this
    let turn = 0
    while (this.step < steps && !specification.halted && this.dull > 0) {
      const stride = strides[turn]!
      turn = turn + 1 < strides.length ? turn + 1 : 0
      if (stride === 1) this.singleStep()
      else this.manySteps(stride)
    }
  }

  /** The step, and every property after it. */
  private singleStep(): void {
    const { specification, processor, stack, tally } = this
    this.step += 1
    const { mode } = specification
    const pendingBefore = specification.pending
    const opcode = this.opcodeHere(specification)
    const stop = specification.run(1)
    const cause = specification.lastCause
    if (cause === 0) {
      tally.completed[mode << 8 | opcode]! += 1
      this.trapped = false
    } else {
      tally.traps[mode << 3 | cause]! += 1
      this.dull -= this.trapped ? 2 : 1
      this.trapped = true
    }
    const printed = cause === 0 && opcode === OUT && this.notePrinted()
    const processorStop = processor.run(1)
    if (!stack) this.compareProcessor(stop, processorStop)
    else {
      const { machine } = stack
      const mayTrap = cause !== 0 || opcode >= firstPrivileged
      for (let level = 0; level < this.watches.length; level += 1) this.watches[level]!.reset(1, mayTrap)
      const machineStop = machine.run(1)
      const same = this.allSame(machine, stack)
      if (!same || processorStop !== stop) this.compareProcessor(stop, processorStop)
      if (machineStop !== stop) this.fail(this.equivalence, `the guest stopped with ${machineStop}, the bare machine with ${stop}`)
      this.checkExit(machine, cause, mode, opcode, pendingBefore)
      if (opcode === OUT || opcode === IN) this.checkDisk()
      if (!same) this.compareGuest(machine)
      if (printed) this.comparePrinted(this.printed - 1)
      this.checkAccounting(machine)
    }
    tally.steps += 1
  }

  /** Several steps in one run of each machine; compared after the last. */
  private manySteps(stride: number): void {
    const { specification, processor, stack, tally } = this
    const limit = Math.abs(stride)
    const until = stride < 0 ? 'trap' : undefined
    const before = specification.steps
    const stop = specification.run(limit, until)
    this.step += specification.steps - before
    this.printed = specification.printed.length
    this.compareProcessor(stop, processor.run(limit, until))
    if (stack) {
      for (const watch of this.watches) watch.reset(limit)
      const machineStop = stack.machine.run(limit, until)
      if (machineStop !== stop) this.fail(this.equivalence, `the guest stopped with ${machineStop}, the bare machine with ${stop}`)
      this.compareGuest(stack.machine)
    }
    tally.steps += 1
  }

  /** The opcode at P; 0, which is none, when it cannot be fetched. */
  private opcodeHere(machine: ReferenceMachine): number {
    const { counter } = machine
    const cell = counter + 16 * machine.base
    return cell < this.specificationCells.length && counter < 16 * machine.bound ? this.specificationCells[cell]! >>> 24 : 0
  }

  private compareProcessor(expectedStop: Stop, stop: Stop): void {
    const { specification, processor } = this
    if (stop !== expectedStop) this.fail('processor', `the processor stopped with ${stop}, the specification with ${expectedStop}`)
    if (!this.processorAgrees() || processor.steps !== specification.steps) {
      this.fail('processor', describeDifference(specification, processor))
    }
  }

  /** Processor and guest agree with the specification, and nothing else in the hardware's storage has changed. */
  private allSame(machine: VirtualMachine, { hardware, levels, origin }: Stack): boolean {
    const { specification, processor, image, hardwareCells, printed } = this
    const { specificationPairs: expected, processorPairs: bare, guestPairs: guest, hardwarePairs } = this
    const start = origin >> 1
    for (let level = 0; level < levels.length; level += 1) {
      const cell = levels[level]!.origin + levels[level]!.trapCell
      image[cell] = hardwareCells[cell]!
    }
    const { diskPosition, taken } = specification
    return sameAsProcessor(specification, processor) && sameAsGuest(specification, machine)
      && diskPosition === processor.diskPosition && diskPosition === machine.diskPosition
      && taken === processor.taken && taken === machine.taken
      && processor.printed.length === printed && machine.printed.length === printed
      && processor.steps === this.step && machine.steps === this.step && !hardware.halted
      && sameInBoth(expected.registers, bare.registers, guest.registers, 0)
      && sameInBoth(expected.disk, bare.disk, guest.disk, 0)
      && sameInBoth(expected.storage, bare.storage, hardwarePairs, start)
      && sameRange(this.imagePairs, hardwarePairs, 0, start)
      && sameRange(this.imagePairs, hardwarePairs, start + expected.storage.length, hardwarePairs.length)
  }

  private processorAgrees(): boolean {
    const { specification, processor, specificationPairs: expected, processorPairs: bare } = this
    return sameProcessor(specification, processor) && sameDevices(specification, processor)
      && samePairs(expected.registers, bare.registers) && samePairs(expected.storage, bare.storage)
      && samePairs(expected.disk, bare.disk) && processor.printed.length === this.printed
  }

  /** The guest's state, and with it everything else in the hardware's storage. */
  private compareGuest(machine: VirtualMachine): void {
    const { specification, stack, image } = this
    const { levels, origin } = stack!
    if (!sameProcessor(specification, machine) || !sameDevices(specification, machine)
      || !sameWords(specification.registers, machine.registers) || machine.printed.length !== this.printed
      || !sameWords(specification.disk, machine.disk as Int32Array)) {
      this.fail(this.equivalence, describeDifference(specification, machine))
    }
    image.set(this.specificationCells, origin)
    for (let level = 0; level < levels.length; level += 1) {
      const cell = levels[level]!.origin + levels[level]!.trapCell
      image[cell] = this.hardwareCells[cell]!
    }
    if (stack!.hardware.halted) this.fail('resource-control', 'the guest halted the hardware')
    if (!samePairs(this.imagePairs, this.hardwarePairs)) this.describeStorage(machine)
  }

  /** Devices are reached by these two instructions alone. */
  private checkDisk(): void {
    if (!this.othersDisk!.same()) this.fail('resource-control', "a disk word that is not the guest's has changed")
  }

  private describeStorage(machine: VirtualMachine): void {
    const { specification, stack, image, hardwareCells } = this
    const start = stack!.origin
    const end = start + specification.options.size
    for (let cell = 0; cell < image.length; cell += 1) {
      if (image[cell] === hardwareCells[cell]) continue
      if (cell >= start && cell < end) continue
      this.fail('resource-control', `the hardware's cell ${cell} is not the guest's and has changed`)
    }
    this.fail(this.equivalence, describeDifference(specification, machine))
  }

  /** Efficiency and trap-and-emulate: the exits of this step against those that the specification makes due. */
  private checkExit(machine: VirtualMachine, cause: number, mode: number, opcode: number, pendingBefore: boolean): void {
    const { tally, watch } = this
    const { traps, timerTraps } = watch!
    const exit = machine.lastExit
    tally.interventions += traps
    const direct = !this.hybrid || mode !== SUPERVISOR
    const guard = mode === SUPERVISOR ? this.table.trapsInUser[opcode]! : NEVER
    const emulates = guard !== NEVER
    const due = direct && (cause !== 0 && cause !== timerCause || emulates) ? 1 : 0
    const certain = guard !== NEVER ? guard === ALWAYS : this.system.technique !== 'shrink' || opcode !== 0x95
    if (direct) this.directSteps += 1
    if (traps - timerTraps !== due && (certain || traps - timerTraps > 1)) {
      this.fail('efficiency', `${traps - timerTraps} interventions, ${due} due`)
    }
    this.sinceQuantum += 1
    if (this.sinceQuantum >= this.stack!.levels.at(-1)!.quantum) {
      this.sinceQuantum = 0
      this.timerCredit += 1
    }
    if (cause === timerCause) this.timerCredit += 1
    else if (mode === SUPERVISOR && !pendingBefore && this.specification.pending) this.timerCredit += 1
    this.timerCredit -= timerTraps
    if (this.timerCredit < -1) this.fail('efficiency', 'the hardware’s timer interrupts more often than the guest’s timer and the quantum make due')
    if (traps === 0 && cause === 0) {
      if (exit.reflected !== 0) this.fail('trap-and-emulate', `the guest was given a trap of cause ${exit.reflected}, and none was due`)
      return
    }
    this.exitSteps += 1
    if (exit.traps !== traps || traps > 0 && exit.cause !== watch!.cause) {
      this.fail('trap-and-emulate', `the monitor decoded an exit of cause ${exit.cause}, the hardware's was ${watch!.cause}`)
    }
    if (exit.reflected !== cause) this.fail('trap-and-emulate', `the guest was given a trap of cause ${exit.reflected}, due was ${cause}`)
    if (due === 1 && certain && watch!.cause !== (emulates ? 2 : cause)) {
      this.fail('trap-and-emulate', `the hardware trapped with cause ${watch!.cause}, due was ${emulates ? 2 : cause}`)
    }
    const action = cause !== 0 ? 'reflect' : !direct ? 'interpret' : due === 1 && certain ? 'emulate' : exit.action
    if (exit.action !== action) this.fail('trap-and-emulate', `the monitor's action was ${exit.action}, due was ${action}`)
    if (traps > 0) this.exits[watch!.cause]! += 1
    if (traps > 1) this.exits[timerCause]! += traps - 1
  }

  private checkAccounting(machine: VirtualMachine): void {
    const { accounting } = machine
    const sum = accounting.direct + accounting.emulated + accounting.reflected + accounting.interpreted
    if (machine.steps !== this.specification.steps || sum !== machine.steps) {
      this.fail('accounting', `${this.specification.steps} steps ran, the monitor counts ${machine.steps}, by kinds ${sum}`)
    }
    if (this.watch!.traps > 0) this.checkExits(machine)
    if (accounting.stolen !== 0) this.fail('accounting', 'time is stolen from the only guest that runs')
  }

  private checkExits({ accounting }: VirtualMachine): void {
    for (let cause = 1; cause <= 6; cause += 1) {
      if (accounting.exits[cause] !== this.exits[cause]) {
        this.fail('accounting', `${this.exits[cause]} exits of cause ${cause}, the monitor counts ${accounting.exits[cause]}`)
      }
    }
  }

  /** Whether the step printed. */
  private notePrinted(): boolean {
    const before = this.printed
    this.printed = this.specification.printed.length
    return this.printed !== before
  }

  private comparePrinted(index: number): void {
    const { specification, processor, stack } = this
    const byte = specification.printed[index]
    if (processor.printed[index] !== byte) this.fail('processor', `byte ${index} is printed as ${processor.printed[index]}, expected ${byte}`)
    if (!stack) return
    const { machine } = stack
    if (machine.printed[index] !== byte) this.fail(this.equivalence, `byte ${index} is printed as ${machine.printed[index]}, expected ${byte}`)
  }

  private finish(): void {
    const { specification, stack } = this
    if (specification.printed.length !== this.printed) this.fail('processor', 'the specification printed outside OUT')
    for (let index = 0; index < this.printed; index += 1) this.comparePrinted(index)
    if (stack) {
      this.checkDisk()
      if (this.steppedSingly) this.checkExits(stack.machine)
    }
    for (const level of stack?.levels ?? []) {
      for (const neighbour of level.monitor.machines) {
        if (neighbour !== level.guest && neighbour.steps + neighbour.accounting.direct !== 0) this.fail('accounting', 'steps are counted to a guest that never ran')
      }
    }
  }
}
