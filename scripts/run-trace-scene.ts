// The scene of a saved run: the specification beside the system that the trace names.
import { disassemble, findSystem, processorEngine, specificationEngine } from '../traces/adapters.ts'
import type { RunTrace } from '../traces/trace.ts'
import { runScene } from './explain/run-scene.ts'
import type { Scene } from './explain/scene.ts'
import { readBuilt, systemEngine } from './engines.ts'

/** Properties whose failure the guest itself sees. */
const seenByGuests: readonly string[] = ['processor', 'equivalence', 'recursion']

export const sceneOfTrace = (trace: RunTrace): Scene => {
  const { property, why, program, seed } = trace
  const built = readBuilt(trace.system)
  const system = findSystem(built.system)
  const virtual = system !== undefined && system.depth > 0 && property !== 'processor'
  const beside = virtual ? { ...systemEngine(system, built), name: `under ${system.name}` } : { ...processorEngine, name: 'processor' }
  return runScene(program, { ...specificationEngine, name: 'bare machine' }, beside, disassemble, {
    title: property === undefined ? why : `${property} does not hold`,
    subtitle: `${trace.system}, ${program.steps} step${program.steps === 1 ? '' : 's'}${seed === undefined ? '' : `, seed ${seed}`}: ${why}`,
    ...(property === undefined || seenByGuests.includes(property) ? {} : { verdict: `${property} does not hold: ${why}. The guest itself need not see it.` }),
  })
}
