// The real addresses that the z/Architecture test kernel and the host agree on; from `free` on storage is the trials'.
export const place = { otherPrefix: 0x2000, records: 0x40000, free: 0x80000, end: 0x1000000 } as const
/** Where address spaces with tables may begin; their tables are there, in so many bytes. */
export const origins = [0x400000, 0x800000] as const
export const tablesSize = 0x18000
/** The primary ASTE, in control register 5; its linkage table has for every linkage index the one entry table. */
export const linkage = { aste: 0x10000, linkageTable: 0x14000, entryTable: 0x18000 } as const
