// The two processes that the kernel runs: one computes primes and breaks rules, one sorts a table and uses the disk.

const primes = `
; ---------------------------------------------------------------------------
; Process A, in the window (a.l, a.b): prints the primes up to 100, then tries
; everything that a user must not do. It catches the first three faults; the
; fourth kills it.

        .window a.l, a.b
        .equ  limit, 100
        .equ  row, 9            ; primes in a line

        LA    r5, 2             ; r5 = the number under test
        LA    r6, 0             ; r6 = primes in this line
nextn:  LA    r2, 2             ; r2 = a possible divisor
nextd:  LA    r3, (r2)
        MUL   r3, (r2)
        LA    r4, (r5)
        SLTU  r4, (r3)
        BNZ   r4, prime         ; no divisor up to the square root
        LA    r3, (r5)
        REM   r3, (r2)
        BZ    r3, step
        ADD   r2, 1
        JMP   nextd
prime:  LA    r1, (r5)
        SVC   putnum
        LA    r1, ' '
        ADD   r6, 1
        LA    r2, (r6)
        XOR   r2, row
        BNZ   r2, apart
        LA    r1, newline
        LA    r6, 0
apart:  SVC   putchar
step:   ADD   r5, 1
        LA    r2, (r5)
        SLTU  r2, limit + 1
        BNZ   r2, nextn
        LA    r1, newline
        SVC   putchar

        LA    r1, caught
        SVC   catch
        JAL   r10, divide
        LA    r1, caught
        SVC   catch
        JAL   r10, nonsense
        LA    r1, caught
        SVC   catch
        JAL   r10, stop
        ST    r1, 16 * a.b      ; just behind the window: process B's first cell
        SVC   exit              ; not reached

divide: DIV   r5, 0
nonsense: .word 0xFF000000
stop:   HALT

caught: LA    r3, (r1)
        LA    r4, t.caught
sayc:   L     r1, (r4)
        BZ    r1, sayn
        SVC   putchar
        ADD   r4, 1
        JMP   sayc
sayn:   LA    r1, (r3)
        SVC   putnum
        LA    r1, newline
        SVC   putchar
        JMP   (r10)
t.caught: .ascii "caught ", 0
`

const sort = `
; ---------------------------------------------------------------------------
; Process B, in the window (b.l, b.b): shows what was typed, makes a table of
; 32 numbers, sorts it, keeps it in two disk blocks, clears it, reads it back
; and checks and prints it.

        .window b.l, b.b
        .equ  count, 32
        .equ  block, 3          ; and the next one

key:    SVC   getchar
        BN    r1, typed
        SVC   putchar
        JMP   key
typed:  LA    r1, newline
        SVC   putchar
        SVC   yield

; x := (75 x + 74) mod 65537, and x mod 1000 is the next number.
        LA    r3, 1
        LA    r4, 0
fill:   MUL   r3, 75
        ADD   r3, 74
        L     r5, modulus
        REM   r3, (r5)
        LA    r5, (r3)
        REM   r5, 1000
        ST    r5, numbers(r4)
        ADD   r4, 1
        LA    r5, (r4)
        XOR   r5, count
        BNZ   r5, fill

; Insertion sort: numbers 0 to r4 - 1 are in order, number r4 = r5 comes next.
        LA    r4, 1
insert: L     r5, numbers(r4)
        LA    r6, (r4)
sink:   BZ    r6, place
        L     r7, numbers-1(r6)
        LA    r8, (r5)
        SLTU  r8, (r7)
        BZ    r8, place
        ST    r7, numbers(r6)
        SUB   r6, 1
        JMP   sink
place:  ST    r5, numbers(r6)
        ADD   r4, 1
        LA    r5, (r4)
        XOR   r5, count
        BNZ   r5, insert

        LA    r1, block
        LA    r2, numbers
        SVC   write
        LA    r1, block + 1
        LA    r2, numbers + 16
        SVC   write
        LA    r1, block         ; this one reaches over the end: refused
        LA    r2, 16 * b.b - 15
        SVC   write
        LA    r9, (r1)

        LA    r1, 0
        LA    r4, count
wipe:   SUB   r4, 1
        ST    r1, numbers(r4)
        BNZ   r4, wipe
        LA    r1, block
        LA    r2, numbers
        SVC   read
        LA    r1, block + 1
        LA    r2, numbers + 16
        SVC   read

; Print the table and see that no number is smaller than the one before.
        LA    r5, 0             ; the one before
        LA    r6, 0             ; numbers out of order
look:   L     r1, numbers(r4)
        LA    r7, (r1)
        SLTU  r7, (r5)
        ADD   r6, (r7)
        LA    r5, (r1)
        SVC   putnum
        LA    r1, ' '
        ADD   r4, 1
        LA    r7, (r4)
        AND   r7, 7
        BNZ   r7, inrow
        LA    r1, newline
inrow:  SVC   putchar
        LA    r7, (r4)
        XOR   r7, count
        BNZ   r7, look

        LA    r4, t.wrong
        JAL   r10, says
        LA    r1, (r6)
        SVC   putnum
        LA    r4, t.refused
        JAL   r10, says
        LA    r1, (r9)
        SVC   putnum
        LA    r1, newline
        SVC   putchar
        SVC   exit

says:   L     r1, (r4)
        BZ    r1, said
        SVC   putchar
        ADD   r4, 1
        JMP   says
said:   JMP   (r10)

modulus: .word 65537
t.wrong: .ascii "out of order: ", 0
t.refused: .ascii ", refused: ", 0
numbers: .space count
`

export const processes = `${primes}${sort}`
