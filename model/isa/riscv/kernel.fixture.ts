// A kernel in miniature: M-mode sets up and passes the timer on, S-mode takes calls, page faults and interrupts, U-mode runs.

/*
 * Assembled from this, for 0x80000000, with riscv64-unknown-elf-gcc 12.2 -march=rv64imafdc_zicsr.
 *
 *     .option norelax
 *     .globl _start
 * _start:
 *     la t0, mtrap
 *     csrw mtvec, t0
 *     la t0, strap
 *     csrw stvec, t0
 *     li t0, -1
 *     csrw pmpaddr0, t0
 *     li t0, 0x1f
 *     csrw pmpcfg0, t0
 *     li t0, 0x2100
 *     csrw medeleg, t0
 *     li t0, 1 << 5
 *     csrw mideleg, t0
 *     li t0, 0x80
 *     csrw mie, t0
 *     la t0, root
 *     srli t0, t0, 12
 *     li t1, 8
 *     slli t1, t1, 60
 *     or t0, t0, t1
 *     csrw satp, t0
 *     la t0, smode
 *     csrw mepc, t0
 *     li t0, 1 << 11
 *     csrw mstatus, t0
 *     mret
 * mtrap:
 *     csrr s2, mcause
 *     bltz s2, timer
 *     j .
 * timer:
 *     li t0, 0x80
 *     csrc mie, t0
 *     li t0, 0x20
 *     csrs mip, t0
 *     mret
 *     .align 2
 * smode:
 *     li t0, 0x20
 *     csrs sie, t0
 *     la t0, user
 *     csrw sepc, t0
 *     sret
 *     .align 2
 * strap:
 *     csrr t0, scause
 *     li t1, 8
 *     beq t0, t1, call
 *     li t1, 13
 *     beq t0, t1, fault
 *     # the timer's interrupt
 *     li t1, 0x20
 *     csrc sie, t1
 *     addi s4, s4, 1
 *     sret
 * call:
 *     addi s3, s3, 1
 *     add a0, a0, a0
 *     csrr t0, sepc
 *     addi t0, t0, 4
 *     csrw sepc, t0
 *     sret
 * fault:
 *     csrr s5, stval
 *     ecall
 *     .org 0x200000
 * user:
 *     li a0, 5
 *     ecall
 *     ecall
 *     li t2, 100
 * 1:  addi t2, t2, -1
 *     bnez t2, 1b
 *     lui t3, 0x12345
 *     ld t4, 0x678(t3)
 *     j .
 */
export const kernel = { base: 0x8000_0000n, root: 0x8000_1000n, middle: 0x8000_2000n, user: 0x8020_0000n, loop: 0x8000_0078n, userLoop: 0x8020_0010n } as const

const bytes = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))
export const supervisorCode = bytes([
  'lwIAAJOCAgdzkFIwlwIAAJOCwglzkFIQ/VJzkAI7/UJzkAI6iWKbggIQc5AiMJMCAAJzkDIwkwIACHOQQjCXEgAAk4Ii/JPSwgAhQ3ITs+JiAHOQAhiXAgAAk4KiA3OQ',
  'EjSFYpuCAoBzkAIwcwAgMHMpIDRjQwkAAaCTAgAIc7BCMJMCAAJzoEI0cwAgMAEAkwIAAnOgQhCXAiAAk4KC9nOQEhRzACAQ8yIgFCFDY4xiADVDY4JiAhMDAAJzMEMQ',
  'BQpzACAQhQkqlfMiEBSRAnOQEhRzACAQ8yowFHMAAAATAAAA',
].join(''))
export const userCode = bytes('FUVzAAAAcwAAAJMDQAb9E+OfA/43XjQSgz6OZwGgAQA=')
