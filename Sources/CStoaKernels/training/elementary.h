// The row kernels of training in plain C, compiled once per instruction set: every loop runs over independent elements,
// so that the compiler may take as many at a time as there are lanes without changing a bit. Multiply-adds are fused
// exactly where fmaf is written.

static inline float exponential_of(float x) {
    float c = x < STK_EXP_HIGH ? x : STK_EXP_HIGH;
    c = c > STK_EXP_LOW ? c : STK_EXP_LOW;
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
    p = x < STK_EXP_LOW ? 0 : p;
    return x != x ? x : p;
}

static void to_pairs(const float *restrict x, uint16_t *restrict y, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = stk_float_to_brain(stk_bits(x[i]));
}

static void from_bf16(const uint16_t *restrict x, float *restrict y, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = stk_brain_to_float(x[i]);
}

static void interleave(const uint16_t *restrict even, const uint16_t *restrict odd, uint16_t *restrict y) {
    for (size_t i = 0; i < 16; i++) {
        y[2 * i] = even[i];
        y[2 * i + 1] = odd[i];
    }
}

static void weighted(const float *restrict dy, const float *restrict weight, float *restrict t, size_t n) {
    if (weight)
        for (size_t i = 0; i < n; i++) t[i] = dy[i] * weight[i];
    else
        for (size_t i = 0; i < n; i++) t[i] = dy[i];
}

static void norm_gradient(const float *restrict t, const float *restrict x, float mean, float factor,
                          float *restrict dx, size_t n, int accumulate) {
    if (accumulate)
        for (size_t i = 0; i < n; i++) dx[i] = fmaf(fmaf(-mean, x[i], t[i]), factor, dx[i]);
    else
        for (size_t i = 0; i < n; i++) dx[i] = fmaf(-mean, x[i], t[i]) * factor;
}

// The logistic function of z, which is what SiLU multiplies its argument by, and GELU too, of another z.
static inline float logistic(float z) { return 1.0f / (1.0f + exponential_of(-z)); }

static inline float gelu_inner(float x) { return STK_GELU_SCALE * fmaf(STK_GELU_CUBIC, (x * x) * x, x); }

static void silu_multiply_into(const float *restrict gate, const float *restrict up, float *restrict y, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = gate[i] * logistic(gate[i]) * up[i];
}

static void gelu_multiply_into(const float *restrict gate, const float *restrict up, float *restrict y, size_t n) {
    for (size_t i = 0; i < n; i++) y[i] = gate[i] * logistic(gelu_inner(gate[i])) * up[i];
}

// f(x) = x s(z(x)), s' = s (1 - s): f'(x) = s + x s (1 - s) z'(x).

static void silu_gradient(float *restrict gate, float *restrict up, const float *restrict dy, size_t n) {
    for (size_t i = 0; i < n; i++) {
        float x = gate[i], s = logistic(x), f = x * s;
        float slope = fmaf(f, 1.0f - s, s), d = dy[i], u = up[i];
        gate[i] = d * u * slope;
        up[i] = d * f;
    }
}

static void gelu_gradient(float *restrict gate, float *restrict up, const float *restrict dy, size_t n) {
    for (size_t i = 0; i < n; i++) {
        float x = gate[i], s = logistic(gelu_inner(x)), f = x * s;
        float inner = STK_GELU_SCALE * fmaf(3.0f * STK_GELU_CUBIC, x * x, 1.0f);
        float slope = fmaf(f * (1.0f - s), inner, s), d = dy[i], u = up[i];
        gate[i] = d * u * slope;
        up[i] = d * f;
    }
}

static void rotate_half(float *restrict x, const float *restrict cos, const float *restrict sin, float sign,
                        size_t half) {
    float *restrict y = x + half;
    for (size_t i = 0; i < half; i++) {
        float a = x[i], b = y[i], c = cos[i], s = sign * sin[i];
        x[i] = fmaf(a, c, -(b * s));
        y[i] = fmaf(b, c, a * s);
    }
}

static void probabilities(float *restrict s, const uint16_t *restrict visible, float maximum, float inverse, size_t n) {
    for (size_t i = 0; i < n; i += 16)
        for (size_t l = 0; l < 16; l++) {
            float p = exponential_of(s[i + l] - maximum) * inverse;
            s[i + l] = visible[i / 16] >> l & 1 ? p : 0;
        }
}


static void logit_gradient(float *restrict z, float maximum, float factor, size_t n) {
    for (size_t i = 0; i < n; i++) z[i] = exponential_of(z[i] - maximum) * factor;
}

static void cap_gradient(float *restrict z, const float *restrict capped, float cap, size_t n) {
    for (size_t i = 0; i < n; i++) {
        float ratio = capped[i] / cap;
        z[i] = z[i] * fmaf(-ratio, ratio, 1.0f);
    }
}

static void score_gradient(const float *restrict p, float *restrict d, float mean, float scale,
                           const float *restrict capped, float cap, size_t n) {
    for (size_t i = 0; i < n; i++) d[i] = p[i] * (d[i] - mean) * scale;
    if (capped) cap_gradient(d, capped, cap, n);
}

static void adamw(const stk_train_adamw *o, size_t n, float *restrict parameters, const float *restrict gradients,
                  float *restrict first, float *restrict second) {
    float decay = o->decay, beta1 = o->beta1, beta2 = o->beta2, epsilon = o->epsilon;
    float correction = o->inverse_correction2, step = o->step, scale = o->gradient_scale;
    for (size_t i = 0; i < n; i++) {
        float g = gradients[i] * scale;
        float m = fmaf(1.0f - beta1, g - first[i], first[i]);
        float v = fmaf(1.0f - beta2, g * g, beta2 * second[i]);
        first[i] = m;
        second[i] = v;
        parameters[i] = fmaf(-step, m / fmaf(sqrtf(v), correction, epsilon), parameters[i] * decay);
    }
}

#define TRAINING_ROWS \
    .to_pairs = to_pairs, .from_bf16 = from_bf16, .interleave = interleave, .weighted = weighted, \
    .norm_gradient = norm_gradient, .gate_multiply = {silu_multiply_into, gelu_multiply_into}, \
    .gate_gradient = {silu_gradient, gelu_gradient}, .rotate = rotate_half, .probabilities = probabilities, \
    .score_gradient = score_gradient, .logit_gradient = logit_gradient, .cap_gradient = cap_gradient, .adamw = adamw
