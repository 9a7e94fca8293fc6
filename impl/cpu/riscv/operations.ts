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

/**
 * Without an operation of its own: `decode` has not been here; `page end`; `crossing` has its other half in the next
 * page; `handled` is done by a handler, which gets the word.
 */
export const controlNames = ['undecoded', 'page end', 'crossing', 'handled', 'NOP'] as const

export const operationNames = [
  ...controlNames, ...aluNames, ...loadNames, ...storeNames, ...branchNames, ...nearBranchNames, ...jumpNames,
] as const
export type OperationName = (typeof operationNames)[number]

/** The number of each operation; `undecoded` is 0. */
export const operation = Object.fromEntries(operationNames.map((name, index) => [name, index])) as Record<OperationName, number>
