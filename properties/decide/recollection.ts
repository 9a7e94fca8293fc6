// Recent models, tried on the next formula before a solver is asked: claims about one ISA share their variables.
import { stage, type Valuation } from '../../model/ir/stage.ts'
import { postorder, type Bool, type Term } from '../../model/ir/term.ts'
import { apartSuffix } from '../../model/claims/twins.ts'
import { tidy } from './tidy.ts'

const most = 12
/** Of these so many are tried as each half of a formula about two pairs of states. */
const mostHalves = 6
/** Ends the names of a pair's second state, where it may differ from the first (model/claims/twins.ts). */
const prime = "'"
const unprimed = (name: string): string => (name.endsWith(prime) ? name.slice(0, -prime.length) : name)
/** The second state made equal to the first: it shows no sensitivity, but it meets most premises of one. */
const equalTwins = (model: Valuation): Valuation =>
  ({ variable: (name, width) => model.variable(unprimed(name), width), cell: (bank, address) => model.cell(unprimed(bank), address) })
/** The model cut to this formula's widths: another ISA may have a component of the same name. */
const fitting = (model: Valuation, widths: ReadonlyMap<string, number>): Valuation => ({
  variable: (name, width) => BigInt.asUintN(width, model.variable(name, width)),
  cell: (bank, address) => BigInt.asUintN(widths.get(bank)!, model.cell(bank, address)),
})
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
    const twins = variables.some((v) => v.name.endsWith(prime))
    const widths = new Map(selects.map((s) => [s.memory.name, s.width]))
    const found = this.#candidates(halves, twins).map((c) => fitting(c, widths)).find((c) => holds(c)[0] === 1n)
    if (!found) return undefined
    const addresses = stage(selects.map((s) => s.address))(found)
    return tidy(formula,
      variables.map((v) => [v.name, found.variable(v.name, v.width)] as const),
      selects.map((s, i) => [s.memory.name, addresses[i]!, found.cell(s.memory.name, addresses[i]!)] as const))
  }

  /** Each model, and each with equal twins; for a formula about two pairs of states, each model beside each. */
  #candidates(halves: boolean, twins: boolean): readonly Valuation[] {
    if (!halves) return twins ? [...this.#models, ...this.#models.map(equalTwins)] : this.#models
    const base = (name: string): string => name.slice(0, -apartSuffix.length)
    const few = this.#models.slice(0, mostHalves)
    return few.flatMap((one) => few.map((other): Valuation => ({
      variable: (name, width) => (name.endsWith(apartSuffix) ? other.variable(base(name), width) : one.variable(name, width)),
      cell: (bank, address) => (bank.endsWith(apartSuffix) ? other.cell(base(bank), address) : one.cell(bank, address)),
    })))
  }
}
