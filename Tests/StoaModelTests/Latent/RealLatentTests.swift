import StoaCore
import StoaModel
import StoaTensor
import StoaText
import StoaTestKit
import Testing

extension RealModelTests {
    /// Latent thoughts on real weights: acceptance tests L4 and L5, and what the feedback modes promise.
    @Suite struct RealLatentTests {
        private static func prompt(_ model: RealModel, _ count: Int = 24) throws -> [TokenID] {
            Array(try #require(model.golden().windows.first { $0.name == "prose" }).tokens[..<count])
        }

        /// The largest eigenvalue of a symmetric matrix by absolute value, [width * width], by power iteration.
        private static func spectralNorm(_ matrix: [Double], width: Int) -> Double {
            let stream = RandomStream(seed: 1)
            var vector = (0..<width).map { stream.normal(at: UInt64($0)) }
            var length = 0.0
            for _ in 0..<60 {
                var next = [Double](repeating: 0, count: width)
                matrix.withUnsafeBufferPointer { matrix in
                    for row in 0..<width {
                        var sum = 0.0
                        for column in 0..<width { sum += matrix[row * width + column] * vector[column] }
                        next[row] = sum
                    }
                }
                length = norm(next)
                vector = next.map { $0 / length }
            }
            return length
        }

        @Test(arguments: RealModel.allCases)
        func `the alignment solves its equations and is as near to the identity as it must be (L4)`(
            _ model: RealModel
        ) async throws {
            let goldens = try LatentGoldens()
            let engine = try await model.shared(.fast)
            let lambda = AlignmentMatrix.usualLambda
            let system = try await engine.alignmentSystem()
            let solution = try system.solved(lambda: lambda)
            #expect(system.gradientResidual(of: solution, lambda: lambda) < 1e-10)
            let width = system.width
            // Tied: W_a is the scale times the identity, less what the ridge takes off in the weakest direction.
            let scale = Double(Float(model == .gemma3 ? 640 : 1).squareRoot())
            var rest = solution.map { $0 / scale }
            for place in 0..<width { rest[place * width + place] -= 1 }
            let smallest = try goldens.number(model.rawValue, "smallest_singular_value")
            let bound = lambda / (smallest * smallest + lambda)
            let distance = Self.spectralNorm(rest, width: width)
            #expect(distance <= bound + 1e-10)
            #expect(distance > 0.8 * bound)
            guard model == .smollm2 else { return }
            for (row, expected) in try goldens.rows(model.rawValue) {
                let found = (0..<width).map { solution[$0 * width + row] }
                #expect(largestDifference([found], [expected]) < 1e-8)
            }
        }

        @Test(arguments: RealModel.allCases)
        func `vectors are as long as what enters the first layer (L5)`(_ model: RealModel) async throws {
            let goldens = try LatentGoldens()
            let engine = try await model.shared(.fast)
            let scale = model == .gemma3 ? 25.298_221 : 1
            let target = scale * (try goldens.number(model.rawValue, "row_norm"))
            let tau = Double(await engine.meanEmbeddingNorm)
            #expect(abs(tau / target - 1) < 1e-6)
            let root = scale * (try goldens.number(model.rawValue, "root_mean_square"))
            #expect(abs(await engine.embeddingRootMeanSquare / root - 1) < 1e-6)
            let weights = try ModelWeights(path: engine.information.path)
            let tensor = try weights.tensor(.tokenEmbedding)
            var row = [Float](repeating: 0, count: tensor.columns)
            var (sum, squares, count) = (0.0, 0.0, 0.0)
            // Every 50th token: the mean of the whole vocabulary to within what the sample can say.
            for id in stride(from: 7, to: tensor.rows, by: 50) {
                row.withUnsafeMutableBufferPointer { tensor.dequantiseRows(id..<id + 1, into: $0) }
                let vector = row.map { $0 * weights.configuration.embeddingScale }
                let length = norm(doubles(vector))
                (sum, squares, count) = (sum + length, squares + length * length, count + 1)
                guard count.truncatingRemainder(dividingBy: 200) == 1 else { continue }
                // The row is what the first layer is given for the token.
                let outputs = OutputRequest(hidden: .last, residuals: [0])
                let token = try await engine.probe([.token(TokenID(Int32(id)))], outputs: outputs).rows
                let embedding = try await engine.probe([.embedding(vector)], outputs: outputs).rows
                #expect(token == embedding)
            }
            let mean = sum / count
            let error = ((squares / count - mean * mean) / count).squareRoot()
            #expect(abs(mean - tau) < 4 * error)
            #expect(error < 0.01 * tau)
            for feedback in [LatentFeedback.identity, .alignment, .noise] {
                let thought = try await engine.think(
                    try Self.prompt(model).inputs, thinking: Thinking(steps: 6, feedback: feedback),
                    stream: RandomStream(seed: 1))
                for vector in thought.vectors { #expect(abs(norm(doubles(vector)) / target - 1) < 1e-6) }
            }
        }

        @Test(arguments: RealModel.cases)
        func `argmax leaves what greedy decoding leaves`(_ model: RealModel, _ precision: Precision) async throws {
            let engine = try await model.load(precision) { $0.prefixMemory = 0 }
            let prompt = try Self.prompt(model)
            let thought = try await engine.think(prompt.inputs, thinking: Thinking(steps: 12, feedback: .argmax))
            try await expectGreedy(thought, prompt, on: engine)
            let soft = try await engine.think(
                prompt.inputs, thinking: Thinking(steps: 12, feedback: .soft(temperature: 1e-6)))
            #expect(soft.cache.contentHash == thought.cache.contentHash)
        }

        @Test(arguments: RealModel.allCases)
        func `alignment and identity are one where the head is tied`(_ model: RealModel) async throws {
            let engine = try await model.shared(.exact)
            let prompt = try Self.prompt(model).inputs
            let aligned = try await engine.think(prompt, thinking: Thinking(steps: 1, feedback: .alignment))
            let identity = try await engine.think(prompt, thinking: Thinking(steps: 1, feedback: .identity))
            #expect(aligned.alignment != nil)
            #expect(largestDifference(aligned.vectors, identity.vectors) < 1e-5 * (await engine.meanEmbeddingNorm))
        }

        @Test(arguments: RealModel.allCases)
        func `a trace says what a probe finds`(_ model: RealModel) async throws {
            let engine = try await model.shared(.fast)
            let prompt = try Self.prompt(model)
            let thought = try await engine.think(
                prompt.inputs, thinking: Thinking(steps: 3, feedback: .argmax, isTraced: true))
            let behind = try await statesBehind(thought, prompt, on: engine)
            let tokenizer = try await engine.tokenizer()
            for (trace, state) in zip(thought.trace, behind) {
                let probabilities = softmax(state.logits)
                let best = try #require(probabilities.indices.max { probabilities[$0] < probabilities[$1] })
                let first = try #require(trace.lens.first)
                #expect(Int(first.id.rawValue) == best)
                #expect(abs(first.weight - probabilities[best]) < 1e-6)
                #expect(first.text == String(decoding: tokenizer.bytes(of: first.id), as: UTF8.self))
                #expect(abs(trace.hiddenNorm / norm(doubles(state.hidden)) - 1) < 1e-6)
                #expect(trace.nearest.id == first.id)
                #expect(abs(trace.nearest.weight - 1) < 1e-6)
            }
        }
    }
}
