#ifndef STOA_TRAINING_H
#define STOA_TRAINING_H
//
// The kernels of training: matrix products forwards and backwards, attention with its gradient, and the rows between.
//
// Numeric contract, as in stoa_kernels.h: a result is a pure function of its inputs. It does not depend on the number of
// threads, on which other rows share a call, or on the instruction set. Nothing here is used by inference.
//
// Names: M rows (tokens of all sequences of a batch, one behind the other), K inputs, N outputs. All matrices are
// row-major; strides count elements. No pointer may alias an output unless said.
//
#include <stddef.h>
#include <stdint.h>

#include "stoa_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

// --- Matrix products ------------------------------------------------------------------------------------------------

/// How the factors of a product are rounded before they are multiplied; sums are in 32 bits in both.
typedef enum stk_train_type {
    STK_TRAIN_F32 = 0,
    STK_TRAIN_BF16 = 1, // to nearest even; magnitudes below 2^-126 become 0
} stk_train_type;

typedef struct stk_train_matrix {
    stk_train_type type; // how it is stored: float or uint16_t (the upper half of a float)
    size_t rows, cols, stride;
    const void *_Nonnull data;
} stk_train_matrix;

/// One summand of a product. `transposed` 1: x Wᵀ (depth K = w.cols, N = w.rows); 0: x W (K = w.rows, N = w.cols).
typedef struct stk_train_term {
    const float *_Nonnull x; // [M, K]
    size_t x_stride;
    stk_train_matrix w;
    int transposed;
} stk_train_term;

/// y = x₁ W₁ + x₂ W₂ + ... (+ bias) (+ y).
typedef struct stk_train_product {
    const stk_train_term *_Nonnull terms;
    size_t term_count; // at least 1
    const float *_Nullable bias; // [N]
    float *_Nonnull y;           // [M, N]
    size_t y_stride, outputs;
    int accumulate;
} stk_train_product;

/// The most terms of all products of a call.
#define STK_TRAIN_TERMS 32

/// Computes several products of M rows in one go; terms that share x and x_stride share its preparation.
/// An output is one chain of fused multiply-adds: from y or 0, over the terms in order, over k in order; in BF16, of each
/// pair of columns the second comes first, as the processor's own instruction has it, and an odd last column is paired
/// with 0. The bias is added at the end.
void stk_train_multiply(stk_pool *_Nonnull pool, stk_train_type type, size_t m, const stk_train_product *_Nonnull products,
                        size_t count);

/// out[i, j] (+)= sum over k in order of x[i, k] * w[k, j], in 32 bits, for thin x or thin w: i < rows, j < cols (a
/// multiple of 16), k < depth.
void stk_train_dense(stk_pool *_Nonnull pool, size_t rows, size_t depth, size_t cols, const float *_Nonnull x,
                     size_t x_stride, const float *_Nonnull w, size_t w_stride, float *_Nonnull out, size_t out_stride,
                     int accumulate);

/// out[j, i] = x[i, j]
void stk_train_transpose(stk_pool *_Nonnull pool, const float *_Nonnull x, size_t x_stride, size_t rows, size_t cols,
                         float *_Nonnull out, size_t out_stride);

/// y[i] = x[i] rounded as STK_TRAIN_BF16 says; and back.
void stk_train_to_bf16(stk_pool *_Nonnull pool, const float *_Nonnull x, uint16_t *_Nonnull y, size_t n);
void stk_train_from_bf16(stk_pool *_Nonnull pool, const uint16_t *_Nonnull x, float *_Nonnull y, size_t n);

// --- Rows -----------------------------------------------------------------------------------------------------------

/// The gradient of y = x / sqrt(mean(x²) + eps) * weight: dx += (or =) what dy gives, for M rows of n.
void stk_train_rms_norm_gradient(stk_pool *_Nonnull pool, const float *_Nonnull x, size_t x_stride,
                                 const float *_Nullable weight, float eps, size_t m, size_t n, const float *_Nonnull dy,
                                 size_t dy_stride, float *_Nonnull dx, size_t dx_stride, int accumulate);

typedef enum stk_train_gate { STK_TRAIN_SILU = 0, STK_TRAIN_GELU_TANH = 1 } stk_train_gate;

/// y = f(gate) * up, for n elements.
void stk_train_gate_multiply(stk_pool *_Nonnull pool, stk_train_gate f, const float *_Nonnull gate,
                             const float *_Nonnull up, float *_Nonnull y, size_t n);
/// gate and up become the gradients that dy gives them.
void stk_train_gate_gradient(stk_pool *_Nonnull pool, stk_train_gate f, float *_Nonnull gate, float *_Nonnull up,
                             const float *_Nonnull dy, size_t n);

/// Rotates the heads of M rows in place; row i turns by factors[positions[i] * dims]: dims/2 cosines, then dims/2 sines.
/// `inverse` 1 turns back, which is also the gradient.
void stk_train_rotate(stk_pool *_Nonnull pool, const float *_Nonnull factors, size_t dims,
                      const int32_t *_Nonnull positions, size_t m, float *_Nonnull x, size_t heads, size_t head_dim,
                      int inverse);

/// y += x for n elements, on all workers.
void stk_train_add(stk_pool *_Nonnull pool, const float *_Nonnull x, float *_Nonnull y, size_t n);

// --- Attention ------------------------------------------------------------------------------------------------------

/// Causal attention inside each sequence of a batch. Rows of q, k, v are contiguous: [M, heads * head_dim] and
/// [M, kv_heads * head_dim]; queries and keys are rotated.
typedef struct stk_train_attention {
    size_t heads, kv_heads, head_dim; // head_dim is a multiple of 16
    float scale, soft_cap;            // soft_cap 0: none
    int32_t window;                   // keys less than `window` rows back are seen; 0: all
    const size_t *_Nonnull offsets;   // [sequences + 1]: sequence s has rows offsets[s]..<offsets[s + 1]
    size_t sequences;
    const float *_Nonnull q;
    const float *_Nonnull k;
    const float *_Nonnull v;
} stk_train_attention;

/// out [M, heads * head_dim]; maximum and inverse [M, heads] are what the gradient needs to know of each softmax.
void stk_train_attend(stk_pool *_Nonnull pool, const stk_train_attention *_Nonnull a, float *_Nonnull out,
                      float *_Nonnull maximum, float *_Nonnull inverse);
/// dq, dk, dv are written.
void stk_train_attend_gradient(stk_pool *_Nonnull pool, const stk_train_attention *_Nonnull a,
                               const float *_Nonnull out, const float *_Nonnull maximum, const float *_Nonnull inverse,
                               const float *_Nonnull d_out, float *_Nonnull dq, float *_Nonnull dk, float *_Nonnull dv);

// --- The head -------------------------------------------------------------------------------------------------------

/// A tile of logits: M rows, `count` neighbouring entries of the vocabulary from `first` on.
typedef struct stk_train_logits {
    float *_Nonnull logits; // [M, count]
    size_t stride, m, first, count;
    float soft_cap;                   // 0: none
    const int32_t *_Nonnull targets;  // [M]
} stk_train_logits;

/// Caps the tile, and gives each row's maximum, the sum of exp(logit - maximum) in double precision, and the logit of
/// the target where it lies in the tile (`target` is left alone where not).
void stk_train_logits_measure(stk_pool *_Nonnull pool, const stk_train_logits *_Nonnull t, float *_Nonnull maximum,
                              double *_Nonnull sum, float *_Nonnull target);
/// Makes the tile the gradient with respect to the logits before the cap, of sum over rows of gradient * log p(target):
/// gradient[i] * ([j is the target] - exp(logit - maximum[i]) * inverse[i]). The tile holds logits before the cap.
void stk_train_logits_gradient(stk_pool *_Nonnull pool, const stk_train_logits *_Nonnull t,
                               const float *_Nonnull maximum, const float *_Nonnull inverse,
                               const float *_Nonnull gradient);

// --- The optimiser --------------------------------------------------------------------------------------------------

/// Sum of squares in double precision, in 16 lanes over all n elements; not finite where some element is not.
double stk_train_sum_of_squares(const float *_Nonnull x, size_t n);

typedef struct stk_train_adamw {
    float rate, decay; // decay: what a parameter is multiplied by first, 1 - learning rate * weight decay
    float beta1, beta2, epsilon;
    float inverse_correction2; // 1 / sqrt(1 - beta2^t)
    float step;                // learning rate / (1 - beta1^t)
    float gradient_scale;      // what gradients are multiplied by first: clipping
} stk_train_adamw;

/// One step of AdamW (arXiv:1711.05101) in torch's order of operations.
void stk_train_adamw_step(stk_pool *_Nonnull pool, const stk_train_adamw *_Nonnull o, size_t n,
                          float *_Nonnull parameters, const float *_Nonnull gradients, float *_Nonnull first,
                          float *_Nonnull second);

#ifdef __cplusplus
}
#endif
#endif
