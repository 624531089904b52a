#include "../internal.h"
#include "../numerics.h"

// The definition of the products: every vector version computes these operations, per output, in this order.

static inline float half_at(const uint8_t *p) {
    uint16_t h;
    memcpy(&h, p, 2);
    return stk_half_to_float(h);
}

static inline float float_at(const uint8_t *p) {
    float x;
    memcpy(&x, p, 4);
    return x;
}

// --- Codes of one row (lane) of a group -----------------------------------------------------------------------------

static int code_q8(const uint8_t *group, size_t lane, size_t k) { return group[64 * (k / 4) + 4 * lane + k % 4] - 128; }

static int code_q4(const uint8_t *group, size_t lane, size_t k) {
    return group[64 * (k % 16 / 4) + 4 * lane + k % 4] >> k / 16 * 4 & 15;
}

static int code_q5(const uint8_t *group, size_t lane, size_t k) {
    return code_q4(group, lane, k) | (group[256 + 4 * lane + k % 4] >> k / 4 & 1) << 4;
}

typedef struct group_format {
    size_t width, bytes;
    int (*code)(const uint8_t *group, size_t lane, size_t k);
    size_t scale_at, minimum_at; // byte offsets; 0 for no minimum
    int is_float;                // f32 scale and minimum, else f16
} group_format;

static const group_format formats[STK_PACK_COUNT] = {
    [STK_PACK_Q8] = {32, STK_Q8_BYTES, code_q8, 512, 0, 0},
    [STK_PACK_Q4] = {32, STK_Q4_BYTES, code_q4, 256, 288, 0},
    [STK_PACK_Q5] = {32, STK_Q5_BYTES, code_q5, 320, 352, 0},
    [STK_PACK_Q4K] = {32, STK_Q4K_BYTES, code_q4, 256, 320, 1},
    [STK_PACK_Q8K] = {16, STK_Q8K_BYTES, code_q8, 256, 320, 1},
};

static float scale_of(const group_format *f, const uint8_t *group, size_t at, size_t lane) {
    return f->is_float ? float_at(group + at + 4 * lane) : half_at(group + at + 2 * lane);
}

// --- Unpack ---------------------------------------------------------------------------------------------------------

static void unpack_f32(const uint8_t *panel, size_t first, size_t end, float *out) {
    memcpy(out, panel + 64 * first, 64 * (end - first));
}

static void unpack_f16(const uint8_t *panel, size_t first, size_t end, float *out) {
    for (size_t i = 16 * first; i < 16 * end; i++) out[i - 16 * first] = half_at(panel + 2 * i);
}

static void unpack_bf16(const uint8_t *panel, size_t first, size_t end, float *out) {
    for (size_t i = 16 * first; i < 16 * end; i++) {
        uint16_t b;
        memcpy(&b, panel + 2 * i, 2);
        out[i - 16 * first] = stk_brain_to_float(b);
    }
}

static void unpack_groups(const group_format *f, const uint8_t *panel, size_t first, size_t end, float *out) {
    for (size_t k = first; k < end; k++) {
        const uint8_t *group = panel + k / f->width * f->bytes;
        for (size_t lane = 0; lane < 16; lane++) {
            float scale = scale_of(f, group, f->scale_at, lane), code = (float)f->code(group, lane, k % f->width);
            out[(k - first) * 16 + lane] =
                f->minimum_at ? fmaf(scale, code, scale_of(f, group, f->minimum_at, lane)) : scale * code;
        }
    }
}

#define UNPACK(name, pack) \
    static void name(const uint8_t *panel, size_t first, size_t end, float *out) { \
        unpack_groups(&formats[pack], panel, first, end, out); \
    }
UNPACK(unpack_q8, STK_PACK_Q8)
UNPACK(unpack_q4, STK_PACK_Q4)
UNPACK(unpack_q5, STK_PACK_Q5)
UNPACK(unpack_q4k, STK_PACK_Q4K)
UNPACK(unpack_q8k, STK_PACK_Q8K)

// --- Exact ----------------------------------------------------------------------------------------------------------

static void dense(const stk_dense *d) {
    for (size_t t = 0; t < d->tokens; t++)
        for (size_t p = 0; p < d->panels; p++)
            for (size_t l = 0; l < 16; l++) {
                float *out = d->out + t * d->out_stride + 16 * p + l;
                float sum = d->accumulate ? *out : 0;
                for (size_t k = 0; k < d->depth; k++)
                    sum = fmaf(d->x[t * d->x_stride + k], d->w[p * d->w_panel + k * d->w_step + l], sum);
                *out = sum;
            }
}

static inline void put(const stk_output *o, size_t t, size_t i, float sum) {
    float *y = o->y + t * o->stride + i;
    if (o->bias) sum = sum + o->bias[i];
    *y = o->accumulate ? *y + sum : sum;
}

static void finish(const float *tile, size_t tile_stride, size_t rows, const stk_output *o) {
    for (size_t t = 0; t < rows; t++)
        for (size_t i = 0; i < o->outputs; i++) put(o, t, i, tile[t * tile_stride + i]);
}

// --- Fast -----------------------------------------------------------------------------------------------------------

// Per group: isum exact; sum = fmaf(w_scale * a_scale, isum, sum); then, with minima, sum = fmaf(w_min, a_scale * asum,
// sum), where a_scale * asum is rounded once.
static float fast_output(const group_format *f, const stk_codes *a, size_t t, const uint8_t *panel, size_t lane,
                         size_t cols) {
    float sum = 0;
    const int8_t *codes = a->codes + t * a->code_stride;
    for (size_t g = 0; g < cols / f->width; g++) {
        const uint8_t *group = panel + g * f->bytes;
        int32_t dot = 0;
        for (size_t k = 0; k < f->width; k++) dot += f->code(group, lane, k) * codes[g * f->width + k];
        float scale = a->scales[t * a->scale_stride + g * f->width / 32];
        sum = fmaf(scale_of(f, group, f->scale_at, lane) * scale, (float)dot, sum);
        if (!f->minimum_at) continue;
        float offset = f->width == 32 ? a->offsets32[t * a->scale_stride + g]
                                      : a->offsets16[t * 2 * a->scale_stride + g];
        sum = fmaf(scale_of(f, group, f->minimum_at, lane), offset, sum);
    }
    return sum;
}

static void fast(const group_format *f, const stk_codes *a, const uint8_t *w, size_t panel_bytes, size_t cols,
                 const stk_output *out) {
    for (size_t t = 0; t < a->rows; t++)
        for (size_t i = 0; i < out->outputs; i++)
            put(out, t, i, fast_output(f, a, t, w + i / 16 * panel_bytes, i % 16, cols));
}

#define FAST(name, pack) \
    static void name(const stk_codes *a, const uint8_t *w, size_t panel_bytes, size_t panels, size_t cols, \
                     const stk_output *out) { \
        (void)panels; \
        fast(&formats[pack], a, w, panel_bytes, cols, out); \
    }
FAST(fast_q8, STK_PACK_Q8)
FAST(fast_q4, STK_PACK_Q4)
FAST(fast_q5, STK_PACK_Q5)
FAST(fast_q4k, STK_PACK_Q4K)
FAST(fast_q8k, STK_PACK_Q8K)

const stk_product_kernels stk_product_kernels_scalar = {
    .unpack = {unpack_f32, unpack_f16, unpack_bf16, unpack_q8, unpack_q4, unpack_q5, unpack_q4k, unpack_q8k},
    .fast = {NULL, NULL, NULL, fast_q8, fast_q4, fast_q5, fast_q4k, fast_q8k},
    .dense = dense,
    .finish = finish,
};
