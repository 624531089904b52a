#include "../internal.h"

// out += weights x rows of a matrix. Rows are summed in blocks of STK_ROW_BLOCK, each from zero and in order of rows;
// the blocks are added in their order. Plain double arithmetic, element by element: no vector version could differ.

typedef struct weighted_task {
    const stk_matrix *matrix;
    size_t first, end;
    const double *weights;
    size_t stride, m;
    double *scratch;
} weighted_task;

static size_t block_doubles(const weighted_task *t) { return (t->m + 1) * t->matrix->cols; }

static void weighted_block(void *context, size_t index) {
    const weighted_task *t = context;
    size_t cols = t->matrix->cols;
    double *sums = t->scratch + index * block_doubles(t);
    float *row = (float *)(sums + t->m * cols);
    for (size_t i = 0; i < t->m * cols; i++) sums[i] = 0;
    size_t begin = t->first + index * STK_ROW_BLOCK;
    for (size_t r = begin; r < stk_min(begin + STK_ROW_BLOCK, t->end); r++) {
        stk_unpack_row(t->matrix, r, row);
        for (size_t i = 0; i < t->m; i++) {
            double weight = t->weights[i * t->stride + r];
            double *restrict sum = sums + i * cols;
            for (size_t k = 0; k < cols; k++) sum[k] += weight * (double)row[k];
        }
    }
}

void stk_add_weighted_rows(stk_pool *pool, const stk_matrix *matrix, size_t first, size_t end, const double *weights,
                           size_t stride, size_t m, double *out, double *scratch) {
    weighted_task t = {.matrix = matrix, .first = first, .end = end, .weights = weights, .stride = stride, .m = m,
                       .scratch = scratch};
    if (first >= end || !m) return;
    size_t blocks = (end - first - 1) / STK_ROW_BLOCK + 1;
    stk_pool_run(pool, weighted_block, &t, blocks);
    for (size_t b = 0; b < blocks; b++)
        for (size_t i = 0; i < m * matrix->cols; i++) out[i] += scratch[b * block_doubles(&t) + i];
}
