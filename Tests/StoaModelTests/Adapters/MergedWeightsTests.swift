import StoaCore
import StoaTensor
import StoaTestKit
import Testing

@testable import StoaModel

/// An adapter is what its matrices, multiplied out and added to the weights, are.
@Suite struct MergedWeightsTests {
    /// W + scale * B A, in double precision.
    private static func merged(_ weights: [Float], _ module: Adapter.Module, _ settings: AdapterConfiguration)
        -> [Float]
    {
        var result = weights
        let rank = settings.rank
        for row in 0..<module.outputs {
            for column in 0..<module.inputs {
                var sum = 0.0
                for r in 0..<rank {
                    sum += Double(module.up[row * rank + r]) * Double(module.down[r * module.inputs + column])
                }
                result[row * module.inputs + column] += Float(Double(settings.scale) * sum)
            }
        }
        return result
    }

    /// The model's folder with an adapter multiplied into its weights.
    private static func folder(_ tiny: TinyModel, _ adapter: Adapter) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let file = try SafetensorsFile(path: "\(tiny.path)/model.safetensors")
        var writer = SafetensorsWriter()
        for name in file.tensorNames {
            let tensor = try file.tensor(name)
            var floats = tensor.dequantised()
            if let module = adapter.modules.first(where: {
                name.hasSuffix("layers.\($0.layer).\($0.target.path).weight")
            }) {
                floats = merged(floats, module, adapter.configuration)
            }
            try writer.addTensor(name, shape: tensor.shape, floats: floats)
        }
        _ = try folder.write("model.safetensors", writer.encoded())
        _ = try folder.write("config.json", fileBytes("\(tiny.path)/config.json"))
        return folder
    }

    @Test(arguments: ["llama", "qwen2", "qwen3", "gemma3", "gemma3-scaled"])
    func `log-probabilities are those of the merged weights`(_ name: String) async throws {
        let scene = try AdapterScene(TinyModel(name: name, usesGGUF: false))
        let tokens = sampleTokens(60, seed: 1, vocabulary: 96)
        let model = try await scene.load(.exact)
        let base = try await model.score(tokens).tokens.compactMap { $0?.logProbability }
        let sets: [[AdapterTarget]] = [AdapterTarget.allCases, [.query, .value], [.down], [.output, .gate]]
        for (seed, targets) in sets.enumerated() {
            let adapter = try scene.adapter(seed: seed, rank: 3 + 8 * seed, targets: targets, size: 0.05)
            let merged = try await TinyModel.load(folder: Self.folder(scene.tiny, adapter))
            let expected = try await merged.score(tokens).tokens.compactMap { $0?.logProbability }
            let reference = try scene.library.store(adapter, baseModel: name)
            let found = try await model.score(tokens, adapter: reference).tokens.compactMap { $0?.logProbability }
            #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-4 })
            #expect(zip(found, base).contains { abs($0 - $1) > 1e-2 })
        }
    }

    @Test(arguments: ["llama", "qwen2", "gemma3"])
    func `a layer that is visited twice has its adapter both times`(_ name: String) async throws {
        let scene = try AdapterScene(TinyModel(name: name, usesGGUF: false))
        let adapter = try scene.adapter(seed: 11, size: 0.05)
        let merged = try await TinyModel.load(folder: Self.folder(scene.tiny, adapter))
        let reference = try scene.library.store(adapter, baseModel: name)
        let model = try await scene.load(.exact)
        let program = [0, 1, 1, 0]
        let tokens = sampleTokens(20, seed: 4, vocabulary: 96)
        let expected = try await merged.score(tokens, from: merged.makeCache(layerProgram: program))
        let found = try await model.score(
            tokens, from: model.makeCache(layerProgram: program, adapter: reference), adapter: reference)
        for (a, b) in zip(found.tokens, expected.tokens) {
            #expect(abs((a?.logProbability ?? 0) - (b?.logProbability ?? 0)) < 1e-4)
        }
    }
}

extension TinyModel {
    /// Loads what a test wrote.
    fileprivate static func load(folder: TemporaryFolder) async throws -> LocalModel {
        defer { withExtendedLifetime(folder) {} }
        var options = LocalModel.Options()
        options.precision = .exact
        return try await LocalModel.load(folder.path, options: options)
    }
}
