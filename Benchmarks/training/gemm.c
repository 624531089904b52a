// Products of training beside OpenBLAS: our 32-bit and bf16 products and its sgemm, by turns, at the sizes of SmolLM2-135M.
//   gemm [threads] [rows] [rounds]      (default: 2 256 9)
// Prints the median of each one's rate in Gflop/s, and the median of the ratios of neighbouring runs.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "stoa_kernels.h"
#include "stoa_training.h"

typedef void (*sgemm_function)(int order, int ta, int tb, int m, int n, int k, float alpha, const float *a, int lda,
                               const float *b, int ldb, float beta, float *c, int ldc);
enum { ROW_MAJOR = 101, PLAIN = 111, TURNED = 112 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *x, int n) {
    qsort(x, (size_t)n, sizeof *x, ascending);
    return x[n / 2];
}

static float *numbers(size_t n, unsigned seed) {
    float *x = aligned_alloc(64, (n * sizeof(float) + 63) / 64 * 64);
    if (!x) abort();
    for (size_t i = 0; i < n; i++) x[i] = (float)((seed = seed * 1664525u + 1013904223u) >> 8) / (1 << 24) - 0.5f;
    return x;
}

int main(int count, char **arguments) {
    int threads = count > 1 ? atoi(arguments[1]) : 2, m = count > 2 ? atoi(arguments[2]) : 256;
    int rounds = count > 3 ? atoi(arguments[3]) : 9;
    char text[16];
    snprintf(text, sizeof text, "%d", threads);
    setenv("OPENBLAS_NUM_THREADS", text, 1);
    // The library takes newer processors for a Haswell; the engine corrects it in the same way.
    if (stk_isa_available(STK_ISA_AVX512)) setenv("OPENBLAS_CORETYPE", "SkylakeX", 0);
    void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
    if (!library) return fprintf(stderr, "%s\n", dlerror()), 1;
    sgemm_function sgemm = (sgemm_function)dlsym(library, "cblas_sgemm");
    char *(*configuration)(void) = (char *(*)(void))dlsym(library, "openblas_get_config");
    stk_pool *pool = stk_pool_create(threads);
    if (!sgemm || !pool) return 1;
    printf("%s; ours %s; %d threads, %d rows\n", configuration ? configuration() : "OpenBLAS",
           stk_isa_name(stk_isa_current()), threads, m);
    printf("%-28s %9s %9s %9s %12s %12s\n", "x [rows, depth] -> outputs", "OpenBLAS", "fp32", "bf16", "fp32 / blas",
           "bf16 / blas");
    // Outputs, depth, whether the matrix is [outputs, depth] (forwards) or [depth, outputs] (backwards).
    static const int sizes[][3] = {{576, 576, 1},  {192, 576, 1},  {1536, 576, 1}, {576, 1536, 1}, {2048, 576, 1},
                                   {576, 192, 0},  {576, 576, 0},  {576, 1536, 0}, {1536, 576, 0}, {576, 2048, 0}};
    double total[3] = {0, 0, 0};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        int n = sizes[i][0], k = sizes[i][1], turned = sizes[i][2];
        size_t elements = (size_t)n * (size_t)k;
        float *x = numbers((size_t)m * (size_t)k, 1), *w = numbers(elements, 2), *y = numbers((size_t)m * (size_t)n, 3);
        uint16_t *half = aligned_alloc(64, (elements * 2 + 63) / 64 * 64);
        stk_train_to_bf16(pool, w, half, elements);
        size_t rows = turned ? (size_t)n : (size_t)k, cols = turned ? (size_t)k : (size_t)n;
        stk_train_matrix stored[2] = {{STK_TRAIN_F32, rows, cols, cols, w}, {STK_TRAIN_BF16, rows, cols, cols, half}};
        double work = 2.0 * m * (double)elements, time[3][64], ratio[2][64];
        int calls = 1 + (int)(2e9 / work);
        if (rounds > 60) rounds = 60;
        for (int round = -1; round < rounds; round++) {
            for (int kind = 0; kind < 3; kind++) {
                double begin = now();
                for (int call = 0; call < calls; call++) {
                    if (kind == 0) {
                        sgemm(ROW_MAJOR, PLAIN, turned ? TURNED : PLAIN, m, n, k, 1, x, k, w, (int)cols, 0, y, n);
                        continue;
                    }
                    stk_train_term term = {.x = x, .x_stride = (size_t)k, .w = stored[kind - 1], .transposed = turned};
                    stk_train_product product = {.terms = &term, .term_count = 1, .y = y, .y_stride = (size_t)n,
                                                 .outputs = (size_t)n};
                    stk_train_multiply(pool, kind == 1 ? STK_TRAIN_F32 : STK_TRAIN_BF16, (size_t)m, &product, 1);
                }
                if (round >= 0) time[kind][round] = (now() - begin) / calls;
            }
            if (round >= 0)
                for (int kind = 1; kind < 3; kind++) ratio[kind - 1][round] = time[0][round] / time[kind][round];
        }
        char name[64];
        snprintf(name, sizeof name, "%d -> %d %s", k, n, turned ? "forwards" : "backwards");
        double rates[3];
        for (int kind = 0; kind < 3; kind++) {
            double seconds = median(time[kind], rounds);
            rates[kind] = work / seconds * 1e-9;
            total[kind] += seconds / work;
        }
        printf("%-28s %9.0f %9.0f %9.0f %12.2f %12.2f\n", name, rates[0], rates[1], rates[2], median(ratio[0], rounds),
               median(ratio[1], rounds));
        free(x), free(w), free(y), free(half);
    }
    double sizes_count = (double)(sizeof sizes / sizeof *sizes);
    printf("%-28s %9.0f %9.0f %9.0f %12.2f %12.2f\n", "harmonic mean", sizes_count / total[0] * 1e-9,
           sizes_count / total[1] * 1e-9, sizes_count / total[2] * 1e-9, total[0] / total[1], total[0] / total[2]);
    stk_pool_destroy(pool);
    return 0;
}
