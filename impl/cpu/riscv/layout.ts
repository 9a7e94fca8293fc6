// Where everything lies in the one WebAssembly memory of a hart: registers, look-aside buffers, decoded code, RAM.

const kibi = 1024

/** Byte addresses of cells. */
export const cell = {
  /** x0 to x31, 8 bytes each; x0 stays 0. */
  x: 0,
  /** f0 to f31, 8 bytes each, single precision in a box of ones. */
  f: 256,
  /** 64 bits: the address of the present instruction when a handler is called, of the next one after it and between runs. */
  pc: 512,
  /** 64 bits: what a load handler read, extended as the instruction asks. */
  result: 520,
  /** 64 bits: what a store handler is to write. */
  value: 528,
  /** 32 bits: instructions left in the slice, the present one included. */
  left: 536,
  /** 32 bits each: the addresses of the look-aside buffers of the present mode. */
  loadBuffer: 540,
  storeBuffer: 544,
  fetchBuffer: 548,
  /** 32 bits: mstatus.FS. */
  fs: 552,
  /** 32 bits: fflags and frm. */
  flags: 556,
  rounding: 560,
  /** 32 bits: not 0 when FS is dirty, frm is RNE and the flag NX is set. */
  quick: 564,
  /** 32 bits: not 0 when misaligned accesses are done. */
  misaligned: 576,
  /** 32 bits each: the address in this memory of the reservation, 0 for none, and its width in bytes. */
  reserved: 568,
  reservedBytes: 572,
  /** What the interpreter knows while it calls: 64 bits for the virtual address of the page, else 32. */
  page: 584,
  ip: 592,
  base: 596,
  plain: 600,
  /** 32 bits: the record of code without a translation that was arrived at last; 0 where it was none. */
  arrival: 580,
  /** 64 bits each: the virtual address from which a load of 8 bytes gives the time; the steps at the end of the slice, in the platform's count; steps in a tick, 0 when this is not known. */
  clockAddress: 608,
  clockEnd: 616,
  clockTick: 624,
  /** 32 bits: from so many addresses from the beginning of RAM up loads of 8 bytes need nothing to be asked: all that fit into it, or 0. */
  direct: 632,
  /** While a translation runs: the look-aside entry used last for loads, and for stores, through each register. */
  lastLoad: 1024,
  lastStore: 1536,
} as const

/**
 * A look-aside entry: 64 bits of page address and marks, then two words of 32 bits. For data: what to add to the low half of
 * an address; the records of the page when it has decoded code. For code: the records; the address of the page.
 */
export const entryBytes = 16
export const entry = { tag: 0, content: 8, more: 12 } as const
/** A page address that no access has: bit 11 set. */
export const emptyTag = 0x800
/** Marks a page with decoded code in the buffer for stores. */
export const codeTag = 0x400
export const dataEntries = 1024
export const fetchEntries = 1024
/** One bank of each buffer for: no translation, user, supervisor, supervisor with SUM. */
export const banks = 4
export const loadBuffers = 64 * kibi
export const storeBuffers = loadBuffers + banks * dataEntries * entryBytes
export const fetchBuffers = storeBuffers + banks * dataEntries * entryBytes

/** A decoded instruction, one for each two bytes of code. */
export const recordBytes = 16
export const record = {
  /** 16 bits. */
  operation: 0,
  /** 8 bits each: register numbers times 8. */
  rd: 2,
  rs1: 3,
  rs2: 4,
  /** 8 bits: bytes of records to the next instruction. */
  size: 5,
  /** 16 bits: of a crossing, the second half with which it was decoded. */
  secondHalf: 6,
  /** 32 bits, signed: the immediate; times 8 for a jump within the page; the word for an operation done by a handler. */
  immediate: 8,
  /** 32 bits, signed: positive, the table index of the translation that begins here; else counts up to it. */
  heat: 12,
} as const

export const pageBytes = 4096
export const slotsPerPage = pageBytes / 2
/**
 * After the records of a page: two that stand for its end; one for the instruction that crosses into the next page, as if
 * the page of records began `crossingShift` later; its word, in `immediate`; and the end of the page once more.
 */
export const decodedPageBytes = (slotsPerPage + 5) * recordBytes
export const crossingShift = 3 * recordBytes
/** In the immediate of the first of those that stand for the end: the address of the code in this memory. */
export const codeOfPage = slotsPerPage * recordBytes + record.immediate
const mostDecodedPages = 1024

/**
 * What instructions were decoded to, by a hash of their bits or in its neighbour: most stand in many places. 32 bits each: the bits, zero-extended
 * when they are 16; the first two words of the record; the first word when the jump stays in its page, 0 for what does not jump; the immediate.
 */
export const form = { bits: 0, first: 4, second: 8, near: 12, immediate: 16 } as const
export const formBytes = 32
const formsLog = 13
/** A product with this, shifted right by that, is the number of a form. */
export const formHash = { factor: 0x9e37_79b1 | 0, shift: 32 - formsLog } as const
export const forms = fetchBuffers + banks * fetchEntries * entryBytes
export const decodedStart = forms + 2 ** formsLog * formBytes
const wasmPage = 64 * kibi

export interface Places {
  /** Pages of records, one of them for single instructions. */
  readonly decodedPages: number
  /** The address of guest RAM, and of ROM behind it. */
  readonly ramStart: number
  /** The whole memory, in pages of 64 KiB. */
  readonly memoryPages: number
}

/** Where the parts lie whose size depends on that of RAM and ROM together. */
export const placesFor = (storageBytes: number): Places => {
  const decoded = Math.min(mostDecodedPages, storageBytes / pageBytes + 1)
  const ramStart = Math.ceil((decodedStart + decoded * decodedPageBytes) / wasmPage) * wasmPage
  return { decodedPages: decoded, ramStart, memoryPages: Math.ceil((ramStart + storageBytes) / wasmPage) }
}
