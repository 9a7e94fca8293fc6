// QEMU's virt board with one hart: its devices on their addresses, their interrupts, its clock, and the loop that runs the hart between what is due.
import type { Bytes, Clock, HartPort, InterruptLine, Platform } from '../../cpu/riscv/platform.ts'
import { bootRom, type Boot } from './boot-rom.ts'
import { Clint, type ClintState } from './clint.ts'
import { never, type Device } from './device.ts'
import { FirmwareConfiguration, type FirmwareConfigurationState } from './firmware-configuration.ts'
import { Finisher, type Finish } from './finisher.ts'
import { Flash, type FlashState } from './flash.ts'
import type { Htif } from './htif.ts'
import {
  clintBase, finisherBase, firmwareConfigurationBase, flashBankBytes, flashBanks, flashBase, maskRomBase, maskRomBytes, pciConfigurationBase, pciConfigurationBytes,
  pciHighWindowBase, pciHighWindowBytes, pciPortsBase, pciPortsBytes, pciWindowBase, pciWindowBytes, plicBase, ramBase, rtcBase, rtcSource, timebase, uartBase,
  uartSource, virtioBase, virtioSlots, virtioSource, virtioStride,
} from './layout.ts'
import { EmptyWindow, PciConfiguration } from './pci.ts'
import { Plic, type PlicState } from './plic.ts'
import { RandomBytes } from './random.ts'
import { Rom } from './rom.ts'
import { Rtc, type RtcState } from './rtc.ts'
import { Uart, type UartState } from './uart.ts'
import type { VirtioDevice } from './virtio/device.ts'
import { GuestMemory } from './virtio/guest-memory.ts'
import { VirtioMmio, type MmioState } from './virtio/mmio.ts'

export interface BoardOptions {
  /** Of each virtio slot, in their order; eight at most. */
  readonly virtio?: readonly VirtioDevice[]
  /** Virtio registers in the legacy layout; the modern one otherwise. */
  readonly legacyVirtio?: boolean
  /** Steps of the hart that make one tick of the timebase; 10 when left out. */
  readonly stepsPerTick?: number
  /** Ticks of the timebase from outside, which never fall; binds the clock to them instead of to the hart's steps. */
  readonly outsideTicks?: () => number
  /** The time of the RTC at reset, nanoseconds since 1970. */
  readonly epoch?: bigint
  /** Of the board's random bytes, 32 bits. */
  readonly seed?: number
  /** Takes a byte that the serial port sends. */
  readonly transmit: (byte: number) => void
}

/** By `hold`, or something else than the board ended the hart's run: a breakpoint. */
interface Held {
  readonly kind: 'held'
}

/** Why a run ended. */
export type Stop =
  | Finish
  | { readonly kind: 'limit' }
  | Held
  /** The hart waits: until so many ticks have passed, or for ever when there are none. */
  | { readonly kind: 'idle'; readonly ticks: number }

/** Everything about the board that is not in RAM, in the hart or on a disk. */
export interface BoardState {
  /** The clock: steps of the hart, and those that passed while it waited. */
  readonly clock: number
  readonly rom: readonly number[]
  readonly random: readonly number[]
  readonly clint: ClintState
  readonly plic: PlicState
  readonly rtc: RtcState
  readonly uart: UartState
  readonly virtio: readonly MmioState[]
  readonly flash: readonly FlashState[]
  readonly pciCommand: number
  readonly firmwareConfiguration: FirmwareConfigurationState
}

interface Region {
  readonly base: number
  readonly end: number
  readonly device: Device
}

const nanosecondsPerTick = 1_000_000_000n / BigInt(timebase)
/** Steps between two looks at an outside clock. */
const outsideSlice = 20_000

export class Board implements Platform {
  readonly random: RandomBytes
  readonly uart: Uart
  readonly plic: Plic
  readonly clint: Clint
  readonly rtc: Rtc
  readonly virtio: readonly VirtioMmio[]
  /** Of a test program. */
  htif: Htif | undefined
  private readonly maskRom = new Rom()
  private readonly flash = Array.from({ length: flashBanks }, () => new Flash())
  private readonly pci = new PciConfiguration()
  private readonly firmwareConfiguration = new FirmwareConfiguration()
  private readonly regions: readonly Region[]
  /** That of the access before. */
  private region: Region | undefined
  private readonly stepsPerTick: number
  private readonly outsideTicks: (() => number) | undefined
  private port: HartPort | undefined
  private guestMemory: GuestMemory | undefined
  /** The outside clock when it was looked at last: between two looks it stands, so that what is due and what has been done agree. */
  private outside = 0
  private skipped = 0
  private finish: Finish | Held | undefined
  /** The hart's step at which the run under way ends. */
  private until = never
  private running = false

  constructor({ virtio = [], legacyVirtio = false, stepsPerTick = 10, outsideTicks, epoch = 0n, seed = 1, transmit }: BoardOptions) {
    if (virtio.length > virtioSlots) throw new RangeError(`the board has ${virtioSlots} virtio slots, and not ${virtio.length}`)
    if (!Number.isInteger(stepsPerTick) || stepsPerTick < 1) throw new RangeError(`a tick must be at least 1 step, and not ${stepsPerTick}`)
    this.stepsPerTick = stepsPerTick
    this.outsideTicks = outsideTicks
    this.look()
    this.random = new RandomBytes(seed)
    const drive = (line: InterruptLine) => (level: boolean): void => this.port?.drive(line, level)
    const source = (number: number) => (level: boolean): void => this.plic.drive(number, level)
    const moved = (): void => this.shorten()
    const ticks = (): number => this.ticks
    this.plic = new Plic([drive('MEIP'), drive('SEIP')])
    this.clint = new Clint({ ticks, software: drive('MSIP'), timer: drive('MTIP'), supervisorTimer: drive('STIP'), moved })
    this.rtc = new Rtc({ nanoseconds: () => BigInt(this.ticks) * nanosecondsPerTick, line: source(rtcSource), moved }, epoch)
    this.uart = new Uart({ ticks, line: source(uartSource), transmit, moved })
    this.virtio = Array.from({ length: virtioSlots }, (_, slot) =>
      new VirtioMmio(virtio[slot], legacyVirtio, { memory: () => this.memory, line: source(virtioSource + slot) }))
    const finisher = new Finisher((finish) => {
      this.finish = finish
      this.port?.stop()
    })
    const region = (base: number, bytes: number, device: Device): Region => ({ base, end: base + bytes, device })
    const empty = new EmptyWindow()
    this.regions = [
      region(uartBase, 0x8, this.uart),
      region(clintBase, 0xc000, this.clint),
      region(plicBase, 0x60_0000, this.plic),
      ...this.virtio.map((device, slot) => region(virtioBase + slot * virtioStride, 0x200, device)),
      region(rtcBase, 0x24, this.rtc),
      region(finisherBase, 0x1000, finisher),
      region(maskRomBase, maskRomBytes, this.maskRom),
      ...this.flash.map((bank, index) => region(flashBase + index * flashBankBytes, flashBankBytes, bank)),
      region(firmwareConfigurationBase, 0x18, this.firmwareConfiguration),
      region(pciConfigurationBase, pciConfigurationBytes, this.pci),
      region(pciPortsBase, pciPortsBytes, empty),
      region(pciWindowBase, pciWindowBytes, empty),
      region(pciHighWindowBase, pciHighWindowBytes, empty),
    ]
  }

  /** Gives the board its hart, whose ROM is the flash, if it has one: before anything else. */
  attach(hart: HartPort): void {
    this.port = hart
    this.guestMemory = new GuestMemory(hart.ram, ramBase, (offset, bytes) => hart.wrote(offset, bytes))
    const { rom } = hart
    if (rom) {
      for (const [bank, flash] of this.flash.entries()) {
        const start = bank * flashBankBytes
        flash.back({
          bytes: rom.bytes.subarray(start, start + flashBankBytes),
          wrote: (offset, bytes) => rom.wrote(start + offset, bytes),
          moved: () => rom.show(this.flash.every((other) => other.readsArray)),
        })
      }
    }
    this.update()
  }

  /** Fills the mask ROM, from which the hart starts. */
  boot(boot: Boot): void {
    this.maskRom.fill(bootRom(boot))
  }

  /** Takes over what was written to the flash of a board that was reset. */
  keepFlash(before: Board): void {
    for (const [bank, flash] of this.flash.entries()) flash.keep(before.flash[bank]!)
  }

  /** A byte of the mask ROM or of flash that reads as its contents, at a physical address, from which reading has no effect; undefined elsewhere. */
  readonly rom = (address: number): number | undefined => {
    const inFlash = address - flashBase
    return this.maskRom.contents[address - maskRomBase] ?? this.flash[Math.floor(inFlash / flashBankBytes)]?.peek(inFlash % flashBankBytes)
  }

  /** Guest storage at physical addresses. */
  get memory(): GuestMemory {
    if (!this.guestMemory) throw new Error('the board has no hart')
    return this.guestMemory
  }

  /** Ticks of the timebase since reset. */
  get ticks(): number {
    return this.outsideTicks ? this.outside : Math.floor(this.now / this.stepsPerTick)
  }

  readonly time = (): bigint => {
    this.look()
    return this.clint.time
  }

  readonly clock = (): Clock | undefined => {
    const address = this.outsideTicks ? undefined : this.clint.clock
    return address === undefined ? undefined : { address: clintBase + address, stepsPerTick: this.stepsPerTick, ahead: this.skipped }
  }

  readonly supervisorTimer = (compare: bigint | undefined): void => this.clint.compareSupervisor(compare)

  readonly load = (address: number, bytes: Bytes): number | bigint | undefined => {
    this.look()
    const region = this.regionOf(address, bytes)
    return region?.device.load(address - region.base, bytes)
  }

  readonly store = (address: number, bytes: Bytes, value: bigint): boolean => {
    const region = this.regionOf(address, bytes)
    if (!region) return false
    return region.device.store(address - region.base, bytes, Number(BigInt.asUintN(32, value)), bytes === 8 ? Number(BigInt.asUintN(64, value) >> 32n) : 0)
  }

  /**
   * Runs until the guest finishes, the hart has made `until` steps, or it waits.
   * `skip`: time passes at once while the hart waits for a device's deadline; such time is no step of the hart.
   */
  run(until: number, skip: boolean): Stop {
    const { hart } = this
    for (;;) {
      this.look()
      this.update()
      const { finish } = this
      if (finish) {
        this.finish = undefined
        return finish
      }
      const { ticks } = this
      const steps = hart.steps()
      if (steps >= until) return { kind: 'limit' }
      const look = this.htif?.due(steps) ?? never
      this.until = Math.min(until, this.due(steps), look)
      this.running = true
      const ended = hart.run(this.until)
      this.running = false
      const code = ended === 'waiting' || hart.steps() >= look ? this.htif?.poll(this.memory) : undefined
      if (code !== undefined) this.finish = { kind: 'exit', code }
      if (ended === 'stopped' && !this.finish) return { kind: 'held' }
      if (ended !== 'waiting' || this.finish) continue
      this.update()
      // What an update brought about may have ended the wait already: only one at a time that has been seen leaves it as it was.
      if (this.ticks !== ticks) continue
      const due = this.due(hart.steps())
      if (due <= hart.steps()) continue
      if (!skip || this.outsideTicks || due === never) return { kind: 'idle', ticks: this.nextTick - this.ticks }
      this.passWait()
    }
  }

  /** Ends the run under way, or the next, after the present instruction. */
  hold(): void {
    this.finish ??= { kind: 'held' }
    this.port?.stop()
  }

  /** Lets the time of an idle run pass, up to what is due next. */
  passWait(): void {
    const steps = this.hart.steps()
    const due = this.due(steps)
    if (due !== never) this.skipped += due - steps
  }

  save(): BoardState {
    return {
      clock: this.now, rom: [...this.maskRom.contents], random: this.random.save(), clint: this.clint.save(), plic: this.plic.save(), rtc: this.rtc.save(),
      uart: this.uart.save(), virtio: this.virtio.map((v) => v.save()), flash: this.flash.map((bank) => bank.save()), pciCommand: this.pci.save(), firmwareConfiguration: this.firmwareConfiguration.save(),
    }
  }

  /** Takes a state of a board with the same devices. */
  restore(state: BoardState): void {
    this.skipped = state.clock - this.hart.steps()
    this.finish = undefined
    this.maskRom.fill(Uint8Array.from(state.rom))
    this.random.restore(state.random)
    this.plic.restore(state.plic)
    this.clint.restore(state.clint)
    this.rtc.restore(state.rtc)
    this.uart.restore(state.uart)
    this.virtio.forEach((device, slot) => device.restore(state.virtio[slot]!))
    this.flash.forEach((bank, index) => bank.restore(state.flash[index]!))
    this.pci.restore(state.pciCommand)
    this.firmwareConfiguration.restore(state.firmwareConfiguration)
  }

  private get hart(): HartPort {
    if (!this.port) throw new Error('the board has no hart')
    return this.port
  }

  /** The clock, in steps. */
  private get now(): number {
    return (this.port?.steps() ?? 0) + this.skipped
  }

  private look(): void {
    if (this.outsideTicks) this.outside = this.outsideTicks()
  }

  /** Everything that is due happens. */
  private update(): void {
    this.clint.update()
    this.uart.update()
    this.rtc.update()
  }

  /** The hart's step, after `steps`, at which the next thing is due. */
  private due(steps: number): number {
    const tick = this.nextTick
    if (this.outsideTicks) return steps + Math.min(outsideSlice, Math.max(0, tick - this.ticks) * this.stepsPerTick)
    return Math.max(steps, tick * this.stepsPerTick - this.skipped)
  }

  /** The tick at which the next thing is due. */
  private get nextTick(): number {
    return Math.min(this.clint.deadline, this.uart.deadline, Math.ceil(this.rtc.deadline / Number(nanosecondsPerTick)))
  }

  private shorten(): void {
    if (!this.running) return
    const due = this.due(this.hart.steps())
    if (due >= this.until) return
    this.until = due
    this.hart.shorten(due)
  }

  private regionOf(address: number, bytes: number): Region | undefined {
    if (address % bytes !== 0) return undefined
    const { region } = this
    if (region !== undefined && address >= region.base && address + bytes <= region.end) return region
    return this.region = this.findRegion(address, bytes)
  }

  private findRegion(address: number, bytes: number): Region | undefined {
    return this.regions.find(({ base, end }) => address >= base && address + bytes <= end)
  }
}
