# Test kernel for the 603e and the 750: takes records, lays each one's state down, executes its instruction, saves the state.
# Assembled by ../build-kernels.mjs.
# A record is 224 words; offsets below in words are those of record.ts.
        .set    CODE, 0x80000           # the instruction; the six words before it are the way in
        .set    SAVED0, 0x7fe0
        .set    SAVED1, 0x7fe4
        .set    SWAPPED, 0x7ff0          # r0, SRR0, SRR1
        .set    WAY_IN, 0x7fd0           # r1, r2

# One word as a little-endian processor reads it.
        .macro  little word
        .long   (((\word) & 0xff) << 24) | (((\word) & 0xff00) << 8) | (((\word) >> 8) & 0xff00) | (((\word) >> 24) & 0xff)
        .endm

# Entered in either byte order: what branches for a big-endian processor is TWI with no condition for a little-endian one.
# The emulator's MTMSR does not change LE: RFI does.
        .macro  entries at
        .org    \at
        .long   0x4800000c              # b . + 12; twi 0, r0, 72
        little  (0x4800003c)            # b . + 60
        .long   0
        b       . + 0xb4
        .org    \at + 0x40
        little  (0x90000000 + SWAPPED)  # stw r0, SWAPPED(0)
        little  0x7c1a02a6              # mfspr r0, SRR0
        little  (0x90000004 + SWAPPED)
        little  0x7c1b02a6              # mfspr r0, SRR1
        little  (0x90000008 + SWAPPED)
        little  0x7c0000a6              # mfmsr r0
        little  0x5400003c              # rlwinm r0, r0, 0, 0, 30: LE is 0
        little  0x7c1b03a6              # mtspr SRR1, r0
        little  (0x38000080 + \at)      # li r0, at + 0x80
        little  0x7c1a03a6              # mtspr SRR0, r0
        little  0x4c000064              # rfi
        .org    \at + 0x80
        stw     1, SAVED1(0)
        li      1, SWAPPED + 4
        lwbrx   0, 0, 1
        mtspr   26, 0
        li      1, SWAPPED + 8
        lwbrx   0, 0, 1
        mtspr   27, 0
        li      1, SWAPPED
        lwbrx   0, 0, 1
        lwz     1, SAVED1(0)
        b       . + 24
        .org    \at + 0xc0
        .endm
        .macro  vector at, miss=0
        entries \at
        .if \miss
        mfmsr   0                       # TGPR is on: this is not the program's r0
        rlwinm  0, 0, 0, 15, 13
        mtmsr   0
        .endif
        stw     0, SAVED0(0)
        li      0, \at
        b       common
        .endm

        .text
        vector  0x100
        vector  0x200
        vector  0x300
        vector  0x400
        vector  0x500
        vector  0x600
        vector  0x700
        vector  0x800
        entries 0x900
        b       decrementer
        vector  0xa00
        vector  0xb00
        vector  0xc00
        vector  0xd00
        vector  0xe00
        vector  0xf00
        vector  0x1000, 1
        vector  0x1100, 1
        vector  0x1200, 1
        vector  0x1300
        vector  0x1400
        vector  0x1500
        vector  0x1600
        vector  0x1700
        .org    0x1800

# The kernel's own is over at once.
decrementer:
        stw     0, SAVED0(0)
        stw     1, SAVED1(0)
        mfcr    1
        lwz     0, draining(0)
        cmpwi   0, 0
        bne     1f
        mtcr    1
        li      0, 0x900
        lwz     1, SAVED1(0)
        b       common
1:      mtcr    1
        lwz     0, SAVED0(0)
        lwz     1, SAVED1(0)
        rfi

        .macro  save spr, at
        mfspr   3, \spr
        stw     3, 4*\at(1)
        .endm
        .macro  lay spr, at
        lwz     3, 4*\at(1)
        mtspr   \spr, 3
        .endm
        .macro  rows name, first, at, count
        .set    row, 0
        .rept   \count
        \name   (\first + row), (\at + row)
        .set    row, row + 1
        .endr
        .endm

common: stw     1, SAVED1(0)
        lwz     1, current(0)
        stw     0, 4*100(1)             # the vector
        mfspr   0, 268                  # the clocks before their next tick
        stw     0, 4*45(1)
        mfspr   0, 269
        stw     0, 4*46(1)
        mfspr   0, 22
        stw     0, 4*40(1)
        lwz     0, SAVED0(0)
        stw     0, 0(1)
        lwz     0, SAVED1(0)
        stw     0, 4(1)
        stmw    2, 8(1)
        mfcr    3
        stw     3, 4*32(1)
        save    1, 33
        save    8, 34
        save    9, 35
        mfmsr   3
        stw     3, 4*37(1)
        save    18, 38
        save    19, 39
        save    26, 101
        save    27, 102
        lis     4, 0
        ori     4, 4, 0x2000            # FP; all else off
        mtmsr   4
        isync
        save    25, 43
        save    282, 44
        save    1008, 47
        save    1009, 48
        save    1010, 49
        rows    save, 272, 50, 4
        rows    save, 528, 54, 8
        rows    save, 536, 62, 8
        .set    row, 0
        .rept   16
        mfsr    3, row
        stw     3, 4*(70 + row)(1)
        .set    row, row + 1
        .endr
        lwz     4, version(0)
        cmpwi   4, 750
        beq     1f
        rows    save, 976, 86, 7
        b       2f
1:      rows    save, 952, 86, 7
        save    1013, 93
        save    1017, 94
        save    1019, 95
        rows    save, 1020, 96, 3
2:      .set    row, 0
        .rept   32
        stfd    row, 4*(112 + 2*row)(1)
        .set    row, row + 1
        .endr
        mffs    0
        stfd    0, 4*176(1)
        lwz     3, 4*192(1)             # words of storage: how many, then address and content of each
        addi    4, 1, 4*193
8:      subic.  3, 3, 1
        blt     7f
        lwz     5, 0(4)
        lwz     5, 0(5)
        stw     5, 4(4)
        addi    4, 4, 8
        b       8b
7:      lwz     3, 4*103(1)             # whether TLB entries were written
        andi.   3, 3, 1
        beq     7f
        li      3, 32
        mtctr   3
        li      3, 0
8:      tlbie   3
        addi    3, 3, 0x1000
        bdnz    8b
7:      addi    1, 1, 4*224

# Sets the clocks just after a tick; the program and the way back are over before the next one.
        .macro  tick
        lwz     9, 4*46(1)
        lwz     11, 4*45(1)
        lwz     12, 4*40(1)
        mfspr   4, 268
8:      mfspr   8, 268
        cmpw    cr1, 4, 8
        beq     cr1, 8b
        mtspr   285, 9
        mtspr   284, 11
        mtspr   22, 12
        .endm

next:   stw     1, current(0)
        lwz     3, last(0)
        cmpw    1, 3
        beq     done
        # A decrementer's interrupt that is still pending is taken here.
        li      3, 1
        stw     3, draining(0)
        lis     3, 0x7fff
        mtdec   3
        li      3, 0
        ori     3, 3, 0xa000            # EE, FP
        mtmsr   3
        isync
        b       drain
        .globl  drain
drain:  li      3, 0x2000
        mtmsr   3
        isync
        li      3, 0
        stw     3, draining(0)
        lis     4, CODE@h
        .set    row, 0
        .rept   9
        lwz     3, 4*(180 + row)(1)
        stw     3, 4*(row - 6)(4)
        .set    row, row + 1
        .endr
        lwz     3, 4*192(1)
        addi    4, 1, 4*193
8:      subic.  3, 3, 1
        blt     7f
        lwz     5, 0(4)
        lwz     6, 4(4)
        stw     6, 0(5)
        addi    4, 4, 8
        b       8b
7:      lfd     0, 4*176(1)
        mtfsf   0xff, 0
        .set    row, 0
        .rept   32
        lfd     row, 4*(112 + 2*row)(1)
        .set    row, row + 1
        .endr
        lay     18, 38
        lay     19, 39
        lay     25, 43
        lay     282, 44
        lay     1008, 47
        lay     1010, 49
        rows    lay, 272, 50, 4
        rows    lay, 528, 54, 8
        rows    lay, 536, 62, 8
        .set    row, 0
        .rept   16
        lwz     3, 4*(70 + row)(1)
        mtsr    row, 3
        .set    row, row + 1
        .endr
        lwz     4, version(0)
        cmpwi   4, 750
        beq     1f
        lay     982, 92
        b       2f
1:      rows    lay, 952, 86, 3
        rows    lay, 956, 90, 3
        lay     1013, 93
        lay     1017, 94
        lay     1019, 95
        rows    lay, 1020, 96, 3
2:      lay     1, 33
        lay     8, 34
        lay     9, 35
        lis     3, scratch@h
        ori     3, 3, scratch@l
        lwarx   4, 0, 3
        stwcx.  4, 0, 3                 # no reservation
        lwz     5, 4*108(1)
        lwz     6, 4*109(1)
        lwz     7, 4*37(1)              # MSR
        andi.   8, 7, 0x4000            # PR
        bne     user
        lwz     3, 4(1)
        lwz     4, 8(1)
        andi.   8, 7, 1                 # LE
        li      9, WAY_IN
        beq     1f
        stwbrx  3, 0, 9
        addi    9, 9, 4
        stwbrx  4, 0, 9
        b       2f
1:      stw     3, 0(9)
        stw     4, 4(9)
2:      li      9, 0x1001               # ME and LE
        and     9, 9, 7
        mtspr   27, 9
        lis     4, CODE@h
        addi    4, 4, -24
        mtspr   26, 4
        lwz     3, 4*32(1)
        cmpwi   cr1, 5, 0
        beq     cr1, 1f
        lwarx   4, 0, 6
1:      tick
        mtcr    3
        lmw     3, 12(1)
        lwz     0, 4*37(1)
        lwz     2, 4*41(1)
        lwz     1, 4*42(1)
        rfi                             # to: mtspr SRR0, r2; mtspr SRR1, r1; lwz r1; lwz r2; mtmsr r0; mfspr r0, SPRG3
user:   andis.  8, 7, 5                 # POW and ILE, which RFI does not load
        mtmsr   8
        isync
        lis     4, CODE@h
        mtspr   26, 4
        mtspr   27, 7
        lwz     3, 4*32(1)
        cmpwi   cr1, 5, 0
        beq     cr1, 1f
        lwarx   4, 0, 6
1:      tick
        mtcr    3
        lmw     2, 8(1)
        lwz     0, 0(1)
        lwz     1, 4(1)
        rfi

start:  lwz     1, first(0)
        b       next
done:   b       done

        .org    0x3000
        .globl  start, done, current, first, last, version
current: .long  0
first:  .long   0
last:   .long   0
version: .long  0
draining: .long 0
        .balign 32
scratch: .long  0
        .org    0x3040
