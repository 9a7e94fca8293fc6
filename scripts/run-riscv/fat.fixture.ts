// A disk of 64 KiB with a FAT12 file system that holds one small file.

const sector = 512
const clusters = 100

/** `name` in 8.3 form, such as HELLO.TXT; `content` of at most 512 bytes. */
export const fatDisk = (name: string, content: string): Uint8Array => {
  const disk = Buffer.alloc(128 * sector)
  disk.set([0xeb, 0x3c, 0x90])
  disk.write('POPEK   ', 3, 'latin1')
  disk.writeUInt16LE(sector, 11)
  // A sector a cluster, one reserved, one table, 16 names in the root, 128 sectors, one for the table.
  disk.set([1, 1, 0, 1, 16, 0, 128, 0, 0xf8, 1, 0], 13)
  disk[38] = 0x29
  disk.write('NO NAME    FAT12   ', 43, 'latin1')
  disk.set([0x55, 0xaa], 510)
  // The media's entry, one unused, and the file's only cluster, 2.
  disk.set([0xf8, 0xff, 0xff, 0xff, 0x0f], sector)
  const [stem = '', type = ''] = name.split('.')
  disk.write(stem.padEnd(8) + type.padEnd(3), 2 * sector, 'latin1')
  disk[2 * sector + 11] = 0x20
  disk.writeUInt16LE(2, 2 * sector + 26)
  disk.writeUInt32LE(content.length, 2 * sector + 28)
  disk.write(content, 3 * sector, 'latin1')
  return disk.subarray(0, (3 + clusters) * sector)
}
