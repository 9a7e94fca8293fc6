// What a worker runs: one batch of trials, of a monitor or of the RISC-V hart, or one planted fault.
import { runFault } from '../faults/run-fault.ts'
import { runHartBatch } from '../hart/batch.ts'
import { runBatch } from './batch.ts'

export default runBatch
export { runFault, runHartBatch }
