// Zicbom and Zicboz: cache-block management and zeroing, which menvcfg permits below M-mode and senvcfg in U-mode.
import { open, store, type Instruction, type Statement, type TrapStatement } from '../../ir/instruction.ts'
import { and, any, concat, constant, extract, not, or, type Bool, type Term } from '../../ir/term.ts'
import { addressValue, effectiveAddress } from './access.ts'
import { define, guards, illegal, putBytes } from './notation.ts'
import { OP } from './rv-i.ts'
import { belowM, flag, has, inMode, is, value, walks, X, type State } from './state.ts'

const format = { operation: 12, rs1: 5, funct3: 3, rd: 5, opcode: 7 }

/** The addresses of the bytes of the cache block. */
const blockOf = (s: State, address: Term, bytes: number): Term[] => {
  const offsetBits = Math.log2(bytes)
  return Array.from({ length: bytes }, (_, k) => concat(extract(address, s.xlen - 1, offsetBits), constant<number>(offsetBits, k)))
}

const forbidden = (s: State, name: 'CBCFE' | 'CBZE'): Bool =>
  or(and(belowM(s), not(flag(s, `menvcfg.${name}`))), and(inMode(s, 'U'), not(flag(s, `senvcfg.${name}`))))

/** CBIE is 00, 01 or 11: illegal, flush, invalidate; the stricter of the two registers counts in U-mode. */
const enabled = (s: State, name: 'menvcfg.CBIE' | 'senvcfg.CBIE'): Bool => extract<1>(value(s, name), 0, 0)
const flushes = (s: State): Bool => or(and(belowM(s), is(s, 'menvcfg.CBIE', 1)), and(inMode(s, 'U'), is(s, 'senvcfg.CBIE', 1)))

/** All faults are those of stores, with rs1 as the address at fault. */
const asOperation = (s: State, { cause, value: _, ...trap }: TrapStatement, rs1: Term): TrapStatement => {
  const ofStore = cause.endsWith('page fault') ? 'store/AMO page fault' : 'store/AMO access fault', address = addressValue(s, ofStore, effectiveAddress(s, 'write', rs1))
  return { ...trap, cause: ofStore, ...(address === undefined ? {} : { value: address }) }
}

export const cacheBlocks = (s: State): Instruction[] => {
  const instruction = define(s, 'unprivileged', 'Extensions for Base Cache Management Operation ISA')
  const operation = (name: string, code: number, does: (address: Term) => readonly Statement[], note?: string): Instruction =>
    instruction(name, format, { operation: code, funct3: 2, rd: 0, opcode: OP.miscMem }, (o) => does(X(s, o['rs1']!)), note)
  /** Where PMP is looked at, it may cover a part of the block: eight bytes at a time, of which the first are in the same page as all others. */
  const pieces = (address: Term, bytes: number): Term[] => blockOf(s, address, bytes).filter((_, k) => k % 8 === 0)
  const reaches = (address: Term, access: 'read' | 'write', bytes: number): Statement[] =>
    (walks(s) ? pieces(address, bytes).flatMap((a, k) => guards(s, a, 8, access, true).filter((b) => k === 0 || b.kind === 'trap')) : guards(s, blockOf(s, address, bytes)[0]!, 1, access))
      .map((b) => (b.kind === 'trap' ? asOperation(s, b, address) : b))
  /** Management is permitted where a load is, or a store, which nothing permits without loads; of A and D it needs A. */
  const manages = (address: Term): Statement[] => reaches(address, 'read', s.cacheBlock)
  const zero = (address: Term): Statement[] => (walks(s)
    ? pieces(address, s.zeroBlock).flatMap((a) => putBytes(s, a, 8, constant(64, 0), constant(1, 1), { access: 'write', strict: true }))
    : blockOf(s, address, s.zeroBlock).map((a) => store<number>(s.memory, a, constant<number>(8, 0))))
  /** Without caches memory is as it is. */
  const beneath = (address: Term): Statement[] => (walks(s) ? []
    : blockOf(s, address, s.cacheBlock).map((a, k) => store<number>(s.memory, a, open<number>(`byte ${k} beneath the caches`, 8), not(flushes(s)))))
  const coherent = 'memory is coherent here: nothing changes'
  return [
    ...(has(s, 'Zicbom') ? [
      operation('CBO.INVAL', 0, (address) => [
        illegal(any([and(belowM(s), not(enabled(s, 'menvcfg.CBIE'))), and(inMode(s, 'U'), not(enabled(s, 'senvcfg.CBIE')))])),
        ...manages(address),
        ...beneath(address),
      ], 'invalidating brings back what memory holds beneath the caches, which is open'),
      operation('CBO.CLEAN', 1, (address) => [illegal(forbidden(s, 'CBCFE')), ...manages(address)], coherent),
      operation('CBO.FLUSH', 2, (address) => [illegal(forbidden(s, 'CBCFE')), ...manages(address)], coherent),
    ] : []),
    ...(has(s, 'Zicboz') ? [
      operation('CBO.ZERO', 4, (address) => [illegal(forbidden(s, 'CBZE')), ...reaches(address, 'write', s.zeroBlock), ...zero(address)]),
    ] : []),
  ]
}
