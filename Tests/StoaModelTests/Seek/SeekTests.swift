import StoaCore
import StoaModel
import StoaTestKit
import StoaText
import Testing

/// Searches on a tiny model: what they must be whatever the weights are.
@Suite struct SeekTests {
    private static let questions = ["hi", "What is the answer?", "x", "Name a river, please."]

    @Test(arguments: Precision.allCases)
    func `without rewards it is the greedy answer`(_ precision: Precision) async throws {
        let model = try await TinyChat().engine(precision)
        for question in Self.questions {
            let request = ModelRequest.ask(question, tokens: 30) {
                // None of it matters to a greedy answer.
                $0.sampling.temperature = 3
                $0.sampling.repetitionPenalty = 1.5
                $0.sampling.logProbabilities = 2
            }
            var greedy = request
            greedy.sampling = SamplingParameters(temperature: 0)
            greedy.sampling.logProbabilities = 2
            let expected = try await model.complete(greedy).logical
            for _ in 0..<2 {
                let log = ProgressLog()
                let found = try await model.seek(request, LatentSeeking(fraction: 0.5)) { log.add($0) }
                #expect(found.logical == expected)
                #expect(log.text == expected.text)
                #expect(log.all.first == .prefilling)
            }
        }
    }

    @Test(arguments: Precision.allCases)
    func `a reward of 0 changes nothing`(_ precision: Precision) async throws {
        let model = try await TinyChat().engine(precision)
        for (index, question) in Self.questions.enumerated() {
            let request = ModelRequest.ask(question, tokens: 20 + index)
            let settings = LatentSeeking(fraction: [0.3, 1][index % 2], learningRate: 0.5)
            let greedy = try await model.seek(request, settings)
            for rewards in [[0], [0, 0, -0.0]] {
                let found = try await model.seek(request, settings.with(rewards))
                #expect(found.words == greedy.words)
            }
            let moved = try await model.seek(request, settings.with([-1, -0.5]))
            #expect(try await model.seek(request, settings.with([0, -1, 0, -0.5, 0])).words == moved.words)
            #expect(moved.tokens != greedy.tokens)
        }
    }

    @Test(arguments: LatentSeeking.Direction.allCases, Precision.allCases)
    func `what is remembered, threads and prefixes change no reply`(
        _ direction: LatentSeeking.Direction, _ precision: Precision
    ) async throws {
        let chat = try TinyChat()
        let settings = LatentSeeking(fraction: 0.4, learningRate: 0.3, direction: direction)
        let rewards: [Double] = [-1, -0.25, 0, -0.75, -1]
        let one = try await chat.engine(precision) { ($0.threads, $0.prefixMemory) = (3, 64 << 20) }
        // More searches at a time than are remembered, so that some are forgotten on the way.
        let requests = (0..<6).map { ModelRequest.ask(Self.questions[$0 % 4], seed: UInt64($0), tokens: 12 + $0) }
        var remembered: [[ModelReply]] = Array(repeating: [], count: requests.count)
        for count in 0...rewards.count {
            for (index, request) in requests.enumerated() {
                let reply = try await one.seek(request, settings.with(Array(rewards.prefix(count))))
                remembered[index].append(reply.logical)
            }
        }
        for (index, request) in requests.enumerated() {
            for count in [0, 1, rewards.count] {
                let fresh = try await chat.engine(precision) { $0.threads = 1 }
                let reply = try await fresh.seek(request, settings.with(Array(rewards.prefix(count))))
                #expect(reply.logical == remembered[index][count], "request \(index), \(count) rewards")
            }
        }
        #expect(Set(remembered.flatMap { $0.map(\.tokens) }).count > 2 * requests.count)
    }

    @Test func `only a random direction depends on the seed`() async throws {
        let model = try await TinyChat().engine()
        func tokens(_ seed: UInt64, _ direction: LatentSeeking.Direction) async throws -> [TokenID] {
            let settings = LatentSeeking(rewards: [-1, -1], fraction: 1, learningRate: 0.3, direction: direction)
            return try await model.seek(.ask("hi", seed: seed), settings).tokens
        }
        #expect(try await tokens(1, .gradient) == tokens(2, .gradient))
        #expect(try await tokens(1, .random) != tokens(2, .random))
    }

    @Test func `the chosen tokens are followed by greedy ones, each with its log-probability`() async throws {
        let model = try await TinyChat().engine(.exact)
        var ends: Set<FinishReason> = []
        for seed in 0..<12 {
            var request = ModelRequest.ask(Self.questions[seed % 4], seed: UInt64(seed), tokens: 25)
            let settings = LatentSeeking(fraction: 0.3, learningRate: 0.4, direction: .random)
            // Every third answer has something in it that would end it.
            let stop = seed % 3 == 0 ? try await model.seek(request, settings).text.dropFirst(4).first : nil
            if let stop { request.stop = [String(stop)] }
            let greedy = try await model.seek(request, settings)
            let moved = try await model.seek(request, settings.with(Array(repeating: -1, count: 1 + seed % 5)))
            ends.insert(moved.finish)
            guard !greedy.tokens.isEmpty, !moved.tokens.isEmpty else { continue }
            let chosen = max(1, Int(0.3 * Double(greedy.tokens.count)))
            let all = moved.promptTokens + moved.tokens
            let scores = try await model.model.score(all, alternatives: 1).tokens.suffix(moved.tokens.count)
            for (index, score) in scores.enumerated() {
                let score = try #require(score)
                #expect(score.logProbability == moved.logProbabilities[index].logProbability)
                #expect(score.id == moved.logProbabilities[index].id)
                if index >= chosen { #expect(score.top.first?.id == score.id) }
            }
            #expect(try await model.model.tokenizer().decode(moved.tokens).hasPrefix(moved.text))
            if moved.finish == .stopString { #expect(!moved.text.contains(try #require(stop))) }
            #expect(
                moved.usage
                    == Usage(
                        prefillTokens: moved.promptTokens.count + min(chosen, 24),
                        decodedTokens: max(0, moved.tokens.count - chosen)))
        }
        #expect(ends.contains(.length) && ends.contains(.stopString))
    }

    @Test func `a token that ends the turn ends the answer, also among the chosen ones`() async throws {
        let model = try await TinyChat().engine()
        let end = try await model.model.tokenizer().special.endOfTurn
        var endsEarly = 0
        for seed in 0..<60 {
            let request = ModelRequest.ask(Self.questions[seed % 4], seed: UInt64(seed), tokens: 12)
            let settings = LatentSeeking(
                rewards: [-1, -1], fraction: 1, learningRate: 1, direction: .random)
            let reply = try await model.seek(request, settings)
            #expect(end.isDisjoint(with: reply.tokens))
            let isEarly = reply.tokens.count < 12
            #expect(reply.finish == (isEarly ? .stop : .length))
            if isEarly { endsEarly += 1 }
            var endless = request
            endless.ignoresEndOfTurn = true
            let all = try await model.seek(endless, settings)
            #expect(all.tokens.count == 12)
            // As many states are moved where the greedy answer has as many tokens.
            let greedy = try await model.seek(request, settings.with([]))
            if greedy.tokens.count == 12 { #expect(all.tokens.starts(with: reply.tokens)) }
        }
        #expect(endsEarly > 0)
    }

    @Test func `an answer fills the context to its end`() async throws {
        let model = try await TinyChat().engine()
        let request = ModelRequest.ask("hi", tokens: 1000) { $0.ignoresEndOfTurn = true }
        for rewards in [[], [-1], [-1, -1, -1]] as [[Double]] {
            let settings = LatentSeeking(rewards: rewards, fraction: 1, learningRate: 0.5)
            let reply = try await model.seek(request, settings)
            #expect(reply.finish == .context)
            #expect(reply.promptTokens.count + reply.tokens.count == 257)
            #expect(reply.logProbabilities.count == reply.tokens.count)
        }
        let short = try await model.seek(.ask("hi", tokens: 1), LatentSeeking(rewards: [-1], fraction: 1))
        #expect(short.tokens.count == 1)
    }

    @Test func `latents before the conversation are in mind`() async throws {
        let model = try await TinyChat().engine()
        let thought = try await model.think(.ask("think"), steps: 3)
        let request = ModelRequest.ask("hi", context: [thought.latent])
        var greedy = request
        greedy.sampling.temperature = 0
        #expect(try await model.seek(request, LatentSeeking()).words == model.complete(greedy).words)
        let moved = try await model.seek(request, LatentSeeking(rewards: [-1], fraction: 1, learningRate: 1))
        let bare = try await model.seek(.ask("hi"), LatentSeeking(rewards: [-1], fraction: 1, learningRate: 1))
        #expect(moved.words != bare.words)
        await model.release(thought.latent)
    }

    @Test func `settings out of range are refused by name`() async throws {
        let model = try await TinyChat().engine()
        let cases: [(LatentSeeking, String)] = [
            (LatentSeeking(rewards: [-1, 0.5]), "reward 2: expected a number of at most 0, found 0.5"),
            (LatentSeeking(rewards: [.nan]), "reward 1: expected a number of at most 0, found nan"),
            (LatentSeeking(rewards: [-.infinity]), "reward 1: expected a number of at most 0, found -inf"),
            (LatentSeeking(fraction: 1.5), "fraction: expected a number from 0 to 1, found 1.5"),
            (LatentSeeking(fraction: .nan), "fraction: expected a number from 0 to 1, found nan"),
            (LatentSeeking(maximumPositions: -1), "maximum_positions: expected at least 0, found -1"),
            (LatentSeeking(learningRate: 0), "learning_rate: expected a number above 0, found 0.0"),
        ]
        for (settings, message) in cases {
            let error = await #expect(throws: ModelError.self) { try await model.seek(.ask("hi"), settings) }
            #expect(error?.message == "latent seeking: \(message)")
            #expect(error?.code == .invalidRequest)
        }
        let kept = await #expect(throws: ModelError.self) {
            try await model.seek(.ask("hi") { $0.keepsLatent = true }, LatentSeeking())
        }
        #expect(kept?.message == "latent seeking: the answer's latent cannot be kept")
        let far = await #expect(throws: ModelError.self) {
            try await model.seek(.ask("hi"), LatentSeeking(rewards: [-1, -1], learningRate: 1e38))
        }
        #expect(far?.code == .brokenState)
    }
}

extension LatentSeeking {
    func with(_ rewards: [Double]) -> LatentSeeking {
        var settings = self
        settings.rewards = rewards
        return settings
    }
}

extension EngineModel {
    func seek(_ request: ModelRequest, _ seeking: LatentSeeking) async throws -> ModelReply {
        try await seek(request, seeking) { _ in }
    }
}

extension ModelReply {
    /// The reply but for what it cost.
    fileprivate var words: ModelReply {
        var reply = logical
        reply.usage = .zero
        return reply
    }
}
