// Sixteen lanes in four 128-bit registers: q[i] holds lanes 4i to 4i + 3. STOA_DOT: with the dot-product extension.
#define LANE static inline __attribute__((always_inline))

typedef struct vf {
    float32x4_t q[4];
} vf;
typedef struct vi {
    int32x4_t q[4];
} vi;
typedef struct vm {
    uint32x4_t q[4];
} vm;

#define UNARY(name, type, result, function) \
    LANE result name(type x) { \
        return (result){{function(x.q[0]), function(x.q[1]), function(x.q[2]), function(x.q[3])}}; \
    }
#define BINARY(name, type, result, function) \
    LANE result name(type x, type y) { \
        return (result){{function(x.q[0], y.q[0]), function(x.q[1], y.q[1]), function(x.q[2], y.q[2]), \
                         function(x.q[3], y.q[3])}}; \
    }

LANE vf vf_set1(float x) {
    float32x4_t v = vdupq_n_f32(x);
    return (vf){{v, v, v, v}};
}
LANE vf vf_load(const float *p) {
    return (vf){{vld1q_f32(p), vld1q_f32(p + 4), vld1q_f32(p + 8), vld1q_f32(p + 12)}};
}
LANE void vf_store(float *p, vf x) {
    vst1q_f32(p, x.q[0]);
    vst1q_f32(p + 4, x.q[1]);
    vst1q_f32(p + 8, x.q[2]);
    vst1q_f32(p + 12, x.q[3]);
}
LANE vf vf_load_n(const float *p, size_t n) {
    float lanes[16] = {0};
    memcpy(lanes, p, n * sizeof(float));
    return vf_load(lanes);
}
LANE void vf_store_n(float *p, vf x, size_t n) {
    float lanes[16];
    vf_store(lanes, x);
    memcpy(p, lanes, n * sizeof(float));
}
BINARY(vf_add, vf, vf, vaddq_f32)
BINARY(vf_sub, vf, vf, vsubq_f32)
BINARY(vf_mul, vf, vf, vmulq_f32)
BINARY(vf_div, vf, vf, vdivq_f32)
LANE vf vf_fma(vf x, vf y, vf z) {
    return (vf){{vfmaq_f32(z.q[0], x.q[0], y.q[0]), vfmaq_f32(z.q[1], x.q[1], y.q[1]),
                 vfmaq_f32(z.q[2], x.q[2], y.q[2]), vfmaq_f32(z.q[3], x.q[3], y.q[3])}};
}
UNARY(vf_negative, vf, vf, vnegq_f32)
LANE vf vf_fms(vf x, vf y, vf z) { return vf_fma(x, y, vf_negative(z)); }
// Not vmaxq_f32: that gives NaN where either operand is one.
LANE float32x4_t greater4(float32x4_t x, float32x4_t y) { return vbslq_f32(vcgtq_f32(x, y), x, y); }
LANE float32x4_t lesser4(float32x4_t x, float32x4_t y) { return vbslq_f32(vcltq_f32(x, y), x, y); }
LANE uint32x4_t nan4(float32x4_t x) { return vmvnq_u32(vceqq_f32(x, x)); }
BINARY(vf_greater, vf, vf, greater4)
BINARY(vf_lesser, vf, vf, lesser4)
BINARY(vf_lt, vf, vm, vcltq_f32)
BINARY(vf_eq, vf, vm, vceqq_f32)
UNARY(vf_nan, vf, vm, nan4)
LANE vf vf_select(vm m, vf x, vf y) {
    return (vf){{vbslq_f32(m.q[0], x.q[0], y.q[0]), vbslq_f32(m.q[1], x.q[1], y.q[1]),
                 vbslq_f32(m.q[2], x.q[2], y.q[2]), vbslq_f32(m.q[3], x.q[3], y.q[3])}};
}
LANE vm vm_from_bits(uint16_t bits) {
    static const uint32_t bit[16] = {1 << 0, 1 << 1, 1 << 2,  1 << 3,  1 << 4,  1 << 5,  1 << 6,  1 << 7,
                                     1 << 8, 1 << 9, 1 << 10, 1 << 11, 1 << 12, 1 << 13, 1 << 14, 1 << 15};
    uint32x4_t all = vdupq_n_u32(bits);
    return (vm){{vtstq_u32(all, vld1q_u32(bit)), vtstq_u32(all, vld1q_u32(bit + 4)), vtstq_u32(all, vld1q_u32(bit + 8)),
                 vtstq_u32(all, vld1q_u32(bit + 12))}};
}
LANE uint16_t vm_bits(vm m) {
    static const uint32_t bit[4] = {1, 2, 4, 8};
    uint32x4_t b = vld1q_u32(bit);
    return (uint16_t)(vaddvq_u32(vandq_u32(m.q[0], b)) | vaddvq_u32(vandq_u32(m.q[1], b)) << 4
                      | vaddvq_u32(vandq_u32(m.q[2], b)) << 8 | vaddvq_u32(vandq_u32(m.q[3], b)) << 12);
}

UNARY(vf_as_int, vf, vi, vreinterpretq_s32_f32)
UNARY(vi_as_float, vi, vf, vreinterpretq_f32_s32)
LANE vi vi_set1(int32_t x) {
    int32x4_t v = vdupq_n_s32(x);
    return (vi){{v, v, v, v}};
}
LANE vi vi_load(const void *from) {
    const uint8_t *p = from;
    return (vi){{vreinterpretq_s32_u8(vld1q_u8(p)), vreinterpretq_s32_u8(vld1q_u8(p + 16)),
                 vreinterpretq_s32_u8(vld1q_u8(p + 32)), vreinterpretq_s32_u8(vld1q_u8(p + 48))}};
}
BINARY(vi_add, vi, vi, vaddq_s32)
BINARY(vi_sub, vi, vi, vsubq_s32)
BINARY(vi_and, vi, vi, vandq_s32)
BINARY(vi_or, vi, vi, vorrq_s32)
BINARY(vi_xor, vi, vi, veorq_s32)
BINARY(vi_max, vi, vi, vmaxq_s32)
LANE vi vi_shl(vi x, int n) {
    int32x4_t by = vdupq_n_s32(n);
    return (vi){{vshlq_s32(x.q[0], by), vshlq_s32(x.q[1], by), vshlq_s32(x.q[2], by), vshlq_s32(x.q[3], by)}};
}
LANE int32x4_t shift_right4(int32x4_t x, int32x4_t by) {
    return vreinterpretq_s32_u32(vshlq_u32(vreinterpretq_u32_s32(x), by));
}
LANE vi vi_shr(vi x, int n) {
    int32x4_t by = vdupq_n_s32(-n);
    return (vi){{shift_right4(x.q[0], by), shift_right4(x.q[1], by), shift_right4(x.q[2], by), shift_right4(x.q[3], by)}};
}
UNARY(vi_to_float, vi, vf, vcvtq_f32_s32)
LANE void vi_store_bytes(int8_t *p, vi x) {
    int16x8_t low = vcombine_s16(vmovn_s32(x.q[0]), vmovn_s32(x.q[1]));
    int16x8_t high = vcombine_s16(vmovn_s32(x.q[2]), vmovn_s32(x.q[3]));
    vst1q_s8(p, vcombine_s8(vmovn_s16(low), vmovn_s16(high)));
}
LANE int32_t vi_sum(vi x) {
    return vaddvq_s32(vaddq_s32(vaddq_s32(x.q[0], x.q[1]), vaddq_s32(x.q[2], x.q[3])));
}
LANE uint32_t vi_largest(vi x) {
    return (uint32_t)vmaxvq_s32(vmaxq_s32(vmaxq_s32(x.q[0], x.q[1]), vmaxq_s32(x.q[2], x.q[3])));
}

LANE float32x4_t load_half4(const uint16_t *p) { return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(p))); }
LANE vf vf_load_half(const uint16_t *p) {
    return (vf){{load_half4(p), load_half4(p + 4), load_half4(p + 8), load_half4(p + 12)}};
}
LANE void vf_store_half(uint16_t *p, vf x) {
    for (int i = 0; i < 4; i++) vst1_u16(p + 4 * i, vreinterpret_u16_f16(vcvt_f16_f32(x.q[i])));
}
LANE float32x4_t load_brain4(const uint16_t *p) { return vreinterpretq_f32_u32(vshll_n_u16(vld1_u16(p), 16)); }
LANE vf vf_load_brain(const uint16_t *p) {
    return (vf){{load_brain4(p), load_brain4(p + 4), load_brain4(p + 8), load_brain4(p + 12)}};
}

LANE float vf_tree_sum(vf x) {
    float32x4_t a = vaddq_f32(vaddq_f32(x.q[0], x.q[2]), vaddq_f32(x.q[1], x.q[3]));
    float32x2_t b = vadd_f32(vget_low_f32(a), vget_high_f32(a));
    return vget_lane_f32(b, 0) + vget_lane_f32(b, 1);
}
LANE float vf_tree_greatest(vf x) {
    float lanes[4], greatest;
    vst1q_f32(lanes, greater4(greater4(x.q[2], x.q[0]), greater4(x.q[3], x.q[1])));
    greatest = lanes[0];
    for (int i = 1; i < 4; i++) greatest = lanes[i] > greatest ? lanes[i] : greatest;
    return greatest;
}

typedef struct vd {
    float64x2_t part[8];
} vd;
LANE vd vd_zero(void) {
    vd s;
    for (int i = 0; i < 8; i++) s.part[i] = vdupq_n_f64(0);
    return s;
}
LANE vd vd_add_float(vd s, vf x) {
    for (int i = 0; i < 4; i++) {
        s.part[2 * i] = vaddq_f64(s.part[2 * i], vcvt_f64_f32(vget_low_f32(x.q[i])));
        s.part[2 * i + 1] = vaddq_f64(s.part[2 * i + 1], vcvt_high_f64_f32(x.q[i]));
    }
    return s;
}
LANE void vd_store(double *p, vd s) {
    for (int i = 0; i < 8; i++) vst1q_f64(p + 2 * i, s.part[i]);
}

// --- Codes: lane r holds four bytes, the codes of row r in four neighbouring columns ---------------------------------

#define FAST_TOKENS 2
#define DENSE_PANELS 1

LANE vi code_broadcast(const int8_t *p) {
    int32_t four;
    memcpy(&four, p, 4);
    return vi_set1(four);
}
LANE int32x4_t dot4(int32x4_t sum, int32x4_t codes, int32x4_t activations) {
    int8x16_t w = vreinterpretq_s8_s32(codes), a = vreinterpretq_s8_s32(activations);
#if defined(STOA_DOT)
    return vdotq_s32(sum, w, a);
#else
    int32x4_t low = vpaddlq_s16(vmull_s8(vget_low_s8(w), vget_low_s8(a)));
    int32x4_t high = vpaddlq_s16(vmull_high_s8(w, a));
    return vaddq_s32(sum, vpaddq_s32(low, high));
#endif
}
LANE vi dot_small(vi sum, vi codes, vi a) {
    return (vi){{dot4(sum.q[0], codes.q[0], a.q[0]), dot4(sum.q[1], codes.q[1], a.q[1]),
                 dot4(sum.q[2], codes.q[2], a.q[2]), dot4(sum.q[3], codes.q[3], a.q[3])}};
}
/// Codes are stored plus 128; with the top bit flipped they are signed bytes, so the sum begins at 0.
LANE vi dot_bytes(vi sum, vi codes, vi a) { return dot_small(sum, vi_xor(codes, vi_set1((int32_t)0x80808080)), a); }
LANE vi dot_bytes_start(const int32_t *start) {
    (void)start;
    return vi_set1(0);
}
LANE vi low_nibbles(vi x) { return vi_and(x, vi_set1(0x0f0f0f0f)); }
LANE vi high_nibbles(vi x) { return vi_and(vi_shr(x, 4), vi_set1(0x0f0f0f0f)); }

LANE void prefetch(const void *p) { __builtin_prefetch(p); }
LANE void prefetch_far(const void *p) { __builtin_prefetch(p, 0, 2); }

LANE void transpose4(const float *in, size_t stride, float *out) {
    float32x4_t r0 = vld1q_f32(in), r1 = vld1q_f32(in + stride), r2 = vld1q_f32(in + 2 * stride);
    float32x4_t r3 = vld1q_f32(in + 3 * stride);
    float32x4_t a = vtrn1q_f32(r0, r1), b = vtrn2q_f32(r0, r1), c = vtrn1q_f32(r2, r3), d = vtrn2q_f32(r2, r3);
    vst1q_f32(out, vcombine_f32(vget_low_f32(a), vget_low_f32(c)));
    vst1q_f32(out + 16, vcombine_f32(vget_low_f32(b), vget_low_f32(d)));
    vst1q_f32(out + 32, vcombine_f32(vget_high_f32(a), vget_high_f32(c)));
    vst1q_f32(out + 48, vcombine_f32(vget_high_f32(b), vget_high_f32(d)));
}
LANE void transpose16(const float *in, size_t stride, float *out) {
    for (size_t r = 0; r < 16; r += 4)
        for (size_t c = 0; c < 16; c += 4) transpose4(in + r * stride + c, stride, out + 16 * c + r);
}
