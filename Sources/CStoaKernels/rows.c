#define _GNU_SOURCE
#include <stdlib.h>
#include <time.h>

#include "internal.h"
#include "numerics.h"

// The public row functions. Work of less than about ten microseconds stays on the calling thread: waking the others and
// moving the data to their caches would cost more than it saves.

#define PARALLEL_ELEMENTS 16384

typedef struct row_task {
    const float *x;
    size_t x_stride;
    const float *weight;
    float eps;
    size_t rows, n, rows_per_task;
    float *y;
    size_t y_stride;
    void (*gate)(float *, const float *, size_t);
    stk_activations *activations;
} row_task;

/// Runs `body` over blocks of rows, on all workers where that is worth it.
static void over_rows(stk_pool *pool, row_task *task, void (*body)(void *, size_t, int)) {
    size_t elements = task->rows * task->n;
    task->rows_per_task = task->rows;
    if (elements >= PARALLEL_ELEMENTS) task->rows_per_task = 1 + 4096 / (task->n + 1);
    if (task->rows) stk_pool_run_workers(pool, body, task, (task->rows - 1) / task->rows_per_task + 1);
}

#define EACH_ROW(task, index, row) \
    for (size_t row = (index) * (task)->rows_per_task, last_ = stk_min(row + (task)->rows_per_task, (task)->rows); \
         row < last_; row++)

static void norm_rows(void *context, size_t index, int worker) {
    (void)worker;
    const row_task *t = context;
    EACH_ROW(t, index, i)
        stk_rows->rms_norm(t->x + i * t->x_stride, t->weight, t->eps, t->n, t->y + i * t->y_stride);
}

void stk_rms_norm(stk_pool *pool, const float *x, size_t x_stride, const float *weight, float eps, size_t m, size_t n,
                  float *y, size_t y_stride) {
    row_task t = {.x = x, .x_stride = x_stride, .weight = weight, .eps = eps, .rows = m, .n = n, .y = y,
                  .y_stride = y_stride};
    over_rows(pool, &t, norm_rows);
}

static void gate_rows(void *context, size_t index, int worker) {
    (void)worker;
    const row_task *t = context;
    EACH_ROW(t, index, i) t->gate(t->y + i * t->y_stride, t->x + i * t->x_stride, t->n);
}

void stk_silu_multiply(stk_pool *pool, float *gate, const float *up, size_t stride, size_t m, size_t n) {
    row_task t = {.x = up, .x_stride = stride, .rows = m, .n = n, .y = gate, .y_stride = stride,
                  .gate = stk_rows->silu_multiply};
    over_rows(pool, &t, gate_rows);
}

void stk_gelu_multiply(stk_pool *pool, float *gate, const float *up, size_t stride, size_t m, size_t n) {
    row_task t = {.x = up, .x_stride = stride, .rows = m, .n = n, .y = gate, .y_stride = stride,
                  .gate = stk_rows->gelu_multiply};
    over_rows(pool, &t, gate_rows);
}

static void quantise_rows(void *context, size_t index, int worker) {
    (void)worker;
    const row_task *t = context;
    stk_activations *a = t->activations;
    size_t groups = stk_round_up(a->cols, STK_GROUP) / STK_GROUP;
    EACH_ROW(t, index, i)
        stk_rows->quantise(a->x + i * a->stride, a->cols, a->codes + i * groups * STK_GROUP, a->scales + i * groups,
                           a->sums + i * groups * 2);
}

void stk_quantise(stk_pool *pool, stk_activations *activations) {
    row_task t = {.rows = activations->rows, .n = activations->cols, .activations = activations};
    over_rows(pool, &t, quantise_rows);
}

void stk_add(const float *x, float *y, size_t n) { stk_rows->add(x, y, n); }
void stk_scale(float factor, float *y, size_t n) { stk_rows->scale(factor, y, n); }
void stk_soft_cap(float cap, float *y, size_t n) { stk_rows->soft_cap(cap, y, n); }
float stk_max(const float *x, size_t n) { return stk_rows->max(x, n); }
size_t stk_argmax(const float *x, size_t n) { return stk_rows->find(x, n, stk_rows->max(x, n)); }
float stk_dot(const float *x, const float *y, size_t n) { return stk_rows->dot(x, y, n); }
float stk_norm(const float *x, size_t n) { return sqrtf(stk_rows->dot(x, x, n)); }
void stk_f32_to_f16(const float *x, uint16_t *y, size_t n) { stk_rows->f32_to_f16(x, y, n); }
void stk_f16_to_f32(const uint16_t *x, float *y, size_t n) { stk_rows->f16_to_f32(x, y, n); }

/// ln(x) for x >= 1, after fdlibm: ln(1 + f) = f - f²/2 + s (f²/2 + R(s²)), s = f / (2 + f). Plain operations, so that
/// it does not depend on the system's mathematical library.
static double natural_log(double x) {
    int exponent;
    if (!(x < INFINITY)) return x;
    double m = frexp(x, &exponent) * 2;
    exponent--;
    if (m > 1.4142135623730951) {
        m *= 0.5;
        exponent++;
    }
    double f = m - 1, s = f / (2 + f), z = s * s, half = 0.5 * f * f;
    double r = 1.479819860511658591e-01;
    r = r * z + 1.531383769920937332e-01;
    r = r * z + 1.818357216161805012e-01;
    r = r * z + 2.222219843214978396e-01;
    r = r * z + 2.857142874366239149e-01;
    r = r * z + 3.999999999940941908e-01;
    r = r * z + 6.666666666666735130e-01;
    r = r * z;
    double k = exponent;
    return k * 6.93147180369123816490e-01
        - ((half - (s * (half + r) + k * 1.90821492927058770002e-10)) - f);
}

double stk_log_sum_exp(const float *x, size_t n) {
    float maximum = stk_rows->max(x, n);
    // -inf: no element, or none above -inf; unless one is NaN, which then shows in the sum.
    if (maximum == -INFINITY) {
        for (size_t i = 0; i < n; i++)
            if (x[i] != x[i]) return (double)x[i];
        return -INFINITY;
    }
    if (maximum == INFINITY) return INFINITY;
    return (double)maximum + natural_log(stk_rows->exp_sum(x, n, maximum));
}

void stk_rotate(const stk_rope *rope, int32_t position, float *x, size_t heads, size_t head_dim) {
    if (!rope->dims) return;
    const float *row = rope->blocks[position / 512] + (size_t)(position % 512) * rope->dims;
    size_t half = rope->dims / 2;
    for (size_t h = 0; h < heads; h++) stk_rows->rotate(x + h * head_dim, row, row + half, half);
}

typedef struct read_task {
    const uint8_t *data;
    size_t bytes;
    uint64_t found[64];
} read_task;

#define READ_CHUNK ((size_t)1 << 18)

static void read_chunk(void *context, size_t index, int worker) {
    read_task *t = context;
    size_t at = index * READ_CHUNK;
    t->found[worker % 64] ^= stk_rows->read(t->data + at, stk_min(READ_CHUNK, t->bytes - at));
}

double stk_measure_read_bandwidth(stk_pool *pool, size_t bytes, int repeats) {
    bytes = stk_round_up(bytes, 64);
    uint8_t *data = aligned_alloc(4096, stk_round_up(bytes, 4096));
    if (!data) return 0;
    for (size_t i = 0; i < bytes; i += 64) memset(data + i, (int)(i >> 6), 64);
    read_task t = {.data = data, .bytes = bytes};
    double best = 0;
    for (int i = 0; i < repeats; i++) {
        struct timespec begin, end;
        clock_gettime(CLOCK_MONOTONIC, &begin);
        stk_pool_run_workers(pool, read_chunk, &t, (bytes + READ_CHUNK - 1) / READ_CHUNK);
        clock_gettime(CLOCK_MONOTONIC, &end);
        double seconds = (double)(end.tv_sec - begin.tv_sec) + 1e-9 * (double)(end.tv_nsec - begin.tv_nsec);
        if (seconds > 0 && (double)bytes / seconds > best) best = (double)bytes / seconds;
    }
    static volatile uint64_t sink; // keeps the reads
    for (int i = 0; i < 64; i++) sink ^= t.found[i];
    free(data);
    return best;
}
