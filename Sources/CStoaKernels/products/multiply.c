#include "../internal.h"

// A call is cut into units of a few panels of one product. A unit is small enough to balance two threads on a matrix of
// 200 KB, and workers take neighbouring units in order, so weights stream from memory. A low-rank change is made unit by
// unit, while its rows are at hand, and costs no region of its own.

#define EXACT_DEPTH 256  // columns unpacked at a time: two panels of them fill 32 KB
// Columns summed from zero before they are added to the sum so far: rounding errors then grow with 64 + K / 64 instead of
// K, which shows where a model is ill-conditioned.
#define EXACT_BLOCK 64

typedef struct call {
    const stk_activations *activations;
    const stk_product *products;
    size_t count;
    stk_precision precision;
    stk_codes codes;
    stk_pool *pool;
    stk_changes changes;
} call;

static int is_float(stk_pack pack) { return pack <= STK_PACK_BF16; }

static int runs_fast(const call *c, const stk_product *p) {
    return c->precision == STK_FAST && !is_float(p->w->pack);
}

static size_t panels_of(const stk_matrix *w) { return (w->rows + STK_LANES - 1) / STK_LANES; }

/// Panels in a unit: pairs share the broadcast of an activation; one row alone gains nothing from that in `fast`, but
/// in `exact` needs several independent sums to hide the latency of a fused multiply-add.
static size_t unit_panels(const call *c, const stk_product *p) {
    if (runs_fast(c, p)) return c->codes.rows > 1 ? 2 : 1;
    return c->activations->rows > 3 ? 2 : 8;
}

static void run_fast(const call *c, const stk_product *p, size_t first, size_t end) {
    const stk_matrix *w = p->w;
    size_t bytes = stk_panel_bytes(w->pack, w->cols), output = first * STK_LANES;
    stk_output out = {
        .y = p->y + output,
        .stride = p->stride,
        .bias = p->bias ? p->bias + output : NULL,
        .accumulate = p->accumulate,
        .outputs = stk_min((end - first) * STK_LANES, w->rows - output),
    };
    stk_products->fast[w->pack](&c->codes, (const uint8_t *)w->data + first * bytes, bytes, end - first, w->cols, &out);
}

static void run_exact(const call *c, const stk_product *p, size_t first, size_t end, int worker) {
    const stk_matrix *w = p->w;
    const stk_activations *a = c->activations;
    size_t bytes = stk_panel_bytes(w->pack, w->cols), output = first * STK_LANES, panels = end - first;
    size_t depth = a->rows > 3 ? EXACT_DEPTH : EXACT_BLOCK, tile_floats = a->rows * panels * STK_LANES;
    float *tile = stk_pool_scratch(c->pool, worker, (2 * tile_floats + panels * depth * STK_LANES) * sizeof(float));
    if (!tile) __builtin_trap(); // out of memory for a few hundred KB: nothing sensible is left to do
    float *block = tile + tile_floats, *unpacked = block + tile_floats;
    const uint8_t *data = (const uint8_t *)w->data + first * bytes;
    stk_dense d = {
        .tokens = a->rows,
        .panels = panels,
        .x_stride = a->stride,
        .w_step = STK_LANES,
        .out_stride = panels * STK_LANES,
    };
    for (size_t k = 0; k < w->cols || k == 0; k += depth) {
        size_t stop = stk_min(k + depth, w->cols);
        const float *columns = unpacked;
        if (w->pack == STK_PACK_F32) {
            columns = (const float *)(const void *)data + k * STK_LANES;
            d.w_panel = bytes / sizeof(float);
        } else {
            d.w_panel = depth * STK_LANES;
            for (size_t i = 0; i < panels; i++)
                stk_products->unpack[w->pack](data + i * bytes, k, stop, unpacked + i * d.w_panel);
        }
        for (size_t j = k; j < stop || j == 0; j += EXACT_BLOCK) {
            d.depth = stk_min(j + EXACT_BLOCK, stop) - j;
            d.x = a->x + j;
            d.w = columns + (j - k) * STK_LANES;
            d.out = j == 0 ? tile : block;
            stk_products->dense(&d);
            for (size_t i = 0; j > 0 && i < tile_floats; i++) tile[i] += block[i];
        }
    }
    stk_output out = {
        .y = p->y + output,
        .stride = p->stride,
        .bias = p->bias ? p->bias + output : NULL,
        .accumulate = p->accumulate,
        .outputs = stk_min(panels * STK_LANES, w->rows - output),
    };
    stk_products->finish(tile, d.out_stride, a->rows, &out);
}

static void run_unit(void *context, size_t index, int worker) {
    call *c = context;
    if (c->changes.count) stk_changes_begin(&c->changes);
    for (const stk_product *p = c->products; p < c->products + c->count; p++) {
        size_t panels = panels_of(p->w), unit = unit_panels(c, p), units = (panels + unit - 1) / unit;
        if (index >= units) {
            index -= units;
            continue;
        }
        size_t first = index * unit, end = stk_min(first + unit, panels);
        if (c->changes.count) stk_changes_prefetch(&c->changes, (size_t)(p - c->products), first, end);
        if (runs_fast(c, p))
            run_fast(c, p, first, end);
        else
            run_exact(c, p, first, end, worker);
        if (c->changes.count) stk_changes_apply(&c->changes, c->products, (size_t)(p - c->products), first, end);
        return;
    }
}

/// Fills what the fast kernels need beside codes and scales. The rounding is part of the definition of the product.
static void derive(call *c, int need32, int need16, float *memory) {
    const stk_activations *a = c->activations;
    size_t groups = c->codes.scale_stride, n = a->rows * groups;
    float *offsets32 = memory, *offsets16 = memory + n;
    int32_t *starts32 = (int32_t *)(void *)(memory + 3 * n), *starts16 = starts32 + n;
    for (size_t i = 0; need32 && i < n; i++) {
        int32_t sum = a->sums[2 * i] + a->sums[2 * i + 1];
        offsets32[i] = a->scales[i] * (float)sum;
        starts32[i] = -128 * sum;
    }
    for (size_t i = 0; need16 && i < 2 * n; i++) {
        offsets16[i] = a->scales[i / 2] * (float)a->sums[i];
        starts16[i] = -128 * a->sums[i];
    }
    c->codes.offsets32 = offsets32;
    c->codes.offsets16 = offsets16;
    c->codes.starts32 = starts32;
    c->codes.starts16 = starts16;
}

void stk_multiply_changed(stk_pool *pool, stk_precision precision, const stk_activations *activations,
                          const stk_product *products, size_t count, const stk_low_rank *changes, size_t change_count) {
    size_t groups = stk_round_up(activations->cols, STK_GROUP) / STK_GROUP, units = 0;
    call c = {.activations = activations, .products = products, .count = count, .precision = precision, .pool = pool,
              .changes = {.activations = activations, .changes = changes, .count = change_count}};
    if (activations->rows == 0) return;
    c.codes = (stk_codes){
        .rows = activations->rows,
        .codes = activations->codes,
        .code_stride = groups * STK_GROUP,
        .scales = activations->scales,
        .scale_stride = groups,
    };
    int need32 = 0, need16 = 0;
    for (const stk_product *p = products; p < products + count; p++) {
        size_t unit = unit_panels(&c, p);
        units += (panels_of(p->w) + unit - 1) / unit;
        if (!runs_fast(&c, p)) continue;
        need16 |= p->w->pack == STK_PACK_Q8K;
        need32 |= p->w->pack != STK_PACK_Q8K;
    }
    size_t derived = need32 || need16 ? stk_round_up(activations->rows * groups * 6, STK_LANES) : 0;
    size_t inner = stk_changes_floats(&c.changes);
    if (derived + inner) {
        float *memory = stk_pool_scratch(pool, -1, (derived + inner) * sizeof(float));
        if (!memory) __builtin_trap();
        if (derived) derive(&c, need32, need16, memory);
        c.changes.inner = memory + derived;
        c.changes.parts = stk_changes_parts(&c.changes);
    }
    stk_pool_run_workers(pool, run_unit, &c, units);
}

void stk_multiply(stk_pool *pool, stk_precision precision, const stk_activations *activations,
                  const stk_product *products, size_t count) {
    stk_multiply_changed(pool, precision, activations, products, count, NULL, 0);
}
