internal import StoaCore
internal import StoaTensor

/// The state that is about to be fed back: what the last input left behind.
///
/// Isolation: valid while the driver looks at it, since hidden state and logits are those of the pass.
struct LatentState {
    /// How many vectors have been fed before.
    var step: Int
    /// The hidden state after the final norm. [width]
    var hidden: UnsafeBufferPointer<Float>
    /// The distribution that it gives; nil where nobody asked for logits.
    var distribution: LatentDistribution?
}

/// The distribution of the next token that a hidden state gives.
///
/// Determinism: sums are made by tasks of a fixed number of tokens and combined in order, so they are independent of the
/// number of threads.
final class LatentDistribution {
    private static let taskTokens = 4096

    private let row: LogitRow
    private let pool: KernelPool

    /// Reads logits; NaN counts as negative infinity.
    ///
    /// - Parameters:
    ///   - logits: the model's logits, which must stay as they are while this is in use.
    ///   - row: working storage.
    ///   - pool: the workers that share sums over the vocabulary.
    init(_ logits: UnsafeBufferPointer<Float>, using row: LogitRow, pool: KernelPool) {
        self.row = row
        self.pool = pool
        row.load(logits)
    }

    /// The logits. [vocabulary]
    var logits: UnsafeBufferPointer<Float> { row.values }

    private lazy var largest = LogitMath.maximum(logits)

    /// Whether there is a distribution at all.
    var isProper: Bool { largest.isFinite }

    /// The most probable token, the lowest id among equals.
    lazy var mostProbable = TokenID(Int32(LogitMath.argmax(logits)))

    /// The entropy in nats: `log sum_i w_i - sum_i w_i x_i / sum_i w_i`, x being the logits below the largest, w their
    /// exponentials.
    lazy var entropy: Double = {
        let (logits, largest) = (logits, Double(largest))
        let sums = sum { tokens in
            var (sum, weighted) = (0.0, 0.0)
            for token in tokens {
                let below = Double(logits[token]) - largest
                let weight = PortableMath.exp(below)
                guard weight > 0 else { continue }
                sum += weight
                weighted += weight * below
            }
            return SIMD2(sum, weighted)
        }
        return max(0, PortableMath.log(sums[0]) - sums[1] / sums[0])
    }()

    /// The probabilities at a temperature, in single precision; those of one that goes to 0 become 1 and 0.
    ///
    /// - Parameter temperature: above 0.
    /// - Returns: one number per token. [vocabulary]
    func probabilities(temperature: Double) -> [Float] {
        let (logits, largest) = (logits, Double(largest))
        return withUnsafeTemporaryAllocation(of: Double.self, capacity: logits.count) { weights in
            let total = sum { tokens in
                var sum = 0.0
                for token in tokens {
                    let weight = PortableMath.exp((Double(logits[token]) - largest) / temperature)
                    weights.initializeElement(at: token, to: weight)
                    sum += weight
                }
                return SIMD2(sum, 0)
            }
            return [Float](unsafeUninitializedCapacity: logits.count) { shares, used in
                for token in 0..<logits.count { shares[token] = Float(weights[token] / total[0]) }
                used = logits.count
            }
        }
    }

    /// The most probable tokens in descending order, with their probabilities.
    func top(_ count: Int) -> [(id: TokenID, probability: Double)] {
        DistributionReport(of: row, alternatives: count).top.map { ($0.id, PortableMath.exp($0.logProbability)) }
    }

    /// Two sums over the vocabulary.
    private func sum(_ part: (Range<Int>) -> SIMD2<Double>) -> SIMD2<Double> {
        let count = logits.count
        let tasks = (count + Self.taskTokens - 1) / Self.taskTokens
        let parts = AlignedBuffer<SIMD2<Double>>(count: tasks)
        pool.run(tasks) { task in
            let first = task * Self.taskTokens
            parts.elements[task] = part(first..<min(first + Self.taskTokens, count))
        }
        return parts.elements.reduce(.zero, +)
    }
}
