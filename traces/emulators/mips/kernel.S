# Test kernel for the R4000 in 32-bit mode: takes records, lays each one's state down, executes its instruction, saves the state.
# Assembled by ../build-kernels.mjs.
# A record is 128 words; offsets below in words are those of record.ts.
        .set    noreorder
        .set    noat
        .set    USER_CODE, 0x004000f4   # in kuseg: here the status register is loaded, 12 bytes before the instruction
        .set    KERNEL_CODE, 0x805000ec # in kseg0: 20 bytes before
        .set    IDLE, 0x80000000        # pages of idle entries of the TLB
        .text
# k0 is kept in TagHi, which the R4000 does not use.
        .macro  vector to
        mtc0    $26, $29
        lui     $26, %hi(\to + 0x80000000)
        addiu   $26, $26, %lo(\to + 0x80000000)
        jr      $26
        nop
        .endm
refill_stub:
        vector  refill
        .org    0x180
general_stub:
        vector  general
        .org    0x7e0
private: .word  0, 0
status: .word   0, 0
saved_k0: .word 0, 0                    # twice, for the reverse byte order
        .org    0x1000
user_stub:
        lw      $26, 0x7e8($0)
        mtc0    $26, $12
        lw      $26, 0x7f0($0)
kernel_stub:
        lui     $26, 0x8000
        lw      $26, 0x7e8($26)
        mtc0    $26, $12
        lui     $26, 0x8000
        lw      $26, 0x7f0($26)

        .macro  base register, symbol
        lui     \register, %hi(\symbol + 0x80000000)
        addiu   \register, \register, %lo(\symbol + 0x80000000)
        .endm

refill: base    $26, area
        sw      $27, 0($26)
        b       common
        li      $27, 0
general: base   $26, area
        sw      $27, 0($26)
        li      $27, 1
common: sw      $27, 4($26)
        lw      $27, 20($26)            # the record
        .irp    n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,28,29,30,31
        sw      $\n, 4*\n($27)
        .endr
        lw      $1, 0($26)
        sw      $1, 4*27($27)
        mfc0    $1, $29
        sw      $1, 4*26($27)
        lw      $1, 4($26)
        sw      $1, 4*39($27)
        mfhi    $1
        sw      $1, 4*32($27)
        mflo    $1
        sw      $1, 4*33($27)
        .macro  savecp0 number, word
        mfc0    $1, $\number
        sw      $1, 4*\word($27)
        .endm
        savecp0 12, 34
        savecp0 13, 40
        savecp0 14, 41
        savecp0 8, 42
        savecp0 0, 43
        savecp0 2, 44
        savecp0 3, 45
        savecp0 5, 47
        savecp0 6, 48
        savecp0 10, 49
        savecp0 30, 50
        savecp0 28, 51
        lui     $1, 0x2000              # coprocessor 1 usable, the exception level
        ori     $1, $1, 2
        mtc0    $1, $12
        nop
        .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
        swc1    $f\n, 4*(56+\n)($27)
        .endr
        lw      $2, 4*54($27)           # entries of the TLB: how many, then index, PageMask, EntryHi, EntryLo1, EntryLo0 of each
        addiu   $3, $27, 4*98
1:      beqz    $2, 2f
        addiu   $2, $2, -1
        lw      $4, 0($3)
        mtc0    $4, $0
        tlbr
        mfc0    $5, $5
        sw      $5, 4($3)
        mfc0    $5, $10
        sw      $5, 8($3)
        mfc0    $5, $3
        sw      $5, 12($3)
        mfc0    $5, $2
        sw      $5, 16($3)
        bal     idle
        nop
        b       1b
        addiu   $3, $3, 20
2:      lui     $4, IDLE >> 16          # the entry 0 is found, which clears P of Index
        mtc0    $4, $10
        tlbp
        lw      $2, 4*55($27)           # words of storage: how many, then address and content of each
        addiu   $3, $27, 4*88
3:      beqz    $2, 4f
        addiu   $2, $2, -1
        lw      $4, 0($3)
        lw      $4, 0($4)
        sw      $4, 4($3)
        b       3b
        addiu   $3, $3, 8
4:      b       next
        addiu   $27, $27, 4*128

# Makes the entry of the TLB with the number in $4 idle.
idle:   mtc0    $4, $0
        mtc0    $0, $5
        mtc0    $0, $2
        mtc0    $0, $3
        lui     $5, IDLE >> 16
        sll     $6, $4, 13
        addu    $5, $5, $6
        mtc0    $5, $10
        tlbwi
        jr      $31
        nop

next:   base    $26, area
        sw      $27, 20($26)
        lw      $1, 16($26)             # last
        sll     $2, $27, 3              # real addresses are the host's
        srl     $2, $2, 3
        sw      $2, 8($26)
        beq     $2, $1, finish
        nop
        lw      $2, 4*52($27)           # where the instruction goes, and the two words that follow
        lw      $3, 4*36($27)
        sw      $3, 0($2)
        lw      $3, 4*37($27)
        sw      $3, 4($2)
        lw      $3, 4*38($27)
        sw      $3, 8($2)
        lw      $2, 4*54($27)
        addiu   $3, $27, 4*98
1:      beqz    $2, 2f
        addiu   $2, $2, -1
        lw      $4, 0($3)
        mtc0    $4, $0
        lw      $4, 4($3)
        mtc0    $4, $5
        lw      $4, 8($3)
        mtc0    $4, $10
        lw      $4, 12($3)
        mtc0    $4, $3
        lw      $4, 16($3)
        mtc0    $4, $2
        tlbwi
        b       1b
        addiu   $3, $3, 20
2:      lw      $2, 4*55($27)
        addiu   $3, $27, 4*88
3:      beqz    $2, 4f
        addiu   $2, $2, -1
        lw      $4, 0($3)
        lw      $5, 4($3)
        sw      $5, 0($4)
        b       3b
        addiu   $3, $3, 8
4:      .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
        lwc1    $f\n, 4*(56+\n)($27)
        .endr
        .macro  loadcp0 number, word
        lw      $1, 4*\word($27)
        mtc0    $1, $\number
        .endm
        loadcp0 14, 41
        loadcp0 0, 43
        loadcp0 2, 44
        loadcp0 3, 45
        loadcp0 5, 47
        loadcp0 6, 48
        loadcp0 10, 49
        loadcp0 30, 50
        loadcp0 28, 51
        lui     $2, 0x8000
        .set    push
        .set    mips2
        lw      $1, 4*53($27)           # the address that LL links
        ll      $1, 0($1)
        .set    pop
        lw      $1, 4*34($27)
        sw      $1, 0x7e8($2)
        lw      $1, 4*26($27)
        sw      $1, 0x7f0($2)
        sw      $1, 0x7f4($2)
        lw      $1, 4*32($27)
        mthi    $1
        lw      $1, 4*33($27)
        mtlo    $1
        lw      $26, 4*35($27)          # where to enter
        .irp    n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,28,29,30,31
        lw      $\n, 4*\n($27)
        .endr
        jr      $26
        lw      $27, 4*27($27)

# Copies $4 words from $2 to $3.
copy:   lw      $5, 0($2)
        sw      $5, 0($3)
        addiu   $2, $2, 4
        addiu   $4, $4, -1
        bnez    $4, copy
        addiu   $3, $3, 4
        jr      $31
        nop

start:  lui     $1, 0x2000
        ori     $1, $1, 2
        mtc0    $1, $12
        base    $2, refill_stub
        lui     $3, 0xbfc0
        ori     $3, $3, 0x200
        bal     copy
        li      $4, 5
        base    $2, general_stub
        lui     $3, 0xbfc0
        ori     $3, $3, 0x380
        bal     copy
        li      $4, 5
        base    $2, user_stub
        lui     $3, 0x8000 | USER_CODE >> 16
        ori     $3, $3, USER_CODE & 0xffff
        bal     copy
        li      $4, 3
        base    $2, kernel_stub
        lui     $3, KERNEL_CODE >> 16
        ori     $3, $3, KERNEL_CODE & 0xffff
        bal     copy
        li      $4, 5
        li      $4, 47
1:      bal     idle
        nop
        bnez    $4, 1b
        addiu   $4, $4, -1
        base    $26, area
        lw      $27, 12($26)
        lui     $1, 0x8000
        b       next
        or      $27, $27, $1

# The host sees the end at its real address, which is kuseg under ERL.
finish: li      $1, 4
        base    $2, done
        sll     $2, $2, 3
        srl     $2, $2, 3
        mtc0    $1, $12
        jr      $2
        nop
done:   b       done
        nop

        .align  3
area:   .word   0, 0                    # k1, the vector
        .globl  start, done, current, first, last
current: .word  0
first:  .word   0
last:   .word   0
record: .word   0
