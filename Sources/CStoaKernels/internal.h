#ifndef STOA_KERNELS_INTERNAL_H
#define STOA_KERNELS_INTERNAL_H
//
// What the parts of the kernel library share: the tables of per-ISA functions, and the pool with worker numbers.
// Every table holds the same operations with the same bits; scalar/ is the definition.
//
#include "include/stoa_kernels.h"

#define STK_LANES 16
#define STK_GROUP 32
#define STK_PACK_COUNT 8
#define STK_PARTITION 128
#define STK_MAX_HEAD_DIM 256

// --- Products -------------------------------------------------------------------------------------------------------

/// Bytes of one group of a panel, by layout; the parts lie in the order codes, fifth bits, scales, minima.
enum {
    STK_Q8_BYTES = 512 + 32,       // byte r*4+c of vector j: code (16 rows r) of k = 4j + c, plus 128
    STK_Q4_BYTES = 256 + 32 + 32,  // low nibbles of vector j: k = 4j + c; high nibbles: k = 16 + 4j + c
    STK_Q5_BYTES = 256 + 64 + 64,  // as Q4; bit j of byte r*4+c of the plane is the fifth bit of k = 4j + c
    STK_Q4K_BYTES = 256 + 64 + 64, // as Q4 with f32 scale and minimum
    STK_Q8K_BYTES = 256 + 64 + 64, // as Q8 for 16 columns, with f32 scale and minimum
};

/// Quantised activations with what the products derive from them once per call. Row t of each array is at t * stride.
typedef struct stk_codes {
    size_t rows;
    const int8_t *_Nullable codes;
    size_t code_stride;
    const float *_Nullable scales; // per 32 columns
    size_t scale_stride;
    const float *_Nullable offsets32; // scale * sum of codes, per 32 columns
    const int32_t *_Nullable starts32; // -128 * sum of codes, per 32 columns
    const float *_Nullable offsets16; // the same per 16 columns; stride is twice scale_stride
    const int32_t *_Nullable starts16;
} stk_codes;

/// Where the sums of one or more neighbouring panels go: r = sum; r += bias; accumulate: r = y + r.
typedef struct stk_output {
    float *_Nonnull y; // first row (token), first output of the panel
    size_t stride;
    const float *_Nullable bias; // at the first output of the panel
    int accumulate;
    size_t outputs; // valid outputs, at most 16 per panel
} stk_output;

/// out[t*out_stride + 16p + l] = fmaf(x[t*x_stride + k], w[p*w_panel + k*w_step + l], ...) for k = 0..<depth in order,
/// from 0, or from what out holds where `accumulate`.
typedef struct stk_dense {
    size_t tokens, panels, depth;
    const float *_Nonnull x;
    size_t x_stride;
    const float *_Nonnull w;
    size_t w_step, w_panel;
    float *_Nonnull out;
    size_t out_stride;
    int accumulate;
} stk_dense;

typedef struct stk_product_kernels {
    /// Columns [first, end) of a panel as floats, [k][16]; bounds are multiples of the layout's group.
    void (*_Nonnull unpack[STK_PACK_COUNT])(const uint8_t *_Nonnull panel, size_t first, size_t end,
                                            float *_Nonnull out);
    /// `panels` (1 or 2) panels, `panel_bytes` apart, times all activation rows; NULL for float layouts.
    void (*_Nullable fast[STK_PACK_COUNT])(const stk_codes *_Nonnull a, const uint8_t *_Nonnull w, size_t panel_bytes,
                                           size_t panels, size_t cols, const stk_output *_Nonnull out);
    void (*_Nonnull dense)(const stk_dense *_Nonnull d);
    /// Sums in a tile ([rows][tile_stride]) to the output.
    void (*_Nonnull finish)(const float *_Nonnull tile, size_t tile_stride, size_t rows,
                            const stk_output *_Nonnull out);
} stk_product_kernels;

extern const stk_product_kernels stk_product_kernels_scalar, stk_product_kernels_avx2, stk_product_kernels_avx512,
    stk_product_kernels_neon, stk_product_kernels_neon_dot;

// --- Rows and attention ---------------------------------------------------------------------------------------------

/// A softmax in progress: maximum, sum of exponentials, weighted sum of values.
typedef struct stk_softmax {
    float maximum, sum;
} stk_softmax;

typedef struct stk_row_kernels {
    void (*_Nonnull quantise)(const float *_Nonnull x, size_t cols, int8_t *_Nonnull codes, float *_Nonnull scales,
                              int32_t *_Nonnull sums);
    void (*_Nonnull rms_norm)(const float *_Nonnull x, const float *_Nullable weight, float eps, size_t n,
                              float *_Nonnull y);
    void (*_Nonnull silu_multiply)(float *_Nonnull gate, const float *_Nonnull up, size_t n);
    void (*_Nonnull gelu_multiply)(float *_Nonnull gate, const float *_Nonnull up, size_t n);
    void (*_Nonnull add)(const float *_Nonnull x, float *_Nonnull y, size_t n);
    /// y[i] = fmaf(factors[i % 16], x[i], y[i]); n is a multiple of 16.
    void (*_Nonnull add_products)(const float *_Nonnull factors, const float *_Nonnull x, size_t n, float *_Nonnull y);
    void (*_Nonnull scale)(float factor, float *_Nonnull y, size_t n);
    void (*_Nonnull soft_cap)(float cap, float *_Nonnull y, size_t n);
    float (*_Nonnull max)(const float *_Nonnull x, size_t n);
    /// The first index whose element equals `value`; 0 where there is none.
    size_t (*_Nonnull find)(const float *_Nonnull x, size_t n, float value);
    /// Sum of exp(x - maximum) in 16 double lanes.
    double (*_Nonnull exp_sum)(const float *_Nonnull x, size_t n, float maximum);
    float (*_Nonnull dot)(const float *_Nonnull x, const float *_Nonnull y, size_t n);
    void (*_Nonnull f32_to_f16)(const float *_Nonnull x, uint16_t *_Nonnull y, size_t n);
    void (*_Nonnull f16_to_f32)(const uint16_t *_Nonnull x, float *_Nonnull y, size_t n);
    /// x[i], x[i + half] rotated by cos[i], sin[i].
    void (*_Nonnull rotate)(float *_Nonnull x, const float *_Nonnull cos, const float *_Nonnull sin, size_t half);
    /// n (a multiple of 16) cached elements as floats, the first 2 * half rotated by factors (cosines, then sines).
    void (*_Nonnull load_row)(const void *_Nonnull row, stk_kv kv, const float *_Nullable factors, size_t half,
                              size_t n, float *_Nonnull out);
    /// 16 rows of n (a multiple of 16) floats, `stride` apart, to [n][16].
    void (*_Nonnull transpose)(const float *_Nonnull rows, size_t stride, size_t n, float *_Nonnull out);
    /// Scores (a multiple of 16; bit l of visible[b] is score 16b + l) become exp(s - max) where visible and 0 where
    /// not. At least one score is visible.
    stk_softmax (*_Nonnull softmax)(float *_Nonnull scores, const uint16_t *_Nonnull visible, size_t blocks, float cap);
    /// Adds a partition's part (weighted sum `values`, n of them, a multiple of 16) to what went before.
    void (*_Nonnull combine)(stk_softmax *_Nonnull into, float *_Nonnull sums, const stk_softmax *_Nonnull part,
                             const float *_Nonnull values, size_t n);
    /// 1 where some element is infinite or NaN. n is a multiple of 16.
    int (*_Nonnull has_nonfinite)(const float *_Nonnull x, size_t n);
    /// Exclusive or of all 64-bit words, to measure reading. bytes is a multiple of 64.
    uint64_t (*_Nonnull read)(const void *_Nonnull data, size_t bytes);
} stk_row_kernels;

extern const stk_row_kernels stk_row_kernels_scalar, stk_row_kernels_avx2, stk_row_kernels_avx512, stk_row_kernels_neon;

/// The tables of the selected instruction set.
extern const stk_product_kernels *_Nonnull stk_products;
extern const stk_row_kernels *_Nonnull stk_rows;

// --- Low-rank changes -----------------------------------------------------------------------------------------------

/// The changes of one call. x Dᵀ is cut into parts, which workers take before anything else; who has done a unit of a
/// product waits for the last of them, and changes what it has just written.
typedef struct stk_changes {
    const stk_activations *_Nullable activations;
    const stk_low_rank *_Nullable changes;
    size_t count;
    float *_Nullable inner; // x Dᵀ of each change, one behind the other, [rows, rank]
    size_t parts;           // of x Dᵀ
    _Atomic size_t next, done;
} stk_changes;

/// Floats that `inner` needs.
size_t stk_changes_floats(const stk_changes *_Nonnull c);
/// Parts of x Dᵀ.
size_t stk_changes_parts(const stk_changes *_Nonnull c);
/// Computes parts until none is left to take.
void stk_changes_begin(stk_changes *_Nonnull c);
/// Asks for what changing panels [first, end) of a product will read.
void stk_changes_prefetch(const stk_changes *_Nonnull c, size_t product, size_t first, size_t end);
/// Changes panels [first, end) of a product, all of whose rows are written, once all parts are done.
void stk_changes_apply(stk_changes *_Nonnull c, const stk_product *_Nonnull products, size_t product, size_t first,
                       size_t end);

// --- Layouts --------------------------------------------------------------------------------------------------------

/// Bytes of one panel (16 rows) of a matrix with `cols` columns; 0 where the shape does not fit.
size_t stk_panel_bytes(stk_pack pack, size_t cols);

// --- Pool -----------------------------------------------------------------------------------------------------------

/// As stk_pool_run; the task also gets the number of the worker that runs it. Each worker first takes a contiguous
/// part of the range in order, then helps the others, so that it streams through neighbouring data.
void stk_pool_run_workers(stk_pool *_Nonnull pool,
                          void (*_Nonnull task)(void *_Nullable context, size_t index, int worker),
                          void *_Nullable context, size_t count);
/// Memory of one worker (or, for worker -1, of the calling thread's region), 64-byte aligned, valid until the next call
/// with the same worker. NULL only where memory is out.
void *_Nullable stk_pool_scratch(stk_pool *_Nonnull pool, int worker, size_t bytes);

static inline size_t stk_min(size_t a, size_t b) { return a < b ? a : b; }
static inline size_t stk_round_up(size_t n, size_t to) { return (n + to - 1) / to * to; }

#endif
