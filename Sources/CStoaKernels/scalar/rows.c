#include "../internal.h"
#include "../numerics.h"

// The definition of the row kernels. Comparisons are written as the vector instructions have them: a > b ? a : b is b
// where either is NaN.

static inline float greater(float a, float b) { return a > b ? a : b; }
static inline float lesser(float a, float b) { return a < b ? a : b; }

static float exponential(float x) {
    float c = greater(lesser(x, STK_EXP_HIGH), STK_EXP_LOW);
    float t = fmaf(c, STK_LOG2E, STK_ROUND);
    float n = t - STK_ROUND;
    float r = fmaf(n, -STK_LN2_HIGH, c);
    r = fmaf(n, -STK_LN2_LOW, r);
    float p = STK_EXP_C0;
    p = fmaf(p, r, STK_EXP_C1);
    p = fmaf(p, r, STK_EXP_C2);
    p = fmaf(p, r, STK_EXP_C3);
    p = fmaf(p, r, STK_EXP_C4);
    p = fmaf(p, r, STK_EXP_C5);
    p = fmaf(p, r * r, r) + 1.0f;
    p = stk_float(stk_bits(p) + (stk_bits(t) << 23)); // p * 2^n
    if (x < STK_EXP_LOW) p = 0;
    return x != x ? x : p;
}

static float hyperbolic_tangent(float x) {
    float magnitude = stk_float(stk_bits(x) & 0x7fffffff), z = x * x;
    float p = STK_TANH_C0;
    p = fmaf(p, z, STK_TANH_C1);
    p = fmaf(p, z, STK_TANH_C2);
    p = fmaf(p, z, STK_TANH_C3);
    p = fmaf(p, z, STK_TANH_C4);
    float small = fmaf(p * z, x, x);
    float large = 1.0f - 2.0f / (exponential(magnitude + magnitude) + 1.0f);
    large = stk_float(stk_bits(large) | (stk_bits(x) & 0x80000000));
    return magnitude < STK_TANH_SPLIT ? small : large;
}

static inline float silu(float x) { return x / (1.0f + exponential(stk_float(stk_bits(x) ^ 0x80000000))); }

// gelu_tanh(x) = x/2 (1 + tanh u) = x / (1 + exp(-2u)), u = sqrt(2/pi) (x + 0.044715 x³)
static inline float gelu(float x) {
    float cubic = (x * x) * x;
    float u = STK_GELU_SCALE * fmaf(STK_GELU_CUBIC, cubic, x);
    return x / (1.0f + exponential(stk_float(stk_bits(u) ^ 0x80000000)));
}

/// Combines 16 lanes: 8, 4, 2, 1.
static float tree_sum(float lanes[16]) {
    for (int width = 8; width; width /= 2)
        for (int l = 0; l < width; l++) lanes[l] = lanes[l] + lanes[l + width];
    return lanes[0];
}

/// Lane l sums x[i] * y[i] for i = l, l + 16, ...; what lies past the end counts as 0 * 0.
static float dot(const float *x, const float *y, size_t n) {
    float lanes[16] = {0};
    for (size_t i = 0; i < stk_round_up(n, 16); i++)
        lanes[i % 16] = fmaf(i < n ? x[i] : 0, i < n ? y[i] : 0, lanes[i % 16]);
    return tree_sum(lanes);
}

static void quantise(const float *x, size_t cols, int8_t *codes, float *scales, int32_t *sums) {
    for (size_t g = 0; g < stk_round_up(cols, 32) / 32; g++) {
        size_t n = stk_min(32, cols - 32 * g);
        uint32_t largest = 0; // magnitudes compare as integers, and NaN is above infinity
        for (size_t i = 0; i < n; i++) {
            uint32_t magnitude = stk_bits(x[32 * g + i]) & 0x7fffffff;
            if (magnitude > largest) largest = magnitude;
        }
        float maximum = stk_float(largest), inverse = 127.0f / maximum;
        scales[g] = maximum / 127.0f;
        if (maximum < STK_QUANT_FLOOR) scales[g] = inverse = 0;
        if (largest >= 0x7f800000) { // a group that is not finite makes its products NaN
            scales[g] = stk_float(0x7fc00000);
            inverse = 0;
        }
        sums[2 * g] = sums[2 * g + 1] = 0;
        for (size_t i = 0; i < 32; i++) {
            float value = i < n && inverse != 0 ? x[32 * g + i] * inverse : 0;
            int code = (int)(stk_bits(value + STK_ROUND) - stk_bits(STK_ROUND));
            codes[32 * g + i] = (int8_t)code;
            sums[2 * g + i / 16] += code;
        }
    }
}

static void rms_norm(const float *x, const float *weight, float eps, size_t n, float *y) {
    float factor = 1.0f / sqrtf(dot(x, x, n) / (float)n + eps);
    for (size_t i = 0; i < n; i++) {
        float value = x[i] * factor;
        y[i] = weight ? value * weight[i] : value;
    }
}

static void silu_multiply(float *gate, const float *up, size_t n) {
    for (size_t i = 0; i < n; i++) gate[i] = silu(gate[i]) * up[i];
}

static void gelu_multiply(float *gate, const float *up, size_t n) {
    for (size_t i = 0; i < n; i++) gate[i] = gelu(gate[i]) * up[i];
}

static void add(const float *x, float *y, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = y[i] + x[i];
}

static void add_products(const float *factors, const float *x, size_t n, float *y) {
    for (size_t i = 0; i < n; i++) y[i] = fmaf(factors[i % 16], x[i], y[i]);
}

static void scale(float factor, float *y, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = y[i] * factor;
}

static inline float capped(float x, float cap) { return cap * hyperbolic_tangent(x / cap); }

static void soft_cap(float cap, float *y, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = capped(y[i], cap);
}

static float max(const float *x, size_t n) {
    float m = -INFINITY;
    for (size_t i = 0; i < n; i++) m = greater(x[i], m);
    return m + 0.0f; // a zero is +0, whatever order the lanes are combined in
}

static size_t find(const float *x, size_t n, float value) {
    for (size_t i = 0; i < n; i++)
        if (x[i] == value) return i;
    return 0;
}

static double exp_sum(const float *x, size_t n, float maximum) {
    double lanes[16] = {0};
    for (size_t i = 0; i < n; i++) lanes[i % 16] += (double)exponential(x[i] - maximum);
    for (int width = 8; width; width /= 2)
        for (int l = 0; l < width; l++) lanes[l] += lanes[l + width];
    return lanes[0];
}

static void f32_to_f16(const float *x, uint16_t *y, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = stk_float_to_half(x[i]);
}

static void f16_to_f32(const uint16_t *x, float *y, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = stk_half_to_float(x[i]);
}

static void rotate(float *x, const float *cos, const float *sin, size_t half) {
    for (size_t i = 0; i < half; i++) {
        float a = x[i], b = x[i + half];
        x[i] = fmaf(a, cos[i], -(b * sin[i]));
        x[i + half] = fmaf(b, cos[i], a * sin[i]);
    }
}

static void load_row(const void *row, stk_kv kv, const float *factors, size_t half, size_t n, float *out) {
    if (kv == STK_KV_F16)
        f16_to_f32(row, out, n);
    else
        memcpy(out, row, n * sizeof(float));
    if (half) rotate(out, factors, factors + half, half);
}

static void transpose(const float *rows, size_t stride, size_t n, float *out) {
    for (size_t i = 0; i < n; i++)
        for (size_t r = 0; r < 16; r++) out[16 * i + r] = rows[r * stride + i];
}

static stk_softmax softmax(float *scores, const uint16_t *visible, size_t blocks, float cap) {
    float maximum = -INFINITY, lanes[16] = {0};
    for (size_t i = 0; i < 16 * blocks; i++) {
        if (!(visible[i / 16] >> i % 16 & 1)) continue;
        if (cap != 0) scores[i] = capped(scores[i], cap);
        maximum = greater(scores[i], maximum);
    }
    for (size_t i = 0; i < 16 * blocks; i++) {
        scores[i] = visible[i / 16] >> i % 16 & 1 ? exponential(scores[i] - maximum) : 0;
        lanes[i % 16] = lanes[i % 16] + scores[i];
    }
    return (stk_softmax){maximum, tree_sum(lanes)};
}

static void combine(stk_softmax *into, float *sums, const stk_softmax *part, const float *values, size_t n) {
    float maximum = greater(part->maximum, into->maximum);
    float before = exponential(into->maximum - maximum), now = exponential(part->maximum - maximum);
    into->sum = fmaf(into->sum, before, part->sum * now);
    into->maximum = maximum;
    for (size_t i = 0; i < n; i++) sums[i] = fmaf(sums[i], before, values[i] * now);
}

static int has_nonfinite(const float *x, size_t n) {
    for (size_t i = 0; i < n; i++)
        if ((stk_bits(x[i]) & 0x7fffffff) >= 0x7f800000) return 1;
    return 0;
}

static uint64_t read_words(const void *data, size_t bytes) {
    const uint64_t *words = data;
    uint64_t all = 0;
    for (size_t i = 0; i < bytes / 8; i++) all ^= words[i];
    return all;
}

const stk_row_kernels stk_row_kernels_scalar = {
    .quantise = quantise,
    .rms_norm = rms_norm,
    .silu_multiply = silu_multiply,
    .gelu_multiply = gelu_multiply,
    .add = add,
    .add_products = add_products,
    .scale = scale,
    .soft_cap = soft_cap,
    .max = max,
    .find = find,
    .exp_sum = exp_sum,
    .dot = dot,
    .f32_to_f16 = f32_to_f16,
    .f16_to_f32 = f16_to_f32,
    .rotate = rotate,
    .load_row = load_row,
    .transpose = transpose,
    .softmax = softmax,
    .combine = combine,
    .has_nonfinite = has_nonfinite,
    .read = read_words,
};
