import Foundation
import StoaCore
import StoaModel
import StoaTestKit
import Testing

@testable import StoaTraining

@Suite struct CheckpointTests {
    private func trainer(_ change: @Sendable (inout TrainerOptions) -> Void = { _ in }) async throws -> Trainer {
        try await TinyBase(name: "qwen3").trainer(try AdapterConfiguration(rank: 5, alpha: 10)) {
            $0.optimiser.learningRate = 0.01
            $0.schedule = CosineSchedule(warmup: 2)
            $0.totalSteps = 10
            change(&$0)
        }
    }

    private func train(_ trainer: Trainer, steps: Range<Int>) async throws {
        let groups = try TrainingGolden("qwen3").sequences.map { TrainingGroup([$0]) }
        let order = ExampleOrder(seed: 4, count: groups.count)
        for step in steps {
            let batch = order.indices(step: step, size: 2).map { groups[$0] }
            try await trainer.step(batch, objective: LikelihoodObjective.tokenMean(batch))
        }
    }

    @Test func `a run that stopped ends with the same bytes as one that did not`() async throws {
        let folder = try TemporaryFolder()
        let whole = try await trainer()
        try await train(whole, steps: 0..<8)
        let first = try await trainer()
        try await train(first, steps: 0..<3)
        try await first.writeCheckpoint(to: "\(folder.path)/run.safetensors")
        try await train(first, steps: 3..<4)  // is lost
        let second = try await trainer {
            $0.threads = 1; $0.activations = .recompute
        }
        try await second.restoreCheckpoint(from: "\(folder.path)/run.safetensors")
        try await train(second, steps: 3..<8)
        #expect(await second.adapter.digest == whole.adapter.digest)
        try await whole.writeCheckpoint(to: "\(folder.path)/a")
        try await second.writeCheckpoint(to: "\(folder.path)/b")
        #expect(try fileBytes("\(folder.path)/a") == fileBytes("\(folder.path)/b"))
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["a", "b", "run.safetensors"])
    }

    @Test func `damage and other settings are refused, and change nothing`() async throws {
        let folder = try TemporaryFolder()
        let trainer = try await trainer()
        try await train(trainer, steps: 0..<1)
        let path = "\(folder.path)/run.safetensors"
        try await trainer.writeCheckpoint(to: path)
        let bytes = try fileBytes(path)
        let before = await trainer.adapter.digest

        var flipped = bytes
        flipped[bytes.count - 10] ^= 1
        let damaged = try folder.write("damaged", flipped)
        let error = await #expect(throws: TrainingError.self) { try await trainer.restoreCheckpoint(from: damaged) }
        #expect(error?.code == .checkpointMismatch && error?.hint == "the file is damaged")
        let cut = try folder.write("cut", bytes.dropLast(100))
        await #expect(throws: (any Error).self) { try await trainer.restoreCheckpoint(from: cut) }
        #expect(await trainer.adapter.digest == before)

        let other = try await self.trainer { $0.optimiser.learningRate = 0.02 }
        let mismatch = await #expect(throws: TrainingError.self) { try await other.restoreCheckpoint(from: path) }
        #expect(mismatch?.message.contains("\"learning_rate\":0.02") == true)
        try await trainer.restoreCheckpoint(from: path)
    }
}
