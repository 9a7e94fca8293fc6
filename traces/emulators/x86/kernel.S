# Test kernel for x86 in 32-bit protected mode: each record is a guest that is entered by VMRUN with all its state, hidden
# parts too, and left by the fault that follows its one instruction; no table, stack or page of the guest is the kernel's.
# Assembled by ../build-kernels.mjs. A record is 380 doublewords; offsets below are those of record.ts.
        .set    VMCB, 0x8000
        .set    HSAVE, 0x9000
        .set    SAVED, 146              # doublewords of VMCB from 400
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
        mov     $0xc0000080, %ecx       # EFER.SVME
        rdmsr
        or      $0x1000, %eax
        wrmsr
        mov     $0xc0010117, %ecx
        mov     $HSAVE, %eax
        xor     %edx, %edx
        wrmsr
        movl    $0xffffffff, VMCB+0x008 # every exception
        movl    $0xa1000000, VMCB+0x00c # HLT, task switch, shutdown
        movl    $1, VMCB+0x010          # VMRUN
        movl    $1, VMCB+0x058          # address space
        movl    $1, VMCB+0x05c          # flush it
        movl    $0x01000000, VMCB+0x060 # the guest's IF is about its own interrupts
        mov     $identity, %edi
        xor     %esi, %esi
1:      mov     %esi, %eax
        xor     %ecx, %ecx
        cpuid
        mov     %eax, (%edi)
        mov     %ebx, 4(%edi)
        mov     %ecx, 8(%edi)
        mov     %edx, 12(%edi)
        add     $16, %edi
        inc     %esi
        cmp     $2, %esi
        jb      1b
begin:  mov     first, %ebp
next:   mov     %ebp, current
        cmp     last, %ebp
        je      done

        mov     4*164(%ebp), %edi       # the instruction, among HLTs
        lea     4*165(%ebp), %esi
        mov     $4, %ecx
        rep movsl
        lea     4*169(%ebp), %esi       # doublewords of memory, then of page tables: how many, address and content of each
        call    lay
        lea     4*298(%ebp), %esi
        call    lay
        mov     4*161(%ebp), %edx       # a port: number, width, content
        mov     4*163(%ebp), %eax
        cmpl    $1, 4*162(%ebp)
        jb      3f
        jne     2f
        out     %al, %dx
        jmp     3f
2:      out     %eax, %dx
3:      mov     %ebp, %esi
        mov     $VMCB+0x400, %edi
        mov     $SAVED, %ecx
        rep movsl
        mov     4*152(%ebp), %eax
        mov     %eax, %dr0
        mov     4*153(%ebp), %eax
        mov     %eax, %dr1
        mov     4*154(%ebp), %eax
        mov     %eax, %dr2
        mov     4*155(%ebp), %eax
        mov     %eax, %dr3
        movl    $0, VMCB+0x0a8          # no event to inject
        mov     4*156(%ebp), %ebx       # the time stamp's offset
        mov     4*157(%ebp), %ecx
        rdtsc
        sub     %eax, %ebx
        sbb     %edx, %ecx
        mov     %ebx, VMCB+0x050
        mov     %ecx, VMCB+0x054
        mov     4*146(%ebp), %ecx
        mov     4*147(%ebp), %edx
        mov     4*148(%ebp), %ebx
        mov     4*150(%ebp), %esi
        mov     4*151(%ebp), %edi
        mov     4*149(%ebp), %ebp
        mov     $VMCB, %eax
        vmload
        vmrun
        vmsave
        mov     %ebp, held
        mov     current, %ebp
        mov     %ecx, 4*146(%ebp)
        mov     %edx, 4*147(%ebp)
        mov     %ebx, 4*148(%ebp)
        mov     %esi, 4*150(%ebp)
        mov     %edi, 4*151(%ebp)
        mov     held, %eax
        mov     %eax, 4*149(%ebp)
        mov     %dr0, %eax
        mov     %eax, 4*152(%ebp)
        mov     %dr1, %eax
        mov     %eax, 4*153(%ebp)
        mov     %dr2, %eax
        mov     %eax, 4*154(%ebp)
        mov     %dr3, %eax
        mov     %eax, 4*155(%ebp)
        mov     VMCB+0x070, %eax        # why it was left
        mov     %eax, 4*158(%ebp)
        mov     VMCB+0x078, %eax
        mov     %eax, 4*159(%ebp)
        mov     VMCB+0x080, %eax
        mov     %eax, 4*160(%ebp)
        mov     $VMCB+0x400, %esi
        mov     %ebp, %edi
        mov     $SAVED, %ecx
        rep movsl
        mov     4*161(%ebp), %edx
        cmpl    $1, 4*162(%ebp)
        jb      3f
        jne     2f
        xor     %eax, %eax
        in      %dx, %al
        jmp     1f
2:      in      %dx, %eax
1:      mov     %eax, 4*163(%ebp)
3:      lea     4*169(%ebp), %esi
        call    take
        lea     4*298(%ebp), %esi
        call    take
        mov     4*164(%ebp), %edi
        mov     $0xf4f4f4f4, %eax
        mov     $4, %ecx
        rep stosl
        add     $4*380, %ebp
        jmp     next

lay:    mov     (%esi), %ecx
1:      sub     $1, %ecx
        js      2f
        mov     4(%esi), %edi
        mov     8(%esi), %eax
        mov     %eax, (%edi)
        add     $8, %esi
        jmp     1b
2:      ret
# Reads them back, and leaves zeros.
take:   mov     (%esi), %ecx
        xor     %edx, %edx
1:      sub     $1, %ecx
        js      2f
        mov     4(%esi), %edi
        mov     (%edi), %eax
        mov     %eax, 8(%esi)
        mov     %edx, (%edi)
        add     $8, %esi
        jmp     1b
2:      ret

done:   jmp     done

        .balign 8
descriptors: .quad 0, 0x00cf9b000000ffff, 0x00cf93000000ffff
table:  .word   23
        .long   descriptors
        .balign 4
held:   .long   0
        .globl  start, begin, done, current, first, last, identity
current: .long  0
first:  .long   0
last:   .long   0
# CPUID 0 and 1
identity: .fill 8, 4
