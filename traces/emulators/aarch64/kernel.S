// Test kernel for AArch64 at EL1: takes records, lays each one's state down, executes its instruction at EL1 or EL0, saves the state.
// Assembled by ../build-kernels.mjs.
// A record is 160 doublewords; offsets below in doublewords are those of record.ts.
        .set    CODE, 0x280000
        .set    ALIAS, 0x600000         // from the code and storage to where EL1 sees them: two megabytes at 800000
        .set    L3, 0x13000             // the last level's pages, for tables at 10000 and 18000, by which storage is moved as far
        .set    L3B, 0x1b000
        .set    TABLES, 0x10000
        .text
        .macro  save_system name
        mrs     x2, \name
        str     x2, [x1], #8
        .endm
        .macro  load_system name
        ldr     x2, [x1], #8
        msr     \name, x2
        .endm
        .macro  name_system name
        mrs     x1, \name
        str     x1, [x2], #8
        .endm
        .macro  save_pairs first, second, more:vararg
        stp     x\first, x\second, [x0, #8*\first]
        .ifnb \more
        save_pairs \more
        .endif
        .endm
        .macro  load_pairs first, second, more:vararg
        ldp     x\first, x\second, [x0, #8*\first]
        .ifnb \more
        load_pairs \more
        .endif
        .endm
        .macro  vector number
        .balign 0x80
        msr     dbgbvr1_el1, x0
        mov     x0, #\number
        b       common
        .endm
vectors:
        .irp    n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16
        vector  \n
        .endr
        .balign 0x80

// The instruction has completed at EL1.
        .globl  back
back:   msr     dbgbvr1_el1, x0
        mov     x0, #0
common: msr     dbgbvr2_el1, x1
        ldr     x1, current
        str     x0, [x1, #8*39]
        mov     x0, x1
        save_pairs 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29
        str     x30, [x0, #8*30]
        mrs     x2, dbgbvr1_el1
        mrs     x3, dbgbvr2_el1
        stp     x2, x3, [x0]
        mrs     x2, nzcv
        mrs     x3, daif
        stp     x2, x3, [x0, #8*34]
        mrs     x2, spsel
        msr     spsel, #1
        str     x2, [x0, #8*36]
        mrs     x2, sp_el0
        mov     x3, sp
        stp     x2, x3, [x0, #8*32]
        msr     daifset, #15
        mrs     x2, spsr_el1
        mrs     x3, elr_el1
        stp     x2, x3, [x0, #8*42]
        mrs     x2, vbar_el1
        str     x2, [x0, #8*77]
        msr     vbar_el1, xzr
        add     x1, x0, #8*78
        mrs     x2, cpacr_el1
        str     x2, [x1], #8
        mov     x3, #3 << 20
        msr     cpacr_el1, x3
        isb
        .irp    r, sctlr_el1, ttbr1_el1, tcr_el1, esr_el1, far_el1, par_el1, mair_el1, contextidr_el1, tpidr_el1, tpidr_el0, tpidrro_el0
        save_system \r
        .endr
        .irp    r, cntkctl_el1, cntp_ctl_el0, cntp_cval_el0, cntv_ctl_el0, cntv_cval_el0, cntfrq_el0, pmuserenr_el0, pmselr_el0, pmccfiltr_el0
        save_system \r
        .endr
        .irp    r, pmevtyper0_el0, pmevcntr0_el0, pmccntr_el0, pmcr_el0, mdscr_el1, csselr_el1, fpcr, fpsr, dbgbvr0_el1, dbgbcr0_el1, oslsr_el1
        save_system \r
        .endr
        .irp    r, pmcntenset_el0, pmintenset_el1, pmovsset_el0, ttbr0_el1
        save_system \r
        .endr
        stp     q0, q1, [x0, #8*44]
        stp     q2, q3, [x0, #8*48]
        stp     q4, q5, [x0, #8*52]
        stp     q6, q7, [x0, #8*56]
        ldr     x1, [x0, #8*120]        // doublewords of storage: how many, then address and content of each
        add     x2, x0, #8*121
        mov     x3, #ALIAS
8:      cbz     x1, 7f
        ldr     x4, [x2], #8
        ldr     x4, [x4, x3]
        str     x4, [x2], #8
        sub     x1, x1, #1
        b       8b
7:      add     x0, x0, #8*160
next:   adr     x1, current
        str     x0, [x1]
        ldr     x1, last
        cmp     x0, x1
        b.eq    done
        ldr     x1, [x0, #8*40]         // the instruction
        ldr     x2, =CODE + ALIAS
        str     w1, [x2]
        ldr     x1, =L3 + 0x800         // sixteen descriptors of pages
        ldr     x4, =L3B + 0x800
        add     x5, x0, #8*60
        mov     x6, #16
8:      ldr     x2, [x5], #8
        add     x3, x2, #0x10000
        str     x3, [x1], #8
        add     x3, x2, #0x18000
        str     x3, [x4], #8
        subs    x6, x6, #1
        b.ne    8b
        dsb     sy
        tlbi    vmalle1
        dsb     sy
        isb
        ldr     x1, [x0, #8*120]
        add     x2, x0, #8*121
        mov     x3, #ALIAS
8:      cbz     x1, 7f
        ldp     x4, x5, [x2], #16
        str     x5, [x4, x3]
        sub     x1, x1, #1
        b       8b
7:      ldp     q0, q1, [x0, #8*44]
        ldp     q2, q3, [x0, #8*48]
        ldp     q4, q5, [x0, #8*52]
        ldp     q6, q7, [x0, #8*56]
        mov     x3, #-1
        msr     pmcntenclr_el0, x3
        msr     pmintenclr_el1, x3
        msr     pmovsclr_el0, x3
        add     x1, x0, #8*79
        .irp    r, sctlr_el1, ttbr1_el1, tcr_el1, esr_el1, far_el1, par_el1, mair_el1, contextidr_el1, tpidr_el1, tpidr_el0, tpidrro_el0
        load_system \r
        .endr
        .irp    r, cntkctl_el1, cntp_ctl_el0, cntp_cval_el0, cntv_ctl_el0, cntv_cval_el0, cntfrq_el0, pmuserenr_el0, pmselr_el0, pmccfiltr_el0
        load_system \r
        .endr
        .irp    r, pmevtyper0_el0, pmevcntr0_el0, pmccntr_el0, pmcr_el0, mdscr_el1, csselr_el1, fpcr, fpsr, dbgbvr0_el1, dbgbcr0_el1, oslar_el1
        load_system \r
        .endr
        .irp    r, pmcntenset_el0, pmintenset_el1, pmovsset_el0, ttbr0_el1
        load_system \r
        .endr
        ldr     x2, [x0, #8*77]
        msr     vbar_el1, x2
        ldr     x2, [x0, #8*78]
        msr     cpacr_el1, x2
        ldp     x2, x3, [x0, #8*32]
        msr     sp_el0, x2
        mov     sp, x3
        ldp     x2, x3, [x0, #8*42]
        msr     spsr_el1, x2
        msr     elr_el1, x3
        ldr     x1, [x0, #8*41]         // the exclusive monitor's address, or 0
        clrex
        cbz     x1, 6f
        ldxr    x2, [x1]
6:      isb
        ldr     x1, [x0, #8*37]         // the Exception level
        cbz     x1, user
        ldr     x1, [x0, #8*36]
        msr     spsel, x1
        ldp     x1, x2, [x0, #8*34]
        msr     nzcv, x1
        msr     daif, x2
        load_pairs 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29
        ldr     x30, [x0, #8*30]
        ldp     x0, x1, [x0]
        .word   0x14000000 | ((CODE - (. - vectors)) >> 2)      // b CODE
user:   load_pairs 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29
        ldr     x30, [x0, #8*30]
        ldp     x0, x1, [x0]
        eret

start:  mov     x1, #TABLES
        msr     ttbr0_el1, x1
        ldr     x1, =0x800010           // EPD1, T0SZ = 16
        msr     tcr_el1, x1
        mov     x1, #0xff
        msr     mair_el1, x1
        msr     vbar_el1, xzr
        mov     x1, #3 << 20
        msr     cpacr_el1, x1
        tlbi    vmalle1
        dsb     sy
        isb
        ldr     x1, =0x30d00803         // M, A, and what is reserved as 1
        msr     sctlr_el1, x1
        isb
        msr     csselr_el1, xzr
        adr     x2, identity
        .irp    r, midr_el1, mpidr_el1, revidr_el1, ccsidr_el1, clidr_el1, aidr_el1, ctr_el0, id_pfr0_el1, id_aa64pfr0_el1, id_aa64dfr0_el1
        name_system \r
        .endr
        .irp    r, id_aa64isar0_el1, id_aa64mmfr0_el1, actlr_el1, afsr0_el1, amair_el1, pmceid0_el0, mdccsr_el0, pmcr_el0
        name_system \r
        .endr
        ldr     x0, first
        b       next
done:   b       done

        .ltorg
        .balign 8
        .globl  start, done, current, first, last, identity
current: .quad  0
first:  .quad   0
last:   .quad   0
identity: .fill 18, 8, 0
