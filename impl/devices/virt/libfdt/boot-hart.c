/* libfdt.h has this as an inline function only. */
#include <libfdt.h>

void set_boot_hart(void *tree, uint32_t hart) { fdt_set_boot_cpuid_phys(tree, hart); }
