#include "superblocks.h"

#include "../numerics.h"

static inline float half_at(const uint8_t *p) {
    uint16_t h;
    memcpy(&h, p, 2);
    return stk_half_to_float(h);
}

size_t stk_superblock_bytes(stk_type type) {
    switch (type) {
    case STK_TYPE_Q2_K: return 84;
    case STK_TYPE_Q3_K: return 110;
    case STK_TYPE_Q4_K: return STK_Q4_K_BLOCK;
    case STK_TYPE_Q5_K: return 176;
    case STK_TYPE_Q6_K: return 210;
    default: return 0;
    }
}

// Twelve bytes hold eight 6-bit scales and eight 6-bit minima: the first four of each in the low six bits of bytes
// 0-3 and 4-7; of the others four bits lie in bytes 8-11 and two in the top bits of the first eight.
void stk_q4_k_scale(const uint8_t *block, size_t g, float *scale, float *minimum) {
    const uint8_t *packed = block + 4;
    unsigned s, m;
    if (g < 4) {
        s = packed[g] & 63u;
        m = packed[g + 4] & 63u;
    } else {
        s = (packed[g + 4] & 15u) | (packed[g - 4] >> 6 << 4);
        m = (packed[g + 4] >> 4) | (packed[g] >> 6 << 4);
    }
    *scale = half_at(block) * (float)s;
    *minimum = -(half_at(block + 2) * (float)m);
}

// scales[16] (4-bit scale, 4-bit minimum), codes[64], d, dmin. Codes: 2 bits; byte i of each half of 32 bytes holds
// elements i, i + 32, i + 64, i + 96 of its 128.
static void expand_q2_k(const uint8_t *block, stk_superblock *out) {
    const uint8_t *codes = block + 16;
    float d = half_at(block + 80), dmin = half_at(block + 82);
    for (int g = 0; g < 16; g++) {
        out->scales[g] = d * (float)(block[g] & 15);
        out->minima[g] = -(dmin * (float)(block[g] >> 4));
    }
    for (int i = 0; i < 256; i++) out->codes[i] = codes[i / 128 * 32 + i % 32] >> i % 128 / 32 * 2 & 3;
}

// high[32], codes[64], scales[12], d. The third bit of element i is bit i / 32 of high[i % 32]; a clear bit means -4.
// Sixteen 6-bit scales less 32: four low bits in bytes 0-7, two high bits in bytes 8-11.
static void expand_q3_k(const uint8_t *block, stk_superblock *out) {
    const uint8_t *codes = block + 32, *packed = block + 96;
    float d = half_at(block + 108);
    for (int g = 0; g < 16; g++) {
        int low = packed[g % 8] >> g / 8 * 4 & 15, high = packed[8 + g % 4] >> g / 4 * 2 & 3;
        out->scales[g] = d * (float)((low | high << 4) - 32);
        out->minima[g] = -0.0f;
    }
    for (int i = 0; i < 256; i++) {
        int low = codes[i / 128 * 32 + i % 32] >> i % 128 / 32 * 2 & 3;
        out->codes[i] = (int8_t)(low - (block[i % 32] >> i / 32 & 1 ? 0 : 4));
    }
}

// d, dmin, scales[12] as Q4_K, high[32], codes[128]. The fifth bit of element i is bit i / 32 of high[i % 32].
static void expand_q5_k(const uint8_t *block, stk_superblock *out) {
    const uint8_t *high = block + 16, *codes = block + 48;
    for (size_t g = 0; g < 16; g++) stk_q4_k_scale(block, g / 2, &out->scales[g], &out->minima[g]);
    for (int i = 0; i < 256; i++) {
        int low = codes[i / 64 * 32 + i % 32] >> i % 64 / 32 * 4 & 15;
        out->codes[i] = (int8_t)(low | (high[i % 32] >> i / 32 & 1) << 4);
    }
}

// low[128], high[64], scales[16] (signed), d. Of each 128 elements, byte i of 64 holds the low nibbles of elements i and
// i + 64, and byte i of 32 the high two bits of elements i, i + 32, i + 64, i + 96; the code is that less 32.
static void expand_q6_k(const uint8_t *block, stk_superblock *out) {
    const uint8_t *high = block + 128, *scales = block + 192;
    float d = half_at(block + 208);
    for (int g = 0; g < 16; g++) {
        out->scales[g] = d * (float)(int8_t)scales[g];
        out->minima[g] = -0.0f;
    }
    for (int i = 0; i < 256; i++) {
        int half = i / 128, e = i % 128;
        int low = block[half * 64 + e % 64] >> e / 64 * 4 & 15;
        int two = high[half * 32 + e % 32] >> e / 32 * 2 & 3;
        out->codes[i] = (int8_t)((low | two << 4) - 32);
    }
}

void stk_expand_superblock(stk_type type, const uint8_t *block, stk_superblock *out) {
    switch (type) {
    case STK_TYPE_Q2_K: expand_q2_k(block, out); break;
    case STK_TYPE_Q3_K: expand_q3_k(block, out); break;
    case STK_TYPE_Q5_K: expand_q5_k(block, out); break;
    default: expand_q6_k(block, out);
    }
}
