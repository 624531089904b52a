//
// The K formats: super-blocks of 256 weights whose groups of 16 or 32 carry small integer scales (and minima) of their
// own, multiplied by half-precision scales of the super-block.
//
#include "quant_internal.h"

/// Scale and minimum `j` of 8 out of the 12 bytes of Q4_K and Q5_K: six bits each, the upper two of entries 4-7 lying
/// in the top bits of entries 0-3.
static inline void scale_and_minimum(const uint8_t *packed, int j, uint8_t *scale, uint8_t *minimum) {
    if (j < 4) {
        *scale = packed[j] & 63;
        *minimum = packed[j + 4] & 63;
    } else {
        *scale = (packed[j + 4] & 0x0F) | (packed[j - 4] >> 6) << 4;
        *minimum = packed[j + 4] >> 4 | (packed[j] >> 6) << 4;
    }
}

void stk_dequantise_q2_k(const uint8_t *source, float *out, size_t blocks) {
    for (size_t b = 0; b < blocks; ++b, source += 84) {
        const uint8_t *scales = source;
        const float scale = stk_load_half(source + 80);
        const float minimum = stk_load_half(source + 82);
        for (int group = 0; group < 16; ++group) {
            // 128 weights share 32 bytes, two bits each: group g of 16 uses bits 2*(g/2) of one half of them.
            const uint8_t *codes = source + 16 + (group / 8) * 32 + (group % 2) * 16;
            const int shift = 2 * (group % 8 / 2);
            const float group_scale = scale * (float)(scales[group] & 0x0F);
            const float group_minimum = minimum * (float)(scales[group] >> 4);
            for (int i = 0; i < 16; ++i) *out++ = group_scale * (float)(codes[i] >> shift & 3) - group_minimum;
        }
    }
}

void stk_dequantise_q3_k(const uint8_t *source, float *out, size_t blocks) {
    for (size_t b = 0; b < blocks; ++b, source += 110) {
        const uint8_t *high = source;
        const uint8_t *packed = source + 96;
        const float scale = stk_load_half(source + 108);
        for (int group = 0; group < 16; ++group) {
            const uint8_t *codes = source + 32 + (group / 8) * 32 + (group % 2) * 16;
            const uint8_t *high_bits = high + (group % 2) * 16;
            const int shift = 2 * (group % 8 / 2);
            // Six bits: the low four in nibbles of bytes 0-7, the high two in bytes 8-11.
            const int low = group < 8 ? packed[group] & 0x0F : packed[group - 8] >> 4;
            const int top = packed[8 + group % 4] >> 2 * (group / 4) & 3;
            const float group_scale = scale * (float)((low | top << 4) - 32);
            for (int i = 0; i < 16; ++i) {
                // A clear high bit subtracts 4.
                const int code = (codes[i] >> shift & 3) - (high_bits[i] >> (group / 2) & 1 ? 0 : 4);
                *out++ = group_scale * (float)code;
            }
        }
    }
}

void stk_dequantise_q4_k(const uint8_t *source, float *out, size_t blocks) {
    for (size_t b = 0; b < blocks; ++b, source += 144) {
        const float scale = stk_load_half(source);
        const float minimum = stk_load_half(source + 2);
        for (int group = 0; group < 8; ++group) {
            uint8_t group_scale_code, group_minimum_code;
            scale_and_minimum(source + 4, group, &group_scale_code, &group_minimum_code);
            const float group_scale = scale * (float)group_scale_code;
            const float group_minimum = minimum * (float)group_minimum_code;
            const uint8_t *codes = source + 16 + group / 2 * 32;
            const int shift = 4 * (group % 2);
            for (int i = 0; i < 32; ++i) *out++ = group_scale * (float)(codes[i] >> shift & 0x0F) - group_minimum;
        }
    }
}

void stk_dequantise_q5_k(const uint8_t *source, float *out, size_t blocks) {
    for (size_t b = 0; b < blocks; ++b, source += 176) {
        const float scale = stk_load_half(source);
        const float minimum = stk_load_half(source + 2);
        const uint8_t *high = source + 16;
        for (int group = 0; group < 8; ++group) {
            uint8_t group_scale_code, group_minimum_code;
            scale_and_minimum(source + 4, group, &group_scale_code, &group_minimum_code);
            const float group_scale = scale * (float)group_scale_code;
            const float group_minimum = minimum * (float)group_minimum_code;
            const uint8_t *codes = source + 48 + group / 2 * 32;
            const int shift = 4 * (group % 2);
            for (int i = 0; i < 32; ++i) {
                const int code = (codes[i] >> shift & 0x0F) | (high[i] >> group & 1) << 4;
                *out++ = group_scale * (float)code - group_minimum;
            }
        }
    }
}

void stk_dequantise_q6_k(const uint8_t *source, float *out, size_t blocks) {
    for (size_t b = 0; b < blocks; ++b, source += 210) {
        const int8_t *scales = (const int8_t *)(source + 192);
        const float scale = stk_load_half(source + 208);
        for (int group = 0; group < 16; ++group) {
            // In each half of 128 weights, quarter q takes low nibbles (q < 2) or high nibbles of 32 bytes, chosen by
            // q % 2, and bits 2q of the 32 bytes of high bits.
            const int half = group / 8, quarter = group % 8 / 2, offset = group % 2 * 16;
            const uint8_t *low = source + half * 64 + quarter % 2 * 32 + offset;
            const uint8_t *high = source + 128 + half * 32 + offset;
            const float group_scale = scale * (float)scales[group];
            for (int i = 0; i < 16; ++i) {
                const int code = (low[i] >> 4 * (quarter / 2) & 0x0F) | (high[i] >> 2 * quarter & 3) << 4;
                *out++ = group_scale * (float)(code - 32);
            }
        }
    }
}
