#include "training.h"
#include "../numerics.h"

#if defined(__x86_64__)
#include <immintrin.h>

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,fma,f16c,avx2,avx512bf16"))), apply_to = function)
#else
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,fma,f16c,avx2,avx512bf16")
#endif
#include "../avx512/lanes.h"
#include "elementary.h"

LANE vf dot_pairs(vf a, vf b, vf sum) { return _mm512_dpbf16_ps(sum, (__m512bh)a, (__m512bh)b); }

#define TILE_ROWS 12
#define TILE_STEP 4
#define TILE_VECTORS 2
#include "tile.h"

#if defined(__clang__)
#pragma clang attribute pop
#endif

const stk_training_kernels stk_training_kernels_avx512_bf16 = {
    .tile_rows = TILE_ROWS, .tile_step = TILE_STEP, .tile_vectors = TILE_VECTORS, .tile = {tile_f32, tile_bf16},
    TRAINING_ROWS};
#endif
