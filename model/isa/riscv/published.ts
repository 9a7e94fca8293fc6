// What has been published on the virtualizability of RISC-V.
import type { PublishedClaim } from '../../machine/isa.ts'

const manual = 'The RISC-V Instruction Set Manual'

export const published: readonly PublishedClaim[] = [
  {
    claim: 'RISC-V is classically virtualizable: any privileged instruction of the unprivileged guest OS traps', source: 'RVirt, README, MIT PDOS',
    about: { theorem: 'vmm', applies: true },
  },
  { claim: 'a fully virtualizable ISA to ease hypervisor development', source: `${manual}, Volume I, Introduction`, about: { theorem: 'vmm', applies: true } },
  {
    claim: 'guest operating systems can be virtualized classically in U-mode, which traps accesses to the S-mode CSRs', source: `${manual}, Volume II, Virtualization Support in mstatus (TVM)`,
    about: { instruction: 'CSRRW supervisor', property: 'critical', holds: false },
  },
  {
    claim: 'counters that are read-only below are shadowed at addresses of their own, so that only illegal accesses trap', source: `${manual}, Volume II, CSR Address Mapping Conventions`,
    about: { instruction: 'CSRRS counter', property: 'critical', holds: false },
  },
]
