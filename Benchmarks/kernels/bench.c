// Measures the kernels: medians (and bests) of repeated runs.
//   bench [threads] [isa]      (default: 2, the best one here)
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "stoa_kernels.h"

static clockid_t clock_used = CLOCK_MONOTONIC;

static double now(void) {
    struct timespec t;
    clock_gettime(clock_used, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

typedef struct timing {
    double median, best;
} timing;

/// Seconds of one call of the statements, over `runs` runs of `calls` calls.
#define MEASURE(result, runs, calls, ...) { \
    double seconds_[runs]; \
    for (int run_ = -1; run_ < (runs); run_++) { \
        double begin_ = now(); \
        for (int call_ = 0; call_ < (calls); call_++) { __VA_ARGS__; } \
        if (run_ >= 0) seconds_[run_] = (now() - begin_) / (calls); \
    } \
    qsort(seconds_, runs, sizeof(double), ascending); \
    (result) = (timing){seconds_[(runs) / 2], seconds_[0]}; \
}

/// Large pages where the system has them, as the engine asks for.
static void *allocate(size_t bytes) {
    size_t huge = (size_t)2 << 20;
    bytes = (bytes + huge - 1) / huge * huge;
    void *p = aligned_alloc(huge, bytes);
    if (!p) abort();
    madvise(p, bytes, MADV_HUGEPAGE);
    memset(p, 0, bytes);
    return p;
}

static const char *const pack_names[] = {"F32", "F16", "BF16", "Q8", "Q4", "Q5", "Q4K", "Q8K"};

/// Weights with small codes and scales of zero bytes would be as fast: the contents do not matter, but stay finite.
static stk_matrix matrix(stk_pack pack, size_t rows, size_t cols) {
    return (stk_matrix){pack, rows, cols, allocate(stk_pack_bytes(pack, rows, cols))};
}

static stk_activations activations(stk_pool *pool, size_t rows, size_t cols) {
    float *x = allocate(rows * cols * 4);
    for (size_t i = 0; i < rows * cols; i++) x[i] = (float)(i * 7919 % 1000) / 500 - 1;
    stk_activations a = {x, cols, rows, cols, allocate(rows * cols), allocate(rows * cols / 8),
                         allocate(rows * cols / 4)};
    stk_quantise(pool, &a);
    return a;
}

static void nothing(void *context, size_t index) {
    (void)context;
    (void)index;
}

static void bench_barrier(stk_pool *pool) {
    timing t;
    MEASURE(t, 21, 2000, stk_pool_run(pool, nothing, NULL, 4))
    printf("region of 4 empty tasks            median %6.0f ns   best %6.0f ns\n", t.median * 1e9, t.best * 1e9);
}

/// The products of one token of SmolLM2-135M over distinct weights: 30 layers of Q4, then the Q8 head.
static void bench_decode(stk_pool *pool, size_t rows, double bandwidth) {
    enum { LAYERS = 30 };
    static stk_matrix w[LAYERS][7], head;
    static const size_t shapes[7][2] = {{576, 576}, {192, 576}, {192, 576}, {576, 576}, {1536, 576}, {1536, 576}, {576, 1536}};
    size_t bytes = 0, layer_bytes = 0;
    if (!head.data) {
        for (int i = 0; i < 7; i++) layer_bytes += stk_pack_bytes(STK_PACK_Q4, shapes[i][0], shapes[i][1]);
        uint8_t *at = allocate(LAYERS * layer_bytes);
        for (int l = 0; l < LAYERS; l++)
            for (int i = 0; i < 7; i++) {
                w[l][i] = (stk_matrix){STK_PACK_Q4, shapes[i][0], shapes[i][1], at};
                at += stk_pack_bytes(STK_PACK_Q4, shapes[i][0], shapes[i][1]);
            }
        head = matrix(STK_PACK_Q8, 49152, 576);
    }
    for (int l = 0; l < LAYERS; l++)
        for (int i = 0; i < 7; i++) bytes += stk_pack_bytes(STK_PACK_Q4, shapes[i][0], shapes[i][1]);
    size_t head_bytes = stk_pack_bytes(STK_PACK_Q8, 49152, 576);
    stk_activations narrow = activations(pool, rows, 576), wide = activations(pool, rows, 1536);
    float *y = allocate(rows * 49152 * 4), *gate = allocate(rows * 1536 * 4), *up = allocate(rows * 1536 * 4);
    timing body, all;
#define LAYERS_ONCE \
    for (int l = 0; l < LAYERS; l++) { \
        stk_product qkv[3] = {{&w[l][0], NULL, y, 576, 0}, {&w[l][1], NULL, gate, 192, 0}, {&w[l][2], NULL, up, 192, 0}}; \
        stk_multiply(pool, STK_FAST, &narrow, qkv, 3); \
        stk_product o = {&w[l][3], NULL, y, 576, 1}; \
        stk_multiply(pool, STK_FAST, &narrow, &o, 1); \
        stk_product gates[2] = {{&w[l][4], NULL, gate, 1536, 0}, {&w[l][5], NULL, up, 1536, 0}}; \
        stk_multiply(pool, STK_FAST, &narrow, gates, 2); \
        stk_product down = {&w[l][6], NULL, y, 576, 1}; \
        stk_multiply(pool, STK_FAST, &wide, &down, 1); \
    }
    stk_product logits = {&head, NULL, y, 49152, 0};
    MEASURE(body, 31, 1, LAYERS_ONCE)
    MEASURE(all, 31, 1, LAYERS_ONCE stk_multiply(pool, STK_FAST, &narrow, &logits, 1))
    printf("layers, %zu row(s)  %5.1f MB          median %6.3f ms  %5.1f GB/s   best %5.1f GB/s\n", rows, (double)bytes / 1e6,
           body.median * 1e3, (double)bytes / body.median / 1e9, (double)bytes / body.best / 1e9);
    bytes += head_bytes;
    printf("with head, %zu row(s) %4.1f MB        median %6.3f ms  %5.1f GB/s   best %5.1f GB/s   %.0f %% of reading\n", rows,
           (double)bytes / 1e6, all.median * 1e3, (double)bytes / all.median / 1e9, (double)bytes / all.best / 1e9,
           100 * (double)bytes / all.best / bandwidth);
}

/// Repeats one layer's matrix over enough copies to leave the caches (GEMV), or one copy (GEMM).
static void bench_product(stk_pool *pool, stk_pack pack, stk_precision precision, size_t m, size_t n, size_t k) {
    size_t one = stk_pack_bytes(pack, n, k), copies = m == 1 ? 96000000 / one + 1 : 1;
    stk_matrix w = matrix(pack, n * copies, k);
    stk_activations a = activations(pool, m, k);
    float *y = allocate(m * n * copies * 4);
    stk_product p = {&w, NULL, y, n * copies, 0};
    timing t;
    int calls = m == 1 ? 1 : (int)(1 + 4e8 / (2.0 * (double)(m * n * k)));
    if (precision == STK_EXACT && m > 1) calls = 1 + calls / 3;
    MEASURE(t, 11, calls, stk_multiply(pool, precision, &a, &p, 1))
    double ops = 2.0 * (double)(m * n * copies * k);
    printf("%-5s %-5s M=%-4zu N=%-6zu K=%-5zu median %8.1f us  %7.0f GOP/s  %6.1f GB/s   best %7.0f GOP/s %6.1f GB/s\n",
           precision ? "fast" : "exact", pack_names[pack], m, n * copies, k, t.median * 1e6, ops / t.median / 1e9,
           (double)(one * copies) / t.median / 1e9, ops / t.best / 1e9, (double)(one * copies) / t.best / 1e9);
    free((void *)w.data);
    free((void *)a.x);
    free(a.codes);
    free(a.scales);
    free(a.sums);
    free(y);
}

/// `count` queries at the end of `rows` cached rows, `layers` distinct caches.
static void bench_attention(stk_pool *pool, size_t heads, size_t kv_heads, size_t d, size_t rows, size_t count,
                            size_t layers) {
    size_t row = kv_heads * d * 2, layer_bytes = rows * row * 2;
    uint8_t *cache = allocate(layers * layer_bytes);
    for (size_t i = 0; i < layers * layer_bytes / 2; i++) ((uint16_t *)cache)[i] = (uint16_t)(0x3000 + i % 1777);
    float *table = allocate((rows / 512 + 1) * 512 * d * 4), *q = allocate(count * heads * d * 4), *out = allocate(count * heads * d * 4);
    const float *blocks[64];
    for (size_t i = 0; i < 64; i++) blocks[i] = table + (i <= rows / 512 ? i : 0) * 512 * d;
    int32_t *positions = allocate(rows * 4);
    for (size_t i = 0; i < rows; i++) positions[i] = (int32_t)i;
    stk_attention_layer l = {.kv = STK_KV_F16, .heads = heads, .kv_heads = kv_heads, .head_dim = d, .v_offset = rows * row,
                             .head_stride = d * 2, .slot_stride = row, .scale = 0.125f, .rope = {blocks, d}};
    timing t;
    MEASURE(t, 31, 1, for (size_t i = 0; i < layers; i++) {
        stk_kv_span span = {cache + i * layer_bytes, 0, 0, (uint32_t)rows};
        stk_attention_queries s = {.spans = &span, .span_count = 1, .positions = positions, .first_row = rows - count,
                                   .count = count, .q = q, .q_stride = heads * d, .out = out, .out_stride = heads * d};
        stk_attend(pool, &l, &s, 1);
    })
    double flops = 0;
    for (size_t i = 0; i < count; i++) flops += 4.0 * (double)((rows - count + i + 1) * heads * d * layers);
    printf("attention %zu/%zu x %zu, %zu queries at %zu rows, %zu layers: median %8.1f us   best %8.1f us  %6.1f GFLOP/s  %5.1f GB/s of cache\n", heads,
           kv_heads, d, count, rows, layers, t.median * 1e6, t.best * 1e6, flops / t.best / 1e9,
           (double)(layers * layer_bytes) / t.best / 1e9);
    free(cache);
    free(table);
    free(q);
    free(out);
    free(positions);
}

static void bench_rows(stk_pool *pool) {
    timing t;
    size_t m = 128, n = 1536;
    float *x = allocate(m * n * 4), *y = allocate(m * n * 4);
    for (size_t i = 0; i < m * n; i++) x[i] = y[i] = (float)(i % 1000) / 250 - 2;
    MEASURE(t, 11, 20, stk_rms_norm(pool, x, n, x, 1e-5f, m, n, y, n))
    printf("rms norm   %zu x %zu  median %7.1f us   best %7.1f us\n", m, n, t.median * 1e6, t.best * 1e6);
    MEASURE(t, 11, 20, stk_silu_multiply(pool, y, x, n, m, n))
    printf("silu       %zu x %zu  median %7.1f us   best %7.1f us\n", m, n, t.median * 1e6, t.best * 1e6);
    MEASURE(t, 11, 20, stk_gelu_multiply(pool, y, x, n, m, n))
    printf("gelu       %zu x %zu  median %7.1f us   best %7.1f us\n", m, n, t.median * 1e6, t.best * 1e6);
    stk_activations a = activations(pool, m, n);
    MEASURE(t, 11, 20, stk_quantise(pool, &a))
    printf("quantise   %zu x %zu  median %7.1f us   best %7.1f us\n", m, n, t.median * 1e6, t.best * 1e6);
    MEASURE(t, 11, 20, stk_rms_norm(pool, x, 576, x, 1e-5f, 1, 576, y, 576))
    printf("rms norm   1 x 576    median %7.2f us\n", t.median * 1e6);
    MEASURE(t, 11, 20, stk_log_sum_exp(x, 49152))
    printf("log sum exp 49152     median %7.2f us\n", t.median * 1e6);
    MEASURE(t, 11, 20, stk_argmax(x, 49152))
    printf("argmax 49152          median %7.2f us\n", t.median * 1e6);
}

typedef struct pack_task {
    stk_type type;
    const void *source;
    void *packed;
    size_t rows, cols;
} pack_task;

static void pack_some(void *context, size_t index) {
    const pack_task *t = context;
    size_t panels = t->rows / 16, end = (index + 1) * 32;
    stk_pack_panels(t->type, t->source, t->rows, t->cols, NULL, index * 32, end < panels ? end : panels, t->packed);
}

static void bench_packing(stk_pool *pool, stk_type type, const char *name, size_t block, size_t block_bytes) {
    size_t cols = 1536, bytes = 100000000, rows = bytes / (cols / block * block_bytes) / 16 * 16;
    pack_task t = {type, allocate(bytes), NULL, rows, cols};
    stk_pack pack = (stk_pack)stk_pack_for_type(type);
    t.packed = allocate(stk_pack_bytes(pack, rows, cols));
    timing time;
    MEASURE(time, 5, 1, stk_pool_run(pool, pack_some, &t, (rows / 16 + 31) / 32))
    printf("packing 100 MB of %-5s  median %6.1f ms\n", name, time.median * 1e3);
    free((void *)t.source);
    free(t.packed);
}

int main(int count, char **arguments) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    int threads = count > 1 ? atoi(arguments[1]) : 2;
    for (int i = 0; count > 2 && i < 4; i++)
        if (!strcmp(arguments[2], stk_isa_name((stk_isa)i)) && !stk_isa_select((stk_isa)i)) return 2;
    // Alone, time on the processor: other programs then disturb less.
    if (threads == 1) clock_used = CLOCK_THREAD_CPUTIME_ID;
    const char *part = count > 3 ? arguments[3] : "";
    stk_pool *pool = stk_pool_create(threads);
    if (!pool) return 2;
    printf("%s, %d thread(s)\n", stk_isa_name(stk_isa_current()), threads);
    double bandwidth = stk_measure_read_bandwidth(pool, 96000000, 31);
    printf("reading 96 MB                      best %5.1f GB/s\n", bandwidth / 1e9);
    bench_barrier(pool);
    if (!*part || strchr(part, 'd'))
        for (size_t m = 1; m <= 8; m *= 2) bench_decode(pool, m, bandwidth);
    if (!*part || strchr(part, 'g'))
        for (int pack = STK_PACK_Q8; pack <= STK_PACK_Q8K; pack++)
            for (size_t m = 1; m <= 128; m *= m == 1 ? 8 : m == 8 ? 8 : 2) bench_product(pool, (stk_pack)pack, STK_FAST, m, 1536, 576);
    if (!*part || strchr(part, 's'))
        for (size_t m = 4; m <= 128; m *= 2) {
            bench_product(pool, STK_PACK_Q4, STK_FAST, m, 576, 576);
            bench_product(pool, STK_PACK_Q4, STK_FAST, m, 3072, 576);
            bench_product(pool, STK_PACK_Q4, STK_FAST, m, 576, 1536);
        }
    if (!*part || strchr(part, 'e'))
        for (int pack = STK_PACK_F32; pack <= STK_PACK_Q8K; pack++)
            for (size_t m = 1; m <= 64; m *= 8) bench_product(pool, (stk_pack)pack, STK_EXACT, m, 1536, 576);
    if (!*part || strchr(part, 'a')) {
        bench_attention(pool, 9, 3, 64, 16, 1, 30);
        bench_attention(pool, 9, 3, 64, 512, 1, 30);
        bench_attention(pool, 9, 3, 64, 4096, 1, 8);
        bench_attention(pool, 4, 1, 256, 512, 1, 18);
    }
    if (!*part || strchr(part, 'b')) {
        bench_attention(pool, 9, 3, 64, 512, 128, 8);
        bench_attention(pool, 9, 3, 64, 512, 512, 8);
        bench_attention(pool, 4, 1, 256, 512, 128, 8);
    }
    if (!*part || strchr(part, 'r')) bench_rows(pool);
    if (!*part || strchr(part, 'p')) {
        bench_packing(pool, STK_TYPE_Q4_1, "Q4_1", 32, 20);
        bench_packing(pool, STK_TYPE_Q8_0, "Q8_0", 32, 34);
        bench_packing(pool, STK_TYPE_Q5_0, "Q5_0", 32, 22);
        bench_packing(pool, STK_TYPE_Q4_K, "Q4_K", 256, 144);
        bench_packing(pool, STK_TYPE_Q6_K, "Q6_K", 256, 210);
        bench_packing(pool, STK_TYPE_F16, "F16", 1, 2);
    }
    stk_pool_destroy(pool);
}
