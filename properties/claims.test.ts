// Judging published claims: each kind of claim agrees, disagrees or stays undecided as the classification says.
import { expect, test } from 'vitest'
import { thirdGeneration } from '../model/isa/third-generation/isa.ts'
import type { PublishedClaim } from '../model/machine/isa.ts'
import { judge } from './claims.ts'
import type { Classification, InstructionVerdicts } from './classify.ts'
import { intended } from '../model/claims/claim.ts'

const isa = thirdGeneration('jump-to-user')

const verdicts = (name: string, of: Partial<InstructionVerdicts>): InstructionVerdicts => ({
  name, privileged: 'no', alwaysTraps: 'no', controlSensitive: 'no', modeSensitive: 'no', locationSensitive: 'no', controlStateSensitive: 'no',
  userSensitive: 'no', supervisorSensitive: 'no', innocuous: 'yes', critical: 'no', untrapped: 'no', userCritical: 'no', decisions: [], ...of,
})

const opinions = (published: readonly PublishedClaim['about'][], of: Partial<Classification> = {}): readonly string[] => {
  const classification: Classification = {
    isa: { ...isa, published: published.map((about) => ({ claim: 'said', source: 'somewhere', about })) }, deprivileging: isa.deprivilegings[0], assuming: [], reading: intended,
    instructions: [verdicts('JUM', { controlSensitive: 'yes', critical: 'yes', userSensitive: 'vacuous' }), verdicts('LA', {}), verdicts('LRB', { privileged: 'undecided', critical: 'undecided' })],
    theorems: { vmm: 'no', recursive: 'no', hybrid: 'undecided' }, sensitiveTraps: 'no', ...of,
  }
  return judge(classification).map((j) => j.opinion)
}

test('theorems', () => {
  expect(opinions([
    { theorem: 'vmm', applies: false }, { theorem: 'vmm', applies: true }, { theorem: 'hybrid', applies: true }, { theorem: 'hybrid', applies: false },
  ])).toEqual(['agrees', 'disagrees', 'undecided', 'undecided'])
})

test('properties of an instruction: what is vacuous does not hold', () => {
  expect(opinions([
    { instruction: 'JUM', property: 'controlSensitive', holds: true }, { instruction: 'JUM', property: 'controlSensitive', holds: false },
    { instruction: 'JUM', property: 'userSensitive', holds: false }, { instruction: 'JUM', property: 'userSensitive', holds: true },
    { instruction: 'LRB', property: 'privileged', holds: true }, { instruction: 'XYZ', property: 'privileged', holds: true }, { instruction: 'LA', property: 'nonsense', holds: true },
  ])).toEqual(['agrees', 'disagrees', 'agrees', 'disagrees', 'undecided', 'undecided', 'undecided'])
})

test('a mnemonic: privileged when every form is, sensitive when one is', () => {
  const instructions = [verdicts('MOVE SR', { modeSensitive: 'yes' }), verdicts('MOVE USP', { privileged: 'yes' }), verdicts('MOVEQ', { locationSensitive: 'yes' })]
  expect(opinions([
    { instruction: 'MOVE', property: 'modeSensitive', holds: true }, { instruction: 'MOVE', property: 'privileged', holds: true },
    { instruction: 'MOVE', property: 'locationSensitive', holds: true }, { instruction: 'MOVE USP', property: 'privileged', holds: true },
  ], { instructions })).toEqual(['agrees', 'disagrees', 'disagrees', 'agrees'])
})

test('lists of critical instructions', () => {
  expect(opinions([
    { critical: ['JUM'], exactly: false }, { critical: ['JUM'], exactly: true }, { critical: ['LA'], exactly: false }, { critical: [], exactly: true }, { critical: ['LRB'], exactly: false },
  ])).toEqual(['agrees', 'undecided', 'disagrees', 'disagrees', 'undecided'])
})
