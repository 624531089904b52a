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
    stk_pool_destroy(other);
}
