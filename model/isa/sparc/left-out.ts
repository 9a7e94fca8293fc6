// What the SPARC model leaves out, and why.
import type { State } from './state.ts'

export const leftOut = (s: State): Readonly<Record<string, string>> => ({
  'error_mode':
    'a trap while ET is 0 stops the processor; the claims take it for a trap. In real user mode ET is 1, so that '
    + 'only virtual processors stop',
  'the window that a trap takes':
    'a trap overwrites two locals of the window below, and a VMM takes traps where the guest expects none: it '
    + 'keeps that window out of the guest\'s reach by bits of the real WIM that the virtual one has not. SAVE and '
    + 'RESTORE trap more often by them, and do nothing else',
  'delayed writes': 'WRPSR, WRWIM, WRTBR and WRY may take effect up to three instructions later; here they do at once',
  'page tables':
    'all pages have one difference to their frames and one ACC, as location sensitivity needs it; the table '
    + 'registers are words of the alternate space 4',
  'instruction fetch': 'no instruction depends on how it was fetched',
  'fault status': 'data_access_exception is told by its trap type only',
  'the number of a Ticc': 'not added to the trap type: only the trap handler reads it',
  'odd registers of doublewords': 'illegal_instruction in every mode, or boundedly so',
  'ADDXcc, SUBXcc, the other logical operations with cc, SMUL, SDIV, UMULcc, UDIVcc, TADDcc, TSUBcc, TSUBccTV':
    'general registers, icc and Y only, as those modelled',
  'LDUHA, LDSBA, LDSHA, STHA': 'privileged, as LDUBA and STBA',
  'LDDF, STDF, FPop1 and FPop2 but FMOVs, the floating-point queue': 'floating-point registers and FSR where EF is 1, in both modes alike',
  'LDC, LDDC, LDCSR, STC, STDC, STCSR, CBccc': 'as CPop1; STDCQ is privileged, as STDFQ',
  'interrupts': 'PIL is state that nothing waits for',
  ...(s.processor === 'leon3'
    ? {
      'other ancillary state registers':
        'reads are open to users too, and those of registers that are not there give 0 or Y; writes of 16 to 31 but 18 are privileged',
      'CASA of other spaces': 'privileged, as LDA',
      '%asr17': 'only SVT is written; what it chooses is where a trap goes',
      'partial WRPSR, alternative window pointer, LDA and STA of spaces 0x80 to 0xFF for users': 'options',
    }
    : {
      'ancillary state registers 1 to 31 (RDASR, WRASR)':
        'reserved, or an implementation\'s own, and privileged or not as it likes: the variant leon3 has one',
    }),
})
