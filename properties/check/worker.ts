// What a worker runs: one batch of trials, or one planted fault.
import { runFault } from '../faults/run-fault.ts'
import { runBatch } from './batch.ts'

export default runBatch
export { runFault }
