// A hart under a debugger: GDB's remote serial protocol as bytes in and bytes out, and what the machine is to do meanwhile.
import type { Hart, Stepped } from '../../cpu/riscv/hart.ts'
import { nextAccess } from '../../cpu/riscv/observe.ts'
import { peek, poke } from '../../cpu/riscv/peek.ts'
import type { HartPort } from '../../cpu/riscv/platform.ts'
import { stepwise } from '../stepwise.ts'
import { acknowledgement, bytesOf, frame, hexOf, longestBody, PacketReader, refusal } from './packets.ts'
import { pointKinds, Points, type Point } from './points.ts'
import { description, generalRegisters, readRegister, writeRegister } from './registers.ts'

/** What the machine is to do: stay as it is, run, execute one instruction, or end. */
export type Wish = 'stay' | 'run' | 'step' | 'end'

export interface Around {
  /** Starts the machine again from its files, which calls `port` with another hart. */
  readonly reset: () => void
  /** Memory outside RAM whose reading has no effect, by its physical address; undefined where there is none. */
  readonly rom: (physical: number) => number | undefined
}

const signal = { interrupt: '02', trap: '05' } as const
const failed = 'E01'
/** The one thread that there is. */
const thread = 'thread:1;'
/** Times that a client may refuse the same packet. */
const mostRefusals = 5
const monitorHelp = 'help: this; reset: starts the machine again; steps: instructions executed since its start\n'

const number = (text: string | undefined): bigint | undefined => (text !== undefined && /^[0-9a-fA-F]{1,16}$/.test(text) ? BigInt(`0x${text}`) : undefined)
const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0))
const characters = (bytes: Uint8Array): string => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
const registerHex = (value: bigint): string => hexOf(new Uint8Array(new BigUint64Array([value]).buffer))
const registerValue = (hex: string): bigint | undefined => {
  const bytes = bytesOf(hex)
  return bytes === undefined || bytes.length === 0 || bytes.length > 8 ? undefined : bytes.reduceRight((value, byte) => value << 8n | BigInt(byte), 0n)
}

export class Stub {
  wish: Wish = 'stay'
  around: Around = { reset: () => {}, rom: () => undefined }
  private readonly points = new Points()
  private hart: Hart | undefined
  private reader = new PacketReader()
  private send: ((bytes: Uint8Array) => void) | undefined
  private last: Uint8Array | undefined
  private refusals = 0
  private acknowledges = true
  private physical = false
  /** Why the machine stays. */
  private reason = ''
  /** The watchpoint, and the instruction that is about to touch it. */
  private touched: Point | undefined
  private touchedAt = 0n
  /** That instruction is executed now. */
  private goesOver = false
  private xml = ''

  /** Each step is looked at: for watchpoints. */
  get slow(): boolean {
    return this.points.watching
  }

  /** The hart as its board is to run it; a later one takes the place of an earlier one. */
  readonly port = (hart: Hart): HartPort => {
    this.hart = hart
    this.xml = description(hart)
    const slow = stepwise(hart, () => this.step(hart))
    let active: HartPort = hart
    return {
      ram: hart.ram, ...(hart.rom ? { rom: hart.rom } : {}), steps: hart.steps, drive: hart.drive, wrote: hart.wrote,
      run: (until) => {
        active = this.wish === 'step' || this.points.watching ? slow : hart
        hart.setBreakpoints(this.points.breakpoints)
        return active.run(until)
      },
      shorten: (until) => active.shorten(until),
      stop: () => active.stop(),
    }
  }

  /** A client has come: the machine stays. */
  connect(send: (bytes: Uint8Array) => void): void {
    this.reader = new PacketReader()
    this.send = send
    this.acknowledges = true
    this.physical = false
    this.last = undefined
    if (this.wish !== 'end') this.wish = 'stay'
    this.reason = signal.trap
    this.touched = undefined
  }

  /** It has gone: its breakpoints go too, and the machine does what it did. */
  disconnect(): void {
    this.send = undefined
    this.points.clear()
  }

  /** Throws NoPacket when what came is not the protocol. */
  receive(bytes: Uint8Array): void {
    for (const received of this.reader.take(bytes)) {
      switch (received.kind) {
        case 'packet':
          if (this.acknowledges) this.send?.(acknowledgement)
          this.answer(received.body)
          break
        case 'damaged':
          this.send?.(refusal)
          break
        case 'interrupt':
          if (this.wish === 'run' || this.wish === 'step') this.rest(signal.interrupt)
          break
        case 'refused':
          if (this.last && this.refusals++ < mostRefusals) this.send?.(this.last)
          break
        case 'acknowledged':
          this.refusals = 0
      }
    }
  }

  /** A run ended at a breakpoint or a watchpoint. */
  held(): void {
    this.rest(signal.trap)
  }

  /** The instruction of a wish to step was executed. */
  stepped(): void {
    this.rest(signal.trap)
  }

  /** The machine has ended. */
  ended(code: number): void {
    if (this.wish !== 'end') this.put(`W${(code & 0xff).toString(16).padStart(2, '0')}`)
    this.wish = 'end'
  }

  private get machine(): Hart {
    if (!this.hart) throw new Error('there is no hart to debug')
    return this.hart
  }

  /** One step where each is looked at; undefined at a breakpoint, and before an access that is watched, as GDB expects it of RISC-V. */
  private step(hart: Hart): Stepped | undefined {
    if (this.wish === 'run' && this.points.at(hart.pc)) return undefined
    const access = this.points.watching && !this.goesOver ? nextAccess(hart) : undefined
    this.goesOver = false
    this.touched = access && this.points.touched(access)
    return this.touched ? undefined : hart.step()
  }

  private rest(why: string): void {
    this.wish = 'stay'
    this.reason = why
    this.touchedAt = this.machine.pc
    this.put(this.stopReply())
  }

  private stopReply(): string {
    const { touched } = this
    const point = this.reason === signal.trap ? this.points.at(this.machine.pc) : undefined
    const detail = touched ? `${touched.kind}:${touched.address.toString(16)};` : point ? `${point.kind}:;` : ''
    return `T${this.reason}${thread}${detail}`
  }

  private put(body: string): void {
    this.last = frame(body)
    this.send?.(this.last)
  }

  private answer(body: string): void {
    const reply = this.reply(body)
    if (reply !== undefined) this.put(reply)
    // From the packet after this one on.
    if (body === 'QStartNoAckMode') this.acknowledges = false
  }

  /** Undefined for what is answered later, or not at all; empty for what is not known. */
  private reply(body: string): string | undefined {
    const rest = body.slice(1)
    switch (body[0]) {
      case '?': return this.stopReply()
      case 'g': return Array.from({ length: generalRegisters }, (_, n) => registerHex(readRegister(this.machine, n)!)).join('')
      case 'G': return this.writeGeneral(rest)
      case 'p': return this.readOne(rest)
      case 'P': return this.writeOne(rest)
      case 'm': return this.readMemory(rest)
      case 'M': case 'X': return this.writeMemory(rest, body[0] === 'M')
      case 'c': case 's': return this.resume(body[0], rest)
      case 'C': case 'S': return this.resume(body[0].toLowerCase(), rest.split(';')[1] ?? '')
      case 'Z': case 'z': return this.point(body[0] === 'Z', rest)
      case 'H': case 'T': return 'OK'
      case 'D':
        this.points.clear()
        this.wish = 'run'
        return 'OK'
      case 'k':
        this.wish = 'end'
        return undefined
      case 'v': return this.named(rest)
      case 'q': case 'Q': return this.query(body)
      default: return ''
    }
  }

  private readOne(rest: string): string {
    const which = number(rest), value = which === undefined ? undefined : readRegister(this.machine, Number(which))
    return value === undefined ? failed : registerHex(value)
  }

  private writeOne(rest: string): string {
    const [name, hex] = rest.split('=')
    const which = number(name), value = registerValue(hex ?? '')
    return which !== undefined && value !== undefined && writeRegister(this.machine, Number(which), value) ? 'OK' : failed
  }

  private writeGeneral(hex: string): string {
    const values = (hex.match(/.{1,16}/g) ?? []).map(registerValue)
    if (values.length > generalRegisters || values.some((value) => value === undefined)) return failed
    values.forEach((value, n) => writeRegister(this.machine, n, value!))
    return 'OK'
  }

  /** `address,length`. */
  private range(text: string): { readonly address: bigint; readonly length: number } | undefined {
    const [address, length] = text.split(',').map(number)
    return address === undefined || length === undefined || length > longestBody ? undefined : { address, length: Number(length) }
  }

  private readMemory(rest: string): string {
    const range = this.range(rest)
    if (!range) return failed
    const bytes = this.physical ? this.readPhysical(Number(range.address), range.length) : this.readVirtual(range.address, range.length)
    return bytes.length === 0 ? failed : hexOf(bytes)
  }

  private readVirtual(address: bigint, length: number): Uint8Array {
    const bytes = peek(this.machine, address, length)
    if (bytes.length > 0) return bytes
    const physical = this.machine.physical(address)
    return physical < 0 ? bytes : this.readPhysical(physical, Math.min(length, 4096 - Number(address & 4095n)))
  }

  private readPhysical(address: number, length: number): Uint8Array {
    const { ram, options: { ramBase } } = this.machine
    if (address >= ramBase) return ram.slice(address - ramBase, Math.min(address - ramBase + length, ram.length))
    const bytes: number[] = []
    for (let byte = this.around.rom(address); byte !== undefined && bytes.length < length; byte = this.around.rom(address + bytes.length)) bytes.push(byte)
    return Uint8Array.from(bytes)
  }

  private writeMemory(rest: string, hexadecimal: boolean): string {
    const colon = rest.indexOf(':'), range = this.range(rest.slice(0, colon)), data = rest.slice(colon + 1)
    const bytes = hexadecimal ? bytesOf(data) : latin1(data)
    if (colon < 0 || !range || bytes?.length !== range.length) return failed
    if (!this.physical) return poke(this.machine, range.address, bytes) ? 'OK' : failed
    const { machine } = this, offset = Number(range.address) - machine.options.ramBase
    if (offset < 0 || offset + bytes.length > machine.ram.length) return failed
    machine.ram.set(bytes, offset)
    machine.wrote(offset, bytes.length)
    return 'OK'
  }

  private resume(how: string, address: string): string | undefined {
    const to = number(address)
    if (address !== '' && to === undefined) return failed
    if (to !== undefined) writeRegister(this.machine, generalRegisters - 1, to)
    this.goesOver = this.touched !== undefined && this.machine.pc === this.touchedAt
    this.touched = undefined
    this.wish = how === 's' ? 'step' : 'run'
    return undefined
  }

  private point(insert: boolean, rest: string): string {
    const [type, address, length] = rest.split(';')[0]!.split(','), kind = pointKinds[Number(type)]
    const at = number(address), bytes = number(length)
    if (kind === undefined) return ''
    if (at === undefined || bytes === undefined || bytes > 4096n) return failed
    const point = { kind, address: at, bytes: Number(bytes) }
    if (insert) return this.points.insert(point) ? 'OK' : failed
    this.points.remove(point)
    return 'OK'
  }

  private named(rest: string): string | undefined {
    if (rest === 'Cont?') return 'vCont;c;C;s;S'
    if (rest.startsWith('Cont;')) {
      const action = rest[5]?.toLowerCase()
      return action === 'c' || action === 's' ? this.resume(action, '') : failed
    }
    if (rest.startsWith('Kill')) {
      this.wish = 'end'
      return 'OK'
    }
    return ''
  }

  private query(body: string): string {
    const [name = '', ...more] = body.split(/[:,]/)
    switch (name) {
      case 'qSupported': return `PacketSize=${longestBody.toString(16)};qXfer:features:read+;QStartNoAckMode+;swbreak+;hwbreak+;vContSupported+`
      case 'QStartNoAckMode': return 'OK'
      case 'qAttached': return '1'
      case 'qC': return 'QC1'
      case 'qfThreadInfo': return 'm1'
      case 'qsThreadInfo': return 'l'
      case 'qqemu.PhyMemMode': return this.physical ? '1' : '0'
      case 'Qqemu.PhyMemMode':
        this.physical = more[0] === '1'
        return 'OK'
      case 'qXfer': return this.transfer(more)
      case 'qRcmd': return this.monitor(more[0] ?? '')
      default: return ''
    }
  }

  /** `features:read:target.xml:offset,length`. */
  private transfer([what, how, annex, from, size]: readonly string[]): string {
    if (what !== 'features' || how !== 'read') return ''
    const at = number(from), length = number(size)
    if (annex !== 'target.xml' || at === undefined || length === undefined) return 'E00'
    const piece = this.xml.slice(Number(at), Number(at + length))
    return `${Number(at) + piece.length < this.xml.length ? 'm' : 'l'}${piece}`
  }

  private monitor(hex: string): string {
    const bytes = bytesOf(hex)
    if (!bytes) return failed
    switch (characters(bytes).trim()) {
      case 'reset':
        this.around.reset()
        return 'OK'
      case 'steps': return hexOf(latin1(`${this.machine.steps()}\n`))
      default: return hexOf(latin1(monitorHelp))
    }
  }
}
