#include "training.h"
#include "../numerics.h"

// The definition of the tile, and the row kernels as the plain compiler makes them.

#include "elementary.h"

enum { TILE_ROWS = 4, TILE_STEP = 1 };

static void tile_f32(const float *x, const float *w, size_t panel, size_t words, float *out, size_t stride, int load,
                     size_t rows) {
    (void)panel;
    for (size_t r = 0; r < rows; r++)
        for (size_t l = 0; l < 16; l++) {
            float sum = load ? out[r * stride + l] : 0;
            for (size_t k = 0; k < words; k++) sum = fmaf(x[k * TILE_ROWS + r], w[16 * k + l], sum);
            out[r * stride + l] = sum;
        }
}

static inline float upper(float pair) { return stk_float(stk_bits(pair) & 0xffff0000); }
static inline float lower(float pair) { return stk_float(stk_bits(pair) << 16); }

static void tile_bf16(const float *x, const float *w, size_t panel, size_t words, float *out, size_t stride, int load,
                      size_t rows) {
    (void)panel;
    for (size_t r = 0; r < rows; r++)
        for (size_t l = 0; l < 16; l++) {
            float sum = load ? out[r * stride + l] : 0;
            for (size_t k = 0; k < words; k++) {
                float a = x[k * TILE_ROWS + r], b = w[16 * k + l];
                sum = fmaf(upper(a), upper(b), sum);
                sum = fmaf(lower(a), lower(b), sum);
            }
            out[r * stride + l] = sum;
        }
}

const stk_training_kernels stk_training_kernels_scalar = {
    .tile_rows = TILE_ROWS, .tile_step = TILE_STEP, .tile_vectors = 1, .tile = {tile_f32, tile_bf16}, TRAINING_ROWS};
