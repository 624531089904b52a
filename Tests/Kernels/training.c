#include "stoa_training.h"
#include "support.h"

// The kernels of training: the same bits as the scalar definition on every instruction set, with any number of threads
// and whatever shares a call; and near what the mathematics says, in double precision.

typedef struct shape {
    size_t m, n, depths[3];
    int transposed[3], has_bias, accumulate;
} shape;

static float rounded(float x, stk_train_type type) {
    if (type == STK_TRAIN_F32) return x;
    uint32_t b;
    memcpy(&b, &x, 4);
    b = (b + 0x7fff + (b >> 16 & 1)) & 0xffff0000;
    memcpy(&x, &b, 4);
    return x;
}

/// The weights of a term, stored as floats or as bf16, with room between rows.
static stk_train_matrix random_matrix(size_t rows, size_t cols, stk_train_type stored, stk_pool *pool) {
    size_t stride = cols + 2 * random_below(3);
    float *floats = random_floats(rows * stride, 1);
    if (stored == STK_TRAIN_F32) return (stk_train_matrix){stored, rows, cols, stride, floats};
    uint16_t *halves = allocate(rows * stride * 2);
    stk_train_to_bf16(pool, floats, halves, rows * stride);
    free(floats);
    return (stk_train_matrix){stored, rows, cols, stride, halves};
}

static float element(const stk_train_matrix *w, size_t row, size_t col) {
    float x;
    if (w->type == STK_TRAIN_F32) return ((const float *)w->data)[row * w->stride + col];
    uint32_t bits = (uint32_t)((const uint16_t *)w->data)[row * w->stride + col] << 16;
    memcpy(&x, &bits, 4);
    return x;
}

static void check_multiply(stk_isa isa, stk_pool *pool, stk_pool *other, shape q, stk_train_type type) {
    stk_train_term terms[3];
    size_t count = 0, size = q.m * q.n;
    for (; count < 3 && q.depths[count]; count++) {
        size_t depth = q.depths[count];
        stk_train_type stored = random_below(3) ? type : STK_TRAIN_F32;
        terms[count].x_stride = depth + random_below(2);
        terms[count].x = random_floats(q.m * terms[count].x_stride + 1, 1);
        terms[count].transposed = q.transposed[count];
        terms[count].w = q.transposed[count] ? random_matrix(q.n, depth, stored, pool) : random_matrix(depth, q.n, stored, pool);
    }
    float *bias = q.has_bias ? random_floats(q.n, 1) : NULL, *before = random_floats(size, 1), *y[4];
    for (int i = 0; i < 4; i++) {
        y[i] = allocate(size * 4 + 4);
        memcpy(y[i], before, size * 4);
        stk_isa_select(i ? isa : STK_ISA_SCALAR);
        stk_train_product p = {terms, count, bias, y[i], q.n, q.n, q.accumulate};
        if (i < 3) {
            stk_train_multiply(i == 2 ? other : pool, type, q.m, &p, 1);
            continue;
        }
        for (size_t r = 0; r < q.m; r++) { // each row alone, in a product that is done twice in one call
            stk_train_term alone[3];
            for (size_t t = 0; t < count; t++) {
                alone[t] = terms[t];
                alone[t].x += r * terms[t].x_stride;
            }
            float *copy = allocate(q.n * 4);
            memcpy(copy, before + r * q.n, q.n * 4);
            stk_train_product pair[2] = {{alone, count, bias, y[i] + r * q.n, q.n, q.n, q.accumulate},
                                         {alone, count, bias, copy, q.n, q.n, q.accumulate}};
            stk_train_multiply(pool, type, 1, pair, 2);
            expect(same_floats(y[i] + r * q.n, copy, q.n), "two products of one call", q.n);
            free(copy);
        }
    }
    for (int i = 1; i < 4; i++) expect(same_floats(y[0], y[i], size + 1), type ? "bf16 product" : "f32 product", q.n);
    int near = 1;
    for (size_t r = 0; r < q.m; r++)
        for (size_t o = 0; o < q.n; o++) {
            double sum = (bias ? bias[o] : 0) + (q.accumulate ? before[r * q.n + o] : 0), magnitude = 1;
            for (size_t t = 0; t < count; t++)
                for (size_t k = 0; k < q.depths[t]; k++) {
                    const stk_train_matrix *w = &terms[t].w;
                    double a = rounded(terms[t].x[r * terms[t].x_stride + k], type);
                    double b = rounded(q.transposed[t] ? element(w, o, k) : element(w, k, o), type);
                    sum += a * b;
                    magnitude += fabs(a * b);
                }
            near &= fabs(sum - y[1][r * q.n + o]) <= 1e-5 * magnitude;
        }
    expect(near, "product near double", q.n);
    for (size_t t = 0; t < count; t++) {
        free((void *)terms[t].x);
        free((void *)terms[t].w.data);
    }
    for (int i = 0; i < 4; i++) free(y[i]);
    free(bias);
    free(before);
}

static void check_rows_of(stk_isa isa, stk_pool *pool, stk_pool *other, size_t m, size_t n) {
    float *x = random_floats(m * n, 2), *weight = random_floats(n, 1), *dy = random_floats(m * n, 1);
    float *start = random_floats(m * n, 1), *dx[3], *gate[3], *up[3], *into[3];
    for (int i = 0; i < 3; i++) {
        stk_isa_select(i ? isa : STK_ISA_SCALAR);
        stk_pool *p = i == 2 ? other : pool;
        dx[i] = allocate(m * n * 4);
        gate[i] = allocate(m * n * 4);
        up[i] = allocate(m * n * 4);
        into[i] = allocate(m * n * 4);
        memcpy(dx[i], start, m * n * 4);
        stk_train_rms_norm_gradient(p, x, n, n % 3 ? weight : NULL, 1e-6f, m, n, dy, n, dx[i], n, n % 2);
        for (int f = 0; f < 2; f++) {
            memcpy(gate[i], x, m * n * 4);
            memcpy(up[i], start, m * n * 4);
            stk_train_gate_multiply(p, (stk_train_gate)f, gate[i], up[i], into[i], m * n);
            stk_train_gate_gradient(p, (stk_train_gate)f, gate[i], up[i], dy, m * n);
            if (!i) continue;
            expect(same_floats(into[0], into[i], f ? m * n : 0), "gate", n);
            expect(same_floats(gate[0], gate[i], f ? m * n : 0), "gate gradient", n);
            expect(same_floats(up[0], up[i], f ? m * n : 0), "up gradient", n);
        }
        if (i) expect(same_floats(dx[0], dx[i], m * n), "norm gradient", n);
    }
    // dx against central differences of sum(dy * norm(x)) in double precision.
    int near = 1;
    for (size_t j = 0; j < n; j++) {
        double value[2];
        for (int side = 0; side < 2; side++) {
            double squares = 0, sum = 0, step = side ? 1e-5 : -1e-5;
            for (size_t k = 0; k < n; k++) squares += pow(x[k] + (k == j ? step : 0), 2);
            double factor = 1 / sqrt(squares / (double)n + 1e-6);
            for (size_t k = 0; k < n; k++)
                sum += dy[k] * (x[k] + (k == j ? step : 0)) * factor * (n % 3 ? weight[k] : 1);
            value[side] = sum;
        }
        double expected = (value[1] - value[0]) / 2e-5 + (n % 2 ? start[j] : 0);
        near &= fabs(expected - dx[1][j]) <= 1e-4 * (1 + fabs(expected));
    }
    expect(near, "norm gradient near differences", n);
    for (int i = 0; i < 3; i++) {
        free(dx[i]);
        free(gate[i]);
        free(up[i]);
        free(into[i]);
    }
    free(x);
    free(weight);
    free(dy);
    free(start);
}

/// sum(d_out * attention(q, k, v)) in double precision.
static double attended(const stk_train_attention *a, const double *q, const double *k, const double *v, const float *d_out) {
    double total = 0;
    size_t d = a->head_dim, group = a->heads / a->kv_heads;
    for (size_t s = 0; s < a->sequences; s++)
        for (size_t row = a->offsets[s]; row < a->offsets[s + 1]; row++)
            for (size_t h = 0; h < a->heads; h++) {
                double sum = 0, weighted = 0;
                for (size_t key = a->offsets[s]; key <= row; key++) {
                    if (a->window && row - key >= (size_t)a->window) continue;
                    double score = 0, value = 0;
                    for (size_t i = 0; i < d; i++) {
                        size_t at = (key * a->kv_heads + h / group) * d + i, q_at = (row * a->heads + h) * d + i;
                        score += q[q_at] * k[at];
                        value += d_out[q_at] * v[at];
                    }
                    score *= a->scale;
                    if (a->soft_cap != 0) score = a->soft_cap * tanh(score / a->soft_cap);
                    sum += exp(score);
                    weighted += exp(score) * value;
                }
                total += weighted / sum;
            }
    return total;
}

static void check_attention_of(stk_isa isa, stk_pool *pool, stk_pool *other, size_t heads, size_t kv_heads, size_t dim,
                               int window, float cap) {
    size_t offsets[] = {0, 1, 18, 18 + 37}, m = 55, q_size = m * heads * dim, kv_size = m * kv_heads * dim;
    float *x[4] = {random_floats(q_size, 1.5f), random_floats(kv_size, 1.5f), random_floats(kv_size, 1), random_floats(q_size, 1)};
    stk_train_attention a = {heads, kv_heads, dim, 1.0f / sqrtf((float)dim), cap, window, offsets, 3, x[0], x[1], x[2]};
    float *out[3], *maximum[3], *inverse[3], *gradient[3][3];
    for (int i = 0; i < 3; i++) {
        stk_isa_select(i ? isa : STK_ISA_SCALAR);
        out[i] = allocate(q_size * 4);
        maximum[i] = allocate(m * heads * 4);
        inverse[i] = allocate(m * heads * 4);
        for (int j = 0; j < 3; j++) gradient[i][j] = allocate((j ? kv_size : q_size) * 4);
        stk_train_attend(i == 2 ? other : pool, &a, out[i], maximum[i], inverse[i]);
        stk_train_attend_gradient(i == 2 ? other : pool, &a, out[i], maximum[i], inverse[i], x[3], gradient[i][0],
                                  gradient[i][1], gradient[i][2]);
        if (!i) continue;
        expect(same_floats(out[0], out[i], q_size), "training attention", dim);
        for (int j = 0; j < 3; j++)
            expect(same_floats(gradient[0][j], gradient[i][j], j ? kv_size : q_size), "attention gradient", (size_t)j);
    }
    double *wide[3];
    for (int j = 0; j < 3; j++) {
        size_t size = j ? kv_size : q_size;
        wide[j] = malloc(size * sizeof(double));
        for (size_t i = 0; i < size; i++) wide[j][i] = x[j][i];
    }
    double value = 0;
    for (size_t i = 0; i < q_size; i++) value += (double)out[1][i] * x[3][i];
    expect(fabs(value - attended(&a, wide[0], wide[1], wide[2], x[3])) < 1e-4 * sqrt((double)q_size), "attention near double", dim);
    for (int trial = 0; trial < 24; trial++) {
        int j = trial % 3;
        size_t at = random_below(j ? kv_size : q_size);
        double kept = wide[j][at], sides[2];
        for (int side = 0; side < 2; side++) {
            wide[j][at] = kept + (side ? 1e-5 : -1e-5);
            sides[side] = attended(&a, wide[0], wide[1], wide[2], x[3]);
        }
        wide[j][at] = kept;
        double expected = (sides[1] - sides[0]) / 2e-5;
        expect(fabs(expected - gradient[1][j][at]) < 1e-4 * (1 + fabs(expected)), "attention gradient near differences", (size_t)j);
    }
    for (int i = 0; i < 3; i++) {
        free(out[i]);
        free(maximum[i]);
        free(inverse[i]);
        for (int j = 0; j < 3; j++) free(gradient[i][j]);
        free(wide[i]);
    }
    for (int j = 0; j < 4; j++) free(x[j]);
}

static void check_head(stk_isa isa, stk_pool *pool, float cap) {
    enum { M = 5, N = 1030 };
    float *z = random_floats(M * N, 3), *tile[2], maximum[2][M], target[2][M], inverse[M], gradient[M] = {1, -2, 0, 0.5f, 3};
    double sum[2][M];
    int32_t targets[M] = {7, 6, 1035, 2000, 512};
    memset(target, 0, sizeof target);
    for (int i = 0; i < 2; i++) {
        stk_isa_select(i ? isa : STK_ISA_SCALAR);
        tile[i] = allocate(M * N * 4);
        memcpy(tile[i], z, M * N * 4);
        stk_train_logits t = {tile[i], N, M, 7, N, cap, targets};
        stk_train_logits_measure(pool, &t, maximum[i], sum[i], target[i]);
        memcpy(tile[i], z, M * N * 4);
        for (int r = 0; r < M; r++) inverse[r] = (float)(1 / sum[i][r]);
        stk_train_logits_gradient(pool, &t, maximum[i], inverse, gradient);
    }
    expect(same_floats(maximum[0], maximum[1], M) && same_floats(target[0], target[1], M) && !memcmp(sum[0], sum[1], sizeof *sum),
           "measure of logits", N);
    expect(same_floats(tile[0], tile[1], M * N), "gradient of logits", N);
    int near = target[1][1] == 0 && target[1][3] == 0;
    for (int r = 0; r < M; r++) {
        double total = 0;
        for (int j = 0; j < N; j++) total += exp(cap != 0 ? cap * tanh(z[r * N + j] / cap) : z[r * N + j]);
        for (int j = 0; j < N; j++) {
            double capped = cap != 0 ? cap * tanh(z[r * N + j] / cap) : z[r * N + j];
            double slope = cap != 0 ? 1 - capped * capped / cap / cap : 1;
            double expected = gradient[r] * ((j + 7 == targets[r]) - exp(capped) / total) * slope;
            near &= fabs(expected - tile[1][r * N + j]) < 1e-5;
        }
    }
    expect(near, "gradient of logits near double", N);
    free(z);
    free(tile[0]);
    free(tile[1]);
}

static void check_optimiser(stk_isa isa, stk_pool *pool) {
    size_t n = 20011;
    float *gradients = random_floats(n, 1), *start = random_floats(n, 1), *state[2][3];
    stk_train_adamw o = {.rate = 1e-3f, .decay = 0.999f, .beta1 = 0.9f, .beta2 = 0.999f, .epsilon = 1e-8f,
                         .inverse_correction2 = 1.5f, .step = 2e-3f, .gradient_scale = 0.7f};
    for (int i = 0; i < 2; i++) {
        stk_isa_select(i ? isa : STK_ISA_SCALAR);
        for (int j = 0; j < 3; j++) {
            state[i][j] = allocate(n * 4);
            for (size_t k = 0; k < n; k++) state[i][j][k] = j == 2 ? fabsf(start[k]) : start[k];
        }
        stk_train_adamw_step(pool, &o, n, state[i][0], gradients, state[i][1], state[i][2]);
    }
    for (int j = 0; j < 3; j++) expect(same_floats(state[0][j], state[1][j], n), "AdamW", n);
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 3; j++) free(state[i][j]);
    free(gradients);
    free(start);
}

static void check_moves(stk_isa isa, stk_pool *pool) {
    for (size_t dims = 2; dims < 70; dims += 16) {
        size_t m = 9, heads = 3, width = dims + 3;
        float *factors = random_floats(16 * dims, 1), *x = random_floats(m * heads * width, 1), *y[2];
        int32_t positions[9];
        for (size_t i = 0; i < m; i++) positions[i] = (int32_t)random_below(16);
        for (int i = 0; i < 2; i++) {
            stk_isa_select(i ? isa : STK_ISA_SCALAR);
            y[i] = allocate(m * heads * width * 4);
            memcpy(y[i], x, m * heads * width * 4);
            stk_train_rotate(pool, factors, dims, positions, m, y[i], heads, width, dims % 32 == 2);
        }
        expect(same_floats(y[0], y[1], m * heads * width), "rotation", dims);
        float *turned = allocate(m * heads * width * 4);
        stk_train_transpose(pool, x, heads * width, m, heads * width, turned, m);
        int holds = 1;
        for (size_t i = 0; i < m; i++)
            for (size_t j = 0; j < heads * width; j++) holds &= turned[j * m + i] == x[i * heads * width + j];
        expect(holds, "turned matrix", dims);
        free(turned);
        free(factors);
        free(x);
        free(y[0]);
        free(y[1]);
    }
}

void check_training(stk_isa isa, stk_pool *pool) {
    stk_pool *other = stk_pool_create(3);
    static const size_t rows[] = {1, 5, 12, 13, 24, 31, 97};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int type = 0; type < 2; type++) {
            shape q = {.m = rows[i], .n = 16 * (1 + random_below(6)) + (i % 3 ? 0 : random_below(16)),
                       .depths = {32 * (1 + random_below(20)), i % 2 ? 1 + random_below(40) : 0, i % 4 == 3 ? 16 : 0},
                       .transposed = {(int)i % 2, 1, 0}, .has_bias = i % 3 == 1, .accumulate = i % 2};
            check_multiply(isa, pool, other, q, (stk_train_type)type);
        }
    check_multiply(isa, pool, other, (shape){600, 64, {576, 8}, {1, 1}, 0, 0}, STK_TRAIN_BF16);
    check_multiply(isa, pool, other, (shape){600, 64, {576, 8}, {0, 0}, 0, 1}, STK_TRAIN_F32);
    static const size_t widths[] = {1, 15, 16, 17, 64, 100, 576, 5000};
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) check_rows_of(isa, pool, other, 1 + i % 4, widths[i]);
    check_attention_of(isa, pool, other, 4, 2, 16, 0, 0);
    check_attention_of(isa, pool, other, 2, 2, 32, 8, 0);
    check_attention_of(isa, pool, other, 3, 1, 64, 20, 2);
    check_attention_of(isa, pool, other, 1, 1, 256, 0, 30);
    check_head(isa, pool, 0);
    check_head(isa, pool, 4);
    check_optimiser(isa, pool);
    check_moves(isa, pool);
    stk_pool_destroy(other);
}
