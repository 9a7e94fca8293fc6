@ The test kernel of ../arm for the Virtualization Extensions.
        .arch   armv7ve
        .set    VIRTUALIZATION, 1
        .include "arm/kernel.S"
