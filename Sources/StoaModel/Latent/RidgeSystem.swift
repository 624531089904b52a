internal import COpenBLAS
internal import StoaCore
internal import StoaTensor

/// The normal equations of a least-squares problem with a ridge, filled block of rows by block of rows.
///
/// Over rows x (predictors) and y (targets) it is the W that minimises `sum ||x W - y||^2 + lambda ||W||_F^2`, which solves
/// `(X^T X + lambda I) W = X^T Y`. Equivalent to the plain least-squares problem of `[X; sqrt(lambda) I]` against `[Y; 0]`.
///
/// Determinism: double precision on one thread; the bits depend on the order and size of the blocks, on the OpenBLAS
/// library and on its core type.
package struct RidgeSystem: Sendable {
    /// What the rows are mapped to.
    package enum Targets: Sendable, Hashable {
        /// Rows of their own, so wide.
        case rows(width: Int)
        /// The predictors, times a factor.
        case scaledPredictors(Double)
    }

    /// Width of the predictors.
    package let width: Int
    private let targets: Targets
    /// X^T X, [width, width], of which the upper triangle is kept.
    private var gram: [Double]
    /// Y^T X, [target width, width]; empty where targets are scaled predictors.
    private var cross: [Double]
    private let blas: OpenBLAS

    /// Width of the targets.
    package var targetWidth: Int {
        switch targets {
        case .rows(let width): width
        case .scaledPredictors: width
        }
    }

    /// Creates a system of no rows.
    ///
    /// - Parameters:
    ///   - width: width of the predictors.
    ///   - targets: what the rows are mapped to.
    ///   - threads: threads that others may use OpenBLAS with, should this be its first use in the process.
    /// - Throws: `LinearAlgebraError` where OpenBLAS is not there.
    package init(width: Int, targets: Targets, threads: Int = 1) throws {
        blas = try OpenBLAS.open(threads: threads)
        self.width = width
        self.targets = targets
        gram = [Double](repeating: 0, count: width * width)
        if case .rows(let targetWidth) = targets {
            cross = [Double](repeating: 0, count: targetWidth * width)
        } else {
            cross = []
        }
    }

    /// Adds rows.
    ///
    /// - Parameters:
    ///   - rows: how many.
    ///   - predictors: [rows, width], row-major.
    ///   - targets: [rows, target width], row-major; not looked at where targets are scaled predictors.
    package mutating func add(rows: Int, predictors: UnsafePointer<Double>, targets: UnsafePointer<Double>?) {
        let (n, m, k) = (Int32(width), Int32(targetWidth), Int32(rows))
        let (order, transposed, plain) = (Int32(STB_ROW_MAJOR), Int32(STB_TRANS), Int32(STB_NO_TRANS))
        blas.onOneThread {
            blas.dsyrk(order, Int32(STB_UPPER), transposed, n, k, 1, predictors, n, 1, &gram, n)
            guard let targets, !cross.isEmpty else { return }
            blas.dgemm(order, transposed, plain, m, n, k, 1, targets, m, predictors, n, 1, &cross, n)
        }
    }

    /// Solves the system by Cholesky decomposition.
    ///
    /// - Parameter lambda: the ridge, above 0 where the predictors may lie in a subspace.
    /// - Returns: W transposed, [target width, width] row-major.
    /// - Throws: `ModelError` where the rows hold what is no number, or leave W undetermined.
    package func solved(lambda: Double) throws -> [Double] {
        var matrix = gram
        for place in 0..<width { matrix[place * width + place] += lambda }
        let right = rightSide
        var solution = right
        var (n, columns, info) = (Int32(width), Int32(targetWidth), Int32(-1))
        // Row-major upper is column-major lower; the right side is transposed, so its rows are LAPACK's columns.
        blas.onOneThread { blas.dposv("L", &n, &columns, &matrix, &n, &solution, &n, &info) }
        guard info == 0, solution.allSatisfy(\.isFinite) else {
            throw ModelError.unsolvableAlignment(
                info == 0 ? "the solution is not finite" : "the matrix is not positive definite at row \(info)")
        }
        let residual = gradientResidual(of: solution, lambda: lambda)
        guard residual < 1e-6 else { throw ModelError.unsolvableAlignment("residual \(residual), expected below 1e-6") }
        return solution
    }

    /// How far W is from the minimum: `||(X^T X + lambda I) W - X^T Y||_F / ||X^T Y||_F`.
    ///
    /// - Parameters:
    ///   - transposed: W transposed, [target width, width] row-major.
    ///   - lambda: the ridge.
    /// - Returns: the relative residual of the gradient.
    package func gradientResidual(of transposed: [Double], lambda: Double) -> Double {
        let right = rightSide
        var residual = right
        var matrix = symmetricGram
        for place in 0..<width { matrix[place * width + place] += lambda }
        let (n, m) = (Int32(width), Int32(targetWidth))
        blas.onOneThread {
            blas.dgemm(
                Int32(STB_ROW_MAJOR), Int32(STB_NO_TRANS), Int32(STB_NO_TRANS), m, n, n, 1, transposed, n, matrix, n,
                -1,
                &residual, n)
        }
        return Self.norm(residual) / max(Self.norm(right), .leastNormalMagnitude)
    }

    /// Y^T X, [target width, width].
    private var rightSide: [Double] {
        guard case .scaledPredictors(let factor) = targets else { return cross }
        return symmetricGram.map { $0 * factor }
    }

    /// X^T X with both triangles.
    private var symmetricGram: [Double] {
        var full = gram
        for row in 0..<width {
            for column in 0..<row { full[row * width + column] = gram[column * width + row] }
        }
        return full
    }

    private static func norm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
}
