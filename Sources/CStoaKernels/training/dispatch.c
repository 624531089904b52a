#include "training.h"

// The table follows stk_isa_select; a processor with instructions for pairs of bf16 has one more of its own.

const stk_training_kernels *stk_training(void) {
    switch (stk_isa_current()) {
#if defined(__x86_64__)
    case STK_ISA_AVX2: return &stk_training_kernels_avx2;
    case STK_ISA_AVX512:
        return __builtin_cpu_supports("avx512bf16") ? &stk_training_kernels_avx512_bf16 : &stk_training_kernels_avx512;
#elif defined(__aarch64__)
    case STK_ISA_NEON: return &stk_training_kernels_neon;
#endif
    default: return &stk_training_kernels_scalar;
    }
}
