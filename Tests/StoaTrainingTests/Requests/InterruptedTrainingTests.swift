import Foundation
import StoaCore
import StoaModel
import StoaTestKit
import Synchronization
import Testing

@testable import StoaTraining

/// Trainings that end before they are done, and go on.
@Suite struct InterruptedTrainingTests {
    private func files(_ folder: String) -> [String] {
        (try? FileManager.default.subpathsOfDirectory(atPath: folder).sorted()) ?? []
    }

    /// Trains until a step, and is cancelled there.
    private func interrupt(_ trainer: LocalTrainer, _ request: TrainingRequest, at step: Int) async throws {
        await #expect(throws: CancellationError.self) {
            try await trainer.train(request) { progress in
                if progress.step == step { withUnsafeCurrentTask { $0?.cancel() } }
            }
        }
    }

    @Test(arguments: ["sft", "dpo"], [1, 3, 7]) func `interrupted anywhere it ends with the same bits`(
        _ loss: String, _ step: Int
    ) async throws {
        let tiny = try TinyTraining()
        let request = TinyTraining.request(TinyTraining.examples(16, pairs: true), loss: loss) {
            $0.settings.epochs = 2.5
        }
        let whole = try await tiny.trainer().train(request)
        #expect(whole.losses.count == 8)
        // A task of its own: it is cancelled from inside.
        try await Task { try await interrupt(trainer(tiny), request, at: step) }.value
        #expect(files(tiny.checkpoints).count == 2)
        // Another thread count, and a second interruption.
        let second = try trainer(tiny) { $0.threads = 1 }
        if step < 7 { try await Task { try await interrupt(second, request, at: step + 1) }.value }
        let steps = Mutex<[Int]>([])
        let reply = try await second.train(request) { progress in steps.withLock { $0.append(progress.step) } }
        #expect(steps.withLock { $0.first } == (step < 7 ? step + 2 : 8))
        #expect(reply.logical == whole.logical)
        #expect(files(tiny.checkpoints).isEmpty)
    }

    private func trainer(
        _ tiny: TinyTraining, _ change: (inout LocalTrainer.Options) -> Void = { _ in }
    ) throws -> LocalTrainer {
        try tiny.trainer {
            $0.checkpointFolder = tiny.checkpoints
            change(&$0)
        }
    }

    @Test func `checkpoints come as often as asked for, and other requests leave them alone`() async throws {
        let tiny = try TinyTraining()
        let time = ManualTimeSource()
        let examples = TinyTraining.examples(20)
        let counts = Mutex<[Int]>([])
        let trainer = try tiny.trainer(time: time) {
            $0.checkpointFolder = tiny.checkpoints
            $0.checkpointInterval = .seconds(10)
        }
        let request = TinyTraining.request(examples)
        let whole = try await trainer.train(request) { _ in
            counts.withLock { $0.append(files(tiny.checkpoints).count) }
            time.advance(by: .seconds(6))
        }
        #expect(counts.withLock { $0 } == [0, 0, 2, 2])
        #expect(files(tiny.checkpoints).isEmpty)

        try await Task { try await interrupt(trainer, request, at: 2) }.value
        let left = files(tiny.checkpoints)
        #expect(left.count == 2)
        _ = try await trainer.train(TinyTraining.request(examples) { $0.settings.batch = 7 })
        #expect(files(tiny.checkpoints) == left)
        // What is damaged costs time, nothing else.
        let path = "\(tiny.checkpoints)/\(try #require(left.last))"
        var bytes = try fileBytes(path)
        bytes[bytes.count - 5] ^= 1
        try Data(bytes).write(to: URL(filePath: path))
        #expect(try await trainer.train(request).logical == whole.logical)
        #expect(files(tiny.checkpoints).isEmpty)
    }

    @Test func `several callers are served one after the other, and a cancelled one leaves the queue`() async throws {
        let tiny = try TinyTraining()
        let trainer = try tiny.trainer()
        let requests = (0..<4).map { index in TinyTraining.request(TinyTraining.examples(6 + index)) }
        var alone: [TrainingReply] = []
        for request in requests { alone.append(try await trainer.train(request).logical) }
        let together = try await withThrowingTaskGroup(of: (Int, TrainingReply).self) { group in
            for (index, request) in requests.enumerated() {
                group.addTask { (index, try await trainer.train(request).logical) }
            }
            // Owned by this test: cancelled and awaited below.
            let impatient = Task { try await trainer.train(TinyTraining.request(TinyTraining.examples(400))) }
            impatient.cancel()
            await #expect(throws: CancellationError.self) { try await impatient.value }
            return try await group.reduce(into: [Int: TrainingReply]()) { $0[$1.0] = $1.1 }
        }
        #expect(together == Dictionary(uniqueKeysWithValues: alone.enumerated().map { ($0, $1) }))
    }
}
