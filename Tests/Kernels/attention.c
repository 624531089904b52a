#include "support.h"

#define PAGE_ROWS 48 // slots of a page: spans end inside partitions

typedef struct scene {
    stk_attention_layer layer;
    size_t rows; // logical rows in the cache
    uint8_t *pages;
    stk_kv_span *spans;
    size_t span_count;
    int32_t *positions;
    float *q, *table;
    const float *blocks[16];
    uint8_t *mask;
} scene;

static scene make_scene(stk_kv kv, size_t heads, size_t kv_heads, size_t d, size_t rows, int32_t window, float cap,
                        int masked) {
    size_t element = kv == STK_KV_F16 ? 2 : 4, row = kv_heads * d * element;
    size_t page_bytes = 2 * PAGE_ROWS * row, pages = rows / PAGE_ROWS + 2;
    scene s = {.rows = rows};
    s.layer = (stk_attention_layer){.kv = kv, .heads = heads, .kv_heads = kv_heads, .head_dim = d,
                                    .k_offset = 0, .v_offset = PAGE_ROWS * row, .head_stride = d * element,
                                    .slot_stride = row, .scale = 1 / sqrtf((float)d), .soft_cap = cap,
                                    .window = window};
    s.pages = allocate(pages * page_bytes);
    for (size_t i = 0; i < pages * page_bytes / element; i++) {
        float x = random_float(1);
        if (kv == STK_KV_F16)
            stk_f32_to_f16(&x, (uint16_t *)s.pages + i, 1);
        else
            ((float *)s.pages)[i] = x;
    }
    s.spans = allocate((rows + 1) * sizeof *s.spans);
    size_t at = 0, page = 0;
    while (at < rows) {
        size_t slot = page == 1 ? 5 : 0, count = PAGE_ROWS - slot - page % 3;
        if (count > rows - at) count = rows - at;
        s.spans[s.span_count++] = (stk_kv_span){s.pages + page * page_bytes, (uint32_t)slot, (uint32_t)at, (uint32_t)count};
        at += count;
        page++;
    }
    s.positions = allocate(rows * 4);
    for (size_t i = 0; i < rows; i++) s.positions[i] = (int32_t)(i + (i > 70 ? 40 : 0) - (i > 200 ? 90 : 0));
    s.q = random_floats(rows * heads * d, 2);
    s.table = allocate(16 * 512 * d * 4);
    for (size_t p = 0; p < 16 * 512; p++) // any rotation will do, and a square root is exact everywhere
        for (size_t i = 0; i < d / 2; i++) {
            float sine = (float)(random_bits() >> 40) * 0x1p-23f - 1;
            s.table[p * d + i] = sqrtf(1 - sine * sine);
            s.table[p * d + d / 2 + i] = sine;
        }
    for (int i = 0; i < 16; i++) s.blocks[i] = s.table + (size_t)i * 512 * d;
    if (masked) {
        s.mask = allocate(rows * rows);
        for (size_t i = 0; i < rows * rows; i++) s.mask[i] = random_below(3) > 0;
        for (size_t i = 128 * rows; i < rows * rows && i < 140 * rows; i++) s.mask[i] = 0; // only their own row
    }
    return s;
}

static void free_scene(scene *s) {
    free(s->pages);
    free(s->spans);
    free(s->positions);
    free(s->q);
    free(s->table);
    free(s->mask);
}

static stk_attention_queries queries(const scene *s, size_t first, size_t end, float *out) {
    size_t width = s->layer.heads * s->layer.head_dim, spans = 0;
    while (spans < s->span_count && s->spans[spans].start < end) spans++;
    return (stk_attention_queries){.spans = s->spans, .span_count = spans, .positions = s->positions,
                                   .first_row = first, .count = end - first, .q = s->q + first * width,
                                   .q_stride = width, .out = out + first * width, .out_stride = width,
                                   .mask = s->mask ? s->mask + first * s->rows : NULL, .mask_stride = s->rows};
}

static float key_at(const scene *s, size_t row, size_t head, size_t i, size_t offset) {
    size_t span = 0;
    while (s->spans[span].start + s->spans[span].count <= row) span++;
    const uint8_t *p = s->spans[span].page + offset + head * s->layer.head_stride
        + (s->spans[span].slot + row - s->spans[span].start) * s->layer.slot_stride;
    if (s->layer.kv == STK_KV_F32) return ((const float *)p)[i];
    float x;
    stk_f16_to_f32((const uint16_t *)p + i, &x, 1);
    return x;
}

/// Largest error against a softmax in double precision, over a few queries.
static double error_of(const scene *s, const float *out) {
    const stk_attention_layer *l = &s->layer;
    size_t d = l->head_dim, half = l->rope.dims / 2, width = l->heads * d;
    double worst = 0;
    double *weights = allocate(s->rows * 8), *k = allocate(d * 8);
    for (size_t query = 0; query < s->rows; query += 1 + s->rows / 7)
        for (size_t head = 0; head < l->heads; head += 2) {
            size_t kv_head = head / (l->heads / l->kv_heads);
            double total = 0;
            for (size_t row = 0; row <= query; row++) {
                weights[row] = 0;
                if (row != query && l->window && s->positions[row] <= s->positions[query] - l->window) continue;
                if (row != query && s->mask && !s->mask[query * s->rows + row]) continue;
                const float *factors = s->table + (size_t)s->positions[row] * d;
                for (size_t i = 0; i < d; i++) k[i] = key_at(s, row, kv_head, i, l->k_offset);
                for (size_t i = 0; i < half; i++) {
                    double a = k[i], b = k[i + half], c = factors[i], n = factors[half + i];
                    k[i] = a * c - b * n;
                    k[i + half] = b * c + a * n;
                }
                double score = 0;
                for (size_t i = 0; i < d; i++) score += k[i] * s->q[query * width + head * d + i];
                score *= l->scale;
                if (l->soft_cap != 0) score = l->soft_cap * tanh(score / l->soft_cap);
                total += weights[row] = exp(score);
            }
            for (size_t i = 0; i < d; i++) {
                double sum = 0;
                for (size_t row = 0; row <= query; row++)
                    if (weights[row] != 0) sum += weights[row] / total * key_at(s, row, kv_head, i, l->v_offset);
                double error = fabs(sum - out[query * width + head * d + i]);
                if (error > worst) worst = error;
            }
        }
    free(weights);
    free(k);
    return worst;
}

static void check_scene(stk_isa isa, stk_pool *pool, stk_pool *single, scene *s, const char *name) {
    s->layer.rope = (stk_rope){.blocks = s->blocks, .dims = s->layer.head_dim};
    size_t n = s->rows * s->layer.heads * s->layer.head_dim;
    float *whole = allocate(n * 4), *other = allocate(n * 4);
    stk_isa_select(STK_ISA_SCALAR);
    stk_attention_queries all = queries(s, 0, s->rows, whole);
    stk_attend(single, &s->layer, &all, 1);
    stk_isa_select(isa);
    all = queries(s, 0, s->rows, other);
    stk_attend(pool, &s->layer, &all, 1);
    expect(same_floats(whole, other, n), name, s->rows);
    for (int way = 0; way < 3; way++) {
        memset(other, 0, n * 4);
        stk_attention_queries batch[64];
        size_t count = 0;
        for (size_t first = 0; first < s->rows;) {
            size_t end = first + (way == 0 ? 1 : 1 + random_below(70));
            if (end > s->rows) end = s->rows;
            batch[count++] = queries(s, first, end, other);
            if (way < 2 || count == 64 || end == s->rows) { // one by one, in chunks, several sequences at once
                stk_attend(way == 1 ? single : pool, &s->layer, batch, count);
                count = 0;
            }
            first = end;
        }
        expect(same_floats(whole, other, n), name, (size_t)way);
    }
    expect(error_of(s, whole) < 2e-5, name, 99);
    free(whole);
    free(other);
    free_scene(s);
}

void check_attention(stk_isa isa, stk_pool *pool) {
    stk_pool *single = stk_pool_create(1);
    static const size_t dims[] = {16, 48, 64, 96, 128, 256};
    for (size_t i = 0; i < 6; i++)
        for (int kv = 0; kv < 2; kv++) {
            scene s = make_scene((stk_kv)kv, 6, 2, dims[i], 150, 0, 0, 0);
            check_scene(isa, pool, single, &s, "attention");
        }
    static const size_t rows[] = {1, 15, 17, 128, 129, 300};
    for (size_t i = 0; i < 6; i++) {
        scene s = make_scene(STK_KV_F16, 9, 3, 64, rows[i], 0, 0, 0);
        check_scene(isa, pool, single, &s, "attention by rows");
        s = make_scene(STK_KV_F16, 4, 1, 64, rows[i], 33, 0, 0);
        check_scene(isa, pool, single, &s, "attention in a window");
        s = make_scene(STK_KV_F32, 2, 2, 32, rows[i], 0, 5, 1);
        check_scene(isa, pool, single, &s, "masked attention with a cap");
        s = make_scene(STK_KV_F32, 3, 1, 32, rows[i], 50, 0, 1);
        check_scene(isa, pool, single, &s, "masked attention in a window");
    }
    stk_pool_destroy(single);
}
