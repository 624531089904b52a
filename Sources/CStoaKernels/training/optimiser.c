#include "training.h"

#define ELEMENTS_PER_TASK 16384

double stk_train_sum_of_squares(const float *x, size_t n) {
    double lanes[16] = {0};
    for (size_t i = 0; i < n; i++) lanes[i % 16] += (double)x[i] * (double)x[i];
    for (int width = 8; width; width /= 2)
        for (int l = 0; l < width; l++) lanes[l] += lanes[l + width];
    return lanes[0];
}

typedef struct step_task {
    const stk_train_adamw *o;
    size_t n;
    float *parameters, *first, *second;
    const float *gradients;
} step_task;

static void step_part(void *context, size_t index, int worker) {
    (void)worker;
    const step_task *t = context;
    size_t at = index * ELEMENTS_PER_TASK, n = stk_min(ELEMENTS_PER_TASK, t->n - at);
    stk_training()->adamw(t->o, n, t->parameters + at, t->gradients + at, t->first + at, t->second + at);
}

void stk_train_adamw_step(stk_pool *pool, const stk_train_adamw *o, size_t n, float *parameters,
                          const float *gradients, float *first, float *second) {
    step_task t = {.o = o, .n = n, .parameters = parameters, .gradients = gradients, .first = first, .second = second};
    stk_pool_run_workers(pool, step_part, &t, (n + ELEMENTS_PER_TASK - 1) / ELEMENTS_PER_TASK);
}
