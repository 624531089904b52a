// Sixteen lanes in one 512-bit register.
#define LANE static inline __attribute__((always_inline))

typedef __m512 vf;
typedef __m512i vi;
typedef __mmask16 vm;

LANE vf vf_set1(float x) { return _mm512_set1_ps(x); }
LANE vf vf_load(const float *p) { return _mm512_loadu_ps(p); }
LANE void vf_store(float *p, vf x) { _mm512_storeu_ps(p, x); }
LANE vf vf_load_n(const float *p, size_t n) { return _mm512_maskz_loadu_ps((vm)((1u << n) - 1), p); }
LANE void vf_store_n(float *p, vf x, size_t n) { _mm512_mask_storeu_ps(p, (vm)((1u << n) - 1), x); }
LANE vf vf_add(vf a, vf b) { return _mm512_add_ps(a, b); }
LANE vf vf_sub(vf a, vf b) { return _mm512_sub_ps(a, b); }
LANE vf vf_mul(vf a, vf b) { return _mm512_mul_ps(a, b); }
LANE vf vf_div(vf a, vf b) { return _mm512_div_ps(a, b); }
LANE vf vf_fma(vf a, vf b, vf c) { return _mm512_fmadd_ps(a, b, c); }
LANE vf vf_fms(vf a, vf b, vf c) { return _mm512_fmsub_ps(a, b, c); }
LANE vf vf_greater(vf a, vf b) { return _mm512_max_ps(a, b); } // a > b ? a : b
LANE vf vf_lesser(vf a, vf b) { return _mm512_min_ps(a, b); }  // a < b ? a : b
LANE vm vf_lt(vf a, vf b) { return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ); }
LANE vm vf_eq(vf a, vf b) { return _mm512_cmp_ps_mask(a, b, _CMP_EQ_OQ); }
LANE vm vf_nan(vf a) { return _mm512_cmp_ps_mask(a, a, _CMP_UNORD_Q); }
LANE vf vf_select(vm m, vf a, vf b) { return _mm512_mask_blend_ps(m, b, a); } // m ? a : b
LANE vm vm_from_bits(uint16_t bits) { return bits; }
LANE uint16_t vm_bits(vm m) { return m; }

LANE vi vf_as_int(vf x) { return _mm512_castps_si512(x); }
LANE vf vi_as_float(vi x) { return _mm512_castsi512_ps(x); }
LANE vi vi_set1(int32_t x) { return _mm512_set1_epi32(x); }
LANE vi vi_load(const void *p) { return _mm512_loadu_si512(p); }
LANE vi vi_add(vi a, vi b) { return _mm512_add_epi32(a, b); }
LANE vi vi_sub(vi a, vi b) { return _mm512_sub_epi32(a, b); }
LANE vi vi_and(vi a, vi b) { return _mm512_and_si512(a, b); }
LANE vi vi_or(vi a, vi b) { return _mm512_or_si512(a, b); }
LANE vi vi_xor(vi a, vi b) { return _mm512_xor_si512(a, b); }
LANE vi vi_max(vi a, vi b) { return _mm512_max_epi32(a, b); }
#define vi_shl(x, n) _mm512_slli_epi32((x), (n))
#define vi_shr(x, n) _mm512_srli_epi32((x), (n))
LANE vf vi_to_float(vi x) { return _mm512_cvtepi32_ps(x); }
LANE void vi_store_bytes(int8_t *p, vi x) { _mm_storeu_si128((__m128i *)p, _mm512_cvtepi32_epi8(x)); }
LANE int32_t vi_sum(vi x) { return _mm512_reduce_add_epi32(x); } // exact in any order
LANE uint32_t vi_largest(vi x) { return (uint32_t)_mm512_reduce_max_epi32(x); }

LANE vf vf_load_half(const uint16_t *p) { return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)p)); }
LANE void vf_store_half(uint16_t *p, vf x) {
    _mm256_storeu_si256((__m256i *)p, _mm512_cvtps_ph(x, _MM_FROUND_TO_NEAREST_INT));
}
LANE vf vf_load_brain(const uint16_t *p) {
    return vi_as_float(vi_shl(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)p)), 16));
}

/// Lanes combined 8, 4, 2, 1.
LANE float vf_tree_sum(vf x) {
    __m256 a = _mm256_add_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps(x, 1));
    __m128 b = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    b = _mm_add_ps(b, _mm_movehl_ps(b, b));
    return _mm_cvtss_f32(_mm_add_ss(b, _mm_movehdup_ps(b)));
}
LANE float vf_tree_greatest(vf x) {
    __m256 a = _mm256_max_ps(_mm512_extractf32x8_ps(x, 1), _mm512_castps512_ps256(x));
    __m128 b = _mm_max_ps(_mm256_extractf128_ps(a, 1), _mm256_castps256_ps128(a));
    b = _mm_max_ps(_mm_movehl_ps(b, b), b);
    return _mm_cvtss_f32(_mm_max_ss(_mm_movehdup_ps(b), b));
}

typedef struct vd {
    __m512d low, high;
} vd;
LANE vd vd_zero(void) { return (vd){_mm512_setzero_pd(), _mm512_setzero_pd()}; }
LANE vd vd_add_float(vd a, vf x) {
    return (vd){_mm512_add_pd(a.low, _mm512_cvtps_pd(_mm512_castps512_ps256(x))),
                _mm512_add_pd(a.high, _mm512_cvtps_pd(_mm512_extractf32x8_ps(x, 1)))};
}
LANE void vd_store(double *p, vd a) {
    _mm512_storeu_pd(p, a.low);
    _mm512_storeu_pd(p + 8, a.high);
}

// --- Codes: lane r holds four bytes, the codes of row r in four neighbouring columns ---------------------------------

#define FAST_TOKENS 6
#define FAST_PANELS 2
#define DENSE_TOKENS 6
#define DENSE_PANELS 2

/// Four activation codes, in every lane.
LANE vi code_broadcast(const int8_t *p) {
    int32_t four;
    memcpy(&four, p, 4);
    return _mm512_set1_epi32(four);
}
/// sum + the dot product of codes below 32 with activations.
LANE vi dot_small(vi sum, vi codes, vi a) { return _mm512_dpbusd_epi32(sum, codes, a); }
/// The same for codes stored plus 128; the sum begins at dot_bytes_start.
LANE vi dot_bytes(vi sum, vi codes, vi a) { return _mm512_dpbusd_epi32(sum, codes, a); }
LANE vi dot_bytes_start(const int32_t *start) { return _mm512_set1_epi32(*start); }
LANE vi low_nibbles(vi x) { return vi_and(x, vi_set1(0x0f0f0f0f)); }
LANE vi high_nibbles(vi x) { return vi_and(vi_shr(x, 4), vi_set1(0x0f0f0f0f)); }

LANE void prefetch(const void *p) { _mm_prefetch((const char *)p, _MM_HINT_T0); }
LANE void prefetch_far(const void *p) { _mm_prefetch((const char *)p, _MM_HINT_T1); }

/// Rows of 16 floats, `stride` apart, to columns.
LANE void transpose16(const float *in, size_t stride, float *out) {
    __m512 r[16], t[16];
    for (size_t i = 0; i < 16; i++) r[i] = vf_load(in + i * stride);
    for (size_t i = 0; i < 16; i += 4) {
        __m512 a = _mm512_unpacklo_ps(r[i], r[i + 1]), b = _mm512_unpackhi_ps(r[i], r[i + 1]);
        __m512 c = _mm512_unpacklo_ps(r[i + 2], r[i + 3]), d = _mm512_unpackhi_ps(r[i + 2], r[i + 3]);
        t[i] = _mm512_shuffle_ps(a, c, 0x44);
        t[i + 1] = _mm512_shuffle_ps(a, c, 0xee);
        t[i + 2] = _mm512_shuffle_ps(b, d, 0x44);
        t[i + 3] = _mm512_shuffle_ps(b, d, 0xee);
    }
    // t[4q + j], quarter e: rows 4q..4q+3 of column 4e + j.
    for (size_t j = 0; j < 4; j++) {
        __m512 a = _mm512_shuffle_f32x4(t[j], t[4 + j], 0x88), b = _mm512_shuffle_f32x4(t[j], t[4 + j], 0xdd);
        __m512 c = _mm512_shuffle_f32x4(t[8 + j], t[12 + j], 0x88), d = _mm512_shuffle_f32x4(t[8 + j], t[12 + j], 0xdd);
        vf_store(out + 16 * j, _mm512_shuffle_f32x4(a, c, 0x88));
        vf_store(out + 16 * (j + 8), _mm512_shuffle_f32x4(a, c, 0xdd));
        vf_store(out + 16 * (j + 4), _mm512_shuffle_f32x4(b, d, 0x88));
        vf_store(out + 16 * (j + 12), _mm512_shuffle_f32x4(b, d, 0xdd));
    }
}
