// Classification: every instruction of an ISA against every definition, and whether the theorems apply.
import { alwaysTraps, privileged, trapsInUserMode } from '../model/claims/privileged.ts'
import { controlSensitive } from '../model/claims/control-sensitive.ts'
import { behaviourSensitiveJointly, controlStateSensitive, locationSensitive, modeSensitive } from '../model/claims/behaviour-sensitive.ts'
import { critical, untrapped } from '../model/claims/critical.ts'
import { intended, type Claim, type Reading } from '../model/claims/claim.ts'
import type { Deprivileging, Isa } from '../model/machine/isa.ts'
import type { Instruction } from '../model/ir/instruction.ts'
import { decide, type Deciders, type Decision } from './decide/decide.ts'
import { anyOf, Contradiction, type Verdict } from './verdict.ts'
import type { Witness } from './witness.ts'

export const propertyNames = [
  'privileged', 'alwaysTraps', 'controlSensitive', 'modeSensitive', 'locationSensitive', 'controlStateSensitive',
  'userSensitive', 'supervisorSensitive', 'innocuous', 'critical', 'untrapped',
] as const
export type PropertyName = (typeof propertyNames)[number]

export interface InstructionVerdicts extends Readonly<Record<PropertyName, Verdict>> {
  readonly name: string
  /** Critical among the user sensitive: what Theorem 3 asks. */
  readonly userCritical: Verdict
  /** Each claim that was decided, with its evidence and its witness. */
  readonly decisions: readonly Decision[]
  /** What shows the most telling verdict: why it is critical, else sensitive, else not privileged. */
  readonly witness?: Witness
}

export interface Classification {
  readonly isa: Isa
  readonly deprivileging: Deprivileging
  /** Names of the conjuncts of H, of the model's assumptions and of the choices that every verdict rests on. */
  readonly assuming: readonly string[]
  readonly reading: Reading
  readonly instructions: readonly InstructionVerdicts[]
  readonly theorems: { readonly vmm: Verdict; readonly recursive: Verdict; readonly hybrid: Verdict }
  /** What Theorem 1's proof uses of its premise: every sensitive instruction traps in user mode under H. */
  readonly sensitiveTraps: Verdict
}

export interface ClassifyOptions {
  readonly reading?: Reading
  /** Name of a deprivileging; the ISA's first one otherwise. */
  readonly deprivileging?: string
  /** Conjuncts of H to leave out. */
  readonly without?: readonly string[]
  readonly instructions?: readonly string[]
  /** Also decides the paper's joint definition of behaviour sensitive, and that it is the union (W13). */
  readonly joint?: boolean
  readonly onProgress?: (done: number, total: number) => void
}

/** The deprivileging that the options name, without the conjuncts that they drop. */
export const chosenDeprivileging = (isa: Isa, options: ClassifyOptions): Deprivileging => {
  const d = isa.deprivilegings.find((x) => x.name === (options.deprivileging ?? isa.deprivilegings[0].name))
  if (!d) throw new RangeError(`${isa.name} has no deprivileging '${options.deprivileging}'; it has ${isa.deprivilegings.map((x) => `'${x.name}'`).join(', ')}`)
  for (const name of options.without ?? [])
    if (!d.invariant.some((c) => c.name === name))
      throw new RangeError(`the invariant of ${isa.name} has no conjunct '${name}'; it has ${d.invariant.map((c) => `'${c.name}'`).join(', ') || 'none'}`)
  return { ...d, invariant: d.invariant.filter((c) => !options.without?.includes(c.name)) }
}

/** The claims from which an instruction's verdicts follow, by the names used below. */
export const basicClaims = (isa: Isa, d: Deprivileging, i: Instruction, reading: Reading, joint = false): Claim[] => [
  privileged(isa, d, i),
  alwaysTraps(isa, d, i),
  controlSensitive(isa, d, i, 'supervisor', reading),
  controlSensitive(isa, d, i, 'user', reading),
  modeSensitive(isa, d, i, reading),
  locationSensitive(isa, d, i, 'supervisor', reading),
  locationSensitive(isa, d, i, 'user', reading),
  controlStateSensitive(isa, d, i, 'supervisor', reading),
  controlStateSensitive(isa, d, i, 'user', reading),
  ...(joint ? [
    behaviourSensitiveJointly(isa, d, i, ['supervisor', 'user'], reading),
    behaviourSensitiveJointly(isa, d, i, ['supervisor', 'supervisor'], reading),
    behaviourSensitiveJointly(isa, d, i, ['user', 'user'], reading),
  ] : []),
]

const inUserMode = (d: Decision): boolean => d.property.endsWith('in user mode')
const isSensitivity = (d: Decision): boolean => /Sensitive/.test(d.property) && !d.property.startsWith('behaviourSensitive')

export const classify = async (isa: Isa, deciders: Deciders, options: ClassifyOptions = {}): Promise<Classification> => {
  const reading = options.reading ?? intended
  const d = chosenDeprivileging(isa, options)
  const chosen = isa.instructions.filter((i) => !options.instructions || options.instructions.includes(i.name))
  const shrunk = isa.shrunk?.()
  const shrunkClaims = new Map<string, Claim[]>()
  if (shrunk && deciders.enumerate)
    for (const i of shrunk.instructions.filter((x) => chosen.some((c) => c.name === x.name)))
      shrunkClaims.set(i.name, basicClaims(shrunk, chosenDeprivileging(shrunk, options), i, reading, options.joint))
  const claims = chosen.map((i) => basicClaims(isa, d, i, reading, options.joint))
  const total = claims.flat().length
  const instructions: InstructionVerdicts[] = []
  let done = 0
  // One instruction after the other: what shows it sensitive and what shows it not privileged are then at hand together.
  for (const [n, i] of chosen.entries()) {
    const own = claims[n]!
    const decisions = await decide(own.map((claim) => ({ claim, small: shrunkClaims.get(i.name)?.find((s) => s.property === claim.property) })), deciders)
    const unprivileged = decisions.find((x) => x.property === 'privileged')!.verdict === 'no'
    const sensitive = decisions.filter((x) => unprivileged && isSensitivity(x) && x.verdict === 'yes').map((x) => own.find((c) => c.property === x.property)!)
    const bySolver = (both: readonly Claim[]): Promise<Decision[]> => decide(both.map((claim) => ({ claim, small: undefined })), { ...deciders, enumerate: false, sample: undefined })
    const criticals = await bySolver(sensitive.map((c) => critical(c, own[0]!)))
    const traps = trapsInUserMode(isa, d, i)
    const untrappeds = await bySolver(sensitive.filter((_, k) => criticals[k]!.verdict !== 'no').map((c) => untrapped(c, traps)))
    instructions.push(verdictsOf(i, decisions, criticals, untrappeds))
    options.onProgress?.(done += own.length, total)
  }
  const premise = (which: 'critical' | 'userCritical' | 'untrapped'): Verdict => {
    const verdicts = instructions.map((v) => v[which])
    return verdicts.includes('yes') ? 'no' : verdicts.includes('undecided') ? 'undecided' : 'yes'
  }
  const vmm = premise('critical')
  return {
    isa, deprivileging: d, reading,
    assuming: [...d.invariant, ...(isa.assumptions ?? []), ...(d.sameMapping ? [d.sameMapping] : [])].map((c) => c.name)
      .concat((isa.unmodelledCauses ?? []).map((c) => `no ${c}`)),
    instructions,
    // Theorem 2 adds only that a VMM without timing dependence exists; ours has none, which `popek check` shows.
    theorems: { vmm, recursive: vmm, hybrid: premise('userCritical') },
    sensitiveTraps: premise('untrapped'),
  }
}

const verdictsOf = (i: Instruction, ds: readonly Decision[], criticals: readonly Decision[], untrappeds: readonly Decision[]): InstructionVerdicts => {
  const verdict = (property: string): Verdict => ds.find((x) => x.property === property)!.verdict
  const parts = (match: (x: Decision) => boolean): Verdict => anyOf(ds.filter(match).map((x) => x.verdict))
  const named = (property: string): Verdict => parts((x) => x.property === property || x.property.startsWith(`${property} in`))
  const sensitive = parts(isSensitivity)
  checkUnion(i, ds)
  const criticality = (relevant: readonly Decision[]): Verdict =>
    verdict('privileged') === 'undecided' || sensitive === 'undecided' ? 'undecided' : relevant.length === 0 ? 'no' : anyOf(relevant.map((x) => x.verdict))
  const all = [...ds, ...criticals, ...untrappeds]
  const telling = criticals.find((x) => x.verdict === 'yes') ?? ds.find((x) => isSensitivity(x) && x.verdict === 'yes') ?? ds.find((x) => x.property === 'privileged' && x.verdict === 'no')
  return {
    name: i.name,
    privileged: verdict('privileged'),
    alwaysTraps: verdict('alwaysTraps'),
    controlSensitive: named('controlSensitive'),
    modeSensitive: named('modeSensitive'),
    locationSensitive: named('locationSensitive'),
    controlStateSensitive: named('controlStateSensitive'),
    userSensitive: parts((x) => isSensitivity(x) && inUserMode(x)),
    supervisorSensitive: parts((x) => isSensitivity(x) && x.property.endsWith('in supervisor mode')),
    innocuous: sensitive === 'yes' ? 'no' : sensitive === 'undecided' ? 'undecided' : 'yes',
    critical: criticality(criticals),
    // Where no state runs without a trap, there is nothing to be vacuous about.
    untrapped: untrappeds.length > 0 && untrappeds.every((x) => x.verdict === 'vacuous') ? 'no' : criticality(untrappeds),
    userCritical: criticality(criticals.filter((x) => x.property.includes('in user mode'))),
    decisions: all,
    ...(telling?.witness ? { witness: telling.witness } : {}),
  }
}

/** The joint definition must be the union of mode, location and control-state sensitive. */
const checkUnion = (i: Instruction, ds: readonly Decision[]): void => {
  const joint = ds.filter((x) => x.property.startsWith('behaviourSensitive'))
  if (joint.length === 0) return
  const apart = anyOf(ds.filter((x) => isSensitivity(x) && !x.property.startsWith('controlSensitive')).map((x) => x.verdict))
  const together = anyOf(joint.map((x) => x.verdict))
  if ((apart === 'yes') !== (together === 'yes') && apart !== 'undecided' && together !== 'undecided')
    throw new Contradiction(`${i.name}: behaviour sensitive is ${together} in the paper's joint form and ${apart} as the union of its parts`)
}
