package import StoaCore

extension LocalModel {
    /// An answer by greedy decoding, as far as its beginning is not given.
    ///
    /// - Parameters:
    ///   - prompt: what comes before it.
    ///   - given: its first tokens.
    ///   - kept: how many hidden states are kept.
    ///   - cache: what comes before the prompt; nil for nothing.
    ///   - author: who the rows belong to.
    ///   - request: what ends it.
    ///   - onText: is told of text that has become certain; must not wait.
    /// - Returns: the driver that holds the answer, and what it cost.
    /// - Throws: `ModelError`, `SamplingError`, or `CancellationError`.
    func answer(
        _ prompt: [ModelInput], given: [TokenID], keeping kept: Int, from cache: KVCache?, author: String,
        request: GenerationRequest, onText: @escaping @Sendable (String) -> Void
    ) async throws -> SeekAnswer {
        guard request.maximumTokens > 0 else {
            throw ModelError.invalidRequest("--max-tokens: expected at least 1, found \(request.maximumTokens)")
        }
        let shape = weights.configuration
        let driver = try SeekDriver(
            prompt: prompt, given: given, keeping: kept, request: request, tokenizer: tokenizerIfAny(),
            vocabularySize: shape.vocabularySize,
            room: shape.contextLength - Int(cache?.nextPosition ?? 0) - prompt.count, onText: onText)
        let result = try await run(driver, from: cache, author: author, adapter: request.adapter)
        return SeekAnswer(
            text: driver.answer, tokens: driver.tokens, logProbabilities: driver.logProbabilities,
            finish: driver.finish ?? .cancelled, hidden: driver.hidden, usage: driver.usage(of: result.usage))
    }

    /// Takes a step of a search.
    ///
    /// - Parameters:
    ///   - state: where it is.
    ///   - reward: the reward of the present answer.
    ///   - seeking: how steps are taken.
    ///   - stream: where random directions come from.
    /// - Returns: where it is then.
    /// - Throws: `ModelError`, or `CancellationError`.
    func step(
        _ state: SeekState, reward: Double, _ seeking: LatentSeeking, stream: RandomStream
    ) async throws -> SeekState {
        var state = state
        guard reward != 0 else { return state }
        state.step(
            try await slope(of: state.states), reward: reward, learningRate: seeking.learningRate,
            direction: seeking.direction == .random ? stream.child("seek") : nil)
        return state
    }

    /// d log p[argmax] / dz of hidden states, [n][width].
    package func slope(of states: [[Double]]) async throws -> [[Double]] {
        let gradient = HeadGradient(weights: weights, precision: precision, pool: pool)
        var slope: [[Double]] = []
        for first in stride(from: 0, to: states.count, by: HeadGradient.states) {
            slope += try await gradient(states[first..<min(first + HeadGradient.states, states.count)])
        }
        return slope
    }

    /// The most probable token of each hidden state.
    package func tokens(of states: [[Double]]) async throws -> [TokenID] {
        let gradient = HeadGradient(weights: weights, precision: precision, pool: pool)
        var tokens: [TokenID] = []
        for first in stride(from: 0, to: states.count, by: HeadGradient.states) {
            try Task.checkCancellation()
            tokens += try gradient.choose(states[first..<min(first + HeadGradient.states, states.count)])
            await Task.yield()
        }
        return tokens
    }
}

/// An answer of a search.
struct SeekAnswer: Sendable {
    var text: String
    var tokens: [TokenID]
    var logProbabilities: [TokenLogProbability]
    var finish: FinishReason
    /// The hidden states behind its first tokens.
    var hidden: [[Float]]
    var usage: Usage
}
