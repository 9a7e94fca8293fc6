! Test kernel for SPARC V8: takes records, lays each one's state down, executes its instruction, saves the state.
! Assembled by ../build-kernels.mjs.
! A record is 256 words; offsets below in words are those of record.ts.
        .set    CODE, 0x41000000
        .set    ENABLED, 0x10c0                 ! EF, S, PS; no traps
        .text
        .globl  start, done, current, first, last
start:  wr      %g0, ENABLED, %psr
        nop
        nop
        nop
        sethi   %hi(first), %g1
        ld      [%g1 + %lo(first)], %g1
        ba      next
        nop

! In the window that the trap takes: its locals are lost, nothing else is.
common: lda     [%g0] 0x19, %l5                 ! whether the MMU was on; it is off from here
        sta     %g0, [%g0] 0x19
        sethi   %hi(current), %l4
        ld      [%l4 + %lo(current)], %l4
        st      %l5, [%l4 + 4*183]
        mov     0x100, %l5
        lda     [%l5] 0x19, %l3
        st      %l3, [%l4 + 4*184]
        st      %g1, [%l4 + 4*1]
        st      %g2, [%l4 + 4*2]
        st      %g3, [%l4 + 4*3]
        st      %g4, [%l4 + 4*4]
        st      %g5, [%l4 + 4*5]
        st      %g6, [%l4 + 4*6]
        st      %g7, [%l4 + 4*7]
        st      %l0, [%l4 + 4*177]              ! PSR
        rd      %tbr, %l3
        st      %l3, [%l4 + 4*178]
        st      %l1, [%l4 + 4*179]              ! PC
        st      %l2, [%l4 + 4*180]              ! nPC
        rd      %wim, %l3
        st      %l3, [%l4 + 4*181]
        rd      %y, %l3
        st      %l3, [%l4 + 4*182]
        rd      %asr17, %l3
        st      %l3, [%l4 + 4*170]
        wr      %g0, 0, %wim
        nop
        nop
        nop
        mov     %l4, %g1
        mov     0, %g2
        mov     %g1, %g4
1:      or      %g2, ENABLED, %g3
        wr      %g3, 0, %psr
        nop
        nop
        nop
        st      %o0, [%g4 + 4*8]
        st      %o1, [%g4 + 4*9]
        st      %o2, [%g4 + 4*10]
        st      %o3, [%g4 + 4*11]
        st      %o4, [%g4 + 4*12]
        st      %o5, [%g4 + 4*13]
        st      %o6, [%g4 + 4*14]
        st      %o7, [%g4 + 4*15]
        st      %l0, [%g4 + 4*16]
        st      %l1, [%g4 + 4*17]
        st      %l2, [%g4 + 4*18]
        st      %l3, [%g4 + 4*19]
        st      %l4, [%g4 + 4*20]
        st      %l5, [%g4 + 4*21]
        st      %l6, [%g4 + 4*22]
        st      %l7, [%g4 + 4*23]
        add     %g4, 4*16, %g4
        add     %g2, 1, %g2
        cmp     %g2, 8
        bne     1b
        nop
        st      %fsr, [%g1 + 4*168]
        std     %f0, [%g1 + 4*136]
        std     %f2, [%g1 + 4*138]
        std     %f4, [%g1 + 4*140]
        std     %f6, [%g1 + 4*142]
        std     %f8, [%g1 + 4*144]
        std     %f10, [%g1 + 4*146]
        std     %f12, [%g1 + 4*148]
        std     %f14, [%g1 + 4*150]
        std     %f16, [%g1 + 4*152]
        std     %f18, [%g1 + 4*154]
        std     %f20, [%g1 + 4*156]
        std     %f22, [%g1 + 4*158]
        std     %f24, [%g1 + 4*160]
        std     %f26, [%g1 + 4*162]
        std     %f28, [%g1 + 4*164]
        std     %f30, [%g1 + 4*166]
        ld      [%g1 + 4*185], %g2              ! words of storage: how many, then address and content of each
        add     %g1, 4*186, %g3
        cmp     %g2, 0
2:      be      3f
        nop
        ld      [%g3], %g4
        andcc   %g4, 1, %g5
        bne,a   4f
        st      %g0, [%g4 - 1]                  ! a word of the page tables
        ld      [%g4], %g4
        st      %g4, [%g3 + 4]
4:      add     %g3, 8, %g3
        ba      2b
        subcc   %g2, 1, %g2
3:      add     %g1, 4*256, %g1

next:   sethi   %hi(current), %g2
        st      %g1, [%g2 + %lo(current)]
        ld      [%g2 + %lo(last)], %g3
        cmp     %g1, %g3
        be      done
        nop
        sethi   %hi(CODE), %g2
        ld      [%g1 + 4*175], %g3
        st      %g3, [%g2]
        ld      [%g1 + 4*185], %g2
        add     %g1, 4*186, %g3
        cmp     %g2, 0
2:      be      3f
        nop
        ld      [%g3], %g4
        ld      [%g3 + 4], %g5
        andn    %g4, 1, %g4
        st      %g5, [%g4]
        add     %g3, 8, %g3
        ba      2b
        subcc   %g2, 1, %g2
3:      ld      [%g1 + 4*168], %fsr
        ldd     [%g1 + 4*136], %f0
        ldd     [%g1 + 4*138], %f2
        ldd     [%g1 + 4*140], %f4
        ldd     [%g1 + 4*142], %f6
        ldd     [%g1 + 4*144], %f8
        ldd     [%g1 + 4*146], %f10
        ldd     [%g1 + 4*148], %f12
        ldd     [%g1 + 4*150], %f14
        ldd     [%g1 + 4*152], %f16
        ldd     [%g1 + 4*154], %f18
        ldd     [%g1 + 4*156], %f20
        ldd     [%g1 + 4*158], %f22
        ldd     [%g1 + 4*160], %f24
        ldd     [%g1 + 4*162], %f26
        ldd     [%g1 + 4*164], %f28
        ldd     [%g1 + 4*166], %f30
        mov     0, %g2
        mov     %g1, %g4
1:      or      %g2, ENABLED, %g3
        wr      %g3, 0, %psr
        nop
        nop
        nop
        ld      [%g4 + 4*8], %o0
        ld      [%g4 + 4*9], %o1
        ld      [%g4 + 4*10], %o2
        ld      [%g4 + 4*11], %o3
        ld      [%g4 + 4*12], %o4
        ld      [%g4 + 4*13], %o5
        ld      [%g4 + 4*14], %o6
        ld      [%g4 + 4*15], %o7
        ld      [%g4 + 4*16], %l0
        ld      [%g4 + 4*17], %l1
        ld      [%g4 + 4*18], %l2
        ld      [%g4 + 4*19], %l3
        ld      [%g4 + 4*20], %l4
        ld      [%g4 + 4*21], %l5
        ld      [%g4 + 4*22], %l6
        ld      [%g4 + 4*23], %l7
        add     %g4, 4*16, %g4
        add     %g2, 1, %g2
        cmp     %g2, 8
        bne     1b
        nop
        ld      [%g1], %g3                      ! the window below the program's
        or      %g3, ENABLED, %g3
        wr      %g3, 0, %psr
        nop
        nop
        nop
        ld      [%g1 + 4*169], %g3
        wr      %g3, 0, %y
        ld      [%g1 + 4*171], %g3
        wr      %g3, 0, %wim
        ld      [%g1 + 4*172], %g3
        wr      %g3, 0, %tbr
        nop
        nop
        nop
        ld      [%g1 + 4*173], %l1              ! PC
        ld      [%g1 + 4*174], %l2              ! nPC
        mov     %g1, %l3
        ld      [%g1 + 4*184], %l4              ! the context table
        mov     0x100, %l5
        sta     %l4, [%l5] 0x19
        mov     0x400, %l5
        sta     %g0, [%l5] 0x18                 ! nothing of the tables before is known any more
        ld      [%l3 + 4*183], %l5              ! whether the MMU is on
        ld      [%l3 + 4*170], %l0              ! PSR
        ld      [%l3 + 4*176], %l4              ! how to enter
        cmp     %l4, 0
        bne     4f
        sta     %l5, [%g0] 0x19
        wr      %l0, 0, %psr
        nop
        nop
        nop
        ld      [%l3 + 4*1], %g1
        ld      [%l3 + 4*2], %g2
        ld      [%l3 + 4*3], %g3
        ld      [%l3 + 4*4], %g4
        ld      [%l3 + 4*5], %g5
        ld      [%l3 + 4*6], %g6
        ld      [%l3 + 4*7], %g7
        jmp     %l1
        rett    %l2
4:      ld      [%l3 + 4*1], %g1
        ld      [%l3 + 4*2], %g2
        ld      [%l3 + 4*3], %g3
        ld      [%l3 + 4*4], %g4
        ld      [%l3 + 4*5], %g5
        ld      [%l3 + 4*6], %g6
        ld      [%l3 + 4*7], %g7
        jmp     %l1
        wr      %l0, 0, %psr
done:   ba      done
        nop
        .align  8
current: .word  0
first:  .word   0
last:   .word   0

! What stands in every entry of the trap tables.
        .globl  entry
entry:  sethi   %hi(common), %l4
        jmp     %l4 + %lo(common)
        rd      %psr, %l0
        nop
