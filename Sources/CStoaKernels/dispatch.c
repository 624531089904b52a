#include "internal.h"

#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

// The table is set once before main, and again only by stk_isa_select: the one mutable global of the library.

const stk_product_kernels *stk_products = &stk_product_kernels_scalar;
const stk_row_kernels *stk_rows = &stk_row_kernels_scalar;
static stk_isa current = STK_ISA_SCALAR;

int stk_isa_available(stk_isa isa) {
    switch (isa) {
    case STK_ISA_SCALAR: return 1;
#if defined(__x86_64__)
    case STK_ISA_AVX2:
        __builtin_cpu_init();
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
    case STK_ISA_AVX512:
        __builtin_cpu_init();
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
            && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq")
            && __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("f16c");
#elif defined(__aarch64__)
    case STK_ISA_NEON: return 1;
#endif
    default: return 0;
    }
}

#if defined(__aarch64__)
static int has_dot_products(void) {
#if defined(__linux__)
    return getauxval(AT_HWCAP) >> 20 & 1; // HWCAP_ASIMDDP
#elif defined(__ARM_FEATURE_DOTPROD)
    return 1;
#else
    return 0;
#endif
}
#endif

int stk_isa_select(stk_isa isa) {
    if (!stk_isa_available(isa)) return 0;
    switch (isa) {
#if defined(__x86_64__)
    case STK_ISA_AVX2:
        stk_products = &stk_product_kernels_avx2;
        stk_rows = &stk_row_kernels_avx2;
        break;
    case STK_ISA_AVX512:
        stk_products = &stk_product_kernels_avx512;
        stk_rows = &stk_row_kernels_avx512;
        break;
#elif defined(__aarch64__)
    case STK_ISA_NEON:
        stk_products = has_dot_products() ? &stk_product_kernels_neon_dot : &stk_product_kernels_neon;
        stk_rows = &stk_row_kernels_neon;
        break;
#endif
    default:
        stk_products = &stk_product_kernels_scalar;
        stk_rows = &stk_row_kernels_scalar;
    }
    current = isa;
    return 1;
}

stk_isa stk_isa_current(void) { return current; }

const char *stk_isa_name(stk_isa isa) {
    switch (isa) {
    case STK_ISA_AVX2: return "avx2";
    case STK_ISA_AVX512: return "avx512";
    case STK_ISA_NEON: return "neon";
    default: return "scalar";
    }
}

__attribute__((constructor)) static void select_best(void) {
    static const stk_isa best_first[] = {STK_ISA_AVX512, STK_ISA_AVX2, STK_ISA_NEON};
    for (size_t i = 0; i < sizeof best_first / sizeof *best_first; i++)
        if (stk_isa_select(best_first[i])) return;
}
