// The records of the RISC-V test kernel: a trial's state as slots of 8 bytes, and what they say afterwards.
import type { Isa } from '../../../model/machine/isa.ts'
import type { Answer, Contents, Trial } from '../bench.ts'

/** Real addresses that the kernel and the host agree on; the program is at the same virtual address. */
export const place = {
  land: 0x80100000, landEnd: 0x80300000, page: 0x80200000, code: 0x80200800, records: 0x80500000,
  /** Tables of pages: four roots, then those of storage and of the program. */
  roots: 0x80020000, dataMiddle: 0x80024000, dataLast: 0x80025000, codeMiddle: 0x80026000, codeLast: 0x80027000, unused: 0x80028000,
  storage: 0x80400000, storageEnd: 0x80410000, end: 0x81000000,
} as const
export const rootCount = 4
/** In bytes; the pieces of the kernel in the program's page are before it. */
export const kernelPieces = 0x200

export const slots = 144
const at = {
  path: 0, f: 32, mstatus: 64, mie: 68, mip: 69, fcsr: 85, how: 86, instruction: 87, reserved: 89, reservation: 90, stored: 91, storage: 92, codeEntry: 108, entries: 109, flags: 113,
  pmpcfg: 114, pmpaddr: 116, counter: 132, event: 133, pieces: 134, mseccfg: 138, stimecmp: 139,
} as const
const mostStored = 8, mostEntries = 2
const Flag = { pmp: 1, counter: 2, stimecmp: 4, mseccfg: 8, alarm: 16 } as const
/** An alarm ends waiting; for it the machine timer's interrupt is enabled. */
const mayWait = ({ instruction }: Trial): boolean => instruction.name === 'WFI'
const machineTimer = 7
export const Path = { M: 0, MRET: 1, SRET: 2 } as const

type Parts = readonly (readonly [field: string, low: number])[]
/** Registers that fill a slot. */
const whole: Readonly<Record<string, number>> = { mscratch: 71, sscratch: 72, mcause: 75, scause: 76, mtval: 77, stval: 78, mcounteren: 80, scounteren: 81 }
const statusParts: Parts = [
  ['SIE', 1], ['MIE', 3], ['SPIE', 5], ['MPIE', 7], ['SPP', 8], ['MPP', 11], ['FS', 13], ['MPRV', 17], ['SUM', 18], ['MXR', 19], ['TVM', 20], ['TW', 21], ['TSR', 22],
].map(([name, low]) => [`mstatus.${name}`, low as number])
const interruptParts = (register: 'mie' | 'mip', names: readonly string[]): Parts => names.map((name, i) => [`${register}.${name}`, 1 + 2 * i])
/** The fields of the other slots. */
const partsOf = (xlen: number): ReadonlyMap<number, Parts> => new Map<number, Parts>([
  [66, [['medeleg[9:0]', 0], ['medeleg[13:12]', 12], ['medeleg[15]', 15]]],
  [67, [['mideleg.SSI', 1], ['mideleg.STI', 5], ['mideleg.SEI', 9]]],
  [68, interruptParts('mie', ['SSIE', 'MSIE', 'STIE', 'MTIE', 'SEIE', 'MEIE'])],
  [69, interruptParts('mip', ['SSIP', 'MSIP', 'STIP', 'MTIP', 'SEIP', 'MEIP'])],
  [70, [['stvec.MODE', 0], ['stvec.BASE', 2]]],
  [73, [['mepc[xlen-1:1]', 1]]], [74, [['sepc[xlen-1:1]', 1]]],
  [79, xlen === 64 ? [['satp.PPN', 0], ['satp.ASID', 44], ['satp.MODE', 63]] : [['satp.PPN', 0], ['satp.ASID', 22], ['satp.MODE', 31]]],
  [82, [['mcountinhibit.CY', 0], ['mcountinhibit[31:2]', 2]]],
  [83, [['menvcfg.FIOM', 0], ...(xlen === 64 ? [['menvcfg.STCE', 63] as const] : [])]], [84, [['senvcfg.FIOM', 0]]],
  [at.fcsr, [['fflags', 0], ['frm', 5]]],
  [at.mseccfg, [['mseccfg.USEED', 8], ['mseccfg.SSEED', 9]]], [at.stimecmp, [['stimecmp', 0]]],
])

/** What an ISA's fields are in records. */
export class Layout {
  readonly xlen: 32 | 64
  readonly #widths: ReadonlyMap<string, number>
  readonly #fields: ReadonlyMap<number, Parts>

  constructor(isa: Isa) {
    this.#widths = new Map(isa.components.flatMap((c) => (c.kind === 'register' ? [[c.name, c.width] as const] : [])))
    this.xlen = this.#widths.get('pc') as 32 | 64
    const parts = [...partsOf(this.xlen), ...Object.entries(whole).map(([name, slot]): [number, Parts] => [slot, [[name, 0]]])]
    this.#fields = new Map(parts.map(([slot, list]): [number, Parts] => [slot, list.filter(([name]) => this.#widths.has(name))]).filter(([, list]) => list.length > 0))
  }

  has(name: string): boolean { return this.#widths.has(name) }

  recordOf(trial: Trial): Uint8Array {
    const { instruction, word, before } = trial
    const view = new DataView(new ArrayBuffer(8 * slots))
    const put = (slot: number, value: bigint | number): void => view.setBigUint64(8 * slot, BigInt.asUintN(64, BigInt(value)), true)
    const register = (name: string): bigint => before.registers.get(name) ?? 0n
    const cell = (bank: string, index: number): bigint => before.cells.get(bank)?.get(BigInt(index)) ?? 0n
    for (let n = 1; n < 32; n++) put(n, cell('x', n))
    for (let n = 0; n < 32; n++) put(at.f + n, cell('f', n))
    for (const [slot, parts] of this.#fields) put(slot, parts.reduce((v, [name, low]) => v | (register(name) << BigInt(low)), slot === at.mie && mayWait(trial) ? 1n << BigInt(machineTimer) : 0n))
    put(at.mstatus, this.#status(before))
    put(at.path, pathOf(before))
    const length = lengthOf(instruction.name), inM = register('priv') === 3n
    const sentinel = inM ? jump(place.page + 32 - (place.code + length)) : 0x90029002n
    put(at.instruction, BigInt.asUintN(8 * length, word) | (sentinel << BigInt(8 * length)) | (length === 2 ? 0x9002n << 48n : 0n))
    if (register('reservation valid') === 1n) {
      put(at.reserved, instruction.name.endsWith('D') ? 8 : 4)
      put(at.reservation, register('reservation address'))
    }
    const stored = storedOf(before)
    put(at.stored, stored.length)
    stored.forEach(([address, content], n) => {
      put(at.storage + 2 * n, address)
      put(at.storage + 2 * n + 1, content)
    })
    put(at.codeEntry, (BigInt(place.page >>> 12) << 10n) | (register('priv') === 0n ? 0xdbn : 0xcbn))
    const entries = this.#entriesOf(before)
    for (let n = 0; n < mostEntries; n++) {
      const [vpn, flags] = entries[n] ?? []
      put(at.entries + 2 * n, vpn === undefined ? place.unused + 8 * n : this.#entryAddress(vpn))
      if (vpn !== undefined) put(at.entries + 2 * n + 1, ((vpn ^ register('satp.PPN')) << 10n) | flags!)
    }
    const { pmp, counter } = this.#wants(trial)
    put(at.flags, (pmp ? Flag.pmp : 0) | (counter === undefined ? 0 : Flag.counter) | (this.has('stimecmp') ? Flag.stimecmp : 0) | (this.has('mseccfg.USEED') ? Flag.mseccfg : 0) | (mayWait(trial) ? Flag.alarm : 0))
    if (pmp) {
      for (let n = 0; n < 16; n++) {
        view.setUint8(8 * at.pmpcfg + n, Number(n === 15 ? 0x1fn : cell('pmpcfg', n)))
        put(at.pmpaddr + n, n === 15 ? (1n << (this.xlen === 32 ? 32n : 54n)) - 1n : cell('pmpaddr', n))
      }
    }
    if (counter !== undefined) {
      put(at.counter, cell('mhpmcounter', counter))
      put(at.event, cell('mhpmevent', counter))
      const high = this.xlen === 32
      const write = [csrw(0xb00 + counter, 1), high ? csrw(0xb80 + counter, 2) : nop, csrw(0x320 + counter, 3), ret]
      const read = [csrr(0xb00 + counter, 1), high ? csrr(0xb80 + counter, 2) : nop, csrr(0x320 + counter, 3), ret]
      ;[...write, ...read].forEach((w, i) => view.setUint32(8 * at.pieces + 4 * i, w, true))
    }
    return new Uint8Array(view.buffer)
  }

  answerOf(trial: Trial, record: Uint8Array | string): Answer {
    if (typeof record === 'string') return { kind: 'lost', why: record }
    const { instruction, before } = trial
    const view = new DataView(record.buffer, record.byteOffset)
    const slot = (n: number): bigint => BigInt.asUintN(this.xlen, view.getBigUint64(8 * n, true))
    const byTrap = slot(at.how) === 1n, cause = Number(slot(75) & 31n), mepc = slot(73), pc = BigInt(place.code)
    const stvec = slot(70) & ~3n, status = slot(at.mstatus)
    if (byTrap) {
      const interrupt = slot(75) >> BigInt(this.xlen - 1) === 1n, woken = interrupt && mayWait(trial) && cause === machineTimer && mepc === pc + 4n
      if (interrupt && !woken) return { kind: 'lost', why: `interrupt ${cause}` }
      const fetching = cause === 1 || cause === 12
      const delegated = fetching && before.registers.get('priv') !== 3n && ((status >> 11n) & 3n) === 1n && mepc === stvec && slot(74) === pc
      const code = delegated ? Number(slot(76)) : cause
      if (delegated || mepc === pc) {
        const name = causeNames[code]
        return name === undefined ? { kind: 'lost', why: `it comes back by exception ${code}` } : { kind: 'trapped', causes: [name], said: `exception ${code}${delegated ? ', delegated' : ''}` }
      }
      if (!woken && !fetching && cause !== 3) return { kind: 'lost', why: `exception ${cause} at ${mepc.toString(16)}` }
    }
    const next = byTrap ? mepc : pc + BigInt(lengthOf(instruction.name))
    const registers = new Map<string, bigint>([['pc', next], ['priv', byTrap ? (status >> 11n) & 3n : 3n]])
    const bits = (value: bigint, low: number, name: string): bigint => BigInt.asUintN(this.#widths.get(name)!, value >> BigInt(low))
    for (const [name, low] of statusParts) registers.set(name, bits(status, low, name))
    for (const [n, parts] of this.#fields) {
      const value = n === at.stimecmp ? view.getBigUint64(8 * n, true) : slot(n)
      for (const [name, low] of parts) registers.set(name, bits(value, low, name))
    }
    if (mayWait(trial)) {
      registers.set('waiting', registers.get('mip.MTIP')!).set('mip.MTIP', 0n).set('mie.MTIE', before.registers.get('mie.MTIE') ?? 0n)
    }
    if (byTrap) {
      registers.set('mstatus.MIE', registers.get('mstatus.MPIE')!)
      for (const name of ['mstatus.MPIE', 'mstatus.MPP', 'mepc[xlen-1:1]', 'mcause', 'mtval']) registers.delete(name)
    }
    const x = new Map(Array.from({ length: 31 }, (_, n) => [BigInt(n + 1), slot(n + 1)] as const))
    const f = new Map(Array.from({ length: 32 }, (_, n) => [BigInt(n), view.getBigUint64(8 * (at.f + n), true)] as const))
    const memory = new Map(storedOf(before).map(([address], n) => [address, view.getBigUint64(8 * (at.storage + 2 * n + 1), true) & 0xffn] as const))
    const PTE = new Map(this.#entriesOf(before).map(([vpn], n) => [vpn, slot(at.entries + 2 * n + 1) & 0xffn] as const))
    const cells = new Map<string, ReadonlyMap<bigint, bigint>>([['x', x], ['f', f], ['memory', memory], ['PTE', PTE]])
    const { pmp, counter } = this.#wants(trial)
    if (pmp) {
      cells.set('pmpcfg', new Map(Array.from({ length: 16 }, (_, n) => [BigInt(n), BigInt(view.getUint8(8 * at.pmpcfg + n))] as const)))
      cells.set('pmpaddr', new Map(Array.from({ length: 16 }, (_, n) => [BigInt(n), slot(at.pmpaddr + n)] as const)))
    }
    if (counter !== undefined) {
      cells.set('mhpmcounter', new Map([[BigInt(counter), view.getBigUint64(8 * at.counter, true)]]))
      cells.set('mhpmevent', new Map([[BigInt(counter), slot(at.event)]]))
    }
    return { kind: 'completed', after: { registers, cells } }
  }

  /** mstatus as the way in needs it, which MRET and SRET change. */
  #status(before: Contents): bigint {
    const register = (name: string): bigint => before.registers.get(name) ?? 0n
    const path = pathOf(before), status = new Map(statusParts.map(([name]) => [name, register(name)]))
    if (path === Path.MRET) status.set('mstatus.MPP', register('priv')).set('mstatus.MPIE', register('mstatus.MIE')).set('mstatus.MIE', 0n)
    if (path === Path.SRET) status.set('mstatus.SPP', register('priv')).set('mstatus.SPIE', register('mstatus.SIE'))
    return statusParts.reduce((v, [name, low]) => v | (status.get(name)! << BigInt(low)), this.xlen === 64 ? 0xa00000000n : 0n)
  }

  #entriesOf(before: Contents): (readonly [vpn: bigint, flags: bigint])[] {
    const { PPN, MODE } = { PPN: before.registers.get('satp.PPN') ?? 0n, MODE: before.registers.get('satp.MODE') }
    if (MODE !== 1n) return []
    return [...before.cells.get('PTE') ?? []].filter(([vpn]) => inStorage((vpn ^ PPN) << 12n)).slice(0, mostEntries)
  }

  #entryAddress(vpn: bigint): bigint {
    return this.xlen === 64 ? BigInt(place.dataLast) + 8n * (vpn & 511n) : BigInt(place.dataLast) + 4n * (vpn & 1023n)
  }

  /** Whether the registers of PMP are laid down, and which counter and event. */
  #wants({ before }: Trial): { readonly pmp: boolean; readonly counter: number | undefined } {
    const counter = [...before.cells.get('mhpmcounter')?.keys() ?? [], ...before.cells.get('mhpmevent')?.keys() ?? []].find((n) => n >= 3n && n < 29n)
    return { pmp: before.cells.has('pmpcfg') || before.cells.has('pmpaddr'), counter: counter === undefined ? undefined : Number(counter) }
  }
}

export const lengthOf = (name: string): 2 | 4 => (name.startsWith('C.') ? 2 : 4)

/** How the kernel enters the state's mode; both returns set fields of mstatus, and use mepc or sepc. */
const pathOf = ({ registers }: Contents): number => {
  const register = (name: string): bigint => registers.get(name) ?? 0n
  if (register('priv') === 3n) return Path.M
  return register('mepc[xlen-1:1]') === BigInt(place.code) / 2n && register('mstatus.MPP') === 0n && register('mstatus.MPIE') === 1n ? Path.MRET : Path.SRET
}

const inStorage = (real: bigint): boolean => real >= BigInt(place.storage) && real < BigInt(place.storageEnd)
const storedOf = (before: Contents): (readonly [bigint, bigint])[] => [...before.cells.get('memory') ?? []].filter(([address]) => inStorage(address)).slice(0, mostStored)

const jump = (offset: number): bigint => {
  const bits = (high: number, low: number): number => (offset >> low) & ((1 << (high - low + 1)) - 1)
  return BigInt(((bits(20, 20) << 31) | (bits(10, 1) << 21) | (bits(11, 11) << 20) | (bits(19, 12) << 12) | 0x6f) >>> 0)
}
const csrw = (number: number, x: number): number => ((number << 20) | (x << 15) | 0x1073) >>> 0
const csrr = (number: number, x: number): number => ((number << 20) | (x << 7) | 0x2073) >>> 0
const nop = 0x13
/** JALR x0, x5. */
const ret = 0x00028067

const causeNames: Readonly<Record<number, string>> = {
  2: 'illegal instruction', 3: 'breakpoint', 4: 'load address misaligned', 5: 'load access fault', 6: 'store/AMO address misaligned', 7: 'store/AMO access fault',
  8: 'environment call from U-mode', 9: 'environment call from S-mode', 11: 'environment call from M-mode', 13: 'load page fault', 15: 'store/AMO page fault', 18: 'software check',
}
