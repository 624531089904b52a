#include "support.h"

const stk_type all_types[13] = {STK_TYPE_F32,  STK_TYPE_F16,  STK_TYPE_BF16, STK_TYPE_Q4_0, STK_TYPE_Q4_1,
                                STK_TYPE_Q5_0, STK_TYPE_Q5_1, STK_TYPE_Q8_0, STK_TYPE_Q2_K, STK_TYPE_Q3_K,
                                STK_TYPE_Q4_K, STK_TYPE_Q5_K, STK_TYPE_Q6_K};

typedef struct format {
    size_t elements, bytes;
    int halves[2]; // byte offsets of f16 scales; -1: none
} format;

static format format_of(stk_type type) {
    switch (type) {
    case STK_TYPE_F32: return (format){1, 4, {-1, -1}};
    case STK_TYPE_F16:
    case STK_TYPE_BF16: return (format){1, 2, {-1, -1}};
    case STK_TYPE_Q4_0: return (format){32, 18, {0, -1}};
    case STK_TYPE_Q4_1: return (format){32, 20, {0, 2}};
    case STK_TYPE_Q5_0: return (format){32, 22, {0, -1}};
    case STK_TYPE_Q5_1: return (format){32, 24, {0, 2}};
    case STK_TYPE_Q8_0: return (format){32, 34, {0, -1}};
    case STK_TYPE_Q2_K: return (format){256, 84, {80, 82}};
    case STK_TYPE_Q3_K: return (format){256, 110, {108, -1}};
    case STK_TYPE_Q4_K: return (format){256, 144, {0, 2}};
    case STK_TYPE_Q5_K: return (format){256, 176, {0, 2}};
    case STK_TYPE_Q6_K: return (format){256, 210, {208, -1}};
    }
    abort();
}

void *random_weights(stk_type type, size_t rows, size_t cols, size_t *bytes) {
    format f = format_of(type);
    size_t blocks = rows * cols / f.elements;
    *bytes = blocks * f.bytes;
    uint8_t *data = allocate(*bytes);
    for (size_t i = 0; i < *bytes; i++) data[i] = (uint8_t)random_bits();
    for (size_t b = 0; b < blocks; b++) {
        uint8_t *block = data + b * f.bytes;
        float x = random_float(0.1f);
        uint16_t h;
        stk_f32_to_f16(&x, &h, 1);
        if (type == STK_TYPE_F32) memcpy(block, &x, 4);
        if (type == STK_TYPE_F16) memcpy(block, &h, 2);
        if (type == STK_TYPE_BF16) memcpy(block, (uint8_t *)&x + 2, 2);
        for (int i = 0; i < 2; i++) {
            if (f.halves[i] < 0) continue;
            x = random_float(0.02f);
            stk_f32_to_f16(&x, &h, 1);
            memcpy(block + f.halves[i], &h, 2);
        }
    }
    return data;
}
