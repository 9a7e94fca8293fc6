// A planted fault: one wrong part in a sound system, and the property that must notice.
import type { Parts, System } from '../../traces/adapters.ts'
import type { PropertyName } from '../monitor/property.ts'

export const places = ['specification', 'processor', 'monitor', 'allocator', 'scheduler', 'devices', 'hybrid interpreter', 'nesting', 'decoder'] as const

export interface Fault {
  /** Lower case with hyphens. */
  readonly name: string
  /** What is wrong, in one sentence. */
  readonly sentence: string
  readonly where: (typeof places)[number]
  /** The property that must catch it. */
  readonly property: PropertyName
  /** The sound system that it is planted in. */
  readonly system: string
  /** The parts that take the place of the sound ones. */
  readonly plant: () => Partial<Parts>
}

export const plantIn = (system: System, fault: Fault): System => ({ ...system, parts: { ...system.parts, ...fault.plant() } })
