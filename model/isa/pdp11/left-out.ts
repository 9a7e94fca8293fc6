// What the model of the PDP-11/45 leaves out, and why; keys that end in operation codes say what those codes are.
export const leftOut: Readonly<Record<string, string>> = {
  'the I/O page':
    'the last 4096 words of storage hold the processor status word, the mapping registers and the devices, so that any instruction that stores can change a resource where they are mapped. Only MOV to the status word is modelled, its modes and its priority, to show why the assumption is made',
  'pages': 'each mode has one window of blocks of 32 words in place of eight pages for instructions and eight for data',
  'I and D spaces':
    'coincide, as with SSR3 = 0: MFPI and MFPD do the same. With both in use, MFPI in user mode with previous mode user reads D space, which lets execute-only code be so',
  'access and write bits': 'set by the memory management unit in its page descriptors, and SSR0 to SSR2, which record faults',
  'the stack limit':
    'a push below it traps in kernel mode only, after the instruction: a virtual kernel in another mode does not get that trap, which no definition of the paper sees',
  'trace traps': 'T traps after the instruction: the next step, not the instruction',
  'an odd PC': 'the trap is taken by the next fetch',
  'traps to other modes': 'a vector whose status word names another mode than kernel',
  'JSR with SP as its link':
    'the manual does not say whether what is pushed is SP before or after the push; excluded by the cause \'unmodelled\'',
  'other addressing modes': 'of JSR and of the single and double operand instructions: as their representatives',
  'byte instructions 1050-1063, 12, 13, 14, 15': 'of the single and double operand instructions: as those on words, and as MOVB',
  'DEC 0053, SBC 0056, ROL 0061, ASR 0062': 'as INC, ADC, ROR and ASL',
  'DIV 071, ASH 072, ASHC 073': 'compute with registers, storage and condition codes only',
  'reserved 0070-0077, 0750-0767, 1064, 1067, 1070-1077': 'reserved instructions, which always trap',
  'floating point 17': 'the FP11 option: its registers, and a trap of its own after the instruction',
  'the red zone, parity and the power fail trap': 'not caused by what an instruction is',
}
