#include <stdatomic.h>

#include "../internal.h"

// Low-rank changes of products. The order of each chain is fixed, so that neither parts nor units show in a bit.

#define ROWS_PER_PART 4

static size_t row_blocks(const stk_low_rank *c) { return (c->rows + ROWS_PER_PART - 1) / ROWS_PER_PART; }

static size_t parts_of(const stk_low_rank *c) { return c->rank / STK_LANES * row_blocks(c); }

size_t stk_changes_floats(const stk_changes *c) {
    size_t floats = 0;
    for (size_t i = 0; i < c->count; i++) {
        if (c->changes[i].rank % STK_LANES) __builtin_trap();
        floats += c->changes[i].rows * c->changes[i].rank;
    }
    return floats;
}

size_t stk_changes_parts(const stk_changes *c) {
    size_t parts = 0;
    for (size_t i = 0; i < c->count; i++) parts += parts_of(c->changes + i);
    return parts;
}

/// 16 of the rank for up to 16 rows.
static void run_part(const stk_changes *c, size_t index) {
    const stk_low_rank *change = c->changes;
    float *inner = c->inner;
    for (; index >= parts_of(change); change++) {
        index -= parts_of(change);
        inner += change->rows * change->rank;
    }
    size_t panel = index / row_blocks(change), row = index % row_blocks(change) * ROWS_PER_PART;
    size_t cols = c->activations->cols, stride = c->activations->stride;
    stk_dense d = {
        .tokens = stk_min(ROWS_PER_PART, change->rows - row),
        .panels = 1,
        .depth = cols,
        .x = c->activations->x + (change->first + row) * stride,
        .x_stride = stride,
        .w = change->down + panel * cols * STK_LANES,
        .w_step = STK_LANES,
        .out = inner + row * change->rank + panel * STK_LANES,
        .out_stride = change->rank,
    };
    stk_products->dense(&d);
}

void stk_changes_begin(stk_changes *c) {
    while (atomic_load_explicit(&c->next, memory_order_relaxed) < c->parts) {
        size_t part = atomic_fetch_add_explicit(&c->next, 1, memory_order_relaxed);
        if (part >= c->parts) return;
        run_part(c, part);
        atomic_fetch_add_explicit(&c->done, 1, memory_order_release);
    }
}

void stk_changes_prefetch(const stk_changes *c, size_t product, size_t first, size_t end) {
    for (const stk_low_rank *change = c->changes; change < c->changes + c->count; change++) {
        if (change->product != product) continue;
        const char *from = (const char *)(change->up + first * change->rank * STK_LANES);
        for (size_t i = 0; i < (end - first) * change->rank * STK_LANES * sizeof(float); i += 64)
            __builtin_prefetch(from + i);
    }
}

/// Waits for parts that other workers are computing; they wait for nobody.
static void wait_for_parts(stk_changes *c) {
    while (atomic_load_explicit(&c->done, memory_order_acquire) < c->parts) {
#if defined(__x86_64__)
        __builtin_ia32_pause();
#elif defined(__aarch64__)
        __asm__ volatile("isb" ::: "memory");
#endif
    }
}

/// The last panel where it is not full: what pads it must not be written.
static void change_tail(stk_dense d, size_t outputs) {
    float tile[ROWS_PER_PART * STK_LANES] = {0}, *out = d.out;
    size_t stride = d.out_stride, rows = d.tokens;
    d.panels = 1;
    d.out_stride = STK_LANES;
    for (size_t first = 0; first < rows; first += ROWS_PER_PART, d.x += ROWS_PER_PART * d.x_stride) {
        d.tokens = stk_min(ROWS_PER_PART, rows - first);
        d.out = tile;
        for (size_t t = 0; t < d.tokens; t++)
            for (size_t l = 0; l < outputs; l++) tile[t * STK_LANES + l] = out[(first + t) * stride + l];
        stk_products->dense(&d);
        for (size_t t = 0; t < d.tokens; t++)
            for (size_t l = 0; l < outputs; l++) out[(first + t) * stride + l] = tile[t * STK_LANES + l];
    }
}

void stk_changes_apply(stk_changes *c, const stk_product *products, size_t product, size_t first, size_t end) {
    const stk_product *p = products + product;
    const float *inner = c->inner;
    size_t full = stk_min(end, p->w->rows / STK_LANES); // panels before it are full
    wait_for_parts(c);
    for (const stk_low_rank *change = c->changes; change < c->changes + c->count; change++) {
        stk_dense d = {
            .tokens = change->rows,
            .panels = full - stk_min(first, full),
            .depth = change->rank,
            .x = inner,
            .x_stride = change->rank,
            .w = change->up + first * change->rank * STK_LANES,
            .w_step = STK_LANES,
            .w_panel = change->rank * STK_LANES,
            .out = p->y + change->first * p->stride + first * STK_LANES,
            .out_stride = p->stride,
            .accumulate = 1,
        };
        inner += change->rows * change->rank;
        if (change->product != product || !change->rows) continue;
        if (d.panels) stk_products->dense(&d);
        if (end == full) continue;
        d.w += d.panels * d.w_panel;
        d.out += d.panels * STK_LANES;
        change_tail(d, p->w->rows % STK_LANES);
    }
}

void stk_pack_low_rank(const float *d, const float *u, size_t rank, size_t cols, size_t outputs, float scale,
                       float *down, float *up) {
    size_t padded = stk_round_up(rank, STK_LANES);
    for (size_t r = 0; r < padded; r++)
        for (size_t k = 0; k < cols; k++)
            down[(r / STK_LANES * cols + k) * STK_LANES + r % STK_LANES] = r < rank ? d[r * cols + k] * scale : 0;
    for (size_t i = 0; i < stk_round_up(outputs, STK_LANES); i++)
        for (size_t r = 0; r < padded; r++)
            up[(i / STK_LANES * padded + r) * STK_LANES + i % STK_LANES] =
                r < rank && i < outputs ? u[i * rank + r] : 0;
}
