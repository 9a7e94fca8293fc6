// What is left out of the models of System/360 and System/370, why, and what has been published about these machines.
import type { PublishedClaim } from '../../machine/isa.ts'
import type { Model, State } from './state.ts'

export const leftOut = (s: State): Readonly<Record<string, string>> => ({
  'floating point 20-3F, 60-7F':
    'computes with the floating-point registers, storage, the condition code and the program mask only',
  'decimal F0-FD': 'as floating point; UNPK of two bytes stands for the codes that depend on the A bit of the PSW',
  'other arithmetic, logic and shifts':
    'of each group a representative; the others compute with registers, storage and the condition code too',
  'long operands':
    'LM, STM, LMC, STMC, LCTL and STCTL of more than one register, MVC, TR and UNPK of other lengths: the same '
    + 'again, excluded by the cause \'unmodelled\'',
  'subjects of EX': s.options.privilegedSubjects
    ? 'subjects other than LR, SPM, BALR, SSK, SVC and EX'
    : 'subjects other than LR, SPM, BALR, SVC and EX: EX does what they do, and they have their own verdicts',
  'codes of interruptions':
    'the interruption and instruction-length codes of an old PSW are stored as 0, its address is that of the '
    + 'instruction',
  'fetch protection': 'adds access exceptions only; store protection is there',
  'storage size': 'every real address exists: no addressing exceptions',
  'interval timer': 'real location 80 changes as if another processor stored there; no instruction does it',
  'channel programs':
    'SIO and its like take a device\'s state and make a new one; the command words they start are not run (a '
    + 'guest that modifies its own running channel program is known not to be virtualizable exactly)',
  'recording': s.options.recording
    ? 'the reference bit, and the change bit of the second word of a doubleword'
    : 'reference and change bits are set by no instruction but those that set keys; the variant change-recording has it',
  ...(s.translates ? {
    'translation tables':
      'pages lie in a row from the origin in the table register, up to its length; tables in storage, page size '
      + 'and the 32-bit addresses of the Model 67 are not there',
    'invalid PSWs': 'the specification exception after an instruction that has set a bit of the system mask or PSW that must be 0',
    'standard or BC mode':
      'the PSW of System/360, which has its own verdicts; a PSW loaded with it is excluded by the cause '
      + '\'unmodelled\'',
  } : {}),
  ...(s.is370 ? {
    'unaligned operands': 'unprivileged instructions take operands at any byte; only the aligned ones are modelled',
    'program-event recording': 'an interruption after an instruction, chosen by CR9 to CR11',
    'low-address protection': 'CR0, bit 3: adds protection exceptions to stores below 512',
    'storage-key 4K-byte-block facility':
      'ISKE, RRBE and SSKE come with it; they stand beside ISK, RRB and SSK here, on keys of 2K-byte blocks',
    'prefixing': 'the prefix register is kept, addresses are not changed by it',
    'assists E6xx and SIE': 'microcode of VM/370 itself, told apart by control register 6',
    'MVCL, CLCL, CDS, ICM, STCM, CLM': 'compute with registers, storage and the condition code only',
  } : {}),
  ...(s.das ? {
    'space switching':
      'PC, PT, SSAR and LASP that change the primary or secondary address space, or translate an address-space '
      + 'number, are excluded by the cause \'unmodelled\'',
    'access keys of MVCK, MVCP and MVCS': 'MVCK checks with the PSW key, not with the key of the register; MVCP and MVCS leave the model with another key than 0',
  } : {}),
})

const paper = 'Popek and Goldberg, Formal requirements for virtualizable third generation architectures, CACM 17(7), 1974'
const hennessyPatterson =
  'Hennessy and Patterson, Computer Architecture: A Quantitative Approach, 6th edition, 2019, 2.4, Instruction Set Architecture Support for Virtual Machines'

export const published = (model: Model): readonly PublishedClaim[] => [
  {
    claim: 'LPSW is privileged', source: `${paper}, privileged instructions`,
    about: { instruction: 'LPSW', property: 'privileged', holds: true },
  },
  ...(model === 's360/67' ? [
    {
      claim: 'LRA is location sensitive', source: `${paper}, sensitive instructions`,
      about: { instruction: 'LRA', property: 'locationSensitive', holds: true },
    },
    {
      claim: 'CP-67 is a virtual machine system of this machine', source: `${paper}, abstract`,
      about: { theorem: 'vmm', applies: true },
    },
  ] as const : []),
  ...(model === 's370' ? [
    { claim: 'the IBM 370 architecture is virtualizable: it lets a virtual machine execute directly on the hardware', source: hennessyPatterson, about: { theorem: 'vmm', applies: true } },
    {
      claim: 'any virtual machine reads the real time-of-day clock, and none sets it: it needs no simulation',
      source: 'VM/370 System Programmer\'s Guide, Release 6, TOD Clock, and VM/370 Operator\'s Guide, Release 6',
      about: { instruction: 'STCK', property: 'critical', holds: false },
    },
  ] as const : []),
]
