| Test kernel for the 68000, 68010 and 68020: takes records, lays each one's state down, executes its instruction, saves the state.
| Assembled by ../build-kernels.mjs.
| A record is 64 long words; offsets below in long words are those of record.ts.
        .set    CODE, 0x00208000
        .set    SENTINELS, 0x00204000   | ILLEGAL from here to where the host says
        .set    LOW_SENTINELS, 0x6000
        .set    LOW_SENTINELS_END, 0x8000
        .set    TABLES, 0x00080000      | copies of the vectors, for VBR
        .set    TABLES_END, 0x00100000
        .set    PIC, 0xff005000         | of level 6, whose interrupt 0 is the clock's
        .set    CLOCK, 0xff006000
        .set    PATIENCE, 500000        | ns until the clock wakes a processor that has stopped
        .text
vectors:
        .long   0, 0
        .set    n, 2
        .rept   46
        .if n == 30
        .long   level6
        .else
        .long   stubs + 14 * (n - 2)
        .endif
        .set    n, n + 1
        .endr
        .rept   208
        .long   stubs + 14 * 46
        .endr
stubs:
        .set    n, 2
        .rept   47
        movem.l %d0-%d7/%a0-%a6, saved.l
        moveq   #n, %d0
        bra.w   common
        .set    n, n + 1
        .endr

| The clock; before the instruction it comes too early, and the record is begun again.
level6: move.l  #0, CLOCK+0x10.l
        move.l  #0, CLOCK+0x1c.l
        cmp.l   #CODE, 2(%a7)
        bhi     stubs + 14 * 28
        move.w  #0x2700, %sr
        move.l  current.l, %a0
        bra     next

common: move.l  current.l, %a0
        move.l  %d0, 4*27(%a0)          | the vector
        move.l  %a7, 4*28(%a0)          | the frame: where, and its first four words
        move.l  (%a7), 4*29(%a0)
        move.l  4(%a7), 4*30(%a0)
        lea     saved.l, %a1
        move.l  %a0, %a2
        moveq   #14, %d0
1:      move.l  (%a1)+, (%a2)+
        dbra    %d0, 1b
        move.l  %usp, %a1
        move.l  %a1, 4*15(%a0)
        move.l  %a7, 4*16(%a0)
        move.w  version.l, %d0
        beq     3f
        .word   0x4e7a, 0x1801          | movec vbr,d1
        move.l  %d1, 4*22(%a0)
        .word   0x4e7a, 0x1000          | movec sfc,d1
        move.l  %d1, 4*23(%a0)
        .word   0x4e7a, 0x1001          | movec dfc,d1
        move.l  %d1, 4*24(%a0)
        cmp.w   #2, %d0
        bne     3f
        .word   0x4e7a, 0x1002          | movec cacr,d1
        move.l  %d1, 4*25(%a0)
        move.w  #0x3700, %sr
        move.l  %a7, 4*17(%a0)
        move.w  #0x2700, %sr
        move.l  %a7, 4*16(%a0)
3:      move.l  4*31(%a0), %d0          | cells of storage: how many, then address and content of each
        lea     4*32(%a0), %a1
4:      subq.l  #1, %d0
        bmi     5f
        move.l  (%a1)+, %a2
        moveq   #0, %d1
        move.w  (%a2), %d1
        move.l  %d1, (%a1)+
        bra     4b
5:      lea     4*64(%a0), %a0

next:   move.l  %a0, current.l
        cmp.l   last.l, %a0
        beq     done
        move.l  4*20(%a0), CODE.l       | the instruction, and ILLEGAL where it is shorter
        move.l  4*21(%a0), CODE+4.l
        move.l  4*31(%a0), %d0
        lea     4*32(%a0), %a1
4:      subq.l  #1, %d0
        bmi     5f
        move.l  (%a1)+, %a2
        move.l  (%a1)+, %d1
        move.w  %d1, (%a2)
        bra     4b
5:      move.l  4*15(%a0), %a1
        move.l  %a1, %usp
        move.w  version.l, %d0
        beq     6f
        move.l  4*22(%a0), %d1
        .word   0x4e7b, 0x1801          | movec d1,vbr
        move.l  4*23(%a0), %d1
        .word   0x4e7b, 0x1000          | movec d1,sfc
        move.l  4*24(%a0), %d1
        .word   0x4e7b, 0x1001          | movec d1,dfc
        cmp.w   #2, %d0
        bne     6f
        move.l  4*25(%a0), %d1
        .word   0x4e7b, 0x1002          | movec d1,cacr
        move.w  #0x3700, %sr
        move.l  4*17(%a0), %a7
        move.w  #0x2700, %sr
6:      move.l  4*16(%a0), %a7
        move.w  4*18+2(%a0), status.l
        tst.l   4*26(%a0)               | whether to be woken
        beq     7f
        move.l  CLOCK.l, %d0
        move.l  CLOCK+4.l, %d1
        moveq   #0, %d2
        add.l   #PATIENCE, %d0
        addx.l  %d2, %d1
        move.l  %d1, CLOCK+0xc.l
        move.l  #1, CLOCK+0x10.l
        move.l  %d0, CLOCK+8.l
7:
        movem.l (%a0), %d0-%d7/%a0-%a6
        jmp     CODE-6.l                | there the status register is loaded, right before the instruction

start:  move.w  #0x2700, %sr
        tst.w   filled.l
        bne     3f
        move.w  #1, filled.l
        lea     SENTINELS.l, %a0
        move.l  #0x4afc4afc, %d0
        move.l  sentinels_end.l, %a1
1:      .rept   16
        move.l  %d0, (%a0)+
        .endr
        cmp.l   %a1, %a0
        bne     1b
        lea     LOW_SENTINELS.l, %a0
1:      move.l  %d0, (%a0)+
        cmp.l   #LOW_SENTINELS_END, %a0
        bne     1b
        move.l  #1, PIC+0x10.l
        move.w  #0x46f9, CODE-6.l       | move status.l,sr
        move.l  #status, CODE-4.l
        lea     TABLES.l, %a0
2:      lea     vectors.l, %a1
        move.w  #255, %d0
4:      move.l  (%a1)+, (%a0)+
        dbra    %d0, 4b
        cmp.l   #TABLES_END, %a0
        bne     2b
3:      move.l  first.l, %a0
        bra     next
done:   bra     done

        .align  4
saved:  .space  60
filled: .word   0
status: .word   0
        .globl  start, done, current, first, last, version, sentinels_end
version: .word  0
        .word   0
current: .long  0
first:  .long   0
last:   .long   0
sentinels_end: .long 0
