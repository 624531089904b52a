#include <math.h>

#include "training.h"

// Gradients of what happens to each row by itself. A task takes as many rows as make the call to it worth while.

#define ELEMENTS_PER_TASK 8192

typedef struct row_task {
    const stk_training_kernels *kernels;
    const float *x, *weight, *dy, *factors;
    float *y, *dx;
    size_t x_stride, dy_stride, dx_stride, rows, n, rows_per_task, dims, heads, head_dim;
    const int32_t *positions;
    float eps, sign;
    int accumulate, gate;
} row_task;

static void over_rows(stk_pool *pool, row_task *t, void (*body)(void *, size_t, int)) {
    t->kernels = stk_training();
    t->rows_per_task = 1 + ELEMENTS_PER_TASK / (t->n + 1);
    if (t->rows) stk_pool_run_workers(pool, body, t, (t->rows - 1) / t->rows_per_task + 1);
}

#define EACH_ROW(t, index, row) \
    for (size_t row = (index) * (t)->rows_per_task, last_ = stk_min(row + (t)->rows_per_task, (t)->rows); row < last_; row++)

// y = x f w with f = 1 / sqrt(mean(x²) + eps). With t = dy w: dx = f (t - x f² mean(t x)).
static void norm_rows(void *context, size_t index, int worker) {
    (void)worker;
    const row_task *t = context;
    enum { SHORT = 4096 };
    float memory[SHORT];
    EACH_ROW(t, index, row) {
        const float *x = t->x + row * t->x_stride, *dy = t->dy + row * t->dy_stride;
        float *dx = t->dx + row * t->dx_stride, dot = 0;
        float factor = 1.0f / sqrtf(stk_rows->dot(x, x, t->n) / (float)t->n + t->eps);
        // A long row is weighted twice instead of being kept.
        for (size_t i = 0; i < t->n; i += SHORT) {
            size_t n = stk_min(SHORT, t->n - i);
            t->kernels->weighted(dy + i, t->weight ? t->weight + i : NULL, memory, n);
            dot += stk_rows->dot(memory, x + i, n);
        }
        float mean = factor * factor * (dot / (float)t->n);
        for (size_t i = 0; i < t->n; i += SHORT) {
            size_t n = stk_min(SHORT, t->n - i);
            if (t->n > SHORT) t->kernels->weighted(dy + i, t->weight ? t->weight + i : NULL, memory, n);
            t->kernels->norm_gradient(memory, x + i, mean, factor, dx + i, n, t->accumulate);
        }
    }
}

void stk_train_rms_norm_gradient(stk_pool *pool, const float *x, size_t x_stride, const float *weight, float eps,
                                 size_t m, size_t n, const float *dy, size_t dy_stride, float *dx, size_t dx_stride,
                                 int accumulate) {
    row_task t = {.x = x, .x_stride = x_stride, .weight = weight, .eps = eps, .rows = m, .n = n, .dy = dy,
                  .dy_stride = dy_stride, .dx = dx, .dx_stride = dx_stride, .accumulate = accumulate};
    over_rows(pool, &t, norm_rows);
}

// Elementwise kernels take rows of this many elements; the last one is shorter.
#define PIECE 4096

static row_task pieces(size_t n) { return (row_task){.rows = (n + PIECE - 1) / PIECE, .n = PIECE, .dims = n}; }
#define PIECE_AT(t, row) ((row) * PIECE)
#define PIECE_SIZE(t, row) stk_min(PIECE, (t)->dims - (row) * PIECE)

static void multiply_rows(void *context, size_t index, int worker) {
    (void)worker;
    const row_task *t = context;
    EACH_ROW(t, index, row) {
        size_t at = PIECE_AT(t, row);
        t->kernels->gate_multiply[t->gate](t->x + at, t->dy + at, t->y + at, PIECE_SIZE(t, row));
    }
}

void stk_train_gate_multiply(stk_pool *pool, stk_train_gate f, const float *gate, const float *up, float *y, size_t n) {
    row_task t = pieces(n);
    t.x = gate;
    t.dy = up;
    t.y = y;
    t.gate = (int)f;
    over_rows(pool, &t, multiply_rows);
}

static void gate_rows(void *context, size_t index, int worker) {
    (void)worker;
    const row_task *t = context;
    EACH_ROW(t, index, row) {
        size_t at = PIECE_AT(t, row);
        t->kernels->gate_gradient[t->gate](t->y + at, t->dx + at, t->dy + at, PIECE_SIZE(t, row));
    }
}

void stk_train_gate_gradient(stk_pool *pool, stk_train_gate f, float *gate, float *up, const float *dy, size_t n) {
    row_task t = pieces(n);
    t.y = gate;
    t.dx = up;
    t.dy = dy;
    t.gate = (int)f;
    over_rows(pool, &t, gate_rows);
}

static void add_rows(void *context, size_t index, int worker) {
    (void)worker;
    const row_task *t = context;
    EACH_ROW(t, index, row) stk_rows->add(t->x + PIECE_AT(t, row), t->y + PIECE_AT(t, row), PIECE_SIZE(t, row));
}

void stk_train_add(stk_pool *pool, const float *x, float *y, size_t n) {
    row_task t = pieces(n);
    t.x = x;
    t.y = y;
    over_rows(pool, &t, add_rows);
}

static void rotate_rows(void *context, size_t index, int worker) {
    (void)worker;
    const row_task *t = context;
    size_t half = t->dims / 2;
    EACH_ROW(t, index, row) {
        const float *cos = t->factors + (size_t)t->positions[row] * t->dims;
        for (size_t h = 0; h < t->heads; h++)
            t->kernels->rotate(t->y + (row * t->heads + h) * t->head_dim, cos, cos + half, t->sign, half);
    }
}

void stk_train_rotate(stk_pool *pool, const float *factors, size_t dims, const int32_t *positions, size_t m, float *x,
                      size_t heads, size_t head_dim, int inverse) {
    if (!dims) return;
    row_task t = {.factors = factors, .dims = dims, .positions = positions, .rows = m, .n = heads * head_dim, .y = x,
                  .heads = heads, .head_dim = head_dim, .sign = inverse ? -1.0f : 1.0f};
    over_rows(pool, &t, rotate_rows);
}
