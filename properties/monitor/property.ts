// The properties that a run checks, by name, and how a failure is told.
export const propertyNames = [
  'processor', 'equivalence', 'resource-control', 'efficiency', 'trap-and-emulate', 'accounting', 'isolation', 'recursion', 'decoders',
] as const
export type PropertyName = (typeof propertyNames)[number]

/** What a person reads about each. */
export const propertyTitles: Readonly<Record<PropertyName, string>> = {
  'processor': 'the processor equals the specification, bare and under the monitor',
  'equivalence': 'the guest-visible state equals the bare machine of the specification',
  'resource-control': 'guest code runs in user mode, inside its allocation, with the timer armed, and changes nothing else',
  'efficiency': 'the monitor intervenes exactly at the traps that are due',
  'trap-and-emulate': 'each exit has the right cause, and is emulated or reflected as the virtual mode says',
  'accounting': 'steps, exits and stolen time are counted to the right guest',
  'isolation': 'a guest observes the same whatever the other guest does',
  'recursion': 'a guest three monitors deep equals the bare machine',
  'decoders': 'the processor and the specification decode every word alike',
}

/** Where and how a run broke a property. */
export interface Failure {
  readonly property: PropertyName
  /** Guest steps up to and including the one that parted, from 1; 0 before the first. */
  readonly step: number
  /** What is not as it should be, for a person. */
  readonly what: string
}

/** Thrown inside a run when a property does not hold; caught where the run began. */
export class Broken extends Error {
  override readonly name = 'Broken'
  readonly property: PropertyName

  constructor(property: PropertyName, what: string) {
    super(what)
    this.property = property
  }
}
