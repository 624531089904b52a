#ifndef STOA_KERNELS_H
#define STOA_KERNELS_H
//
// The compute kernels of the engine.
//
// Numeric contract. Every result is a pure function of its inputs: it does not depend on the number of threads, on how
// rows are grouped into calls, or on which instruction set runs it. Each output element has one fixed order of
// operations, written down in scalar C (scalar/) and followed by every vector version bit for bit; multiply-adds are
// fused (fmaf) exactly where the scalar code says so. Reductions over a vector use 16 virtual lanes: lane l sums
// elements l, l+16, l+32, ... in that order, then lanes are combined as a fixed tree (8, 4, 2, 1).
//
// Names: M rows of activations, K width of a row (inputs), N outputs. All matrices are row-major. No pointer may
// alias an output unless said. Sizes may be 0. Float data is 4-byte aligned at least; packed weights 64-byte.
//
#include <stddef.h>
#include <stdint.h>

#include "stoa_quant.h"

#ifdef __cplusplus
extern "C" {
#endif

// --- Instruction sets -----------------------------------------------------------------------------------------------

typedef enum stk_isa { STK_ISA_SCALAR = 0, STK_ISA_AVX2 = 1, STK_ISA_AVX512 = 2, STK_ISA_NEON = 3 } stk_isa;

/// 1 where this CPU and this build can run `isa`.
int stk_isa_available(stk_isa isa);
/// Makes `isa` the path of every later call in the process; 0 and no change where it is not available.
/// Not to be called while kernels run. The initial path is the best available one.
int stk_isa_select(stk_isa isa);
stk_isa stk_isa_current(void);
/// "scalar", "avx2", "avx512" or "neon".
const char *_Nonnull stk_isa_name(stk_isa isa);

// --- Worker threads -------------------------------------------------------------------------------------------------

/// A team of `threads` workers, the calling thread being one of them. One thread at a time may use a pool.
typedef struct stk_pool stk_pool;
stk_pool *_Nullable stk_pool_create(int threads);
void stk_pool_destroy(stk_pool *_Nullable pool);
int stk_pool_threads(const stk_pool *_Nonnull pool);
/// Runs task(context, i) for every i in 0..<count, on all workers, and returns when all are done.
/// Workers spin for a short while between regions and then sleep, so an idle pool costs nothing.
void stk_pool_run(stk_pool *_Nonnull pool, void (*_Nonnull task)(void *_Nullable context, size_t index),
                  void *_Nullable context, size_t count);

// --- Packed weights -------------------------------------------------------------------------------------------------

/// Layouts that the matrix kernels read. Rows are interleaved in panels of 16, so that one vector lane is one output.
/// A weight is  scale * code + minimum  (quantised layouts, computed as one fused multiply-add in `exact`).
typedef enum stk_pack {
    STK_PACK_F32 = 0,
    STK_PACK_F16 = 1,
    STK_PACK_BF16 = 2,
    STK_PACK_Q8 = 3,    // signed 8-bit codes, groups of 32, f16 scale                     (Q8_0)
    STK_PACK_Q4 = 4,    // unsigned 4-bit codes, groups of 32, f16 scale and minimum       (Q4_0, Q4_1)
    STK_PACK_Q5 = 5,    // unsigned 5-bit codes, groups of 32, f16 scale and minimum       (Q5_0, Q5_1)
    STK_PACK_Q4K = 6,   // unsigned 4-bit codes, groups of 32, f32 scale and minimum       (Q4_K)
    STK_PACK_Q8K = 7,   // signed 8-bit codes, groups of 16, f32 scale and minimum         (Q2_K, Q3_K, Q5_K, Q6_K)
} stk_pack;

typedef struct stk_matrix {
    stk_pack pack;
    size_t rows;               // N, outputs
    size_t cols;               // K, inputs; a multiple of 32 (16 for Q8K) for quantised layouts
    // stk_pack_bytes(pack, rows, cols) bytes, 64-byte aligned. Large pages (2 MiB, madvise) let weights stream faster.
    const void *_Nonnull data;
} stk_matrix;

/// The layout for weights stored as `type`; -1 where there is none.
int stk_pack_for_type(stk_type type);
/// Bytes of a packed matrix; rows are padded to a multiple of 16. 0 where the shape does not fit the layout.
size_t stk_pack_bytes(stk_pack pack, size_t rows, size_t cols);
/// Packs panels [first_panel, end_panel) (16 rows each) of a row-major matrix of `type` into `packed` (the start of the
/// whole packed matrix). Output row r is read from source row permutation[r], or r where `permutation` is NULL.
/// Returns the number of blocks that the layout cannot hold, 0 for any sane file: the minimum that Q4_0 and Q5_0 imply
/// (-8 and -16 times the scale) is kept as f16, so a scale above 8188 or 4094, infinite or NaN does not fit. The weights
/// of such a block become NaN.
size_t stk_pack_panels(stk_type type, const void *_Nonnull source, size_t rows, size_t cols,
                     const uint32_t *_Nullable permutation, size_t first_panel, size_t end_panel,
                     void *_Nonnull packed);
/// Writes the `cols` weights of one row as floats: equal to dequantising the source row.
void stk_unpack_row(const stk_matrix *_Nonnull matrix, size_t row, float *_Nonnull out);

// --- Matrix products ------------------------------------------------------------------------------------------------

typedef enum stk_precision {
    STK_EXACT = 0, // fp32 activations, weights dequantised to fp32, fmaf over k in order, in blocks
                   // of 64 that are summed in order, per output
    STK_FAST = 1,  // activations as signed 8-bit codes in groups of 32; integer dot products; groups combined in order.
                   // Float layouts (F32, F16, BF16) are computed as in `exact`.
} stk_precision;

/// M activation rows. `x` is always valid; the other fields are written by stk_quantise and read by STK_FAST products.
typedef struct stk_activations {
    const float *_Nonnull x; // [M, K], row stride `stride` floats
    size_t stride;
    size_t rows;            // M
    size_t cols;            // K
    int8_t *_Nullable codes; // [M, K rounded up to 32]; past K: 0
    float *_Nullable scales; // [M, K / 32 rounded up]      scale of each group: max|x| / 127
    int32_t *_Nullable sums; // [M, 2 * (K / 32 rounded up)] sum of the codes of each half group
} stk_activations;

/// Fills codes, scales and sums from x: codes are round-half-even(x * (127 / max|x|)). A group whose largest magnitude is
/// below 1e-30 has scale 0 and codes 0; one that holds an infinity or NaN has scale NaN, which its products show.
void stk_quantise(stk_pool *_Nonnull pool, stk_activations *_Nonnull activations);

typedef struct stk_product {
    const stk_matrix *_Nonnull w; // [N, K]
    const float *_Nullable bias;  // [N], added after the sum; NULL for none
    float *_Nonnull y;            // [M, N], row stride `stride` floats
    size_t stride;
    int accumulate;               // 1: y += x Wᵀ (+ bias); 0: y = x Wᵀ (+ bias)
} stk_product;

/// Computes several products of the same activations in one parallel region.
void stk_multiply(stk_pool *_Nonnull pool, stk_precision precision, const stk_activations *_Nonnull activations,
                  const stk_product *_Nonnull products, size_t count);

/// A low-rank change of a product, for some of its rows: y += (x Dᵀ) Uᵀ, D being [rank, K] and U [N, rank].
typedef struct stk_low_rank {
    size_t product;             // which of the call's products
    size_t first, rows;         // which rows of x and y
    const float *_Nonnull down; // Dᵀ in panels, [rank / 16][K][16]
    const float *_Nonnull up;   // Uᵀ in panels, [N / 16 rounded up][rank][16]
    size_t rank;                // a multiple of 16
} stk_low_rank;

/// Packs D and U, row-major with `rank` rows and columns, into `down` and `up`. D is multiplied by `scale`; the rank is
/// rounded up to a multiple of 16 with zeros, and so are the outputs.
void stk_pack_low_rank(const float *_Nonnull d, const float *_Nonnull u, size_t rank, size_t cols, size_t outputs,
                       float scale, float *_Nonnull down, float *_Nonnull up);

/// As stk_multiply, with changes that are made to the products as they are computed; in both precisions, they are
/// computed from x in 32 bits. x Dᵀ is one chain of fused multiply-adds from 0 over k in order; the change is one that
/// goes on from y, bias included, over the rank in order. Changes of one product concern different rows. A row that no
/// change concerns has the bits that stk_multiply gives it.
void stk_multiply_changed(stk_pool *_Nonnull pool, stk_precision precision, const stk_activations *_Nonnull activations,
                          const stk_product *_Nonnull products, size_t count, const stk_low_rank *_Nullable changes,
                          size_t change_count);

/// Rows that stk_add_weighted_rows sums at a time.
#define STK_ROW_BLOCK 256

/// out[i] += sum over r in first..<end of weights[i * stride + r] * w[r], for i < m, in double precision: the other way
/// through a matrix than stk_multiply. `out` is [m, K]; `first` is a multiple of STK_ROW_BLOCK, so that a matrix may be
/// done in parts with the same bits. `scratch` has room for (m + 1) * K doubles per block of STK_ROW_BLOCK rows.
void stk_add_weighted_rows(stk_pool *_Nonnull pool, const stk_matrix *_Nonnull w, size_t first, size_t end,
                           const double *_Nonnull weights, size_t stride, size_t m, double *_Nonnull out,
                           double *_Nonnull scratch);

/// out[k] = sum over all rows r of weights[r] * w[r][k], in single precision. Within a block of 2048 rows, lane l sums
/// rows l, l + 16, ... by fmaf in that order, and lanes are combined as a fixed tree; the sums of blocks are added in
/// order in double precision. Weights and rows are finite; panels of 16 rows whose weights are all zero are not read.
/// `out` is [K].
void stk_weighted_sum(stk_pool *_Nonnull pool, const stk_matrix *_Nonnull w, const float *_Nonnull weights,
                      float *_Nonnull out);

// --- Rows -----------------------------------------------------------------------------------------------------------

/// y = x / sqrt(mean(x²) + eps) * weight, for M rows of n; weight NULL means 1. y may be x.
void stk_rms_norm(stk_pool *_Nonnull pool, const float *_Nonnull x, size_t x_stride, const float *_Nullable weight,
                  float eps, size_t m, size_t n, float *_Nonnull y, size_t y_stride);
/// gate = silu(gate) * up, for M rows of n with one stride.
void stk_silu_multiply(stk_pool *_Nonnull pool, float *_Nonnull gate, const float *_Nonnull up, size_t stride, size_t m,
                       size_t n);
/// gate = gelu_tanh(gate) * up, as above.
void stk_gelu_multiply(stk_pool *_Nonnull pool, float *_Nonnull gate, const float *_Nonnull up, size_t stride, size_t m,
                       size_t n);
/// y += x
void stk_add(const float *_Nonnull x, float *_Nonnull y, size_t n);
/// y *= factor
void stk_scale(float factor, float *_Nonnull y, size_t n);
/// y = cap * tanh(y / cap)
void stk_soft_cap(float cap, float *_Nonnull y, size_t n);
/// max(x); -inf for n = 0
float stk_max(const float *_Nonnull x, size_t n);
/// The lowest index of the maximum; 0 for n = 0. NaN never wins.
size_t stk_argmax(const float *_Nonnull x, size_t n);
/// log(sum(exp(x))), computed around the maximum, summed in double precision.
double stk_log_sum_exp(const float *_Nonnull x, size_t n);
/// Sum of x*y in 16 virtual lanes; and the Euclidean norm.
float stk_dot(const float *_Nonnull x, const float *_Nonnull y, size_t n);
float stk_norm(const float *_Nonnull x, size_t n);
/// Conversions, round to nearest even; f16 saturates at ±65504.
void stk_f32_to_f16(const float *_Nonnull x, uint16_t *_Nonnull y, size_t n);
void stk_f16_to_f32(const uint16_t *_Nonnull x, float *_Nonnull y, size_t n);

// --- Rotary positions and attention ---------------------------------------------------------------------------------

/// Rotary factors by position: row p is block[p / 512] + (p % 512) * dims: dims/2 cosines, then dims/2 sines.
/// Element i of a head is paired with element i + dims/2; elements from dims on are not rotated.
typedef struct stk_rope {
    const float *_Nullable const *_Nonnull blocks;
    size_t dims; // 0: no rotation
} stk_rope;

/// Rotates `heads` heads of width head_dim at one position, in place.
void stk_rotate(const stk_rope *_Nonnull rope, int32_t position, float *_Nonnull x, size_t heads, size_t head_dim);

typedef enum stk_kv { STK_KV_F32 = 0, STK_KV_F16 = 1 } stk_kv;

/// A run of consecutive cached rows inside one page.
typedef struct stk_kv_span {
    const uint8_t *_Nonnull page;
    uint32_t slot;  // first slot in the page
    uint32_t start; // logical index of the first row of the span in its sequence
    uint32_t count;
} stk_kv_span;

/// Where a layer's rows lie: key of head h in slot s is at page + k_offset + h * head_stride + s * slot_stride (bytes).
typedef struct stk_attention_layer {
    stk_kv kv;
    size_t heads, kv_heads, head_dim; // heads is a multiple of kv_heads; head_dim of 16, up to 256
    size_t k_offset, v_offset, head_stride, slot_stride;
    float scale;    // applied to q·k
    float soft_cap; // 0: none
    int32_t window; // keys at positions > query position - window are seen; 0: all
    stk_rope rope;  // applied to keys as they are read (keys are cached before rotation); queries arrive rotated
} stk_attention_layer;

/// The new queries of one sequence. Query i is logical row first_row + i; it sees rows 0...first_row + i.
typedef struct stk_attention_queries {
    const stk_kv_span *_Nonnull spans; // cover rows 0..<first_row + count, in order
    size_t span_count;
    const int32_t *_Nonnull positions; // [first_row + count], of every logical row
    size_t first_row, count;
    const float *_Nonnull q;       // [count, heads * head_dim], row stride q_stride floats
    size_t q_stride;
    float *_Nonnull out;           // [count, heads * head_dim], row stride out_stride floats
    size_t out_stride;
    // NULL: a query sees all earlier rows that the window leaves. Otherwise [count, mask_stride], a byte for each logical
    // row: query i sees an earlier row only if its byte is not 0 too. A query always sees its own row.
    const uint8_t *_Nullable mask;
    size_t mask_stride;
} stk_attention_queries;

/// Softmax attention of every query over its own sequence.
/// Rows are taken in partitions of 128 logical rows (0..127, 128..255, ...): each gives a maximum, a sum of exponentials
/// and a weighted sum of values in row order; partitions are combined in order by the same online update whatever the
/// number of queries, so decode, prefill in any chunks and batches give the same bits.
void stk_attend(stk_pool *_Nonnull pool, const stk_attention_layer *_Nonnull layer,
                const stk_attention_queries *_Nonnull sequences, size_t sequence_count);

/// Where attention goes: adds to mass[i * mass_stride + row] the weights, summed over all heads, that query first + i of
/// the sequence gives to each row it sees, for all queries from `first` on. The queries' outputs are not touched.
void stk_attention_mass(stk_pool *_Nonnull pool, const stk_attention_layer *_Nonnull layer,
                        const stk_attention_queries *_Nonnull sequence, size_t first, double *_Nonnull mass,
                        size_t mass_stride);

// --- Measurement ----------------------------------------------------------------------------------------------------

/// Reads `bytes` of memory `repeats` times on all workers and returns the best rate in bytes per second.
double stk_measure_read_bandwidth(stk_pool *_Nonnull pool, size_t bytes, int repeats);

#ifdef __cplusplus
}
#endif
#endif
