// The device tree of the board: what is there, where, and on which interrupt.
import { cells64, type TreeNode } from './flattened-tree.ts'
import {
  clintBase, finisherBase, firmwareConfigurationBase, flashBankBytes, flashBanks, flashBase, pciConfigurationBase, pciConfigurationBytes, pciHighWindowBase,
  pciHighWindowBytes, pciPortsBase, pciPortsBytes, pciSource, pciWindowBase, pciWindowBytes, platformBusBase, platformBusBytes, plicBase, plicSources, ramBase, rtcBase,
  rtcSource, timebase, uartBase, uartSource, virtioBase, virtioSlots, virtioSource, virtioStride,
} from './layout.ts'

export interface TreeOptions {
  readonly ramBytes: number
  /** As `riscv,isa` names it, such as rv64imafdc_zicsr_zifencei. */
  readonly isa: string
  /** Such as sv39. */
  readonly addressTranslation: string
  readonly bootArguments: string
  /** Physical addresses, the end exclusive. */
  readonly initrd?: { readonly start: number; readonly end: number }
  /** 32 bytes for the guest's own generator. */
  readonly rngSeed: Uint8Array
}

const handle = { hart: 1, hartInterrupts: 2, plic: 3, finisher: 4 } as const
const hartInterrupt = { supervisorExternal: 9, machineSoftware: 3, machineTimer: 7, machineExternal: 11 } as const
/** Hertz; what the divisor of the serial port is computed from. */
const uartClock = 3_686_400

const range = (address: number, bytes: number): readonly number[] => [...cells64(address), ...cells64(bytes)]
const at = (name: string, address: number): string => `${name}@${address.toString(16)}`
const interrupt = (source: number) => ({ 'interrupts': [source], 'interrupt-parent': [handle.plic] })

/** The kinds of address space in a PCI range. */
const pciSpace = { ports: 0x100_0000, memory: 0x200_0000, memory64: 0x300_0000 } as const

/** The pins of neighbouring slots are swizzled: slot s and pin p (A is 1) are source `pciSource + (s + p - 1) % 4`. */
const pciInterrupts = (): readonly number[] =>
  [0, 1, 2, 3].flatMap((slot) => [1, 2, 3, 4].flatMap((pin) => [slot << 11, 0, 0, pin, handle.plic, pciSource + (slot + pin - 1) % 4]))

export const boardTree = ({ ramBytes, isa, addressTranslation, bootArguments, initrd, rngSeed }: TreeOptions): TreeNode => ({
  properties: { '#address-cells': [2], '#size-cells': [2], 'compatible': 'riscv-virtio', 'model': 'riscv-virtio,qemu' },
  children: {
    [at('fw-cfg', firmwareConfigurationBase)]: {
      properties: { 'dma-coherent': true, 'reg': range(firmwareConfigurationBase, 0x18), 'compatible': 'qemu,fw-cfg-mmio' },
    },
    [at('flash', flashBase)]: {
      properties: {
        'bank-width': [4],
        'reg': Array.from({ length: flashBanks }, (_, i) => range(flashBase + i * flashBankBytes, flashBankBytes)).flat(),
        'compatible': 'cfi-flash',
      },
    },
    'chosen': {
      properties: {
        ...(initrd ? { 'linux,initrd-end': cells64(initrd.end), 'linux,initrd-start': cells64(initrd.start) } : {}),
        'rng-seed': rngSeed,
        'bootargs': bootArguments,
        'stdout-path': `/soc/${at('serial', uartBase)}`,
      },
    },
    'poweroff': { properties: { value: [0x5555], offset: [0], regmap: [handle.finisher], compatible: 'syscon-poweroff' } },
    'reboot': { properties: { value: [0x7777], offset: [0], regmap: [handle.finisher], compatible: 'syscon-reboot' } },
    [at('platform-bus', platformBusBase)]: {
      properties: {
        'interrupt-parent': [handle.plic], 'ranges': [0, ...cells64(platformBusBase), platformBusBytes], '#address-cells': [1], '#size-cells': [1],
        'compatible': ['qemu,platform', 'simple-bus'],
      },
    },
    [at('memory', ramBase)]: { properties: { device_type: 'memory', reg: range(ramBase, ramBytes) } },
    'cpus': {
      properties: { '#address-cells': [1], '#size-cells': [0], 'timebase-frequency': [timebase] },
      children: {
        'cpu@0': {
          properties: {
            'phandle': [handle.hart], 'device_type': 'cpu', 'reg': [0], 'status': 'okay', 'compatible': 'riscv', 'riscv,isa': isa, 'mmu-type': `riscv,${addressTranslation}`,
          },
          children: {
            'interrupt-controller': {
              properties: { '#interrupt-cells': [1], 'interrupt-controller': true, 'compatible': 'riscv,cpu-intc', 'phandle': [handle.hartInterrupts] },
            },
          },
        },
        'cpu-map': { children: { cluster0: { children: { core0: { properties: { cpu: [handle.hart] } } } } } },
      },
    },
    'soc': {
      properties: { '#address-cells': [2], '#size-cells': [2], 'compatible': 'simple-bus', 'ranges': true },
      children: devices(),
    },
  },
})

const devices = (): Readonly<Record<string, TreeNode>> => ({
  [at('rtc', rtcBase)]: { properties: { ...interrupt(rtcSource), reg: range(rtcBase, 0x1000), compatible: 'google,goldfish-rtc' } },
  [at('serial', uartBase)]: {
    properties: { ...interrupt(uartSource), 'clock-frequency': [uartClock], 'reg': range(uartBase, 0x100), 'compatible': 'ns16550a' },
  },
  [at('test', finisherBase)]: {
    properties: { phandle: [handle.finisher], reg: range(finisherBase, 0x1000), compatible: ['sifive,test1', 'sifive,test0', 'syscon'] },
  },
  [at('pci', pciConfigurationBase)]: {
    properties: {
      'interrupt-map-mask': [0x1800, 0, 0, 7], 'interrupt-map': pciInterrupts(),
      'ranges': [
        pciSpace.ports, ...cells64(0), ...range(pciPortsBase, pciPortsBytes),
        pciSpace.memory, ...cells64(pciWindowBase), ...range(pciWindowBase, pciWindowBytes),
        pciSpace.memory64, ...cells64(pciHighWindowBase), ...range(pciHighWindowBase, pciHighWindowBytes),
      ],
      'reg': range(pciConfigurationBase, pciConfigurationBytes), 'dma-coherent': true, 'bus-range': [0, 0xff], 'linux,pci-domain': [0], 'device_type': 'pci',
      'compatible': 'pci-host-ecam-generic', '#size-cells': [2], '#interrupt-cells': [1], '#address-cells': [3],
    },
  },
  // The last slot first: the order in which a guest finds them.
  ...Object.fromEntries(Array.from({ length: virtioSlots }, (_, i) => virtioSlots - 1 - i).map((slot) => {
    const address = virtioBase + slot * virtioStride
    return [at('virtio_mmio', address), { properties: { ...interrupt(virtioSource + slot), reg: range(address, virtioStride), compatible: 'virtio,mmio' } }]
  })),
  [at('plic', plicBase)]: {
    properties: {
      'phandle': [handle.plic], 'riscv,ndev': [plicSources - 1], 'reg': range(plicBase, 0x60_0000),
      'interrupts-extended': [handle.hartInterrupts, hartInterrupt.machineExternal, handle.hartInterrupts, hartInterrupt.supervisorExternal],
      'interrupt-controller': true, 'compatible': ['sifive,plic-1.0.0', 'riscv,plic0'], '#address-cells': [0], '#interrupt-cells': [1],
    },
  },
  [at('clint', clintBase)]: {
    properties: {
      'interrupts-extended': [handle.hartInterrupts, hartInterrupt.machineSoftware, handle.hartInterrupts, hartInterrupt.machineTimer],
      'reg': range(clintBase, 0x1_0000), 'compatible': ['sifive,clint0', 'riscv,clint0'],
    },
  },
})
