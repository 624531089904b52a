// The row kernels over 16 lanes; each follows scalar/rows.c bit for bit. Included once per instruction set.

#define EACH_VECTOR(i, n) for (size_t i = 0; i < (n); i += 16)
#define LEFT(i, n) stk_min(16, (n) - (i))

LANE vf exponential(vf x) {
    vf c = vf_greater(vf_lesser(x, vf_set1(STK_EXP_HIGH)), vf_set1(STK_EXP_LOW));
    vf t = vf_fma(c, vf_set1(STK_LOG2E), vf_set1(STK_ROUND));
    vf n = vf_sub(t, vf_set1(STK_ROUND));
    vf r = vf_fma(n, vf_set1(-STK_LN2_HIGH), c);
    r = vf_fma(n, vf_set1(-STK_LN2_LOW), r);
    vf p = vf_set1(STK_EXP_C0);
    p = vf_fma(p, r, vf_set1(STK_EXP_C1));
    p = vf_fma(p, r, vf_set1(STK_EXP_C2));
    p = vf_fma(p, r, vf_set1(STK_EXP_C3));
    p = vf_fma(p, r, vf_set1(STK_EXP_C4));
    p = vf_fma(p, r, vf_set1(STK_EXP_C5));
    p = vf_add(vf_fma(p, vf_mul(r, r), r), vf_set1(1.0f));
    p = vi_as_float(vi_add(vf_as_int(p), vi_shl(vf_as_int(t), 23)));
    p = vf_select(vf_lt(x, vf_set1(STK_EXP_LOW)), vf_set1(0), p);
    return vf_select(vf_nan(x), x, p);
}

LANE vf negated(vf x) { return vi_as_float(vi_xor(vf_as_int(x), vi_set1(INT32_MIN))); }

LANE vf hyperbolic_tangent(vf x) {
    vf magnitude = vi_as_float(vi_and(vf_as_int(x), vi_set1(0x7fffffff))), z = vf_mul(x, x);
    vf p = vf_set1(STK_TANH_C0);
    p = vf_fma(p, z, vf_set1(STK_TANH_C1));
    p = vf_fma(p, z, vf_set1(STK_TANH_C2));
    p = vf_fma(p, z, vf_set1(STK_TANH_C3));
    p = vf_fma(p, z, vf_set1(STK_TANH_C4));
    vf small = vf_fma(vf_mul(p, z), x, x);
    vf e = exponential(vf_add(magnitude, magnitude));
    vf large = vf_sub(vf_set1(1.0f), vf_div(vf_set1(2.0f), vf_add(e, vf_set1(1.0f))));
    large = vi_as_float(vi_or(vf_as_int(large), vi_and(vf_as_int(x), vi_set1(INT32_MIN))));
    return vf_select(vf_lt(magnitude, vf_set1(STK_TANH_SPLIT)), small, large);
}

LANE vf silu(vf x) { return vf_div(x, vf_add(vf_set1(1.0f), exponential(negated(x)))); }

LANE vf gelu(vf x) {
    vf cubic = vf_mul(vf_mul(x, x), x);
    vf u = vf_mul(vf_set1(STK_GELU_SCALE), vf_fma(vf_set1(STK_GELU_CUBIC), cubic, x));
    return vf_div(x, vf_add(vf_set1(1.0f), exponential(negated(u))));
}

static float dot(const float *x, const float *y, size_t n) {
    vf sum = vf_set1(0);
    size_t i = 0;
    for (; i + 16 <= n; i += 16) sum = vf_fma(vf_load(x + i), vf_load(y + i), sum);
    if (i < n) sum = vf_fma(vf_load_n(x + i, n - i), vf_load_n(y + i, n - i), sum);
    return vf_tree_sum(sum);
}

LANE void quantise_group(vf a, vf b, int8_t *codes, float *scale, int32_t *sums) {
    vi magnitude = vi_set1(0x7fffffff);
    vi largest_lanes = vi_max(vi_and(vf_as_int(a), magnitude), vi_and(vf_as_int(b), magnitude));
    uint32_t largest = vi_largest(largest_lanes);
    float maximum = stk_float(largest), inverse = 127.0f / maximum;
    *scale = maximum / 127.0f;
    if (maximum < STK_QUANT_FLOOR) *scale = inverse = 0;
    if (largest >= 0x7f800000) {
        *scale = stk_float(0x7fc00000);
        inverse = 0;
    }
    if (inverse == 0) a = b = vf_set1(0);
    vf round = vf_set1(STK_ROUND), factor = vf_set1(inverse);
    vi x = vi_sub(vf_as_int(vf_add(vf_mul(a, factor), round)), vf_as_int(round));
    vi y = vi_sub(vf_as_int(vf_add(vf_mul(b, factor), round)), vf_as_int(round));
    vi_store_bytes(codes, x);
    vi_store_bytes(codes + 16, y);
    sums[0] = vi_sum(x);
    sums[1] = vi_sum(y);
}

static void quantise(const float *x, size_t cols, int8_t *codes, float *scales, int32_t *sums) {
    size_t g = 0;
    for (; g < cols / 32; g++)
        quantise_group(vf_load(x + 32 * g), vf_load(x + 32 * g + 16), codes + 32 * g, scales + g, sums + 2 * g);
    size_t left = cols % 32;
    if (left)
        quantise_group(vf_load_n(x + 32 * g, stk_min(left, 16)),
                       left > 16 ? vf_load_n(x + 32 * g + 16, left - 16) : vf_set1(0), codes + 32 * g, scales + g,
                       sums + 2 * g);
}

static void rms_norm(const float *x, const float *weight, float eps, size_t n, float *y) {
    float factor = 1.0f / sqrtf(dot(x, x, n) / (float)n + eps);
    EACH_VECTOR(i, n) {
        size_t left = LEFT(i, n);
        vf value = vf_mul(left == 16 ? vf_load(x + i) : vf_load_n(x + i, left), vf_set1(factor));
        if (weight) value = vf_mul(value, left == 16 ? vf_load(weight + i) : vf_load_n(weight + i, left));
        if (left == 16)
            vf_store(y + i, value);
        else
            vf_store_n(y + i, value, left);
    }
}

/// y[i] = expression of a (= y[i]) and b (= x[i]); the tail goes through padded vectors.
#define ELEMENTWISE(y, x, n, expression) \
    size_t i = 0; \
    for (; i + 16 <= (n); i += 16) { \
        vf a = vf_load((y) + i), b = vf_load((x) + i); \
        (void)b; \
        vf_store((y) + i, expression); \
    } \
    if (i < (n)) { \
        vf a = vf_load_n((y) + i, (n) - i), b = vf_load_n((x) + i, (n) - i); \
        (void)b; \
        vf_store_n((y) + i, expression, (n) - i); \
    }

static void silu_multiply(float *gate, const float *up, size_t n) { ELEMENTWISE(gate, up, n, vf_mul(silu(a), b)) }
static void gelu_multiply(float *gate, const float *up, size_t n) { ELEMENTWISE(gate, up, n, vf_mul(gelu(a), b)) }
static void add(const float *x, float *y, size_t n) { ELEMENTWISE(y, x, n, vf_add(a, b)) }
static void add_products(const float *factors, const float *x, size_t n, float *y) {
    vf factor = vf_load(factors);
    EACH_VECTOR(i, n) vf_store(y + i, vf_fma(factor, vf_load(x + i), vf_load(y + i)));
}
static void scale(float factor, float *y, size_t n) { ELEMENTWISE(y, y, n, vf_mul(a, vf_set1(factor))) }

LANE vf capped(vf x, float cap) { return vf_mul(vf_set1(cap), hyperbolic_tangent(vf_div(x, vf_set1(cap)))); }
static void soft_cap(float cap, float *y, size_t n) { ELEMENTWISE(y, y, n, capped(a, cap)) }

static float max(const float *x, size_t n) {
    vf m = vf_set1(-INFINITY), m2 = m, m3 = m, m4 = m;
    size_t i = 0;
    for (; i + 64 <= n; i += 64) {
        m = vf_greater(vf_load(x + i), m);
        m2 = vf_greater(vf_load(x + i + 16), m2);
        m3 = vf_greater(vf_load(x + i + 32), m3);
        m4 = vf_greater(vf_load(x + i + 48), m4);
    }
    float greatest = vf_tree_greatest(vf_greater(vf_greater(m, m2), vf_greater(m3, m4)));
    for (; i < n; i++) greatest = x[i] > greatest ? x[i] : greatest;
    // Whether +0 or -0 came first is the one thing the order decides: the sum makes it +0.
    return greatest + 0.0f;
}

static size_t find(const float *x, size_t n, float value) {
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        unsigned bits = vm_bits(vf_eq(vf_load(x + i), vf_set1(value)));
        if (bits) return i + (size_t)__builtin_ctz(bits);
    }
    for (; i < n; i++)
        if (x[i] == value) return i;
    return 0;
}

static double exp_sum(const float *x, size_t n, float maximum) {
    vd sum = vd_zero();
    size_t i = 0;
    for (; i + 16 <= n; i += 16) sum = vd_add_float(sum, exponential(vf_sub(vf_load(x + i), vf_set1(maximum))));
    double lanes[16];
    float tail[16];
    vd_store(lanes, sum);
    if (i < n) vf_store(tail, exponential(vf_sub(vf_load_n(x + i, n - i), vf_set1(maximum))));
    for (size_t l = 0; i + l < n; l++) lanes[l] += (double)tail[l];
    for (int width = 8; width; width /= 2)
        for (int l = 0; l < width; l++) lanes[l] += lanes[l + width];
    return lanes[0];
}

static void f32_to_f16(const float *x, uint16_t *y, size_t n) {
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        vf v = vf_greater(vf_set1(-65504.0f), vf_lesser(vf_set1(65504.0f), vf_load(x + i))); // NaN stays
        vf_store_half(y + i, v);
    }
    for (; i < n; i++) y[i] = stk_float_to_half(x[i]);
}

static void f16_to_f32(const uint16_t *x, float *y, size_t n) {
    size_t i = 0;
    for (; i + 16 <= n; i += 16) vf_store(y + i, vf_load_half(x + i));
    for (; i < n; i++) y[i] = stk_half_to_float(x[i]);
}

static void rotate(float *x, const float *cos, const float *sin, size_t half) {
    EACH_VECTOR(i, half) {
        size_t n = LEFT(i, half);
        if (n == 16) {
            vf a = vf_load(x + i), b = vf_load(x + half + i), c = vf_load(cos + i), s = vf_load(sin + i);
            vf_store(x + i, vf_fms(a, c, vf_mul(b, s)));
            vf_store(x + half + i, vf_fma(b, c, vf_mul(a, s)));
        } else {
            vf a = vf_load_n(x + i, n), b = vf_load_n(x + half + i, n), c = vf_load_n(cos + i, n);
            vf s = vf_load_n(sin + i, n);
            vf_store_n(x + i, vf_fms(a, c, vf_mul(b, s)), n);
            vf_store_n(x + half + i, vf_fma(b, c, vf_mul(a, s)), n);
        }
    }
}

LANE void load_row_of(const void *row, const int IS_HALF, const float *factors, size_t half, size_t n, float *out) {
    const uint16_t *halves = row;
    const float *floats = row;
#define CACHED(i) (IS_HALF ? vf_load_half(halves + (i)) : vf_load(floats + (i)))
    size_t i = 0;
    if (half % 16) { // pairs that no vector holds: rotate in place
        for (; i < n; i += 16) vf_store(out + i, CACHED(i));
        rotate(out, factors, factors + half, half);
        return;
    }
    for (; i < half; i += 16) {
        vf a = CACHED(i), b = CACHED(half + i), c = vf_load(factors + i), s = vf_load(factors + half + i);
        vf_store(out + i, vf_fms(a, c, vf_mul(b, s)));
        vf_store(out + half + i, vf_fma(b, c, vf_mul(a, s)));
    }
    for (i = 2 * half; i < n; i += 16) vf_store(out + i, CACHED(i));
#undef CACHED
}

static void load_row(const void *row, stk_kv kv, const float *factors, size_t half, size_t n, float *out) {
    if (kv == STK_KV_F16)
        load_row_of(row, 1, factors, half, n, out);
    else
        load_row_of(row, 0, factors, half, n, out);
}

static void transpose(const float *rows, size_t stride, size_t n, float *out) {
    EACH_VECTOR(i, n) transpose16(rows + i, stride, out + 16 * i);
}

static stk_softmax softmax(float *scores, const uint16_t *visible, size_t blocks, float cap) {
    vf greatest = vf_set1(-INFINITY), sum = vf_set1(0);
    for (size_t b = 0; b < blocks; b++) {
        vf s = vf_load(scores + 16 * b);
        if (cap != 0) {
            s = capped(s, cap);
            vf_store(scores + 16 * b, s);
        }
        greatest = vf_select(vm_from_bits(visible[b]), vf_greater(s, greatest), greatest);
    }
    float maximum = vf_tree_greatest(greatest);
    for (size_t b = 0; b < blocks; b++) {
        vf e = exponential(vf_sub(vf_load(scores + 16 * b), vf_set1(maximum)));
        e = vf_select(vm_from_bits(visible[b]), e, vf_set1(0));
        vf_store(scores + 16 * b, e);
        sum = vf_add(sum, e);
    }
    return (stk_softmax){maximum, vf_tree_sum(sum)};
}

static void combine(stk_softmax *into, float *sums, const stk_softmax *part, const float *values, size_t n) {
    float maximum = part->maximum > into->maximum ? part->maximum : into->maximum;
    float factors[16];
    vf differences = vf_sub(vf_select(vm_from_bits(1), vf_set1(into->maximum), vf_set1(part->maximum)),
                            vf_set1(maximum));
    vf_store(factors, exponential(differences));
    vf before = vf_set1(factors[0]), now = vf_set1(factors[1]);
    into->maximum = maximum;
    for (size_t i = 0; i < n; i += 16)
        vf_store(sums + i, vf_fma(vf_load(sums + i), before, vf_mul(vf_load(values + i), now)));
    float last[16];
    vf_store(last, vf_fma(vf_set1(into->sum), before, vf_mul(vf_set1(part->sum), now)));
    into->sum = last[0];
}

static int has_nonfinite(const float *x, size_t n) {
    vi largest = vi_set1(0);
    EACH_VECTOR(i, n) largest = vi_max(largest, vi_and(vf_as_int(vf_load(x + i)), vi_set1(0x7fffffff)));
    return vi_largest(largest) >= 0x7f800000;
}

static uint64_t read_words(const void *data, size_t bytes) {
    vi all = vi_set1(0), more = all;
    const uint8_t *p = data;
    size_t i = 0;
    for (; i + 128 <= bytes; i += 128) {
        all = vi_xor(all, vi_load(p + i));
        more = vi_xor(more, vi_load(p + i + 64));
    }
    if (i < bytes) all = vi_xor(all, vi_load(p + i));
    float lanes[16];
    uint64_t words[8], found = 0;
    vf_store(lanes, vi_as_float(vi_xor(all, more)));
    memcpy(words, lanes, sizeof words);
    for (int l = 0; l < 8; l++) found ^= words[l];
    return found;
}

#define ROW_KERNELS { \
    .quantise = quantise, .rms_norm = rms_norm, .silu_multiply = silu_multiply, .gelu_multiply = gelu_multiply, \
    .add = add, .add_products = add_products, .scale = scale, .soft_cap = soft_cap, .max = max, .find = find, \
    .exp_sum = exp_sum, .dot = dot, \
    .f32_to_f16 = f32_to_f16, .f16_to_f32 = f16_to_f32, .rotate = rotate, .load_row = load_row, .transpose = transpose, \
    .softmax = softmax, .combine = combine, .has_nonfinite = has_nonfinite, .read = read_words, \
}
