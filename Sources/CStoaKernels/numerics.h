#ifndef STOA_KERNELS_NUMERICS_H
#define STOA_KERNELS_NUMERICS_H
//
// Constants of the elementary functions, shared by scalar and vector code, and scalar half-precision conversions.
// The polynomials are those of the Cephes library (expf, tanhf) and of fdlibm (log), evaluated with fused steps.
//
#include <math.h>
#include <stdint.h>
#include <string.h>

#define STK_EXP_HIGH 88.02f          // above: exp(88.02), which stays finite
#define STK_EXP_LOW -87.3365448f     // below: 0
#define STK_LOG2E 1.44269504f
#define STK_ROUND 12582912.0f        // 1.5 * 2^23: adding it rounds to the nearest integer, kept in the low bits
#define STK_LN2_HIGH 0.693359375f
#define STK_LN2_LOW -2.12194440e-4f
#define STK_EXP_C0 1.9875691500e-4f
#define STK_EXP_C1 1.3981999507e-3f
#define STK_EXP_C2 8.3334519073e-3f
#define STK_EXP_C3 4.1665795894e-2f
#define STK_EXP_C4 1.6666665459e-1f
#define STK_EXP_C5 5.0000001201e-1f

#define STK_TANH_SPLIT 0.625f
#define STK_TANH_C0 -5.70498872745e-3f
#define STK_TANH_C1 2.06390887954e-2f
#define STK_TANH_C2 -5.37397155531e-2f
#define STK_TANH_C3 1.33314422036e-1f
#define STK_TANH_C4 -3.33332819422e-1f

#define STK_GELU_CUBIC 0.044715f
#define STK_GELU_SCALE 1.5957691216f // 2 sqrt(2 / pi)

#define STK_QUANT_FLOOR 1e-30f // groups whose largest magnitude is below count as zero

static inline uint32_t stk_bits(float x) {
    uint32_t b;
    memcpy(&b, &x, 4);
    return b;
}

static inline float stk_float(uint32_t b) {
    float x;
    memcpy(&x, &b, 4);
    return x;
}

static inline float stk_half_to_float(uint16_t h) {
    uint32_t sign = (uint32_t)(h & 0x8000) << 16;
    uint32_t magnitude = h & 0x7fff;
    if (magnitude > 0x7c00) return stk_float(sign | magnitude << 13 | 0x7fc00000); // NaN, made quiet
    if (magnitude == 0x7c00) return stk_float(sign | 0x7f800000);
    if (magnitude >= 0x0400) return stk_float(sign | ((magnitude << 13) + 0x38000000));
    return stk_float(sign | stk_bits((float)magnitude * 0x1p-24f));
}

/// Rounds to nearest even; saturates at 65504; NaN stays NaN.
static inline uint16_t stk_float_to_half(float x) {
    uint32_t bits = stk_bits(x);
    uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
    uint32_t magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) return (uint16_t)(sign | 0x7e00 | (magnitude >> 13 & 0x1ff));
    if (magnitude >= 0x477fe000) return (uint16_t)(sign | 0x7bff);
    if (magnitude < 0x38800000) // subnormal in f16: adding 2^-1 aligns the units with f16's last place
        return (uint16_t)(sign | (stk_bits(stk_float(magnitude) + 0.5f) - 0x3f000000));
    magnitude += 0xfff + (magnitude >> 13 & 1) - 0x38000000;
    return (uint16_t)(sign | magnitude >> 13);
}

static inline float stk_brain_to_float(uint16_t b) { return stk_float((uint32_t)b << 16); }

#endif
