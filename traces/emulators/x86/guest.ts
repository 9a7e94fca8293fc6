// What an x86 trial's state is to a guest of SVM: the save area from which VMRUN loads it, flags, ports, and why it was left.
import { segments as names } from '../../../model/isa/x86/state.ts'
import type { Answer, Contents } from '../bench.ts'
import type { Memory } from './memory.ts'

/** Offsets in the save area, in bytes; a segment has its selector, its attributes, its limit and its base. */
export const save = {
  ES: 0, CS: 0x10, SS: 0x20, DS: 0x30, FS: 0x40, GS: 0x50, GDTR: 0x60, LDTR: 0x70, IDTR: 0x80, TR: 0x90, CPL: 0xcb, EFER: 0xd0,
  CR4: 0x148, CR3: 0x150, CR0: 0x158, DR7: 0x160, DR6: 0x168, FLAGS: 0x170, IP: 0x178, SP: 0x1d8, A: 0x1f8, STAR: 0x200,
  LSTAR: 0x208, CSTAR: 0x210, FMASK: 0x218, KERNEL_GS_BASE: 0x220, SYSENTER_CS: 0x228, SYSENTER_ESP: 0x230, SYSENTER_EIP: 0x238, CR2: 0x240,
} as const

/** The hidden descriptor of a segment register or table register. */
export interface Hidden {
  readonly selector: bigint
  readonly rights: bigint
  readonly limit: bigint
  readonly base: bigint
}
/** Bases of 64 bits; those of 32-bit mode have zeros above. */
export const putSegment = (view: DataView, name: keyof typeof save, { selector, rights, limit, base }: Hidden): void => {
  view.setUint16(save[name], Number(selector), true)
  view.setUint16(save[name] + 2, Number(rights), true)
  view.setUint32(save[name] + 4, Number(limit), true)
  view.setBigUint64(save[name] + 8, base, true)
}
export const segmentFrom = (view: DataView, name: keyof typeof save): Hidden => ({
  selector: BigInt(view.getUint16(save[name], true)), rights: BigInt(view.getUint16(save[name] + 2, true)),
  limit: BigInt(view.getUint32(save[name] + 4, true)), base: view.getBigUint64(save[name] + 8, true),
})

/** Offset of the I/O permission bit map in the task state segment, and the segment's limit with it. */
const ioMap = 0x68
const taskLimit = BigInt(ioMap + 0x2000)
/** GDTR, IDTR, LDTR and TR; the bench chooses where the local table and the task state segment are. */
export const putTables = (view: DataView, { register }: Reader, linear: { readonly LDT: bigint; readonly TSS: bigint }): void => {
  for (const name of ['GDTR', 'IDTR'] as const) putSegment(view, name, { selector: 0n, rights: 0n, limit: register(`${name}.limit`), base: register(`${name}.base`) })
  const isLocal = register('LDTR') >> 2n !== 0n
  putSegment(view, 'LDTR', { selector: register('LDTR'), rights: isLocal ? 0x82n : 0n, limit: isLocal ? register('LDTR.limit') : 0n, base: isLocal ? linear.LDT : 0n })
  // The emulator keeps TR's type as it was before it was busy.
  putSegment(view, 'TR', { selector: register('TR'), rights: 0x89n, limit: taskLimit, base: linear.TSS })
}
export const tablesFrom = (view: DataView): readonly (readonly [string, bigint])[] => {
  const [gdt, idt, ldt, task] = (['GDTR', 'IDTR', 'LDTR', 'TR'] as const).map((name) => segmentFrom(view, name)) as [Hidden, Hidden, Hidden, Hidden]
  return [
    ['GDTR.base', gdt.base], ['GDTR.limit', gdt.limit], ['IDTR.base', idt.base], ['IDTR.limit', idt.limit], ['LDTR', ldt.selector], ['TR', task.selector],
    // Without a local table its limit is not kept.
    ...(ldt.selector >> 2n === 0n ? [] : [['LDTR.limit', ldt.limit] as const]),
  ]
}
/** The I/O permission bit map, in the task state segment at `task`. */
export const putPortMap = (memory: Memory, { register, cell, indices }: Reader, task: bigint): void => {
  const ports = indices('TSS.map')
  if (ports.length > 0) memory.put(task + 0x66n, register('TSS.mapped') === 1n ? BigInt(ioMap) : 0xffffn, 2)
  for (const port of ports) {
    const from = task + BigInt(ioMap) + (port >> 3n)
    memory.put(from, memory.get(from, 2) | (cell('TSS.map', port) << (port & 7n)), 2)
  }
}

/** The flags with their lowest bits and widths. */
const flags: readonly (readonly [string, number, number])[] = [
  ['CF', 0, 1], ['PF', 2, 1], ['AF', 4, 1], ['ZF', 6, 1], ['SF', 7, 1], ['TF', 8, 1], ['IF', 9, 1], ['DF', 10, 1], ['OF', 11, 1], ['IOPL', 12, 2],
  ['NT', 14, 1], ['AC', 18, 1], ['VIF', 19, 1], ['VIP', 20, 1], ['ID', 21, 1],
]
export const flagsOf = ({ register }: Reader): number => Number(flags.reduce((w, [name, low]) => w | (register(name) << BigInt(low)), 2n))
export const flagsFrom = (image: bigint): readonly (readonly [string, bigint])[] =>
  flags.map(([name, low, width]) => [name, (image >> BigInt(low)) & ((1n << BigInt(width)) - 1n)])

export const reader = (before: Contents) => ({
  register: (name: string): bigint => before.registers.get(name) ?? 0n,
  cell: (bank: string, index: bigint | number): bigint => before.cells.get(bank)?.get(BigInt(index)) ?? 0n,
  indices: (...banks: readonly string[]): bigint[] => [...new Set(banks.flatMap((b) => [...before.cells.get(b)?.keys() ?? []]))],
})
export type Reader = ReturnType<typeof reader>

type SegmentName = (typeof names)[number]['name']
export const selectorOf = ({ register }: Reader, name: SegmentName): bigint =>
  (name === 'CS' || name === 'SS' ? (register(`${name}<15:2>`) << 2n) | register('CPL') : register(name))
/** The emulator has CPL in the DPL of SS: what the state has there cannot be laid down where it is another. */
export const rightsOf = ({ register }: Reader, name: SegmentName): bigint =>
  (name === 'SS' ? (register('SS.rights') & ~0x60n) | (register('CPL') << 5n) : register(`${name}.rights`))

/** The bank of ports: the first of them that a trial names, and how many, with their content. */
export const portsOf = ({ cell, indices }: Reader): { readonly first: number; readonly width: number; readonly content: bigint } => {
  const named = indices('PORT'), first = Number(named.reduce((a, b) => (a < b ? a : b), named[0] ?? 0n))
  return { first, width: named.length, content: named.reduce((all, _, i) => all | (cell('PORT', first + i) << BigInt(8 * i)), 0n) }
}
export const portsFrom = ({ first, width }: { readonly first: number; readonly width: number }, content: bigint): ReadonlyMap<bigint, bigint> =>
  new Map(Array.from({ length: width }, (_, i) => [BigInt(first + i), (content >> BigInt(8 * i)) & 255n] as const))

const hlt = 0xf4
/** The 16 bytes around an instruction, from the doubleword in which it begins: its own in their order, and HLTs. */
export const putCode = (view: DataView, at: number, address: number, word: bigint, width: number): void => {
  for (let n = 0; n < 16; n++) view.setUint8(at + n, hlt)
  for (let n = 0; n < width / 8; n++) view.setUint8(at + (address & 3) + n, Number((word >> BigInt(width - 8 - 8 * n)) & 255n))
}

/** Exit codes: an exception by its vector, HLT, and MWAIT. */
const exception = 0x40, waiting = new Set([0x78, 0x8b])
/** The vector of the exception that ended the guest, undefined for HLT; or what else the exit code is. */
export const vectorOf = (exit: number): number | undefined | string => {
  const vector = exit - exception
  if (vector >= 0 && vector < 32) return vector
  return waiting.has(exit) ? undefined : `it comes back with exit code ${exit.toString(16)}`
}

export const trappedBy = (vector: number, error: number, address: bigint, causes: readonly string[]): Answer =>
  ({ kind: 'trapped', causes, said: `vector ${vector}${error === 0 ? '' : `, error code ${error.toString(16)}`}${vector === 14 ? `, at ${address.toString(16)}` : ''}` })
