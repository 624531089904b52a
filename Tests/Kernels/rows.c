#include "support.h"

static const size_t sizes[] = {0, 1, 7, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 128, 255, 576, 1000};

/// Runs `call` writing to `out` on scalar and on `isa`, from the same beginning.
#define COMPARE(name, n, initial, call) { \
    float *first = allocate((n) * 4 + 4), *second = allocate((n) * 4 + 4), *out = first; \
    memcpy(first, initial, (n) * 4); \
    memcpy(second, initial, (n) * 4); \
    stk_isa_select(STK_ISA_SCALAR); \
    call; \
    out = second; \
    stk_isa_select(isa); \
    call; \
    expect(same_floats(first, second, (n) + 1), name, n); \
    free(first); \
    free(second); \
}

static void check_elementwise(stk_isa isa, stk_pool *pool, size_t n, float *(*make)(size_t)) {
    float *x = make(n), *y = make(n);
    COMPARE("add", n, y, stk_add(x, out, n))
    COMPARE("scale", n, y, stk_scale(1.7f, out, n))
    COMPARE("soft cap", n, y, stk_soft_cap(3, out, n))
    COMPARE("silu", n, y, stk_silu_multiply(pool, out, x, n, 1, n))
    COMPARE("gelu", n, y, stk_gelu_multiply(pool, out, x, n, 1, n))
    COMPARE("rms norm", n, y, stk_rms_norm(pool, x, n, y, 1e-5f, 1, n, out, n))
    COMPARE("rms norm without weight", n, y, stk_rms_norm(pool, x, n, NULL, 1e-5f, 1, n, out, n))
    float zero[2] = {0, 0};
    COMPARE("max", 1, zero, out[0] = stk_max(x, n))
    COMPARE("argmax", 1, zero, out[0] = (float)stk_argmax(x, n))
    COMPARE("dot", 1, zero, out[0] = stk_dot(x, y, n))
    COMPARE("norm", 1, zero, out[0] = stk_norm(x, n))
    double sums[2];
    stk_isa_select(STK_ISA_SCALAR);
    sums[0] = stk_log_sum_exp(x, n);
    stk_isa_select(isa);
    sums[1] = stk_log_sum_exp(x, n);
    expect(sums[0] == sums[1] || (isnan(sums[0]) && isnan(sums[1])), "log sum exp", n);
    size_t halves = (n + 1) / 2;
    COMPARE("f32 to f16", halves, y, (memset(out, 0, halves * 4), stk_f32_to_f16(x, (uint16_t *)out, n)))
    free(x);
    free(y);
}

static float *plain(size_t n) { return random_floats(n, 3); }

static void check_quantise(stk_isa isa, stk_pool *pool, size_t rows, size_t cols, float *(*make)(size_t)) {
    size_t groups = (cols + 31) / 32, n = rows * groups;
    float *x = make(rows * cols);
    stk_activations a[2];
    for (int i = 0; i < 2; i++) {
        a[i] = (stk_activations){.x = x, .stride = cols, .rows = rows, .cols = cols, .codes = allocate(n * 32),
                                 .scales = allocate(n * 4), .sums = allocate(n * 8)};
        stk_isa_select(i ? isa : STK_ISA_SCALAR);
        stk_quantise(pool, &a[i]);
    }
    expect(!memcmp(a[0].codes, a[1].codes, n * 32) && !memcmp(a[0].sums, a[1].sums, n * 8)
               && same_floats(a[0].scales, a[1].scales, n), "quantise", cols);
    for (int i = 0; i < 2; i++) {
        free(a[i].codes);
        free(a[i].scales);
        free(a[i].sums);
    }
    free(x);
}

static void check_halves(stk_isa isa) {
    uint16_t *halves = allocate(65536 * 2);
    float *a = allocate(65536 * 4), *b = allocate(65536 * 4);
    for (size_t i = 0; i < 65536; i++) halves[i] = (uint16_t)i;
    stk_isa_select(STK_ISA_SCALAR);
    stk_f16_to_f32(halves, a, 65536);
    stk_isa_select(isa);
    stk_f16_to_f32(halves, b, 65536);
    expect(!memcmp(a, b, 65536 * 4), "all f16 values", 65536);
    uint16_t *first = allocate(65536 * 2), *second = allocate(65536 * 2);
    for (int round = 0; round < 4; round++) { // halfway cases and their neighbours
        for (size_t i = 0; i < 65536; i++) {
            uint32_t bits;
            memcpy(&bits, a + i, 4);
            bits += round == 3 ? 0x1000 : (uint32_t)round * 0xfff + (round == 2) * 2;
            memcpy(b + i, &bits, 4);
        }
        stk_isa_select(STK_ISA_SCALAR);
        stk_f32_to_f16(b, first, 65536);
        stk_isa_select(isa);
        stk_f32_to_f16(b, second, 65536);
        expect(!memcmp(first, second, 65536 * 2), "rounding to f16", (size_t)round);
    }
    free(halves);
    free(a);
    free(b);
    free(first);
    free(second);
}

void check_rows(stk_isa isa, stk_pool *pool) {
    check_halves(isa);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        check_elementwise(isa, pool, sizes[i], plain);
        check_elementwise(isa, pool, sizes[i], any_floats);
        check_quantise(isa, pool, 3, sizes[i], plain);
        check_quantise(isa, pool, 3, sizes[i], any_floats);
    }
    check_quantise(isa, pool, 64, 576, plain);
    size_t rows = 40, n = 1000;
    float *x = random_floats(rows * n, 3), *w = random_floats(n, 1);
    COMPARE("rms norm of many rows", rows * n, x, stk_rms_norm(pool, x, n, w, 1e-6f, rows, n, out, n))
    COMPARE("silu of many rows", rows * n, x, stk_silu_multiply(pool, out, x, n, rows, n))
    for (size_t half = 4; half <= 64; half += 12) {
        float *table = random_floats(1024 * half, 1);
        const float *blocks[1] = {table};
        stk_rope rope = {.blocks = blocks, .dims = 2 * half};
        COMPARE("rotate", 5 * 128, x, stk_rotate(&rope, 311, out, 5, 128))
        free(table);
    }
    free(x);
    free(w);
}
