// Where QEMU's virt board has its devices: physical addresses, and the PLIC's source numbers.

export const maskRomBase = 0x1000
export const maskRomBytes = 0xf000
export const finisherBase = 0x10_0000
export const rtcBase = 0x10_1000
export const clintBase = 0x200_0000
export const plicBase = 0xc00_0000
export const uartBase = 0x1000_0000
/** Devices that a board is given when it is made would be here; there are none. */
export const platformBusBase = 0x400_0000
export const platformBusBytes = 0x200_0000
export const virtioBase = 0x1000_1000
export const virtioStride = 0x1000
export const virtioSlots = 8
export const firmwareConfigurationBase = 0x1010_0000
export const flashBase = 0x2000_0000
/** Of one of two banks. */
export const flashBankBytes = 0x200_0000
export const flashBanks = 2
export const pciPortsBase = 0x300_0000
export const pciPortsBytes = 0x1_0000
export const pciConfigurationBase = 0x3000_0000
export const pciConfigurationBytes = 0x1000_0000
export const pciWindowBase = 0x4000_0000
export const pciWindowBytes = 0x4000_0000
export const pciHighWindowBase = 0x4_0000_0000
export const pciHighWindowBytes = 0x4_0000_0000
export const ramBase = 0x8000_0000

export const uartSource = 10
export const rtcSource = 11
/** Of slot 0; slot n has `virtioSource + n`. */
export const virtioSource = 1
/** Of PCI's interrupt pin A; B, C and D follow. */
export const pciSource = 32
/** Sources 1 to 95, and a source 0 that does not exist. */
export const plicSources = 96

/** Ticks of `mtime` a second. */
export const timebase = 10_000_000
