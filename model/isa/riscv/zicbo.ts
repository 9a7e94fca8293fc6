// Zicbom and Zicboz: cache-block management and zeroing, which menvcfg permits below M-mode and senvcfg in U-mode.
import { open, store, type Instruction, type Statement, type TrapStatement } from '../../ir/instruction.ts'
import { add, and, any, concat, constant, extract, not, or, True, type Bool, type Term } from '../../ir/term.ts'
import { addressValue, effectiveAddress, faultsOf, keepingOf, refer, updatesOf } from './access.ts'
import { define, guards, illegal, putBytes } from './notation.ts'
import { OP } from './rv-i.ts'
import { belowM, flag, has, inMode, is, value, walks, word, X, type State } from './state.ts'
import { pageFault } from './translation.ts'

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
const asOperation = (s: State, rs1: Term) => (b: Statement): Statement => {
  if (b.kind !== 'trap') return b
  const { cause, value: _, ...trap } = b
  const ofStore = cause.endsWith('page fault') ? 'store/AMO page fault' : 'store/AMO access fault', address = addressValue(s, ofStore, effectiveAddress(s, 'write', rs1))
  return { ...trap, cause: ofStore, ...(address === undefined ? {} : { value: address }) }
}

/** A part of a cache block that is accessed at once. */
interface Piece {
  readonly address: Term
  readonly bytes: number
}
/** In the order in which they are accessed; all are in one page. */
const piecesOf = (s: State, address: Term, bytes: number): Piece[] => {
  const size = Math.min(bytes, s.cacheBlockPieces), pieces = blockOf(s, address, bytes).filter((_, k) => k % size === 0).map((a) => ({ address: a, bytes: size }))
  return s.pieceOrder === 'lower first' ? pieces : pieces.reverse()
}

/** The guards of a piece, and with the first one the updating of A and D and what is kept of translation; `before` is done even if this one faults. */
const checked = (s: State, access: 'read' | 'write', { address, bytes }: Piece, k: number, before: readonly Statement[] = []): Statement[] => {
  const data = refer(s, access, address, bytes, 'block'), faults = faultsOf(s, access, data, True, undefined, before)
  const besides = k === 0 ? [...updatesOf(s, access, data), ...keepingOf(s, access, data.pieces)] : []
  if (access === 'write' || s.executableBlocks === 'not managed') return [...faults, ...besides]
  const code = refer(s, 'manage code', address, bytes, 'block')
  const [page, denied] = faults as [TrapStatement, TrapStatement], [codePage, codeDenied] = faultsOf(s, 'manage code', code) as [TrapStatement, TrapStatement]
  return [
    { ...page, when: and(page.when, codePage.when) }, { ...denied, when: and(or(page.when, denied.when), or(codePage.when, codeDenied.when)) }, ...besides,
    ...(k === 0 ? [...updatesOf(s, 'manage code', code, page.when), ...keepingOf(s, 'manage code', code.pieces, page.when)] : []),
  ]
}
/** The same of the page, without PMP. */
const abstractly = (s: State, address: Term, access: 'read' | 'write'): Statement[] => guards(s, address, 1, access).map((b) =>
  (access === 'read' && s.executableBlocks === 'managed' && b.kind === 'trap' && b.cause.endsWith('page fault') ? { ...b, when: and(b.when, pageFault(s, address, 'fetch', 'read')) } : b))

/** Zeroing a piece. */
const zeroes = (s: State, { address, bytes }: Piece): Statement[] => {
  const width = bytes === 4 ? 4 : 8
  return Array.from({ length: bytes / width }, (_, k) => add<number>(address, word(s, k * width))).flatMap((a) => putBytes(s, a, width, constant<number>(8 * width, 0), True, { access: 'write', strict: 'block' }))
}

export const cacheBlocks = (s: State): Instruction[] => {
  const instruction = define(s, 'unprivileged', 'Extensions for Base Cache Management Operation ISA')
  const operation = (name: string, code: number, does: (address: Term) => readonly Statement[], note?: string): Instruction =>
    instruction(name, format, { operation: code, funct3: 2, rd: 0, opcode: OP.miscMem }, (o) => does(X(s, o['rs1']!)), note)
  /** Management is permitted where a load is, or a store, which nothing permits without loads, or perhaps a fetch; of A and D it needs A. */
  const manages = (address: Term): Statement[] => (walks(s) ? piecesOf(s, address, s.cacheBlock).flatMap((piece, k) => checked(s, 'read', piece, k)) : abstractly(s, blockOf(s, address, s.cacheBlock)[0]!, 'read')).map(asOperation(s, address))
  const zero = (address: Term): Statement[] => {
    const bytes = blockOf(s, address, s.zeroBlock)
    if (!walks(s)) return [...abstractly(s, bytes[0]!, 'write').map(asOperation(s, address)), ...bytes.map((a) => store<number>(s.memory, a, constant<number>(8, 0)))]
    const pieces = piecesOf(s, address, s.zeroBlock), zeroed = pieces.map((piece) => zeroes(s, piece))
    const before = (k: number): readonly Statement[] => (s.failingStore === 'writes earlier pieces' ? zeroed.slice(0, k).flat() : [])
    return [...pieces.flatMap((piece, k) => checked(s, 'write', piece, k, before(k))).map(asOperation(s, address)), ...zeroed.flat()]
  }
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
      operation('CBO.ZERO', 4, (address) => [illegal(forbidden(s, 'CBZE')), ...zero(address)]),
    ] : []),
  ]
}
