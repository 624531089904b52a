#include "../internal.h"

int stk_pack_for_type(stk_type type) {
    switch (type) {
    case STK_TYPE_F32: return STK_PACK_F32;
    case STK_TYPE_F16: return STK_PACK_F16;
    case STK_TYPE_BF16: return STK_PACK_BF16;
    case STK_TYPE_Q8_0: return STK_PACK_Q8;
    case STK_TYPE_Q4_0:
    case STK_TYPE_Q4_1: return STK_PACK_Q4;
    case STK_TYPE_Q5_0:
    case STK_TYPE_Q5_1: return STK_PACK_Q5;
    case STK_TYPE_Q4_K: return STK_PACK_Q4K;
    case STK_TYPE_Q2_K:
    case STK_TYPE_Q3_K:
    case STK_TYPE_Q5_K:
    case STK_TYPE_Q6_K: return STK_PACK_Q8K;
    }
    return -1;
}

/// Columns and bytes of one group of a panel.
static size_t group_bytes(stk_pack pack, size_t *cols) {
    *cols = STK_GROUP;
    switch (pack) {
    case STK_PACK_F32: *cols = 1; return 4 * STK_LANES;
    case STK_PACK_F16:
    case STK_PACK_BF16: *cols = 1; return 2 * STK_LANES;
    case STK_PACK_Q8: return STK_Q8_BYTES;
    case STK_PACK_Q4: return STK_Q4_BYTES;
    case STK_PACK_Q5: return STK_Q5_BYTES;
    case STK_PACK_Q4K: return STK_Q4K_BYTES;
    case STK_PACK_Q8K: *cols = 16; return STK_Q8K_BYTES;
    }
    return 0;
}

size_t stk_panel_bytes(stk_pack pack, size_t cols) {
    size_t group, bytes = group_bytes(pack, &group), total;
    if (!bytes || cols % group) return 0;
    if (__builtin_mul_overflow(cols / group, bytes, &total) || total > SIZE_MAX - 64) return 0;
    return stk_round_up(total, 64);
}

size_t stk_pack_bytes(stk_pack pack, size_t rows, size_t cols) {
    size_t total;
    size_t panels = rows / STK_LANES + (rows % STK_LANES != 0);
    if (__builtin_mul_overflow(stk_panel_bytes(pack, cols), panels, &total)) return 0;
    return total;
}
