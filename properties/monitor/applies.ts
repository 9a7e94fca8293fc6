// Which properties a system has, and the named allowances under which each is claimed.
import type { System } from '../../traces/adapters.ts'
import { propertyNames, type PropertyName } from './property.ts'

export interface Applicable {
  readonly name: PropertyName
  readonly allowances: readonly string[]
}

/** The paper's two exceptions to equivalence. */
const timing = 'timing: steps of the hardware are not steps of the guest'
const resources = 'resources: the guest has fewer cells and disk words than the hardware'
const interpretation = 'hybrid: virtual supervisor code is interpreted'
const hiddenBound = 'shrink: SHB may trap where clipping hides the guest’s bound'

const allowancesOf = (system: System, name: PropertyName): readonly string[] => {
  switch (name) {
    case 'equivalence':
    case 'recursion':
    case 'isolation':
      return [timing, resources]
    case 'efficiency':
    case 'trap-and-emulate':
      return [
        ...(system.technique === 'hybrid' ? [interpretation] : []),
        ...(system.technique === 'shrink' ? [hiddenBound] : []),
      ]
    case 'processor':
    case 'resource-control':
    case 'accounting':
    case 'decoders':
      return []
    default:
      throw new RangeError(`no property is called ${String(name satisfies never)}`)
  }
}

const hasProperty = (system: System, name: PropertyName): boolean => {
  switch (name) {
    case 'processor': return true
    case 'decoders': return system.depth === 0
    case 'equivalence': return system.depth === 1
    case 'recursion': return system.depth > 1
    case 'isolation': return system.guests > 1
    case 'efficiency':
    case 'trap-and-emulate': return system.depth > 0 && system.guests === 1
    default: return system.depth > 0
  }
}

export const propertiesOf = (system: System): readonly Applicable[] =>
  propertyNames.filter((name) => hasProperty(system, name)).map((name) => ({ name, allowances: allowancesOf(system, name) }))
