internal import CStoaKernels
internal import StoaTensor

/// One adapted matrix in a pass: y += u Bᵀ with u = s x Aᵀ.
///
/// With g = s dy B: dx += g A, dA = gᵀ x, dB = dyᵀ u. The thin products are in 32 bits; the wide ones are further terms of
/// the base matrix's own product.
/// Names: M rows, K inputs, N outputs, P padded rank, s scale.
struct LowRankModule {
    let inputs: Int
    let outputs: Int
    let rank: Int
    /// A [P, K] and B [N, P].
    let down: UnsafeMutablePointer<Float>
    let up: UnsafeMutablePointer<Float>
    /// s Aᵀ [K, P] and s B [N, P].
    let scaledDown: UnsafeMutablePointer<Float>
    let scaledUp: UnsafeMutablePointer<Float>
    /// dA [P, K] and dBᵀ [P, N].
    let downGradient: UnsafeMutablePointer<Float>
    let upGradient: UnsafeMutablePointer<Float>

    /// u = s x Aᵀ. [M, P]
    func project(_ x: UnsafePointer<Float>, rows: Int, into u: UnsafeMutablePointer<Float>, pool: KernelPool) {
        stk_train_dense(pool.pointer, rows, inputs, rank, x, inputs, scaledDown, rank, u, rank, 0)
    }

    /// g = s dy B. [M, P]
    func projectBack(_ dy: UnsafePointer<Float>, rows: Int, into g: UnsafeMutablePointer<Float>, pool: KernelPool) {
        stk_train_dense(pool.pointer, rows, outputs, rank, dy, outputs, scaledUp, rank, g, rank, 0)
    }

    /// Adds the gradients of A and B.
    ///
    /// - Parameters:
    ///   - x: the inputs of the matrix. [M, K]
    ///   - u: what `project` gave. [M, P]
    ///   - dy: the gradient of the outputs. [M, N]
    ///   - g: what `projectBack` gave. [M, P]
    ///   - rows: M.
    ///   - turned: room for [P, M].
    ///   - pool: the workers.
    func addGradients(
        x: UnsafePointer<Float>, u: UnsafePointer<Float>, dy: UnsafePointer<Float>, g: UnsafePointer<Float>, rows: Int,
        turned: UnsafeMutablePointer<Float>, pool: KernelPool
    ) {
        stk_train_transpose(pool.pointer, g, rank, rows, rank, turned, rows)
        stk_train_dense(pool.pointer, rank, rows, inputs, turned, rows, x, inputs, downGradient, inputs, 1)
        stk_train_transpose(pool.pointer, u, rank, rows, rank, turned, rows)
        stk_train_dense(pool.pointer, rank, rows, outputs, turned, rows, dy, outputs, upGradient, outputs, 1)
    }

    /// The term of the forward product: u Bᵀ.
    func forwardTerm(_ u: UnsafePointer<Float>) -> ProductTerm {
        ProductTerm(
            x: u, stride: rank, matrix: .floats(up, rows: outputs, columns: rank), isTransposed: true)
    }

    /// The term of the backward product: g A.
    func backwardTerm(_ g: UnsafePointer<Float>) -> ProductTerm {
        ProductTerm(
            x: g, stride: rank, matrix: .floats(down, rows: rank, columns: inputs), isTransposed: false)
    }
}
