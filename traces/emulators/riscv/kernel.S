# Test kernel for RV64 and RV32 in M-mode: takes records, lays each one's state down, executes its instruction, saves the state.
# Assembled by ../build-kernels.mjs; ../riscv32/kernel.S includes it for RV32.
# A record is slots of 8 bytes, numbered as in record.ts. mhpmcounter29 to 31 serve as the kernel's scratch registers.
        .ifndef XLEN
        .set    XLEN, 64
        .endif
        .set    CODE_PAGE, 0x80200000
        .set    CODE, CODE_PAGE + 0x800
        .set    DIRECT, 0x80000040
        .set    LAND, 0x80100000        # to LAND_END: c.ebreak, where branches land
        .set    LAND_END, 0x80300000
        .set    MTIME, 0x200bff8
        .set    MTIMECMP, 0x2004000
        .set    ALARM, 200000           # of 100 nanoseconds
        .set    L0_CODE, 0x80027000     # the entry of the code's page in the last table
        .if XLEN == 64
        .set    CODE_ENTRY, L0_CODE
        .else
        .set    CODE_ENTRY, L0_CODE + 4 * 0x200
        .endif
        .option norvc
        .option norelax
        .macro  lx register, slot
        .if XLEN == 64
        ld      \register, 8 * (\slot)(x31)
        .else
        lw      \register, 8 * (\slot)(x31)
        .endif
        .endm
        .macro  sx register, slot
        .if XLEN == 64
        sd      \register, 8 * (\slot)(x31)
        .else
        sw      \register, 8 * (\slot)(x31)
        .endif
        .endm
        .macro  put register, address
        .if XLEN == 64
        sd      \register, 0(\address)
        .else
        sw      \register, 0(\address)
        .endif
        .endm
        .macro  fetch register, address
        .if XLEN == 64
        ld      \register, 0(\address)
        .else
        lw      \register, 0(\address)
        .endif
        .endm
        .text
        .globl  trap, start, done, current, first, last, identity
trap:   csrw    0xb1f, x31
        li      x31, 0x20008            # MPRV, MIE
        csrrc   x31, mstatus, x31
        csrw    0xb1e, x31
        li      x31, 1
        j       common
# From an instruction in M-mode, without a trap.
        .org    trap + 0x40
direct: li      x31, 0x20008
        csrrc   x31, mstatus, x31
        csrw    0xb1e, x31
        li      x31, 0
common: csrw    0xb1d, x31
        la      x31, current
        fetch   x31, x31
        .irp    n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
        sx      x\n, \n
        .endr
        .macro  save number, slot
        csrr    x1, \number
        sx      x1, \slot
        .endm
        .macro  restore number, slot
        lx      x1, \slot
        csrw    \number, x1
        .endm
        save    0xb1f, 31
        save    0xb1e, 64
        save    0xb1d, 86
        .macro  registers_of_state do
        \do     medeleg, 66
        \do     mideleg, 67
        \do     mie, 68
        \do     mip, 69
        \do     stvec, 70
        \do     mscratch, 71
        \do     sscratch, 72
        \do     mepc, 73
        \do     sepc, 74
        \do     mcause, 75
        \do     scause, 76
        \do     mtval, 77
        \do     stval, 78
        \do     satp, 79
        \do     mcounteren, 80
        \do     scounteren, 81
        \do     0x320, 82               # mcountinhibit
        \do     0x30a, 83               # menvcfg
        \do     0x10a, 84               # senvcfg
        .endm
        registers_of_state save
        li      x2, 0x6000
        csrs    mstatus, x2
        .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
        fsd     f\n, 8 * (32 + \n)(x31)
        .endr
        save    fcsr, 85
        lx      x6, 113
        andi    x1, x6, 1
        beqz    x1, 1f
        .macro  pmp do
        .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
        \do     0x3b0 + \n, 116 + \n
        .endr
        .endm
        pmp     save
        save    0x3a0, 114
        save    0x3a2, 115
        .if XLEN == 32
        csrr    x1, 0x3a1
        sw      x1, 8 * 114 + 4(x31)
        csrr    x1, 0x3a3
        sw      x1, 8 * 115 + 4(x31)
        .endif
        jal     x5, open_memory
1:      andi    x1, x6, 2
        beqz    x1, 2f
        li      x4, CODE_PAGE + 0x110
        jalr    x5, x4
        sx      x1, 132
        .if XLEN == 32
        sw      x2, 8 * 132 + 4(x31)
        .endif
        sx      x3, 133
2:      andi    x1, x6, 4
        beqz    x1, 3f
        save    0x14d, 139              # stimecmp
        .if XLEN == 64
        save    0x30a, 83
        .endif
3:      andi    x1, x6, 8
        beqz    x1, 4f
        save    0x747, 138              # mseccfg
4:      andi    x1, x6, 16
        beqz    x1, 4f
        li      x2, MTIMECMP
        li      x1, -1
        sw      x1, 4(x2)
        sw      x1, 0(x2)
4:      lx      x2, 91                  # bytes of storage: how many, then address and content of each
        addi    x3, x31, 8 * 92
5:      beqz    x2, 6f
        addi    x2, x2, -1
        fetch   x4, x3
        lbu     x4, 0(x4)
        sb      x4, 8(x3)
        addi    x3, x3, 16
        j       5b
6:      lx      x2, 109
        fetch   x2, x2
        sx      x2, 110
        lx      x2, 111
        fetch   x2, x2
        sx      x2, 112
        li      x1, 8 * 144
        add     x31, x31, x1

next:   la      x1, current
        put     x31, x1
        la      x2, last
        fetch   x2, x2
        bne     x31, x2, 1f
        j       done
1:      li      x1, 0x6000              # FS is Dirty, no interrupts
        csrw    mstatus, x1
        li      x2, CODE
        lw      x1, 8 * 87(x31)
        sw      x1, 0(x2)
        lw      x1, 8 * 87 + 4(x31)
        sw      x1, 4(x2)
        li      x2, CODE_ENTRY
        lx      x1, 108
        put     x1, x2
        lx      x2, 109
        lx      x1, 110
        put     x1, x2
        lx      x2, 111
        lx      x1, 112
        put     x1, x2
        lx      x2, 91
        addi    x3, x31, 8 * 92
5:      beqz    x2, 6f
        addi    x2, x2, -1
        fetch   x4, x3
        lbu     x1, 8(x3)
        sb      x1, 0(x4)
        addi    x3, x3, 16
        j       5b
6:      lx      x6, 113
        andi    x1, x6, 1
        beqz    x1, 1f
        pmp     restore
        restore 0x3a0, 114
        restore 0x3a2, 115
        .if XLEN == 32
        lw      x1, 8 * 114 + 4(x31)
        csrw    0x3a1, x1
        lw      x1, 8 * 115 + 4(x31)
        csrw    0x3a3, x1
        .endif
1:      andi    x1, x6, 2
        beqz    x1, 2f
        li      x4, CODE_PAGE + 0x100   # two pieces of the host's that access the counter and event in question
        .irp    n, 0,4,8,12,16,20,24,28
        lw      x1, 8 * 134 + \n(x31)
        sw      x1, \n(x4)
        .endr
        fence.i
        lx      x1, 132
        .if XLEN == 32
        lw      x2, 8 * 132 + 4(x31)
        .endif
        lx      x3, 133
        jalr    x5, x4
2:      registers_of_state restore
        .if XLEN == 32
        csrw    0x31a, x0               # menvcfgh and mstatush, of which the model has no bit
        csrw    0x310, x0
        .endif
        andi    x1, x6, 4
        beqz    x1, 3f
        restore 0x14d, 139
        restore mip, 69
3:      andi    x1, x6, 8
        beqz    x1, 4f
        restore 0x747, 138
4:      restore fcsr, 85
        .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
        fld     f\n, 8 * (32 + \n)(x31)
        .endr
        sfence.vma
        fence.i
        lx      x1, 89                  # 0, or the bytes that LR reserves
        beqz    x1, 2f
        lx      x2, 90
        .if XLEN == 64
        addi    x1, x1, -4
        beqz    x1, 1f
        lr.d    x3, (x2)
        j       2f
        .endif
1:      lr.w    x3, (x2)
2:      lx      x6, 113
        andi    x1, x6, 16
        beqz    x1, 2f
        li      x2, MTIME               # an alarm, by which a hart that waits comes back
        lw      x3, 0(x2)
        lw      x4, 4(x2)
        li      x5, ALARM
        add     x5, x3, x5
        .if XLEN == 64
        slli    x5, x5, 32
        srli    x5, x5, 32
        slli    x3, x3, 32
        srli    x3, x3, 32
        .endif
        sltu    x3, x5, x3
        add     x4, x4, x3
        li      x2, MTIMECMP
        sw      x4, 4(x2)
        sw      x5, 0(x2)
2:      lx      x1, 0                   # 0, 1, 2: in M-mode, by MRET, by SRET
        addi    x2, x1, -1
        lx      x3, 31
        csrw    0xb1f, x3
        beqz    x2, by_mret
        bgtz    x2, by_sret
        .macro  registers
        .irp    n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29
        lx      x\n, \n
        .endr
        .endm
        registers
        li      x30, CODE_PAGE
        jr      x30
by_mret: registers
        lx      x30, 64
        csrw    mstatus, x30
        lx      x30, 30
        lx      x31, 31
        mret
by_sret: registers
        lx      x30, 64
        csrw    mstatus, x30
        lx      x30, 30
        lx      x31, 31
        sret

# Copied to CODE_PAGE: the way in to M-mode, and the way out 32 bytes on.
pad:    lx      x30, 30
        lx      x31, 64
        csrw    mstatus, x31
        csrr    x31, 0xb1f
        .word   0x7f00006f              # j CODE, from CODE_PAGE + 16
        .org    pad + 32
        csrw    0xb1f, x31
        li      x31, DIRECT
        jr      x31
pad_end:

# All of memory for every mode, by the last entry of PMP; the others are off.
open_memory:
        li      x1, -1
        csrw    0x3bf, x1
        csrw    0x3a0, x0
        .if XLEN == 64
        li      x1, 0x1f << 56
        csrw    0x3a2, x1
        .else
        csrw    0x3a1, x0
        csrw    0x3a2, x0
        li      x1, 0x1f << 24
        csrw    0x3a3, x1
        .endif
        jr      x5

start:  la      x1, trap
        csrw    mtvec, x1
        la      x2, filled
        lw      x1, 0(x2)
        bnez    x1, 2f
        li      x1, 1
        sw      x1, 0(x2)
        jal     x5, open_memory
        li      x1, -1
        li      x2, MTIMECMP            # never
        sw      x1, 4(x2)
        sw      x1, 0(x2)
        .if XLEN == 64
        li      x1, 0x1f << 56
        csrw    0x3a2, x1
        .else
        li      x1, 0x1f << 24
        csrw    0x3a3, x1
        .endif
        li      x1, LAND
        li      x2, LAND_END
        li      x3, 0x90029002
1:      sw      x3, 0(x1)
        addi    x1, x1, 4
        bltu    x1, x2, 1b
        la      x1, pad
        la      x2, pad_end
        li      x3, CODE_PAGE
1:      lw      x4, 0(x1)
        sw      x4, 0(x3)
        addi    x1, x1, 4
        addi    x3, x3, 4
        bltu    x1, x2, 1b
        la      x31, identity
        save    mvendorid, 0
        save    marchid, 1
        save    mimpid, 2
        save    mhartid, 3
        save    0xf15, 4
2:      la      x31, first
        fetch   x31, x31
        j       next

done:   j       done

        .align  3
current: .dword 0
first:  .dword  0
last:   .dword  0
filled: .dword  0
identity: .fill 5, 8, 0
