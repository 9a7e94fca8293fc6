// Progress of long work, on standard error and only when that is a terminal.
import { SingleBar, type Options } from 'cli-progress'
import type { Terminal } from './terminal.ts'

export interface Progress {
  readonly to: (done: number, total: number, note?: string) => void
  readonly stop: () => void
}

const silent: Progress = { to: () => {}, stop: () => {} }

/** A bar that appears with the first report and is wiped when it stops. */
export const progress = (terminal: Pick<Terminal, 'showsProgress'>, what: string): Progress => {
  if (!terminal.showsProgress) return silent
  const options: Options = {
    format: `${what} {bar} {value}/{total} {note}`, clearOnComplete: true, hideCursor: true, stream: process.stderr,
    barsize: 30, barCompleteChar: '█', barIncompleteChar: '░',
  }
  const bar = new SingleBar(options)
  let started = false
  return {
    to: (done, total, note = '') => {
      if (!started) bar.start(total, done, { note })
      else {
        bar.setTotal(total)
        bar.update(done, { note })
      }
      started = true
    },
    stop: () => {
      if (started) bar.stop()
      started = false
    },
  }
}
