// The deciding thread of a run from the TypeScript sources: Node 20 reads them through tsx, which each thread has to register.
import { register } from 'tsx/esm/api'

register()
const { default: decide } = await import('./worker.ts')

export default decide
