// The commit log of a run, written as it grows: lines are only ever written whole.
import { closeSync, openSync } from 'node:fs'
import type { Hart } from '../../impl/cpu/riscv/hart.ts'
import { observe } from '../../impl/cpu/riscv/observe.ts'
import type { HartPort } from '../../impl/cpu/riscv/platform.ts'
import { CommitLog } from '../../impl/debug/commit-log.ts'
import { stepwise } from '../../impl/debug/stepwise.ts'
import { BadInput } from '../terminal/failure.ts'
import { reason, standardStream, writeWhole } from '../terminal/files.ts'
import type { Terminal } from '../terminal/terminal.ts'

export interface CommitLogFile {
  /** Runs the hart step by step, and logs each. */
  readonly port: (hart: Hart) => HartPort
  /** Before the first step. */
  readonly open: () => void
  readonly close: () => void
}

/** `-` is standard error. Throws BadInput when the file cannot be opened, or later when it cannot be written. */
export const commitLogFile = (path: string, terminal: Terminal): CommitLogFile => {
  const trying = <T>(work: () => T): T => {
    try {
      return work()
    } catch (error) {
      throw new BadInput(`cannot write the commit log ${path}: ${reason(error)}`)
    }
  }
  let descriptor: number | undefined
  const log = new CommitLog((bytes) => {
    const to = descriptor
    if (to === undefined) terminal.err(Buffer.from(bytes).toString('latin1'))
    else trying(() => writeWhole(to, bytes))
  })
  return {
    port: (hart) => stepwise(hart, () => {
      const observation = observe(hart)
      log.add(hart, observation)
      return observation.outcome
    }),
    open: () => {
      if (path !== '-') descriptor = standardStream(path) ?? trying(() => openSync(path, 'w'))
    },
    close: () => {
      try {
        log.flush()
      } finally {
        if (descriptor !== undefined && descriptor !== standardStream(path)) closeSync(descriptor)
      }
    },
  }
}
