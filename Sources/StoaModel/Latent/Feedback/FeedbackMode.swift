internal import StoaCore

/// What becomes of a hidden state before it is fed back; one conforming type per mode, see `LatentFeedback`.
protocol FeedbackMode {
    /// Whether it looks at the distribution.
    var needsLogits: Bool { get }
    /// Whether vectors are their hidden states times a positive number.
    var keepsDirection: Bool { get }

    /// The next input vector, in the scale of effective embeddings.
    ///
    /// - Parameter state: the state that is fed back; with its distribution where that is needed.
    /// - Returns: the vector. [width]
    func vector(for state: LatentState) -> [Float]
}

extension FeedbackMode {
    /// Most modes turn states around.
    var keepsDirection: Bool { false }
}

/// What feedback modes are made of.
struct FeedbackParts {
    var table: EmbeddingTable
    /// The mean norm of the effective embedding's rows.
    var targetNorm: Float
    /// Where random numbers come from; nil for nowhere.
    var stream: RandomStream?

    /// The stream of random feedback, apart from what else a request draws.
    ///
    /// - Parameter mode: what errors call the mode.
    /// - Returns: the stream; the numbers of step s are those at positions from s times the width on.
    /// - Throws: `ModelError` where there is none.
    func noise(for mode: LatentFeedback) throws -> LatentNoise {
        guard let stream else { throw ModelError.noStream(mode.word) }
        return LatentNoise(stream: stream.child("latent noise"))
    }
}

/// Standard normal vectors by step.
///
/// Determinism: a pure function of the stream, the step and the width.
struct LatentNoise {
    let stream: RandomStream

    /// The vector of a step. [width]
    func vector(step: Int, width: Int) -> [Double] {
        let first = UInt64(step) * UInt64(width)
        return (0..<UInt64(width)).map { stream.normal(at: first + $0) }
    }
}
