// The worker of a run from the TypeScript sources: Node 20 reads them through tsx, which each thread has to register.
import { register } from 'tsx/esm/api'

register()
const { default: runBatch, runFault, runHartBatch } = await import('./worker.ts')

export default runBatch
export { runFault, runHartBatch }
