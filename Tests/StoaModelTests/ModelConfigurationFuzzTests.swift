import Glibc
import StoaCore
import StoaModel
import StoaTensor
import StoaTestKit
import Testing

@Suite(.timeLimit(.minutes(30))) struct `Hostile model configurations` {
    private func attack(
        _ original: [UInt8], seed: UInt64, slack: Int, vocabulary: [String],
        open: (TemporaryFolder, [UInt8]) throws -> () throws -> ModelWeights
    ) throws {
        var mutator = Mutator(seed: seed, vocabulary: vocabulary)
        let folder = try TemporaryFolder()
        var accepted = 0
        for round in 0..<400 {
            let bytes = mutator.mutate(original)
            let load = try open(folder, bytes)
            var outcome: Result<ModelWeights, any Error>?
            let peak = peakAllocation { outcome = Result { try load() } }
            if let peak { #expect(peak <= 2 * bytes.count + slack, "seed \(seed), round \(round)") }
            switch outcome {
            case .success(let weights):
                accepted += 1
                let configuration = weights.configuration
                #expect(configuration.heads.isMultiple(of: configuration.keyValueHeads))
                for role in weights.roles(layer: configuration.layers - 1) { _ = try? weights.tensor(role) }
                #expect(
                    weights.configuration.rope.inverseFrequencies(isLocal: true).allSatisfy { $0 <= 1 || !$0.isNaN })
            case .failure(let error):
                #expect((error as? any StoaError)?.kind == .badInput, "seed \(seed), round \(round): \(error)")
            case nil: Issue.record("nothing was tried")
            }
        }
        #expect(accepted > 0 && accepted < 400)
    }

    @Test(arguments: 0..<10)
    func `mutated metadata gives an error or a sound configuration`(seed: UInt64) throws {
        try attack(
            try TinyModel.Written().gguf(), seed: seed, slack: 64 * 1024,
            vocabulary: ["gemma3", "qwen2", "llama.rope.scaling.type"]
        ) { folder, bytes in
            unlink("\(folder.path)/a.gguf")
            let path = try folder.write("a.gguf", bytes)
            return { try ModelWeights(path: path) }
        }
    }

    @Test(arguments: 0..<10)
    func `mutated config files give an error or a sound configuration`(seed: UInt64) throws {
        let weights = try TinyModel.Written().safetensors()
        try attack(
            Array(TinyModel.Written.configuration.utf8), seed: seed, slack: 64 * 1024,
            vocabulary: [
                "\"gemma3_text\"", "\"qwen3\"", "-1", "1e400", "9223372036854775807", "null", "[[[[", "{",
                "\"layer_types\":",
                "\"rope_scaling\":{\"type\":\"linear\",\"factor\":0}", "\"text_config\":{}",
            ]
        ) { folder, bytes in
            unlink("\(folder.path)/config.json")
            _ = try folder.write("config.json", bytes)
            if access("\(folder.path)/model.safetensors", F_OK) != 0 {
                _ = try folder.write("model.safetensors", weights)
            }
            return { try ModelWeights(path: folder.path) }
        }
    }

    @Test
    func `the longest configuration that is read stays small in memory`() throws {
        let limit = 256 * 1024
        let folder = try TemporaryFolder()
        _ = try folder.write("model.safetensors", try TinyModel.Written().safetensors())
        let zeros = String(repeating: "0,", count: limit / 2 - 10)
        _ = try folder.write("config.json", "{\"a\":[\(zeros)0]}")
        let peak = peakAllocation { _ = try? HuggingFaceFolder(path: folder.path) }
        if let peak { #expect(peak <= 12 << 20, "held \(peak)") }
        let path = try folder.write("config.json", "{\"a\":\"\(String(repeating: "x", count: limit))\"}")
        #expect(
            thrown(WeightFileError.self) { _ = try HuggingFaceFolder(path: folder.path) }?.message
                == "model configuration: has 262152 bytes, at most 262144 are accepted (\(path))")
    }
}
