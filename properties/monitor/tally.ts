// What a run exercised and how often each property's premise was met; tallies of workers add up.
import { allPaths, type Monitor } from '../../traces/adapters.ts'
import { propertyNames, type PropertyName } from './property.ts'

export class Tally {
  programs = 0
  /** Guest steps after which everything was compared. */
  steps = 0
  /** Exits of the innermost guest's hardware to its monitor. */
  interventions = 0
  /** How often each property was checked with its premise met. */
  readonly met: Record<PropertyName, number>
  /** Completed instructions by mode · 256 + opcode. */
  readonly completed = new Float64Array(512)
  /** Traps by mode · 8 + cause. */
  readonly traps = new Float64Array(16)
  /** How often each path of the monitors was taken, in the order of `allPaths`. */
  readonly paths = new Float64Array(allPaths.length)

  constructor() {
    this.met = Object.fromEntries(propertyNames.map((name) => [name, 0])) as Record<PropertyName, number>
  }

  notePaths(monitor: Monitor): void {
    monitor.paths.addTo(this.paths)
  }

  /** Adds what another tally holds, or what a worker sent of one. */
  add(other: Pick<Tally, 'programs' | 'steps' | 'interventions' | 'met' | 'completed' | 'traps' | 'paths'>): void {
    this.programs += other.programs
    this.steps += other.steps
    this.interventions += other.interventions
    for (const name of propertyNames) this.met[name] += other.met[name]
    other.completed.forEach((count, index) => { this.completed[index]! += count })
    other.traps.forEach((count, index) => { this.traps[index]! += count })
    other.paths.forEach((count, index) => { this.paths[index]! += count })
  }
}
