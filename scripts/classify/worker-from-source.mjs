// The deciding thread of a run from the TypeScript sources: Node 20 reads them through tsx, which each thread has to register.
import { register } from 'tsx/esm/api'

register()
await import('./worker.ts')
