// The operations of decoded code, by name and number: what the interpreter's table branches on.

export const aluNames = [
  'LUI', 'AUIPC', 'ADDI', 'SLTI', 'SLTIU', 'XORI', 'ORI', 'ANDI', 'SLLI', 'SRLI', 'SRAI', 'ADDIW', 'SLLIW', 'SRLIW', 'SRAIW',
  'ADD', 'SUB', 'SLL', 'SLT', 'SLTU', 'XOR', 'SRL', 'SRA', 'OR', 'AND', 'ADDW', 'SUBW', 'SLLW', 'SRLW', 'SRAW',
  'MUL', 'MULH', 'MULHSU', 'MULHU', 'DIV', 'DIVU', 'REM', 'REMU', 'MULW', 'DIVW', 'DIVUW', 'REMW', 'REMUW',
] as const
export type AluName = (typeof aluNames)[number]

export const loadNames = ['LB', 'LH', 'LW', 'LD', 'LBU', 'LHU', 'LWU'] as const
export type LoadName = (typeof loadNames)[number]
export const storeNames = ['SB', 'SH', 'SW', 'SD'] as const
export type StoreName = (typeof storeNames)[number]
export const branchNames = ['BEQ', 'BNE', 'BLT', 'BGE', 'BLTU', 'BGEU'] as const
export type BranchName = (typeof branchNames)[number]

/** Branches and jumps whose target is in the same page. */
export const nearBranchNames = ['BEQ near', 'BNE near', 'BLT near', 'BGE near', 'BLTU near', 'BGEU near'] as const
export const jumpNames = ['J', 'JAL', 'J near', 'JAL near', 'JR', 'JALR'] as const

const widths = ['W', 'D'] as const
const atomicKinds = [
  'LR', 'SC', 'AMOSWAP', 'AMOADD', 'AMOXOR', 'AMOAND', 'AMOOR', 'AMOMIN', 'AMOMAX', 'AMOMINU', 'AMOMAXU',
] as const
export type AtomicName = `${(typeof atomicKinds)[number]}.${(typeof widths)[number]}`
export const atomicNames: readonly AtomicName[] = atomicKinds.flatMap((kind) => widths.map((width) => `${kind}.${width}` as const))

const floatingKinds = [
  'FADD', 'FSUB', 'FMUL', 'FDIV', 'FSQRT', 'FEQ', 'FLT', 'FLE', 'FSGNJ', 'FSGNJN', 'FSGNJX', 'FCVT.W', 'FCVT.L',
  'FCVT from W', 'FCVT from WU', 'FCVT from L',
] as const
const otherFloating = ['FLW', 'FLD', 'FSW', 'FSD', 'FCVT.S.D', 'FCVT.D.S', 'FMV.X.D', 'FMV.X.W', 'FMV.D.X', 'FMV.W.X'] as const
export type FloatingName = `${(typeof floatingKinds)[number]}.${'S' | 'D'}` | (typeof otherFloating)[number]
/** Those that WebAssembly can do. */
export const floatingNames: readonly FloatingName[] = [
  ...floatingKinds.flatMap((kind) => (['S', 'D'] as const).map((letter) => `${kind}.${letter}` as const)), ...otherFloating,
]

export const fusedKinds = ['FMADD', 'FMSUB', 'FNMSUB', 'FNMADD'] as const
export type FusedName = `${(typeof fusedKinds)[number]}.${'S' | 'D'}`
/** Their immediate is the number of the third source register times 8. */
export const fusedNames: readonly FusedName[] = fusedKinds.flatMap((kind) => (['S', 'D'] as const).map((letter) => `${kind}.${letter}` as const))

/**
 * Without an operation of its own: `decode` has not been here; `page end`; `crossing` has its other half in the next
 * page; `handled` is done by a handler, which gets the word; at a `breakpoint` a handler says whether the run ends.
 */
export const controlNames = ['undecoded', 'page end', 'crossing', 'handled', 'breakpoint', 'NOP'] as const

export const operationNames = [
  ...controlNames, ...aluNames, ...loadNames, ...storeNames, ...branchNames, ...nearBranchNames, ...jumpNames,
  ...atomicNames, ...floatingNames, ...fusedNames,
] as const
export type OperationName = (typeof operationNames)[number]

/** The number of each operation; `undecoded` is 0. */
export const operation = Object.fromEntries(operationNames.map((name, index) => [name, index])) as Record<OperationName, number>
