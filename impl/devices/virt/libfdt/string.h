/* What libfdt needs of C's library: copying and filling are instructions of WebAssembly. */
#pragma once
#include <stddef.h>

#define memcpy __builtin_memcpy
#define memmove __builtin_memmove
#define memset __builtin_memset

static inline size_t strlen(const char *text) {
  const char *end = text;
  while (*end) end++;
  return (size_t)(end - text);
}

static inline int memcmp(const void *left, const void *right, size_t bytes) {
  const unsigned char *a = left, *b = right;
  for (; bytes > 0; bytes--, a++, b++) if (*a != *b) return *a - *b;
  return 0;
}
