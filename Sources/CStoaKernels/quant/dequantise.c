//
// The table of element types, and dequantisation by type.
//
// Every product scale * code fits the 24 bits of a float exactly (11 bits of half, at most 7 of sub-scale, at most 5 of
// code), so the results do not depend on whether a multiply-add is fused.
//
#include "quant_internal.h"

size_t stk_type_block_elements(int type) {
    switch (type) {
    case STK_TYPE_F32:
    case STK_TYPE_F16:
    case STK_TYPE_BF16: return 1;
    case STK_TYPE_Q4_0:
    case STK_TYPE_Q4_1:
    case STK_TYPE_Q5_0:
    case STK_TYPE_Q5_1:
    case STK_TYPE_Q8_0: return 32;
    case STK_TYPE_Q2_K:
    case STK_TYPE_Q3_K:
    case STK_TYPE_Q4_K:
    case STK_TYPE_Q5_K:
    case STK_TYPE_Q6_K: return STK_QK_K;
    default: return 0;
    }
}

size_t stk_type_block_bytes(int type) {
    switch (type) {
    case STK_TYPE_F32: return 4;
    case STK_TYPE_F16:
    case STK_TYPE_BF16: return 2;
    case STK_TYPE_Q4_0: return 2 + 16;
    case STK_TYPE_Q4_1: return 2 + 2 + 16;
    case STK_TYPE_Q5_0: return 2 + 4 + 16;
    case STK_TYPE_Q5_1: return 2 + 2 + 4 + 16;
    case STK_TYPE_Q8_0: return 2 + 32;
    case STK_TYPE_Q2_K: return 16 + 64 + 2 + 2;
    case STK_TYPE_Q3_K: return 32 + 64 + 12 + 2;
    case STK_TYPE_Q4_K: return 2 + 2 + 12 + 128;
    case STK_TYPE_Q5_K: return 2 + 2 + 12 + 32 + 128;
    case STK_TYPE_Q6_K: return 128 + 64 + 16 + 2;
    default: return 0;
    }
}

static void expand_f32(const uint8_t *source, float *out, size_t count) {
    for (size_t i = 0; i < count; ++i) out[i] = stk_bits_to_float(stk_load_u32(source + 4 * i));
}

static void expand_f16(const uint8_t *source, float *out, size_t count) {
    for (size_t i = 0; i < count; ++i) out[i] = stk_load_half(source + 2 * i);
}

static void expand_bf16(const uint8_t *source, float *out, size_t count) {
    for (size_t i = 0; i < count; ++i) {
        out[i] = stk_bits_to_float((uint32_t)source[2 * i] << 16 | (uint32_t)source[2 * i + 1] << 24);
    }
}

void stk_dequantise(stk_type type, const void *source, float *out, size_t count) {
    const uint8_t *bytes = source;
    switch (type) {
    case STK_TYPE_F32: expand_f32(bytes, out, count); break;
    case STK_TYPE_F16: expand_f16(bytes, out, count); break;
    case STK_TYPE_BF16: expand_bf16(bytes, out, count); break;
    case STK_TYPE_Q4_0: stk_dequantise_q4_0(bytes, out, count / 32); break;
    case STK_TYPE_Q4_1: stk_dequantise_q4_1(bytes, out, count / 32); break;
    case STK_TYPE_Q5_0: stk_dequantise_q5_0(bytes, out, count / 32); break;
    case STK_TYPE_Q5_1: stk_dequantise_q5_1(bytes, out, count / 32); break;
    case STK_TYPE_Q8_0: stk_dequantise_q8_0(bytes, out, count / 32); break;
    case STK_TYPE_Q2_K: stk_dequantise_q2_k(bytes, out, count / STK_QK_K); break;
    case STK_TYPE_Q3_K: stk_dequantise_q3_k(bytes, out, count / STK_QK_K); break;
    case STK_TYPE_Q4_K: stk_dequantise_q4_k(bytes, out, count / STK_QK_K); break;
    case STK_TYPE_Q5_K: stk_dequantise_q5_k(bytes, out, count / STK_QK_K); break;
    case STK_TYPE_Q6_K: stk_dequantise_q6_k(bytes, out, count / STK_QK_K); break;
    }
}
