@ Test kernel for ARM versions 5 to 7: takes records, lays each one's state down, executes its instruction, saves the state.
@ Assembled by ../build-kernels.mjs. With VIRTUALIZATION the kernel is in Monitor mode, and its trials in Secure or Non-secure state.
@ A record is 128 words; offsets below in words are those of record.ts.
        .set    CODE, 0x00200000
        .set    L2, 0xc000              @ two tables of 1 KB, for TTBR0 of 4000 and 8000, by which storage is moved as far
        .set    ALIAS, 0xffc00000       @ from storage to where privileged modes see it
        .text
vectors:
        b       start
        b       undefined
        b       supervisor
        b       prefetch
        b       data
        b       data
        b       irq
        b       fiq

@ r0 and r1 are saved beside the code, which the vector's mode may write.
        .macro  entry number
        str     r0, saved_r0
        mov     r0, #\number
        b       common
        .endm
undefined:  entry 1
supervisor: entry 2
prefetch:   entry 3
data:       entry 4
irq:        entry 6
fiq:        entry 7

        .balign 32
        .globl  others                  @ for another VBAR
others: b       start
        b       undefined
        b       supervisor
        b       prefetch
        b       data
        b       data
        b       irq
        b       fiq

        .ifdef  VIRTUALIZATION
        .set    KERNEL, 0x16            @ Monitor mode
        .macro  state register          @ SCR; 0 for the kernel itself
        mcr     p15, 0, \register, c1, c1, 0
        isb
        .endm
        .balign 32
        .globl  hyp_vectors
hyp_vectors:
        .rept   5
        b       of_hyp
        .endr
        b       to_hyp
        .rept   2
        b       of_hyp
        .endr
monitor_vectors:
        b       .
        b       .
        b       monitor
        .rept   5
        b       .
        .endr

of_hyp: str     r0, saved_r0
        mov     r0, #9
        b       common
to_hyp: str     r0, saved_r0
        mrs     r0, elr_hyp
        str     r0, hyp_link
        mrc     p15, 4, r0, c5, c2, 0
        str     r0, hyp_syndrome
        mov     r0, #8
        b       common
        .else
        .set    KERNEL, 0x13
        .endif

common:
        str     r1, saved_r1
        ldr     r1, current
        str     r0, [r1, #4*64]         @ the vector
        ldr     r0, saved_r0
        str     r0, [r1, #4*0]
        mov     r0, r1
        ldr     r1, saved_r1
        str     r1, [r0, #4*1]
        add     r1, r0, #4*2
        stmia   r1, {r2-r12}
        str     lr, [r0, #4*65]         @ the exception's link and saved status
        mrs     r1, spsr
        str     r1, [r0, #4*66]
        .ifdef  VIRTUALIZATION
        smc     #0
monitor:
        mov     r1, #0
        state   r1
        ldr     r1, [r0, #4*64]
        cmp     r1, #8
        ldreq   r1, hyp_link
        streq   r1, [r0, #4*65]
        ldreq   r1, hyp_syndrome
        streq   r1, [r0, #4*67]
        .endif
        add     r1, r0, #4*13
        .macro  savebank mode
        msr     cpsr_c, #(\mode | 0xc0)
        str     r13, [r1], #4
        str     r14, [r1], #4
        .if \mode != 0x1f
        mrs     r2, spsr
        str     r2, [r1], #4
        .endif
        .endm
        savebank 0x1f
        savebank 0x13
        savebank 0x17
        savebank 0x1b
        savebank 0x12
        msr     cpsr_c, #(KERNEL | 0xc0)
        .ifdef  VIRTUALIZATION
        ldr     r2, [r0, #4*40]
        state   r2
        .endif
        mrc     p15, 0, r2, c2, c0, 0
        str     r2, [r0, #4*46]
        mrc     p15, 0, r2, c3, c0, 0
        str     r2, [r0, #4*32]
        mrc     p15, 0, r2, c5, c0, 0
        str     r2, [r0, #4*33]
        mrc     p15, 0, r2, c6, c0, 0
        str     r2, [r0, #4*34]
        mrc     p15, 0, r2, c13, c0, 1
        str     r2, [r0, #4*35]
        ldr     r3, version
        cmp     r3, #7
        bne     9f
        mrc     p15, 0, r2, c13, c0, 2
        str     r2, [r0, #4*36]
        mrc     p15, 0, r2, c13, c0, 3
        str     r2, [r0, #4*37]
        mrc     p15, 0, r2, c13, c0, 4
        str     r2, [r0, #4*38]
        mrc     p15, 0, r2, c9, c14, 0
        str     r2, [r0, #4*39]
        mrc     p15, 0, r2, c9, c13, 0
        str     r2, [r0, #4*45]
        mrc     p15, 0, r2, c12, c0, 0
        str     r2, [r0, #4*47]
        mrc     p14, 0, r2, c0, c1, 0
        str     r2, [r0, #4*48]
        .ifdef  VIRTUALIZATION
        mov     r2, #0
        state   r2
        .endif
9:      ldr     r1, [r0, #4*90]         @ words of storage: how many, then address and content of each
        add     r2, r0, #4*91
        ldr     r3, =ALIAS
8:      subs    r1, r1, #1
        bmi     7f
        ldr     r4, [r2], #4
        ldr     r4, [r4, r3]
        str     r4, [r2], #4
        b       8b
7:      add     r0, r0, #4*128
next:
        str     r0, current
        ldr     r1, last
        cmp     r0, r1
        beq     done
        ldr     r1, [r0, #4*70]         @ the instruction
        ldr     r2, =CODE
        str     r1, [r2]
        ldr     r1, =L2
        add     r2, r0, #4*72           @ sixteen page descriptors
        mov     r5, #16
8:      ldr     r3, [r2], #4
        add     r4, r3, #0x8000
        str     r4, [r1, #0x400]
        add     r4, r3, #0x4000
        str     r4, [r1], #4
        subs    r5, r5, #1
        bne     8b
        mov     r2, #0
        mcr     p15, 0, r2, c8, c7, 0
        ldr     r1, [r0, #4*90]
        add     r2, r0, #4*91
        ldr     r3, =ALIAS
8:      subs    r1, r1, #1
        bmi     7f
        ldmia   r2!, {r4, r5}
        str     r5, [r4, r3]
        b       8b
7:      ldr     r2, [r0, #4*46]
        mcr     p15, 0, r2, c2, c0, 0
        .ifdef  VIRTUALIZATION
        mov     r2, #1
        state   r2
        ldr     r2, [r0, #4*41]
        mcr     p15, 4, r2, c1, c1, 0   @ HCR
        ldr     r2, [r0, #4*42]
        mcr     p15, 4, r2, c1, c1, 1   @ HDCR
        ldr     r2, [r0, #4*43]
        mcr     p15, 4, r2, c0, c0, 0   @ VPIDR
        ldr     r2, [r0, #4*44]
        mov     r3, #0
        mcrr    p15, 6, r2, r3, c2      @ VTTBR
        ldr     r2, [r0, #4*40]
        state   r2
        ldr     r2, [r0, #4*46]
        mcr     p15, 0, r2, c2, c0, 0
        .endif
        ldr     r2, [r0, #4*32]
        mcr     p15, 0, r2, c3, c0, 0
        ldr     r2, [r0, #4*33]
        mcr     p15, 0, r2, c5, c0, 0
        ldr     r2, [r0, #4*34]
        mcr     p15, 0, r2, c6, c0, 0
        ldr     r2, [r0, #4*35]
        mcr     p15, 0, r2, c13, c0, 1
        ldr     r3, version
        cmp     r3, #7
        bne     9f
        ldr     r2, [r0, #4*36]
        mcr     p15, 0, r2, c13, c0, 2
        ldr     r2, [r0, #4*37]
        mcr     p15, 0, r2, c13, c0, 3
        ldr     r2, [r0, #4*38]
        mcr     p15, 0, r2, c13, c0, 4
        ldr     r2, [r0, #4*39]
        mcr     p15, 0, r2, c9, c14, 0
        ldr     r2, [r0, #4*45]
        mcr     p15, 0, r2, c9, c13, 0
        ldr     r2, [r0, #4*47]
        mcr     p15, 0, r2, c12, c0, 0
        ldr     r2, [r0, #4*48]
        mcr     p14, 0, r2, c0, c2, 2   @ DBGDSCRext
        .word   0xf57ff01f              @ clrex
        .ifdef  VIRTUALIZATION
        mov     r2, #0
        state   r2
        .endif
9:      add     r1, r0, #4*13
        .macro  loadbank mode
        msr     cpsr_c, #(\mode | 0xc0)
        ldr     r13, [r1], #4
        ldr     r14, [r1], #4
        .if \mode != 0x1f
        ldr     r2, [r1], #4
        msr     spsr_cxsf, r2
        .endif
        .endm
        loadbank 0x1f
        loadbank 0x13
        loadbank 0x17
        add     r1, r1, #4*3            @ the bank of Undefined mode is the kernel's
        loadbank 0x12
        .ifdef  VIRTUALIZATION
        msr     cpsr_c, #(KERNEL | 0xc0)
        ldr     r1, [r0, #4*40]
        state   r1
        .else
        msr     cpsr_c, #0xdb
        .endif
        ldr     r1, [r0, #4*30]
        msr     spsr_cxsf, r1
        ldr     lr, [r0, #4*31]
        ldr     r1, [r0, #4*71]
        cmp     r1, #0
        .word   0x11912f9f              @ ldrexne r2, [r1]
        ldmia   r0, {r0-r12}
        movs    pc, lr

start:  ldr     r0, first
        msr     cpsr_c, #(KERNEL | 0xc0)
        .ifdef  VIRTUALIZATION
        adr     r1, monitor_vectors
        mcr     p15, 0, r1, c12, c0, 1
        mov     r2, #1
        state   r2
        adr     r1, hyp_vectors
        mcr     p15, 4, r1, c12, c0, 0
        ldr     r1, =0x80000040         @ VTCR: 32 bits, from level 1
        mcr     p15, 4, r1, c2, c1, 2
        ldr     r1, =0x30c50838         @ HSCTLR: no translation
        mcr     p15, 4, r1, c1, c0, 0
        mov     r1, #0
        mcr     p15, 4, r1, c1, c1, 3   @ HSTR
        bl      translate
        mov     r2, #0
        state   r2
        .endif
        bl      translate
        str     r1, control
        b       next
done:   b       done

translate:
        mov     r1, #0x4000
        mcr     p15, 0, r1, c2, c0, 0   @ the first-level table, which the host has written
        mov     r1, #0x55
        mcr     p15, 0, r1, c3, c0, 0
        mov     r1, #0
        mcr     p15, 0, r1, c8, c7, 0
        mrc     p15, 0, r1, c1, c0, 0
        orr     r1, r1, #3              @ M, A
        bic     r1, r1, #0x2000         @ V: vectors at 0
        bic     r1, r1, #0x300          @ S, R
        mcr     p15, 0, r1, c1, c0, 0
        mrc     p15, 0, r1, c1, c0, 0
        bx      lr

        .ltorg
saved_r0: .word 0
saved_r1: .word 0
        .ifdef  VIRTUALIZATION
hyp_link: .word 0
hyp_syndrome: .word 0
        .endif
        .globl  start, done, current, first, last, version, control
current: .word  0
first:  .word   0
last:   .word   0
version: .word  0
control: .word  0
