# Test kernel for System/370 in EC mode: takes records, lays each one's state down, executes its instruction, saves the state.
# Assembled by ../build-kernels.mjs. It is page 0, and a copy is where the other prefix of the records is.
# A record is 128 words; offsets below in words are those of record.ts.
        .set    GR, 0x200               # where an interruption saves, by the prefix in force
        .set    CR, 0x240
        .set    PX, 0x280
        .set    ENTRY, 0x284
        .set    PSW, 0x288
        .text
o:      .long   0x00080000, start-o     # restart
        .macro  new at, handler
        .org    \at
        .long   0x00080000, \handler-o
        .endm
        new     0x58, external
        new     0x60, supervisor
        new     0x68, program
        new     0x70, machine
        new     0x78, io

        .org    0x400
        .macro  entry number
        stm     0, 15, GR
        mvi     ENTRY, \number
        bc      15, common-o
        .endm
program:    entry 1
supervisor: entry 2
external:   entry 3
io:         entry 4
machine:    entry 5

common: stctl   0, 15, CR
        stpx    PX
        lctl    0, 15, zero-o
        l       2, PX
        spx     zero-o
        l       13, current-o
        stpt    4*108(13)
        stck    4*118(13)
        stckc   4*110(13)
        mvc     0(64, 13), GR(2)
        mvc     4*16(64, 13), CR(2)
        mvc     4*34(4, 13), PX(2)
        mvc     4*42(1, 13), ENTRY(2)
        mvc     4*43(8, 13), 0x28(2)    # the old PSW, the instruction's length and the interruption's code
        mvc     4*45(4, 13), 0x8c(2)
        cli     ENTRY(2), 2
        bc      7, 1f-o
        mvc     4*43(8, 13), 0x20(2)
        mvc     4*45(4, 13), 0x88(2)
1:      sr      7, 7
        l       4, 4*46(13)             # keys: how many, then address and content of each
        la      3, 4*47(13)
2:      ltr     4, 4
        bc      8, 3f-o
        l       5, 0(3)
        sr      6, 6
        .short  0x0965                  # isk 6, 5
        st      6, 4(3)
        .short  0x0875                  # ssk 7, 5
        la      3, 8(3)
        bct     4, 2b-o
3:      l       4, 4*71(13)             # words of storage
        la      3, 4*72(13)
4:      ltr     4, 4
        bc      8, 5f-o
        l       5, 0(3)
        l       6, 0(5)
        st      6, 4(3)
        st      7, 0(5)
        la      3, 8(3)
        bct     4, 4b-o
5:      l       5, 4*35(13)
        xc      0(8, 5), 0(5)
        bal     14, tables-o
        bc      15, 6f-o
        xc      0(256, 5), 0(5)
        xc      256(256, 5), 256(5)
        xc      512(256, 5), 512(5)
        xc      768(256, 5), 768(5)
        bcr     15, 10
6:      la      13, 4*128(13)

next:   st      13, current-o
        c       13, last-o
        bc      8, done-o
        bal     14, tables-o
        bc      15, 7f-o
        l       6, 0(3)                 # entries that are valid
        l       7, 4(3)                 # the first one
        la      8, 256
        sr      8, 6
1:      st      7, 0(5)
        al      7, increment-o
        la      5, 4(5)
        bct     6, 1b-o
        la      7, 1
        ltr     8, 8
        bcr     8, 10
2:      st      7, 0(5)
        la      5, 4(5)
        bct     8, 2b-o
        bcr     15, 10
7:      l       4, 4*71(13)
        la      3, 4*72(13)
8:      ltr     4, 4
        bc      8, 9f-o
        l       5, 0(3)
        l       6, 4(3)
        st      6, 0(5)
        la      3, 8(3)
        bct     4, 8b-o
9:      l       5, 4*35(13)
        mvc     0(8, 5), 4*36(13)
        l       4, 4*46(13)
        la      3, 4*47(13)
2:      ltr     4, 4
        bc      8, 3f-o
        l       5, 0(3)
        l       6, 4(3)
        .short  0x0865                  # ssk 6, 5
        la      3, 8(3)
        bct     4, 2b-o
3:      sck     4*118(13)
        spt     4*108(13)
        sckc    4*110(13)
        ptlb
        l       2, 4*34(13)
        mvc     GR(64, 2), 0(13)
        mvc     PSW(8, 2), 4*32(13)
        spx     4*34(13)
        lctl    0, 15, 4*16(13)
        lm      0, 15, GR
        lpsw    PSW

# Calls what follows the branch after the call for both segment tables of the record: r5 where it is, r3 what is in it.
tables: la      3, 4*112(13)
        la      9, 2
1:      l       5, 0(3)
        la      3, 4(3)
        ltr     5, 5
        bc      8, 2f-o
        bal     10, 4(14)
2:      la      3, 8(3)
        bct     9, 1b-o
        bcr     15, 14

start:  sr      7, 7                    # all keys 0
        sr      5, 5
        la      4, 1
        sll     4, 13
1:      .short  0x0875                  # ssk 7, 5
        la      5, 2048(5)
        bct     4, 1b-o
        stidp   identity-o
        l       13, first-o
        bc      15, next-o

        .balign 8
done:   lpsw    stopped-o
        .balign 8
stopped: .long  0x000a0000, 0x00d0e000
identity: .fill 8, 1, 0
zero:   .fill   16, 4, 0
increment: .long 32
        .globl  start, done, identity, current, first, last
current: .long  0
first:  .long   0
last:   .long   0
