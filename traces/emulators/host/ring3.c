// Executes single instructions in ring 3 of this processor, under Linux on x86-64: reads trials, writes results.
// 32-bit code has the code segment that Linux keeps for 32-bit programs; control comes back by the signal that follows.
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

enum { words = 24, code_selector = 0x23, set_fs = 0x1002, get_fs = 0x1003 };

/** The mode is 32 or 64 bits; without writes_bases the bases of FS and GS are what their selectors make them. */
struct trial {
  uint64_t R[16], flags, ip, bases[2];
  uint16_t ds, es, fs, gs;
  uint8_t bytes[16];
  uint32_t bits, length, count, writes_bases;
  struct { uint64_t address, value; } memory[words];
};
struct result {
  uint64_t signal, vector, error, address, R[16], flags, ip, bases[2];
  uint16_t cs, ss, ds, es, fs, gs, unused[2];
  uint64_t memory[words];
};

static struct trial now __attribute__((used));
static struct result then;
static sigjmp_buf back;
static uint64_t thread, own_stack;
static struct { uint32_t offset; uint16_t selector; } __attribute__((packed)) target __attribute__((used));

/** First of all FS, by which the C library finds its thread. */
__attribute__((optimize("no-stack-protector"))) static void caught(int number, siginfo_t *info, void *context) {
  uint16_t ds, es, fs, gs;
  uint64_t bases[2] = {0, 0};
  __asm__ volatile("mov %%ds, %0; mov %%es, %1; mov %%fs, %2; mov %%gs, %3" : "=r"(ds), "=r"(es), "=r"(fs), "=r"(gs));
  if (now.writes_bases) __asm__ volatile("rdfsbase %0; rdgsbase %1" : "=r"(bases[0]), "=r"(bases[1]));
  long ignored;
  __asm__ volatile("syscall" : "=a"(ignored) : "0"((long)SYS_arch_prctl), "D"((long)set_fs), "S"(thread) : "rcx", "r11", "memory");
  const greg_t *g = ((ucontext_t *)context)->uc_mcontext.gregs;
  const int order[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI, REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};
  for (int n = 0; n < 16; n++) then.R[n] = (uint64_t)g[order[n]];
  then.signal = (uint64_t)number;
  then.vector = (uint64_t)g[REG_TRAPNO];
  then.error = (uint64_t)g[REG_ERR];
  then.address = (uint64_t)g[REG_CR2];
  then.flags = (uint64_t)g[REG_EFL];
  then.ip = (uint64_t)g[REG_RIP];
  then.cs = (uint16_t)g[REG_CSGSFS];
  then.ss = (uint16_t)((uint64_t)g[REG_CSGSFS] >> 48);
  then.ds = ds;
  then.es = es;
  then.fs = fs;
  then.gs = gs;
  then.bases[0] = bases[0];
  then.bases[1] = bases[1];
  (void)info;
  siglongjmp(back, 1);
}

static void *page(uint64_t address) { return (void *)(uintptr_t)(address & ~4095ull); }
static int map(uint64_t address, int protection) {
  void *at = page(address);
  void *is = mmap(at, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  return is == at;
}

/** Storage in the upper half of addresses is Linux's: a reference to it faults. */
static int is_own(uint64_t address) { return address >> 47 == 0; }

static void execute(void) {
  if (sigsetjmp(back, 1)) return;
  target.offset = (uint32_t)now.ip;
  target.selector = code_selector;
  __asm__ volatile(
      "mov %%rsp, %[own]\n\t"
      "lea now(%%rip), %%rdi\n\t"
      "pushq %c[flags](%%rdi)\n\t"
      "mov %c[gs](%%rdi), %%gs\n\t"
      "mov %c[fs](%%rdi), %%fs\n\t"
      "mov %c[ds](%%rdi), %%ds\n\t"
      "mov %c[es](%%rdi), %%es\n\t"
      "cmpl $0, %c[writes](%%rdi)\n\t"
      "je 1f\n\t"
      "mov %c[bases](%%rdi), %%rax\n\t"
      "wrfsbase %%rax\n\t"
      "mov %c[bases]+8(%%rdi), %%rax\n\t"
      "wrgsbase %%rax\n\t"
      "1: cmpl $32, %c[bits](%%rdi)\n\t"
      "jne 2f\n\t"
      "popfq\n\t"
      "mov (%%rdi), %%eax\n\t"
      "mov 8(%%rdi), %%ecx\n\t"
      "mov 16(%%rdi), %%edx\n\t"
      "mov 24(%%rdi), %%ebx\n\t"
      "mov 32(%%rdi), %%esp\n\t"
      "mov 40(%%rdi), %%ebp\n\t"
      "mov 48(%%rdi), %%esi\n\t"
      "mov 56(%%rdi), %%edi\n\t"
      "ljmpl *target(%%rip)\n"
      "2: popfq\n\t"
      "mov (%%rdi), %%rax\n\t"
      "mov 8(%%rdi), %%rcx\n\t"
      "mov 16(%%rdi), %%rdx\n\t"
      "mov 24(%%rdi), %%rbx\n\t"
      "mov 32(%%rdi), %%rsp\n\t"
      "mov 40(%%rdi), %%rbp\n\t"
      "mov 48(%%rdi), %%rsi\n\t"
      "mov 64(%%rdi), %%r8\n\t"
      "mov 72(%%rdi), %%r9\n\t"
      "mov 80(%%rdi), %%r10\n\t"
      "mov 88(%%rdi), %%r11\n\t"
      "mov 96(%%rdi), %%r12\n\t"
      "mov 104(%%rdi), %%r13\n\t"
      "mov 112(%%rdi), %%r14\n\t"
      "mov 120(%%rdi), %%r15\n\t"
      "mov 56(%%rdi), %%rdi\n\t"
      "jmp *now+%c[ip](%%rip)"
      : [own] "=m"(own_stack)
      : [flags] "i"(offsetof(struct trial, flags)), [ip] "i"(offsetof(struct trial, ip)), [bases] "i"(offsetof(struct trial, bases)),
        [ds] "i"(offsetof(struct trial, ds)), [es] "i"(offsetof(struct trial, es)), [fs] "i"(offsetof(struct trial, fs)),
        [gs] "i"(offsetof(struct trial, gs)), [bits] "i"(offsetof(struct trial, bits)), [writes] "i"(offsetof(struct trial, writes_bases))
      : "memory");
}

int main(void) {
  static uint8_t stack[65536];
  const stack_t other = {.ss_sp = stack, .ss_size = sizeof stack};
  sigaltstack(&other, NULL);
  syscall(SYS_arch_prctl, get_fs, &thread);
  struct sigaction action = {.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
  action.sa_sigaction = caught;
  const int signals[] = {SIGSEGV, SIGILL, SIGTRAP, SIGBUS, SIGFPE};
  for (unsigned n = 0; n < sizeof signals / sizeof *signals; n++) sigaction(signals[n], &action, NULL);
  alarm(20);
  while (fread(&now, sizeof now, 1, stdin) == 1) {
    memset(&then, 0, sizeof then);
    void *mapped[words + 2];
    int pages = 0, whole = 1;
    const uint64_t code[2] = {now.ip, now.ip + 16};
    for (int n = 0; n < 2; n++) {
      if (n == 1 && page(code[1]) == page(code[0])) continue;
      whole &= map(code[n], PROT_READ | PROT_WRITE | PROT_EXEC);
      if (whole) memset(mapped[pages++] = page(code[n]), 0xf4, 4096);
    }
    const size_t size = now.bits / 8;
    for (uint32_t n = 0; whole && n < now.count; n++) {
      if (!is_own(now.memory[n].address)) continue;
      int known = 0;
      for (int i = 0; i < pages; i++) known |= mapped[i] == page(now.memory[n].address);
      if (known) continue;
      whole &= map(now.memory[n].address, PROT_READ | PROT_WRITE);
      if (whole) mapped[pages++] = page(now.memory[n].address);
    }
    if (whole) {
      memcpy((void *)(uintptr_t)now.ip, now.bytes, now.length);
      for (uint32_t n = 0; n < now.count; n++)
        if (is_own(now.memory[n].address)) memcpy((void *)(uintptr_t)now.memory[n].address, &now.memory[n].value, size);
      execute();
      for (uint32_t n = 0; n < now.count; n++)
        if (is_own(now.memory[n].address)) memcpy(&then.memory[n], (void *)(uintptr_t)now.memory[n].address, size);
    }
    for (int i = 0; i < pages; i++) munmap(mapped[i], 4096);
    fwrite(&then, sizeof then, 1, stdout);
    fflush(stdout);
  }
  return 0;
}
