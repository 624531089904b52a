import OrderedCollections
import StoaCore
import StoaTestKit
import StoaText
import Testing

@testable import StoaModel

/// Texts of a random model that keep to a constraint whatever it would rather say.
@Suite struct ConstrainedGenerationTests {
    private static func request(
        _ constraint: OutputConstraint, tokens: Int, seed: Int, temperature: Double = 1
    ) -> GenerationRequest {
        var request = GenerationRequest()
        request.constraint = constraint
        request.maximumTokens = tokens
        request.sampling.temperature = temperature
        request.stream = RandomStream(seed: UInt64(seed))
        return request
    }

    private static func prompt(_ seed: Int) -> [ModelInput] { sampleTokens(4, seed: seed, vocabulary: 96).inputs }

    /// How many generations the large test takes.
    private static let generations = 10_000

    @Test(.timeLimit(.minutes(30))) func `ten thousand texts under random schemas are all valid`() async throws {
        let model = try await TinyChat().engine().model
        var (made, seed, closed) = (0, 0, 0)
        while made < Self.generations {
            seed += 1
            var draw = RandomSchema(seed: 50_000 + seed)
            let document = draw.schema()
            let schema = try JSONSchema(document)
            let constraint = OutputConstraint.schema(schema)
            let tokens = 24 + draw.below(40)
            let first: Generation
            do {
                first = try await model.generate(
                    Self.prompt(seed), request: Self.request(constraint, tokens: tokens, seed: 0))
            } catch is ConstraintError { continue }
            var generations = [first]
            try await withThrowingTaskGroup(of: Generation.self) { group in
                for index in 1..<10 {
                    let request = Self.request(
                        constraint, tokens: tokens, seed: index, temperature: index % 5 == 0 ? 0 : 1)
                    let prompt = Self.prompt(seed)
                    group.addTask { try await model.generate(prompt, request: request) }
                }
                for try await generation in group { generations.append(generation) }
            }
            for generation in generations {
                let value = try? JSONParser.parse(generation.text)
                let problems = value.map { schema.problems(of: $0) }
                #expect(problems == [], "\(document.text)\n\(generation.text)")
                #expect(generation.finish == .stop || generation.finish == .length)
                if generation.tokens.count == tokens { closed += 1 }
            }
            made += generations.count
        }
        // Texts that the budget closed are among them.
        #expect(closed > Self.generations / 50)
    }

    @Test func `a text gets complete within any budget that it fits, and is refused any other`() async throws {
        let model = try await TinyChat().engine().model
        let schema = try JSONSchema([
            "type": "object",
            "properties": ["a": ["type": "array", "items": true], "b": ["type": "string", "minLength": 2]],
            "required": ["a", "b"],
        ])
        let shortest = #"{"a":[],"b":"xx"}"#.utf8.count
        for tokens in 1...shortest + 30 {
            let request = Self.request(.schema(schema), tokens: tokens, seed: tokens)
            do {
                let generation = try await model.generate(Self.prompt(tokens), request: request)
                #expect(tokens >= shortest)
                #expect(generation.tokens.count <= tokens)
                #expect(generation.finish == .stop)
                #expect(schema.accepts(try JSONParser.parse(generation.text)))
            } catch let error as ConstraintError {
                #expect(error == .doesNotFit(needed: shortest, available: tokens))
                #expect(tokens < shortest)
            }
        }
    }

    @Test func `a text gets complete within the context`() async throws {
        let model = try await TinyChat().engine().model
        let prompt = sampleTokens(236, seed: 1, vocabulary: 96).inputs
        let schema = try JSONSchema(["type": "array", "items": ["type": "string"], "minItems": 2])
        for seed in 0..<20 {
            let generation = try await model.generate(
                prompt, request: Self.request(.schema(schema), tokens: 200, seed: seed))
            #expect(schema.accepts(try JSONParser.parse(generation.text)), "\(generation.text)")
        }
    }

    @Test func `choices and expressions are kept to`() async throws {
        let model = try await TinyChat().engine().model
        let texts = ["yes", "no", "not sure", "yesterday"]
        var seen: Set<String> = []
        for seed in 0..<40 {
            let generation = try await model.generate(
                Self.prompt(seed), request: Self.request(.choices(texts), tokens: 9, seed: seed))
            #expect(texts.contains(generation.text), "\(generation.text)")
            seen.insert(generation.text)
            let words = try await model.generate(
                Self.prompt(seed), request: Self.request(.regex(#"[a-z]+( \d{2,3})*\."#), tokens: 16, seed: seed))
            #expect(words.text.wholeMatch(of: /[a-z]+( [0-9]{2,3})*\./) != nil, "\(words.text)")
        }
        #expect(seen.count > 1)
    }

    @Test func `the same seed says the same, alone, in a batch, and with guesses`() async throws {
        let schema = OutputConstraint.schema(try JSONSchema(["type": "array", "items": ["type": "integer"]]))
        let alone = try await TinyChat().engine { $0.drafts = false }.model
        let shared = try await TinyChat().engine().model
        var expected: [[TokenID]] = []
        for seed in 0..<4 {
            expected.append(
                try await alone.generate(Self.prompt(seed), request: Self.request(schema, tokens: 60, seed: seed))
                    .tokens)
        }
        let found = try await withThrowingTaskGroup(of: (Int, [TokenID]).self) { group in
            for seed in 0..<4 {
                let request = Self.request(schema, tokens: 60, seed: seed)
                let prompt = Self.prompt(seed)
                group.addTask { (seed, try await shared.generate(prompt, request: request).tokens) }
            }
            return try await group.reduce(into: [Int: [TokenID]]()) { $0[$1.0] = $1.1 }
        }
        for seed in 0..<4 { #expect(found[seed] == expected[seed]) }
    }

    @Test func `log-probabilities are the model's own`() async throws {
        let model = try await TinyChat().engine(.exact).model
        var request = Self.request(.choices(["abc"]), tokens: 5, seed: 1)
        request.sampling.logProbabilities = 0
        let generation = try await model.generate(Self.prompt(1), request: request)
        #expect(generation.text == "abc")
        // A certain choice is none for the model.
        #expect(generation.logProbabilities.count == 3)
        #expect(generation.logProbabilities.allSatisfy { $0.logProbability < -0.5 })
    }

    @Test func `a complete reply is kept with its last token and the end of the turn`() async throws {
        let model = try await TinyChat().engine().model
        var request = Self.request(.choices(["abc"]), tokens: 5, seed: 1)
        let plain = try await model.generate(Self.prompt(1), request: request)
        #expect(plain.finish == .stop && plain.cache.count == 4 + 2)
        request.feedsEnd = true
        let kept = try await model.generate(Self.prompt(1), request: request)
        #expect(kept.cache.count == 4 + 3 + 1)
        #expect(kept.tokens == plain.tokens)
    }

    @Test func `what excludes a constraint is refused`() async throws {
        let engine = try await TinyChat().engine()
        for change in [{ $0.fence = .strict }, { $0.ignoresEndOfTurn = true }] as [(inout GenerationRequest) -> Void] {
            var request = Self.request(.choices(["a"]), tokens: 5, seed: 1)
            change(&request)
            await #expect(throws: ModelError.self) { try await engine.model.generate(Self.prompt(1), request: request) }
        }
        let reply = try await engine.complete(
            ModelRequest.ask("Which?", tokens: 8) {
                $0.constraint = .choices(["a b", "c d"])
                $0.stop = [" "]
            })
        #expect(["a b", "c d"].contains(reply.text))
    }
}
