internal import CStoaKernels
internal import StoaCore

/// When a thought ends before all its steps are taken, with what that takes of the model.
struct HaltingRules {
    private let halting: LatentHalting
    private let endOfTurn: Set<TokenID>

    /// Prepares the rules.
    ///
    /// - Parameters:
    ///   - halting: the rules.
    ///   - endOfTurn: the tokens that end a turn.
    init(_ halting: LatentHalting, endOfTurn: Set<TokenID>) {
        self.halting = halting
        self.endOfTurn = endOfTurn
    }

    /// Whether the rules look at the distribution.
    var needsLogits: Bool { halting.entropyBelow != nil || halting.entropyAbove != nil || halting.atEndOfTurn }

    /// Why a state is not fed back, as far as its distribution says.
    func halt(before state: LatentState) -> LatentHalt? {
        guard let distribution = state.distribution else { return nil }
        if let bound = halting.entropyBelow, distribution.entropy < bound { return .entropy }
        if let bound = halting.entropyAbove, distribution.entropy > bound { return .entropy }
        if halting.atEndOfTurn, endOfTurn.contains(distribution.mostProbable) { return .endOfTurn }
        return nil
    }

    /// Why a vector is not fed, given those that were.
    func halt(before vector: [Float], after vectors: [[Float]]) -> LatentHalt? {
        guard let bound = halting.cycleCosine else { return nil }
        return vectors.contains { vector.cosine(with: $0) > bound } ? .cycle : nil
    }
}

extension [Float] {
    /// The Euclidean norm.
    var euclideanNorm: Double {
        withUnsafeBufferPointer { vector in vector.baseAddress.map { Double(stk_norm($0, vector.count)) } ?? 0 }
    }

    /// The cosine of the angle with another vector of the same width; 0 where one of them has no direction.
    func cosine(with other: [Float]) -> Double {
        let product = withUnsafeBufferPointer { first in
            other.withUnsafeBufferPointer { second in
                guard let a = first.baseAddress, let b = second.baseAddress else { return 0.0 }
                return Double(stk_dot(a, b, Swift.min(first.count, second.count)))
            }
        }
        let norms = euclideanNorm * other.euclideanNorm
        return norms > 0 ? product / norms : 0
    }
}
