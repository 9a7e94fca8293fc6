# Test kernel for the Alpha: takes records, lays each one's state down, executes its instruction, saves the state.
# Assembled by ../build-kernels.mjs.
# It runs in PALmode beside the PALcode of the machine, which executes the instructions' own calls and exceptions.
# The host makes functions that OSF/1 does not assign lead to catch0 to catch6: the program's end, and the six entry points.
# To catch7 it leads where the PALcode would stop the processor. Offsets are those of record.ts, in quadwords.
        .set    noat
        .set    nomacro
        SIZE = 8*144
        POKES = 8*96
        CODE = 0x190800                 # real address of the program
        .text

# Processor registers, which the assembler knows for other processors only.
        .macro  mtpr r, number
        .long   0x77e00000 | (\r << 16) | \number
        .endm
        .macro  mfpr r, number
        .long   0x641f0000 | (\r << 21) | \number
        .endm
        .macro  hw_return r
        .long   0x7be08000 | (\r << 16)
        .endm
        PS = 0
        FEN = 1
        TBIA = 255
        ALARM = 251
        VMTIME = 249
# Loads as the kernel and as the user.
        .macro  load_kernel to, from
        .long   0x6c00b000 | (\to << 21) | (\from << 16)
        .endm
        .macro  load_user to, from
        .long   0x6c00f000 | (\to << 21) | (\from << 16)
        .endm
# The chip set's register of interrupts, from the start of kseg, which has bit 43 of real addresses as bit 40.
        .macro  misc to, kseg
        lda     $\to, 0x101a($31)
        sll     $\to, 28, $\to
        addq    $\to, \kseg, $\to
        lda     $\to, 0x80($\to)
        .endm
# A page whose entry in the translation buffer is looked at.
        .macro  probe to
        lda     $\to, 5($31)
        sll     $\to, 33, $\to
        .endm

# Of registers 8 to 14 and 25 PALmode has its own; the others are numbers 32 to 39.
        .macro  each_register what
        .irp    n, 0,1,2,3,4,5,6,7,15,16,17,18,19,20,21,22,23,24,26,27,28,29,30
        \what   $\n, 8*\n($9)
        .endr
        .endm
        .macro  each_hidden what
        \what   8, 32
        \what   9, 33
        \what   10, 34
        \what   11, 35
        \what   12, 36
        \what   13, 37
        \what   14, 38
        \what   25, 39
        .endm
        .macro  each_floating what
        .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
        \what   $f\n, 8*(32+\n)($9)
        .endr
        .endm
# PALcode's own registers 0x28 to 0x31, the offset of the cycles, the page table and its pointer, unique, system value, USP.
        .macro  each_kept what
        .irp    n, 0,1,2,3,4,5,6,7,8,9
        \what   (73 + \n), (0x28 + \n)
        .endr
        \what   67, 2
        \what   68, 8
        \what   69, 9
        \what   70, 10
        \what   71, 11
        \what   72, 12
        .endm
        .macro  lay slot, number
        ldq     $10, 8*(\slot)($9)
        mtpr    10, (\number)
        .endm
        .macro  keep slot, number
        mfpr    10, (\number)
        stq     $10, 8*(\slot)($9)
        .endm

start:
        br      $8, 1f
1:      lda     $8, (vars - 1b)($8)
        ldq     $9, 0($8)
next:                                   # the record in 9, its real address
        stq     $9, 16($8)
        ldq     $10, 8($8)
        cmpult  $9, $10, $10
        beq     $10, finish
        lda     $10, -1($31)
        sll     $10, 42, $10
        addq    $9, $10, $9
        ldq     $11, 8*88($9)
        lda     $12, POKES($9)
2:      beq     $11, 3f
        ldq     $13, 0($12)
        addq    $13, $10, $13
        ldq     $14, 8($12)
        stq     $14, 0($13)
        lda     $12, 16($12)
        subq    $11, 1, $11
        br      2b
3:      ldah    $13, (CODE >> 16)($31)
        lda     $13, (CODE & 0xffff)($13)
        addq    $13, $10, $13
        .irp    n, 0,1,2,3,4
        ldq     $14, 8*(83 + \n)($9)
        stq     $14, 8*\n($13)
        .endr
        mtpr    31, TBIA
        ldq     $11, 8*94($9)
        beq     $11, 4f
        misc    12, $10
        stq     $11, 0($12)
4:      ldq     $11, 8*95($9)
        beq     $11, 4f
        mfpr    12, VMTIME
        addq    $11, $12, $11
        mtpr    11, ALARM
4:      each_kept lay
        ldq     $11, 8*132($9)
        beq     $11, 4f
        lda     $10, -1($31)
        sll     $10, 42, $10
        addq    $11, $10, $11
        ldq     $12, 8*133($9)
        stq     $12, 0($11)
        probe   13
        load_kernel 12, 13
        load_user 12, 13
        ldq     $11, 8*134($9)
        addq    $11, $10, $11
        ldq     $12, 8*135($9)
        stq     $12, 0($11)
4:
        lda     $10, 1($31)
        mtpr    10, FEN
        br      $10, 4f                 # the emulator looks at FEN where it goes on by a jump
4:      lda     $10, (5f - 4b)($10)
        jmp     $31, ($10), 0
5:      ldt     $f0, 8*63($9)
        mt_fpcr $f0
        each_floating ldt
        each_hidden lay
        each_register ldq
        lay     65, PS
        lay     66, FEN
        ldq     $11, 8*64($9)
        rpcc    $10
        stq     $10, 8*92($9)
        hw_return 11

        .macro  catch n
        .globl  catch\n
catch\n:
        rc      $8
        lda     $13, \n($31)
        br      caught
        .endm
        .irp    n, 0,1,2,3,4,5,6,7
        catch   \n
        .endr
caught:
        rpcc    $14
        br      $10, 1f
1:      lda     $10, (vars - 1b)($10)
        ldq     $9, 16($10)
        lda     $11, -1($31)
        sll     $11, 42, $11
        addq    $9, $11, $9
        stq     $8, 8*91($9)
        stq     $13, 8*89($9)
        stq     $14, 8*93($9)
        keep    90, 6
        keep    65, PS
        keep    66, FEN
        each_kept keep
        each_register stq
        each_hidden keep
        lda     $10, 1($31)
        mtpr    10, FEN
        br      $10, 4f
4:      lda     $10, (5f - 4b)($10)
        jmp     $31, ($10), 0
5:      each_floating stt
        mf_fpcr $f0
        stt     $f0, 8*63($9)
        ldq     $12, 8*88($9)
        lda     $13, POKES($9)
2:      beq     $12, 3f
        ldq     $14, 0($13)
        addq    $14, $11, $14
        ldq     $25, 0($14)
        stq     $25, 8($13)
        stq     $31, 0($14)
        lda     $13, 16($13)
        subq    $12, 1, $12
        br      2b
3:      ldq     $12, 8*94($9)
        beq     $12, 4f
        mtpr    31, ALARM
        misc    14, $11
        ldq     $12, 0($14)
        stq     $12, 8*94($9)
        lda     $12, 0xff0($31)
        stq     $12, 0($14)
4:      ldq     $12, 8*132($9)
        beq     $12, 4f
        probe   13
        lda     $12, -1($31)
        load_kernel 12, 13
        stq     $12, 8*136($9)
        lda     $12, -1($31)
        load_user 12, 13
        stq     $12, 8*137($9)
        lda     $25, 0($31)
        stq     $31, 8($13)
        stq     $25, 8*138($9)
        ldq     $12, 8*132($9)
        addq    $12, $11, $12
        stq     $31, 0($12)
        ldq     $12, 8*134($9)
        addq    $12, $11, $12
        stq     $31, 0($12)
4:      subq    $9, $11, $9
        lda     $9, SIZE($9)
        br      $8, 1f
1:      lda     $8, (vars - 1b)($8)
        br      next
finish: br      done

# PALcode goes here where its own reference, or one of those above, has a fault: 14 has the address, with bit 0 set.
        .globl  fault
fault:
        br      $8, 1f
1:      lda     $8, (start - 1b)($8)
        subq    $14, $8, $8
        zapnot  $8, 0xfc, $25
        bne     $25, catch7
        lda     $25, 1($31)
        lda     $14, 4($14)
        hw_return 14

# Where the operating system's entry points are: interrupts, arithmetic, memory management, instructions, unaligned, system calls.
        .balign 8
handlers:
        .irp    n, 1,2,3,4,5,6
        call_pal 0xb0 + \n
        .endr
        .balign 8
vars:
first:  .quad   0
last:   .quad   0
current: .quad  0
# AMASK and IMPLVER are asked for here.
identity:
        lda     $8, -1($31)
        amask   $8, $9
        implver $10
        br      $11, 1f
1:      lda     $11, (vars - 1b)($11)
        stq     $9, 0($11)
        stq     $10, 8($11)
        br      done
        .balign 2048                    # its address in kseg is a number that has 53 bits
done:   br      done
        .globl  start, handlers, first, last, current, identity, done
