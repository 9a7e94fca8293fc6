// How a snapshot is told from an image: apart from what reads one, which a run of an image need not load.

export const format = 'popek-snapshot'

export const isSnapshot = (file: Uint8Array): boolean => Buffer.from(file.subarray(0, 64)).toString('latin1').startsWith(`{"format":"${format}"`)
