/// Supervised training: minus the log-probability of what was to be said.
///
///     loss = - sum over sequences of w * (sum over tokens of logp) / norm
///
/// Plain training is all weights 1; weighted training gives each sequence the utility it has; a critique is trained on
/// like any other sequence, with a mask on its tokens only: `SupervisedSample.critique`.
///
/// Determinism: sums run over sequences and tokens in order.
///
/// Source: weighted training, Socratic-Zero, arXiv:2509.24726, E[U * -logp]; critiques, arXiv:2506.03295.
public struct LikelihoodLoss: Sendable, Hashable {
    /// What the sum is divided by.
    public enum Norm: String, Sendable, Hashable, CaseIterable {
        /// The sum of the weights: the mean over sequences where all weights are equal.
        case weights
        /// The number of sequences, those without weight included, as in the paper.
        case count
        /// The number of tokens of the sequences that have weight: what trainers of language models report.
        case tokens
    }

    /// What the sum is divided by.
    public var norm: Norm

    /// Creates a loss.
    ///
    /// - Parameter norm: what the sum is divided by.
    public init(norm: Norm = .weights) { self.norm = norm }

    /// A sequence of a batch.
    public struct Sequence: Sendable, Hashable {
        /// The log-probabilities of its tokens under the policy that is trained.
        ///
        /// Shape: [T].
        public var logProbabilities: [Double]
        /// Which of them count.
        ///
        /// Shape: [T].
        public var mask: [Bool]
        /// How much it counts: 0 or more.
        public var weight: Double

        /// Describes a sequence.
        ///
        /// - Parameters:
        ///   - logProbabilities: the log-probabilities of its tokens.
        ///   - mask: which of them count.
        ///   - weight: how much it counts.
        public init(logProbabilities: [Double], mask: [Bool], weight: Double = 1) {
            self.logProbabilities = logProbabilities
            self.mask = mask
            self.weight = weight
        }
    }

    /// What a batch comes to.
    public struct Value: Sendable, Hashable {
        /// The loss.
        public var loss: Double
        /// Its derivatives with respect to the log-probabilities of the sequences; 0 where a token does not count.
        public var derivatives: [[Double]]
    }

    /// Computes the loss of a batch.
    ///
    /// A sequence without weight is absent, whatever its log-probabilities are.
    ///
    /// - Parameter batch: the sequences.
    /// - Returns: the loss and its derivatives; nothing for a batch in which nothing counts.
    /// - Throws: `LearningError` where a mask has another length than its sequence, or a weight is negative.
    public func value(of batch: [Sequence]) throws(LearningError) -> Value {
        for (index, sequence) in batch.enumerated() {
            guard sequence.mask.count == sequence.logProbabilities.count else {
                throw .lengthMismatch(
                    "log-probabilities", in: "sequence \(index) of a batch", expected: sequence.mask.count,
                    found: sequence.logProbabilities.count)
            }
            guard sequence.weight >= 0 else {
                throw LearningError(
                    .invalidSetting,
                    "sequence \(index) of a batch: expected a weight of 0 or more, found \(sequence.weight)")
            }
        }
        let divisor = divisor(of: batch.map { ($0.weight, $0.mask.count { $0 }) })
        var value = Value(loss: 0, derivatives: [])
        for sequence in batch {
            let part = self.value(of: sequence, divisor: divisor)
            value.loss += part.loss
            value.derivatives.append(part.derivatives)
        }
        return value
    }

    // MARK: - Parts

    /// What the sum over a batch is divided by: all that a sequence has to know of the others.
    ///
    /// - Parameter batch: the weight of each sequence, and how many of its tokens count.
    /// - Returns: 0 for a batch in which nothing counts.
    public func divisor(of batch: [(weight: Double, tokens: Int)]) -> Double {
        switch norm {
        case .weights: batch.reduce(0) { $0 + $1.weight }
        case .count: Double(batch.count)
        case .tokens: Double(batch.reduce(0) { $0 + ($1.weight > 0 ? $1.tokens : 0) })
        }
    }

    /// Computes what one sequence adds to the loss of its batch.
    ///
    /// - Parameters:
    ///   - sequence: the sequence, its mask as long as it is and its weight not negative.
    ///   - divisor: the batch's `divisor`.
    /// - Returns: its part of the loss, and the loss's derivatives with respect to its log-probabilities.
    public func value(of sequence: Sequence, divisor: Double) -> (loss: Double, derivatives: [Double]) {
        guard sequence.weight > 0, divisor > 0 else { return (0, sequence.mask.map { _ in 0 }) }
        let factor = -sequence.weight / divisor
        var sum = 0.0
        for position in sequence.mask.indices where sequence.mask[position] {
            sum += sequence.logProbabilities[position]
        }
        return (factor * sum, sequence.mask.map { $0 ? factor : 0 })
    }
}
