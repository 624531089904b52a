#include "../internal.h"

// A weighted sum of all rows of a matrix, in single precision. Panels hold 16 rows side by side ([column][16 rows]), so
// a lane sums every sixteenth row; the lanes of a column are combined when a block of rows is done.

#define SUM_BLOCK 2048  // rows of a task; the sums of blocks are added in double precision
#define SUM_COLUMNS 128 // columns unpacked at a time: they fit the nearest cache
#define PREFETCH_AHEAD 4096

typedef struct sum_task {
    stk_pool *pool;
    const stk_matrix *matrix;
    const float *weights;
    float *sums; // [blocks][columns]
} sum_task;

/// The weights of the rows that a panel has, zero for what pads it. Returns 0 where all are zero.
static int panel_weights(const sum_task *t, size_t first, float *weights) {
    int found = 0;
    for (size_t l = 0; l < STK_LANES; l++) {
        weights[l] = first + l < t->matrix->rows ? t->weights[first + l] : 0;
        found |= weights[l] != 0;
    }
    return found;
}

/// Adds the rows of the panel that begins at row r to `sums`, [columns][16]. Panels are read from start to end, so that
/// the matrix streams from memory; the sums stay in the caches.
static void add_panel(const sum_task *t, size_t r, const float *weights, float *unpacked, float *sums) {
    const stk_matrix *w = t->matrix;
    size_t bytes = stk_panel_bytes(w->pack, w->cols);
    const uint8_t *panel = (const uint8_t *)w->data + r / STK_LANES * bytes;
    for (size_t column = 0; column < w->cols; column += SUM_COLUMNS) {
        size_t count = stk_min(SUM_COLUMNS, w->cols - column);
        const uint8_t *coming = panel + bytes * column / w->cols + PREFETCH_AHEAD;
        for (size_t i = 0; i < bytes * count / w->cols; i += 64) __builtin_prefetch(coming + i);
        stk_products->unpack[w->pack](panel, column, column + count, unpacked);
        for (size_t l = w->rows - r; l < STK_LANES; l++)
            for (size_t k = 0; k < count; k++) unpacked[k * STK_LANES + l] = 0; // what pads a panel counts for nothing
        stk_rows->add_products(weights, unpacked, count * STK_LANES, sums + column * STK_LANES);
    }
}

static void sum_block(void *context, size_t index, int worker) {
    const sum_task *t = context;
    size_t cols = t->matrix->cols, first = index * SUM_BLOCK, end = stk_min(first + SUM_BLOCK, t->matrix->rows);
    float *unpacked = stk_pool_scratch(t->pool, worker, (SUM_COLUMNS + cols) * STK_LANES * sizeof(float));
    if (!unpacked) __builtin_trap(); // out of memory for a few KB: nothing sensible is left to do
    float *sums = unpacked + SUM_COLUMNS * STK_LANES;
    for (size_t i = 0; i < cols * STK_LANES; i++) sums[i] = 0;
    for (size_t r = first; r < end; r += STK_LANES) {
        float weights[STK_LANES];
        if (panel_weights(t, r, weights)) add_panel(t, r, weights, unpacked, sums);
    }
    for (size_t k = 0; k < cols; k++) {
        float *lanes = sums + k * STK_LANES;
        for (int width = STK_LANES / 2; width; width /= 2)
            for (int l = 0; l < width; l++) lanes[l] = lanes[l] + lanes[l + width];
        t->sums[index * cols + k] = lanes[0];
    }
}

void stk_weighted_sum(stk_pool *pool, const stk_matrix *w, const float *weights, float *out) {
    size_t blocks = (w->rows + SUM_BLOCK - 1) / SUM_BLOCK;
    sum_task t = {.pool = pool, .matrix = w, .weights = weights};
    t.sums = stk_pool_scratch(pool, -1, (blocks + 1) * w->cols * sizeof(float));
    if (!t.sums) __builtin_trap();
    stk_pool_run_workers(pool, sum_block, &t, blocks);
    for (size_t k = 0; k < w->cols; k++) {
        double sum = 0;
        for (size_t b = 0; b < blocks; b++) sum += (double)t.sums[b * w->cols + k];
        out[k] = (float)sum;
    }
}
