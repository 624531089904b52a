//
// Formats with one scale per 32 weights. Codes of the first half of a block lie in the low nibbles, those of the second
// half in the high nibbles; the fifth bits of Q5 lie in one 32-bit word, bit i for element i.
//
#include "quant_internal.h"

void stk_dequantise_q4_0(const uint8_t *source, float *out, size_t blocks) {
    for (size_t b = 0; b < blocks; ++b, source += 18, out += 32) {
        const float scale = stk_load_half(source);
        const uint8_t *codes = source + 2;
        for (int i = 0; i < 16; ++i) {
            out[i] = scale * (float)((codes[i] & 0x0F) - 8);
            out[i + 16] = scale * (float)((codes[i] >> 4) - 8);
        }
    }
}

void stk_dequantise_q4_1(const uint8_t *source, float *out, size_t blocks) {
    for (size_t b = 0; b < blocks; ++b, source += 20, out += 32) {
        const float scale = stk_load_half(source);
        const float minimum = stk_load_half(source + 2);
        const uint8_t *codes = source + 4;
        for (int i = 0; i < 16; ++i) {
            out[i] = scale * (float)(codes[i] & 0x0F) + minimum;
            out[i + 16] = scale * (float)(codes[i] >> 4) + minimum;
        }
    }
}

void stk_dequantise_q5_0(const uint8_t *source, float *out, size_t blocks) {
    for (size_t b = 0; b < blocks; ++b, source += 22, out += 32) {
        const float scale = stk_load_half(source);
        const uint32_t high = stk_load_u32(source + 2);
        const uint8_t *codes = source + 6;
        for (int i = 0; i < 16; ++i) {
            const int low_code = (codes[i] & 0x0F) | (int)(high >> i & 1) << 4;
            const int high_code = codes[i] >> 4 | (int)(high >> (i + 16) & 1) << 4;
            out[i] = scale * (float)(low_code - 16);
            out[i + 16] = scale * (float)(high_code - 16);
        }
    }
}

void stk_dequantise_q5_1(const uint8_t *source, float *out, size_t blocks) {
    for (size_t b = 0; b < blocks; ++b, source += 24, out += 32) {
        const float scale = stk_load_half(source);
        const float minimum = stk_load_half(source + 2);
        const uint32_t high = stk_load_u32(source + 4);
        const uint8_t *codes = source + 8;
        for (int i = 0; i < 16; ++i) {
            const int low_code = (codes[i] & 0x0F) | (int)(high >> i & 1) << 4;
            const int high_code = codes[i] >> 4 | (int)(high >> (i + 16) & 1) << 4;
            out[i] = scale * (float)low_code + minimum;
            out[i + 16] = scale * (float)high_code + minimum;
        }
    }
}

void stk_dequantise_q8_0(const uint8_t *source, float *out, size_t blocks) {
    for (size_t b = 0; b < blocks; ++b, source += 34, out += 32) {
        const float scale = stk_load_half(source);
        const int8_t *codes = (const int8_t *)(source + 2);
        for (int i = 0; i < 32; ++i) out[i] = scale * (float)codes[i];
    }
}
