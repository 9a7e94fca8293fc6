// Recent models, tried on the next formula before a solver is asked: claims about one ISA share their variables.
import { stage, type Valuation } from '../../model/ir/stage.ts'
import { postorder, type Bool, type Term } from '../../model/ir/term.ts'
import { apartSuffix } from '../../model/claims/twins.ts'
import { tidy } from './tidy.ts'

const most = 12
/** Of these so many are tried as each half of a formula about two pairs of states. */
const mostHalves = 6
const zero: Valuation = { variable: () => 0n, cell: () => 0n }

export class Recollection {
  #models: readonly Valuation[] = [zero]

  forget(): void {
    this.#models = [zero]
  }

  remember(model: Valuation): void {
    this.#models = [zero, model, ...this.#models.slice(1, most)]
  }

  /** A state of the formula, made from recent models; undefined tells nothing. */
  find(formula: Bool): Valuation | undefined {
    const order = postorder([formula])
    const variables = order.filter((t): t is Term & { kind: 'var' } => t.kind === 'var')
    const selects = order.filter((t): t is Term & { kind: 'select' } => t.kind === 'select')
    const halves = variables.some((v) => v.name.endsWith(apartSuffix)) || selects.some((s) => s.memory.name.endsWith(apartSuffix))
    const holds = stage([formula])
    const found = this.#candidates(halves).find((c) => holds(c)[0] === 1n)
    if (!found) return undefined
    const addresses = stage(selects.map((s) => s.address))(found)
    return tidy(formula,
      variables.map((v) => [v.name, found.variable(v.name, v.width)] as const),
      selects.map((s, i) => [s.memory.name, addresses[i]!, found.cell(s.memory.name, addresses[i]!)] as const))
  }

  /** Each model; for a formula about two pairs of states, each model beside each. */
  #candidates(halves: boolean): readonly Valuation[] {
    if (!halves) return this.#models
    const base = (name: string): string => name.slice(0, -apartSuffix.length)
    const few = this.#models.slice(0, mostHalves)
    return few.flatMap((one) => few.map((other): Valuation => ({
      variable: (name, width) => (name.endsWith(apartSuffix) ? other.variable(base(name), width) : one.variable(name, width)),
      cell: (bank, address) => (bank.endsWith(apartSuffix) ? other.cell(base(bank), address) : one.cell(bank, address)),
    })))
  }
}
