// Sixteen lanes in two 256-bit registers: a holds lanes 0-7, b lanes 8-15.
#define LANE static inline __attribute__((always_inline))

typedef struct vf {
    __m256 a, b;
} vf;
typedef struct vi {
    __m256i a, b;
} vi;
typedef vf vm; // all bits of a lane set or clear

LANE vf vf_set1(float x) { return (vf){_mm256_set1_ps(x), _mm256_set1_ps(x)}; }
LANE vf vf_load(const float *p) { return (vf){_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)}; }
LANE void vf_store(float *p, vf x) {
    _mm256_storeu_ps(p, x.a);
    _mm256_storeu_ps(p + 8, x.b);
}
LANE vi lanes_below(size_t n) {
    __m256i count = _mm256_set1_epi32((int)n), eight = _mm256_set1_epi32(8);
    __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return (vi){_mm256_cmpgt_epi32(count, lane), _mm256_cmpgt_epi32(count, _mm256_add_epi32(lane, eight))};
}
LANE vf vf_load_n(const float *p, size_t n) {
    vi m = lanes_below(n);
    return (vf){_mm256_maskload_ps(p, m.a), n > 8 ? _mm256_maskload_ps(p + 8, m.b) : _mm256_setzero_ps()};
}
LANE void vf_store_n(float *p, vf x, size_t n) {
    vi m = lanes_below(n);
    _mm256_maskstore_ps(p, m.a, x.a);
    if (n > 8) _mm256_maskstore_ps(p + 8, m.b, x.b);
}
LANE vf vf_add(vf x, vf y) { return (vf){_mm256_add_ps(x.a, y.a), _mm256_add_ps(x.b, y.b)}; }
LANE vf vf_sub(vf x, vf y) { return (vf){_mm256_sub_ps(x.a, y.a), _mm256_sub_ps(x.b, y.b)}; }
LANE vf vf_mul(vf x, vf y) { return (vf){_mm256_mul_ps(x.a, y.a), _mm256_mul_ps(x.b, y.b)}; }
LANE vf vf_div(vf x, vf y) { return (vf){_mm256_div_ps(x.a, y.a), _mm256_div_ps(x.b, y.b)}; }
LANE vf vf_fma(vf x, vf y, vf z) { return (vf){_mm256_fmadd_ps(x.a, y.a, z.a), _mm256_fmadd_ps(x.b, y.b, z.b)}; }
LANE vf vf_fms(vf x, vf y, vf z) { return (vf){_mm256_fmsub_ps(x.a, y.a, z.a), _mm256_fmsub_ps(x.b, y.b, z.b)}; }
LANE vf vf_greater(vf x, vf y) { return (vf){_mm256_max_ps(x.a, y.a), _mm256_max_ps(x.b, y.b)}; }
LANE vf vf_lesser(vf x, vf y) { return (vf){_mm256_min_ps(x.a, y.a), _mm256_min_ps(x.b, y.b)}; }
LANE vm vf_lt(vf x, vf y) { return (vm){_mm256_cmp_ps(x.a, y.a, _CMP_LT_OQ), _mm256_cmp_ps(x.b, y.b, _CMP_LT_OQ)}; }
LANE vm vf_eq(vf x, vf y) { return (vm){_mm256_cmp_ps(x.a, y.a, _CMP_EQ_OQ), _mm256_cmp_ps(x.b, y.b, _CMP_EQ_OQ)}; }
LANE vm vf_nan(vf x) {
    return (vm){_mm256_cmp_ps(x.a, x.a, _CMP_UNORD_Q), _mm256_cmp_ps(x.b, x.b, _CMP_UNORD_Q)};
}
LANE vf vf_select(vm m, vf x, vf y) { return (vf){_mm256_blendv_ps(y.a, x.a, m.a), _mm256_blendv_ps(y.b, x.b, m.b)}; }
LANE vm vm_from_bits(uint16_t bits) {
    __m256i bit = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128), all = _mm256_set1_epi32(bits);
    __m256i low = _mm256_and_si256(all, bit), high = _mm256_and_si256(_mm256_srli_epi32(all, 8), bit);
    return (vm){_mm256_castsi256_ps(_mm256_cmpeq_epi32(low, bit)), _mm256_castsi256_ps(_mm256_cmpeq_epi32(high, bit))};
}
LANE uint16_t vm_bits(vm m) { return (uint16_t)(_mm256_movemask_ps(m.a) | _mm256_movemask_ps(m.b) << 8); }

LANE vi vf_as_int(vf x) { return (vi){_mm256_castps_si256(x.a), _mm256_castps_si256(x.b)}; }
LANE vf vi_as_float(vi x) { return (vf){_mm256_castsi256_ps(x.a), _mm256_castsi256_ps(x.b)}; }
LANE vi vi_set1(int32_t x) { return (vi){_mm256_set1_epi32(x), _mm256_set1_epi32(x)}; }
LANE vi vi_load(const void *p) {
    return (vi){_mm256_loadu_si256((const __m256i *)p), _mm256_loadu_si256((const __m256i *)p + 1)};
}
LANE vi vi_add(vi x, vi y) { return (vi){_mm256_add_epi32(x.a, y.a), _mm256_add_epi32(x.b, y.b)}; }
LANE vi vi_sub(vi x, vi y) { return (vi){_mm256_sub_epi32(x.a, y.a), _mm256_sub_epi32(x.b, y.b)}; }
LANE vi vi_and(vi x, vi y) { return (vi){_mm256_and_si256(x.a, y.a), _mm256_and_si256(x.b, y.b)}; }
LANE vi vi_or(vi x, vi y) { return (vi){_mm256_or_si256(x.a, y.a), _mm256_or_si256(x.b, y.b)}; }
LANE vi vi_xor(vi x, vi y) { return (vi){_mm256_xor_si256(x.a, y.a), _mm256_xor_si256(x.b, y.b)}; }
LANE vi vi_max(vi x, vi y) { return (vi){_mm256_max_epi32(x.a, y.a), _mm256_max_epi32(x.b, y.b)}; }
LANE vi vi_shl(vi x, int n) { return (vi){_mm256_slli_epi32(x.a, n), _mm256_slli_epi32(x.b, n)}; }
LANE vi vi_shr(vi x, int n) { return (vi){_mm256_srli_epi32(x.a, n), _mm256_srli_epi32(x.b, n)}; }
LANE vf vi_to_float(vi x) { return (vf){_mm256_cvtepi32_ps(x.a), _mm256_cvtepi32_ps(x.b)}; }
LANE void vi_store_bytes(int8_t *p, vi x) {
    __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(x.a, x.b), 0xd8);
    _mm_storeu_si128((__m128i *)p, _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1)));
}
LANE int32_t vi_sum(vi x) {
    __m256i s = _mm256_add_epi32(x.a, x.b);
    __m128i q = _mm_add_epi32(_mm256_castsi256_si128(s), _mm256_extracti128_si256(s, 1));
    q = _mm_add_epi32(q, _mm_shuffle_epi32(q, 0x4e));
    return _mm_cvtsi128_si32(_mm_add_epi32(q, _mm_shuffle_epi32(q, 0xb1)));
}
LANE uint32_t vi_largest(vi x) {
    __m256i s = _mm256_max_epi32(x.a, x.b);
    __m128i q = _mm_max_epi32(_mm256_castsi256_si128(s), _mm256_extracti128_si256(s, 1));
    q = _mm_max_epi32(q, _mm_shuffle_epi32(q, 0x4e));
    return (uint32_t)_mm_cvtsi128_si32(_mm_max_epi32(q, _mm_shuffle_epi32(q, 0xb1)));
}

LANE vf vf_load_half(const uint16_t *p) {
    return (vf){_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p)),
                _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p + 1))};
}
LANE void vf_store_half(uint16_t *p, vf x) {
    _mm_storeu_si128((__m128i *)p, _mm256_cvtps_ph(x.a, _MM_FROUND_TO_NEAREST_INT));
    _mm_storeu_si128((__m128i *)p + 1, _mm256_cvtps_ph(x.b, _MM_FROUND_TO_NEAREST_INT));
}
LANE vf vf_load_brain(const uint16_t *p) {
    vi wide = {_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)p)),
               _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)p + 1))};
    return vi_as_float(vi_shl(wide, 16));
}

LANE float vf_tree_sum(vf x) {
    __m256 a = _mm256_add_ps(x.a, x.b);
    __m128 b = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    b = _mm_add_ps(b, _mm_movehl_ps(b, b));
    return _mm_cvtss_f32(_mm_add_ss(b, _mm_movehdup_ps(b)));
}
LANE float vf_tree_greatest(vf x) {
    __m256 a = _mm256_max_ps(x.b, x.a);
    __m128 b = _mm_max_ps(_mm256_extractf128_ps(a, 1), _mm256_castps256_ps128(a));
    b = _mm_max_ps(_mm_movehl_ps(b, b), b);
    return _mm_cvtss_f32(_mm_max_ss(_mm_movehdup_ps(b), b));
}

typedef struct vd {
    __m256d part[4];
} vd;
LANE vd vd_zero(void) {
    __m256d zero = _mm256_setzero_pd();
    return (vd){{zero, zero, zero, zero}};
}
LANE vd vd_add_float(vd s, vf x) {
    return (vd){{_mm256_add_pd(s.part[0], _mm256_cvtps_pd(_mm256_castps256_ps128(x.a))),
                 _mm256_add_pd(s.part[1], _mm256_cvtps_pd(_mm256_extractf128_ps(x.a, 1))),
                 _mm256_add_pd(s.part[2], _mm256_cvtps_pd(_mm256_castps256_ps128(x.b))),
                 _mm256_add_pd(s.part[3], _mm256_cvtps_pd(_mm256_extractf128_ps(x.b, 1)))}};
}
LANE void vd_store(double *p, vd s) {
    for (int i = 0; i < 4; i++) _mm256_storeu_pd(p + 4 * i, s.part[i]);
}

// --- Codes: lane r holds four bytes, the codes of row r in four neighbouring columns ---------------------------------

#define FAST_TOKENS 2
#define DENSE_PANELS 1

LANE vi code_broadcast(const int8_t *p) {
    int32_t four;
    memcpy(&four, p, 4);
    return vi_set1(four);
}
LANE __m256i add_pairs(__m256i sum, __m256i pairs) {
    return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}
/// Codes below 32: a pair sums to at most 2 * 31 * 127, so the 16-bit products do not saturate.
LANE vi dot_small(vi sum, vi codes, vi a) {
    return (vi){add_pairs(sum.a, _mm256_maddubs_epi16(codes.a, a.a)),
                add_pairs(sum.b, _mm256_maddubs_epi16(codes.b, a.b))};
}
/// |code| times the activation with the code's sign: a pair sums to at most 2 * 128 * 127 = 32512, which fits.
LANE __m256i signed_pairs(__m256i stored, __m256i a) {
    __m256i code = _mm256_xor_si256(stored, _mm256_set1_epi8((char)0x80));
    return _mm256_maddubs_epi16(_mm256_abs_epi8(code), _mm256_sign_epi8(a, code));
}
LANE vi dot_bytes(vi sum, vi codes, vi a) {
    return (vi){add_pairs(sum.a, signed_pairs(codes.a, a.a)), add_pairs(sum.b, signed_pairs(codes.b, a.b))};
}
/// Codes are taken less 128 above, so the sum begins at 0.
LANE vi dot_bytes_start(const int32_t *start) {
    (void)start;
    return vi_set1(0);
}
LANE vi low_nibbles(vi x) { return vi_and(x, vi_set1(0x0f0f0f0f)); }
LANE vi high_nibbles(vi x) { return vi_and(vi_shr(x, 4), vi_set1(0x0f0f0f0f)); }

LANE void prefetch(const void *p) { _mm_prefetch((const char *)p, _MM_HINT_T0); }
LANE void prefetch_far(const void *p) { _mm_prefetch((const char *)p, _MM_HINT_T1); }

LANE void transpose8(const float *in, size_t stride, float *out) {
    __m256 r[8], t[8];
    for (size_t i = 0; i < 8; i++) r[i] = _mm256_loadu_ps(in + i * stride);
    for (size_t i = 0; i < 8; i += 4) {
        __m256 a = _mm256_unpacklo_ps(r[i], r[i + 1]), b = _mm256_unpackhi_ps(r[i], r[i + 1]);
        __m256 c = _mm256_unpacklo_ps(r[i + 2], r[i + 3]), d = _mm256_unpackhi_ps(r[i + 2], r[i + 3]);
        t[i] = _mm256_shuffle_ps(a, c, 0x44);
        t[i + 1] = _mm256_shuffle_ps(a, c, 0xee);
        t[i + 2] = _mm256_shuffle_ps(b, d, 0x44);
        t[i + 3] = _mm256_shuffle_ps(b, d, 0xee);
    }
    for (size_t j = 0; j < 4; j++) {
        _mm256_storeu_ps(out + 16 * j, _mm256_permute2f128_ps(t[j], t[4 + j], 0x20));
        _mm256_storeu_ps(out + 16 * (j + 4), _mm256_permute2f128_ps(t[j], t[4 + j], 0x31));
    }
}
LANE void transpose16(const float *in, size_t stride, float *out) {
    for (size_t r = 0; r < 16; r += 8)
        for (size_t c = 0; c < 16; c += 8) transpose8(in + r * stride + c, stride, out + 16 * c + r);
}
