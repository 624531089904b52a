#include <string.h>

#include "training.h"

// Attention of whole sequences, forwards and backwards. A task is one head of keys of one sequence with the heads of
// queries that share it, so that the gradients of its keys and values are sums in one fixed order. Queries are taken
// sixteen at a time: their scores against all keys they see are one small product.

#define QUERIES 16

typedef struct attention_task {
    const stk_train_attention *a;
    const stk_training_kernels *kernels;
    float *out, *maximum, *inverse;
    const float *known_out, *known_maximum, *known_inverse, *d_out;
    float *dq, *dk, *dv;
    stk_pool *pool;
} attention_task;

/// What a block of queries sees: keys [first, first + count), `width` of them when padded to vectors.
typedef struct seen {
    size_t first, count, width;
} seen;

static seen seen_by(const stk_train_attention *a, size_t query, size_t queries) {
    size_t first = 0, end = query + queries;
    if (a->window && query + 1 > (size_t)a->window) first = (query + 1 - (size_t)a->window) / 16 * 16;
    return (seen){first, end - first, stk_round_up(end - first, 16)};
}

static void make_visible(const stk_train_attention *a, const seen *s, size_t query, uint16_t *bits) {
    memset(bits, 0, s->width / 16 * sizeof *bits);
    for (size_t i = 0; i < s->count; i++) {
        size_t key = s->first + i;
        if (key <= query && (!a->window || query - key < (size_t)a->window)) bits[i / 16] |= (uint16_t)(1u << i % 16);
    }
}

/// Rows as panels [dim][16]; those behind the last are zeros.
static void make_panels(const float *rows, size_t stride, size_t count, size_t dim, float *padded, float *panels) {
    for (size_t i = 0; i < count; i += 16) {
        const float *from = rows + i * stride;
        size_t from_stride = stride;
        if (i + 16 > count) {
            memset(padded, 0, 16 * dim * sizeof(float));
            for (size_t r = 0; i + r < count; r++) memcpy(padded + r * dim, from + r * stride, dim * sizeof(float));
            from = padded;
            from_stride = dim;
        }
        stk_rows->transpose(from, from_stride, dim, panels + i * dim);
    }
}

static void against_panels(const float *x, size_t x_stride, size_t rows, const float *panels, const seen *s, size_t dim,
                           float *out, size_t out_stride) {
    stk_dense d = {.tokens = rows, .panels = s->width / 16, .depth = dim, .x = x, .x_stride = x_stride,
                   .w = panels + s->first * dim, .w_step = 16, .w_panel = 16 * dim, .out = out, .out_stride = out_stride};
    stk_products->dense(&d);
}

static void against_rows(const float *x, size_t x_stride, size_t rows, size_t depth, const float *w, size_t w_stride,
                         size_t dim, float *out, size_t out_stride, int accumulate) {
    stk_dense d = {.tokens = rows, .panels = dim / 16, .depth = depth, .x = x, .x_stride = x_stride, .w = w,
                   .w_step = w_stride, .w_panel = 16, .out = out, .out_stride = out_stride, .accumulate = accumulate};
    stk_products->dense(&d);
}

static void scale_queries(const float *q, size_t stride, size_t rows, size_t dim, float scale, float *out) {
    for (size_t r = 0; r < rows; r++)
        for (size_t i = 0; i < dim; i++) out[r * dim + i] = q[r * stride + i] * scale;
}

typedef struct place {
    size_t first, count, head, q_stride, kv_stride;
    const float *k, *v;
} place;

static place place_of(const stk_train_attention *a, size_t index) {
    size_t sequence = index / a->kv_heads, head = index % a->kv_heads, first = a->offsets[sequence];
    place p = {.first = first, .count = a->offsets[sequence + 1] - first, .head = head,
               .q_stride = a->heads * a->head_dim, .kv_stride = a->kv_heads * a->head_dim};
    p.k = a->k + first * p.kv_stride + head * a->head_dim;
    p.v = a->v + first * p.kv_stride + head * a->head_dim;
    return p;
}

static void attend_head(void *context, size_t index, int worker) {
    const attention_task *t = context;
    const stk_train_attention *a = t->a;
    place p = place_of(a, index);
    size_t d = a->head_dim, group = a->heads / a->kv_heads, padded = stk_round_up(p.count, 16);
    float *keys = stk_pool_scratch(
        t->pool, worker, (padded * d + 2 * QUERIES * d + QUERIES * padded) * sizeof(float) + padded / 16 * 2 + 64);
    if (!keys) __builtin_trap();
    float *row = keys + padded * d, *queries = row + QUERIES * d, *scores = queries + QUERIES * d;
    uint16_t *visible = (uint16_t *)(void *)(scores + QUERIES * padded);
    make_panels(p.k, p.kv_stride, p.count, d, row, keys);
    for (size_t g = 0; g < group; g++) {
        size_t head = p.head * group + g;
        for (size_t query = 0; query < p.count; query += QUERIES) {
            size_t n = stk_min(QUERIES, p.count - query), at = p.first + query;
            seen s = seen_by(a, query, n);
            scale_queries(a->q + at * p.q_stride + head * d, p.q_stride, n, d, a->scale, queries);
            against_panels(queries, d, n, keys, &s, d, scores, s.width);
            for (size_t i = 0; i < n; i++) {
                make_visible(a, &s, query + i, visible);
                stk_softmax sum = stk_rows->softmax(scores + i * s.width, visible, s.width / 16, a->soft_cap);
                float inverse = 1.0f / sum.sum;
                t->maximum[(at + i) * a->heads + head] = sum.maximum;
                t->inverse[(at + i) * a->heads + head] = inverse;
                stk_rows->scale(inverse, scores + i * s.width, s.width);
            }
            against_rows(scores, s.width, n, s.count, p.v + s.first * p.kv_stride, p.kv_stride, d,
                         t->out + at * p.q_stride + head * d, p.q_stride, 0);
        }
    }
}

void stk_train_attend(stk_pool *pool, const stk_train_attention *a, float *out, float *maximum, float *inverse) {
    attention_task t = {.a = a, .kernels = stk_training(), .out = out, .maximum = maximum, .inverse = inverse,
                        .pool = pool};
    stk_pool_run_workers(pool, attend_head, &t, a->sequences * a->kv_heads);
}

// With P = softmax(S), O = P V: dV = Pᵀ dO, dP = dO Vᵀ, dS = P (dP - rowsum(dO O)), dQ = dS K scale, dK = dSᵀ Q scale.

typedef struct gradient_memory {
    float *keys, *values, *row, *queries, *p, *dp, *capped, *turned;
    uint16_t *visible;
} gradient_memory;

static gradient_memory memory_of(const attention_task *t, size_t padded, size_t d, int worker) {
    size_t floats = 2 * padded * d + 2 * QUERIES * d + 4 * QUERIES * padded;
    gradient_memory m;
    m.keys = stk_pool_scratch(t->pool, worker, floats * sizeof(float) + padded / 16 * 2 + 64);
    if (!m.keys) __builtin_trap();
    m.values = m.keys + padded * d;
    m.row = m.values + padded * d;
    m.queries = m.row + QUERIES * d;
    m.p = m.queries + QUERIES * d;
    m.dp = m.p + QUERIES * padded;
    m.capped = m.dp + QUERIES * padded;
    m.turned = m.capped + QUERIES * padded;
    m.visible = (uint16_t *)(void *)(m.turned + QUERIES * padded);
    return m;
}

/// dw[key] += sum over the block's queries of x[query, key] * rows[query]
static void add_turned(const float *x, const seen *s, size_t n, float *turned, const float *rows, size_t row_stride,
                       size_t dim, float *dw, size_t dw_stride) {
    stk_rows->transpose(x, s->width, s->width, turned);
    against_rows(turned, 16, s->count, n, rows, row_stride, dim, dw + s->first * dw_stride, dw_stride, 1);
}

static void gradient_block(const attention_task *t, const place *p, const gradient_memory *m, size_t head, size_t query,
                           size_t n) {
    const stk_train_attention *a = t->a;
    size_t d = a->head_dim, at = p->first + query, q_at = at * p->q_stride + head * d;
    size_t kv_at = p->first * p->kv_stride + p->head * d;
    seen s = seen_by(a, query, n);
    const float *d_out = t->d_out + q_at, *out = t->known_out + q_at;
    scale_queries(a->q + q_at, p->q_stride, n, d, a->scale, m->queries);
    against_panels(m->queries, d, n, m->keys, &s, d, m->p, s.width);
    if (a->soft_cap != 0) {
        stk_rows->soft_cap(a->soft_cap, m->p, n * s.width);
        memcpy(m->capped, m->p, n * s.width * sizeof(float));
    }
    against_panels(d_out, p->q_stride, n, m->values, &s, d, m->dp, s.width);
    for (size_t i = 0; i < n; i++) {
        size_t known = (at + i) * a->heads + head, row = i * s.width;
        make_visible(a, &s, query + i, m->visible);
        t->kernels->probabilities(m->p + row, m->visible, t->known_maximum[known], t->known_inverse[known], s.width);
        float mean = stk_rows->dot(d_out + i * p->q_stride, out + i * p->q_stride, d);
        t->kernels->score_gradient(m->p + row, m->dp + row, mean, a->scale, a->soft_cap != 0 ? m->capped + row : NULL,
                                   a->soft_cap, s.width);
    }
    // Rows of a block that is not full are read when it is turned.
    memset(m->p + n * s.width, 0, (QUERIES - n) * s.width * sizeof(float));
    memset(m->dp + n * s.width, 0, (QUERIES - n) * s.width * sizeof(float));
    against_rows(m->dp, s.width, n, s.count, p->k + s.first * p->kv_stride, p->kv_stride, d, t->dq + q_at, p->q_stride,
                 0);
    add_turned(m->dp, &s, n, m->turned, a->q + q_at, p->q_stride, d, t->dk + kv_at, p->kv_stride);
    add_turned(m->p, &s, n, m->turned, d_out, p->q_stride, d, t->dv + kv_at, p->kv_stride);
}

static void gradient_head(void *context, size_t index, int worker) {
    const attention_task *t = context;
    const stk_train_attention *a = t->a;
    place p = place_of(a, index);
    size_t d = a->head_dim, group = a->heads / a->kv_heads;
    gradient_memory m = memory_of(t, stk_round_up(p.count, 16), d, worker);
    make_panels(p.k, p.kv_stride, p.count, d, m.row, m.keys);
    make_panels(p.v, p.kv_stride, p.count, d, m.row, m.values);
    for (size_t r = 0; r < p.count; r++) {
        size_t at = (p.first + r) * p.kv_stride + p.head * d;
        memset(t->dk + at, 0, d * sizeof(float));
        memset(t->dv + at, 0, d * sizeof(float));
    }
    for (size_t g = 0; g < group; g++)
        for (size_t query = 0; query < p.count; query += QUERIES)
            gradient_block(t, &p, &m, p.head * group + g, query, stk_min(QUERIES, p.count - query));
}

void stk_train_attend_gradient(stk_pool *pool, const stk_train_attention *a, const float *out, const float *maximum,
                               const float *inverse, const float *d_out, float *dq, float *dk, float *dv) {
    attention_task t = {.a = a, .kernels = stk_training(), .known_out = out, .known_maximum = maximum,
                        .known_inverse = inverse, .d_out = d_out, .dq = dq, .dk = dk, .dv = dv, .pool = pool};
    stk_pool_run_workers(pool, gradient_head, &t, a->sequences * a->kv_heads);
}
