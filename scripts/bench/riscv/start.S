# Starts a program of programs.c in machine mode; the test finisher ends it, with a failure after an unexpected trap.
        .section .text.start
        .globl  _start
_start: la      sp, stack
        li      t0, 0x6000              # FS is Dirty
        csrs    mstatus, t0
        la      t0, failed
        csrw    mtvec, t0
        call    main
        li      t0, 0x5555
end:    li      t1, 0x100000
        sw      t0, 0(t1)
1:      j       1b
        .balign 4
failed: li      t0, 0x13333
        j       end
        .bss
        .balign 4096
        .space  65536
stack:
