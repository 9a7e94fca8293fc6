// What the model of the 68000 family leaves out, and why.
import { has010, has020, type Model } from './state.ts'

export const leftOut = (model: Model): Readonly<Record<string, string>> => ({
  'the rest of the integer instructions':
    'MOVEM, MOVEP, ADDA, SUBA, ADDQ, SUBQ, the other immediate forms, CMPA, CMPM, DIVS, MULS, NEGX, ABCD, SBCD, NBCD, rotates, shifts by register and in storage, Bcc.S, Scc and DBcc with other conditions: they compute with the registers, storage and condition codes of their representatives',
  'undefined condition codes': 'kept where the manual leaves them undefined (CHK, a division that overflows): the same in both of two equal runs',
  'the MMU':
    'outside the processor: one window of blocks of 4096 bytes, in force in both modes as in the paper, for every function code; its registers are reached as devices are',
  devices: 'memory-mapped: a VMM keeps them out of the window; RESET resets them, and a bus error is what a reference outside the window gets',
  trace: 'T set traps after the instruction: the next step, not the instruction',
  'an odd PC': 'the address error is taken by the next fetch',
  'stacked program counters': 'a trap stacks PC as it was before the instruction; TRAP, TRAPV, CHK and zero divide stack the next one',
  ...(has010(model) ? {
    'long stack frames':
      'RTE with a bus error frame, in supervisor mode: excluded by the cause \'unmodelled\'. The frame holds internal state that the manual does not describe and of which only a version number is checked, so that a VMM cannot judge the frame that a guest makes up, though every RTE traps to it',
    'CPU space': 'MOVES to and from the spaces of function codes 0, 3, 4 and 7: excluded by the cause \'unmodelled\'',
    'undefined control registers': 'MOVEC with another code: illegal instruction in supervisor mode, privilege violation in user mode; never without a trap',
  } : {
    'faults on the 68000': 'the frame of a bus or address error does not let the instruction be continued: a VMM cannot map pages on demand',
    'instructions of the 68010': 'MOVE from CCR, MOVEC, MOVES, RTD, BKPT are illegal instructions: they always trap, as ILLEGAL does',
  }),
  ...(has020(model) ? {
    'instructions of the 68020': 'bit fields, CAS, CMP2, CHK2, PACK, UNPK, EXTB, long multiplication and division, TRAPcc, Bcc.L: user instructions as their representatives',
    'the rest of CALLM and RTM':
      'modules of type $00 build and take down a frame in storage (excluded by the cause \'unmodelled\'); of type $01 only the access level and the entry are modelled, not the frame and the change of stack; RTM ends in the next instruction',
    coprocessors: 'line F without a coprocessor; cpSAVE and cpRESTORE are privileged',
    'full-format indexing': 'memory indirect addresses: several words in place of one',
    'odd addresses': 'data at odd addresses, which the 68020 allows: excluded by the cause \'unmodelled\'',
    'clearing the cache': 'CACR\'s bits C and CE, which clear entries and read as 0',
  } : {}),
})
