// The files of a run: what it writes is nothing else that it was given.
import { BadInput } from '../terminal/failure.ts'
import { sameFile } from '../terminal/files.ts'
import type { RiscvOptions } from './options.ts'

interface Use {
  readonly what: string
  readonly path: string
  readonly written: boolean
}

/** Throws BadInput when one file is given twice and written; a snapshot may be run and take the place of itself. */
export const refuseOverwriting = (
  image: string, { disk = [], flash = [], kernel, initrd, signature, save, commitLog, deviceTree }: RiscvOptions, { snapshot, readOnly }: { readonly snapshot: boolean; readonly readOnly: boolean },
): void => {
  const use = (what: string, path: string | undefined, written: boolean): readonly Use[] => (path === undefined ? [] : [{ what, path, written }])
  const uses = [
    ...use('image', image, false), ...use('kernel', kernel, false), ...use('initial RAM disk', initrd, false), ...flash.flatMap((path) => use('flash', path, false)), ...disk.flatMap((path) => use('disk', path, !readOnly)),
    ...use('signature', signature, true), ...use('snapshot', save, true), ...use('device tree', deviceTree, true), ...use('commit log', commitLog === '-' ? undefined : commitLog, true),
  ]
  for (const [i, b] of uses.entries()) {
    const a = uses.slice(0, i).find((other) => (other.written || b.written) && sameFile(other.path, b.path))
    if (a && !(snapshot && a.what === 'image' && b.what === 'snapshot')) throw new BadInput(`${b.path} is the ${a.what}, and given as the ${b.what} too: one would be written over the other`)
  }
}
