// Where QEMU's virt board has its devices: physical addresses, and the PLIC's source numbers.

export const maskRomBase = 0x1000
export const maskRomBytes = 0xf000
export const finisherBase = 0x10_0000
export const rtcBase = 0x10_1000
export const clintBase = 0x200_0000
export const plicBase = 0xc00_0000
export const uartBase = 0x1000_0000
export const virtioBase = 0x1000_1000
export const virtioStride = 0x1000
export const virtioSlots = 8
export const flashBase = 0x2000_0000
/** Of one of two banks. */
export const flashBankBytes = 0x200_0000
export const flashBanks = 2
export const ramBase = 0x8000_0000

export const uartSource = 10
export const rtcSource = 11
/** Of slot 0; slot n has `virtioSource + n`. */
export const virtioSource = 1
/** Sources 1 to 95, and a source 0 that does not exist. */
export const plicSources = 96

/** Ticks of `mtime` a second. */
export const timebase = 10_000_000
