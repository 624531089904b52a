#ifndef STOA_QUANT_INTERNAL_H
#define STOA_QUANT_INTERNAL_H
//
// What the dequantisation files share. Blocks are read byte by byte: weight files promise no alignment inside a block.
//
#include <stdint.h>
#include <string.h>

#include "stoa_quant.h"

/// Elements of a super-block of the K formats.
#define STK_QK_K 256

static inline float stk_bits_to_float(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/// An IEEE 754 half to float, exact for every pattern (subnormals, infinities and NaN payloads included).
static inline float stk_half_to_float(uint16_t half) {
    const uint32_t sign = (uint32_t)(half & 0x8000u) << 16;
    const uint32_t exponent = (half >> 10) & 0x1Fu;
    const uint32_t mantissa = half & 0x3FFu;
    if (exponent == 0x1Fu) return stk_bits_to_float(sign | 0x7F800000u | mantissa << 13);
    if (exponent != 0) return stk_bits_to_float(sign | (exponent + 112u) << 23 | mantissa << 13);
    // Subnormal: mantissa * 2^-24, a product that is exact.
    const float magnitude = (float)mantissa * 5.9604644775390625e-8f;
    return sign ? -magnitude : magnitude;
}

/// The little-endian half at `bytes`.
static inline float stk_load_half(const uint8_t *bytes) {
    return stk_half_to_float((uint16_t)(bytes[0] | bytes[1] << 8));
}

static inline uint32_t stk_load_u32(const uint8_t *bytes) {
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

// Each expands `blocks` blocks.
void stk_dequantise_q4_0(const uint8_t *source, float *out, size_t blocks);
void stk_dequantise_q4_1(const uint8_t *source, float *out, size_t blocks);
void stk_dequantise_q5_0(const uint8_t *source, float *out, size_t blocks);
void stk_dequantise_q5_1(const uint8_t *source, float *out, size_t blocks);
void stk_dequantise_q8_0(const uint8_t *source, float *out, size_t blocks);
void stk_dequantise_q2_k(const uint8_t *source, float *out, size_t blocks);
void stk_dequantise_q3_k(const uint8_t *source, float *out, size_t blocks);
void stk_dequantise_q4_k(const uint8_t *source, float *out, size_t blocks);
void stk_dequantise_q5_k(const uint8_t *source, float *out, size_t blocks);
void stk_dequantise_q6_k(const uint8_t *source, float *out, size_t blocks);

#endif
