// What has been published on the virtualizability of RISC-V.
import type { PublishedClaim } from '../../machine/isa.ts'

const manual = 'The RISC-V Instruction Set Manual'

/** The manual's own claim, which is made of all that it specifies. */
const designGoal: PublishedClaim = { claim: 'a fully virtualizable ISA to ease hypervisor development', source: `${manual}, Volume I, Introduction`, about: { theorem: 'vmm', applies: true } }
export const ofVariants: readonly PublishedClaim[] = [designGoal]

export const published: readonly PublishedClaim[] = [
  {
    claim: 'RISC-V is classically virtualizable: a hypervisor can rely on any privileged instruction of the unprivileged guest OS to raise an illegal-instruction fault',
    source: 'RVirt, README, Why RISC-V?, MIT PDOS, 2019', about: { theorem: 'vmm', applies: true },
  },
  {
    claim: 'designed to simplify classic virtualization, where a guest OS runs at user level: the few privileged instructions are easily detected and trapped',
    source: `${manual}, Volume II, version 1.10 (2017), Hypervisor Extensions`, about: { theorem: 'vmm', applies: true },
  },
  designGoal,
  {
    claim: 'guest operating systems can be virtualized classically in U-mode, where accesses to the S-mode CSRs trap',
    source: `${manual}, Volume II, Virtualization Support in mstatus Register (TVM)`, about: { instruction: 'CSRRW supervisor', property: 'critical', holds: false },
  },
  {
    claim: 'shadowing the counters at read-only addresses avoids trapping permitted accesses and still traps illegal ones, as Goldberg asks',
    source: `${manual}, Volume II, CSR Address Mapping Conventions`, about: { instruction: 'CSRRS counter', property: 'critical', holds: false },
  },
  {
    claim: 'machine-mode firmware runs unmodified in U-mode, by trap and emulate', source: 'Miralis, a virtual firmware monitor for RISC-V, README, How Does It Work?',
    deprivileging: 'M to U', about: { theorem: 'vmm', applies: true },
  },
  {
    claim: 'machine mode meets Popek and Goldberg\'s condition',
    source: 'Castes and others, The Design and Implementation of a Virtual Firmware Monitor, SOSP 2025 (as notes on it report)',
    deprivileging: 'M to U', about: { theorem: 'vmm', applies: true },
  },
]
