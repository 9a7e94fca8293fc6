# The test kernel of ../riscv for RV32.
        .set    XLEN, 32
        .include "riscv/kernel.S"
