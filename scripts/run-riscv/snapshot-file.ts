// Snapshots written to files and resumed from them, with progress shown: some GiB take a minute.
import type { outputFile } from '../terminal/files.ts'
import { progress } from '../terminal/progress.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { OnProgress, Source } from './content.ts'
import type { DiskFile } from './disk-file.ts'
import type { Files, Machine, Surroundings } from './machine.ts'
import { readSnapshot, resumeMachine, snapshotPieces, type Kept, type Snapshot } from './snapshot.ts'

type Watched = Pick<Terminal, 'showsProgress'>

const mebibyte = 2 ** 20

const showing = <T>(terminal: Watched, what: string, work: (onProgress: OnProgress) => T): T => {
  const bar = progress(terminal, what)
  try {
    return work((done, total) => bar.to(Math.floor(done / mebibyte), Math.ceil(total / mebibyte), 'MiB'))
  } finally {
    bar.stop()
  }
}

/** Throws BadInput. */
export const saveSnapshot = (
  { path, write }: ReturnType<typeof outputFile>, machine: Parameters<typeof snapshotPieces>[0], files: Files, disks: readonly Pick<DiskFile, 'bytes' | 'digest'>[], kept: Omit<Kept, 'disks'>, terminal: Watched,
): void => showing(terminal, `saving ${path}`, (onProgress) => {
  write(snapshotPieces(machine, files, { ...kept, disks: disks.map((d) => ({ bytes: d.bytes, digest: d.digest(onProgress) })) }, onProgress))
})

/** Throws BadInput for a file that is no whole snapshot of this version. */
export const openSnapshot = (file: Source, terminal: Watched): Snapshot => showing(terminal, `checking ${file.path}`, (onProgress) => readSnapshot(file, onProgress))

/** The machine of a snapshot. Throws BadInput when the disks are others, or the state cannot be taken. */
export const resumeSnapshot = (snapshot: Snapshot, surroundings: Surroundings, terminal: Watched): Machine =>
  showing(terminal, `resuming ${snapshot.file.path}`, (onProgress) => resumeMachine(snapshot, surroundings, onProgress))
