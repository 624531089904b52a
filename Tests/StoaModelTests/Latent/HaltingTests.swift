import StoaCore
import StoaModel
import StoaText
import StoaTestKit
import Testing

/// When thoughts end early.
@Suite struct HaltingTests {
    private static let prompt = sampleTokens(11, seed: 31, vocabulary: 96)
    private static let steps = 16

    private static func think(
        _ model: LocalModel, _ halting: LatentHalting = LatentHalting(), feedback: LatentFeedback = .identity,
        steps: Int = steps, isTraced: Bool = false
    ) async throws -> LatentThought {
        try await model.think(
            prompt.inputs,
            thinking: Thinking(steps: steps, feedback: feedback, halting: halting, isTraced: isTraced))
    }

    /// Expects a thought to be the beginning of a longer one.
    private static func expect(
        _ thought: LatentThought, endsAfter count: Int, of whole: LatentThought, because halt: LatentHalt,
        on model: LocalModel
    ) async throws {
        #expect(thought.halt == halt)
        #expect(thought.vectors.count == count)
        #expect(thought.states.count == count)
        #expect(sameBits(thought.vectors, whole.vectors[..<count]))
        #expect(thought.cache.count == prompt.count + count)
        #expect(thought.cache.contentHash == (try await think(model, steps: count).cache.contentHash))
        // The state that was not fed any more.
        #expect(thought.hidden == (count < whole.states.count ? whole.states[count] : whole.hidden))
    }

    @Test(arguments: ["llama", "qwen2", "gemma3"])
    func `a state whose entropy is out of bounds is not fed`(_ name: String) async throws {
        let model = try await TinyModel(name: name, usesGGUF: false).load(.fast)
        let whole = try await Self.think(model, isTraced: true)
        let entropies = whole.trace.map(\.entropy)
        #expect(Set(entropies).count > 8)
        for bound in entropies.map({ $0 * 1.000_001 }) {
            let below = try await Self.think(model, LatentHalting(entropyBelow: bound))
            let first = try #require(entropies.firstIndex { $0 < bound })
            try await Self.expect(below, endsAfter: first, of: whole, because: .entropy, on: model)
        }
        for bound in entropies.map({ $0 * 0.999_999 }) {
            let above = try await Self.think(model, LatentHalting(entropyAbove: bound))
            let first = try #require(entropies.firstIndex { $0 > bound })
            try await Self.expect(above, endsAfter: first, of: whole, because: .entropy, on: model)
        }
        let never = try await Self.think(model, LatentHalting(entropyBelow: 0, entropyAbove: 100))
        try await Self.expect(never, endsAfter: Self.steps, of: whole, because: .steps, on: model)
        let least = try #require(entropies.min())
        let most = try #require(entropies.max())
        let equal = try await Self.think(model, LatentHalting(entropyBelow: least, entropyAbove: most))
        try await Self.expect(equal, endsAfter: Self.steps, of: whole, because: .steps, on: model)
    }

    @Test func `the state behind the last step is not looked at`() async throws {
        let model = try await TinyModel(name: "llama", usesGGUF: false).load(.fast)
        let whole = try await Self.think(model, isTraced: true)
        for steps in 0..<4 {
            let bound = whole.trace[..<steps].map(\.entropy).max() ?? -1
            let thought = try await Self.think(model, LatentHalting(entropyAbove: bound), steps: steps)
            try await Self.expect(thought, endsAfter: steps, of: whole, because: .steps, on: model)
        }
    }

    @Test func `a vector that comes back is not fed`() async throws {
        let model = try await TinyModel(name: "llama3-rope", usesGGUF: true).load(.fast)
        let whole = try await Self.think(model)
        let vectors = whole.vectors.map(doubles)
        let cosines = (1..<Self.steps).map { later in
            (0..<later).map { cosine(vectors[later], vectors[$0]) }.max() ?? -1
        }
        #expect(Set(cosines).count == Self.steps - 1)
        for bound in cosines.map({ $0 - 1e-5 }) + [2] {
            let thought = try await Self.think(model, LatentHalting(cycleCosine: bound))
            let first = cosines.firstIndex { $0 > bound }
            try await Self.expect(
                thought, endsAfter: first.map { $0 + 1 } ?? Self.steps, of: whole,
                because: first == nil ? .steps : .cycle,
                on: model)
        }
    }

    @Test func `greedy decoding in circles is a cycle`() async throws {
        let model = try await TinyModel(name: "llama", usesGGUF: false).load(.fast)
        let whole = try await Self.think(model, feedback: .argmax, steps: 120)
        let first = try #require(whole.vectors.indices.first { whole.vectors[..<$0].contains(whole.vectors[$0]) })
        let thought = try await Self.think(
            model, LatentHalting(cycleCosine: 0.999_99), feedback: .argmax, steps: 120)
        #expect(thought.halt == .cycle)
        #expect(thought.vectors.count == first)
    }

    @Test func `a thought ends where the model would end its turn`() async throws {
        let model = try await TinyChat().engine().model
        let end = try await model.tokenizer().special.endOfTurn
        #expect(!end.isEmpty)
        var found = 0
        for token in 3..<96 {
            let prompt = [ModelInput.token(TokenID(Int32(token)))]
            func think(_ halting: LatentHalting, isTraced: Bool = false) async throws -> LatentThought {
                try await model.think(
                    prompt, thinking: Thinking(steps: 12, halting: halting, isTraced: isTraced))
            }
            let tops = try await think(LatentHalting(), isTraced: true).trace.compactMap { $0.lens.first?.id }
            let thought = try await think(LatentHalting(atEndOfTurn: true))
            let first = tops.firstIndex { end.contains($0) }
            #expect(thought.vectors.count == first ?? 12)
            #expect(thought.halt == (first == nil ? .steps : .endOfTurn))
            guard first != nil else { continue }
            found += 1
            // The rules in their order: what the entropy ends, the turn's end does not.
            #expect(try await think(LatentHalting(entropyAbove: 0, atEndOfTurn: true)).halt == .entropy)
        }
        #expect(found > 0)
    }

    @Test func `a model without a vocabulary cannot end a turn`() async throws {
        let tiny = TinyModel(name: "llama", usesGGUF: false)
        let model = try await tiny.load(.fast)
        let error = await #expect(throws: ModelError.self) {
            try await Self.think(model, LatentHalting(atEndOfTurn: true))
        }
        #expect(error?.code == .invalidRequest)
        #expect(
            error?.message
                == "latent halting at the end of a turn: model \(tiny.path) has no tokenizer that says which tokens end it"
        )
    }

    @Test func `a state that holds no numbers is an error, not a thought`() async throws {
        let model = try await TinyModel(name: "llama", usesGGUF: false).load()
        let prompt = [ModelInput.embedding([Float](repeating: .nan, count: 32))]
        for feedback in [LatentFeedback.identity, .argmax, .soft()] {
            let error = await #expect(throws: ModelError.self) {
                try await model.think(prompt, thinking: Thinking(steps: 2, feedback: feedback))
            }
            #expect(error?.code == .brokenState)
            #expect(error?.message.hasPrefix("latent step 1: the ") == true)
        }
    }
}
