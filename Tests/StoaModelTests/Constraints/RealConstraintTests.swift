import OrderedCollections
import StoaCore
import StoaText
import Testing

@testable import StoaModel

extension RealModelTests {
    /// Contracts that a small model would not keep by itself.
    @Suite struct RealConstraintTests {
        /// What a judge says.
        static let verdict: JSONValue = [
            "type": "object",
            "properties": [
                "correct": ["type": "boolean"], "answer": ["type": "string", "maxLength": 60],
                "confidence": ["type": "number", "minimum": 0, "maximum": 1],
            ],
            "required": ["correct", "answer", "confidence"], "additionalProperties": false,
        ]
        /// What a teacher makes of a question that was failed.
        static let refinement: JSONValue = [
            "type": "object",
            "properties": [
                "question": ["type": "string", "minLength": 1], "reference_solution": ["type": "string"],
                "reference_answer": ["type": "string", "minLength": 1], "targets": ["type": "string"],
                "difficulty_delta": ["enum": [-1, 0, 1]],
            ],
            "required": ["question", "reference_solution", "reference_answer", "targets", "difficulty_delta"],
        ]

        static func request(_ contract: JSONValue, seed: UInt64, tokens: Int) throws -> ModelRequest {
            var request = ModelRequest(
                messages: [
                    ChatMessage(.system, "You are a teacher of mathematics. You answer in JSON."),
                    ChatMessage(.user, "What is 17 + 25? A pupil said: 17 + 25 = 32, so the answer is 32."),
                ], maximumTokens: tokens, seed: SeedPath(seed: seed), author: "teacher")
            request.sampling.temperature = 1
            request.constraint = .schema(try JSONSchema(contract))
            return request
        }

        @Test(arguments: [(verdict, 72), (refinement, 140)])
        func `contracts are kept at temperature 1, alone and together`(_ contract: JSONValue, _ tokens: Int)
            async throws
        {
            let model = EngineModel(try await RealModel.smollm2.shared(.fast), name: "smollm2")
            let schema = try JSONSchema(contract)
            var replies: [String] = []
            for group in 0..<3 {
                let found = try await withThrowingTaskGroup(of: (UInt64, ModelReply).self) { tasks in
                    for seed in UInt64(group * 4)..<UInt64(group * 4 + 4) {
                        let request = try Self.request(contract, seed: seed, tokens: tokens)
                        tasks.addTask { (seed, try await model.complete(request)) }
                    }
                    return try await tasks.reduce(into: [UInt64: ModelReply]()) { $0[$1.0] = $1.1 }
                }
                for reply in found.values {
                    #expect(schema.problems(of: try JSONParser.parse(reply.text)) == [], "\(reply.text)")
                    #expect(reply.finish == .stop)
                    replies.append(reply.text)
                }
                let seed = UInt64(group * 4)
                let alone = try await model.complete(Self.request(contract, seed: seed, tokens: tokens))
                #expect(alone.text == found[seed]?.text)
                #expect(alone.tokens == found[seed]?.tokens)
            }
            #expect(Set(replies).count > 6)
        }

        /// Prints what masks cost beside decoding; in a debug build, several times what they cost otherwise.
        @Test func `masks cost little beside decoding`() async throws {
            let model = try await RealModel.smollm2.shared(.fast)
            let tokenizer = try await model.tokenizer()
            let engine = EngineModel(model, name: "smollm2")
            let clock = ContinuousClock()
            for (name, contract, tokens) in [("verdict", Self.verdict, 72), ("refinement", Self.refinement, 140)] {
                let constraint = OutputConstraint.schema(try JSONSchema(contract))
                var store: ConstraintStore?
                func program() throws -> ConstraintProgram {
                    try #require(store).program(
                        constraint, tokenizer: tokenizer, vocabularySize: model.information.vocabularySize)
                }
                store = ConstraintStore()
                let compiling = try clock.measure { _ = try program() }
                var (masking, decoding, count) = (Duration.zero, Duration.zero, 0)
                for seed in 0..<6 as Range<UInt64> {
                    var reply: ModelReply?
                    let request = try Self.request(contract, seed: seed, tokens: tokens)
                    decoding += try await clock.measure { reply = try await engine.complete(request) }
                    var guide = try OutputGuide(
                        program(), tokenizer: tokenizer, ends: tokenizer.special.endOfTurn, budget: tokens)
                    for token in try #require(reply).tokens {
                        masking += clock.measure {
                            #expect(guide.mask()[token])
                            guide.append(token)
                        }
                        count += 1
                    }
                }
                print(
                    "constraint \(name): first use \(compiling), mask \(masking / count) a token, \(count) tokens,",
                    "decoding with it \(decoding / count) a token")
                #expect(masking < decoding)
            }
        }
    }
}
