// Executes single instructions of 32-bit code in ring 3 of this processor, under Linux on x86-64: reads trials, writes results.
// The code segment is the one that Linux keeps for 32-bit programs; control comes back by the signal that follows.
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

enum { words = 24, code_selector = 0x23, set_fs = 0x1002, get_fs = 0x1003 };

struct trial {
  uint32_t R[8], flags, ip, ds, es, fs, gs;
  uint8_t bytes[8];
  uint32_t length, count, memory[words][2];
};
struct result {
  uint32_t signal, vector, error, address, R[8], flags, ip, cs, ss, ds, es, fs, gs, memory[words];
};

static struct trial now __attribute__((used));
static struct result then;
static sigjmp_buf back;
static uint64_t thread, own_stack;
static struct { uint32_t offset; uint16_t selector; } __attribute__((packed)) target __attribute__((used));

/** First of all FS, by which the C library finds its thread. */
__attribute__((optimize("no-stack-protector"))) static void caught(int number, siginfo_t *info, void *context) {
  uint16_t ds, es, fs, gs;
  __asm__ volatile("mov %%ds, %0; mov %%es, %1; mov %%fs, %2; mov %%gs, %3" : "=r"(ds), "=r"(es), "=r"(fs), "=r"(gs));
  long ignored;
  __asm__ volatile("syscall" : "=a"(ignored) : "0"((long)SYS_arch_prctl), "D"((long)set_fs), "S"(thread) : "rcx", "r11", "memory");
  const greg_t *g = ((ucontext_t *)context)->uc_mcontext.gregs;
  const int order[8] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI};
  for (int n = 0; n < 8; n++) then.R[n] = (uint32_t)g[order[n]];
  then.signal = (uint32_t)number;
  then.vector = (uint32_t)g[REG_TRAPNO];
  then.error = (uint32_t)g[REG_ERR];
  then.address = (uint32_t)g[REG_CR2];
  then.flags = (uint32_t)g[REG_EFL];
  then.ip = (uint32_t)g[REG_RIP];
  then.cs = (uint16_t)g[REG_CSGSFS];
  then.ss = (uint16_t)((uint64_t)g[REG_CSGSFS] >> 48);
  then.ds = ds;
  then.es = es;
  then.fs = fs;
  then.gs = gs;
  (void)info;
  siglongjmp(back, 1);
}

static void *page(uint32_t address) { return (void *)(uintptr_t)(address & ~4095u); }
static int map(uint32_t address, int protection) {
  void *at = page(address);
  void *is = mmap(at, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  return is == at;
}

static void execute(void) {
  if (sigsetjmp(back, 1)) return;
  target.offset = now.ip;
  target.selector = code_selector;
  uint16_t fs = (uint16_t)now.fs, gs = (uint16_t)now.gs;
  __asm__ volatile(
      "mov %%rsp, %[own]\n\t"
      "pushq %[flags]\n\t"
      "mov %[gs], %%gs\n\t"
      "mov %[fs], %%fs\n\t"
      "mov %[ds], %%ds\n\t"
      "mov %[es], %%es\n\t"
      "popfq\n\t"
      "lea now(%%rip), %%rdi\n\t"
      "mov (%%rdi), %%eax\n\t"
      "mov 4(%%rdi), %%ecx\n\t"
      "mov 8(%%rdi), %%edx\n\t"
      "mov 12(%%rdi), %%ebx\n\t"
      "mov 16(%%rdi), %%esp\n\t"
      "mov 20(%%rdi), %%ebp\n\t"
      "mov 24(%%rdi), %%esi\n\t"
      "mov 28(%%rdi), %%edi\n\t"
      "ljmpl *target(%%rip)"
      : [own] "=m"(own_stack)
      : [flags] "r"((uint64_t)now.flags), [gs] "r"(gs), [fs] "r"(fs), [ds] "r"((uint16_t)now.ds), [es] "r"((uint16_t)now.es)
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
    const uint32_t code[2] = {now.ip, now.ip + 16};
    for (int n = 0; n < 2; n++) {
      if (n == 1 && page(code[1]) == page(code[0])) continue;
      whole &= map(code[n], PROT_READ | PROT_WRITE | PROT_EXEC);
      if (whole) memset(mapped[pages++] = page(code[n]), 0xf4, 4096);
    }
    for (uint32_t n = 0; whole && n < now.count; n++) {
      int known = 0;
      for (int i = 0; i < pages; i++) known |= mapped[i] == page(now.memory[n][0]);
      if (known) continue;
      whole &= map(now.memory[n][0], PROT_READ | PROT_WRITE);
      if (whole) mapped[pages++] = page(now.memory[n][0]);
    }
    if (whole) {
      memcpy((void *)(uintptr_t)now.ip, now.bytes, now.length);
      for (uint32_t n = 0; n < now.count; n++) *(uint32_t *)(uintptr_t)now.memory[n][0] = now.memory[n][1];
      execute();
      for (uint32_t n = 0; n < now.count; n++) then.memory[n] = *(uint32_t *)(uintptr_t)now.memory[n][0];
    }
    for (int i = 0; i < pages; i++) munmap(mapped[i], 4096);
    fwrite(&then, sizeof then, 1, stdout);
    fflush(stdout);
  }
  return 0;
}
