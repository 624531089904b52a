internal import CStoaKernels
internal import StoaTensor

/// One summand of a product: x Wᵀ or x W.
struct ProductTerm {
    let x: UnsafePointer<Float>
    let stride: Int
    let matrix: stk_train_matrix
    let isTransposed: Bool
}

/// y = a sum of terms, plus a bias, plus what y holds.
struct MatrixProduct {
    var terms: [ProductTerm]
    var bias: UnsafePointer<Float>?
    var y: UnsafeMutablePointer<Float>
    var outputs: Int
    var accumulates = false
}

extension stk_train_matrix {
    /// A matrix of floats in memory that outlives the product.
    static func floats(_ data: UnsafePointer<Float>, rows: Int, columns: Int) -> stk_train_matrix {
        stk_train_matrix(type: STK_TRAIN_F32, rows: rows, cols: columns, stride: columns, data: UnsafeRawPointer(data))
    }
}

extension KernelPool {
    /// Computes products of the same rows in one parallel region.
    ///
    /// Terms that share x share its preparation, so products of the same inputs belong into one call.
    ///
    /// - Parameters:
    ///   - products: what to compute.
    ///   - rows: rows of every x and y.
    ///   - precision: how factors are rounded.
    func multiply(_ products: [MatrixProduct], rows: Int, precision: MatrixPrecision) {
        let terms = products.flatMap(\.terms).map {
            stk_train_term(x: $0.x, x_stride: $0.stride, w: $0.matrix, transposed: $0.isTransposed ? 1 : 0)
        }
        terms.withUnsafeBufferPointer { terms in
            guard let base = terms.baseAddress else { return }
            var next = 0
            let jobs = products.map { product in
                defer { next += product.terms.count }
                return stk_train_product(
                    terms: base + next, term_count: product.terms.count, bias: product.bias, y: product.y,
                    y_stride: product.outputs, outputs: product.outputs, accumulate: product.accumulates ? 1 : 0)
            }
            stk_train_multiply(pointer, precision.kernelType, rows, jobs, jobs.count)
        }
    }
}
