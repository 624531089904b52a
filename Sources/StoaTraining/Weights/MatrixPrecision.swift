internal import CStoaKernels

/// How the factors of matrix products are rounded in training; sums are in 32 bits in both.
public enum MatrixPrecision: String, Sendable, Hashable, CaseIterable {
    /// 32 bits: gradients equal the reference library's.
    case float32
    /// 16 bits with the range of 32 (bf16): about twice as fast where the processor has instructions for it, and half the
    /// memory for weights.
    case bfloat16

    var kernelType: stk_train_type { self == .float32 ? STK_TRAIN_F32 : STK_TRAIN_BF16 }
}
