// A lock on an open file, which ends with what holds it, however that ends: flock(2), by the program of that name, since Node has no call for it.
import { spawnSync } from 'node:child_process'

const heldByAnother = 1

/**
 * Locks the file of a descriptor for as long as it is open, alone or with others that share it; false when a lock of another forbids it.
 * Only what asks for such a lock itself is kept off. Without the program, or where the file system knows no locks, nothing is locked, and the answer is true.
 */
export const lockFile = (descriptor: number, kind: 'alone' | 'shared'): boolean =>
  // The lock belongs to the open file, which the program has from here as its descriptor 3.
  spawnSync('flock', [kind === 'alone' ? '-x' : '-s', '-n', '3'], { stdio: ['ignore', 'ignore', 'ignore', descriptor] }).status !== heldByAnother
