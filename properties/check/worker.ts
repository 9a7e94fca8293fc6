// What a worker of `check` runs: one batch of trials.
import { runBatch } from './batch.ts'

export default runBatch
