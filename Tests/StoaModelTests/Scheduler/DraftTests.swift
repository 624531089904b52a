import StoaCore
import StoaText
import Testing

@testable import StoaModel

/// Guesses that are verified together change how soon tokens come, and nothing else.
@Suite struct DraftTests {
    private struct Seen: Equatable {
        var tokens: [TokenID]
        var logProbabilities: [UInt64]
        var finish: FinishReason
        var usage: Usage
        var cache: String
        var positions: [Int32]
        var segments: [KVCache.Segment]

        init(_ generation: Generation) {
            tokens = generation.tokens
            logProbabilities = generation.logProbabilities.map { $0.logProbability.bitPattern }
            finish = generation.finish
            usage = generation.usage
            cache = generation.cache.contentHash.description
            positions = generation.cache.positions
            segments = generation.cache.segments
        }
    }

    private static func request(_ sampling: SamplingParameters, tokens: Int) -> GenerationRequest {
        var request = GenerationRequest()
        request.sampling = sampling
        request.sampling.logProbabilities = 0
        request.maximumTokens = tokens
        request.ignoresEndOfTurn = true
        request.stream = RandomStream(seed: 5)
        return request
    }

    /// Words that say the same again and again: what guesses are made from.
    private static func repetitive(_ tiny: TinyModel) throws -> [TokenID] {
        let words = Array(try tiny.golden().prompt.prefix(6))
        return words + words + words
    }

    private static func sampled(_ temperature: Double) -> SamplingParameters {
        var sampling = SamplingParameters()
        sampling.temperature = temperature
        return sampling
    }

    @Test(
        arguments: ReproducibilityTests.cases,
        [SamplingParameters.greedy, DraftTests.sampled(0.4), DraftTests.sampled(1)])
    func `a generation is the same with and without`(
        _ subject: (TinyModel, Precision), _ sampling: SamplingParameters
    ) async throws {
        let (tiny, precision) = subject
        let prompt = try Self.repetitive(tiny).inputs
        for count in [1, 2, 3, 17, 60] {
            let plain = try await tiny.load(precision) { $0.drafts = false }
            let drafting = try await tiny.load(precision)
            let request = Self.request(sampling, tokens: count)
            let expected = Seen(try await plain.generate(prompt, request: request))
            #expect(Seen(try await drafting.generate(prompt, request: request)) == expected, "\(count) tokens")
            // And once more, with what is remembered of the first time.
            var again = Seen(try await drafting.generate(prompt, request: request))
            again.usage = expected.usage
            #expect(again == expected, "\(count) tokens, again")
        }
    }

    @Test(arguments: TinyModel.all) func `a text that repeats itself takes fewer passes than tokens`(
        _ tiny: TinyModel
    ) async throws {
        let model = try await tiny.load(.exact)
        let generation = try await model.generate(
            try Self.repetitive(tiny).inputs, request: Self.request(.greedy, tokens: 80))
        #expect(generation.tokens.count == 80)
        // Tokens that stood behind the same words before: random models do not all repeat themselves.
        var lookup = DraftLookup(try Self.repetitive(tiny))
        var repeated = 0
        for token in generation.tokens {
            if lookup.next == token { repeated += 1 }
            lookup.append(token)
        }
        let passes = await model.occupancy.passes
        #expect(passes <= 81 && (repeated < 30 || passes < 81 - repeated / 3), "\(repeated) repeated, \(passes) passes")
    }

    @Test func `sequences that share passes are each as alone`() async throws {
        let tiny = try #require(TinyModel.all.first)
        let prompts = try (0..<6).map { index in
            Array(try Self.repetitive(tiny).dropFirst(index)) + sampleTokens(index, seed: index, vocabulary: 96)
        }
        var expected: [Seen] = []
        for prompt in prompts {
            let alone = try await tiny.load(.fast) { $0.drafts = false }
            expected.append(Seen(try await alone.generate(prompt.inputs, request: Self.request(.greedy, tokens: 40))))
        }
        let model = try await tiny.load(.fast) { $0.prefixMemory = 0 }
        let found = try await withThrowingTaskGroup(of: (Int, Seen).self) { group in
            for (index, prompt) in prompts.enumerated() {
                group.addTask {
                    (index, Seen(try await model.generate(prompt.inputs, request: Self.request(.greedy, tokens: 40))))
                }
            }
            return try await group.reduce(into: [Int: Seen]()) { $0[$1.0] = $1.1 }
        }
        for (index, expected) in expected.enumerated() { #expect(found[index] == expected, "sequence \(index)") }
    }

    @Test func `a stream's reader sees the same events, and never more than may wait`() async throws {
        let tiny = try #require(TinyModel.all.first)
        var request = Self.request(.greedy, tokens: 50)
        request.bufferedEvents = 2
        let model = try await tiny.load(.exact)
        let stream = try await model.stream(try Self.repetitive(tiny).inputs, request: request)
        var tokens: [TokenID] = []
        for try await event in stream { if case .token(let token) = event { tokens.append(token.id) } }
        let plain = try await tiny.load(.exact) { $0.drafts = false }
        let expected = try await plain.generate(try Self.repetitive(tiny).inputs, request: request)
        #expect(tokens == expected.tokens)
    }

    @Test func `the end of the context ends it at the same token`() async throws {
        let tiny = try #require(TinyModel.all.first)
        let plain = try await tiny.load(.exact) { $0.drafts = false }
        let drafting = try await tiny.load(.exact)
        let request = Self.request(.greedy, tokens: 100_000)
        let words = try Self.repetitive(tiny)
        let room = plain.information.contextLength
        let prompt = (0..<room - 30).map { words[$0 % words.count] }.inputs
        let expected = Seen(try await plain.generate(prompt, request: request))
        #expect(expected.finish == .context)
        #expect(Seen(try await drafting.generate(prompt, request: request)) == expected)
    }

    // MARK: - Guessing

    private static func ids(_ numbers: Int...) -> [TokenID] { numbers.map { TokenID(rawValue: Int32($0)) } }

    @Test func `a guess is what stood behind the same words before`() {
        var lookup = DraftLookup(Self.ids(1, 2, 3, 4, 5, 6, 1, 2, 3))
        #expect(lookup.draft(most: 7) == Self.ids(4, 5))
        lookup.note(accepted: 2, of: 2)
        for token in Self.ids(4, 5) { lookup.append(token) }
        #expect(lookup.draft(most: 7) == Self.ids(6, 1, 2, 3))
        #expect(lookup.draft(most: 0).isEmpty)
    }

    @Test func `what repeats with a short period is guessed beyond its end`() {
        var lookup = DraftLookup(Self.ids(7, 8, 7, 8, 7, 8))
        lookup.note(accepted: 2, of: 2)
        #expect(lookup.draft(most: 7) == Self.ids(7, 8, 7, 8))
    }

    @Test func `new words give no guess, and guesses that fail pause longer and longer`() {
        var lookup = DraftLookup(Self.ids(1, 2, 3, 4))
        #expect(lookup.draft(most: 7).isEmpty)
        lookup = DraftLookup(Self.ids(1, 2, 3, 4, 1, 2, 3))
        func passesUntilNextGuess() -> Int {
            var passes = 0
            while lookup.draft(most: 7).isEmpty, passes < 1000 { passes += 1 }
            return passes
        }
        var pauses: [Int] = []
        for _ in 0..<6 {
            for _ in 0..<2 { lookup.note(accepted: 0, of: 2) }
            pauses.append(passesUntilNextGuess())
        }
        #expect(pauses == [8, 16, 32, 64, 64, 64])
    }
}
