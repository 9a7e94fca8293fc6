// What has been published about LoongArch's privileged instructions and about what a hypervisor must see.
import type { PublishedClaim } from '../../machine/isa.ts'
import type { State } from './state.ts'

const manual = 'LoongArch Reference Manual, volume 1, 4.2 (all of these are for PLV0 only, but for the reading of performance counters)'
const reduced = 'LoongArch 32-bit reduced edition, on privileged instructions (as notes quote it)'
const kvm = 'Linux, arch/loongarch/kvm/exit.c, kvm_handle_gspr (what leaves a guest that runs under LVZ)'

const refused = [
  'CSRRD', 'CSRWR', 'CSRXCHG', 'IOCSRRD.B', 'IOCSRRD.H', 'IOCSRRD.W', 'IOCSRRD.D', 'IOCSRWR.B', 'IOCSRWR.H', 'IOCSRWR.W', 'IOCSRWR.D', 'CACOP',
  'TLBSRCH', 'TLBRD', 'TLBWR', 'TLBFILL', 'TLBCLR', 'TLBFLUSH', 'INVTLB', 'LDDIR', 'LDPTE', 'ERTN', 'DBCL', 'IDLE',
]
const privileged = (instruction: string, source: string, holds = true): PublishedClaim =>
  ({ claim: `${instruction} is ${holds ? '' : 'not '}privileged`, source, about: { instruction, property: 'privileged', holds } })

export const published = (s: State): readonly PublishedClaim[] => s.architecture === 'la64'
  ? [
      ...refused.map((i) => privileged(i, manual)),
      ...['RDTIMEL.W', 'RDTIMEH.W', 'RDTIME.D'].map((i): PublishedClaim => ({
        claim: `${i} is refused at PLV3 where DRDTL3 is 1`, source: 'LoongArch Reference Manual, volume 1, 2.1.3.2', about: { instruction: i, property: 'privileged', holds: true },
      })),
      { claim: 'CPUCFG in a guest is an exception to the hypervisor, which answers for it (read as: it is not innocuous)', source: kvm, about: { instruction: 'CPUCFG', property: 'innocuous', holds: false } },
      ...['IDLE', 'CACOP'].map((i): PublishedClaim => ({ claim: `${i} in a guest is an exception to the hypervisor`, source: kvm, about: { instruction: i, property: 'privileged', holds: true } })),
    ]
  : [privileged('CSRRD', reduced), privileged('ERTN', reduced), privileged('CACOP Hit Invalidate', reduced, false)]
