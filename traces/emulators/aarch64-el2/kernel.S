// Test kernel for AArch64 with EL2: takes records, lays each one's state down, executes its instruction at EL2 or EL1, saves the state.
// Assembled by ../build-kernels.mjs. It runs at EL2 without translation, little-endian.
// A record is 128 doublewords; offsets below in doublewords are those of record.ts.
        .set    CODE, 0x280000
        .set    TABLES, 0x60000         // the last level's pages: four of EL1, six of EL2, as storage is mapped by them
        .text
        .macro  save_system name
        mrs     x2, \name
        str     x2, [x1], #8
        .endm
        .macro  load_system name
        ldr     x2, [x1], #8
        msr     \name, x2
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

// The instruction has completed at EL2.
        .globl  back
back:   msr     dbgbvr1_el1, x0
        mov     x0, #0
common: msr     dbgbvr2_el1, x1
        mrs     x1, sctlr_el2
        msr     dbgbvr3_el1, x1
        mov     x1, #0x0830             // no translation, little-endian
        movk    x1, #0x30c5, lsl #16
        msr     sctlr_el2, x1
        isb
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
        mrs     x2, dbgbvr3_el1
        str     x2, [x0, #8*31]
        add     x1, x0, #8*42
        .irp    r, spsr_el2, elr_el2, esr_el2, vbar_el2, sp_el1, tpidr_el2, ttbr0_el2, vttbr_el2, hcr_el2, cptr_el2
        save_system \r
        .endr
        mov     x3, #0x33ff
        msr     cptr_el2, x3
        isb
        .irp    r, cpacr_el1, sctlr_el1, ttbr0_el1, ttbr1_el1, tcr_el1, vbar_el1, spsr_el1, elr_el1, esr_el1, far_el1, par_el1, mair_el1
        save_system \r
        .endr
        .irp    r, contextidr_el1, tpidr_el1, tpidr_el0, tpidrro_el0, cntkctl_el1, fpcr, fpsr
        save_system \r
        .endr
        ldr     x1, [x0, #8*90]         // doublewords of storage: how many, then address and content of each
        add     x2, x0, #8*91
8:      cbz     x1, 7f
        ldr     x4, [x2], #8
        ldr     x4, [x4]
        str     x4, [x2], #8
        sub     x1, x1, #1
        b       8b
7:      add     x0, x0, #8*128
next:   adr     x1, current
        str     x0, [x1]
        ldr     x1, last
        cmp     x0, x1
        b.eq    done
        ldr     x1, [x0, #8*40]         // the instruction, and what gives control back
        ldr     x2, =CODE
        str     x1, [x2]
        .macro  descriptor at, pages, order
        add     x4, x3, #\pages << 12
        .ifc    \order, big
        rev     x4, x4
        .endif
        str     x4, [x2, #\at * 0x1000]
        .endm
        mov     x1, #16
        add     x5, x0, #8*72           // descriptors of sixteen pages
        ldr     x2, =TABLES + 0x800
8:      ldr     x3, [x5], #8
        descriptor 0, 16, little
        descriptor 1, 24, little
        descriptor 2, 18, big
        descriptor 3, 26, big
        add     x2, x2, #0x4000
        descriptor 0, 48, little
        descriptor 1, 56, little
        descriptor 2, 64, little
        descriptor 3, 54, big
        add     x2, x2, #0x4000
        descriptor 0, 62, big
        descriptor 1, 70, big
        sub     x2, x2, #0x8000
        add     x2, x2, #8
        subs    x1, x1, #1
        b.ne    8b
        dsb     sy
        tlbi    alle1
        tlbi    alle2
        dsb     sy
        isb
        ldr     x1, [x0, #8*90]
        add     x2, x0, #8*91
8:      cbz     x1, 7f
        ldp     x4, x5, [x2], #16
        str     x5, [x4]
        sub     x1, x1, #1
        b       8b
7:      add     x1, x0, #8*52
        .irp    r, cpacr_el1, sctlr_el1, ttbr0_el1, ttbr1_el1, tcr_el1, vbar_el1, spsr_el1, elr_el1, esr_el1, far_el1, par_el1, mair_el1
        load_system \r
        .endr
        .irp    r, contextidr_el1, tpidr_el1, tpidr_el0, tpidrro_el0, cntkctl_el1, fpcr, fpsr
        load_system \r
        .endr
        add     x1, x0, #8*42
        .irp    r, spsr_el2, elr_el2, esr_el2, vbar_el2, sp_el1, tpidr_el2, ttbr0_el2, vttbr_el2, hcr_el2, cptr_el2
        load_system \r
        .endr
        ldp     x2, x3, [x0, #8*32]
        msr     sp_el0, x2
        mov     sp, x3
        ldp     x1, x2, [x0, #8*34]
        msr     nzcv, x1
        msr     daif, x2
        ldr     x2, [x0, #8*41]         // the exclusive monitor's address, or 0
        ldr     x3, [x0, #8*36]
        ldr     x4, [x0, #8*37]         // the Exception level
        ldr     x1, [x0, #8*31]
        msr     sctlr_el2, x1
        isb
        clrex
        cbz     x2, 6f
        ldxr    x5, [x2]
6:      msr     spsel, x3
        cbz     x4, lower
        // Where data are big-endian now, so are the registers in the record.
        load_pairs 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29
        ldr     x30, [x0, #8*30]
        ldp     x0, x1, [x0]
        .word   0x14000000 | ((CODE - (. - vectors)) >> 2)      // b CODE
lower:  load_pairs 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29
        ldr     x30, [x0, #8*30]
        ldp     x0, x1, [x0]
        eret

start:  msr     spsel, #1
        mov     x1, #0x0830
        movk    x1, #0x30c5, lsl #16
        msr     sctlr_el2, x1
        isb
        ldr     x1, =0x80800010         // T0SZ = 16
        msr     tcr_el2, x1
        ldr     x1, =0x80020059         // PS = 40 bits, T0SZ = 25, from level 1
        msr     vtcr_el2, x1
        mov     x1, #0xff
        msr     mair_el2, x1
        msr     vbar_el2, xzr
        mov     x1, #0x100              // TDE: breakpoints at EL1 come to EL2
        msr     mdcr_el2, x1
        mov     x1, #3
        msr     cnthctl_el2, x1
        msr     hstr_el2, xzr
        isb
        ldr     x0, first
        b       next
done:   b       done

        .ltorg
        .balign 8
        .globl  start, done, current, first, last
current: .quad  0
first:  .quad   0
last:   .quad   0
