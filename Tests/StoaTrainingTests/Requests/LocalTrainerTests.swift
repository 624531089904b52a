import OrderedCollections
import StoaCore
import StoaModel
import StoaTestKit
import Synchronization
import Testing

@testable import StoaTraining

/// Requests for adapters: the same request, the same adapter.
@Suite struct LocalTrainerTests {
    @Test(arguments: ["fp32", "bf16"]) func `an adapter is a function of the request alone`(_ precision: String)
        async throws
    {
        let tiny = try TinyTraining()
        let examples = TinyTraining.examples(17)
        let request = TinyTraining.request(examples) {
            $0.settings.epochs = 1.6
            $0.settings.precision = precision
        }
        let first = try await tiny.trainer().train(request)
        #expect(first.losses.count == 6)  // 27 visits in steps of 5
        #expect(try tiny.library.adapter(first.adapter).configuration.rank == 4)

        // Neither threads, nor the order of examples, nor what else was trained before.
        let other = try tiny.trainer { $0.threads = 1 }
        _ = try await other.train(TinyTraining.request(TinyTraining.examples(3)) { $0.settings.rank = 20 })
        var shuffled = request
        shuffled.examples.reverse()
        #expect(try await other.train(shuffled).logical == first.logical)

        var seeded = request
        seeded.seed = seeded.seed.child(1)
        #expect(try await other.train(seeded).adapter != first.adapter)
    }

    @Test func `it tells of every step, and of what it took`() async throws {
        let tiny = try TinyTraining()
        let time = ManualTimeSource()
        let told = Mutex<[TrainingProgress]>([])
        let request = TinyTraining.request(TinyTraining.examples(10)) {
            $0.settings.batch = 4
            $0.settings.schedule = "linear"
            $0.settings.warmup = 0
        }
        let reply = try await tiny.trainer(time: time).train(request) { progress in
            told.withLock { $0.append(progress) }
            time.advance(by: .seconds(2))
        }
        let all = told.withLock { $0 }
        #expect(all.map(\.step) == [1, 2, 3] && all.allSatisfy { $0.steps == 3 })
        #expect(all.map(\.loss) == reply.losses)
        for (step, progress) in all.enumerated() {
            #expect(abs(progress.learningRate - 0.01 * Double(3 - step) / 3) < 1e-15)
        }
        #expect(reply.duration == .seconds(6))
        let lengths = request.examples.map { example in
            if case .tokens(let prompt, let completion) = example.chosen { prompt.count + completion.count } else { 0 }
        }
        #expect(reply.tokens == lengths.reduce(0, +))
        #expect(reply.scoredTokens == 20)
        #expect(reply.figures["gradient_norm"] ?? 0 > 0)
        #expect(reply.figures["skipped_steps"] == 0)
    }

    @Test func `long examples are left out and counted, those without weight are not there`() async throws {
        let tiny = try TinyTraining()
        let examples = TinyTraining.examples(12)
        let plain = try await tiny.trainer().train(TinyTraining.request(examples))
        let long = TrainingExample(chosen: .tokens(prompt: Array(repeating: 9, count: 60), completion: [5, 2]))
        var weightless = TinyTraining.examples(1, seed: 9)[0]
        weightless.weight = 0
        let request = TinyTraining.request(examples + [long, weightless]) { $0.settings.maximumTokens = 61 }
        let reply = try await tiny.trainer().train(request)
        #expect(reply.leftOut == 1)
        #expect(reply.adapter == plain.adapter)
        let error = await #expect(throws: TrainingError.self) {
            try await tiny.trainer().train(TinyTraining.request([long]) { $0.settings.maximumTokens = 61 })
        }
        #expect(
            error?.message
                == "training: expected at least one example, found none; 1 of 1 are longer than 61 tokens")
    }

    @Test func `training goes on from an adapter, which has its own rank`() async throws {
        let tiny = try TinyTraining()
        let examples = TinyTraining.examples(20)
        let trainer = try tiny.trainer()
        let first = try await trainer.train(TinyTraining.request(examples) { $0.settings.epochs = 4 })
        let second = try await trainer.train(
            TinyTraining.request(examples) {
                $0.start = first.adapter
                $0.settings.rank = 9
            })
        #expect(try tiny.library.adapter(second.adapter).configuration.rank == 4)
        #expect(second.losses[0] < 0.7 * first.losses[0])
        let error = await #expect(throws: AdapterError.self) {
            try await trainer.train(TinyTraining.request(examples) { $0.start = AdapterReference(.zero) })
        }
        #expect(error?.code == .adapterMissing)
    }

    @Test(arguments: ["dpo", "ipo"]) func `preferences are held to their reference`(_ loss: String) async throws {
        let tiny = try TinyTraining()
        let trainer = try tiny.trainer()
        let examples = TinyTraining.examples(15, pairs: true)
        let reply = try await trainer.train(
            TinyTraining.request(examples, loss: loss) {
                $0.settings.epochs = 4
                $0.settings.warmup = 0
            })
        // At first the policy is its reference.
        #expect(abs(reply.losses[0] - (loss == "dpo" ? 0.6931471805599453 : 25)) < 1e-4)
        #expect(reply.losses[11] < reply.losses[0])
        #expect(reply.figures["accuracy"] ?? 0 > 0.5)
        #expect(reply.figures["margin"] ?? 0 > 0)
        // So it is where both are the same adapter, and not where only one is.
        func begin(_ change: (inout TrainingRequest) -> Void) async throws -> Double {
            try await trainer.train(TinyTraining.request(examples, loss: loss, change)).losses[0]
        }
        let both = try await begin { ($0.start, $0.reference) = (reply.adapter, reply.adapter) }
        #expect(abs(both - reply.losses[0]) < 1e-4)
        #expect(try await begin { $0.start = reply.adapter } < 0.98 * both)
    }

    @Test func `what makes no sense is refused by name`() async throws {
        let tiny = try TinyTraining()
        let trainer = try tiny.trainer()
        let examples = TinyTraining.examples(2)
        func problem(_ change: (inout TrainingRequest) -> Void) async -> String? {
            let request = TinyTraining.request(examples, change)
            let error = await #expect(throws: (any Error).self) { try await trainer.train(request) }
            return (error as? any StoaError)?.message
        }
        #expect(await problem { $0.settings.loss = "ppo" } == "training loss: expected sft, dpo, ipo, found \"ppo\"")
        #expect(await problem { $0.settings.options = ["beta": 1] } == "training loss sft: it has no option \"beta\"")
        #expect(
            await problem { $0.settings.options = ["normalisation": "mean"] }
                == "training loss sft: normalisation: expected weights, count, tokens, found \"mean\"")
        #expect(
            await problem {
                $0.settings.loss = "dpo"
                $0.settings.options = ["label_smoothing": 0.5]
            } == "training loss dpo: label_smoothing: expected a number from 0 to less than 0.5, found 0.5")
        #expect(
            await problem { $0.settings.loss = "ipo" }
                == "training example 0: it has no rejected side, which ipo compares with")
        #expect(
            await problem { $0.examples[1].weight = -1 }
                == "training example 1: expected a weight from 0 on, found -1.0")
        #expect(await problem { $0.settings.epochs = 0 } == "training epochs: expected a number above 0, found 0.0")
        #expect(
            await problem { $0.settings.precision = "fp16" } == "training precision: expected bf16 or fp32, found fp16")
        #expect(
            await problem { $0.settings.schedule = "step" }
                == "training schedule: expected constant, linear, cosine, found \"step\"")
        #expect(
            await problem { $0.settings.targets = ["lm_head"] }?.hasPrefix("training targets: expected q_proj") == true)
        #expect(await problem { $0.settings.rank = 0 } == "adapter rank: expected 1 to 1024, found 0")
        #expect(
            await problem { $0.examples[0].chosen = .tokens(prompt: [1], completion: []) }
                == "training example 0: expected a prompt and a completion, found 1 and 0 tokens")
        #expect(
            await problem { $0.examples[0].chosen = .tokens(prompt: [1], completion: [9999]) }?
                .contains("token 9999 is outside the vocabulary of 96") == true)
    }
}
