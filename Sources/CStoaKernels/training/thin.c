#include "training.h"

// Products with few rows or few columns on one side, the turning of matrices, and the rounding of many numbers.

#define PANELS_PER_TASK 4
#define DENSE_ROWS_PER_TASK 96
#define ELEMENTS_PER_TASK 16384

typedef struct dense_task {
    stk_dense d;
    size_t columns, row_blocks;
} dense_task;

static void dense_part(void *context, size_t index, int worker) {
    (void)worker;
    const dense_task *t = context;
    size_t panel = index / t->row_blocks * PANELS_PER_TASK, row = index % t->row_blocks * DENSE_ROWS_PER_TASK;
    stk_dense d = t->d;
    d.panels = stk_min(PANELS_PER_TASK, t->columns / 16 - panel);
    d.tokens = stk_min(DENSE_ROWS_PER_TASK, t->d.tokens - row);
    d.x += row * d.x_stride;
    d.w += panel * 16;
    d.out += row * d.out_stride + panel * 16;
    stk_products->dense(&d);
}

void stk_train_dense(stk_pool *pool, size_t rows, size_t depth, size_t cols, const float *x, size_t x_stride,
                     const float *w, size_t w_stride, float *out, size_t out_stride, int accumulate) {
    if (cols % 16) __builtin_trap();
    dense_task t = {.columns = cols, .row_blocks = (rows + DENSE_ROWS_PER_TASK - 1) / DENSE_ROWS_PER_TASK,
                    .d = {.tokens = rows, .depth = depth, .x = x, .x_stride = x_stride, .w = w, .w_step = w_stride,
                          .w_panel = 16, .out = out, .out_stride = out_stride, .accumulate = accumulate}};
    size_t panel_tasks = (cols / 16 + PANELS_PER_TASK - 1) / PANELS_PER_TASK;
    stk_pool_run_workers(pool, dense_part, &t, panel_tasks * t.row_blocks);
}

typedef struct turn_task {
    const float *x;
    size_t x_stride, rows, cols, out_stride;
    float *out;
} turn_task;

static void turn_part(void *context, size_t index, int worker) {
    (void)worker;
    const turn_task *t = context;
    size_t first = index * 64, end = stk_min(first + 64, t->rows);
    for (size_t j = 0; j < t->cols; j++)
        for (size_t i = first; i < end; i++) t->out[j * t->out_stride + i] = t->x[i * t->x_stride + j];
}

void stk_train_transpose(stk_pool *pool, const float *x, size_t x_stride, size_t rows, size_t cols, float *out,
                         size_t out_stride) {
    turn_task t = {.x = x, .x_stride = x_stride, .rows = rows, .cols = cols, .out = out, .out_stride = out_stride};
    stk_pool_run_workers(pool, turn_part, &t, (rows + 63) / 64);
}

typedef struct convert_task {
    const void *x;
    void *y;
    size_t n;
} convert_task;

static void to_bf16_part(void *context, size_t index, int worker) {
    (void)worker;
    const convert_task *t = context;
    size_t first = index * ELEMENTS_PER_TASK, n = stk_min(ELEMENTS_PER_TASK, t->n - first);
    stk_training()->to_pairs((const float *)t->x + first, (uint16_t *)t->y + first, n);
}

static void from_bf16_part(void *context, size_t index, int worker) {
    (void)worker;
    const convert_task *t = context;
    size_t first = index * ELEMENTS_PER_TASK, n = stk_min(ELEMENTS_PER_TASK, t->n - first);
    stk_training()->from_bf16((const uint16_t *)t->x + first, (float *)t->y + first, n);
}

void stk_train_to_bf16(stk_pool *pool, const float *x, uint16_t *y, size_t n) {
    convert_task t = {.x = x, .y = y, .n = n};
    stk_pool_run_workers(pool, to_bf16_part, &t, (n + ELEMENTS_PER_TASK - 1) / ELEMENTS_PER_TASK);
}

void stk_train_from_bf16(stk_pool *pool, const uint16_t *x, float *y, size_t n) {
    convert_task t = {.x = x, .y = y, .n = n};
    stk_pool_run_workers(pool, from_bf16_part, &t, (n + ELEMENTS_PER_TASK - 1) / ELEMENTS_PER_TASK);
}
