// The scene of a saved run: the specification beside the system that the trace names.
import { disassemble, findSystem, processorEngine, specificationEngine } from '../traces/adapters.ts'
import type { RunTrace } from '../traces/trace.ts'
import { runScene } from './explain/run-scene.ts'
import type { Scene } from './explain/scene.ts'
import { readBuilt, systemEngine } from './engines.ts'

export const sceneOfTrace = (trace: RunTrace): Scene => {
  const built = readBuilt(trace.system)
  const system = findSystem(built.system)
  const beside = system ? systemEngine(system, built) : processorEngine
  return runScene(trace.program, { ...specificationEngine, name: 'bare machine' }, { ...beside, name: system && system.depth > 0 ? `under ${system.name}` : 'processor' }, disassemble, {
    title: trace.property === undefined ? trace.why : `${trace.property} does not hold`,
    subtitle: `${trace.system}, ${trace.program.steps} steps${trace.seed === undefined ? '' : `, seed ${trace.seed}`}: ${trace.why}`,
  })
}
