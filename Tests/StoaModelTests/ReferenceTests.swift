import StoaCore
import StoaModel
import StoaTestKit
import Testing

/// Every architecture against the reference library, on tiny random models in both file formats.
@Suite struct ReferenceTests {
    static let tolerance: Float = 1e-4

    @Test(arguments: TinyModel.floats)
    func `log-probabilities and hidden states equal the reference`(_ tiny: TinyModel) async throws {
        let golden = try tiny.golden()
        let model = try await tiny.load()
        let outputs = OutputRequest(logits: .all, hidden: .all)
        let rows = try await model.probe(golden.prompt.inputs, outputs: outputs).rows
        let logits = try rows.map { logSoftmax(try #require($0.logits)) }
        #expect(largestDifference(logits, try golden.rows("logprobs")) < Self.tolerance)
        #expect(largestDifference(try rows.map { try #require($0.hidden) }, try golden.rows("hidden")) < Self.tolerance)
    }

    @Test(arguments: TinyModel.floats)
    func `every latent step and what follows equal the reference`(_ tiny: TinyModel) async throws {
        let golden = try tiny.golden()
        let model = try await tiny.load()
        let tau = await model.meanEmbeddingNorm
        #expect(abs(tau - golden.tau) < 1e-5 * golden.tau)
        // Each step is compared behind the reference's own vectors: fed back into itself, a difference of the last bit
        // grows by an order of magnitude every few steps in these random models.
        let vectors = try golden.rows("latent_vectors")
        let before = try await model.probe(golden.prompt.inputs, outputs: OutputRequest(hidden: .last))
        let steps = try await model.probe(
            vectors.map { .embedding($0) }, from: before.cache, outputs: OutputRequest(logits: .all, hidden: .all))
        let hidden = try (before.rows + steps.rows).map { try #require($0.hidden) }
        let rescale = NormRescale(targetNorm: tau)
        #expect(largestDifference(hidden.dropLast().map { rescale($0) }, vectors) < Self.tolerance)
        #expect(largestDifference(Array(hidden.dropFirst()), try golden.rows("latent_hidden")) < Self.tolerance)
        let rows = try await model.probe(
            golden.continuation.inputs, from: steps.cache, outputs: OutputRequest(logits: .all)
        ).rows
        let logits = try rows.map { logSoftmax(try #require($0.logits)) }
        #expect(largestDifference(logits, try golden.rows("continuation_logprobs")) < Self.tolerance)
    }

    @Test(arguments: TinyModel.floats)
    func `free-running thought stays with the reference`(_ tiny: TinyModel) async throws {
        let golden = try tiny.golden()
        let model = try await tiny.load()
        let thought = try await model.think(
            golden.prompt.inputs, thinking: Thinking(steps: golden.latentSteps, feedback: .identity))
        #expect(thought.cache.nextPosition == Int32(golden.prompt.count + golden.latentSteps))
        #expect(largestDifference(Array(thought.vectors[..<4]), Array(try golden.rows("latent_vectors")[..<4])) < 1e-4)
        #expect(largestDifference(thought.vectors, try golden.rows("latent_vectors")) < 1e-3)
    }

    @Test func `heads of a width that kernels do not take are refused`() async throws {
        let folder = try TinyModel.Written().folder()
        let error = await #expect(throws: ModelError.self) { try await LocalModel.load(folder.path) }
        #expect(error?.code == .unusableModel)
        #expect(error?.message.contains("attention heads are 4 wide, kernels need a multiple of 16") == true)
    }
}
