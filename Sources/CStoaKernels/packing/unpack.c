#include "../internal.h"
#include "../numerics.h"

// One row out of a panel. The same arithmetic as the panel's `unpack` kernels: fmaf(scale, code, minimum).

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

/// Four-bit codes of one row of a group.
static inline int nibble(const uint8_t *group, size_t lane, size_t k) {
    return group[64 * (k % 16 / 4) + 4 * lane + k % 4] >> k / 16 * 4 & 15;
}

static void unpack_group(stk_pack pack, const uint8_t *group, size_t lane, float *out) {
    switch (pack) {
    case STK_PACK_Q8: {
        float scale = half_at(group + 512 + 2 * lane);
        for (size_t k = 0; k < 32; k++) out[k] = scale * (float)(group[64 * (k / 4) + 4 * lane + k % 4] - 128);
        break;
    }
    case STK_PACK_Q4: {
        float scale = half_at(group + 256 + 2 * lane), minimum = half_at(group + 288 + 2 * lane);
        for (size_t k = 0; k < 32; k++) out[k] = fmaf(scale, (float)nibble(group, lane, k), minimum);
        break;
    }
    case STK_PACK_Q5: {
        float scale = half_at(group + 320 + 2 * lane), minimum = half_at(group + 352 + 2 * lane);
        for (size_t k = 0; k < 32; k++) {
            int fifth = group[256 + 4 * lane + k % 4] >> k / 4 & 1;
            out[k] = fmaf(scale, (float)(nibble(group, lane, k) | fifth << 4), minimum);
        }
        break;
    }
    case STK_PACK_Q4K: {
        float scale = float_at(group + 256 + 4 * lane), minimum = float_at(group + 320 + 4 * lane);
        for (size_t k = 0; k < 32; k++) out[k] = fmaf(scale, (float)nibble(group, lane, k), minimum);
        break;
    }
    default: {
        float scale = float_at(group + 256 + 4 * lane), minimum = float_at(group + 320 + 4 * lane);
        for (size_t k = 0; k < 16; k++)
            out[k] = fmaf(scale, (float)(group[64 * (k / 4) + 4 * lane + k % 4] - 128), minimum);
    }
    }
}

void stk_unpack_row(const stk_matrix *matrix, size_t row, float *out) {
    const uint8_t *panel =
        (const uint8_t *)matrix->data + row / STK_LANES * stk_panel_bytes(matrix->pack, matrix->cols);
    size_t lane = row % STK_LANES, cols = matrix->cols;
    static const size_t bytes[STK_PACK_COUNT] = {0,           0,           0,            STK_Q8_BYTES,
                                                 STK_Q4_BYTES, STK_Q5_BYTES, STK_Q4K_BYTES, STK_Q8K_BYTES};
    switch (matrix->pack) {
    case STK_PACK_F32:
        for (size_t k = 0; k < cols; k++) out[k] = float_at(panel + 64 * k + 4 * lane);
        break;
    case STK_PACK_F16:
        for (size_t k = 0; k < cols; k++) out[k] = half_at(panel + 32 * k + 2 * lane);
        break;
    case STK_PACK_BF16:
        for (size_t k = 0; k < cols; k++) {
            uint16_t b;
            memcpy(&b, panel + 32 * k + 2 * lane, 2);
            out[k] = stk_brain_to_float(b);
        }
        break;
    default: {
        size_t width = matrix->pack == STK_PACK_Q8K ? 16 : 32;
        for (size_t g = 0; g < cols / width; g++)
            unpack_group(matrix->pack, panel + g * bytes[matrix->pack], lane, out + g * width);
    }
    }
}
