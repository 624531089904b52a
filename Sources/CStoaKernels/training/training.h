#ifndef STOA_TRAINING_INTERNAL_H
#define STOA_TRAINING_INTERNAL_H
//
// What the files of training share: the table of per-ISA functions.
//
#include "../include/stoa_training.h"
#include "../internal.h"

/// The factors of a product as 32-bit words: a float each, or a pair of bf16 (the lower half is the first of a pair).
/// A tile of x is [words][tile_rows], a panel of w is [vectors][words][16].
typedef struct stk_training_kernels {
    size_t tile_rows, tile_step, tile_vectors;
    /// out[r][16v + l] = chain over words of x[word][r] * w[v][word][l], begun at out where `load`.
    /// `rows` rows are written, rounded up to a multiple of tile_step; vector v of w begins at w + v * panel.
    void (*_Nonnull tile[2])(const float *_Nonnull x, const float *_Nonnull w, size_t panel, size_t words,
                             float *_Nonnull out, size_t stride, int load, size_t rows);
    /// Pairs of neighbouring floats to words; n is even.
    void (*_Nonnull to_pairs)(const float *_Nonnull x, uint16_t *_Nonnull y, size_t n);
    void (*_Nonnull from_bf16)(const uint16_t *_Nonnull x, float *_Nonnull y, size_t n);
    void (*_Nonnull interleave)(const uint16_t *_Nonnull even, const uint16_t *_Nonnull odd, uint16_t *_Nonnull y);
    /// t = dy * weight
    void (*_Nonnull weighted)(const float *_Nonnull dy, const float *_Nullable weight, float *_Nonnull t, size_t n);
    /// dx (+)= (t - x * mean) * factor
    void (*_Nonnull norm_gradient)(const float *_Nonnull t, const float *_Nonnull x, float mean, float factor,
                                   float *_Nonnull dx, size_t n, int accumulate);
    void (*_Nonnull gate_multiply[2])(const float *_Nonnull gate, const float *_Nonnull up, float *_Nonnull y, size_t n);
    void (*_Nonnull gate_gradient[2])(float *_Nonnull gate, float *_Nonnull up, const float *_Nonnull dy, size_t n);
    void (*_Nonnull rotate)(float *_Nonnull x, const float *_Nonnull cos, const float *_Nonnull sin, float sign,
                            size_t half);
    /// p = exp(s - maximum) * inverse where bit l of visible[i / 16] says so, else 0; n is a multiple of 16.
    void (*_Nonnull probabilities)(float *_Nonnull s, const uint16_t *_Nonnull visible, float maximum, float inverse,
                                   size_t n);
    /// d = p * (d - mean) * scale, and through the cap where there is one (capped: the scores behind the cap).
    void (*_Nonnull score_gradient)(const float *_Nonnull p, float *_Nonnull d, float mean, float scale,
                                    const float *_Nullable capped, float cap, size_t n);
    /// z = -gradient * inverse * exp(z - maximum)
    void (*_Nonnull logit_gradient)(float *_Nonnull z, float maximum, float factor, size_t n);
    /// z = d * (1 - (capped / cap)²)
    void (*_Nonnull cap_gradient)(float *_Nonnull z, const float *_Nonnull capped, float cap, size_t n);
    void (*_Nonnull adamw)(const stk_train_adamw *_Nonnull o, size_t n, float *_Nonnull parameters,
                           const float *_Nonnull gradients, float *_Nonnull first, float *_Nonnull second);
} stk_training_kernels;

extern const stk_training_kernels stk_training_kernels_scalar, stk_training_kernels_avx2, stk_training_kernels_avx512,
    stk_training_kernels_avx512_bf16, stk_training_kernels_neon;

/// The table of the selected instruction set.
const stk_training_kernels *_Nonnull stk_training(void);

static inline uint16_t stk_float_to_brain(uint32_t bits) {
    uint32_t magnitude = bits & 0x7fffffff;
    uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
    rounded = magnitude > 0x7f800000 ? (bits >> 16 | 0x40) : rounded;
    return (uint16_t)(magnitude < 0x00800000 ? bits >> 16 & 0x8000 : rounded);
}

#endif
