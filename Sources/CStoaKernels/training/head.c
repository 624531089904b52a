#include <string.h>

#include "training.h"

// Log-probabilities without ever holding all logits: a tile of the vocabulary at a time.

typedef struct head_task {
    const stk_train_logits *t;
    const stk_training_kernels *kernels;
    float *maximum, *target;
    double *sum;
    const float *known_maximum, *inverse, *gradient;
} head_task;

static void measure_row(void *context, size_t row, int worker) {
    (void)worker;
    const head_task *h = context;
    const stk_train_logits *t = h->t;
    float *z = t->logits + row * t->stride;
    if (t->soft_cap != 0) stk_rows->soft_cap(t->soft_cap, z, t->count);
    h->maximum[row] = stk_rows->max(z, t->count);
    h->sum[row] = stk_rows->exp_sum(z, t->count, h->maximum[row]);
    size_t target = (size_t)t->targets[row];
    if (target >= t->first && target < t->first + t->count) h->target[row] = z[target - t->first];
}

void stk_train_logits_measure(stk_pool *pool, const stk_train_logits *t, float *maximum, double *sum, float *target) {
    head_task h = {.t = t, .kernels = stk_training(), .maximum = maximum, .target = target, .sum = sum};
    stk_pool_run_workers(pool, measure_row, &h, t->m);
}

static void gradient_row(void *context, size_t row, int worker) {
    (void)worker;
    const head_task *h = context;
    const stk_train_logits *t = h->t;
    float *z = t->logits + row * t->stride, g = h->gradient[row];
    size_t target = (size_t)t->targets[row], at = target - t->first;
    int has_target = target >= t->first && target < t->first + t->count;
    enum { PIECE = 1024 };
    float capped[PIECE];
    for (size_t i = 0; i < t->count; i += PIECE) {
        size_t n = stk_min(PIECE, t->count - i);
        if (t->soft_cap != 0) {
            stk_rows->soft_cap(t->soft_cap, z + i, n);
            memcpy(capped, z + i, n * sizeof(float));
        }
        h->kernels->logit_gradient(z + i, h->known_maximum[row], -g * h->inverse[row], n);
        if (has_target && at >= i && at < i + n) z[at] += g;
        if (t->soft_cap != 0) h->kernels->cap_gradient(z + i, capped, t->soft_cap, n);
    }
}

void stk_train_logits_gradient(stk_pool *pool, const stk_train_logits *t, const float *maximum, const float *inverse,
                               const float *gradient) {
    head_task h = {.t = t, .kernels = stk_training(), .known_maximum = maximum, .inverse = inverse,
                   .gradient = gradient};
    stk_pool_run_workers(pool, gradient_row, &h, t->m);
}
