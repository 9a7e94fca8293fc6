/* What `popek bench --only hart` runs, one program for each name that build.mjs defines. */
typedef unsigned long u64;
typedef unsigned char u8;
static volatile u64 sink;

#ifdef CALLS
static int __attribute__((noinline)) fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
int main(void) { sink = fib(36); return 0; }
#endif

#ifdef SORT
static int a[100000];
static void __attribute__((noinline)) sort(int *p, int left, int right) {
  if (left >= right) return;
  int pivot = p[(left + right) / 2], i = left, j = right;
  while (i <= j) {
    while (p[i] < pivot) i++;
    while (p[j] > pivot) j--;
    if (i <= j) { int t = p[i]; p[i++] = p[j]; p[j--] = t; }
  }
  sort(p, left, j);
  sort(p, i, right);
}
int main(void) {
  for (int k = 0; k < 60; k++) {
    unsigned s = 12345 + k;
    for (int i = 0; i < 100000; i++) { s = s * 1103515245 + 12345; a[i] = s >> 8; }
    sort(a, 0, 99999);
    sink += a[500];
  }
  return 0;
}
#endif

#ifdef SIEVE
static u8 composite[2000000];
int main(void) {
  for (int k = 0; k < 10; k++) {
    for (int i = 0; i < 2000000; i++) composite[i] = 0;
    for (int i = 2; i * i < 2000000; i++) if (!composite[i]) for (int j = i * i; j < 2000000; j += i) composite[j] = 1;
  }
  for (int i = 0; i < 2000000; i++) sink += composite[i];
  return 0;
}
#endif

#ifdef COPY
static u64 one[65536], other[65536];
static void __attribute__((noinline)) copy(u64 *to, const u64 *from, long n) { for (long i = 0; i < n; i++) to[i] = from[i]; }
int main(void) {
  for (int k = 0; k < 2000; k++) { copy(other, one, 65536); one[k] = k; }
  sink = other[5];
  return 0;
}
#endif

#ifdef RECORDS /* in the manner of Dhrystone: records, strings, small calls */
struct record { struct record *next; int kind, choice, number; char text[31]; };
static struct record first, second;
static char one[31] = "SOME TEXT OF THIRTY CHARACTERS", two[31];
static int __attribute__((noinline)) compare(const char *a, const char *b) { while (*a && *a == *b) a++, b++; return *a - *b; }
static void __attribute__((noinline)) copy(char *a, const char *b) { while ((*a++ = *b++)); }
static void __attribute__((noinline)) sum(int a, int b, int *c) { *c = a + 2 + b; }
static void __attribute__((noinline)) assign(struct record *p) {
  *p->next = *p;
  p->kind = 5;
  p->next->kind = p->kind;
  sum(p->kind, 10, &p->next->number);
  if (p->next->choice == 0) p->next->choice = 6; else *p = *p->next;
}
int main(void) {
  first.next = &second;
  second.next = &first;
  for (int i = 0; i < 1000000; i++) {
    int x;
    copy(two, one);
    if (compare(one, two) == 0) first.number++;
    assign(&first);
    sum(i, 3, &x);
    sink = x;
  }
  return 0;
}
#endif

#ifdef CORE /* in the manner of CoreMark: a list, a matrix, a state machine, a checksum */
struct node { struct node *next; short key; };
static struct node nodes[128];
static short m[3][24][24];
static const char text[] = "5012,1.5e3,-7,+0.125,x1,99,";
static unsigned __attribute__((noinline)) crc(unsigned c, unsigned v) { for (int i = 0; i < 16; i++) { c = (c ^ v) & 1 ? c >> 1 ^ 0xa001 : c >> 1; v >>= 1; } return c; }
static struct node *__attribute__((noinline)) reverse(struct node *p) { struct node *r = 0; while (p) { struct node *n = p->next; p->next = r; r = p; p = n; } return r; }
static int __attribute__((noinline)) numbers(const char *p) {
  int state = 0, found = 0;
  for (; *p; p++) switch (state) {
    case 0: state = *p == '+' || *p == '-' ? 1 : *p >= '0' && *p <= '9' ? 2 : 4; break;
    case 1: state = *p >= '0' && *p <= '9' ? 2 : 4; break;
    case 2: if (*p == ',') { found++; state = 0; } else if (*p == '.') state = 3; else if (*p < '0' || *p > '9') state = 4; break;
    case 3: if (*p == ',') { found++; state = 0; } else if (*p != 'e' && (*p < '0' || *p > '9')) state = 4; break;
    default: if (*p == ',') state = 0;
  }
  return found;
}
int main(void) {
  unsigned c = 0;
  for (int i = 0; i < 128; i++) { nodes[i].next = i < 127 ? &nodes[i + 1] : 0; nodes[i].key = i * 37; }
  struct node *list = nodes;
  for (int k = 0; k < 3000; k++) {
    list = reverse(list);
    for (struct node *p = list; p; p = p->next) c += p->key ^ k;
    for (int i = 0; i < 24; i++) for (int j = 0; j < 24; j++) {
      int t = 0;
      for (int l = 0; l < 24; l++) t += m[0][i][l] * m[1][l][j];
      m[2][i][j] = t + i;
      m[0][i][j] = t >> 3 ^ k;
      m[1][j][i] = t + j;
    }
    c = crc(c, m[2][3][4] + numbers(text));
  }
  sink = c;
  return 0;
}
#endif

#ifdef CHECKSUM
static u8 data[4096];
static unsigned table[256];
int main(void) {
  for (unsigned i = 0; i < 256; i++) { unsigned c = i; for (int k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ c >> 1 : c >> 1; table[i] = c; }
  unsigned c = ~0u;
  for (int k = 0; k < 20000; k++) for (int i = 0; i < 4096; i++) c = table[(c ^ data[i]) & 255] ^ c >> 8;
  sink = c;
  return 0;
}
#endif

#ifdef DOUBLES
static double m[3][64][64];
int main(void) {
  for (int i = 0; i < 64; i++) for (int j = 0; j < 64; j++) { m[0][i][j] = 1.0 / (i + j + 1); m[1][i][j] = 0.3 * i - 0.7 * j; }
  for (int k = 0; k < 80; k++) for (int i = 0; i < 64; i++) for (int j = 0; j < 64; j++) {
    double t = 0;
    for (int l = 0; l < 64; l++) t += m[0][i][l] * m[1][l][j];
    m[2][i][j] = t;
  }
  sink = (u64) m[2][3][4];
  return 0;
}
#endif

#ifdef PAGES /* supervisor mode, Sv39 with pages of 4 KiB: more of them than a TLB holds */
static u64 root[512] __attribute__((aligned(4096))), middle[512] __attribute__((aligned(4096))), leaves[512 * 8] __attribute__((aligned(4096)));
int main(void) {
  const u64 base = 0x80000000ul, all = 0xcf;
  root[0] = all;
  root[2] = (u64) middle >> 12 << 10 | 1;
  for (u64 i = 0; i < 512; i++) middle[i] = i < 8 ? (u64) (leaves + i * 512) >> 12 << 10 | 1 : (base + (i << 21)) >> 12 << 10 | all;
  for (u64 i = 0; i < 4096; i++) leaves[i] = (base + (i << 12)) >> 12 << 10 | all;
  __asm__ volatile("csrw satp, %0; sfence.vma; li t0, -1; csrw pmpaddr0, t0; li t0, 0x1f; csrw pmpcfg0, t0; la t0, 1f; csrw mepc, t0;"
    "li t0, 0x1800; csrc mstatus, t0; li t0, 0x800; csrs mstatus, t0; mret; 1:" :: "r"(8ul << 60 | (u64) root >> 12) : "t0", "memory");
  for (int k = 0; k < 3000; k++) {
    for (u64 i = 256; i < 1256; i++) sink += *(volatile u64 *) (base + (i << 12));
    __asm__ volatile("sfence.vma" ::: "memory");
  }
  return 0;
}
#endif

#ifdef TRAPS /* environment calls from user mode to a handler in supervisor mode */
int main(void) {
  __asm__ volatile("li t0, -1; csrw pmpaddr0, t0; li t0, 0x1f; csrw pmpcfg0, t0; li t0, 0x100; csrw medeleg, t0; la t0, 2f; csrw stvec, t0;"
    "la t0, 3f; csrw mtvec, t0; la t0, 1f; csrw mepc, t0; li t0, 0x1800; csrc mstatus, t0; li s0, 1000000; mret;"
    "1: ecall; addi s0, s0, -1; bnez s0, 1b; ebreak; .balign 4;"
    "2: csrw sscratch, t0; csrr t0, scause; csrr t0, sepc; addi t0, t0, 4; csrw sepc, t0; csrr t0, sscratch; sret; .balign 4; 3:" ::: "t0", "s0", "memory");
  return 0;
}
#endif
