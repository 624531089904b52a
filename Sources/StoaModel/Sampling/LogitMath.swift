private import CStoaKernels

/// Reductions over a row of logits, by the engine's kernels.
///
/// Determinism: the order of operations depends on the length of the row only, not on the instruction set.
enum LogitMath {
    /// The largest value; NaN never wins, -infinity for an empty row.
    static func maximum(_ row: UnsafeBufferPointer<Float>) -> Float {
        guard let base = row.baseAddress else { return -.infinity }
        return stk_max(base, row.count)
    }

    /// The lowest index of the largest value; NaN never wins, 0 for an empty row.
    static func argmax(_ row: UnsafeBufferPointer<Float>) -> Int {
        guard let base = row.baseAddress else { return 0 }
        return stk_argmax(base, row.count)
    }

    /// log(sum(exp(x))), computed around the maximum and summed in double precision.
    static func logSumExp(_ row: UnsafeBufferPointer<Float>) -> Double {
        guard let base = row.baseAddress else { return -.infinity }
        return stk_log_sum_exp(base, row.count)
    }

    /// Whether any value is not a number.
    static func containsNaN(_ row: UnsafeBufferPointer<Float>) -> Bool {
        guard let base = row.baseAddress else { return false }
        // A sum of squares is not a number exactly where one of them is not: infinities cannot cancel.
        return stk_dot(base, base, row.count).isNaN
    }
}
