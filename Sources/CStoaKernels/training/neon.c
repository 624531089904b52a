#include "training.h"
#include "../numerics.h"

#if defined(__aarch64__)
#include <arm_neon.h>

#include "../neon/lanes.h"
#include "elementary.h"
#include "pairs.h"

#define TILE_ROWS 6
#define TILE_STEP 3
#define TILE_VECTORS 1
#include "tile.h"

const stk_training_kernels stk_training_kernels_neon = {
    .tile_rows = TILE_ROWS, .tile_step = TILE_STEP, .tile_vectors = TILE_VECTORS, .tile = {tile_f32, tile_bf16},
    TRAINING_ROWS};
#endif
