#include "../internal.h"
#include "../numerics.h"

#if defined(__x86_64__)
#include <immintrin.h>

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,fma,f16c,avx2"))), apply_to = function)
#else
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,fma,f16c,avx2")
#endif

#include "lanes.h"
#include "../lanes/products.h"

#if defined(__clang__)
#pragma clang attribute pop
#endif

const stk_product_kernels stk_product_kernels_avx512 = PRODUCT_KERNELS;
#endif
