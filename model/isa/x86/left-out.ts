// What the model of x86 leaves out, and why.
export const leftOut: Readonly<Record<string, string>> = {
  'real-address and virtual-8086 mode': 'other modes: CR0.PE is assumed to be 1, and an IRETD that sets VM leaves the model',
  'separate segments for stack and strings':
    'every reference goes through the base, limit and presence of DS; SS, ES, FS and GS relocate in the same way, and their hidden parts are loaded and kept',
  'segment types in references': 'a store to a read-only segment is a memory trap, as one beyond the limit is',
  paging: 'a second relocation, whose faults, also those of the U/S bit, are memory traps (W15); CR3 is a register only, and accessed and dirty bits, which references set in page tables, are left out with it',
  'misaligned references': 'storage is modelled in doublewords: they leave the model; #AC, which level 3 can have for them, goes with them',
  'limits inside a doubleword': 'a reference of 16 bits asks for the whole doubleword to lie within the limit',
  'descriptor tables in storage':
    'GDT, LDT, IDT and TSS are memories of their own: a store to the cells that hold them is a store to storage, and LGDT, LLDT, LIDT and LTR change the registers only',
  'task switches': 'through a task gate, a task state segment, and IRETD with NT set: they leave the model; each needs a far transfer, which is critical without them',
  '16-bit gates, and parameters of call gates': 'they leave the model',
  'far transfers of 16-bit operand size': 'IRET, and CALL, JMP and RET with 16-bit offsets: as their 32-bit forms, with half of EIP and EFLAGS',
  'LGDT, LIDT, SGDT, SIDT of 16-bit operand size': 'as their 32-bit forms, with a base of 24 bits',
  'SLDT, STR, SMSW, MOV from a segment register to a 32-bit register':
    'the upper half is undefined up to the Pentium; with it open (W16) MOV r32, DS and its kin would be critical too',
  'PUSH of a segment register': 'its upper half is pushed as zero',
  'undefined flags': 'AF after AND, OR, XOR and shifts, OF after shifts by more than 1, SF, ZF, AF and PF after IMUL, all of them after DIV: given a fixed value; with them open (W16) each would be critical',
  'LAR, limit bits': 'bits 19 to 16 of its result are undefined: given 0; it is sensitive without them',
  'DR4 and DR5': 'DR6 and DR7 by other names, or undefined with CR4.DE set',
  'MOV of CR0 and CR4': 'reserved bits, and PG without PE or NW without CD, are refused with #GP(0) at level 0 too: they leave the model',
  'numbers of model-specific registers, counters, CPUID leaves and ports':
    'each exists and keeps what is written to it; no device answers, and the time stamp does not tick within an instruction',
  RF: 'cleared by every instruction but IRETD: what it suppresses is a trap',
  'lock and repeat prefixes, segment overrides, address forms': 'an address is any 32-bit offset; a repeated string instruction is its single step again and again',
  'floating point and MMX': 'they compute with registers of their own, and with CR0.EM or CR0.TS they trap in every level',
  'caches and translation buffers': 'INVD, WBINVD and INVLPG change no modelled state: they are privileged and no more',
  'undefined operation codes': '#UD in every level: always trapping',
  'rest of the computing instructions': 'as their representatives: they read and write registers, flags and storage',
  'what a trap pushes': 'a trap goes through the gate of its vector to level 0; its frame on the stack is not written',
  'single step, breakpoints and interrupts': 'they come between instructions, not within one',
  'CS limit for near branches': 'a branch beyond it faults at its target, as a memory trap',
}
