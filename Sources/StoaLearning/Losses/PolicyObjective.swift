/// The loss of an update and its derivative with respect to every log-probability.
///
/// Source: SimpleTIR, arXiv:2509.02479, in the form of the paper (`sequenceMean`) or of its code (`tokenMean`).
public struct PolicyObjective: Sendable, Hashable {
    /// How the losses of tokens become one.
    public enum Aggregation: Sendable, Hashable {
        /// The sum over all tokens divided by their number and 1e-8: DAPO's, and that of the released code.
        case tokenMean
        /// The mean over the rows of the means over their tokens: GRPO's, and that of the paper. A row without a token
        /// that counts is no row.
        case sequenceMean
        /// The sum over all tokens divided by the number of rows that count and a length: Dr. GRPO's.
        case fixedLength(Int)
    }

    /// The loss of a token.
    public var loss: ClippedPolicyLoss
    /// How the losses of tokens become one.
    public var aggregation: Aggregation
    /// What the divergence from the reference is multiplied by; 0 for none, as SimpleTIR has it.
    public var klCoefficient: Double
    /// How that divergence is estimated.
    public var kl: KLEstimator
    /// The factor of the whole: the code scales each micro-batch by its share of the mini-batch.
    public var scale: Double

    /// Creates an objective.
    ///
    /// - Parameters:
    ///   - loss: the loss of a token.
    ///   - aggregation: how the losses of tokens become one.
    ///   - klCoefficient: what the divergence from the reference is multiplied by.
    ///   - kl: how that divergence is estimated.
    ///   - scale: the factor of the whole.
    public init(
        loss: ClippedPolicyLoss = ClippedPolicyLoss(), aggregation: Aggregation = .tokenMean, klCoefficient: Double = 0,
        kl: KLEstimator = KLEstimator(), scale: Double = 1
    ) {
        self.loss = loss
        self.aggregation = aggregation
        self.klCoefficient = klCoefficient
        self.kl = kl
        self.scale = scale
    }

    /// What an update comes to.
    public struct Value: Sendable, Hashable {
        /// The loss.
        public var loss: Double
        /// Its derivatives with respect to the log-probabilities of the rows; 0 where a position does not count.
        ///
        /// Shape: as the rows.
        public var derivatives: [[Double]]
        /// How many tokens count.
        public var tokens: Int
        /// Which part of them was clipped; 0 where the policy is the one that sampled.
        public var clippedFraction: Double
        /// The greatest distance of a ratio from 1; 0 where the policy is the one that sampled.
        public var greatestRatioError: Double
        /// The mean estimate of the divergence from the reference; 0 without one.
        public var kl: Double
        /// Whether loss and derivatives are numbers: an update that is not is skipped.
        public var isFinite: Bool {
            loss.isFinite && derivatives.allSatisfy { $0.allSatisfy(\.isFinite) }
        }
    }

    /// Computes the loss of an update.
    ///
    /// Determinism: sums run over rows and positions in order, over those that count; a row that does not count leaves
    /// no trace in any bit of the others.
    ///
    /// - Parameter rows: the rows.
    /// - Returns: the loss and its derivatives.
    /// - Throws: `LearningError.missingValue` where a divergence is wanted of a row without a reference.
    public func value(of rows: [PolicyRow]) throws(LearningError) -> Value {
        let counts = rows.map { $0.mask.count { $0 } }
        let tokens = counts.reduce(0, +)
        var value = Value(
            loss: 0, derivatives: [], tokens: tokens, clippedFraction: 0, greatestRatioError: 0, kl: 0)
        let factors = factors(tokens: counts)
        var clipped = 0
        for (index, row) in rows.enumerated() {
            try requireReference(of: row, index: index)
            let part = self.value(of: row, factor: factors[index])
            if counts[index] > 0 { value.loss += part.loss }
            value.derivatives.append(part.derivatives)
            value.kl += part.kl
            value.greatestRatioError = max(value.greatestRatioError, part.greatestRatioError)
            clipped += part.clipped
        }
        if tokens > 0 {
            value.clippedFraction = Double(clipped) / Double(tokens)
            value.kl /= Double(tokens)
        }
        return value
    }

    // MARK: - Parts

    /// What one row adds to an update.
    public struct RowValue: Sendable, Hashable {
        /// Its part of the loss.
        public var loss: Double
        /// The loss's derivatives with respect to its log-probabilities; 0 where a position does not count.
        ///
        /// Shape: [T].
        public var derivatives: [Double]
        /// How many of its tokens were clipped.
        public var clipped: Int
        /// The greatest distance of a ratio from 1.
        public var greatestRatioError: Double
        /// The sum of the estimates of its tokens' divergence from the reference.
        public var kl: Double
    }

    /// The factor of each row's sum: all that a row has to know of the others.
    ///
    /// - Parameter counts: how many tokens of each row count.
    /// - Returns: a factor for each row.
    public func factors(tokens counts: [Int]) -> [Double] {
        let rows = Double(counts.count { $0 > 0 })
        switch aggregation {
        case .tokenMean:
            let tokens = Double(counts.reduce(0, +))
            return counts.map { _ in scale / (tokens + 1e-8) }
        case .sequenceMean: return counts.map { $0 > 0 ? scale / (rows * Double($0)) : 0 }
        case .fixedLength(let length): return counts.map { $0 > 0 ? scale / (rows * Double(max(1, length))) : 0 }
        }
    }

    /// Checks that a row has what the objective asks of it.
    ///
    /// - Parameters:
    ///   - row: the row.
    ///   - index: its place in the update, for the error.
    /// - Throws: `LearningError.missingValue` where a divergence is wanted of a row without a reference.
    public func requireReference(of row: PolicyRow, index: Int) throws(LearningError) {
        guard klCoefficient != 0, row.reference == nil, row.mask.contains(true) else { return }
        throw .missing(
            "log-probabilities of the reference", in: "row \(index) of an update",
            hint: "give them, or set the coefficient of the divergence to 0")
    }

    /// Computes what one row adds to the loss of its update.
    ///
    /// - Parameters:
    ///   - row: the row, with a reference where a divergence is wanted.
    ///   - factor: its factor, of `factors`.
    /// - Returns: its part.
    public func value(of row: PolicyRow, factor: Double) -> RowValue {
        var value = RowValue(
            loss: 0, derivatives: Array(repeating: 0, count: row.mask.count), clipped: 0, greatestRatioError: 0, kl: 0)
        var sum = 0.0
        for position in row.mask.indices where row.mask[position] {
            let token = loss.value(
                logProbability: row.logProbabilities[position], behaviour: row.behaviour[position],
                advantage: row.advantages[position])
            var (tokenLoss, derivative) = (token.loss, token.derivative)
            if klCoefficient != 0, let reference = row.reference {
                let divergence = kl.value(
                    logProbability: row.logProbabilities[position], reference: reference[position])
                tokenLoss += klCoefficient * divergence.estimate
                derivative += klCoefficient * divergence.derivative
                value.kl += divergence.estimate
            }
            sum += row.weights[position] * tokenLoss
            value.derivatives[position] = factor * (row.weights[position] * derivative)
            if token.isClipped { value.clipped += 1 }
            value.greatestRatioError = max(value.greatestRatioError, abs(token.ratio - 1))
        }
        value.loss = factor * sum
        return value
    }
}
