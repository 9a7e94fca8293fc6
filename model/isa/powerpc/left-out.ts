// What the PowerPC model leaves out, and why.
import type { State } from './state.ts'

export const leftOut = (s: State): Readonly<Record<string, string>> => ({
  'segment and page translation':
    'data are translated by DBAT0 or refused; segment registers, SDR1, the other BATs and the TLBs are state that '
    + 'no reference looks up. Ks, Kp and PP refuse references of one mode, memory traps all',
  'instruction fetch': 'no instruction depends on how it was fetched: MSR[IR] and the IBATs are state only',
  'caches':
    'dcbf, dcbst, icbi and dcbt change nothing that a program sees; dcbi does, and is privileged. HID0 is a word '
    + 'whose bits do nothing',
  'other SPR numbers that are not defined': 'as SPRs 128 to 255',
  'moves to read-only SPRs other than HID1, moves from SPRs 284 and 285':
    'privileged by their number; the manuals do not say what they do in supervisor state',
  'mftb of other numbers': 'undefined, or as mfspr where the processor does not tell the two apart',
  'invalid forms': 'boundedly undefined: load with update into its base register, bcctr that decrements, reserved fields that are not 0',
  'lmw, stmw, lswi, lswx, stswi, stswx, lhbrx, lwbrx, sthbrx, stwbrx':
    'several bytes or words of storage and general registers, as those modelled',
  'other integer and logical instructions, other forms with OE, Rc, AA and LK':
    'general registers, CR, XER, LR and CTR only, as those modelled',
  'floating-point arithmetic':
    'FPR, FPSCR and CR where MSR[FP] is 1, in both modes alike; FE0 and FE1 are the program\'s own under a VMM, as '
    + 'FP and LE are',
  'integer references that are not aligned': 'split by the processor in big-endian mode; excluded by the cause \'unmodelled\'',
  'division by 0, stwu with rA = 0, eciwx and ecowx of what is not a word':
    'undefined, and an invalid form; excluded by the cause \'unmodelled\'',
  'stwcx. to another word than the reserved one': 'may store or not; excluded by the cause \'unmodelled\'',
  'exception state': 'DSISR and DAR are not filled in by an interrupt: only its handler reads them',
  'time': 'TBL, TBU, DEC and the performance monitor are state that does not move',
  'power management': 'MSR[POW] is a bit: what it stops is the processor, in supervisor state only',
  'trace': 'MSR[SE] and MSR[BE] interrupt after an instruction; only supervisor state sets them',
  ...(s.processor === '603e'
    ? { 'MSR[TGPR]': 'the temporary registers of the table search handlers, in supervisor state', 'tlbia': 'not implemented' }
    : {
      'the 7400 and 7410': 'add AltiVec, available or not by MSR[VEC] in both modes alike, VRSAVE, a user register, and UMMCR2 and UBAMR, '
        + 'as the other user-level names',
      'tlbia, tlbld, tlbli': 'not implemented',
    }),
})
