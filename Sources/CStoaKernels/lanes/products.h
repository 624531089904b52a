// The products over 16 lanes, lane = output; each follows scalar/products.c bit for bit. Included once per instruction
// set, after its lanes.h. Blocks of TOKENS x PANELS sums stay in registers; the loops over both are unrolled.

#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

// --- Unpack: [k][16] floats -----------------------------------------------------------------------------------------

static void unpack_f32(const uint8_t *panel, size_t first, size_t end, float *out) {
    memcpy(out, panel + 64 * first, 64 * (end - first));
}

static void unpack_f16(const uint8_t *panel, size_t first, size_t end, float *out) {
    const uint16_t *p = (const uint16_t *)(const void *)panel;
    for (size_t k = first; k < end; k++, out += 16) vf_store(out, vf_load_half(p + 16 * k));
}

static void unpack_bf16(const uint8_t *panel, size_t first, size_t end, float *out) {
    const uint16_t *p = (const uint16_t *)(const void *)panel;
    for (size_t k = first; k < end; k++, out += 16) vf_store(out, vf_load_brain(p + 16 * k));
}

/// Four columns of 16 rows, less `bias`.
LANE void unpack_codes(vi codes, vi bias, vf scale, vf minimum, int has_minimum, float *out) {
    vi byte = vi_set1(0xff);
    vi columns[4] = {vi_and(codes, byte), vi_and(vi_shr(codes, 8), byte), vi_and(vi_shr(codes, 16), byte),
                     vi_shr(codes, 24)};
    for (int c = 0; c < 4; c++) {
        vf code = vi_to_float(vi_sub(columns[c], bias));
        vf_store(out + 16 * c, has_minimum ? vf_fma(scale, code, minimum) : vf_mul(scale, code));
    }
}

static void unpack_q8(const uint8_t *panel, size_t first, size_t end, float *out) {
    for (size_t g = first / 32; g < end / 32; g++, out += 32 * 16) {
        const uint8_t *w = panel + g * STK_Q8_BYTES;
        vf scale = vf_load_half((const uint16_t *)(const void *)(w + 512));
        for (size_t j = 0; j < 8; j++) unpack_codes(vi_load(w + 64 * j), vi_set1(128), scale, scale, 0, out + 64 * j);
    }
}

static void unpack_q8k(const uint8_t *panel, size_t first, size_t end, float *out) {
    for (size_t g = first / 16; g < end / 16; g++, out += 16 * 16) {
        const uint8_t *w = panel + g * STK_Q8K_BYTES;
        const float *scales = (const float *)(const void *)(w + 256);
        for (size_t j = 0; j < 4; j++)
            unpack_codes(vi_load(w + 64 * j), vi_set1(128), vf_load(scales), vf_load(scales + 16), 1, out + 64 * j);
    }
}

/// The fifth bit of vector j's codes, in place. j is a constant.
#define FIFTH_BITS(plane, j) \
    vi_and(vi_set1(0x10101010), (j) < 4 ? vi_shl(plane, (4 - (j)) & 7) : vi_shr(plane, ((j) - 4) & 7))

LANE void unpack_nibbles(const uint8_t *w, vf scale, vf minimum, int has_fifth, float *out) {
    vi zero = vi_set1(0), plane = has_fifth ? vi_load(w + 256) : zero;
#define UNPACK_PAIR(j) { \
        vi packed = vi_load(w + 64 * (j)), low = low_nibbles(packed), high = high_nibbles(packed); \
        if (has_fifth) { \
            low = vi_or(low, FIFTH_BITS(plane, j)); \
            high = vi_or(high, FIFTH_BITS(plane, (j) + 4)); \
        } \
        unpack_codes(low, zero, scale, minimum, 1, out + 64 * (j)); \
        unpack_codes(high, zero, scale, minimum, 1, out + 64 * ((j) + 4)); \
    }
    UNPACK_PAIR(0) UNPACK_PAIR(1) UNPACK_PAIR(2) UNPACK_PAIR(3)
}

static void unpack_q4(const uint8_t *panel, size_t first, size_t end, float *out) {
    for (size_t g = first / 32; g < end / 32; g++, out += 32 * 16) {
        const uint8_t *w = panel + g * STK_Q4_BYTES;
        const uint16_t *scales = (const uint16_t *)(const void *)(w + 256);
        unpack_nibbles(w, vf_load_half(scales), vf_load_half(scales + 16), 0, out);
    }
}

static void unpack_q5(const uint8_t *panel, size_t first, size_t end, float *out) {
    for (size_t g = first / 32; g < end / 32; g++, out += 32 * 16) {
        const uint8_t *w = panel + g * STK_Q5_BYTES;
        const uint16_t *scales = (const uint16_t *)(const void *)(w + 320);
        unpack_nibbles(w, vf_load_half(scales), vf_load_half(scales + 16), 1, out);
    }
}

static void unpack_q4k(const uint8_t *panel, size_t first, size_t end, float *out) {
    for (size_t g = first / 32; g < end / 32; g++, out += 32 * 16) {
        const uint8_t *w = panel + g * STK_Q4K_BYTES;
        const float *scales = (const float *)(const void *)(w + 256);
        unpack_nibbles(w, vf_load(scales), vf_load(scales + 16), 0, out);
    }
}

// --- Dense ----------------------------------------------------------------------------------------------------------

LANE void dense_block(const stk_dense *d, size_t token, size_t panel, const int TOKENS, const int PANELS) {
    vf sum[6][8]; // as large as the largest block; what is not used takes no register
    const float *x = d->x + token * d->x_stride, *w = d->w + panel * d->w_panel;
    float *out = d->out + token * d->out_stride + panel * 16;
    size_t x_stride = d->x_stride, w_step = d->w_step, w_panel = d->w_panel, depth = d->depth;
    UNROLL for (int t = 0; t < TOKENS; t++)
        UNROLL for (int p = 0; p < PANELS; p++)
            sum[t][p] = d->accumulate ? vf_load(out + (size_t)t * d->out_stride + 16 * p) : vf_set1(0);
    for (size_t k = 0; k < depth; k++, w += w_step) {
        vf weights[8];
        UNROLL for (int p = 0; p < PANELS; p++) weights[p] = vf_load(w + (size_t)p * w_panel);
        UNROLL for (int t = 0; t < TOKENS; t++) {
            vf value = vf_set1(x[(size_t)t * x_stride + k]);
            UNROLL for (int p = 0; p < PANELS; p++) sum[t][p] = vf_fma(value, weights[p], sum[t][p]);
        }
    }
    UNROLL for (int t = 0; t < TOKENS; t++)
        UNROLL for (int p = 0; p < PANELS; p++) vf_store(out + (size_t)t * d->out_stride + 16 * p, sum[t][p]);
}

#define DENSE(TOKENS, PANELS) \
    static void dense_##TOKENS##_##PANELS(const stk_dense *d, size_t token, size_t panel) { \
        dense_block(d, token, panel, TOKENS, PANELS); \
    }
DENSE(6, 1) DENSE(4, 1) DENSE(3, 1) DENSE(2, 1) DENSE(1, 1) DENSE(1, 2) DENSE(2, 2) DENSE(3, 2) DENSE(1, 4)
#if DENSE_PANELS == 2
DENSE(6, 2) DENSE(4, 2) DENSE(1, 8) DENSE(2, 4) DENSE(3, 4)
#endif

/// Few tokens: enough panels at a time to hide the latency of the sums.
static void dense_narrow(const stk_dense *d) {
    size_t p = 0, n = d->panels;
#if DENSE_PANELS == 2
    for (; d->tokens == 1 && n - p >= 8; p += 8) dense_1_8(d, 0, p);
    for (; d->tokens == 2 && n - p >= 4; p += 4) dense_2_4(d, 0, p);
    for (; d->tokens == 3 && n - p >= 4; p += 4) dense_3_4(d, 0, p);
#endif
    for (; d->tokens == 1 && n - p >= 4; p += 4) dense_1_4(d, 0, p);
    for (; n - p >= 2; p += 2) {
        if (d->tokens == 1) dense_1_2(d, 0, p);
        if (d->tokens == 2) dense_2_2(d, 0, p);
        if (d->tokens == 3) dense_3_2(d, 0, p);
    }
    for (; p < n; p++) {
        if (d->tokens == 1) dense_1_1(d, 0, p);
        if (d->tokens == 2) dense_2_1(d, 0, p);
        if (d->tokens == 3) dense_3_1(d, 0, p);
    }
}

static void dense(const stk_dense *d) {
    if (d->tokens < 4) {
        dense_narrow(d);
        return;
    }
    size_t p = 0;
#if DENSE_PANELS == 2
    for (; d->panels - p >= 2; p += 2) {
        size_t t = 0, n = d->tokens;
        for (; n - t >= 6 && n - t != 8; t += 6) dense_6_2(d, t, p);
        for (; n - t >= 4; t += 4) dense_4_2(d, t, p);
        if (n - t == 3) dense_3_2(d, t, p);
        if (n - t == 2) dense_2_2(d, t, p);
        if (n - t == 1) dense_1_2(d, t, p);
    }
#endif
    for (; p < d->panels; p++) {
        size_t t = 0, n = d->tokens;
        for (; n - t >= 6 && n - t != 8; t += 6) dense_6_1(d, t, p);
        for (; n - t >= 4; t += 4) dense_4_1(d, t, p);
        if (n - t == 3) dense_3_1(d, t, p);
        if (n - t == 2) dense_2_1(d, t, p);
        if (n - t == 1) dense_1_1(d, t, p);
    }
}

// --- Output ---------------------------------------------------------------------------------------------------------

LANE void put(const stk_output *o, size_t t, size_t panel, vf sum) {
    float *y = o->y + t * o->stride + 16 * panel;
    size_t n = o->outputs - 16 * panel;
    if (n >= 16) {
        if (o->bias) sum = vf_add(sum, vf_load(o->bias + 16 * panel));
        if (o->accumulate) sum = vf_add(vf_load(y), sum);
        vf_store(y, sum);
    } else {
        if (o->bias) sum = vf_add(sum, vf_load_n(o->bias + 16 * panel, n));
        if (o->accumulate) sum = vf_add(vf_load_n(y, n), sum);
        vf_store_n(y, sum, n);
    }
}

static void finish(const float *tile, size_t tile_stride, size_t rows, const stk_output *o) {
    for (size_t t = 0; t < rows; t++)
        for (size_t p = 0; 16 * p < o->outputs; p++) put(o, t, p, vf_load(tile + t * tile_stride + 16 * p));
}

// --- Fast -----------------------------------------------------------------------------------------------------------

#define PREFETCH_AHEAD 4096

/// Asks for a group's bytes of the panels to come. One row streams: a fixed distance ahead. With several, the first two
/// blocks of tokens fetch the next panels to the second-level cache, a share each, while they work on these.
#define PREFETCH_GROUP \
    if (TOKENS == 1 && PANELS == 1) { \
        UNROLL for (size_t line = 0; line < bytes; line += 64) prefetch(w + PREFETCH_AHEAD + line); \
    } else { \
        for (size_t p = 0; p < coming; p++) \
            UNROLL for (size_t line = 0; line < bytes; line += 64) \
                prefetch_far(w + ((size_t)PANELS + p + (token > 0)) * panel_bytes + line); \
    }
/// How many panels a block of tokens fetches.
#define COMING (token == 0 ? (a->rows > 6 ? 1u : 2u) : (token <= 6 ? 1u : 0u))

/// Adds the four columns from `k` on of the group.
#define DOT(function, codes, k) \
    UNROLL for (int t = 0; t < TOKENS; t++) { \
        vi four = code_broadcast(a_codes + (size_t)t * a->code_stride + (k)); \
        UNROLL for (int p = 0; p < PANELS; p++) dots[t][p] = function(dots[t][p], codes[p], four); \
    }

/// sum = fmaf(w_scale * a_scale, dot, sum), then the minimum's part.
#define SCALE(scales, minima, has_minimum, a_scales, a_offsets, offset_stride) \
    UNROLL for (int t = 0; t < TOKENS; t++) { \
        vf factor = vf_set1((a_scales)[(size_t)t * a->scale_stride]); \
        UNROLL for (int p = 0; p < PANELS; p++) \
            sum[t][p] = vf_fma(vf_mul(scales[p], factor), vi_to_float(dots[t][p]), sum[t][p]); \
        if (has_minimum) { \
            vf offset = vf_set1((a_offsets)[(size_t)t * (offset_stride)]); \
            UNROLL for (int p = 0; p < PANELS; p++) sum[t][p] = vf_fma(minima[p], offset, sum[t][p]); \
        } \
    }

/// Four-bit codes: Q4 (f16 scales), Q5 (with a fifth bit), Q4K (f32 scales).
LANE void fast_nibbles(const stk_codes *a, size_t token, const uint8_t *w, size_t panel_bytes, size_t cols,
                       const stk_output *out, const stk_pack PACK, const int TOKENS, const int PANELS) {
    const size_t bytes = PACK == STK_PACK_Q4 ? STK_Q4_BYTES : STK_Q5_BYTES;
    const size_t coming = COMING;
    const int8_t *a_codes = a->codes + token * a->code_stride;
    const float *a_scales = a->scales + token * a->scale_stride, *a_offsets = a->offsets32 + token * a->scale_stride;
    vf sum[6][2];
    UNROLL for (int t = 0; t < TOKENS; t++) UNROLL for (int p = 0; p < PANELS; p++) sum[t][p] = vf_set1(0);
    for (size_t g = 0; g < cols / 32; g++, w += bytes, a_codes += 32, a_scales++, a_offsets++) {
        vi dots[6][2], planes[2];
        PREFETCH_GROUP
        UNROLL for (int t = 0; t < TOKENS; t++) UNROLL for (int p = 0; p < PANELS; p++) dots[t][p] = vi_set1(0);
        if (PACK == STK_PACK_Q5)
            UNROLL for (int p = 0; p < PANELS; p++) planes[p] = vi_load(w + (size_t)p * panel_bytes + 256);
#define NIBBLES(j) { \
            vi low[2], high[2]; \
            UNROLL for (int p = 0; p < PANELS; p++) { \
                vi packed = vi_load(w + (size_t)p * panel_bytes + 64 * (j)); \
                low[p] = low_nibbles(packed); \
                high[p] = high_nibbles(packed); \
                if (PACK == STK_PACK_Q5) { \
                    low[p] = vi_or(low[p], FIFTH_BITS(planes[p], j)); \
                    high[p] = vi_or(high[p], FIFTH_BITS(planes[p], (j) + 4)); \
                } \
            } \
            DOT(dot_small, low, 4 * (j)) \
            DOT(dot_small, high, 16 + 4 * (j)) \
        }
        NIBBLES(0) NIBBLES(1) NIBBLES(2) NIBBLES(3)
        vf scales[2], minima[2];
        UNROLL for (int p = 0; p < PANELS; p++) {
            const uint8_t *at = w + (size_t)p * panel_bytes + (PACK == STK_PACK_Q5 ? 320 : 256);
            if (PACK == STK_PACK_Q4K) {
                scales[p] = vf_load((const float *)(const void *)at);
                minima[p] = vf_load((const float *)(const void *)at + 16);
            } else {
                scales[p] = vf_load_half((const uint16_t *)(const void *)at);
                minima[p] = vf_load_half((const uint16_t *)(const void *)at + 16);
            }
        }
        SCALE(scales, minima, 1, a_scales, a_offsets, a->scale_stride)
    }
    UNROLL for (int t = 0; t < TOKENS; t++)
        UNROLL for (int p = 0; p < PANELS; p++) put(out, token + (size_t)t, (size_t)p, sum[t][p]);
}

/// Eight-bit codes: Q8 (groups of 32, f16 scales), Q8K (groups of 16, f32 scales and minima).
LANE void fast_bytes(const stk_codes *a, size_t token, const uint8_t *w, size_t panel_bytes, size_t cols,
                     const stk_output *out, const stk_pack PACK, const int TOKENS, const int PANELS) {
    const size_t bytes = PACK == STK_PACK_Q8 ? STK_Q8_BYTES : STK_Q8K_BYTES, width = PACK == STK_PACK_Q8 ? 32 : 16;
    const size_t stride = PACK == STK_PACK_Q8 ? a->scale_stride : 2 * a->scale_stride;
    const size_t coming = COMING;
    const int8_t *a_codes = a->codes + token * a->code_stride;
    const float *a_scales = a->scales + token * a->scale_stride, *a_offsets = a->offsets16 + token * stride;
    const int32_t *starts = (PACK == STK_PACK_Q8 ? a->starts32 : a->starts16) + token * stride;
    vf sum[6][2];
    UNROLL for (int t = 0; t < TOKENS; t++) UNROLL for (int p = 0; p < PANELS; p++) sum[t][p] = vf_set1(0);
    for (size_t g = 0; g < cols / width; g++, w += bytes, a_codes += width) {
        vi dots[6][2];
        PREFETCH_GROUP
        UNROLL for (int t = 0; t < TOKENS; t++)
            UNROLL for (int p = 0; p < PANELS; p++) dots[t][p] = dot_bytes_start(starts + (size_t)t * stride + g);
        UNROLL for (size_t j = 0; j < width / 4; j++) {
            vi codes[2];
            UNROLL for (int p = 0; p < PANELS; p++) codes[p] = vi_load(w + (size_t)p * panel_bytes + 64 * j);
            DOT(dot_bytes, codes, 4 * j)
        }
        vf scales[2], minima[2];
        UNROLL for (int p = 0; p < PANELS; p++) {
            const uint8_t *at = w + (size_t)p * panel_bytes + width * 16;
            if (PACK == STK_PACK_Q8) {
                scales[p] = minima[p] = vf_load_half((const uint16_t *)(const void *)at);
            } else {
                scales[p] = vf_load((const float *)(const void *)at);
                minima[p] = vf_load((const float *)(const void *)at + 16);
            }
        }
        SCALE(scales, minima, PACK == STK_PACK_Q8K, a_scales + g * width / 32, a_offsets + g, stride)
    }
    UNROLL for (int t = 0; t < TOKENS; t++)
        UNROLL for (int p = 0; p < PANELS; p++) put(out, token + (size_t)t, (size_t)p, sum[t][p]);
}

#define FAST_BLOCK(name, kernel, pack, TOKENS, PANELS) \
    static void name##_##TOKENS##_##PANELS(const stk_codes *a, size_t token, const uint8_t *w, size_t panel_bytes, \
                                           size_t cols, const stk_output *out) { \
        kernel(a, token, w, panel_bytes, cols, out, pack, TOKENS, PANELS); \
    }

/// Token blocks are inside: the panels are read from memory once, and from the nearest cache for the other blocks.
#define FAST_TOKEN_LOOP(name, PANELS, WIDE) \
    size_t t = 0; \
    WIDE(name, PANELS) \
    for (; n - t >= 2; t += 2) name##_2_##PANELS(a, t, w, panel_bytes, cols, out); \
    if (n - t == 1) name##_1_##PANELS(a, t, w, panel_bytes, cols, out);

#if FAST_TOKENS == 6
#define FAST_WIDE(name, PANELS) \
    for (; n - t >= 6 && n - t != 8; t += 6) name##_6_##PANELS(a, t, w, panel_bytes, cols, out); \
    for (; n - t >= 4; t += 4) name##_4_##PANELS(a, t, w, panel_bytes, cols, out);
#define FAST_WIDE_BLOCKS(name, kernel, pack) \
    FAST_BLOCK(name, kernel, pack, 6, 1) FAST_BLOCK(name, kernel, pack, 4, 1) \
    FAST_BLOCK(name, kernel, pack, 6, 2) FAST_BLOCK(name, kernel, pack, 4, 2) \
    FAST_BLOCK(name, kernel, pack, 2, 2) FAST_BLOCK(name, kernel, pack, 1, 2)
#define FAST_PAIRS(name) \
    if (panels == 2) { \
        FAST_TOKEN_LOOP(name, 2, FAST_WIDE) \
        return; \
    }
#else
#define FAST_WIDE(name, PANELS)
#define FAST_WIDE_BLOCKS(name, kernel, pack)
#define FAST_PAIRS(name)
#endif

#define FAST(name, kernel, pack) \
    FAST_BLOCK(name, kernel, pack, 1, 1) FAST_BLOCK(name, kernel, pack, 2, 1) \
    FAST_WIDE_BLOCKS(name, kernel, pack) \
    static void name(const stk_codes *a, const uint8_t *w, size_t panel_bytes, size_t panels, size_t cols, \
                     const stk_output *whole) { \
        size_t n = a->rows; \
        stk_output part = *whole; \
        const stk_output *out = &part; \
        FAST_PAIRS(name) \
        for (size_t p = 0; p < panels; p++, w += panel_bytes) { \
            FAST_TOKEN_LOOP(name, 1, FAST_WIDE) \
            if (p + 1 == panels) return; \
            part.y += 16; \
            if (part.bias) part.bias += 16; \
            part.outputs -= 16; \
        } \
    }

FAST(fast_q8, fast_bytes, STK_PACK_Q8)
FAST(fast_q4, fast_nibbles, STK_PACK_Q4)
FAST(fast_q5, fast_nibbles, STK_PACK_Q5)
FAST(fast_q4k, fast_nibbles, STK_PACK_Q4K)
FAST(fast_q8k, fast_bytes, STK_PACK_Q8K)

#define PRODUCT_KERNELS { \
    .unpack = {unpack_f32, unpack_f16, unpack_bf16, unpack_q8, unpack_q4, unpack_q5, unpack_q4k, unpack_q8k}, \
    .fast = {NULL, NULL, NULL, fast_q8, fast_q4, fast_q5, fast_q4k, fast_q8k}, \
    .dense = dense, .finish = finish, \
}
