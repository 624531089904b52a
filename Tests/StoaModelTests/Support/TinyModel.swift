import Foundation
import StoaCore
import StoaModel
import StoaTensor
import StoaTestKit
import Testing

/// A tiny random model of Tests/Goldens/models with what the reference library says of it.
struct TinyModel: Sendable, CustomTestStringConvertible {
    let name: String
    /// The GGUF file rather than the Hugging Face folder.
    let usesGGUF: Bool

    var testDescription: String { usesGGUF ? "\(name) (GGUF)" : name }

    static let folder = goldenPath("models")

    var path: String { usesGGUF ? "\(Self.folder)/\(name)/model.gguf" : "\(Self.folder)/\(name)" }

    /// Models in 32-bit or 16-bit floats, in both file formats.
    static let floats: [TinyModel] =
        ["llama", "llama3-rope", "qwen2", "qwen3", "gemma3"].flatMap {
            [TinyModel(name: $0, usesGGUF: false), TinyModel(name: $0, usesGGUF: true)]
        } + [TinyModel(name: "gemma3-scaled", usesGGUF: false)]

    /// Models with quantised matrices.
    static let quantised = ["llama-q4_1", "qwen2-mixed", "gemma3-q5_0"].map { TinyModel(name: $0, usesGGUF: true) }

    static let all = floats + quantised

    func load(_ precision: Precision = .exact, _ change: (inout LocalModel.Options) -> Void = { _ in }) async throws
        -> LocalModel
    {
        var options = LocalModel.Options()
        options.precision = precision
        change(&options)
        return try await LocalModel.load(path, options: options)
    }

    func golden() throws -> Golden { try Golden(folder: "\(Self.folder)/\(name)") }

    struct Golden {
        let prompt: [TokenID]
        let continuation: [TokenID]
        let latentSteps: Int
        let tau: Float
        private let tensors: SafetensorsFile

        init(folder: String) throws {
            let document = try JSONParser.parse(Data(contentsOf: URL(filePath: "\(folder)/golden.json")))
            func ids(_ key: String) throws -> [TokenID] {
                try #require(document[key]?.arrayValue).map { TokenID(rawValue: Int32(try #require($0.intValue))) }
            }
            prompt = try ids("prompt_ids")
            continuation = try ids("continuation_ids")
            latentSteps = try #require(document["latent_steps"]?.intValue)
            tau = Float(try #require(document["tau"]?.doubleValue))
            tensors = try SafetensorsFile(path: "\(folder)/golden.safetensors")
        }

        /// Rows of a recorded tensor.
        func rows(_ name: String) throws -> [[Float]] {
            let tensor = try tensors.tensor(name)
            let values = tensor.dequantised()
            return stride(from: 0, to: values.count, by: tensor.columns).map { Array(values[$0..<$0 + tensor.columns]) }
        }
    }
}

/// The largest absolute difference of two tables of numbers.
func largestDifference(_ found: [[Float]], _ expected: [[Float]]) -> Float {
    var largest: Float = found.count == expected.count ? 0 : .infinity
    for (a, b) in zip(found, expected) {
        if a.count != b.count { return .infinity }
        for (x, y) in zip(a, b) { largest = max(largest, abs(x - y).isNaN ? .infinity : abs(x - y)) }
    }
    return largest
}

/// Log-probabilities of one row of logits, in double precision.
func logSoftmax(_ logits: [Float]) -> [Float] {
    let maximum = Double(logits.max() ?? 0)
    let sum = logits.reduce(0.0) { $0 + exp(Double($1) - maximum) }
    return logits.map { Float(Double($0) - maximum - log(sum)) }
}

extension Array where Element == TokenID {
    /// The tokens as inputs.
    var inputs: [ModelInput] { map { .token($0) } }
}
