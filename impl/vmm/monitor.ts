// The virtual machine monitor: dispatcher D, allocator A and interpreter routines v_i over any Machine.
import { Cause, SUPERVISOR, USER } from '../../model/vocab/index.ts'
import type { CauseCode, Machine, Mode, Stop, Variant } from '../../model/vocab/index.ts'
import { Allocator } from './allocator.ts'
import type { Part } from './allocator.ts'
import { path, pathsOf } from './paths.ts'
import type { Technique } from './paths.ts'
import { develop } from './privileged.ts'
import { StandardMap } from './standard-map.ts'
import { VirtualMachine } from './virtual-machine.ts'
import type { Resources } from './virtual-machine.ts'
import { Opcode, blockCells, opcodeOf, pswBound, pswCause, pswCounter, pswWord } from './words.ts'

/** One guest: sizes in cells (a multiple of 16) and disk words. */
export interface GuestOptions {
  readonly size: number
  /** Default: an equal share of the hardware's disk. */
  readonly diskSize?: number
  readonly trapCells?: 'low' | 'high'
  /** The guest's own keyboard. */
  readonly keyboard?: readonly number[]
  /** 'hardware' forwards output to the hardware's console, and reads its keyboard unless the guest has its own. */
  readonly console?: 'own' | 'hardware'
}

export interface MonitorOptions {
  readonly guests: readonly GuestOptions[]
  /** Guest steps before the monitor takes the hardware back, 1 to 2^32 − 1; default 100,000. */
  readonly quantum?: number
  /** Default: the hardware's. */
  readonly variant?: Variant
}

/** k: what the monitor keeps for itself at the low end, the trap cells 0 and 1 included. */
export const monitorCells = blockCells
/** P of the new PSW in E[1]: where a monitor in machine code would have its dispatcher. */
export const dispatcherEntry = 2

const quantumOf = ({ quantum = 100_000 }: MonitorOptions): number => {
  if (!Number.isInteger(quantum) || quantum < 1 || quantum > 0xffffffff) {
    throw new RangeError(`the quantum must be an integer from 1 to 2^32 − 1, and is ${quantum}`)
  }
  return quantum
}

/** Throws RangeError when the guests do not fit the hardware. */
export class Monitor extends StandardMap {
  readonly technique: Technique = 'trap-and-emulate'
  readonly variant: Variant
  /** The guests, in the order of the scheduler. */
  readonly machines: VirtualMachine[] = []
  protected readonly allocator: Allocator
  /** Real cell of the old PSW. */
  protected readonly trapCell: number
  private readonly guestShare: number
  /** The guest that the scheduler chose last. */
  private scheduled: VirtualMachine | undefined

  constructor(hardware: Machine, options: MonitorOptions) {
    super(hardware, quantumOf(options))
    this.variant = options.variant ?? hardware.options.variant
    const { size, trapCells, diskSize } = hardware.options
    this.trapCell = trapCells === 'high' ? size - 2 : 0
    this.allocator = this.createAllocator(this.reservedCells())
    this.guestShare = Math.floor(diskSize / Math.max(1, options.guests.length))
    this.setVector()
    for (const guest of options.guests) this.admit(guest)
  }

  /** The names of the paths that this monitor can take. */
  get pathNames(): readonly string[] {
    return pathsOf(this.technique, this.variant)
  }

  /** A new virtual machine in its reset state. Throws RangeError when it does not fit. */
  admit(guest: GuestOptions): VirtualMachine {
    if (!(guest.size >= blockCells) || guest.size % blockCells !== 0) {
      throw new RangeError(`a guest's size must be a multiple of ${blockCells} cells, and is ${guest.size}`)
    }
    if (guest.console === 'hardware' && this.machines.some((other) => other.usesHardwareConsole)) {
      throw new RangeError('another guest has the hardware console')
    }
    const window = this.allocator.allocateWindow(guest.size)
    const diskPart = this.allocator.allocateDisk(guest.diskSize ?? this.guestShare)
    const machine = this.createMachine(this.resourcesFor(guest, window, diskPart))
    this.machines.push(machine)
    return machine
  }

  /** Takes a guest's resources back; the machine must not be used any more. */
  dismiss(machine: VirtualMachine): void {
    const index = this.machines.indexOf(machine)
    if (index < 0) throw new RangeError('not a guest of this monitor')
    this.machines.splice(index, 1)
    if (machine.resident) this.evict()
    if (this.scheduled === machine) this.scheduled = undefined
    this.allocator.free(machine.window, machine.diskPart)
  }

  /** Runs the guests round robin for at most `limit` guest steps in all, until all are halted ('halt'). */
  run(limit: number): Stop {
    let left = limit
    while (left > 0) {
      const machine = this.nextGuest()
      if (machine === undefined) return 'halt'
      const before = machine.steps
      const hardwareBefore = this.hardware.steps
      this.execute(machine, left, undefined, true)
      left -= machine.steps - before
      this.chargeStolen(machine, this.hardware.steps - hardwareBefore)
      if (this.hardware.halted) return 'halt'
    }
    return this.machines.every((machine) => machine.halted) ? 'halt' : 'limit'
  }

  protected createAllocator(reserved: readonly Part[]): Allocator {
    return new Allocator(this.hardware, reserved)
  }

  protected createMachine(resources: Resources): VirtualMachine {
    return new VirtualMachine(resources)
  }

  /** Cells 0..k−1, and the block of the trap cells when those are high. */
  protected reservedCells(): Part[] {
    const { size, trapCells } = this.hardware.options
    const low = { start: 0, length: monitorCells }
    return trapCells === 'high' ? [low, { start: size - blockCells, length: blockCells }] : [low]
  }

  /** E[1] := (s, entry of D, (0, all)). */
  protected setVector(): void {
    const all = Math.floor(this.hardware.options.size / blockCells)
    this.hardware.setCell(this.trapCell + 1, pswWord(SUPERVISOR, 0, dispatcherEntry, 0, all))
  }

  /** Performs at most `limit` guest steps; with `preemptible` it also returns when the quantum has ended. */
  protected execute(machine: VirtualMachine, limit: number, until: 'trap' | undefined, preemptible: boolean): Stop {
    const exit = machine.lastExit
    exit.action = 'none'
    exit.cause = 0
    exit.reflected = 0
    exit.traps = 0
    let left = limit
    let stop: Stop = 'limit'
    while (left > 0 && !machine.halted) {
      const before = machine.steps
      const trapped = this.runsDirectly(machine) ? this.runDirectly(machine, left) : this.runInSoftware(machine, left)
      left -= machine.steps - before
      if (trapped && until === 'trap') {
        stop = 'trap'
        break
      }
      if (machine.quantumLeft <= 0) {
        if (preemptible) break
        if (machine.stale) machine.quantumLeft = this.quantum
      }
      if (this.hardware.halted) return 'halt'
    }
    if (machine.halted) return stop === 'trap' ? stop : 'halt'
    if (machine.stale && machine.quantumLeft > 0 && this.runsDirectly(machine)) this.resume(machine)
    return stop
  }

  /** Whether the hardware itself runs the guest from here. */
  protected runsDirectly(_machine: VirtualMachine): boolean {
    return true
  }

  /** Software execution of at most `limit` steps; true when the guest took a trap. Only the hybrid monitor has one. */
  protected runInSoftware(_machine: VirtualMachine, _limit: number): boolean {
    return false
  }

  /** Gives the hardware to the guest for at most `limit` steps or to the first exit; true when the guest took a trap. */
  protected runDirectly(machine: VirtualMachine, limit: number): boolean {
    const { hardware } = this
    if (machine.stale || !machine.resident) this.resume(machine)
    const before = hardware.steps
    if (hardware.run(limit, 'trap') !== 'trap') {
      this.observe(machine, hardware.counter, hardware.bound, hardware.steps - before)
      return false
    }
    const psw = hardware.storage[this.trapCell]!
    this.observe(machine, pswCounter(psw), pswBound(psw), hardware.steps - before - 1)
    return this.dispatch(machine, pswCause(psw) as CauseCode)
  }

  /** Brings the virtual state up to date after `completed` instructions of direct execution. */
  protected observe(machine: VirtualMachine, counter: number, realBound: number, completed: number): void {
    machine.observeCounter(counter)
    this.observeBound(machine, realBound)
    this.saveRegisters(machine)
    const left = this.hardware.timer
    const ticks = machine.armed - left
    machine.armed = left
    this.passTime(machine, ticks)
    machine.quantumLeft -= ticks
    machine.steps += completed
    machine.accounting.direct += completed
  }

  /** D: decides what an exit means. True when the guest took a trap. */
  protected dispatch(machine: VirtualMachine, cause: CauseCode): boolean {
    machine.stale = true
    machine.lastExit.cause = cause
    machine.lastExit.traps += 1
    this.countExit(machine, cause)
    switch (cause) {
      case Cause.timer:
        return this.dispatchTimer(machine)
      case Cause.privileged:
        if (!this.belongsToGuest(machine)) return this.emulate(machine)
        break
      case Cause.memory:
      case Cause.undefined:
      case Cause.supervisorCall:
      case Cause.arithmetic:
        break
      default:
        throw new Error(`the hardware trapped with cause ${String(cause satisfies never)}`)
    }
    this.reflect(machine, this.reflectedCause(cause))
    return true
  }

  /** The hardware's timer ran out: the guest's timer trap is due, or its timer ran out while it is masked, or its quantum. */
  protected dispatchTimer(machine: VirtualMachine): boolean {
    if (this.pendingDue(machine)) {
      machine.pending = false
      this.reflect(machine, Cause.timer)
      return true
    }
    if (machine.quantumLeft <= 0) {
      this.note(machine, 'preempt', path.preempt)
      machine.accounting.preempted += 1
    } else {
      this.note(machine, 'virtual timer', path.timerInSupervisor)
      machine.accounting.timerNoted += 1
    }
    return false
  }

  /** A privileged trap of virtual user code is the guest's own; of virtual supervisor code it is for v_i. */
  protected belongsToGuest(machine: VirtualMachine): boolean {
    return machine.mode === USER
  }

  /** Runs v_i for the instruction at the virtual P. True when the guest took a trap. */
  protected emulate(machine: VirtualMachine): boolean {
    const cell = develop(machine, machine.counter)
    if (cell < 0) {
      this.reflect(machine, Cause.memory)
      return true
    }
    const word = machine.cell(cell)
    const outcome = this.interpretPrivileged(machine, word)
    if (outcome === undefined || outcome > 0) {
      this.paths.take(path.trapInEmulation)
      this.reflect(machine, outcome === undefined ? Cause.privileged : (outcome as CauseCode))
      return true
    }
    this.complete(machine, outcome)
    const opcode = opcodeOf(word)
    this.note(machine, 'emulate', opcode === Opcode.SHB ? path.emulateShrink : path.emulate + opcode)
    machine.accounting.emulated += 1
    this.countStep(machine)
    return false
  }

  /** The guest's trap: the virtual PSW goes to its old-PSW cell, its new PSW is loaded. */
  protected reflect(machine: VirtualMachine, cause: CauseCode): void {
    const cell = this.guestTrapCell(machine)
    const next = machine.cell(cell + 1)
    machine.setCell(cell, this.virtualPsw(machine, cause))
    this.loadPsw(machine, next)
    machine.lastExit.reflected = cause
    this.note(machine, 'reflect', path.reflect + cause)
    machine.accounting.reflected += 1
    this.countStep(machine)
  }

  protected guestTrapCell(machine: VirtualMachine): number {
    return machine.trapCell
  }

  /** The cause that the guest sees: the hardware's. */
  protected reflectedCause(cause: CauseCode): CauseCode {
    return cause
  }

  /** The old PSW that the guest sees: virtual M and R, not the hardware's. */
  protected virtualPsw(machine: VirtualMachine, cause: CauseCode): number {
    return pswWord(this.savedMode(machine), cause, this.savedCounter(machine), this.savedBase(machine), machine.bound)
  }

  protected savedMode(machine: VirtualMachine): Mode {
    return machine.mode
  }

  /** P of the instruction that did not complete. */
  protected savedCounter(machine: VirtualMachine): number {
    return machine.counter
  }

  protected savedBase(machine: VirtualMachine): number {
    return machine.base
  }

  /** Round robin: the scheduled guest to the end of its quantum, then the next that is not halted. */
  protected nextGuest(): VirtualMachine | undefined {
    const { machines, scheduled } = this
    if (scheduled !== undefined && !scheduled.halted && scheduled.quantumLeft > 0) return scheduled
    const after = scheduled === undefined ? 0 : machines.indexOf(scheduled) + 1
    for (let offset = 0; offset < machines.length; offset += 1) {
      const machine = machines[(after + offset) % machines.length]!
      if (machine.halted) continue
      machine.quantumLeft = this.quantum
      machine.stale = true
      this.scheduled = machine
      return machine
    }
    return undefined
  }

  protected countExit(machine: VirtualMachine, cause: CauseCode): void {
    machine.accounting.exits[cause]! += 1
    this.paths.take(path.dispatch + cause)
  }

  protected note(machine: VirtualMachine, action: VirtualMachine['lastExit']['action'], index: number): void {
    machine.lastExit.action = action
    this.paths.take(index)
  }

  /** One guest step that the monitor performed. */
  protected countStep(machine: VirtualMachine): void {
    machine.steps += 1
    machine.quantumLeft -= 1
  }

  /** Time that `running` took from every other guest that was ready. */
  protected chargeStolen(running: VirtualMachine, hardwareSteps: number): void {
    for (const machine of this.machines) {
      if (machine !== running && !machine.halted) machine.accounting.stolen += hardwareSteps
    }
  }

  private resourcesFor(guest: GuestOptions, window: Part, diskPart: Part): Resources {
    const { hardware } = this
    const hardwareConsole = guest.console === 'hardware'
    const hardwareKeyboard = hardwareConsole && guest.keyboard === undefined
    return {
      hardware,
      options: {
        size: guest.size,
        variant: this.variant,
        trapCells: guest.trapCells ?? 'low',
        diskSize: diskPart.length,
        keyboard: hardwareKeyboard ? hardware.options.keyboard.slice(hardware.taken) : (guest.keyboard ?? []),
      },
      window,
      diskPart,
      hardwareConsole,
      hardwareKeyboard,
      paths: this.paths,
      execute: (machine, limit, until) => this.execute(machine, limit, until, false),
    }
  }
}

/** A virtual machine monitor on `hardware`, by trap and emulate. Throws RangeError when the guests do not fit. */
export const createMonitor = (hardware: Machine, options: MonitorOptions): Monitor => new Monitor(hardware, options)
