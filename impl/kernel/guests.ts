// The guests that come with popek: the kernel and small programs that each do one thing, for demonstrations and benchmarks.

import type { MachineOptions } from '../../model/vocab/index.ts'
import { kernel } from './kernel.s.ts'

export interface Guest {
  readonly name: string
  /** One line. */
  readonly description: string
  /** Assembly; starts at its `.entry` and ends with HALT. */
  readonly source: string
  /** A machine that it runs on: at least so many cells and disk words, low trap cells; the keyboard is an example. */
  readonly options: MachineOptions
}

const hello = `; Prints a line from supervisor mode. No trap is taken.
        .org   2
        .entry start
start:  LA    r2, text
next:   L     r1, (r2)
        BZ    r1, done
        OUT   r1, 0
        ADD   r2, 1
        JMP   next
done:   HALT
text:   .ascii "hello, world\\n", 0
`

/** What the user-mode guests share: a supervisor that serves SVC 0 (end) and SVC 1 (print the character r1). */
const supervisor = `
        .window 0, 4
        .entry start
oldpsw: .word 0
newpsw: .psw  s, trap, 0, 16   ; the supervisor reaches the program's window too
begin:  .psw  u, 0, 4, 12       ; that window, R = (4, 12)
start:  LPSW  begin

; Registers r12 to r15 belong to the supervisor.
trap:   L     r15, oldpsw
        LA    r14, (r15)
        SHR   r14, 28
        AND   r14, 7            ; the cause
        XOR   r14, 4
        BNZ   r14, bad          ; only supervisor calls are expected
        LA    r14, (r15)
        SHR   r14, 16
        AND   r14, 0xFFF
        L     r14, 64(r14)      ; the SVC itself: the window begins at cell 64
        AND   r14, 1
        BZ    r14, end
        OUT   r1, 0
        L     r14, one
        ADD   r15, (r14)        ; step over it
        ST    r15, oldpsw
        LPSW  oldpsw
end:    HALT
bad:    LA    r1, '?'
        OUT   r1, 0
        HALT
one:    .word 0x00010000
`

/** The source of a CPU-bound guest: user mode, one trap per digit of its answer; 10 steps for each trial division. */
export const primes = (limit: number): string => `; Counts the primes below ${limit} by trial division, in user mode, and prints their number.
${supervisor}
        .window 4, 12
        L     r8, limit
        LA    r7, 0             ; r7 = primes found
        LA    r5, 2             ; r5 = the number under test
nextn:  LA    r4, (r5)
        SLTU  r4, (r8)
        BZ    r4, report
        LA    r2, 2
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
prime:  ADD   r7, 1
step:   ADD   r5, 1
        JMP   nextn

report: LA    r6, digits + 10
digit:  SUB   r6, 1
        LA    r2, (r7)
        REM   r2, 10
        ADD   r2, '0'
        ST    r2, (r6)
        DIV   r7, 10
        BNZ   r7, digit
show:   L     r1, (r6)
        SVC   1
        ADD   r6, 1
        LA    r2, (r6)
        XOR   r2, digits + 10
        BNZ   r2, show
        LA    r1, '\\n'
        SVC   1
        SVC   0
limit:  .word ${limit}
digits: .space 10
`

/**
 * The source of a trap-heavy guest: a round is 29 steps, 3 of them traps from user mode and 9 privileged instructions
 * in supervisor mode. At least one round.
 */
export const trapStorm = (rounds: number): string => `; ${rounds} rounds of traps: supervisor calls, and privileged instructions tried in user mode.
        .window 0, 4
        .entry start
oldpsw: .word 0
newpsw: .psw  s, trap, 0, 4
begin:  .psw  u, 0, 4, 2
start:  L     r10, rounds
        LPSW  begin

; Each trap: read the timer and R, step over the instruction that trapped, return.
trap:   RTIM  r4
        SRB   r5
        L     r15, oldpsw
        ADD   r15, (r11)
        ST    r15, oldpsw
        ADD   r9, 1             ; traps taken
        BZ    r10, end
        LPSW  oldpsw
end:    LA    r1, '.'
        OUT   r1, 0
        LA    r1, '\\n'
        OUT   r1, 0
        HALT
rounds: .word ${rounds}

        .window 4, 2
        L     r11, one
again:  SUB   r10, 1
        SVC   1
        SRB   r1                ; privileged: the supervisor steps over it
        RTIM  r2
        JMP   again
one:    .word 0x00010000
`

/** The source of a guest that lets the timer interrupt a counting user, at least once. */
export const timer = (ticks: number): string => `; Lets the timer interrupt a counting user ${ticks} times; prints a dot for each, then the count in hexadecimal.
        .window 0, 4
        .entry start
oldpsw: .word 0
newpsw: .psw  s, trap, 0, 4
begin:  .psw  u, 0, 4, 1
start:  L     r10, ticks
        LA    r11, 100          ; instructions between two interrupts
        STIM  r11
        LPSW  begin

trap:   LA    r1, '.'
        OUT   r1, 0
        SUB   r10, 1
        BZ    r10, end
        STIM  r11
        LPSW  oldpsw            ; the interrupted instruction has not been done yet

end:    LA    r3, 32
nibble: SUB   r3, 4
        LA    r1, (r2)
        SHR   r1, (r3)
        AND   r1, 15
        L     r1, hex(r1)
        OUT   r1, 0
        BNZ   r3, nibble
        LA    r1, '\\n'
        OUT   r1, 0
        HALT
ticks:  .word ${ticks}
hex:    .ascii "0123456789ABCDEF"

        .window 4, 1
count:  ADD   r2, 1
        JMP   count
`

const echo = `; Prints what is typed until nothing is left.
        .org   2
        .entry start
start:  IN    r1, 0
        XOR   r1, -1            ; -1: no key is left
        BZ    r1, done
        XOR   r1, -1
        OUT   r1, 0
        JMP   start
done:   HALT
`

const typed = (text: string): number[] => Array.from(text, (one) => one.charCodeAt(0))

/** Every guest, with the sizes used for demonstrations; benchmarks make longer ones with `primes`, `trapStorm` and `timer`. */
export const guests: readonly Guest[] = [
  {
    name: 'kernel',
    description: 'an operating system kernel with two processes, every trap cause, console and disk',
    source: kernel,
    options: { size: 1024, diskSize: 128, keyboard: typed('typed') },
  },
  { name: 'hello', description: 'prints one line in supervisor mode', source: hello, options: { size: 64 } },
  { name: 'primes', description: 'counts primes in user mode: CPU-bound', source: primes(1000), options: { size: 256 } },
  { name: 'trap-storm', description: 'supervisor calls and privileged instructions', source: trapStorm(1000), options: { size: 96 } },
  { name: 'timer', description: 'a user program interrupted by the timer', source: timer(16), options: { size: 80 } },
  { name: 'echo', description: 'prints what is typed', source: echo, options: { size: 32, keyboard: typed('hello, keyboard\n') } },
]
