#include "training.h"
#include "../numerics.h"

#if defined(__x86_64__)
#include <immintrin.h>

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#else
#pragma GCC target("avx2,fma,f16c")
#endif
#include "../avx2/lanes.h"
#include "elementary.h"
#include "pairs.h"

#define TILE_ROWS 6
#define TILE_STEP 3
#define TILE_VECTORS 1
#include "tile.h"

#if defined(__clang__)
#pragma clang attribute pop
#endif

const stk_training_kernels stk_training_kernels_avx2 = {
    .tile_rows = TILE_ROWS, .tile_step = TILE_STEP, .tile_vectors = TILE_VECTORS, .tile = {tile_f32, tile_bf16},
    TRAINING_ROWS};
#endif
