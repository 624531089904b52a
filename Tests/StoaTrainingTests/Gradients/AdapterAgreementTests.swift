import StoaCore
import StoaModel
import StoaTestKit
import Testing

@testable import StoaTraining

/// The engine answers with an adapter as the trainer, and as torch, say that it should.
@Suite struct AdapterAgreementTests {
    /// The engine's log-probabilities of the scored tokens.
    private func scores(_ model: LocalModel, _ golden: TrainingGolden, _ adapter: AdapterReference?) async throws
        -> [Double]
    {
        var found: [Double] = []
        for sequence in golden.sequences {
            let score = try await model.score(sequence.tokens, adapter: adapter)
            for (token, isScored) in zip(score.tokens, sequence.isScored) where isScored {
                found.append(Double(try #require(token).logProbability))
            }
        }
        return found
    }

    @Test(arguments: TinyBase.all)
    func `log-probabilities are those of the trainer and of torch`(_ base: TinyBase) async throws {
        let folder = try TemporaryFolder()
        let golden = try TrainingGolden(base.name)
        let library = AdapterLibrary(root: folder.path)
        let adapter = try library.store(golden.adapter, baseModel: base.name)
        var options = LocalModel.Options()
        options.precision = .exact
        let model = try await LocalModel.load(base.path, options: options, adapters: library)
        let found = try await scores(model, golden, adapter)
        let trainer = try await base.trainer(golden.adapter.configuration) { $0.precision = .float32 }
        try await trainer.start(from: golden.adapter)
        let trained = try await trainer.logProbabilities(of: golden.sequences).flatMap { $0 }
        #expect(found.count == golden.logProbabilities.count && found.count == trained.count)
        for (engine, (torch, trainer)) in zip(found, zip(golden.logProbabilities, trained)) {
            #expect(abs(engine - trainer) < 1e-4)
            #expect(abs(engine - torch) < 1e-3)
        }
        let without = try await scores(model, golden, nil)
        #expect(zip(without, golden.referenceLogProbabilities).allSatisfy { abs($0 - $1) < 1e-3 })
        #expect(zip(without, found).contains { abs($0 - $1) > 1e-2 })
    }
}
