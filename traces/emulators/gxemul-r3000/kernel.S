# Test kernel for the R3000: takes records from the disk, lays each one's state down, executes its instruction, puts the state back.
# Assembled by ../build-kernels.mjs.
# A record is 128 words, a sector of the disk; offsets below in words are those of record.ts.
        .set    noreorder
        .set    noat
        .set    USER_CODE, 0xa04000f4   # in kuseg at 5000: here the status register is loaded, 12 bytes before the instruction
        .set    KERNEL_CODE, 0xa05000f4 # in kseg0: 12 bytes before
        .set    RECORD, 0x80100000
        .set    CONSOLE, 0xb0000000     # of the emulator's test machine: what is printed and typed
        .set    DISK, 0xb3000000        # its sector's place in bytes, at 20 the operation, at 4000 the sector
        .set    PARTS, 0x100000         # bytes of the disk for a run
        .set    PRIVATE, 0x2000         # the page at FFFFF000, which is mapped by entry 7
        .set    IDLE, 0x80000000        # pages of idle entries of the TLB
        .set    CP1, 0x30000000         # coprocessors 1 and 0 usable
        .text
        .macro  base register, symbol
        lui     \register, %hi(\symbol + 0x80000000)
        addiu   \register, \register, %lo(\symbol + 0x80000000)
        .endm

        .macro  vector
        sw      $26, -4($0)
        base    $26, common
        jr      $26
        nop
        .endm
refill_stub:
        vector
        .org    0x80
general_stub:
        vector
        .org    0x100
user_stub:
        lw      $26, 0x5ff8($0)
        mtc0    $26, $12
        lw      $26, 0x5ffc($0)
kernel_stub:
        lw      $26, -8($0)
        mtc0    $26, $12
        lw      $26, -24($0)

common: base    $26, area
        sw      $27, 0($26)
        lui     $27, RECORD >> 16
        .irp    n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,28,29,30,31
        sw      $\n, 4*\n($27)
        .endr
        lw      $1, 0($26)
        sw      $1, 4*27($27)
        lw      $1, -4($0)
        sw      $1, 4*26($27)
        lw      $1, -12($0)             # what the program has saved itself
        sw      $1, 4*52($27)
        lw      $1, -16($0)
        sw      $1, 4*53($27)
        lw      $1, -20($0)
        sw      $1, 4*54($27)
        mfhi    $1
        sw      $1, 4*32($27)
        mflo    $1
        sw      $1, 4*33($27)
        .macro  savecp0 number, word
        mfc0    $1, $\number
        nop
        sw      $1, 4*\word($27)
        .endm
        savecp0 12, 34
        savecp0 13, 44
        savecp0 14, 45
        savecp0 8, 46
        savecp0 0, 47
        savecp0 1, 48
        savecp0 2, 49
        savecp0 10, 51
        sw      $27, 4*57($27)          # the record is done
        lui     $1, CP1 >> 16
        mtc0    $1, $12
        nop
        .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
        swc1    $f\n, 4*(58+\n)($27)
        .endr
        lw      $2, 4*55($27)           # entries of the TLB: how many, then index, EntryHi, EntryLo of each
        addiu   $3, $27, 4*100
1:      beqz    $2, 2f
        addiu   $2, $2, -1
        lw      $4, 0($3)
        nop
        sll     $1, $4, 8
        mtc0    $1, $0
        nop
        tlbr
        nop
        mfc0    $5, $10
        nop
        sw      $5, 4($3)
        mfc0    $5, $2
        nop
        sw      $5, 8($3)
        bal     idle
        nop
        b       1b
        addiu   $3, $3, 12
2:      lw      $2, 4*56($27)           # words of storage: how many, then address and content of each
        addiu   $3, $27, 4*90
3:      beqz    $2, 4f
        addiu   $2, $2, -1
        lw      $4, 0($3)
        nop
        lw      $4, 0($4)
        nop
        sw      $4, 4($3)
        b       3b
        addiu   $3, $3, 8
4:      lui     $3, DISK >> 16
        bal     copy_record
        ori     $3, $3, 0x4000
        base    $26, area
        lui     $2, DISK >> 16
        lw      $1, 4($26)
        li      $3, 1                   # write
        sw      $1, 0($2)
        sw      $3, 0x20($2)
        addiu   $1, $1, 512
        b       next
        sw      $1, 4($26)

# Copies the words of a record from $27 to $3.
copy_record:
        li      $4, 128/8
5:      .irp    n, 0,1,2,3,4,5,6,7
        lw      $5, 4*\n($27)
        nop
        sw      $5, 4*\n($3)
        .endr
        addiu   $27, $27, 32
        addiu   $4, $4, -1
        bnez    $4, 5b
        addiu   $3, $3, 32
        jr      $31
        nop

# Makes the entry of the TLB with the number in $4 idle.
idle:   sll     $5, $4, 8
        mtc0    $5, $0
        mtc0    $0, $2
        lui     $5, IDLE >> 16
        sll     $6, $4, 12
        addu    $5, $5, $6
        mtc0    $5, $10
        nop
        tlbwi
        jr      $31
        nop

next:   base    $26, area
        lw      $1, 8($26)
        lui     $3, CONSOLE >> 16
        beqz    $1, finish
        addiu   $1, $1, -1
        sw      $1, 8($26)
        lw      $1, 4($26)
        lui     $27, DISK >> 16
        sw      $1, 0($27)
        sw      $0, 0x20($27)           # read
        ori     $27, $27, 0x4000
        bal     copy_record
        lui     $3, RECORD >> 16
        lui     $27, RECORD >> 16
        lw      $2, 4*36($27)           # where the instruction goes, and the words that follow
        .irp    n, 0,1,2,3,4,5,6
        lw      $3, 4*(37+\n)($27)
        nop
        sw      $3, 4*\n($2)
        .endr
        lw      $2, 4*56($27)
        addiu   $3, $27, 4*90
3:      beqz    $2, 4f
        addiu   $2, $2, -1
        lw      $4, 0($3)
        lw      $5, 4($3)
        nop
        sw      $5, 0($4)
        b       3b
        addiu   $3, $3, 8
4:      .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
        lwc1    $f\n, 4*(58+\n)($27)
        .endr
        lui     $2, 0xa000              # what the stubs load: status and k0
        lw      $1, 4*34($27)
        ori     $2, $2, PRIVATE
        sw      $1, 4096-8($2)
        lui     $3, USER_CODE >> 16
        sw      $1, 0xff8($3)
        lw      $1, 4*26($27)
        nop
        sw      $1, 4096-24($2)
        sw      $1, 0xffc($3)
        lw      $2, 4*55($27)
        addiu   $3, $27, 4*100
1:      beqz    $2, 2f
        addiu   $2, $2, -1
        lw      $4, 0($3)
        lw      $5, 4($3)
        sll     $4, $4, 8
        mtc0    $4, $0
        mtc0    $5, $10
        lw      $4, 8($3)
        nop
        mtc0    $4, $2
        nop
        tlbwi
        b       1b
        addiu   $3, $3, 12
2:      lui     $2, CP1 >> 16           # caches isolated and not: the emulator lets user mode refer to what it has translated
        lui     $3, (CP1 >> 16) + 1     # in kernel mode, until then; what follows is the kernel's page and that of the record
        mtc0    $3, $12
        nop
        mtc0    $2, $12
        nop
        .macro  loadcp0 number, word
        lw      $1, 4*\word($27)
        nop
        mtc0    $1, $\number
        .endm
        loadcp0 14, 45
        loadcp0 8, 46
        loadcp0 0, 47
        loadcp0 1, 48
        loadcp0 2, 49
        loadcp0 10, 51
        lw      $1, 4*32($27)
        nop
        mthi    $1
        lw      $1, 4*33($27)
        nop
        mtlo    $1
        lw      $26, 4*35($27)          # where to enter
        .irp    n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,28,29,30,31
        lw      $\n, 4*\n($27)
        .endr
        jr      $26
        lw      $27, 4*27($27)

# Copies $4 words from $2 to $3.
copy:   lw      $5, 0($2)
        addiu   $2, $2, 4
        sw      $5, 0($3)
        addiu   $4, $4, -1
        bnez    $4, copy
        addiu   $3, $3, 4
        jr      $31
        nop

start:  lui     $1, CP1 >> 16
        mtc0    $1, $12
        .macro  put stub, to, words
        base    $2, \stub
        lui     $3, (\to) >> 16
        ori     $3, $3, (\to) & 0xffff
        bal     copy
        li      $4, \words
        .endm
        put     refill_stub, 0xbfc00100, 5
        put     general_stub, 0xbfc00180, 5
        put     refill_stub, 0xbfc00200, 5      # where the emulator has the vectors under BEV, as the R4000
        put     general_stub, 0xbfc00280, 5
        put     user_stub, USER_CODE, 3
        put     kernel_stub, KERNEL_CODE, 3
        li      $4, 63
1:      bal     idle
        nop
        bnez    $4, 1b
        addiu   $4, $4, -1
        li      $1, 7 << 8
        mtc0    $1, $0
        li      $1, -4096
        mtc0    $1, $10
        li      $1, PRIVATE | 0x700     # D, V, G
        mtc0    $1, $2
        nop
        tlbwi
        b       wait
        nop

finish: lw      $1, 12($26)             # reading makes the emulator write out what it has kept back
        lui     $2, DISK >> 16
        sw      $1, 0($2)
        sw      $0, 0x20($2)
        lui     $2, PARTS >> 16         # the next part of the disk
        addu    $1, $1, $2
        lui     $4, (16 * PARTS - 1) >> 16
        ori     $4, $4, (16 * PARTS - 1) & 0xffff
        and     $1, $1, $4
        sw      $1, 12($26)
        li      $4, 1                   # tells the host that all are done
        sb      $4, 0($3)

wait:   lui     $3, CONSOLE >> 16
1:      lb      $1, 0($3)
        base    $26, area
        beqz    $1, 1b
        lui     $2, DISK >> 16
        lw      $1, 12($26)
        nop
        sw      $1, 0($2)
        sw      $0, 0x20($2)
        addiu   $1, $1, 512
        sw      $1, 4($26)
        lw      $1, 0x4000($2)          # how many records there are
        b       next
        sw      $1, 8($26)

        .globl  start
        .align  3
area:   .word   0                       # k1
        .word   0                       # the record's place on the disk
        .word   0                       # records to come
        .word   0                       # the part of the disk
