#ifndef STOA_QUANT_H
#define STOA_QUANT_H
//
// The element types of weight files and their dequantisation, in plain C. Block layouts follow the GGUF format.
//
#include <stddef.h>
#include <stdint.h>

#if !defined(__clang__) // the annotations are Clang's; other compilers need not know them
#define _Nonnull
#define _Nullable
#endif

#ifdef __cplusplus
extern "C" {
#endif

/// Element types; the values are GGUF's type numbers.
typedef enum stk_type {
    STK_TYPE_F32 = 0,
    STK_TYPE_F16 = 1,
    STK_TYPE_Q4_0 = 2,
    STK_TYPE_Q4_1 = 3,
    STK_TYPE_Q5_0 = 6,
    STK_TYPE_Q5_1 = 7,
    STK_TYPE_Q8_0 = 8,
    STK_TYPE_Q2_K = 10,
    STK_TYPE_Q3_K = 11,
    STK_TYPE_Q4_K = 12,
    STK_TYPE_Q5_K = 13,
    STK_TYPE_Q6_K = 14,
    STK_TYPE_BF16 = 30,
} stk_type;

/// Elements in a block of `type` (1 for float types); 0 for a number that is no supported type.
size_t stk_type_block_elements(int type);
/// Bytes of a block of `type`; 0 for a number that is no supported type.
size_t stk_type_block_bytes(int type);
/// Expands `count` elements (a multiple of the block size) to floats.
void stk_dequantise(stk_type type, const void *_Nonnull source, float *_Nonnull out, size_t count);

#ifdef __cplusplus
}
#endif
#endif
