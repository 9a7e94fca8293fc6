// Random instruction words: of each instruction of the specification by its weight, with operands that lead somewhere.
import type { Random } from '../../traces/generate-random.ts'
import type { Instruction } from '../../model/ir/instruction.ts'

interface Field {
  readonly name: string
  readonly low: number
  readonly width: number
}
interface Drawn {
  readonly match: number
  readonly fields: readonly Field[]
  readonly bytes: 2 | 4
  /** Its rs1, where it has one, is an address. */
  readonly addresses: boolean
  readonly csr: 'unprivileged' | 'counter' | 'supervisor' | 'machine' | undefined
}

const addressing = /^(L[BHWD]U?|LWU|S[BHWD]|F[LS][WD]|LR|SC|AMO|C\.F?[LS][WD]$)/
const csrs = /^CSRR\w+ (unprivileged|counter|supervisor|machine)$/
const reservedCsrs = /^CSRR\w+ (hypervisor|unprivileged 400|unprivileged custom)$/
const control = /^(JAL|JALR|C\.J|C\.JR|C\.JALR|ECALL|EBREAK|C\.EBREAK|MRET|SRET|WFI)$/

/** How often an instruction is drawn, in relation to others. */
const weightOf = ({ name }: Instruction): number => {
  if (reservedCsrs.test(name)) return 1
  if (csrs.test(name)) return 5
  if (/^(SC|LR)/.test(name)) return 14
  if (addressing.test(name)) return 16
  if (/^(F.*(DIV|SQRT)|FN?M(ADD|SUB))/.test(name)) return 4
  if (/^F[A-Z]/.test(name) && !name.startsWith('FENCE')) return 5
  if (control.test(name)) return 5
  return 12
}

/** Numbers of CSRs by the kind of their form, those that derail a program less often than the others. */
const numbers: Readonly<Record<NonNullable<Drawn['csr']>, readonly number[]>> = {
  unprivileged: [0x001, 0x002, 0x003, 0x001, 0x002, 0x003, 0x000, 0x004],
  counter: [0xc00, 0xc01, 0xc02, 0xc03, 0xc1f, 0xc00, 0xc02, 0xc80],
  supervisor: [0x100, 0x100, 0x104, 0x104, 0x105, 0x106, 0x10a, 0x140, 0x140, 0x141, 0x142, 0x143, 0x144, 0x144, 0x14d, 0x180, 0x1ff],
  machine: [
    0x300, 0x300, 0x301, 0x302, 0x303, 0x304, 0x304, 0x305, 0x306, 0x30a, 0x320, 0x323, 0x340, 0x340, 0x341, 0x342, 0x343, 0x344, 0x344, 0x3a0, 0x3a2, 0x3b0, 0x3b3, 0x3b7, 0x3bf,
    0x3a1, 0x7a0, 0x7a1, 0x7a4, 0xb00, 0xb02, 0xb03, 0xf11, 0xf12, 0xf13, 0xf14, 0xf15, 0x310,
  ],
}

export interface Word {
  readonly word: number
  readonly bytes: 2 | 4
}

/** Registers that hold addresses, as far as nothing has been written to them. */
export const pointers = [2, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15] as const

/** Kinds of instructions that a program may have more of. */
const kinds: readonly RegExp[] = [/^C?\.?F(?!ENCE)/, /^(LR|SC|AMO)/, /^CSRR/, /^C\./, addressing, control, /^F(?!ENCE).*\.[SD]$/]

export class Words {
  private readonly drawn: readonly Drawn[]
  /** The numbers of the instructions of each kind. */
  private readonly ofKind: readonly Uint8Array[]
  /** The number of an instruction, as often as its weight. */
  private readonly lots: Uint8Array

  constructor(instructions: readonly Instruction[]) {
    this.drawn = instructions.map(({ name, encoding }) => {
      let low = encoding.width
      const fields = Object.entries(encoding.format).map(([field, width]): Field => ({ name: field, low: low -= width, width })).filter((f) => encoding.fixed[f.name] === undefined)
      const kind = csrs.exec(name)?.[1]
      return {
        match: Number(encoding.match), fields, bytes: 'following' in encoding.format ? 2 : 4, addresses: addressing.test(name), csr: kind as Drawn['csr'],
      }
    })
    this.ofKind = kinds.map((kind) => Uint8Array.from(instructions.keys()).filter((n) => kind.test(instructions[n]!.name)))
    this.lots = Uint8Array.from(instructions.flatMap((i, n) => Array.from({ length: weightOf(i) }, () => n)))
  }

  /** The number of a kind, or none. */
  drawKind(random: Random): number | undefined {
    return random.chance(50) ? random.below(kinds.length) : undefined
  }

  /** Half of the words are of the kind, if there is one; now and then one is of any bits. */
  draw(random: Random, kind?: number): Word {
    if (random.chance(1)) {
      const word = random.word() >>> 0
      return (word & 3) === 3 ? { word, bytes: 4 } : { word: word & 0xffff, bytes: 2 }
    }
    const { match, fields, bytes, addresses, csr } = this.drawn[random.of(kind !== undefined && random.chance(50) ? this.ofKind[kind]! : this.lots)]!
    // Operands that are all 0 are reserved in several compressed ones.
    const zero = random.chance(2)
    let word = match
    for (const { name, low, width } of fields) {
      if (name !== 'following' && !zero) word |= this.operand(random, name, width, addresses, csr) << low
    }
    if (csr !== undefined && random.chance(90)) word = (word & 0x000f_ffff) | (random.of(numbers[csr]) << 20)
    return { word: bytes === 2 ? word & 0xffff : word >>> 0, bytes }
  }

  private operand(random: Random, name: string, width: number, addresses: boolean, csr: Drawn['csr']): number {
    const any = random.below(2 ** width)
    switch (name) {
      case 'rd': return random.chance(70) ? 16 + random.below(12) : random.chance(10) ? 0 : any
      case 'rs1':
        if (csr !== undefined && random.chance(40)) return 0
        return addresses ? random.chance(85) ? random.of(pointers) : any : any
      case 'rm': return random.chance(80) ? random.below(5) : any
      case 'imm':
        // Of loads and of what computes: mostly small, of loads mostly aligned.
        return random.chance(70) ? (addresses && random.chance(70) ? 8 * (random.below(16) - 8) : random.below(32) - 16) & 0xfff : any
      case 'imm[11:5]': return addresses && random.chance(70) ? (random.below(4) - 2) & 127 : any
      case 'imm[4:0]': return addresses && random.chance(60) ? 8 * random.below(4) : any
      // Branches and jumps are short.
      case 'imm[12]': case 'imm[20]': return 0
      case 'imm[11]': return width === 1 && random.chance(97) ? 0 : any
      case 'imm[10:5]': return random.chance(85) ? random.below(2) : any
      case 'imm[19:12]': return random.chance(97) ? 0 : any
      case 'imm[10:1]': return random.chance(90) ? 2 + random.below(30) : any
      case 'imm[10]': case 'imm[9:8]': case 'imm[8]': return random.chance(90) ? 0 : any
      case 'imm[31:12]': return random.chance(40) ? random.below(64) : any
      default: return any
    }
  }
}
