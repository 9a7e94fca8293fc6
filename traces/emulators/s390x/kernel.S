# Test kernel for z/Architecture: takes records, lays each one's state down, executes its instruction, saves the state.
# Assembled by ../build-kernels.mjs. It is in the prefix area, and a copy is where the other prefix of the records is.
# A record is 1024 bytes; offsets below are those of record.ts.
        .set    GR, 0x200               # where an interruption saves, by the prefix in force
        .set    CR, 0x280
        .set    PX, 0x300
        .set    ENTRY, 0x304
        .set    PSW, 0x308
        .set    CLOCK, 0x320
        .text
o:
        .macro  new at, handler
        .org    \at
        .quad   0x0000000180000000, \handler-o
        .endm
        new     0x1a0, start
        new     0x1b0, external
        new     0x1c0, supervisor
        new     0x1d0, program
        new     0x1e0, machine
        new     0x1f0, io

        .org    0x400
        .macro  entry number
        stmg    0, 15, GR
        mvi     ENTRY, \number
        j       common
        .endm
program:    entry 1
supervisor: entry 2
external:   entry 3
io:         entry 4
machine:    entry 5

common: stctg   0, 15, CR
        stpx    PX
        lctlg   0, 15, zero-o
        llgf    2, PX
        spx     zero-o
        lg      13, current-o
        stpt    328(13)
        stckc   336(13)
        mvc     0(128, 13), GR(2)
        mvc     128(128, 13), CR(2)
        mvc     272(4, 13), PX(2)
        mvc     296(1, 13), ENTRY(2)
        mvc     304(16, 13), 0x150(2)   # the old PSW, the instruction's length and the interruption's code
        mvc     320(4, 13), 0x8c(2)
        cli     ENTRY(2), 2
        jne     1f
        mvc     304(16, 13), 0x140(2)
        mvc     320(4, 13), 0x88(2)
1:      stcke   CLOCK
        mvc     344(2, 13), CLOCK+14
        mvc     896(8, 13), CLOCK+1
        cli     904(13), 0              # whether the offset of the clock counts
        je      0f
        lghi    0, 1                    # query it
        la      1, 920(13)
        ptff
        mvc     912(8, 13), 936(13)
0:
        lghi    7, 0
        lg      4, 352(13)              # keys: how many, then address and content of each
        la      3, 360(13)
2:      ltgr    4, 4
        je      3f
        lg      5, 0(3)
        lghi    6, 0
        iske    6, 5
        stg     6, 8(3)
        sske    7, 5
        la      3, 16(3)
        aghi    4, -1
        j       2b
3:      lg      4, 552(13)              # doublewords of storage
        la      3, 560(13)
4:      ltgr    4, 4
        je      5f
        lg      5, 0(3)
        lg      6, 0(5)
        stg     6, 8(3)
        stg     7, 0(5)
        la      3, 16(3)
        aghi    4, -1
        j       4b
5:      lg      5, 280(13)
        xc      0(8, 5), 0(5)
        aghi    13, 1024

next:   stg     13, current-o
        cg      13, last-o
        je      done
        lg      4, 552(13)
        la      3, 560(13)
6:      ltgr    4, 4
        je      7f
        lg      5, 0(3)
        lg      6, 8(3)
        stg     6, 0(5)
        la      3, 16(3)
        aghi    4, -1
        j       6b
7:      lg      5, 280(13)
        mvc     0(8, 5), 288(13)
        lg      4, 352(13)
        la      3, 360(13)
8:      ltgr    4, 4
        je      9f
        lg      5, 0(3)
        lg      6, 8(3)
        sske    6, 5
        la      3, 16(3)
        aghi    4, -1
        j       8b
9:      sck     896(13)
        cli     904(13), 0
        je      0f
        lghi    0, 0x41                 # set it
        la      1, 912(13)
        ptff
        stck    CLOCK
0:
        spt     328(13)
        sckc    336(13)
        llgh    0, 344(13)
        sckpf
        ptlb
        llgf    2, 272(13)
        mvc     GR(128, 2), 0(13)
        mvc     PSW(16, 2), 256(13)
        spx     272(13)
        lctlg   0, 15, 128(13)
        lmg     0, 15, GR
        lpswe   PSW

start:  stidp   identity-o
        lg      13, first-o
        j       next

        .balign 8
done:   lpswe   stopped-o
        .balign 8
stopped: .quad  0x0002000180000000, 0xd0e000
zero:   .fill   16, 8, 0
identity: .quad 0
        .globl  start, done, identity, current, first, last
current: .quad  0
first:  .quad   0
last:   .quad   0
