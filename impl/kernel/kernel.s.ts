// A small operating system kernel for the third-generation machine: traps, system calls, processes and a console.

import { processes } from './processes.s.ts'

const entry = `
; ---------------------------------------------------------------------------
; The kernel runs in supervisor mode with R = (0, blocks): its addresses are real.
; Two processes run in user mode, each in a window of its own.
;
; The machine has no stack and saves no registers: a trap swaps the PSW and
; nothing else. So every process has a record, and the first thing after a
; trap is to save all sixteen registers there.
; In the whole kernel r13 points at the record of the process that it serves,
; r14 and r15 hold return addresses, r0 to r12 are free.

        .equ  blocks,   49      ; of 16 cells: all that the kernel and the processes need
        .equ  quantum,  200     ; instructions that a process may run on

; the record of a process
        .equ  p.psw,    16      ; cells 0 to 15 are its registers
        .equ  p.next,   17      ; the record of the next process, in a ring
        .equ  p.alive,  18      ; 1, or 0 when it has ended
        .equ  p.catch,  19      ; where it wants its next fault, 0 for nowhere
        .equ  p.letter, 20      ; its name on the console
        .equ  p.length, 21      ; characters in its line
        .equ  p.line,   22      ; the line that it is printing
        .equ  columns,  40
        .equ  p.size,   p.line + columns

; the system calls: SVC number, arguments in r1 and r2, result in r1
        .equ  exit,     0
        .equ  putchar,  1       ; print the character r1
        .equ  putnum,   2       ; print r1 in decimal
        .equ  yield,    3       ; let the others run
        .equ  read,     4       ; disk block r1 to the 16 cells at r2; r1 := 0, or 1 if refused
        .equ  write,    5       ; the 16 cells at r2 to disk block r1; likewise
        .equ  getchar,  6       ; r1 := next key, or -1 when there is none
        .equ  catch,    7       ; the next fault jumps to r1, with r1 = cause and r2 = its address
        .equ  calls,    8

        .equ  newline,  10
        .equ  console,  0       ; devices
        .equ  position, 1
        .equ  data,     2

        .window 0, blocks
        .entry boot
oldpsw: .word 0                 ; the trap mechanism's two cells
newpsw: .psw  s, trap, 0, blocks

; ---------------------------------------------------------------------------
; Boot: greet, then run the first process.

boot:   LA    r13, k.record
        LA    r7, t.boot
        JAL   r14, text
        LA    r13, a.record
        JMP   start

; ---------------------------------------------------------------------------
; Every trap comes here. Save the registers and the PSW of the process, then
; go where the cause says.

trap:   ST    r13, spare
        L     r13, current
        ST    r0, 0(r13)
        ST    r1, 1(r13)
        ST    r2, 2(r13)
        ST    r3, 3(r13)
        ST    r4, 4(r13)
        ST    r5, 5(r13)
        ST    r6, 6(r13)
        ST    r7, 7(r13)
        ST    r8, 8(r13)
        ST    r9, 9(r13)
        ST    r10, 10(r13)
        ST    r11, 11(r13)
        ST    r12, 12(r13)
        L     r1, spare
        ST    r1, 13(r13)
        ST    r14, 14(r13)
        ST    r15, 15(r13)
        L     r1, oldpsw
        ST    r1, p.psw(r13)
        LA    r2, (r1)
        SHR   r2, 28
        AND   r2, 7             ; the cause
        BN    r1, user          ; bit 31 is the mode that the trap came from
        JMP   panic
user:   JMP   causes(r2)
causes: JMP   panic             ; 0 is no cause
        JMP   fault             ; memory
        JMP   fault             ; privileged
        JMP   fault             ; undefined
        JMP   call              ; supervisor call
        JMP   tick              ; timer
        JMP   fault             ; arithmetic

; Back to the process r13: its registers, then its PSW, which is what ends
; supervisor mode. A timer trap that became due meanwhile is taken right then.

resume: L     r0, p.psw(r13)
        ST    r0, oldpsw
        L     r0, 0(r13)
        L     r1, 1(r13)
        L     r2, 2(r13)
        L     r3, 3(r13)
        L     r4, 4(r13)
        L     r5, 5(r13)
        L     r6, 6(r13)
        L     r7, 7(r13)
        L     r8, 8(r13)
        L     r9, 9(r13)
        L     r10, 10(r13)
        L     r11, 11(r13)
        L     r12, 12(r13)
        L     r14, 14(r13)
        L     r15, 15(r13)
        L     r13, 13(r13)
        LPSW  oldpsw

; The timer: count it, and let the next process run.

tick:   L     r1, ticks
        ADD   r1, 1
        ST    r1, ticks
switch: L     r13, p.next(r13)
        L     r1, p.alive(r13)
        BZ    r1, switch        ; one is alive, or we would not be here
start:  ST    r13, current
        LA    r1, quantum
        STIM  r1
        JMP   resume

; A fault, r2 = cause: a process that asked for it goes on there, another is
; killed.

fault:  L     r3, p.psw(r13)
        LA    r4, (r3)
        SHR   r4, 16
        AND   r4, 0xFFF         ; where it happened
        L     r5, p.catch(r13)
        BZ    r5, kill
        ST    r2, 1(r13)
        ST    r4, 2(r13)
        L     r6, field.p
        AND   r3, (r6)          ; put its new address into the PSW
        SHL   r5, 16
        OR    r3, (r5)
        ST    r3, p.psw(r13)
        LA    r1, 0
        ST    r1, p.catch(r13)
        JMP   resume

kill:   LA    r8, (r2)
        LA    r9, (r4)
        L     r1, p.length(r13)
        BZ    r1, clear
        LA    r1, newline       ; end the line that it had begun
        JAL   r15, put
clear:  LA    r7, t.killed
        JAL   r14, text
        L     r7, names(r8)
        JAL   r14, text
        LA    r7, t.at
        JAL   r14, text
        LA    r1, (r9)
        JAL   r14, number
        LA    r1, newline
        JAL   r15, put
        JMP   ended

; A trap out of the kernel itself: nothing can be trusted any more.

panic:  LA    r8, (r2)
        LA    r13, k.record
        LA    r7, t.panic
        JAL   r14, text
        LA    r1, (r8)
        JAL   r14, number
        LA    r1, newline
        JAL   r15, put
        HALT

; When the last process has ended, so has the kernel.

ended:  LA    r1, 0
        ST    r1, p.alive(r13)
        L     r1, living
        SUB   r1, 1
        ST    r1, living
        BNZ   r1, switch
        LA    r13, k.record
        LA    r7, t.end
        JAL   r14, text
        L     r1, ticks
        JAL   r14, number
        LA    r7, t.ticks
        JAL   r14, text
        HALT
`

const systemCalls = `
; ---------------------------------------------------------------------------
; System calls. The old PSW points at the SVC itself, so the kernel reads the
; number there, through the window of the process, and steps over it.

call:   LA    r3, (r1)
        SHR   r3, 16
        AND   r3, 0xFFF
        LA    r12, (r1)
        SHR   r12, 8
        AND   r12, 255
        SHL   r12, 4            ; r12 = the real cell where the window begins
        LA    r11, (r1)
        AND   r11, 255
        SHL   r11, 4            ; r11 = its size in cells
        ADD   r3, (r12)
        L     r3, (r3)          ; the SVC
        AND   r3, 0x7FFF
        LA    r4, (r3)
        SLTU  r4, calls
        BZ    r4, wrong
        L     r4, one.p
        ADD   r1, (r4)
        ST    r1, p.psw(r13)
        L     r1, 1(r13)        ; the arguments
        L     r2, 2(r13)
        JMP   table(r3)
table:  JMP   c.exit
        JMP   c.char
        JMP   c.num
        JMP   switch            ; yield
        JMP   c.read
        JMP   c.write
        JMP   c.get
        ST    r1, p.catch(r13)  ; catch
        JMP   resume

wrong:  LA    r2, 3             ; a call that does not exist is as bad as
        JMP   fault             ; an instruction that does not exist

c.exit: LA    r7, t.exit
        JAL   r14, text
        JMP   ended

c.char: JAL   r15, put
        JMP   resume

c.num:  JAL   r14, number
        JMP   resume

c.get:  IN    r1, console
        ST    r1, 1(r13)
        JMP   resume

; A block goes to or from 16 cells that must lie inside the window: the kernel
; can reach every cell, so it has to look for itself.

c.read: JAL   r15, buffer
more.r: IN    r1, data
        ST    r1, (r2)
        ADD   r2, 1
        SUB   r5, 1
        BNZ   r5, more.r
        JMP   result

c.write: JAL  r15, buffer
more.w: L     r1, (r2)
        OUT   r1, data
        ADD   r2, 1
        SUB   r5, 1
        BNZ   r5, more.w
result: ST    r5, 1(r13)
        JMP   resume

; r2 := real address of the buffer, r5 := 16, and the disk at block r1;
; or straight back to the process with result 1.
buffer: LA    r5, 1
        SUB   r11, 15           ; the buffer begins below this
        LA    r3, (r2)
        SLTU  r3, (r11)
        BZ    r3, result
        ADD   r2, (r12)
        SHL   r1, 4
        OUT   r1, position
        LA    r5, 16
        JMP   (r15)

; ---------------------------------------------------------------------------
; The console. Each process fills a line of its own, so that two processes
; that print at once do not mix their characters.

; Puts the character r1 into the line of r13; uses r2 to r5.
put:    L     r3, p.length(r13)
        LA    r2, (r1)
        XOR   r2, newline
        BZ    r2, flush
        LA    r4, (r13)
        ADD   r4, (r3)
        ST    r1, p.line(r4)
        ADD   r3, 1
        ST    r3, p.length(r13)
        LA    r2, (r3)
        XOR   r2, columns
        BZ    r2, flush         ; a full line does not wait for its end
        JMP   (r15)

flush:  L     r2, p.letter(r13)
        OUT   r2, console
        LA    r2, '|'
        OUT   r2, console
        LA    r2, ' '
        OUT   r2, console
        LA    r4, (r13)
each:   BZ    r3, done
        L     r2, p.line(r4)
        OUT   r2, console
        ADD   r4, 1
        SUB   r3, 1
        JMP   each
done:   ST    r3, p.length(r13)
        LA    r2, newline
        OUT   r2, console
        JMP   (r15)

; Puts the text at r7, which ends with a 0; uses r1 to r5 and r15.
text:   L     r1, (r7)
        BZ    r1, back
        JAL   r15, put
        ADD   r7, 1
        JMP   text
back:   JMP   (r14)

; Puts r1 in decimal, the digits made from the last to the first; uses r1 to r6 and r15.
number: LA    r6, digits + 10
digit:  SUB   r6, 1
        LA    r2, (r1)
        REM   r2, 10
        ADD   r2, '0'
        ST    r2, (r6)
        DIV   r1, 10
        BNZ   r1, digit
show:   L     r1, (r6)
        JAL   r15, put
        ADD   r6, 1
        LA    r2, (r6)
        XOR   r2, digits + 10
        BNZ   r2, show
        JMP   (r14)
`

const storage = `
; ---------------------------------------------------------------------------
; The kernel's storage.

one.p:   .word 0x00010000       ; 1 in the P field of a PSW
field.p: .word 0xF000FFFF       ; all but the P field
current: .word a.record         ; the record of the running process
living:  .word 2
ticks:   .word 0                ; timer traps taken
spare:   .word 0
digits:  .space 10
names:   .word t.none, t.mem, t.priv, t.undef, t.none, t.none, t.arith

t.boot:  .ascii "two processes\\n", 0
t.end:   .ascii "end, ", 0
t.ticks: .ascii " timer traps\\n", 0
t.exit:  .ascii "exit\\n", 0
t.panic: .ascii "kernel trap ", 0
t.killed: .ascii "killed: ", 0
t.at:    .ascii " trap at ", 0
t.mem:   .ascii "memory", 0
t.priv:  .ascii "privileged", 0
t.undef: .ascii "undefined", 0
t.arith: .ascii "arithmetic"
t.none:  .word 0

a.record: .space 16
        .psw  u, 0, a.l, a.b
        .word b.record, 1, 0, 'A', 0
        .space columns
b.record: .space 16
        .psw  u, 0, b.l, b.b
        .word a.record, 1, 0, 'B', 0
        .space columns
; The kernel prints lines too; it needs no more of a record than these.
        .equ  k.record, . - p.letter
        .word 'K', 0
        .space columns
`

/** The kernel and its two processes, for a machine of at least 784 cells with low trap cells and 80 disk words. */
export const kernel = `; where the processes live, in blocks of 16 cells: behind the kernel and side by side
        .equ  a.l, 35
        .equ  a.b, 4
        .equ  b.l, a.l + a.b
        .equ  b.b, 10
${entry}${systemCalls}${storage}${processes}`
