// What the model of z/Architecture leaves out, why, and what has been published about it.
import type { PublishedClaim } from '../../machine/isa.ts'

export const leftOut: Readonly<Record<string, string>> = {
  'floating point, decimal, vectors': 'compute with registers of their own, storage, the condition code and the floating-point control; CR0, bits 45 and 46, turns them into data exceptions',
  'other arithmetic, logic, shifts, loads and stores': 'of each group a representative; the others compute with registers, storage and the condition code too',
  'long operands': 'LM, STMG, LCTL, LCTLG, STCTL and STCTG of more than one register, moves of more than one byte: the same again',
  'misaligned operands': 'unprivileged instructions take operands at any byte; only those within a doubleword are modelled',
  'addressing modes': '24-bit and 31-bit mode, SAM24, SAM31 and TAM: PSW bits 31 and 32 are 1; LPSW loads such a PSW only from bits 31 and 32 of 1',
  'subjects of EX, and EXRL': 'subjects other than LR, SPM, SVC and EX: EX does what they do, and they have their own verdicts',
  'SSKE with a mask': 'the conditional form may leave the key as it is, the other sets those of more blocks',
  'translation tables': 'pages lie in a row from the origin of a region first table; tables in storage, protection bits of pages and lower table levels are not there',
  'access-register mode': 'access lists, LAM, STAM, EAR, SAR, CPYA, TAR; BSG and BSA',
  'linkage stack': 'BAKR, PR, EREG, EREGG, ESTA, MSTA and stacking PROGRAM CALL: the stack is in storage of the home space; BAKR keeps the whole PSW in it, which ESTA shows, as EPSW does without a stack',
  'RESUME PROGRAM and TRAP': 'RP restores PSW fields from storage, TRAP2 and TRAP4 need a trap control block',
  'MVCOS, MVPG': 'their keys and spaces are authorized as those of MVCK, MVCP and MVCS',
  'space switching': 'PC, PT, PTI, SSAR, SSAIR and LASP that change an address space, or translate its number, leave the model, as do PC and LASP with the ASN-and-LX-reuse control on, whose PC numbers and operands are other ones; as do moves between spaces with another access key than 0; the access key of MVCK is checked with the PSW-key mask only',
  'fetch protection, low-address protection, change recording': 'store protection by keys is there, without its override by key 9 (CR0, bit 39); the others add access exceptions, or set bits of storage keys by ordinary stores (s370/change-recording has it)',
  'codes of interruptions': 'the interruption code is not stored; the old PSW has the address of the instruction',
  'PSW bits that must be 0': 'a specification exception after the instruction: they leave the model',
  'program-event recording, tracing, monitoring': 'interruptions after an instruction and entries of the trace table, chosen by CR9 to CR12; MC is there',
  prefixing: 'the prefix register is kept, addresses are not changed by it',
  'TOD-clock epoch, 40 low bits of the extended clock': 'given as 0',
  'PTFF functions': 'a query and a control function stand for the others',
  'transactions, cryptography, CPU measurement, runtime instrumentation': 'facilities of later models with control bits of their own; PCKMO and the measurement controls are privileged',
  'PFMF, PTF, LPTEA, CHSC, CSPG, RRBM and further privileged instructions': 'as those of their group',
}

const paper = 'Popek and Goldberg, Formal requirements for virtualizable third generation architectures, CACM 17(7), 1974'
export const published: readonly PublishedClaim[] = [
  { claim: 'LPSW is privileged', source: `${paper}, privileged instructions`, about: { instruction: 'LPSW', property: 'privileged', holds: true } },
  {
    claim: 'EXTRACT CPU TIME is executed in a non-privileged state', source: 'IBM, Extract CPU time facility, US patent 8,117,614, claim 1',
    about: { instruction: 'ECTG', property: 'privileged', holds: false },
  },
]
