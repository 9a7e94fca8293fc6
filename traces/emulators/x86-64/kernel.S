# Test kernel for x86 in 64-bit mode: each record is a guest that is entered by VMRUN with all its state, hidden parts too,
# and left by the fault that follows its one instruction; no table, stack or page of the guest is the kernel's.
# Assembled by ../build-kernels.mjs. A record is 1264 bytes; offsets below are those of record.ts.
        .set    VMCB, 0x8000
        .set    HSAVE, 0x9000
        .set    DIRECTORY, 0xa000       # the kernel's own page tables: 16 MB where they are
        .set    LOG, 0xd000             # addresses of the guest's page table entries
        .set    SAVED, 146              # doublewords of VMCB from 400
        .set    FRAMES, 0x200000
        .set    TABLES, 0x400000
        .text
        .code16
start:  cli
        lgdtl   table
        mov     %cr0, %eax
        or      $1, %al
        mov     %eax, %cr0
        ljmpl   $8, $wide
        .code32
wide:   mov     $16, %ax
        mov     %ax, %ds
        mov     %ax, %es
        mov     %ax, %ss
        mov     $0x8000, %esp
        mov     $0xff, %al              # no interrupt
        out     %al, $0x21
        out     %al, $0xa1
        movl    $DIRECTORY + 0x1003, DIRECTORY
        movl    $DIRECTORY + 0x2003, DIRECTORY + 0x1000
        mov     $DIRECTORY + 0x2000, %edi
        mov     $0x83, %eax
1:      mov     %eax, (%edi)
        add     $8, %edi
        add     $0x200000, %eax
        cmp     $0x1000083, %eax
        jb      1b
        mov     $0x20, %eax             # CR4.PAE
        mov     %eax, %cr4
        mov     $DIRECTORY, %eax
        mov     %eax, %cr3
        mov     $0xc0000080, %ecx       # EFER.SVME and LME
        rdmsr
        or      $0x1100, %eax
        wrmsr
        mov     %cr0, %eax
        or      $0x80000000, %eax
        mov     %eax, %cr0
        ljmpl   $24, $long
        .code64
long:   mov     $0xc0010117, %ecx
        mov     $HSAVE, %eax
        xor     %edx, %edx
        wrmsr
        movl    $0xffffffff, VMCB+0x008 # every exception
        movl    $0xa1000000, VMCB+0x00c # HLT, task switch, shutdown
        movl    $0x00000801, VMCB+0x010 # VMRUN, MWAIT
        movl    $1, VMCB+0x058          # address space
        movl    $1, VMCB+0x05c          # flush it
        mov     $identity, %edi
        xor     %esi, %esi
1:      mov     %esi, %eax
        xor     %ecx, %ecx
        cpuid
        mov     %eax, (%rdi)
        mov     %ebx, 4(%rdi)
        mov     %ecx, 8(%rdi)
        mov     %edx, 12(%rdi)
        add     $16, %rdi
        add     $1, %esi
        cmp     $2, %esi
        jb      1b
        mov     $13, %eax               # after 0 and 1, once
        cmp     $14, %esi
        mov     %eax, %esi
        jb      1b
        mov     identity + 24, %ecx     # CPUID 1: XSAVE
        and     $0x04000000, %ecx
        mov     %ecx, extended
        jz      begin
        mov     %cr4, %rax
        or      $0x40000, %eax          # OSXSAVE
        mov     %rax, %cr4
begin:  mov     first, %rbp
next:   mov     %rbp, current
        cmp     last, %rbp
        je      done

        lea     1132(%rbp), %rsi        # pages: how many, address and low bits of the entry of each
        mov     (%rsi), %r8d
        add     $4, %rsi
        mov     $FRAMES, %r9d
        mov     $TABLES, %r10d
        mov     $LOG, %edi
1:      sub     $1, %r8d
        js      5f
        mov     (%rsi), %rax
        add     $8, %rsi
        mov     0x150(%rbp), %rbx       # CR3
        and     $~0xfff, %rbx
        mov     $39, %ecx
2:      mov     %rax, %rdx
        shr     %cl, %rdx
        and     $511, %edx
        lea     (%rbx,%rdx,8), %rdx
        cmp     $12, %ecx
        je      4f
        mov     (%rdx), %rbx
        test    %rbx, %rbx
        jnz     3f
        lea     0x67(%r10), %rbx
        add     $4096, %r10
        mov     %rbx, (%rdx)
        mov     %rdx, (%rdi)
        add     $8, %rdi
3:      and     $~0xfff, %rbx
        sub     $9, %ecx
        jmp     2b
4:      and     $0xfff, %eax
        or      %r9, %rax
        mov     %rax, (%rdx)
        mov     %rdx, (%rdi)
        add     $8, %rdi
        add     $4096, %r9
        jmp     1b
5:      mov     %rdi, logged

        mov     788(%rbp), %edi         # the instruction, among HLTs
        lea     792(%rbp), %rsi
        mov     $4, %ecx
        rep movsl
        lea     808(%rbp), %rsi         # doublewords of memory: how many, address and content of each
        mov     (%rsi), %ecx
1:      sub     $1, %ecx
        js      2f
        mov     4(%rsi), %edi
        mov     8(%rsi), %eax
        mov     %eax, (%rdi)
        add     $8, %rsi
        jmp     1b
2:      mov     776(%rbp), %edx         # a port: number, width, content
        mov     784(%rbp), %eax
        cmpl    $1, 780(%rbp)
        jb      3f
        jne     2f
        out     %al, %dx
        jmp     3f
2:      out     %eax, %dx
3:      mov     %rbp, %rsi
        mov     $VMCB+0x400, %edi
        mov     $SAVED, %ecx
        rep movsl
        mov     696(%rbp), %rax
        mov     %rax, %dr0
        mov     704(%rbp), %rax
        mov     %rax, %dr1
        mov     712(%rbp), %rax
        mov     %rax, %dr2
        mov     720(%rbp), %rax
        mov     %rax, %dr3
        movl    $0, VMCB+0x0a8          # no event to inject
        mov     736(%rbp), %eax         # CR8
        or      $0x01000000, %eax       # the guest's IF is about its own interrupts
        mov     %eax, VMCB+0x060
        mov     $0xc0000103, %ecx
        mov     740(%rbp), %eax         # TSC_AUX
        xor     %edx, %edx
        wrmsr
        cmpl    $0, extended
        je      1f
        xor     %ecx, %ecx
        mov     744(%rbp), %eax         # XCR0
        xsetbv
1:      rdtsc                           # the time stamp's offset
        shl     $32, %rdx
        or      %rdx, %rax
        mov     728(%rbp), %rbx
        sub     %rax, %rbx
        mov     %rbx, VMCB+0x050
        mov     584(%rbp), %rcx
        mov     592(%rbp), %rdx
        mov     600(%rbp), %rbx
        mov     616(%rbp), %rsi
        mov     624(%rbp), %rdi
        mov     632(%rbp), %r8
        mov     640(%rbp), %r9
        mov     648(%rbp), %r10
        mov     656(%rbp), %r11
        mov     664(%rbp), %r12
        mov     672(%rbp), %r13
        mov     680(%rbp), %r14
        mov     688(%rbp), %r15
        mov     608(%rbp), %rbp
        mov     $VMCB, %eax
        vmload
        vmrun
        vmsave
        mov     %rbp, held
        mov     current, %rbp
        mov     %rcx, 584(%rbp)
        mov     %rdx, 592(%rbp)
        mov     %rbx, 600(%rbp)
        mov     %rsi, 616(%rbp)
        mov     %rdi, 624(%rbp)
        mov     %r8, 632(%rbp)
        mov     %r9, 640(%rbp)
        mov     %r10, 648(%rbp)
        mov     %r11, 656(%rbp)
        mov     %r12, 664(%rbp)
        mov     %r13, 672(%rbp)
        mov     %r14, 680(%rbp)
        mov     %r15, 688(%rbp)
        mov     held, %rax
        mov     %rax, 608(%rbp)
        mov     %dr0, %rax
        mov     %rax, 696(%rbp)
        mov     %dr1, %rax
        mov     %rax, 704(%rbp)
        mov     %dr2, %rax
        mov     %rax, 712(%rbp)
        mov     %dr3, %rax
        mov     %rax, 720(%rbp)
        mov     VMCB+0x060, %eax
        and     $0xf, %eax
        mov     %eax, 736(%rbp)
        mov     $0xc0000103, %ecx
        rdmsr
        mov     %eax, 740(%rbp)
        cmpl    $0, extended
        je      1f
        xor     %ecx, %ecx
        xgetbv
        mov     %eax, 744(%rbp)
1:      mov     VMCB+0x070, %rax        # why it was left
        mov     %rax, 752(%rbp)
        mov     VMCB+0x078, %rax
        mov     %rax, 760(%rbp)
        mov     VMCB+0x080, %rax
        mov     %rax, 768(%rbp)
        mov     $VMCB+0x400, %esi
        mov     %rbp, %rdi
        mov     $SAVED, %ecx
        rep movsl
        mov     776(%rbp), %edx
        cmpl    $1, 780(%rbp)
        jb      3f
        jne     2f
        xor     %eax, %eax
        in      %dx, %al
        jmp     1f
2:      in      %dx, %eax
1:      mov     %eax, 784(%rbp)
3:      lea     808(%rbp), %rsi         # memory is read back, and left as zeros
        mov     (%rsi), %ecx
        xor     %edx, %edx
1:      sub     $1, %ecx
        js      2f
        mov     4(%rsi), %edi
        mov     (%rdi), %eax
        mov     %eax, 8(%rsi)
        mov     %edx, (%rdi)
        add     $8, %rsi
        jmp     1b
2:      mov     788(%rbp), %edi
        mov     $0xf4f4f4f4, %eax
        mov     $4, %ecx
        rep stosl
        mov     $LOG, %esi
1:      cmp     logged, %rsi
        je      2f
        mov     (%rsi), %rdi
        movq    $0, (%rdi)
        add     $8, %rsi
        jmp     1b
2:      add     $1264, %rbp
        jmp     next

done:   jmp     done

        .balign 8
descriptors: .quad 0, 0x00cf9b000000ffff, 0x00cf93000000ffff, 0x00af9b000000ffff
table:  .word   31
        .long   descriptors
        .balign 8
held:   .quad   0
logged: .quad   0
extended: .quad 0
        .globl  start, begin, done, current, first, last, identity
current: .quad  0
first:  .quad   0
last:   .quad   0
# CPUID 0, 1 and 0D
identity: .fill 12, 4
