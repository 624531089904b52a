// Seeded data and bookkeeping of the kernel checks.
#ifndef STOA_KERNEL_CHECKS_SUPPORT_H
#define STOA_KERNEL_CHECKS_SUPPORT_H
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stoa_kernels.h"

extern uint64_t random_state;
extern size_t passed, failed;
extern uint64_t digest; // of every float compared: the same on every machine

static inline uint64_t random_bits(void) {
    uint64_t z = random_state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static inline size_t random_below(size_t n) { return (size_t)(random_bits() % n); }

/// Roughly normal, of the given scale.
static inline float random_float(float scale) {
    float sum = 0;
    for (int i = 0; i < 4; i++) sum += (float)(random_bits() >> 40) * 0x1p-24f - 0.5f;
    return sum * 1.7f * scale;
}

/// Also zeros of both signs, tiny, huge, infinite and NaN values.
static inline float random_any(void) {
    static const float special[] = {0, -0.0f, 1, -1, 65504, 65519, 65520, 1e-8f, -3e-6f, 6.1e-5f, 1e30f, -1e30f,
                                    1e-40f, 3e38f, 88, -88, 104, INFINITY, -INFINITY, NAN, 0.625f, 0.62499f};
    if (random_below(4)) return random_float(4);
    return special[random_below(sizeof special / sizeof *special)];
}

static inline void *allocate(size_t bytes) {
    void *p = aligned_alloc(64, (bytes + 127) / 64 * 64);
    if (!p) abort();
    memset(p, 0x5a, (bytes + 127) / 64 * 64);
    return p;
}

static inline float *random_floats(size_t n, float scale) {
    float *x = allocate(n * sizeof(float));
    for (size_t i = 0; i < n; i++) x[i] = random_float(scale);
    return x;
}

static inline float *any_floats(size_t n) {
    float *x = allocate(n * sizeof(float));
    for (size_t i = 0; i < n; i++) x[i] = random_any();
    return x;
}

static inline void expect(int holds, const char *what, size_t size) {
    if (holds) {
        passed++;
        return;
    }
    failed++;
    if (failed < 40) printf("FAILED %s, size %zu\n", what, size);
}

/// The same bits, or NaN on both sides (whose payload differs between architectures).
static inline int same_floats(const float *a, const float *b, size_t n) {
    for (size_t i = 0; i < n; i++) {
        uint32_t bits = 0x7fc00000;
        if (!isnan(b[i])) memcpy(&bits, b + i, 4);
        digest = (digest ^ bits) * 0x100000001b3u;
        if (isnan(a[i]) && isnan(b[i])) continue;
        if (memcmp(a + i, b + i, sizeof(float))) {
            if (failed < 5) printf("  [%zu] %.9g (%a) != %.9g (%a)\n", i, (double)a[i], (double)a[i], (double)b[i], (double)b[i]);
            return 0;
        }
    }
    return 1;
}

/// A random weight file row-major matrix of `type`: any bits in the codes, sane scales.
void *random_weights(stk_type type, size_t rows, size_t cols, size_t *bytes);
extern const stk_type all_types[13];

void check_rows(stk_isa isa, stk_pool *pool);
void check_products(stk_isa isa, stk_pool *pool);
void check_attention(stk_isa isa, stk_pool *pool);
void check_training(stk_isa isa, stk_pool *pool);
#endif
