import StoaCore
import StoaModel
import StoaTensor
import StoaTestKit
import Testing

@testable import StoaTraining

@Suite struct OptimiserTests {
    private func document() throws -> JSONValue {
        try JSONParser.parse(fileBytes(goldenPath("training/optimiser/golden.json")))
    }

    @Test func `AdamW steps equal torch's`() throws {
        let file = try SafetensorsFile(path: goldenPath("training/optimiser/golden.safetensors"))
        let start = try file.tensor("start").dequantised()
        let gradients = try file.tensor("gradients").dequantised()
        let states = try file.tensor("states").dequantised()
        let rates = try #require(document()["rates"]?.arrayValue).compactMap(\.doubleValue)
        let settings = AdamW(learningRate: 1, beta1: 0.9, beta2: 0.99, epsilon: 1e-6, weightDecay: 0.1)
        let state = AdamWState(settings, count: start.count)
        let parameters = AlignedBuffer<Float>(count: start.count)
        let gradient = AlignedBuffer<Float>(count: start.count)
        _ = parameters.elements.update(from: start)
        let pool = KernelPool(threads: 2)
        for (index, rate) in rates.enumerated() {
            let range = index * start.count..<(index + 1) * start.count
            _ = gradient.elements.update(from: gradients[range])
            state.step(parameters, gradients: gradient, rate: rate, gradientScale: 1, pool: pool)
            #expect(relativeError(Array(parameters.elements), Array(states[range])) < 1e-6, "step \(index)")
        }
    }

    @Test func `clipping equals torch's`() throws {
        let file = try SafetensorsFile(path: goldenPath("training/optimiser/golden.safetensors"))
        let last = try file.tensor("gradients").dequantised().suffix(37)
        let norm = last.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        let expected = try #require(document()["clipped_norm"]?.doubleValue)
        let bound = try #require(document()["clip"]?.doubleValue)
        #expect(abs(norm - expected) < 1e-5)
        let factor = GradientClipping(maximumNorm: bound).factor(norm: norm)
        #expect(relativeError(last.map { $0 * Float(factor) }, try file.tensor("clipped").dequantised()) < 1e-6)
        #expect(GradientClipping(maximumNorm: 100).factor(norm: norm) == 1)
        #expect(GradientClipping(maximumNorm: nil).factor(norm: norm) == 1)
    }

    @Test(arguments: [
        ConstantSchedule(warmup: 4) as any LearningRateSchedule, LinearSchedule(warmup: 4), CosineSchedule(warmup: 4),
    ])
    func `schedules equal those of transformers`(_ schedule: any LearningRateSchedule) throws {
        let expected = try #require(document()["schedules"]?[type(of: schedule).name]?.arrayValue)
        for (step, factor) in expected.compactMap(\.doubleValue).enumerated() where step <= 20 {
            #expect(abs(schedule.factor(step: step, total: 20) - factor) < 1e-12, "step \(step)")
        }
    }

    @Test func `a step without finite gradients is left out and counted`() async throws {
        let golden = try TrainingGolden("llama")
        let trainer = try await TinyBase(name: "llama").trainer(golden.adapter.configuration)
        let before = await trainer.adapter
        let report = try await trainer.step(
            golden.groups, objective: FixedDerivatives(derivatives: golden.derivatives.map { _ in .nan }))
        #expect(report.isSkipped && report.skippedSteps == 1)
        #expect(await trainer.adapter == before)
        let next = try await trainer.step(golden.groups, objective: FixedDerivatives(derivatives: golden.derivatives))
        #expect(!next.isSkipped && next.skippedSteps == 1 && next.step == 1)
        #expect(await trainer.adapter != before)
    }

    @Test func `training lowers the loss, and the same seed gives the same bytes`() async throws {
        let groups = try TrainingGolden("llama").sequences.map { TrainingGroup([$0]) }
        func run(threads: Int) async throws -> (losses: [Double], adapter: Adapter) {
            let trainer = try await TinyBase(name: "llama").trainer(try AdapterConfiguration(rank: 8, alpha: 16)) {
                $0.optimiser.learningRate = 0.01
                $0.seed = 3
                $0.threads = threads
            }
            var losses: [Double] = []
            for _ in 0..<30 {
                losses.append(try await trainer.step(groups, objective: LikelihoodObjective.tokenMean(groups)).loss)
            }
            return (losses, await trainer.adapter)
        }
        let first = try await run(threads: 1)
        let second = try await run(threads: 2)
        #expect(first.losses == second.losses)
        #expect(first.adapter == second.adapter)
        #expect((first.losses.last ?? .infinity) < 0.5 * first.losses[0])
    }
}
