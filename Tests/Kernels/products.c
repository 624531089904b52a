#include "support.h"

typedef struct problem {
    stk_type type;
    size_t tokens, outputs, cols;
    int has_bias, accumulate;
} problem;

static void check_problem(stk_isa isa, stk_pool *pool, stk_pool *other, problem q) {
    size_t bytes, groups = (q.cols + 31) / 32, n = q.tokens * q.outputs, panels = (q.outputs + 15) / 16;
    void *source = random_weights(q.type, q.outputs, q.cols, &bytes);
    stk_matrix w = {.pack = (stk_pack)stk_pack_for_type(q.type), .rows = q.outputs, .cols = q.cols};
    void *packed = allocate(stk_pack_bytes(w.pack, q.outputs, q.cols));
    stk_pack_panels(q.type, source, q.outputs, q.cols, NULL, 0, panels, packed);
    w.data = packed;
    stk_activations a = {.x = random_floats(q.tokens * q.cols, 1), .stride = q.cols, .rows = q.tokens, .cols = q.cols,
                         .codes = allocate(q.tokens * groups * 32), .scales = allocate(q.tokens * groups * 4),
                         .sums = allocate(q.tokens * groups * 8)};
    stk_quantise(pool, &a);
    float *bias = q.has_bias ? random_floats(q.outputs, 1) : NULL, *before = random_floats(n, 1);
    for (int precision = 0; precision < 2; precision++) {
        float *y[4];
        for (int i = 0; i < 4; i++) {
            y[i] = allocate(n * 4 + 4);
            memcpy(y[i], before, n * 4);
            stk_isa_select(i ? isa : STK_ISA_SCALAR);
            stk_product p = {.w = &w, .bias = bias, .y = y[i], .stride = q.outputs, .accumulate = q.accumulate};
            if (i < 3) {
                stk_multiply(i == 2 ? other : pool, (stk_precision)precision, &a, &p, 1);
                continue;
            }
            for (size_t t = 0; t < q.tokens; t++) { // each row alone
                stk_activations one = a;
                one.rows = 1;
                one.x += t * q.cols;
                one.codes += t * groups * 32;
                one.scales += t * groups;
                one.sums += t * groups * 2;
                p.y = y[i] + t * q.outputs;
                stk_multiply(pool, (stk_precision)precision, &one, &p, 1);
            }
        }
        char name[64];
        snprintf(name, sizeof name, "%s product, type %d, %zu x %zu", precision ? "fast" : "exact", q.type, q.outputs,
                 q.tokens);
        for (int i = 1; i < 4; i++) {
            expect(same_floats(y[0], y[i], n + 1), name, q.cols);
        }
        // Near the sum in double precision over the unpacked row.
        float *row = allocate(q.cols * 4 + 4);
        int near = 1;
        for (size_t o = 0; o < q.outputs; o++) {
            stk_unpack_row(&w, o, row);
            for (size_t t = 0; t < q.tokens; t++) {
                double sum = (bias ? bias[o] : 0) + (q.accumulate ? before[t * q.outputs + o] : 0), size = 1e-3;
                for (size_t k = 0; k < q.cols; k++) {
                    double term = (double)row[k] * a.x[t * q.cols + k];
                    sum += term;
                    size += fabs(row[k]);
                }
                double tolerance = precision && w.pack > STK_PACK_BF16 ? 0.02 : 1e-5;
                near &= fabs(sum - y[1][t * q.outputs + o]) <= tolerance * size;
            }
        }
        strcat(name, " near double");
        expect(near, name, q.cols);
        free(row);
        for (int i = 0; i < 4; i++) free(y[i]);
    }
    free(source);
    free(packed);
    free((void *)a.x);
    free(a.codes);
    free(a.scales);
    free(a.sums);
    free(bias);
    free(before);
}

/// Two products with changes of some rows: the same bits on every path, with any number of workers, and row by row.
static void check_changes(stk_isa isa, stk_pool *pool, stk_pool *other, size_t tokens) {
    enum { COLS = 96, STEPS = 5 };
    static const stk_type types[2] = {STK_TYPE_Q4_1, STK_TYPE_F32};
    static const size_t outputs[2] = {150, 31}, ranks[3] = {16, 3, 40}, targets[3] = {0, 1, 0};
    size_t half = (tokens + 1) / 2;
    stk_matrix w[2];
    void *sources[2], *packed[2];
    float *before[2], *x = random_floats(tokens * COLS, 1), *d[3], *u[3], *down[3], *up[3];
    stk_low_rank changes[3];
    for (int i = 0; i < 2; i++) {
        size_t bytes;
        sources[i] = random_weights(types[i], outputs[i], COLS, &bytes);
        w[i] = (stk_matrix){.pack = (stk_pack)stk_pack_for_type(types[i]), .rows = outputs[i], .cols = COLS};
        packed[i] = allocate(stk_pack_bytes(w[i].pack, outputs[i], COLS));
        stk_pack_panels(types[i], sources[i], outputs[i], COLS, NULL, 0, (outputs[i] + 15) / 16, packed[i]);
        w[i].data = packed[i];
        before[i] = random_floats(tokens * outputs[i], 1);
    }
    for (int i = 0; i < 3; i++) {
        size_t n = outputs[targets[i]], rank = (ranks[i] + 15) / 16 * 16;
        d[i] = random_floats(ranks[i] * COLS, 1);
        u[i] = random_floats(ranks[i] * n, 1);
        down[i] = allocate(rank * COLS * sizeof(float));
        up[i] = allocate(rank * (n + 15) / 16 * 16 * sizeof(float) + rank * 16 * sizeof(float));
        stk_pack_low_rank(d[i], u[i], ranks[i], COLS, n, 1.5f, down[i], up[i]);
        changes[i] = (stk_low_rank){.product = targets[i], .first = i == 2 ? half : 0,
                                    .rows = i == 2 ? tokens - half : half, .down = down[i], .up = up[i], .rank = rank};
    }
    int8_t *codes = allocate(tokens * COLS);
    float *scales = allocate(tokens * COLS / 32 * sizeof(float));
    int32_t *sums = allocate(tokens * COLS / 16 * sizeof(int32_t));
    for (int precision = 0; precision < 2; precision++) {
        float *y[2][STEPS];
        for (int step = 0; step < STEPS; step++) {
            stk_isa_select(step ? isa : STK_ISA_SCALAR);
            stk_pool *workers = step == 2 ? other : pool;
            stk_product p[2];
            for (int i = 0; i < 2; i++) {
                y[i][step] = allocate(tokens * outputs[i] * sizeof(float));
                memcpy(y[i][step], before[i], tokens * outputs[i] * sizeof(float));
                p[i] = (stk_product){.w = w + i, .y = y[i][step], .stride = outputs[i], .accumulate = i};
            }
            stk_activations a = {.x = x, .stride = COLS, .rows = tokens, .cols = COLS, .codes = codes,
                                 .scales = scales, .sums = sums};
            if (step < 3) {
                stk_quantise(pool, &a);
                stk_multiply_changed(workers, (stk_precision)precision, &a, p, 2, changes, 3);
                continue;
            }
            for (size_t t = 0; t < tokens; t++) { // each row alone; the last time without changes
                stk_low_rank some[3];
                size_t count = 0;
                for (int i = 0; i < 3 && step == 3; i++) {
                    if (t < changes[i].first || t >= changes[i].first + changes[i].rows) continue;
                    some[count] = changes[i];
                    some[count].first = 0;
                    some[count++].rows = 1;
                }
                a.x = x + t * COLS;
                a.rows = 1;
                for (int i = 0; i < 2; i++) p[i].y = y[i][step] + t * outputs[i];
                stk_quantise(pool, &a);
                stk_multiply_changed(workers, (stk_precision)precision, &a, p, 2, some, count);
            }
        }
        for (int i = 0; i < 2; i++) {
            size_t n = tokens * outputs[i];
            for (int step = 1; step < 4; step++) expect(same_floats(y[i][0], y[i][step], n), "changed product", tokens);
            int differs = 0, near = 1;
            for (size_t e = 0; e < n; e++) {
                size_t t = e / outputs[i], o = e % outputs[i];
                double sum = y[i][4][e], size = 1;
                for (int c = 0; c < 3; c++) {
                    if (targets[c] != (size_t)i || t < changes[c].first || t >= changes[c].first + changes[c].rows) continue;
                    for (size_t r = 0; r < ranks[c]; r++) {
                        double inner = 0;
                        for (size_t k = 0; k < COLS; k++) inner += 1.5 * (double)d[c][r * COLS + k] * x[t * COLS + k];
                        sum += inner * u[c][o * ranks[c] + r];
                        size += fabs(inner * u[c][o * ranks[c] + r]);
                    }
                }
                near &= fabs(sum - y[i][0][e]) <= 1e-5 * size;
                differs |= y[i][0][e] != y[i][4][e];
            }
            expect(near && differs, "changed product near double", tokens);
            for (int step = 0; step < STEPS; step++) free(y[i][step]);
        }
    }
    for (int i = 0; i < 2; i++) {
        free(sources[i]);
        free(packed[i]);
        free(before[i]);
    }
    for (int i = 0; i < 3; i++) {
        free(d[i]);
        free(u[i]);
        free(down[i]);
        free(up[i]);
    }
    free(x);
    free(codes);
    free(scales);
    free(sums);
}

static const size_t token_counts[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 13};

void check_products(stk_isa isa, stk_pool *pool) {
    stk_pool *other = stk_pool_create(3);
    for (size_t i = 0; i < 13; i++) {
        int is_float = i < 3, is_super = i >= 8;
        for (size_t t = 0; t < sizeof token_counts / sizeof *token_counts; t++) {
            problem q = {.type = all_types[i], .tokens = token_counts[t], .outputs = 1 + random_below(150),
                         .cols = is_super ? 256 * (1 + t % 3) : is_float ? 1 + random_below(300) : 32 * (1 + random_below(20)),
                         .has_bias = t % 2, .accumulate = t / 2 % 2};
            check_problem(isa, pool, other, q);
        }
        check_problem(isa, pool, other, (problem){all_types[i], 64, 48, is_super ? 512 : 576, 0, 0});
        check_problem(isa, pool, other, (problem){all_types[i], 1, 192, is_super ? 2048 : 1536, 1, 1});
    }
    for (size_t t = 0; t < sizeof token_counts / sizeof *token_counts; t++)
        check_changes(isa, pool, other, token_counts[t]);
    check_changes(isa, pool, other, 40);
    stk_pool_destroy(other);
}
