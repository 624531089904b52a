#ifndef STOA_KERNELS_SUPERBLOCKS_H
#define STOA_KERNELS_SUPERBLOCKS_H
//
// GGUF's blocks of 256 elements, taken apart into codes, scales and minima:  weight = scale * code + minimum.
//
#include "../include/stoa_quant.h"

#define STK_Q4_K_BLOCK 144

/// A block in groups of 16. Scales and minima are exact products (at most 11 + 8 significant bits). A format without
/// minima has -0, so that a zero keeps its sign.
typedef struct stk_superblock {
    int8_t codes[256];
    float scales[16], minima[16];
} stk_superblock;

size_t stk_superblock_bytes(stk_type type);
/// Q2_K, Q3_K, Q5_K and Q6_K.
void stk_expand_superblock(stk_type type, const uint8_t *_Nonnull block, stk_superblock *_Nonnull out);
/// Scale and minimum of group g (0...7, 32 elements) of a Q4_K or Q5_K block.
void stk_q4_k_scale(const uint8_t *_Nonnull block, size_t g, float *_Nonnull scale, float *_Nonnull minimum);

#endif
