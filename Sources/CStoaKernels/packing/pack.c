#include "../internal.h"
#include "../numerics.h"
#include "superblocks.h"

// Source blocks go to panels a 32-bit word (four columns of one row) at a time: the four-bit formats keep columns i and
// i + 16 in one byte, which is what the panels hold too.

static inline uint32_t load32(const uint8_t *p) {
    uint32_t v;
    memcpy(&v, p, 4);
    return v;
}

static inline uint16_t load16(const uint8_t *p) {
    uint16_t v;
    memcpy(&v, p, 2);
    return v;
}

static inline void store32(uint8_t *p, uint32_t v) { memcpy(p, &v, 4); }
static inline void store16(uint8_t *p, uint16_t v) { memcpy(p, &v, 2); }
static inline void store_float(uint8_t *p, float v) { memcpy(p, &v, 4); }

/// Word c of the result: bit j is bit 4j + c of `bits`.
static inline uint32_t fifth_bits(uint32_t bits) {
    uint32_t word = 0;
    for (int c = 0; c < 4; c++) {
        uint32_t x = bits >> c & 0x11111111;
        x = (x | x >> 3) & 0x03030303;
        x = (x | x >> 6) & 0x000f000f;
        word |= ((x | x >> 12) & 0xff) << 8 * c;
    }
    return word;
}

/// The minimum of a format without one, factor * scale, as f16; counts it where it does not fit.
static inline uint16_t implied_minimum(uint16_t scale, float factor, size_t *unrepresentable) {
    float minimum = stk_half_to_float(scale) * factor;
    *unrepresentable += !(fabsf(minimum) <= 65504.0f);
    return fabsf(minimum) <= 65504.0f ? stk_float_to_half(minimum) : 0x7e00;
}

static void pack_q8_0(const uint8_t *block, uint8_t *group, size_t lane) {
    for (size_t j = 0; j < 8; j++) store32(group + 64 * j + 4 * lane, load32(block + 2 + 4 * j) ^ 0x80808080);
    store16(group + 512 + 2 * lane, load16(block));
}

static size_t pack_q4(const uint8_t *block, uint8_t *group, size_t lane, int has_minimum) {
    size_t unrepresentable = 0;
    uint16_t scale = load16(block);
    const uint8_t *codes = block + (has_minimum ? 4 : 2);
    for (size_t j = 0; j < 4; j++) store32(group + 64 * j + 4 * lane, load32(codes + 4 * j));
    store16(group + 256 + 2 * lane, scale);
    store16(group + 288 + 2 * lane, has_minimum ? load16(block + 2) : implied_minimum(scale, -8, &unrepresentable));
    return unrepresentable;
}

static size_t pack_q5(const uint8_t *block, uint8_t *group, size_t lane, int has_minimum) {
    size_t unrepresentable = 0;
    uint16_t scale = load16(block);
    const uint8_t *high = block + (has_minimum ? 4 : 2);
    for (size_t j = 0; j < 4; j++) store32(group + 64 * j + 4 * lane, load32(high + 4 + 4 * j));
    store32(group + 256 + 4 * lane, fifth_bits(load32(high)));
    store16(group + 320 + 2 * lane, scale);
    store16(group + 352 + 2 * lane, has_minimum ? load16(block + 2) : implied_minimum(scale, -16, &unrepresentable));
    return unrepresentable;
}

/// One group (0...7) of a Q4_K block: its codes share bytes with those of the neighbouring group.
static void pack_q4_k(const uint8_t *block, size_t g, uint8_t *group, size_t lane) {
    const uint8_t *codes = block + 16 + 32 * (g / 2);
    for (size_t j = 0; j < 4; j++) {
        uint32_t low = load32(codes + 4 * j), high = load32(codes + 16 + 4 * j);
        uint32_t word = g % 2 ? (low >> 4 & 0x0f0f0f0f) | (high & 0xf0f0f0f0)
                              : (low & 0x0f0f0f0f) | (high & 0x0f0f0f0f) << 4;
        store32(group + 64 * j + 4 * lane, word);
    }
    float scale, minimum;
    stk_q4_k_scale(block, g, &scale, &minimum);
    store_float(group + 256 + 4 * lane, scale);
    store_float(group + 320 + 4 * lane, minimum);
}

static void pack_q8_k(stk_type type, const uint8_t *block, uint8_t *groups, size_t lane) {
    stk_superblock s;
    stk_expand_superblock(type, block, &s);
    for (size_t g = 0; g < 16; g++) {
        uint8_t *group = groups + g * STK_Q8K_BYTES;
        for (size_t j = 0; j < 4; j++) {
            uint32_t word;
            memcpy(&word, s.codes + 16 * g + 4 * j, 4);
            store32(group + 64 * j + 4 * lane, word ^ 0x80808080);
        }
        store_float(group + 256 + 4 * lane, s.scales[g]);
        store_float(group + 320 + 4 * lane, s.minima[g]);
    }
}

static size_t pack_row(stk_type type, const uint8_t *row, size_t cols, uint8_t *panel, size_t lane) {
    size_t bad = 0;
    switch (type) {
    case STK_TYPE_F32:
        for (size_t k = 0; k < cols; k++) store32(panel + 64 * k + 4 * lane, load32(row + 4 * k));
        break;
    case STK_TYPE_F16:
    case STK_TYPE_BF16:
        for (size_t k = 0; k < cols; k++) store16(panel + 32 * k + 2 * lane, load16(row + 2 * k));
        break;
    case STK_TYPE_Q8_0:
        for (size_t g = 0; g < cols / 32; g++) pack_q8_0(row + 34 * g, panel + STK_Q8_BYTES * g, lane);
        break;
    case STK_TYPE_Q4_0:
        for (size_t g = 0; g < cols / 32; g++) bad += pack_q4(row + 18 * g, panel + STK_Q4_BYTES * g, lane, 0);
        break;
    case STK_TYPE_Q4_1:
        for (size_t g = 0; g < cols / 32; g++) bad += pack_q4(row + 20 * g, panel + STK_Q4_BYTES * g, lane, 1);
        break;
    case STK_TYPE_Q5_0:
        for (size_t g = 0; g < cols / 32; g++) bad += pack_q5(row + 22 * g, panel + STK_Q5_BYTES * g, lane, 0);
        break;
    case STK_TYPE_Q5_1:
        for (size_t g = 0; g < cols / 32; g++) bad += pack_q5(row + 24 * g, panel + STK_Q5_BYTES * g, lane, 1);
        break;
    case STK_TYPE_Q4_K:
        for (size_t g = 0; g < cols / 32; g++)
            pack_q4_k(row + STK_Q4_K_BLOCK * (g / 8), g % 8, panel + STK_Q4K_BYTES * g, lane);
        break;
    default:
        for (size_t b = 0; b < cols / 256; b++)
            pack_q8_k(type, row + stk_superblock_bytes(type) * b, panel + 16 * STK_Q8K_BYTES * b, lane);
    }
    return bad;
}

static size_t row_bytes(stk_type type, size_t cols) {
    switch (type) {
    case STK_TYPE_F32: return cols * 4;
    case STK_TYPE_F16:
    case STK_TYPE_BF16: return cols * 2;
    case STK_TYPE_Q8_0: return cols / 32 * 34;
    case STK_TYPE_Q4_0: return cols / 32 * 18;
    case STK_TYPE_Q4_1: return cols / 32 * 20;
    case STK_TYPE_Q5_0: return cols / 32 * 22;
    case STK_TYPE_Q5_1: return cols / 32 * 24;
    case STK_TYPE_Q4_K: return cols / 256 * STK_Q4_K_BLOCK;
    default: return cols / 256 * stk_superblock_bytes(type);
    }
}

size_t stk_pack_panels(stk_type type, const void *source, size_t rows, size_t cols, const uint32_t *permutation,
                       size_t first_panel, size_t end_panel, void *packed) {
    size_t bytes = stk_panel_bytes((stk_pack)stk_pack_for_type(type), cols), source_row = row_bytes(type, cols);
    size_t unrepresentable = 0;
    for (size_t p = first_panel; p < end_panel; p++) {
        uint8_t *panel = (uint8_t *)packed + p * bytes;
        size_t lanes = stk_min(STK_LANES, rows - p * STK_LANES);
        if (lanes < STK_LANES) memset(panel, 0, bytes);
        for (size_t l = 0; l < lanes; l++) {
            size_t row = p * STK_LANES + l;
            if (permutation) row = permutation[row];
            unrepresentable += pack_row(type, (const uint8_t *)source + row * source_row, cols, panel, l);
        }
    }
    return unrepresentable;
}
