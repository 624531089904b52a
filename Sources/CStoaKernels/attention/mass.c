#include "../internal.h"

#include <string.h>

// Where attention goes, for a few queries: slower than stk_attend, which never holds all weights of a query at once.
// Scores come from the same products in the same order; a query's weights are normalised over all rows in one step, and
// added in double precision, head after head. So neither threads, nor what shares a pass, changes a bit.

typedef struct mass_memory {
    float *queries, *keys, *row, *scores;
    uint16_t *visible;
} mass_memory;

/// Key rows from `base` on as panels [head_dim][16], rotated to their positions, padded with zeros.
static void load_keys(const stk_attention_layer *l, const stk_attention_queries *s, size_t kv_head, size_t base,
                      size_t count, const mass_memory *m) {
    size_t d = l->head_dim, half = l->rope.dims / 2, span = 0;
    while (s->spans[span].start + s->spans[span].count <= base) span++;
    for (size_t i = 0; i < stk_round_up(count, STK_LANES); i++) {
        float *key = m->row + i % STK_LANES * d;
        if (i < count) {
            while (base + i >= s->spans[span].start + s->spans[span].count) span++;
            const stk_kv_span *at = &s->spans[span];
            size_t position = (size_t)s->positions[base + i];
            const float *factors = half ? l->rope.blocks[position / 512] + position % 512 * 2 * half : NULL;
            size_t slot = at->slot + (base + i - at->start);
            const uint8_t *stored = at->page + kv_head * l->head_stride + slot * l->slot_stride + l->k_offset;
            stk_rows->load_row(stored, l->kv, factors, half, d, key);
        } else {
            memset(key, 0, d * sizeof(float));
        }
        if (i % STK_LANES == STK_LANES - 1) stk_rows->transpose(m->row, d, d, m->keys + (i - i % STK_LANES) * d);
    }
}

/// The rows that a query sees, as bits.
static void find_seen(const stk_attention_layer *l, const stk_attention_queries *s, size_t query, size_t blocks,
                      uint16_t *bits) {
    size_t own = s->first_row + query;
    int64_t oldest = l->window ? (int64_t)s->positions[own] - l->window : INT64_MIN;
    memset(bits, 0, blocks * sizeof *bits);
    for (size_t row = 0; row <= own; row++) {
        int hidden = s->positions[row] <= oldest || (s->mask && !s->mask[query * s->mask_stride + row]);
        if (row == own || !hidden) bits[row / 16] |= (uint16_t)(1u << row % 16);
    }
}

void stk_attention_mass(stk_pool *pool, const stk_attention_layer *l, const stk_attention_queries *s, size_t first,
                        double *mass, size_t mass_stride) {
    size_t d = l->head_dim, group = l->heads / l->kv_heads, queries = s->count - first, rows = queries * group;
    size_t total = s->first_row + s->count, stride = stk_round_up(total, STK_LANES), blocks = stride / STK_LANES;
    size_t floats = (rows + STK_PARTITION + STK_LANES) * d + rows * stride;
    mass_memory m;
    m.queries = stk_pool_scratch(pool, -1, floats * sizeof(float) + queries * blocks * sizeof(uint16_t));
    if (!m.queries) __builtin_trap();
    m.keys = m.queries + rows * d;
    m.row = m.keys + STK_PARTITION * d;
    m.scores = m.row + STK_LANES * d;
    m.visible = (uint16_t *)(void *)(m.scores + rows * stride);
    for (size_t q = 0; q < queries; q++) find_seen(l, s, first + q, blocks, m.visible + q * blocks);
    for (size_t kv_head = 0; kv_head < l->kv_heads; kv_head++) {
        for (size_t r = 0; r < rows; r++) {
            const float *q = s->q + (first + r / group) * s->q_stride + (kv_head * group + r % group) * d;
            for (size_t i = 0; i < d; i++) m.queries[r * d + i] = q[i] * l->scale;
        }
        for (size_t base = 0; base < total; base += STK_PARTITION) {
            size_t count = stk_min(STK_PARTITION, total - base);
            load_keys(l, s, kv_head, base, count, &m);
            stk_dense scores = {.tokens = rows, .panels = (count + 15) / 16, .depth = d, .x = m.queries, .x_stride = d,
                                .w = m.keys, .w_step = 16, .w_panel = 16 * d, .out = m.scores + base,
                                .out_stride = stride};
            stk_products->dense(&scores);
        }
        for (size_t r = 0; r < rows; r++) {
            float *weights = m.scores + r * stride;
            stk_softmax sum = stk_rows->softmax(weights, m.visible + r / group * blocks, blocks, l->soft_cap);
            double *out = mass + r / group * mass_stride;
            for (size_t i = 0; i < s->first_row + first + r / group + 1; i++)
                out[i] += (double)weights[i] / (double)sum.sum;
        }
    }
}
