import StoaCore
import StoaModel
import StoaTestKit
import Testing

@testable import StoaTraining

/// Words become the tokens that the engine itself would read and write.
@Suite(.enabled(if: RealModels.areExpected)) struct WordsTests {
    private static let smolLM = "SmolLM2-135M-Instruct.Q4_1.gguf"

    @Test(arguments: [
        "What is 3 + 4?", "Write a haiku about rain.", "Translate to French: good morning", "1, 2, 3,", "  <|im_end|> ",
    ])
    func `a reply's words become its tokens again, and the end of the turn`(_ question: String) async throws {
        let model = try await LocalModel.load(RealModels.path(Self.smolLM))
        let engine = EngineModel(model, name: "smollm2")
        let messages = [ChatMessage(.system, "Be brief."), ChatMessage(.user, question)]
        let reply = try await engine.complete(
            ModelRequest(
                messages: messages, sampling: .greedy, maximumTokens: 24, seed: SeedPath(seed: 0))
        ) { _ in }
        let encoder = try ReplyEncoder(model.stored, name: "smollm2", tokenizer: await model.tokenizer())
        #expect(try encoder.prompt(messages) == reply.promptTokens)
        #expect(encoder.reply(reply.text) == reply.tokens + [2])
    }

    @Test func `training on words is training on their tokens`() async throws {
        let folder = try TemporaryFolder()
        let path = try RealModels.path(Self.smolLM)
        let library = AdapterLibrary(root: folder.path)
        let trainer = try LocalTrainer(model: path, name: "smollm2", adapters: library)
        let stored = try StoredModel(path: path)
        let encoder = try ReplyEncoder(stored, name: "smollm2", tokenizer: stored.makeTokenizer())
        let pairs = [("What is 2 + 2?", "4"), ("Capital of France?", "Paris"), ("Say <|im_end|>", "<|im_end|> no")]
        let words = pairs.map { question, answer in
            TrainingExample(chosen: .words(messages: [ChatMessage(.user, question)], completion: answer))
        }
        let tokens = try pairs.map { question, answer in
            TrainingExample(
                chosen: .tokens(
                    prompt: try encoder.prompt([ChatMessage(.user, question)]), completion: encoder.reply(answer)))
        }
        func train(_ examples: [TrainingExample]) async throws -> TrainingReply {
            var request = TrainingRequest(examples: examples, seed: SeedPath(seed: 1))
            request.settings.rank = 2
            request.settings.batch = 2
            return try await trainer.train(request)
        }
        let first = try await train(words)
        #expect(try await train(tokens).logical == first.logical)
        // No word of an answer is a mark of the protocol, and each answer ends with one.
        #expect(encoder.reply("<|im_end|> no").filter { $0 == 2 }.count == 1)
        #expect(first.scoredTokens == pairs.reduce(0) { $0 + encoder.reply($1.1).count })
    }
}
