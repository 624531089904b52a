#include "../internal.h"
#include "../numerics.h"

// The products with the dot-product extension (optional in Armv8.2, required from 8.4 on): the same bits, since the
// sums of codes are exact.

#if defined(__aarch64__)
#include <arm_neon.h>

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)
#else
#pragma GCC target("arch=armv8.2-a+dotprod")
#endif

#define STOA_DOT
#include "lanes.h"
#include "../lanes/products.h"

#if defined(__clang__)
#pragma clang attribute pop
#endif

const stk_product_kernels stk_product_kernels_neon_dot = PRODUCT_KERNELS;
#endif
