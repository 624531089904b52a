import StoaCore
import StoaModel
import StoaTestKit
import Testing

@testable import StoaTraining

/// What holds of gradients whatever the reference says.
@Suite struct GradientPropertyTests {
    /// A batch of random sequences of a vocabulary of 96.
    private func batch(_ lengths: [Int], seed: UInt64) throws -> [TrainingGroup] {
        let stream = RandomStream(seed: seed)
        return try lengths.enumerated().map { index, length in
            let numbers = stream.child(index)
            let tokens = (0..<length).map { TokenID(Int32(3 + numbers.integer(at: UInt64($0), below: 93))) }
            return TrainingGroup([
                try TrainingSequence(
                    tokens: tokens, isScored: (0..<length).map { $0 > 0 && ($0 >= length / 2 || $0 % 3 == 0) })
            ])
        }
    }

    private func gradients(
        _ name: String = "llama", _ groups: [TrainingGroup], objective: (any Objective)? = nil,
        _ change: (inout TrainerOptions) -> Void = { _ in }
    ) async throws -> (loss: Double, gradients: Adapter) {
        let golden = try TrainingGolden(name)
        let trainer = try await TinyBase(name: name).trainer(golden.adapter.configuration, change)
        try await trainer.start(from: golden.adapter)
        return try await trainer.gradients(of: groups, objective: objective ?? LikelihoodObjective.tokenMean(groups))
    }

    @Test(arguments: MatrixPrecision.allCases)
    func `threads change no bit`(_ precision: MatrixPrecision) async throws {
        let groups = try batch([30, 7, 64, 2], seed: 1)
        let one = try await gradients("gemma3", groups) {
            $0.precision = precision; $0.threads = 1
        }
        let three = try await gradients("gemma3", groups) {
            $0.precision = precision; $0.threads = 3
        }
        #expect(one.gradients == three.gradients)
        #expect(one.loss == three.loss)
    }

    @Test func `keeping activations or computing them again gives the same bits`() async throws {
        let groups = try batch([30, 17], seed: 2)
        let kept = try await gradients("qwen3", groups) { $0.activations = .keep }
        let again = try await gradients("qwen3", groups) { $0.activations = .recompute }
        #expect(kept.gradients == again.gradients)
    }

    @Test func `a batch is the sum of its micro-batches`() async throws {
        let groups = try batch([30, 17, 25], seed: 3)
        let whole = try await gradients("qwen2", groups)
        let parts = try await gradients("qwen2", groups) { $0.rows = 1 }
        #expect(abs(whole.loss - parts.loss) < 1e-12)
        for (a, b) in zip(whole.gradients.modules, parts.gradients.modules) {
            #expect(relativeError(a.down, b.down) < 1e-5)
            #expect(relativeError(a.up, b.up) < 1e-5)
        }
    }

    @Test(arguments: ["llama", "gemma3"])
    func `log-probabilities do not depend on what shares the batch, and tokens ahead change nothing`(
        _ name: String
    ) async throws {
        let groups = try batch([30, 17, 25], seed: 4)
        let sequences = groups.flatMap(\.sequences)
        let golden = try TrainingGolden(name)
        let trainer = try await TinyBase(name: name).trainer(golden.adapter.configuration)
        try await trainer.start(from: golden.adapter)
        let together = try await trainer.logProbabilities(of: sequences)
        for (index, sequence) in sequences.enumerated() {
            #expect(try await trainer.logProbabilities(of: [sequence]) == [together[index]])
        }
        // Token by token: the last scored token of every prefix.
        let sequence = sequences[0]
        var stepped: [Double] = []
        for end in 1..<sequence.tokens.count where sequence.isScored[end] {
            let prefix = try TrainingSequence(
                tokens: Array(sequence.tokens[...end]), isScored: (0...end).map { $0 == end })
            stepped += try await trainer.logProbabilities(of: [prefix])[0]
        }
        #expect(zip(stepped, together[0]).allSatisfy { abs($0 - $1) < 1e-5 })
        #expect(stepped.count == together[0].count)
    }

    @Test func `the mask alone says what counts`() async throws {
        let tokens = try batch([20], seed: 5)[0].sequences[0].tokens
        let prompt = TrainingGroup([
            try TrainingSequence(prompt: Array(tokens[..<12]), completion: Array(tokens[12...]))
        ])
        let golden = try TrainingGolden("llama")
        let trainer = try await TinyBase(name: "llama").trainer(golden.adapter.configuration)
        let scored = try await trainer.logProbabilities(of: prompt.sequences)
        #expect(scored[0].count == 8)
        let all = try await trainer.logProbabilities(
            of: [try TrainingSequence(tokens: tokens, isScored: tokens.indices.map { $0 > 0 })])
        #expect(Array(all[0].suffix(8)) == scored[0])
    }

    @Test(arguments: ["llama", "qwen2", "qwen3", "gemma3"])
    func `gradients are the slopes of the loss`(_ name: String) async throws {
        let golden = try TrainingGolden(name)
        let groups = try batch([24, 31], seed: 6)
        let objective = LikelihoodObjective.tokenMean(groups)
        let trainer = try await TinyBase(name: name).trainer(golden.adapter.configuration)
        try await trainer.start(from: golden.adapter)
        let gradients = try await trainer.gradients(of: groups, objective: objective).gradients
        let numbers = RandomStream(seed: 7).child(name)
        let size = gradients.modules.flatMap { $0.down + $0.up }.map { abs($0) }.max() ?? 0
        var checked = 0
        for trial in 0..<400 where checked < 20 {
            let position = UInt64(trial)
            let index = numbers.child("module").integer(at: position, below: gradients.modules.count)
            let isUp = trial.isMultiple(of: 2)
            let slopes = isUp ? gradients.modules[index].up : gradients.modules[index].down
            let place = numbers.child("place").integer(at: position, below: slopes.count)
            // A slope too small to show in the difference of two losses says nothing.
            guard abs(slopes[place]) > 0.05 * size else { continue }
            func loss(_ change: Float) async throws -> Double {
                var moved = golden.adapter
                if isUp { moved.modules[index].up[place] += change } else { moved.modules[index].down[place] += change }
                try await trainer.start(from: moved)
                return try await trainer.gradients(of: groups, objective: objective).loss
            }
            let step: Float = 0.01
            let slope = (try await loss(step) - loss(-step)) / Double(2 * step)
            #expect(abs(slope - Double(slopes[place])) < 0.01 * abs(Double(slopes[place])), "\(index) \(isUp) \(place)")
            checked += 1
        }
        #expect(checked == 20)
    }
}
