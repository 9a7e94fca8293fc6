// What is left out of the model of the VAX, why, and what has been published about it.
import type { PublishedClaim } from '../../machine/isa.ts'
import type { State } from './state.ts'

export const leftOut = (s: State): Readonly<Record<string, string>> => ({
  'operand specifiers':
    'register, register deferred, short literal and byte displacement, as far as each instruction says; the '
    + 'others compute an address first',
  'other operations':
    'of each group a representative; floating point, strings, fields, decimal, queues and the others compute '
    + 'with registers, storage and the PSW too',
  'CALLG, CALLS, RET':
    'save and restore PSW bits and registers, through storage as BSBB and RSB do; no field of the PSL above bit '
    + '15',
  'PC as an operand': 'a state with R15 named by an operand is excluded by the cause \'unmodelled\'',
  'unaligned operands': 'addresses that are not of whole longwords are excluded by the cause \'unmodelled\'',
  'integer overflow': 'a trap after the instruction where IV is set, in every mode alike',
  'page tables':
    'pages of P0 space lie in a row from P0BR, as many as P0LR says; P1 and system space, PTE<V> and pages in '
    + 'page tables are not there',
  'protection of ordinary references':
    'an access violation by mode is a memory trap, which every definition excludes; only PROBE looks at '
    + 'PTE<PROT>, which is one for all pages',
  'stores by the processor': 'exceptions set no PTE<M>',
  'MTPR and MFPR of KSP and ISP': 'which of them is R14 depends on PSL<IS>; excluded by the cause \'unmodelled\'',
  'reserved values of processor registers':
    'MTPR with a bit set that must be zero, ASTLVL above 4, or SIRR 0: some processors take a fault, others do not look; excluded by the '
    + 'cause \'unmodelled\'',
  'side effects of processor registers': 'MTPR keeps what it was given, but for SIRR: clocks, console and buffers do not act',
  'compatibility mode, TP and FPD': 'a PSL popped by REI with one of them set is excluded by the cause \'unmodelled\'',
  'software interrupts and AST': 'are taken between instructions',
  ...(s.options.virtual ? {
    'PROBE in a virtual machine':
      'always the VM-emulation trap; the modified microcode answers it itself where the shadow page table entry is '
      + 'valid',
    'WAIT, PROBEVMR, PROBEVMW':
      'operation codes not found; WAIT gives up the processor by a trap, the others are of the kernel only',
    'vectors': 'of the VM-emulation trap and the modify fault: not found, 0 stands for both',
  } : {}),
})

const abstract = 'Hall and Robinson, Virtualizing the VAX Architecture, ISCA 1991, abstract'

export const published = (s: State): readonly PublishedClaim[] => s.options.virtual
  ? [{ claim: 'the modified VAX supports virtual machines', source: abstract, about: { theorem: 'vmm', applies: true } }]
  : [
      {
        claim: 'several instructions of the VAX are sensitive and not privileged', source: abstract,
        about: { theorem: 'vmm', applies: false },
      },
      {
        claim: 'CHM, REI, MOVPSL and PROBE are sensitive and not privileged; so is any store, by the modify bit',
        source: 'the list as it is attributed to Hall and Robinson (of whose text the abstract and the beginning of the introduction could be opened)',
        about: { critical: ['CHMK', 'CHME', 'CHMS', 'CHMU', 'REI', 'MOVPSL', 'PROBER', 'PROBEW', 'MOVL Rn,(Rn)'], exactly: false },
      },
    ]
