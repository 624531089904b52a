#include "../internal.h"
#include "../numerics.h"

#if defined(__x86_64__)
#include <immintrin.h>

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#else
#pragma GCC target("avx2,fma,f16c")
#endif

#include "lanes.h"
#include "../lanes/products.h"

#if defined(__clang__)
#pragma clang attribute pop
#endif

const stk_product_kernels stk_product_kernels_avx2 = PRODUCT_KERNELS;
#endif
