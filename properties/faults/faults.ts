// Every planted fault, and the search for one by its name.
import { decoderFaults } from './decoder.ts'
import type { Fault } from './fault.ts'
import { hybridFaults, nestingFaults } from './hybrid.ts'
import { monitorFaults } from './monitor.ts'
import { processorFaults } from './processor.ts'
import { resourceFaults } from './resources.ts'
import { specificationFaults } from './specification.ts'

export const faults: readonly Fault[] = [
  ...specificationFaults, ...processorFaults, ...decoderFaults, ...monitorFaults, ...resourceFaults, ...hybridFaults, ...nestingFaults,
]

export const findFault = (name: string): Fault | undefined => faults.find((fault) => fault.name === name)
