import CStoaKernels
import StoaCore
import StoaModel
import StoaTestKit
import StoaText
import Testing

/// The engine as agents see it: text in, text out.
@Suite struct EngineModelTests {
    @Test(arguments: Precision.allCases)
    func `equal requests have equal replies whatever runs beside them`(_ precision: Precision) async throws {
        let chat = try TinyChat()
        let requests = (0..<8).map { index in
            ModelRequest.ask(String("What is the answer?".prefix(3 + 2 * index)), seed: UInt64(index), tokens: 40)
        }
        let alone = try await chat.engine(precision)
        var expected: [ModelReply] = []
        for request in requests { expected.append(try await alone.complete(request).logical) }
        #expect(Set(expected.map(\.text)).count > 4)

        // Prefix sharing, too, may change what is computed but not what comes of it.
        let shared = try await chat.engine(precision) { $0.prefixMemory = 64 << 20 }
        for _ in 0..<2 {
            let found = try await withThrowingTaskGroup(of: (Int, ModelReply).self) { group in
                for (index, request) in requests.enumerated() {
                    group.addTask { (index, try await shared.complete(request).logical) }
                }
                return try await group.reduce(into: [Int: ModelReply]()) { $0[$1.0] = $1.1 }
            }
            for (index, reply) in expected.enumerated() { #expect(found[index] == reply, "request \(index)") }
        }
        let occupancy = await shared.model.occupancy
        #expect(Double(occupancy.rows) / Double(occupancy.passes) > 1.5)
    }

    @Test(arguments: 0..<20) func `the pieces of a reply are its text, and the prompt comes first`(_ seed: UInt64)
        async throws
    {
        let model = try await TinyChat().engine()
        let log = ProgressLog()
        let whole = try await model.complete(.ask("hi", seed: seed, tokens: 60)) { log.add($0) }
        #expect(log.all.first == .prefilling)
        #expect(log.all.dropFirst().allSatisfy { if case .text(let piece) = $0 { !piece.isEmpty } else { false } })
        #expect(log.text == whole.text)
        #expect(try await model.model.tokenizer().decode(whole.tokens) == whole.text)

        // The same with every stop string that the text has to offer.
        let characters = Array(whole.text)
        for start in stride(from: 1, to: characters.count - 2, by: 5) {
            let stop = String(characters[start...start + 1])
            let log = ProgressLog()
            let cut = try await model.complete(.ask("hi", seed: seed, tokens: 60) { $0.stop = [stop, "\u{0}"] }) {
                log.add($0)
            }
            #expect(cut.finish == .stopString)
            #expect(!cut.text.contains(stop))
            #expect(whole.text.hasPrefix(cut.text + stop))
            #expect(log.text == cut.text)
        }
    }

    @Test func `every token has its log-probability, asked for or not`() async throws {
        let model = try await TinyChat().engine()
        let plain = try await model.complete(.ask("hi"))
        #expect(!plain.tokens.isEmpty)
        #expect(plain.logProbabilities.map(\.id) == plain.tokens)
        #expect(plain.logProbabilities.allSatisfy { $0.top.isEmpty && $0.logProbability < 0 })
        let detailed = try await model.complete(.ask("hi") { $0.sampling.logProbabilities = 3 })
        #expect(detailed.tokens == plain.tokens)
        #expect(detailed.logProbabilities.allSatisfy { $0.top.count == 3 })
        #expect(detailed.logProbabilities.map(\.logProbability) == plain.logProbabilities.map(\.logProbability))
    }

    @Test func `a reply counts what it cost and how long it took`() async throws {
        let time = ManualTimeSource()
        let model = try await TinyChat().engine(time: time)
        let reply = try await model.complete(.ask("hi", tokens: 5) { $0.sampling.temperature = 0 }) {
            if $0 == .prefilling { time.advance(by: .seconds(3)) }
        }
        #expect(reply.duration == .seconds(3))
        #expect(
            reply.usage == Usage(prefillTokens: reply.promptTokens.count, decodedTokens: reply.tokens.count))
        let thought = try await model.think(.ask("hi"), steps: 4) {
            if $0 == .latentStep(4) { time.advance(by: .seconds(2)) }
        }
        #expect(thought.duration == .seconds(2))
        #expect(thought.promptTokens == reply.promptTokens)
        #expect(thought.usage == Usage(prefillTokens: reply.promptTokens.count, latentSteps: 4))
    }

    @Test func `the length is cut to what the context has room for`() async throws {
        let model = try await TinyChat().engine()
        // Control tokens never come, so that only the room ends the text.
        let reply = try await model.complete(
            .ask("hi", tokens: 100_000) {
                for id in 0..<3 { $0.sampling.logitBias[TokenID(Int32(id))] = -100 }
            })
        #expect(reply.finish == .context)
        #expect(reply.promptTokens.count + reply.tokens.count == 257)
        let short = try await model.complete(.ask("hi", tokens: 2) { $0.sampling.logitBias = [TokenID(50): 100] })
        #expect(short.finish == .length)
        #expect(short.tokens == [TokenID(50), TokenID(50)])
        let ended = try await model.complete(.ask("hi") { $0.sampling.logitBias = [TokenID(2): 100] })
        #expect(ended.finish == .stop)
        #expect(ended.tokens.isEmpty)
        #expect(ended.text.isEmpty)
    }

    @Test func `a model without a vocabulary is found out before the first call`() async throws {
        let tiny = try #require(TinyModel.floats.first)
        let model = EngineModel(try await tiny.load(), name: "mute")
        let error = await #expect(throws: ModelError.self) { try await model.prepare() }
        #expect(error?.message == "model \(tiny.path) has no tokenizer")
        #expect(await #expect(throws: ModelError.self) { try await model.complete(.ask("hi")) } == error)
        let broken = try TinyChat(template: "{% if %}")
        await #expect(throws: TemplateError.self) { try await broken.engine() }
    }

    @Test func `the identity says which model on which kernels`() async throws {
        let model = try await TinyChat().engine()
        let engine = model.model
        #expect(
            model.identity
                == ModelIdentity(
                    name: "tiny", provider: .engine,
                    fingerprint: engine.information.fingerprint.digest.description,
                    kernelPath: String(cString: stk_isa_name(stk_isa_current())), contextLength: 256))
        #expect(model.identity.fingerprint.count == 64)
        #expect(model.concurrency == 8)
        #expect(EngineModel(engine, name: "tiny", fingerprint: "forced").identity.fingerprint == "forced")
        let exact = try await TinyChat().engine(.exact)
        #expect(exact.identity.fingerprint != model.identity.fingerprint)
    }
}
