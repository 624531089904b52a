#include "../internal.h"
#include "../numerics.h"

// Attention goes partition by partition (128 logical rows) over a tile of keys and a tile of values held as floats:
//
//     scores = Q K^T           K as panels of 16 keys, so the sum over the head runs in order, per key
//     part   = softmax(scores) maximum and sum per query; hidden rows get weight 0
//     values = weights V       in row order, per element
//     state  = combine(state, part)   in partition order
//
// A query that sees nothing of a partition skips it. Hidden rows add 0 * v; that changes nothing but the sign of a
// zero, which the last step removes, so which hidden rows a tile holds does not matter. Values that are not finite would
// matter: a tile that has one takes a path that leaves hidden rows out.

#define TASK_ROWS 96     // query rows (tokens x heads of a group) that share a tile
#define PREFETCH_ROWS 16

/// A block of queries against a range of partitions, for one key head.
typedef struct block {
    const stk_attention_queries *sequence;
    size_t kv_head;
    size_t first, end;                     // queries
    size_t first_partition, end_partition;
    stk_softmax *states; // [queries * group], results where the partitions are split; NULL: write outputs
    float *sums;         // [queries * group, head_dim]
} block;

typedef struct tile_memory {
    float *queries, *scores, *keys, *values, *part, *sums, *row;
    stk_softmax *states;
    uint16_t *visible; // [queries, 8]
} tile_memory;

typedef struct call {
    stk_pool *pool;
    const stk_attention_layer *layer;
    const stk_attention_queries *sequences;
    size_t sequence_count;
    size_t group, block_queries, max_rows;
    int split;
    stk_softmax *states; // split: per (task, row)
    float *sums;
} call;

static size_t partitions_to(size_t rows) { return (rows + STK_PARTITION - 1) / STK_PARTITION; }

static size_t memory_bytes(const call *c) {
    size_t rows = c->max_rows, d = c->layer->head_dim;
    return (3 * rows * d + rows * STK_PARTITION + 2 * STK_PARTITION * d + STK_LANES * d) * sizeof(float)
        + rows * sizeof(stk_softmax) + c->block_queries * 8 * sizeof(uint16_t) + 9 * 64;
}

static void *take(uint8_t **at, size_t bytes) {
    void *memory = *at;
    *at += stk_round_up(bytes, 64);
    return memory;
}

static tile_memory divide(const call *c, void *memory) {
    size_t rows = c->max_rows, d = c->layer->head_dim;
    uint8_t *at = memory;
    tile_memory m;
    m.keys = take(&at, STK_PARTITION * d * sizeof(float));
    m.values = take(&at, STK_PARTITION * d * sizeof(float));
    m.queries = take(&at, rows * d * sizeof(float));
    m.part = take(&at, rows * d * sizeof(float));
    m.sums = take(&at, rows * d * sizeof(float));
    m.scores = take(&at, rows * STK_PARTITION * sizeof(float));
    m.row = take(&at, STK_LANES * d * sizeof(float));
    m.states = take(&at, rows * sizeof(stk_softmax));
    m.visible = take(&at, c->block_queries * 8 * sizeof(uint16_t));
    return m;
}

// --- Tiles ----------------------------------------------------------------------------------------------------------

/// Fills the tiles with `count` logical rows from `base` on. Keys: panels [head_dim][16], padded with zeros.
static void load_tiles(const stk_attention_layer *l, const stk_attention_queries *s, size_t kv_head, size_t base,
                       size_t count, const tile_memory *m) {
    size_t d = l->head_dim, half = l->rope.dims / 2, span = 0, element = l->kv == STK_KV_F16 ? 2 : 4;
    while (s->spans[span].start + s->spans[span].count <= base) span++;
    for (size_t i = 0; i < count; i++) {
        while (base + i >= s->spans[span].start + s->spans[span].count) span++;
        const stk_kv_span *at = &s->spans[span];
        size_t number = at->slot + (base + i - at->start);
        const uint8_t *slot = at->page + kv_head * l->head_stride + number * l->slot_stride;
        for (size_t line = 0; line < d * element; line += 64) { // of a row to come: rows of one head lie apart
            __builtin_prefetch(slot + PREFETCH_ROWS * l->slot_stride + l->k_offset + line);
            __builtin_prefetch(slot + PREFETCH_ROWS * l->slot_stride + l->v_offset + line);
        }
        float *key = m->row + i % STK_LANES * d;
        const float *factors = NULL;
        size_t position = (size_t)s->positions[base + i];
        if (half) factors = l->rope.blocks[position / 512] + position % 512 * 2 * half;
        stk_rows->load_row(slot + l->k_offset, l->kv, factors, half, d, key);
        stk_rows->load_row(slot + l->v_offset, l->kv, NULL, 0, d, m->values + i * d);
        if (i % STK_LANES == STK_LANES - 1) stk_rows->transpose(m->row, d, d, m->keys + (i - i % STK_LANES) * d);
    }
    size_t rest = count % STK_LANES;
    if (!rest) return;
    memset(m->row + rest * d, 0, (STK_LANES - rest) * d * sizeof(float));
    stk_rows->transpose(m->row, d, d, m->keys + (count - rest) * d);
}

/// Which of `count` rows from `base` on a query sees, as bits; returns how many.
static size_t find_visible(const stk_attention_layer *l, const stk_attention_queries *s, size_t query, size_t base,
                        size_t count, int whole, uint16_t bits[8]) {
    size_t own = s->first_row + query, seen = own < base ? 0 : stk_min(count, own - base + 1);
    size_t total = 0;
    for (size_t b = 0; b < 8; b++) {
        size_t n = seen <= 16 * b ? 0 : stk_min(16, seen - 16 * b);
        bits[b] = (uint16_t)((1u << n) - 1);
    }
    if (!whole || s->mask) {
        int64_t oldest = whole ? INT64_MIN : (int64_t)s->positions[own] - l->window;
        for (size_t i = 0; i < seen; i++) {
            size_t row = base + i;
            int hidden = s->positions[row] <= oldest || (s->mask && !s->mask[query * s->mask_stride + row]);
            if (row == own) hidden = 0;
            bits[i / 16] &= (uint16_t)~(hidden << i % 16);
        }
    }
    for (size_t b = 0; b < 8; b++) total += (size_t)__builtin_popcount(bits[b]);
    return total;
}

/// Lowest and highest position of a partition's rows.
static void position_bounds(const int32_t *positions, size_t count, int32_t *low, int32_t *high) {
    *low = INT32_MAX;
    *high = INT32_MIN;
    for (size_t i = 0; i < count; i++) {
        if (positions[i] < *low) *low = positions[i];
        if (positions[i] > *high) *high = positions[i];
    }
}

// --- One partition --------------------------------------------------------------------------------------------------

/// Weighted sums of values without the hidden rows, for tiles that hold infinities or NaN.
static void sum_seen(const tile_memory *m, const uint16_t *visible, size_t row, size_t count, size_t d) {
    float *out = m->part + row * d;
    memset(out, 0, d * sizeof(float));
    for (size_t i = 0; i < count; i++) {
        if (!(visible[i / 16] >> i % 16 & 1)) continue;
        stk_dense one = {.tokens = 1, .panels = d / 16, .depth = 1, .x = m->scores + row * STK_PARTITION + i,
                         .x_stride = 1, .w = m->values + i * d, .w_step = d, .w_panel = 16, .out = out,
                         .out_stride = d, .accumulate = 1};
        stk_products->dense(&one);
    }
}

static void attend_partition(const call *c, const block *b, size_t partition, const tile_memory *m) {
    const stk_attention_layer *l = c->layer;
    const stk_attention_queries *s = b->sequence;
    size_t base = partition * STK_PARTITION, d = l->head_dim, queries = b->end - b->first;
    size_t count = stk_min(STK_PARTITION, s->first_row + b->end - base);
    int32_t low = INT32_MIN, high = INT32_MAX;
    if (l->window) position_bounds(s->positions + base, count, &low, &high);
    size_t any = 0;
    int hides = 0;
    for (size_t i = 0; i < queries; i++) {
        int64_t oldest = (int64_t)s->positions[s->first_row + b->first + i] - l->window;
        uint16_t *bits = m->visible + 8 * i;
        memset(bits, 0, 8 * sizeof *bits);
        // Own rows are seen whatever their position: a partition that holds one is never skipped by window.
        int beyond = l->window && high <= oldest && s->first_row + b->first + i >= base + count;
        size_t seen = beyond ? 0 : find_visible(l, s, b->first + i, base, count, !l->window || low > oldest, bits);
        any += seen;
        hides |= seen < count;
    }
    if (!any) return;
    load_tiles(l, s, b->kv_head, base, count, m);

    size_t blocks = (count + 15) / 16, rows = queries * c->group;
    stk_dense scores = {.tokens = rows, .panels = blocks, .depth = d, .x = m->queries, .x_stride = d, .w = m->keys,
                        .w_step = 16, .w_panel = 16 * d, .out = m->scores, .out_stride = STK_PARTITION};
    stk_products->dense(&scores);
    stk_softmax parts[c->max_rows];
    for (size_t r = 0; r < rows; r++) {
        const uint16_t *bits = m->visible + r / c->group * 8;
        float *row = m->scores + r * STK_PARTITION;
        uint16_t seen = 0;
        for (size_t i = 0; i < 8; i++) seen |= bits[i];
        if (seen) {
            parts[r] = stk_rows->softmax(row, bits, blocks, l->soft_cap);
        } else {
            memset(row, 0, blocks * 16 * sizeof(float));
            parts[r] = (stk_softmax){0, -1}; // no part: sums of exponentials are never negative
        }
    }
    if (hides && stk_rows->has_nonfinite(m->values, count * d)) {
        for (size_t r = 0; r < rows; r++) sum_seen(m, m->visible + r / c->group * 8, r, count, d);
    } else {
        stk_dense values = {.tokens = rows, .panels = d / 16, .depth = count, .x = m->scores,
                            .x_stride = STK_PARTITION, .w = m->values, .w_step = d, .w_panel = 16, .out = m->part,
                            .out_stride = d};
        stk_products->dense(&values);
    }
    for (size_t r = 0; r < rows; r++)
        if (parts[r].sum != -1) stk_rows->combine(&m->states[r], m->sums + r * d, &parts[r], m->part + r * d, d);
}

// --- Tasks ----------------------------------------------------------------------------------------------------------

static void reset(stk_softmax *states, float *sums, size_t rows, size_t d) {
    for (size_t r = 0; r < rows; r++) states[r] = (stk_softmax){-INFINITY, 0};
    memset(sums, 0, rows * d * sizeof(float));
}

/// out = sums / sum of exponentials; adding 0 makes every zero positive.
static void write_outputs(const call *c, const block *b, const stk_softmax *states, const float *sums) {
    size_t d = c->layer->head_dim;
    for (size_t r = 0; r < (b->end - b->first) * c->group; r++) {
        float *out = b->sequence->out + (b->first + r / c->group) * b->sequence->out_stride
            + (b->kv_head * c->group + r % c->group) * d;
        float inverse = 1.0f / states[r].sum;
        for (size_t i = 0; i < d; i++) out[i] = sums[r * d + i] * inverse + 0.0f;
    }
}

static void load_queries(const call *c, const block *b, float *out) {
    size_t d = c->layer->head_dim;
    for (size_t r = 0; r < (b->end - b->first) * c->group; r++) {
        const float *q = b->sequence->q + (b->first + r / c->group) * b->sequence->q_stride
            + (b->kv_head * c->group + r % c->group) * d;
        for (size_t i = 0; i < d; i++) out[r * d + i] = q[i] * c->layer->scale;
    }
}

/// Block number `index` of the call. Blocks are ordered by sequence, key head, queries, and partition where split.
static block find_block(const call *c, size_t index) {
    for (const stk_attention_queries *s = c->sequences;; s++) {
        size_t blocks = (s->count + c->block_queries - 1) / c->block_queries;
        size_t all = partitions_to(s->first_row + s->count), pieces = c->split ? all : 1;
        size_t total = c->layer->kv_heads * blocks * pieces;
        if (index >= total) {
            index -= total;
            continue;
        }
        size_t piece = index % pieces, at = index / pieces % blocks;
        block b = {.sequence = s, .kv_head = index / pieces / blocks, .first = at * c->block_queries};
        b.end = stk_min(b.first + c->block_queries, s->count);
        b.first_partition = c->split ? piece : 0;
        b.end_partition = c->split ? piece + 1 : all;
        // Partitions that begin behind the block's last row hold nothing for it.
        b.end_partition = stk_min(b.end_partition, partitions_to(s->first_row + b.end));
        return b;
    }
}

static void run_block(void *context, size_t index, int worker) {
    const call *c = context;
    block b = find_block(c, index);
    size_t d = c->layer->head_dim, rows = (b.end - b.first) * c->group;
    void *memory = stk_pool_scratch(c->pool, worker, memory_bytes(c));
    if (!memory) __builtin_trap(); // out of memory for under a megabyte
    tile_memory m = divide(c, memory);
    if (c->split) {
        m.states = c->states + index * c->max_rows;
        m.sums = c->sums + index * c->max_rows * d;
    }
    load_queries(c, &b, m.queries);
    reset(m.states, m.sums, rows, d);
    for (size_t p = b.first_partition; p < b.end_partition; p++) attend_partition(c, &b, p, &m);
    if (!c->split) write_outputs(c, &b, m.states, m.sums);
}

/// Combines the split partitions of each block, in order.
static void gather(const call *c, size_t tasks) {
    size_t d = c->layer->head_dim;
    for (size_t index = 0; index < tasks;) {
        block b = find_block(c, index);
        size_t pieces = partitions_to(b.sequence->first_row + b.sequence->count), rows = (b.end - b.first) * c->group;
        stk_softmax states[c->max_rows];
        float *sums = c->sums + tasks * c->max_rows * d;
        reset(states, sums, rows, d);
        for (size_t p = 0; p < pieces; p++)
            for (size_t r = 0; r < rows; r++) {
                const stk_softmax *part = &c->states[(index + p) * c->max_rows + r];
                if (part->maximum == -INFINITY && part->sum == 0) continue;
                stk_rows->combine(&states[r], sums + r * d, part, c->sums + ((index + p) * c->max_rows + r) * d, d);
            }
        write_outputs(c, &b, states, sums);
        index += pieces;
    }
}

static size_t count_tasks(const call *c) {
    size_t tasks = 0;
    for (size_t i = 0; i < c->sequence_count; i++) {
        const stk_attention_queries *s = &c->sequences[i];
        size_t blocks = (s->count + c->block_queries - 1) / c->block_queries;
        tasks += c->layer->kv_heads * blocks * (c->split ? partitions_to(s->first_row + s->count) : 1);
    }
    return tasks;
}

void stk_attend(stk_pool *pool, const stk_attention_layer *layer, const stk_attention_queries *sequences,
                size_t sequence_count) {
    size_t group = layer->heads / layer->kv_heads, longest = 0;
    for (size_t i = 0; i < sequence_count; i++)
        if (sequences[i].count > longest) longest = sequences[i].count;
    size_t target = layer->head_dim > 128 ? TASK_ROWS / 2 : TASK_ROWS;
    size_t queries = stk_min(longest, target / group + (target < group));
    if (!queries) return;
    call c = {.pool = pool, .layer = layer, .sequences = sequences, .sequence_count = sequence_count, .group = group,
              .block_queries = queries, .max_rows = queries * group};
    size_t tasks = count_tasks(&c), workers = (size_t)stk_pool_threads(pool);
    if (workers > 1 && tasks < 2 * workers && queries * group <= TASK_ROWS) {
        c.split = 1;
        tasks = count_tasks(&c);
        size_t floats = (tasks + 1) * c.max_rows * layer->head_dim;
        c.sums = stk_pool_scratch(pool, -1, floats * sizeof(float) + tasks * c.max_rows * sizeof(stk_softmax));
        if (!c.sums) __builtin_trap();
        c.states = (stk_softmax *)(void *)(c.sums + floats);
    }
    stk_pool_run_workers(pool, run_block, &c, tasks);
    if (c.split) gather(&c, tasks);
}
